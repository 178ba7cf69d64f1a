"""Code written for HIPS autograd runs unchanged: its examples' idioms, and every operator it has a name for.

This file imports nothing but names of HIPS autograd, and passes with HIPS autograd 1.9.1 itself.
"""

from __future__ import annotations

from typing import Any

import numpy
import pytest

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import (
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    grad_named,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    tensor_jacobian_product,
    value_and_grad,
    vector_jacobian_product,
)
from autograd.builtins import dict as adict, isinstance as aisinstance, list as alist, tuple as atuple
from autograd.core import make_vjp as make_vjp_of_one, primitive as old_primitive, vspace
from autograd.differential_operators import make_jvp_reversemode
from autograd.extend import defjvp, defvjp, defvjp_argnum, notrace_primitive, primitive
from autograd.misc import const_graph, flatten
from autograd.misc.fixed_points import fixed_point
from autograd.misc.flatten import flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.misc.tracers import full_graph
from autograd.numpy.linalg import norm, solve
from autograd.test_util import check_equivalent, check_grads, check_jvp, check_vjp, combo_check, scalar_close
from autograd.tracer import Node, getval, trace
from autograd.util import quick_grad_check, subval, subvals, toposort
from autograd.wrap_util import unary_to_nary

X = np.array([0.5, -1.0, 2.0])
V = np.array([1.0, 0.5, -2.0])


def close(a: Any, b: Any) -> None:
    numpy.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


# --- the operators ------------------------------------------------------------------------------------------------


def cubes(x: Any) -> Any:
    return np.sum(x**3)


def test_the_operators_that_have_other_names() -> None:
    pullback, y = make_vjp(np.tanh)(X)
    close(pullback(V), V * (1 - y**2))
    y, pushed = make_jvp(lambda a, b: a * b, 1)(X, V)(np.ones(3))
    close(pushed, X)
    close(make_jvp_reversemode(np.sin)(X)(V), V * np.cos(X))
    close(hessian_vector_product(cubes)(X, V), 6 * X * V)
    close(hessian_tensor_product(lambda a, x: a * cubes(x), 1)(2.0, X, V), 12 * X * V)
    product, gradient = make_hvp(cubes)(X)
    close(product(V), 6 * X * V)
    close(gradient, 3 * X**2)
    A = np.arange(6.0).reshape(2, 3)
    close(vector_jacobian_product(lambda x: np.dot(A, x))(X, np.array([1.0, 2.0])), np.array([1.0, 2.0]) @ A)
    close(tensor_jacobian_product(lambda x: np.outer(x, x))(X, V), np.outer(X, V) + np.dot(V, X) * np.eye(3))
    close(make_ggnvp(lambda x: np.dot(A, x))(X)(V), A.T @ (A @ V))
    close(make_ggnvp(lambda x: np.dot(A, x), cubes)(X)(V), A.T @ (6 * (A @ X) * (A @ V)))
    close(deriv(np.sin)(X), np.cos(X))
    assert grad_and_aux(lambda a: (a**2, 5 * a))(3.0) == (6.0, 15.0)
    assert grad_named(lambda a, b: a * b**2, "b")(2.0, 3.0) == 12.0
    pullback, y = make_vjp_of_one(np.square, 3.0)
    assert (pullback(1.0), y) == (6.0, 9.0)


def test_argnum_is_spelled_as_there_and_may_be_several() -> None:
    def f(a: Any, b: Any) -> Any:
        return a * b**2

    assert grad(f, 1)(2.0, 3.0) == 12.0
    assert grad(f, argnum=1)(2.0, 3.0) == 12.0
    assert grad(f, (0, 1))(2.0, 3.0) == (9.0, 12.0)
    assert value_and_grad(f, argnum=(1,))(2.0, 3.0) == (18.0, (12.0,))
    close(jacobian(lambda a, b: a * np.tanh(b), argnum=0)(2.0, X), np.tanh(X))
    close(hessian(lambda a, b: a * cubes(b), argnum=1)(2.0, X), np.diag(12 * X))
    close(make_vjp(f, (0, 1))(2.0, 3.0)[0](1.0), (9.0, 12.0))
    check_grads(lambda a, b: a * np.sin(b), (0, 1), modes=["fwd", "rev"], order=2)(2.0, X)


