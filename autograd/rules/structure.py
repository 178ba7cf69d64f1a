"""Layout: index, join, split, reshape, repeat, sort. Every element keeps its value and changes its place.

g is the upstream gradient, y the result, x the argument. Broadcasting is undone by the sweep, not here.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.lib.stride_tricks import sliding_window_view

from ..arrays import asarray, beside, copied, is_lazy, kind_of, zeros
from ..primitives import primitive
from ..shapes import Axis, Shape, normal_axes
from ..shortcuts import axis_moved
from ..table import Function, composite, plain, pullbacks
from ..trees import leaves, rebuild
from .dtypes import cast

NUMBERS = frozenset({np.float64, np.float32})  # of NumPy's
BASIC = frozenset({int, slice, type(None), type(...)})  # what most indices are made of

# --- What NumPy lacks: the other direction of an index, a diagonal, a window ---------------------------------------


@primitive
def scatter(g: Any, index: Any, shape: Shape, once: bool = False) -> Any:
    """Zeros of `shape` with `g` added at `index`: what t[index] does, backward. Repeated indices add up.

    `once` says that there are none.
    """
    out = zeros(g, shape)
    if once or selects_once(index):
        out[index] = g
    else:
        np.add.at(out, index, g)
    return out


@primitive
def add_at(x: Any, value: Any, index: Any) -> Any:
    """A copy of `x` with `value` added at `index`; repeated indices add up."""
    out = copied(x)
    if selects_once(index):
        out[index] += value
    else:  # np.add.at reads past the end of a value that has fewer axes than the index
        np.add.at(out, index, np.broadcast_to(value, out[index].shape))
    return out


@primitive
def set_at(x: Any, value: Any, index: Any) -> Any:
    """A copy of `x` with `value` at `index`; of repeated indices the last one counts."""
    out = copied(x)
    out[index] = value
    return out


def add_part(total: Any, g: Any, x: Any, index: Any) -> None:
    """Add `g`, the gradient of x[index], to that of `x`, an array, in place; repeated indices add up."""
    if selects_once(index):
        total[index] += g
    else:
        np.add.at(total, index, g)


def selects_once(index: Any) -> bool:
    """Whether no element can be selected twice: `index` is made of integers, slices, ..., None and boolean masks."""
    items = index if isinstance(index, tuple) else (index,)
    return BASIC.issuperset(map(type, items)) or all(
        type(item) in BASIC or isinstance(item, (int, np.integer)) or asarray(item).dtype == bool for item in items
    )


def surviving(g: Any, index: Any) -> Any:
    """g[index], and 0 for those values assigned to x[index] that a later one, at a repeated index, has replaced."""
    found = g[index]
    if selects_once(index):
        return found
    numbers = beside(g, np.arange(found.size).reshape(found.shape))
    zeros = np.where(np.equal(g, g), 0, 0)  # stand-ins where the index has some
    last = set_at(zeros, numbers, index)[index]
    return np.where(np.equal(last, numbers), found, 0)


@primitive
def on_diagonal(d: Any, shape: Shape, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Zeros of `shape` with `d` on a diagonal: what np.diagonal does, backward."""
    out = np.zeros(shape, dtype=d.dtype)
    rows, columns = max(-offset, 0), max(offset, 0)
    i = np.arange(max(0, min(shape[axis1] - rows, shape[axis2] - columns)))
    np.moveaxis(out, (axis1, axis2), (-2, -1))[..., rows + i, columns + i] = d
    return out


@primitive
def overlap_add(g: Any, shape: Shape, window_shape: int | Shape, axis: Axis = None) -> Any:
    """Zeros of `shape` with windows added where they were seen: what sliding_window_view does, backward."""
    out = zeros(g, shape)
    axes = normal_axes(axis, len(shape))
    for offsets in np.ndindex(window_shape):
        start = [0] * len(shape)
        for a, offset in zip(axes, offsets):
            start[a] += offset
        out[tuple(slice(s, s + n) for s, n in zip(start, g.shape))] += g[(..., *offsets)]
    return out


@primitive
def ascending(a: Any, axis: int = -1, kind: Any = None) -> Any:
    """np.sort along one axis: the elements in the order of np.argsort."""
    return np.take_along_axis(a, np.argsort(a, axis, kind), axis)


def unsorted(g: Any, a: Any, axis: int, kind: Any) -> Any:
    """The elements of `g` where those of `a` were before they were put in order."""
    return np.take_along_axis(g, np.argsort(np.argsort(a, axis, kind), axis), axis)


