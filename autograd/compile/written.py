"""Functions written out in those that have a formula in JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..primitives import BARE
from ..rules.dtypes import cast
from ..rules.linalg import det_sign, packed_slogdet
from ..rules.products import contract, tensordot_subscripts
from ..rules.reductions import log_softmax, logsumexp, recurrence, softmax
from ..rules.structure import scatter, set_at
from ..rules.windows import overlap, windows_of_sums
from ..shapes import Axis, normal_axes
from ..table import Function
from ..trees import leaves
from .traced import Traced


class NoFormula(Exception):
    """A function has no formula in JavaScript, or the script would be too long; the message says which."""


def count_nonzero(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """np.count_nonzero, as a float."""
    return np.sum(np.where(np.equal(x, 0), 0.0, 1.0), axis=axis, keepdims=keepdims)


def logarithms(x: Any, axis: Axis = -1) -> Any:
    """log_softmax."""
    z = x - np.max(x, axis=axis, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True))


def log_of_sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """logsumexp."""
    top = np.max(x, axis=axis, keepdims=True)
    finite = np.where(np.isfinite(top), top, 0.0)
    total = np.log(np.sum(np.exp(x - finite), axis=axis, keepdims=True)) + finite
    total = np.where(np.equal(top, np.inf), top, total)
    return total if keepdims else np.squeeze(total, axis=tuple(normal_axes(axis, len(x.shape))))


def variance(
    x: Any, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False, correction: float | None = None
) -> Any:
    """np.var."""
    axes = tuple(normal_axes(axis, len(x.shape)))
    count = int(np.prod([x.shape[i] for i in axes]))
    centred = x - np.sum(x, axis=axes, keepdims=True) / count
    return np.sum(centred * centred, axis=axes, keepdims=keepdims) / max(count - (correction or ddof), 0)


def cumulated(x: Any, axis: int | None, product: bool) -> Any:
    """np.cumsum or np.cumprod, as the recurrence that they are."""
    x = np.ravel(x) if axis is None else np.moveaxis(x, axis, 0)
    if product:
        zeros = np.zeros(x.shape)
        start = np.concatenate([x[:1], zeros[1:]])
        y = recurrence(np.concatenate([zeros[:1], x[1:]]), start)
    else:
        y = recurrence(np.ones(x.shape, x.dtype), x)
    return y if axis is None else np.moveaxis(y, 0, axis)


def vector_norm(x: Any, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> Any:
    """np.linalg.vector_norm of the orders 1 and 2."""
    if ord not in (1, 2):
        raise NoFormula(f"np.linalg.vector_norm of order {ord} has no formula in JavaScript")
    parts = np.abs(x) if ord == 1 else x * x
    total = np.sum(parts, axis=axis, keepdims=keepdims)
    return total if ord == 1 else np.sqrt(total)


def assigned(x: Any, value: Any, index: Any) -> Any:
    """set_at: NumPy says where each element comes from, from `x` or from `value`."""
    if any(isinstance(part, Traced) for part in leaves(index)):
        raise NoFormula("an assignment at an index that is computed has no formula in JavaScript")
    source = np.arange(int(np.prod(x.shape))).reshape(x.shape)
    there = source[index]
    source[index] = source.size + np.arange(there.size).reshape(there.shape)
    value = np.broadcast_to(cast(value, x.dtype), there.shape)
    return np.concatenate([np.reshape(x, (-1,)), np.reshape(value, (-1,))])[source]


def overlapped(g: Any, shape: tuple[int, ...], stride: tuple[int, ...], dilation: Any = None) -> Any:
    """overlap: each number of a window is added at its place."""
    places = windows_of_sums(np.arange(np.prod(shape)).reshape(shape), g, stride, dilation)
    return np.reshape(scatter(np.reshape(g, (-1,)), places.ravel(), (int(np.prod(shape)),)), shape)


def sign_and_log(x: Any) -> Any:
    """The sign, and log(abs(x)), along a last axis."""
    return np.stack([np.sign(x), np.log(np.abs(x))], axis=-1)


WRITTEN: dict[Function, Callable[..., Any]] = {
    np.count_nonzero: count_nonzero,
    np.tensordot: lambda a, b, axes=2: BARE[contract](a, b, tensordot_subscripts(a, b, axes)),
    log_softmax: logarithms,
    softmax: lambda x, axis=-1: np.exp(logarithms(x, axis)),
    logsumexp: log_of_sum,
    np.var: variance,
    np.std: lambda *args, **kwargs: np.sqrt(variance(*args, **kwargs)),
    np.linalg.vector_norm: vector_norm,
    overlap: overlapped,
    set_at: assigned,
    det_sign: lambda packed: packed[..., 0],
    packed_slogdet: lambda x: sign_and_log(np.linalg.det(x)),
    np.trace: lambda x, *args, **kwargs: np.sum(np.diagonal(x, *args, **kwargs), axis=-1),
    np.cumsum: lambda x, axis=None: cumulated(x, axis, product=False),
    np.cumprod: lambda x, axis=None: cumulated(x, axis, product=True),
}
