"""HIPS autograd's `autograd.misc.optimizers`: minimise with `grad(x, i)`, the gradient in step i, from `x0` on.

`x0` is an array or a tree of them. `callback(x, i, g)` sees every step. `nn` has the others.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..transforms import Function
from .flatten import flatten

__all__ = ["adam", "rmsprop", "sgd", "unflatten_optimizer"]


def unflatten_optimizer(optimize: Function) -> Function:
    """An optimizer of vectors as one of trees."""

    @functools.wraps(optimize)
    def of_trees(grad: Function, x0: Any, callback: Function | None = None, *args: Any, **kwargs: Any) -> Any:
        vector, unflatten = flatten(x0)

        def gradient(x: Any, i: int) -> Any:
            g = flatten(grad(unflatten(x), i))[0]
            if callback:
                callback(unflatten(x), i, unflatten(g))
            return g

        return unflatten(optimize(gradient, vector, None, *args, **kwargs))

    return of_trees


@unflatten_optimizer
def sgd(
    grad: Function, x: Any, callback: None = None, num_iters: int = 200, step_size: float = 0.1, mass: float = 0.9
) -> Any:
    """Gradient descent with momentum: v = mass * v - (1 - mass) * g; x = x + step_size * v."""
    v = 0.0
    for i in range(num_iters):
        v = mass * v - (1 - mass) * grad(x, i)
        x = x + step_size * v
    return x


@unflatten_optimizer
def rmsprop(
    grad: Function, x: Any, callback: None = None, num_iters: int = 100, step_size: float = 0.1, gamma: float = 0.9,
    eps: float = 1e-8,
) -> Any:  # fmt: skip
    """RMSProp (Tieleman and Hinton 2012), whose mean of squares begins at 1."""
    squares: Any = 1.0
    for i in range(num_iters):
        g = grad(x, i)
        squares = gamma * squares + (1 - gamma) * g**2
        x = x - step_size * g / (np.sqrt(squares) + eps)
    return x


@unflatten_optimizer
def adam(
    grad: Function, x: Any, callback: None = None, num_iters: int = 100, step_size: float = 0.001, b1: float = 0.9,
    b2: float = 0.999, eps: float = 1e-8,
) -> Any:  # fmt: skip
    """Adam (Kingma and Ba 2015)."""
    m: Any = 0.0
    v: Any = 0.0
    for i in range(num_iters):
        g = grad(x, i)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        x = x - step_size * (m / (1 - b1 ** (i + 1))) / (np.sqrt(v / (1 - b2 ** (i + 1))) + eps)
    return x