@primitive
def join(*arrays: Any, axis: int = 0) -> Any:
    """np.concatenate, with the arrays as arguments of their own."""
    return np.concatenate(arrays, axis=axis)


@primitive
def stack(*arrays: Any, axis: int = 0) -> Any:
    """np.stack, with the arrays as arguments of their own."""
    if NUMBERS.issuperset(map(type, arrays)) and axis in (0, -1):
        return np.array(arrays)  # in a tenth of the time
    return np.stack(arrays, axis)


def layers(g: Any, axis: int) -> list[Any]:
    """The parts of `g` along `axis`, without it."""
    axis %= g.ndim
    return [g[(*(slice(None),) * axis, i)] for i in range(g.shape[axis])]


def cut(g: Any, arrays: Sequence[Any], axis: int) -> list[Any]:
    """The pieces of `g` that belong to the joined `arrays`."""
    before = (slice(None),) * (axis % g.ndim)
    lengths = [np.shape(array)[axis] for array in arrays]
    return [g[(*before, slice(end - n, end))] for n, end in zip(lengths, itertools.accumulate(lengths))]


def untiled(g: Any, x: Any, reps: Any) -> Any:
    """The sum of the tiles in `g`, each of the shape of `x`."""
    shape = (1,) * (g.ndim - x.ndim) + x.shape
    counts = (1,) * (g.ndim - np.size(reps)) + tuple(np.ravel(reps))
    tiles = np.reshape(g, [size for pair in zip(counts, shape) for size in pair])
    return np.reshape(np.sum(tiles, axis=tuple(range(0, 2 * g.ndim, 2))), x.shape)


class WantsNumbers(TypeError):
    """A node is where NumPy wants an index, a condition or a number of copies."""


def moved(layout: Function, tree: Any, *by: Any) -> Any:
    """`layout(tree)` for a layout that only moves elements: NumPy moves their positions, and these are an index. It
    needs to know the numbers `by` which it moves them.
    """
    arrays = leaves(tree)
    if any(map(is_lazy, leaves(by))):
        raise WantsNumbers("where elements go depends on numbers that Dask has not computed yet: compute() them first")
    if not any(hasattr(a, "_apply") for a in arrays):  # then a node is where NumPy wants an index
        raise WantsNumbers("an index, a condition or a number of copies is of plain integers or booleans, not a node")
    shapes = [np.shape(a) for a in arrays]
    starts = np.cumsum([0, *map(math.prod, shapes)])
    where = next((x for x in leaves(by) if kind_of(x) is not None), None)
    positions = (
        beside(where, np.reshape(start + np.arange(math.prod(shape)), shape)) for start, shape in zip(starts, shapes)
    )
    index = layout(rebuild(tree, positions))
    flat = [np.reshape(a, -1) for a in arrays]
    source = flat[0] if len(flat) == 1 else join(*flat)
    return np.reshape(source[np.reshape(index, -1)], np.shape(index)) if is_lazy(source) else source[index]


# fmt: off
# --- Indexing -----------------------------------------------------------------------------------------------------

pullbacks(operator.getitem,    lambda g, y, x, index: scatter(g, index, x.shape),         None, into=add_part)
pullbacks(scatter,             lambda g, y, x, index, shape, once=False: g[index],        None, None)
pullbacks(add_at,              lambda g, y, x, value, index: g,
                               lambda g, y, x, value, index: g[index],                    None)
pullbacks(set_at,              lambda g, y, x, value, index: set_at(g, 0.0, index),
                               lambda g, y, x, value, index: surviving(g, index), None)

pullbacks(ascending,           lambda g, y, a, axis=-1, kind=None: unsorted(g, a, axis, kind))

# --- Joining ------------------------------------------------------------------------------------------------------

pullbacks(join,                every=lambda g, y, *arrays, axis=0: cut(g, arrays, axis))
pullbacks(stack,               every=lambda g, y, *arrays, axis=0: layers(g, axis))

# --- The same elements in the same order --------------------------------------------------------------------------

pullbacks(np.reshape,          lambda g, y, x, shape: g.reshape(x.shape),                None)
pullbacks(np.ravel,            lambda g, y, x: g.reshape(x.shape))
pullbacks(np.expand_dims,      lambda g, y, x, axis: g.reshape(x.shape))
pullbacks(np.squeeze,          lambda g, y, x, axis=None: g.reshape(x.shape))
pullbacks(np.copy,             1)
pullbacks(np.real,             1)

