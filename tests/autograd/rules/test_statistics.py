"""What the tests over the table cannot see: perfect correlations, weights that are constants, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, check_grads, gradients, hessian
from autograd.rules.statistics import standardized

on_tensors: Any = np  # NumPy's functions answer tensors with tensors, which its type stubs do not know


def leaf(data: Any) -> Tensor:
    return Tensor(data, requires_grad=True)


def test_a_covariance_is_the_mean_product_of_deviations() -> None:
    x = np.array([1.0, 2.0, 4.0])
    t = leaf(x)
    np.testing.assert_allclose(gradients(on_tensors.cov(t), t), x - x.mean())  # 2 (x - mean) / (n - 1)
    np.testing.assert_allclose(gradients(on_tensors.cov(t, bias=True), t), 2 / 3 * (x - x.mean()))
    ints = np.array([[1, 2, 4], [0, 1, 1]], np.uint8)
    w = leaf([1.0, 2.0, 1.0])
    np.testing.assert_allclose(on_tensors.cov(ints, aweights=w).data, np.cov(ints, aweights=[1.0, 2.0, 1.0]))
    check_grads(lambda w: np.cov(ints, aweights=w, fweights=[2, 1, 3]), np.array([1.0, 2.0, 1.0]), order=2)


@pytest.mark.parametrize("seed", range(8))
def test_a_perfect_correlation_is_a_maximum_however_it_is_rounded(seed: int) -> None:
    x = np.random.default_rng(seed).standard_normal(4)

    def correlation(y: Any) -> Any:
        return on_tensors.corrcoef(y, 0.3 * x + 0.1)[0, 1]

    t = leaf(x)
    assert correlation(t).data <= 1.0
    np.testing.assert_allclose(gradients(correlation(t), t), 0.0, atol=1e-14)
    # r(x + e) = 1 - |e_perpendicular|^2 / 2 |d|^2, by the part of e orthogonal to 1 and to the deviations d
    d = x - x.mean()
    orthogonal = np.eye(4) - 1 / 4 - np.outer(d, d) / (d @ d)
    np.testing.assert_allclose(hessian(correlation)(x), -orthogonal / (d @ d), atol=1e-12)


def test_weights_are_summed_by_number() -> None:
    w = leaf([1.0, 2.0, 4.0])
    y = on_tensors.bincount(np.array([3, 0, 3], np.uint8), weights=w, minlength=5)
    np.testing.assert_array_equal(y.data, [2.0, 0.0, 0.0, 5.0, 0.0])
    np.testing.assert_array_equal(gradients(y[3], w), [1.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.cov(t, aweights=[1, -1]), "not negative"),
        (lambda t: np.cov(t, aweights=[1, 1, 1]), "2 observations"),
        (lambda t: np.cov(t, fweights=[1, 0.5]), "whole numbers"),
        (lambda t: np.cov(np.reshape(t, (2, 1, 1))), "matrix or a vector"),
        (lambda t: np.bincount([0, -1], t), "negative"),
        (lambda t: np.bincount([0, 1, 1], t), r"shape \(2,\) do not fit numbers of shape \(3,\)"),
        (lambda t: np.bincount(t, [1.0, 2.0]), "would lose the gradient"),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call(leaf([1.0, 2.0]))


@pytest.mark.parametrize("fun", [np.quantile, np.nanquantile])
def test_the_slope_between_narrow_neighbours_is_exact_if_the_fraction_is_double(fun: Any) -> None:
    x = np.array([0.001, -0.868, 0.662], np.float32)
    q = Tensor(0.2, requires_grad=True)
    fun(x, q).backward()
    low, high = sorted(x.tolist())[:2]
    assert q.grad == pytest.approx(2 * (high - low), rel=1e-15)


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "u1", "f2", "f4", "f8"])
@pytest.mark.parametrize("of_fraction", ["f2", "f4", "f8"])
def test_quantiles_are_in_the_precision_of_numpys(dtype: str, of_fraction: str) -> None:
    x, q = np.array([[1, 3, 0], [1, 0, 2]]).astype(dtype), np.array([0.25, 0.5], of_fraction)
    for fun, scale in ((np.quantile, 1), (np.nanquantile, 1), (np.percentile, 100), (np.nanpercentile, 100)):
        expected = fun(x, q * q.dtype.type(scale), -1)
        found = fun(x, Tensor(q * q.dtype.type(scale), requires_grad=True), -1)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found.data, expected)


def test_many_numbers_in_single_precision_are_standardized_as_few_are() -> None:
    """A sum of a million numbers one by one loses a digit of seven."""
    rng = np.random.default_rng(1)
    x, g = (rng.normal(size=(2, 1_000_000)).astype(np.float32) for _ in range(2))

    def both(dtype: Any) -> tuple[Any, Any]:
        t = Tensor(x, requires_grad=True, dtype=dtype)
        y = standardized(t)
        y.backward(g.astype(dtype))
        return y.data, t.grad

    for found, exact in zip(both(np.float32), both(np.float64)):
        assert np.abs(found - exact).max() < 8e-7 * np.abs(exact).max()
