"""The parts of an array along an axis, with gradients that cost what the array costs."""

from __future__ import annotations

from typing import Any

from .recording import recording


def unstack(x: Any, axis: int = 0) -> list[Any]:
    """The parts of `x` along an axis, without it, as np.unstack gives them: a Tensor's are Tensors.

    The gradient of x[i] is an array as large as `x`, so those of all would cost n times n: it is cut in halves instead,
    and again, which costs n log n. A program that is compiled has a loop for them, and adds at their places.

    >>> import numpy as np
    >>> unstack(np.eye(2), axis=1)
    [array([1., 0.]), array([0., 1.])]
    """
    before = (slice(None),) * (axis % x.ndim)

    def parts(x: Any) -> list[Any]:
        n = x.shape[len(before)]
        if n <= 1 or recording.get().watch is not None:
            return [x[(*before, i)] for i in range(n)]
        return [*parts(x[(*before, slice(n // 2))]), *parts(x[(*before, slice(n // 2, None))])]

    return parts(x)
