"""Transforms: against closed forms, each other, and nested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import StaleGraphError, Tensor, Value, grad, gradients, hessian, hvp, jacobian, jvp, vjp

A = np.array([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0]])
X = np.array([0.3, -1.2, 0.7])


def f(x: Any) -> Any:
    return np.sum(np.tanh(A @ x) ** 2) * x[0]


def test_grad_to_any_order_and_for_floats() -> None:
    cube, orders = (lambda x: x**3), []
    for _ in range(4):
        cube = grad(cube)
        orders.append(cube(2.0))
    assert orders == [12.0, 12.0, 6.0, 0.0]
    assert all(isinstance(d, float) for d in orders)


def test_nested_transforms_do_not_confuse_their_perturbations() -> None:
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(5.0) == 1.0
    assert grad(lambda x: grad(lambda y: x * y)(x))(5.0) == 1.0
    assert grad(lambda x: x * jvp(lambda y: x * y, 2.0, 1.0)[1])(3.0) == 6.0


def test_argnums_trees_and_values() -> None:
    assert grad(lambda a, b: a * b, argnums=(0, 1))(2.0, 3.0) == (3.0, 2.0)
    value, g = ag.value_and_grad(lambda w: (w["a"] * w["b"][0]).sum())({"a": X, "b": [2.0, 5.0]})
    assert value == pytest.approx(2 * X.sum())
    np.testing.assert_allclose(g["a"], [2.0, 2.0, 2.0])
    assert g["b"] == [pytest.approx(X.sum()), 0.0]
    (loss, aux), g = ag.value_and_grad(lambda x: (x**2, {"twice": 2 * x}), has_aux=True)(3.0)
    assert (loss, aux, g) == (9.0, {"twice": 6.0}, 6.0)


def test_jacobian_hessian_and_products_agree() -> None:
    J = jacobian(lambda x: np.tanh(A @ x))(X)
    np.testing.assert_allclose(J, (1 - np.tanh(A @ X) ** 2)[:, None] * A, rtol=1e-14)
    u, v = np.array([1.0, -2.0]), np.array([0.5, 1.0, -1.0])
    y, pullback = vjp(lambda x: np.tanh(A @ x), X)
    np.testing.assert_allclose(pullback(u), u @ J, rtol=1e-14)
    forward, pushed = jvp(lambda x: np.tanh(A @ x), X, v)
    np.testing.assert_allclose(pushed, J @ v, rtol=1e-14)
    np.testing.assert_array_equal(forward, y)
    H = hessian(f)(X)
    np.testing.assert_allclose(H, H.T, atol=1e-14)
    np.testing.assert_allclose(H, jacobian(grad(f))(X), rtol=1e-13)
    np.testing.assert_allclose(hvp(f, X, v), H @ v, rtol=1e-13, atol=1e-16)  # one entry cancels


def test_elementwise_grad_is_the_diagonal() -> None:
    np.testing.assert_allclose(ag.elementwise_grad(np.sin)(X), np.cos(X), rtol=1e-15)


def test_nodes_in_give_nodes_out_and_arrays_arrays() -> None:
    x = Tensor(X, requires_grad=True)
    g = grad(f)(x)
    assert isinstance(g, Tensor)
    g.sum().backward()
    np.testing.assert_allclose(x.grad, hessian(f)(X).sum(axis=0), rtol=1e-13)
    assert type(grad(f)(X)) is np.ndarray
    assert grad(lambda v: v * v)(Value(3.0)).data == 6.0


def test_gradients_touch_no_grad_and_are_0_off_the_path() -> None:
    x, z = Tensor(X, requires_grad=True), Tensor(1.0, requires_grad=True)
    found = gradients((x * x).sum(), {"x": x, "z": z})
    np.testing.assert_array_equal(found["x"], 2 * X)
    assert found["z"] == 0
    assert x.grad is None
    inner = np.tanh(x)
    np.testing.assert_array_equal(gradients((inner * 3).sum(), inner), [3.0, 3.0, 3.0])
    np.testing.assert_array_equal(gradients(inner, inner, gradient=[1.0, 2.0, 3.0]), [1.0, 2.0, 3.0])


def test_what_cannot_be_differentiated_is_refused() -> None:
    with pytest.raises(TypeError, match=r"grad needs a function that returns one number.*\(3,\).*jacobian"):
        grad(lambda x: x * 2)(X)
    with pytest.raises(TypeError, match="no derivative exists with respect to a str"):
        grad(lambda x: x)("x")
    with pytest.raises(TypeError, match="only Values and Tensors that require a gradient"):
        gradients(Tensor(1.0, requires_grad=True), 3.0)
    with pytest.raises(ValueError, match=r"the tangent has shape \(2,\)"):
        jvp(np.sin, X, np.ones(2))
    with pytest.warns(UserWarning, match="not a node: its derivative is taken as 0"):
        assert grad(lambda x: x.item() * 2)(1.0) == 0.0


def test_grad_works_inside_no_grad() -> None:
    with ag.no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0


def test_checkpoint_gives_the_gradients_of_arguments_and_closures() -> None:
    def segment(t: Any) -> Any:
        return np.tanh(t * w) * w

    results = []
    for run in (segment, ag.checkpoint(segment)):
        w, t = Tensor([1.0, 2.0, 3.0], requires_grad=True), Tensor(X, requires_grad=True)
        run(run(t * 2)).sum().backward()
        results.append((t.grad, w.grad))
    np.testing.assert_allclose(results[1][0], results[0][0], rtol=1e-14)
    np.testing.assert_allclose(results[1][1], results[0][1], rtol=1e-14)
    ag.check_grads(lambda x: ag.checkpoint(segment)(x) * x, X, order=3)


def test_checkpoint_keeps_one_node_and_refuses_another_result() -> None:
    t = Tensor(X, requires_grad=True)
    y = ag.checkpoint(lambda x: np.exp(np.tanh(x) * x))(t)
    assert [arg for arg in y.args if isinstance(arg, Tensor)] == [t]
    rng = np.random.default_rng(0)
    y = ag.checkpoint(lambda x: x * rng.standard_normal(3))(t).sum()
    with pytest.raises(StaleGraphError, match="gave another result when it was run again"):
        y.backward()
    assert t.grad is None
