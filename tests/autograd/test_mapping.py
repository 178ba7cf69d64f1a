"""vmap: one call for many examples gives what the loop over them gives, for every function of the table."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from arguments import INSTEAD, TABLE, Function, some_calls

from autograd import Tensor, compile, grad, hessian, hvp, jacobian, jvp, vjp, vmap
from autograd.inspecting import name_of
from autograd.trees import leaves, rebuild

FACTORS = np.array([1.0, 0.95, 0.9])  # of the examples of one argument: they stay where the function is defined

pytestmark = pytest.mark.filterwarnings("ignore:.* one example after the other")


def is_number(x: Any) -> bool:
    """Whether an argument can differ between examples."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def calls(fun: Function) -> Iterator[tuple[Callable[..., Any], list[np.ndarray]]]:
    """Functions of some of the arguments of a call, and examples of these."""
    for call in some_calls(fun, 4, 3):
        flat = leaves(call.args)
        numbers = [i for i, x in enumerate(flat) if is_number(x)]
        for chosen in {tuple(numbers), tuple(numbers[:1]), tuple(numbers[1:])} - {()}:

            def of_some(*some: Any, call: Any = call, flat: Any = flat, chosen: Any = chosen) -> Any:
                given = dict(zip(chosen, some))
                args = rebuild(call.args, iter([given.get(i, x) for i, x in enumerate(flat)]))
                return INSTEAD.get(fun, fun)(*args, **call.kwargs)

            yield of_some, [np.multiply.outer(FACTORS, flat[i]) for i in chosen]


def total(f: Callable[..., Any]) -> Callable[..., Any]:
    """A number from what `f` gives, each of its elements weighted by another one."""

    def number(*args: Any) -> Any:
        parts = [y for y in leaves(f(*args)) if np.result_type(y).kind == "f"]
        return sum(np.sum(y * np.cos(np.arange(np.size(y)).reshape(np.shape(y)))) for y in parts)

    return number


def summed(f: Callable[..., Any]) -> Callable[..., Any]:
    """The sum of what `f` gives."""
    return lambda *args: np.sum(f(*args))


@pytest.mark.parametrize("fun", TABLE, ids=name_of)
def test_the_table_is_mapped_as_the_loop_goes(fun: Function) -> None:
    for f, examples in calls(fun):
        expected = [f(*one) for one in zip(*examples)]
        found = vmap(f)(*examples)
        columns = zip(*map(leaves, expected))
        for y, column in zip(leaves(found), columns, strict=True):
            np.testing.assert_allclose(y, np.stack(column), rtol=1e-9, atol=1e-12)
            assert y.dtype == np.stack(column).dtype or fun is np.bincount  # of nothing it counts in integers


@pytest.mark.parametrize("fun", TABLE, ids=name_of)
def test_gradients_of_the_table_are_mapped_as_the_loop_goes(fun: Function) -> None:
    for f, examples in list(calls(fun))[:3]:
        if not any(np.result_type(y).kind == "f" for y in leaves(f(*(x[0] for x in examples)))):
            continue
        every = tuple(range(len(examples)))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*derivative is taken as 0")
            expected = [grad(total(f), every)(*one) for one in zip(*examples)]
            found = vmap(grad(total(f), every))(*examples)
            outer = grad(summed(vmap(total(f))), every)(*examples)
        for one, other, column in zip(found, outer, zip(*expected)):
            np.testing.assert_allclose(one, np.stack(column), rtol=1e-7, atol=1e-10)
            np.testing.assert_allclose(other, np.stack(column), rtol=1e-7, atol=1e-10)


# --- Beside the transforms ------------------------------------------------------------------------------------------

RNG = np.random.default_rng(0)
W, X, V = RNG.standard_normal((3, 2)), RNG.standard_normal((4, 3)), RNG.standard_normal((4, 3))


def layer(x: Any) -> Any:
    return np.tanh(x @ W)


def energy(x: Any) -> Any:
    return np.sum(layer(x) ** 3)


