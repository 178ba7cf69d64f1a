"""Parts that are known without the whole, and wholes that are known by their parts.

An index of a stack is what was stacked there, one of zeros with something at a place is that, or zeros. So the last
output of a recurrent network needs no array of all outputs, and its gradient none of zeros for the others. A sum that
puts something at every place is a stack, and one of joined arrays whose parts meet zeros is one of all parts. So what
comes back from every step of a sequence is not added to zeros, step by step, and the gates of an LSTM get their
gradients side by side.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from ..rules.structure import join, scatter, stack
from .program import Op, Program, Returned, mapped, operands_of

WHOLE = slice(None)


def with_known_parts(program: Program, held: Collection[int]) -> Program:
    """The same calls without those for parts and wholes that are known; some that are left nobody needs."""
    new: dict[Op, Op] = {}
    zeros: dict[Any, Op] = {}
    sums: dict[Op, Parts] = {}
    ops = []
    for op in program.ops:
        renew(op, new)
        known = part_of(op, zeros) if op.fun is operator.getitem and type(op.args[0]) is Op else None
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


def part_of(op: Op, zeros: dict[Any, Op]) -> Op | None:
    """What an index of integers and whole axes finds, if that is known."""
    x, index = op.args[0], items(op.args[1])
    if index is None:
        return None
    if x.fun is stack:
        axis = x.kwargs.get("axis", 0) % len(x.shape)
        found = x.args[index[axis]] if index[:axis] == (WHOLE,) * axis and len(index) == axis + 1 else None
        return found if type(found) is Op and found.is_array and found.dtype == x.dtype else None
    if x.fun is scatter:
        there = items(x.args[1])
        if there is None or [i == WHOLE for i in there] != [i == WHOLE for i in index]:
            return None
        pairs = [(i % n, j % n) for i, j, n in zip(there, index, x.shape) if i != WHOLE]
        if all(i == j for i, j in pairs):
            return x.args[0] if type(x.args[0]) is Op else None
        kind = op.shape, op.dtype
        return zeros.setdefault(kind, Op(None, value=np.zeros(*kind))) if op.shape else None
    return None


def items(index: Any) -> tuple[Any, ...] | None:
    """An index as a tuple, if it is made of integers and whole axes."""
    found = index if isinstance(index, tuple) else (index,)
    return found if all(type(i) is int or (type(i) is slice and i == WHOLE) for i in found) else None


Parts = tuple[int, dict[int, Op]]  # an axis, and what is at which of its places; 0.0 everywhere else


def is_full(op: Op, sums: dict[Op, Parts]) -> bool:
    """Whether a sum has something at each place of an axis. What it has is added to `sums`, from those before it."""
    found = [sums.get(x) or scattered(x) for x in op.args if type(x) is Op and x.shape == op.shape]
    if len(found) < 2 or None in found or op.kwargs or any(x.dtype != op.dtype for x in op.operands):
        return False
    (axis, some), (other, more) = sorted(filter(None, found), key=lambda parts: -len(parts[1]))
    if axis != other or not some.keys().isdisjoint(more):
        return False
    for x in op.operands:  # which may be added to something else as well: that is a sum of its own
        sums.pop(x, None)
    some |= more
    sums[op] = axis, some
    return len(some) == op.shape[axis]


def scattered(x: Op) -> Parts | None:
    """What zeros have at one place of one axis."""
    index = items(x.args[1]) if x.fun is scatter else None
    places = [(axis, i) for axis, i in enumerate(index or ()) if i != WHOLE]
    if len(places) != 1:
        return None
    ((axis, i),), g = places, x.args[0]
    fits = type(g) is Op and g.is_array and g.dtype == x.dtype and g.shape == x.shape[:axis] + x.shape[axis + 1 :]
    return (axis, {i % x.shape[axis]: g}) if fits else None


def made_of(op: Op, parts: Parts) -> Op:
    """The stack of what a sum has at its places."""
    axis, found = parts
    return Op(stack, tuple(found[i] for i in range(len(found))), {"axis": axis}, op.value, phase=op.phase)


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
