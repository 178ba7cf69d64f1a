"""`autograd.scipy.integrate`: integrals and differential equations as functions of bounds, starts and parameters.

`odeint` and `solve_ivp` have two gradients. Without `steps`, SciPy solves with steps of its own choice, and the
gradient is that of the adjoint equation, solved backward between each two times. It needs memory for the states at
those times alone, and the time for a second solution, of 2n + p numbers with a pullback of the function at each call:
n of the state, p of all parameters. It is as exact as the tolerances, not the gradient of the very numbers computed.
With `steps=k` there are k steps of the classical method of Runge and Kutta (1901) between each two times, recorded as
any other arithmetic. The gradient is exactly that of the numbers computed, at any order, in forward mode, mapped and
compiled. It needs memory for every step, four calls of the function each; how exact the steps are nobody looks after.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.integrate
from numpy import trapezoid
from scipy.integrate import IntegrationWarning
from scipy.optimize import OptimizeResult

from ..node import Node
from ..operators import raw
from ..recording import recording
from ..rules.elementwise import ratio
from .solutions import Called, Solution, arguments, flat, gathered, leaf, numbers, parts_of, pulled_back, size_of

Function = Callable[..., Any]
__all__ = ["IntegrationWarning", "odeint", "quad", "simpson", "solve_ivp", "trapezoid"]


def __getattr__(name: str) -> Any:
    return getattr(scipy.integrate, name)


# --- Integrals ----------------------------------------------------------------------------------------------------


class Integral(Solution):
    """The integral of `f` from `a` to `b`: by Leibniz's rule a function of these, and of the nodes that `f` uses."""

    def __init__(self, f: Function, a: Any, b: Any, how: dict[str, Any], solve: Function) -> None:
        called, self.how = Called(f), how
        self.ends = [float(numbers(x)) for x in (a, b)]
        self.moving = [np.isfinite(end) and requires_grad(x) for x, end in zip((a, b), self.ends)]
        result, self.error = solve(called, *self.ends, **how)
        super().__init__(called, result)

    def pull(self, g: Any, y: Any, given: Any) -> list[Any]:
        a, b = given
        size = size_of(g)
        g = g / size

        def slopes(x: Any) -> Any:
            return flat(pulled_back(lambda: self.f.f(x), g, self.outside)[1])

        found: list[Any] = [
            sign * np.sum(g * value_at(self.f.f, x)) if moving else 0.0
            for sign, x, moving in zip((-1, 1), given, self.moving)
        ]
        if self.outside:
            rounding = max(float(np.finfo(raw(x).dtype).eps) for x in self.outside)
            least = {name: max(100 * rounding, self.how[name]) for name in ("epsabs", "epsrel")}
            found += parts_of(Integral(slopes, a, b, self.how | least, vector_quad).node(a, b), self.outside)
        return [size * part for part in found]


def requires_grad(x: Any) -> bool:
    """Whether `x` is a node to differentiate by."""
    return isinstance(x, Node) and x.requires_grad


def value_at(f: Function, *xs: Any) -> Any:
    """What `f` gives: a node where calls are recorded, else numbers."""
    y = gathered(f(*xs))
    return y if recording.get().on else raw(y)


def vector_quad(f: Function, a: float, b: float, epsabs: float, epsrel: float, limit: int, points: Any) -> Any:
    """The integrals of all numbers that `f` gives at once, to the tolerances of `quad`."""
    result, error, info = scipy.integrate.quad_vec(
        f, a, b, epsabs, epsrel, norm="max", limit=20 * limit, points=points, full_output=True
    )
    if not info.success:
        warnings.warn(f"the derivative of an integral: {info.message}", IntegrationWarning, stacklevel=2)
    return result, error


