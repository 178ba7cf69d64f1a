"""What is computed: the networks, their data and their initial weights, the same numbers for every peer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

LR = 0.1  # of plain SGD
CHAIN_FACTOR = 1.000001  # a chain multiplies by it, once per node


@dataclass(frozen=True)
class Case:
    """A classifier in float32: dense layers of these sizes, tanh after all but the last; mean softmax cross-entropy."""

    sizes: tuple[int, ...]
    batch: int

    @property
    def name(self) -> str:
        """How tables call it: "2-8-2, batch 4"."""
        return f"{'-'.join(map(str, self.sizes))}, batch {self.batch}"

    def data(self) -> tuple[Array, Array]:
        """Inputs (batch, inputs) in float32, integer labels (batch,)."""
        rng = np.random.default_rng(0)
        X = rng.standard_normal((self.batch, self.sizes[0])).astype(np.float32)
        return X, rng.integers(0, self.sizes[-1], self.batch)

    def weights(self) -> list[tuple[Array, Array]]:
        """W (inputs, units) and b (units,) of every layer, fresh copies in float32. No b is 0: each one counts."""
        rng = np.random.default_rng(1)
        return [
            (
                (rng.standard_normal((inputs, units)) / np.sqrt(inputs)).astype(np.float32),
                (rng.standard_normal(units) / 10).astype(np.float32),
            )
            for inputs, units in pairwise(self.sizes)
        ]


@dataclass(frozen=True)
class ScalarCase:
    """micrograd's demo, every number a node: two moons, relu after all layers but one, hinge loss, L2 penalty."""

    sizes: tuple[int, ...] = (2, 16, 16, 1)
    points: int = 100
    penalty: float = 1e-4

    @property
    def name(self) -> str:
        """How tables call it."""
        return f"{'-'.join(map(str, self.sizes))} of scalars, {self.points} points"

    def data(self) -> tuple[list[list[float]], list[float]]:
        """Points of two moons, with the labels -1 and 1, as Python's floats."""
        rng = np.random.default_rng(0)
        angle = np.linspace(0, np.pi, self.points // 2)
        upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        X = np.concatenate([upper, [1, 0.5] - upper]) + 0.1 * rng.standard_normal((self.points, 2))
        return X.tolist(), [-1.0] * len(upper) + [1.0] * len(upper)

    def weights(self) -> list[list[tuple[list[float], float]]]:
        """For every layer the incoming weights and the bias of each neuron, as Python's floats."""
        rng = np.random.default_rng(1)
        return [
            [(rng.uniform(-1, 1, inputs).tolist(), rng.uniform(-0.1, 0.1)) for _ in range(units)]
            for inputs, units in pairwise(self.sizes)
        ]


CASES = (
    Case((2, 8, 2), 4),
    Case((2, 64, 64, 3), 300),
    Case((64, 128, 10), 64),
    Case((784, 256, 128, 10), 128),
    Case((1024, 1024, 1024, 10), 256),
)
SCALAR = ScalarCase()
CHAINS = (10**3, 10**4, 10**5, 10**6)
