from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, relu
from autograd.draw import draw
from autograd.draw.palette import colours
from autograd.draw.text import TIMES

ROOT = Path(__file__).parents[3]

PROGRAM = """
import numpy as np
from autograd import Tensor
from autograd.draw import draw
junk = [Tensor([float(i)]) for i in range(%d)]  # other ids, other indices
a, b, c = (Tensor(np.full((2, 2), 0.5), True, name=name) for name in "abc")
print(draw(np.sum(np.tanh(a @ b + c * a)), max_nodes=%d).dot)
"""

NETWORK = """
import numpy as np
import nn
from autograd import Tensor
from autograd.draw import draw
junk = [Tensor([float(i)]) for i in range(%d)]
model = nn.Sequential(nn.Dense(2, 4, "tanh", rng=0), nn.LSTM(4, 4, rng=1))
outputs, _ = model(np.ones((2, 5, 2)))
print(draw(np.mean(outputs), depth=%s).dot)
"""


def run(program: str, seed: str) -> str:
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    return done.stdout.decode()


def texts(node: Any) -> list[str]:
    """The texts in the label of a node or an edge."""
    return texts_of(node.attr["label"])


def texts_of(label: str) -> list[str]:
    """The texts in a label."""
    return [unescape(text) for text in re.findall(r">([^<>]*[^<>\s][^<>]*)<", label)]


def test_the_same_graph_gives_the_same_bytes_in_every_process() -> None:
    for max_nodes in (200, 6):
        assert run(PROGRAM % (0, max_nodes), "1") == run(PROGRAM % (1000, max_nodes), "2")


@pytest.mark.parametrize("depth", [None, 1, 0])
def test_the_same_model_and_seed_give_the_same_bytes_in_every_process(depth: int | None) -> None:
    assert run(NETWORK % (0, depth), "1") == run(NETWORK % (1000, depth), "2")


def test_ids_are_sequential(xor_loss: Tensor, read_dot: Callable[[str], Any]) -> None:
    graph = read_dot(draw(xor_loss).dot)
    assert sorted(graph.nodes(), key=lambda n: int(n[1:])) == [f"n{i}" for i in range(len(graph.nodes()))]
    assert all(int(a[1:]) < int(b[1:]) for a, b in graph.edges())


def test_a_box_shows_name_operation_shape_value_and_gradient(read_dot: Callable[[str], Any]) -> None:
    w = Tensor([[1.0, 2.0]], requires_grad=True, name="w", dtype=np.float32)
    y = np.sum(w * np.float32(3), axis=1)
    y.name = "y"
    graph = read_dot(draw(y).dot)
    leaf, constant, product, result = map(graph.get_node, sorted(graph.nodes()))
    assert texts(leaf) == ["w", "(1, 2) float32", "value", "1", "2", "grad", "3", "3"]
    assert texts(constant) == ["3"]
    assert texts(product) == [f"w {TIMES} 3", "(1, 2) float32", "value", "3", "6", "grad", "1", "1"]
    assert texts(result) == ["y", "sum  axis=1  (1,) float32", "value", "9", "grad", "1"]


def test_large_arrays_show_minimum_mean_and_maximum(read_dot: Callable[[str], Any]) -> None:
    x = Tensor(np.arange(100.0), requires_grad=True, name="x")
    graph = read_dot(draw(np.sum(x * x)).dot)
    assert texts(graph.get_node("n0")) == [
        "x", "(100,)", "min", "mean", "max", "value", "0", "49.5", "99", "grad", "0", "99", "198",
    ]  # fmt: skip


def test_values_and_gradients_can_be_left_out(perceptron: Value, read_dot: Callable[[str], Any]) -> None:
    graph = read_dot(draw(perceptron, values=False, gradients=False).dot)
    assert [texts(graph.get_node(node)) for node in graph.nodes()] == [
        ["w1"], ["x1"], [f"w1 {TIMES} x1"], ["w2"], ["x2"], [f"w2 {TIMES} x2"], ["+"], ["b"], ["+"], ["y", "tanh"],
    ]  # fmt: skip
    assert all(graph.get_edge(*edge).attr["label"] in (None, "") for edge in graph.edges())


