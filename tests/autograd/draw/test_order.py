"""Tests of autograd/draw/order.py: where boxes and frames stand, from the positions that Graphviz gives them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, draw
from autograd.draw import Drawing
from autograd.draw.render import run_graphviz

pytest.importorskip("pygraphviz", reason="Graphviz lays pictures out")


class Place(NamedTuple):
    """A rectangle; y grows down the page."""

    left: float
    right: float
    top: float
    bottom: float

    def around(self, other: Place) -> Place:
        return Place(*(f(a, b) for f, a, b in zip((min, max, min, max), self, other)))

    def overlaps(self, other: Place) -> bool:
        return min(self.right, other.right) > max(self.left, other.left) and self.beside(other)

    def beside(self, other: Place) -> bool:
        return min(self.bottom, other.bottom) > max(self.top, other.top)


def places_of(drawing: Drawing) -> list[Place]:
    """The rectangle of each box."""
    found = {}
    for line in run_graphviz(drawing.dot, "plain").decode().splitlines():
        if line.startswith("node"):
            name, x, y, width, height = line.split()[1:6]
            w, h = float(width) / 2, float(height) / 2
            found[int(name[1:])] = Place(float(x) - w, float(x) + w, -float(y) - h, -float(y) + h)
    return [found[i] for i in range(len(found))]


def frames_of(drawing: Drawing) -> dict[str, Place]:
    """The rectangle around the boxes of each frame, by its title; and its position."""
    found: dict[int, Place] = {}
    for box, place in zip(drawing.scene.boxes, places_of(drawing)):
        cluster = box.cluster
        while cluster is not None:
            found[cluster] = place.around(found.get(cluster, place))
            cluster = drawing.scene.clusters[cluster].parent
    return {f"{drawing.scene.clusters[i].title} {i}": place for i, place in sorted(found.items())}


def neuron() -> Value:
    w1, w2, x1, x2, b = (Value(v, n) for v, n in ((0.5, "w1"), (-1, "w2"), (2, "x1"), (1, "x2"), (0.25, "b")))
    return ((w1 * x1 + w2 * x2 + b).tanh() - 1) ** 2


def xor() -> Tensor:
    X = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32, name="X")
    return nn.bce_with_logits(nn.MLP(2, 4, 1, rng=0)(X), [[0], [1], [1], [0]])


def deep() -> Tensor:
    X = Tensor(np.ones((3, 2)), name="X")
    return nn.cross_entropy(nn.MLP(2, 8, 8, 8, 3, rng=0)(X), [0, 1, 2])


def recurrent() -> Tensor:
    outputs, _ = nn.RNN(2, 3, rng=0)(np.ones((1, 4, 2), dtype=np.float32))
    return np.mean(outputs * outputs)


def scalars() -> Value:
    return nn.scalar.MLP(2, [2, 1], rng=0)([1.0, -2.0])  # type: ignore[no-any-return]


GRAPHS: list[Callable[[], Tensor | Value]] = [neuron, xor, deep, recurrent, scalars]


@pytest.mark.parametrize("graph", GRAPHS)
def test_no_two_boxes_overlap(graph: Callable[[], Tensor | Value]) -> None:
    assert not [pair for pair in combinations(places_of(draw(graph())), 2) if pair[0].overlaps(pair[1])]


def test_operands_stand_in_their_order() -> None:
    drawing = draw(neuron())
    leaves = [(p.top, b.name) for p, b in zip(places_of(drawing), drawing.scene.boxes) if b.name]
    assert [name for _, name in sorted(leaves) if name != "b"] == ["w1", "x1", "w2", "x2"]


@pytest.mark.parametrize(("graph", "count"), [(xor, 3), (deep, 5)])
def test_frames_that_follow_each_other_stand_in_one_row(graph: Callable[[], Tensor], count: int) -> None:
    drawing = draw(graph())
    frames = [place for name, place in frames_of(drawing).items() if not name.startswith("MLP")]
    assert len(frames) == count
    for before, after in pairwise(frames):
        assert before.right < after.left
        assert before.beside(after)
    (X,) = (place for place, box in zip(places_of(drawing), drawing.scene.boxes) if box.name == "X")
    assert X.right < frames[0].left


@pytest.mark.parametrize(("direction", "side"), [("LR", "top"), ("TB", "left")])
def test_the_first_neuron_and_the_first_weight_stand_first(direction: str, side: str) -> None:
    drawing = draw(scalars(), direction=direction)
    at = {b.name: getattr(p, side) for p, b in zip(places_of(drawing), drawing.scene.boxes) if b.name}
    assert at["0.w[0,0]"] < at["0.w[1,0]"] < at["0.w[0,1]"] < at["0.w[1,1]"]
    assert at["1.w[0,0]"] < at["1.w[1,0]"]
