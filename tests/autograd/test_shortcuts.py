"""What is computed around NumPy's insides is what NumPy computes, at every magnitude, without a warning."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, compile, logsigmoid, relu, sigmoid, softplus
from autograd.shortcuts import axis_moved, logaddexp

SPECIAL = [0.0, -0.0, 1.0, -1.0, 50.0, -50.0, 87.0, -87.0, 88.6, -88.6, 104.0, -104.0, 740.0, -740.0, 1e30, -1e30]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("infinite", [(), (np.inf, -np.inf), (np.inf, -np.inf, np.nan)], ids=str)
def test_logaddexp_is_that_of_numpy(dtype: Any, infinite: tuple[float, ...]) -> None:
    with np.errstate(over="ignore"):
        x = np.array([*SPECIAL, *infinite, *np.random.default_rng(0).normal(0, 3, 40)]).astype(dtype)
    a, b = x[:, None], x
    with np.errstate(invalid="ignore"):  # NumPy's own warns of two infinite numbers in half precision
        expected = np.logaddexp(a, b)
        found = logaddexp(a, b)
    assert found.dtype == expected.dtype
    assert found.base is None  # nobody has to copy it, to be sure that it is alone
    scale = 8 * np.finfo(dtype).eps * np.maximum(1, np.maximum(abs(a), abs(b)))
    near = np.isfinite(expected)
    np.testing.assert_array_equal(found[~near], expected[~near])
    assert np.all(np.abs(found[near] - expected[near]) <= scale[near])


@pytest.mark.parametrize("other", [0, 0.0, 2, 1.5, np.float64(1), np.uint8(3), np.arange(3, dtype=np.uint8)], ids=repr)
def test_logaddexp_of_numbers_and_integers_keeps_numpys_dtype(other: Any) -> None:
    for x in (np.array([-3, 0.5, 9], np.float32), np.array([200, 3, 0], np.uint8), 2.5):
        expected = np.logaddexp(x, other)
        assert np.result_type(logaddexp(x, other)) == np.result_type(expected)
        np.testing.assert_allclose(logaddexp(x, other), expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exponentials_do_not_warn_and_reach_the_smallest_numbers(dtype: Any) -> None:
    limits = np.finfo(dtype)
    lowest = float(np.log(np.longdouble(limits.smallest_subnormal)))
    x = np.array(
        [lowest + 0.1, float(np.log(limits.tiny)), -3.0, 0.0, 40.0, limits.max, -limits.max, np.inf, -np.inf], dtype
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for part in (x, x[2:5], x[:1], x[2]):  # all kinds at once, and each of the two ways by itself
            wanted = np.exp(-np.logaddexp(0, -part.astype(np.longdouble))).astype(dtype)
            np.testing.assert_allclose(sigmoid(part), wanted, rtol=4 * limits.eps, atol=limits.smallest_subnormal)
            np.testing.assert_array_equal(np.sign(sigmoid(part)), np.sign(wanted))
        assert np.all(softplus(x) >= 0)
        assert np.all(logsigmoid(x) <= 0)
        assert np.array_equal(np.logaddexp(Tensor(x), 0).data, softplus(x))


def test_an_empty_array_and_a_scalar_have_sigmoids() -> None:
    assert sigmoid(np.zeros((0, 3), np.float32)).shape == (0, 3)
    assert type(sigmoid(np.float32(1))) is np.float32
    assert sigmoid([0, 100])[1] == 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, np.int64])
@pytest.mark.parametrize("layout", [lambda x: x, lambda x: x.T, lambda x: x[::2, 1:], np.asfortranarray])
def test_relu_of_many_numbers_is_that_of_few(dtype: Any, layout: Any) -> None:
    special = [0.0, 1.0, -1.0, 1e-5, -2.5] + ([-0.0, np.inf, -np.inf, np.nan] if np.dtype(dtype).kind == "f" else [])
    x = layout(np.random.default_rng(0).choice(special, size=(130, 77)).astype(dtype))
    expected = np.array([[np.maximum(number, 0) for number in row] for row in x], dtype)
    expected[expected == 0] = 0  # of two zeros NumPy takes any
    program = compile(lambda x: (relu(x), relu(x * 1.0)), backend="numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [relu(x), *program(x)]
    for y in found[: 2 if x.dtype.kind == "i" else 3]:
        np.testing.assert_array_equal(y, expected, strict=True)
        if dtype in (np.float32, np.float64):
            assert not np.signbit(y[y == 0]).any()


def test_axes_are_moved_as_by_numpy() -> None:
    for ndim in range(4):
        x = np.arange(2.0**ndim).reshape((2,) * ndim)[..., None] * np.ones(3)
        for source in range(-6, 6):
            for destination in range(-6, 6):
                try:
                    expected = np.moveaxis(x, source, destination)
                except ValueError as error:
                    with pytest.raises(type(error), match="out of bounds"):
                        axis_moved(x, source, destination)
                else:
                    np.testing.assert_array_equal(axis_moved(x, source, destination), expected, strict=True)
    np.testing.assert_array_equal(axis_moved(x, (0, 1), (-1, 0)), np.moveaxis(x, (0, 1), (-1, 0)), strict=True)
