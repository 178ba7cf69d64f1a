"""Noise against overfitting: layers that are random in training and do nothing in evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import anew, arrays

from ..checks import number
from ..init import Seed
from ..module import Module
from .inputs import as_floats


class Noise(Module):
    """A layer with a generator of its own; a generator that is passed as `rng` is shared."""

    def __init__(self, rng: Seed = None) -> None:
        self.rng = np.random.default_rng(rng)


class Dropout(Noise):
    """In training each number is 0 with probability `p`, and all others are divided by 1 - p: the mean stays the same.

    Every call draws anew. In evaluation it is the identity. `p` is in [0, 1).

    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: A simple way to prevent neural networks from
    overfitting", 2014.
    """

    def __init__(self, p: float = 0.5, rng: Seed = None) -> None:
        super().__init__(rng)
        self.p = number("Dropout: p, the probability to drop a number,", p, 0, 1)

    def forward(self, x: Any) -> Any:
        """`x` with some of its numbers dropped, of the same shape and dtype."""
        if not self.training or self.p == 0:
            return x
        x = as_floats(x)
        kept = anew(self.rng.random, x.shape, dtype=np.float32) >= self.p
        return x * arrays.beside(x, kept.astype(x.dtype) / (1 - self.p))

    def describe(self) -> str:
        """The probability."""
        return f"p={self.p}"


class GaussianNoise(Noise):
    """In training a number drawn from N(0, std^2) is added to each; in evaluation it is the identity.

    Bishop, "Training with noise is equivalent to Tikhonov regularization", 1995.
    """

    def __init__(self, std: float = 0.1, rng: Seed = None) -> None:
        if not 0 <= std < np.inf:
            raise ValueError(f"GaussianNoise: std, the standard deviation, must be at least 0 and finite, got {std}")
        super().__init__(rng)
        self.std = float(std)

    def forward(self, x: Any) -> Any:
        """`x` with noise added, of the same shape and dtype."""
        if not self.training or self.std == 0:
            return x
        x = as_floats(x)
        return x + arrays.beside(x, (self.std * anew(self.rng.standard_normal, x.shape)).astype(x.dtype))

    def describe(self) -> str:
        """The standard deviation."""
        return f"std={self.std}"
