from __future__ import annotations

import copy
from collections import Counter

import numpy as np
import pytest

from autograd import Tensor, Value, gradients, nll, no_grad
from autograd.draw.scene import Scene, look_at
from autograd.node import Node


def ends(scene: Scene) -> Counter[tuple[int, int]]:
    return Counter((edge.source, edge.target) for edge in scene.edges)


def test_the_kinds_of_boxes() -> None:
    w, x = Tensor([1.0, 2.0], requires_grad=True, name="w"), Tensor([3.0, 4.0], name="x")
    scene = look_at(np.sum(w * x + np.array([5.0, 6.0])) * 2, True, 300)
    kinds = [box.kind for box in scene.boxes]
    assert kinds == ["leaf", "constant", "operation", "constant", "operation", "operation", "constant", "result"]
    assert [box.name for box in scene.boxes[:2]] == ["w", "x"]


def test_every_box_comes_after_those_it_was_computed_from(xor_loss: Tensor, perceptron: Value) -> None:
    for node in (xor_loss, perceptron):
        scene = look_at(node, True, 300)
        assert all(edge.source < edge.target for edge in scene.edges)
        assert scene.boxes[-1].kind == "result"


def test_gradients_are_those_of_backward(xor_loss: Tensor) -> None:
    scene = look_at(xor_loss, True, 300)
    leaves = {arg.name: arg for node in walk(xor_loss) for arg in node.args if isinstance(arg, Tensor)}
    drawn = {box.name: box.gradient for box in scene.boxes if box.kind == "leaf"}
    xor_loss.backward()
    assert set(drawn) == {"W1", "b1", "W2", "b2"}
    for name, gradient in drawn.items():
        np.testing.assert_array_equal(gradient, leaves[name].grad)


def test_gradients_of_operations_are_those_of_the_engine(perceptron: Value) -> None:
    scene = look_at(perceptron, True, 300)
    assert [box.gradient for box in scene.boxes if box.call] == gradients(perceptron, walk(perceptron))


def walk(root: Node) -> list[Node]:
    """The operations below `root`, found without the engine."""
    found: set[Node] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node.fun is not None and node not in found:
            found.add(node)
            stack.extend(arg for arg in node.args if isinstance(arg, Node))
    return sorted(found, key=lambda node: node.index)


def test_no_grad_attribute_changes(xor_loss: Tensor) -> None:
    xor_loss.backward()
    nodes = {n for node in walk(xor_loss) for n in (node, *node.args) if isinstance(n, Tensor)}
    before = {node: (node._grad, copy.copy(node._grad), node._raw, node._lent) for node in nodes}
    look_at(xor_loss, True, 300)
    assert sum(node._grad is not None for node in nodes) == 4
    for node, (grad, numbers, data, lent) in before.items():
        assert node._grad is grad
        assert node._raw is data
        assert node._lent is lent
        np.testing.assert_array_equal(grad, numbers)


def test_a_node_used_twice_has_two_edges() -> None:
    x = Value(3.0, name="x")
    scene = look_at(x * x, True, 300)
    assert len(scene.boxes) == 2
    assert ends(scene) == {(0, 1): 2}
    assert scene.boxes[0].gradient == 6.0
    assert [edge.local for edge in scene.edges] == [3.0, 3.0]


def test_a_shared_node_has_one_box() -> None:
    x = Value(2.0, name="x")
    y = x.exp()
    scene = look_at(y * 3 + y, True, 300)
    assert sum(box.call is not None and box.call.fun is np.exp for box in scene.boxes) == 1
    assert len(scene.edges) == 5


def test_the_gradient_of_an_array_is_that_of_its_sum() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="x")
    y = np.square(x)
    scene = look_at(y, True, 300)
    np.testing.assert_array_equal(scene.boxes[0].gradient, [[2.0, 4.0], [6.0, 8.0]])
    np.testing.assert_array_equal(scene.boxes[-1].gradient, np.ones((2, 2)))


@pytest.mark.parametrize("node", [Tensor([1.0, 2.0]), Tensor([1.0, 2.0]) * 3])
def test_what_requires_no_gradient_is_drawn_without(node: Tensor) -> None:
    scene = look_at(node, True, 300)
    assert [box.kind for box in scene.boxes] == ["constant"]
    assert scene.boxes[0].gradient is None


