"""Reductions: sums, products and extremes over axes, and the softmax family. Each spreads the upstream gradient back.

g is the upstream gradient, y the result, x the argument. Choices where a derivative does not exist: tied maxima and
minima share a total weight of 1, the standard deviation has the gradient 0 where it vanishes, of tied order statistics
one has all the weight.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..arrays import asarray, beside, kind_of, lives_elsewhere, vetted, zeros
from ..primitives import primitive
from ..shapes import Axis, Shape, kept, normal_axes, spread
from ..shortcuts import mean
from ..table import plain, pullbacks
from .dtypes import at_least_single, cast, single
from .elementwise import chain, ratio, unless
from .residuals import leaves_residuals, residuals_of
from .structure import join, scatter

# --- What NumPy lacks: the softmax family, and a recurrence -------------------------------------------------------

LIMITS = {np.dtype(kind).itemsize: np.finfo(kind) for kind in (np.longdouble, np.double, np.single, np.half)}
UNSIGNED = {size: np.dtype(f"u{size}") for size in (1, 2, 4, 8)}
COUNTED = 1 << 24  # up to which a sum of ones in single precision counts: there 2^24 + 1 is 2^24
NARROW = 32  # the reduction of a shorter last axis is faster in column-major order


def below_top(x: Any, axis: Axis) -> tuple[Any, Any]:
    """`x` less its largest entry over `axis`, in a new array, so that exp cannot overflow; and that entry.

    It is at least the lowest finite number, so that rows that are all -inf stay so.
    """
    x = np.asarray(x)
    if x.dtype.kind != "f":
        x = x.astype(np.float64)
    if x.ndim == 2 and x.shape[1] <= NARROW:
        x = np.asfortranarray(x)
    top = np.maximum.reduce(x, axis=axis, keepdims=True, initial=LIMITS[x.itemsize].min)
    return np.asarray(x - top), top


def exp_total(z: Any, axis: Axis) -> tuple[Any, Any]:
    """exp(z) and its sum, for z of `below_top`: the largest adds 1, and where all are -inf the sum is tiny, not 0."""
    e = np.exp(z)
    return e, np.add.reduce(e, axis=axis, keepdims=True, initial=LIMITS[e.itemsize].tiny, dtype=at_least_single(e))


def shares(x: Any, axis: Axis) -> Any:
    """The softmax of an array."""
    e, total = exp_total(below_top(x, axis)[0], axis)
    e /= total
    return e


@primitive
@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) over `axis` (an int, a tuple, or None for all), exact and without overflow at any magnitude.

    Entries of -inf add nothing and have the gradient 0; the result of nothing else is -inf.
    """
    z, top = below_top(x, axis)
    total = np.sum(np.exp(z, out=z), axis=axis, keepdims=keepdims, dtype=at_least_single(z))
    top = top.reshape(total.shape)
    return np.where(np.equal(top, np.inf), top, (np.log(total) + top).astype(z.dtype, copy=False))


@primitive
@np.errstate(over="ignore")
def softmax(x: Any, axis: Axis = -1) -> Any:
    """exp(x) / sum(exp(x)) over `axis` (an int, a tuple, or None for all), exact and without overflow at any magnitude.

    Entries of -inf have the share and the gradient 0, also where all are -inf. [course: Common Activation Functions]
    """
    return shares(x, axis)


@primitive
@np.errstate(over="ignore")
def log_softmax(x: Any, axis: Axis = -1) -> Any:
    """log(softmax(x)) over `axis` (an int, a tuple, or None for all), exact and without overflow at any magnitude.

    Entries of -inf stay so and have the gradient 0.
    """
    z, _ = below_top(x, axis)
    z -= np.log(exp_total(z, axis)[1])
    return z


@primitive
def nll(log_probabilities: Any, labels: Any) -> Any:
    """The negative log-likelihood of each label: log-probabilities (..., classes) and labels (...) give losses (...).

    Raises TypeError for labels that are no integers, ValueError for labels outside of [0, classes) or of another shape.
    """
    labels = np.asarray(labels)
    check_labels(np.shape(log_probabilities), labels)
    return np.negative(np.asarray(log_probabilities)[own(labels)])


@primitive
def softmax_cross_entropy(logits: Any, labels: Any) -> Any:
    """-log(softmax(logits)) of each label: logits (..., classes) and integer labels (...) give losses (...).

    Exact and without overflow at any magnitude. Raises what `nll` raises.
    """
    return from_exponentials(logits, labels)[0]


