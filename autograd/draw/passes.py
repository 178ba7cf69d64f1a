"""The forward and the backward pass of a scene: which box gets its number when, and what each edge hands back.

The contributions are recorded while the engine's own sweep makes them. Nothing is differentiated here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph import Node, on_the_way, toposort, watched
from .derivatives import gradients_of
from .scene import Edge, Scene, sorted_arguments


@dataclass(frozen=True)
class Passed:
    """What the sweep hands back along one edge of a scene, and the sum at the edge's source before and after.

    `upstream` is None where a fold hides it; `before` is None at the first contribution.
    """

    edge: int
    upstream: Any
    contribution: Any
    before: Any
    after: Any


@dataclass(frozen=True)
class Hooked:
    """What a hook made of a gradient."""

    box: int
    before: Any
    after: Any


class Recorder:
    """What the sweep tells of every contribution, summed by the pairs of boxes between which there is an edge."""

    def __init__(self, scene: Scene, useful: set[Node]) -> None:
        self.box_of = {node: i for i, box in enumerate(scene.boxes) for node in box.nodes}
        self.folds = {i for i, box in enumerate(scene.boxes) if box.is_fold}
        self.useful = useful
        self.left: dict[Node, Iterator[int]] = {}
        self.upstream: dict[int, Any] = {}
        self.found: dict[tuple[int, int, int], Any] = {}

    def made(self, node: Node, fun: Any, values: Any) -> None:
        """Nothing: the sweep makes no node of the graph."""

    def contributed(self, node: Node, arg: Node, g: Any, c: Any) -> None:
        """Note the contribution `c` to the next argument of `node` that gets one."""
        i = next(self.left.setdefault(node, self.receiving(node)))
        source, target = self.box_of[node.args[i]], self.box_of[node]
        if source in self.folds:
            return
        if target in self.folds:
            key = (source, target, 0)
        else:
            key = (source, target, sorted_arguments(node)[0].index(i))
            self.upstream[target] = g
        self.found[key] = self.found[key] + c if key in self.found else c

    def receiving(self, node: Node) -> Iterator[int]:
        """The places of the arguments that get a contribution, in the order of the sweep."""
        for i, (arg, value) in enumerate(zip(node.args, node.values)):
            if arg is not value and arg.requires_grad and arg in self.useful:
                yield i


def backward_pass(scene: Scene) -> tuple[Mapping[int, Any], Sequence[Passed | Hooked]]:
    """The gradient of each box, and what the sweep did in its order; both empty where nothing requires a gradient."""
    root = scene.root
    shown = {box.nodes[0] for box in scene.boxes if box.nodes and not box.is_fold}
    hidden_leaves = {node for box in scene.boxes if box.is_fold for node in box.nodes if node.is_leaf}
    wanted = {node for node in shown | hidden_leaves if node.requires_grad}
    if root not in wanted:
        return {}, []
    recorder = Recorder(scene, on_the_way(toposort([root]), wanted))
    with watched(recorder):
        grads = gradients_of(root, wanted)
    final = {i: grads[node] for node, i in recorder.box_of.items() if node in shown and node in grads}
    return final, list(in_order(scene, recorder, final))


def in_order(scene: Scene, recorder: Recorder, final: Mapping[int, Any]) -> Iterator[Passed | Hooked]:
    """What happened: box by box from the result to the leaves, and in each, edge by edge."""
    into: dict[int, list[tuple[int, Edge]]] = defaultdict(list)
    for i, edge in enumerate(scene.edges):
        into[edge.target].append((i, edge))
    root = len(scene.boxes) - 1
    sums: dict[int, Any] = {root: np.ones(np.shape(scene.boxes[root].value))}  # the seed
    for target in reversed(range(len(scene.boxes))):
        box = scene.boxes[target]
        if target in sums and box.nodes[0].hooks and not np.array_equal(sums[target], final[target], equal_nan=True):
            yield Hooked(target, sums[target], final[target])
        for i, edge in sorted(into[target], key=lambda found: found[1].operand):
            key = (edge.source, edge.target, edge.operand)
            if key in recorder.found:
                before, c = sums.get(edge.source), recorder.found[key]
                sums[edge.source] = c if before is None else before + c
                yield Passed(i, recorder.upstream.get(target), c, before, sums[edge.source])
