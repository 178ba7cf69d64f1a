"""`autograd.scipy.optimize`: roots, fixed points and minima as functions of what their equation depends on.

SciPy solves. The derivative is that of the implicit function theorem, stated once, in `Implicit`: where
residual(x, p) = 0, dx/dp = -(d residual / dx)^-1 (d residual / dp). It costs one Jacobian of the residual and the
solution of a linear system, whatever the solver did, and it is as exact as the solution: `tol` says how exact that is.
Where the Jacobian is singular, and where what the solver stopped at is no solution, the derivative is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize
from scipy.optimize import OptimizeResult

from ..operators import raw
from ..recording import no_grad
from ..transforms import grad, hessian, jacobian, value_and_grad
from .solutions import Called, Solution, arguments, gathered, numbers, pulled_back

Function = Callable[..., Any]
__all__ = ["OptimizeResult", "fixed_point", "implicit", "minimize", "root"]

SLOPED = frozenset({"cg", "bfgs", "l-bfgs-b", "tnc", "slsqp", "newton-cg", "dogleg", "trust-ncg", "trust-krylov",
                    "trust-exact", "trust-constr"})  # fmt: skip
ALMOST = 1e-3  # how far from the solution, as Newton's method measures it
CURVED = frozenset({"newton-cg", "dogleg", "trust-ncg", "trust-krylov", "trust-exact", "trust-constr"})


def __getattr__(name: str) -> Any:
    return getattr(scipy.optimize, name)


class Implicit(Solution):
    """The solution `x` of residual(x) = 0, as a function of the nodes that the residual uses."""

    def __init__(self, residual: Function, x: Any) -> None:
        called = Called(residual)
        called(x)  # at the solution alone it matters what it uses
        super().__init__(called, x)

    def pull(self, g: Any, y: Any, given: Any) -> list[Any]:
        n = np.size(self.result)
        slopes = np.reshape(jacobian(self.f.f)(y), (n, n))
        try:
            w = np.reshape(np.linalg.solve(slopes.T, np.reshape(-g, n)), np.shape(self.result))
        except np.linalg.LinAlgError:
            raise np.linalg.LinAlgError(
                f"the Jacobian of the equation is singular at its solution {self.result}, which has no derivative there"
            ) from None
        left, gradients = pulled_back(lambda: self.f.f(y), w, self.outside)
        step = np.linalg.solve(raw(slopes), np.reshape(raw(left), n))
        if not largest(step) <= ALMOST * (1 + largest(self.result)):
            raise RuntimeError(
                f"{self.result} is no solution, and has no derivative: Newton's method would move it by "
                f"{largest(step):.2g} (was it found? a smaller tol= may help)"
            )
        return gradients


def largest(x: Any) -> float:
    """The size of the largest number."""
    return float(np.max(np.absolute(x), initial=0.0))


def implicit(residual: Function, x: Any) -> Any:
    """The solution of residual(x) = 0 that was found, by whatever means, as a node.

    `residual` is a function of an array of the shape of `x` that gives one of this shape. The result is a function of
    every node that it uses; the plain `x` if there are none.

    >>> from autograd import grad
    >>> grad(lambda a: implicit(lambda x: x * x - a, np.sqrt(2.0)))(2.0)  # 1 / (2 sqrt(2))
    0.35355339059327373
    """
    return Implicit(residual, np.array(numbers(x), dtype=float)).node()


def start_of(x0: Any) -> Any:
    """Where to begin, in plain numbers: the solution does not depend on it."""
    return np.array(numbers(x0), dtype=float)


def root(
    fun: Function, x0: Any, args: Any = (), method: str = "hybr", tol: float | None = None, options: Any = None
) -> OptimizeResult:
    """scipy.optimize.root: its `x`, where fun(x, *args) = 0, is a node if `fun` uses nodes.

    The Jacobian for the methods "hybr" and "lm" is the exact one.
    """
    args = arguments(args)

    def residual(x: Any) -> Any:
        return gathered(fun(x, *args))

    slopes = {"jac": jacobian(residual)} if method in ("hybr", "lm") else {}
    with no_grad():
        found = scipy.optimize.root(
            lambda x: numbers(residual(x)), start_of(x0), method=method, tol=tol, options=options, **slopes
        )
    found.x = implicit(residual, found.x)
    return found


def fixed_point(
    func: Function, x0: Any, args: Any = (), xtol: float = 1e-8, maxiter: int = 500, method: str = "del2"
) -> Any:
    """scipy.optimize.fixed_point: where func(x, *args) = x, a node if `func` uses nodes."""
    args = arguments(args)
    with no_grad():
        x = scipy.optimize.fixed_point(
            lambda x: numbers(func(x, *args)), start_of(x0), xtol=xtol, maxiter=maxiter, method=method
        )
    return implicit(lambda x: x - gathered(func(x, *args)), x)


def minimize(
    fun: Function, x0: Any, args: Any = (), method: str | None = None, tol: float | None = None, callback: Any = None,
    options: Any = None,
) -> OptimizeResult:  # fmt: skip
    """scipy.optimize.minimize without bounds and constraints; gradients, and Hessians where they are used, are exact.

    Its `x` and `fun` are nodes if the function `fun` uses nodes. The default tolerances of SciPy's methods stop at a
    slope of 1e-5: the derivatives of `x` are as far off, and `tol=1e-10` brings them nearer.
    """
    args = arguments(args)

    def value(x: Any) -> Any:
        return fun(x, *args)

    def both(x: Any) -> tuple[float, Any]:
        y, slope = value_and_grad(value)(x)
        return float(numbers(y)), numbers(slope)

    if not isinstance(method, str | None):
        raise TypeError(f"minimize with method={method!r}: a name is, and implicit() takes what other solvers found")
    named = (method or "BFGS").lower()
    slopes: dict[str, Any] = {"jac": True} if named in SLOPED else {}
    if named in CURVED:
        slopes["hess"] = hessian(value)
    with no_grad():
        found = scipy.optimize.minimize(
            both if slopes else lambda x: float(numbers(value(x))),
            start_of(x0), method=method, tol=tol, callback=callback, options=options, **slopes,
        )  # fmt: skip
    found.x = implicit(grad(value), found.x)
    if not isinstance(found.x, np.ndarray):
        found.fun = value(found.x)
    return found
