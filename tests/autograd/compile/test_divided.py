"""A long native function in parts: the same numbers, early returns, names that are carried on, and how long it is."""

from __future__ import annotations

import ast
import importlib
import itertools
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree
from interpreted import interpreted

import nn
from autograd import compile, grad, value_and_grad

divided: Any = importlib.import_module("autograd.compile.divided")
compiled: Any = importlib.import_module("autograd.compile")
machine: Any = importlib.import_module("autograd.compile.machine")

STORY = """\
def story(x, y, n, story_1):
    s = np.zeros(8)
    total = x
    last = -1.0
    kept = y
    h = 1.0
    unread = x
    for i in range(n):
        a = total * y
        b = a + i
        if i % 3 == 2:
            last = b
        for j in range(8):
            acc = 0.0
            for k in range(3):
                acc += a * k
            s[j] = s[j] + acc
            unread = acc
        if total > 1e6:
            return (2, total, last)
        c = b - last
        d = c * story_1
        h = kept * a
        kept = h + 1.0
        total = total + d
    e = total + s[0]
    e += last
    f = e * h
    g = f + e
    return (0, g, d if n else 0.0)
"""


def outcomes(source: str) -> list[Any]:
    """What a story ends with, from many beginnings."""
    namespace: dict[str, Any] = {"np": np}
    exec(source, namespace)
    inputs = itertools.product((0.5, -2.0, 1e5), (1.5, -0.5), (0, 1, 5, 9), (0.25, 3.0))
    return [namespace["story"](*numbers) for numbers in inputs]


def test_parts_do_what_the_whole_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(divided, "SHORT", 2)
    source = divided.divided(STORY)
    assert source.count("def ") > 5
    np.testing.assert_array_equal(outcomes(source), outcomes(STORY))


def test_what_is_short_stays_as_it_is() -> None:
    assert divided.divided(STORY) == STORY


def orbit(theta: Any, turns: int = 12) -> Any:
    """A program of many numbers with a loop."""
    x, y = theta[0], theta[1]
    for _ in range(turns):
        for _ in range(3):
            x, y = x * theta[2] - y * x * 0.1, y * theta[0] + x * y * 0.1
    return x * y


def step(*sizes: int) -> Callable[..., Any]:
    """A step of a network."""
    model = nn.MLP(*sizes, rng=0, dtype=np.float64)
    optimizer = nn.Adam(model.parameters())

    def step(X: Any, y: Any) -> Any:
        loss = nn.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def cell() -> Callable[..., Any]:
    """The slope of a recurrent network."""
    lstm = nn.LSTM(2, 3, rng=0, dtype=np.float64)

    def slope(X: Any) -> Any:
        lstm.zero_grad()
        loss = np.sum(lstm(X)[0] ** 2)
        loss.backward()
        return [loss, *(p.grad for p in lstm.parameters())]

    return slope


RNG = np.random.default_rng(0)
PROGRAMS: dict[str, tuple[Callable[[], Callable[..., Any]], tuple[Any, ...]]] = {
    "numbers in a loop": (lambda: value_and_grad(orbit), (np.array([0.9, 0.8, 1.01]),)),
    "a straight step": (lambda: step(2, 8, 8, 2), (RNG.standard_normal((8, 2)), np.array([0, 1] * 4))),
    "an LSTM": (cell, (RNG.standard_normal((3, 11, 2)),)),
    "scalars": (lambda: grad(lambda x: sum(np.tanh(x[i % 3] * x[(i * i) % 3]) for i in range(40))), (np.ones(3) / 3,)),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_in_parts_are_what_they_are_without_compiling(name: str) -> None:
    make, inputs = PROGRAMS[name]
    with interpreted(short=2):
        program = compile(make(), backend="numba")
        f = make()  # with parameters of its own
        for factor in (1.0, 0.5):
            numbers = [x * factor if x.dtype.kind == "f" else x for x in inputs]
            agree(program(*numbers), f(*numbers), ulps=64)
    assert program.loops


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_function_is_long(name: str) -> None:
    make, inputs = PROGRAMS[name]
    with interpreted():
        program = compile(make(), backend="numba")
        program(*inputs)
    functions = ast.parse(divided.divided(program.loops)).body
    lengths = [1 + (x.end_lineno or 0) - x.lineno for x in functions]
    assert max(lengths) < 3 * divided.SHORT, lengths


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_effort_follows_from_what_there_is_to_compile(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a clock on which each call takes 0.1 the program is handed over when a line has had 8 to 25 milliseconds."""
    jobs: list[Any] = []
    monkeypatch.setattr(machine.background, "add", jobs.append)
    ticks = itertools.count()
    monkeypatch.setattr(compiled, "time", types.SimpleNamespace(perf_counter=lambda: 0.1 * next(ticks)))
    make, inputs = PROGRAMS[name]
    with interpreted():
        program = compile(make())
        for count in itertools.count(1):
            program(*inputs)
            if jobs:
                break
            assert count < 1000, "it is not worth compiling"
        jobs.pop()()
    lines = program.loops.count("\n")
    assert 0.008 * lines < 0.1 * count < 0.025 * lines