# --- Another order ------------------------------------------------------------------------------------------------

pullbacks(np.transpose,        lambda g, y, x, axes=None: np.transpose(g, inverse(axes, g.ndim)))
pullbacks(np.swapaxes,         lambda g, y, x, axis1, axis2: np.swapaxes(g, axis1, axis2))
pullbacks(np.moveaxis,         lambda g, y, x, source, destination: axis_moved(g, destination, source))
pullbacks(np.flip,             lambda g, y, x, axis=None: np.flip(g, axis))
pullbacks(np.fliplr,           lambda g, y, x: np.fliplr(g))
pullbacks(np.flipud,           lambda g, y, x: np.flipud(g))
pullbacks(np.roll,             lambda g, y, x, shift, axis=None: np.roll(g, np.negative(shift), axis))
pullbacks(np.rot90,            lambda g, y, x, k=1, axes=(0, 1): np.rot90(g, -k, axes))

# --- Some elements, or copies of them -----------------------------------------------------------------------------

pullbacks(np.broadcast_to,     lambda g, y, x, shape: g)
pullbacks(np.full_like,        0, lambda g, y, x, fill_value: g)
pullbacks(np.tile,             lambda g, y, x, reps: untiled(g, x, reps))
pullbacks(np.triu,             lambda g, y, x, k=0: np.triu(g, k))
pullbacks(np.tril,             lambda g, y, x, k=0: np.tril(g, k))
pullbacks(np.diagonal,         lambda g, y, x, offset=0, axis1=0, axis2=1:
                                   on_diagonal(g, x.shape, offset, axis1, axis2))
pullbacks(np.trace,            lambda g, y, x, offset=0, axis1=0, axis2=1:
                                   on_diagonal(g[..., None], x.shape, offset, axis1, axis2))
pullbacks(on_diagonal,         lambda g, y, d, shape, offset=0, axis1=0, axis2=1:
                                   np.diagonal(g, offset, axis1, axis2),                  None)
pullbacks(sliding_window_view, lambda g, y, x, window_shape, axis=None:
                                   overlap_add(g, x.shape, window_shape, axis))
pullbacks(overlap_add,         lambda g, y, x, shape, window_shape, axis=None:
                                   sliding_window_view(g, window_shape, axis),            None)
# fmt: on


def inverse(axes: Any, ndim: int) -> Any:
    """The order of axes that undoes np.transpose(x, axes)."""
    return None if axes is None else tuple(np.argsort(np.mod(axes, ndim)).tolist())


# --- Functions made of others: indexing ---------------------------------------------------------------------------


def places(indices: Any, n: int, mode: Any) -> Any:
    """Where along an axis of size n np.take looks, as an index: integers, also if they were given as a list."""
    if mode == "wrap":
        return np.mod(indices, n)
    return np.clip(indices, 0, n - 1) if mode == "clip" else np.add(indices, 0)


def take(a: Any, indices: Any, axis: int | None = None, *, mode: Any = "raise") -> Any:
    """np.take: an index into one axis."""
    if axis is None:
        return np.reshape(a, -1)[places(indices, np.size(a), mode)]
    axis = normalize_axis_index(axis, np.ndim(a))
    return a[(*(slice(None),) * axis, places(indices, np.shape(a)[axis], mode))]


def resize(a: Any, new_shape: Any) -> Any:
    """np.resize: the elements over and over again; zeros where there are none."""
    if np.size(a):
        return moved(lambda p: np.resize(p, new_shape), a)
    empty = np.empty(new_shape)
    return np.reshape(scatter(np.reshape(a, -1), slice(0), (empty.size,)), empty.shape)


def by_columns(a: Any, shape: Any, order: Any) -> Any:
    """np.reshape, which reads and fills by columns with order="F"."""
    if order == "C":
        return np.reshape(a, shape)
    if order != "F":
        raise ValueError(f"order={order!r} depends on how the numbers lie in memory, which may change: take 'C' or 'F'")
    sizes = tuple(shape) if np.ndim(shape) else (shape,)
    return np.transpose(np.reshape(np.transpose(a), sizes[::-1]))


def rollaxis(a: Any, axis: int, start: int) -> Any:
    """np.rollaxis: an axis goes to the place before another one."""
    before = start + np.ndim(a) if start < 0 else start
    if not 0 <= before <= np.ndim(a):
        raise np.exceptions.AxisError(f"np.rollaxis: start={start} is no place among {np.ndim(a)} axes")
    return np.moveaxis(a, axis, before - (before > axis))


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """np.insert: the elements and the values in another order, in floats."""
    dtype = np.result_type(arr)
    dtype = dtype if dtype.kind == "f" else np.result_type(dtype, values)
    return moved(
        lambda pair: np.insert(pair[0], obj, pair[1], axis), [cast(arr, dtype), beside(arr, cast(values, dtype))], obj
    )


