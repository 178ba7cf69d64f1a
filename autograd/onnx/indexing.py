"""Indexing as operators: what stands at an index, and arrays with something put there."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..rules.structure import add_at, scatter, set_at
from .batches import Batch, Call, Size, Sizes
from .graph import BOOL, END, INT, Graph
from .table import converts, plain, static, unsupported

FULL = slice(None)


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


# --- Putting something at an index ---------------------------------------------------------------------------------


def margins(x: Any, index: Any, shape: Sizes) -> tuple[list[int], list[int]] | None:
    """How much stands before and after an array that has its place in a larger one as a whole, as np.pad puts it."""
    items = index if isinstance(index, tuple) else (index,)
    whole = len(items) == len(shape) == x.ndim and all(isinstance(i, slice) and i.step in (None, 1) for i in items)
    if not whole or any(size != inner and isinstance(size, Batch) for size, inner in zip(shape, x.shape)):
        return None
    before = [0 if size == inner else int(item.start or 0) for item, size, inner in zip(items, shape, x.shape)]
    after = [
        0 if size == inner else int(size) - start - int(inner)  # type: ignore[arg-type]
        for start, size, inner in zip(before, shape, x.shape)
    ]
    return before, after


@converts(scatter)
def _scatter(g: Graph, call: Call, x: Call, index: Any, shape: Sizes, once: bool = False) -> str:
    """Zeros with an array added at an index; around it, that is padding."""
    t = call.dtype
    if (found := margins(x, index, shape)) is None:
        return placed(g, call, g.node("Expand", g.use(0, t), g.shape(shape), dtype=t), index, x, "add")
    if not shape:
        return g.use(x, t)
    before, after = found
    return g.node("Pad", g.use(x, t), g.integers(*before, *after), g.constant(np.zeros((), t)), dtype=t)


@converts(set_at)
def _set_at(g: Graph, call: Call, x: Any, value: Any, index: Any) -> str:
    """At a mask that is computed it is a choice."""
    mask, shape = index, np.shape(value)
    if isinstance(mask, Call) and mask.dtype == bool and mask.value is None and not shape:
        longer = (*mask.shape, *[1] * (call.ndim - mask.ndim))
        return g.node("Where", g.reshape(mask, longer, BOOL), g.use(value, call.dtype), g.use(x, call.dtype),
                      dtype=call.dtype)  # fmt: skip
    return placed(g, call, g.use(x, call.dtype), index, value, "none")


@converts(add_at)
def _add_at(g: Graph, call: Call, x: Any, value: Any, index: Any) -> str:
    return placed(g, call, g.use(x, call.dtype), index, value, "add")


def placed(g: Graph, call: Call, into: str, index: Any, value: Any, reduction: str) -> str:
    """An array with `value` put or added at an index that is the same for all samples: by the positions in a sample."""
    shape, t = call.shape, call.dtype
    samples = next((a for a, size in enumerate(shape) if isinstance(size, Batch)), len(shape))
    others = [a for a in range(len(shape)) if a != samples]
    chosen, at = chosen_positions(call, index, static(call, [shape[a] for a in others]), samples)
    if not chosen.size:
        return into
    batch = shape[samples : samples + 1]
    result = (*chosen.shape[:at], *batch, *chosen.shape[at:])
    rest = [a for a in range(len(result)) if a != at or not batch]
    as_is = isinstance(value, Call) and value.shape == result
    update = g.use(value, t) if as_is else g.node("Expand", g.use(value, t), g.shape(result), dtype=t)
    update = g.reshape(g.transpose(update, [*rest, *[at] * len(batch)], t), (chosen.size, *batch), t)
    rows = chosen.ravel()
    if reduction == "none":  # of a position that is there twice, the last one counts
        kept = np.sort(rows.size - 1 - np.unique(rows[::-1], return_index=True)[1])
        if kept.size < rows.size:
            update, rows = g.node("Gather", update, g.constant(kept), dtype=t, axis=0), rows[kept]
    order = [*others, *[samples] * len(batch)]
    moved = tuple(shape[a] for a in order)
    flat = g.reshape(g.transpose(into, order, t), (math.prod(moved[: len(others)]), *batch), t)  # type: ignore[arg-type]
    y = g.node("ScatterND", flat, g.constant(rows[:, None]), update, dtype=t, reduction=reduction)
    return g.transpose(g.reshape(y, moved, t), np.argsort(order).tolist(), t)


def chosen_positions(call: Call, index: Any, sizes: list[int], samples: int) -> tuple[Any, int]:
    """Which numbers of a sample an index chooses, in the shape of what is put there, and where the samples' axis is."""
    items = expanded(index, call.ndim)
    axes = iter(enumerate(call.shape))
    for i, item in enumerate(items):
        if item is None:
            continue
        a, size = next(axes)
        cuts = sliced(call, a, item, size) if isinstance(item, slice) else [item]
        if isinstance(size, Batch) and cuts:
            raise unsupported(call, "at some of the samples")
        if isinstance(item, Call) and item.value is None:
            raise unsupported(call, "at an index that is computed")
        items[i] = FULL if not cuts else plain(item)
    positions = np.arange(math.prod(sizes)).reshape(sizes)
    if samples == call.ndim:
        return positions[tuple(items)], 0
    known = [*sizes[:samples], 2, *sizes[samples:]]  # two samples show to where their axis goes
    which = np.broadcast_to(np.arange(2).reshape(-1, *[1] * (len(sizes) - samples)), known)[tuple(items)]
    chosen = np.broadcast_to(np.expand_dims(positions, samples), known)[tuple(items)]
    at = next(a for a, size in enumerate(which.shape) if size == 2 and np.all(np.diff(which, axis=a)))
    return np.take(chosen, 0, axis=at), at
