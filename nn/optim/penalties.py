"""Penalties on large weights, to be added to a loss: `nn.mse(model(X), y) + 1e-4 * nn.l2(weights)`.

They belong on weights rather than on biases: `weights = [p for name, p in model.named_parameters() if p.ndim > 1]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from autograd import Tensor

Parameters = Tensor | Iterable[Tensor]


def l1(parameters: Parameters) -> Tensor:
    """The sum of |w| over all numbers of the parameters: it drives weights to exactly 0 (its derivative there is 0).

    Tibshirani, "Regression shrinkage and selection via the lasso", 1996.
    """
    return total("l1", np.absolute, parameters)


def l2(parameters: Parameters) -> Tensor:
    """The sum of w^2 over all numbers of the parameters: it keeps weights small. [course: The Problem of Overfitting]

    Hoerl and Kennard, "Ridge regression", 1970. With plain SGD, adding strength * l2 is weight_decay = 2 * strength.
    """
    return total("l2", np.square, parameters)


def total(name: str, penalty: Callable[[Tensor], Tensor], parameters: Parameters) -> Tensor:
    """The sum of the penalty over all numbers of the parameters."""
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if not given:
        raise ValueError(f"{name} got no parameters")
    first, *others = (penalty(p).sum() for p in given)
    return sum(others, first)
