"""Rolling: the equal turns of a loop, which a trace has one after the other, become a loop again.

Each operand of a turn is an operation of the same turn, or of the turn before (it is carried on), or the same in all
turns, or one after the other from a list: what an earlier loop computed turn by turn, or other operations, one for each
turn. Integers in an index may move evenly, and numbers may differ. What is the same in all turns is computed before.
What does not match stays as it is: a first or last turn that is different, and everything else.

Loops in loops: what was rolled is searched again. Nothing is believed: `unroll.same` unrolls each loop and compares it
with the calls that it stands for.
"""

from __future__ import annotations

import functools
import operator
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .arrange import JOINS, arranged
from .lower import CHECKING
from .parts import with_known_parts
from .periods import Region, is_loose, may_differ, may_repeat, repeated, token
from .products import with_one_product
from .program import Op, Phase, Program, Returned, flat, mapped
from .repetition import Fed, Listed, Loop, kept, listed, part
from .signs import without_unseen_signs
from .unroll import same

RUN = 4  # elements of a list that are written as a part of it
SAME, CARRIED = Fed("same"), Fed("carried")


def roll(program: Program, held: Collection[int]) -> Program:
    """The program with loops, or as it is. `held` are the ids of the constant arrays that somebody else may change."""
    program = with_one_product(needed(with_known_parts(program, held)))
    program = arranged(needed(without_unseen_signs(program, held)), held)
    while may_repeat(program.ops):
        roller = Roller(program)
        rolled = roller.rolled()
        if rolled is None or not same(rolled, program, roller):
            break
        program = rolled
    return program


def needed(program: Program) -> Program:
    """The program without the calls that nobody needs."""
    live = set(program.outputs).union(op for op in program.ops if op.fun in CHECKING)
    return Program(program.inputs, kept(program.ops, live), program.result, program.writes)


