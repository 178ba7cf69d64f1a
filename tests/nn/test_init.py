"""Initializers: shapes, dtypes, seeds, and the spread that their papers state."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nn.init import INITIALIZERS, Initializer, fans, glorot_uniform, he_normal, initializer, normal, zeros


@pytest.mark.parametrize("init", INITIALIZERS.values(), ids=list(INITIALIZERS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_dtype_and_seed(init: Initializer, dtype: Any) -> None:
    a, b = init((3, 4), 0, dtype), init((3, 4), np.random.default_rng(0), dtype)
    assert a.shape == (3, 4)
    assert a.dtype == dtype
    np.testing.assert_array_equal(a, b)


def test_the_random_ones_depend_on_the_seed() -> None:
    for init in (normal, glorot_uniform, he_normal):
        assert not np.array_equal(init((3, 4), 0), init((3, 4), 1))


def test_the_global_generator_is_not_touched() -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[index]  # noqa: NPY002
    he_normal((3, 4))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # type: ignore[index]  # noqa: NPY002


def test_zeros() -> None:
    np.testing.assert_array_equal(zeros((2, 3)), np.zeros((2, 3)))


def test_spreads() -> None:
    shape = (300, 200)  # 60,000 numbers: a standard deviation is off by 0.3 %, three times that is allowed
    assert normal(shape, 0, std=0.5).std() == pytest.approx(0.5, rel=0.01)
    assert he_normal(shape, 0).std() == pytest.approx(math.sqrt(2 / 300), rel=0.01)
    weights = glorot_uniform(shape, 0)
    bound = math.sqrt(6 / 500)
    assert weights.std() == pytest.approx(bound / math.sqrt(3), rel=0.01)
    assert bound * 0.999 < np.abs(weights).max() <= bound


def test_fans_of_dense_layers_and_of_convolutions() -> None:
    assert fans((300, 200)) == (300, 200)
    assert fans((16, 3, 5, 5)) == (3 * 25, 16 * 25)
    with pytest.raises(ValueError, match=r"weights have at least two axes.*\(7,\)"):
        fans((7,))


def test_by_name() -> None:
    assert initializer("he_normal") is he_normal
    assert initializer(zeros) is zeros
    with pytest.raises(ValueError, match=r"there is no initializer 'he'.*glorot_uniform"):
        initializer("he")
