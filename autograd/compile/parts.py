"""Parts that are known without the whole, and wholes that are known by their parts.

An index of a stack is what was stacked there, one of zeros with something at a place is that, or zeros. So the last
output of a recurrent network needs no array of all outputs, and its gradient none of zeros for the others. A sum that
puts something at every place is a stack, or arrays joined, and one of joined arrays whose parts meet zeros is one of
all parts. So what comes back from every step of a sequence is not added to zeros, step by step, and the gates of an
LSTM or a GRU get their gradients side by side.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..rules.structure import join, scatter, stack
from ..table import Function
from .program import Op, Program, Returned, mapped, operands_of


def with_known_parts(program: Program, held: Collection[int]) -> Program:
    """The same calls without those for parts and wholes that are known; some that are left nobody needs."""
    new: dict[Op, Op] = {}
    seen: dict[Any, Any] = {}
    sums: dict[Op, Parts] = {}
    ops = []
    for op in program.ops:
        renew(op, new)
        known = part_of(op, seen) if op.fun is operator.getitem and type(op.args[0]) is Op else None
        ops += [op] if known is None else []
        whole = made_of(op, sums.pop(op)) if op.fun is np.add and is_full(op, sums) else side_by_side(op, held)
        if whole is not None:
            known = Op(np.add, (whole, 0.0), None, op.value, phase=op.phase)  # which is never -0.0, as is no such sum
            known.gradient_of = op.gradient_of
            known.scope = whole.scope = op.scope
            ops[-1:] = whole, known
        if known is not None:
            new[op] = known
    return handing_out(program, ops, new)


def renew(op: Op, new: Mapping[Op, Op]) -> None:
    """Let an operation have the new operands for the old ones."""
    if not new.keys().isdisjoint(op.operands):
        op.args, op.kwargs = mapped((op.args, dict(op.kwargs)), lambda x: new.get(x, x) if type(x) is Op else x)
        op.operands = operands_of(op.args, op.kwargs)


def handing_out(program: Program, ops: list[Op], new: Mapping[Op, Op]) -> Program:
    """A program of these operations that returns and writes the new results for the old ones."""

    def renewed(x: Any) -> Any:
        return Returned(new.get(x.op, x.op), x.kind) if isinstance(x, Returned) else x

    result, writes = mapped((program.result, program.writes), renewed) if new else (program.result, program.writes)
    return Program(program.inputs, ops, result, writes)


def part_of(op: Op, seen: dict[Any, Any]) -> Op | None:
    """What an index of integers and slices finds, if that is known. What is looked at again is kept in `seen`."""
    x = op.args[0]
    index = places(op.args[1], x.shape)
    if index is None:
        return None
    if x.fun is stack or x.fun is join:
        axis, i = only(index, x.shape) or (0, None)
        if axis != x.kwargs.get("axis", 0) % len(x.shape):
            return None
        if x.fun is stack:
            return same_kind(x.args[i], op) if type(i) is int else None
        if x not in seen:
            stops = itertools.accumulate(np.shape(part)[axis] for part in x.args)
            seen[x] = dict(zip(itertools.pairwise([0, *stops]), x.args))
        return same_kind(seen[x].get(i), op)
    if x.fun is scatter:
        at = places(x.args[1], x.shape)
        if at is None or [*map(type, at)] != [*map(type, index)]:
            return None
        if at == index:
            return same_kind(x.args[0], op)
        kind = op.shape, op.dtype
        return seen.setdefault(kind, Op(None, value=np.zeros(*kind))) if op.shape and apart(at, index) else None
    return None


def same_kind(x: Any, op: Op) -> Op | None:
    """`x`, if it is an array of the shape and the dtype of `op`."""
    return x if type(x) is Op and x.is_array and x.shape == op.shape and x.dtype == op.dtype else None


Place = int | tuple[int, int]  # on an axis: one place, or those from one to before another


def places(index: Any, shape: tuple[int, ...]) -> tuple[Place, ...] | None:
    """What an index takes of each axis, if it is made of integers, and of slices and "..." one after the other."""
    items = index if isinstance(index, tuple) else (index,)
    if not all(type(i) is int or i is ... or (type(i) is slice and bounds(i) <= {int, type(None)}) for i in items):
        return None
    missing = (slice(None),) * (len(shape) - len(items) + (... in items))
    if ... in items:
        at = items.index(...)
        items = (*items[:at], *missing, *items[at + 1 :])
    else:
        items += missing
    ranges = [i % n if type(i) is int else range(n)[i] for i, n in zip(items, shape)]
    if any(type(r) is range and (r.step != 1 or not r) for r in ranges):
        return None
    return tuple((r.start, r.stop) if type(r) is range else r for r in ranges)


def bounds(i: slice) -> set[type]:
    """The types of what a slice is made of."""
    return {type(i.start), type(i.stop), type(i.step)}


def apart(some: tuple[Place, ...], others: tuple[Place, ...]) -> bool:
    """Whether two places on all axes, of the same kinds, have nothing in common."""
    pairs: Any = zip(some, others)
    return any(i != j if type(i) is int else i[1] <= j[0] or j[1] <= i[0] for i, j in pairs)


def only(index: tuple[Place, ...], shape: tuple[int, ...]) -> tuple[int, Place] | None:
    """The one axis of which an index does not take all, and what it takes of it."""
    found = [(axis, i) for axis, (i, n) in enumerate(zip(index, shape)) if i != (0, n)]
    return found[0] if len(found) == 1 else None


@dataclass
class Parts:
    """What is at which of the places of one axis, by where it starts, with where it stops; 0.0 everywhere else."""

    axis: int
    whole: Function  # what makes one array of all parts: `stack` of single places, `join` of ranges
    found: dict[int, tuple[int, Op]]
    size: int  # how many places have something


def is_full(op: Op, sums: dict[Op, Parts]) -> bool:
    """Whether a sum has something at each place of an axis. What it has is noted in `sums`, from those before it."""
    both = [sums.get(x) or scattered(x) for x in op.args if type(x) is Op and x.shape == op.shape]
    if len(both) < 2 or None in both or op.kwargs or any(x.dtype != op.dtype for x in op.operands):
        return False
    few, many = sorted(filter(None, both), key=lambda parts: len(parts.found))
    if (few.axis, few.whole) != (many.axis, many.whole) or not few.found.keys().isdisjoint(many.found):
        return False
    for x in op.operands:  # which may be added to something else as well: that is a sum of its own
        sums.pop(x, None)
    many.found |= few.found
    many.size += few.size
    sums[op] = many
    return many.size == op.shape[many.axis] and are_side_by_side(many)


def are_side_by_side(parts: Parts) -> bool:
    """Whether each part starts where another stops, or at 0."""
    stops = {0, *(stop for stop, _ in parts.found.values())}
    return stops.issuperset(parts.found)


def scattered(x: Op) -> Parts | None:
    """What zeros have at one place of one axis."""
    index = places(x.args[1], x.shape) if x.fun is scatter else None
    found = only(index, x.shape) if index else None
    g = x.args[0] if found else None
    if found is None or type(g) is not Op or not g.is_array or g.dtype != x.dtype:
        return None
    axis, i = found
    whole, (start, stop) = (stack, (i, i + 1)) if isinstance(i, int) else (join, i)
    if g.shape != x.shape[:axis] + (stop - start,) * (whole is join) + x.shape[axis + 1 :]:
        return None
    return Parts(axis, whole, {start: (stop, g)}, stop - start)


def made_of(op: Op, parts: Parts) -> Op:
    """What a sum has at its places as one array."""
    found = tuple(parts.found[start][1] for start in sorted(parts.found))
    return Op(parts.whole, found, {"axis": parts.axis}, op.value, phase=op.phase)


def side_by_side(op: Op, held: Collection[int]) -> Op | None:
    """The sum of two arrays that are joined of parts, if each part meets zeros: the parts of both, joined."""
    a, b = op.args if op.fun is np.add and not op.kwargs else (None, None)
    joined = type(a) is type(b) is Op and a.fun is b.fun is join and a.kwargs == b.kwargs and a.shape == b.shape
    if not joined or any(type(x) is not Op or x.dtype != op.dtype for x in (*a.args, *b.args)):
        return None
    axis = a.kwargs.get("axis", 0)
    some, others, found = list(a.args[::-1]), list(b.args[::-1]), list[Op]()
    while some and others:
        x, y = some.pop(), others.pop()
        n, m = x.shape[axis], y.shape[axis]
        if is_zeros(y, held) and n <= m:
            found.append(x)
        elif is_zeros(x, held) and m <= n:
            found.append(y)
        else:
            return None
        if n != m:
            longer, rest = (x, some) if n > m else (y, others)
            rest.append(Op(None, value=np.split(longer.value, [min(n, m)], axis)[1].copy()))
    return Op(join, tuple(found), a.kwargs, op.value, phase=op.phase)


def is_zeros(x: Any, held: Collection[int]) -> bool:
    """Whether something is 0.0, or an array of it, in every call."""
    if type(x) is Op and x.is_constant and id(x.value) not in held:
        x = x.value
    return type(x) in (float, np.ndarray) and not np.any(x) and not np.any(np.signbit(x))
