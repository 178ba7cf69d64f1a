"""The numbers of a live page, each array by the number of its point: the boxes, then the nodes that are in folds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np

from ..node import Node
from .label import is_number
from .scene import Box
from .story import Story


class Points:
    """The points of a story's graph. A fold that has one value has it from one of its nodes, whose point it is."""

    def __init__(self, story: Story) -> None:
        self.story, self.boxes = story, story.scene.boxes
        self.of: dict[Node, int] = {}
        self.nodes: dict[int, Node] = {}  # those in folds
        self.numbers: dict[Node, Any] = {}  # that the graph was computed with, whatever its leaves hold by now
        for node in story.box_of:
            self.numbers.update((arg, v) for arg, v in zip(node.args, node.values) if arg is not v)
        used = self.used_outside()
        for i, box in enumerate(self.boxes):
            if not box.is_fold:
                self.of.update((node, i) for node in box.nodes)
            elif box.value is not None:
                self.of[next(node for node in box.nodes if node in used)] = i
        for box in self.boxes:
            for node in sorted(box.nodes, key=attrgetter("index")):
                if box.is_fold:
                    self.nodes[self.of.setdefault(node, len(self.boxes) + len(self.nodes))] = node

    def used_outside(self) -> set[Node]:
        """The nodes in folds that other boxes are computed from, and the result."""
        place = self.story.box_of
        found = {self.story.scene.root}
        for box in self.boxes:
            for node in box.nodes:
                found.update(arg for arg in node.args if isinstance(arg, Node) and place[arg] != place[node])
        return found

    @cached_property
    def root(self) -> int:
        """The result."""
        return self.of[self.story.scene.root]

    @cached_property
    def hidden(self) -> dict[int, Node]:
        """The leaves in folds that can be changed."""
        return {i: node for i, node in self.nodes.items() if node.is_leaf and is_float(self.numbers[node])}

    @cached_property
    def inputs(self) -> list[int]:
        """The points whose numbers can be changed: leaves, and data; no plain numbers of formulas, and no labels."""
        seen = [i for i, box in enumerate(self.boxes)
                if not box.call and not box.is_fold and not is_number(box) and is_float(box.value)]  # fmt: skip
        return [*seen, *self.hidden]

    def value(self, point: int) -> Any:
        """The numbers of a point."""
        return self.numbers[self.nodes[point]] if point in self.nodes else self.boxes[point].value

    def operations(self, box: Box) -> Iterator[Node]:
        """The operations that a box stands for, in the order in which they were computed."""
        return (node for node in sorted(box.nodes, key=attrgetter("index")) if node.fun is not None)

    def operands(self, i: int) -> dict[int, int]:
        """What a box is computed from: of an operation the points by their places; of a fold one after the other."""
        box = self.boxes[i]
        if box.call:
            node = box.nodes[0]
            return {
                place: self.of[node.args[place]] if isinstance(node.args[place], Node) else source
                for place, source in self.story.operands(i).items()
            }
        own = {*self.operations(box)}
        args = (arg for node in self.operations(box) for arg in node.args if isinstance(arg, Node) and arg not in own)
        return dict(enumerate(dict.fromkeys(self.of[arg] for arg in args)))


def is_float(value: Any) -> bool:
    """Whether these are numbers that can be changed."""
    return value is not None and np.asarray(value).dtype.kind == "f"
