"""The sum of the products of all steps as one product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree, same

import nn
from autograd import compile, grad
from autograd.rules.structure import stack

RNG = np.random.default_rng(0)
STEPS, ROWS, INPUTS, HIDDEN = 6, 3, 4, 5
X: Any = RNG.standard_normal((ROWS, STEPS, INPUTS))
W: Any = RNG.standard_normal((INPUTS, HIDDEN))
U: Any = 0.5 * RNG.standard_normal((HIDDEN, HIDDEN))


def states(X: Any, W: Any, U: Any, steps: Any = range(STEPS)) -> list[Any]:
    """The hidden states of a recurrent network."""
    driven, h, found = X @ W, np.full((len(X), HIDDEN), 0.1, X.dtype), []
    for t in steps:
        h = np.tanh(driven[:, t] + h @ U)
        found.append(h)
    return found


def check(f: Callable[..., Any], *args: Any, ulps: float = 64) -> str:
    """The source of the program, which gives what `f` gives."""
    program = compile(f, backend="numpy")
    for _ in range(2):
        for found, expected in zip(program(*args), f(*args), strict=True):
            agree(found, expected, ulps=ulps)
            assert found.dtype == expected.dtype
    return program.source


def last(X: Any, W: Any, U: Any) -> Any:
    return np.sum(states(X, W, U)[-1] ** 2)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_the_matrix_of_all_steps_has_its_gradient_by_one_product(dtype: Any) -> None:
    source = check(grad(last, (1, 2)), X.astype(dtype), W.astype(dtype), U.astype(dtype))
    backward = source.partition("# backward")[2]
    assert backward.count("stack(") == 2
    assert "+= np.dot(" not in backward


@pytest.mark.parametrize("steps", [range(STEPS)[::-1], [3, 1, 0, 5, 4, 2]], ids=str)
def test_steps_in_any_order_meet_their_own(steps: Any) -> None:
    def f(X: Any, W: Any, U: Any) -> Any:
        return np.sum(states(X, W, U, steps)[-1] ** 2)

    assert "+= np.dot(" not in check(grad(f, (0, 1, 2)), X, W, U)


def other_loss(X: Any, W: Any, U: Any) -> Any:
    return last(X, W, U) + np.sum(np.tanh(U))


def some_steps(X: Any, W: Any, U: Any) -> Any:
    return np.sum(states(X, W, U, range(4))[-1] ** 2)


def again(X: Any, W: Any, U: Any) -> Any:
    return np.sum(states(X, W, U, [0, 1, 2, 2, 3, 4, 5])[-1] ** 2)


def without_a_stack(X: Any, W: Any, U: Any) -> Any:
    h = np.zeros((ROWS, HIDDEN))
    for t in range(STEPS):
        h = np.tanh(X[:, t] @ W + h @ U)
    return np.sum(h * h)


def twice(X: Any, W: Any, U: Any) -> Any:
    return last(X, W, U) + last(2 * X, W, U)


def two_layers(X: Any, W: Any, U: Any) -> Any:
    return np.sum(states(np.stack(states(X, W, U), axis=1), U, U)[-1])


def columns(X: Any, W: Any, U: Any) -> Any:
    return np.sum(states(X.swapaxes(0, 1), W, U, range(ROWS))[-1])


@pytest.mark.parametrize("f", [other_loss, some_steps, again, without_a_stack, twice, two_layers, columns])
def test_other_sums_are_what_they_were(f: Any) -> None:
    check(grad(f, (0, 1, 2)), X, W, U, ulps=256)


def test_parts_of_the_sum_may_be_read_on_the_way() -> None:
    def f(*gs: Any) -> Any:
        total = gs[0].T @ gs[0]
        partial = []
        for g in gs[1:]:
            total = total + (2 * g).T @ g
            partial.append(total)
        return stack(*gs, axis=1), total, *partial

    source = check(f, *RNG.standard_normal((5, 3, 4)))
    assert source.count("np.dot(") == 5
    assert source.count("stack(") == 1


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
@pytest.mark.parametrize("place", ["before", "after", "after it was used", "of the sum"])
def test_what_is_stacked_lies_anywhere(axis: int, place: str) -> None:
    def f(*gs: Any) -> Any:
        whole = stack(*gs[::-1], axis=axis) if place == "before" else None
        total = sum((np.tanh(g).T @ g for g in gs[1:]), np.tanh(gs[0]).T @ gs[0])
        used = np.cos(total) if place == "after it was used" else total
        if place != "before":
            whole = stack(*gs, *[gs[0] @ total] * (place == "of the sum"), axis=axis)
        return np.sin(total), used, whole

    source = check(f, *RNG.standard_normal((5, 3, 4)))
    is_one = axis in (0, 1, -2) and place in ("before", "after")
    assert source.count("np.dot(") == (1 if is_one else 5 + (place == "of the sum"))


def another_part(*gs: Any) -> Any:
    return [np.sin(g).T @ g for g in gs], stack(*gs[:-1], gs[0])


def fewer_parts(*gs: Any) -> Any:
    return [np.sin(g).T @ g for g in gs], stack(*gs[:-1])


def one_twice(*gs: Any) -> Any:
    return [*(np.sin(g).T @ g for g in gs), np.cos(gs[0]).T @ gs[0]], stack(*gs)


def one_stacked_twice(*gs: Any) -> Any:
    return [np.sin(g).T @ g for g in gs], stack(*gs, gs[0])


def a_column_for_all(*gs: Any) -> Any:
    return [np.sin(gs[0])[:, :1].T @ gs[0], *(np.sin(g).T @ g for g in gs[1:])], stack(*gs)


@pytest.mark.parametrize("f", [another_part, fewer_parts, one_twice, one_stacked_twice, a_column_for_all])
def test_only_what_is_stacked_is_multiplied_at_once(f: Any) -> None:
    def summed(*gs: Any) -> Any:
        terms, whole = f(*gs)
        return sum(terms[1:], terms[0]), whole

    assert check(summed, *RNG.standard_normal((5, 3, 4))).count("np.dot(") >= 5


def test_one_row_and_numbers_that_are_none() -> None:
    with np.errstate(all="ignore"):
        for odd in (np.nan, np.inf, -np.inf, -0.0, 1e200):
            x = X[:1].copy()
            x[0, 2, 1] = odd
            found, expected = compile(grad(last, (1, 2)), backend="numpy")(x, W, U), grad(last, (1, 2))(x, W, U)
            for y, z in zip(found, expected, strict=True):
                same(np.isfinite(y), np.isfinite(z))
                agree(np.nan_to_num(y), np.nan_to_num(z), ulps=64)
        zeros = 0 * X, W, 0 * U
        for y, z in zip(compile(grad(last, (1, 2)), backend="numpy")(*zeros), grad(last, (1, 2))(*zeros), strict=True):
            same(np.signbit(y), np.signbit(z))


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM])
def test_recurrent_layers_have_no_product_of_gradients_in_their_loop(cell: Any) -> None:
    model, x = cell(3, 4, rng=0), RNG.standard_normal((2, 20, 3)).astype(np.float32)

    def step(x: Any) -> Any:
        model.zero_grad()
        loss = np.sum(model(x)[0] ** 2)
        loss.backward()
        return loss

    expected = step(x).data
    gradients = [p.grad for p in model.parameters()]
    program = compile(step, backend="numpy")
    agree(program(x).data, expected, ulps=64)
    for p, g in zip(model.parameters(), gradients, strict=True):
        np.testing.assert_allclose(p.grad, g, rtol=2e-5, atol=2e-5)
    assert "+= np.dot(" not in program.source
