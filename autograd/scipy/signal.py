"""`autograd.scipy.signal`: convolutions by direct sums, and linear filters.

A convolution is a product of a matrix of windows with a kernel, so it needs memory for as many numbers as the result
has, times those of the smaller array. One dimension is NumPy's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.signal

from ..batching.rule import rule_for
from ..primitives import primitive
from ..rules.windows import windows
from ..table import pullbacks
from .solutions import gathered

normalize_axes = np.lib.array_utils.normalize_axis_tuple
__all__ = ["convolve", "fftconvolve", "lfilter"]
MODES = ("full", "valid", "same")


def __getattr__(name: str) -> Any:
    return getattr(scipy.signal, name)


# --- Convolutions -------------------------------------------------------------------------------------------------


def ordered(a: Any, b: Any, n: int, mode: str) -> bool:
    """Whether the windows are to be those of `a`, the larger one along its last `n` axes, which are convolved."""
    if mode not in MODES:
        raise ValueError(f"mode={mode!r}: it is {', '.join(map(repr, MODES))}")
    sizes = list(zip(a.shape[a.ndim - n :], b.shape[b.ndim - n :]))
    if any(0 in pair for pair in sizes):
        raise ValueError(f"a convolution of shapes {a.shape} and {b.shape}: an axis of length 0")
    if mode == "valid" and not (all(p >= q for p, q in sizes) or all(p <= q for p, q in sizes)):
        raise ValueError(f"mode='valid' of shapes {a.shape} and {b.shape}: one has to be larger along every axis")
    if mode == "valid":
        return all(p >= q for p, q in sizes)
    return bool(np.prod([p for p, _ in sizes]) >= np.prod([q for _, q in sizes]))


def windows_for(x: Any, size: Sequence[int], mode: str) -> Any:
    """What of `x` meets a kernel of this size at each position, with zeros around: (..., *size, *positions)."""
    room = [(0, 0)] * (x.ndim - len(size)) + [(0 if mode == "valid" else k - 1,) * 2 for k in size]
    return windows(np.pad(x, room), tuple(size), (1,) * len(size))


def centred(y: Any, shape: Sequence[int]) -> Any:
    """The middle of the last axes."""
    cuts = [slice((full - n) // 2, (full - n) // 2 + n) for full, n in zip(y.shape[y.ndim - len(shape) :], shape)]
    return y[(..., *cuts)]


def flipped(x: Any, n: int) -> Any:
    """`x` in the opposite order along its last `n` axes."""
    return np.flip(x, tuple(range(x.ndim - n, x.ndim))) if n else x


def convolve(
    in1: Any, in2: Any, axes: Any = None, dot_axes: Any = ((), ()), mode: str = "full", method: str = "direct"
) -> Any:
    """scipy.signal.convolve, whose third argument may also be the mode, and HIPS autograd's, more general.

    `axes` are the axes of each array that are convolved, ([1], [0]), all of them if not given; `dot_axes` those that
    are multiplied and summed. The others of `in1`, then those of `in2`, then the convolved ones are the axes of the
    result.
    """
    if isinstance(axes, str):
        axes, mode = None, axes
        if isinstance(dot_axes, str):
            dot_axes, method = ((), ()), dot_axes
    if method not in ("auto", "direct"):
        raise ValueError(f"method={method!r}: convolutions of nodes are direct sums")
    a, b = gathered(in1), gathered(in2)
    if axes is None:
        if a.ndim != b.ndim:
            raise ValueError(f"convolve of shapes {a.shape} and {b.shape}: as many axes in both, or axes=")
        axes = (range(a.ndim), range(b.ndim))
    (along_a, along_b), (dot_a, dot_b) = (
        [normalize_axes(tuple(each), x.ndim) for each, x in zip(pair, (a, b))] for pair in (axes, dot_axes)
    )
    if len(along_a) != len(along_b) or len(dot_a) != len(dot_b) or {*along_a} & {*dot_a} or {*along_b} & {*dot_b}:
        raise ValueError(f"axes={axes} and dot_axes={dot_axes}: pairs of axes, each axis once")
    n, d = len(along_a), len(dot_a)
    a, b = in_order(a, dot_a, along_a), in_order(b, dot_b, along_b)
    shape = a.shape[a.ndim - n :]
    free_a, free_b = a.ndim - d - n, b.ndim - d - n
    first_is_larger = ordered(a, b, n, mode)
    if a.ndim == b.ndim == n == 1:
        y = np.convolve(a, b, "valid" if mode == "valid" else "full")
    elif first_is_larger:
        y = products(a, b, n, d, mode)  # the free axes of b are the last
        y = np.moveaxis(y, range(free_a + n, y.ndim), range(free_a, free_a + free_b))
    else:
        y = products(b, a, n, d, mode)
        y = np.moveaxis(y, range(free_b + n, y.ndim), range(free_a))
    return centred(y, shape) if mode == "same" else y


def in_order(x: Any, dots: Sequence[int], along: Sequence[int]) -> Any:
    """`x` with the axes to be summed and the axes to be convolved as the last ones."""
    free = [i for i in range(x.ndim) if i not in (*dots, *along)]
    return np.transpose(x, (*free, *dots, *along))


def products(x: Any, kernel: Any, n: int, d: int, mode: str) -> Any:
    """The windows of `x` times the kernel, summed over `d` axes too: free axes of `x`, positions, free axes of it."""
    size = kernel.shape[kernel.ndim - n :]
    seen = windows_for(x, size, mode) if n else x
    first, last = x.ndim - n - d, kernel.ndim - n - d
    return np.tensordot(seen, flipped(kernel, n), (range(first, first + d + n), range(last, last + d + n)))


def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    """scipy.signal.fftconvolve by direct sums: along `axes`; along the others the arrays are broadcast."""
    a, b = gathered(in1), gathered(in2)
    if axes is None:
        return convolve(a, b, mode=mode)
    if a.ndim != b.ndim:
        raise ValueError(f"fftconvolve of shapes {a.shape} and {b.shape}: as many axes in both")
    along = normalize_axes(axes, a.ndim)
    n = len(along)
    a, b = in_order(a, (), along), in_order(b, (), along)
    shape = a.shape[a.ndim - n :]
    x, kernel = (a, b) if ordered(a, b, n, mode) else (b, a)
    size = kernel.shape[kernel.ndim - n :]
    seen = windows_for(x, size, mode)
    positions, count = seen.shape[seen.ndim - n :], int(np.prod(size))
    rows = np.reshape(flipped(kernel, n), (*kernel.shape[: kernel.ndim - n], 1, count))
    y = (rows @ np.reshape(seen, (*x.shape[: x.ndim - n], count, -1)))[..., 0, :]
    y = np.reshape(y, (*y.shape[:-1], *positions))
    if mode == "same":
        if y.shape[: y.ndim - n] != a.shape[: a.ndim - n]:
            raise ValueError(f"mode='same' is the shape of in1, {in1.shape}, which is broadcast")
        y = centred(y, shape)
    return np.moveaxis(y, range(y.ndim - n, y.ndim), along)


# --- Filters ------------------------------------------------------------------------------------------------------


@primitive
def feedback(a: Any, x: Any) -> Any:
    """The y with a[0] y[n] + a[1] y[n - 1] + ... = x[n] along the last axis, which is 0 before it begins."""
    dtype = np.result_type(a, x, np.float32)
    return scipy.signal.lfilter(np.ones(1, dtype), np.asarray(a, dtype), np.asarray(x, dtype))


def backward(a: Any, g: Any) -> Any:
    """The transposed recursion, which goes the other way."""
    return np.flip(feedback(a, np.flip(g, -1)), -1)


def lagged(u: Any, y: Any, count: int) -> Any:
    """The sums of u[n] y[n - k] for each lag k."""
    n = y.shape[-1]
    return np.stack([np.sum(u[..., k:] * y[..., : max(n - k, 0)]) for k in range(count)])


pullbacks(
    feedback,
    lambda g, y, a, x: -lagged(backward(a, g), y, a.shape[0]),
    lambda g, y, a, x: backward(a, g),
)


@rule_for(feedback)
def fed_back(batch: Any, fun: Any, a: Any, x: Any) -> Any:
    """One filter for all examples."""
    return NotImplemented if batch.has(a) else fun(a, batch.of(x))


def forward(b: Any, x: Any) -> Any:
    """The sums b[0] x[n] + b[1] x[n - 1] + ... along the last axis."""
    room = [(0, 0)] * (x.ndim - 1) + [(b.shape[0] - 1, 0)]
    return b[::-1] @ windows(np.pad(x, room), (b.shape[0],), (1,))


def lfilter(b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    """scipy.signal.lfilter: a[0] y[n] + a[1] y[n - 1] + ... = b[0] x[n] + b[1] x[n - 1] + ... along an axis.

    With a state `zi` to begin with, the result is y and the state after it.
    """
    b, a, x = np.atleast_1d(gathered(b)), np.atleast_1d(gathered(a)), np.moveaxis(gathered(x), axis, -1)
    if b.ndim != 1 or a.ndim != 1 or not b.shape[0] or not a.shape[0]:
        raise ValueError(f"lfilter: coefficients of shapes {b.shape} and {a.shape}, and not two vectors")
    n, order = x.shape[-1], max(b.shape[0], a.shape[0]) - 1
    if zi is None:
        return np.moveaxis(feedback(a, forward(b, x)), -1, axis)
    zi = np.moveaxis(gathered(zi), axis, -1)
    if zi.shape[-1] != order:
        raise ValueError(f"lfilter: a state of {order} numbers along the axis, and zi has {zi.shape[-1]}")

    def extended(z: Any, end: int) -> Any:
        return np.pad(z, [(0, 0)] * (z.ndim - 1) + [(0, end)])

    state = a[0] * extended(zi, n)
    fed = forward(b, extended(x, order)) + state
    y = feedback(a, fed[..., :n])
    rest = fed - forward(a, extended(y, order))
    return np.moveaxis(y, -1, axis), np.moveaxis(rest[..., n:] / a[0], -1, axis)
