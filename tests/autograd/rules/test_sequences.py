"""What the tests over the table cannot see: exact ends, jumps, coefficients that are nodes, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, gradients

on_tensors: Any = np  # NumPy's functions answer tensors with tensors, which its type stubs do not know


def leaf(data: Any) -> Tensor:
    return Tensor(data, requires_grad=True)


@pytest.mark.parametrize("fun", [np.linspace, np.geomspace])
@pytest.mark.parametrize(("start", "stop"), [(0.1, 0.7), (1e-200, 1e200), (-3.3, -1e-5), (1 / 3, 1 / 3)])
def test_the_ends_are_met_to_the_last_digit(fun: Any, start: float, stop: float) -> None:
    a, b = leaf(start), leaf(stop)
    y = fun(a, b, 7)
    np.testing.assert_allclose(y.data, fun(start, stop, 7), rtol=1e-12)
    assert (y.data[0], y.data[-1]) == (start, stop)
    assert gradients(y[0], [a, b]) == [1.0, 0.0]
    assert gradients(y[-1], [a, b]) == [0.0, 1.0]


def test_the_points_move_with_the_ends_and_the_base() -> None:
    a, b = leaf(1.0), leaf(3.0)
    y = on_tensors.linspace(a, b, 5)
    np.testing.assert_allclose([gradients(point, [a, b]) for point in y], [[1 - s, s] for s in (0, 0.25, 0.5, 0.75, 1)])
    base = leaf(2.0)
    np.testing.assert_allclose(gradients(on_tensors.logspace(0, 3, 4, base=base).sum(), base), 1 + 2 * 2 + 3 * 4)
    np.testing.assert_allclose(gradients(on_tensors.geomspace(a, b, 3)[1], a), 0.5 * np.sqrt(3))


def test_one_point_has_no_step() -> None:
    y, step = on_tensors.linspace(leaf([1.0, 2.0]), 3.0, 1, retstep=True)
    np.testing.assert_array_equal(y.data, [[1.0, 2.0]])
    assert np.isnan(step)
    assert on_tensors.linspace(leaf(1.0), 2.0, 0).shape == (0,)


def test_a_dtype_is_that_of_the_result() -> None:
    assert on_tensors.linspace(leaf(0.0), 1, dtype=np.float32).dtype == np.float32
    assert on_tensors.logspace(leaf(0.0), 1, dtype=np.float32).dtype == np.float32
    with pytest.raises(TypeError, match="int"):
        on_tensors.linspace(leaf(0.0), 5, dtype=int)


def test_phases_keep_their_slope_across_jumps() -> None:
    x = np.array([0.0, 2.0, -2.0, 1.0, 1.0 + np.pi])
    p, period = leaf(x), leaf(2 * np.pi)
    y = on_tensors.unwrap(p)
    np.testing.assert_allclose(y.data, np.unwrap(x), rtol=1e-15)
    np.testing.assert_array_equal(gradients(y[3], p), [0.0, 0.0, 0.0, 1.0, 0.0])
    assert gradients(on_tensors.unwrap(p, period=period)[2], period) == 1.0  # one turn was added
    for half in (np.array([0.0, 2.0]), np.array([0.0, -2.0]), np.array([0, 2, 4, 0])):  # steps of half a period
        np.testing.assert_array_equal(on_tensors.unwrap(leaf(half), period=4).data, np.unwrap(half, period=4))


def test_coefficients_may_be_a_list_with_nodes() -> None:
    a, x = leaf(3.0), leaf(2.0)
    y = on_tensors.polyval([a, 1.0, 0.0], x)
    assert y.data == 14.0
    assert gradients(y, [a, x]) == [4.0, 13.0]
    b, z = Value(3.0), Value(2.0)
    value = on_tensors.polyval([b, 1.0, 0.0], z)
    assert gradients(value, [b, z]) == [4.0, 13.0]


def test_powers_of_zero_are_exact() -> None:
    x = leaf([0.0, -2.0])
    y = on_tensors.vander(x, 4)
    np.testing.assert_array_equal(y.data, [[0, 0, 0, 1], [-8, 4, -2, 1]])
    np.testing.assert_array_equal(gradients(y.sum(), x), [1.0, 9.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.linspace(t, 1, -2), "samples, -2"),
        (lambda t: np.geomspace(t, 0.0), "not from or to 0"),
        (lambda t: np.vander(t), r"shape \(1, 1\)"),
        (lambda t: np.linspace(Value(0.0), 1.0), "use a Tensor"),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call(leaf([[1.0]]))


@pytest.mark.parametrize("ends", [(-1.0, 1.0), (0.0, 1.0), (1.0, 0.0)])
def test_a_geometric_sequence_does_not_go_through_zero(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match=r"^np\.geomspace of float and shape \(\): a geometric sequence goes between"):
        np.geomspace(ends[0], Tensor(ends[1], requires_grad=True))


@pytest.mark.parametrize("fun", [np.linspace, np.geomspace])
@pytest.mark.parametrize("end", [True, np.True_, 1, np.uint8(1), 1.0])
def test_the_other_end_may_be_of_any_kind(fun: Any, end: Any) -> None:
    x = Tensor(4.0, requires_grad=True)
    for ends in ((x, end), (end, x)):
        np.testing.assert_allclose(fun(*ends, 3).data, fun(*(4.0 if i is x else i for i in ends), 3), rtol=1e-15)