def test_a_result_under_no_grad_is_one_box() -> None:
    with no_grad():
        y = Value(2.0) * 3
    assert [box.value for box in look_at(y, True, 300).boxes] == [6.0]


def test_a_leaf_alone_is_its_own_result() -> None:
    scene = look_at(Value(2.0, name="x"), True, 300)
    assert [(box.kind, box.name, box.gradient) for box in scene.boxes] == [("leaf", "x", 1.0)]


def test_gradients_can_be_left_out(perceptron: Value) -> None:
    scene = look_at(perceptron, False, 300)
    assert all(box.gradient is None for box in scene.boxes)
    assert all(edge.local is None for edge in scene.edges)


def test_values_are_those_the_graph_was_computed_with() -> None:
    p = Tensor([1.0, 2.0], requires_grad=True, name="p")
    loss = np.sum(p * p)
    p.data[...] = 7.0
    np.testing.assert_array_equal(look_at(loss, True, 300).boxes[0].value, [1.0, 2.0])
    np.testing.assert_array_equal(look_at(loss, True, 300).boxes[0].gradient, [2.0, 4.0])


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda a, b: a + b, [1.0, 1.0]),
        (lambda a, b: a - b, [1.0, -1.0]),
        (lambda a, b: a * b, [-4.0, 2.0]),
        (lambda a, b: a / b, [-0.25, -0.125]),
        (lambda a, b: np.maximum(a, b), [1.0, 0.0]),
    ],
)
@pytest.mark.parametrize("kind", [Value, lambda x: Tensor(x, True), lambda x: Tensor([x], True)])
def test_local_derivatives_of_scalars(function, expected, kind) -> None:  # type: ignore[no-untyped-def]
    scene = look_at(function(kind(2.0), kind(-4.0)), True, 300)
    assert [edge.local for edge in scene.edges] == expected


def test_a_local_derivative_can_be_infinite() -> None:
    assert [edge.local for edge in look_at(Value(0.0).sqrt(), True, 300).edges] == [np.inf]


@pytest.mark.parametrize(
    ("function", "shape", "expected"),
    [
        (np.tanh, (3,), "array"),  # a few numbers
        (np.tanh, (5,), None),  # too many to print
        (lambda x: -x, (5, 5), -1.0),  # many that are equal, as the table says
        (lambda x: np.sum(x) * 1, (5, 5), 1.0),  # of one number the gradient
        (lambda x: np.prod(x), (3,), "array"),
        (lambda x: np.prod(x), (5,), None),
        (lambda x: np.mean(x), (4, 5), 0.05),
        (lambda x: x + np.zeros((2, 3)), (3,), None),  # broadcast: the contribution is a sum
        (lambda x: np.cumsum(x), (3,), None),  # a matrix of derivatives
    ],
)
def test_local_derivatives_of_arrays_times_upstream_are_the_contributions(function, shape, expected) -> None:  # type: ignore[no-untyped-def]
    x = Tensor(np.random.default_rng(0).uniform(0.5, 2, shape), requires_grad=True)
    scene = look_at(function(x), True, 300)
    edge = scene.edges[0]
    if isinstance(expected, str):
        assert np.shape(edge.local) == shape
    else:
        assert edge.local == expected
    if expected is not None:
        upstream = scene.boxes[edge.target].gradient
        np.testing.assert_allclose(np.broadcast_to(upstream * edge.local, shape), edge.contribution, rtol=1e-12)
        np.testing.assert_array_equal(edge.contribution, scene.boxes[edge.source].gradient)


def test_indices_shapes_and_keywords_are_no_boxes() -> None:
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    scene = look_at(np.sum(np.reshape(x[:, 1:], (4,)), axis=0), True, 300)
    assert [box.kind for box in scene.boxes] == ["leaf", "operation", "operation", "result"]
    calls = [box.call for box in scene.boxes if box.call]
    assert [list(call.metadata) for call in calls] == [[(slice(None), slice(1, None))], [(4,)], []]
    assert calls[-1].keywords == {"axis": 0}


def test_labels_are_a_constant() -> None:
    logits = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="logits")
    scene = look_at(nll(logits, np.array([0, 1])), True, 300)
    assert [box.kind for box in scene.boxes] == ["leaf", "constant", "result"]
    np.testing.assert_array_equal(scene.boxes[1].value, [0, 1])
