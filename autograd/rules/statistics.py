"""Statistics: averages, order statistics, covariances, counts, integrals of samples.

Of tied order statistics one has all the weight. NumPy computes some of these in double precision whatever it is given;
here the result has the precision of its arguments.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..arrays import StandIn, asarray, beside, floating_dtype, is_lazy, vetted, zeros
from ..primitives import primitive
from ..shapes import Axis, kept, normal_axes
from ..shortcuts import mean
from ..table import Function, composite, partials, plain, pullbacks
from .dtypes import cast, single, together
from .elementwise import chain
from .reductions import align, count, merged
from .residuals import leaves_residuals, residuals_of
from .structure import scatter

LONG, SHORT = 4096, 512  # rows: of longer ones a sum of products by BLAS, or a sum, loses digits that np.sum keeps


def average(a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """np.average: the mean, or the weighted mean; weights have the shape of `a`, or of its part along `axis`."""
    if weights is None:
        found = np.mean(a, axis=axis, keepdims=keepdims)
        return (found, zeros(found, found.shape) + found.dtype.type(count(a, found))) if returned else found
    if np.shape(weights) != np.shape(a):
        axes = () if axis is None else normalize_axis_tuple(axis, np.ndim(a))
        if np.shape(weights) != tuple(np.shape(a)[i] for i in axes):
            raise ValueError(
                f"np.average: weights of shape {np.shape(weights)} fit neither an array of shape {np.shape(a)} "
                f"nor its axes {axis}"
            )
        order = np.argsort(axes)
        weights = np.reshape(
            np.transpose(weights, order), tuple(n if i in axes else 1 for i, n in enumerate(np.shape(a)))
        )
    a, weights = together(a, weights)
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis=axis, keepdims=keepdims)
    found = np.sum(a * weights, axis=axis, keepdims=keepdims) / divisor(total)
    return (found, total) if returned else found


@primitive
def standardized(x: Any, axis: Axis = -1, eps: float = 1e-5) -> Any:
    """`x` with mean 0 and variance 1 over `axis` (an int, a tuple, or None for all). `eps` is added to the variance."""
    return in_units(x, axis, eps)[0]


def in_units(x: Any, axis: Axis = -1, eps: float = 1e-5) -> tuple[Any, Any]:
    """`standardized`, and the deviation that it is in units of."""
    x = asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(float)
    rest = less_mean(single(x), axis)
    unit = deviation(rest, axis, eps)
    return (rest / unit).astype(x.dtype, copy=False), unit


leaves_residuals(standardized, in_units)


def in_deviations(x: Any, axis: Axis, eps: float) -> Any:
    """`standardized`, in NumPy: (x - mean) / deviation."""
    x = less_mean(x, axis)
    return x / deviation(x, axis, eps)


def deviation(x: Any, axis: Axis, eps: float) -> Any:
    """The square root of the variance and `eps`, of `x` with the mean 0."""
    return np.sqrt(mean_product(x, x, axis) + eps)


def less_mean(x: Any, axis: Axis) -> Any:
    """`x` less its mean over `axis`."""
    return x - mean_of(x, axis)


def mean_of(x: Any, axis: Axis) -> Any:
    """The mean over `axis`, which is kept. Short rows are added up by BLAS, in a third of the time."""
    if in_rows(x, axis) and x.shape[-1] <= SHORT:
        return (np.matmul(x, np.ones(x.shape[-1], x.dtype)) / x.shape[-1])[..., None]
    return mean(x, axis, keepdims=True)


def mean_product(a: Any, b: Any, axis: Axis) -> Any:
    """The mean of a * b over `axis`, which is kept: in one pass over the last one of NumPy's arrays, if it is short."""
    if type(a) is type(b) is np.ndarray and in_rows(a, axis) and a.shape[-1] < LONG:
        return np.vecdot(a, b)[..., None] / a.shape[-1]
    return mean_of(a * b, axis)


def in_rows(x: Any, axis: Axis) -> bool:
    """Whether `axis` is the last of several of an array of NumPy's, or of what stands for one."""
    is_array = type(x) is np.ndarray or isinstance(x, StandIn)
    return is_array and x.ndim > 1 and x.size > 0 and normal_axes(axis, x.ndim) == (x.ndim - 1,)


def through_standardized(g: Any, y: Any, x: Any, axis: Axis, eps: float) -> Any:
    """Neither a shift of `x` nor a stretch changes `y`: of `g` what points in neither direction comes through."""
    unit, g, y = residuals_of(y), single(g), single(y)
    rest = less_mean(g, axis) - y * mean_product(g, y, axis)
    return rest / (deviation(less_mean(single(x), axis), axis, eps) if unit is None else unit)


@primitive
def divisor(total: Any) -> Any:
    """`total`, if it is 0 nowhere."""
    if not is_lazy(total) and np.any(np.equal(total, 0)):
        raise ZeroDivisionError("the weights sum to zero")
    return total


