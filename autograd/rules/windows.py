"""Windows: what a convolution or a pooling sees at each of its positions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..shapes import Shape
from ..table import primitive, pullbacks


@primitive
def windows(x: Any, size: Shape, stride: Shape) -> Any:
    """Every window of `size` on the last axes of `x`, `stride` apart: (..., *size, *positions), a new array.

    Along each of these axes there are (n - size) // stride + 1 positions.

    >>> windows(np.arange(7.0), (3,), (2,))
    array([[0., 2., 4.],
           [1., 3., 5.],
           [2., 4., 6.]])
    """
    k = len(size)
    seen = sliding_window_view(x, size, axis=tuple(range(-k, 0)))
    seen = np.moveaxis(seen, range(-k, 0), range(-2 * k, -k))
    apart: Any = (..., *(slice(None, None, step) for step in stride))
    return seen[apart].copy()


@primitive
def overlap(g: Any, shape: Shape, stride: Shape) -> Any:
    """Zeros of `shape` with every window of `g` added at its position: what `windows` does, backward."""
    k = len(stride)
    out = np.zeros(shape, dtype=g.dtype)
    for offset in np.ndindex(g.shape[-2 * k : -k]):
        seen: Any = (..., *(slice(i, i + step * n, step) for i, step, n in zip(offset, stride, g.shape[-k:])))
        out[seen] += g[(..., *offset, *[slice(None)] * k)]
    return out


def size_of(g: Any, stride: Shape) -> Shape:
    """The size of the windows in `g`."""
    k = len(stride)
    return tuple(g.shape[-2 * k : -k])


# fmt: off
pullbacks(windows, lambda g, y, x, size, stride: overlap(g, x.shape, stride),                  None, None)
pullbacks(overlap, lambda g, y, windowed, shape, stride: windows(g, size_of(windowed, stride), stride),  None, None)
# fmt: on
