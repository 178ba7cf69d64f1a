"""What a transform differentiates by: which arguments, of which kinds, and what the function may return."""

from __future__ import annotations

import functools
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd import (
    Tensor,
    compile,
    elementwise_grad,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)  # fmt: skip

X = np.array([0.3, -1.2, 0.7])
OF_ARGNUMS = [grad, value_and_grad, elementwise_grad, jacobian, hessian]


def f(a: Any, x: Any = 5.0) -> Any:
    return a * x**2


@pytest.mark.parametrize(
    ("argnums", "args", "kwargs", "expected"),
    [
        (0, (2.0, 3.0), {}, 9.0),
        (1, (2.0, 3.0), {}, 12.0),
        (-1, (2.0, 3.0), {}, 12.0),
        (-2, (2.0, 3.0), {}, 9.0),
        (-1, (2.0,), {}, 25.0),
        (np.int64(1), (2.0, 3.0), {}, 12.0),
        ((1, 0), (2.0, 3.0), {}, (12.0, 9.0)),
        ([np.int8(-1), 0], (2.0, 3.0), {}, (12.0, 9.0)),
        (range(2), (2.0, 3.0), {}, (9.0, 12.0)),
        ((), (2.0, 3.0), {}, ()),
        (0, (), {"a": 2.0, "x": 3.0}, 9.0),
        (0, (), {"x": 3.0, "a": 2.0}, 9.0),
        (1, (), {"x": 3.0, "a": 2.0}, 12.0),
        (-1, (), {"x": 3.0, "a": 2.0}, 12.0),
        (1, (2.0,), {"x": 3.0}, 12.0),
        (-1, (2.0,), {"x": 3.0}, 12.0),
        (1, (2.0,), {}, 20.0),
        ((0, 1), (), {"a": 2.0}, (25.0, 20.0)),
    ],
)
def test_arguments_are_found_by_position_by_name_and_from_the_end(
    argnums: Any, args: tuple[Any, ...], kwargs: dict[str, Any], expected: Any
) -> None:
    assert grad(f, argnums)(*args, **kwargs) == expected
    assert value_and_grad(f, argnums)(*args, **kwargs) == (f(*args, **kwargs), expected)
    assert jacobian(f, argnums)(*args, **kwargs) == expected
    assert grad(f, argnum=argnums)(*args, **kwargs) == expected  # as HIPS autograd spells it
    assert compile(grad(f, argnums))(*args, **kwargs) == expected


def test_names_are_found_through_wrappers_methods_and_auxiliary_results() -> None:
    class Model:
        def loss(self, w: Any) -> Any:
            return w**2

    assert grad(Model().loss)(w=3.0) == 6.0
    assert grad(grad(f, 1), 1)(2.0, x=3.0) == 4.0
    assert hessian(f, 1)(2.0, x=3.0) == 4.0
    assert grad(functools.partial(f, 2.0))(x=3.0) == 12.0
    assert value_and_grad(lambda x: (x**2, "aux"), has_aux=True)(x=3.0) == ((9.0, "aux"), 6.0)


@pytest.mark.parametrize("transform", OF_ARGNUMS)
def test_arguments_that_cannot_be_found_are_refused(transform: Callable[..., Any]) -> None:
    for argnums in ("x", 1.0, None, True, (0, "x")):
        with pytest.raises(TypeError, match="argnums is the position of an argument or a tuple of positions, not "):
            transform(f, argnums)
    for argnums in (2, -3, (0, 2)):
        with pytest.raises(ValueError, match=r"argnums=(2|-3), but f was called with 2 arguments that have a position"):
            transform(f, argnums)(2.0, 3.0)
    with pytest.raises(ValueError, match=r"argnums=\(0, -2\) names an argument of f twice"):
        transform(f, (0, -2))(2.0, 3.0)
    with pytest.raises(TypeError, match="missing a required argument: 'a'"):
        transform(f)(x=2.0)
    with pytest.raises(ValueError, match=r"argnums=0, but .* called with 0 arguments that have a position"):
        transform(lambda *, x: x)(x=2.0)
    with pytest.raises(TypeError, match=r"does not tell the names of its arguments|passed as a? ?keyword"):
        transform(np.sin)(x=2.0)
    with pytest.raises(TypeError, match=f"{transform.__name__} takes a function, not a float"):
        transform(3.0)
    with pytest.raises(TypeError, match="argnum"):
        transform(f, 0, argnum=1)


class Pair(NamedTuple):
    a: Any
    b: Any


