"""HIPS autograd's `autograd.misc.fixed_points`: where a function stands still, differentiable by what it is made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..node import Node, next_index
from ..recording import enable_grad, no_grad, recording
from ..run import pulled
from ..sweep import toposort
from ..table import primitive, pullbacks
from ..tracer import getval
from ..transforms import Function, vjp

__all__ = ["fixed_point"]


def fixed_point(f: Function, a: Any, x0: Any, distance: Function, tol: float) -> Any:
    """The array or number x with `f(a)(x) = x`, by iterating from `x0` on until `distance(x, x_before) <= tol`.

    Its derivative is that of the equation, not of the iteration (Christianson 1994): dx = df/da da + df/dx dx, by `a`
    and by whatever else `f` uses. The pullback is a fixed point itself, found in the same way.
    """
    step = f(a)
    with no_grad():
        x, before = getval(step(x0)), x0
        while distance(x, before) > tol:
            x, before = getval(step(x)), x
    start, ends = next_index(), list[Node]()
    toposort([y for y in [step(x)] if isinstance(y, Node)], start, ends)
    used = [end for end in ends if end.requires_grad and end.index < start]
    return settled(Equation(step, x, distance, tol, used), *used)


class Equation:
    """x = step(x), its solution `x`, how it was found, and the nodes that are `used` in it."""

    def __init__(self, step: Function, x: Any, distance: Function, tol: float, used: list[Node]) -> None:
        self.step, self.x, self.distance, self.tol, self.used = step, x, distance, tol, used

    def pull(self, g: Any, y: Any) -> list[Any]:
        """The gradients of what is used: u = g + J' u, with J the derivative of `step` at `y`, is pulled through it."""
        create_graph = recording.get().on
        _, pullback = vjp(self.step, y)
        u = fixed_point(lambda g: lambda u: g + pullback(u), g, np.zeros_like(getval(g)), self.distance, self.tol)
        start = next_index()
        with enable_grad():
            z = self.step(y)
        return pulled([z], [u], self.used, create_graph, since=start)


@primitive
def settled(equation: Equation, *used: Any) -> Any:
    """The solution of the equation."""
    return np.asarray(equation.x) if used else equation.x


pullbacks(settled, every=lambda g, y, equation, *used: (None, *equation.pull(g, y)))
