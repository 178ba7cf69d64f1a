"""Sequences and polynomials: steps between two ends, powers, angles without jumps, what lies between neighbours."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..arrays import asarray, beside, floating_dtype, is_lazy
from ..primitives import primitive
from ..shapes import Axis
from ..table import composite, partials, plain
from .dtypes import cast, together
from .elementwise import ratio
from .structure import join


@primitive
def geometric(a: Any, b: Any, w: Any) -> Any:
    """a**(1 - w) * b**w of two numbers of one sign, which it keeps: from `a` at w = 0 to `b` at w = 1."""
    a, b, w = ends(a, b, w)
    if not any(map(is_lazy, (a, b))) and np.any(
        (a == 0) | ((a > 0) & (b <= 0)) | ((a < 0) & (b >= 0))
    ):  # without np.sign, which booleans have not
        raise ValueError("a geometric sequence goes between two numbers of the same sign, and not from or to 0")
    return np.copysign(abs(a) ** (1 - w) * abs(b) ** w, a)


@primitive
def turns(p: Any, discont: Any = None, axis: int = -1, period: Any = 2 * math.pi) -> Any:
    """How many periods np.unwrap adds to each angle."""
    return np.rint((np.unwrap(p, discont, axis, period=period) - p) / period)


# fmt: off
partials(geometric, lambda y, a, b, w: (y - w * y) / a,  lambda y, a, b, w: w * y / b,
                    lambda y, a, b, w: y * np.log(b / a),  singular=True)
plain([turns])
# fmt: on


def ends(*numbers: Any) -> list[Any]:
    """The ends of a sequence as floats of one dtype."""
    dtype = np.result_type(*numbers, 1.0)
    return [cast(x, dtype) if getattr(x, "dtype", None) != dtype else x for x in numbers]


def weights(a: Any, num: Any, endpoint: bool, dtype: Any) -> Any:
    """From 0 to 1 in so many steps, along a new first axis of what has the shape of `a`."""
    w = np.linspace(0.0, 1.0, num, endpoint)
    return beside(a, np.reshape(w, (-1, *(1,) * np.ndim(a))).astype(dtype))


def finished(y: Any, dtype: Any, axis: int) -> Any:
    """A sequence along `axis`, in the floating dtype that was asked for."""
    y = y if dtype is None else cast(y, floating_dtype(dtype))
    return np.moveaxis(y, 0, axis) if axis else y


def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """np.linspace: each number is a weighted mean of the ends, which are exact."""
    a, b = ends(start, stop)
    total = a + b
    w = weights(total, num, endpoint, np.result_type(total, 1.0))
    y = finished(a * (1 - w) + b * w, dtype, axis)
    parts = num - 1 if endpoint else num
    return (y, (b - a) / parts if parts > 0 else math.nan) if retstep else y


def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """np.logspace: powers of a base, whose exponents are a linspace."""
    a, b, base = ends(start, stop, base)
    if np.ndim(base):
        shape = np.broadcast_shapes(np.shape(a), np.shape(b), np.shape(base))
        a, b = (beside(base, np.broadcast_to(x, shape)) for x in (a, b))
    return finished(np.power(base, linspace(a, b, num, endpoint)), dtype, axis)


def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """np.geomspace: neighbours have the same ratio."""
    a, b = ends(start, stop)
    total = a + b
    w = weights(total, num, endpoint, np.result_type(total, 1.0))
    return finished(geometric(a, b, w), dtype, axis)


def polyval(p: Any, x: Any) -> Any:
    """np.polyval by Horner's rule, the coefficient of the highest power first."""
    x = asarray(x) if isinstance(x, (list, tuple)) else x
    if not len(p):
        raise ValueError("np.polyval: a polynomial has one coefficient or more")
    return functools.reduce(lambda y, c: y * x + c, (p[i] for i in range(len(p))), np.where(False, x, np.zeros_like(x)))


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """np.vander: the powers of each number in a row, the highest first unless `increasing`."""
    if x.ndim != 1:
        raise ValueError(f"np.vander takes a vector, not an array of shape {x.shape}")
    powers = np.arange(len(x) if N is None else N)
    return x[:, None] ** beside(x, (powers if increasing else powers[::-1]).astype(x.dtype))


