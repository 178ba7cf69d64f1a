"""`autograd.scipy.integrate`: closed forms, singular integrands, both gradients of differential equations, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import StaleGraphError, Tensor, Value, compile, grad, jvp, no_grad, vmap

their = pytest.importorskip("scipy.integrate")


def of(name: str) -> Any:
    """A function of the module, which is imported when the first test needs it."""
    from autograd.scipy import integrate

    return getattr(integrate, name)


def gauss(t: Any) -> Any:
    """The integral of exp(-t x^2), sqrt(pi / t)."""
    return of("quad")(lambda x: np.exp(-t * x * x), -np.inf, np.inf)[0]


def test_an_integral_has_derivatives_of_any_order() -> None:
    found, f = [], gauss
    for _ in range(2):
        f = grad(f)
        found.append(f(0.7))
    root = np.sqrt(np.pi)
    np.testing.assert_allclose(found, [-0.5 * root * 0.7**-1.5, 0.75 * root * 0.7**-2.5])


def test_singular_integrands_and_moving_bounds() -> None:
    power = grad(lambda t: of("quad")(lambda x: x ** (t - 1), 0, 1)[0])
    np.testing.assert_allclose(power(0.5), -4, rtol=1e-8)  # of 1 / t
    upper = grad(lambda b: of("quad")(lambda x: 1 / np.sqrt(x), 0, b)[0])
    np.testing.assert_allclose(upper(4.0), 0.5, rtol=1e-14)  # the lower bound does not move, and is not looked at
    swapped = grad(lambda a, b: of("quad")(lambda x: x * x, b, a)[0], (0, 1))(1.0, 3.0)
    np.testing.assert_allclose(swapped, (1, -9))


def test_every_node_that_any_call_uses_has_its_gradient() -> None:
    """A branch may use one on the left and another on the right."""

    def halves(a: Any, b: Any) -> Any:
        return of("quad")(lambda x: a * x if x < 0.5 else b * x, 0, 1, points=[0.5])[0]

    np.testing.assert_allclose(grad(halves, (0, 1))(1.0, 2.0), (0.125, 0.375))


def test_weights_that_a_function_refers_to_have_gradients() -> None:
    w = Tensor([[0.1, -0.4], [0.3, 0.2]], requires_grad=True)
    y = of("odeint")(lambda y, t: np.tanh(w @ y), [1.0, -1.0], [0.0, 1.0])
    y[-1].sum().backward()
    adjoint, w.grad = w.grad, None
    of("odeint")(lambda y, t: np.tanh(w @ y), [1.0, -1.0], [0.0, 1.0], steps=50)[-1].sum().backward()
    np.testing.assert_allclose(adjoint, w.grad, atol=1e-7)


def test_numbers_that_have_changed_are_refused() -> None:
    w = Tensor([2.0], requires_grad=True)
    y = of("odeint")(lambda y, t: -w * y, [1.0], [0.0, 1.0])[-1].sum()
    w.data = w.data * 2
    with pytest.raises(StaleGraphError, match="solve again"):
        y.backward()


@pytest.mark.parametrize("changed", [0, 1])
def test_a_node_that_one_call_alone_uses_may_not_change_either(changed: int) -> None:
    w = [Tensor(1.0, requires_grad=True), Tensor(2.0, requires_grad=True)]
    y = of("quad")(lambda x: w[x > 0.5] * x, 0, 1, points=[0.5])[0]
    w[changed].data = 3.0
    with pytest.raises(StaleGraphError, match="solve again"):
        y.backward()


def test_plain_arrays_that_have_changed_are_refused() -> None:
    factor, w = np.ones(1), Tensor(2.0, requires_grad=True)
    y = of("quad")(lambda x: w * x * factor[0], 0, 1)[0]
    factor *= 2
    with pytest.raises(StaleGraphError, match="solve again"):
        y.backward()


def test_the_tolerances_of_a_gradient_do_not_depend_on_its_size() -> None:
    for size in [1e-20, 1.0, 1e20]:
        slope = grad(lambda k, size=size: size * of("odeint")(lambda y, t: k * y, [1.0], [0.0, 1.0])[-1, 0])(0.5)
        np.testing.assert_allclose(slope, size * np.exp(0.5), rtol=1e-6)
        slope = grad(lambda t, size=size: size * gauss(t))(0.7)
        np.testing.assert_allclose(slope, -0.5 * size * np.sqrt(np.pi) * 0.7**-1.5, rtol=1e-7)


def test_an_equation_that_forgets_where_it_began_is_solved_backward_in_parts() -> None:
    """In one part the state explodes on the way back: the gradient would be of another trajectory."""

    def end(k: Any, **how: Any) -> Any:
        return of("odeint")(lambda y, t: -k * (y - np.cos(t)), [0.0], [0.0, 1.0], **how)[-1, 0]

    difference = (end(30.01, rtol=1e-12, atol=1e-12) - end(29.99, rtol=1e-12, atol=1e-12)) / 0.02
    np.testing.assert_allclose(grad(end)(30.0), difference, rtol=1e-4)
    np.testing.assert_allclose(grad(end)(30.0, steps=200), difference, rtol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_where_no_part_leads_back_there_is_no_adjoint_gradient() -> None:
    with pytest.raises(RuntimeError, match="steps="):
        grad(lambda k: of("odeint")(lambda y, t: -k * (y - np.cos(t)), [0.0], [0.0, 1.0])[-1, 0])(1e6)


def test_a_function_that_is_not_defined_before_the_first_time() -> None:
    slope = grad(lambda p: of("solve_ivp")(lambda t, y: p * np.sqrt(t), (0.0, 0.01), [1.0], rtol=1e-8).y[0, -1])(0.5)
    np.testing.assert_allclose(slope, 2 / 3 * 0.01**1.5, rtol=1e-4)


def test_fixed_steps_are_of_order_four() -> None:
    def error(steps: int) -> float:
        return abs(
            of("odeint")(lambda y, t: y * np.cos(t), [1.0], [0.0, 2.0], steps=steps)[-1, 0] - np.exp(np.sin(2.0))
        )

    assert 14 < error(20) / error(40) < 18


def test_times_may_go_back_or_repeat() -> None:
    def states(k: Any, t: Any) -> Any:
        return of("odeint")(lambda y, t: k * y, [1.0], t)[:, 0]

    for t in [[1.0, 0.0], [0.0, 0.5, 0.5, 1.0]]:
        slope = grad(lambda k, t=t: states(k, t).sum())(0.5)
        np.testing.assert_allclose(slope, sum((s - t[0]) * np.exp(0.5 * (s - t[0])) for s in t), rtol=1e-6)


def test_steps_are_mapped_and_compiled() -> None:
    def end(k: Any) -> Any:
        return of("solve_ivp")(lambda t, y: -k * y, (0, 1), [1.0], steps=5).y[0, -1]

    k = np.array([0.5, 1.0])
    np.testing.assert_allclose(vmap(grad(end))(k), [grad(end)(x) for x in k])
    np.testing.assert_allclose(compile(grad(end))(0.7), grad(end)(0.7))


def test_precision_is_that_of_the_first_state() -> None:
    for how in [{}, {"steps": 3}]:
        k = Tensor(np.float32([1, 2]), requires_grad=True)
        y = of("odeint")(lambda y, t, k=k: -k * y, np.float32([1, 1]), [0, 1.0], **how)
        y.sum().backward()
        assert y.dtype == k.grad.dtype == np.float32


def test_without_nodes_the_results_are_plain() -> None:
    assert type(of("quad")(np.exp, 0, 1)[0]) is np.float64
    assert type(of("odeint")(lambda y, t: -y, 1.0, [0, 1])) is np.ndarray
    assert type(of("solve_ivp")(lambda t, y: -y, (0, 1), [1.0]).y) is np.ndarray
    k = Tensor(1.0, requires_grad=True)
    with no_grad():
        assert type(of("quad")(lambda x: k * x, 0, 1)[0]) is np.float64
    assert of("trapezoid") is np.trapezoid
    assert of("romb") is their.romb


def test_forward_mode_of_the_adjoint() -> None:
    y, dy = jvp(lambda k: of("odeint")(lambda y, t: k * y, [1.0], [0.0, 1.0])[-1, 0], 0.5, 1.0)
    np.testing.assert_allclose([y, dy], [np.exp(0.5)] * 2, rtol=1e-6)


def diverging(y: Any, t: Any) -> Any:
    """It is infinite at t = 1."""
    return y * y


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "quad, weight": (lambda: of("quad")(np.exp, 0, 1, weight="cos"), TypeError, "weight"),
    "quad, Value": (lambda: of("quad")(lambda x, v: v * x, 0, 1, (Value(2.0),)), TypeError, "use a Tensor"),
    "simpson": (lambda: of("simpson")(np.ones(3), np.ones(4)), ValueError, "3 samples"),
    "odeint, h0": (lambda: of("odeint")(diverging, [1.0], [0, 1], h0=0.1), TypeError, "h0"),
    "odeint, Dfun": (lambda: of("odeint")(diverging, [1.0], [0, 1], Dfun=None), TypeError, "Dfun"),
    "odeint, matrix": (lambda: of("odeint")(diverging, np.eye(2), [0, 1]), ValueError, r"\(2, 2\)"),
    "odeint, steps": (lambda: of("odeint")(diverging, [1.0], [0, 1], steps=0), ValueError, "steps=0"),
    "odeint": (lambda: of("odeint")(diverging, [1.0], [0, 2.0]), RuntimeError, "odeint"),
    "solve_ivp": (lambda: of("solve_ivp")(lambda t, y: y * y, (0, 2.0), [1.0]), RuntimeError, "solve_ivp"),
    "solve_ivp, events": (lambda: of("solve_ivp")(diverging, (0, 1), [1.0], events=None), TypeError, "events"),
    "solve_ivp, method": (lambda: of("solve_ivp")(diverging, (0, 1), [1.0], "BDF", steps=3), ValueError, "BDF"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused(name: str) -> None:
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        call()
