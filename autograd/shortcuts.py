"""Around NumPy's insides, for speed alone: the same numbers, sooner. Nobody has to know it to read the engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import kind_of
from .primitives import BARE
from .shapes import Axis
from .table import Function

# glibc hands freed arrays back to the system, and each step pages them in anew, until a block of just under its limit
# of 32 MB is freed once (mallopt(3), M_MMAP_THRESHOLD). It is never written to, so it takes no memory.
np.empty(2**25 - 2**16, np.uint8)


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """np.mean, sooner for NumPy's arrays; it adds halves in single precision and warns of empty arrays."""
    if type(x) is not np.ndarray or x.dtype.itemsize < 4 or not x.size:
        return np.mean(x, axis, keepdims=keepdims)
    total = DIRECT[np.sum](x, axis, keepdims)
    return total / (x.size / total.size)


def expanded(x: Any, axis: Axis) -> Any:
    """np.expand_dims, sooner for one axis."""
    ndim = x.ndim + 1
    if type(axis) is not int or not -ndim <= axis < ndim:
        return np.expand_dims(x, axis)  # type: ignore[arg-type]
    axis %= ndim
    return x.reshape((*x.shape[:axis], 1, *x.shape[axis:]))


def axis_moved(x: Any, source: Any, destination: Any) -> Any:
    """np.moveaxis, sooner for one axis of NumPy's arrays."""
    ends = range(-x.ndim, x.ndim) if type(x) is np.ndarray else ()
    if type(source) is not int or type(destination) is not int or not (source in ends and destination in ends):
        return np.moveaxis(x, source, destination)
    order = [*range(x.ndim)]
    order.insert(destination % x.ndim, order.pop(source))
    return x.transpose(order)


# What NumPy computes inside of wrappers written in Python, without them.
DIRECT: dict[Function, Function] = {
    np.sum: lambda x, axis=None, keepdims=False: np.add.reduce(x, axis, keepdims=keepdims),
    np.mean: mean,
    np.max: lambda x, axis=None, keepdims=False: np.maximum.reduce(x, axis, keepdims=keepdims),
    np.min: lambda x, axis=None, keepdims=False: np.minimum.reduce(x, axis, keepdims=keepdims),
    np.prod: lambda x, axis=None, keepdims=False: np.multiply.reduce(x, axis, keepdims=keepdims),
    np.transpose: lambda x, axes=None: x.transpose(axes),
    np.reshape: lambda x, shape: x.reshape(shape),
    np.expand_dims: expanded,
    np.moveaxis: axis_moved,
}
BARE.update(DIRECT)

REACH = {2: 11.0, 4: 88.0}  # exp of it is a number in floats of so many bytes
FAST = (np.dtype(np.float32), np.dtype(np.float64))


def moderate(x: Any) -> bool:
    """Whether `x` is a plain array of floats, without NaN, whose exp(x) cannot overflow."""
    return (
        type(x) is np.ndarray
        and x.dtype.kind == "f"
        and bool(np.maximum.reduce(x, axis=None, initial=0) < REACH.get(x.itemsize, 709.0))
    )


MANY = 4096  # numbers from which on a pass less over them is worth a call more


def not_negative(x: Any, out: Any = None) -> Any:
    """np.maximum(x, 0), sooner for many numbers: np.clip compares several at once with one number."""
    if type(x) is not np.ndarray or x.size < MANY or x.dtype not in FAST:
        return np.maximum(x, 0, out=out)
    y = x.clip(0, np.inf, out)
    y += 0.0  # np.clip leaves -0.0
    return y


def is_zero(x: Any) -> bool:
    """Whether `x` is the number 0."""
    return type(x) in (int, float) and x == 0


def logaddexp(a: Any, b: Any) -> Any:
    """np.logaddexp, sooner for NumPy's arrays of single and double precision."""
    if kind_of(a) is not None or kind_of(b) is not None:
        return np.logaddexp(a, b)
    if np.result_type(a, b) not in FAST or not all(getattr(x, "dtype", FAST[0]) in FAST for x in (a, b)):
        return np.logaddexp(a, b)
    with np.errstate(over="ignore", invalid="ignore"):
        y = np.asarray(a - b)
        np.negative(np.abs(y, out=y), out=y)
        np.log1p(np.exp(y, out=y), out=y)
        y += not_negative(b) if is_zero(a) else not_negative(a) if is_zero(b) else np.maximum(a, b)
    total = np.sum(y)
    if total != total:  # of two infinite numbers the difference is NaN
        return np.logaddexp(a, b)
    return y if y.ndim else y[()]


BARE[np.logaddexp] = logaddexp
