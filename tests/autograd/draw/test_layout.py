"""Tests of layouts in structure: over networks and random graphs, in every direction."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Any

import pytest
from drawn import GRAPHS, Picture, deep, long_chain, neuron, recurrent, xor

import nn
from autograd import Tensor, Value, draw
from autograd.draw.dot import dot_source
from autograd.draw.hang import is_source

DIRECTIONS = ("LR", "TB", "RL", "BT")
CASES = [(graph, "LR") for graph in GRAPHS] + [(graph, way) for graph in GRAPHS[::3] for way in DIRECTIONS[1:]]
every = pytest.mark.parametrize(("graph", "direction"), CASES, ids=lambda case: getattr(case, "__name__", case))


def in_rows(graph: Callable[[], Any], longest: float = 1e9) -> Picture:
    """The picture with rows of that length."""
    drawing = draw(graph())
    drawing.dot = dot_source(drawing.scene, True, True, "LR", "light", longest)
    return Picture(drawing)


@every
def test_nothing_overlaps_and_edges_go_around_boxes(graph: Callable[[], Any], direction: str) -> None:
    picture = Picture(draw(graph(), direction=direction))
    assert not [pair for pair in combinations(picture.boxes, 2) if pair[0].overlaps(pair[1])]
    assert not picture.hits()
    for i, edge in enumerate(picture.scene.edges):
        source, target = picture.boxes[edge.source], picture.boxes[edge.target]
        assert source.inner(-6).has(picture.edges[i][0])
        assert target.inner(-6).has(picture.edges[i][-1])
        assert not target.inner(0.5).has(picture.edges[i][-1])


@every
def test_frames_hold_what_is_in_them_and_nothing_else(graph: Callable[[], Any], direction: str) -> None:
    picture = Picture(draw(graph(), direction=direction))
    clusters = picture.scene.clusters

    def around(cluster: int | None) -> list[int]:
        return [] if cluster is None else [cluster, *around(clusters[cluster].parent)]

    for i, frame in picture.frames.items():
        for place, box in zip(picture.boxes, picture.scene.boxes):
            if i in around(box.cluster):
                assert frame.holds(place)
            elif box.kind != "constant":  # a frame has its targets
                assert not frame.overlaps(place)
        for k, other in picture.frames.items():
            assert i == k or (other.holds(frame) if k in around(i) else i in around(k) or not other.overlaps(frame))


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.__name__)
def test_labels_cover_no_box(graph: Callable[[], Any]) -> None:
    picture = Picture(draw(graph()))
    for label in filter(None, picture.labels):
        assert not any(label.inner(4).overlaps(place) for place in picture.boxes)


@pytest.mark.parametrize("graph", [neuron, xor, deep])
def test_operations_stand_on_one_line_parameters_above_and_constants_below(graph: Callable[[], Any]) -> None:
    picture = in_rows(graph)
    scene = picture.scene
    spine = [len(scene.boxes) - 1]
    while before := [e.source for e in scene.edges if e.target == spine[-1] and not is_source(scene.boxes[e.source])]:
        spine.append(before[0])
    (line,) = {picture.boxes[i].middle[1] for i in spine}
    for edge in scene.edges:
        source, target = picture.boxes[edge.source], picture.boxes[edge.target]
        kind = scene.boxes[edge.source].kind
        if kind == "parameter":
            assert source.bottom < target.top
        elif kind == "constant" and scene.boxes[edge.source].name != "X":
            assert source.top > target.bottom
        elif edge.source in spine:
            assert source.right < target.left
    if graph is not neuron:
        assert picture.named("X").middle[1] == line


@pytest.mark.parametrize("graph", [xor, deep])
def test_frames_stand_in_rows(graph: Callable[[], Tensor]) -> None:
    picture = in_rows(graph)
    titles = [cluster.title for cluster in picture.scene.clusters]
    frames = [frame for i, frame in sorted(picture.frames.items()) if titles[i] != "MLP"]
    assert len(frames) >= 3
    for before, after in pairwise(frames):
        assert before.right < after.left
        assert before.beside(after)
    assert picture.named("X").right < frames[0].left


@pytest.mark.parametrize(("direction", "side"), [("LR", "top"), ("TB", "left"), ("RL", "top"), ("BT", "left")])
def test_operand_a_stands_before_operand_b_and_neuron_0_before_neuron_1(direction: str, side: str) -> None:
    picture = Picture(draw(neuron(), direction=direction))
    places = [getattr(picture.named(name), side) for name in ("w1", "x1", "w2", "x2")]
    assert places == sorted(places)
    x = [Value(1.0, "x1"), Value(2.0, "x2")]
    drawing = draw(nn.scalar.MLP(2, [2, 3, 1], rng=0)(x), direction=direction)
    frames = Picture(drawing).frames
    at = {c.title: getattr(frames[i], side) for i, c in enumerate(drawing.scene.clusters)}
    assert at["0.0"] < at["0.1"]
    assert at["1.0"] < at["1.1"] < at["1.2"]


@pytest.mark.parametrize(("direction", "sign", "along"), [("LR", 1, 0), ("RL", -1, 0), ("TB", 1, 1), ("BT", -1, 1)])
def test_the_flow_has_its_direction(direction: str, sign: int, along: int) -> None:
    picture = Picture(draw(neuron(), direction=direction))
    assert sign * (picture.boxes[-1].middle[along] - picture.named("w1").middle[along]) > 200


def test_time_steps_stand_in_a_row_with_their_inputs_below_and_their_weights_above() -> None:
    picture = Picture(draw(recurrent()))
    boxes = picture.scene.boxes
    cells = [place for place, box in zip(picture.boxes, boxes) if box.name == "cell"]
    assert len(cells) == 4
    assert len({cell.middle[1] for cell in cells}) == 1
    assert all(before.right < after.left for before, after in pairwise(cells))
    sides = {"cell.W_h": -1, "steps": 1}
    for i, edge in enumerate(picture.scene.edges):
        side = sides.get(str(boxes[edge.source].name))
        if side and picture.boxes[edge.target] in cells[1:]:
            assert all(side * (y - cells[0].middle[1]) > 0 for x, y in picture.points(i) if x > cells[0].right)


@pytest.mark.parametrize("longest", [500.0, 900.0])
@pytest.mark.parametrize("graph", [long_chain, deep, recurrent])
def test_what_is_longer_than_a_row_stands_in_rows(graph: Callable[[], Any], longest: float) -> None:
    picture = in_rows(graph, longest)
    widest = max(place.right - place.left for place in picture.boxes)
    assert max(place.right for place in picture.boxes) < 1.2 * longest + widest
    assert not [pair for pair in combinations(picture.boxes, 2) if pair[0].overlaps(pair[1])]
    assert not picture.hits()


def test_rows_are_read_like_lines() -> None:
    drawing = draw(long_chain())
    places = Picture(drawing).boxes
    spine = [place for place, box in zip(places, drawing.scene.boxes) if box.call]
    rows = [before.middle[1] < after.middle[1] for before, after in pairwise(spine)]
    assert sum(rows) >= 2
    for (before, after), new in zip(pairwise(spine), rows):
        assert (after.right < before.left and after.top > before.bottom) if new else before.right < after.left


def test_many_parameters_of_one_operation_stand_below_each_other() -> None:
    picture = Picture(draw(nn.scalar.MLP(9, [1], rng=0)([float(i) for i in range(9)])))
    weights = [p for p, box in zip(picture.boxes, picture.scene.boxes) if box.kind == "parameter" and ".w" in box.name]
    assert len(weights) == 9
    assert len({place.middle[0] for place in weights}) == 1
    assert not picture.hits()
