"""Layers within `autograd.vmap`: written for a batch, they are mapped over a stack of batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import vmap

RNG = np.random.default_rng(0)


def images(*shape: int) -> Any:
    return RNG.standard_normal(shape).astype(np.float32)


LAYERS: dict[str, tuple[Callable[..., Any], Any]] = {
    "dense": (nn.MLP(3, 5, 2, rng=0), images(4, 3)),
    "convolution": (nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.ReLU(), nn.MaxPool2d(2)), images(3, 2, 1, 8, 8)),
    "recurrent": (nn.Sequential(nn.LSTM(3, 4, rng=0), nn.Last()), images(3, 2, 5, 3)),
    "attention": (nn.MultiHeadAttention(4, 2, rng=0), images(3, 2, 5, 4)),
    "norm": (nn.Sequential(nn.GroupNorm(2, 4), nn.LayerNorm(5)), images(3, 2, 4, 5)),
    "batch norm": (nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5, rng=0)).eval(), images(3, 2, 4)),
}  # fmt: skip


@pytest.mark.parametrize(("layer", "stack"), LAYERS.values(), ids=LAYERS)
def test_a_layer_of_many_batches_is_that_of_each(layer: Any, stack: Any) -> None:
    found = vmap(layer)(stack)
    assert found.requires_grad or not list(layer.parameters())
    np.testing.assert_allclose(found.numpy(), np.stack([layer(batch).numpy() for batch in stack]), rtol=1e-5, atol=1e-7)


@pytest.mark.filterwarnings("ignore:.* one example after the other")
def test_running_statistics_and_labels_are_of_one_example_after_the_other() -> None:
    stack, other, once = images(3, 6, 4), nn.BatchNorm1d(4), nn.BatchNorm1d(4)
    found = vmap(once)(stack)
    np.testing.assert_allclose(found.numpy(), np.stack([other(batch).numpy() for batch in stack]), rtol=1e-6)
    for name, numbers in other.state_dict().items():
        np.testing.assert_array_equal(once.state_dict()[name], numbers)

    labels = np.array([[0, 1], [3, 2], [1, 1]])
    losses = vmap(nn.cross_entropy)(stack[:, :2], labels)
    expected = [nn.cross_entropy(*one).item() for one in zip(stack[:, :2], labels)]
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
