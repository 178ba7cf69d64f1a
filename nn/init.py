"""Initial weights: `init(shape, rng, dtype)` gives an array. `rng` is a NumPy generator, an int as its seed, or None.

Weights of a Dense layer have the shape (inputs, units), of a convolution (units, inputs / groups, *window). Options go
by keyword; where only a function of the shape, the generator and the dtype fits, functools.partial sets them.
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


def ones(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """Ones: for factors, as those of a normalization (Ioffe and Szegedy, "Batch normalization", 2015)."""
    return np.ones(shape, dtype)


def constant(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32, *, value: float = 0.0) -> Array:
    """One number everywhere: for biases, as the 1 of a gate that shall begin open.

    Gers, Schmidhuber and Cummins, "Learning to forget: Continual prediction with LSTM", 2000.
    """
    return np.full(shape, value, dtype)


def normal(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32, std: float = 0.05) -> Array:
    """The normal distribution N(0, std^2). [course: Gradient Descent, step 1]"""
    return (std * np.random.default_rng(rng).standard_normal(shape)).astype(dtype)


def uniform(
    shape: Sequence[int],
    rng: Seed = None,
    dtype: npt.DTypeLike = np.float32,
    *,
    low: float = -0.05,
    high: float = 0.05,
) -> Array:
    """The uniform distribution from `low` to `high`.

    Rumelhart, Hinton and Williams, "Learning internal representations by error propagation", 1986: small random
    weights break the symmetry between units.
    """
    return np.random.default_rng(rng).uniform(low, high, shape).astype(dtype)


def glorot_uniform(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """Uniform in +-sqrt(6 / (fan_in + fan_out)): signals keep their variance in both directions, for tanh and its kin.

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    """
    return uniform_of(2 / sum(fans(shape)), shape, rng, dtype)


def glorot_normal(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """N(0, 2 / (fan_in + fan_out)): the normal form of glorot_uniform, of the same paper."""
    return normal(shape, rng, dtype, std=math.sqrt(2 / sum(fans(shape))))


def he_uniform(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """Uniform in +-sqrt(6 / fan_in): the uniform form of he_normal, of the same paper."""
    return uniform_of(2 / fans(shape)[0], shape, rng, dtype)


def he_normal(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """N(0, 2 / fan_in): signals keep their variance through relu, which silences half of them.

    He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015.
    """
    return normal(shape, rng, dtype, std=math.sqrt(2 / fans(shape)[0]))


def lecun_uniform(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """Uniform in +-sqrt(3 / fan_in): the uniform form of lecun_normal, of the same paper."""
    return uniform_of(1 / fans(shape)[0], shape, rng, dtype)


def lecun_normal(shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """N(0, 1 / fan_in): weighted sums of inputs of variance 1 have variance 1; what selu needs.

    LeCun, Bottou, Orr and Müller, "Efficient backprop", 1998.
    """
    return normal(shape, rng, dtype, std=math.sqrt(1 / fans(shape)[0]))


def orthogonal(
    shape: Sequence[int], rng: Seed = None, dtype: npt.DTypeLike = np.float32, *, gain: float = 1.0
) -> Array:
    """`gain` times a random matrix with orthonormal rows or columns, whichever are fewer: signals keep their length.

    Of a convolution the rows are the units, with all their weights. Saxe, McClelland and Ganguli, "Exact solutions to
    the nonlinear dynamics of learning in deep linear neural networks", 2013.
    """
    fans(shape)  # refuses shapes that are no weights
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(np.random.default_rng(rng).standard_normal((max(rows, columns), min(rows, columns))))
    q = q * np.copysign(1, np.diag(r))  # with the signs of r no direction is preferred
    return (gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype)


def uniform_of(variance: float, shape: Sequence[int], rng: Seed, dtype: npt.DTypeLike) -> Array:
    """The uniform distribution around 0 that has this variance."""
    bound = math.sqrt(3 * variance)
    return uniform(shape, rng, dtype, low=-bound, high=bound)


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """How many inputs a unit has, and how many units an input feeds (in a convolution of one group)."""
    if len(shape) < 2 or min(shape) < 1:
        found = f"these have the shape {tuple(shape)}"
        raise ValueError(f"weights have at least two axes, (inputs, units), none of them empty, and {found}")
    if len(shape) == 2:
        return shape[0], shape[1]
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


INITIALIZERS: dict[str, Initializer] = {
    f.__name__: f
    for f in (
        zeros, ones, constant, normal, uniform, glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform,
        lecun_normal, orthogonal,
    )
}  # fmt: skip


def initializer(init: str | Initializer) -> Initializer:
    """An initializer, given itself or by its name."""
    return init if callable(init) else lookup("initializer", init, INITIALIZERS)
