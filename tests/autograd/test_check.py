"""check_grads finds what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import GradientCheckError, Tensor, check_grads, gradients, partials, primitive, pullbacks
from autograd.operators import raw


def test_right_rules_pass_and_trees_are_taken() -> None:
    check_grads(lambda w: [np.sin(w["a"]) * w["b"], w["b"] ** 2], {"a": np.ones((2, 3)), "b": 2.0}, order=3)


def test_a_wrong_first_derivative_is_found(own_rules: Any) -> None:
    wrong = primitive(lambda x: np.sin(x))
    partials(wrong, lambda y, x: np.cos(x) + 1e-4)
    with pytest.raises(GradientCheckError, match=r"order 1, rev: .* finite differences give"):
        check_grads(wrong, np.array([0.3, 0.7]), order=1)


def test_a_wrong_second_derivative_is_found(own_rules: Any) -> None:
    slope = primitive(lambda x: np.cos(x))
    partials(slope, lambda y, x: np.sin(x))  # the sign is wrong
    sine = primitive(lambda x: np.sin(x))
    partials(sine, lambda y, x: slope(x))
    check_grads(sine, np.array([0.3, 0.7]), order=1)
    with pytest.raises(GradientCheckError, match="order 2"):
        check_grads(sine, np.array([0.3, 0.7]), order=2)


def test_a_gradient_that_is_cut_is_found(own_rules: Any) -> None:
    cut = primitive(lambda x: x * x)
    pullbacks(cut, 0)
    with pytest.raises(GradientCheckError, match="order 1"):
        check_grads(cut, np.array([1.0, 2.0]))


def test_a_pullback_that_cuts_its_upstream_gradient_is_found(own_rules: Any) -> None:
    cut = primitive(lambda x: np.sin(x))
    pullbacks(cut, lambda g, y, x: raw(g) * np.cos(x))
    check_grads(cut, np.array([0.3, 0.7]), order=1, modes=["rev"])
    with pytest.raises(GradientCheckError, match="order 2, rev"):
        check_grads(cut, np.array([0.3, 0.7]), order=2, modes=["rev"])


def test_complex_numbers_are_refused() -> None:
    for x in (1j, np.ones(2, complex), [1.0, 2 + 1j]):
        with pytest.raises(TypeError, match="real numbers, not by complex128: check the function of the real"):
            check_grads(np.sin, x)


FROM_ONE_TRIANGLE = {
    "cholesky": np.linalg.cholesky,
    "the upper cholesky": lambda a: np.linalg.cholesky(a, upper=True),
    "eigvalsh": np.linalg.eigvalsh,
    "eigenvalues": lambda a: np.linalg.eigh(a)[0],
    "eigenvectors": lambda a: np.linalg.eigh(a, UPLO="U")[1] ** 2,
}


@pytest.mark.parametrize("f", FROM_ONE_TRIANGLE.values(), ids=FROM_ONE_TRIANGLE)
def test_functions_that_read_one_triangle_are_checked_along_symmetric_directions(f: Any) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 3))
    a = x @ x.mT + 3 * np.eye(3)
    check_grads(f, a, order=3, rtol=1e-5, symmetric=True)
    with pytest.raises(GradientCheckError, match="order 1"):
        check_grads(f, a, order=1)
    check_grads(f, a + np.triu(np.ones((3, 3)), 1), order=1, symmetric=True)  # it is made symmetric
    check_grads(lambda a, b: f(a)[..., :1] * np.sum(b), a, np.ones((3, 4)), order=2, rtol=1e-5, symmetric=True)


def test_symmetric_directions_find_what_is_wrong(own_rules: Any) -> None:
    lower = primitive(np.linalg.cholesky)
    pullbacks(lower, lambda g, y, a: np.tril(g))
    with pytest.raises(GradientCheckError, match="order 1"):
        check_grads(lower, np.array([[2.0, 0.5], [0.5, 1.0]]), symmetric=True)


class TestWhatAPullbackMayReturn:
    @pytest.mark.parametrize(
        ("returned", "gradient"),
        [
            (2.0, [2.0, 2.0]),
            (3, [3.0, 3.0]),
            (np.float32(0.5), [0.5, 0.5]),
            ([1, 2], [1.0, 2.0]),
            ([[1.0, 2.0], [3.0, 4.0]], [4.0, 6.0]),
        ],
    )
    def test_numbers_and_lists(self, own_rules: Any, returned: Any, gradient: list[float]) -> None:
        f = primitive(lambda x: 1.0 * x)
        pullbacks(f, lambda g, y, x: returned)
        x = Tensor([5.0, 7.0], requires_grad=True)
        found = gradients(f(x), x, np.ones(2))
        assert (found.dtype, found.tolist()) == (np.float64, gradient)
        y = f(x)
        y.backward(np.ones(2), create_graph=True)
        assert x.grad.tolist() == gradient

    def test_what_does_not_fit_is_refused(self, own_rules: Any) -> None:
        f = primitive(lambda x: 1.0 * x)
        x = Tensor([5.0, 7.0], requires_grad=True)
        pullbacks(f, lambda g, y, x: None)
        with pytest.raises(TypeError, match="a pullback returns numbers, and one returned None"):
            gradients(f(x), x, np.ones(2))
        pullbacks(f, lambda g, y, x: [1.0, 2.0, 3.0])
        with pytest.raises(ValueError, match=r"a pullback returned shape \(3,\) for an argument of shape \(2,\)"):
            gradients(f(x), x, np.ones(2))
