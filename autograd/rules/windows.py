"""Windows: what a convolution or a pooling sees at each of its positions."""

from __future__ import annotations

import itertools
import operator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from ..arrays import asarray, zeros
from ..primitives import primitive
from ..shapes import Shape
from ..table import pullbacks


def check_axes(**given: Any) -> None:
    """Refuse what does not hold one number for each axis."""
    for name, sizes in given.items():
        if sizes is not None and not hasattr(sizes, "__len__"):
            raise TypeError(f"{name} holds one integer for each axis, as (3, 3) for two: got {sizes!r}")


def gaps(size: Shape, stride: Shape, dilation: Shape | None) -> Shape:
    """How far the numbers of a window are apart along each axis, 1 where no dilation is given."""
    apart = (1,) * len(size) if dilation is None else dilation
    if not len(size) == len(stride) == len(apart) or min((*size, *stride, *apart), default=1) < 1:
        raise ValueError(
            f"windows have one size, one stride and one dilation for each axis, all 1 or more: got size {size}, "
            f"stride {stride} and dilation {apart}"
        )
    return apart


def fits(found: Shape, wanted: Shape) -> bool:
    """Whether two shapes are the same, as far as they are known: a lazy array may have lengths of NaN."""
    return all(n == m or n != n or m != m for n, m in zip(found, wanted))


@primitive
def windows(x: Any, size: Shape, stride: Shape, dilation: Shape | None = None) -> Any:
    """Every window of `size` on the last axes of `x`, `stride` apart: (..., *size, *positions), a new array.

    The numbers of a window are neighbours, or `dilation` apart. Along each of these axes there are
    (n - dilation * (size - 1) - 1) // stride + 1 positions. Raises ValueError for windows larger than the axes, and
    unless there is one size, one stride and one dilation for each axis, all 1 or more.

    >>> windows(np.arange(7.0), (3,), (2,))
    array([[0., 2., 4.],
           [1., 3., 5.],
           [2., 4., 6.]])
    >>> windows(np.arange(7.0), (3,), (2,), (3,))
    array([[0.],
           [3.],
           [6.]])
    """
    check_axes(size=size, stride=stride, dilation=dilation)
    x, k, apart = asarray(x), len(size), gaps(size, stride, dilation)
    reach = tuple(step * (n - 1) + 1 for n, step in zip(size, apart))
    ends = x.shape[-k:]
    if type(x) is np.ndarray and 0 < k <= x.ndim and all(map(operator.le, reach, ends)):
        x = np.ascontiguousarray(x)  # each number is read many times
        positions = ((n - r) // step + 1 for n, r, step in zip(ends, reach, stride))
        near, far = (map(operator.mul, steps, x.strides[-k:]) for steps in (apart, stride))
        shape = (*x.shape[:-k], *size, *positions)
        return as_strided(x, shape, (*x.strides[:-k], *near, *far), writeable=False).copy()
    seen = sliding_window_view(x, reach, axis=tuple(range(-k, 0)))
    seen = np.moveaxis(seen, range(-k, 0), range(-2 * k, -k))
    chosen: Any = (..., *(slice(None, None, step) for step in (*apart, *stride)))
    return seen[chosen].copy()


@primitive
def overlap(g: Any, shape: Shape, stride: Shape, dilation: Shape | None = None) -> Any:
    """Zeros of `shape` with every window of `g` (..., *size, *positions) added at its position: `windows`, transposed.

    So `overlap(windows(x, size, stride), x.shape, stride)` is x times how many windows see each of its numbers. Raises
    ValueError if the windows do not lie inside of `shape`, or `windows` refuses them.

    >>> overlap(np.ones((3, 2)), (5,), (2,))
    array([1., 1., 2., 1., 1.])
    """
    check_axes(shape=shape, stride=stride, dilation=dilation)
    g, k, lead = asarray(g), len(stride), len(shape) - len(stride)
    size, positions = size_of(g, stride), g.shape[-k:]
    apart = gaps(size, stride, dilation)
    last = [gap * (n - 1) + step * (m - 1) for n, gap, step, m in zip(size, apart, stride, positions)]
    if g.ndim != lead + 2 * k or not fits(g.shape[:lead], shape[:lead]) or any(map(operator.ge, last, shape[lead:])):
        raise ValueError(
            f"overlap adds windows (..., *size, *positions) inside of an array: those of shape {g.shape}, their "
            f"numbers {apart} and they {stride} apart, do not lie in one of shape {shape}"
        )
    disjoint = all(step > gap * (n - 1) for step, gap, n in zip(stride, apart, size))  # no two have a number in common
    out = zeros(g, shape)
    everywhere = (slice(None),) * k
    seen_at = [  # where on each axis the numbers at an offset in their windows are
        [(i, slice(i * gap, i * gap + step * m, step)) for i in range(n)]
        for n, gap, step, m in zip(size, apart, stride, positions)
    ]
    for places in itertools.product(*seen_at):
        offset, where = zip(*places)
        part, seen = g[(..., *offset, *everywhere)], (..., *where)
        if disjoint:
            out[seen] = part
        else:
            out[seen] += part
    return out


def size_of(g: Any, stride: Shape) -> Shape:
    """The size of the windows in `g`."""
    k = len(stride)
    return tuple(g.shape[-2 * k : -k])


def windows_of_sums(g: Any, seen: Any, stride: Shape, dilation: Shape | None) -> Any:
    """The gradient of `overlap(seen, g.shape, stride, dilation)`: `g` where each window of `seen` was added."""
    found = windows(g, size_of(seen, stride), stride, dilation)
    if fits(found.shape, seen.shape):
        return found
    return found[(..., *(slice(m) for m in seen.shape[-len(stride) :]))]  # there was room for more windows


# fmt: off
pullbacks(windows, lambda g, y, x, size, stride, dilation=None: overlap(g, x.shape, stride, dilation), None, None, None)
pullbacks(overlap, lambda g, y, seen, shape, stride, dilation=None: windows_of_sums(g, seen, stride, dilation),
                   None, None, None)
# fmt: on
