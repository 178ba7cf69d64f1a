"""What may meet a node: plain numbers. What computes by rules of its own is refused by name, from either side."""

from __future__ import annotations

import array
import collections
import fractions
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, grad, no_grad

X = np.array([1.0, 2.0])


class Own(np.ndarray):
    """A user's array with rules of its own."""


pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")

GUESTS = [
    pytest.param("numpy", lambda np_: np_.ma.masked_array(X, [False, True]), r"\.filled", id="masked array"),
    pytest.param("numpy", lambda np_: np_.matrix(X), r"np\.asarray", id="matrix"),
    pytest.param("numpy", lambda np_: X.view(Own), r"np\.asarray", id="subclass"),
    pytest.param("pandas", lambda pd: pd.Series(X, [1, 0]), r"\.to_numpy", id="Series"),
    pytest.param("pandas", lambda pd: pd.DataFrame({"a": X}), r"\.to_numpy", id="DataFrame"),
    pytest.param("pandas", lambda pd: pd.Index(X), r"\.to_numpy", id="Index"),
    pytest.param("pandas", lambda pd: pd.array(X), r"\.to_numpy", id="pandas array"),
    pytest.param("scipy.sparse", lambda sp: sp.csr_array(np.diag(X)), r"\.toarray", id="sparse array"),
    pytest.param("scipy.sparse", lambda sp: sp.coo_matrix(np.diag(X)), r"\.toarray", id="sparse matrix"),
    pytest.param("xarray", lambda xr: xr.DataArray(X), r"\.to_numpy", id="DataArray"),
]
# What xarray computes from the left keeps the tensor, and its gradient, inside of a DataArray: it gives us no say.
KEPT_BY_XARRAY = "xarray"


@pytest.mark.parametrize(("library", "make", "way"), GUESTS)
@pytest.mark.parametrize(
    "node", [Value(2.0), Tensor(X, requires_grad=True), Tensor(X)], ids=["Value", "tracked", "plain"]
)
def test_on_the_right_and_inside_of_calls_it_is_refused_with_the_way_out(
    library: str, make: Any, way: str, node: Any
) -> None:
    other = make(pytest.importorskip(library))
    calls: list[Callable[[], Any]] = [
        lambda: node * other, lambda: node + other, lambda: np.multiply(node, other), lambda: node**other,
    ]  # fmt: skip
    if isinstance(node, Tensor):
        calls += [
            lambda: node @ other, lambda: np.dot(node, other), lambda: np.where(other, node, 0.0),
            lambda: np.interp(node, other, X), lambda: np.concatenate([node, other]), lambda: node[other],
            lambda: node.at[0].set(other), lambda: node * [other], lambda: node[(..., other)],
            lambda: np.average(node, weights=other), lambda: np.take(node, other),
        ]  # fmt: skip
    for call in calls:
        with pytest.raises(TypeError, match=rf"computes by rules of its own .*pass a plain array, .*{way}"):
            call()


@pytest.mark.parametrize(("library", "make", "way"), GUESTS)
def test_on_the_left_it_gives_no_detached_array(library: str, make: Any, way: str) -> None:
    other = make(pytest.importorskip(library))
    t = Tensor(X, requires_grad=True)
    for op in (operator.mul, operator.add, operator.sub, operator.truediv):
        try:
            result = op(other, t)
        except TypeError as error:
            assert "rules of its own" in str(error) or "would lose the gradient" in str(error)  # noqa: PT017
        else:
            assert library == KEPT_BY_XARRAY
            assert isinstance(result.data, Tensor)
            assert result.data.requires_grad


def test_masked_arrays_come_in_nowhere() -> None:
    masked = np.ma.masked_array(X, [False, True])
    leaf = Tensor(X, requires_grad=True)
    for enter in (
        lambda: Tensor(masked),
        lambda: leaf.backward(masked),
        lambda: setattr(leaf, "data", masked),
        lambda: grad(lambda x: (x * X).sum())(masked),
    ):
        with pytest.raises(TypeError, match="MaskedArray of numpy computes by rules of its own"):
            enter()
    assert leaf.tolist() == [1.0, 2.0]
    assert leaf.grad is None


def test_numpys_masked_functions_see_no_numbers_of_a_node() -> None:
    for node in (Tensor(X, requires_grad=True), Value(1.0)):
        assert not hasattr(node, "_data")


def test_plain_numbers_of_every_kind_are_welcome(tmp_path: Path) -> None:
    mapped = np.memmap(tmp_path / "x", np.float64, "w+", shape=(2,))
    mapped[:] = X
    for other in (
        X, X.astype(np.float32), X.astype(int), X[::-1], np.array(2.0), np.float64(2), np.float16(2), np.int8(2),
        np.bool_(True),
        2, 2.0, True, [1.0, 2.0], (1, 2), [[1], [2]], mapped, range(2), array.array("d", X), memoryview(X),
        collections.deque([1.0, 2.0]),
    ):  # fmt: skip
        plain = np.asarray(other, dtype=float)
        t = Tensor(X, requires_grad=True)
        for y, expected in ((t * other, X * plain), (np.multiply(other, t), X * plain)):
            np.testing.assert_array_equal(y.data, expected)
            t.grad = None
            y.sum().backward()
            np.testing.assert_array_equal(t.grad, np.broadcast_to(plain, expected.shape).reshape(-1, 2).sum(0))
    assert (Value(3.0) * fractions.Fraction(1, 3)).data == 1.0


@pytest.mark.parametrize(
    "make",
    [
        np.array, list, lambda x: array.array("d", x), collections.deque, lambda x: memoryview(np.array(x)),
        lambda x: [np.array(x)],
    ],
    ids=["array", "list", "array.array", "deque", "memoryview", "list of arrays"],
)  # fmt: skip
def test_what_is_changed_afterwards_does_not_reach_the_graph(make: Any) -> None:
    other = make([1.0, 2.0])
    t = Tensor(X, requires_grad=True)
    y = t * other
    if isinstance(other, list) and isinstance(other[0], np.ndarray):
        other[0][:] = 100.0
    else:
        other[0] = other[1] = 100.0
    y.sum().backward()
    np.testing.assert_array_equal(t.grad, [1.0, 2.0])


def test_a_list_of_nodes_names_the_stack() -> None:
    a, b = Tensor(1.0, requires_grad=True), Tensor(2.0, requires_grad=True)
    for call in (lambda: np.array([a, b]), lambda: np.mean([a, b]), lambda: np.sum([a, b]), lambda: Tensor(X) * [a, b]):
        with pytest.raises(TypeError, match=r"np\.stack\(\[a, b\]\)"):
            call()
    assert grad(lambda t: np.mean(np.stack([t, t * t])))(3.0) == 3.5
    with no_grad():
        assert np.mean([a, b]) == 1.5
