"""chainrule on rows in Dask's arrays: as expressions of these, and with one task for each block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from benchmarks.rows import Rows

from .dask import arrays, descent, newton


def of_block(w: Any, X: Any, y: Any) -> Any:
    """Minus the log likelihood of some rows."""
    z = X @ w
    return np.sum(np.logaddexp(0, z) - y * z)


def steps(case: Rows, loss: Callable[[Any], Any]) -> Callable[[], Any]:
    """The steps of a case, by the derivatives of a lazy loss."""
    if case.newton:
        slope, curvature = autograd.grad(loss), autograd.hessian(loss)
        return newton(case, lambda w: (slope(w), curvature(w)))
    return descent(case, autograd.value_and_grad(loss))


def expressions(case: Rows) -> Callable[[], Any]:
    """The loss as it is written for NumPy."""
    X, y = arrays(case)
    return steps(case, lambda w: of_block(w, X, y) / case.rows)


def blocks(case: Rows) -> Callable[[], Any]:
    """One task a block."""
    (X, y), total = arrays(case), autograd.sum_over_blocks(of_block)
    return steps(case, lambda w: total(w, X, y) / case.rows)


def compiled(case: Rows) -> Callable[[], Any]:
    """One task a block, compiled."""
    (X, y), total = arrays(case), autograd.sum_over_blocks(autograd.compile(of_block))
    return steps(case, lambda w: total(w, X, y) / case.rows)
