"""Matrices that a loop multiplies with in every turn: one that lies in columns is laid out in rows before, once.

BLAS is slower with columns: a step of a recurrent network, backward, takes up to twice as long for its product.
"""

from __future__ import annotations

import numpy as np

from .program import Op
from .repetition import Loop

TURNS, ROWS = 16, 16  # of the loop, and of what is multiplied, from which on it takes longer than the copy


def in_columns(loop: Loop, arguments: tuple[Op, ...]) -> set[Op]:
    """The inputs of a loop that are such matrices: transposed, the same in all turns, to the right of a product."""
    products = [op for op in loop.ops if op.fun is np.matmul and len(op.shape) == 2 and op.shape[0] >= ROWS]
    right = {op.args[1] for op in products if loop.count >= TURNS}
    return {
        x for x, argument in zip(loop.inputs, arguments)
        if x in right and x.place.kind == "same" and argument.fun is np.transpose and len(x.shape) == 2
    }  # fmt: skip