INSIDE: dict[str, Callable[..., Any]] = {
    "grad": lambda x, v: grad(energy)(x),
    "grad of grad": lambda x, v: grad(lambda x: np.sum(grad(energy)(x) ** 2))(x),
    "of what is the same for all": lambda x, v: grad(lambda w: np.sum(np.tanh(x @ w) ** 2))(W),
    "jacobian": lambda x, v: jacobian(layer)(x),
    "hessian": lambda x, v: hessian(energy)(x),
    "jvp": lambda x, v: jvp(layer, x, v),
    "hvp": lambda x, v: hvp(energy, x, v),
    "vjp": lambda x, v: vjp(layer, x)[1](v[:2]),
    "an index of integers": lambda x, v: x[np.argsort(v)],
    "a branch on a shape": lambda x, v: x if len(x) == 3 and np.ndim(v) == 1 else v,
    "no array": lambda x, v: {"a": (x > 0, np.sum(v)), "b": [1.0]},
    "changed at an index": lambda x, v: np.sum(grad(lambda y: np.sum(y.at[1].set(v[0]) ** 2))(x)),
    "its numbers alone": lambda x, v: x * (v.data if isinstance(v, Tensor) else np.asarray(v)),
    "what has no rule": lambda x, v: np.convolve(x, v),
    "a branch on a number": lambda x, v: x * 2.0 if x[0] > 0 else v * 3.0,
    "an assignment": lambda x, v: changed(x, v),
    "random numbers of one's own": lambda x, v: x * np.random.default_rng(0).standard_normal(3),
    "another vmap": lambda x, v: vmap(lambda a: vmap(lambda b: np.sin(a) * b + x[0])(v))(x),
    "another vmap of a gradient": lambda x, v: vmap(grad(lambda a: np.sum(np.sin(a * x) * v)))(x),
    "einsum": lambda x, v: np.einsum("i,j,jk->ik", x, v, W),
    "a mask": lambda x, v: np.where(x > v, x, 0.0)[np.array([True, False, True])],
}  # fmt: skip


def changed(x: Any, v: Any) -> Any:
    y = np.zeros(3)
    y[1] = x[0] * v[1]
    return y


@pytest.mark.parametrize("f", INSIDE.values(), ids=INSIDE)
def test_what_stands_in_the_function_is_of_each_example(f: Callable[..., Any]) -> None:
    expected = [leaves(f(x, v)) for x, v in zip(X, V)]
    found = leaves(vmap(f)(X, V))
    for y, column in zip(found, zip(*expected), strict=True):
        np.testing.assert_allclose(y, np.stack(column), rtol=1e-12, atol=1e-14)


SMOOTH = ("grad", "of what is the same for all", "jacobian", "hessian", "jvp", "hvp", "vjp", "another vmap", "einsum")


@pytest.mark.parametrize("name", SMOOTH)
def test_around_it_are_derivatives_programs_and_other_batches(name: str) -> None:
    f = INSIDE[name]

    def once(X: Any, V: Any) -> Any:
        return sum(np.sum(np.sin(y)) for y in leaves(vmap(f)(X, V)))

    def looped(X: Any, V: Any) -> Any:
        return sum(np.sum(np.sin(y)) for x, v in zip(X, V) for y in leaves(f(x, v)))

    for one, other in zip(grad(once, (0, 1))(X, V), grad(looped, (0, 1))(X, V)):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(compile(grad(once))(X, V), grad(looped)(X, V), rtol=1e-11, atol=1e-13)
    X3, V3 = np.stack([X, 2 * X, -X]), np.stack([V, V / 2, V])
    found = vmap(grad(once))(X3, V3)
    np.testing.assert_allclose(found, [grad(looped)(*pair) for pair in zip(X3, V3)], rtol=1e-11, atol=1e-13)


def test_a_parameter_outside_gets_its_gradient() -> None:
    w = Tensor(W, requires_grad=True)
    np.sum(vmap(lambda x: np.tanh(x @ w) ** 2)(X)).backward()
    other = Tensor(W, requires_grad=True)
    np.sum(np.tanh(X @ other) ** 2).backward()
    np.testing.assert_allclose(w.grad, other.grad, rtol=1e-12)


