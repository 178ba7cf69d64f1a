"""Transforms: against closed forms, each other, and nested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, Value, grad, gradients, hessian, hvp, jacobian, jvp, vjp
from autograd.trees import leaves, rebuild

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


def w_and_b() -> dict[str, Any]:
    return {"w": np.array([[1.0, 2.0, -0.5], [0.5, -1.0, 3.0]]), "b": [np.array([0.1, -0.3]), 2.0]}


def tree_in_tree_out(p: Any, x: Any) -> Any:
    return {"y": np.tanh(p["w"] @ x + p["b"][0]) * p["b"][1], "rest": (np.sum(x), [x * p["b"][1] ** 2])}


def flat_version(f: Any, *trees: Any) -> tuple[Any, Any]:
    """`f` as a function of one vector that returns one, and that vector: plain NumPy, to compare blocks with."""
    shapes = [np.shape(leaf) for leaf in leaves(trees)]
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

    def flat(vector: Any) -> Any:
        pieces = [np.reshape(piece, shape) for piece, shape in zip(np.split(vector, cuts), shapes)]
        return np.concatenate([np.ravel(leaf) for leaf in leaves(f(*rebuild(trees, iter(pieces))))])

    return flat, np.concatenate([np.ravel(leaf) for leaf in leaves(trees)])


def assembled(blocks: Any, trees: Any) -> Any:
    """Blocks in the structure of outputs, then of inputs, as one matrix."""
    count = len(leaves(trees))
    sizes = [np.size(leaf) for leaf in leaves(trees)]
    entries = leaves(blocks)
    rows = [entries[i : i + count] for i in range(0, len(entries), count)]
    return np.concatenate([np.hstack([np.reshape(b, (-1, n)) for b, n in zip(row, sizes)]) for row in rows])


def test_jacobian_of_trees_is_blocks_of_the_jacobian_of_vectors() -> None:
    p = w_and_b()
    flat, vector = flat_version(tree_in_tree_out, p, X)
    h = 1e-5
    expected = np.stack([(flat(vector + h * e) - flat(vector - h * e)) / (2 * h) for e in np.eye(vector.size)], axis=1)
    J = jacobian(tree_in_tree_out, (0, 1))(p, X)
    np.testing.assert_allclose(assembled(J, (p, X)), expected, atol=1e-8)
    assert J["y"][0]["w"].shape == (2, 2, 3)
    assert J["rest"][1][0][0]["b"][1].shape == (3,)
    np.testing.assert_array_equal(J["rest"][0][1], np.ones(3))
    only = jacobian(tree_in_tree_out)(p, X)
    np.testing.assert_array_equal(only["y"]["w"], J["y"][0]["w"])


def test_hessian_of_trees_is_symmetric_blocks() -> None:
    def loss(p: Any) -> Any:
        return np.sum(tree_in_tree_out(p, X)["y"] ** 2) * p["b"][1]

    p = w_and_b()
    flat, vector = flat_version(loss, p)
    H = hessian(loss)(p)
    np.testing.assert_allclose(assembled(H, p), hessian(lambda v: flat(v)[0])(vector), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(assembled(H, p), assembled(H, p).T, atol=1e-13)
    assert H["w"]["b"][0].shape == (2, 3, 2)
    assert isinstance(H["b"][1]["b"][1], float)
    assert hessian(lambda a, b: a * b**2, (0, 1))(2.0, 3.0) == ((0.0, 6.0), (6.0, 4.0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
def test_jacobians_of_empty_arrays_are_empty(shape: tuple[int, ...], dtype: Any) -> None:
    x = np.zeros(shape, dtype)
    for J, out in (
        (jacobian(np.tanh)(x), shape),
        (jacobian(lambda x: np.sum(x) * np.ones(2, dtype))(x), (2,)),
        (jacobian(np.sum)(x), ()),
    ):
        assert (J.shape, J.dtype) == (out + shape, dtype)
    H = hessian(lambda x: np.sum(x**3))(x)
    assert (H.shape, H.dtype) == (shape + shape, dtype)
    full = np.ones((2, 3), dtype)
    for J in (jacobian(lambda x: x[:0])(full), jacobian(lambda x: x[:0] * x[:0])(full)):
        assert (J.shape, J.dtype) == ((0, 3, 2, 3), dtype)
    assert hessian(lambda x: x[:0] * x[:0])(full).shape == (0, 3, 2, 3, 2, 3)


def test_trees_of_tangents_and_cotangents_have_to_fit() -> None:
    _, pullback = vjp(lambda x: {"a": x, "b": 2 * x}, 2.0)
    assert pullback({"b": 1.0, "a": 10.0}) == 12.0
    for wrong in ({"a": 1.0}, {"a": 1.0, "b": 1.0, "c": 1.0}, [1.0, 1.0], 1.0):
        with pytest.raises(ValueError, match=r"expected a dict with the keys \['a', 'b'\], not a "):
            pullback(wrong)
    with pytest.raises(ValueError, match="expected a tuple of 2, not a tuple of 1"):
        jvp(np.multiply, (1.0, 2.0), (1.0,))


def test_a_leaf_that_the_function_makes_in_its_first_call_keeps_its_gradient() -> None:
    """As a lazy layer does: its penalty on a slope is no other in the first call than in the second."""
    made: dict[str, Tensor] = {}

    def f(x: Any) -> Any:
        if "w" not in made:
            made["w"] = Tensor(np.array([2.0, 3.0]), requires_grad=True)
        return np.sum(np.tanh(x * made["w"]))

    x = np.array([0.3, -0.2])
    found = []
    for _ in range(2):
        (grad(f)(x) ** 2).sum().backward()
        found.append(made["w"].grad)
        made["w"].grad = None
    np.testing.assert_array_equal(*found)
    w, t = np.array([2.0, 3.0]), np.tanh(x * np.array([2.0, 3.0]))
    np.testing.assert_allclose(found[0], 2 * w * (1 - t * t) ** 2 * (1 - 2 * w * x * t))


def test_what_transforms_inside_of_a_function_make_is_no_leaf_of_its_own() -> None:
    assert type(grad(lambda x: x * grad(lambda y: y**3)(2.0))(3.0)) is float
    assert grad(lambda x: x * np.sum(hessian(lambda y: np.sum(y**3))(np.ones(2))))(3.0) == 12.0


def test_the_jacobian_of_a_linear_map_is_its_matrix_to_the_bit_in_memory_of_its_own() -> None:
    A = np.array([[np.inf, 1.0, -0.0, 2.0], [3.0, np.nan, 4.0, 0.1]] * 2)
    for matrix, f in ((A, lambda x: A @ x), (np.eye(4), lambda x: +x)):
        J = jacobian(f)(np.ones(4))
        assert J.tobytes() == matrix.tobytes()
        J[0, 0] = 7.0
        assert matrix[0, 0] != 7.0
