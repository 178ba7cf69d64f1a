"""Reductions of some of the elements: of those that a mask chooses (where=), or that are not NaN. Also in another dtype
(dtype=), and with one element more (initial=).

Each means the reduction of all elements after those that do not count were replaced by what changes nothing. The masks
are of plain booleans. Where all elements of a row are NaN, the result is NaN, and the gradient 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..arrays import asarray, beside, floating_dtype, zeros
from ..inspecting import name_of
from ..shapes import Axis, normal_axes
from ..table import Function, composite, pullbacks
from .dtypes import cast, single
from .reductions import align, how_many, logsumexp, merged, shared
from .structure import join

NEUTRAL: dict[Function, float] = {np.sum: 0, np.prod: 1, np.max: -np.inf, np.min: np.inf, logsumexp: -np.inf}


def reduced(
    fun: Function, a: Any, axis: Axis, dtype: Any, keepdims: bool, initial: Any = None, where: Any = True
) -> Any:
    """`fun` of the elements where a mask is True, and of one more, `initial`."""
    a = in_dtype(a, dtype)
    if where is not True:
        if initial is None and fun in (np.max, np.min):
            raise ValueError(f"{name_of(fun)} with where= needs initial=, which it is where no element is chosen")
        a = np.where(mask(where, a), a, NEUTRAL[fun])
    if initial is None:
        return fun(a, axis=axis, keepdims=keepdims)
    if np.ndim(initial):
        raise ValueError(f"{name_of(fun)}: initial= is one number, not an array of shape {np.shape(initial)}")
    rows = merged(a, normal_axes(axis, a.ndim))
    y = fun(join(beside(a, np.broadcast_to(cast(initial, a.dtype), (1, *rows.shape[1:]))), rows), axis=0)
    return align(y, a, axis) if keepdims else y


def in_dtype(a: Any, dtype: Any) -> Any:
    """`a` in the floating dtype that a call asks for."""
    return a if dtype is None else cast(a, floating_dtype(dtype))


def mask(where: Any, a: Any) -> Any:
    """A mask of booleans as one for each element of `a`."""
    where = beside(a, asarray(where))
    if where.dtype != bool:
        raise TypeError(f"where= is a mask of booleans, not of {where.dtype}")
    return np.broadcast_to(where, a.shape)


def cumulative(running: Function, first: float, x: Any, axis: int | None, dtype: Any, include_initial: bool) -> Any:
    """np.cumulative_sum and its kin, with a first row of what nothing adds up to."""
    x = in_dtype(np.atleast_1d(x), dtype)
    if axis is None and x.ndim > 1:
        raise ValueError(f"an array of shape {x.shape} has several axes: say along which, axis=")
    axis = normalize_axis_index(0 if axis is None else axis, x.ndim)
    if include_initial:
        row = zeros(x, (*x.shape[:axis], 1, *x.shape[axis + 1 :])) + x.dtype.type(first)
        return join(row, running(x, axis=axis), axis=axis)
    return running(x, axis=axis)


# fmt: off
composite(np.sum,  lambda a, axis=None, dtype=None, keepdims=False, initial=None, where=True:
                       reduced(np.sum, a, axis, dtype, keepdims, initial, where))
composite(np.prod, lambda a, axis=None, dtype=None, keepdims=False, initial=None, where=True:
                       reduced(np.prod, a, axis, dtype, keepdims, initial, where))
composite(np.max,  lambda a, axis=None, keepdims=False, initial=None, where=True:
                       reduced(np.max, a, axis, None, keepdims, initial, where))
composite(np.min,  lambda a, axis=None, keepdims=False, initial=None, where=True:
                       reduced(np.min, a, axis, None, keepdims, initial, where))
composite(np.amax, lambda a, axis=None, keepdims=False, initial=None, where=True:
                       reduced(np.max, a, axis, None, keepdims, initial, where))
composite(np.amin, lambda a, axis=None, keepdims=False, initial=None, where=True:
                       reduced(np.min, a, axis, None, keepdims, initial, where))
composite(np.logaddexp.reduce, lambda array, axis=0, dtype=None, keepdims=False, initial=None, where=True:
                       reduced(logsumexp, array, axis, dtype, keepdims, initial, where))
composite(np.cumsum,  lambda a, axis=None, dtype=None: np.cumsum(in_dtype(a, dtype), axis=axis))
composite(np.cumprod, lambda a, axis=None, dtype=None: np.cumprod(in_dtype(a, dtype), axis=axis))
composite(np.trace,   lambda a, offset=0, axis1=0, axis2=1, dtype=None:
                          np.trace(in_dtype(a, dtype), offset=offset, axis1=axis1, axis2=axis2))
if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    composite(np.cumulative_sum,  lambda x, axis=None, dtype=None, include_initial=False:
                                      cumulative(np.cumsum, 0, x, axis, dtype, include_initial))
    composite(np.cumulative_prod, lambda x, axis=None, dtype=None, include_initial=False:
                                      cumulative(np.cumprod, 1, x, axis, dtype, include_initial))
# fmt: on


# --- Means and variances ------------------------------------------------------------------------------------------


def mean(a: Any, axis: Axis = None, dtype: Any = None, keepdims: bool = False, where: Any = True) -> Any:
    """np.mean of the elements that a mask chooses."""
    a = in_dtype(a, dtype)
    if where is True:
        return np.mean(a, axis=axis, keepdims=keepdims)
    where, x = mask(where, a), single(a)
    numbers = cast(how_many(where, axis, keepdims), x.dtype)
    return cast(np.sum(np.where(where, x, 0), axis=axis, keepdims=keepdims) / numbers, a.dtype)


def var(
    a: Any, axis: Axis = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True,
    mean: Any = None, correction: float | None = None,
) -> Any:  # fmt: skip
    """np.var of the elements that a mask chooses, around a mean that may be known."""
    return spread_out(in_dtype(a, dtype), axis, ddof if correction is None else correction, keepdims, where, mean)[0]


def spread_out(a: Any, axis: Axis, lost: Any, keepdims: bool, where: Any, mean: Any) -> tuple[Any, Any]:
    """The variance of the elements that a mask chooses, and its divisor."""
    where, x = mask(where, a), single(a)
    numbers = cast(how_many(where, axis), x.dtype)
    d = np.where(where, x - (middle(x, where, axis, numbers) if mean is None else mean), 0)
    if mean is None:  # that of equal numbers may be off by an ulp: now they are exactly 0
        d = np.where(where, d - middle(d, where, axis, numbers), 0)
    freedom = np.maximum(numbers - lost, 0)
    y = np.sum(np.square(d), axis=axis, keepdims=True) / freedom
    y = cast(y, a.dtype if mean is None else np.result_type(a, mean))
    return (y, freedom) if keepdims else (np.squeeze(y, axis), np.squeeze(freedom, axis))


def middle(x: Any, where: Any, axis: Axis, numbers: Any) -> Any:
    """The mean of those elements that a mask chooses, with the reduced axes kept."""
    return np.sum(np.where(where, x, 0), axis=axis, keepdims=True) / numbers


# --- Without NaNs -------------------------------------------------------------------------------------------------


def known(a: Any, where: Any = True) -> Any:
    """A mask of the elements that are chosen, and not NaN."""
    return mask(where, a) & ~np.isnan(a)


def nanvar(
    a: Any, axis: Axis = None, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True,
    mean: Any = None, correction: float | None = None,
) -> Any:  # fmt: skip
    """np.nanvar: the variance of the elements that are not NaN; NaN where there are too few."""
    a = in_dtype(a, dtype)
    y, freedom = spread_out(a, axis, ddof if correction is None else correction, keepdims, known(a, where), mean)
    return np.where(freedom > 0, y, np.nan)


# fmt: off
composite(np.mean, mean)
composite(np.var,  var)
composite(np.std,  lambda a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, mean=None, correction=None:
                       np.sqrt(var(a, axis, dtype, ddof, keepdims, where, mean, correction)))

pullbacks(np.nanmax, lambda g, y, x, axis=None, keepdims=False: shared(g, np.equal(x, align(y, x, axis)), x, axis))
pullbacks(np.nanmin, lambda g, y, x, axis=None, keepdims=False: shared(g, np.equal(x, align(y, x, axis)), x, axis))
composite(np.nanmax, lambda a, axis=None, keepdims=False, initial=None, where=True:
                         reduced(np.max, a, axis, None, keepdims, initial, known(a, where)))
composite(np.nanmin, lambda a, axis=None, keepdims=False, initial=None, where=True:
                         reduced(np.min, a, axis, None, keepdims, initial, known(a, where)))
composite(np.nansum,  lambda a, axis=None, dtype=None, keepdims=False, initial=None, where=True:
                          reduced(np.sum, a, axis, dtype, keepdims, initial, known(a, where)))
composite(np.nanprod, lambda a, axis=None, dtype=None, keepdims=False, initial=None, where=True:
                          reduced(np.prod, a, axis, dtype, keepdims, initial, known(a, where)))
composite(np.nanmean, lambda a, axis=None, dtype=None, keepdims=False, where=True:
                          mean(a, axis, dtype, keepdims, known(a, where)))
composite(np.nanvar, nanvar)
composite(np.nanstd, lambda a, axis=None, dtype=None, ddof=0, keepdims=False, where=True, mean=None, correction=None:
                         np.sqrt(nanvar(a, axis, dtype, ddof, keepdims, where, mean, correction)))
composite(np.nancumsum,  lambda a, axis=None, dtype=None:
                             np.cumsum(np.where(np.isnan(a), 0, in_dtype(a, dtype)), axis=axis))
composite(np.nancumprod, lambda a, axis=None, dtype=None:
                             np.cumprod(np.where(np.isnan(a), 1, in_dtype(a, dtype)), axis=axis))
# fmt: on
