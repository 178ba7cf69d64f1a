"""The sum of the products of all steps as one product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree, same

from autograd import compile, grad
from autograd.rules.structure import stack
from autograd.shapes import sum_to

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


def written_out(W: Any, U: Any, xs: Any) -> Any:
    h = np.full((ROWS, HIDDEN), 0.1, xs.dtype)
    for x in xs:
        h = np.tanh(x @ W + h @ U)
    return np.sum(h**2)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_two_matrices_with_the_same_factors_share_their_stack(dtype: Any) -> None:
    xs = np.moveaxis(X, 1, 0)  # its rows have gaps
    source = check(grad(written_out, (0, 1)), W.astype(dtype), U.astype(dtype), xs.astype(dtype))
    assert source.count("stack(") == 2
    assert "xs.reshape((18, 4)).T" in source
    assert source.partition("# backward")[2].count(".T, ") == 2


def test_large_factors_are_not_kept() -> None:
    def f(W: Any, U: Any, xs: Any) -> Any:
        h = np.zeros((xs.shape[1], HIDDEN))
        for x in xs:
            h = np.tanh(x @ W + h @ U)
        return np.sum(h**2)

    for rows, is_one in ((4096 // HIDDEN, True), (4096 // HIDDEN + 1, False)):
        source = check(grad(f, (0, 1)), W, U, RNG.standard_normal((6, rows, INPUTS)))
        assert ("stack(" in source) == is_one


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("which", [(0, 1, 2), (0, 2), (1, 2), (2,)], ids=str)
def test_a_bias_has_the_sum_of_all_rows(dtype: Any, which: Any) -> None:
    def f(W: Any, U: Any, b: Any, xs: Any) -> Any:
        h = np.full((ROWS, HIDDEN), 0.1, dtype)
        for x in xs:
            h = np.tanh(x @ W + h @ U + b)
        return np.sum(h**2)

    xs = RNG.standard_normal((9, ROWS, INPUTS)).astype(dtype)
    source = check(grad(f, which), W.astype(dtype), U.astype(dtype), U[0].astype(dtype), xs)
    assert ("db +=" not in source) == (len(which) > 1)
    assert source.count(".T, ") == len(which) - 1


def test_a_sum_of_rows_keeps_the_sign_of_its_zeros() -> None:
    def f(b: Any, xs: Any) -> Any:
        return sum(np.sum((x + b) * -0.0) for x in xs) + np.sum(np.stack([x + b for x in xs]) * -0.0)

    def rows(*gs: Any) -> Any:
        return sum((sum_to(g, (4,)) for g in gs[1:]), sum_to(gs[0], (4,))), stack(*gs, axis=1)

    for sign in (0.0, -0.0):
        zeros = np.full((5, 3, 4), sign)
        for g, args in ((grad(f), (zeros[0, 0], zeros)), (rows, tuple(zeros))):
            found, expected = compile(g, backend="numpy")(*args), g(*args)
            same(np.signbit(np.asarray(found[0])), np.signbit(np.asarray(expected[0])))


@pytest.mark.parametrize(
    ("shape", "kept"),
    [(shape, kept) for shape in ((2, 3, 4), (3, 4)) for kept in ((4,), (1, 4), (3, 1), (3, 4), ())]
    + [((4,), (4,)), ((4,), (1,)), ((4,), ())],
)
def test_other_sums_of_what_is_stacked(shape: Any, kept: Any) -> None:
    def f(*gs: Any) -> Any:
        terms = [sum_to(g, kept) for g in gs]
        return sum(terms[1:], terms[0]), stack(*gs, axis=0)

    check(f, *RNG.standard_normal((5, *shape)))


@pytest.mark.parametrize("index", ["543210", "01234", "123456", "011345"])
@pytest.mark.parametrize("more", [0, 1])
def test_rows_of_an_array_are_that_if_they_are_all_in_their_order(index: str, more: int) -> None:
    def f(W: Any, U: Any, xs: Any) -> Any:
        h = np.full((ROWS, HIDDEN), 0.1)
        for i in index:
            h = np.tanh(xs[int(i)] @ W + h @ U)
        return np.sum(h**2)

    xs = RNG.standard_normal((max(map(int, index)) + 1 + more, ROWS, INPUTS))
    assert ("xs.reshape" in check(grad(f, (0, 1, 2)), W, U, xs)) == (index == "01234" and not more)


def test_rows_of_two_arrays_and_chosen_numbers_are_stacked() -> None:
    tables = RNG.integers(0, 4, (4, ROWS, INPUTS))

    def f(W: Any, U: Any, xs: Any, ys: Any, numbers: Any) -> Any:
        h = np.full((ROWS, HIDDEN), 0.1)
        k = 0 * h
        for i in range(4):
            h = np.tanh((xs, ys)[i % 2][i] @ W + h @ U)
            k = np.tanh(numbers[tables[i]] @ W + k @ U)
        return np.sum(h**2 + k)

    xs, ys = RNG.standard_normal((2, 4, ROWS, INPUTS))
    assert "s.reshape((12, 4))" not in check(grad(f, (0, 1, 2)), W, U, xs, ys, xs[:, 0, 0])


def test_rows_of_an_array_lie_otherwise_than_a_stack_by_columns() -> None:
    def f(xs: Any, gs: Any) -> Any:
        terms = [x.T @ g for x, g in zip(xs, gs, strict=True)]
        return sum(terms[1:], terms[0]), stack(*gs, axis=1)

    source = check(lambda xs, *gs: f(xs, gs), *RNG.standard_normal((5, 5, 5, 5))[:1], *RNG.standard_normal((5, 5, 4)))
    assert source.count("np.dot(") == 1


def test_matrices_of_different_heights_are_added_up() -> None:
    def f(W: Any, V: Any, *xs: Any) -> Any:
        return sum(np.sum(np.tanh(x @ W + x[:, :1] @ V)) for x in xs)

    check(grad(f, (0, 1)), W, U[:1], *(RNG.standard_normal((n, INPUTS)) for n in range(1, 7)))


def test_a_factor_may_be_such_a_sum_itself() -> None:
    def f(*gs: Any) -> Any:
        square = sum((np.tanh(g).T @ g for g in gs[1:]), np.tanh(gs[0]).T @ gs[0])
        hs = [*gs[:3], square[:3], square[1:]]
        some = sum((np.sin(h).T @ h for h in hs[1:]), np.sin(hs[0]).T @ hs[0])
        more = sum((np.cos(h).T @ h for h in hs[1:]), np.cos(hs[0]).T @ hs[0])
        return some, more, stack(*gs)

    check(f, *RNG.standard_normal((5, 3, 4)))


def other_loss(X: Any, W: Any, U: Any) -> Any:
    return last(X, W, U) + np.sum(np.tanh(U))


def some_steps(X: Any, W: Any, U: Any) -> Any:
    return np.sum(states(X, W, U, range(4))[-1] ** 2)


def again(X: Any, W: Any, U: Any) -> Any:
    return np.sum(states(X, W, U, [0, 1, 2, 2, 3, 4, 5])[-1] ** 2)


def twice(X: Any, W: Any, U: Any) -> Any:
    return last(X, W, U) + last(2 * X, W, U)


def two_layers(X: Any, W: Any, U: Any) -> Any:
    return np.sum(states(np.stack(states(X, W, U), axis=1), U, U)[-1])


def columns(X: Any, W: Any, U: Any) -> Any:
    return np.sum(states(X.swapaxes(0, 1), W, U, range(ROWS))[-1])


@pytest.mark.parametrize("f", [other_loss, some_steps, again, twice, two_layers, columns])
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
