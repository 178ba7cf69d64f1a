"""What can be compiled: transforms in any order, functions of Values, of trees, with keywords, methods.

The oracle is the function itself.
"""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree

import nn
from autograd import (
    Tensor,
    Value,
    checkpoint,
    compile,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)

RNG = np.random.default_rng(3)
A = RNG.standard_normal((3, 3))
X = RNG.standard_normal(3)
V = RNG.standard_normal(3)


def f(x: Any) -> Any:
    """A number from a vector, with derivatives of every order."""
    return np.sum(np.tanh(A @ x) * np.exp(-x * x)) + np.log1p(np.sum(x * x))


def g(x: Any) -> Any:
    """A vector from a vector."""
    return np.sin(A @ x) * x[::-1]


def of_scalar(x: Any) -> Any:
    """A number from a number."""
    return np.tanh(x) * x**3 / (1 + x * x)


# fmt: off
FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "plain NumPy":        (f, (X,)),
    "grad":               (grad(f), (X,)),
    "value_and_grad":     (value_and_grad(f), (X,)),
    "grad of two":        (grad(lambda a, b: np.sum(a * np.exp(b)), argnums=(0, 1)), (X, V)),
    "with an auxiliary":  (value_and_grad(lambda x: (f(x), {"twice": 2 * x}), has_aux=True), (X,)),
    "vjp":                (lambda x, v: vjp(g, x)[1](v), (X, V)),
    "vjp of two":         (lambda x, v: vjp(lambda a, b: a * np.sin(b), x, v)[1](v), (X, V)),
    "jvp":                (lambda x, v: jvp(g, x, v), (X, V)),
    "hvp":                (lambda x, v: hvp(f, x, v), (X, V)),
    "jacobian":           (jacobian(g), (X,)),
    "hessian":            (hessian(f), (X,)),
    "elementwise_grad":   (elementwise_grad(np.tanh), (X,)),
    "grad of grad":       (grad(lambda x: np.sum(grad(f)(x) ** 2)), (X,)),
    "jvp of grad":        (lambda x, v: jvp(grad(f), x, v), (X, V)),
    "grad of jvp":        (grad(lambda x, v: np.sum(jvp(g, x, v)[1] ** 2)), (X, V)),
    "checkpoint":         (grad(lambda x: np.sum(checkpoint(lambda t: np.tanh(t) * t)(x))), (X,)),
    "of a float":         (grad(of_scalar), (0.7,)),
    "third of a float":   (grad(grad(grad(of_scalar))), (0.7,)),
    "of NumPy's number":  (grad(of_scalar), (np.float64(0.7),)),
    "of a shape ()":      (grad(of_scalar), (np.array(0.7),)),
    "of half precision":  (grad(lambda x: np.mean(x * x)), (X.astype(np.float16),)),
    "matrix":             (grad(lambda M: np.linalg.slogdet(M @ M.T + np.eye(3))[1]), (A,)),
    "of lists":           (grad(lambda tree: f(tree[0]) * tree[1]), ([X, 2.0],)),
    "of dicts":           (grad(lambda tree: np.sum(tree["W"] @ tree["b"])), ({"W": A, "b": X},)),
    "of nested trees":    (grad(lambda tree: np.sum(tree["a"][0] * tree["a"][1][0])), ({"a": (X, [V])},)),
    "an empty array":     (grad(np.sum), (np.zeros((0, 3)),)),
    "trees returned":     (lambda x: {"a": [x, (2 * x, 3)], "b": None, "c": "text"}, (X,)),
    "an argument":        (lambda x: (x, x), (X,)),
    "of integers":        (lambda x, i: x[i] * i, (X, np.array([0, 2, 0]))),
    "several results":    (lambda x: np.linalg.eigh(x + x.T), (A,)),
}
# fmt: on


