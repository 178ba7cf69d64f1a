"""What is in a fold: a picture of its own, which the page shows when the fold is opened."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree

from .dot import dot_source
from .heat import with_heat, with_pictures
from .label import headings
from .render import DESCRIPTION, STYLE, SVG, TEXT, TITLE, svg
from .scene import Box, Cluster, Scene, look_at
from .titles import with_titles

GROUP, IMAGE = (f"{{{SVG}}}{tag}" for tag in ("g", "image"))
MOST_FOLDS = 24  # are opened in a page, the first ones
LARGEST = 80  # operations, at most, of one that is opened
MOST_NODES = 3000  # a graph of more is not looked at as a whole
ROW = 1500.0  # points: the window in the page is no wider than the page


def insides(scene: Scene, gradients: bool, values: bool, direction: str) -> dict[int, str]:
    """The picture of what is in each fold that can be opened, as SVG without ids, by the fold's position."""
    folds = [i for i, box in enumerate(scene.boxes) if 0 < box.folded.operations <= LARGEST][:MOST_FOLDS]
    if not folds or sum(len(box.nodes) for box in scene.boxes) > MOST_NODES:
        return {}
    full = look_at(scene.root, gradients, 10**9, 10**6)
    parts = [with_heat(with_titles(part_of(full, scene.boxes[i]))) for i in folds]

    def picture(part: Scene) -> str:
        """One of them."""
        title = headings(part.boxes[-1])[0]
        drawn = svg(dot_source(part, gradients, values, direction, "auto", ROW), title, "", "auto")
        return bare(with_pictures(drawn, part, "auto"), f"The graph inside, up to {title}")

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


def bare(picture: str, title: str) -> str:
    """A picture without what only one picture of a page can have; its numbers are marked, since they may be hidden."""
    root = ElementTree.fromstring(picture)
    root.set("aria-label", title)
    for parent in root.iter():
        if parent.attrib.pop("id", "").endswith("-grad"):
            parent.set("class", "heat grad")
        for child in list(parent):
            if child.tag in (TITLE, DESCRIPTION, STYLE):
                parent.remove(child)
    for node in root.iter(GROUP):
        if (node.get("class") or "").split(" ")[0] == "node":
            inked = [text for text in node.iter(TEXT) if text.get("class") == "ink"]
            for text in [*inked[1:], *node.iter(IMAGE)]:
                text.set("class", f"{text.get('class', '')} number".strip())
    return ElementTree.tostring(root, encoding="unicode")
