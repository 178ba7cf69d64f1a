"""`autograd.scipy.ndimage`: an array between its points."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
import scipy.ndimage

from ..batching.rule import aligned, batched
from ..primitives import primitive
from ..rules.dtypes import cast
from ..table import plain
from .solutions import gathered, rows_at

__all__ = ["map_coordinates"]


def __getattr__(name: str) -> Any:
    return getattr(scipy.ndimage, name)


@primitive
def whole(x: Any) -> Any:
    """The largest integers that are not above, plain."""
    return np.floor(np.where(np.isfinite(x), x, 0)).astype(np.intp)


plain([whole])
batched(aligned, whole)


def wave(x: Any, n: Any) -> Any:
    """Up and down again between 0 and `n`."""
    return n - np.absolute(np.mod(x, 2 * n) - n) if n else 0 * x


def periodic(x: Any, n: Any) -> Any:
    """Within 0 and `n`: both are one place, and SciPy keeps the end on whose side `x` is."""
    return np.where(x < 0, n - np.mod(-x, n), np.where(x > n, np.mod(x, n), x))


# What takes the place of a coordinate outside of an axis with so many points.
FOLDED = {
    "constant": lambda x, n: x,
    "grid-constant": lambda x, n: x,
    "nearest": lambda x, n: np.clip(x, 0, n - 1),
    "mirror": lambda x, n: wave(x, n - 1),
    "reflect": lambda x, n: np.clip(wave(x + 0.5, n) - 0.5, 0, n - 1),
    "wrap": lambda x, n: periodic(x, n - 1) if n > 1 else 0 * x,
    "grid-wrap": lambda x, n: np.mod(x, n),
}


def map_coordinates(input: Any, coordinates: Any, order: int = 3, mode: str = "constant", cval: Any = 0.0) -> Any:
    """scipy.ndimage.map_coordinates for order=1: the values of an array between its points, by linear interpolation.

    `coordinates` has one row for each axis of `input`, (input.ndim, ...); the result has the shape of a row. It is
    differentiable by both: at a point itself, where the slope by a coordinate jumps, that is the one to the right.
    """
    if order != 1:
        raise ValueError(f"map_coordinates with order={order}: order=1 alone has a derivative here, and has to be said")
    if mode not in FOLDED:
        raise ValueError(f"map_coordinates with mode={mode!r}: it is {', '.join(map(repr, FOLDED))}")
    x, coordinates = gathered(input), gathered(coordinates)
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(float)
    if len(coordinates) != x.ndim:
        raise ValueError(f"coordinates of shape {coordinates.shape} for an array with {x.ndim} axes: one row for each")
    ends = []  # for each axis the two neighbours with their weights, and whether they are inside
    for row, n in zip(coordinates, x.shape):
        c = FOLDED[mode](row, n)
        low = whole(c)
        part = c - low
        ends.append([(low, 1 - part, n), (low + 1, part, n)])
    flat, y = np.reshape(x, -1), np.zeros((), dtype)
    for corner in itertools.product(*ends):
        index: Any = 0
        for i, _, n in corner:
            index = index * n + (np.mod(i, n) if mode == "grid-wrap" else np.clip(i, 0, n - 1))
        value = rows_at(flat, index)
        if mode == "grid-constant":
            inside = functools.reduce(np.logical_and, [(i >= 0) & (i < n) for i, _, n in corner])
            value = np.where(inside, value, cval)
        for _, weight, _ in corner:
            value = value * weight
        y = y + value
    if mode == "constant":
        inside = functools.reduce(np.logical_and, [(row >= 0) & (row <= n - 1) for row, n in zip(coordinates, x.shape)])
        y = np.where(inside, y, cval)
    return y if y.dtype == dtype else cast(y, dtype)
