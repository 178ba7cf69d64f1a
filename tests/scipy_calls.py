"""Calls of each function of `autograd.scipy`, but of the special ones and the densities, and SciPy's own of the same.

The tests in tests/autograd/scipy/test_calls.py iterate over this table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

Function = Callable[..., Any]


class Room:
    """A module that is imported when the first test needs it, so that the table is as it was for all others."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.name), name)


@dataclass(frozen=True)
class Case:
    """`f` is to differentiate by all its arguments, which `draw` makes; `oracle` gives SciPy's result.

    `stacks` says that the arguments may be stacks of what they are, `compiles` that `compile` takes it, `near` how far
    the results are apart, `single` how far single precision is from double, `order` which derivatives to check.
    """

    f: Function
    oracle: Function
    draw: Callable[[np.random.Generator], tuple[Any, ...]]
    stacks: bool = False
    compiles: bool = True
    near: float = 1e-9
    single: float = 1e-4
    order: int = 2


linalg, theirs = Room("autograd.scipy.linalg"), Room("scipy.linalg")
signal, their_signal = Room("autograd.scipy.signal"), Room("scipy.signal")
ndimage, their_ndimage = Room("autograd.scipy.ndimage"), Room("scipy.ndimage")
interpolate, their_interpolate = Room("autograd.scipy.interpolate"), Room("scipy.interpolate")
integrate, their_integrate = Room("autograd.scipy.integrate"), Room("scipy.integrate")
optimize, their_optimize = Room("autograd.scipy.optimize"), Room("scipy.optimize")


def drawn(*shapes: tuple[int, ...]) -> Callable[[np.random.Generator], tuple[Any, ...]]:
    """Arrays of normal numbers."""
    return lambda rng: tuple(rng.standard_normal(shape) for shape in shapes)


def regular(*shapes: tuple[int, ...]) -> Callable[[np.random.Generator], tuple[Any, ...]]:
    """The same, the first of which is a matrix that is far from singular."""
    return lambda rng: (
        rng.standard_normal(shapes[0]) + 3 * np.eye(shapes[0][-1]), *drawn(*shapes[1:])(rng),
    )  # fmt: skip


def positive(*shapes: tuple[int, ...]) -> Callable[[np.random.Generator], tuple[Any, ...]]:
    """The same, the first of which is near a positive definite matrix."""
    return lambda rng: (
        (a := rng.standard_normal(shapes[0])) @ a.T + 2 * np.eye(shapes[0][-1]), *drawn(*shapes[1:])(rng),
    )  # fmt: skip


def diagonals(below: int, above: int, *shape: int) -> Callable[[np.random.Generator], tuple[Any, ...]]:
    """A matrix with so many diagonals, the main one large, and a right side."""

    def draw(rng: np.random.Generator) -> tuple[Any, ...]:
        ab = rng.standard_normal((below + above + 1, shape[0]))
        ab[above] += 4
        return ab, rng.standard_normal(shape)

    return draw


def same(name: str, **kwargs: Any) -> dict[str, Any]:
    """A function of linalg, and SciPy's of that name."""
    return {
        "f": lambda *xs: getattr(linalg, name)(*xs, **kwargs),
        "oracle": lambda *xs: getattr(theirs, name)(*xs, **kwargs),
    }


CASES: dict[str, Case] = {}

for trans, lower, unit, size in [
    (0, False, False, (2,)),
    (1, True, False, (2, 1)),
    ("N", True, True, (2, 1)),
    ("T", False, True, (2,)),
]:
    CASES[f"solve_triangular {trans} {lower} {unit} {size}"] = Case(
        **same("solve_triangular", trans=trans, lower=lower, unit_diagonal=unit),
        draw=regular((2, 2), size), stacks=len(size) == 2,
    )  # fmt: skip
for below, above, size in [(1, 1, (5,)), (2, 0, (5, 2)), (0, 1, (5,)), (1, 2, (5, 2))]:
    CASES[f"solve_banded {below, above} {size}"] = Case(
        lambda ab, b, lu=(below, above): linalg.solve_banded(lu, ab, b),
        lambda ab, b, lu=(below, above): theirs.solve_banded(lu, ab, b),
        diagonals(below, above, *size), stacks=len(size) == 2,
    )  # fmt: skip
