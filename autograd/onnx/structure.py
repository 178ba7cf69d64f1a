"""Layout as operators: join, reshape, transpose, stretch."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..rules.structure import join
from ..shapes import spread, sum_to
from .batches import Call, Sizes
from .graph import END, INT, Graph
from .reductions import reduced
from .table import axes_of, converts, plain, static


@converts(np.reshape, np.ravel, np.expand_dims, np.squeeze)
def _reshape(g: Graph, call: Call, x: Any, *_: Any, **__: Any) -> str:
    return g.reshape(x, call.shape, call.dtype)


@converts(np.broadcast_to)
def _broadcast_to(g: Graph, call: Call, x: Any, *_: Any, **__: Any) -> str:
    return g.node("Expand", g.use(x, call.dtype), g.shape(call.shape), dtype=call.dtype)


@converts(spread)
def _spread(g: Graph, call: Call, x: Any, shape: Sizes, axis: Any = None, keepdims: bool = False) -> str:
    if axis is None or keepdims:
        return _broadcast_to(g, call, x)
    axes = axes_of(axis, len(shape))
    kept = tuple(1 if i in axes else size for i, size in enumerate(shape))
    return _broadcast_to(g, call, g.reshape(x, kept, call.dtype))


@converts(sum_to)
def _sum_to(g: Graph, call: Call, x: Call, shape: Sizes) -> str:
    lead = x.ndim - len(shape)
    axes = [*range(lead), *(i for i, size in enumerate(shape, lead) if size == 1 and x.shape[i] != 1)]
    return g.reshape(reduced(g, "ReduceSum", x, axes, True, call.dtype), shape, call.dtype)


@converts(np.full_like)
def _full_like(g: Graph, call: Call, x: Any, fill_value: Any) -> str:
    return _broadcast_to(g, call, fill_value)


@converts(np.transpose, np.swapaxes, np.moveaxis)
def _transpose(g: Graph, call: Call, x: Call, *args: Any, **kwargs: Any) -> str:
    marked = np.broadcast_to(0, range(x.ndim))  # each axis has a size of its own
    assert call.fun is not None
    return g.transpose(x, call.fun(marked, *map(plain, args), **kwargs).shape, call.dtype)


@converts(np.flip, np.fliplr, np.flipud)
def _flip(g: Graph, call: Call, x: Call, axis: Any = None) -> str:
    axis = 1 if call.fun is np.fliplr else 0 if call.fun is np.flipud else axis
    return g.slice(x, [(a, -1, -END, -1) for a in axes_of(axis, x.ndim)], call.dtype)


@converts(np.roll)
def _roll(g: Graph, call: Call, x: Call, shift: Any, axis: Any = None) -> str:
    shape = x.shape if axis is not None else (int(np.prod(static(call, x.shape))),)
    name = g.use(x, call.dtype) if axis is not None else g.reshape(x, shape, call.dtype)
    axes, shifts = np.broadcast_arrays(0 if axis is None else axis, shift)
    for a, by in zip(np.mod(axes, len(shape)).ravel().tolist() if shape else [], shifts.ravel().tolist()):
        (size,) = static(call, shape[a : a + 1])
        start = -by % size if size else 0
        if start:
            parts = [g.slice(name, [(a, *cut, 1)], call.dtype) for cut in ((start, END), (0, start))]
            name = g.node("Concat", *parts, dtype=call.dtype, axis=a)
    return name if axis is not None else g.reshape(name, call.shape, call.dtype)


@converts(np.diagonal)
def _diagonal(g: Graph, call: Call, x: Call, offset: int = 0, axis1: int = 0, axis2: int = 1) -> str:
    a, b = axes_of((axis1, axis2), x.ndim)
    n, m = static(call, (x.shape[a], x.shape[b]))
    rows, columns = np.nonzero(np.eye(n, m, offset))
    others = [i for i in range(x.ndim) if i not in (a, b)]
    places = g.constant(np.stack([rows, columns], axis=-1).astype(np.int64))
    found = g.node("GatherND", g.transpose(x, [a, b, *others], call.dtype), places, dtype=call.dtype)
    return g.transpose(found, [*range(1, len(others) + 1), 0], call.dtype)


@converts(np.trace)
def _trace(g: Graph, call: Call, x: Call, offset: int = 0, axis1: int = 0, axis2: int = 1) -> str:
    return reduced(g, "ReduceSum", _diagonal(g, call, x, offset, axis1, axis2), [-1], False, call.dtype)


@converts(np.take_along_axis)
def _take_along_axis(g: Graph, call: Call, arr: Call, indices: Any, axis: Any = -1) -> str:
    if axis is None:
        flat = g.reshape(arr, (int(np.prod(static(call, arr.shape))),), call.dtype)
        return g.node("GatherElements", flat, g.use(indices, INT), dtype=call.dtype, axis=0)
    a = int(axis) % arr.ndim
    whole = (*call.shape[:a], arr.shape[a], *call.shape[a + 1 :])
    name = g.use(arr, call.dtype) if whole == arr.shape else g.node("Expand", arr, g.shape(whole), dtype=call.dtype)
    at = g.node("Expand", g.use(indices, INT), g.shape(call.shape), dtype=INT)
    return g.node("GatherElements", name, at, dtype=call.dtype, axis=a)


@converts(np.tile)
def _tile(g: Graph, call: Call, x: Call, reps: Any) -> str:
    counts = list(reps) if isinstance(reps, (tuple, list)) else np.atleast_1d(reps).tolist()
    ndim = max(len(counts), x.ndim)
    counts = [1] * (ndim - len(counts)) + counts
    name = g.reshape(x, (1,) * (ndim - x.ndim) + x.shape, call.dtype) if ndim > x.ndim else g.use(x, call.dtype)
    return g.node("Tile", name, g.shape(counts), dtype=call.dtype)


@converts(np.triu, np.tril)
def _triangle(g: Graph, call: Call, x: Call, k: int = 0) -> str:
    name = _broadcast_to(g, call, x) if x.ndim < 2 else g.use(x, call.dtype)
    return g.node("Trilu", name, g.constant(np.int64(k)), dtype=call.dtype, upper=int(call.fun is np.triu))


@converts(join)
def _join(g: Graph, call: Call, *arrays: Any, axis: int = 0) -> str:
    return g.node("Concat", *arrays, dtype=call.dtype, axis=int(axis))
