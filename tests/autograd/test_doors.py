"""The doors out of the graph: plain numbers come out where they are asked for by name, and nowhere else by accident."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, draw, enable_grad, grad, no_grad, vjp

Function = Callable[..., Any]
w = np.array([1.0, 2.0, 3.0])


def filled(x: Any) -> Any:
    out = np.zeros(3)
    for i in range(3):
        out[i] = x * i
    return out


def tensor(x: Any) -> Tensor:
    return Tensor(x, requires_grad=True)


# What beginners write, and what turns a node into plain numbers on its way.
LOSING: dict[str, Function] = {
    "math.exp": lambda x: x * math.exp(x),
    "math.sqrt": lambda x: math.sqrt(x),
    "math.pow": lambda x: math.pow(x, 2),
    "math.floor": lambda x: math.floor(x),
    "math.fsum": lambda x: math.fsum([x, x]),
    "float": float,
    "int": int,
    "complex": complex,
    "'%.2f' %": lambda x: float("%.2f" % x),  # noqa: UP031
    "filling an array": filled,
    "filling a slice": lambda x: np.zeros(3).__setitem__(slice(None), x),
    "ndarray.fill": lambda x: np.zeros(3).fill(x),
    "np.fromiter": lambda x: np.fromiter([x, x], float),
    "np.float64": lambda x: np.float64(x),
    "np.array of floats": lambda x: np.array([x, x], dtype=float),
    "np.std(ddof)": lambda x: np.std(w, ddof=x),
    "Generator.normal": lambda x: np.random.default_rng(0).normal(x, 1),
    "Generator.uniform": lambda x: np.random.default_rng(0).uniform(x, size=3),
    "scipy.integrate.quad": lambda x: pytest.importorskip("scipy.integrate").quad(lambda s: s * x, 0, 1)[0],
}
# of tensors alone: an object array holds Values as they are, and loses nothing
LOSING_TENSORS: dict[str, Function] = {
    "np.asarray": np.asarray,
    "np.array": lambda x: np.array([x, x]),
    "np.full": lambda x: np.full(3, x),
    "np.mean of a list": lambda x: np.mean([x, x]),
}


def names_the_way(error: BaseException) -> bool:
    """Whether it is ours, or NumPy's with ours as its cause: it makes a ValueError of what an element raises."""
    ours = error if isinstance(error, TypeError) else error.__cause__
    return isinstance(ours, TypeError) and all(
        way in str(ours)
        for way in ("would lose the gradient", "np.exp", "np.stack([a, b])", "t.at[i].set(v)", ".item()")
    )


@pytest.mark.parametrize("make", [Value, tensor, lambda x: tensor([x])], ids=["Value", "Tensor", "one element"])
@pytest.mark.parametrize("losing", LOSING.values(), ids=LOSING)
def test_what_would_lose_the_gradient_is_refused(losing: Function, make: Any) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        losing(make(2.0))
    assert names_the_way(caught.value)


@pytest.mark.parametrize("losing", LOSING_TENSORS.values(), ids=LOSING_TENSORS)
def test_what_would_lose_the_gradient_of_a_tensor_is_refused(losing: Function) -> None:
    with pytest.raises(TypeError) as caught:
        losing(tensor(2.0))
    assert names_the_way(caught.value)


@pytest.mark.parametrize("losing", LOSING.values(), ids=LOSING)
def test_inside_of_a_transform_too(losing: Function) -> None:
    for transform in (lambda f: grad(f)(1.0), lambda f: vjp(f, 1.0), lambda f: grad(grad(f))(1.0)):
        with pytest.raises((TypeError, ValueError)) as caught:
            transform(losing)
        assert names_the_way(caught.value)


def test_what_should_have_been_written_gives_the_derivative() -> None:
    assert grad(lambda x: x * np.exp(x))(1.0) == pytest.approx(2 * math.e)
    assert grad(lambda k: np.stack([k * i for i in range(3)]).sum() * 2)(1.0) == 6.0
    assert grad(lambda k: Tensor(np.zeros(3)).at[1].set(k * 2).sum())(1.0) == 2.0


