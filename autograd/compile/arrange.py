"""A trace as loops show best in it: equal constants are one, for rules make their zeros anew in each turn."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import numpy as np

from ..rules.structure import join, stack
from ..table import Function
from .program import Op, Program, mapped, operands_of
from .simplify import FOLDED

JOINS: set[Function] = {join, stack, np.concatenate, np.stack}


def arranged(program: Program, changeable: Collection[int]) -> Program:
    """The same calls. Constant arrays whose ids are in `changeable` may be changed by somebody else."""
    with_equal_constants(program.ops, changeable)
    return program


def with_equal_constants(ops: Sequence[Op], changeable: Collection[int]) -> None:
    """Let one constant stand for all small arrays that are equal and that nobody changes."""
    known: dict[Hashable, Op] = {}
    equal: dict[Op, Op] = {}
    for x in dict.fromkeys([x for op in ops for x in op.operands if x.fun is None and x.place is None]):
        if isinstance(x.value, np.ndarray) and id(x.value) not in changeable and x.value.nbytes <= FOLDED:
            first = known.setdefault((x.dtype, x.shape, x.value.tobytes()), x)
            if first is not x:
                equal[x] = first
    for op in ops if equal else ():
        if not equal.keys().isdisjoint(op.operands):
            op.args, op.kwargs = mapped((op.args, dict(op.kwargs)), lambda x: equal.get(x, x) if type(x) is Op else x)
            op.operands = operands_of(op.args, op.kwargs)