@np.errstate(over="ignore")
def from_exponentials(logits: Any, labels: Any) -> tuple[Any, Any]:
    """`softmax_cross_entropy`, and the exponentials with their sums that it is computed from."""
    logits, labels = np.asarray(logits), np.asarray(labels)
    check_labels(logits.shape, labels)
    z, _ = below_top(logits, -1)
    e, total = exp_total(z, -1)
    return np.log(total)[..., 0].astype(z.dtype, copy=False) - z[own(labels)], (e, total)


leaves_residuals(softmax_cross_entropy, from_exponentials)


@primitive
def surplus(logits: Any, labels: Any) -> Any:
    """softmax(logits) less 1 at each label, the slope of the cross-entropy; entries of -inf stay 0."""
    return less_one(shares(logits, -1), logits, labels)


def surplus_of(y: Any, logits: Any, labels: Any) -> Any:
    """`surplus`, of the exponentials that the cross-entropy `y` was computed from, if they are there."""
    found = residuals_of(y)
    if found is None:
        return surplus(logits, labels)
    e, total = found
    return less_one((e / total).astype(e.dtype, copy=False), logits, labels)


def less_one(p: Any, logits: Any, labels: Any) -> Any:
    """The shares `p`, a new array, less 1 at each label."""
    index = own(np.asarray(labels))
    p[index] -= np.isfinite(logits[index])
    return p


def check_labels(shape: Shape, labels: Any) -> None:
    """Refuse labels that do not name one class for each row of logits of this shape."""
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels are integers, the index of a class each, not {labels.dtype}")
    if not shape or labels.shape != shape[:-1]:
        raise ValueError(f"labels of shape {labels.shape} do not fit logits of shape {shape}: one label per row")
    if type(labels) is np.ndarray or kind_of(labels) is None:
        check_range(labels, shape[-1])


def check_range(labels: Any, classes: int) -> None:
    """Refuse integers that do not name one of so many classes."""
    if not labels.size:
        return
    if type(labels) is np.ndarray:  # without a sign negative labels are large: one pass finds both
        wrong = int(np.maximum.reduce(labels.view(UNSIGNED[labels.itemsize]), axis=None)) >= classes
    else:
        wrong = not (labels.min() >= 0 and labels.max() < classes)
    if wrong:
        raise ValueError(f"labels from {labels.min()} to {labels.max()} for {classes} classes, counted from 0")


def own(labels: Any) -> tuple[Any, ...]:
    """The index of each label's own class."""
    if labels.ndim == 1:
        return np.arange(len(labels)), labels
    return (*np.indices(labels.shape, sparse=True), labels)


@primitive
def recurrence(a: Any, b: Any) -> Any:
    """s[0] = b[0], s[i] = a[i] * s[i-1] + b[i], down the first axis of two arrays of one shape."""
    s = np.array(b, dtype=np.result_type(a, b))
    for i in range(1, len(s)):
        s[i] += a[i] * s[i - 1]
    return s


# fmt: off
# --- Sums ---------------------------------------------------------------------------------------------------------

pullbacks(np.sum,    lambda g, y, x, axis=None, keepdims=False: to_each(g, x, axis, keepdims))
pullbacks(np.mean,   lambda g, y, x, axis=None, keepdims=False: to_each(g / count(x, y), x, axis, keepdims))
pullbacks(np.cumsum, lambda g, y, x, axis=None: np.reshape(np.flip(np.cumsum(np.flip(g, axis), axis), axis), x.shape))
pullbacks(np.var,    lambda g, y, x, axis=None, ddof=0, keepdims=False, correction=None:
                         align(2 * g / freedom(x, y, ddof, correction), x, axis) * centred(single(x), axis))
pullbacks(np.std,    lambda g, y, x, axis=None, ddof=0, keepdims=False, correction=None:
                         align(std_slope(g, y, single(x), axis, freedom(x, y, ddof, correction)), x, axis)
                         * centred(centred(single(x), axis), axis))

pullbacks(np.add.reduceat, lambda g, y, x, indices, axis=0: through_reduceat(g, x.shape, indices, axis), None)

# --- Products: no division by a factor, so that zeros are exact ----------------------------------------------------

