"""HIPS autograd's `autograd.misc.fixed_points`: where a function stands still, differentiable by what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..scipy.solutions import Called, Solution, pulled_back
from ..tracer import getval
from ..transforms import Function, vjp

__all__ = ["fixed_point"]


def fixed_point(f: Function, a: Any, x0: Any, distance: Function, tol: float) -> Any:
    """The array or number x with `f(a)(x) = x`, by iterating from `x0` on until `distance(x, x_before) <= tol`.

    Its derivative is that of the equation, not of the iteration (Christianson 1994), by `a` and by whatever else `f`
    uses. `autograd.scipy.optimize.fixed_point` solves a linear equation for it; here it is iterated, too, as there.
    """
    step = Called(f(a))
    x, before = step(x0), x0
    while distance(x, before) > tol:
        x, before = step(x), x
    return Standstill(step, distance, tol, x).node()


class Standstill(Solution):
    """x = f(x), and how x was found."""

    def __init__(self, step: Called, distance: Function, tol: float, x: Any) -> None:
        super().__init__(step, x if x.ndim else x.item())
        self.distance, self.tol = distance, tol

    def pull(self, g: Any, y: Any, given: Sequence[Any]) -> list[Any]:
        """With J the derivative of f at the fixed point, u = g + J' u is pulled back through f."""
        _, pullback = vjp(self.f.f, y)
        u = fixed_point(lambda g: lambda u: g + pullback(u), g, np.zeros_like(getval(g)), self.distance, self.tol)
        return pulled_back(lambda: self.f.f(y), u, self.outside)[1]
