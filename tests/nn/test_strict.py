"""Layers and losses on an array as strict as one on a device: nothing of it becomes NumPy's on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.nn.test_elsewhere import LOSSES
from tests.strict import Strict

RNG = np.random.default_rng(0)
IMAGES, SERIES, ROWS = RNG.normal(size=(2, 2, 6, 6)), RNG.normal(size=(2, 5, 3)), RNG.normal(size=(4, 3))
f64: Any = {"rng": 0, "dtype": np.float64}
MODELS: dict[str, tuple[Any, Any]] = {
    "MLP": (lambda: nn.MLP(3, 5, 2, **f64), ROWS),
    "relu": (lambda: nn.MLP(3, 5, 2, activation="relu", **f64), ROWS),
    "Conv2d": (lambda: nn.Conv2d(2, 3, 3, padding=1, **f64), IMAGES),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), IMAGES),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), IMAGES),
    "Flatten": (lambda: nn.Flatten(), IMAGES),
    "LayerNorm": (lambda: nn.LayerNorm(3, dtype=np.float64), ROWS),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3, dtype=np.float64), ROWS),
    "RNN": (lambda: nn.RNN(3, 4, **f64), SERIES),
    "LSTM": (lambda: nn.LSTM(3, 4, **f64), SERIES),
    "GRU": (lambda: nn.GRU(3, 4, **f64), SERIES),
    "Embedding": (lambda: nn.Embedding(7, 3, **f64), np.array([[1, 2], [6, 1]])),
    "Attention": (lambda: nn.MultiHeadAttention(4, 2, **f64), RNG.normal(size=(2, 5, 4))),
    "Dropout": (lambda: nn.Dropout(0.5, rng=0), ROWS),
}


def moved(model: Any) -> Any:
    """The model with its parameters and buffers there."""
    for _, t in model.named_tensors():
        t.data = Strict(t.numpy())
    return model


def first(y: Any) -> Any:
    return y[0] if isinstance(y, tuple) else y


@pytest.mark.parametrize("name", MODELS)
def test_layers(name: str) -> None:
    make, x = MODELS[name]
    known, model = make(), moved(make())
    inputs = [x, Strict(x)] if x.dtype == int else [Tensor(each, requires_grad=True) for each in (x, Strict(x))]
    y, z = first(known(inputs[0])), first(model(inputs[1]))
    (y * y).sum().backward()
    (z * z).sum().backward()
    assert isinstance(z.data, Strict)
    np.testing.assert_allclose(z.data.get(), y.data, rtol=1e-12)
    leaves = [inputs] if x.dtype == float else []
    for p, q in [*leaves, *zip(known.parameters(), model.parameters(), strict=True)]:
        assert isinstance(q.grad, Strict)
        np.testing.assert_allclose(q.grad.get(), p.grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    loss, prediction, target, options = LOSSES[name]
    known = Tensor(prediction, requires_grad=True)
    expected = loss(known, target, **options)
    expected.backward()
    x = Tensor(Strict(prediction), requires_grad=True)
    found = loss(x, Strict(target), **options)
    found.backward()
    np.testing.assert_allclose(found.data.get(), expected.data, rtol=1e-12)
    np.testing.assert_allclose(x.grad.get(), known.grad, rtol=1e-12, atol=1e-15)
