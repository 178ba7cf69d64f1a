"""Radial basis functions: units that answer to inputs near their center. [course: the chart of networks, Kernel]"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor

from ..init import Initializer, Seed, initializer, normal
from ..module import Module, Parameter, as_tensor, misfit
from .inputs import at_least_one


class RBF(Module):
    """A layer of Gaussian kernels, exp(-gamma * |x - center|^2): `x` (..., inputs) gives (..., units).

    `centers` has the shape (units, inputs); `init` fills it, by default with the distribution N(0, 1), and
    `centers.assign` puts data points there. Widths are learned as `log_gamma` (units,): every gamma stays positive,
    and begins as `gamma`.

    Broomhead and Lowe, "Multivariable functional interpolation and adaptive networks", 1988.
    """

    drawn_as = "hidden"

    def __init__(
        self,
        inputs: int,
        units: int,
        gamma: float = 1.0,
        init: str | Initializer | None = None,
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        at_least_one("RBF", inputs=inputs, units=units)
        if not 0 < gamma < math.inf:
            raise ValueError(f"RBF: gamma must be positive and finite, got {gamma}")
        shape, rng = (units, inputs), np.random.default_rng(rng)
        numbers = normal(shape, rng, dtype, std=1.0) if init is None else initializer(init)(shape, rng, dtype)
        self.centers = Parameter(numbers, dtype)
        self.log_gamma = Parameter(np.full(units, math.log(gamma)), dtype)

    def forward(self, x: Any) -> Tensor:
        """How near `x` is to each center: 1 at it, towards 0 far away."""
        x = as_tensor(x, self.centers.dtype)
        inputs = self.centers.shape[1]
        if x.ndim == 0 or x.shape[-1] != inputs:
            raise misfit(self, x, f"the last axis must have size {inputs}")
        distance = np.square(x[..., None, :] - self.centers).sum(axis=-1)
        return np.exp(-np.exp(self.log_gamma) * distance)  # type: ignore[no-any-return]

    def describe(self) -> str:
        """Inputs and units: "2 -> 8"."""
        units, inputs = self.centers.shape
        return f"{inputs} -> {units}"