def test_own_operators_of_one_argument_become_operators_of_several() -> None:
    @unary_to_nary
    def laplacian(fun: Any, x: Any) -> Any:
        return np.trace(hessian(fun)(x))

    close(laplacian(cubes)(X), np.sum(6 * X))
    close(laplacian(lambda a, x: a * cubes(x), 1)(2.0, X), np.sum(12 * X))


def test_containers_are_made_and_asked_about_as_there() -> None:
    def f(x: Any) -> Any:
        assert aisinstance(x, float)
        assert aisinstance(x * X, np.ndarray)
        made = adict(a=x, b=atuple((x, alist([2 * x]))))
        assert aisinstance(made, dict)
        return made["a"] * made["b"][1][0]

    assert grad(f)(3.0) == 12.0


def test_getval_and_notrace_primitives_see_plain_numbers() -> None:
    seen = []

    @notrace_primitive
    def watch(x: Any) -> Any:
        seen.append(x)
        return 2.0

    def f(x: Any) -> Any:
        seen.append(getval(np.sum(x)))
        return np.sum(x) * watch(x)

    close(grad(f)(X), [2.0, 2.0, 2.0])
    assert seen[0] == 1.5
    close(seen[1], X)


# --- derivatives of one's own -------------------------------------------------------------------------------------


def test_a_primitive_with_a_derivative_of_its_own(own_rules: Any) -> None:
    @primitive
    def logsumexp(x: Any) -> Any:
        """Numerically stable log(sum(exp(x)))"""
        max_x = np.max(x)
        return max_x + np.log(np.sum(np.exp(x - max_x)))

    defvjp(logsumexp, lambda ans, x: lambda g: np.full(x.shape, g) * np.exp(x - np.full(x.shape, ans)))
    close(grad(lambda y: logsumexp(y**2) ** 2)(X), grad(lambda y: np.log(np.sum(np.exp(y**2))) ** 2)(X))
    check_grads(lambda y: logsumexp(y**2), modes=["rev"], order=2)(X)


def test_defvjp_of_several_arguments_and_none_is_a_derivative_of_0(own_rules: Any) -> None:
    @primitive
    def scaled(x: Any, k: Any) -> Any:
        return k * np.exp(x)

    defvjp(scaled, lambda ans, x, k: lambda g: g * ans, None)
    defjvp(scaled, lambda g, ans, x, k: g * ans, None)
    check_grads(lambda x: scaled(x, 2.0), modes=["rev", "fwd"], order=2)(np.array([0.1, 0.5]))
    assert grad(scaled, 1)(0.5, 2.0) == 0.0

    @primitive
    def total(*xs: Any) -> Any:
        return sum(xs)

    defvjp_argnum(total, lambda argnum, ans, args, kwargs: lambda g: g * (argnum + 1))
    assert grad(total, (0, 2))(1.0, 2.0, 3.0) == (1.0, 3.0)

    @primitive
    def ratio(x: Any, y: Any, power: int = 1) -> Any:
        return (x / y) ** power

    defvjp_argnum(
        ratio,
        lambda argnum, ans, args, kwargs: (
            lambda g: g * ans * kwargs["power"] / args[0] if argnum == 0 else -g * ans * kwargs["power"] / args[1]
        ),
    )
    close(grad(ratio, (0, 1))(6.0, 2.0, power=2), (3.0, -9.0))
    check_grads(lambda x, y: ratio(x, y, power=3), (0, 1), modes=["rev"], order=1)(6.0, 2.0)


