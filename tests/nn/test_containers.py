"""Residual: the sum, its gradients, names of its parameters, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from arguments.modules import check_layer

import nn

X = np.random.default_rng(29).standard_normal((4, 3))


def block(dtype: Any = np.float32, rng: Any = 0) -> nn.Residual:
    rng = np.random.default_rng(rng)
    return nn.Residual(nn.Dense(3, 5, "tanh", rng=rng, dtype=dtype), nn.Dense(5, 3, rng=rng, dtype=dtype))


def narrowing(dtype: Any = np.float32, rng: Any = 0) -> nn.Residual:
    rng = np.random.default_rng(rng)
    return nn.Residual(
        nn.Dense(3, 2, "tanh", rng=rng, dtype=dtype), shortcut=nn.Dense(3, 2, bias=False, rng=rng, dtype=dtype)
    )


def test_what_enters_is_added() -> None:
    layer = block(np.float64)
    np.testing.assert_allclose(layer(X).numpy(), X + layer[1](layer[0](X)).numpy(), rtol=1e-14)
    layer = narrowing(np.float64)
    shortcut: Any = layer.shortcut
    np.testing.assert_allclose(layer(X).numpy(), shortcut(X).numpy() + layer[0](X).numpy(), rtol=1e-14)


@pytest.mark.parametrize("make", [block, narrowing])
def test_gradients(make: Any) -> None:
    check_layer(make, X)


def test_the_parameters_have_their_places_in_their_names() -> None:
    assert list(block().state_dict()) == ["0.W", "0.b", "1.W", "1.b"]
    assert list(narrowing().state_dict()) == ["0.W", "0.b", "shortcut.W"]


def test_a_convolutional_block_keeps_the_image() -> None:
    layer = nn.Residual(nn.Conv2d(2, 2, 3, padding=1, rng=0), nn.BatchNorm2d(2), nn.ReLU())
    assert layer(np.ones((1, 2, 5, 5))).shape == (1, 2, 5, 5)


def test_layers_that_change_the_shape_are_refused() -> None:
    layer = nn.Residual(nn.Dense(3, 1, rng=0))
    message = (
        r"Residual\(\) got input of shape \(4, 3\): its layers made \(4, 1\) of it, which \(4, 3\) cannot be added"
    )
    with pytest.raises(ValueError, match=message):
        layer(X)
