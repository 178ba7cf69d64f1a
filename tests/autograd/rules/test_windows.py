"""Windows: which numbers they hold, and that they add up where they overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from autograd import Tensor, overlap, windows

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (3, 2)])
def test_windows_are_numpys_with_the_positions_last(stride: tuple[int, int]) -> None:
    x = RNG.standard_normal((2, 3, 6, 7))
    seen = sliding_window_view(x, (2, 3), axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
    np.testing.assert_array_equal(windows(x, (2, 3), stride), seen.transpose(0, 1, 4, 5, 2, 3))


@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (3, 2)])
@pytest.mark.parametrize("dilation", [(1, 1), (2, 3), (5, 1)])
def test_the_numbers_of_a_dilated_window_are_apart(stride: tuple[int, int], dilation: tuple[int, int]) -> None:
    x = RNG.standard_normal((2, 3, 6, 7))
    rows, columns = range(0, 6 - dilation[0], stride[0]), range(0, 7 - 2 * dilation[1], stride[1])
    seen = [[x[:, :, i : i + dilation[0] + 1 : dilation[0], j : j + 2 * dilation[1] + 1 : dilation[1]]
             for j in columns] for i in rows]  # fmt: skip
    np.testing.assert_array_equal(windows(x, (2, 3), stride, dilation), np.moveaxis(np.array(seen), (0, 1), (-2, -1)))


def test_windows_are_a_new_array() -> None:
    x = np.arange(4.0)
    assert not np.shares_memory(windows(x, (1,), (1,)), x)


def test_a_number_gets_the_gradient_of_every_window_that_holds_it() -> None:
    x = Tensor(np.zeros(5), requires_grad=True)
    windows(x, (3,), (1,)).sum().backward()
    np.testing.assert_array_equal(x.grad, [1, 2, 3, 2, 1])


def test_numbers_that_no_window_holds_have_the_gradient_0() -> None:
    x = Tensor(np.zeros((1, 6)), requires_grad=True)
    windows(x, (2,), (3,)).sum().backward()
    np.testing.assert_array_equal(x.grad, [[1, 1, 0, 1, 1, 0]])


def test_overlap_is_the_transpose_of_windows() -> None:
    x: Any = RNG.standard_normal((2, 5, 6))
    g: Any = RNG.standard_normal(windows(x, (2, 3), (2, 1)).shape)
    assert np.vdot(windows(x, (2, 3), (2, 1)), g) == pytest.approx(np.vdot(x, overlap(g, x.shape, (2, 1))), rel=1e-13)


def test_overlap_is_the_transpose_of_dilated_windows() -> None:
    x: Any = RNG.standard_normal((2, 9, 8))
    how = (2, 3), (3, 2)
    g: Any = RNG.standard_normal(windows(x, (2, 3), *how).shape)
    assert np.vdot(windows(x, (2, 3), *how), g) == pytest.approx(np.vdot(x, overlap(g, x.shape, *how)), rel=1e-13)


def test_a_window_larger_than_the_array_is_refused() -> None:
    with pytest.raises(ValueError, match=r"windows of shape \(2,\).*window shape cannot be larger than input"):
        windows(Tensor([1.0, 2.0], requires_grad=True), (3,), (1,))


def test_any_windows_of_any_array() -> None:
    rng = np.random.default_rng(0)
    for trial in range(200):
        k, lead = int(rng.integers(1, 4)), int(rng.integers(0, 3))
        shape = tuple(rng.integers(1, 6, lead + k).tolist())
        dtype = [np.float16, np.float32, np.float64, np.longdouble, np.int8][trial % 5]
        x: Any = rng.integers(-99, 99, (*shape, 2)).astype(dtype)[..., trial % 2]  # its rows have gaps
        x = [x, x.copy(), np.asfortranarray(x), x[::-1], np.broadcast_to(x[..., :1], shape)][trial // 5 % 5]
        size, stride, dilation = rng.integers(1, 4, (3, k)).tolist()
        reach = [d * (n - 1) + 1 for n, d in zip(size, dilation, strict=True)]
        ends = shape[lead:]
        if any(r > n for r, n in zip(reach, ends, strict=True)):
            with pytest.raises(ValueError, match="larger than input"):
                windows(x, tuple(size), tuple(stride), tuple(dilation))
            continue
        positions = [(n - r) // s + 1 for n, r, s in zip(ends, reach, stride, strict=True)]
        expected = np.empty((*shape[:lead], *size, *positions), dtype)
        for offset in np.ndindex(*size):
            for place in np.ndindex(*positions):
                seen = [s * p + d * i for s, p, d, i in zip(stride, place, dilation, offset, strict=True)]
                expected[(..., *offset, *place)] = x[(..., *seen)]
        of_numpy = [tuple(map(np.int64, each)) for each in (size, stride, dilation)]
        for found in (windows(x, tuple(size), tuple(stride), tuple(dilation)), windows(x, *of_numpy)):
            np.testing.assert_array_equal(found, expected, strict=True)
            assert found.flags.writeable
            assert not np.shares_memory(found, x)
        back = np.zeros(shape)
        for offset in np.ndindex(*size):
            for place in np.ndindex(*positions):
                seen = [s * p + d * i for s, p, d, i in zip(stride, place, dilation, offset, strict=True)]
                back[(..., *seen)] += expected[(..., *offset, *place)]
        given = expected.astype(np.float64)
        np.testing.assert_array_equal(overlap(given, shape, tuple(stride), tuple(dilation)), back)


def test_windows_that_fill_a_part_of_the_sum_have_its_gradient_there() -> None:
    for positions in (1, 2, 7):
        seen = Tensor(np.ones((3, positions)), requires_grad=True)
        (overlap(seen, (9,), (1,)) * np.arange(9.0)).sum().backward()
        np.testing.assert_array_equal(seen.grad, np.arange(3.0)[:, None] + np.arange(positions))


@pytest.mark.parametrize(
    ("size", "how"),
    [
        ((2, 2), ((1,),)),
        ((2, 2), ((1, 1, 1),)),
        ((2,), ((1, 1),)),
        ((2, 2), ((1, 1), (1,))),
        ((2, 2), ((1, 1), ())),
        ((2, 0), ((1, 1),)),
        ((2, 2), ((0, 1),)),
        ((2, 2), ((1, -1),)),
        ((2, 2), ((1, 1), (1, 0))),
    ],
)
def test_sizes_and_steps_that_are_not_those_of_the_axes_are_refused(size: Any, how: Any) -> None:
    with pytest.raises(ValueError, match="windows have one size, one stride and one dilation for each axis"):
        windows(np.zeros((4, 4)), size, *how)


@pytest.mark.parametrize(
    ("seen", "shape", "stride"),
    [((3, 1), (2,), 1), ((2, 3), (4,), 2), ((3, 2), (4, 4), 1), ((4, 3, 2), (4,), 1), ((1, 3, 2), (5, 4), 1)],
)
def test_windows_that_do_not_lie_in_the_sum_are_refused(seen: Any, shape: Any, stride: int) -> None:
    with pytest.raises(ValueError, match=r"those of shape .*, their numbers \(1,\) and they .* apart, do not lie in"):
        overlap(np.ones(seen), shape, (stride,))


def test_lists_have_windows() -> None:
    np.testing.assert_array_equal(windows([1, 2, 3], (2,), (1,)), [[1, 2], [2, 3]])
    np.testing.assert_array_equal(overlap([[1, 2], [2, 3]], (3,), (1,)), [1, 4, 3])


def test_a_number_for_all_axes_is_refused() -> None:
    x, seen = Tensor(np.zeros((4, 4)), requires_grad=True), np.zeros((2, 2))
    for call in (
        lambda: windows(x, 3, (1, 1)),  # type: ignore[arg-type]
        lambda: windows(x, (3, 3), 1),  # type: ignore[arg-type]
        lambda: windows(x, (3, 3), (1, 1), 2),  # type: ignore[arg-type]
        lambda: overlap(seen, 3, (1,)),  # type: ignore[arg-type]
        lambda: overlap(seen, (3,), 1),  # type: ignore[arg-type]
    ):
        with pytest.raises(
            TypeError, match=r"(size|stride|dilation|shape) holds one integer for each axis, as \(3, 3\)"
        ):
            call()
