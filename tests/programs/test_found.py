"""What random programs found: one test each, named after what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Value

THIRD = 1 / 3  # a number that single precision has not


@pytest.mark.parametrize("fun", [np.maximum, np.minimum, np.fmax, np.fmin])
@pytest.mark.parametrize("other", [-1.0, 1.0, np.float64(1.0), np.float32(-1.0)])
def test_a_gradient_passes_a_choice_between_values_in_double_precision(fun: Callable[..., Any], other: Any) -> None:
    for arguments in (lambda x: (x, other), lambda x: (other, x)):
        x = Value(0.5)
        (fun(*arguments(x)) * THIRD).backward()
        assert x.grad in (0.0, THIRD)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int8, np.array])
def test_a_value_computes_in_double_precision_with_numbers_of_numpys(kind: Callable[..., Any]) -> None:
    for fun in (np.add, np.subtract, np.multiply, np.divide, np.power):
        for arguments in (lambda x, number: (x, number), lambda x, number: (number, x)):
            x, expected = Value(THIRD), Value(THIRD)
            y, z = fun(*arguments(x, kind(1))), fun(*arguments(expected, 1.0))
            y.backward()
            z.backward()
            assert (y.data, x.grad) == (z.data, expected.grad)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_an_array_of_one_number_that_met_a_value_may_change(dtype: type) -> None:
    number, x = np.array(3, dtype), Value(2.0)
    y = x * number
    number[...] = 5
    y.backward()
    assert x.grad == 3.0
