"""`autograd.scipy.optimize`: the implicit function theorem at any order, and where it does not hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import StaleGraphError, Tensor, grad, jacobian, jvp, no_grad

their = pytest.importorskip("scipy.optimize")


def of(name: str) -> Any:
    """A function of the module, which is imported when the first test needs it."""
    from autograd.scipy import optimize

    return getattr(optimize, name)


def cube_root(a: Any) -> Any:
    """The solution of x^3 = a."""
    return of("implicit")(lambda x: x**3 - a, 2.0)


def test_an_implicit_function_has_derivatives_of_any_order() -> None:
    found, f = [], cube_root
    for _ in range(3):
        f = grad(f)
        found.append(f(8.0))
    np.testing.assert_allclose(found, [8 ** (-2 / 3) / 3, -2 / 9 * 8 ** (-5 / 3), 10 / 27 * 8 ** (-8 / 3)])


def test_the_sensitivity_of_a_fit_is_that_of_its_closed_form() -> None:
    """Ridge regression: the weights as a function of the data and of the penalty."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((8, 3)), rng.standard_normal(8)

    def fitted(y: Any, penalty: Any) -> Any:
        loss = lambda w: np.sum((X @ w - y) ** 2) + penalty * np.sum(w**2)  # noqa: E731 - a formula
        return of("minimize")(loss, np.zeros(3), tol=1e-12).x

    def solved(y: Any, penalty: Any) -> Any:
        return np.linalg.solve(X.T @ X + penalty * np.eye(3), X.T @ y)

    for found, expected in zip(jacobian(fitted, (0, 1))(y, 0.3), jacobian(solved, (0, 1))(y, 0.3)):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_the_value_at_a_minimum_moves_as_if_the_minimum_stood_still() -> None:
    result = grad(lambda p: of("minimize")(lambda x: np.sum((x - p) ** 2) + p**2, np.zeros(1)).fun)
    np.testing.assert_allclose(result(1.5), 3.0, rtol=1e-6)


def test_weights_that_a_function_refers_to_have_gradients() -> None:
    w = Tensor([1.0, 2.0], requires_grad=True)
    of("root")(lambda x: x**3 - w, np.ones(2)).x.sum().backward()
    np.testing.assert_allclose(w.grad, w.data ** (-2 / 3) / 3)
    y = of("root")(lambda x: x**3 - w, np.ones(2)).x.sum()
    w.data = 2 * w.data
    with pytest.raises(StaleGraphError, match="solve again"):
        y.backward()


def test_forward_mode() -> None:
    np.testing.assert_allclose(jvp(cube_root, 8.0, 1.0), (2, 1 / 12))


def test_without_nodes_the_results_are_scipys() -> None:
    found = of("root")(lambda x: x * x + 1, [1.0])  # there is none, and SciPy says so
    assert not found.success
    assert type(found.x) is np.ndarray
    a = Tensor(2.0, requires_grad=True)
    with no_grad():
        assert type(of("fixed_point")(lambda x: (x + a / x) / 2, [1.0])) is np.ndarray
    assert of("brentq") is their.brentq


def test_what_is_no_solution_has_no_derivative() -> None:
    with pytest.raises(RuntimeError, match="no solution"):
        grad(lambda a: of("root")(lambda x: np.exp(x) + a, [1.0]).x.sum())(1.0)
    with pytest.raises(RuntimeError, match="no solution"):
        grad(lambda a: of("implicit")(lambda x: x * x - a, 1.4))(2.0)
    with pytest.raises(RuntimeError, match="no solution"):
        grad(lambda a: of("minimize")(lambda x: ((x - a) ** 2).sum(), [0.0], options={"maxiter": 0}).x.sum())(2.0)


def test_a_singular_jacobian_has_no_derivative() -> None:
    def twice_the_same(a: Any) -> Any:
        return of("implicit")(lambda x: np.stack([x[0] + x[1] - a, 2 * x[0] + 2 * x[1] - 2 * a]), np.ones(2))

    with pytest.raises(np.linalg.LinAlgError, match="singular at its solution"):
        jacobian(twice_the_same)(2.0)


def test_a_solver_of_ones_own_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="implicit"):
        of("minimize")(lambda x: (x**2).sum(), [1.0], method=lambda *args, **kwargs: None)


def test_bounds_and_constraints_are_refused() -> None:
    for name in ["bounds", "constraints", "jac", "hess"]:
        with pytest.raises(TypeError, match=name):
            of("minimize")(lambda x: (x**2).sum(), [1.0], **{name: None})
