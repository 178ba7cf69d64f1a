"""Parts that are known without the whole: an index of a stack is what was stacked there, one of zeros with something at
a place is that, or zeros.

So the last output of a recurrent network needs no array of all outputs, and its gradient none of zeros for the others.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..rules.structure import scatter, stack
from .program import Op, Program, Returned, mapped, operands_of

WHOLE = slice(None)


def with_known_parts(program: Program) -> Program:
    """The same calls without those for parts that are known."""
    new: dict[Op, Op] = {}
    zeros: dict[Any, Op] = {}
    ops = []
    for op in program.ops:
        if not new.keys().isdisjoint(op.operands):
            op.args, op.kwargs = mapped((op.args, dict(op.kwargs)), lambda x: new.get(x, x) if type(x) is Op else x)
            op.operands = operands_of(op.args, op.kwargs)
        known = part_of(op, zeros) if op.fun is operator.getitem and type(op.args[0]) is Op else None
        if known is None:
            ops.append(op)
        else:
            new[op] = known
    if not new:
        return program
    result, writes = mapped(
        (program.result, program.writes),
        lambda x: Returned(new.get(x.op, x.op), x.kind) if isinstance(x, Returned) else x,
    )
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
