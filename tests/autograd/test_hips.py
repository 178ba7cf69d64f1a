"""Code written for HIPS autograd runs unchanged."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

import autograd.numpy as np
from autograd.differential_operators import (
    grad,
    grad_and_aux,
    hessian_vector_product,
    make_hvp,
    make_jvp,
    make_vjp,
)
from autograd.extend import defvjp, primitive
from autograd.test_util import check_grads


def test_its_numpy_is_numpy_and_stacks_lists_of_nodes() -> None:
    for name in ("linalg", "random", "fft"):
        module = importlib.import_module(f"autograd.numpy.{name}")
        assert module.__getattr__("__name__") == f"numpy.{name}"
    g = grad(lambda x: np.sum(np.array([[x[0] * x[1], 3.0], [x[1], x[0]]])))(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(g, [3.0, 2.0])


def test_defvjp_states_pullbacks_and_none_is_a_derivative_of_0(own_rules: Any) -> None:
    @primitive
    def scaled(x: Any, k: Any) -> Any:
        return k * np.exp(x)

    defvjp(scaled, lambda ans, x, k: lambda g: g * ans, None)
    check_grads(lambda x: scaled(x, 2.0), modes=["rev", "fwd"], order=2)(np.array([0.1, 0.5]))
    assert grad(scaled, 1)(0.5, 2.0) == 0.0


def test_the_operators_that_have_other_names() -> None:
    x, v = np.array([1.0, 2.0]), np.array([1.0, -1.0])
    pullback, y = make_vjp(np.tanh)(x)
    np.testing.assert_allclose(pullback(v), v * (1 - y**2))
    y, pushed = make_jvp(lambda a, b: a * b, 1)(x, v)(np.ones(2))
    np.testing.assert_array_equal(pushed, x)
    np.testing.assert_array_equal(hessian_vector_product(lambda a: np.sum(a**3))(x, v), 6 * x * v)
    product, gradient = make_hvp(lambda a: np.sum(a**3))(x)
    np.testing.assert_array_equal(product(v), 6 * x * v)
    np.testing.assert_array_equal(gradient, 3 * x**2)
    assert grad_and_aux(lambda a: (a**2, "aux"))(3.0) == (6.0, "aux")


def test_check_grads_fails_as_theirs(own_rules: Any) -> None:
    wrong = primitive(lambda x: x**2)
    defvjp(wrong, lambda ans, x: lambda g: g * x)
    with pytest.raises(AssertionError):
        check_grads(wrong, order=1)(3.0)