def quad(
    func: Function, a: Any, b: Any, args: Any = (), epsabs: float = 1.49e-8, epsrel: float = 1.49e-8, limit: int = 50,
    points: Any = None,
) -> tuple[Any, float]:  # fmt: skip
    """scipy.integrate.quad: the integral of func(x, *args) from `a` to `b`, and an estimate of its error.

    The integral is a node if `func` uses nodes, or if a bound is one; no derivative is by a bound that is infinite.
    Differentiating integrates the derivatives by all parameters at once, to the same tolerances. `points` are fixed.
    """
    args = arguments(args)
    how = {"epsabs": epsabs, "epsrel": epsrel, "limit": limit, "points": points}
    integral = Integral(lambda x: func(x, *args), a, b, how, scipy.integrate.quad)
    return integral.node(a, b), integral.error


def simpson(y: Any, x: Any = None, *, dx: Any = 1.0, axis: int = -1) -> Any:
    """scipy.integrate.simpson: the integral of samples along an axis, by parabolas through each three of them.

    With an even number of samples the last interval is that of Cartwright, "Simpson's rule cumulative integration with
    MS Excel and irregularly-spaced data" (2017), equation 8, and of only two the mean.
    """
    y = np.moveaxis(gathered(y), axis, -1)
    n = y.shape[-1]
    if x is None:
        h = dx * np.ones(max(n - 1, 0), np.result_type(y.dtype, np.float32))
    else:
        x = gathered(x)
        h = np.diff(x if x.ndim == 1 else np.moveaxis(x, axis, -1))
        if h.shape[-1] != n - 1:
            raise ValueError(f"simpson: x of shape {x.shape} for {n} samples along the axis")
    if n == 2:
        return 0.5 * h[..., 0] * (y[..., 0] + y[..., 1])
    last = (n - 1) // 2 * 2  # the first of the intervals that make no pair
    h0, h1 = h[..., 0:last:2], h[..., 1:last:2]
    both = h0 + h1
    pairs = both / 6 * (
        y[..., 0:last:2] * (2 - ratio(h1, h0))
        + y[..., 1:last:2] * both * ratio(both, h0 * h1)
        + y[..., 2 : last + 1 : 2] * (2 - ratio(h0, h1))
    )  # fmt: skip
    total = np.sum(pairs, axis=-1)
    if n % 2:
        return total
    h0, h1 = h[..., -2], h[..., -1]
    return total + (
        ratio(2 * h1**2 + 3 * h0 * h1, 6 * (h0 + h1)) * y[..., -1]
        + ratio(h1**2 + 3 * h0 * h1, 6 * h0) * y[..., -2]
        - ratio(h1**3, 6 * h0 * (h0 + h1)) * y[..., -3]
    )


# --- Differential equations, by the adjoint equation ----------------------------------------------------------------


HALVINGS = 10


