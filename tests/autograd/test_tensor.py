"""Tensor: what it is made of, how it behaves like an array, and how it does not."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, check_grads


def leaf(data: Any, **kwargs: Any) -> Tensor:
    return Tensor(data, requires_grad=True, **kwargs)


class TestConstruction:
    @pytest.mark.parametrize(
        ("data", "dtype"),
        [
            (3, np.float64),
            ([1, 2], np.float64),
            (True, np.float64),
            (np.ones(2, np.int8), np.float64),
            (np.ones(2, bool), np.float64),
            ([], np.float64),
            (np.ones(2, np.float32), np.float32),
            (np.float32(1), np.float32),
            (np.ones(2, np.float16), np.float16),
        ],
    )
    def test_integers_become_float64_and_floats_stay(self, data: Any, dtype: Any) -> None:
        t = Tensor(data)
        assert t.dtype == dtype
        np.testing.assert_array_equal(t.data, data)

    def test_dtype_says_otherwise(self) -> None:
        assert Tensor([1, 2], dtype=np.float32).dtype == np.float32
        assert Tensor(np.ones(2, np.float32), dtype=float).dtype == np.float64
        for dtype in (int, np.int32, bool, complex, object):
            with pytest.raises(TypeError, match=r"floating-point.*does not fit"):
                Tensor([1, 2], dtype=dtype)

    @pytest.mark.parametrize("data", [1j, np.ones(2, complex), "abc", [None], [autograd.Value(1.0)]])
    def test_what_is_no_real_number_is_refused(self, data: Any) -> None:
        with pytest.raises(TypeError, match="real numbers"):
            Tensor(data)

    def test_ragged_lists_are_refused(self) -> None:
        with pytest.raises(ValueError, match="inhomogeneous"):
            Tensor([[1.0], [1.0, 2.0]])

    @pytest.mark.parametrize("flag", [1, 0, "yes", None, np.float32])
    def test_requires_grad_is_a_boolean(self, flag: Any) -> None:
        with pytest.raises(TypeError, match="requires_grad is True or False, not"):
            Tensor([1.0], flag)
        t = Tensor([1.0])
        with pytest.raises(TypeError, match="requires_grad is True or False, not"):
            t.requires_grad = flag
        assert t.requires_grad is False

    def test_the_data_are_copied(self) -> None:
        array = np.ones(3)
        t = leaf(array)
        array[:] = 7.0
        np.testing.assert_array_equal(t.data, np.ones(3))

    def test_a_tensor_that_requires_a_gradient_is_not_copied_unseen(self) -> None:
        with pytest.raises(TypeError, match=r"\.data"):
            Tensor(leaf([1.0]))

    def test_attributes(self) -> None:
        t = leaf(np.ones((2, 3), np.float32), name="w")
        assert (t.shape, t.ndim, t.size, len(t), t.dtype, t.name) == ((2, 3), 2, 6, 2, np.float32, "w")
        assert t.is_leaf
        assert t.grad is None
        assert Tensor(1.0).requires_grad is False


class TestLikeAnArray:
    x = np.arange(12.0).reshape(3, 4)

    @pytest.mark.parametrize(
        "index",
        [
            0,
            -1,
            np.int64(1),
            (1, 2),
            slice(None, None, -2),
            (..., 0),
            (None, 1),
            (slice(1, None), None, ...),
            [0, 2, 0],
            ([0, 1], [1, 1]),
            ([0, 0], slice(None)),
            np.array([[0, 1], [2, 2]]),
            np.arange(12).reshape(3, 4) % 2 == 0,
            (np.array([True, False, True]), 1),
            [],
            (),
            ...,
            np.bool_(True),
        ],
        ids=str,
    )
    def test_indexing_of_every_kind(self, index: Any) -> None:
        y = leaf(self.x)[index]
        np.testing.assert_array_equal(y.data, self.x[index])
        check_grads(lambda t: t[index] * 2, self.x)

    def test_iteration_len_and_membership(self) -> None:
        t = leaf(self.x)
        rows = list(t)
        assert len(t) == len(rows) == 3
        for row, expected in zip(rows, self.x):
            assert isinstance(row, Tensor)
            assert row.requires_grad
            np.testing.assert_array_equal(row.data, expected)
        first, *_ = t
        (first * first).sum().backward()
        np.testing.assert_array_equal(t.grad, [[0.0, 2.0, 4.0, 6.0], [0.0] * 4, [0.0] * 4])
        assert 11.0 in t
        assert 12.0 not in t
        for call in (len, iter, list):
            with pytest.raises(TypeError, match="unsized"):
                call(leaf(1.0))

    @pytest.mark.parametrize(
        ("method", "args", "kwargs"),
        [
            ("sum", (), {}),
            ("sum", (0,), {"keepdims": True}),
            ("sum", ((0, -1),), {}),
            ("sum", ((),), {}),
            ("mean", (), {}),
            ("mean", (-1,), {}),
            ("var", (), {"ddof": 1}),
            ("std", (1,), {}),
            ("prod", (0,), {}),
            ("max", (), {}),
            ("max", (1,), {"keepdims": True}),
            ("min", (0,), {}),
            ("cumsum", (), {}),
            ("cumsum", (1,), {}),
            ("cumprod", (0,), {}),
            ("trace", (), {"offset": 1}),
            ("dot", (np.ones((4, 2)),), {}),
            ("transpose", (), {}),
            ("transpose", (1, 0), {}),
            ("transpose", ((1, 0),), {}),
            ("swapaxes", (0, -1), {}),
            ("reshape", (2, 6), {}),
            ("reshape", ((4, -1),), {}),
            ("ravel", (), {}),
            ("flatten", (), {}),
            ("squeeze", (), {}),
            ("repeat", (2,), {"axis": 1}),
            ("repeat", ([1, 0, 2],), {"axis": 0}),
            ("take", ([2, 0, 2],), {"axis": 1}),
            ("diagonal", (), {"offset": -1}),
            ("clip", (2.5, 7.5), {}),
            ("clip", (), {"max": 7.5}),
            ("round", (), {}),
        ],
        ids=str,
    )
    def test_methods_are_those_of_arrays(self, method: str, args: Any, kwargs: Any) -> None:
        x = self.x[:, ::-1] + 1.2
        y = getattr(leaf(x), method)(*args, **kwargs)
        assert isinstance(y, Tensor)
        np.testing.assert_allclose(y.data, getattr(x, method)(*args, **kwargs), rtol=1e-14)
        check_grads(lambda t: getattr(t, method)(*args, **kwargs), x)

    def test_sort_gives_a_sorted_copy(self) -> None:
        t = leaf(self.x[::-1])
        np.testing.assert_array_equal(t.sort(axis=0).data, self.x)
        np.testing.assert_array_equal(t.data, self.x[::-1])
        check_grads(lambda t: t.sort() * 2 + t.sort(axis=0), self.x[::-1, ::-1])

    def test_transposes(self) -> None:
        x = np.arange(24.0).reshape(2, 3, 4)
        np.testing.assert_array_equal(leaf(x).T.data, x.T)
        np.testing.assert_array_equal(leaf(x).mT.data, x.mT)
        check_grads(lambda t: t.T * t.mT.swapaxes(0, 1).mT, x)

    def test_positions_are_plain_integers(self) -> None:
        t = leaf(self.x)
        assert t.argmax() == 11
        assert t.argmin() == 0
        np.testing.assert_array_equal(t.argmax(axis=0), [2, 2, 2, 2])
        np.testing.assert_array_equal(np.argmin(t, axis=1, keepdims=True), np.zeros((3, 1)))

    def test_astype_gives_the_gradient_back_in_the_dtype_of_the_leaf(self) -> None:
        t = leaf(np.ones(2, np.float32))
        y = t.astype(np.float64)
        assert y.dtype == np.float64
        (y * y).sum().backward()
        assert t.grad.dtype == np.float32
        with pytest.raises(TypeError, match="floating-point"):
            t.astype(complex)
        for dtype in (int, bool, np.uint8):  # no derivative: plain numbers, as NumPy's
            assert type(t.astype(dtype)) is np.ndarray
            assert t.astype(dtype).dtype == dtype

    def test_item_and_tolist(self) -> None:
        assert leaf([[2.5]]).item() == 2.5
        assert type((leaf(2.0) * 2).item()) is float
        assert leaf([[1.0], [2.0]]).tolist() == [[1.0], [2.0]]


class TestConversion:
    def test_plain_arrays_are_not_made_of_tensors_that_require_a_gradient(self) -> None:
        t = leaf([1.0, 2.0])
        for call in (
            np.asarray,
            np.array,
            lambda t: np.array([t, t]),
            lambda t: np.array([t.sum(), t.sum()]),
            lambda t: np.asarray(t * 2),
            lambda t: np.zeros(2).__setitem__(..., t),
            lambda t: np.random.default_rng(0).normal(t),
            lambda t: np.ones(2).dot(t),
            lambda t: np.ones(2).tolist().__class__(np.asarray(t)),
        ):
            with pytest.raises(TypeError, match=r"would lose the gradient"):
                call(t)

    def test_others_are_copied(self) -> None:
        t = Tensor([1.0, 2.0])
        array = np.asarray(t)
        array[...] = 0.0
        np.testing.assert_array_equal(t.data, [1.0, 2.0])
        assert np.asarray(t, dtype=np.float32).dtype == np.float32


class TestErrors:
    @pytest.mark.parametrize(
        ("call", "kind", "complaint"),
        [
            (lambda t: t + np.ones(2), ValueError, r"np\.add of shape \(3,\) and shape \(2,\)"),
            (lambda t: np.ones(2) * t, ValueError, r"np\.multiply of shape \(2,\) and shape \(3,\)"),
            (lambda t: t @ np.ones((2, 2)), ValueError, r"np\.matmul of shape \(3,\) and shape \(2, 2\)"),
            (lambda t: t @ 2.0, ValueError, r"np\.matmul of shape \(3,\)"),
            (lambda t: t.reshape(2, 2), ValueError, r"np\.reshape of shape \(3,\)"),
            (lambda t: t.sum(axis=1), ValueError, r"np\.sum of shape \(3,\).*axis 1"),
            (lambda t: t[5], IndexError, "index 5 .* size 3"),
            (lambda t: t + "a", TypeError, r"np\.add of shape \(3,\) and str"),
            (lambda t: t * None, TypeError, r"np\.multiply of shape \(3,\) and NoneType"),
            (lambda t: t * 1j, TypeError, r"np\.multiply gave complex128.*real"),
        ],
        ids=lambda x: x if isinstance(x, str) else "",
    )
    def test_they_name_the_operation_and_the_shapes(self, call: Any, kind: type[Exception], complaint: str) -> None:
        with pytest.raises(kind, match=complaint):
            call(leaf([1.0, 2.0, 3.0]))

    def test_a_function_must_give_an_array(self) -> None:
        @autograd.primitive
        def total(x: Any) -> Any:
            return float(np.sum(x))

        autograd.pullbacks(total, lambda g, y, x: g * np.ones(x.shape))
        try:
            with pytest.raises(TypeError, match="total gave float; a Tensor holds arrays"):
                total(leaf([1.0]))
        finally:
            del autograd.table.RULES[total]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_leaves_can_be_copied_and_results_cannot(duplicate: Any) -> None:
    t = leaf(np.ones(2, np.float32), name="w")
    other = duplicate(t)
    other.data[...] = 7.0
    assert (other.dtype, other.requires_grad, other.name, type(other)) == (np.float32, True, "w", Tensor)
    np.testing.assert_array_equal(t.data, [1.0, 1.0])
    with pytest.raises(TypeError, match=r"np\.multiply.*detach"):
        duplicate(t * 2)


def test_repr_tells_leaves_from_results() -> None:
    assert repr(Tensor([1, 2])) == "Tensor([1., 2.])"
    assert repr(leaf([1.0], name="w")) == "Tensor([1.], requires_grad=True, name='w')"
    assert repr(leaf([1.0]) * 2) == "Tensor([2.], fun=np.multiply)"
    assert repr(Tensor(np.float32(1))) == "Tensor(1., dtype=float32)"
    assert repr(autograd.sigmoid(leaf(0.0))) == "Tensor(0.5, fun=autograd.sigmoid)"