class Turn:
    """A turn in the making, and what comes into it."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.loop = Loop(region.turns)
        self.call = Op(self.loop)
        self.arguments: list[Op] = []
        self.inputs: dict[Any, Op] = {}
        self.made: list[Op] = []  # what stands for each operation: in the loop, or before it
        self.inside: set[Op] = set()  # what is another number in each turn
        self.handed: dict[Op, int] = {}  # for an input the operation that is there in the next turn

    def fed(self, key: Any, place: Fed, value: Any, argument: Op | None = None) -> Op:
        """The input that is known by a key."""
        if key not in self.inputs:
            self.inputs[key] = x = Op(None, value=value, place=place)
            (self.loop.counters if argument is None else self.loop.inputs).append(x)
            self.arguments += [] if argument is None else [argument]
        return self.inputs[key]

    def from_outside(self, x: Op) -> Op:
        """An operation that is the same in all turns."""
        return x if x.is_constant else self.fed(x, SAME, x.value, x)

    def of(self, j: int) -> Op:
        """What stands for the j-th operation."""
        x = self.made[j]
        return x if x in self.inside else self.from_outside(x)


class Roller:
    """The program with loops in the making."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.ops: list[Op] = []
        self.phase: Phase = "forward"
        self.tokens: list[int] = []
        self.numbers: list[tuple[Any, ...]] = []  # of each operation those that may differ from turn to turn
        self.now: dict[Op, Op] = {}  # for an operation what stands for it
        self.turn: dict[Op, tuple[Op, Op, int]] = {}  # for one in a loop: the loop, what stands for it there, the turn
        self.parts: dict[Any, Op] = {}
        self.before: list[range] = []  # where calls were that are the same in all turns: one before the loop is enough
        self.origin: dict[Op, Any] = {}  # what was there: an operation; of one in a loop the positions

    def rolled(self) -> Program | None:
        """The program; None if there is no loop in it."""
        ops = self.program.ops
        at = {op: i for i, op in enumerate(ops)}
        written = {x.op for x in flat([tree for _, tree in self.program.writes]) if isinstance(x, Returned)}
        tokens: dict[Any, int] = {}
        for op in ops:
            key, numbers = token(op)
            self.tokens.append(tokens.setdefault(op if key is None or op in written else key, len(tokens)))
            self.numbers.append(numbers)
        end = 0
        for start, stop, period in sorted(repeated(np.array(self.tokens, np.int64))):
            region = Region(ops, at, start, stop, period)
            if region.turns and self.can_list(region):
                for op in ops[end : region.start]:
                    self.copy(op)
                self.roll(region)
                end = region.start + region.turns * period
        if end == 0:
            return None
        for op in ops[end:]:
            self.copy(op)
        result, writes = mapped((self.program.result, self.program.writes), self.returned)
        return Program(self.program.inputs, parts_first(self.ops), result, writes)

    def returned(self, x: Any) -> Any:
        """What leaves the program."""
        return Returned(self.copied(x.op), x.kind) if isinstance(x, Returned) else x

    # --- what stays -----------------------------------------------------------------------------------------------

    def copied(self, x: Op) -> Op:
        """What stands outside of loops for an operation: in the last turn of a loop, in one before, or by itself."""
        if x not in self.turn:
            return self.now.get(x, x)
        call, inside, t = self.turn[x]
        last = t == call.fun.count - 1  # type: ignore[union-attr]
        return self.part(call, inside, False) if last else self.element(self.part(call, inside, True), t)

    def part(self, call: Op, inside: Op, whole: bool) -> Op:
        """What an operation in a loop gives in its last turn, or the list of what it gives in all."""
        key = inside, whole
        if key not in self.parts:
            loop: Any = call.fun
            value = Listed(loop.count, inside.value) if whole else inside.value
            self.parts[key] = self.add(Op(part, (call, len(loop.outputs)), None, value, phase=call.phase))
            loop.outputs.append(key)
            self.parts[key].gradient_of = None if whole else inside.gradient_of
        return self.parts[key]

    def element(self, elements: Op, index: int | slice) -> Op:
        """One element, or some, of a list."""
        key = elements, repr(index)
        if key not in self.parts:
            value: Any = elements.value.example
            if isinstance(index, slice):
                value = Listed(len(range(elements.value.count)[index]), value)
            self.parts[key] = self.add(Op(operator.getitem, (elements, index), None, value, phase=elements.phase))
        return self.parts[key]

    def add(self, op: Op) -> Op:
        """Write an operation down."""
        self.ops.append(op)
        return op

    def copy(self, op: Op) -> Op:
        """Write an operation down that stays outside of loops."""
        if not any(x in self.turn or x in self.now for x in op.operands):
            return self.add(op)
        args: Any = op.args
        if op.fun in JOINS:
            args = self.spliced(args) if args and type(args[0]) is Op else (self.spliced(args[0]), *args[1:])
        args, kwargs = mapped((args, dict(op.kwargs)), lambda x: self.copied(x) if type(x) is Op else x)
        self.now[op] = new = like(op, args, kwargs)
        new.gradient_of = self.home(op.gradient_of)
        self.origin[new] = op
        return self.add(new)

    def home(self, x: Op | None) -> Op | None:
        """What stands for an operation, in a loop or outside."""
        return x and (self.turn[x][1] if x in self.turn else self.now.get(x, x))

    def spliced(self, parts: Sequence[Any]) -> Any:
        """The same sequence with the list that a loop made for its elements."""
        found: list[Any] = []
        of_list = isinstance(parts, list)
        while len(parts) > 0:
            run, step = self.run(parts)
            if run < RUN:
                found.append(parts[0])
                parts = parts[1:]
                continue
            call, inside, t = self.turn[parts[0]]
            elements, end = self.part(call, inside, True), t + run * step
            whole = step == 1 and run == elements.value.count
            some = slice(t, end if end >= 0 else None, step)
            found.append(elements if whole else self.element(elements, some))
            parts = parts[run:]
        return found if of_list else tuple(found)

    def run(self, parts: Sequence[Any]) -> tuple[int, int]:
        """How many operations at the beginning come from turn after turn of a loop, and in which order."""
        first = self.turn.get(parts[0]) if type(parts[0]) is Op else None
        second = self.turn.get(parts[1]) if len(parts) > 1 and type(parts[1]) is Op else None
        if first is None or second is None or abs(second[2] - first[2]) != 1:
            return 0, 1
        step, n = second[2] - first[2], 1
        while n < len(parts) and self.turn.get(parts[n]) == (*first[:2], first[2] + n * step):
            n += 1
        return n, step

    # --- what is rolled -------------------------------------------------------------------------------------------

    def roll(self, region: Region) -> None:
        """Write the loop of a region."""
        turn, ops, start, period = Turn(region), self.program.ops, region.start, region.period
        stop = start + region.turns * period
        self.phase = ops[start].phase
        for j, related in enumerate(region.related):
            first = ops[start + j]
            numbers = [self.number(turn, values) for values in zip(*self.numbers[start + j : stop : period])]
            operands = [self.operand(turn, j, k, r) for k, r in enumerate(related)]
            if not first.repeated and not any(numbers) and turn.inside.isdisjoint(operands):  # the same in all turns
                new = self.copy(first)
                self.before.append(range(start + j, stop, period))
                self.now |= dict.fromkeys(ops[start + j + period : stop : period], new)
            else:
                new = rebuilt(first, [x if x in turn.inside else turn.from_outside(x) for x in operands], numbers)
                self.origin[new] = start + j, period
                turn.inside.add(new)
                turn.loop.ops.append(new)
                for t, op in enumerate(ops[start + j : stop : period]):
                    self.turn[op] = turn.call, new, t
            turn.made.append(new)
        for x, j in turn.handed.items():
            turn.loop.carried[x] = turn.of(j)
        for j, new in enumerate(turn.made):
            new.gradient_of = self.home(ops[start + j].gradient_of)
        call = turn.call
        call.args = tuple(turn.arguments)
        call.operands = turn.arguments
        call.phase = self.phase
        call.repeated = any(op.repeated for op in turn.loop.ops)
        self.add(call)

    def number(self, turn: Turn, values: Sequence[Any]) -> Op | None:
        """What a number in a call is, turn by turn; None if it is always the same."""
        first, second = values[:2]
        if all(x is first or repr(x) == repr(first) for x in values):
            return None
        if type(first) is not float and all(b - a == second - first for a, b in pairwise(values)):
            step = int(second - first)
            x = turn.fed((first, step), Fed("count", int(first), step), int(first))
        else:
            elements = self.list_of(values)
            x = turn.fed(elements, Fed("each", 0, 1), first, elements)
        turn.inside.add(x)
        return x

    def operand(self, turn: Turn, j: int, k: int, related: int | None) -> Op:
        """What the k-th operand of the j-th operation of a turn is."""
        region = turn.region
        first = self.program.ops[region.start + j].operands[k]
        if related is not None and related >= 0:
            return turn.made[related]
        if related is not None:
            x = turn.fed(related, CARRIED, first.value, self.copied(first))
            turn.handed[x] = region.period + related
        else:
            sources = region.sources(j, k)
            if all(x is first for x in sources):
                return self.copied(first)
            begin, step = self.moving(sources) or (0, 1)
            elements = self.list_of(sources)
            x = turn.fed((elements, begin, step), Fed("each", begin, step), first.value, elements)
        turn.inside.add(x)
        return x

    def can_list(self, region: Region) -> bool:
        """Whether what differs from turn to turn can be in a list: lists can if an earlier loop has listed them."""
        differing = (
            sources
            for j, related in enumerate(region.related)
            for k, r in enumerate(related)
            if r is None and type((sources := region.sources(j, k))[0].value) is Listed
        )
        return all(all(x is some[0] for x in some) or self.moving(some) is not None for some in differing)

    def moving(self, sources: Sequence[Op]) -> tuple[int, int] | None:
        """Where operations that an earlier loop made in its turns begin there, and how they go on, if evenly."""
        turns = [self.turn.get(x, (None, None, 0)) for x in sources]
        (_, inside, begin), (_, _, second) = turns[:2]
        if inside is None or any(
            x is not inside or t != begin + i * (second - begin) for i, (_, x, t) in enumerate(turns)
        ):
            return None
        return begin, second - begin

    def list_of(self, sources: Sequence[Any]) -> Op:
        """A list of operations or numbers: that of an earlier loop, if they move evenly in it."""
        if type(sources[0]) is Op and self.moving(sources):
            return self.part(*self.turn[sources[0]][:2], True)
        key = tuple(x if type(x) is Op else repr(x) for x in sources)
        if key not in self.parts:
            of_ops = type(sources[0]) is Op
            parts = [self.copied(x) if type(x) is Op else x for x in (self.spliced(sources) if of_ops else sources)]
            value = Listed(len(sources), sources[0].value if of_ops else sources[0])
            self.parts[key] = self.add(Op(listed, tuple(parts), None, value, phase=self.phase))
        return self.parts[key]


