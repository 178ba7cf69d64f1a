"""What is written for NumPy's arrays alone, once more for those that live elsewhere: in calls their libraries answer.

NumPy's are computed in place, with branches on their numbers, by the ufuncs' own methods; what lives elsewhere is
computed by NumPy's public functions alone, and no branch depends on a number. The results are the same, a test compares
them. The derivatives stand in the other chapters: there is one for both.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..arrays import asarray, beside, copied, is_lazy, kind_of, zeros
from ..primitives import ANYWHERE, anywhere
from ..shapes import Axis, Shape, normal_axes, spread, sum_to
from ..table import Function
from .dtypes import cast, single
from .elementwise import chain, ratio
from .linalg import (
    cofactor,
    full_rank,
    nearly_singular,
    p_norm,
    packed_eigh,
    packed_qr,
    packed_slogdet,
    packed_svd,
)
from .products import contract
from .reductions import (
    LIMITS,
    log_softmax,
    logsumexp,
    nll,
    one_hot,
    recurrence,
    softmax,
    softmax_cross_entropy,
    surplus,
)  # fmt: skip
from .sequences import turns
from .special import FAR, NEAR, erf, ratio_of_polynomials
from .structure import add_at, ascending, on_diagonal, scatter, selects_once, set_at


def in_tuple(shape: Any) -> Any:
    """A shape as a tuple, also of one length."""
    return tuple(shape) if np.iterable(shape) else (shape,)


def lower(x: Any, k: int) -> Any:
    """A mask of the lower triangle of matrices, up to the k-th diagonal; a vector stands for each row of a square."""
    n, m = (x.shape * 2)[-2:]
    return beside(x, np.tri(n, m, k, dtype=bool))


def where(condition: Any, x: Any, y: Any) -> Any:
    """np.where; a condition that is one truth value goes where the others live."""
    if kind_of(condition) is None and not np.ndim(condition):
        condition = beside(x if kind_of(x) is not None else y, np.asarray(condition))
    return np.where(condition, x, y)


def solved(a: Any, b: Any) -> Any:
    """np.linalg.solve; CuPy broadcasts no matrices."""
    if b.ndim > 1 and a.shape[:-2] != b.shape[:-2]:
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        a, b = (np.broadcast_to(x, (*lead, *x.shape[-2:])) for x in (a, b))
    return np.linalg.solve(a, b) if 0 not in b.shape else b


def with_ddof(correction: Any = None, **settings: Any) -> dict[str, Any]:
    """The settings of np.var under their older names, which more libraries know."""
    return settings if correction is None else {**settings, "ddof": correction}


def upper_factor(a: Any) -> Any:
    """np.linalg.cholesky(a, upper=True), of the upper triangle alone."""
    return np.swapaxes(np.linalg.cholesky(np.swapaxes(a, -1, -2)), -1, -2)


def from_front(axes: Any, a: Any, b: Any) -> Any:
    """The axes of np.tensordot counted from the front: Dask takes those counted from the end for others (2026.8)."""
    if isinstance(axes, (int, np.integer)):
        return axes
    return tuple(normalize_axis_tuple(mine, x.ndim) for mine, x in zip(axes, (a, b), strict=True))


def written(x: Any, value: Any, index: Any) -> tuple[Any, Any]:
    """What is written at an index, and the index, without what Dask does not write to, or in other places (2026.8):
    new axes, and integers beside arrays or slices that go backwards.
    """
    items = index if isinstance(index, tuple) else (index,)
    if beside_array(x, items):
        whole, ints, mine, numpys = in_slices(x, items)
        value = np.moveaxis(np.broadcast_to(value, item_of(x, items).shape), numpys, mine)
        return np.expand_dims(value, ints), whole
    if any(isinstance(item, (bool, np.bool_)) for item in items) or all(
        isinstance(item, slice) or item is ... for item in items
    ):
        return value, index
    if is_basic(items):
        slices = every_axis(items, x.shape)
        shape = [len(range(*s.indices(n))) for s, n in zip(slices, x.shape)]
        return beside(x, np.reshape(np.broadcast_to(value, x[index].shape), shape)), slices
    if any(item is None for item in items):
        raise IndexError("an index with new axes is written to if all else in it are integers and slices")
    return value, index


def is_basic(items: tuple[Any, ...]) -> bool:
    """Whether an index is of integers, slices, None and ..."""
    return all(item is None or item is ... or is_integer(item) or isinstance(item, slice) for item in items)


def is_integer(item: Any) -> bool:
    """Whether a part of an index is an integer."""
    return type(item) is int or isinstance(item, np.integer)


def beside_array(x: Any, items: tuple[Any, ...]) -> bool:
    """Whether an index of a lazy array has integers beside an array, and neither new axes nor truth values."""
    odd = any(item is None or isinstance(item, (bool, np.bool_)) for item in items)
    return is_lazy(x) and not odd and any(map(is_integer, items)) and not is_basic(items)


def in_slices(x: Any, items: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[int], int, int]:
    """An index of integers, slices and one array, with slices for the integers; their axes; and of what is left without
    these the axis of the array, and where NumPy puts it.
    """
    given = [item for item in items if item is not ... and not is_basic((item,))]
    left = x.ndim - sum(item is not ... for item in items)
    if len(given) > 1 or np.ndim(given[0]) != 1 or (left == 0 and any(item is ... for item in items[1:-1])):
        raise IndexError("an index has integers beside one array, of one axis")
    at = next((k for k, item in enumerate(items) if item is ...), len(items))
    whole = [*items[:at], *[slice(None)] * left, *items[at + 1 :]]
    chosen = [k for k, item in enumerate(whole) if not isinstance(item, slice)]
    ints = [k for k in chosen if is_integer(whole[k])]
    place = next(k for k in chosen if k not in ints)
    together = chosen == list(range(chosen[0], chosen[-1] + 1))  # else NumPy puts the axis of the array first
    for k in ints:
        i, n = int(whole[k]), x.shape[k]
        if not -n <= i < n:
            raise IndexError(f"index {i} is out of bounds for axis {k} with size {n}")
        whole[k] = slice(i % n, i % n + 1)
    return tuple(whole), ints, place - sum(k < place for k in ints), chosen[0] if together else 0


def item_of(x: Any, index: Any) -> Any:
    """x[index], whose axes are those of NumPy: Dask puts the axis of an array elsewhere (2026.8)."""
    items = index if isinstance(index, tuple) else (index,)
    if not beside_array(x, items):
        return x[index]
    whole, ints, mine, numpys = in_slices(x, items)
    return np.moveaxis(np.squeeze(x[whole], tuple(ints)), mine, numpys)


FEW = 2**22  # pairs of an element and a place that may be compared
ANYWHERE |= {  # what some libraries leave out, and every array can tell
    np.shape: lambda x: x.shape,
    np.ndim: lambda x: x.ndim,
    np.size: lambda x, axis=None: x.size if axis is None else x.shape[axis],
    np.copy: copied,
    operator.getitem: item_of,
    np.cumsum: lambda x, axis=None: np.cumsum(*(x, axis) if axis is not None else (np.reshape(x, (-1,)), 0)),
    np.cumprod: lambda x, axis=None: np.cumprod(*(x, axis) if axis is not None else (np.reshape(x, (-1,)), 0)),
    np.tensordot: lambda a, b, axes=2: np.tensordot(a, b, from_front(axes, a, b)),
    np.where: where,
    np.roll: lambda x, shift, axis=None: np.roll(x, tuple(shift) if np.iterable(shift) else shift, axis),
    np.linalg.solve: solved,
    np.var: lambda x, axis=None, **settings: np.var(x, axis, **with_ddof(**settings)),
    np.std: lambda x, axis=None, **settings: np.std(x, axis, **with_ddof(**settings)),
    np.linalg.cholesky: lambda a, upper=False: upper_factor(a) if upper else np.linalg.cholesky(a),
    np.add.reduceat: lambda x, indices, axis=0: np.add.reduceat(x, beside(x, np.asarray(indices)), axis),
    np.tril: lambda x, k=0: np.where(lower(x, k), x, x.dtype.type(0)),
    np.triu: lambda x, k=0: np.where(lower(x, k - 1), x.dtype.type(0), x),
    np.reshape: lambda x, shape: np.reshape(x, in_tuple(shape)),
    np.broadcast_to: lambda x, shape: np.broadcast_to(x, in_tuple(shape)),
    np.result_type: lambda *each: np.result_type(*(getattr(x, "dtype", x) for x in each)),
    np.iscomplexobj: lambda x: x.dtype.kind == "c",
    np.isrealobj: lambda x: x.dtype.kind != "c",
    np.array_repr: repr,
    np.array_str: str,
    np.array2string: lambda x, **how: repr(x),
}

NEEDS: dict[Function, Function] = {  # what it calls, and a library may lack
    np.add.reduceat: np.add.reduceat,
    np.linalg.cholesky: np.linalg.cholesky,
    np.linalg.solve: np.linalg.solve,
    packed_eigh: np.linalg.eigh,
    packed_svd: np.linalg.svd,
    packed_qr: np.linalg.qr,
    cofactor: np.linalg.det,
    packed_slogdet: np.linalg.slogdet,
    full_rank: np.linalg.svd,
    nearly_singular: np.linalg.svd,
    turns: np.unwrap,
    ascending: np.argsort,
}

# --- Shapes -------------------------------------------------------------------------------------------------------


@anywhere(sum_to)
def _(x: Any, shape: Shape) -> Any:
    lead = x.ndim - len(shape)
    stretched = tuple(i for i, size in enumerate(shape, lead) if size == 1 and x.shape[i] != 1)
    x = np.sum(x, axis=stretched, keepdims=True) if stretched else x
    return np.sum(x, axis=tuple(range(lead))) if lead else x


@anywhere(spread)
def _(x: Any, shape: Shape, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.broadcast_to(x if axis is None or keepdims else np.expand_dims(x, normal_axes(axis, len(shape))), shape)


@anywhere(scatter)
def _(g: Any, index: Any, shape: Shape, once: bool = False) -> Any:
    out = zeros(g, shape)
    if 0 in np.shape(g):
        return out
    if isinstance(index, np.ndarray) and index.dtype == bool and index.ndim == 1:  # its numbers are no places
        index, once = np.flatnonzero(index), True
    items = index if isinstance(index, tuple) else (index,)
    if is_basic(items):
        slices = every_axis(items, shape)
        out[slices] = np.reshape(g, [len(range(*s.indices(n))) for s, n in zip(slices, shape)])
    elif is_lazy(g) and len(shape) == 1 and isinstance(index, np.ndarray) and index.size * shape[0] <= FEW:
        mine = np.equal(np.arange(shape[0])[:, None], np.reshape(index, -1) % shape[0])
        out = np.sum(np.where(mine, np.reshape(g, (1, index.size)), 0), axis=1)
    elif once or selects_once(index):
        g, index = written(out, g, index)
        out[index] = g
    elif is_lazy(g):
        np.add.at(out, index, g)
    elif len(items) == 1:  # as of an embedding, whose rows are many
        np.add.at(out, beside(g, asarray(items[0])), g)
    else:
        out = np.reshape(out, -1)
        np.add.at(out, np.reshape(places(g, shape, index), -1), np.reshape(g, -1))
        out = np.reshape(out, shape)
    return out


def places(x: Any, shape: Shape, index: Any) -> Any:
    """What an index selects of an array of a shape, as positions in it flattened, where `x` lives."""
    return beside(x, np.arange(math.prod(shape)).reshape(shape))[index]


@anywhere(add_at)
def _(x: Any, value: Any, index: Any) -> Any:
    if is_lazy(x) or selects_once(index):
        return add_at.__wrapped__(x, *written(x, value, index))  # type: ignore[attr-defined]
    value = beside(x, np.broadcast_to(value, x[index].shape))
    return x + scatter(cast(value, x.dtype), index, x.shape)


@anywhere(set_at)
def _(x: Any, value: Any, index: Any) -> Any:
    if is_lazy(x) or selects_once(index):
        return set_at.__wrapped__(x, *written(x, value, index))  # type: ignore[attr-defined]
    value = np.reshape(beside(x, np.broadcast_to(value, x[index].shape)), -1)
    if not value.size:
        return copied(x)
    there = np.reshape(places(x, x.shape, index), -1)  # on a device nobody knows which one would come last
    last = zeros(x, (x.size,), np.intp) - 1
    np.maximum.at(last, there, beside(x, np.arange(there.size)))
    written_to = np.where(np.less(last, 0), np.reshape(x, -1), cast(value, x.dtype)[np.maximum(last, 0)])
    return np.reshape(written_to, x.shape)


def every_axis(items: tuple[Any, ...], shape: Shape) -> tuple[slice, ...]:
    """An index of integers, slices, None and ... as a slice along each axis."""
    kept_items = [item for item in items if item is not None and item is not ...]
    missing = [slice(None)] * (len(shape) - len(kept_items))
    at = next((i for i, item in enumerate(item for item in items if item is not None) if item is ...), len(kept_items))
    whole = kept_items[:at] + missing + kept_items[at:]
    return tuple(s if isinstance(s, slice) else slice(int(s) % n, int(s) % n + 1) for s, n in zip(whole, shape))


@anywhere(on_diagonal)
def _(d: Any, shape: Shape, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    n, m = shape[axis1], shape[axis2]
    before = max(-offset, 0)
    length = max(0, min(n - before, m - max(offset, 0)))
    if not length:
        return zeros(d, shape)
    d = np.broadcast_to(d, (*d.shape[:-1], length))  # np.trace gives one for all
    rows = np.pad(d, [(0, 0)] * (d.ndim - 1) + [(before, max(n - before - d.shape[-1], 0))])
    placed = np.where(beside(d, np.eye(n, m, offset, dtype=bool)), rows[..., None], d.dtype.type(0))
    return np.moveaxis(placed, (-2, -1), (axis1, axis2))


@anywhere(contract)
def _(a: Any, b: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, a, b)


# --- Elementwise --------------------------------------------------------------------------------------------------


@anywhere(chain)
def _(g: Any, p: Any) -> Any:
    return np.where(np.equal(g, 0) | np.equal(p, 0), 0, g * p)


@anywhere(ratio)
def _(a: Any, b: Any) -> Any:
    zero = np.equal(b, 0)
    return np.where(zero, 0, a / np.where(zero, 1, b))


@anywhere(erf)
def _(x: Any) -> Any:
    near, far = np.clip(x, -1, 1), np.clip(np.absolute(x), 1, 6)
    inside = near * ratio_of_polynomials(NEAR, near * near)
    outside = np.copysign(1 - np.exp(-far * far) * ratio_of_polynomials(FAR, far), x)
    return np.where(np.absolute(x) > 1, outside, inside)


# --- The softmax family: of an entry of -inf exp is 0, and where all of them are, nothing is subtracted --------------


def powers(x: Any, axis: Axis) -> tuple[Any, Any, Any]:
    """exp of `x` less its largest entry over `axis`, the sum of that, and that entry."""
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    top = np.maximum(np.max(x, axis=axis, keepdims=True), LIMITS[x.dtype.itemsize].min)
    e = np.exp(single(x - top))
    return e, np.sum(e, axis=axis, keepdims=True), top


@anywhere(logsumexp)
def _(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    _, total, top = powers(x, axis)
    y = cast(np.where(np.equal(top, np.inf), top, np.log(total) + top), top.dtype)
    return y if keepdims else np.squeeze(y, axis=normal_axes(axis, x.ndim))


@anywhere(softmax)
def _(x: Any, axis: Axis = -1) -> Any:
    if 0 in x.shape:
        return x
    e, total, top = powers(x, axis)
    return cast(e / np.maximum(total, LIMITS[total.dtype.itemsize].tiny), top.dtype)


@anywhere(log_softmax)
def _(x: Any, axis: Axis = -1) -> Any:
    if 0 in x.shape:
        return x
    _, total, top = powers(x, axis)
    return cast(x - top - np.log(np.maximum(total, LIMITS[total.dtype.itemsize].tiny)), top.dtype)


def of_label(x: Any, labels: Any) -> Any:
    """The entry of `x` for each label; NaN for one out of range, which only its number tells."""
    mine = one_hot(labels, x)
    return np.where(np.any(mine, axis=-1), np.sum(np.where(mine, x, 0), axis=-1), x.dtype.type(np.nan))


@anywhere(nll)
def _(log_probabilities: Any, labels: Any) -> Any:
    return -of_label(log_probabilities, labels)


@anywhere(softmax_cross_entropy)
def _(logits: Any, labels: Any) -> Any:
    return -of_label(log_softmax(logits), labels)


@anywhere(surplus)
def _(logits: Any, labels: Any) -> Any:
    p = softmax(logits)
    return p - np.logical_and(one_hot(labels, logits), np.greater(logits, -np.inf)).astype(p.dtype)


@anywhere(p_norm)
def _(x: Any, ord: float = 2, axis: Any = None, keepdims: bool = False) -> Any:
    if ord == 2:
        return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))
    return np.sum(np.absolute(x) ** ord, axis=axis, keepdims=keepdims) ** (1 / ord)


@anywhere(recurrence)
def _(a: Any, b: Any) -> Any:
    s = [b[0]] if len(b) else []
    for i in range(1, len(b)):
        s.append(a[i] * s[-1] + b[i])
    return np.stack(s) if s else b