for lower in [False, True]:
    CASES[f"cho_solve {lower}"] = Case(
        lambda a, b, lower=lower: linalg.cho_solve(linalg.cho_factor(a @ a.mT, lower), b),
        lambda a, b: np.linalg.solve(a @ a.T, b), regular((2, 2), (2, 1)), stacks=True, single=1e-3,
    )  # fmt: skip
    CASES[f"cholesky {lower}"] = Case(
        lambda a, lower=lower: linalg.cholesky(a @ a.mT, lower), lambda a, lower=lower: theirs.cholesky(a @ a.T, lower),
        regular((3, 3)), stacks=True,
    )  # fmt: skip
for trans, size in [(0, (2,)), (1, (2, 1))]:
    CASES[f"lu_solve {trans} {size}"] = Case(
        lambda a, b, trans=trans: linalg.lu_solve(linalg.lu_factor(a), b, trans),
        lambda a, b, trans=trans: theirs.lu_solve(theirs.lu_factor(a), b, trans),
        lambda rng, size=size: tuple(x[::-1] for x in regular((2, 2), size)(rng)), stacks=len(size) == 2,
    )  # fmt: skip
CASES |= {
    "lu_factor": Case(
        lambda a: linalg.lu_factor(a)[0], lambda a: theirs.lu_factor(a)[0],
        lambda rng: (regular((3, 3))(rng)[0][[2, 0, 1]],), stacks=True),
    "solve_sylvester": Case(**same("solve_sylvester"), draw=positive((2, 2), (1, 1), (2, 1)), stacks=True, single=1e-2),
    "expm": Case(**same("expm"), draw=drawn((2, 2)), stacks=True),
    "logm": Case(**same("logm"), draw=positive((2, 2)), stacks=True, order=1),
    "sqrtm": Case(**same("sqrtm"), draw=positive((2, 2)), stacks=True),
    "block_diag": Case(**same("block_diag"), draw=drawn((2, 3), (2,), (1, 1))),
    "toeplitz": Case(**same("toeplitz"), draw=drawn((3,), (4,))),
    "toeplitz of one": Case(**same("toeplitz"), draw=drawn((3,))),
}  # fmt: skip

for mode in ["full", "valid", "same"]:
    for shapes in [((3,), (5,)), ((4, 3), (2, 2)), ((2, 2), (3, 4))]:
        for name in ["convolve", "fftconvolve"]:
            CASES[f"{name} {mode} {shapes}"] = Case(
                lambda a, b, name=name, mode=mode: getattr(signal, name)(a, b, mode=mode),
                lambda a, b, name=name, mode=mode: getattr(their_signal, name)(a, b, mode=mode), drawn(*shapes),
            )  # fmt: skip
    CASES[f"fftconvolve {mode} along an axis"] = Case(
        lambda a, b, mode=mode: signal.fftconvolve(a, b, mode, axes=[1]),
        lambda a, b, mode=mode: their_signal.fftconvolve(a, b, mode, axes=[1]), drawn((3, 4), (1, 2)),
    )  # fmt: skip
for count_b, count_a, shape in [(3, 1, (4,)), (1, 3, (2, 2)), (2, 4, (2, 1))]:
    CASES[f"lfilter {count_b} {count_a} {shape}"] = Case(
        lambda b, a, x: signal.lfilter(b, a, x), lambda b, a, x: their_signal.lfilter(b, a, x),
        lambda rng, b=count_b, a=count_a, shape=shape: (
            rng.standard_normal(b), rng.uniform(-0.5, 0.5, a) + 2 * np.eye(a)[0], rng.standard_normal(shape),
        ),
    )  # fmt: skip
    for part in [0, 1]:
        CASES[f"lfilter {count_b} {count_a} {shape} with a state: {part}"] = Case(
            lambda b, a, x, z, part=part: signal.lfilter(b, a, x, zi=z)[part],
            lambda b, a, x, z, part=part: their_signal.lfilter(b, a, x, zi=z)[part],
            lambda rng, b=count_b, a=count_a, shape=shape: (
                rng.standard_normal(b), rng.uniform(-0.5, 0.5, a) + 2 * np.eye(a)[0],
                rng.standard_normal(shape), rng.standard_normal((*shape[:-1], max(a, b) - 1)),
            ),
        )  # fmt: skip