def test_who_asked_is_named_where_it_is_another_library() -> None:
    quad = pytest.importorskip("scipy.integrate").quad
    with pytest.raises(TypeError, match=r"float\(\) of a Value .*\(scipy\.integrate asked for it\)"):
        quad(lambda s: Value(2.0) * s, 0, 1)
    with pytest.raises(TypeError, match=r"np\.asarray\(\) of a Tensor .*\(numpy\.ma\.core asked for it\)"):
        np.ma.masked_array([1.0, 2.0], [0, 1]) * tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=r"a gradient would lose"):
        math.exp(Value(1.0))


@pytest.mark.parametrize("make", [Value, tensor])
def test_the_doors(make: Any) -> None:
    x = make(2.5)
    y = x * 2
    assert y.item() == 5.0
    assert y.data == 5.0
    assert y.detach().data == 5.0
    if isinstance(y, Tensor):
        assert y.numpy() == 5.0
        assert y.tolist() == 5.0
    with no_grad():
        assert [float(y), int(y), complex(y), math.exp(make(0.0))] == [5, 5, 5, 1]
        with enable_grad(), pytest.raises(TypeError, match="would lose the gradient"):
            float(y)


def test_without_recording_and_without_a_gradient_plain_numbers_come_out_as_before() -> None:
    plain = Tensor([1.5])
    assert (float(plain), int(plain), complex(plain), math.exp(plain)) == (1.5, 1, 1.5, math.exp(1.5))
    assert np.asarray(plain).tolist() == [1.5]
    out = np.zeros(2)
    with no_grad():
        t = tensor([1.0, 2.0])
        out[:] = t
        out[0] = tensor(7.0)
        assert np.mean([t, t]) == 1.5
        assert np.asarray(t, np.float32).dtype == np.float32
    assert out.tolist() == [7.0, 2.0]
    seen: list[float] = []
    x = tensor(3.0)
    x.register_hook(lambda g: seen.append(float(g)))
    (x * x).backward()
    assert seen == [6.0]


def test_an_array_that_came_out_is_a_copy_unless_it_must_not_be() -> None:
    t = Tensor([1.0, 2.0])
    np.asarray(t)[0] = 9.0
    assert t.tolist() == [1.0, 2.0]
    view = np.asarray(t, copy=False)
    assert not view.flags.writeable
    with pytest.raises(ValueError, match="copy"):
        np.asarray(t, np.float32, copy=False)


@pytest.mark.parametrize("make", [Value, tensor, lambda x: tensor([[x]])], ids=["Value", "Tensor", "one element"])
def test_formats_and_comparisons_answer_and_cut_nothing(make: Any) -> None:
    x = make(1234.5678)
    y = x * x
    assert f"{x:.2f} {x:,.0f} {x:>10.1e}" == "1234.57 1,235    1.2e+03"
    assert format(x, ".3f") == "1234.568"
    assert f"{x}" == str(x) == repr(x)
    assert (y > 3, y == y.item(), bool(y), not y) == (True, True, True, False)
    assert max(x, make(1.0)) is x
    assert draw(x) is not None
    y.backward()
    assert np.all(x.grad == 2 * 1234.5678)


def test_a_format_is_about_one_number() -> None:
    with pytest.raises(ValueError, match=r"formats are about one number; this one has shape \(2,\)"):
        f"{tensor([1.0, 2.0]):.2f}"
    assert f"{tensor([1.0, 2.0])}".startswith("Tensor(")


@pytest.mark.parametrize("make", [Value, tensor])
def test_round_is_numpys_round(make: Any) -> None:
    x = make(2.34567)
    assert (round(x, 2) == 2.35, round(x) == 2.0) == (True, True)
    assert f"{round(x, 2)}" == f"{np.round(x, 2)}"
    (round(x, 1) * x).backward()
    assert x.grad == 2.3
    np.testing.assert_array_equal(round(tensor([1.26, 2.0]), 1).data, [1.3, 2.0])


def test_pickles_go_through_no_door() -> None:
    assert pickle.loads(pickle.dumps(tensor([1.0]))).requires_grad