def in_order(a: Any, axis: Axis) -> tuple[Any, Any]:
    """The elements over `axis` in increasing order along a first axis, and the last ones: NaN if there is a NaN."""
    rows = merged(a, normalize_axis_tuple(range(a.ndim) if axis is None else axis, a.ndim))
    if not len(rows):
        raise ValueError(f"an array of shape {a.shape} has no quantiles over axis {axis}: it is empty")
    rows = np.sort(rows, 0)
    return rows, rows[-1]


def missing(x: Any) -> Any:
    """Not 0 where `x` is NaN, as a part of the graph: a condition that follows x."""
    return np.heaviside(-np.absolute(x), 0.0)


def median(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """np.median: the mean of the one or two elements in the middle; NaN where there is a NaN."""
    rows, largest = in_order(a, axis)
    n = len(rows)
    middle = np.mean(rows[(n - 1) // 2 : n // 2 + 1], axis=0)
    middle = np.where(missing(largest), largest, middle)
    return align(middle, a, axis) if keepdims else middle


def nanmedian(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """np.nanmedian: the mean of the one or two elements in the middle of those that are not NaN."""
    rows, _ = in_order(a, axis)
    last = last_known(rows)
    low, high = (np.take_along_axis(rows, np.expand_dims(i, 0), 0)[0] for i in (last // 2, (last + 1) // 2))
    middle = np.where(last % 2 == 0, low, (low + high) / 2)
    return align(middle, a, axis) if keepdims else middle


def quantile(a: Any, q: Any, axis: Axis = None, *, method: str = "linear", keepdims: bool = False) -> Any:
    """np.quantile, linear between neighbours in increasing order, by `a` and by `q`; NaN where there is a NaN."""
    a = samples(a, q)
    dtype = np.result_type(a, q) if hasattr(q, "dtype") else a.dtype
    q = beside(a, fractions(q, method))
    rows, largest = in_order(a, axis)
    q = np.reshape(q, (*np.shape(q), *(1,) * largest.ndim))
    found = between(lambda i: rows[np.reshape(i, i.shape[: i.ndim - largest.ndim])], len(rows) - 1, q, dtype)
    found = np.where(missing(largest), largest, found)
    return np.reshape(found, found.shape[: found.ndim - largest.ndim] + kept(a.shape, axis)) if keepdims else found


def nanquantile(a: Any, q: Any, axis: Axis = None, *, method: str = "linear", keepdims: bool = False) -> Any:
    """np.nanquantile, linear between neighbours of those that are not NaN."""
    a = samples(a, q)
    dtype = np.result_type(a, q) if hasattr(q, "dtype") else a.dtype
    q = beside(a, fractions(q, method))
    rows, largest = in_order(a, axis)
    shape, rest = np.shape(q), largest.shape
    q = np.reshape(q, (np.size(q), *(1,) * len(rest)))
    found = between(lambda i: np.take_along_axis(rows, i, 0), last_known(rows), q, dtype)
    return np.reshape(found, shape + (kept(a.shape, axis) if keepdims else rest))


def samples(a: Any, fractions: Any = 0.5) -> Any:
    """Numbers to be put in order, as floats: whole ones in the precision that NumPy gives them between `fractions`."""
    a = a if hasattr(a, "dtype") else np.asarray(a)
    if a.dtype.kind == "f":
        return a
    has_dtype = hasattr(fractions, "dtype") and fractions.dtype.kind == "f"
    return cast(a, np.result_type(a, fractions) if has_dtype else np.float64)


def fractions(q: Any, method: Any) -> Any:
    """What to take of samples between the lowest, 0, and the highest, 1."""
    if method != "linear":
        raise ValueError(f"the method is linear between neighbours, not {method!r}")
    return fraction(q if hasattr(q, "dtype") else np.asarray(q, np.float64))


def in_hundredths(found: Function) -> Function:
    """A function of quantiles as one of percentiles, which become fractions in NumPy's precision."""

    @functools.wraps(found)
    def percentiles(a: Any, q: Any, *args: Any, **kwargs: Any) -> Any:
        a = samples(a, q)
        fractions = np.true_divide(q, a.dtype.type(100))
        return found(a, fractions if hasattr(q, "dtype") else cast(fractions, a.dtype), *args, **kwargs)

    return percentiles


@primitive
def fraction(q: Any) -> Any:
    """`q`, if it lies between 0 and 1."""
    if not is_lazy(q) and not np.all((q >= 0) & (q <= 1)):
        raise ValueError(f"quantiles lie between 0 and 1, not {q}")
    return q


def last_known(rows: Any) -> Any:
    """The position of the last element that is not NaN in each column of sorted rows, and 0 where all are."""
    return np.maximum(np.count_nonzero(~np.isnan(rows), axis=0) - 1, 0)


def between(pick: Callable[[Any], Any], last: Any, q: Any, dtype: Any) -> Any:
    """What lies at the fraction `q` of the way to the last of sorted elements; `pick` gives those at some places.

    Their difference is that of numbers of the result's dtype: NumPy's is not, where the elements are narrower than `q`.
    """
    place = q * last if q.dtype.itemsize == 8 else cast(q, np.float64) * last
    low = place.astype(np.intp)
    a, b = (x if x.dtype == dtype else cast(x, dtype) for x in (pick(low), pick(np.minimum(low + 1, last))))
    with np.errstate(invalid="ignore"):  # 0 of the way to an infinite neighbour is none
        return a + chain(b - a, cast(place - low, dtype))


def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None,
    fweights: Any = None, aweights: Any = None, dtype: Any = None,
) -> Any:  # fmt: skip
    """np.cov: the covariances of the rows of `m` and of those of `y`, or with rowvar=False of the columns."""
    x = variables(m, rowvar)
    if y is not None:
        x = np.concatenate([x, variables(y, rowvar)])
    given = [w for w in (x, aweights) if hasattr(w, "dtype")]
    out = floating_dtype(np.result_type(*given) if dtype is None else dtype)
    x = cast(x, np.promote_types(out, np.float64))
    lost = ddof if ddof is not None else 0 if bias else 1
    weights: Any = None
    if fweights is not None:
        weights = vetted(whole_numbers, fweights if hasattr(fweights, "dtype") else beside(x, np.asarray(fweights)))
    if aweights is not None:
        aweights = aweights if hasattr(aweights, "dtype") else beside(x, np.asarray(aweights))
        weights = aweights if weights is None else weights * aweights
    for w in (weights, aweights):
        if w is not None and np.shape(w) != x.shape[1:]:
            raise ValueError(f"weights of shape {np.shape(w)} do not fit {x.shape[1]} observations")
    if weights is None:
        d = x - np.mean(x, axis=1, keepdims=True)
        return np.squeeze(cast(d @ d.mT / max(x.shape[1] - lost, 0), out))
    total = divisor(np.sum(nonnegative(weights)))
    free = total - lost * (1 if aweights is None else np.sum(weights * aweights) / total)
    d = x - np.sum(x * weights, axis=1, keepdims=True) / total
    return np.squeeze(cast((d * weights) @ d.mT / free, out))


def whole_numbers(fweights: Any) -> None:
    """Raise TypeError unless all are."""
    if not np.all(np.equal(np.rint(fweights), fweights)):
        raise TypeError("fweights= are whole numbers: how often each observation was made")


def variables(m: Any, rowvar: bool) -> Any:
    """Observations of variables as a matrix of floats, with a row for each variable."""
    m = samples(m)
    if m.ndim > 2:
        raise ValueError(f"observations of variables are a matrix or a vector, not an array of shape {m.shape}")
    return np.atleast_2d(m) if rowvar or m.ndim != 2 else m.T


@primitive
def nonnegative(weights: Any) -> Any:
    """`weights`, if none is negative."""
    if not is_lazy(weights) and np.any(np.less(weights, 0)):
        raise ValueError(f"weights are not negative: {weights}")
    return weights


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """np.corrcoef: the covariances over the products of the standard deviations, not beyond -1 and 1."""
    c = cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    scale = np.sqrt(np.diagonal(c))
    r = c / scale[:, None] / scale
    return r - excess(r)


@primitive
def excess(r: Any) -> Any:
    """By how much rounding has brought correlations out of [-1, 1]: a constant, derivatives do not end there."""
    return r - np.clip(r, -1, 1)


def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """np.bincount: for each whole number the sum of its weights."""
    numbers = np.asarray(x) if np.size(x) else np.zeros(np.shape(x), np.intp)
    length = np.bincount(numbers, minlength=minlength).size
    if np.shape(weights) != numbers.shape:
        raise ValueError(f"weights of shape {np.shape(weights)} do not fit numbers of shape {numbers.shape}")
    return scatter(weights, numbers, (length,))


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """np.trapezoid: the integral of `y` along `axis` by the trapezoidal rule."""
    if x is not None:
        y, x = together(y, x)
        dx = np.diff(x) if np.ndim(x) == 1 else np.diff(np.moveaxis(x, axis, -1))
    y = np.moveaxis(y, axis, -1)
    return np.sum(dx * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)


composite(
    np.ptp,
    lambda a, axis=None, *, keepdims=False: (
        np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)
    ),
)
pullbacks(standardized, lambda g, y, x, axis=-1, eps=1e-5: through_standardized(g, y, x, axis, eps))
partials(divisor, 1)
partials(fraction, 1)
partials(nonnegative, 1)
plain([excess])
composite(np.average, average)
composite(np.median, median)
composite(np.nanmedian, nanmedian)
composite(np.quantile, quantile)
composite(np.nanquantile, nanquantile)
composite(np.percentile, in_hundredths(quantile))
composite(np.nanpercentile, in_hundredths(nanquantile))
composite(np.cov, cov)
composite(np.corrcoef, corrcoef)
composite(np.bincount, bincount)
composite(np.trapezoid, trapezoid)
