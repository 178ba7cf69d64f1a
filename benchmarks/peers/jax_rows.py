"""JAX on rows that are cut into blocks by hand: one program for a block, and a loop over the blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.rows import LR, Rows


def of_block(w: Any, X: Any, y: Any) -> Any:
    """Minus the log likelihood of some rows."""
    z = X @ w
    return jnp.sum(jnp.logaddexp(0, z) - y * z)


def steps(case: Rows) -> Callable[[], Any]:
    """A step down the mean loss, or some of Newton's method."""
    jax.config.update("jax_enable_x64", True)
    made = None if case.fleeting else [tuple(map(jnp.asarray, case.block(i))) for i in range(case.blocks)]
    value_and_gradient = jax.jit(jax.value_and_grad(of_block))
    gradient_and_hessian = jax.jit(lambda *args: (jax.grad(of_block)(*args), jax.hessian(of_block)(*args)))

    def blocks() -> Iterator[Any]:
        return iter(made) if made is not None else map(case.block, range(case.blocks))

    def summed(f: Callable[..., Any], w: Any) -> Any:
        first, second = zip(*(f(w, X, y) for X, y in blocks()))
        return sum(first) / case.rows, sum(second) / case.rows

    w = jnp.zeros(case.columns)

    def step() -> Any:
        nonlocal w
        value, slope = summed(value_and_gradient, w)
        w = w - LR * slope
        return value

    def newton() -> Any:
        at = np.zeros(case.columns)
        for _ in range(case.newton):
            slope, curvature = summed(gradient_and_hessian, at)
            at = at - np.linalg.solve(curvature, slope)
        return at @ at

    return newton if case.newton else step
