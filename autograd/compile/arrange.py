"""A trace as loops show best in it: equal constants are one, and a view is taken where it is needed.

Rules make their zeros anew in each turn, and take the rows of an array all at once, long before they are used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence

import numpy as np

from ..rules.structure import join
from ..table import Function
from .functions import VIEWS
from .program import Op, Program, mapped, operands_of
from .simplify import FOLDED

JOINS: set[Function] = {join, np.concatenate, np.stack}


def arranged(program: Program, changeable: Collection[int]) -> Program:
    """The same calls. Constant arrays whose ids are in `changeable` may be changed by somebody else."""
    with_equal_constants(program.ops, changeable)
    return Program(program.inputs, views_late(program.ops, program.outputs), program.result, program.writes)


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


def views_late(ops: Sequence[Op], outputs: Iterable[Op]) -> list[Op]:
    """The operations with each view that only one other uses right before that: in its turn of a loop.

    One among the parts that are joined stays: the turns that made these are the loop.
    """
    uses = Counter(x for op in ops for x in op.operands * (2 if op.fun in JOINS else 1))
    seen_outside = set(outputs)
    late: set[Op] = set()
    found: list[Op] = []
    for op in ops:
        if op.fun in VIEWS and uses[op] == 1 and op not in seen_outside and not op.repeated:
            late.add(op)
            continue
        taken = [op]
        for x in taken:  # and the views that these are views of
            taken += [y for y in x.operands if y in late]
        found += reversed(taken)
    return found
