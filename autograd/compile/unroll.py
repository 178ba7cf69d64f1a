"""The proof of what was rolled: loops are unrolled again, and each call compared with the one that it stands for."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..node import NO_KWARGS
from .periods import is_loose, may_differ
from .program import HOLDS, Op, Program, Returned, flat
from .repetition import Listed, Loop, listed, part


def same(rolled: Program, program: Program, roller: Any) -> bool:
    """Whether a program with loops makes the calls of another one and answers with the same.

    The roller says for an operation which one it stands for, and for one in a loop where that is in the first turn, and
    how much further on in each later one; and it has the token and the numbers of each operation of the program.
    """
    try:
        return Unrolled(rolled, program, roller).is_same
    except (LookupError, ValueError):  # there is no such turn, or no such argument
        return False


class Unrolled:
    """Loops, turn by turn. Each operation stands for one of the original program, or for a list of them."""

    def __init__(self, rolled: Program, program: Program, roller: Any) -> None:
        self.original, self.roller = program.ops, roller
        self.first: dict[Op, Any] = {}  # for a call that is the same in all turns the one of the first turn
        self.known = set(program.ops)
        self.of: dict[Op, Any] = {}
        self.repeated: list[Op] = []
        self.outputs: dict[Op, list[Any]] = {}
        trees = ((x.result, [tree for _, tree in x.writes]) for x in (rolled, program))
        mine, theirs = ([x.op for x in flat(tree) if isinstance(x, Returned)] for tree in trees)
        self.is_same = (
            all(map(self.is_the_same, roller.before))
            and all(map(self.step, rolled.ops))
            and equal([self.of.get(x, x) for x in mine], meant(theirs, self.first))
            and equal(self.repeated, [op for op in program.ops if op.repeated])
        )

    def is_the_same(self, positions: range) -> bool:
        """Whether the calls at these positions are one call."""
        first, *others = (self.original[i] for i in positions)
        self.first |= dict.fromkeys(others, self.first.get(first, first))
        return not any(op.repeated for op in others) and all(self.is_call(first, op, self.first) for op in others)

    def step(self, op: Op) -> bool:
        """Go through one operation; whether it is as it was."""
        old = op if op in self.known else self.roller.origin.get(op)
        if old is not None:
            self.of[op] = old
            self.repeated += [old] if old.repeated else []
            return self.is_call(op, old, self.of)
        if isinstance(op.fun, Loop):
            return self.loop(op, op.fun)
        if op.fun is part:
            self.of[op] = self.outputs[op.args[0]][op.args[1]]
        elif op.fun is listed:
            self.of[op] = meant(op.args, self.of)
        elif op.fun is operator.getitem:
            self.of[op] = self.of[op.args[0]][op.args[1]]
        return op in self.of

    def is_call(self, op: Op, old: Op, now: dict[Op, Any]) -> bool:
        """Whether a call is another one, argument by argument."""
        if op.fun is old.fun and len(op.args) == len(old.args) and op.kwargs is old.kwargs is NO_KWARGS:
            first = self.first
            for x, y in zip(op.args, old.args):
                if (now.get(x, x) is not first.get(y, y)) if type(x) is Op else (x is not y or HOLDS[type(x)]):
                    break
            else:
                return True
        before = (old.fun, meant(old.args, self.first), meant(dict(old.kwargs), self.first))
        return equal((op.fun, meant(op.args, now), meant(dict(op.kwargs), now)), before)

    def loop(self, call: Op, loop: Loop) -> bool:
        """Go through all turns of a loop."""
        fed = list(zip(loop.inputs, [self.of.get(x, x) for x in call.args], strict=True))
        now = {x: argument for x, argument in fed if x in loop.carried}
        gathered: list[list[Any]] = [[] for _ in loop.outputs]
        numbers = self.roller.numbers
        plan = [(op, *self.roller.origin[op], numbers_of(op)) for op in loop.ops]
        for t in range(loop.count):
            for x, argument in fed:
                if x not in loop.carried:
                    now[x] = argument[x.place.at(t)] if x.place.kind == "each" else argument
            now |= {x: x.place.at(t) for x in loop.counters}
            for op, first, period, loose in plan:
                old = self.original[first + t * period]
                if t == 0:
                    if not self.is_call(op, old, now):
                        return False
                elif self.roller.tokens[first + t * period] != self.roller.tokens[first]:
                    return False  # all but operands and numbers
                else:
                    stands = [now.get(x, x) for x in op.operands]
                    if loose:
                        moved = [now.get(x, x) if type(x) is Op else x for x in loose]
                        if not equal([x for x in moved if type(x) is not Op], list(numbers[first + t * period])):
                            return False
                        stands = [x for x in stands if type(x) is Op]
                    if len(stands) != len(old.operands) or any(
                        x is not self.first.get(y, y) for x, y in zip(stands, old.operands)
                    ):
                        return False
                now[op] = old
                self.repeated += [old] if old.repeated else []
            for some, pair in zip(gathered, loop.outputs):
                some += [now.get(pair[0], pair[0])] if pair else [None]
            now |= {x: now.get(new, new) for x, new in loop.carried.items()}
        self.outputs[call] = [some if pair and pair[1] else some[-1] for some, pair in zip(gathered, loop.outputs)]
        return True


def numbers_of(op: Op) -> list[Any]:
    """The numbers of a call that may differ from turn to turn, and the operands among them."""
    at, any_number = may_differ(op.fun)
    if at >= 0:
        return [x for x in flat(op.args[at : at + 1]) if type(x) is Op or is_loose(x, True)]
    return [x for x in op.args if type(x) is Op or is_loose(x, False)] if any_number else []


def meant(tree: Any, now: dict[Op, Any]) -> Any:
    """A tree of arguments with what operations stand for; the elements of a list in the place of the list."""
    if type(tree) is Op:
        return now.get(tree, tree)
    if isinstance(tree, slice):
        return slice(*(meant(x, now) for x in (tree.start, tree.stop, tree.step)))
    if type(tree) is dict:
        return {key: meant(x, now) for key, x in tree.items()}
    if type(tree) not in (tuple, list):
        return tree
    found: list[Any] = []
    for x in tree:
        is_list = type(x) is Op and type(x.value) is Listed and type(now.get(x)) in (list, tuple)
        found.extend(now[x] if is_list else [meant(x, now)])
    return type(tree)(found)


def equal(a: Any, b: Any) -> bool:
    """Whether two trees are the same: operations and objects by identity, numbers by their bits."""
    if a is b:
        return True
    if is_integer(a) and is_integer(b):  # indices; others may not differ
        return bool(a == b)
    if type(a) is not type(b) or type(a) is Op:
        return False
    if type(a) in (tuple, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, slice):
        return equal((a.start, a.stop, a.step), (b.start, b.stop, b.step))
    return repr(a) == repr(b) if isinstance(a, (float, np.generic)) else bool(a == b)


def is_integer(x: Any) -> bool:
    """Whether something is an integer, of Python's or NumPy's."""
    return type(x) is int or isinstance(x, np.integer)