def test_check_grads_fails_as_theirs(own_rules: Any) -> None:
    wrong = primitive(lambda x: x**2)
    defvjp(wrong, lambda ans, x: lambda g: g * x)
    for check in (check_grads(wrong, modes=["rev"], order=1), lambda x: check_vjp(wrong, x)):
        with pytest.raises(AssertionError):
            check(3.0)
    check_grads(np.tanh)(0.3)
    check_grads(lambda x, n: x**n)(1.3, 3)  # by its first argument, unless another is named
    check_vjp(np.tanh, X)
    check_jvp(np.tanh, X)
    combo_check(np.sum, modes=["rev"])([X, np.ones((2, 3))], axis=[None, 0], keepdims=[True, False])


def test_a_primitive_without_a_derivative_says_so() -> None:
    silent = primitive(lambda x: 2.0 * x)
    assert silent(1.5) == 3.0
    for operator in (grad, deriv):
        with pytest.raises(NotImplementedError, match="not defined"):
            operator(silent)(1.0)


@pytest.mark.filterwarnings("ignore:.*deprecated")
def test_the_methods_of_old_primitives(own_rules: Any) -> None:
    @old_primitive
    def product(x: Any, y: Any) -> Any:
        return x * y

    product.defgrad(lambda ans, x, y: lambda g: y * g)
    product.defvjp(lambda g, ans, vs, gvs, x, y: x * g * (vs == gvs), argnum=1)
    assert grad(product, (0, 1))(2.0, 3.0) == (3.0, 2.0)
    product.defvjp_is_zero([0, 1])
    assert grad(product, (0, 1))(2.0, 3.0) == (0.0, 0.0)
    quick_grad_check(lambda x, y: x**2 + y, 1.0, (2.0,))


# --- graphs -------------------------------------------------------------------------------------------------------


class Call(Node):  # type: ignore[misc]
    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, argnums: Any, parents: Any) -> None:
        self.parents, self.root = parents, False
        taken = [f"<{parents[argnums.index(i)].said}>" if i in argnums else arg for i, arg in enumerate(args)]
        self.said = f"{fun.__name__}({', '.join(map(str, taken))})"

    def initialize_root(self, name: str) -> None:
        self.parents, self.said = (), name


def test_a_trace_has_a_node_for_each_call() -> None:
    y, end = trace(Call.new_root("x"), lambda x: np.sin(x) * 2.0, 0.5)
    assert y == 2 * np.sin(0.5)
    assert end.said == "multiply(<sin(<x>)>, 2.0)"
    assert [node.said for node in toposort(end)] == [end.said, "sin(<x>)", "x"]
    close(grad(lambda a: trace(Call.new_root("x"), lambda x: a * x, 3.0)[0])(2.0), 3.0)


def test_a_kept_graph_is_run_again_without_its_function() -> None:
    runs = []

    def f(x: Any, y: Any, z: float) -> Any:
        runs.append(x)
        return grad(lambda u: np.sin(u) * z)(x * y)

    kept = const_graph(f, 0.5, z=3.0)
    for y in (1.0, -2.0):
        close(kept(y), 3.0 * np.cos(0.5 * y))
    assert len(runs) == 1
    close(grad(kept)(0.3), -1.5 * np.sin(0.15))

    both = const_graph(lambda x, y: np.dot(x, y) + np.sum(x))
    for point in ((X, V), (V, 2 * X)):
        close(both(*point), np.dot(*point) + np.sum(point[0]))
    end = full_graph(lambda x, y: x * y, 2.0, 3.0)
    fun, args, _, parents = end.recipe
    assert (end.value, fun(*args)) == (6.0, 6.0)
    assert [(argnum, parent.value) for argnum, parent in parents] == [(0, 2.0), (1, 3.0)]


def test_subvals_and_subval() -> None:
    assert subvals([1, 2, 3], [(0, 5), (2, 7)]) == (5, 2, 7)
    assert subval((1, 2), 1, 9) == (1, 9)


# --- where an iteration stands still ------------------------------------------------------------------------------


