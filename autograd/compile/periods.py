"""Where the calls of a trace repeat themselves, and how each turn there depends on others.

Calls that may be the same line of a loop have the same token: the same function and metadata, and a result of the same
kind. Integers in an index, and numbers among the operands of an elementwise function, may differ.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from ..rules.structure import add_at, scatter, set_at
from ..table import Function
from .builder import item
from .program import Op, mapped
from .repetition import Listed, Loop, is_bookkeeping, part
from .simplify import is_elementwise, keyed

LEAST_TURNS = 5
LEAST_SAVED = 24  # calls that are written once instead of again and again
GRAM = 4  # tokens by which a place is recognized
PERIODS = 16  # that are tried
INDEX: dict[Function, int] = {operator.getitem: 1, item: 1, scatter: 1, add_at: 2, set_at: 2}  # which argument is one


def kind(value: Any) -> Any:
    """What must be the same of a number in all turns."""
    if isinstance(value, (np.ndarray, np.generic)):
        return type(value), value.shape, value.dtype
    return (
        (Listed, value.count, kind(value.example))
        if type(value) is Listed
        else (type(value), len(value) if isinstance(value, (tuple, list)) else 0)
    )


def may_differ(fun: Any) -> tuple[int, bool]:
    """Which argument of a call is an index, whose integers may differ, and whether its numbers may."""
    at = INDEX.get(fun, -1)
    return at, at < 0 and fun is not np.power and not isinstance(fun, Loop) and is_elementwise(fun)


def is_loose(x: Any, index: bool) -> bool:
    """Whether something is a number that may differ: in an index an integer, else any."""
    if index:
        return type(x) is int or isinstance(x, np.integer)
    return type(x) in (float, int) or isinstance(x, np.floating)


def token(op: Op) -> tuple[Any, tuple[Any, ...]]:
    """The token of a call, None if it has none, and its numbers that may differ."""
    fun: Any = op.fun
    parts: list[Any] = [fun, op.phase == "backward", op.repeated, *kind(op.value)]
    if {*map(type, op.args)} == {Op} and not op.kwargs and not isinstance(fun, Loop):
        return (*parts, *[Op for _ in op.args]), ()
    at, any_number = may_differ(fun)
    loose: list[Any] = []
    if isinstance(fun, Loop):
        parts[0] = key_of(fun)

    def without(x: Any) -> Any:
        if is_loose(x, True):
            loose.append(x)
            return int
        return without_ops(x)

    for i, x in enumerate(op.args):
        if type(x) is Op:
            parts.append(Op)
        elif any_number and is_loose(x, False):
            loose.append(x)
            parts.append(type(x))
        else:
            parts.append(keyed(mapped(x, without if i == at else without_ops)))
    if op.kwargs:
        parts.append(keyed(mapped(dict(op.kwargs), without_ops)))
    return None if any(x is None for x in parts) else tuple(parts), tuple(loose)


def without_ops(x: Any) -> Any:
    """An argument without the operation that it may be."""
    return Op if type(x) is Op else x


def key_of(loop: Loop) -> Any:
    """What is equal for loops that do the same with their arguments; None if there is no telling."""
    place = {x: ("op", i) for i, x in enumerate([*loop.inputs, *loop.counters, *loop.ops])}

    def known(x: Any) -> Any:
        return place.get(x, keyed(x)) if type(x) is Op else keyed(x)

    calls = [
        (
            key_of(op.fun) if isinstance(op.fun, Loop) else op.fun,
            mapped(op.args, known),
            keyed(mapped(dict(op.kwargs), known)),
        )
        for op in loop.ops
    ]
    fed = [x.place for x in (*loop.inputs, *loop.counters)]
    carried = [(known(x), known(new)) for x, new in loop.carried.items()]
    outputs = [(known(op), whole) for op, whole in filter(None, loop.outputs)]
    return keyed([loop.count, fed, calls, carried, outputs])


def may_repeat(ops: Sequence[Op]) -> bool:
    """Whether enough calls are of functions that are called often: to say so costs little."""
    often = [n for n in Counter([op.fun for op in ops]).values() if n >= LEAST_TURNS]
    return sum(often) > LEAST_SAVED


def repeated(tokens: npt.NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Stretches (start, stop, period) of tokens that repeat themselves, apart from each other, shortest period first.

    A period is tried if many places have it as the distance to where the same few tokens were before.
    """
    n = len(tokens) - GRAM + 1
    if n <= LEAST_SAVED:
        return []
    grams = sum(tokens[i : n + i] * (1_000_003**i) for i in range(GRAM))  # others may be equal: it is only a guess
    order = np.argsort(grams, kind="stable")
    known = grams[order[1:]] == grams[order[:-1]]
    distances = Counter((order[1:] - order[:-1])[known].tolist())
    found: list[tuple[int, int, int]] = []
    free = np.ones(len(tokens), bool)
    for period in sorted(p for p, _ in distances.most_common(PERIODS)):
        equal = (tokens[period:] == tokens[:-period]) & free[period:] & free[:-period]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], equal, [False]]).astype(np.int8)))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist()):
            stop = end + period
            if end - start >= max((LEAST_TURNS - 1) * period, LEAST_SAVED) and free[start:stop].all():
                free[start:stop] = False
                found.append((start, stop, period))
    return found


