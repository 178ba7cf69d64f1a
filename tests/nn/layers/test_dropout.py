"""Dropout and noise: random in training, the identity in evaluation, repeatable by their generator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from arguments.modules import check_float32

import nn
from autograd import Tensor, check_grads

LAYERS = [nn.Dropout(0.4, rng=0), nn.GaussianNoise(0.5, rng=0)]
X = np.random.default_rng(1).standard_normal((50, 40))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_drops_a_share_p_and_keeps_the_mean(p: float) -> None:
    y = nn.Dropout(p, rng=0)(np.ones((200, 500)))
    assert set(np.unique(y)) == {0, 1 / (1 - p)}
    assert np.mean(y == 0) == pytest.approx(p, abs=0.005)
    assert y.mean() == pytest.approx(1, abs=0.03)


def test_gaussian_noise_has_its_standard_deviation() -> None:
    noise = nn.GaussianNoise(0.3, rng=0)(np.ones((200, 500))) - 1
    assert noise.mean() == pytest.approx(0, abs=0.005)
    assert noise.std() == pytest.approx(0.3, rel=0.01)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_call_draws_anew(layer: Any) -> None:
    assert not np.array_equal(layer(X), layer(X))


@pytest.mark.parametrize("kind", [nn.Dropout, nn.GaussianNoise])
def test_the_same_seed_draws_the_same(kind: Any) -> None:
    np.testing.assert_array_equal(kind(0.5, rng=7)(X), kind(0.5, rng=7)(X))


def test_a_generator_is_shared() -> None:
    rng = np.random.default_rng(0)
    a, b = nn.Dropout(0.5, rng=rng), nn.Dropout(0.5, rng=rng)
    assert a.rng is b.rng
    assert not np.array_equal(a(X), b(X))


def test_the_global_state_of_numpy_stays_untouched() -> None:
    before = np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002
    nn.Dropout(0.5)(X)
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]  # noqa: NPY002


@pytest.mark.parametrize("layer", LAYERS)
def test_evaluation_is_the_identity_also_inside_other_modules(layer: Any) -> None:
    model = nn.Sequential(nn.Sequential(layer)).eval()
    np.testing.assert_array_equal(model(X), X)
    assert not np.array_equal(model.train()(X), X)


@pytest.mark.parametrize("layer", [nn.Dropout(0.0), nn.GaussianNoise(0.0)])
def test_nothing_of_it_is_the_identity(layer: Any) -> None:
    np.testing.assert_array_equal(layer(X), X)


def test_the_gradient_of_dropout_is_its_mask() -> None:
    x = Tensor(X, requires_grad=True)
    y = nn.Dropout(0.5, rng=0)(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, np.where(y.numpy() == 0, 0, 2))


@pytest.mark.parametrize("kind", [nn.Dropout, nn.GaussianNoise])
def test_gradients(kind: Any) -> None:
    check_grads(lambda x: kind(0.5, rng=3)(x) ** 2, X[:3, :4])


@pytest.mark.parametrize("kind", [nn.Dropout, nn.GaussianNoise])
def test_float32_survives(kind: Any) -> None:
    check_float32(nn.Sequential(kind(0.5, rng=0), nn.Dense(40, 1, rng=0)), X)
    assert kind(0.5, rng=0)(X.astype(np.float32)).dtype == np.float32
    assert kind(0.5, rng=0)(X).dtype == np.float64


@pytest.mark.parametrize("p", [1, 1.5, -0.1, float("nan")])
def test_dropout_refuses_what_is_no_probability_below_1(p: float) -> None:
    with pytest.raises(ValueError, match=f"must be at least 0 and below 1, got {p}"):
        nn.Dropout(p)


@pytest.mark.parametrize("std", [-1, float("inf"), float("nan")])
def test_noise_refuses_what_is_no_standard_deviation(std: float) -> None:
    with pytest.raises(ValueError, match=f"must be at least 0 and finite, got {std}"):
        nn.GaussianNoise(std)


def test_they_show_how_much() -> None:
    assert repr(nn.Dropout(0.2)) == "Dropout(p=0.2)"
    assert repr(nn.GaussianNoise(0.2)) == "GaussianNoise(std=0.2)"
