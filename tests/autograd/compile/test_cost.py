"""Compiling costs the same for each operation, however many there are: counted in lines of Python that run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, compile, grad

ROOM = str(Path(sys.modules["autograd.compile"].__file__ or "").parent)


def lines(f: Callable[..., Any], *args: Any) -> int:
    """How many lines of the compiler run while `f` is compiled, and those of its helpers in NumPy are not counted."""
    count = 0

    def local(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return local

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        return local if frame.f_code.co_filename.startswith(ROOM) else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        compile(f, backend="numpy")(*args)
    finally:
        sys.settrace(before)
    return count


X = np.ones(3)


def chain(n: int) -> int:
    """n layers of arrays, forward and backward."""

    def f(x: Any) -> Any:
        for _ in range(n):
            x = np.tanh(x * 1.0001 + 0.1)
        return np.sum(x)

    return lines(grad(f), X)


def constants(n: int) -> int:
    """n different arrays that the function refers to."""
    each = [np.full(3, 1.0 + i) for i in range(n)]

    def f(x: Any) -> Any:
        for c in each:
            x = x * c
        return x

    return lines(f, X)


def leaves(n: int) -> int:
    """A training step of n parameters of one name."""
    each = [Tensor(X * i, requires_grad=True, name="w") for i in range(n)]
    optimizer = nn.SGD(each, lr=0.1)

    def step(x: Any) -> Any:
        loss = sum((w * x).sum() for w in each)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return lines(step, X)


def values(n: int) -> int:
    """Numbers of Python's, one by one."""

    def f(x: float) -> Any:
        w = Value(x)
        y: Any = 0.0
        for i in range(n):
            y = y * w + (w * float(i)).tanh()
        y.backward()
        return y.data, w.grad

    return lines(f, 2.0)


def results(n: int) -> int:
    """n arrays that are returned, some of them twice and as views."""
    return lines(lambda x: [[z := x * (1.0 + i), z, z[1:]] for i in range(n)], X)


def unknown(n: int) -> int:
    """Functions that may share memory: each with all that came before."""

    def f(x: Any) -> Any:
        y = x[None]
        for _ in range(n):
            y = np.atleast_2d(np.rot90(np.atleast_2d(y * 1.5), 2)) + y
        return y

    return lines(f, X)


@pytest.mark.parametrize("program", [chain, constants, leaves, values, results, unknown])
def test_the_cost_of_an_operation_does_not_grow_with_the_program(program: Callable[[int], int]) -> None:
    program(2)  # what is computed once for all
    short, long = program(25), program(200)
    assert long < 8 * 1.1 * short


def test_a_call_that_is_never_repeated_compiles_no_test_for_the_next() -> None:
    program = compile(lambda x: np.sin(x) * 2.0)
    program(np.ones(3))
    (entry,) = program.entries
    assert "fits" not in vars(entry)
    program(np.ones(3))
    assert "fits" in vars(entry)
    assert program.entries == [entry]
    program(np.ones(4))  # what was true of the first call is what the test asks for
    assert len(program.entries) == 2
