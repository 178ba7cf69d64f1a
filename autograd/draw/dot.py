"""A scene in Graphviz's language, DOT: how it looks."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from .label import (
    ADVANCE,
    BODY,
    FONT,
    LINE,
    SMALL,
    Ink,
    box_tip,
    cell,
    cluster_label,
    escaped,
    headings,
    label,
    role_of,
    row,
    size_of,
    table,
)
from .page import Page, on_page
from .palette import colours
from .paper import PAD, Paper, fitted
from .scene import Edge, Scene
from .text import TIMES, at_length, columns, few_numbers, letters

# The outline of each kind of box: shapes tell them apart without colours, too.
OUTLINES = {
    "leaf": {"style": "filled"},
    "parameter": {"style": "filled", "shape": "folder"},
    "constant": {"style": "filled", "shape": "note"},
    "operation": {"style": "filled,rounded"},
    "result": {"style": "filled,rounded", "peripheries": "2"},
    "fold": {"style": "filled,dashed"},
    "module": {"style": "filled", "shape": "component", "margin": "0.12,0.06"},
}
WIDEST, THINNEST, PER_DECADE = 3.2, 0.8, 0.9  # of edges, in points: each factor of 10 in the gradient is a step
LONG = re.compile(r'(?<=pos=")[^"]{16000,}(?=")')  # Graphviz reads no longer text, but several
LONGEST = 2500.0  # of a row of boxes, in points
TIGHT = 0.6  # of the usual distances, where all has to have room on a page
PLAIN = 1.0  # the width of an edge that says nothing about gradients


def dot_source(
    scene: Scene,
    gradients: bool,
    values: bool,
    direction: str,
    theme: str,
    longest: float = LONGEST,
    paper: Paper | None = None,
    dpi: float | None = None,
) -> str:
    """The scene as DOT, with the ids n0, n1, ... for its boxes, e0, e1, ... for its edges and c0, ... for clusters.

    Boxes and edges have the class of their role, which Graphviz hands on to the SVG. Where everything stands is said,
    so that Graphviz does not look for places; a row of boxes is no longer than `longest` points, if it can be. On
    `paper` it is so short that the texts can be read. `dpi` is what a picture made of pixels has.
    """
    ink = colours(theme)
    import graphviz

    labels = [label(box, gradients, values, ink) for box in scene.boxes]
    edges = [edge_label(scene, edge, ink) for edge in scene.edges]
    titles = [cluster_label(cluster, ink) for cluster in scene.clusters]
    said = notes(scene, gradients)
    sizes = [outline_of(scene, i, text) for i, text in enumerate(labels)]
    of_edges, of_titles = [*map(size_of, edges)], [*map(size_of, titles)]

    def lay_out(longest: float) -> Page:
        tight = TIGHT if paper and math.isfinite(paper.height) else 1.0
        return on_page(scene, sizes, of_edges, of_titles, direction, longest, tight)

    page = fitted(lay_out, longest, paper) if paper else lay_out(longest)
    room = ({"size": paper.size} if paper else {}) | ({"dpi": f"{dpi:g}"} if dpi else {})
    dot = graphviz.Digraph(
        "backprop",
        graph_attr={
            "layout": "nop2", "bgcolor": ink["background"], "pad": f"{PAD if paper else 0.15:g}",
            "fontname": FONT, "fontsize": f"{SMALL}",
            "fontcolor": ink["quiet"], "label": "".join(f"{note}\\l" for note in said),
            "lp": page.below(max(map(columns, said), default=0) * ADVANCE * SMALL, len(said) * LINE * SMALL),
        } | room,
        node_attr={
            "fontname": FONT, "fontsize": f"{BODY}", "fontcolor": ink["ink"], "margin": "0.05,0.03", "shape": "box",
            "penwidth": "1.5",
        },
        edge_attr={"fontname": FONT, "fontsize": f"{SMALL}", "fontcolor": ink["gradient"], "arrowsize": "0.7"},
    )  # fmt: skip
    add_boxes(dot, scene, None, labels, titles, page, ink)
    for i, (edge, width) in enumerate(zip(scene.edges, edge_widths(scene.edges))):
        role = "constant" if gradients and edge.flow is None else "edge"
        tip = escaped(edge_tip(scene, edge))
        dot.edge(
            f"n{edge.source}", f"n{edge.target}", edges[i], id=f"e{i}", pos=page.edges[i], lp=page.labels[i],
            tooltip=tip, labeltooltip=tip, color=ink[role], penwidth=f"{width:.2f}",
            style="dashed" if edge.flow == 0 else "solid", **{"class": role},
        )  # fmt: skip
    return LONG.sub(lambda found: '" + "'.join(textwrap.wrap(found[0], 8000)), dot.source)


def add_boxes(
    dot: Any, scene: Scene, cluster: int | None, labels: Sequence[str], titles: Sequence[str], page: Page, ink: Ink
) -> None:
    """The boxes that stand in a cluster, or in none, and the clusters in it."""
    for i, box in enumerate(scene.boxes):
        if box.cluster == cluster:
            role, (width, height) = role_of(box), page.sizes[i]
            dot.node(
                f"n{i}", labels[i], id=f"n{i}", tooltip=escaped(box_tip(box)), pos=page.boxes[i],
                width=f"{width / 72:.4f}", height=f"{height / 72:.4f}",
                color=ink[role], fillcolor=ink[f"{role}-fill"], **look_of(scene, i), **{"class": box.kind},
            )  # fmt: skip
    for i, inner in enumerate(scene.clusters):
        if inner.parent == cluster and i in page.frames:
            look = {
                "label": titles[i], "lp": page.titles[i], "bb": page.frames[i], "style": "filled,rounded",
                "color": ink["cluster"], "fillcolor": ink["cluster-fill"], "id": f"c{i}",
                "tooltip": escaped(f"{inner.title}\n{inner.kind}"),
            }  # fmt: skip
            with dot.subgraph(name=f"cluster_{i}", graph_attr=look) as sub:
                add_boxes(sub, scene, i, labels, titles, page, ink)


def look_of(scene: Scene, i: int) -> dict[str, str]:
    """The outline of a box; the result has two."""
    return OUTLINES[scene.boxes[i].kind] | ({"peripheries": "2"} if i == len(scene.boxes) - 1 else {})


def outline_of(scene: Scene, i: int, content: str) -> tuple[float, float]:
    """Width and height of a box: of what is in it, and its margin."""
    margins = look_of(scene, i).get("margin", "0.05,0.03").split(",")
    width, height = (size + 2 * 72 * float(margin) + 1 for size, margin in zip(size_of(content), margins))
    return width, height


def notes(scene: Scene, gradients: bool) -> list[str]:
    """What one must know to read the numbers of this picture."""
    lines = []
    root = scene.boxes[-1]
    if gradients and root.gradient is not None and np.size(root.value) != 1:
        lines.append(f"gradients of the sum of the result, whose shape is {np.shape(root.value)}: it starts from ones")
    if any(edge.flow == 0 for edge in scene.edges):
        lines.append("dashed: the gradient that goes back along this edge is 0")
    hidden = sum(box.folded.operations + box.folded.leaves for box in scene.boxes)
    if hidden:
        shown = sum(not box.is_fold for box in scene.boxes)
        lines.append(f"{hidden:,} nodes are folded, {shown:,} are shown: depth= and max_nodes= say how much is open")
    return lines


# --- Edges ------------------------------------------------------------------------------------------------------


def edge_widths(edges: Sequence[Edge]) -> list[float]:
    """The width of each edge: by the logarithm of the gradient through it, compared to the largest in the picture."""
    logs = [math.log10(edge.flow) if edge.flow and math.isfinite(edge.flow) else None for edge in edges]
    largest = max((log for log in logs if log is not None), default=0.0)
    widths = []
    for edge, log in zip(edges, logs):
        if log is not None:
            widths.append(max(THINNEST, WIDEST - PER_DECADE * (largest - log)))
        else:
            widths.append(PLAIN if edge.flow is None else THINNEST if edge.flow == 0 else WIDEST)
    return widths


def edge_label(scene: Scene, edge: Edge, ink: Ink) -> str:
    """Which operand it is, where the order matters, and the local derivative, if it is a few numbers."""
    call = scene.boxes[edge.target].call
    ends_open = not scene.boxes[edge.source].is_fold
    of_operands = scene.boxes[edge.target].letters or (letters(call) if call else "")
    letter = of_operands[edge.operand] if of_operands and ends_open and call and letters(call) else ""
    local = "" if edge.local is None else f"∂ {few_numbers(edge.local, 4 if np.size(edge.local) == 1 else 3)}"
    parts = ((letter, ink["quiet"]), (local, ink["gradient"]))
    cells = [cell(text, SMALL, color) for text, color in parts if text]
    return table(row(cells), ink["background"]) if cells else ""


def edge_tip(scene: Scene, edge: Edge) -> str:
    """The tooltip of an edge: the chain rule along it."""
    source, target = scene.boxes[edge.source], scene.boxes[edge.target]
    lines = [f"{headings(source)[0]} → {headings(target)[0]}"]
    if edge.count > 1:
        lines.append(f"{edge.count:,} edges")
    if edge.contribution is None:
        if edge.flow is not None:
            lines.append(f"the largest contribution to a gradient is {edge.flow:.6g}")
    elif edge.local is None:
        lines.append(f"contribution to the gradient {at_length(edge.contribution)}")
    else:
        numbers = (target.gradient, edge.local, edge.contribution)
        upstream, local, contribution = (f"{few_numbers(x, 6)}" for x in numbers)
        lines.append(f"upstream {TIMES} local = {upstream} {TIMES} {local} = {contribution}")
    return "\n".join(lines)