class Trajectory(Solution):
    """The states at the times `t` of the solution of y' = f(y, t) that begins with `y0`, (len(t), n).

    Pontryagin et al., "The mathematical theory of optimal processes" (1962); Chen et al., "Neural ordinary differential
    equations" (2018). The state is solved backward too, from each known one to the one before. Where that does not lead
    back, as in equations that forget where they began, the state in the middle is found first, and again, `HALVINGS`
    times; then the gradient is refused.
    """

    def __init__(self, f: Called, t: Any, states: Any, solver: Solver) -> None:
        super().__init__(f, states)
        self.solver = solver
        self.t, self.moving = numbers(t), requires_grad(t)

    def pull(self, g: Any, y: Any, given: Any) -> list[Any]:
        t = given[1]
        last, n = len(self.t) - 1, self.result.shape[1]
        size = size_of(g)
        g = g / size

        def adjoint(state: Any, now: Any) -> Any:
            y = leaf(state[:n])
            dy, slopes = pulled_back(lambda: self.f.f(y, now), -state[n : 2 * n], [y, *self.outside])
            return flat([dy, *slopes])

        a = np.zeros(n)
        by_outside = np.zeros(sum(np.size(raw(x)) for x in self.outside))
        by_t: list[Any] = [0.0] * (last + 1)
        for i in range(last, 0, -1):
            a = a + g[i]
            if self.moving:
                by_t[i] = np.sum(g[i] * value_at(self.f.f, y[i], t[i]))
            if self.t[i] != self.t[i - 1]:
                ends = ((t[i], y[i]), (t[i - 1], y[i - 1]))
                a, by_outside = self.back(adjoint, *ends, a, by_outside, HALVINGS)
        if self.moving:
            by_t[0] = -np.sum(a * value_at(self.f.f, y[0], t[0]))
        found = [a + g[0], gathered(by_t), *parts_of(by_outside, self.outside)]
        return [size * part for part in found]

    def back(self, adjoint: Function, late: Any, early: Any, a: Any, by_outside: Any, halvings: int) -> tuple[Any, Any]:
        """The adjoint state, and the gradients by the nodes outside, at the earlier of two times with their states."""
        (end, after), (begin, known) = late, early
        n, between = self.result.shape[1], gathered([end, begin])
        try:
            before = solved(adjoint, flat([after, a, by_outside]), between, self.solver)[1]
            off = float(np.max(np.absolute(raw(before[:n]) - raw(known)), initial=0.0))
        except NoSolution:
            off = np.inf
        rounding = 10 * np.finfo(self.result.dtype).eps
        largest = float(np.max(np.absolute(raw(known)), initial=0.0))
        if off <= 100 * (self.solver.atol + (self.solver.rtol + rounding) * largest):
            return before[n : 2 * n], before[2 * n :]
        if not halvings:
            raise RuntimeError(
                f"the adjoint equation cannot be solved from t={float(raw(end)):.6g} back to {float(raw(begin)):.6g}: "
                f"the state comes back {off:.2g} away from where it was. Give more times in between, or steps="
            )
        middle = (end + begin) / 2
        half = (middle, solved(self.f.f, known, gathered([begin, middle]), self.solver)[1])
        a, by_outside = self.back(adjoint, late, half, a, by_outside, halvings - 1)
        return self.back(adjoint, half, early, a, by_outside, halvings - 1)


class NoSolution(RuntimeError):
    """SciPy gave up."""


def solved(f: Function, y0: Any, t: Any, solver: Solver) -> Any:
    """The states at the times `t`: a node, if they depend on any."""
    called, start = Called(f), numbers(y0)
    states = np.asarray(solver.solve(called, start, numbers(t)), np.result_type(start, np.float32))
    return Trajectory(called, t, states, solver).node(y0, t)


class Solver:
    """How SciPy solves an initial value problem, at given times: also that of the gradient."""

    def __init__(self, rtol: float | None, atol: float | None, defaults: tuple[float, float], options: Any) -> None:
        tolerances = zip((rtol, atol), defaults)
        self.rtol, self.atol = (float(default if given is None else given) for given, default in tolerances)
        self.options = options

    def solve(self, f: Function, y0: Any, t: Any) -> Any:
        """The states at the times `t`, the first of which is `y0`."""
        found, info = scipy.integrate.odeint(f, y0, t, full_output=True, rtol=self.rtol, atol=self.atol, **self.options)
        if info["message"] != "Integration successful.":
            raise NoSolution(f"odeint: {info['message']}")
        return found


class Stepper(Solver):
    """The same by solve_ivp."""

    def solve(self, f: Function, y0: Any, t: Any) -> Any:
        return self.found(f, (t[0], t[-1]), y0, t).y.T

    def found(self, f: Function, span: Any, y0: Any, t: Any) -> Any:
        """SciPy's own result."""
        how = self.options | {"rtol": self.rtol, "atol": self.atol, "t_eval": t}
        result = scipy.integrate.solve_ivp(lambda t, y: f(y, t), span, y0, **how)
        if not result.success:
            raise NoSolution(f"solve_ivp: {result.message}")
        return result


# --- Differential equations, by steps that are recorded --------------------------------------------------------------


def fixed_steps(f: Function, y: Any, t: Sequence[Any], steps: int) -> list[Any]:
    """The states at the times `t`, with so many steps of the classical method of order 4 between each two."""
    if steps < 1:
        raise ValueError(f"steps={steps}: one step or more between two times")
    states = [y]
    for before, after in itertools.pairwise(t):
        h = (after - before) / steps
        for k in range(steps):
            now = before + k * h
            k1 = gathered(f(y, now))
            k2 = gathered(f(y + h / 2 * k1, now + h / 2))
            k3 = gathered(f(y + h / 2 * k2, now + h / 2))
            k4 = gathered(f(y + h * k3, now + h))
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        states.append(y)
    return states


