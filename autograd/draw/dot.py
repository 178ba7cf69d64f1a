"""A scene in Graphviz's language, DOT: how it looks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .label import BODY, FONT, SMALL, Ink, box_tip, cluster_label, escaped, font, headings, label, role_of, row, table
from .order import above_to_below, frames_in_a_row, stack
from .palette import colours
from .scene import SOURCES, Edge, Scene
from .text import TIMES, at_length, few_numbers, letters

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
PLAIN = 1.0  # the width of an edge that says nothing about gradients


def dot_source(scene: Scene, gradients: bool, values: bool, direction: str, theme: str) -> str:
    """The scene as DOT, with the ids n0, n1, ... for its boxes, e0, e1, ... for its edges and c0, ... for clusters.

    Boxes and edges have the class of their role, which Graphviz hands on to the SVG.
    """
    ink = colours(theme)
    import graphviz

    dot = graphviz.Digraph(
        "backprop",
        graph_attr={
            "rankdir": direction, "bgcolor": ink["background"], "pad": "0.15", "nodesep": "0.22", "ranksep": "0.42",
            "fontname": FONT, "fontsize": f"{SMALL}", "fontcolor": ink["quiet"], "labelloc": "b", "labeljust": "l",
            "newrank": "true",
            "label": "".join(f"{note}\\l" for note in notes(scene, gradients)),
        },
        node_attr={
            "fontname": FONT, "fontsize": f"{BODY}", "fontcolor": ink["ink"], "margin": "0.05,0.03", "shape": "box",
            "penwidth": "1.5", "ordering": "in",
        },
        edge_attr={"fontname": FONT, "fontsize": f"{SMALL}", "fontcolor": ink["gradient"], "arrowsize": "0.7"},
    )  # fmt: skip
    add_boxes(dot, scene, None, gradients, values, ink, direction)
    widths = edge_widths(scene.edges)
    for i in above_to_below(scene):
        edge, width = scene.edges[i], widths[i]
        role = "constant" if gradients and edge.flow is None else "edge"
        tip = escaped(edge_tip(scene, edge))
        weight = "1" if scene.boxes[edge.source].kind in SOURCES else "8"  # operations in a straight line
        dot.edge(
            f"n{edge.source}", f"n{edge.target}", edge_label(scene, edge, ink), id=f"e{i}", weight=weight,
            tooltip=tip, labeltooltip=tip, color=ink[role], penwidth=f"{width:.2f}",
            style="dashed" if edge.flow == 0 else "solid", **{"class": role},
        )  # fmt: skip
    for before, after in frames_in_a_row(scene):
        dot.edge(f"n{before}", f"n{after}", style="invis", weight="0")
    return dot.source


def add_boxes(
    dot: Any, scene: Scene, cluster: int | None, gradients: bool, values: bool, ink: Ink, direction: str
) -> None:
    """The boxes that stand in a cluster, or in none, and the clusters in it."""
    boxes, frames = stack(scene, cluster, direction)
    for i in boxes:
        box = scene.boxes[i]
        look = OUTLINES[box.kind] | ({"peripheries": "2"} if i == len(scene.boxes) - 1 else {})
        role = role_of(box)
        dot.node(
            f"n{i}", label(box, gradients, values, ink), id=f"n{i}", tooltip=escaped(box_tip(box)),
            color=ink[role], fillcolor=ink[f"{role}-fill"], **look, **{"class": box.kind},
        )  # fmt: skip
    for i in frames:
        inner = scene.clusters[i]
        look = {
            "label": cluster_label(inner, ink), "labelloc": "t", "labeljust": "l", "style": "filled,rounded",
            "color": ink["cluster"], "fillcolor": ink["cluster-fill"], "margin": "10", "id": f"c{i}",
            "tooltip": escaped(f"{inner.title}\n{inner.kind}"),
        }  # fmt: skip
        with dot.subgraph(name=f"cluster_{i}", graph_attr=look) as sub:
            add_boxes(sub, scene, i, gradients, values, ink, direction)


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
    text = " ".join(font(text, SMALL, color) for text, color in parts if text)
    return table(row([f"<TD>{text}</TD>"]), ink["background"]) if text else ""


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
