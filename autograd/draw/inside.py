"""What is in a fold: a picture of its own, which the page shows when the fold is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np

from ..node import Node
from .dot import dot_source
from .heat import with_heat, with_pictures
from .label import headings
from .render import DESCRIPTION, STYLE, SVG, TEXT, TITLE, svg
from .scene import Box, Cluster, Scene, look_at
from .text import in_full, rows
from .titles import with_titles

GROUP, IMAGE = (f"{{{SVG}}}{tag}" for tag in ("g", "image"))
MOST_FOLDS = 24  # are opened in a page, the first ones
LARGEST = 80  # operations, at most, of one that is opened
MOST_NODES = 3000  # a graph of more is not looked at as a whole
ROW = 1500.0  # points: the window in the page is no wider than the page
NO_POINTS: Mapping[Node, int] = {}


def insides(
    scene: Scene, gradients: bool, values: bool, direction: str, points: Mapping[Node, int] = NO_POINTS
) -> dict[int, str]:
    """The picture of what is in each fold that can be opened, as SVG without ids, by the fold's position.

    The nodes in it that are among the `points` say so, since their numbers may change.
    """
    folds = [i for i, box in enumerate(scene.boxes) if 0 < box.folded.operations <= LARGEST][:MOST_FOLDS]
    if not folds or sum(len(box.nodes) for box in scene.boxes) > MOST_NODES:
        return {}
    full = look_at(scene.root, gradients, 10**9, 10**6)
    parts = [with_heat(with_titles(part_of(full, scene.boxes[i]))) for i in folds]

    def picture(part: Scene) -> str:
        """One of them."""
        title = headings(part.boxes[-1])[0]
        drawn = svg(dot_source(part, gradients, values, direction, "auto", ROW), title, "", "auto")
        return bare(with_pictures(drawn, part, "auto"), f"The graph inside, up to {title}", marks(part, points))

    with ThreadPoolExecutor(4) as pool:  # each waits for a process
        return dict(zip(folds, pool.map(picture, parts)))


def part_of(full: Scene, fold: Box) -> Scene:
    """What is in a fold, and before it what it is computed from."""
    nodes = {*fold.nodes}
    inside = {i for i, box in enumerate(full.boxes) if nodes.intersection(box.nodes)}
    computed = {i for i in inside if full.boxes[i].call}
    edges = [edge for edge in full.edges if edge.target in computed]
    inside |= {edge.source for edge in edges if not full.boxes[edge.source].nodes}  # plain numbers
    kept = sorted(inside | {edge.source for edge in edges})
    place = {i: k for k, i in enumerate(kept)}
    clusters, moved = frames(full, [full.boxes[i].cluster for i in inside])
    boxes = []
    for i in kept:
        box = full.boxes[i]
        around = None if i not in inside or box.cluster is None else moved.get(box.cluster)
        boxes.append(replace(box, cluster=around))
    return Scene(
        boxes, [replace(edge, source=place[edge.source], target=place[edge.target]) for edge in edges], clusters
    )


def frames(full: Scene, used: Sequence[int | None]) -> tuple[list[Cluster], dict[int, int]]:
    """The frames around these boxes, from that on which holds all of them; and their new positions by the old ones."""
    paths = []
    for cluster in used:
        path: list[int] = []
        while cluster is not None:
            path.insert(0, cluster)
            cluster = full.clusters[cluster].parent
        paths.append(path)
    shared = 0
    while all(len(path) > shared + 1 and path[: shared + 2] == paths[0][: shared + 2] for path in paths):
        shared += 1
    kept = sorted({cluster for path in paths for cluster in path[shared:]})
    moved = {old: new for new, old in enumerate(kept)}
    parents = [full.clusters[old].parent for old in kept]
    return [
        replace(full.clusters[old], parent=None if parent is None else moved.get(parent))
        for old, parent in zip(kept, parents)
    ], moved


def marks(part: Scene, points: Mapping[Node, int]) -> dict[str, dict[str, str]]:
    """What is written on the groups of a picture, by their ids: whose numbers they show, and how these are laid out."""
    found = {}
    for i, box in enumerate(part.boxes):
        point = points.get(box.nodes[0]) if box.nodes else None
        if point is not None:
            shown = {"data-point": f"{point}", "data-shape": ",".join(map(str, np.shape(box.value)))}
            layout = {"data-across": f"{len(rows(box.value)[0])}"} | ({"data-full": ""} if in_full(box.value) else {})
            found[f"n{i}"] = shown | layout
            if box.image is None:
                found[f"a_{box.heat}-value"] = shown | {"data-of": "value"}
            found[f"a_{box.heat}-grad"] = shown | {"data-of": "grad"}
    return found


def bare(picture: str, title: str, marks: Mapping[str, Mapping[str, str]]) -> str:
    """A picture without what only one picture of a page can have; its numbers are marked, since they may be hidden."""
    root = ElementTree.fromstring(picture)
    root.set("aria-label", title)
    for parent in root.iter():
        name = parent.attrib.pop("id", "")
        parent.attrib |= marks.get(name, {})
        if name.startswith("a_h"):
            parent.set("class", f"heat {name.rpartition('-')[2]}")
        for child in list(parent):
            if child.tag in (TITLE, DESCRIPTION, STYLE):
                parent.remove(child)
    for node in root.iter(GROUP):
        if (node.get("class") or "").split(" ")[0] == "node":
            inked = [text for text in node.iter(TEXT) if text.get("class") == "ink"]
            for text in [*inked[1:], *node.iter(IMAGE)]:
                text.set("class", f"{text.get('class', '')} number".strip())
    return ElementTree.tostring(root, encoding="unicode")
