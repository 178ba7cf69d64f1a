"""Calls that together are one operator: convolution, transposed convolution, pooling.

A pattern is written as the calls are, from the last one back to the windows. Where it does not fit it answers None, and
the calls are written one by one: a pattern changes the speed, and what people see in the file, not the numbers.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..rules import structure, windows
from .batches import Batch, Call, Sizes
from .graph import Graph
from .indexing import FULL, expanded, margins
from .table import ends

FLOAT = np.dtype(np.float32)  # onnxruntime has these in single precision alone, but for MaxPool
TURNED = {"axis1": -1, "axis2": -2}


@dataclass
class Filtered:
    """A convolution, or a transposed one: its input, its filters and their shapes, and the operator's attributes."""

    kind: str
    x: Call
    x_shape: Sizes
    filters: Call
    filters_shape: Sizes
    channels: int
    attributes: dict[str, Any]

    def written(self, g: Graph, *bias: str) -> str:
        """The operator."""
        x, filters = g.reshape(self.x, self.x_shape, FLOAT), g.reshape(self.filters, self.filters_shape, FLOAT)
        return g.node(self.kind, x, filters, *bias, dtype=FLOAT, **self.attributes)


def convolution(call: Call) -> Filtered | None:
    """filters @ windows: reshape(matmul(filters, reshape(windows(x))))."""
    match call:
        case Call(np.reshape, (Call(np.matmul, (Call() as filters, Call(np.reshape, (
            Call(windows.windows, (Call() as x, size, stride, *apart)) as seen, *_,
        )) as columns)), *_)) if fits(seen, columns, filters, len(size)):  # fmt: skip
            pass
        case _:
            return None
    k, (n, channels, *_) = len(size), sizes(seen)
    positions, lead = sizes(seen)[-k:], sizes(columns)[1:-2]
    groups, out = math.prod(lead), math.prod(sizes(filters)[:-1])
    weights = channels // groups * math.prod(size)
    as_product = (n, *lead, weights, math.prod(positions)), (*lead, out // groups, weights), (n, out, *positions)
    if (columns.shape, filters.shape, call.shape) != as_product:
        return None
    x, pads = without_border(x, 0.0, k)
    attributes = {"pads": pads, "group": groups, **windowed(size, stride, apart)}
    return Filtered("Conv", x, x.shape, filters, (out, channels // groups, *size), out, attributes)


def transposed(call: Call) -> Filtered | None:
    """filters.mT @ x as windows that are added at their places: overlap(reshape(matmul(filters.mT, x))), or a part."""
    call, ends_at = part_of(call)
    match call:
        case Call(windows.overlap, (Call(np.reshape, (
            Call(np.matmul, (Call(np.swapaxes, (Call() as filters,), kwargs), Call() as columns)), *_,
        )) as seen, shape, stride, *apart)) if (
            kwargs == TURNED and fits(seen, columns, filters, len(stride))
        ):  # fmt: skip
            pass
        case _:
            return None
    k, (n, out, *_) = len(stride), sizes(seen)
    size, positions = sizes(seen)[2 : 2 + k], sizes(seen)[2 + k :]
    lead, inputs = sizes(columns)[1:-2], sizes(columns)[-2]
    groups = math.prod(lead)
    weights = out // groups * math.prod(size)
    as_product = (n, *lead, inputs, math.prod(positions)), (*lead, inputs, weights), (n, out)
    if (columns.shape, filters.shape, tuple(shape[:2])) != as_product:
        return None
    attributes = windowed(size, stride, apart)
    axes = list(zip(positions, stride, attributes["dilations"], size, ends_at))
    beyond = [stop - ((m - 1) * s + d * (n - 1) + 1) for m, s, d, n, (_, stop) in axes]
    if any(more >= max(s, d) for more, (_, s, d, *_) in zip(beyond, axes)):
        return None
    attributes["pads"] = [start for start, _ in ends_at] + [max(-more, 0) for more in beyond]
    attributes["output_padding"] = [max(more, 0) for more in beyond]
    x_shape, filters_shape = (n, groups * inputs, *positions), (groups * inputs, out // groups, *size)
    return Filtered("ConvTranspose", columns, x_shape, filters, filters_shape, out, {"group": groups, **attributes})


def sizes(call: Call) -> tuple[Any, ...]:
    """The shape of a call, whose sizes have been seen to be integers or will be."""
    return call.shape


def fits(seen: Call, columns: Call, filters: Call, k: int) -> bool:
    """Whether windows over k axes, and these as columns, are of samples by themselves, in single precision."""
    known = all(isinstance(size, int) for size in (*seen.shape[1:], *columns.shape[1:], *filters.shape))
    return known and seen.dtype == filters.dtype == FLOAT and seen.ndim == 2 + 2 * k and columns.ndim in (3, 4)


def windowed(size: Sequence[Any], stride: Sequence[Any], apart: Sequence[Any]) -> dict[str, Any]:
    """The attributes of windows."""
    dilations = apart[0] if apart and apart[0] is not None else (1,) * len(size)
    return {"kernel_shape": list(size), "strides": list(stride), "dilations": list(dilations)}


def without_border(x: Call, border: float, k: int) -> tuple[Call, list[int]]:
    """What is inside a border of this number around the last axes, and how wide that is, as ONNX has it."""
    match x:
        case Call(structure.scatter, (Call() as inner, index, shape, *_)) if border == 0:
            pass
        case Call(np.add, (Call(structure.scatter, (Call() as inner, index, shape, *_)), Call(None, value=around))):
            expected = np.full(np.shape(around), border, FLOAT)
            if expected.ndim == len(index):
                expected[tuple(FULL if size == 1 else part for size, part in zip(expected.shape, index))] = 0
            if not np.array_equal(expected, around):
                return x, [0] * (2 * k)
        case _:
            return x, [0] * (2 * k)
    before, after = margins(inner, index, shape) or ([1], [1])
    return (x, [0] * (2 * k)) if any(before[:-k] + after[:-k]) else (inner, before[-k:] + after[-k:])


def part_of(call: Call) -> tuple[Call, list[tuple[int, int]]]:
    """Overlapping windows of which `call` is a part, or which have zeros after them, and where it starts and stops."""
    match call:
        case Call(windows.overlap, (_, _, stride, *_)):
            return call, [(0, size) for size in call.shape[-len(stride) :]]  # type: ignore[misc]
        case Call(structure.scatter, (Call(windows.overlap) as inner, index, shape, *_)):
            before, _ = margins(inner, index, shape) or ([1], [1])
            if not any(before):
                return inner, [(0, size) for size in shape[-len(inner.args[2]) :]]
        case Call(operator.getitem, (Call(windows.overlap | structure.scatter) as inner, index)):
            inner, all_of_it = part_of(inner)
            items = expanded(index, call.ndim)
            parts = items[-len(all_of_it) :] if all_of_it else []
            if len(items) == call.ndim and inner.fun is windows.overlap and all(isinstance(i, slice) for i in items):
                bounds = [part.indices(size) for part, (_, size) in zip(parts, all_of_it)]
                if all(step == 1 for *_, step in bounds) and call.shape[: -len(parts)] == inner.shape[: -len(parts)]:
                    return inner, [(start, stop) for start, stop, _ in bounds]
    return call, []


@ends(np.reshape)
def _convolution(g: Graph, call: Call) -> str | None:
    found = convolution(call)
    return found.written(g) if found else None


@ends(windows.overlap, structure.scatter, operator.getitem)
def _transposed(g: Graph, call: Call) -> str | None:
    found = transposed(call)
    return found.written(g) if found else None


@ends(np.add)
def _biased(g: Graph, call: Call) -> str | None:
    """With a number added for each channel."""
    match call:
        case Call(np.add, (Call() as y, Call() as b)):
            found = convolution(y) or transposed(y)
            if found and b.dtype == FLOAT and b.shape == (found.channels, *[1] * (y.ndim - 2)):
                return found.written(g, g.reshape(b, (found.channels,), FLOAT))
    return None


@ends(np.max, np.mean)
def _pooling(g: Graph, call: Call) -> str | None:
    """The largest number, or the mean, of every window: max(reshape(windows(x)), axis=2)."""
    match call:
        case Call(
            args=(Call(np.reshape, (Call(windows.windows, (Call() as x, size, stride, *apart)) as seen, *_)) as flat,)
        ):
            k, t = len(size), call.dtype
        case _:
            return None
    of_windows = call.kwargs.get("axis") == 2 and flat.shape == (*seen.shape[:2], math.prod(size), *seen.shape[-k:])
    if not of_windows or call.ndim != 2 + k or any(isinstance(n, Batch) for n in seen.shape[1:]):
        return None
    attributes = windowed(size, stride, apart)
    inner, pads = without_border(x, -np.inf if call.fun is np.max else 0.0, k)
    if any(pad >= n for pad, n in zip(pads, [*size, *size])):
        inner, pads = x, [0] * (2 * k)
    if call.fun is np.max:
        return g.node("MaxPool", inner, dtype=t, pads=pads, **attributes) if t.kind == "f" else None
    if t != FLOAT or set(attributes.pop("dilations")) != {1}:
        return None
    return g.node("AveragePool", inner, dtype=t, pads=pads, count_include_pad=1, **attributes)
