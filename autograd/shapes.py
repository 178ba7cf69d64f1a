"""Shapes, twice: undo a broadcast, undo a reduction. Each is the other's pullback.

The sweep undoes broadcasting with `sum_to`, in one place; reductions spread the upstream gradient with `spread`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .primitives import primitive
from .table import pullbacks

Shape = tuple[int, ...]
Axis = int | tuple[int, ...] | None


@primitive
def sum_to(x: Any, shape: Shape) -> Any:
    """Undo broadcasting: the sum of `x` over every axis along which `shape` was stretched to `x.shape`.

    >>> sum_to(np.ones((4, 3)), (1, 3))
    array([[4., 4., 4.]])
    """
    lead = x.ndim - len(shape)
    if x.shape[lead:] == shape:  # new axes in front alone: the bias of a layer
        if len(shape) == 1 and x.size > 1000:  # BLAS adds long columns up to 20 times faster
            rows = x.reshape(-1, *shape)
            return np.ones(len(rows), x.dtype) @ rows
        return np.add.reduce(x, axis=0 if lead == 1 else tuple(range(lead)))
    stretched = (i for i, size in enumerate(shape, lead) if size == 1 and x.shape[i] != 1)
    return np.add.reduce(x, axis=(*range(lead), *stretched)).reshape(shape)


@primitive
def spread(x: Any, shape: Shape, axis: Axis = None, keepdims: bool = False) -> Any:
    """Undo a reduction: `x`, the result of reducing an array of `shape` over `axis`, stretched to `shape` again.

    >>> spread(np.array([1.0, 2.0]), (2, 3), axis=1)
    array([[1., 1., 1.],
           [2., 2., 2.]])
    """
    out = np.empty(shape, dtype=x.dtype)
    out[...] = x if axis is None or keepdims else np.reshape(x, kept(shape, axis))
    return out


pullbacks(sum_to, lambda g, y, x, shape: spread(g, x.shape), None)
pullbacks(
    spread,
    lambda g, y, x, shape, axis=None, keepdims=False: g if axis is None or keepdims else np.sum(g, axis=axis),
    None,
)


def normal_axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """`axis` as NumPy reads it (None: all, negative: from the end), as a tuple of non-negative axes."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(a % ndim if ndim else 0 for a in axes)  # NumPy takes axis 0 of a number


def kept(shape: Shape, axis: Axis) -> Shape:
    """The shape that reducing an array of `shape` over `axis` leaves with `keepdims=True`."""
    axes = normal_axes(axis, len(shape))
    return tuple(1 if i in axes else size for i, size in enumerate(shape))