def test_the_derivatives_of_a_fixed_point_are_those_of_its_equation() -> None:
    def root(a: Any, tol: float = 1e-13) -> Any:
        return fixed_point(lambda a: lambda x: 0.5 * (x + a / x), a, 1.0, lambda x, y: np.abs(x - y), tol)

    numpy.testing.assert_allclose(root(2.0), 2**0.5, rtol=1e-14)
    numpy.testing.assert_allclose(grad(root)(2.0), 0.5 / 2**0.5, rtol=1e-12)
    numpy.testing.assert_allclose(grad(grad(root))(2.0), -0.25 * 2**-1.5, rtol=1e-9)

    A = np.array([[0.2, -0.3, 0.1], [0.0, 0.4, 0.2], [0.1, 0.1, -0.2]])  # contracts
    solution = fixed_point(lambda b: lambda x: np.dot(A, x) + b, X, 0 * X, lambda x, y: np.max(np.abs(x - y)), 1e-14)
    numpy.testing.assert_allclose(solution, np.linalg.solve(np.eye(3) - A, X), rtol=1e-12)

    def of_both(A: Any, b: Any) -> Any:
        x = fixed_point(
            lambda given: lambda x: np.tanh(np.dot(given[0], x)) + given[1],
            atuple((A, b)),
            np.zeros(3),
            lambda x, y: np.max(np.abs(x - y)),
            1e-12,
        )
        return np.sum(x * V)

    check_grads(of_both, (0, 1), modes=["rev"], order=2)(A, X)


# --- vector spaces ------------------------------------------------------------------------------------------------


def test_vectors_are_numbers_arrays_and_trees_of_them() -> None:
    value = {"x": [1.0, X], "y": (np.zeros((2, 1)),)}
    space = vspace(value)
    assert space.size == 6
    assert space == vspace(space.randn())
    for other in (vspace({"x": (1.0, X), "y": (np.zeros((2, 1)),)}), vspace(value["x"]), vspace(X.astype("f4"))):
        assert space != other
    ones = space.ones()
    assert scalar_close(space.inner_prod(value, ones), 2.5)
    check_equivalent(space.add(value, space.scalar_mul(ones, 2.0))["x"][1], X + 2)
    total = space.zeros()
    for vector in space.standard_basis():
        assert space.inner_prod(vector, vector) == 1.0
        total = space.mut_add(total, vector)
    check_equivalent(total, ones)
    check_grads(space.inner_prod, (0, 1))(space.randn(), space.randn())
    assert (vspace(X).shape, vspace(X).ndim, vspace(X).dtype) == ((3,), 1, "f8")
    for no_vector in (3, "x", None):
        with pytest.raises(TypeError):
            vspace(no_vector)
    for different in (X + 1e-4, X[:2], X.astype("f4"), X * np.nan):
        with pytest.raises(AssertionError):
            check_equivalent(X, different)