def test_axes_trees_and_keywords() -> None:
    f = vmap(lambda p, x, scale=1.0: {"y": p["w"] @ x * scale, "x": x}, ({"w": None}, 1), {"y": 1, "x": 0})
    found = f({"w": W.T}, X.T, scale=np.arange(4.0))
    np.testing.assert_allclose(found["y"], (X @ W * np.arange(4.0)[:, None]).T)
    np.testing.assert_array_equal(found["x"], X)
    assert not np.shares_memory(found["x"], X)
    assert vmap(np.sum)(X.astype(np.float32)).dtype == np.float32
    np.testing.assert_array_equal(vmap(np.sum, in_axes=-1)(X), X.sum(axis=0))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: vmap(np.add)(X, V[:2]), ValueError, "4, 2 examples"),
        (lambda: vmap(np.sum)(X[:0]), ValueError, "not 0"),
        (lambda: vmap(np.sum)(2.0), ValueError, "no axis"),
        (lambda: vmap(np.add, (0,))(X, X), ValueError, "1 entries"),
        (lambda: vmap(np.add, (None, None))(X, X), ValueError, "nothing to map"),
        (lambda: vmap(np.sum, in_axes="0")(X), TypeError, "integers or None"),
        (lambda: vmap(np.sum, in_axes=2)(X), np.exceptions.AxisError, "axis 2"),
        (lambda: vmap(X), TypeError, "takes a function"),
        (lambda: vmap(lambda x: "no number")(X), TypeError, "no array of numbers"),
        (lambda: vmap(lambda x: Tensor(x))(X), TypeError, "cannot be a Tensor"),
        (lambda: vmap(lambda x: np.nonzero(x > 0)[0])(X), ValueError, "different shapes"),
        (lambda: vmap(lambda x: np.sum(x, axis=1))(X), np.exceptions.AxisError, "axis 1"),
        (lambda: vmap(lambda x: x.reshape(2, 2))(X), ValueError, "cannot reshape"),
        (lambda: vmap(lambda x: x.missing)(X), AttributeError, "no attribute 'missing'"),
    ],
)
def test_errors(call: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_a_loop_says_so_once() -> None:
    def f(x: Any) -> Any:
        return x if x[0] > 0 else -x

    with pytest.warns(UserWarning, match="f runs for one example after the other: the truth"):
        vmap(f)(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vmap(f)(X)


@pytest.mark.parametrize("shape", [(7,), (2, 3), ()])
def test_rows_of_a_jacobian_at_once_are_those_one_by_one(shape: tuple[int, ...], monkeypatch: Any) -> None:
    """The oracle is the pullback of one row: `FEW` is larger than the number of rows then."""
    x = RNG.standard_normal(shape)

    def f(x: Any) -> Any:
        return {"a": np.multiply.outer(np.ones(6), np.sin(x)) * np.sum(x), "b": np.sort(np.ravel(x)) ** 2}

    found = leaves(jacobian(f)(x))
    monkeypatch.setattr("autograd.run.AT_ONCE", 20)
    in_parts = leaves(jacobian(f)(x))
    monkeypatch.setattr("autograd.run.FEW", 10**6)
    for one, part, other in zip(found, in_parts, leaves(jacobian(f)(x)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-14)
        np.testing.assert_allclose(part, other, rtol=1e-13, atol=1e-14)


BLOCK = RNG.standard_normal((2, 3, 4, 5))
ROWS, COLUMNS = np.array([[0, 2], [1, 1]]), np.array([[1, 0], [3, 2]])
INDICES: dict[str, Callable[..., Any]] = {
    "one number": lambda x, i, j: x[i[0]],
    "one array": lambda x, i, j: x[i],
    "behind a slice": lambda x, i, j: x[:, j],
    "at the end": lambda x, i, j: x[..., j],
    "parted by a slice": lambda x, i, j: x[i, :, j],
    "a number and an array": lambda x, i, j: x[0, :, j],
    "together": lambda x, i, j: x[:, i, j],
    "a new axis": lambda x, i, j: x[None, i, 1:],
    "the same for all, parted": lambda x, i, j: x[np.array([0, 1]), :, np.array([1, 2])],
    "the same for all, and a number": lambda x, i, j: x[0, :, np.array([1, 2, 1])],
    "the same for all, a new axis between": lambda x, i, j: x[:, np.array([1, 2]), None, np.array([1, 2])],
    "a mask": lambda x, i, j: x[np.eye(3, 4, dtype=bool)],
    "a boolean": lambda x, i, j: x[True],
    "rows of a table": lambda x, i, j: W[i],
}  # fmt: skip


@pytest.mark.parametrize("take", INDICES.values(), ids=INDICES)
@pytest.mark.parametrize("axis", [0, 3])
def test_indices_and_their_gradients(take: Callable[..., Any], axis: int) -> None:
    """NumPy puts the axes of several arrays in front where anything parts them: with the batch there, elsewhere."""
    x = np.moveaxis(BLOCK, 0, axis)

    def slope(x: Any, i: Any, j: Any) -> Any:
        return grad(lambda x: np.sum(np.sin(take(x, i, j)) ** 2) + np.sum(x))(x)

    for f in (take, slope):
        found = vmap(f, (axis, 0, 0))(x, ROWS, COLUMNS)
        np.testing.assert_allclose(found, np.stack([f(*one) for one in zip(BLOCK, ROWS, COLUMNS)]), rtol=1e-12)


@pytest.mark.parametrize("fun", TABLE, ids=name_of)
def test_rows_of_the_table_at_once_are_those_one_by_one(fun: Function, monkeypatch: Any) -> None:
    """Of the function, and of its gradient: there the rows go through a graph that is differentiated again."""
    for f, examples in list(calls(fun))[:4]:
        x, fixed = examples[0][0], [other[0] for other in examples[1:]]
        if not all(np.result_type(y).kind == "f" for y in leaves(f(x, *fixed))):
            continue
        found = []
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*derivative is taken as 0")
            for few in (0, 10**6):
                monkeypatch.setattr("autograd.run.FEW", few)
                found.append([*leaves(jacobian(f)(x, *fixed)), hessian(total(f))(x, *fixed)])
        for at_once, by_row in zip(*found, strict=True):
            np.testing.assert_allclose(at_once, by_row, rtol=1e-9, atol=1e-11)