for mode in ["constant", "grid-constant", "nearest", "mirror", "reflect", "wrap", "grid-wrap"]:
    for shape in [(5,), (1, 3)]:
        CASES[f"map_coordinates {mode} {shape}"] = Case(
            lambda x, c, mode=mode: ndimage.map_coordinates(x, c, 1, mode, 0.3),
            lambda x, c, mode=mode: their_ndimage.map_coordinates(x, c, order=1, mode=mode, cval=0.3),
            lambda rng, shape=shape: (rng.standard_normal(shape), rng.uniform(-9, 11, (len(shape), 5, 4))), single=1e-2,
        )  # fmt: skip

ENDS: list[Any] = [
    "not-a-knot",
    "natural",
    "clamped",
    ("not-a-knot", (2, 0.1)),
    ((1, 0.2), "natural"),
    ((1, 0.5), (2, -0.3)),
]
for count in [2, 3, 5]:
    for ends in ENDS:
        CASES[f"CubicSpline {count} {ends}"] = Case(
            lambda y, x, n=count, ends=ends: interpolate.CubicSpline(np.arange(n) ** 1.5, y, bc_type=ends)(x),
            lambda y, x, n=count, ends=ends: their_interpolate.CubicSpline(np.arange(n) ** 1.5, y, bc_type=ends)(x),
            lambda rng, n=count: (rng.standard_normal(n), rng.uniform(-1, n**1.5, (3, 2))), single=1e-2,
        )  # fmt: skip
    CASES[f"CubicSpline {count} periodic"] = Case(
        lambda y, x, n=count: interpolate.CubicSpline(
            np.arange(n) ** 1.5, np.concatenate([y, y[:1]]), bc_type="periodic")(x),
        lambda y, x, n=count: their_interpolate.CubicSpline(
            np.arange(n) ** 1.5, np.concatenate([y, y[:1]]), bc_type="periodic")(x),
        lambda rng, n=count: (rng.standard_normal(n - 1), rng.uniform(-1, n**1.5, (3, 2))), single=1e-2,
        compiles=False,
    )  # fmt: skip
for nu in [1, 4]:
    CASES[f"CubicSpline along an axis, {nu}"] = Case(
        lambda y, x, nu=nu: interpolate.CubicSpline(np.arange(4.0), y, axis=1)(x, nu),
        lambda y, x, nu=nu: their_interpolate.CubicSpline(np.arange(4.0), y, axis=1)(x, nu),
        lambda rng: (rng.standard_normal((2, 4, 3)), rng.uniform(-1, 4, 3)), single=1e-2,
    )  # fmt: skip
CASES["CubicSpline.integrate"] = Case(
    lambda y, a, b: interpolate.CubicSpline(np.arange(4.0), y).integrate(a, b),
    lambda y, a, b: their_interpolate.CubicSpline(np.arange(4.0), y).integrate(a, b),
    lambda rng: (rng.standard_normal(4), rng.uniform(-1, 4), rng.uniform(-1, 4)),
)

for count in [1, 2, 3, 6]:
    CASES[f"simpson {count}"] = Case(
        lambda y, x: integrate.simpson(y, x), lambda y, x: their_integrate.simpson(y, x=x),
        lambda rng, n=count: (rng.standard_normal((2, n)), np.arange(n) + rng.uniform(-0.3, 0.3, n)), single=1e-2,
    )  # fmt: skip
    CASES[f"simpson {count} dx"] = Case(
        lambda y: integrate.simpson(y, dx=0.3, axis=0), lambda y: their_integrate.simpson(y, dx=0.3, axis=0),
        drawn((count, 2)),
    )  # fmt: skip


def bell(x: Any, t: Any) -> Any:
    """An integrand with two parameters."""
    return np.exp(-t[0] * t[0] * x * x) * np.cos(t[1] * x)


def decay(y: Any, t: Any, k: Any, c: Any) -> Any:
    """HIPS autograd's equation of this test."""
    return -np.sqrt(t) - y + k - np.mean((y + c) ** 2)


def predators(t: Any, y: Any, p: Any) -> Any:
    """Lotka and Volterra's equation, as a list."""
    return [p[0] * y[0] - p[1] * y[0] * y[1], -p[2] * y[1] + p[3] * y[0] * y[1]]


def circle(x: Any, p: Any) -> Any:
    """Two equations, as a list."""
    return [x[0] ** 2 + x[1] * p[0] - 1.5, x[1] ** 3 + p[1] * x[0] - 1]


