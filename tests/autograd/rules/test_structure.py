"""What the tests over the table cannot see: aliasing, lists that hold few tensors, exact inverses, errors."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from autograd import Tensor, check_grads, gradients
from autograd.rules.structure import add_at, overlap_add, scatter, set_at

on_tensors: Any = np  # NumPy's functions answer tensors with tensors, which its type stubs do not know


def leaf(data: Any, dtype: Any = np.float64) -> Tensor:
    return Tensor(np.asarray(data, dtype), requires_grad=True)


def gradient(f: Any, x: Any) -> Any:
    """The gradient of the sum of f(x)."""
    x = leaf(x)
    return gradients(f(x).sum(), x)


# --- Indexing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (1, [0, 1, 0, 0]),
        (-1, [0, 0, 0, 1]),
        (np.int64(2), [0, 0, 1, 0]),
        (slice(None, None, -2), [0, 1, 0, 1]),
        (None, [1, 1, 1, 1]),
        (..., [1, 1, 1, 1]),
        ((), [1, 1, 1, 1]),
        ([0, 0, 2], [2, 0, 1, 0]),
        (np.array([[0, -4], [3, 3]]), [2, 0, 0, 2]),
        (([1, -3, 1],), [0, 3, 0, 0]),
        ([True, False, True, False], [1, 0, 1, 0]),
        (np.array([False] * 4), [0, 0, 0, 0]),
        ([], [0, 0, 0, 0]),
        (np.array(3), [0, 0, 0, 1]),
        (np.array([1, 1], dtype=np.uint8), [0, 2, 0, 0]),
    ],
)
def test_every_kind_of_index_counts_how_often_it_selects(index: Any, expected: list[int]) -> None:
    np.testing.assert_array_equal(gradient(lambda t: t[index], np.arange(4.0)), expected)


def test_repeated_positions_along_two_axes_accumulate() -> None:
    x = np.zeros((2, 3))
    found = gradient(lambda t: t[[0, 0, 1], [1, 1, 2]], x)
    np.testing.assert_array_equal(found, [[0, 2, 0], [0, 0, 1]])
    found = gradient(lambda t: t[:, [0, 0, 2]], x)
    np.testing.assert_array_equal(found, [[2, 0, 1], [2, 0, 1]])


def test_parts_of_one_tensor_that_overlap_accumulate() -> None:
    np.testing.assert_array_equal(gradient(lambda t: t[:3] * t[1:], [1.0, 2.0, 3.0, 4.0]), [2, 4, 6, 3])
    np.testing.assert_array_equal(gradient(lambda t: on_tensors.concatenate([t, t[::-1], t]), np.ones(3)), [3, 3, 3])


def test_an_index_that_changes_later_does_not_change_the_gradient() -> None:
    x, index = leaf(np.ones(3)), np.array([0, 0])
    y = x[index].sum()
    index[:] = 2
    np.testing.assert_array_equal(gradients(y, x), [2, 0, 0])


def test_of_repeated_positions_the_last_value_is_set() -> None:
    x, value = leaf(np.zeros(3)), leaf([1.0, 2.0, 3.0])
    y = x.at[[0, 2, 0]].set(value)
    np.testing.assert_array_equal(y.data, [3, 0, 2])
    by_x, by_value = gradients(y.sum(), [x, value])
    np.testing.assert_array_equal(by_x, [0, 1, 0])
    np.testing.assert_array_equal(by_value, [0, 1, 1])


def test_values_that_were_replaced_silence_infinite_gradients() -> None:
    value = leaf([1.0, 2.0])
    y = leaf(np.zeros(2)).at[[1, 1]].set(value)
    np.testing.assert_array_equal(gradients(y, value, gradient=np.array([0.0, np.inf])), [0.0, np.inf])


def test_added_values_add_up_at_repeated_positions() -> None:
    value = leaf([1.0, 2.0, 3.0])
    y = leaf(np.zeros(3)).at[[0, 2, 0]].add(value)
    np.testing.assert_array_equal(y.data, [4, 0, 2])
    np.testing.assert_array_equal(gradients(y, value, gradient=np.array([5.0, 6.0, 7.0])), [5, 7, 5])
    np.testing.assert_array_equal(leaf(np.zeros(3)).at[1:].add(value[:2]).data, [0, 1, 2])
    np.testing.assert_array_equal(leaf([0.0]).at[np.zeros((2, 3), int)].add(value).data, [12])


def test_setting_and_adding_leave_their_arguments_alone() -> None:
    x, value = np.zeros(3), np.ones(2)
    for fun in (set_at, add_at):
        changed = fun(x, value, slice(0, 2))
        np.testing.assert_array_equal(changed, [1, 1, 0])
    np.testing.assert_array_equal(x, np.zeros(3))


def test_scatter_is_the_transpose_of_indexing() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4, 3))
    for index in [(slice(1, 3),), ([0, 0, 1], slice(None)), (x > 0,), (..., -1), (None, [[1], [1]], 2)]:
        part = x[index]
        g = rng.standard_normal(part.shape)
        np.testing.assert_allclose(np.vdot(g, part), np.vdot(scatter(g, index, x.shape), x), rtol=1e-13)


def test_take_in_each_mode_and_from_a_scalar_position() -> None:
    x = [[1.0, 2.0, 3.0]]
    np.testing.assert_array_equal(gradient(lambda t: on_tensors.take(t, [0, 4], axis=1, mode="wrap"), x), [[1, 1, 0]])
    np.testing.assert_array_equal(gradient(lambda t: on_tensors.take(t, [0, 4], axis=1, mode="clip"), x), [[1, 0, 1]])
    np.testing.assert_array_equal(gradient(lambda t: on_tensors.take(t, -1), x), [[0, 0, 1]])
    with pytest.raises(IndexError, match="out of bounds"):
        on_tensors.take(leaf(x), [0, 4], axis=1)


# --- Lists of tensors and arrays ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fun",
    [np.concatenate, np.stack, np.hstack, np.vstack, np.dstack, np.column_stack, np.block, np.broadcast_arrays],
)
@pytest.mark.parametrize("place", [0, 1])
def test_lists_may_hold_arrays_beside_one_tensor(fun: Any, place: int) -> None:
    arrays: list[Any] = [np.array([1.0, 2.0]), np.array([3.0, 4.0])]
    plain = fun(arrays) if fun is not np.broadcast_arrays else fun(*arrays)
    arrays[place] = x = leaf(arrays[place])
    y = fun(arrays) if fun is not np.broadcast_arrays else fun(*arrays)
    for part, expected in zip(y, plain) if isinstance(y, tuple) else [(y, plain)]:
        np.testing.assert_array_equal(getattr(part, "data", part), expected)
    y = y[place] if isinstance(y, tuple) else y
    np.testing.assert_array_equal(gradients(y.sum(), x), [1, 1])


def test_lists_may_hold_plain_lists_and_numbers_beside_tensors() -> None:
    x = leaf([1.0, 2.0])
    y = on_tensors.concatenate([[5.0], x, (6.0, 7.0)])
    np.testing.assert_array_equal(y.data, [5, 1, 2, 6, 7])
    np.testing.assert_array_equal(gradients(y, x, gradient=np.arange(5.0)), [1, 2])
    np.testing.assert_array_equal(on_tensors.stack([x[0], 3.0]).data, [1, 3])


def test_a_tensor_is_a_sequence_of_its_rows() -> None:
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    y = on_tensors.concatenate(x)
    np.testing.assert_array_equal(y.data, [1, 2, 3, 4])
    np.testing.assert_array_equal(gradients(y, x, gradient=np.arange(4.0)), [[0, 1], [2, 3]])


def test_pieces_that_overlap_accumulate() -> None:
    x = leaf(np.arange(4.0))
    pieces = on_tensors.split(x, [3, 1])
    assert [p.data.tolist() for p in pieces] == [p.tolist() for p in np.split(np.arange(4.0), [3, 1])]
    np.testing.assert_array_equal(gradients(sum(p.sum() for p in pieces), x), [1, 2, 2, 1])


def test_uneven_splits_are_refused_as_in_numpy() -> None:
    with pytest.raises(ValueError, match="equal division"):
        on_tensors.split(leaf(np.ones(5)), 2)
    assert [p.shape for p in on_tensors.array_split(leaf(np.ones(5)), 2)] == [(3,), (2,)]


def test_join_names_the_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 3\) and shape \(2,\)"):
        on_tensors.concatenate([leaf(np.ones((2, 3))), np.ones(2)])
    with pytest.raises(ValueError, match=r"\(2,\) and shape \(3,\)"):
        on_tensors.stack([leaf(np.ones(2)), np.ones(3)])


def test_insert_moves_the_elements_as_numpy_does() -> None:
    x, value = leaf([[1.0, 2.0], [3.0, 4.0]]), leaf([8.0, 9.0])
    y = on_tensors.insert(x, 1, value, axis=1)
    np.testing.assert_array_equal(y.data, np.insert(x.data, 1, value.data, axis=1))
    by_x, by_value = gradients(y, [x, value], gradient=np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(by_x, [[0, 2], [3, 5]])
    np.testing.assert_array_equal(by_value, [1, 4])
    assert on_tensors.insert(leaf([1.0], np.float32), 0, 7).dtype == np.float32


# --- Layout ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fun", [np.ravel, np.copy, np.real, np.squeeze, lambda t: np.reshape(t, (3, -1))])
def test_gradients_share_no_memory_with_their_seed(fun: Any) -> None:
    x, seed = leaf(np.ones((3, 2))), np.ones((3, 2))
    y = fun(x)
    g = gradients(y, x, gradient=seed.reshape(y.shape))
    assert not np.shares_memory(g, seed)
    assert not np.shares_memory(y.data, x.data)


def test_the_order_of_axes_may_be_a_list_or_an_array() -> None:
    x = np.arange(6.0).reshape(1, 2, 3)
    for axes in [(1, -1, 0), [1, 2, 0], np.array([1, 2, 0])]:
        t = leaf(x)
        y = on_tensors.transpose(t, axes)
        np.testing.assert_array_equal(gradients(y, t, gradient=np.transpose(x, (1, 2, 0))), x)


def test_repeated_elements_sum_up() -> None:
    np.testing.assert_array_equal(gradient(lambda t: np.tile(t, (2, 2)), [[1.0], [2.0]]), [[4], [4]])
    np.testing.assert_array_equal(gradient(lambda t: t.repeat([1, 0, 3]), np.ones(3)), [1, 0, 3])
    np.testing.assert_array_equal(gradient(lambda t: np.broadcast_to(t, (5, 1, 2)), [[1.0, 2.0]]), [[5, 5]])
    np.testing.assert_array_equal(gradient(lambda t: np.resize(t, 5), np.ones(2)), [3, 2])
    np.testing.assert_array_equal(gradient(lambda t: np.pad(t, (2, 3), "edge"), np.ones(2)), [3, 4])


def test_one_vector_in_many_triangles() -> None:
    np.testing.assert_array_equal(gradient(np.triu, np.ones(3)), [1, 2, 3])
    np.testing.assert_array_equal(gradient(np.tril, np.ones(3)), [3, 2, 1])


def test_a_full_array_differentiates_by_what_fills_it() -> None:
    x, fill = leaf(np.ones((2, 3))), leaf([1.0, 2.0, 3.0])
    y = on_tensors.full_like(x, fill)
    by_x, by_fill = gradients(y.sum(), [x, fill])
    np.testing.assert_array_equal(by_x, np.zeros((2, 3)))
    np.testing.assert_array_equal(by_fill, [2, 2, 2])


def test_shapes_and_positions_are_plain() -> None:
    x = leaf([[3.0, 0.0], [1.0, 2.0]])
    assert np.shape(x) == (2, 2)
    assert np.ndim(x) == 2
    assert np.size(x) == 4
    np.testing.assert_array_equal(np.argsort(x, axis=None), [1, 2, 3, 0])
    np.testing.assert_array_equal(np.argwhere(x), [[0, 0], [1, 0], [1, 1]])
    assert type(np.zeros_like(x)) is np.ndarray


# --- Order and windows -------------------------------------------------------------------------------------------


def test_sorting_gives_each_gradient_back_to_its_element() -> None:
    x = leaf([3.0, 1.0, 2.0, 1.0])
    y = np.sort(x)
    np.testing.assert_array_equal(y.data, [1, 1, 2, 3])
    np.testing.assert_array_equal(gradients(y, x, gradient=np.array([1.0, 2.0, 3.0, 4.0])), [4, 1, 3, 2])
    np.testing.assert_array_equal(gradient(lambda t: np.partition(t, 1)[:2], x.data), [0, 1, 0, 1])


def test_unique_differentiates_by_one_of_the_equal_elements() -> None:
    x = leaf([3.0, np.nan, 1.0, 3.0, np.nan])
    y = on_tensors.unique(x)
    np.testing.assert_array_equal(y.data, np.unique(x.data))
    found = gradients(y, x, gradient=np.array([1.0, 10.0, 100.0]))
    assert found[2] == 1
    assert sorted(found[[0, 3]]) == [0, 10]
    assert sorted(found[[1, 4]]) == [0, 100]


def test_windows_count_how_often_they_see_an_element() -> None:
    x = np.zeros((4, 3))
    found = gradient(lambda t: sliding_window_view(t, (3, 2)), x)
    np.testing.assert_array_equal(found, np.outer([1, 2, 2, 1], [1, 2, 1]))
    found = gradient(lambda t: sliding_window_view(t, (2, 2), axis=(0, 0)), x)
    np.testing.assert_array_equal(found, np.outer([1, 3, 3, 1], [1, 1, 1]))


def test_a_convolution_by_windows_can_be_differentiated_twice() -> None:
    rng = np.random.default_rng(0)
    image, kernel = rng.standard_normal((5, 4)), rng.standard_normal((2, 3))
    check_grads(lambda x, w: (sliding_window_view(x, (2, 3)) * w).sum((2, 3)) ** 2, image, kernel)
    view = sliding_window_view(image, (2, 3))
    g = rng.standard_normal(view.shape)
    np.testing.assert_allclose(np.vdot(overlap_add(g, image.shape, (2, 3)), image), np.vdot(g, view), rtol=1e-13)


def test_interp_is_flat_outside_and_differentiates_by_the_points() -> None:
    x, xp, fp = leaf([-1.0, 0.25, 9.0]), leaf([0.0, 1.0, 3.0]), leaf([2.0, 4.0, 0.0])
    y = on_tensors.interp(x, xp, fp)
    np.testing.assert_array_equal(y.data, [2.0, 2.5, 0.0])
    by_x, by_fp = gradients(y.sum(), [x, fp])
    np.testing.assert_array_equal(by_x, [0, 2, 0])
    np.testing.assert_array_equal(by_fp, [1.75, 0.25, 1])


def test_layout_follows_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional second oracle")
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((3, 4)), rng.standard_normal((2, 4, 3))
    theirs = torch.tensor(x, requires_grad=True)
    y = torch.stack([torch.flip(theirs, (0,)).T, torch.roll(theirs, (1, -2), (0, 1)).sort(0).values.T])
    (torch.cat([y, y[:, [0, 0, 3, 1]]], 0)[::2] * torch.tensor(w)).sum().backward()
    ours = leaf(x)
    z = on_tensors.stack([np.flip(ours, 0).T, np.sort(np.roll(ours, (1, -2), (0, 1)), axis=0).T])
    found = gradients((on_tensors.concatenate([z, z[:, [0, 0, 3, 1]]])[::2] * w).sum(), ours)
    np.testing.assert_allclose(found, theirs.grad.numpy(), rtol=1e-13)


# --- Errors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.reshape(t, (4, 2)), r"np.reshape of shape \(2, 3\)"),
        (lambda t: np.squeeze(t, axis=1), r"np.squeeze of shape \(2, 3\)"),
        (lambda t: np.sort(t, axis=2), "axis 2 is out of bounds"),
        (lambda t: np.take(t, [0], axis=2), "axis 2 is out of bounds"),
        (lambda t: np.split(t, 1, axis=2), "axis 2 is out of bounds"),
        (lambda t: np.diff(t, axis=2), "axis 2 is out of bounds"),
        (lambda t: np.diff(t, n=-1), "not negative, got -1"),
        (lambda t: np.gradient(t, axis=2), "axis 2 is out of bounds"),
        (lambda t: np.gradient(t[:1], axis=0), "along an axis of size 1"),
        (lambda t: np.pad(t, 1, mode="mean"), "constant, edge, reflect, symmetric or wrap, not 'mean'"),
        (lambda t: np.reshape(t, (3, 2), order="A"), "order='A' depends on how the numbers lie in memory"),
        (lambda t: t.ravel("K"), "order='K'"),
        (lambda t: np.diag(t[None]), r"not an array of shape \(1, 2, 3\)"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(leaf(np.ones((2, 3))))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.pad(t, 1, mode="reflect", reflect_type="odd"), "reflect_type"),
        (lambda t: np.unique(t, return_counts=True), "return_counts"),
        (lambda t: np.take(t, [0], out=np.empty(1)), "out"),
        (lambda t: np.take_along_axis(np.ones((2, 3)), t, axis=0), "not a node"),
        (lambda t: np.gradient(t, 1.0, 1.0, 1.0), "3 spacings do not fit 2 axes"),
        (lambda t: np.fill_diagonal(t, 0.0), "np.fill_diagonal has no derivative"),
        (lambda t: operator.setitem(t, 0, 1.0), r"at\[index\]"),
    ],
)
def test_what_has_no_derivative_is_refused(call: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call(leaf(np.ones((2, 3))))


@pytest.mark.parametrize("index", [3, [0, -4], (0, 0), np.array([True]), leaf([0.0])], ids=str)
def test_positions_outside_are_refused(index: Any) -> None:
    with pytest.raises(IndexError):
        leaf(np.ones(3))[index]
