"""Initializers: shapes, dtypes, seeds, and the spread that their papers state."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest

from nn import layers
from nn.init import INITIALIZERS, Initializer, constant, fans, initializer, normal, ones, orthogonal, uniform, zeros

RANDOM = {name: init for name, init in INITIALIZERS.items() if init not in (zeros, ones, constant)}
# The variance by fan_in and fan_out, as the papers have it
VARIANCES = {
    "glorot_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "glorot_normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "he_normal": lambda fan_in, fan_out: 2 / fan_in,
    "lecun_uniform": lambda fan_in, fan_out: 1 / fan_in,
    "lecun_normal": lambda fan_in, fan_out: 1 / fan_in,
}


@pytest.mark.parametrize("init", INITIALIZERS.values(), ids=list(INITIALIZERS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_dtype_and_seed(init: Initializer, dtype: Any) -> None:
    for shape in ((3, 4), (4, 3, 2, 2)):
        a, b = init(shape, 0, dtype), init(shape, np.random.default_rng(0), dtype)
        assert a.shape == shape
        assert a.dtype == dtype
        np.testing.assert_array_equal(a, b)
    assert init((3, 4)).dtype == np.float32


@pytest.mark.parametrize("init", RANDOM.values(), ids=list(RANDOM))
def test_the_random_ones_depend_on_the_seed(init: Initializer) -> None:
    assert not np.array_equal(init((3, 4), 0), init((3, 4), 1))


@pytest.mark.parametrize("init", RANDOM.values(), ids=list(RANDOM))
def test_the_global_generator_is_not_touched(init: Initializer) -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002
    init((3, 4))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # type: ignore[index]  # noqa: NPY002


def test_zeros_ones_and_constant() -> None:
    np.testing.assert_array_equal(zeros((2, 3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(ones((2, 3)), np.ones((2, 3)))
    np.testing.assert_array_equal(constant((2,), value=2.5), [2.5, 2.5])


def test_normal_and_uniform() -> None:
    shape = (300, 200)  # 60,000 numbers: a standard deviation is off by 0.3 %, three times that is allowed
    assert normal(shape, 0, std=0.5).std() == pytest.approx(0.5, rel=0.01)
    assert abs(normal(shape, 0, std=0.5).mean()) < 0.01
    weights = uniform(shape, 0, low=-1, high=3)
    assert weights.mean() == pytest.approx(1, abs=0.015)
    assert weights.std() == pytest.approx(4 / math.sqrt(12), rel=0.01)
    assert -1 <= weights.min() < -0.999
    assert 2.999 < weights.max() <= 3


@pytest.mark.parametrize("name", VARIANCES)
@pytest.mark.parametrize(
    ("shape", "fan_in", "fan_out"),
    [((300, 200), 300, 200), ((64, 32, 5, 5), 32 * 25, 64 * 25), ((160, 40, 9), 40 * 9, 160 * 9)],
)
def test_spreads(name: str, shape: tuple[int, ...], fan_in: int, fan_out: int) -> None:
    weights = INITIALIZERS[name](shape, 0, np.float64)  # at least 51,200 numbers
    std = math.sqrt(VARIANCES[name](fan_in, fan_out))
    assert weights.std() == pytest.approx(std, rel=0.01)
    assert abs(weights.mean()) < 0.02 * std
    if "uniform" in name:
        assert math.sqrt(3) * std * 0.999 < np.abs(weights).max() <= math.sqrt(3) * std
    else:
        assert np.mean(np.abs(weights) < std) == pytest.approx(math.erf(1 / math.sqrt(2)), abs=0.01)


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (6, 2, 2, 2), (4, 1, 2)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    matrix = orthogonal(shape, 0, np.float64, gain=3.0).reshape(shape[0], -1)
    rows, columns = matrix.shape
    product = matrix @ matrix.T if rows <= columns else matrix.T @ matrix
    np.testing.assert_allclose(product, 9 * np.eye(min(rows, columns)), atol=1e-13)


def test_orthogonal_prefers_no_direction() -> None:
    rng = np.random.default_rng(0)
    matrices = np.array([orthogonal((3, 3), rng, np.float64) for _ in range(4000)])
    np.testing.assert_allclose(matrices.mean(axis=0), np.zeros((3, 3)), atol=0.04)  # of variance 1/3: off by 0.009
    np.testing.assert_allclose((matrices**2).mean(axis=0), np.full((3, 3), 1 / 3), atol=0.025)  # off by 0.005


def test_fans_of_dense_layers_and_of_convolutions() -> None:
    assert fans((300, 200)) == (300, 200)
    assert fans((16, 3, 5)) == (3 * 5, 16 * 5)
    assert fans((16, 3, 5, 5)) == (3 * 25, 16 * 25)


@pytest.mark.parametrize("shape", [(7,), (), (0, 3), (4, 2, 0)])
def test_shapes_that_are_no_weights_are_refused(shape: tuple[int, ...]) -> None:
    for name in [*VARIANCES, "orthogonal"]:
        with pytest.raises(ValueError, match=r"weights have at least two axes, \(inputs, units\), none of them empty"):
            INITIALIZERS[name](shape)


def test_by_name() -> None:
    assert initializer("he_normal") is INITIALIZERS["he_normal"]
    assert initializer(zeros) is zeros
    with pytest.raises(ValueError, match=r"there is no initializer 'he'.*glorot_uniform"):
        initializer("he")


def test_layers_take_them_with_options() -> None:
    layer = layers.Dense(2, 3, init=functools.partial(constant, value=0.5))
    np.testing.assert_array_equal(layer.W.data, np.full((2, 3), 0.5))
