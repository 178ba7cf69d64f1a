"""dask-glm, whose derivatives are written by hand: its loss and gradient, and its Newton's method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dask_glm.algorithms import newton  # type: ignore[import-not-found,unused-ignore]
from dask_glm.families import Logistic  # type: ignore[import-not-found,unused-ignore]

from benchmarks.rows import Rows

from .dask import arrays, descent


def steps(case: Rows) -> Callable[[], Any]:
    """What its solvers ask for in each of their steps; Newton's whole."""
    X, y = arrays(case)
    if case.newton:

        def solved() -> Any:
            w = newton(X, y, max_iter=case.newton - 1, tol=0, family=Logistic, normalize=False)
            return w @ w

        return solved
    loss, gradient = Logistic.pointwise_loss, Logistic.pointwise_gradient
    return descent(case, lambda w: (loss(w, X, y) / case.rows, gradient(w, X, y) / case.rows))
