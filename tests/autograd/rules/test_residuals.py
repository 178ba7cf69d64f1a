"""Residuals: the backward pass with what the forward pass left is that without, and nothing outlives its graph."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, gradients, lstm_hidden_state, no_grad, softmax_cross_entropy, standardized
from autograd.rules import gates, reductions, statistics
from autograd.rules.residuals import RESIDUALS

LABELS = np.array([0, 2, 1, 2])
KEEPING: dict[str, Callable[[Any], Any]] = {
    "softmax_cross_entropy": lambda x: softmax_cross_entropy(x, LABELS),
    "standardized": standardized,
    "lstm_hidden_state": lambda x: lstm_hidden_state(np.linspace(0.1, 0.9, 12).astype(x.dtype), x),
    "standardized over axes": lambda x: standardized(x, axis=(0, 1), eps=0.1),
}
NUMBERS = {
    "usual": [[1.0, 2.0, -0.5], [0.0, 0.0, 0.0], [3.0, -4.0, 0.25], [9.0, 8.0, -7.0]],
    "extreme": [[6e4, -6e4, 0.0], [1e-7, 2e-7, 3e-7], [-np.inf, 1.0, 2.0], [5.0, -np.inf, -np.inf]],
}


def slope(f: Callable[[Any], Any], x: Tensor) -> Any:
    (g,) = gradients((f(x) ** 3).sum(), [x])
    return g


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("name", KEEPING)
def test_they_change_no_bit(name: str, numbers: str, dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    x = Tensor(np.array(NUMBERS[numbers], dtype), requires_grad=True)
    with np.errstate(all="ignore"):
        found = slope(KEEPING[name], x)
        for module in (gates, reductions, statistics):
            monkeypatch.setattr(module, "residuals_of", lambda y: None)
        np.testing.assert_array_equal(found, slope(KEEPING[name], x), strict=True)


@pytest.mark.parametrize("name", KEEPING)
def test_they_go_with_the_graph(name: str) -> None:
    gc.collect()
    before = len(RESIDUALS)
    gc.disable()  # by counting references alone
    try:
        x = Tensor(NUMBERS["usual"], requires_grad=True)
        y = (KEEPING[name](x) ** 3).sum()
        assert len(RESIDUALS) == before + 1
        y.backward()
        y.backward()  # they are there for the second pass, too
        del y
        assert len(RESIDUALS) == before
    finally:
        gc.enable()


@pytest.mark.parametrize("name", KEEPING)
def test_without_a_graph_there_are_none(name: str) -> None:
    """Losses of many batches, in a list, would hold the exponentials of all."""
    before, x = len(RESIDUALS), np.array(NUMBERS["usual"])
    with no_grad():
        found = [KEEPING[name](Tensor(x, requires_grad=True)), KEEPING[name](Tensor(x)), KEEPING[name](x)]
    found += [KEEPING[name](Tensor(x)), KEEPING[name](x)]
    assert len(RESIDUALS) == before
    for y in found:
        np.testing.assert_array_equal(getattr(y, "data", y), found[-1])


@pytest.mark.parametrize("name", KEEPING)
def test_numbers_that_change_after_the_forward_pass_change_nothing(name: str) -> None:
    x = Tensor(NUMBERS["usual"], requires_grad=True)
    expected = slope(KEEPING[name], x)
    y = (KEEPING[name](x) ** 3).sum()
    x.data[...] = 7.0
    y.backward()
    np.testing.assert_array_equal(x.grad, expected)