pullbacks(np.prod,    lambda g, y, x, axis=None, keepdims=False: align(g, x, axis) * product_of_others(x, axis))
pullbacks(np.cumprod, lambda g, y, x, axis=None: through_cumprod(g, y, x, axis))
pullbacks(recurrence, lambda g, y, a, b: transposed_recurrence(g, a) * delayed(y, 0),
                      lambda g, y, a, b: transposed_recurrence(g, a))

# --- Extremes -----------------------------------------------------------------------------------------------------

pullbacks(np.max, lambda g, y, x, axis=None, keepdims=False: shared(g, unless(x < align(y, x, axis)), x, axis))
pullbacks(np.min, lambda g, y, x, axis=None, keepdims=False: shared(g, unless(x > align(y, x, axis)), x, axis))

pullbacks(np.maximum.accumulate, lambda g, y, x, axis=0: scatter(g, leaders(y, axis), x.shape))
pullbacks(np.minimum.accumulate, lambda g, y, x, axis=0: scatter(g, leaders(y, axis), x.shape))

# --- The softmax family -------------------------------------------------------------------------------------------

pullbacks(logsumexp,   lambda g, y, x, axis=None, keepdims=False: align(g, x, axis) * softmax(single(x), axis))
pullbacks(softmax,     lambda g, y, x, axis=-1: through_softmax(g, y, axis))
pullbacks(log_softmax, lambda g, y, x, axis=-1:
                           np.not_equal(x, -np.inf) * (g - np.exp(y) * g.sum(axis=axis, keepdims=True)))
pullbacks(nll,         lambda g, y, x, labels: at_label(-g, labels, x.shape), None)
pullbacks(softmax_cross_entropy,
                       lambda g, y, x, labels: g[..., None] * surplus_of(y, x, labels), None)
pullbacks(surplus,     lambda g, y, x, labels: through_softmax(g, softmax(x), -1), None)
# fmt: on


def at_label(g: Any, labels: Any, shape: Shape) -> Any:
    """Zeros of `shape` with `g` at each label: what `nll` takes, backward."""
    if kind_of(labels) is None and not lives_elsewhere(g):
        return scatter(g, own(asarray(labels)), shape, once=True)
    return np.where(one_hot(labels, g, shape), g[..., None], 0)


def one_hot(labels: Any, x: Any, shape: Shape | None = None) -> Any:
    """Whether each class is that of the label, where `x` lives; of a label out of range none is."""
    shape = x.shape if shape is None else shape
    check_labels(shape, labels)
    if kind_of(labels) is not None:
        labels = vetted(functools.partial(check_range, classes=shape[-1]), labels)
    else:
        labels = beside(x, np.asarray(labels))
    return np.equal(labels[..., None], beside(labels, np.arange(shape[-1])))


