"""The titles of operations: the call with the names of its arguments, and letters where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .label import is_number
from .scene import Box, Scene
from .text import expression, letters, number, shorten

ALPHABET = "abcpqruvw"  # letters for operands without a name, but for those that the graph has
LOSS = "loss"  # the name of the frame of a loss


def with_titles(scene: Scene) -> Scene:
    """The scene with the data of losses named, and with the call of each operation that has named arguments."""
    boxes = [*scene.boxes]
    for i, name in targets(scene):
        boxes[i] = replace(boxes[i], name=name)
    taken = {box.name for box in boxes}
    free = [letter for letter in ALPHABET if letter not in taken]
    operands: dict[int, dict[int, int]] = {}
    for edge in scene.edges:
        operands.setdefault(edge.target, {})[edge.operand] = edge.source
    for i, sources in operands.items():
        call = boxes[i].call
        if call is None or len(sources) != call.operands or any(boxes[k].is_fold for k in sources.values()):
            continue
        names = [named(boxes[k]) for _, k in sorted(sources.items())]
        own = iter(free)
        missing = ["" if name else next(own, "?") for name in names]
        if all(names) or letters(call):
            written = expression(call, [name or letter for name, letter in zip(names, missing)])
            boxes[i] = replace(boxes[i], written=shorten(written), letters=missing)
    return replace(scene, boxes=boxes)


def named(box: Box) -> str:
    """What a box is called where it is an argument: its name, or the number that it is."""
    return number(box.value) if is_number(box) else shorten(box.name or "").strip()


def targets(scene: Scene) -> Sequence[tuple[int, str]]:
    """Names for the data that stand in the frames of losses: of one array it is the target itself."""
    found: dict[int, list[int]] = {}
    for i, box in enumerate(scene.boxes):
        inside = box.cluster is not None and scene.clusters[box.cluster].title == LOSS
        plain = box.kind == "constant" and box.name is None and not is_number(box)
        if inside and plain and np.ndim(box.value) and np.asarray(box.value).dtype.kind in "fiu":
            found.setdefault(box.cluster or 0, []).append(i)
    single = {cluster: len({id(scene.boxes[i].value) for i in several}) == 1 for cluster, several in found.items()}
    return [(i, "target" if single[cluster] else "from target") for cluster, several in found.items() for i in several]