def test_kinds_differ_in_shape_and_in_colour(read_dot: Callable[[str], Any]) -> None:
    p, w, x = nn.Parameter([3.0]), Tensor([1.0], requires_grad=True), Tensor([2.0])
    module = nn.Dense(1, 1, rng=0)
    graph = read_dot(draw(np.tanh(module(w * x * p)), depth=0).dot)
    folded = read_dot(draw(sum([w] * 20), max_nodes=5).dot)
    looks = {graph.get_node(node).attr["class"]: graph.get_node(node).attr for node in graph.nodes()}
    looks |= {folded.get_node(node).attr["class"]: folded.get_node(node).attr for node in folded.nodes()}
    assert looks.keys() == {"leaf", "parameter", "constant", "operation", "module", "fold", "result"}
    outlines = {(look["shape"], look["style"], look["peripheries"]) for look in looks.values()}
    assert len(outlines) == 7
    assert len({look["fillcolor"] for look in looks.values()}) == 6  # modules and other folds have the same
    assert len({look["color"] for look in looks.values()}) == 6


def test_edges_carry_letters_where_order_matters_and_local_derivatives(read_dot: Callable[[str], Any]) -> None:
    graph = read_dot(draw(Value(6.0) / Value(2.0)).dot)
    assert [texts(graph.get_edge(*edge)) for edge in graph.edges()] == [["a", "∂ 0.5"], ["b", "∂ -1.5"]]
    assert texts(graph.get_node("n2"))[0] == "a / b"


def test_titles_have_the_names_of_arguments_and_other_letters(read_dot: Callable[[str], Any]) -> None:
    graph = read_dot(draw(Value(6.0, name="x") / Value(2.0, name="w")).dot)
    assert [texts(graph.get_edge(*edge)) for edge in graph.edges()] == [["∂ 0.5"], ["∂ -1.5"]]
    assert texts(graph.get_node("n2"))[0] == "x / w"
    graph = read_dot(draw(Value(6.0) / Value(2.0, name="a")).dot)
    assert [texts(graph.get_edge(*edge)) for edge in graph.edges()] == [["b", "∂ 0.5"], ["∂ -1.5"]]
    assert texts(graph.get_node("n2"))[0] == "b / a"
    graph = read_dot(draw(np.tanh(Value(6.0)), gradients=False).dot)
    assert texts(graph.get_node("n1"))[0] == "tanh"


@pytest.mark.parametrize(("loss", "names"), [(nn.mse, {"target"}), (nn.bce_with_logits, {"from target"})])
def test_data_of_modules_and_losses_are_named_and_a_loss_has_its_frame(loss: Any, names: set[str]) -> None:
    model = nn.Sequential(nn.Dense(2, 3, "tanh", rng=0), nn.Dense(3, 1, rng=1))
    scene = draw(loss(model(np.ones((4, 2))), np.array([[0.0], [1.0], [1.0], [0.0]]))).scene
    assert [(c.title, c.kind) for c in scene.clusters if c.parent is None][1:] == [("loss", loss.__name__)]
    arrays = [box.name for box in scene.boxes if box.kind == "constant" and np.ndim(box.value)]
    assert {*arrays} == {"X"} | names
    assert all(scene.boxes[-1].cluster == box.cluster for box in scene.boxes if box.name in names)


def test_a_tooltip_tells_the_chain_rule(read_dot: Callable[[str], Any]) -> None:
    x = Value(3.0, name="x")
    graph = read_dot(draw((x * 2).exp()).dot)
    assert f"upstream {TIMES} local = 403.429 {TIMES} 2 = 806.858" in graph.get_edge("n0", "n2").attr["tooltip"]


def test_a_result_with_many_numbers_says_what_the_gradients_are_of() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    assert "gradients of the sum of the result, whose shape is (2,)" in draw(x * 2).dot
    assert "gradients of the sum" not in draw(np.sum(x * 2)).dot
    assert "gradients of the sum" not in draw(x * 2, gradients=False).dot


def test_a_folded_picture_says_so(read_dot: Callable[[str], Any]) -> None:
    y = Value(1.0)
    for _ in range(1000):
        y = y.tanh()
    graph = read_dot(draw(y).dot)
    assert texts(graph.get_node("n1")) == ["… 999 operations", "tanh"]
    assert "999 nodes are folded, 2 are shown" in graph.graph_attr["label"]