def to_each(g: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """`g` for each element that was summed. Where it lives elsewhere the sweep stretches it, to the blocks of `x`."""
    if not lives_elsewhere(g):
        return spread(g, x.shape, axis, keepdims)
    return g if axis is None or keepdims else np.expand_dims(g, normal_axes(axis, x.ndim))


def how_many(mask: Any, axis: Any, keepdims: bool = True) -> Any:
    """How often a mask holds over `axis`."""
    if kind_of(mask) is None:
        return np.count_nonzero(mask, axis=axis, keepdims=keepdims)
    return np.sum(mask, axis=axis, keepdims=keepdims)


def align(g: Any, x: Any, axis: Axis) -> Any:
    """`g`, of the shape that reducing `x` over `axis` gives, with the reduced axes kept: it broadcasts with `x`."""
    return np.reshape(g, kept(x.shape, axis))


def count(x: Any, y: Any) -> Any:
    """How many elements of `x` went into one of `y`; a number that divides halves in single precision."""
    n = int(x.size) // max(1, int(y.size))
    return np.float32(n) if y.dtype.itemsize < 4 else n


def freedom(x: Any, y: Any, ddof: float, correction: float | None) -> Any:
    """The divisor of a variance: the number of elements less the degrees of freedom lost, and not negative."""
    return max(count(x, y) - (ddof if correction is None else correction), 0)


def std_slope(g: Any, y: Any, x: Any, axis: Axis, divisor: Any) -> Any:
    """What each deviation of `x` from its mean is multiplied with. Of many halves np.std is inf: they come anew."""
    if x.dtype != y.dtype:
        y = np.reshape(np.sqrt(np.sum(centred(x, axis) ** 2, axis=axis) / divisor), y.shape)
    return ratio(single(g), y * divisor)


def centred(x: Any, axis: Axis) -> Any:
    """`x` less its mean over `axis`. Twice, it is exactly 0 for equal numbers, whose mean may be off by an ulp."""
    return x - mean(x, axis, keepdims=True)


def shared(g: Any, winners: Any, x: Any, axis: Axis) -> Any:
    """`g` for the winners, in equal shares."""
    g = single(g)
    won = cast(winners, g.dtype)
    if x.size <= COUNTED:
        ties = np.sum(won, axis=axis, keepdims=True)
    else:
        ties = cast(how_many(winners, axis), g.dtype)
    return chain(align(g, x, axis) / ties, won)


def leaders(y: Any, axis: int) -> tuple[Any, ...]:
    """The index of the element that each running maximum or minimum is: of equal ones the first."""
    rows = np.moveaxis(y, axis, 0)
    new = np.not_equal(rows[1:], rows[:-1]) & np.equal(rows[:-1], rows[:-1])  # from a NaN on, all is NaN
    numbers = beside(y, np.reshape(np.arange(1, len(rows)), (-1,) + (1,) * (y.ndim - 1)))
    since = join(zeros(y, rows[:1].shape, np.intp), np.where(new, numbers, 0))
    index = list(np.indices(y.shape, sparse=True))
    index[axis] = np.moveaxis(np.maximum.accumulate(since, 0), 0, axis)
    return tuple(index)


def through_reduceat(g: Any, shape: Shape, indices: Any, axis: int) -> Any:
    """Each sum of a segment, from one index to the next, gives its gradient to all in it. One that would go backward
    is of one element.
    """
    starts = np.asarray(indices)
    lengths = np.maximum(np.append(starts[1:], shape[axis]) - starts, 1)
    owner = np.repeat(np.arange(len(starts)), lengths)
    element = np.arange(len(owner)) - (np.cumsum(lengths) - lengths - starts)[owner]
    rest = [n for i, n in enumerate(shape) if i != axis % len(shape)]
    return np.moveaxis(scatter(np.moveaxis(g, axis, 0)[owner], element, (shape[axis], *rest)), 0, axis)


def through_softmax(g: Any, p: Any, axis: Axis) -> Any:
    """The pullback of the softmax, whose result is `p`."""
    return p * (g - np.sum(g * p, axis=axis, keepdims=True))


def delayed(s: Any, first: float) -> Any:
    """`s` one step later: `first` and all but the last entry, along the first axis."""
    return join(zeros(s, s[:1].shape) + s.dtype.type(first), s[:-1])


def transposed_recurrence(g: Any, a: Any) -> Any:
    """The recurrence run from the end: t[i] = g[i] + a[i+1] * t[i+1]."""
    return np.flip(recurrence(np.roll(np.flip(a, 0), 1, 0), np.flip(g, 0)), 0)


def through_cumprod(g: Any, y: Any, x: Any, axis: int | None) -> Any:
    """y[i] = x[i] * y[i-1], backward: the product of all factors before, times what the recurrence hands back."""
    if axis is None or x.ndim == 0:
        return np.reshape(through_cumprod(g, y, np.reshape(x, -1), 0), x.shape)
    g, y, x = (np.moveaxis(array, axis, 0) for array in (g, y, x))
    return np.moveaxis(delayed(y, 1) * transposed_recurrence(g, x), 0, axis)


def merged(x: Any, axes: tuple[int, ...]) -> Any:
    """`x` with `axes` moved to the front and made one."""
    x = np.moveaxis(x, axes, range(len(axes)))
    return np.reshape(x, (math.prod(x.shape[: len(axes)]), *x.shape[len(axes) :]))


def product_of_others(x: Any, axis: Axis) -> Any:
    """For each element of `x` the product of all others that are reduced with it: those before times those after."""
    axes = normal_axes(axis, x.ndim)
    rest = tuple(i for i in range(x.ndim) if i not in axes)
    rows = merged(x, axes)
    others = delayed(np.cumprod(rows, 0), 1) * np.flip(delayed(np.cumprod(np.flip(rows, 0), 0), 1), 0)
    return np.moveaxis(np.reshape(others, [x.shape[i] for i in axes + rest]), range(len(axes)), axes)


plain([np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.any, np.all, np.count_nonzero])
