"""RBF: the closed form, gradients, and what it refuses."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from arguments.modules import check_layer

import nn

X = np.random.default_rng(23).standard_normal((5, 2))


def test_a_unit_answers_by_its_distance() -> None:
    layer: Any = nn.RBF(2, 2, gamma=0.5, dtype=np.float64)
    layer.centers.assign(np.array([[0.0, 0.0], [3.0, 4.0]]))
    np.testing.assert_allclose(layer([0.0, 0.0]).numpy(), [1, np.exp(-0.5 * 25)], rtol=1e-14)
    np.testing.assert_allclose(layer([[3.0, 4.0]]).numpy(), [[np.exp(-0.5 * 25), 1]], rtol=1e-14)


@pytest.mark.parametrize("shape", [(2,), (5, 2), (2, 3, 2)])
def test_any_axes_may_come_before_the_last(shape: tuple[int, ...]) -> None:
    layer = nn.RBF(2, 3, rng=0, dtype=np.float64)
    x = np.ones(shape)
    distance = np.square(x[..., None, :] - layer.centers.numpy()).sum(-1)
    np.testing.assert_allclose(layer(x).numpy(), np.exp(-distance), rtol=1e-13)


def test_gradients() -> None:
    check_layer(partial(nn.RBF, 2, 3, gamma=0.7, rng=0), X)


def test_far_away_it_is_0_and_so_is_the_gradient() -> None:
    layer = nn.RBF(1, 1, rng=0)
    y = layer([[1e4]])
    y.sum().backward()
    assert y.item() == 0
    assert all(np.all(p.grad == 0) for p in layer.parameters())


def test_it_shows_its_sizes() -> None:
    assert repr(nn.RBF(2, 3)) == "RBF(2 -> 3): 9 parameters, centers (3, 2), log_gamma (3,)"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_separates_circles(seed: int) -> None:
    X, y = nn.data.circles(100, rng=seed)
    model = nn.Sequential(nn.RBF(2, 8, rng=seed), nn.Dense(8, 2, rng=seed))
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    for _ in range(100):
        optimizer.zero_grad()
        nn.cross_entropy(model(X), y).backward()
        optimizer.step()
    assert np.mean(model(X).argmax(axis=1) == y) >= 0.99


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"RBF\(2 -> 3\) got input of shape \(4, 3\): the last axis must have size 2"):
        nn.RBF(2, 3)(np.ones((4, 3)))
    for gamma in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=f"gamma must be positive and finite, got {gamma}"):
            nn.RBF(2, 3, gamma=gamma)
    with pytest.raises(ValueError, match="RBF: units must be at least 1, got 0"):
        nn.RBF(2, 0)
