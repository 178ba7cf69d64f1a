"""What the project computes by functions of its own, in NumPy's. None: the function is called as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..rules.gates import activated, cell_state, hidden_state, lstm_cell_state, lstm_gates, lstm_hidden_state
from ..rules.products import affine, flattened
from ..rules.reductions import NARROW, check_range, own, softmax_cross_entropy, surplus
from ..rules.statistics import in_deviations, standardized
from ..shapes import Axis, Shape, kept, spread, sum_to
from ..table import Function
from .traced import Traced


def bumped(x: Any, value: Any, index: Any) -> Any:
    """`x` with `value` added at `index`, which selects nothing twice."""
    out = np.array(x)
    out[index] += value
    return out


def summed_to(x: Any, shape: Shape) -> Any:
    """sum_to: the sum over every axis along which `shape` was stretched, added in the same order."""
    lead = x.ndim - len(shape)
    if len(shape) == 1 and x.shape[lead:] == shape and x.size > 1000:
        rows = np.reshape(x, (x.size // shape[0], *shape))
        return np.matmul(np.ones(len(rows), x.dtype), rows)
    stretched = tuple(i for i, size in enumerate(shape, lead) if size == 1 and x.shape[i] != 1)
    axes = (*range(lead), *stretched)
    total = np.sum(x, axis=axes[0] if len(axes) == 1 else axes)
    return total.reshape(shape) if stretched else total


def stretched(x: Any, shape: Shape, axis: Axis = None, keepdims: bool = False) -> Any:
    """spread: a view of `x`, as broadcasting makes it."""
    return np.broadcast_to(x if axis is None or keepdims else np.reshape(x, kept(shape, axis)), shape)


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """np.mean, without the wrapper that it is in NumPy."""
    if x.dtype.kind != "f" or x.dtype.itemsize < 4 or not x.size:
        return None  # halves are added in single precision, integers in double
    total = np.sum(x, axis=axis, keepdims=keepdims)
    return total / (x.size // total.size)


def standard(x: Any, axis: Axis = -1, eps: float = 1e-5) -> Any:
    """standardized: (x - mean) / deviation."""
    return in_deviations(x, axis, eps) if x.dtype.kind == "f" and x.dtype.itemsize >= 4 else None


def product(a: Any, b: Any) -> Any:
    """a @ b: that of a stack and one matrix as one product."""
    return flattened(a, b) if getattr(a, "ndim", 0) > 2 and np.ndim(b) == 2 else None


def exponentials(logits: Any) -> tuple[Any, Any, Any]:
    """The logits less the largest of each row, their exponentials, and the sums of these; as `shares` has them."""
    if logits.ndim == 2 and logits.shape[1] <= NARROW:
        logits = np.copy(logits, order="F")
    limits = np.finfo(logits.dtype)
    z = logits - np.max(logits, axis=-1, keepdims=True, initial=float(limits.min))
    e = np.exp(z)
    return z, e, np.sum(e, axis=-1, keepdims=True, initial=float(limits.tiny))


def cross_entropy(logits: Any, labels: Any) -> Any:
    """softmax_cross_entropy: log(sum(exp(z))) - z[label]."""
    if logits.dtype.itemsize < 4:
        return None  # halves are added in single precision
    builder(logits, labels).call(check_range, (labels, logits.shape[-1]), repeated=True)
    z, _, total = exponentials(logits)
    return np.log(total)[..., 0] - z[own(labels)]


def cross_entropy_slope(logits: Any, labels: Any) -> Any:
    """surplus: the softmax, less 1 at the label unless its logit is -inf."""
    if logits.dtype.itemsize < 4:
        return None
    _, e, total = exponentials(logits)
    index = own(labels)
    value = (logits[index] > -np.inf) * -1.0
    return builder(logits, labels).call(bumped, (e / total, value, index))


def builder(*operands: Any) -> Any:
    """What builds the program that these are in."""
    return next(x.trace for x in operands if isinstance(x, Traced))


# What refuses some numbers, whether or not its result is used
CHECKING: set[Function] = {softmax_cross_entropy}

LOWER: dict[Function, Callable[..., Any]] = {
    affine: flattened,
    np.matmul: product,
    lstm_gates: activated,
    lstm_cell_state: cell_state,
    lstm_hidden_state: hidden_state,
    sum_to: summed_to,
    spread: stretched,
    np.mean: mean,
    standardized: standard,
    softmax_cross_entropy: cross_entropy,
    surplus: cross_entropy_slope,
}