# --- autograd.numpy -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: np.sum(np.array([[x * x, 3.0], [1.0, x]])), 5.0),
        (lambda x: np.sum(np.array([np.array([x, 1.0]), X[:2]])), 1.0),
        (lambda x: np.sum(np.full((2, 3), x)), 6.0),
        (lambda x: np.sum(np.r_[x, x, 1.0]), 2.0),
        (lambda x: np.sum(np.c_[np.array([x, x]), X[:2]]), 2.0),
        (lambda x: np.sum(np.r_[[x, x], 1:4, 0.0:1.0:5j] * np.arange(10)), 1.0),
        (lambda x: np.sum(np.c_[[x, 2 * x], 1:3] * np.array([[1.0, 5.0], [7.0, 3.0]])), 15.0),
        (lambda x: np.sum(np.make_diagonal(np.array([x, 2 * x]))), 3.0),
        (lambda x: np.sum([x, 2 * x, 3.0]), 3.0),
        (lambda x: np.mean([x, 2 * x, 3.0]), 1.0),
        (lambda x: np.dot([x, x], [1.0, 2.0]), 3.0),
        (lambda x: np.max([x, 1.0]), 1.0),
        (lambda x: np.prod([x, x, 3.0]), 12.0),
        (lambda x: np.sum(np.where(X > 0, [x, x, x], 0.0)), 2.0),
        (lambda x: np.sum(np.concatenate([[x], X])), 1.0),
        (lambda x: np.sum(np.vstack([[x, 1.0], [1.0, x]])), 2.0),
        (lambda x: np.sum(np.hstack([x, x])), 2.0),
        (lambda x: np.sum(np.append([x], [x])), 2.0),
        (lambda x: np.sum(np.outer([x, 1.0], X)), 1.5),
        (lambda x: np.sum(np.diag([x, x])), 2.0),
        (lambda x: norm([3.0 * x, 4.0 * x]), 5.0),
        (lambda x: np.linalg.norm([3.0 * x, 4.0 * x]), 5.0),
        (lambda x: np.sum(np.array([x, 1.0], dtype=np.float32)), 1.0),
    ],
)
def test_lists_may_hold_what_is_traced(f: Any, expected: float) -> None:
    close(grad(f)(2.0), expected)


def test_where_knows_its_arguments_by_name_and_leaves_numbers_of_pythons_be() -> None:
    assert np.where(True, 1, 2) == 1
    assert type(np.where(False, 1, 2.0)) is float
    assert np.where([True, False], [1, 2], [3, 4]) == [1, 4]
    close(np.where(X > 0, x=X, y=V), np.where(X > 0, X, y=V))
    assert np.where([False, True])[0].tolist() == [1]
    close(grad(lambda x: np.where(True, x=[x, x], y=0.0).sum())(2.0), 2.0)
    with pytest.raises((TypeError, ValueError)):
        np.where(True, 1)


# --- the examples, written anew -----------------------------------------------------------------------------------


def test_tanh_and_its_derivatives() -> None:
    def tanh(x: Any) -> Any:
        return (1.0 - np.exp(-x)) / (1.0 + np.exp(-x))

    second = elementwise_grad(elementwise_grad(tanh))
    y = tanh(X)
    close(second(X), -y * (1 - y**2) / 2)


def test_a_series_with_a_loop_that_depends_on_the_numbers() -> None:
    def taylor_sine(x: Any) -> Any:
        total = term = x
        i = 0
        while np.abs(term) > 1e-12:
            term = -term * x**2 / ((2 * i + 3) * (2 * i + 2))
            total = total + term
            i += 1
        return total

    numpy.testing.assert_allclose(grad(taylor_sine)(0.7), np.cos(0.7), rtol=1e-10)
    numpy.testing.assert_allclose(grad(grad(taylor_sine))(0.7), -np.sin(0.7), rtol=1e-9)


def test_logistic_regression_by_hand() -> None:
    inputs = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
    targets = np.array([True, True, False, True])

    def predictions(weights: Any) -> Any:
        return 0.5 * (np.tanh(np.dot(inputs, weights) / 2.0) + 1)

    def training_loss(weights: Any) -> Any:
        preds = predictions(weights)
        return -np.sum(np.log(preds * targets + (1 - preds) * (1 - targets)))

    weights = np.zeros(3)
    close(grad(training_loss)(weights), np.dot(inputs.T, 0.5 - targets))
    check_grads(training_loss, modes=["rev"])(weights)
    for _ in range(200):
        weights -= grad(training_loss)(weights) * 0.1
    assert np.all((predictions(weights) > 0.5) == targets)


