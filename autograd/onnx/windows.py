"""Windows as operators: each axis by itself, its windows gathered by a table of positions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..rules.windows import overlap, windows
from .batches import Batch, Call, Sizes
from .graph import Graph
from .table import axes_of, converts, unsupported


def places(size: int, step: int, apart: int, count: int) -> Any:
    """Where the numbers of each window stand: (size, positions)."""
    return apart * np.arange(size)[:, None] + step * np.arange(count)


@converts(windows)
def _windows(g: Graph, call: Call, x: Call, size: Any, stride: Any, dilation: Any = None) -> str:
    """(..., axis, axis) becomes (..., window, positions, window, positions), and the windows come first."""
    k, name = len(size), g.use(x, call.dtype)
    if any(isinstance(n, Batch) for n in call.shape[-2 * k :]):
        raise unsupported(call, "over the samples")
    lead = x.ndim - k
    for i in reversed(range(k)):
        count = int(call.shape[i - k])  # type: ignore[arg-type]
        index = places(int(size[i]), int(stride[i]), int((dilation or (1,) * k)[i]), count)
        name = g.node("Gather", name, g.constant(index.astype(np.int64)), dtype=call.dtype, axis=lead + i)
    order = [*range(lead), *range(lead, lead + 2 * k, 2), *range(lead + 1, lead + 2 * k, 2)]
    return g.transpose(name, order, call.dtype)


@converts(overlap)
def _overlap(g: Graph, call: Call, x: Call, shape: Sizes, stride: Any, dilation: Any = None) -> str:
    """Windows added at their places: along each axis a product with the table of them as a matrix of ones."""
    k, t = len(stride), call.dtype
    lead = x.ndim - 2 * k
    sizes = [int(n) for n in x.shape[lead:]]  # type: ignore[arg-type]
    name, before = g.use(x, t), tuple(x.shape[:lead])
    for i in reversed(range(k)):  # (..., windows, positions) with this axis last
        size, count, n = sizes[i], sizes[k + i], int(shape[lead + i])  # type: ignore[arg-type]
        done = tuple(int(m) for m in shape[lead + i + 1 :])  # type: ignore[arg-type]
        rest = (*sizes[:i], *sizes[k : k + i])
        index = places(size, int(stride[i]), int((dilation or (1,) * k)[i]), count).reshape(-1)
        table = np.zeros((size * count, n), t)
        table[np.arange(index.size), index] = 1
        # from (*before, *window[:i], w, *position[:i], p, *done) to (*before, *rest, *done, w * p)
        m, first = len(before), i
        order = [*range(m + first), *range(m + first + 1, m + 2 * first + 1),
                 *range(m + 2 * first + 2, m + 2 * first + 2 + len(done)), m + first, m + 2 * first + 1]  # fmt: skip
        flat = g.reshape(g.transpose(name, order, t), (*before, *rest, *done, size * count), t)
        name = g.node("MatMul", flat, g.constant(table), dtype=t)  # (*before, *rest, *done, n)
        back = [*range(m + len(rest)), m + len(rest) + len(done), *range(m + len(rest), m + len(rest) + len(done))]
        name = g.transpose(name, back, t)
    return name


@converts(sliding_window_view)
def _sliding(g: Graph, call: Call, x: Call, window_shape: Any, axis: Any = None) -> str:
    sizes = [int(n) for n in np.atleast_1d(window_shape)]
    axes, name = axes_of(axis, x.ndim), g.use(x, call.dtype)
    for i, (a, size) in enumerate(zip(axes, sizes)):  # the windows go to the end
        n = x.shape[a]
        if isinstance(n, Batch) or len(set(axes)) < len(axes):
            raise unsupported(call, "over the samples, or twice over one axis")
        index = places(size, 1, 1, n - size + 1).T
        name = g.node("Gather", name, g.constant(index.astype(np.int64)), dtype=call.dtype, axis=a)
        ndim = x.ndim + i + 1
        name = g.transpose(name, [*range(a + 1), *range(a + 2, ndim), a + 1], call.dtype)
    return name
