"""The numbers of a tensor: who may change them, and that no graph notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, check_grads


def leaf(data: Any, **kwargs: Any) -> Tensor:
    return Tensor(data, requires_grad=True, **kwargs)


WRITES: dict[str, Callable[[Tensor], Any]] = {
    "p.data -= step": lambda p: setattr(p, "data", p.data.__isub__(np.ones(3))),
    "p.data = array": lambda p: setattr(p, "data", np.zeros(3)),
    "p.data = list": lambda p: setattr(p, "data", [0.0, 0.0, 0.0]),
    "p.data[...] = number": lambda p: p.data.__setitem__(..., 0.0),
    "p.data[0] = number": lambda p: p.data.__setitem__(0, 9.0),
    "p.data[1:] += number": lambda p: p.data[1:].__iadd__(5.0),
    "p.data.T.reshape(3, 1)[...]": lambda p: p.data.T.reshape(3, 1).__setitem__(..., 0.0),
    "p.data.fill": lambda p: p.data.fill(0.0),
    "np.copyto": lambda p: np.copyto(p.data, np.zeros(3)),
    "out=p.data": lambda p: np.multiply(p.data, 2.0, out=p.data),
    "p.assign": lambda p: p.assign(np.zeros(3)),
}


HANDLES: dict[str, Callable[[np.ndarray[Any, Any]], Any]] = {
    "d[...] = 0": lambda d: d.__setitem__(..., 0.0),
    "d -= 1": lambda d: d.__isub__(1.0),
    "d[1:] view": lambda d: d[1:].__setitem__(..., 0.0),
    "d.reshape view": lambda d: d.reshape(3, 1).__setitem__(0, 0.0),
    "d.sort": lambda d: d[::-1].sort(),
}


GRAPHS: dict[str, tuple[Callable[[Tensor], Any], Any]] = {  # functions of p, and their gradients at [1, 2, 3]
    "p * p * p": (lambda p: p * p * p, [3.0, 12.0, 27.0]),
    "exp keeps its result": (lambda p: np.exp(p), np.exp([1.0, 2.0, 3.0])),
    "views": (lambda p: p.reshape(3, 1).T[0] * p[::-1], [6.0, 4.0, 2.0]),
    "detach": (lambda p: p * p.detach(), [1.0, 2.0, 3.0]),
    "numpy": (lambda p: p * p.numpy(), [1.0, 2.0, 3.0]),
    "data": (lambda p: p * p.data, [1.0, 2.0, 3.0]),
    "where": (lambda p: np.where(p > 1.5, p * p, p), [1.0, 4.0, 6.0]),
}


class TestChangingLeaves:
    @pytest.mark.parametrize("graph", GRAPHS)
    @pytest.mark.parametrize("write", WRITES)
    def test_a_graph_made_before_keeps_its_numbers(self, write: str, graph: str) -> None:
        f, gradient = GRAPHS[graph]
        p = leaf([1.0, 2.0, 3.0])
        y = f(p)
        before = np.array(y.data)
        WRITES[write](p)
        assert not np.array_equal(p.data, [1.0, 2.0, 3.0])
        np.testing.assert_array_equal(y.data, before)
        y.sum().backward()
        np.testing.assert_array_equal(p.grad, gradient)

    @pytest.mark.parametrize("graph", GRAPHS)
    @pytest.mark.parametrize("write", HANDLES)
    def test_also_when_the_array_was_taken_before_the_forward_pass(self, write: str, graph: str) -> None:
        f, gradient = GRAPHS[graph]
        p = leaf([1.0, 2.0, 3.0])
        handle = p.data
        y = f(p)
        before = np.array(y.data)
        HANDLES[write](handle)
        np.testing.assert_array_equal(p.data, handle)  # it is the leaf's own array
        np.testing.assert_array_equal(y.data, before)
        y.sum().backward()
        np.testing.assert_array_equal(p.grad, gradient)
        p.grad = None
        f(p).sum().backward()  # the next forward pass sees the new numbers
        assert not np.array_equal(p.grad, gradient) or graph == "where"

    def test_a_view_taken_before_the_forward_pass(self) -> None:
        p = leaf([1.0, 2.0, 3.0])
        view = p.data[1:]
        y = (p * p).sum()
        view[:] = 100.0
        y.backward()
        np.testing.assert_array_equal(p.data, [1.0, 100.0, 100.0])
        np.testing.assert_array_equal(p.grad, [2.0, 4.0, 6.0])

    def test_tensors_made_without_recording_do_not_follow_either(self) -> None:
        p = Tensor([1.0, 2.0, 3.0])
        views = [p.T, p[1:], p.reshape(3, 1), p.detach(), +p]
        before = [np.array(v.data) for v in views]
        p.data[...] = 0.0
        views[0].data[...] = 5.0
        for view, numbers in zip(views[1:], before[1:]):
            np.testing.assert_array_equal(view.data, numbers)
        np.testing.assert_array_equal(p.data, np.zeros(3))

    def test_an_update_in_place_keeps_the_array(self) -> None:
        p = leaf([1.0, 2.0])
        handle = p.data
        p.data -= 1.0
        assert p.data is handle

    def test_new_data_are_copied_and_keep_shape_and_dtype(self) -> None:
        p = leaf(np.ones(3, np.float32))
        array = np.arange(3.0)
        p.data = array
        array[:] = 9.0
        assert p.dtype == np.float32
        np.testing.assert_array_equal(p.data, [0.0, 1.0, 2.0])
        for wrong in (np.ones(4), 1.0, np.ones((1, 3))):
            with pytest.raises(ValueError, match=r"shape .* cannot replace data of shape \(3,\)"):
                p.data = wrong
        np.testing.assert_array_equal(p.data, [0.0, 1.0, 2.0])

    def test_assign_takes_the_array_over(self) -> None:
        p, array = leaf(np.ones(3)), np.arange(3.0)
        p.assign(array)
        assert np.shares_memory(p.numpy(), array)
        p.assign(np.ones(3, np.float32))
        assert p.dtype == np.float64
        with pytest.raises(ValueError, match=r"shape \(2,\) cannot replace data of shape \(3,\)"):
            p.assign(np.ones(2))

    def test_results_are_read_only(self) -> None:
        y = leaf([1.0, 2.0]) * 2
        for array in (y.data, y.numpy()):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1.0
        with pytest.raises(RuntimeError, match=r"np\.multiply cannot be changed.*detach"):
            y.data = np.zeros(2)
        with pytest.raises((RuntimeError, ValueError)):
            y.data += 1.0
        with pytest.raises(RuntimeError, match=r"np\.multiply cannot be changed"):
            y.assign(np.zeros(2))
        np.testing.assert_array_equal(y.data, [2.0, 4.0])

    def test_numpy_is_a_read_only_view(self) -> None:
        p = leaf([1.0, 2.0])
        assert np.shares_memory(p.numpy(), p.numpy())
        handle = p.data
        assert np.shares_memory(p.numpy(), handle)
        assert not p.numpy().flags.writeable

    def test_detach(self) -> None:
        p = leaf([1.0, 2.0], name="p")
        q = (p * 2).detach()
        assert q.is_leaf
        assert not q.requires_grad
        q.data[...] = 7.0
        np.testing.assert_array_equal((p * 2).data, [2.0, 4.0])


class TestImmutability:
    def test_assignment_raises_and_names_at(self) -> None:
        t = leaf([1.0, 2.0])
        with pytest.raises(TypeError, match=r"t\.at\[index\]\.set\(value\)"):
            t[0] = 5.0
        with pytest.raises(TypeError, match=r"t\.at\[index\]\.set\(value\)"):
            t[t > 1] = 0.0
        with pytest.raises(TypeError, match="at"):
            t[0] += 1.0
        np.testing.assert_array_equal(t.data, [1.0, 2.0])

    @pytest.mark.parametrize(
        "index", [0, slice(1, None), [0, 2], [0, 0, 1], np.array([True, False, True]), ..., (None, 1)]
    )
    def test_at_gives_changed_copies_and_is_differentiable(self, index: Any) -> None:
        x = np.array([1.0, 2.0, 3.0])
        values = np.array(x[index]) * 2 + 5
        expected = np.array(x)
        expected[index] = values
        added = np.array(x)
        np.add.at(added, index, values)
        t = leaf(x)
        np.testing.assert_array_equal(t.at[index].set(values).data, expected)
        np.testing.assert_array_equal(t.at[index].add(values).data, added)
        np.testing.assert_array_equal(t.data, x)
        check_grads(lambda t, v: t.at[index].set(v) * 2, x, values)
        check_grads(lambda t, v: t.at[index].add(v) * 2, x, values)
        check_grads(lambda t: t.at[index].set(0.0), x)

    def test_of_repeated_indices_the_last_one_counts(self) -> None:
        v = leaf([10.0, 20.0, 30.0])
        Tensor(np.zeros(2)).at[[0, 0, 1]].set(v).sum().backward()
        np.testing.assert_array_equal(v.grad, [0.0, 1.0, 1.0])
