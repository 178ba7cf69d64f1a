"""The backward pass of a scene: what the sweep handed back along each edge, in its order, and how gradients grew.

The contributions are those of the engine's sweep. Nothing is differentiated here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .scene import Scene


@dataclass(frozen=True)
class Passed:
    """What came back along an edge, and the sum at the edge's source before and after.

    `upstream` is the gradient of its target, None for a fold that has no single result; `before` is None at first. All
    others are None where the source is such a fold.
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


def backward_pass(scene: Scene) -> Iterator[Passed | Hooked]:
    """What happened: box by box from the result to the leaves, and at each, edge by edge."""
    boxes, last = scene.boxes, len(scene.boxes) - 1
    passing = [(i, edge) for i, edge in enumerate(scene.edges) if edge.flow is not None]
    passing.sort(key=lambda found: (-found[1].target, found[1].operand))
    expected = Counter(edge.source for _, edge in passing)
    sums: dict[int, Any] = {last: np.ones(np.shape(boxes[last].value))}  # the seed

    for target in range(last, -1, -1):
        if target in sums and hooked(scene, target) and differ(sums[target], boxes[target].gradient):
            yield Hooked(target, sums[target], boxes[target].gradient)
        while passing and passing[0][1].target == target:
            i, edge = passing.pop(0)
            source, given = edge.source, edge.contribution
            if given is None:
                yield Passed(i, boxes[target].gradient, None, None, None)
                continue
            before = sums.get(source)
            sums[source] = given if before is None else before + given
            expected[source] -= 1
            if not expected[source] and not hooked(scene, source):
                sums[source] = boxes[source].gradient  # folds sum in another order: the last digit may differ
            yield Passed(i, boxes[target].gradient, given, before, sums[source])


def hooked(scene: Scene, box: int) -> bool:
    """Whether something other than the chain rule changes the gradient of a box."""
    return any(node.hooks for node in scene.boxes[box].nodes)


def differ(a: Any, b: Any) -> bool:
    """Whether two gradients do."""
    return not np.array_equal(a, b, equal_nan=True)
