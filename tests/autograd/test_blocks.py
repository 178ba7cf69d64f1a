"""sum_over_blocks: the sum of a function over blocks of rows, its gradients of any order, one task for a block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import TraceError, blocks, grad, hessian, hvp, jacobian, sum_over_blocks, value_and_grad
from tests.lazy import da, dask, unasked

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(50, 3)), (RNG.uniform(size=50) < 0.4) * 1.0
W, V = RNG.normal(size=(2, 3))
ROWS, TARGETS = da.from_array(X, chunks=(12, 2)), da.from_array(Y, chunks=20)
CALLS: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def lazy() -> Iterator[None]:
    """Nothing computes but what says so."""
    CALLS.clear()
    with unasked():
        yield


def compute(*xs: Any, scheduler: str = "synchronous") -> Any:
    return dask.compute(*xs, scheduler=scheduler)


def of_rows(w: Any, X: Any, y: Any) -> Any:
    z = X @ w
    return np.sum(np.logaddexp(0, z) - y * z)


def whole(w: Any) -> Any:
    return of_rows(w, X, Y) / len(X) + np.sum(w**4)


def in_blocks(w: Any) -> Any:
    return sum_over_blocks(of_rows)(w, ROWS, TARGETS) / len(X) + np.sum(w**4)


@pytest.mark.parametrize(
    "derivative",
    [
        grad, value_and_grad, jacobian, hessian, lambda f: lambda w: hvp(f, w, V),
        lambda f: grad(lambda w: np.sum(hvp(f, w, V) ** 2)),
        lambda f: grad(lambda w: np.sum(grad(f)(w) ** 2)),
    ],
    ids=["grad", "value_and_grad", "jacobian", "hessian", "hvp", "third order", "grad of grad"],
)  # fmt: skip
def test_derivatives_of_every_order_are_those_of_all_rows(derivative: Callable[[Any], Any]) -> None:
    found, known = derivative(in_blocks)(W), derivative(whole)(W)
    as_tuple = found if isinstance(found, tuple) else (found,)
    assert all(isinstance(x, da.Array) for x in as_tuple)
    for got, expected in zip(compute(*as_tuple), known if isinstance(known, tuple) else (known,), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-13)


# Functions of a module are the same in all tasks, and so is what they count; those in functions are pickled with it.
def counted(parameters: Any, X: Any) -> Any:
    CALLS["blocks"] += 1
    return np.sum((X @ parameters["w"] + parameters["b"]) ** 2)


def looked_at(w: Any, X: Any) -> Any:
    z = X @ w
    CALLS["shared"] += any(each is X for each in z.values)
    mine = X + 1
    y = mine @ w
    mine *= 0  # what is its own it may change, and the graph does not
    return np.sum(z * y)


def test_the_value_and_all_gradients_of_a_block_are_one_task() -> None:
    parameters = {"w": W, "b": 0.5}
    value, slopes = value_and_grad(sum_over_blocks(counted))(parameters, ROWS)
    found = compute(value, slopes, scheduler="threads")
    known = value_and_grad(counted)(parameters, X)
    np.testing.assert_allclose(found[0], known[0])
    np.testing.assert_allclose(found[1]["w"], known[1]["w"])
    np.testing.assert_allclose(found[1]["b"], known[1]["b"])
    assert CALLS["blocks"] == ROWS.numblocks[0] + 1  # and NumPy's own


def test_without_a_gradient_there_is_none_of_the_work() -> None:
    found = sum_over_blocks(of_rows)(W, ROWS, TARGETS)
    assert isinstance(found, da.Array)
    np.testing.assert_allclose(compute(found)[0], of_rows(W, X, Y))


def test_the_parameters_of_a_model_take_part() -> None:
    model = nn.MLP(3, 4, 2, rng=0, dtype=np.float64)
    labels = Y.astype(int)

    def of_block(X: Any, y: Any) -> Any:
        return nn.cross_entropy(model(X), y, reduction="sum")

    of_block(X, labels).backward()
    known = [p.grad for p in model.parameters()]
    model.zero_grad()
    sum_over_blocks(of_block, model.parameters())(ROWS, da.from_array(labels, chunks=25)).backward()
    for p, expected in zip(model.parameters(), known):
        assert isinstance(p.grad, da.Array)
        np.testing.assert_allclose(compute(p.grad)[0], expected, rtol=1e-10, atol=1e-13)
    before = sum_over_blocks(of_block, model.parameters())(ROWS, da.from_array(labels, chunks=25))
    known_value = of_block(X, labels).item()
    for p in model.parameters():
        p.data *= 2  # a graph made before keeps the numbers that it saw
    np.testing.assert_allclose(compute(before.data)[0], known_value)


def test_single_precision_survives() -> None:
    w, rows = W.astype("f4"), ROWS.astype("f4")
    value, slope = value_and_grad(lambda w: sum_over_blocks(of_rows)(w, rows, TARGETS.astype("f4")))(w)
    found = compute(value, slope)
    assert (value.dtype, slope.dtype) == (np.float32, np.float32)
    assert (found[0].dtype, found[1].dtype) == (np.float32, np.float32)


def test_lengths_that_are_not_known_do_not_matter() -> None:
    chosen = ROWS[ROWS[:, 0] > 0]
    value, slope = value_and_grad(lambda w: sum_over_blocks(lambda w, X: np.sum(np.tanh(X @ w)))(w, chosen))(W)
    known = value_and_grad(lambda w: np.sum(np.tanh(X[X[:, 0] > 0] @ w)))(W)
    found = compute(value, slope)
    np.testing.assert_allclose(found[0], known[0])
    np.testing.assert_allclose(found[1], known[1])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(TypeError, match="no argument is an array in blocks"):
        sum_over_blocks(of_rows)(W, X, Y)
    with pytest.raises(ValueError, match="50 rows and 40 rows"):
        sum_over_blocks(of_rows)(W, ROWS, TARGETS[:40])
    with pytest.raises(TypeError, match="one number"):
        compute(sum_over_blocks(lambda w, X: X @ w)(W, ROWS))


def test_what_compile_refuses_names_it() -> None:
    with pytest.raises(TraceError, match="sum_over_blocks"):
        autograd.compile(grad(of_rows))(W, ROWS, TARGETS)
    with pytest.raises((TraceError, TypeError), match="sum_over_blocks"):
        autograd.compile(grad(lambda w: of_rows(w, ROWS, TARGETS)))(W)


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_a_compiled_function_makes_one_program_for_all_blocks_of_a_shape(scheduler: str) -> None:
    total = sum_over_blocks(autograd.compile(of_rows))
    blocks.COMPILED.clear()
    value, slope, curvature = *value_and_grad(total)(W, ROWS, TARGETS), hessian(total)(W, ROWS, TARGETS)
    found = compute(value, slope, curvature, scheduler=scheduler)
    known = *value_and_grad(of_rows)(W, X, Y), hessian(of_rows)(W, X, Y)
    for got, expected in zip(found, known, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-13)
    programs = [*blocks.COMPILED.values()]
    assert [len(made.entries) for made in programs] == [2, 2]  # of order 1 and 2, for 12 rows and the last 2
    assert all(entry.pure for made in programs for entry in made.entries)
    compute(*value_and_grad(total)(W, ROWS, TARGETS))
    assert [*blocks.COMPILED.values()] == programs


def test_a_compiled_model_gets_its_parameters_with_each_block() -> None:
    model = nn.MLP(3, 4, 1, rng=0, dtype=np.float64)

    def of_block(X: Any, y: Any) -> Any:
        return nn.mse(model(X), y[:, None], reduction="sum")

    total = sum_over_blocks(autograd.compile(of_block), model.parameters())
    for _ in range(2):
        of_block(X, Y).backward()
        known = [p.grad for p in model.parameters()]
        model.zero_grad()
        total(ROWS, TARGETS).backward()
        for p, expected in zip(model.parameters(), known):
            np.testing.assert_allclose(compute(p.grad, scheduler="threads")[0], expected, rtol=1e-10, atol=1e-13)
        model.zero_grad()
        for p in model.parameters():
            p.data = p.data * 1.5


def test_what_cannot_be_compiled_says_so() -> None:
    def branching(w: Any, X: Any) -> Any:
        return np.sum(X @ w) if X[0, 0] > 0 else np.sum((X @ w) ** 2)

    with pytest.raises(TraceError, match="branch"):
        compute(sum_over_blocks(autograd.compile(branching))(W, ROWS))


def test_a_block_cannot_be_changed_and_is_not_copied() -> None:
    def scaled(w: Any, X: Any) -> Any:
        X *= 2
        return np.sum(X @ w)

    with pytest.raises(ValueError, match="read-only"):
        compute(*value_and_grad(sum_over_blocks(scaled))(W, ROWS))
    slope = grad(sum_over_blocks(looked_at))(W, ROWS)
    np.testing.assert_allclose(compute(slope)[0], grad(lambda w: np.sum((X @ w) * ((X + 1) @ w)))(W))
    assert CALLS["shared"] == ROWS.numblocks[0]
