"""Initial weights: `init(shape, rng, dtype)` gives an array. `rng` is a NumPy generator, an int as its seed, or None.

Weights of a Dense layer have the shape (inputs, units), of a convolution (units, inputs, *window).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .names import lookup

Array = npt.NDArray[Any]
Seed = int | np.random.Generator | None
Initializer = Callable[..., Array]


def zeros(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """Zeros: for biases. Weights must differ, or all units of a layer stay the same."""
    return np.zeros(shape, dtype)


def normal(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32, std: float = 0.05) -> Array:
    """The normal distribution N(0, std^2). [course: Gradient Descent, step 1]"""
    return (std * np.random.default_rng(rng).standard_normal(shape)).astype(dtype)


def glorot_uniform(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """Uniform in +-sqrt(6 / (fan_in + fan_out)): signals keep their variance in both directions, for tanh and its kin.

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    """
    bound = math.sqrt(6 / sum(fans(shape)))
    return np.random.default_rng(rng).uniform(-bound, bound, shape).astype(dtype)


def he_normal(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """N(0, 2 / fan_in): signals keep their variance through relu, which silences half of them.

    He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015.
    """
    return normal(shape, rng, dtype, std=math.sqrt(2 / fans(shape)[0]))


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """How many inputs a unit has, and how many units an input feeds."""
    if len(shape) < 2:
        raise ValueError(f"weights have at least two axes, (inputs, units), and these have the shape {tuple(shape)}")
    if len(shape) == 2:
        return shape[0], shape[1]
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


INITIALIZERS: dict[str, Initializer] = {f.__name__: f for f in (zeros, normal, glorot_uniform, he_normal)}


def initializer(init: str | Initializer) -> Initializer:
    """An initializer, given itself or by its name."""
    return init if callable(init) else lookup("initializer", init, INITIALIZERS)
