"""Modules in a picture: frames, depth, like ones together, and what is folded first."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, gradients, scoped
from autograd.draw import draw
from autograd.draw.parts import parts_of
from autograd.draw.scene import Box, Scene, look_at
from autograd.sweep import toposort


class Block(nn.Module):
    """x + dense(norm(x))."""

    def __init__(self, size: int, rng: int) -> None:
        self.norm = nn.LayerNorm(size)
        self.dense = nn.Dense(size, size, "relu", rng=rng)

    def forward(self, x: Any) -> Any:
        return x + self.dense(self.norm(x))


def ten_blocks() -> tuple[nn.Module, Tensor]:
    layers = [nn.Dense(4, 8, rng=0), *(Block(8, i) for i in range(10)), nn.Dense(8, 3, rng=1)]
    model = nn.Sequential(*layers)
    X = Tensor(np.random.default_rng(0).normal(size=(5, 4)), name="X", dtype=np.float32)
    loss = nn.cross_entropy(model(X), np.arange(5) % 3)
    loss.name = "loss"
    return model, loss


def framed(scene: Scene, box: Box) -> list[str]:
    """The titles of the clusters that a box is in, the outermost first."""
    found, place = [], box.cluster
    while place is not None:
        found.append(scene.clusters[place].title)
        place = scene.clusters[place].parent
    return found[::-1]


def in_order(scene: Scene) -> bool:
    return all(edge.source < edge.target for edge in scene.edges)


def test_modules_are_clusters_with_dotted_names() -> None:
    model = nn.MLP(2, 4, 1, rng=0)
    X = Tensor([[0.0, 1.0]], name="X", dtype=np.float32)
    scene = look_at(np.sum(model(X)), True, 300)
    assert [(cluster.title, cluster.kind, cluster.parent) for cluster in scene.clusters] == [
        ("MLP", "MLP", None), ("0", "Dense", 0), ("1", "Dense", 0),
    ]  # fmt: skip
    assert {(box.name or box.kind, *framed(scene, box)) for box in scene.boxes} == {
        ("X",), ("0.W", "MLP", "0"), ("0.b", "MLP", "0"), ("operation", "MLP", "0"), ("1.W", "MLP", "1"),
        ("1.b", "MLP", "1"), ("operation", "MLP", "1"), ("result",),
    }  # fmt: skip


def test_a_parameter_that_two_modules_share_is_in_the_one_around_both() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            self.first, self.second = nn.Dense(3, 3, rng=0), nn.Dense(3, 3, rng=1)
            self.second.W = self.first.W

        def forward(self, x: Any) -> Any:
            return self.second(self.first(x))

    scene = look_at(np.sum(Twice()(np.ones((1, 3)))), True, 300)
    places = {box.name: framed(scene, box) for box in scene.boxes if box.kind == "parameter"}
    assert places == {"second.W": ["Twice"], "first.b": ["Twice", "first"], "second.b": ["Twice", "second"]}


def test_a_function_of_ones_own_is_a_part_too() -> None:
    x = Value(2.0, name="x")
    scene = look_at(scoped("square", "Function", lambda x: x * x, x) + 1, True, 300)
    assert [framed(scene, box) for box in scene.boxes] == [[], ["square"], [], []]


def test_parts_of_other_threads_do_not_mix() -> None:
    """Two calls at the same time: what one makes between the beginning and the end of the other is not in it."""
    x, y = Value(1.0), Value(2.0)

    held: list[Value] = []

    def work() -> Value:
        start = x * 2  # and then, as another thread might:
        held.append(scoped("other", "Other", lambda: (y * 3).exp()))
        return start.exp()

    result = scoped("work", "Work", work) + held[0]
    parts = parts_of(toposort([result])[::-1])
    titles = {tuple(parts.calls[start].title for start in path) for path in parts.inside.values()}
    assert titles == {("work",), ("other",)}


def test_depth_folds_modules_into_a_box_each_and_like_ones_into_one() -> None:
    _, loss = ten_blocks()
    scene = look_at(loss, True, 300, depth=1)
    modules = [box for box in scene.boxes if box.kind == "module"]
    assert [(box.name, box.module, box.count) for box in modules] == [
        ("0", "Dense", 1), ("1 … 10", "Block", 10), ("11", "Dense", 1),
    ]  # fmt: skip
    assert [box.folded.parameters for box in modules] == [4 * 8 + 8, 10 * (8 + 8 + 8 * 8 + 8), 8 * 3 + 3]
    assert [cluster.title for cluster in scene.clusters] == ["Sequential", "loss"]
    assert all(framed(scene, box) == ["Sequential"] for box in modules)
    outermost = [box for box in look_at(loss, True, 300, depth=0).boxes if box.kind == "module"]
    assert [(box.name, box.module) for box in outermost] == [("Sequential", "Sequential"), ("loss", "cross_entropy")]
    assert in_order(scene)


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 7])
def test_every_depth_shows_every_node_once(depth: int) -> None:
    _, loss = ten_blocks()
    shown = [node for box in look_at(loss, True, 10**6, depth=depth).boxes for node in box.nodes]
    assert len(shown) == len(set(shown))
    assert set(shown) == {node for box in look_at(loss, True, 10**6).boxes for node in box.nodes}


def test_unlike_modules_stay_apart() -> None:
    model = nn.Sequential(nn.Dense(3, 3, rng=0), nn.Dense(3, 3, rng=1), nn.Dense(3, 4, rng=2), nn.Dense(4, 4, rng=3))
    scene = look_at(np.sum(model(np.ones((1, 3)))), True, 300, depth=1)
    assert [(box.name, box.count) for box in scene.boxes if box.kind == "module"] == [("0 … 1", 2), ("2", 1), ("3", 1)]


def test_modules_of_different_kinds_stay_apart() -> None:
    class Other(nn.Dense):
        """A Dense layer by another name."""

    model = nn.Sequential(nn.Dense(3, 3, rng=0), Other(3, 3, rng=1))
    scene = look_at(np.sum(model(np.ones((1, 3)))), True, 300, depth=1)
    assert [(box.module, box.count) for box in scene.boxes if box.kind == "module"] == [("Dense", 1), ("Other", 1)]


def test_an_edge_of_a_fold_has_the_largest_gradient_through_it() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")

    def three_paths(x: Any) -> Any:
        return x * [2.0, -3.0] + x * [50.0, 1.0] + x * [-70.0, 0.0]

    scene = look_at(np.sum(scoped("paths", "Function", three_paths, x)), True, 300, depth=0)
    (into,) = [edge for edge in scene.edges if scene.boxes[edge.source].name == "x"]
    assert (into.count, into.flow, into.local) == (3, 70.0, None)
    np.testing.assert_array_equal(into.contribution, [2.0 + 50.0 - 70.0, -3.0 + 1.0 + 0.0])


def test_a_folded_module_shows_the_value_and_the_gradient_of_its_output() -> None:
    model = nn.MLP(2, 3, rng=0)
    z = model(np.ones((1, 2)))
    loss = np.sum(z * z)
    (box,) = [box for box in look_at(loss, True, 300, depth=0).boxes if box.kind == "module"]
    np.testing.assert_array_equal(box.value, z.data)
    np.testing.assert_array_equal(box.gradient, gradients(loss, z))


def test_a_module_that_gives_the_result_is_the_result() -> None:
    z = nn.MLP(2, 3, rng=0)(np.ones((1, 2)))
    scene = look_at(z, True, 300, depth=0)
    assert [box.kind for box in scene.boxes] == ["constant", "module"]
    assert scene.root is z
    assert draw(z, depth=0).title == "The graph of MLP"


def test_a_side_result_of_a_module_does_not_tear_it() -> None:
    class Penalized(nn.Module):
        def __init__(self) -> None:
            self.W = nn.Parameter(np.ones((2, 2)))

        def forward(self, x: Any) -> Any:
            h = x @ self.W
            self.penalty = np.sum(h * h)
            return np.tanh(h)

    model = Penalized()
    loss = np.sum(model(Tensor(np.ones((1, 2)), dtype=np.float32))) + model.penalty
    for depth in (None, 0):
        scene = look_at(loss, True, 300, depth)
        assert in_order(scene)
    assert sum(box.kind == "module" for box in scene.boxes) == 1


def test_a_graph_without_room_folds_its_modules_first() -> None:
    _, loss = ten_blocks()
    whole = len(look_at(loss, True, 10**6).boxes)
    kinds = [[box.kind for box in look_at(loss, True, n).boxes] for n in (whole, whole - 1, 20)]
    assert "module" not in kinds[0]
    assert "module" in kinds[1]
    assert all("fold" not in drawn for drawn in kinds)
    assert [len(drawn) <= n for drawn, n in zip(kinds, (whole, whole - 1, 20))] == [True] * 3


def test_a_picture_that_is_folded_says_so() -> None:
    _, loss = ten_blocks()
    drawing = draw(loss, max_nodes=20)
    hidden = sum(box.folded.operations + box.folded.leaves for box in drawing.scene.boxes)
    assert f"{hidden:,} nodes are folded" in drawing.dot
    assert f"12 folded modules, {hidden} folded nodes" in drawing.description


def test_gradients_are_the_same_at_every_depth() -> None:
    _, loss = ten_blocks()
    (losses,) = [n for n in toposort([loss]) if n.fun is not None and n.fun.__name__ == "softmax_cross_entropy"]
    for depth in (None, 1, 2):  # at 0 the loss is one box
        scene = look_at(loss, True, 10**6, depth)
        (box,) = [box for box in scene.boxes if box.nodes and box.nodes[0] is losses]
        np.testing.assert_array_equal(box.gradient, gradients(loss, losses))


def test_parameters_that_many_calls_share_are_one_box() -> None:
    model = nn.scalar.MLP(2, [4, 1], rng=0)
    loss = sum(((model([0.1 * i, 1.0]) - 1) ** 2 for i in range(40)), Value(0.0))
    scene = look_at(loss, True, 100)
    assert len(scene.boxes) <= 100
    (shared,) = [box for box in scene.boxes if box.folded.parameters]
    assert shared.folded == (0, 17, 17)
    assert in_order(scene)


def many_values(samples: int) -> Value:
    """The loss of an MLP of Values over samples, about a hundred nodes for each."""
    model = nn.scalar.MLP(2, [16, 16, 1], rng=0)
    return sum(((model([0.01 * i, 1.0]) - 1) ** 2 for i in range(samples)), Value(0.0))


@pytest.mark.parametrize("samples", [70, pytest.param(700, marks=pytest.mark.slow)])
def test_a_large_mlp_of_values_gives_a_small_picture(samples: int) -> None:
    scene = look_at(many_values(samples), True, 200)
    hidden = sum(box.folded.operations + box.folded.leaves for box in scene.boxes)
    assert hidden > 100 * samples - 1000
    assert 10 < len(scene.boxes) <= 200
    assert {"module", "fold", "parameter"} & {box.kind for box in scene.boxes} == {"module", "fold"}


def test_one_wide_layer_of_values_is_one_box() -> None:
    model = nn.scalar.MLP(100, [30, 1], rng=0)
    scene = look_at(model([0.1] * 100), True, 200)
    layer = next(box for box in scene.boxes if box.kind == "module")
    assert (layer.name, layer.module, layer.count) == ("0.0 … 0.29", "Neuron", 30)
    assert layer.folded.parameters == 30 * 101


@pytest.mark.parametrize("depth", [None, 1])
def test_time_steps_stand_side_by_side_and_share_one_box_of_weights(depth: int | None) -> None:
    outputs, _ = nn.LSTM(3, 4, rng=0)(np.zeros((2, 12, 3)))
    scene = look_at(np.sum(outputs), True, 200, depth)
    names = [box.name for box in scene.boxes if box.kind == "module"]
    assert names == ["steps", *["cell"] * 12, "stack"]
    weights = [i for i, box in enumerate(scene.boxes) if box.name == "cell.W_h"]
    assert len(weights) == 1
    assert sum(edge.source == weights[0] for edge in scene.edges) == 12
    assert not [box for box in look_at(np.sum(outputs), True, 10**4, 2).boxes if box.is_fold]  # the level below


def test_time_steps_are_one_box_where_there_is_no_room() -> None:
    outputs, _ = nn.LSTM(3, 4, rng=0)(np.zeros((2, 12, 3)))
    scene = look_at(np.sum(outputs), True, 15)
    assert [(box.name, box.count) for box in scene.boxes if box.kind == "module"] == [
        ("steps", 1), ("cell", 12), ("stack", 1),
    ]  # fmt: skip


def test_a_module_that_is_called_twice_is_open() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            self.dense = nn.Dense(2, 2, rng=0)

        def forward(self, x: Any) -> Any:
            return self.dense(self.dense(x))

    assert not [box for box in look_at(np.sum(Twice()(np.ones((1, 2)))), True, 200).boxes if box.is_fold]


def test_a_buffer_is_a_constant_in_its_module() -> None:
    class Shift(nn.Module):
        def __init__(self) -> None:
            self.by = nn.Buffer(np.ones(2))

        def forward(self, x: Any) -> Any:
            return x + self.by

    scene = look_at(np.sum(Shift()(Tensor(np.ones((3, 2)), requires_grad=True))), True, 300)
    assert [(box.kind, framed(scene, box)) for box in scene.boxes if box.name == "by"] == [("constant", ["Shift"])]


def test_no_path_leaves_a_fold_and_comes_back() -> None:
    _, loss = ten_blocks()
    for depth, max_nodes in itertools.product((None, 0, 1, 2), (5, 20, 60, 1000)):
        scene = look_at(loss, True, max_nodes, depth)
        assert in_order(scene)
        assert scene.root is loss