def elsewhere(x: Any) -> Any:
    """Other arguments of the same kinds."""
    if isinstance(x, (list, tuple)):
        return type(x)(map(elsewhere, x))
    if isinstance(x, dict):
        return {key: elsewhere(part) for key, part in x.items()}
    if isinstance(x, np.ndarray):
        return x if x.dtype.kind == "i" else np.asarray(0.5 * x, x.dtype)
    return type(x)(0.5 * x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_it_is_the_same_function(name: str) -> None:
    function, args = FUNCTIONS[name]
    program = compile(function, backend="numpy")
    for now in (args, args, tuple(map(elsewhere, args))):
        agree(program(*now), function(*now), scale=1)


def test_other_numbers_run_the_same_program() -> None:
    program = compile(hessian(f), backend="numpy")
    for scale in (1.0, 0.5, -3.0):
        program(scale * X)
    assert len(program.entries) == 1


def test_compiled_inside_of_transforms_it_is_differentiated() -> None:
    agree(grad(compile(f, backend="numpy"))(X), grad(f)(X))
    agree(hessian(compile(f, backend="numpy"))(X), hessian(f)(X))
    agree(jvp(compile(g), X, V), jvp(g, X, V))
    inner = compile(f, backend="numpy")
    inner(X)
    inner(Tensor(X, requires_grad=True))  # there are programs for both, which would lose the gradient
    agree(grad(inner)(X), grad(f)(X))


def test_compiled_inside_of_compiled_it_is_a_part_of_that() -> None:
    inner = compile(g, backend="numpy")
    outer = compile(lambda x: np.sum(inner(x) ** 2), backend="numpy")
    for x in (X, V):
        agree(outer(x), np.sum(g(x) ** 2))
    assert "np.sin" in outer.source
    agree(compile(grad(lambda x: np.sum(inner(x))), backend="numpy")(X), grad(lambda x: np.sum(g(x)))(X))


def test_tensors_among_the_arguments() -> None:
    program = compile(lambda w, x: (w * x).sum(), backend="numpy")
    w = Tensor(X, requires_grad=True)
    y = program(w, V)
    assert isinstance(y, Tensor)
    assert y.requires_grad  # as that of the function; a gradient that comes to it is refused
    agree(y.numpy(), np.sum(X * V))
    w.data[0] = 5.0
    agree(program(w, V).numpy(), np.sum(w.data * V))
    assert len(program.entries) == 1
    graph = w * 2
    agree(program(graph, V), (graph * V).sum())
    program(graph, V).backward()  # a part of a larger graph is recorded there
    agree(w.grad, 2 * V)


def test_backward_into_tensors_among_the_arguments() -> None:
    def accumulate(w: Tensor, x: Any) -> None:
        (w * x).sum().backward()

    program = compile(accumulate, backend="numpy")
    first, second = (Tensor(X, requires_grad=True) for _ in range(2))
    program(first, V)
    program(second, X)
    program(first, X)
    agree([first.grad, second.grad], [V + X, X])
    frozen = Tensor(X)
    with pytest.raises(RuntimeError, match="nothing that this was computed from requires a gradient"):
        program(frozen, V)
    assert frozen.grad is None


def test_keywords_defaults_and_methods() -> None:
    class Model:
        def __init__(self, factor: Any) -> None:
            self.factor = factor

        @compile
        def scaled(self, x: Any, *, power: int = 1, shift: Any = 0.0) -> Any:
            """The docstring."""
            return self.factor * x**power + shift

    two, three = Model(np.full(3, 2.0)), Model(np.full(3, 3.0))
    for _ in range(2):
        agree(two.scaled(X), 2 * X)
        agree(three.scaled(X), 3 * X)
        agree(two.scaled(X, power=3), 2 * X**3)
        agree(two.scaled(X, shift=V, power=3), 2 * X**3 + V)
        agree(two.scaled(shift=V, power=3, x=X), 2 * X**3 + V)
        agree(two.scaled(X, shift=0.5), 2 * X + 0.5)
        agree(two.scaled(X, shift=-0.5), 2 * X - 0.5)
    assert Model.scaled.__doc__ == "The docstring."
    assert Model.scaled.__name__ == "scaled"


def test_named_tuples_come_back_as_such() -> None:
    Pair = namedtuple("Pair", "a b")
    program = compile(lambda pair: Pair(pair.b, pair.a * 2), backend="numpy")
    for _ in range(2):
        found = program(Pair(X, V))
        assert type(found) is Pair
        agree(found, Pair(V, X * 2))


def test_functions_of_values() -> None:
    def both() -> Any:
        model = nn.scalar.MLP(2, [4, 1], rng=0)

        def step(x: float, y: float) -> Any:
            loss = (1 - model([x, y]) * math.pi).relu() + 0.01 * sum(p * p for p in model.parameters())
            for p in model.parameters():
                p.grad = 0.0
            loss.backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad
            return loss

        return step, model

    (eager, ours), (step, theirs) = both(), both()
    program = compile(step, backend="numpy")
    for x, y in RNG.standard_normal((5, 2)):
        agree(program(float(x), float(y)).data, eager(float(x), float(y)).data, scale=1)
        agree([p.data for p in theirs.parameters()], [p.data for p in ours.parameters()], scale=1)
        agree([p.grad for p in theirs.parameters()], [p.grad for p in ours.parameters()], scale=1)
    assert "np." not in program.source.split("# update")[0]
    assert len(program.entries) <= 2


def test_values_among_the_arguments() -> None:
    def square(v: Value) -> Value:
        y = v * v
        y.backward()
        return y

    program = compile(square, backend="numpy")
    v = Value(3.0)
    for turn in (1, 2):
        found = program(v)
        assert isinstance(found, Value)
        assert (found.data, v.grad) == (9.0, 6.0 * turn)
    v.data = 4.0
    assert program(v).data == 16.0


def test_floats_that_a_sweep_divides_by_zero() -> None:
    def slope(x: float) -> float:
        v = Value(x)
        (v.sqrt() * 2 + v**0.5).backward()
        return v.grad

    program = compile(slope, backend="numpy")
    assert [program(x) for x in (4.0, 0.0, 1.0)] == [slope(x) for x in (4.0, 0.0, 1.0)] == [0.75, math.inf, 1.5]
    assert compile(slope, backend="numpy")(0.0) == math.inf


def test_without_recording() -> None:
    w = Tensor(X, requires_grad=True)
    program = compile(lambda x: (w * x).requires_grad, backend="numpy")
    assert program(V) is True
    with no_grad():
        assert program(V) is False
    assert program(V) is True
    agree(no_grad(compile(grad(f), backend="numpy"))(X), grad(f)(X))


def test_random_compositions() -> None:
    """Straight-line programs of random calls, among them views, broadcasting, shared parts and unused ones."""
    unary = [np.tanh, np.exp, np.sin, np.negative, np.square, lambda x: x.T.T, lambda x: x[::-1],
             lambda x: np.negative(-x), lambda x: x * 1 + 0, lambda x: x / 2.0,
             lambda x: np.reshape(x, (-1,)).reshape(x.shape),
             lambda x: np.mean(x, axis=0), lambda x: np.sum(x, axis=-1, keepdims=True),
             lambda x: np.broadcast_to(np.sum(x), x.shape), lambda x: np.where(x > 0, x, 0), abs,
             lambda x: np.max(x, axis=0, keepdims=True), lambda x: x.swapaxes(0, -1).swapaxes(0, -1)]  # fmt: skip
    binary = [np.add, np.subtract, np.multiply, np.maximum, lambda a, b: a / (1 + b * b), lambda a, b: a - b / 3,
              lambda a, b: np.where(a > b, a, b)]  # fmt: skip

    def composed(rng: Any) -> Callable[..., Any]:
        def program(x: Any, y: Any) -> Any:
            state = np.random.default_rng(seed)
            known = [x, y, x @ y, y.T @ x.T]
            for _ in range(12):
                if state.random() < 0.5:
                    known.append(unary[state.integers(len(unary))](known[state.integers(len(known))]))
                else:
                    a, b = (known[i] for i in state.integers(len(known), size=2))
                    known.append(binary[state.integers(len(binary))](a, b))
                if len(known[-1].shape) < 2:
                    known[-1] = known[-1] * np.ones((3, 3), x.dtype)
            return np.sum(np.tanh(known[-1])) + np.sum(np.tanh(known[-2]) * known[-3].sum())

        seed = rng.integers(2**32)
        return program

    rng = np.random.default_rng(0)
    for _ in range(120):
        function = value_and_grad(composed(rng), argnums=(0, 1))
        program = compile(function, backend="numpy")
        for dtype in (np.float64, np.float32):
            x, y = rng.standard_normal((2, 3, 3)).astype(dtype)
            kept = x.copy(), y.copy()
            for _ in range(2):
                value, slopes = function(x, y)
                agree(program(x, y), (value, slopes), ulps=64, scale=max(1.0, *(np.abs(s).max() for s in slopes)))
            np.testing.assert_array_equal((x, y), kept)


def test_contributions_that_are_constants_come_first() -> None:
    """Two of them make an array of the sweep's own, into which no stand-in may be written."""

    def f(x: Any, w: Any) -> Any:
        y = np.tanh(x @ w)
        return np.sum(np.sin(y) * w[0]) + np.sum(y * np.arange(2.0)) + np.sum(np.stack([y, y]))

    x, w = np.linspace(-1, 1, 6).reshape(3, 2), np.eye(2) + 0.5
    agree(compile(grad(f), backend="numpy")(x, w), grad(f)(x, w), ulps=64)


def test_the_jacobian_of_a_linear_map_is_its_matrix_to_the_bit_in_memory_of_its_own() -> None:
    A = np.array([[np.inf, 1.0, -0.0, 2.0], [3.0, np.nan, 4.0, 0.1]] * 2)
    for matrix, f in ((A, lambda x: A @ x), (np.eye(4), lambda x: +x)):
        J = compile(jacobian(f))(np.ones(4))
        assert J.tobytes() == matrix.tobytes()
        J[0, 0] = 7.0
        assert matrix[0, 0] != 7.0
