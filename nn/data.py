"""Toy data sets, and batches. A data set is X (n, 2) and labels y (n,), counted from 0, point by point.

`noise` is the standard deviation of what is added to every coordinate; `rng` a NumPy generator, an int as its seed,
or None. `n` points of every class are made, and the classes come one after the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from operator import index
from typing import Any

import numpy as np
import numpy.typing as npt

from .init import Seed

Array = npt.NDArray[Any]


def xor() -> tuple[Array, Array]:
    """The four points that no straight line separates: the label says whether the two coordinates differ.

    >>> xor()[1]
    array([0, 1, 1, 0])
    """
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array([0, 1, 1, 0])


def spirals(arms: int = 3, n: int = 100, noise: float = 0.02, rng: Seed = None) -> tuple[Array, Array]:
    """`arms` spirals around the origin, each one turn from radius 0.1 to 1."""
    rng = np.random.default_rng(rng)
    radius = rng.uniform(0.1, 1, (arms, n))
    angle = 2 * math.pi * (radius + np.arange(arms)[:, None] / arms)
    return noisy([radius * np.cos(angle), radius * np.sin(angle)], noise, rng)


def moons(n: int = 100, noise: float = 0.1, rng: Seed = None) -> tuple[Array, Array]:
    """Two half circles that reach into each other: the upper one around (0, 0), the lower one around (1, 0.5)."""
    rng = np.random.default_rng(rng)
    lower = np.array([[0.0], [1.0]])
    angle = rng.uniform(0, math.pi, (2, n)) + math.pi * lower
    return noisy([np.cos(angle) + lower, np.sin(angle) + 0.5 * lower], noise, rng)


def circles(n: int = 100, noise: float = 0.05, rng: Seed = None) -> tuple[Array, Array]:
    """Two circles around the origin, of radius 1 and 0.5."""
    rng = np.random.default_rng(rng)
    angle = rng.uniform(0, 2 * math.pi, (2, n))
    radius = np.array([[1], [0.5]])
    return noisy([radius * np.cos(angle), radius * np.sin(angle)], noise, rng)


def noisy(coordinates: Sequence[Array], noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """X and y from coordinates of shape (classes, n), with noise added."""
    classes, n = coordinates[0].shape
    X = np.stack(coordinates, axis=-1).reshape(-1, len(coordinates))
    return X + noise * rng.standard_normal(X.shape), np.repeat(np.arange(classes), n)


def batches(X: Array, y: Array, size: int, shuffle: bool = True, rng: Seed = None) -> Iterator[tuple[Array, Array]]:
    """Pairs of up to `size` samples and their targets, each sample once: one epoch. The last batch may be smaller.

    Raises ValueError if X and y differ in length or `size` is below 1.
    """
    if len(X) != len(y):
        raise ValueError(f"batches: X has {len(X)} samples and y {len(y)}: there must be one target for each")
    if index(size) < 1:
        raise ValueError(f"batches: size must be at least 1, got {size}")
    order = np.random.default_rng(rng).permutation(len(X)) if shuffle else np.arange(len(X))
    return ((X[chosen], y[chosen]) for chosen in (order[i : i + size] for i in range(0, len(X), size)))
