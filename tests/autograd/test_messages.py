"""Complaints name the function that was called, and the way out; a node in an unusual place counts as in any other."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, gradients

on_tensors: Any = np  # NumPy's functions answer tensors with tensors, which its type stubs do not know
w = np.array([1.0, 2.0])
row_stack = getattr(np, "row_stack", None)  # as it was called, a function of its own, which calls np.vstack


def tensor(data: Any) -> Tensor:
    return Tensor(data, requires_grad=True)


CALLS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "what it calls inside": (lambda t: row_stack([t, t], casting="unsafe"), r"^np\.row_stack does not take casting="),
    "what writes into an array": (lambda t: np.full_like(w, t), r"^np\.full_like .*np\.broadcast_to"),
    "nan_to_num of an array": (lambda t: np.nan_to_num(w, nan=t.sum()), r"^np\.nan_to_num .*np\.where"),
    "np.full": (lambda t: np.full(2, t), r"np\.full asked for it.*would lose the gradient"),
    "np.full with a dtype": (lambda t: np.full(2, t, dtype=float), r"^np\.full .*np\.broadcast_to"),
    "metadata": (lambda t: np.tile(t, t), r"^np\.tile has no derivative by reps=.*\.item\(\)"),
    "which norm": (lambda t: np.linalg.norm(t, ord=t.sum()), r"^np\.linalg\.norm of .*ord=.*\.item\(\)"),
    "where to split": (lambda t: np.split(t, t), r"^np\.split of .*would lose the gradient"),
    "lists": (lambda t: np.vstack([t, np.ones(3)]), r"^np\.vstack of shape \(2,\) and shape \(3,\): all the input"),
    "a composite of composites": (
        lambda t: np.linalg.vecdot(t, np.ones(3)),
        r"^np\.linalg\.vecdot of shape \(2,\) and shape \(3,\): ",
    ),
    "positions": (lambda t: np.take(t, 5), r"^np\.take of shape \(2,\) and int: index 5 is out of bounds"),
    "a Value": (lambda t: np.where(t, 1.0), "either both x and y"),
}


@pytest.mark.filterwarnings("ignore:.row_stack. alias is deprecated")
@pytest.mark.parametrize(("call", "message"), CALLS.values(), ids=CALLS)
def test_the_function_that_was_called_is_named(call: Callable[[Any], Any], message: str) -> None:
    if row_stack is None and "row_stack" in message:
        pytest.skip("this NumPy has no np.row_stack any more")
    with pytest.raises((TypeError, ValueError, IndexError)) as caught:
        call(tensor([1.0, 2.0]))
    assert re.search(message, str(caught.value)), str(caught.value)


@pytest.mark.parametrize("name", ["airy", "kolmogorov", "wofz"])
def test_functions_of_scipy_are_not_called_numpys(name: str) -> None:
    special = pytest.importorskip("scipy.special")
    with pytest.raises(TypeError, match=rf"^scipy\.special\.{name} has no derivative in the table"):
        getattr(special, name)(tensor([1.0]))


@pytest.mark.parametrize("data", [[1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]]])
def test_a_plot_of_a_node_is_helped(data: Any) -> None:
    plt = pytest.importorskip("matplotlib.pyplot")
    axes = plt.figure().subplots()
    for draw in (axes.plot, axes.hist, lambda t: axes.plot(data, t), lambda t: axes.scatter(data, t)):
        with pytest.raises(TypeError, match=r"\.data"):
            draw(tensor(data))
    plt.close("all")


def test_where_of_a_condition_alone_gives_plain_positions() -> None:
    t = tensor([[0.0, 2.0], [3.0, 0.0]])
    for found in (np.where(t), t.nonzero(), np.nonzero(t)):  # type: ignore[call-overload]
        assert [(type(x), x.dtype.kind, x.tolist()) for x in found] == [
            (np.ndarray, "i", [0, 1]),
            (np.ndarray, "i", [1, 0]),
        ]


def test_a_node_among_integers_makes_floats() -> None:
    t = tensor(0.5)
    y = on_tensors.insert(np.arange(3), 1, t)
    np.testing.assert_array_equal(y.data, [0.0, 0.5, 1.0, 2.0])
    assert gradients(y[1], t) == 1.0
    y = on_tensors.diff(np.arange(3), prepend=t)
    np.testing.assert_array_equal(y.data, [-0.5, 1.0, 1.0])
    assert gradients(y[0], t) == -1.0
    y = on_tensors.gradient(np.arange(3), t)
    np.testing.assert_array_equal(gradients(y.sum(), t), -12.0)


def test_constants_around_an_array_may_be_nodes() -> None:
    x, left, right = tensor([[1.0, 2.0]]), tensor(5.0), tensor(7.0)
    y = on_tensors.pad(x, ((0, 1), (2, 1)), constant_values=(left, right))
    np.testing.assert_array_equal(y.data, np.pad(x.data, ((0, 1), (2, 1)), constant_values=(5.0, 7.0)))
    assert [g.tolist() for g in gradients(y.sum(), [x, left, right])] == [[[1.0, 1.0]], 4.0, 4.0]
    assert on_tensors.pad(Tensor(x.data, dtype=np.float32), 1, constant_values=left).dtype == np.float32
