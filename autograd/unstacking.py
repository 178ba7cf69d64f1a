"""The parts of an array along an axis, with gradients that cost what the array costs."""

from __future__ import annotations

from typing import Any

from .recording import recording

MANY = 64  # parts


def unstack(x: Any, axis: int = 0) -> list[Any]:
    """The parts of `x` along an axis, without it, as np.unstack gives them: a Tensor's are Tensors.

    A sweep adds the gradient of each x[i] at its place. Where gradients are nodes it is an array as large as `x`, and
    those of all would cost n times n: an array of many parts is cut in larger pieces first, and these again.

    >>> import numpy as np
    >>> unstack(np.eye(2), axis=1)
    [array([1., 0.]), array([0., 1.])]
    """
    before = (slice(None),) * (axis % x.ndim)

    def parts(x: Any) -> list[Any]:
        n = x.shape[len(before)]
        if n <= MANY or recording.get().watch is not None:
            return [x[(*before, i)] for i in range(n)]
        size = -(-n // MANY)
        return [part for i in range(0, n, size) for part in parts(x[(*before, slice(i, i + size))])]

    return parts(x)
