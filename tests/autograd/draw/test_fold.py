from __future__ import annotations

import random

import numpy as np
import pytest

from autograd import Tensor, Value
from autograd.draw.scene import Scene, look_at


def chain(n: int) -> Value:
    y = Value(1.0, name="x")
    for _ in range(n):
        y = y * 1.0001
    return y


def network(points: int, inputs: int = 2, hidden: int = 16) -> Value:
    rng = random.Random(0)
    W = [[Value(rng.uniform(-1, 1), name=f"W{i},{j}") for i in range(inputs)] for j in range(hidden)]
    v = [Value(rng.uniform(-1, 1), name=f"v{j}") for j in range(hidden)]
    loss = Value(0.0)
    for _ in range(points):
        x = [rng.uniform(-1, 1) for _ in range(inputs)]
        h = [sum((w * a for w, a in zip(row, x)), Value(0.0)).tanh() for row in W]
        loss = loss + (sum((a * b for a, b in zip(v, h)), Value(0.0)) - 1) ** 2
    return loss


def all_nodes(scene: Scene) -> int:
    return sum(box.folded.operations + box.folded.leaves if box.is_fold else 1 for box in scene.boxes)


def test_a_graph_that_fits_is_not_folded() -> None:
    assert all(box.kind != "fold" for box in look_at(chain(20), True, 41).boxes)
    assert any(box.kind == "fold" for box in look_at(chain(20), True, 40).boxes)


def test_a_long_chain_becomes_one_box() -> None:
    scene = look_at(chain(1000), True, 100)
    assert [(box.kind, box.folded) for box in scene.boxes] == [
        ("leaf", (0, 0, 0)), ("fold", (999, 0, 0)), ("constant", (0, 0, 0)), ("result", (0, 0, 0)),
    ]  # fmt: skip
    assert [(edge.source, edge.target, edge.count) for edge in scene.edges] == [(0, 1, 1), (1, 3, 1), (2, 3, 1)]
    assert scene.boxes[0].gradient == pytest.approx(1.0001**1000)


def test_a_leaf_used_along_a_chain_has_one_edge_to_it() -> None:
    w = Value(1.0, name="w")
    y = Value(2.0, name="x")
    for _ in range(100):
        y = y * w
    scene = look_at(y, True, 50)
    assert [box.name or box.kind for box in scene.boxes] == ["x", "w", "fold", "result"]
    counts = {(edge.source, edge.target): edge.count for edge in scene.edges}
    assert counts == {(0, 2): 1, (1, 2): 99, (2, 3): 1, (1, 3): 1}


@pytest.mark.parametrize("max_nodes", [2, 10, 60, 200])
def test_an_overview_has_room_for_what_it_shows(max_nodes: int) -> None:
    loss = network(points=20)
    whole, scene = look_at(loss, True, 10**6), look_at(loss, True, max_nodes)
    assert len(scene.boxes) <= max(max_nodes, 4)
    assert sum(box.kind == "fold" for box in scene.boxes) == 1
    assert all(edge.source < edge.target for edge in scene.edges)
    nodes = sum(not (box.kind == "constant" and box.name is None) for box in whole.boxes)
    constants = sum(box.kind == "constant" for box in scene.boxes)
    assert all_nodes(scene) - constants == nodes


def test_an_overview_shows_the_same_gradients() -> None:
    loss = network(points=20)
    whole = {box.name: box.gradient for box in look_at(loss, True, 10**6).boxes if box.kind == "leaf" and box.name}
    shown = {box.name: box.gradient for box in look_at(loss, True, 100).boxes if box.kind == "leaf" and box.name}
    assert len(shown) > 10
    assert shown.items() <= whole.items()


def test_every_shown_operation_keeps_its_arguments() -> None:
    scene = look_at(network(points=20), True, 100)
    for i, box in enumerate(scene.boxes):
        if box.call:
            merged = sum(edge.count for edge in scene.edges if edge.target == i)
            assert merged == box.call.operands


def test_many_leaves_fold_too() -> None:
    leaves = [Tensor([float(i)], requires_grad=True, name=f"p{i}") for i in range(500)]
    scene = look_at(np.concatenate(leaves), True, 60)
    assert len(scene.boxes) <= 60
    fold = next(box for box in scene.boxes if box.kind == "fold")
    assert fold.folded == (0, 500 - sum(box.kind == "leaf" for box in scene.boxes), 0)


def test_a_chain_of_a_hundred_thousand_nodes() -> None:
    scene = look_at(chain(100_000), True, 200)
    assert [box.folded for box in scene.boxes if box.kind == "fold"] == [(99_999, 0, 0)]


@pytest.mark.slow
def test_a_chain_of_a_million_nodes() -> None:
    scene = look_at(chain(1_000_000), True, 200)
    assert [box.folded for box in scene.boxes if box.kind == "fold"] == [(999_999, 0, 0)]