@pytest.mark.parametrize(("optimize", "step_size"), [(adam, 0.03), (sgd, 0.1), (rmsprop, 0.01)])
def test_a_neural_network_of_a_list_of_tuples(optimize: Any, step_size: float) -> None:
    rs = npr.RandomState(0)
    params = [(rs.randn(m, n), rs.randn(n)) for m, n in ((2, 8), (8, 2))]
    inputs = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets = np.eye(2)[[0, 1, 1, 0]]

    def predict(params: Any, inputs: Any) -> Any:
        for W, b in params:
            outputs = np.dot(inputs, W) + b
            inputs = np.tanh(outputs)
        return outputs - np.log(np.sum(np.exp(outputs), axis=1, keepdims=True))

    def l2(params: Any) -> Any:
        flattened, _ = flatten(params)
        return np.dot(flattened, flattened)

    def objective(params: Any, iteration: int) -> Any:
        return -np.sum(predict(params, inputs) * targets) + 1e-4 * l2(params)

    seen = []

    def report(params: Any, iteration: int, gradient: Any) -> None:
        seen.append(objective(params, iteration))

    trained = optimize(grad(objective), params, step_size=step_size, num_iters=300, callback=report)
    assert len(seen) == 300
    assert objective(trained, 0) < 0.2 * seen[0]
    assert isinstance(trained, list)
    assert isinstance(trained[0], tuple)


def test_one_step_of_each_optimizer_by_its_formula() -> None:
    g = np.array([1.0, -4.0])
    close(sgd(lambda x, i: g, np.zeros(2), num_iters=2, step_size=0.5, mass=0.9), -0.5 * g * (0.1 + 0.19))
    close(rmsprop(lambda x, i: g, np.zeros(2), num_iters=1), -0.1 * g / (np.sqrt(0.9 + 0.1 * g**2) + 1e-8))
    close(adam(lambda x, i: g, np.zeros(2), num_iters=3, step_size=0.1), -0.3 * g / (np.abs(g) + 1e-8))


def test_parameters_in_a_flat_vector_and_the_hessian_of_it() -> None:
    params = {"w": np.array([[1.0, 2.0]]), "b": (3.0, [np.zeros(0), X])}
    vector, unflatten = flatten(params)
    close(vector, [3.0, 0.5, -1.0, 2.0, 1.0, 2.0])
    close(unflatten(vector)["b"][1][1], X)

    def loss(p: Any) -> Any:
        return np.sum(p["w"]) ** 2 * p["b"][0] + cubes(p["b"][1][1])

    close(grad(lambda v: loss(unflatten(v)))(vector), flatten(grad(loss)(params))[0])
    H = hessian(lambda v: loss(unflatten(v)))(vector)
    close(H[0], [0.0, 0.0, 0.0, 0.0, 6.0, 6.0])
    close(hessian_vector_product(lambda v: loss(unflatten(v)))(vector, np.ones(6)), H @ np.ones(6))
    step, back, start = flatten_func(lambda p: {"w": 2 * p["w"], "b": p["b"]}, params)
    close(back(step(start))["w"], [[2.0, 4.0]])


def test_a_recurrent_network_and_a_gaussian_process() -> None:
    rs = npr.RandomState(1)
    params = {"change": rs.randn(6, 3), "init": rs.randn(1, 3)}

    def run(params: Any) -> Any:
        hidden = np.repeat(params["init"], 4, axis=0)
        outputs = []
        for t in range(3):
            hidden = np.tanh(np.dot(np.hstack((np.full((4, 2), 0.1 * t), hidden, np.ones((4, 1)))), params["change"]))
            outputs.append(hidden)
        return np.sum(np.array(outputs) ** 2)

    assert set(grad(run)(params)) == {"change", "init"}
    check_grads(checkpoint(lambda w: run({"change": w, "init": params["init"]})), modes=["rev"], order=1)(
        params["change"]
    )

    def marginal(scales: Any) -> Any:
        d = np.expand_dims(X / scales[0], 1) - np.expand_dims(X / scales[0], 0)
        K = np.exp(-0.5 * d**2) + np.exp(scales[1]) * np.eye(3)
        return np.dot(V, solve(K, V)) + np.linalg.slogdet(K)[1]

    check_grads(marginal, modes=["rev"])(np.array([1.3, -0.5]))
