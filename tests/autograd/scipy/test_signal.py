"""`autograd.scipy.signal` and `ndimage`: HIPS autograd's convolutions, states of filters, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import check_grads

their = pytest.importorskip("scipy.signal")
rng = np.random.default_rng(0)
A, B = rng.standard_normal((3, 5)), rng.standard_normal((3, 4))
C, D = rng.standard_normal((2, 5, 4, 3)), rng.standard_normal((2, 4, 2, 3, 2))


def of(name: str) -> Any:
    """A function of signal or ndimage, which are imported when the first test needs them."""
    from autograd.scipy import ndimage, signal

    return getattr(ndimage if name == "map_coordinates" else signal, name)


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
def test_axes_that_are_neither_convolved_nor_summed_stay_in_the_order_of_the_arrays(mode: str) -> None:
    found = of("convolve")(A, B, axes=([1], [0]), mode=mode)
    assert found.shape[:2] == (3, 4)
    np.testing.assert_allclose(found[1, 2], their.convolve(A[1], B[:, 2], mode))
    found = of("convolve")(B, A, axes=([0], [1]), mode=mode)
    np.testing.assert_allclose(found[2, 1], their.convolve(B[:, 2], A[1], mode))


@pytest.mark.parametrize("mode", ["full", "valid"])
def test_axes_that_are_multiplied_and_summed(mode: str) -> None:
    found = of("convolve")(C, D, axes=([1, 2], [2, 4]), dot_axes=([0, 3], [0, 3]), mode=mode)
    for k in range(4):
        expected = sum(their.convolve(C[i, :, :, j], D[i, k, :, j], mode) for i in range(2) for j in range(3))
        np.testing.assert_allclose(found[k], expected)


def test_with_no_axis_to_convolve_it_is_a_product() -> None:
    np.testing.assert_allclose(of("convolve")(A, B, axes=([], []), dot_axes=([0], [0])), A.T @ B)
    np.testing.assert_allclose(of("convolve")(2.0, 3.0), 6.0)


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
@pytest.mark.parametrize("axes", [([0], [0]), ([0], [1]), ([1, 0], [0, 1])])
def test_derivatives_along_axes(axes: Any, mode: str) -> None:
    pair = (A, A[:2, :2]) if len(axes[0]) == 2 else (A, B)
    check_grads(lambda a, b: of("convolve")(a, b, axes=axes, mode=mode), *pair, order=2)


def test_the_mode_may_stand_third_as_in_scipy() -> None:
    np.testing.assert_allclose(of("convolve")(A, B, "same", "direct"), their.convolve(A, B, "same", "direct"))


def test_two_halves_filtered_one_after_the_other_are_the_whole() -> None:
    b, a, x = np.array([1.0, 0.5]), np.array([2.0, 0.3, -0.4]), rng.standard_normal((2, 9))
    first, state = of("lfilter")(b, a, x[:, :4], zi=np.zeros((2, 2)))
    second, _ = of("lfilter")(b, a, x[:, 4:], zi=state)
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), of("lfilter")(b, a, x))
    np.testing.assert_allclose(of("lfilter")(b, a, x.T, axis=0).T, of("lfilter")(b, a, x))


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "valid": (lambda: of("convolve")(np.ones((4, 2)), np.ones((2, 3)), mode="valid"), "larger along every axis"),
    "mode": (lambda: of("convolve")(A, B, mode="wide"), "mode='wide'"),
    "method": (lambda: of("convolve")(A, B, method="fft"), "method='fft'"),
    "axes": (lambda: of("convolve")(np.ones(3), A), r"shapes \(3,\) and \(3, 5\)"),
    "pairs": (lambda: of("convolve")(A, B, axes=([0], [0]), dot_axes=([0], [1])), "each axis once"),
    "empty": (lambda: of("convolve")(np.ones(3), np.ones(0)), "length 0"),
    "same, broadcast": (lambda: of("fftconvolve")(np.ones((1, 4)), np.ones((3, 2)), "same", [1]), "broadcast"),
    "a filter": (lambda: of("lfilter")(A, [1.0], B), "two vectors"),
    "a state": (lambda: of("lfilter")([1.0, 2.0], [1.0], np.ones(3), zi=np.ones(2)), "a state of 1"),
    "order": (lambda: of("map_coordinates")(A, np.ones((2, 3))), "order=3"),
    "map, mode": (lambda: of("map_coordinates")(A, np.ones((2, 3)), 1, "bounce"), "bounce"),
    "rows": (lambda: of("map_coordinates")(A, np.ones((3, 3)), 1), "one row for each"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused(name: str) -> None:
    call, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        call()


def test_a_coordinate_at_a_point_has_the_slope_to_its_right() -> None:
    from autograd import grad

    x = np.array([0.0, 1.0, 4.0])
    np.testing.assert_allclose(grad(lambda c: of("map_coordinates")(x, c, 1).sum())(np.array([[1.0]])), [[3.0]])
    assert np.isnan(of("map_coordinates")(x, np.array([[np.nan]]), 1, "nearest")).all()
