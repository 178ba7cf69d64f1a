"""Where boxes stand to each other: what the picture asks of Graphviz for frames in one row and operands in order."""

from __future__ import annotations

from collections.abc import Iterator

from .scene import SOURCES, Edge, Scene

HEIGHT = {"parameter": 0, "constant": 2}  # parameters stand above the operation that uses them, constants below


def stack(scene: Scene, cluster: int | None, direction: str) -> tuple[list[int], list[int]]:
    """The boxes that stand in a frame, or in none, and the frames in it, as Graphviz is to be told of them.

    It keeps this order where the edges leave it open; but in a frame whose columns go down the page, from below.
    """
    inside = [i for i, box in enumerate(scene.boxes) if box.cluster == cluster]
    boxes = sorted(inside, key=lambda i: (HEIGHT.get(scene.boxes[i].kind, 1), i))
    frames = [i for i, inner in enumerate(scene.clusters) if inner.parent == cluster]
    if cluster is not None and direction in ("LR", "RL"):
        return boxes[::-1], frames[::-1]
    return boxes, frames


def above_to_below(scene: Scene) -> list[int]:
    """The edges in the order in which they are drawn: for each operation what stands higher comes first.

    Parameters stand above the operation that uses them, constants below it, unless all it uses is constant; the others
    as the operands follow each other.
    """

    def height(i: int) -> tuple[int, int, int]:
        edge = scene.edges[i]
        kind = scene.boxes[edge.source].kind
        return edge.target, HEIGHT.get(kind, 1) if edge.target in lively else 1, edge.operand

    lively = {edge.target for edge in scene.edges if is_on_spine(scene, edge)}
    return sorted(range(len(scene.edges)), key=height)


def is_on_spine(scene: Scene, edge: Edge) -> bool:
    """Whether an edge comes from something that was computed."""
    return scene.boxes[edge.source].kind not in SOURCES


def frames_in_a_row(scene: Scene) -> Iterator[tuple[int, int]]:
    """Pairs of boxes of which the second stands further on than the first, though no edge may say so.

    They are what a frame is computed from and the frame's own leaves: without them a frame would begin at its
    parameters, beside the end of the frame before it, and could not stand in one row with it.
    """
    around = [frames_around(scene, box.cluster) for box in scene.boxes]
    leaves: dict[int, list[int]] = {}
    for i, box in enumerate(scene.boxes):
        if box.kind in SOURCES:
            for cluster in around[i]:
                leaves.setdefault(cluster, []).append(i)
    told = set()
    for edge in scene.edges:
        for cluster in around[edge.target]:
            if cluster not in around[edge.source]:
                for leaf in leaves.get(cluster, ()):
                    if leaf != edge.source and (edge.source, leaf) not in told:
                        told.add((edge.source, leaf))
                        yield edge.source, leaf


def frames_around(scene: Scene, cluster: int | None) -> list[int]:
    """A frame, and those that it is in."""
    found = []
    while cluster is not None:
        found.append(cluster)
        cluster = scene.clusters[cluster].parent
    return found
