"""x + 0.0 is x where nobody sees the sign of a zero, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import same

from autograd import affine, compile, grad, sigmoid
from autograd.compile.signs import BLIND, PASSING
from autograd.inspecting import name_of
from autograd.rules.gates import lstm_gates
from autograd.rules.structure import join, scatter, stack
from autograd.shapes import spread, sum_to

X = np.array([[-0.0, 0.0, -0.0, 1.5], [-2.0, -0.0, 0.0, -0.0], [-0.0] * 4, [0.0] * 4])
W = np.array([[-0.0, 2.0, -1.0], [0.0, -0.0, -3.0], [-1.0, 0.0, -0.0], [0.0, -0.0, 4.0]])
CALLS: dict[Any, Callable[[Any], Any]] = {
    np.matmul: lambda x: x @ W,
    affine: lambda x: affine(x, W, -0.0 * W[0]),
    np.sum: lambda x: np.sum(x, axis=0),
    join: lambda x: join(x, x, axis=1),
    stack: lambda x: stack(x, -x),
    scatter: lambda x: scatter(x, 1, (2, 4, 4)),
    spread: lambda x: spread(x[0], (3, 4)),
    sum_to: lambda x: sum_to(x, (4,)),
    np.reshape: lambda x: x.reshape(2, 8),
    np.expand_dims: lambda x: np.expand_dims(x, 1),
    np.broadcast_to: lambda x: np.broadcast_to(x, (2, 4, 4)),
    np.squeeze: lambda x: np.squeeze(x[None], 0),
    np.swapaxes: lambda x: np.swapaxes(x, 0, 1),
    lstm_gates: lstm_gates,
}


def seen_and_unseen(f: Callable[[Any], Any]) -> list[Callable[[Any], Any]]:
    """What looks at the result of `f`, and what does not."""
    return [
        f,
        lambda x: 1 / f(x),
        lambda x: (f(x), f(x) @ np.ones(f(x).shape[-1])),
        lambda x: f(x) @ np.ones(f(x).shape[-1]),
        lambda x: np.arctan2(f(x), -1.0),
        lambda x: np.exp(f(x)),
        lambda x: sigmoid(f(x)) + 0.0,
        lambda x: np.sqrt(f(x) * f(x)) @ np.ones(f(x).shape[-1]),
    ]


@pytest.mark.parametrize("fun", sorted(BLIND | PASSING, key=name_of), ids=name_of)
def test_what_hides_a_sign_and_what_hands_it_on(fun: Any) -> None:
    operands = 2 if getattr(fun, "nin", 1) == 2 or fun.__name__ == "chain" else 1
    ways = [lambda x: CALLS[fun](x + 0.0)] if fun in CALLS else []
    if fun.__name__ == "getitem":
        ways = [lambda x: (x + 0.0)[:, 1:]]
    elif not ways and operands == 2:
        ways = [lambda x: fun(x + 0.0, x), lambda x: fun(x, x + 0.0), lambda x: fun(x, 0.0 + x[0])]
    elif not ways:
        ways = [lambda x: fun(x + 0.0)]
    with np.errstate(all="ignore"):
        for f in (look for way in ways for look in seen_and_unseen(way)):
            for x in (X, -X):
                found, expected = compile(f, backend="numpy")(x), f(x)
                for y, z in zip(found, expected, strict=True) if isinstance(expected, tuple) else [(found, expected)]:
                    same(y, z)
                    same(np.signbit(y), np.signbit(z))


def test_it_goes_where_nobody_sees_it() -> None:
    def unseen(x: Any) -> Any:
        return np.tanh(x * 2 + 0.0) @ W

    def seen(x: Any) -> Any:
        y = x * 2 + 0.0
        return y @ W, y

    program = compile(unseen, backend="numpy")
    same(program(X), unseen(X))
    assert "0.0" not in program.source
    program = compile(seen, backend="numpy")
    for y, z in zip(program(X), seen(X), strict=True):
        same(y, z)
        same(np.signbit(y), np.signbit(z))
    assert "0.0" in program.source


LATER: dict[str, Callable[[Any], Any]] = {
    "sum": lambda x: np.sum(x, axis=0),
    "to one number": np.sum,
    "kept": lambda x: np.sum(x, axis=1, keepdims=True),
    "as it is used": lambda x: sum_to(x, (1, 4)),
    "moved": lambda x: np.sum(x.T.reshape(2, 8), axis=0),
    "from -0.0": lambda x: np.sum(x, axis=0, initial=-0.0),
    "some": lambda x: np.sum(x, axis=0, where=W[:, :1] < 0),
    "in double precision": lambda x: np.sum(x, axis=0, dtype=np.float64),
    "moved alone": lambda x: np.swapaxes(x, 0, 1)[None],
}


@pytest.mark.parametrize("name", LATER)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_of_what_is_summed_the_signs_are_those_of_numpy(name: str, dtype: Any) -> None:
    def f(x: Any) -> Any:
        y = x * 2 + 0.0
        return LATER[name](y), 1 / LATER[name](y), y @ W.astype(dtype)

    def g(x: Any) -> Any:
        return (*f(x), x * 2 + 0.0)

    with np.errstate(divide="ignore", invalid="ignore"):
        for each in (f, g):
            program = compile(each, backend="numpy")
            for x in (X.astype(dtype), -X.astype(dtype), np.full((4, 4), -0.0, dtype)):
                for y, z in zip(program(x), each(x), strict=True):
                    same(y, z)
                    same(np.signbit(y), np.signbit(z))


def test_zeros_are_added_to_the_fewest_numbers() -> None:
    program = compile(lambda x: np.sum((x * 2 + 0.0).reshape(8, 2), axis=0), backend="numpy")
    same(np.signbit(program(np.full((4, 4), -0.0))), np.array([False, False]))
    assert program.source.index("add.reduce") < program.source.index("+= 0.0")


zeros = np.zeros((4, 4))


def test_zeros_that_somebody_may_change_are_added() -> None:
    def f(x: Any) -> Any:
        return np.tanh(x + zeros) @ W

    program = compile(f, backend="numpy")
    same(program(X), f(X))
    zeros[...] = 2.0
    same(program(X), f(X))
    zeros[...] = -0.0
    same(program(X), f(X))


def test_gradients_keep_the_signs_that_are_seen() -> None:
    def f(x: Any) -> Any:
        h = x[0] * -0.0
        for i in range(4):
            h = np.tanh(np.stack([h, x[i]])[0] * W[0, 0] + x[i])
        return np.sum(h * 0.0)

    program = compile(grad(f), backend="numpy")
    for x in (X, -X):
        found, expected = program(x), grad(f)(x)
        same(found, expected)
        same(np.signbit(found), np.signbit(expected))
