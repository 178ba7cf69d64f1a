"""Toy data sets, one-hot labels, standardization; batches and splits are in test_batches.py."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nn.data import (
    blobs,
    circles,
    moons,
    noisy_sine,
    one_hot,
    regression_line,
    spirals,
    standardize,
    xor,
)

GENERATORS: dict[str, Callable[..., Any]] = {"spirals": spirals, "moons": moons, "circles": circles, "blobs": blobs}
CURVES: dict[str, Callable[..., Any]] = {"regression_line": regression_line, "noisy_sine": noisy_sine}


def test_xor() -> None:
    X, y = xor()
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("name", GENERATORS)
def test_shapes_labels_and_seeds(name: str) -> None:
    generate, classes = GENERATORS[name], 3 if name in ("spirals", "blobs") else 2
    X, y = generate(n=20, rng=0)
    assert X.shape == (20 * classes, 2)
    assert y.tolist() == [k for k in range(classes) for _ in range(20)]
    np.testing.assert_array_equal(generate(n=20, rng=np.random.default_rng(0))[0], X)
    assert not np.array_equal(generate(n=20, rng=1)[0], X)


def test_spirals_lie_on_their_arms() -> None:
    X, y = spirals(arms=4, n=50, noise=0, rng=0)
    radius, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0])
    assert radius.min() >= 0.1
    assert radius.max() <= 1
    turns = angle / (2 * np.pi) - radius - y / 4
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-12)


def test_moons_lie_on_their_half_circles() -> None:
    X, y = moons(n=50, noise=0, rng=0)
    centre = np.where(y[:, None] == 0, [0, 0], [1, 0.5])
    np.testing.assert_allclose(np.hypot(*(X - centre).T), 1, rtol=1e-12)
    assert np.all((X[:, 1] - centre[:, 1] >= -1e-12) == (y == 0))


def test_circles_lie_on_their_circles() -> None:
    X, y = circles(n=50, noise=0, rng=0)
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 0, 1, 0.5), rtol=1e-12)


def test_blobs_lie_around_the_corners_of_a_polygon() -> None:
    X, y = blobs(classes=4, n=3, noise=0, rng=0)
    corners = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    np.testing.assert_allclose(X, corners[y], atol=1e-15)


@pytest.mark.parametrize("generate", CURVES.values())
def test_curves_are_columns_and_have_seeds(generate: Callable[..., Any]) -> None:
    X, y = generate(n=20, rng=0)
    assert X.shape == y.shape == (20, 1)
    np.testing.assert_array_equal(generate(n=20, rng=np.random.default_rng(0))[1], y)
    assert not np.array_equal(generate(n=20, rng=1)[0], X)


def test_curves_are_what_they_say() -> None:
    X, y = regression_line(n=1000, slope=3, intercept=-1, noise=0, rng=0)
    np.testing.assert_allclose(y, 3 * X - 1, rtol=1e-13, atol=1e-15)
    assert -1 <= X.min() < -0.98
    assert 0.98 < X.max() <= 1
    X, y = noisy_sine(n=1000, noise=0, rng=0)
    np.testing.assert_array_equal(y, np.sin(X))
    assert -math.pi <= X.min() < -3.1
    assert 3.1 < X.max() <= math.pi


@pytest.mark.parametrize("generate", CURVES.values())
def test_curves_have_noise_in_y_alone(generate: Callable[..., Any]) -> None:
    (X, y), (X_exact, y_exact) = (generate(n=10_000, noise=noise, rng=0) for noise in (0.2, 0))
    np.testing.assert_array_equal(X, X_exact)
    assert (y - y_exact).std() == pytest.approx(0.2, rel=0.03)


@pytest.mark.parametrize("generate", GENERATORS.values())
def test_noise_has_the_stated_spread(generate: Callable[..., Any]) -> None:
    difference = generate(n=5000, noise=0.2, rng=0)[0] - generate(n=5000, noise=0, rng=0)[0]
    assert difference.std() == pytest.approx(0.2, rel=0.03)


# --- one_hot ------------------------------------------------------------------------------------------------------


def test_one_hot() -> None:
    np.testing.assert_array_equal(one_hot([2, 0, 1]), np.eye(3)[[2, 0, 1]])
    np.testing.assert_array_equal(one_hot(np.array([[1], [0]], np.uint8), 4), np.eye(4)[[[1], [0]]])
    np.testing.assert_array_equal(one_hot([1.0, 0.0]), np.eye(2)[[1, 0]])
    assert one_hot(1, 2).tolist() == [0, 1]
    assert one_hot([], 3).shape == (0, 3)
    assert one_hot([0]).dtype == np.float32
    assert one_hot([0], dtype=bool).dtype == bool


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        ([0, 3], 3, "one_hot: labels from 0 to 3 for 3 classes, counted from 0"),
        ([-1, 0], None, "one_hot: labels from -1 to 0 for 1 classes"),
        ([-2, -1], None, "one_hot: labels from -2 to -1 for 1 classes"),
        ([0.5], 2, "one_hot: labels are integers from 0 to 1, and among these is 0.5"),
        ([math.nan], None, "one_hot: labels are integers not negative, and among these is nan"),
        (["cat"], None, "one_hot: labels are integers not negative, not <U3"),
        ([], None, "one_hot: of no labels the number of classes is unknown: say classes="),
    ],
)
def test_labels_that_cannot_be_one_hot_are_refused(labels: Any, classes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        one_hot(labels, classes)


# --- standardize --------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(2)


def test_standardized_features_have_mean_0_and_standard_deviation_1() -> None:
    X = RNG.normal([1, -50, 1e6], [1, 10, 1e-2], (500, 3))
    scaler = standardize(X)
    Z = scaler.transform(X)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-7)
    np.testing.assert_allclose(Z.std(axis=0), 1, rtol=1e-7)
    np.testing.assert_allclose(scaler.inverse_transform(Z), X, rtol=1e-14)


def test_what_was_found_in_one_set_is_applied_to_the_others() -> None:
    scaler = standardize([[0, 10], [4, 30]])
    np.testing.assert_array_equal(scaler.transform([[2, 20], [6, 40]]), [[0, 0], [2, 2]])
    np.testing.assert_array_equal(scaler.inverse_transform([[0, 0], [2, 2]]), [[2, 20], [6, 40]])


def test_the_mean_may_be_over_other_axes() -> None:
    images = RNG.normal(3, 2, (20, 3, 4, 4))
    for axis in ((0, 2, 3), (0, -2, -1)):
        scaler = standardize(images, axis=axis)
        assert scaler.mean.shape == (1, 3, 1, 1)
        np.testing.assert_allclose(scaler.transform(images).mean(axis=axis), np.zeros(3), atol=1e-14)
        np.testing.assert_allclose(scaler.transform(images[:, :, :2]), scaler.transform(images)[:, :, :2], rtol=1e-15)


@pytest.mark.parametrize("constant", [0.0, 0.1, -7.3, 1e300, 1e-300])
def test_constant_features_become_0(constant: float) -> None:
    X = np.full((7, 1), constant)  # the mean of seven times 0.1 is not 0.1
    with np.errstate(all="raise"):
        scaler = standardize(X)
        np.testing.assert_array_equal(scaler.transform(X), np.zeros((7, 1)))
    np.testing.assert_array_equal(scaler.transform([[constant + 1]]), [[constant + 1 - constant]])


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e200, 1e300])
def test_squares_that_overflow_or_vanish_do_no_harm(size: float) -> None:
    X = size * np.array([[-1.0], [1.0], [-1.0], [1.0]])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        np.testing.assert_allclose(standardize(X).transform(X), X / size, rtol=1e-15)


def test_the_least_difference_that_there_is_divides_by_no_zero() -> None:
    X = np.zeros((20, 1))
    X[0] = 5e-324
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert np.all(np.isfinite(standardize(X).transform(X)))


def test_dtypes() -> None:
    X = RNG.standard_normal((10, 2))
    scaler = standardize(X.astype(np.float32))
    assert scaler.transform(X.astype(np.float32)).dtype == np.float32
    assert scaler.transform(X).dtype == np.float64
    assert scaler.transform(np.ones((3, 2), dtype=int)).dtype == np.float64


@pytest.mark.parametrize(
    ("seen", "other"), [((5, 3), (5, 2)), ((5, 1), (5, 3)), ((5, 3), (5, 1)), ((5, 3), (3,)), ((5,), (5, 1))]
)
def test_other_features_than_were_seen_are_refused(seen: Any, other: Any) -> None:
    scaler = standardize(RNG.standard_normal(seen))
    for use in (scaler.transform, scaler.inverse_transform):
        with pytest.raises(ValueError, match=r"standardize: X of shape .* does not have the features of the mean, \(1"):
            use(np.zeros(other))


def test_what_has_no_mean_is_refused() -> None:
    with pytest.raises(ValueError, match=r"standardize: there are no numbers in X, of shape \(0, 3\)"):
        standardize(np.zeros((0, 3)))
    for bad in (math.nan, math.inf):
        with pytest.raises(ValueError, match="standardize: X holds NaN or inf, which have no mean"):
            standardize([[1.0], [bad]])