CONTAINERS = {
    "dict": {"a": 2.0, "b": 3.0},
    "OrderedDict": OrderedDict(b=3.0, a=2.0),
    "defaultdict": defaultdict(list, a=2.0, b=3.0),
    "Counter": Counter(a=2.0, b=3.0),  # type: ignore[arg-type]
    "namedtuple": Pair(2.0, 3.0),
    "list": [2.0, 3.0],
    "tuple": (2.0, 3.0),
}


def product(p: Any) -> Any:
    a, b = (p["a"], p["b"]) if isinstance(p, dict) else p
    return a * b


@pytest.mark.parametrize("p", CONTAINERS.values(), ids=CONTAINERS)
def test_containers_come_back_as_what_they_were(p: Any) -> None:
    g = grad(product)(p)
    assert type(g) is type(p)
    assert dict(g) == {"a": 3.0, "b": 2.0} if isinstance(p, dict) else list(g) == [3.0, 2.0]
    assert product(p) == 6.0
    assert getattr(g, "default_factory", None) is getattr(p, "default_factory", None)
    assert type(hessian(product)(p)) is type(p)
    y, dy = jvp(lambda q: {"out": product(q), "same": q}, (p,), (g,))
    assert (y["out"], dy["out"], dy["same"]) == (6.0, 13.0, g)


@dataclass
class Parameters:
    w: float


@pytest.mark.parametrize("x", ["x", b"x", None, True, 2j, {1.0}, Parameters(1.0), object(), iter([1.0]), {"a": "x"}])
def test_what_has_no_derivative_is_refused_by_name(x: Any) -> None:
    kind = "str" if isinstance(x, dict) else type(x).__name__
    for call in (lambda: grad(lambda x: 1.0)(x), lambda: vjp(lambda x: 1.0, x), lambda: jvp(lambda x: 1.0, (x,), (x,))):
        with pytest.raises(TypeError, match=f"no derivative exists with respect to a {kind}"):
            call()


def test_masked_arrays_are_refused() -> None:
    with pytest.raises(TypeError, match="MaskedArray of numpy computes by rules of its own"):
        grad(np.sum)(np.ma.masked_array(X, [0, 1, 0]))


def test_none_in_a_tree_stands_for_nothing() -> None:
    def affine(p: Any, x: Any) -> Any:
        return p["w"] * x if p["b"] is None else p["w"] * x + p["b"]

    p = {"w": 2.0, "b": None}
    assert grad(affine)(p, 3.0) == {"w": 3.0, "b": None}
    assert jacobian(lambda p: affine(p, 3.0) ** 2)(p) == {"w": 36.0, "b": None}
    assert hessian(lambda p: affine(p, 3.0) ** 2)(p) == {"w": {"w": 18.0, "b": None}, "b": None}
    assert jvp(lambda p: (affine(p, 3.0), None), (p,), ({"w": 1.0, "b": None},)) == ((6.0, None), (3.0, None))
    y, pullback = vjp(lambda p: [None, affine(p, 3.0)], p)
    assert y == [None, 6.0]
    assert pullback([None, 10.0]) == {"w": 30.0, "b": None}
    t = Tensor(X, requires_grad=True)
    assert gradients((t * 2).sum(), [None, t])[0] is None


@pytest.mark.parametrize("transform", OF_ARGNUMS)
def test_a_function_that_returns_no_numbers_is_refused(transform: Callable[..., Any]) -> None:
    def forgets(x: Any) -> None:
        x * 2

    with pytest.raises(TypeError, match=r"forgets returned None, .* is its return statement missing\?"):
        transform(forgets)(1.0)
    for wrong in ("text", {"loss": 1.0, "name": "x"}, [object()]):
        with pytest.raises(TypeError, match=r"returned a (str|object), which has no derivative: .* has_aux=True"):
            transform(lambda x, wrong=wrong: wrong)(1.0)


def test_auxiliary_results_come_in_a_pair() -> None:
    for wrong in (lambda x: x, lambda x: x * np.ones(2), lambda x: (x, 1, 2), lambda x: None):
        with pytest.raises(TypeError, match="has_aux: the function has to return a pair, not a "):
            value_and_grad(wrong, has_aux=True)(1.0)


def test_the_same_array_twice_has_two_gradients() -> None:
    t = Tensor(X, requires_grad=True)
    for x in (X, t):
        a, b = map(numbers, grad(lambda a, b: np.sum(a * b**2), (0, 1))(x, x))
        np.testing.assert_array_equal(a, X**2)
        np.testing.assert_array_equal(b, 2 * X * X)
        g = grad(lambda p: np.sum(p["a"] * p["b"] ** 2))({"a": x, "b": x})
        np.testing.assert_array_equal(numbers(g["a"]), X**2)
        np.testing.assert_array_equal(numbers(g["b"]), 2 * X * X)


