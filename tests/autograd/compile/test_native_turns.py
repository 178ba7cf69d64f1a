"""Loops of a program as native loops: one body, whatever it carries, reads in order, lists, and adds up."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree
from interpreted import interpreted
from scipy.integrate import solve_ivp

from autograd import compile, grad, value_and_grad
from autograd.trees import leaves

pytest.importorskip("numba", reason="numba, the extra jit, compiles the loops")
compiled = importlib.import_module("autograd.compile")
machine = importlib.import_module("autograd.compile.machine")

RNG = np.random.default_rng(0)
X, W = RNG.uniform(-0.9, 0.9, (24, 3)), RNG.uniform(-0.9, 0.9, (3, 3))
WIDE = RNG.uniform(-0.9, 0.9, (24, 4, 5))  # too large to be written out number by number


def natively(f: Callable[..., Any], *inputs: Any) -> Any:
    """`f` as loops: it gives what it gives in NumPy and by itself, for other numbers too. A warning is an error."""
    in_numpy, program = compile(f, backend="numpy"), compile(f, backend="numba")
    for factor in (1.0, 0.75, 1.0):
        numbers = [np.asarray(x * factor, x.dtype) for x in inputs]
        found = leaves(program(*numbers))
        for one, other in zip(found, leaves(f(*numbers)), strict=True):
            agree(one, other, ulps=64)
        for one, other in zip(found, leaves(in_numpy(*numbers)), strict=True):
            agree(one, other, ulps=64)
    return program


def turns(program: Any) -> int:
    """How many loops of the function are loops of the native program."""
    return program.source.count("for ")


def lotka(theta: Any, start: Any, steps: int = 60, h: float = 0.05) -> Any:
    """The sum of squares of where Lotka and Volterra's equations are after so many steps of Runge and Kutta."""
    a, b, c, d = theta

    def slope(s: Any) -> Any:
        x, y = s
        return np.stack([a * x - b * x * y, d * x * y - c * y])

    s = start
    for _ in range(steps):
        k1 = slope(s)
        k2 = slope(s + h / 2 * k1)
        k3 = slope(s + h / 2 * k2)
        k4 = slope(s + h * k3)
        s = s + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(s * s)


@pytest.mark.slow
def test_an_equation_by_runge_and_kutta_is_one_loop_forward_and_one_back() -> None:
    theta, start = np.array([1.1, 0.4, 0.4, 0.1]), np.array([1.0, 0.5])
    program = natively(value_and_grad(lotka), theta, start)
    assert program.loops.count("in range(60)") == program.loops.count("in range(59)") == 1
    value, slope = program(theta, start)

    def end(theta: Any) -> Any:
        a, b, c, d = theta
        found = solve_ivp(
            lambda t, s: [a * s[0] - b * s[0] * s[1], d * s[0] * s[1] - c * s[1]], (0, 3), start,
            rtol=1e-11, atol=1e-12,
        )  # fmt: skip
        return np.sum(found.y[:, -1] ** 2)

    np.testing.assert_allclose(value, end(theta), rtol=1e-5)
    steps = 1e-4 * np.eye(4)
    np.testing.assert_allclose(slope, [(end(theta + h) - end(theta - h)) / 2e-4 for h in steps], rtol=1e-3)


def carried(x: Any) -> Any:
    a, b, c = x[0], x[1], x[2]
    for _ in range(15):  # they change places
        a, b, c = np.tanh(b * 0.5), a - c, np.cos(c) * a
    return a, b, c


def in_order(x: Any, w: Any) -> Any:
    h, seen = x[0] * 0, []
    for t in range(20):
        h = np.tanh(h @ w + x[t] + x[23 - t] * x[2 + t])
        seen.append(h)
    return np.stack(seen), np.concatenate(seen[::-1]), h


def by_parts(x: Any) -> Any:
    total = np.zeros(x.shape[1:], x.dtype)
    for t in range(10):
        total = total * 0.5 + np.sum(x[2 * t : 2 * t + 3], axis=0) + np.max(x[t : t + 4 : 2], axis=0)
    return total


def by_numbers(x: Any) -> Any:
    a = x[0]
    for t in range(12):
        a = np.sin(a) * (t - 3) * 0.25 + t * 0.25 + 1.0 / (t + 1) * a
    return a


def in_loops(x: Any, w: Any) -> Any:
    s = x[0]
    for t in range(8):
        for i in range(6):
            s = np.tanh(s * x[i] + x[t] @ w)
        s = s + x[t + 8]
    return s, np.sum(s)


def of_history(x: Any) -> Any:
    states = [x[0], x[1]]
    for t in range(15):
        states.append(np.cos(states[-1] + states[-2]) * x[t])
    return states[-1], np.stack(states)


