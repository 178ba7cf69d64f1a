"""Layout: shapes with the batch in front; and functions of the last axes, which leave those in front of them alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..rules.across import all_sum
from ..rules.linalg import cofactor, det_sign, nearly_singular, packed_eigh, packed_qr, packed_slogdet, packed_svd
from ..rules.structure import join, on_diagonal, overlap_add, stack
from ..rules.windows import overlap, windows
from ..shapes import spread, sum_to
from ..table import Function
from .rule import Rule, batched, ndim, raised, rule_for, shifted


def last_axes(needed: int) -> Rule:
    """A function that leaves all axes in front of its last ones alone."""

    def rule(batch: Any, fun: Function, x: Any, *others: Any, **kwargs: Any) -> Any:
        return fun(batch.of(x), *others, **kwargs) if x.ndim >= needed else NotImplemented

    return rule


batched(last_axes(0), np.copy, np.real, windows, all_sum)
batched(last_axes(1), det_sign)
batched(last_axes(2), np.triu, np.tril, np.linalg.inv, np.linalg.det, np.linalg.cholesky, np.linalg.pinv,
        np.linalg.matrix_rank, nearly_singular, packed_eigh, packed_svd, packed_qr, packed_slogdet,
        cofactor)  # fmt: skip


@rule_for(np.reshape)
def reshaped(batch: Any, fun: Function, x: Any, shape: Any) -> Any:
    """np.reshape; -1 is worked out for one example."""
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    known = math.prod(size for size in sizes if size != -1)
    if sizes.count(-1) == 1 and known:
        sizes = tuple(x.size // known if size == -1 else size for size in sizes)
    if math.prod(sizes) != x.size:
        raise ValueError(f"cannot reshape array of size {x.size} into shape {shape}")
    return fun(batch.of(x), (batch.size, *sizes))


@rule_for(np.ravel)
def in_a_row(batch: Any, fun: Function, x: Any) -> Any:
    """np.ravel."""
    return np.reshape(batch.of(x), (batch.size, x.size))


@rule_for(np.expand_dims)
def expanded(batch: Any, fun: Function, x: Any, axis: Any) -> Any:
    """np.expand_dims."""
    return fun(batch.of(x), shifted(axis, x.ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)))


@rule_for(np.squeeze)
def squeezed(batch: Any, fun: Function, x: Any, axis: Any = None) -> Any:
    """np.squeeze."""
    return fun(batch.of(x), shifted([i for i, n in enumerate(x.shape) if n == 1] if axis is None else axis, x.ndim))


@rule_for(np.transpose)
def transposed(batch: Any, fun: Function, x: Any, axes: Any = None) -> Any:
    """np.transpose."""
    order = range(x.ndim)[::-1] if axes is None else axes
    return fun(batch.of(x), (0, *shifted(list(order), x.ndim)))


@rule_for(np.swapaxes, np.moveaxis)
def two_axes(batch: Any, fun: Function, x: Any, *axes: Any, **named: Any) -> Any:
    """np.swapaxes and np.moveaxis."""
    moved = (shifted(axis, x.ndim) for axis in axes)
    return fun(batch.of(x), *moved, **{key: shifted(axis, x.ndim) for key, axis in named.items()})


@rule_for(np.rot90)
def quarter_turns(batch: Any, fun: Function, x: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """np.rot90."""
    return fun(batch.of(x), k, shifted(axes, x.ndim))


@rule_for(np.fliplr, np.flipud)
def mirrored(batch: Any, fun: Function, x: Any) -> Any:
    """np.fliplr and np.flipud."""
    return np.flip(batch.of(x), shifted(1 if fun is np.fliplr else 0, x.ndim))


@rule_for(np.broadcast_to)
def stretched(batch: Any, fun: Function, x: Any, shape: Any) -> Any:
    """np.broadcast_to."""
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    return fun(raised(batch, x, len(sizes)), (batch.size, *sizes))


@rule_for(np.tile)
def tiled(batch: Any, fun: Function, x: Any, reps: Any) -> Any:
    """np.tile."""
    counts = tuple(np.ravel(reps).tolist())
    found = raised(batch, x, len(counts))
    return fun(found, (1,) * (found.ndim - len(counts)) + counts)


@rule_for(np.take_along_axis)
def taken(batch: Any, fun: Function, x: Any, indices: Any, axis: Any = -1) -> Any:
    """np.take_along_axis."""
    if axis is None:
        return fun(np.reshape(batch.of(x), (batch.size, np.size(x))), batch.of(indices), axis=1)
    return fun(batch.of(x), batch.of(indices), axis=shifted(axis, ndim(x)))


@rule_for(np.diagonal, np.trace)
def diagonals(batch: Any, fun: Function, x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """np.diagonal and np.trace."""
    return fun(batch.of(x), offset=offset, axis1=shifted(axis1, x.ndim), axis2=shifted(axis2, x.ndim))


@rule_for(on_diagonal)
def onto_diagonals(
    batch: Any, fun: Function, d: Any, shape: Any, offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Any:
    """The other direction of np.diagonal."""
    rank = len(shape)
    return fun(batch.of(d), (batch.size, *shape), offset, shifted(axis1, rank), shifted(axis2, rank))


@rule_for(sliding_window_view)
def windows_seen(batch: Any, fun: Function, x: Any, window_shape: Any, axis: Any = None) -> Any:
    """sliding_window_view."""
    return fun(batch.of(x), window_shape, shifted(list(range(x.ndim)) if axis is None else axis, x.ndim))


@rule_for(overlap_add)
def windows_added(batch: Any, fun: Function, g: Any, shape: Any, window_shape: Any, axis: Any = None) -> Any:
    """The other direction of sliding_window_view."""
    axes = shifted(list(range(len(shape))) if axis is None else axis, len(shape))
    return fun(batch.of(g), (batch.size, *shape), window_shape, axes)


@rule_for(overlap)
def overlapped(batch: Any, fun: Function, g: Any, shape: Any, stride: Any, dilation: Any = None) -> Any:
    """The other direction of windows."""
    return fun(batch.of(g), (batch.size, *shape), stride, dilation)


@rule_for(join)
def joined(batch: Any, fun: Function, *arrays: Any, axis: int = 0) -> Any:
    """np.concatenate."""
    return fun(*map(batch.of, arrays), axis=shifted(axis, ndim(arrays[0])))


@rule_for(stack)
def stacked(batch: Any, fun: Function, *arrays: Any, axis: int = 0) -> Any:
    """np.stack."""
    return fun(*map(batch.of, arrays), axis=shifted(axis, ndim(arrays[0]) + 1))


@rule_for(sum_to)
def summed_to(batch: Any, fun: Function, x: Any, shape: Any) -> Any:
    """A broadcast undone."""
    lead = tuple(range(1, x.ndim - len(shape) + 1))
    return fun(np.sum(batch.of(x), axis=lead) if lead else batch.of(x), (batch.size, *shape))


@rule_for(spread)
def spread_to(batch: Any, fun: Function, x: Any, shape: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """A reduction undone."""
    if axis is None or keepdims:
        return fun(raised(batch, x, len(shape)), (batch.size, *shape))
    return fun(batch.of(x), (batch.size, *shape), shifted(axis, len(shape)))
