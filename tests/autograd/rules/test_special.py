"""erf to the last digits, whatever the array: against mpmath, and against C's."""

from __future__ import annotations

import itertools
import math
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, check_grads, compile, erf, gradients
from autograd.rules.special import BLOCK, ONE_BY_ONE


def many(low: float, high: float, count: int = 2 * ONE_BY_ONE) -> Any:
    """Numbers that are evenly spread between two magnitudes, of both signs."""
    rng = np.random.default_rng(0)
    return rng.choice([-1, 1], count) * np.exp(rng.uniform(math.log(low), math.log(high), count))


def exact(x: Any) -> Any:
    """erf in 40 digits, rounded once to the dtype of `x`."""
    with mpmath.workdps(40):
        return np.array([float(mpmath.erf(float(v))) for v in x]).astype(x.dtype)


@pytest.mark.parametrize(("dtype", "tiny"), [(np.float64, 1e-307), (np.float32, 1e-37), (np.float16, 1e-4)])
def test_it_is_exact_to_three_units_in_the_last_place(dtype: Any, tiny: float) -> None:
    near_the_seam = np.nextafter(np.ones(ONE_BY_ONE), [0, 2] * (ONE_BY_ONE // 2))
    for xs in (many(tiny, 0.1), many(0.1, 1), many(0.9, 1.1), many(1, 6.5), many(1e-3, 1e4), near_the_seam):
        x = np.concatenate([xs, -xs]).astype(dtype)
        y = erf(x)
        assert y.dtype == dtype
        assert np.all(np.absolute(y - exact(x)) <= 3 * np.spacing(np.absolute(y)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_special_numbers(dtype: Any) -> None:
    tiny = np.finfo(dtype).smallest_subnormal
    for few in ([0.0, -0.0, np.inf, -np.inf, np.nan, tiny, 30.0, np.finfo(dtype).max],):
        xs = np.tile(np.array(few, dtype), ONE_BY_ONE)
        with np.errstate(all="raise", under="ignore"):
            y = erf(xs)[: len(few)]
        np.testing.assert_array_equal(y, np.array([0.0, -0.0, 1, -1, np.nan, tiny, 1, 1], dtype))
        np.testing.assert_array_equal(np.signbit(y[:2]), [False, True])


def test_arrays_of_every_length_and_layout_agree_with_c() -> None:
    for size in (0, 1, ONE_BY_ONE, ONE_BY_ONE + 1, BLOCK, BLOCK + 1, 2 * BLOCK + 7):
        x = np.random.default_rng(size).standard_normal(size)
        np.testing.assert_allclose(erf(x), [math.erf(v) for v in x], rtol=1e-15)
    x = np.random.default_rng(0).standard_normal((40, 60))
    expected = np.vectorize(math.erf)(x)
    x.flags.writeable = False
    for view in (np.s_[::-1], np.s_[:, ::3], np.s_[5:6, ::2]):
        np.testing.assert_allclose(erf(x[view]), expected[view], rtol=1e-15)
    np.testing.assert_allclose(erf(x.T), expected.T, rtol=1e-15)


def test_it_keeps_the_shape_and_the_floating_dtype() -> None:
    for shape, dtype in itertools.product([(), (0,), (2, 3), (30, 1, 30)], [np.float16, np.float32, np.float64]):
        y = erf(np.ones(shape, dtype))
        assert (y.shape, y.dtype) == (shape, dtype)


@pytest.mark.parametrize("number", [0.5, 1, True, np.int8(1), np.uint16(1), [1] * 600])
def test_all_other_numbers_are_taken_in_double_precision(number: Any) -> None:
    y = erf(number)
    assert y.dtype == np.float64
    np.testing.assert_allclose(y, np.vectorize(math.erf)(number), rtol=1e-15)
    assert nn.gelu(1.0).dtype == np.float64


def test_its_derivatives() -> None:
    xs = np.linspace(-4, 4, ONE_BY_ONE + 1)
    x = Tensor(xs, requires_grad=True)
    first = gradients(erf(x), x, np.ones_like(xs), create_graph=True)
    slope = 2 / math.sqrt(math.pi) * np.exp(-(xs**2))
    np.testing.assert_allclose(first.data, slope, rtol=1e-14)
    np.testing.assert_allclose(gradients(first, x, np.ones_like(xs)), -2 * xs * slope, rtol=1e-14)
    check_grads(erf, xs, order=3)
    v = Value(0.5)
    erf(v).backward()
    assert v.grad == pytest.approx(2 / math.sqrt(math.pi) * math.exp(-0.25), rel=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [5, 2 * ONE_BY_ONE])
def test_it_is_one_call_in_a_program(dtype: Any, size: int) -> None:
    @compile(backend="numpy")
    def f(x: Any) -> Any:
        t = Tensor(x, requires_grad=True)
        y = erf(t)
        return y, gradients(y, t, np.ones_like(x))

    x = np.random.default_rng(0).standard_normal(size).astype(dtype)
    y, slope = f(x)
    np.testing.assert_array_equal(y.data, erf(x))
    np.testing.assert_allclose(slope, 2 / np.sqrt(np.pi) * np.exp(-x * x), rtol=10 * np.finfo(dtype).eps)
    assert f.source.count("erf(") == 1
    assert autograd.erf.__module__.startswith("autograd.")
