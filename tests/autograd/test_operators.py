"""Python's operators, NumPy's protocols and the elementwise methods, on both kinds of node."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, check_grads, no_grad

Binary = Callable[[Any, Any], Any]

BINARY = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv,
]  # fmt: skip
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
METHODS = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": autograd.sigmoid,
    "relu": autograd.relu,
}


def tensor(data: Any) -> Tensor:
    return Tensor(data, requires_grad=True)


@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.__name__)
class TestArithmetic:
    a = np.array([[1.7, 0.6, 2.9]])
    b = np.array([[0.8], [1.1]])

    def test_two_tensors_broadcast(self, op: Binary) -> None:
        np.testing.assert_array_equal(op(tensor(self.a), tensor(self.b)).data, op(self.a, self.b))
        check_grads(op, self.a, self.b)

    @pytest.mark.parametrize(
        "other", [4, 1.3, np.float64(1.3), np.array([0.7, 1.3, 2.1])], ids=lambda x: type(x).__name__
    )
    def test_numbers_and_arrays_on_either_side(self, op: Binary, other: Any) -> None:
        for f in (lambda x: op(x, other), lambda x: op(other, x)):
            y = f(tensor(self.a))
            assert isinstance(y, Tensor)
            np.testing.assert_allclose(y.data, f(self.a), rtol=1e-15)
            check_grads(f, self.a)

    @pytest.mark.parametrize("other", [3, 1.3, np.float64(1.3), np.array(1.3), True], ids=lambda x: type(x).__name__)
    def test_numbers_on_either_side_of_a_value(self, op: Binary, other: Any) -> None:
        for f in (lambda x: op(x, other), lambda x: op(other, x)):
            x, t = Value(1.7), tensor(1.7)
            y = f(x)
            assert isinstance(y, Value)
            assert y.data == pytest.approx(float(f(1.7)), rel=1e-15)
            y.backward()
            f(t).backward()
            assert x.grad == pytest.approx(t.grad.item(), rel=1e-14)

    def test_an_augmented_assignment_makes_a_new_node(self, op: Binary) -> None:
        inplace = getattr(operator, f"i{op.__name__}")
        for node in (tensor(1.7), Value(1.7)):
            result = inplace(node, 2.0)
            assert result is not node
            assert node.item() == 1.7


@pytest.mark.parametrize("make", [tensor, Value])
def test_signs_and_divmod(make: Any) -> None:
    x = make(-2.5)
    assert [y.item() for y in (-x, +x, abs(x))] == [2.5, -2.5, 2.5]
    assert [y.item() for y in divmod(x, 2)] == [-2.0, 1.5]
    assert [y.item() for y in divmod(7, x)] == [*divmod(7, -2.5)]
    abs(-x * 3).backward()
    assert float(x.grad) == -3.0


def test_matmul_from_either_side() -> None:
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    for y in (tensor(a) @ b, a @ tensor(b), tensor(a) @ tensor(b), a.tolist() @ tensor(b)):
        assert isinstance(y, Tensor)
        assert y.requires_grad
        np.testing.assert_array_equal(y.data, a @ b)


@pytest.mark.parametrize("op", COMPARISONS, ids=lambda op: op.__name__)
class TestComparisons:
    def test_they_give_plain_booleans(self, op: Binary) -> None:
        a, b = np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])
        for left, right in ((tensor(a), tensor(b)), (tensor(a), b), (a, tensor(b)), (tensor(a), [1.0, 3.0, 2.0])):
            result = op(left, right)
            assert type(result) is np.ndarray
            assert result.dtype == bool
            np.testing.assert_array_equal(result, op(a, b))
        np.testing.assert_array_equal(op(tensor(a), 2), op(a, 2))
        np.testing.assert_array_equal(op(2, tensor(a)), op(2, a))

    def test_of_values_they_give_bools(self, op: Binary) -> None:
        for left, right in ((Value(1.0), Value(2.0)), (Value(1.0), 2), (1, Value(2.0))):
            assert type(op(left, right)) is bool
            assert op(left, right) is op(1.0, 2.0)


def test_nodes_hash_by_identity() -> None:
    for make in (tensor, Value):
        a, b = make(1.0), make(1.0)
        assert a == b
        assert len({a, b}) == 2
        assert {a: "a", b: "b"}[b] == "b"


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_the_functions(name: str) -> None:
    function = METHODS[name]
    for node in (tensor([0.5, 2.0]), Value(0.5)):
        method = getattr(node, name)()
        assert type(method) is type(node)
        np.testing.assert_array_equal(method.data, function(node).data)
        assert method.fun is function(node).fun


class TestUfuncs:
    x = np.array([[1.0, 3.0], [2.0, 0.5]])

    @pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.maximum, np.minimum])
    def test_reduce(self, ufunc: np.ufunc) -> None:
        for kwargs in ({}, {"axis": 1}, {"axis": None}, {"axis": (0, 1)}, {"axis": -1, "keepdims": True}):
            np.testing.assert_array_equal(ufunc.reduce(tensor(self.x), **kwargs).data, ufunc.reduce(self.x, **kwargs))
        check_grads(ufunc.reduce, self.x)

    @pytest.mark.parametrize("ufunc", [np.add, np.multiply])
    def test_accumulate(self, ufunc: np.ufunc) -> None:
        for kwargs in ({}, {"axis": 1}):
            np.testing.assert_array_equal(
                ufunc.accumulate(tensor(self.x), **kwargs).data, ufunc.accumulate(self.x, **kwargs)
            )
        check_grads(ufunc.accumulate, self.x)

    @pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.subtract, np.maximum])
    def test_outer(self, ufunc: np.ufunc) -> None:
        v = np.array([0.3, 0.7, 5.0])
        for a, b in ((tensor(self.x), v), (self.x, tensor(v)), (tensor(self.x), tensor(v)), (tensor(self.x), 2.2)):
            y = ufunc.outer(a, b)
            assert isinstance(y, Tensor)
            np.testing.assert_array_equal(
                y.data, ufunc.outer(np.array(autograd.operators.raw(a)), autograd.operators.raw(b))
            )
        check_grads(ufunc.outer, self.x, v)

    @pytest.mark.parametrize(
        ("call", "complaint"),
        [
            (lambda t: np.add(t, 1, out=np.zeros(2)), r"np\.add: .*cannot be written into an array"),
            (lambda t: operator.iadd(np.zeros(2), t), r"np\.add: .*cannot be written into an array.*t\.data"),
            (lambda t: operator.imatmul(np.zeros((2, 2)), t), r"np\.matmul: .*cannot be written"),
            (lambda t: np.add(t, 1, where=np.array([True, False])), r"np\.add .*does not take where="),
            (lambda t: np.add(t, 1, dtype=np.float32), r"np\.add .*does not take dtype="),
            (lambda t: np.subtract.reduce(t), r"np\.subtract\.reduce has no derivative.*\.data"),
            (lambda t: np.multiply.reduceat(t, [0]), r"np\.multiply\.reduceat has no derivative"),
            (lambda t: np.add.at(np.zeros(2), [0], t), r"np\.add\.at has no derivative"),
            (lambda t: np.frexp(t), r"np\.frexp has no derivative in the table.*primitive.*\.data"),
            (lambda t: np.polyder(t), r"np\.polyder has no derivative in the table.*primitive.*\.data"),
            (lambda t: np.sum(t, dtype=np.int64), r"np\.sum .*dtype=int64 does not fit"),
            (lambda t: np.sum(t, out=np.empty(())), r"np\.sum .*does not take out="),
        ],
        ids=lambda x: None if isinstance(x, str) else "",
    )
    def test_what_has_no_derivative_raises_and_is_named(self, call: Any, complaint: str) -> None:
        with pytest.raises(TypeError, match=complaint):
            call(tensor([1.0, 2.0]))


def test_arguments_by_name_and_by_position_are_the_same_call() -> None:
    x = np.arange(6.0).reshape(2, 3)
    for call in (
        lambda t: np.sum(t, 1),
        lambda t: np.sum(t, axis=1),
        lambda t: np.sum(a=t, axis=1),
        lambda t: np.sum(t, axis=1, keepdims=False),
        lambda t: t.sum(1),
        lambda t: t.sum(axis=1),
    ):
        y = call(tensor(x))
        np.testing.assert_array_equal(y.data, x.sum(1))
        assert y.fun is np.sum
        assert y.kwargs["axis"] == 1


class TestOneNumber:
    def test_a_tensor_of_one_element_is_a_number(self) -> None:
        for data in (2.5, [2.5], [[2.5]]):
            t = tensor(data)
            assert (t.item(), bool(t)) == (2.5, True)
            with no_grad():
                assert (float(t), int(t), complex(t)) == (2.5, 2, 2.5)
        assert not tensor([0.0])
        assert (Value(2.5).item(), bool(Value(0.0))) == (2.5, False)

    @pytest.mark.parametrize("convert", [bool, float, int, Tensor.item])
    @pytest.mark.parametrize("shape", [(2,), (0,), (2, 3)])
    def test_others_raise_and_say_their_shape(self, convert: Any, shape: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match=rf"shape {shape}".replace("(", r"\(").replace(")", r"\)")):
            convert(Tensor(np.ones(shape)))


def test_values_and_tensors_do_not_mix() -> None:
    for t in (tensor(1.0), Tensor(1.0), tensor([1.0, 2.0]), Tensor([1.0, 2.0])):
        for call in (operator.add, operator.mul, operator.pow, np.multiply, np.arctan2, np.hypot):
            for args in ((Value(1.0), t), (t, Value(1.0))):
                with pytest.raises(TypeError, match="Value"):
                    call(*args)
