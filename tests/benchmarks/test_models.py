"""The networks and functions that are timed: the first losses are those of formulas, and eager and compiled agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.models import MODELS, Arrays
from benchmarks.peers import models
from benchmarks.ratios import agree
from benchmarks.worker import number

QUICK = [key for key in MODELS if key not in ("ode", "lstm", "conv")]


def cross_entropy(z: Any, y: Any) -> float:
    """The mean over all rows."""
    z = z.reshape(-1, z.shape[-1])
    z = z - z.max(axis=1, keepdims=True)
    return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), y.reshape(-1)]).mean())


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def normed(x: Any, w: Arrays, i: int) -> Any:
    x = x - x.mean(axis=-1, keepdims=True)
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5) * w[f"gamma{i}"] + w[f"beta{i}"]


def lstm(w: Arrays, X: Any) -> Any:
    h = c = np.zeros((len(X), len(w["W_h"])))
    for t in range(X.shape[1]):
        i, f, g, o = np.split(X[:, t] @ w["W_x"] + h @ w["W_h"] + w["b"], 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return h @ w["W"] + w["c"]


def norm(w: Arrays, X: Any) -> Any:
    for i in range(2):
        X = np.maximum(normed(X @ w[f"W{i}"] + w[f"b{i}"], w, i), 0)
    return X @ w["W2"] + w["b2"]


def conv(w: Arrays, X: Any) -> Any:
    for i in range(2):
        seen = np.lib.stride_tricks.sliding_window_view(X, (3, 3), axis=(2, 3))
        X = np.maximum(np.einsum("nchwij,ocij->nohw", seen, w[f"W{i}"]) + w[f"b{i}"][:, None, None], 0)
        n, c, rows, columns = X.shape
        X = X[:, :, : rows // 2 * 2, : columns // 2 * 2].reshape(n, c, rows // 2, 2, columns // 2, 2).max(axis=(3, 5))
    return X.reshape(len(X), -1) @ w["W2"] + w["b2"]


@pytest.mark.parametrize(("key", "logits"), [("lstm", lstm), ("norm", norm), ("conv", conv)])
def test_the_first_loss_is_that_of_the_formula(key: str, logits: Callable[[Arrays, Any], Any]) -> None:
    data = MODELS[key].data()
    weights = {name: w.astype(float) for name, w in MODELS[key].weights().items()}
    expected = cross_entropy(logits(weights, data["X"].astype(float)), data["y"])
    assert number(models.eager(MODELS[key])()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "key", [pytest.param(key, marks=[pytest.mark.slow] * (key not in QUICK)) for key in MODELS]
)  # traces of hundreds of steps take seconds
def test_eager_and_compiled_agree_and_go_down(key: str) -> None:
    eager, compiled = models.eager(MODELS[key]), models.compiled(MODELS[key])
    losses = [number(eager()) for _ in range(4)]
    assert agree([number(compiled()) for _ in range(4)], losses, 1e-5)
    assert key == "hess" or losses[-1] < losses[0]


def test_every_case_starts_afresh() -> None:
    for model in MODELS.values():
        first, second = model.weights(), model.weights()
        assert first.keys() == second.keys()
        for name in first:
            assert np.array_equal(first[name], second[name])
            assert not np.shares_memory(first[name], second[name])
