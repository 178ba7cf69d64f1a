"""What the tests over the table cannot see: numbers that are not finite, defaults that are nodes, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, gradients

on_tensors: Any = np  # NumPy's functions answer tensors with tensors, which its type stubs do not know


def leaf(data: Any) -> Tensor:
    return Tensor(data, requires_grad=True)


def test_what_is_not_finite_is_replaced_and_has_the_gradient_0() -> None:
    x, nan = leaf([1.0, np.nan, np.inf, -np.inf]), leaf(7.0)
    y = on_tensors.nan_to_num(x, nan=nan, posinf=8.0)
    np.testing.assert_array_equal(y.data, [1.0, 7.0, 8.0, np.finfo(float).min])
    to_x, to_nan = gradients(y.sum(), [x, nan])
    np.testing.assert_array_equal(to_x, [1.0, 0.0, 0.0, 0.0])
    assert to_nan == 1.0
    single = on_tensors.nan_to_num(Tensor(np.array([np.inf], np.float32)))
    assert single.dtype == np.float32
    assert single.data == np.finfo(np.float32).max


def test_a_default_that_is_a_node_has_the_gradient_of_the_rest() -> None:
    x, default = leaf([1.0, 2.0, 3.0]), leaf(5.0)
    y = on_tensors.select([[True, False, False], [True, True, False]], [x, 10 * x], default)
    np.testing.assert_array_equal(y.data, [1.0, 20.0, 5.0])
    to_x, to_default = gradients(y.sum(), [x, default])
    np.testing.assert_array_equal(to_x, [1.0, 10.0, 0.0])
    assert to_default == 1.0


def test_a_branch_that_was_not_chosen_adds_nothing() -> None:
    x = leaf([0.0, 4.0])
    y = on_tensors.select([x > 1], [np.sqrt(x)], 0.0)  # the slope of the root is infinite at 0
    np.testing.assert_array_equal(gradients(y.sum(), x), [0.0, 0.25])
    y = on_tensors.choose([1, 0], [np.sqrt(x), x])
    np.testing.assert_array_equal(gradients(y.sum(), x), [1.0, 0.25])


def test_each_function_sees_its_own_elements_alone() -> None:
    x, k = leaf([-1.0, 2.0, 4.0]), leaf(3.0)
    y = on_tensors.piecewise(x, [x < 0, x > 0], [k, lambda v, factor: factor * v / v.sum()], 12.0)
    np.testing.assert_array_equal(y.data, [3.0, 4.0, 8.0])
    to_x, to_k = gradients(y[1], [x, k])
    np.testing.assert_allclose(to_x, [0.0, 12 * 4 / 36, -12 * 2 / 36])
    assert to_k == 0.0
    assert gradients(y[0], k) == 1.0
    flat = on_tensors.piecewise(x, [x < 0], [-1, 1])  # constants alone: a step
    np.testing.assert_array_equal(gradients(flat.sum(), x), [0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.nan_to_num(t, copy=False), "copy=False"),
        (lambda t: np.select([[True, False]], [t, t]), "1 conditions need as many choices, not 2"),
        (lambda t: np.select([[1, 0]], [t]), "arrays of booleans"),
        (lambda t: np.select([t > 0], [t], default=np.array([1.0, 2.0, 3.0])), "broadcast|shape"),
        (lambda t: np.choose([0, 2], [t, t]), "invalid entry"),
        (lambda t: np.piecewise(t, [[True, False]], [1, 2, 3]), "1 conditions there are as many functions"),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call(leaf([1.0, 2.0]))