def by_layers(x: Any) -> Any:
    for k in range(20):  # another constant array in each turn
        x = x + np.tanh(x @ MATRICES[k])
    return x


MATRICES = list(RNG.uniform(-0.5, 0.5, (20, 3, 3)))


def at_places(x: Any, w: Any) -> Any:
    s = np.sum(x[:, 0])
    for t in range(14):
        s = s * 0.5 + np.sum(w[:, t % 3] * x[t, 1]) - x[t + 3][::-1][0]
    return s


ORDER = [*RNG.permutation(12)]  # integers of NumPy's
UP = [(-30, 2), (3, 5), (22, 30), (-5, -3), (0, 2), (7, -15)]
DOWN = [(30, 21), (9, 7), (2, 0), (-22, -24), (-4, -6), (12, -14)]


def out_of_order(x: Any, w: Any) -> Any:
    s = w
    for t, i in enumerate(ORDER):
        s = np.tanh(s * x[i, 0] + np.sum(x[i : i + 3], axis=0)) + w[-1 - (i + t) % 3, ::-1]
    for (a, b), (c, d) in zip(UP * 2, DOWN * 2):
        s = s * 0.5 + np.sum(x[a:b] * x[c:d:-1], axis=0)
    return s


def turned(x: Any) -> Any:
    s = x[0]
    for t in range(10):  # backward the gradient of s is nothing but turned, and its place is not that of before
        s = (s - x[2 * t + 2])[::-1]
    return s * x[1]


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (carried, (X,)), (carried, (WIDE,)), (in_order, (X, W)), (by_parts, (X,)), (by_parts, (WIDE,)),
        (by_numbers, (X,)), (by_numbers, (WIDE,)), (in_loops, (X, W)), (of_history, (X,)), (of_history, (WIDE,)),
        (by_layers, (X,)), (at_places, (X, W)), (out_of_order, (X, W)),
        (turned, (WIDE,)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("way", ["value", "gradient"])
def test_whatever_goes_around(f: Callable[..., Any], inputs: Any, dtype: Any, way: str) -> None:
    def total(*xs: Any) -> Any:
        return sum(np.sum(y) for y in leaves(f(*xs)))

    with interpreted():
        program = natively(f if way == "value" else grad(total), *(x.astype(dtype) for x in inputs))
    assert turns(program) <= program.loops.count("for ")
    assert turns(program) or (f is of_history and way == "value")  # which needs what was two turns before


def test_machine_code_of_a_loop() -> None:
    natively(grad(lambda x: np.sum(by_numbers(x) * np.arange(3.0))), X)


def test_floats_in_a_loop_raise_as_they_do_in_python() -> None:
    def f(x: Any, y: Any) -> Any:
        for _ in range(30):
            x = 1.0 / (x - 0.5 * y) + y * 0.25
        return x

    program = compile(f, backend="numba")
    assert program(2.5, 1.0) == pytest.approx(f(2.5, 1.0), rel=1e-14)
    assert "in range(" in program.loops
    with pytest.raises(ZeroDivisionError):
        program(0.5, 1.0)
    assert program(2.5, 1.0) == pytest.approx(f(2.5, 1.0), rel=1e-14)


def test_special_numbers_go_around() -> None:
    """An upstream gradient of zero is not on the path, in the last turn and in all before."""

    def f(x: Any) -> Any:
        s = x
        for _ in range(12):
            s = np.where(s > 0, np.sqrt(s) + s / 2, s * 0.5 - 1)
        return np.sum(s)

    x = np.array([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan, -3.0, 1e-300])
    with interpreted(), np.errstate(all="ignore"):
        natively(value_and_grad(f), x)


def test_a_loop_that_numba_refuses_runs_in_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> Any:
        raise RuntimeError("no")

    monkeypatch.setattr(importlib.import_module("autograd.compile.native"), "machine_code", fail)
    monkeypatch.setattr(compiled, "effort", lambda program: 0.0)
    program = compile(in_order)
    for _ in range(3):
        agree(program(X, W), in_order(X, W), ulps=64)
        machine.background.wait()
    assert program.loops == ""


def test_loops_of_tiny_arrays_are_worth_it_at_any_length_and_those_of_large_ones_are_not() -> None:
    jobs: list[Any] = []
    theta, start = np.array([1.1, 0.4, 0.4, 0.1]), np.array([1.0, 0.5])
    for inputs, f, expected in (((theta, start), grad(lotka), True), ((np.ones((9, 40, 40)),), large, False)):
        program = compile(f)
        program(*inputs)
        jobs.append(type(program.entries[0].call).__name__ == "Warm")
        assert jobs[-1] is expected


def large(x: Any) -> Any:
    y = x[0]
    for t in range(9):
        y = np.tanh(y @ x[t]) + y * 0.5 - x[t]
    return y
