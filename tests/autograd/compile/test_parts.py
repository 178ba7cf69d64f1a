"""Indices of what was stacked, and of zeros with something at a place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from agreement import agree, same

from autograd import Tensor, compile, grad
from autograd.rules.structure import scatter

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
    [0, -1, (slice(None), 1), (slice(None), -2), (1, 1), (0, 0, 1), slice(0, 1), (slice(None), slice(1)), [1, 0]],
)
def test_any_index_finds_what_it_found(index: Any) -> None:
    def f(x: Any) -> Any:
        y = np.stack([np.sin(x), np.cos(x)], axis=1)[index]
        z = np.stack([np.sin(x), np.cos(x)])[index]
        zeros = scatter(np.exp(x), (slice(None), 1), (2, 4, 3))[index]
        return y, z, zeros

    program = compile(f, backend="numpy")
    for x in (Tensor(X), Tensor(-X)):
        for mine, theirs in zip(program(x), f(x), strict=True):
            same(mine.data, theirs.data)
