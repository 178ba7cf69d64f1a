"""Dask: rows in its arrays, and value, gradient and Hessian of a logistic regression written by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dask
import dask.array
import numpy as np

from benchmarks.rows import LR, Rows

da: Any = dask.array  # it has few types


def arrays(case: Rows) -> tuple[Any, Any]:
    """X and y, as Dask's arrays."""
    size = case.rows // case.blocks
    if case.fleeting:
        pairs = [dask.delayed(case.block)(i) for i in range(case.blocks)]  # type: ignore[attr-defined]
        X = [da.from_delayed(pair[0], (size, case.columns), float) for pair in pairs]
        y = [da.from_delayed(pair[1], (size,), float) for pair in pairs]
    else:
        X, y = zip(*([da.from_array(x, chunks=-1) for x in case.block(i)] for i in range(case.blocks)))
    return da.concatenate(X), da.concatenate(y)


def descent(case: Rows, value_and_gradient: Callable[[Any], Any]) -> Callable[[], Any]:
    """One step down the mean loss, whose value and gradient are lazy. It returns the loss."""
    w = np.zeros(case.columns)

    def step() -> Any:
        nonlocal w
        value, slope = dask.compute(*value_and_gradient(w))  # type: ignore[attr-defined]
        w = w - LR * slope
        return value

    return step


def newton(case: Rows, gradient_and_hessian: Callable[[Any], Any]) -> Callable[[], Any]:
    """Some steps of Newton's method from zero, where gradient and Hessian are lazy. It returns the squared length."""

    def steps() -> Any:
        w = np.zeros(case.columns)
        for _ in range(case.newton):
            slope, curvature = dask.compute(*gradient_and_hessian(w))  # type: ignore[attr-defined]
            w = w - np.linalg.solve(curvature, slope)
        return w @ w

    return steps


def by_hand(case: Rows) -> Callable[[], Any]:
    """The derivatives as they stand in textbooks."""
    X, y = arrays(case)

    def value_and_gradient(w: Any) -> Any:
        z = X @ w
        p = 1 / (1 + da.exp(-z))
        return (da.logaddexp(0, z) - y * z).mean(), X.T @ (p - y) / case.rows

    def gradient_and_hessian(w: Any) -> Any:
        p = 1 / (1 + da.exp(-(X @ w)))
        return X.T @ (p - y), (X.T * (p * (1 - p))) @ X

    return newton(case, gradient_and_hessian) if case.newton else descent(case, value_and_gradient)
