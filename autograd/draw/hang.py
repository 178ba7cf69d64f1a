"""What hangs on an operation, above or below it, and does not stand before it: parameters, targets, plain numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from .label import is_number
from .scene import SOURCES, Box, Edge, Scene

MOST = 4  # hang side by side; more of them stand before the operation, below each other

Side = Literal["above", "below"]


@dataclass(frozen=True)
class Hung:
    """A box that hangs on an operation, by the edge between them."""

    box: int
    edge: int
    target: int
    side: Side


def hung(scene: Scene) -> dict[int, Hung]:
    """The boxes that hang on the one operation that uses them: what requires a gradient above it, what does not below.

    Of what an operation is computed from something stands before it, on its line: what was computed; if nothing was,
    then data, of two kinds of them those without a gradient; or else all there is.
    """
    uses = Counter(edge.source for edge in scene.edges)
    own = of_parameters(scene)
    found: dict[int, Hung] = {}
    for target, incoming in into_each(scene).items():
        before = stays(scene, own, [scene.edges[i] for i in incoming])
        sides: dict[Side, list[Hung]] = {"above": [], "below": []}
        for i in incoming:
            source = scene.edges[i].source
            box = scene.boxes[source]
            if source in before or uses[source] > 1 or not is_source(box):
                continue
            side: Side = "below" if box.kind == "constant" else "above"
            if side == "below" or box.cluster == scene.boxes[target].cluster:  # the frame of a call has its targets
                sides[side].append(Hung(source, i, target, side))
        found |= {one.box: one for hanging in sides.values() if len(hanging) <= MOST for one in hanging}
    return found


def is_source(box: Box) -> bool:
    """Whether nothing leads to a box."""
    return box.kind in SOURCES or (box.kind == "fold" and not box.folded.operations)


def into_each(scene: Scene) -> dict[int, list[int]]:
    """The edges that lead to each box, if there are any."""
    into: dict[int, list[int]] = {}
    for i, edge in enumerate(scene.edges):
        into.setdefault(edge.target, []).append(i)
    return into


def of_parameters(scene: Scene) -> set[int]:
    """The boxes that are parameters, or computed from them and plain numbers alone, as a kernel in another shape."""
    found: set[int] = set()
    into = into_each(scene)
    for i, box in enumerate(scene.boxes):  # each after what it is computed from
        sources = [scene.edges[k].source for k in into.get(i, ())]
        used = [k for k in sources if not is_number(scene.boxes[k])]
        if box.kind == "parameter" or (used and found.issuperset(used)):
            found.add(i)
    return found


def stays(scene: Scene, own: set[int], incoming: list[Edge]) -> set[int]:
    """Which of the boxes that these edges come from stand before the operation."""
    sources = {edge.source: scene.boxes[edge.source] for edge in incoming}
    computed = {i for i, box in sources.items() if not is_source(box)}
    data = {i for i, box in sources.items() if box.kind == "constant" and not is_number(box)}
    leaves = {i for i, box in sources.items() if box.kind == "leaf"}
    if computed <= own:
        computed |= data
    return computed or data or leaves or {i for i, box in sources.items() if box.kind == "parameter"} or {*sources}