def valley(x: Any, p: Any) -> Any:
    """Rosenbrock's function, a bit rounder."""
    return np.sum(p[0] * (x[1:] - x[:-1] ** 2) ** 2 + (p[1] - x[:-1]) ** 2) + 0.1 * np.sum(x**4)


EXACT = {"rtol": 1e-9, "atol": 1e-9}
CASES |= {
    "quad": Case(
        lambda a, b, t: integrate.quad(bell, a, b, (t,))[0], lambda a, b, t: their_integrate.quad(bell, a, b, (t,))[0],
        lambda rng: (0.1, 1.3, rng.uniform(0.5, 1, 2)), compiles=False),
    "quad, infinite": Case(
        lambda t: integrate.quad(bell, -np.inf, np.inf, (t,))[0],
        lambda t: their_integrate.quad(bell, -np.inf, np.inf, (t,))[0], lambda rng: (rng.uniform(0.5, 1, 2),),
        compiles=False, order=1),
    "odeint": Case(
        lambda y0, t, k, c: integrate.odeint(decay, y0, t, (k, c)),
        lambda y0, t, k, c: their_integrate.odeint(decay, y0, t, (k, c)),
        lambda rng: (rng.standard_normal(3), np.linspace(0.1, 0.2, 3), *drawn((3,), (3,))(rng)), compiles=False),
    "odeint in steps": Case(
        lambda y0, t, k, c: integrate.odeint(decay, y0, t, (k, c), steps=3),
        lambda y0, t, k, c: their_integrate.odeint(decay, y0, t, (k, c)),
        lambda rng: (rng.standard_normal(3), np.linspace(0.1, 0.2, 3), *drawn((3,), (3,))(rng)), near=1e-6),
    "solve_ivp": Case(
        lambda y0, p, end: integrate.solve_ivp(predators, (0, end), y0, args=(p,), **EXACT).y[:, -1],
        lambda y0, p, end: their_integrate.solve_ivp(predators, (0, end), y0, args=(p,), **EXACT).y[:, -1],
        lambda rng: (rng.uniform(1, 2, 2), rng.uniform(0.5, 1, 4), 0.5), compiles=False, order=1),
    "solve_ivp at times": Case(
        lambda y0, p: integrate.solve_ivp(predators, (0, 1), y0, "LSODA", [0.0, 0.3, 0.5], (p,), **EXACT).y,
        lambda y0, p: their_integrate.solve_ivp(predators, (0, 1), y0, "LSODA", [0.0, 0.3, 0.5], args=(p,), **EXACT).y,
        lambda rng: (rng.uniform(1, 2, 2), rng.uniform(0.5, 1, 4)), compiles=False, order=1),
    "solve_ivp in steps": Case(
        lambda y0, p, end: integrate.solve_ivp(predators, (0, end), y0, args=(p,), steps=4).y[:, -1],
        lambda y0, p, end: their_integrate.solve_ivp(predators, (0, end), y0, args=(p,), **EXACT).y[:, -1],
        lambda rng: (rng.uniform(1, 2, 2), rng.uniform(0.5, 1, 4), 0.1), near=1e-6),
    "fixed_point": Case(
        lambda a: optimize.fixed_point(lambda x: np.cos(a * x), np.ones(2), xtol=1e-13),
        lambda a: their_optimize.fixed_point(lambda x: np.cos(a * x), np.ones(2), xtol=1e-13),
        lambda rng: (rng.uniform(0.5, 1, 2),), compiles=False),
}  # fmt: skip
for how in ["hybr", "lm", "broyden1"]:
    CASES[f"root {how}"] = Case(
        lambda p, how=how: optimize.root(circle, [1.0, 1.0], p, method=how, tol=1e-13).x,
        lambda p, how=how: their_optimize.root(circle, [1.0, 1.0], p, method=how, tol=1e-13).x,
        lambda rng: (rng.uniform(0.3, 0.5, 2),), compiles=False,
    )  # fmt: skip
for how, order in [("BFGS", 2), ("Newton-CG", 1)]:
    for part in ["x", "fun"]:
        CASES[f"minimize {how}: {part}"] = Case(
            lambda p, how=how, part=part: optimize.minimize(valley, np.zeros(2), p, method=how, tol=1e-13)[part],
            lambda p, part=part: their_optimize.minimize(valley, np.zeros(2), p, tol=1e-9)[part],
            lambda rng: (rng.uniform(1, 2, 2),), compiles=False, near=1e-5, order=order,
        )  # fmt: skip