class Region:
    """A stretch of turns that all depend on each other in the same way; `turns` is 0 if there is none.

    `related` says for each operation of a turn what its operands are: of the same turn, counted from its start, of the
    turn before, counted from the end of that (so less than 0), or None: from before the loop.
    """

    def __init__(self, ops: Sequence[Op], at: dict[Op, int], start: int, stop: int, period: int) -> None:
        self.ops, self.at, self.period = ops, at, period
        self.start = start + self.rotation(start, stop)
        count = (stop - self.start) // period
        relations = [self.relation(self.start + t * period, range(period)) for t in range(count)]
        runs = [(len(list(run)), key) for key, run in groupby(relations)]
        self.turns, self.related = max(runs, key=lambda run: run[0])
        first = sum(n for n, _ in runs[: [n for n, _ in runs].index(self.turns)])
        if first and self.begins(self.start + (first - 1) * period):
            first, self.turns = first - 1, self.turns + 1
        self.start += first * period
        if self.turns and not self.fits(self.start):  # what the first turn finds is of another kind
            self.start, self.turns = self.start + period, self.turns - 1
        calls = sum(not is_bookkeeping(op) for op in ops[self.start : self.start + period])
        saved = (self.turns - 1) * calls
        if self.turns < LEAST_TURNS or saved < LEAST_SAVED or not self.is_fed():
            self.turns = 0

    def rotation(self, start: int, stop: int) -> int:
        """How much later than `start` a turn begins, so that as little as possible is carried from turn to turn."""
        ops, at, period = self.ops, self.at, self.period
        spare = (stop - start) % period
        last: dict[int, int] = {}
        base = start + ((stop - start) // period // 2) * period
        for i in range(base, min(base + 3 * period, stop)):
            for x in ops[i].operands:
                q = at.get(x, -1)
                if base <= q < base + period and i - q < 2 * period:
                    last[q] = max(i, last.get(q, i))
        crossing = [0] * (4 * period + 1)  # how many begin to be needed, or cease, before a place
        for q, end in last.items():
            crossing[q - base + 1] += 1
            crossing[end - base + 1] -= 1
        sums = np.cumsum(crossing)
        begins = range(min(spare, period - 1) + 1)
        carried = [(ops[start + i].fun is part, int(sums[i::period].sum())) for i in begins]
        return carried.index(min(carried))

    def relation(self, begin: int, turn: range) -> tuple[tuple[int | None, ...], ...]:
        """What the operands of each operation are, of the turn that begins at `begin`."""
        ops, at, least = self.ops, self.at, begin - self.period
        return tuple([
            tuple([q - begin if (q := at.get(x, -1)) >= least and q >= 0 else None for x in ops[begin + j].operands])
            for j in turn
        ])  # fmt: skip

    def begins(self, begin: int) -> bool:
        """Whether a turn that begins there may be the first one: it has from outside what others have from before."""
        found: dict[int, Op] = {}
        for j, (now, later) in enumerate(zip(self.relation(begin, range(self.period)), self.related)):
            for x, mine, theirs in zip(self.ops[begin + j].operands, now, later, strict=True):
                if (mine if mine is not None and mine >= 0 else None) != (
                    theirs if theirs is not None and theirs >= 0 else None
                ):
                    return False
                if theirs is not None and theirs < 0 and found.setdefault(theirs, x) is not x:
                    return False
        return True

    def fits(self, begin: int) -> bool:
        """Whether what a first turn has from outside is of the kind that the others carry on."""
        return all(
            r is None or r >= 0 or kind(x.value) == kind(self.ops[begin + self.period + r].value)
            for j, related in enumerate(self.related)
            for x, r in zip(self.ops[begin + j].operands, related)
        )

    def sources(self, j: int, k: int) -> list[Op]:
        """The k-th operand of the j-th operation, turn by turn."""
        start, period = self.start, self.period
        return [self.ops[i].operands[k] for i in range(start + j, start + j + self.turns * period, period)]

    def is_fed(self) -> bool:
        """Whether all that comes from outside is there before the first turn, and of one kind.

        What comes out of a loop is its parts alone: a turn with a part in it has that loop, too.
        """
        for j, related in enumerate(self.related):
            for k, r in enumerate(related):
                if (r is None or r < 0) and isinstance(self.ops[self.start + j].operands[k].fun, Loop):
                    return False
                if r is None:
                    sources = self.sources(j, k)
                    first = sources[0]
                    if any(x is not first for x in sources):
                        known = kind(first.value)
                        if any(kind(x.value) != known for x in sources):
                            return False
                        if any(self.at.get(x, -1) >= self.start for x in sources):
                            return False
                    elif self.at.get(first, -1) >= self.start:
                        return False
        return True
