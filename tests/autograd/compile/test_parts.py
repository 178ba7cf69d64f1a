"""Indices of what was stacked or joined, and of zeros with something at a place; sums that have it everywhere."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from agreement import agree, same

import nn
from autograd import Tensor, compile, grad
from autograd.rules.structure import join, scatter

X = np.array([[0.3, -0.0, 1.2], [-0.7, 0.4, 0.0]])


def test_the_last_of_many_is_there_without_all_of_them() -> None:
    def f(x: Any, w: Any) -> Any:
        seen = []
        for _ in range(30):
            x = np.tanh(x @ w)
            seen.append(x)
        return np.sum(np.stack(seen, axis=1)[:, -1] ** 2)

    w = np.array([[0.5, 0.1, 0.2], [0.0, -0.3, 0.4], [0.3, 0.2, 0.6]])
    program = compile(grad(f, (0, 1)), backend="numpy")
    for x in (X, -X, 0 * X):
        found, expected = program(x, w), grad(f, (0, 1))(x, w)
        agree(found, expected, ulps=64)
        same(np.signbit(found[0]), np.signbit(expected[0]))
    assert "stack(" not in program.source
    assert "scatter(" not in program.source


@pytest.mark.parametrize(
    "index",
    [
        0, -1, (slice(None), 1), (slice(None), -2), (1, 1), (0, 0, 1), slice(0, 1), (slice(None), slice(1)), [1, 0],
        ..., (..., 0), (..., slice(2)), (0, ...), (slice(-1, None), ...), (slice(None), slice(1, 2)),
        slice(None, None, -1), (slice(None), slice(1, None), slice(0, 3)), (slice(None), slice(-3, 9)),
        (slice(None), slice(3)), slice(2, 2), (slice(None), None, 1), (True, slice(None)),
        (slice(None), slice(np.int64(1), 2)),
    ],
)  # fmt: skip
def test_any_index_finds_what_it_found(index: Any) -> None:
    def f(x: Any) -> Any:
        y = np.stack([np.sin(x), np.cos(x)], axis=1)[index]
        z = np.stack([np.sin(x), np.cos(x)])[index]
        zeros = scatter(np.exp(x), (slice(None), 1), (2, 4, 3))[index]
        some = scatter(np.exp(x[:, None]), (slice(None), slice(1, 2)), (2, 4, 3))[index]
        rows = np.sin(x)[:, None], np.cos(x)[:, None], np.exp(x)[:, None]
        joined = [join(*rows, axis=1)[index], join(*rows, axis=-2)[index]]
        return y, z, zeros, some, *joined

    program = compile(f, backend="numpy")
    for x in (Tensor(X), Tensor(-X)):
        for mine, theirs in zip(program(x), f(x), strict=True):
            same(mine.data, theirs.data)


AXES: dict[str, Any] = {"rows": lambda i: i, "columns": lambda i: (slice(None), i), "from the end": lambda i: i - 3}


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("steps", ["012", "201", "01", "0122", "0120"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_comes_back_from_every_place_is_stacked(axis: str, steps: str, dtype: Any) -> None:
    weights = np.array([[0.5, -1.0, 0.0], [2.0, 0.0, -0.0], [0.0, 1.5, -3.0]], dtype)

    def f(x: Any) -> Any:
        parts = [x[AXES[axis](int(i))] for i in steps]
        return sum(np.sum(np.tanh(part) * weights[i % 3]) for i, part in enumerate(parts))

    program = compile(grad(f), backend="numpy")
    for x in (weights, -weights, weights.T.copy()):
        found, expected = program(x), grad(f)(x)
        assert found.dtype == dtype
        agree(found, expected, ulps=4)
        same(np.signbit(found), np.signbit(expected))
    assert ("stack(" in program.source) == (steps in ("012", "201", "0120"))  # going backward


@pytest.mark.parametrize("axis", [0, 1])
def test_what_comes_back_from_ranges_that_are_all_of_an_axis_is_joined(axis: int) -> None:
    rng, once = np.random.default_rng(0), 0
    for trial in range(60):
        n = int(rng.integers(2, 8))
        cut = [0, *sorted(rng.choice(np.arange(1, n), size=int(rng.integers(1, n)), replace=False).tolist()), n]
        ranges = [*map(list, pairwise(cut))]
        for i in rng.integers(0, len(ranges), trial % 3):  # some overlap, leave gaps, are there twice
            ranges[i] = sorted(rng.integers(0, n + 1, 2).tolist())
        rng.shuffle(ranges)
        weights = rng.choice([-0.0, 0.0, 1.5, -2.0], size=(n, n))

        def f(x: Any, ranges: Any = ranges, weights: Any = weights) -> Any:
            indices = [(slice(None),) * axis + (slice(*pair), ...) for pair in ranges]
            return sum(np.sum(np.tanh(x[i]) * (weights[i] + k)) for k, i in enumerate(indices))

        program = compile(grad(f), backend="numpy")
        for x in (rng.standard_normal((n, n)), np.zeros((n, n))):
            found, expected = program(x), grad(f)(x)
            agree(found, expected, ulps=16)
            same(np.signbit(found), np.signbit(expected))
        is_cut = sorted(map(tuple, ranges)) == [*pairwise(cut)]
        assert ("join(" in program.source) >= is_cut
        assert ("scatter(" in program.source) <= (not is_cut)
        once += is_cut
    assert once > 20


def test_a_sum_on_its_way_is_what_it_was() -> None:
    def f(x: Any) -> Any:
        some = scatter(np.sin(x), 0, (2, 3)) + scatter(np.cos(x), 1, (2, 3))
        again = scatter(np.exp(x), (slice(None), 0), (3, 2)) + scatter(x, (slice(None), 0), (3, 2))
        three = scatter(x, 2, (3, 3)) + scatter(x, 0, (3, 3))
        mixed = scatter(x, 1, (3, 3)) + scatter(x, (slice(None), 0), (3, 3))
        return some, again, three, three + scatter(-x, 1, (3, 3)), three * (three + scatter(x * x, 1, (3, 3))), mixed

    program = compile(f, backend="numpy")
    for x in (X[0], X[1], -X[0]):
        for mine, theirs in zip(program(x), f(x), strict=True):
            same(mine, theirs)
            same(np.signbit(mine), np.signbit(theirs))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_parts_that_meet_zeros_are_joined_once(axis: int) -> None:
    rng, once = np.random.default_rng(0), 0
    for trial in range(60):
        n = int(rng.integers(1, 7))
        cuts = [sorted(rng.choice(np.arange(1, n + 1), size=rng.integers(0, n), replace=False).tolist()) for _ in "ab"]
        sizes = [np.diff([0, *(k for k in cut if k < n), n]).tolist() for cut in cuts]
        known = [rng.random(len(some)) < 0.5 for some in sizes]  # which parts are zeros, once for each array
        sign = -0.0 if trial % 5 == 0 else 0.0

        def f(x: Any, sizes: Any = sizes, known: Any = known, sign: float = sign) -> Any:
            joined = []
            for k, (some, zero) in enumerate(zip(sizes, known, strict=True)):
                starts = np.cumsum([0, *some])
                parts = [
                    np.full((size, 2) if axis == 0 else (2, size), sign) if is_zero
                    else np.sin(x[start : start + size] + k) if axis == 0 else np.sin(x.T[:, start : start + size] + k)
                    for start, size, is_zero in zip(starts, some, zero, strict=False)
                ]  # fmt: skip
                joined.append(join(*parts, axis=axis))
            return joined[0] + joined[1]

        x = rng.choice([-0.0, 0.0, 1.5, -2.0, np.inf, np.nan], size=(n, 2))
        program = compile(f, backend="numpy")
        with np.errstate(invalid="ignore"):
            for _ in range(2):
                found, expected = program(x), f(x)
                same(found, expected)
                same(np.signbit(found[found == 0]), np.signbit(expected[expected == 0]))
        once += program.source.count("join(") == 1
    assert once > 10


def test_the_gates_of_an_lstm_get_their_gradients_side_by_side() -> None:
    source = source_of_a_step(nn.LSTM(3, 4, rng=0))
    assert source.count("tanh(") == 2  # of the candidate and of the cell state, once in each step
    assert source.count("    for i in") == 3  # forward, what comes to each output, backward
    assert "scatter(" not in source
    assert last_loop(source).count("join(") == 1


def test_the_gates_of_a_gru_get_their_gradients_side_by_side() -> None:
    source = source_of_a_step(nn.GRU(3, 4, rng=0))
    assert "scatter(" not in source
    assert last_loop(source).count("join(") == 3


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM])
def test_the_matrices_of_all_steps_have_their_gradients_outside_of_the_loop(cell: Any) -> None:
    assert "+= np.dot(" not in source_of_a_step(cell(3, 4, rng=0))


def source_of_a_step(model: nn.Module) -> str:
    """The source of a loss and its gradients over a sequence, which are those without compiling."""
    x = np.random.default_rng(0).standard_normal((2, 40, 3)).astype(np.float32)

    def step(x: Any) -> Any:
        model.zero_grad()
        loss = np.sum(model(x)[0] ** 2)
        loss.backward()
        return loss

    expected = step(x)
    gradients = [p.grad for p in model.parameters()]
    program = compile(step, backend="numpy")
    agree(program(x).data, expected.data, ulps=64)
    for p, g in zip(model.parameters(), gradients, strict=True):
        np.testing.assert_allclose(p.grad, g, rtol=2e-5, atol=2e-5)
    return str(program.source)


def last_loop(source: str) -> str:
    """The lines of the loop that goes backward."""
    return source.rpartition("    for i in")[2].partition("\n    t")[0]


def test_parts_of_empty_arrays_keep_their_sizes() -> None:
    def f(x: Any, y: Any) -> Any:
        zeros = np.zeros((len(x), 4))
        return join(x, zeros, axis=1) + join(zeros, y, axis=1)

    for rows in (0, 1, 2):
        x, y = np.ones((rows, 3)), np.ones((rows, 3))
        same(compile(f, backend="numpy")(x, y), f(x, y))