def times(t: Any) -> list[Any]:
    """Times one by one, as floats, which leave single precision as it is, or as nodes."""
    t = gathered(t)
    if t.ndim != 1 or not len(t):
        raise ValueError(f"times are a vector, not an array of shape {t.shape}")
    return t.tolist() if isinstance(t, np.ndarray) else list(t)


def start_of(y0: Any) -> Any:
    """The first state, a vector of floats."""
    y0 = np.atleast_1d(gathered(y0))
    if y0.ndim != 1:
        raise ValueError(f"a state is a vector, not an array of shape {y0.shape}")
    return y0 if y0.dtype.kind == "f" else y0.astype(float)


def odeint(
    func: Function, y0: Any, t: Any, args: Any = (), rtol: float | None = None, atol: float | None = None,
    tfirst: bool = False, steps: int | None = None, mxstep: int = 0, hmax: float = 0.0,
) -> Any:  # fmt: skip
    """scipy.integrate.odeint: the states at the times `t` of y' = func(y, t, *args) from `y0` at t[0], (len(t), n).

    A node if `y0` or `t` is one, or if `func` uses nodes. The gradient is the adjoint one, of the same tolerances, or
    the discrete one with `steps` between each two times: see above. Raises RuntimeError where SciPy only warns.
    """
    args = arguments(args)

    def f(y: Any, t: Any) -> Any:
        return func(t, y, *args) if tfirst else func(y, t, *args)

    y0 = start_of(y0)
    if steps is not None:
        return np.stack(fixed_steps(f, y0, times(t), steps))
    solver = Solver(rtol, atol, (1.49012e-8, 1.49012e-8), {"mxstep": mxstep, "hmax": hmax})
    return solved(f, y0, gathered(t), solver)


def solve_ivp(
    fun: Function, t_span: Any, y0: Any, method: Any = "RK45", t_eval: Any = None, args: Any = None,
    rtol: float | None = None, atol: float | None = None, steps: int | None = None, max_step: float = np.inf,
) -> Any:  # fmt: skip
    """scipy.integrate.solve_ivp: in its result `y`, (n, len(t)), holds the states of y' = fun(t, y, *args).

    It is a node if `y0`, a bound or a time in `t_eval` is one, or if `fun` uses nodes. The gradient is the adjoint one,
    of the same tolerances (whose defaults are coarse), or with `steps` the discrete one: see above. There are so many
    steps to each time of `t_eval`, or without it in all, and every state is returned. Raises RuntimeError where
    `success` would be False.
    """
    args = arguments(args)
    y0 = start_of(y0)

    def f(y: Any, t: Any) -> Any:
        return fun(t, y, *args)

    if steps is not None:
        first, end = t_span
        if method != "RK45":
            raise ValueError(f"method={method!r}: steps= are those of the classical method of order 4")
        between = [first + (end - first) * (k / steps) for k in range(1, steps + 1)]
        t = times([first, *between] if t_eval is None else [first, *times(t_eval)])
        states = np.stack(fixed_steps(f, y0, t, 1 if t_eval is None else steps), axis=-1)
        skipped = 0 if t_eval is None else 1
        done = {"success": True, "status": 0, "message": "All steps were done."}
        return OptimizeResult(t=gathered(t)[skipped:], y=states[:, skipped:], **done)
    solver = Stepper(rtol, atol, (1e-3, 1e-6), {"method": method, "max_step": max_step})
    called, start = Called(f), numbers(y0)
    ends = [float(numbers(x)) for x in t_span]
    found = solver.found(called, ends, start, None if t_eval is None else numbers(gathered(t_eval)))
    given = [*found.t[1:-1], t_span[1]] if t_eval is None else times(t_eval)
    states = np.concatenate([start[None], found.y.T[1 if t_eval is None else 0 :]]).astype(start.dtype)
    t = gathered([t_span[0], *given])
    found.y = Trajectory(called, t, states, solver).node(y0, t)[0 if t_eval is None else 1 :].T
    return found
