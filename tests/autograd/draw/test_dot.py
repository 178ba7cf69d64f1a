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

from autograd import Tensor, Value
from autograd.draw import draw
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


def run(program: str, seed: str) -> str:
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    return done.stdout.decode()


def texts(node: Any) -> list[str]:
    """The texts in the label of a node or an edge."""
    return [unescape(text) for text in re.findall(r">([^<>]*[^<>\s][^<>]*)<", node.attr["label"])]


def test_the_same_graph_gives_the_same_bytes_in_every_process() -> None:
    for max_nodes in (200, 6):
        assert run(PROGRAM % (0, max_nodes), "1") == run(PROGRAM % (1000, max_nodes), "2")


def test_ids_are_sequential(xor_loss: Tensor, read_dot: Callable[[str], Any]) -> None:
    graph = read_dot(draw(xor_loss).dot)
    assert graph.nodes() == [f"n{i}" for i in range(len(graph.nodes()))]
    assert all(int(a[1:]) < int(b[1:]) for a, b in graph.edges())


def test_a_box_shows_name_operation_shape_value_and_gradient(read_dot: Callable[[str], Any]) -> None:
    w = Tensor([[1.0, 2.0]], requires_grad=True, name="w", dtype=np.float32)
    y = np.sum(w * np.float32(3), axis=1)
    y.name = "y"
    graph = read_dot(draw(y).dot)
    leaf, constant, product, result = map(graph.get_node, graph.nodes())
    assert texts(leaf) == ["w", "(1, 2) float32", "value", "1", "2", "grad", "3", "3"]
    assert texts(constant) == ["3"]
    assert texts(product) == [TIMES, "(1, 2) float32", "value", "3", "6", "grad", "1", "1"]
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
        ["w1"], ["x1"], [TIMES], ["w2"], ["x2"], [TIMES], ["+"], ["b"], ["+"], ["y", "tanh"],
    ]  # fmt: skip
    assert all(graph.get_edge(*edge).attr["label"] in (None, "") for edge in graph.edges())


def test_kinds_differ_in_shape_and_in_colour(read_dot: Callable[[str], Any]) -> None:
    w, x = Tensor([1.0], requires_grad=True), Tensor([2.0])
    graph = read_dot(draw(np.tanh(w * x)).dot)
    looks = [graph.get_node(node).attr for node in ("n0", "n1", "n2", "n3")]
    outlines = {(look["shape"], look["style"], look["peripheries"]) for look in looks}
    assert len(outlines) == 4
    assert len({look["fillcolor"] for look in looks}) == 4
    assert len({look["color"] for look in looks}) == 4


def luminance(color: str) -> float:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_texts_and_outlines_have_enough_contrast(read_dot: Callable[[str], Any]) -> None:
    y = Value(2.0, name="w") * 3.0
    for _ in range(50):
        y = y * 1.0
    for drawing in (draw(y), draw(y, max_nodes=10)):
        graph = read_dot(drawing.dot)
        for node in map(graph.get_node, graph.nodes()):
            fill = node.attr["fillcolor"]
            assert contrast(node.attr["color"], "#ffffff") >= 3
            assert all(
                contrast(color, fill) >= 4.5 for color in re.findall(r'<FONT[^>]* COLOR="(#\w{6})"', node.attr["label"])
            )


def test_edges_carry_letters_where_order_matters_and_local_derivatives(read_dot: Callable[[str], Any]) -> None:
    graph = read_dot(draw(Value(6.0, name="a") / Value(2.0, name="b")).dot)
    assert [texts(graph.get_edge(*edge)) for edge in graph.edges()] == [["a", "∂ 0.5"], ["b", "∂ -1.5"]]
    assert texts(graph.get_node("n2"))[0] == "a / b"


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


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_direction(perceptron: Value, direction: str, read_dot: Callable[[str], Any]) -> None:
    graph = read_dot(draw(perceptron, direction=direction).dot)
    assert graph.graph_attr["rankdir"] == direction