def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Any:
    """np.unwrap: whole periods added, so that no neighbours are more than half of one apart."""
    return p + period * turns(p, discont=discont, axis=axis, period=period)


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """np.diff: the n-th difference of neighbours; numbers before and after count as columns."""
    if n < 0:
        raise ValueError(f"np.diff: the order n is not negative, got {n}")
    axis = normalize_axis_index(axis, np.ndim(a))
    column = tuple(1 if i == axis else size for i, size in enumerate(np.shape(a)))
    parts = together(*(part for part in (prepend, a, append) if part is not None))
    if n and len(parts) > 1:
        dtype = np.result_type(*parts)
        columns = (x if np.ndim(x) else beside(a, np.broadcast_to(cast(x, dtype), column)) for x in parts)
        a = join(*columns, axis=axis)
    before = (slice(None),) * axis
    for _ in range(n):
        a = a[(*before, slice(1, None))] - a[(*before, slice(-1))]
    return a


def gradient(f: Any, *varargs: Any, axis: Axis = None, edge_order: int = 1) -> Any:
    """np.gradient: the slopes of `f` along each axis, whose spacing is a number or whose coordinates are a vector."""
    f, *given = together(f, *varargs)
    axes = range(f.ndim) if axis is None else normalize_axis_tuple(axis, f.ndim)
    spacings = given * len(axes) if len(given) == 1 else given or [1.0] * len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"np.gradient: {len(spacings)} spacings do not fit {len(axes)} axes")
    found = tuple(slope(f, spacing, axis, edge_order) for spacing, axis in zip(spacings, axes))
    return found[0] if len(found) == 1 else found


def slope(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    """Second-order slopes inside, of neighbouring intervals the weighted mean; at the edges of order 1 or 2."""
    f = np.moveaxis(f, axis, -1)
    if f.shape[-1] <= edge_order or edge_order not in (1, 2):
        raise ValueError(f"np.gradient: edge_order {edge_order} along an axis of size {f.shape[-1]} is not possible")
    steps = np.diff(spacing) if np.ndim(spacing) else np.broadcast_to(spacing, f.shape[-1] - 1)
    h = beside(f, cast(steps, f.dtype))
    s = (f[..., 1:] - f[..., :-1]) / h
    bend = (s[..., 1:] - s[..., :-1]) / (h[1:] + h[:-1])
    first, last = s[..., :1], s[..., -1:]
    if edge_order == 2:
        first, last = first - h[:1] * bend[..., :1], last + h[-1:] * bend[..., -1:]
    return np.moveaxis(join(first, s[..., :-1] + h[:-1] * bend, last, axis=-1), -1, axis)


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """np.interp: differentiable by `x`, by the coordinates `xp` and by the values `fp`."""
    x, xp, fp = together(x, xp, fp)
    n = np.size(xp)
    low = np.maximum(np.minimum(np.searchsorted(xp, x, side="right") - 1, n - 2), 0)
    (x0, x1), (y0, y1) = ((np.take(p, low), np.take(p, np.minimum(low + 1, n - 1))) for p in (xp, fp))
    y = y0 + (y1 - y0) * np.clip(ratio(x - x0, x1 - x0), 0, 1)
    y = y if left is None else np.where(x < np.take(xp, 0), left, y)
    return y if right is None else np.where(x > np.take(xp, -1), right, y)


composite(np.linspace, linspace)
composite(np.logspace, logspace)
composite(np.geomspace, geomspace)
composite(np.polyval, polyval)
composite(np.vander, vander)
composite(np.unwrap, unwrap)
composite(np.diff, diff)
composite(np.ediff1d, lambda ary: np.diff(np.ravel(ary)))
composite(np.gradient, gradient)
composite(np.interp, interp)
