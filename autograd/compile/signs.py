"""Signs of zeros that nobody can see: there x + 0.0, which makes 0.0 of -0.0, is x.

Sums of products begin with 0.0, so that a product of matrices is the same for zeros of either sign; what is computed
element by element on the way to one hands the sign on, and no more. A sum of x + 0.0 is that of x, + 0.0: so what is
added to many numbers for one that sees their signs is added to few.
"""

from __future__ import annotations

import operator
from collections.abc import Collection

import numpy as np

from ..rules.elementwise import chain, sigmoid
from ..rules.gates import lstm_gates
from ..rules.products import affine
from ..rules.structure import join, scatter, stack
from ..shapes import spread, sum_to
from .parts import handing_out, is_zeros, renew
from .program import Op, Program, operands_of

# What gives the same for zeros of either sign, and what gives at most another zero
BLIND = {np.matmul, affine, sigmoid, np.exp, np.cosh, np.cos, np.square, np.absolute}
PASSING = {
    np.add, np.subtract, np.multiply, np.negative, chain, np.tanh, np.sin, np.sinh, lstm_gates, np.sum, sum_to, spread,
    np.reshape, np.transpose, np.swapaxes, np.expand_dims, np.squeeze, np.broadcast_to, operator.getitem, join, stack,
    scatter,
}  # fmt: skip
MOVES = {np.reshape, np.transpose, np.swapaxes, np.expand_dims, np.squeeze}
SUMS = {np.sum, sum_to}


def without_unseen_signs(program: Program, held: Collection[int]) -> Program:
    """The same calls, of a program without loops, less those. `held` are the ids of constants that may change."""
    program = with_later_zeros(program, held)
    seen = set(program.outputs)
    for op in reversed(program.ops):
        hides = op.fun in BLIND or (op.fun in PASSING and op not in seen) or unsigned(op, held) is not None
        if not hides or op.repeated:
            seen.update(op.operands)
    new: dict[Op, Op] = {}
    ops = []
    for op in program.ops:
        renew(op, new)
        x = unsigned(op, held) if op not in seen else None
        if x is None:
            ops.append(op)
        else:
            new[op] = x
            x.gradient_of = x.gradient_of or op.gradient_of
    return handing_out(program, ops, new)


def with_later_zeros(program: Program, held: Collection[int]) -> Program:
    """The same calls, in which 0.0 is added to sums instead of to what they add up, also where that is only moved."""
    new: dict[Op, Op] = {}
    ops = []
    for op in program.ops:
        renew(op, new)
        ops.append(op)
        first = op.args[0] if op.fun in MOVES or op.fun in SUMS else None
        x = unsigned(first, held) if type(first) is Op and op.is_array and op.dtype == first.dtype else None
        if x is not None:
            op.args = (x, *op.args[1:])
            op.operands = operands_of(op.args, op.kwargs)
            new[op] = Op(np.add, (op, 0.0), None, op.value, phase=op.phase)
            new[op].gradient_of, new[op].scope, op.gradient_of = op.gradient_of, op.scope, None
            ops.append(new[op])
    return handing_out(program, ops, new)


def unsigned(op: Op, held: Collection[int]) -> Op | None:
    """The x of x + 0.0, which has the same shape and dtype."""
    if op.fun is not np.add or op.kwargs or not op.is_array or op.dtype.kind != "f":
        return None
    for x, zeros in (op.args, op.args[::-1]):
        if type(x) is Op and x.is_array and (x.shape, x.dtype) == (op.shape, op.dtype) and is_zeros(zeros, held):
            return x
    return None
