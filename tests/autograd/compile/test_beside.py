"""compile(f, check=True): the function beside its program. It finds what nothing else does, which is a short list."""

from __future__ import annotations

import contextvars
import io
import os
import queue
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree

import nn
from autograd import CheckError, Tensor, Value, anew, compile, grad
from autograd.compile.beside import difference

X = np.array([0.5, -1.0, 2.0])
HIDDEN, CONTEXT = 2.0, contextvars.ContextVar("CONTEXT", default=2.0)
FILE, QUEUE = io.StringIO("2"), queue.SimpleQueue[float]()


def change_hidden() -> None:
    global HIDDEN
    HIDDEN = 3.0


# What no trace sees, as docs/compile.md lists it: a function, and what changes behind its back.
INVISIBLE: dict[str, tuple[Callable[..., Any], Callable[[], Any]]] = {
    "a name that is made at run time": (lambda x: x * globals()["HID" + "DEN"], change_hidden),
    "eval": (lambda x: x * eval("HID" + "DEN"), change_hidden),
    "the clock": (lambda x: x * (time.perf_counter() * 1e3 % 1.0), lambda: None),  # also late
    "a file": (lambda x: x * float(FILE.getvalue()), lambda: FILE.write("3")),
    "a queue": (lambda x: x * QUEUE.get_nowait(), lambda: None),
    "the environment": (lambda x: x * float(os.environ["FACTOR"]), lambda: os.environ.update(FACTOR="3")),
    "what C code keeps": (lambda x: x * CONTEXT.get(), lambda: CONTEXT.set(3.0)),
}


@pytest.mark.parametrize("name", INVISIBLE)
def test_what_no_trace_sees_is_found_beside_the_function(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACTOR", "2")
    monkeypatch.setitem(globals(), "HIDDEN", 2.0)
    for number in range(20):
        QUEUE.put(number + 1.0)
    f, change = INVISIBLE[name]
    silent, loud = compile(f, backend="numpy"), compile(f, backend="numpy", check=True)
    silent(X)
    if name not in ("the clock", "a queue"):
        loud(X)
    change()
    assert not np.array_equal(silent(X), f(X))  # it lies
    with pytest.raises(CheckError, match=r"the result of the program of <lambda> is not what <lambda> itself gives"):
        loud(X)


def training(check: bool, backend: str = "numpy") -> tuple[Any, nn.Module, nn.Optimizer]:
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Dense(3, 4, rng=rng), nn.BatchNorm1d(4), nn.Dropout(0.3, rng), nn.Dense(4, 2, rng=rng))
    optimizer = nn.Adam(model.parameters(), lr=0.01)

    def step(x: Any, y: Any) -> Any:
        loss = nn.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return compile(step, backend=backend, check=check), model, optimizer


def test_a_checked_training_is_the_training() -> None:
    data = np.random.default_rng(1).standard_normal((6, 3)).astype(np.float32), np.array([0, 1, 1, 0, 1, 0])
    (checked, model, optimizer), (plain, twin, other) = training(check=True), training(check=False)
    for _ in range(5):
        agree(checked(*data).numpy(), plain(*data).numpy(), ulps=0)
        agree(model.state_dict(), twin.state_dict(), ulps=0)
        agree(optimizer.state_dict()["state"], other.state_dict()["state"], ulps=0)
        agree([p.grad for p in model.parameters()], [p.grad for p in twin.parameters()], ulps=0)
    assert len(checked.entries) == len(plain.entries)


def test_values_arrays_that_change_in_place_and_repeated_calls_are_put_back_between_the_two() -> None:
    w, v, seen = Value(2.0), Tensor(X, requires_grad=True), []
    held = v.data  # somebody writes into it
    rng = random.Random(0)

    def step(x: Any) -> Any:
        (w * 3.0 * x).backward()
        v.grad = None
        (v * v).sum().backward()
        v.data -= 0.1 * v.grad
        anew(seen.append, 1)
        return w.grad + anew(rng.random), v * 1.0

    program, expected = compile(step, backend="numpy", check=True), random.Random(0)
    for i in range(1, 4):
        agree(program(2.0)[0], 6.0 * i + expected.random())
        np.testing.assert_allclose(v.numpy(), X * 0.8**i)
        assert len(seen) == i
    assert held.shape == (3,)


def test_it_says_which_number_differs_where_and_by_how_much() -> None:
    w = Tensor(X, requires_grad=True, name="weight")

    def step(x: Any) -> Any:
        w.data -= x * globals()["HID" + "DEN"]
        return {"a": [x]}

    program = compile(step, backend="numpy", check=True)
    program(X)
    change_hidden()
    with pytest.raises(CheckError, match=r"weight\.data of the program of step .*: .* instead of .* at \[0\]"):
        program(X)
    globals()["HIDDEN"] = 2.0


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (np.ones(2), np.array([1.0, np.nan])), (np.ones(2), np.ones(3)), (np.ones(2), np.ones(2, np.float32)),
        (1.0, 1.001), ("a", "b"), (None, 1.0), (np.arange(2), np.arange(2) + 1), (np.inf, -np.inf), (True, False),
    ],
)  # fmt: skip
def test_what_differs(ours: Any, theirs: Any) -> None:
    assert difference(ours, theirs, 1.0)
    assert not difference(ours, ours, 1.0)


def test_errors_are_compared_too() -> None:
    def f(x: Any) -> Any:
        anew(check, x)
        return x * 2

    def check(x: Any) -> None:
        if x.sum() > 2:
            raise ValueError("too large")

    program = compile(f, backend="numpy", check=True)
    program(X)
    with pytest.raises(ValueError, match="too large"):
        program(X * 3)
    slope = compile(grad(lambda x: np.sum(np.tanh(x))), check=True)
    agree(slope(X), 1 - np.tanh(X) ** 2)
