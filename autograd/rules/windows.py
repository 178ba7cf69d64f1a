"""Windows: what a convolution or a pooling sees at each of its positions."""

from __future__ import annotations

import itertools
import operator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from ..arrays import zeros
from ..primitives import primitive
from ..shapes import Shape
from ..table import pullbacks


@primitive
def windows(x: Any, size: Shape, stride: Shape, dilation: Shape | None = None) -> Any:
    """Every window of `size` on the last axes of `x`, `stride` apart: (..., *size, *positions), a new array.

    The numbers of a window are neighbours, or `dilation` apart. Along each of these axes there are
    (n - dilation * (size - 1) - 1) // stride + 1 positions.

    >>> windows(np.arange(7.0), (3,), (2,))
    array([[0., 2., 4.],
           [1., 3., 5.],
           [2., 4., 6.]])
    >>> windows(np.arange(7.0), (3,), (2,), (3,))
    array([[0.],
           [3.],
           [6.]])
    """
    k = len(size)
    apart = dilation or (1,) * k
    reach = tuple(step * (n - 1) + 1 for n, step in zip(size, apart))
    ends = x.shape[-k:]
    if type(x) is np.ndarray and 0 < k <= x.ndim and min(*apart, *stride) > 0 and all(map(operator.le, reach, ends)):
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

    So `overlap(windows(x, size, stride), x.shape, stride)` is x times how many windows see each of its numbers.

    >>> overlap(np.ones((3, 2)), (5,), (2,))
    array([1., 1., 2., 1., 1.])
    """
    k = len(stride)
    apart = dilation or (1,) * k
    size = g.shape[-2 * k : -k]
    disjoint = all(step > gap * (n - 1) for step, gap, n in zip(stride, apart, size))  # no two have a number in common
    out = zeros(g, shape)
    everywhere = (slice(None),) * k
    seen_at = [  # where on each axis the numbers at an offset in their windows are
        [(i, slice(i * gap, i * gap + step * m, step)) for i in range(n)]
        for n, gap, step, m in zip(size, apart, stride, g.shape[-k:])
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


# fmt: off
pullbacks(windows, lambda g, y, x, size, stride, dilation=None: overlap(g, x.shape, stride, dilation), None, None, None)
pullbacks(overlap, lambda g, y, seen, shape, stride, dilation=None:
          windows(g, size_of(seen, stride), stride, dilation), None, None, None)
# fmt: on