def numbers(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x


# --- functions that use others which require a gradient -------------------------------------------------------------

DIRECTION = np.array([1.0, -0.5, 2.0])
TRANSFORMS: dict[str, Callable[[Any], Any]] = {  # of a function of an array
    "grad": lambda f: grad(lambda x: np.sum(f(x)))(X),
    "value_and_grad": lambda f: value_and_grad(lambda x: np.sum(f(x)))(X)[1],
    "its value": lambda f: value_and_grad(lambda x: np.sum(f(x)))(X)[0],
    "its second result": lambda f: value_and_grad(lambda x: (np.sum(f(x)), f(x)), has_aux=True)(X)[0][1],
    "elementwise_grad": lambda f: elementwise_grad(f)(X),
    "jacobian": lambda f: jacobian(f)(X),
    "hessian": lambda f: hessian(lambda x: np.sum(f(x)))(X),
    "vjp": lambda f: vjp(f, X)[1](DIRECTION),
    "jvp": lambda f: jvp(f, X, DIRECTION)[1],
    "hvp": lambda f: hvp(lambda x: np.sum(f(x)), X, DIRECTION),
    "of several": lambda f: grad(lambda x: np.sum(f(x["a"]) * x["b"]))({"a": X, "b": DIRECTION})["a"],
    "inside another": lambda f: grad(lambda x: np.sum(elementwise_grad(f)(x) * x))(X),
    "of a number": lambda f: grad(lambda x: f(x * DIRECTION)[2])(0.3),
}


def penalty(name: str, w: Any) -> Any:
    """The square of what a transform gives of tanh(w x) + w, which depends on w in value and slope."""
    return np.sum(TRANSFORMS[name](lambda x: np.tanh(w * x) * w + w) ** 2)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_derivative_knows_how_it_depends_on_parameters(name: str) -> None:
    """The oracle is a difference of the same penalty, of plain numbers."""
    numbers = np.array([0.5, -1.1, 1.7])
    w = Tensor(numbers, requires_grad=True)
    penalty(name, w).backward()
    for i, step in enumerate(np.eye(3) * 1e-5):
        slope = (penalty(name, numbers + step) - penalty(name, numbers - step)) / 2e-5
        assert w.grad[i] == pytest.approx(slope, rel=1e-6, abs=1e-7)
    computed = Tensor(numbers / 2, requires_grad=True)  # and where the function uses what was computed from them
    penalty(name, computed * 2).backward()
    np.testing.assert_allclose(computed.grad, 2 * w.grad, rtol=1e-12)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_numbers_come_out_where_no_gradient_is_asked_for(name: str) -> None:
    numbers = np.array([0.5, -1.1, 1.7])
    expected = penalty(name, numbers)
    assert type(expected) in (np.float64, float)
    assert type(penalty(name, Tensor(numbers))).__name__ in ("float64", "float", "Tensor")
    with no_grad():
        found = TRANSFORMS[name](lambda x: np.tanh(Tensor(numbers, requires_grad=True) * x))
    assert isinstance(found, (float, np.ndarray))
    w = Tensor(numbers, requires_grad=True)
    with no_grad():
        assert penalty(name, w) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_what_a_function_makes_itself_it_may_have_kept(name: str) -> None:
    numbers, kept = np.array([0.5, -1.1, 1.7]), []

    def lazy(x: Any) -> Any:
        if not kept:
            kept.append(Tensor(numbers, requires_grad=True))
        return np.tanh(kept[0] * x) * kept[0] + kept[0]

    np.sum(TRANSFORMS[name](lazy) ** 2).backward()
    w = Tensor(numbers, requires_grad=True)
    penalty(name, w).backward()
    np.testing.assert_allclose(kept[0].grad, w.grad, rtol=1e-12)


def test_compiled_it_knows_it_too() -> None:
    w, v = (Tensor([0.5, -1.1, 1.7], requires_grad=True) for _ in range(2))

    def step(x: Any, w: Any) -> Any:
        loss = np.sum(grad(lambda x: np.sum(np.tanh(w * x)))(x) ** 2)
        loss.backward()
        return loss.data

    compiled = compile(lambda x: step(x, v), backend="numpy")
    for _ in range(2):
        w.grad = v.grad = None
        assert compiled(X) == pytest.approx(step(X, w), rel=1e-12)
        np.testing.assert_allclose(v.grad, w.grad, rtol=1e-12)


def test_a_derivative_at_a_constant_inside_of_another_is_a_number() -> None:
    assert grad(lambda x: x * grad(np.sin)(0.0))(3.0) == 1.0
