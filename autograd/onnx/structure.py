"""Layout as operators: index, join, reshape, transpose, stretch, pad."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..rules.structure import join, scatter
from ..shapes import spread, sum_to
from .batches import Batch, Call, Size, Sizes
from .graph import END, INT, Graph
from .reductions import reduced
from .table import axes_of, converts, plain, static, unsupported

FULL = slice(None)


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


@converts(scatter)
def _scatter(g: Graph, call: Call, x: Call, index: Any, shape: Sizes, once: bool = False) -> str:
    """Zeros around an array: that is what padding is made of."""
    items = index if isinstance(index, tuple) else (index,)
    whole = len(items) == len(shape) == x.ndim and all(isinstance(i, slice) and i.step in (None, 1) for i in items)
    if whole and not shape:
        return g.use(x, call.dtype)
    if not whole:
        raise unsupported(call, "but where the array as a whole has a place in the larger one, as in np.pad")
    before, after = [], []
    for item, size, inner in zip(items, shape, x.shape):
        if size == inner:
            start, rest = 0, 0
        elif isinstance(size, int) and isinstance(inner, int):
            start = int(item.start or 0)
            rest = size - start - inner
        else:
            raise unsupported(call, "along the axis of the samples")
        before.append(start)
        after.append(rest)
    return g.node("Pad", g.use(x, call.dtype), g.integers(*before, *after), g.constant(np.zeros((), call.dtype)),
                  dtype=call.dtype)  # fmt: skip


# --- Indexing -----------------------------------------------------------------------------------------------------


@converts(operator.getitem)
def _getitem(g: Graph, call: Call, x: Call, index: Any) -> str:
    """Slices, then integers and arrays of them: one by Gather, several by GatherND."""
    shape, items = x.shape, expanded(index, x.ndim)
    name = g.use(x)
    if any(item is None for item in items):  # a new axis is one of size 1, all of which is taken
        sizes = iter(shape)
        shape = tuple(1 if item is None else next(sizes) for item in items)
        name = g.reshape(name, shape, x.dtype)
        items = [FULL if item is None else item for item in items]
    cuts = [cut for a, item in enumerate(items) if isinstance(item, slice) for cut in sliced(call, a, item, shape[a])]
    name = g.slice(name, cuts, x.dtype)
    chosen = [(a, item) for a, item in enumerate(items) if not isinstance(item, slice)]
    if all(isinstance(item, (int, np.integer)) for _, item in chosen):
        for a, item in reversed(chosen):
            name = g.node("Gather", name, g.constant(np.int64(item)), dtype=x.dtype, axis=a)
        return name
    if any(isinstance(item, Batch) for _, item in chosen):
        raise unsupported(call, "by an index that depends on the number of samples")
    if len(chosen) == 1:
        ((a, item),) = chosen
        return g.node("Gather", name, g.use(item, INT), dtype=x.dtype, axis=a)
    return gathered(g, name, chosen, len(items), x.dtype)


def expanded(index: Any, ndim: int) -> list[Any]:
    """One item for each axis of the array, and None for each new one; masks as the positions in them."""
    items: list[Any] = []
    for item in index if isinstance(index, tuple) else (index,):
        value = item.value if isinstance(item, Call) and item.fun is None else item
        if isinstance(value, list):
            value = np.asarray(value, np.intp if not value else None)
        if isinstance(value, (bool, np.bool_)) or (
            isinstance(value, np.ndarray) and value.dtype.kind + str(value.ndim) == "b0"
        ):
            raise NotImplementedError("an index that is True or False has no operator in ONNX")
        if isinstance(value, np.ndarray) and value.dtype == bool:
            items += [np.asarray(positions) for positions in np.nonzero(value)]
        else:
            items.append(item if isinstance(item, Call) else value)
    used = sum(item is not None and item is not Ellipsis for item in items)
    rest = [FULL] * (ndim - used)
    at = next((i for i, item in enumerate(items) if item is Ellipsis), None)
    return [*items, *rest] if at is None else [*items[:at], *rest, *items[at + 1 :]]


def sliced(call: Call, axis: int, part: slice, size: Size) -> list[tuple[int, Any, Any, int]]:
    """What a slice cuts out of an axis of this size; nothing for all of it."""
    step = 1 if part.step is None else int(part.step)
    if isinstance(size, Batch):
        if part.start in (None, 0) and part.stop in (None, size) and step > 0:
            return [] if step == 1 else [(axis, 0, END, step)]
        start, stop = part.start, part.stop
        start = (0 if step > 0 else END) if start is None else start
        return [(axis, start, (END if step > 0 else -END) if stop is None else stop, step)]
    if any(isinstance(bound, Batch) for bound in (part.start, part.stop)):
        raise unsupported(call, "for a part of another axis that is as long as the batch")
    start, stop, step = part.indices(size)
    return [] if (start, stop, step) == (0, size, 1) else [(axis, start, stop if stop >= 0 else -END, step)]


def gathered(g: Graph, x: str, chosen: list[tuple[int, Any]], ndim: int, dtype: np.dtype[Any]) -> str:
    """x[..., i, j, ...] with several arrays of integers: their axes come first, and each row of indices is a place."""
    axes = [a for a, _ in chosen]
    others = [a for a in range(ndim) if a not in axes]
    shapes: list[Sizes] = [item.shape if isinstance(item, Call) else np.shape(item) for _, item in chosen]
    common = broadcast(shapes)
    columns = [
        g.node("Unsqueeze", g.node("Expand", g.use(item, INT), g.shape(common), dtype=INT), g.integers(-1), dtype=INT)
        for _, item in chosen
    ]
    places = g.node("Concat", *columns, dtype=INT, axis=-1)
    found = g.node("GatherND", g.transpose(x, [*axes, *others], dtype), places, dtype=dtype)
    if axes[-1] - axes[0] != len(axes) - 1:  # NumPy puts the axes of indices that stand apart first, too
        return found
    k, lead = len(common), axes[0]
    return g.transpose(found, [*range(k, k + lead), *range(k), *range(k + lead, k + len(others))], dtype)


def broadcast(shapes: Sequence[Sizes]) -> Sizes:
    """The common shape of several."""
    ndim = max(map(len, shapes))
    columns = zip(*((1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes))
    return tuple(next((size for size in column if size != 1), 1) for column in columns)
