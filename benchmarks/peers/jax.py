"""JAX: the whole step is one program of XLA's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.cases import LR, Case


def training(case: Case) -> Callable[[], Any]:
    """One step of training. It returns the loss."""
    X, y = map(jnp.asarray, case.data())
    params = jax.tree.map(jnp.asarray, case.weights())

    def loss(params: Any, X: Any, y: Any) -> Any:
        *hidden, (W, b) = params
        for V, c in hidden:
            X = jnp.tanh(X @ V + c)
        log_probabilities = jax.nn.log_softmax(X @ W + b)
        return -jnp.take_along_axis(log_probabilities, y[:, None], axis=1).mean()

    @partial(jax.jit, donate_argnums=0)  # the old parameters' memory is the new ones'
    def update(params: Any, X: Any, y: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(params, X, y)
        return value, jax.tree.map(lambda p, g: p - LR * g, params, gradients)

    def step() -> Any:
        nonlocal params
        value, params = update(params, X, y)
        return value

    return step