def parts_first(ops: Sequence[Op]) -> list[Op]:
    """The operations with all that comes out of a loop right behind it: no turn around both begins in between."""
    of = defaultdict[Op, list[Op]](list)
    for op in ops:
        if op.fun is part:
            of[op.args[0]].append(op)
    return [x for op in ops if op.fun is not part for x in (op, *of.get(op, ()))]


def like(op: Op, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Op:
    """The same call with other arguments."""
    new = Op(op.fun, args, kwargs, op.value, phase=op.phase, repeated=op.repeated, name=op.name)
    new.scope = op.scope
    return new


def rebuilt(op: Op, operands: Iterable[Op], numbers: Sequence[Op | None]) -> Op:
    """The same call on other operands, with operations in the place of some of the numbers that may differ."""
    at, _ = may_differ(op.fun)
    new, others = iter(operands), iter(numbers)

    def replaced(x: Any, index: bool, loose: bool) -> Any:
        if type(x) is Op:
            return next(new)
        return (next(others) or x) if loose and is_loose(x, index) else x

    any_number = bool(numbers) and at < 0
    args = [
        mapped(x, functools.partial(replaced, index=i == at, loose=i == at or any_number))
        for i, x in enumerate(op.args)
    ]
    return like(op, tuple(args), mapped(dict(op.kwargs), functools.partial(replaced, index=False, loose=False)))