composite(np.reshape, lambda a, shape, order="C", copy=None: by_columns(a, shape, order))
composite(np.ravel, lambda a, order="C": by_columns(a, -1, order))
composite(np.copy, lambda a, order="K": np.copy(a))
composite(np.take, take)
composite(
    np.take_along_axis,
    lambda arr, indices, axis=-1: moved(lambda p: np.take_along_axis(p, indices, axis), arr, indices),
)
composite(np.compress, lambda condition, a, axis=None: moved(lambda p: np.compress(condition, p, axis), a, condition))
composite(np.extract, lambda condition, arr: moved(lambda p: np.extract(condition, p), arr, condition))
composite(np.delete, lambda arr, obj, axis=None: moved(lambda p: np.delete(p, obj, axis), arr, obj))
composite(np.resize, resize)
composite(np.rollaxis, lambda a, axis, start=0: rollaxis(a, normalize_axis_index(axis, np.ndim(a)), start))
composite(np.repeat, lambda a, repeats, axis=None: moved(lambda p: np.repeat(p, repeats, axis), a, repeats))
composite(np.insert, insert)

# --- Functions made of others: padding, diagonals, order ---------------------------------------------------------


def pad(array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Any:
    """np.pad in the modes that copy elements or write constants."""
    if mode in ("edge", "reflect", "symmetric", "wrap"):
        return moved(lambda p: np.pad(p, pad_width, mode), array)  # type: ignore[call-overload]
    if mode != "constant":
        raise ValueError(f"np.pad of a node: mode is constant, edge, reflect, symmetric or wrap, not {mode!r}")
    if any(hasattr(x, "_apply") for x in leaves(constant_values)):
        numbers = rebuild(constant_values, iter([cast(x, array.dtype) for x in leaves(constant_values)]))
        return moved(lambda pair: np.pad(pair[0], pad_width, constant_values=pair[1]), [array, numbers])
    shape = array.shape
    frame = np.pad(zeros(array, shape), pad_width, constant_values=constant_values)
    before = np.broadcast_to(pad_width, (len(shape), 2))[:, 0]
    inside = scatter(array, tuple(slice(b, b + n) for b, n in zip(before, shape)), frame.shape)
    return inside + frame if np.any(np.not_equal(constant_values, 0)) else inside


def diag(v: Any, k: int = 0) -> Any:
    """np.diag: a vector on the diagonal of a matrix, or the diagonal of a matrix."""
    if v.ndim == 1:
        return on_diagonal(v, (v.size + abs(k),) * 2, k)
    if v.ndim == 2:
        return np.diagonal(v, k)
    raise ValueError(f"np.diag takes a vector or a matrix, not an array of shape {v.shape}")


def sort(a: Any, axis: int | None = -1, kind: Any = None, *, stable: bool | None = None) -> Any:
    """np.sort."""
    if kind is not None and stable is not None:
        raise ValueError("np.sort takes kind or stable, and not both")
    a, axis = (np.ravel(a), -1) if axis is None else (a, axis)
    return ascending(a, axis=axis, kind="stable" if stable else kind)


def unique(ar: Any) -> Any:
    """np.unique: of equal elements, the first in sorted order."""
    s = np.sort(ar, axis=None)
    return s[np.append(True, (s[1:] != s[:-1]) & ~np.isnan(s[:-1]))[: s.size]]


composite(np.pad, pad)
composite(np.diag, diag)
composite(np.diagflat, lambda v, k=0: diag(np.ravel(v), k))
composite(np.sort, sort)
composite(np.partition, lambda a, kth, axis=-1: np.take_along_axis(a, np.argpartition(a, kth, axis), axis))
composite(np.unique, unique)

plain([
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like,
    np.argsort, np.argpartition, np.lexsort, np.searchsorted, np.digitize, np.isin,
    np.nonzero, np.flatnonzero, np.argwhere, np.diag_indices_from, np.tril_indices_from, np.triu_indices_from,
    np.iscomplexobj, np.isrealobj, np.result_type, np.can_cast, np.shares_memory, np.may_share_memory,
    np.array_repr, np.array_str, np.array2string,
])  # fmt: skip
