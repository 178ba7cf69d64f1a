"""Where a network decides which way: found in the graph of a loss whose data are points of the plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..rules.elementwise import sigmoid
from ..trees import leaves
from .story import Story

MOST_CLASSES = 10


@dataclass(frozen=True)
class Region:
    """The box of the points, (n, 2); that of the output, a row for each; and the class of each point, if it is known.

    One output decides by whether it is above `middle`; of several the largest does, and `middle` is None.
    """

    points: int
    output: int
    middle: float | None
    classes: tuple[int, ...]


def region(story: Story, inputs: Sequence[int]) -> Region | None:
    """The decision region of a graph; None where no box that can be changed has points that rows are computed from, or
    where parts of the graph are folded.
    """
    boxes = story.scene.boxes
    if any(box.is_fold for box in boxes):
        return None
    data = {i for i in inputs if boxes[i].gradient is None}
    for x in sorted(data):
        n = len(boxes[x].value) if np.ndim(boxes[x].value) else 0
        if n < 3 or np.shape(boxes[x].value) != (n, 2):
            continue
        plain = (i for i, box in enumerate(boxes) if not box.call and box.gradient is None and i != x)
        others = {i for i in plain if np.size(boxes[i].value) > 1 and np.shape(boxes[i].value)[0] == n}
        found = output_of(story, x, others, n)
        if found and is_by_row(story, x, found[0]):
            return told(story, x, *found, others)
    return None


def output_of(story: Story, x: int, others: set[int], n: int) -> tuple[int, int | None] | None:
    """The last box that has a row for each point and knows them alone; and the one where it meets other data."""
    boxes, pure, output = story.scene.boxes, {x}, None
    mixed = set(others)
    for i, box in enumerate(boxes):
        if not box.call:
            continue
        sources = set(story.operands(i).values())
        if sources & mixed:
            mixed.add(i)
            if sources & pure and output in sources:
                return output, i
        elif sources & pure and np.shape(box.value)[:1] == (n,):
            pure.add(i)
            if np.ndim(box.value) == 1 or (np.ndim(box.value) == 2 and np.shape(box.value)[1] <= MOST_CLASSES):
                output = i
    return None if output is None else (output, None)


def following(story: Story, changed: int, value: Any, until: int) -> Any:
    """The value of a box that follows from another value of one before it."""
    boxes, anew = story.scene.boxes, {changed: value}
    with np.errstate(all="ignore"):
        for i in range(changed + 1, until + 1):
            operands = story.operands(i).values() if boxes[i].call else ()
            if any(source in anew for source in operands):
                anew[i] = story.function(i)(*(anew.get(s, boxes[s].value) for s in operands))
    return anew.get(until, boxes[until].value)


def is_by_row(story: Story, x: int, output: int) -> bool:
    """Whether the first row of the output follows from the first point alone."""
    points = np.array(story.scene.boxes[x].value)
    points[1:] = points[:1] + 1
    return np.allclose(following(story, x, points, output)[0], story.scene.boxes[output].value[0], equal_nan=True)


def told(story: Story, x: int, output: int, meeting: int | None, others: set[int]) -> Region:
    """With the classes of the points, and with what decides."""
    boxes, n = story.scene.boxes, len(story.scene.boxes[x].value)
    operands = [] if meeting is None else [i for i in story.operands(meeting).values() if i in others]
    targets = [np.asarray(boxes[i].value) for i in operands]
    if np.ndim(boxes[output].value) == 2 and np.shape(boxes[output].value)[1] > 1:
        target = [*targets, *labels(story, n)][:1]
        return Region(x, output, None, tuple(map(int, classes_of(target[0].reshape(n, -1)))) if target else ())
    call = boxes[output].call
    subtracted = targets and boxes[meeting].call.fun is np.subtract  # type: ignore[index, union-attr]
    half = (np.min(targets[0]) + np.max(targets[0])) / 2 if subtracted else 0
    middle = 0.5 if call and call.fun is sigmoid else float(half)
    return Region(x, output, middle, wanted(story, output, middle) if meeting is not None else ())


def classes_of(target: Any) -> Any:
    """The classes of one-hot rows, or of whole numbers."""
    return np.argmax(target, axis=1) if target.shape[1] > 1 else target[:, 0]


def wanted(story: Story, output: int, middle: float) -> tuple[int, ...]:
    """For each row of one output, whether the loss is smaller above the middle than below it."""
    found, value = [], np.asarray(story.scene.boxes[output].value)
    for row in range(len(value)):
        above, below = np.array(value), np.array(value)
        above[row], below[row] = middle + 0.5, middle - 0.5
        root = len(story.scene.boxes) - 1
        high, low = (np.sum(following(story, output, changed, root)) for changed in (above, below))
        found.append(int(high < low))
    return tuple(found)


def labels(story: Story, n: int) -> list[Any]:
    """Whole numbers, one for each point, among what is no box."""
    plain = (
        np.asarray(x)
        for box in story.scene.boxes
        for node in box.nodes
        for arg, v in zip(node.args, node.values)
        if arg is v
        for x in leaves(v)
        if isinstance(x, np.ndarray)
    )
    return [x for x in plain if x.dtype.kind in "iu" and x.size == n and np.ptp(x) < MOST_CLASSES and x.min() >= 0][-1:]
