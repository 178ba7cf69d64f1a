"""Networks and functions as people use them: their data and first weights, the same numbers for every peer.

Networks are in float32 and learn by SGD; functions are in float64, and each step takes their value and gradient (or
Hessian) and goes a little way down. A case is taken from MODELS by its key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = dict[str, Array]


@dataclass(frozen=True)
class Model:
    """`data()` are the inputs by name, `weights()` what is learned; fresh copies. `lr` is that of a step of SGD."""

    key: str
    name: str  # how tables call it
    data: Callable[[], Arrays]
    weights: Callable[[], Arrays]
    lr: float = 0.1


def normal(seed: int, *shape: int, dtype: Any = np.float32) -> Array:
    """Numbers of the standard normal distribution."""
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def labels(seed: int, classes: int, *shape: int) -> Array:
    """The index of a class each."""
    return np.random.default_rng(seed).integers(0, classes, shape)


def matrices(**shapes: tuple[int, ...]) -> Arrays:
    """Weights by name, scaled by the number of their inputs; those of one axis are small, and none of them is 0."""
    found = {}
    for seed, (name, shape) in enumerate(shapes.items()):
        inputs = 100 if len(shape) == 1 else int(np.prod(shape[1:])) if len(shape) == 4 else shape[0]
        found[name] = normal(seed, *shape) / np.float32(np.sqrt(inputs))
    return found


def norm_weights() -> Arrays:
    """Dense layers W, b with a LayerNorm gamma, beta after each but the last."""
    found = matrices(W0=(256, 256), b0=(256,), W1=(256, 256), b1=(256,), W2=(256, 10), b2=(10,))
    for i in range(2):
        found |= {f"gamma{i}": 1 + normal(9 + i, 256) / 10, f"beta{i}": normal(11 + i, 256) / 10}
    return found


def block_weights() -> Arrays:
    """A transformer block whose LayerNorms come first: attention, then two dense layers, then 40 logits."""
    square = dict.fromkeys(("Wq", "Wk", "Wv", "Wo"), (64, 64))
    found = matrices(**square, W1=(64, 256), W2=(256, 64), W3=(64, 40))
    found |= matrices(bq=(64,), bk=(64,), bv=(64,), bo=(64,), b1=(256,), b2=(64,), b3=(40,))
    for i in range(2):
        found |= {f"gamma{i}": 1 + normal(20 + i, 64) / 10, f"beta{i}": normal(22 + i, 64) / 10}
    return found


def logreg_data() -> Arrays:
    """100,000 rows of 20 features with labels of 0 and 1."""
    X = normal(0, 100_000, 20, dtype=np.float64)
    return {"X": X, "y": (X @ normal(1, 20, dtype=np.float64) > 0).astype(np.float64)}


def gp_data() -> Arrays:
    """200 noisy points of a sine."""
    X = np.sort(np.random.default_rng(0).uniform(-3, 3, 200))
    return {"X": X, "y": np.sin(2 * X) + 0.1 * normal(1, 200, dtype=np.float64)}


MODELS = {
    model.key: model
    for model in (
        Model(
            "conv", "conv: 1x28x28, 16 and 32 filters, batch 32",
            lambda: {"X": normal(0, 32, 1, 28, 28), "y": labels(1, 10, 32)},
            lambda: matrices(W0=(16, 1, 3, 3), b0=(16,), W1=(32, 16, 3, 3), b1=(32,), W2=(800, 10), b2=(10,)),
        ),
        Model(
            "lstm", "LSTM: 32 x 50 steps, 32-64-10",
            lambda: {"X": normal(0, 32, 50, 32), "y": labels(1, 10, 32)},
            lambda: matrices(W_x=(32, 256), W_h=(64, 256), b=(256,), W=(64, 10), c=(10,)),
        ),
        Model(
            "block", "transformer block: 8 x 32 x 64, 4 heads",
            lambda: {"X": normal(0, 8, 32, 64), "y": labels(1, 40, 8, 32)}, block_weights,
        ),
        Model(
            "norm", "256-256-256-10, LayerNorm, batch 128",
            lambda: {"X": normal(0, 128, 256), "y": labels(1, 10, 128)}, norm_weights,
        ),
        Model("logreg", "logistic loss, 100,000 x 20", logreg_data, lambda: {"w": np.zeros(20), "b": np.zeros(())}),
        Model(
            "gp", "marginal likelihood, 200 points", gp_data,
            lambda: {"theta": np.log([0.5, 1.0, 0.2])}, lr=1e-3,
        ),
        Model(
            "ode", "200 RK4 steps, by 4 parameters", lambda: {"start": np.array([1.0, 0.5])},
            lambda: {"theta": np.array([1.1, 0.4, 0.4, 0.1])}, lr=1e-5,
        ),
        Model(
            "rosen", "Rosenbrock of 1,000 numbers", dict,
            lambda: {"x": normal(0, 1000, dtype=np.float64) / 4}, lr=1e-4,
        ),
        Model(
            "hess", "Hessian, 50 parameters, 500 rows",
            lambda: {"X": normal(0, 500, 50, dtype=np.float64), "y": labels(1, 2, 500).astype(float)},
            lambda: {"w": normal(2, 50, dtype=np.float64) / 10}, lr=1e-2,
        ),
    )
}  # fmt: skip
ODE_STEPS, ODE_H = 200, 0.05  # how many steps of Runge and Kutta, and how long they are