def widths(graph: Any) -> list[float]:
    """Of the edges, by their ids."""
    edges = [graph.get_edge(*edge).attr for edge in graph.edges()]
    return [float(edge["penwidth"]) for edge in sorted(edges, key=lambda edge: int(edge["id"][1:]))]


def test_width_grows_with_the_logarithm_of_the_gradient(read_dot: Callable[[str], Any]) -> None:
    y = Value(1.0, name="x")
    for _ in range(6):
        y = y * 0.1  # each factor of 10 makes the gradient before it smaller by as much
    along = widths(read_dot(draw(y).dot))[::2]
    steps = np.diff(along)
    assert along[-1] == max(along)
    np.testing.assert_allclose(steps[-2:], steps[-1], atol=0.011)
    assert steps[-1] > 0.5
    assert along[0] == along[1] > 0  # never too thin to see
    scaled = widths(read_dot(draw(y * 1e6).dot))[::2]
    np.testing.assert_allclose(scaled[:6], along, atol=1)
    assert len(set(widths(read_dot(draw(y, gradients=False).dot)))) == 1


def test_edges_of_arrays_are_as_wide_as_their_largest_gradient(read_dot: Callable[[str], Any]) -> None:
    x, z = Tensor([1.0, 2.0], True, name="x"), Tensor([3.0, 4.0], True, name="z")
    graph = read_dot(draw(np.sum(x * [1.0, -100.0] + z * [100.0, 1.0])).dot)
    assert widths(graph)[0] == widths(graph)[2] == max(widths(graph))


def test_an_edge_without_gradient_is_dashed_or_grey(read_dot: Callable[[str], Any]) -> None:
    x = Tensor([-1.0], True, name="x")
    drawing = draw(relu(x * 3) + x)
    graph = read_dot(drawing.dot)
    edges = [graph.get_edge(*edge).attr for edge in (("n0", "n2"), ("n1", "n2"), ("n2", "n3"), ("n0", "n4"))]
    assert [edge["style"] for edge in edges] == ["dashed", "solid", "dashed", "solid"]
    assert [edge["class"] for edge in edges] == ["edge", "constant", "edge", "edge"]
    assert "dashed: the gradient that goes back along this edge is 0" in drawing.dot
    assert "dashed" not in draw(x * 3).dot


def test_an_infinite_gradient_is_the_widest(read_dot: Callable[[str], Any]) -> None:
    graph = read_dot(draw(Value(0.0, name="x").sqrt() * 2).dot)
    assert widths(graph)[0] == max(widths(graph))


def test_an_edge_of_small_arrays_carries_its_local_derivatives(read_dot: Callable[[str], Any]) -> None:
    x = Tensor([0.5, 2.0], requires_grad=True, name="x")
    graph = read_dot(draw(np.sum(x * x)).dot)
    assert texts(graph.get_edge("n0", "n1")) == ["∂ [0.5, 2]"]
    assert texts(graph.get_edge("n1", "n2")) == ["∂ 1"]
    assert f"upstream {TIMES} local = [1, 1] {TIMES} [0.5, 2] = [0.5, 2]" in graph.get_edge("n0", "n1").attr["tooltip"]


def test_modules_are_clusters_around_their_boxes(read_dot: Callable[[str], Any]) -> None:
    model = nn.MLP(2, 4, 1, rng=0)
    drawing = draw(np.sum(model(Tensor([[1.0, 2.0]], dtype=np.float32, name="X"))))
    graph = read_dot(drawing.dot)
    (outer,) = graph.subgraphs()
    assert texts_of(outer.graph_attr["label"]) == ["MLP"]
    labels = {inner.name: texts_of(inner.graph_attr["label"]) for inner in outer.subgraphs()}
    assert labels == {"cluster_1": ["0", "Dense"], "cluster_2": ["1", "Dense"]}
    inside = [node for inner in outer.subgraphs() for node in inner.nodes()]
    assert sorted(inside) == sorted(
        node for node in graph.nodes() if texts(graph.get_node(node))[0] not in ("X", "sum")
    )


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_theme(perceptron: Value, theme: str, read_dot: Callable[[str], Any]) -> None:
    graph = read_dot(draw(perceptron, theme=theme).dot)
    assert graph.graph_attr["bgcolor"] == colours(theme)["background"]
    assert graph.get_node("n0").attr["fillcolor"] == colours(theme)["leaf-fill"]
