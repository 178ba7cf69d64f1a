"""The restricted Boltzmann machine: an energy of what is seen. [course: the chart of networks]"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, affine, sigmoid, softplus

from ..init import Initializer, Seed, normal, zeros
from ..module import Module, Parameter, as_tensor, misfit
from .dense import Dense
from .inputs import at_least_one


class RestrictedBoltzmann(Module):
    """Visible and hidden cells that are on or off, joined between the two layers only: a free energy of what is seen.

    `v` (..., visible) gives (...,): F(v) = -v @ b - sum(softplus(v @ W + c)), the lower the more probable v is. The
    chance of each hidden cell to be on is `up(v)` (..., hidden), a Dense layer with the sigmoid, whose weights W
    (visible, hidden) `init` fills, by default with the distribution N(0, 0.1^2), and whose `b` is c; that of each
    visible cell is `down(h)`. All biases start at 0. Contrastive divergence is the gradient of the mean of
    F(data) - F(sample), where the sample, made of the data by going up and down, is held constant.

    Smolensky, "Foundations of harmony theory", 1986. Hinton, "Training products of experts by minimizing contrastive
    divergence", 2002.
    """

    def __init__(
        self,
        visible: int,
        hidden: int,
        init: str | Initializer | None = None,
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        at_least_one("RestrictedBoltzmann", visible=visible, hidden=hidden)
        start = partial(normal, std=0.1) if init is None else init
        self.up = Dense(visible, hidden, "sigmoid", init=start, rng=rng, dtype=dtype)
        self.b = Parameter(zeros((visible,)), dtype)

    def forward(self, v: Any) -> Tensor:
        """The free energy of each v."""
        v = as_tensor(v, self.b.dtype)
        if v.shape[-1:] != self.b.shape:
            raise misfit(self, v, f"the last axis must have size {self.b.size}")
        return -(v @ self.b) - np.sum(softplus(affine(v, self.up.W, self.up.b)), axis=-1)  # type: ignore[no-any-return]

    def down(self, h: Any) -> Tensor:
        """The chance of each visible cell to be on, (..., visible), when the hidden ones are `h` (..., hidden)."""
        h = as_tensor(h, self.b.dtype)
        if h.shape[-1:] != self.up.W.shape[1:]:
            raise misfit(self, h, f"the last axis of hidden cells must have size {self.up.W.shape[1]}")
        return sigmoid(affine(h, self.up.W.T, self.b))  # type: ignore[no-any-return]

    def describe(self) -> str:
        """Visible and hidden cells: "9 -> 8"."""
        visible, hidden = self.up.W.shape
        return f"{visible} -> {hidden}"
