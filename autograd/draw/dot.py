"""A scene in Graphviz's language, DOT: how it looks.

Every text is set in a monospaced font, in a cell that is wide enough for it in any usual one: the text stays in its
box also where the viewer has another font than the layout had.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping

import graphviz
import numpy as np

from ..table import name_of
from .palette import colours
from .scene import SOURCES, Box, Edge, Scene
from .text import (
    TIMES,
    at_length,
    columns,
    in_full,
    letters,
    number,
    operation,
    rows,
    settings,
    shape_and_dtype,
    shorten,
)

FONT = "DejaVu Sans Mono,Menlo,Consolas,Liberation Mono,monospace"
ADVANCE = 0.61  # the width of a column of these fonts in units of the font size, rounded up
TITLE, BODY, SMALL = 12, 11, 10  # sizes in points at which the layout, which rounds to pixels, measures text well
PADDING = 2
BACKSLASH = "\N{SET MINUS}"  # looks like one, and Graphviz leaves it alone

# The outline of each kind of box: shapes tell them apart without colours, too.
OUTLINES = {
    "leaf": {"style": "filled"},
    "parameter": {"style": "filled", "shape": "folder"},
    "constant": {"style": "filled", "shape": "note"},
    "operation": {"style": "filled,rounded"},
    "result": {"style": "filled,rounded", "peripheries": "2"},
    "fold": {"style": "filled,dashed"},
}


def dot_source(scene: Scene, gradients: bool, values: bool, direction: str, theme: str) -> str:
    """The scene as DOT, with the ids n0, n1, ... for its boxes and e0, e1, ... for its edges.

    Boxes and edges have the class of their role, the kind of a box, which Graphviz hands on to the SVG.
    """
    ink = colours(theme)
    dot = graphviz.Digraph(
        "backprop",
        graph_attr={
            "rankdir": direction, "bgcolor": ink["background"], "pad": "0.15", "nodesep": "0.22", "ranksep": "0.42",
            "fontname": FONT, "fontsize": f"{SMALL}", "fontcolor": ink["quiet"], "labelloc": "b", "labeljust": "l",
            "label": "".join(f"{note}\\l" for note in notes(scene, gradients)),
        },
        node_attr={
            "fontname": FONT, "fontsize": f"{BODY}", "fontcolor": ink["ink"], "margin": "0.05,0.03", "shape": "box",
            "penwidth": "1.5",
        },
        edge_attr={
            "fontname": FONT, "fontsize": f"{SMALL}", "fontcolor": ink["gradient"], "color": ink["edge"],
            "arrowsize": "0.7",
        },
    )  # fmt: skip
    for i, box in enumerate(scene.boxes):
        dot.node(
            f"n{i}", label(box, gradients, values, ink), id=f"n{i}", tooltip=escaped(box_tip(box)), color=ink[box.kind],
            fillcolor=ink[f"{box.kind}-fill"], **OUTLINES[box.kind], **{"class": box.kind},
        )  # fmt: skip
    for i, edge in enumerate(scene.edges):
        tip = escaped(edge_tip(scene, edge))
        weight = "1" if scene.boxes[edge.source].kind in SOURCES else "8"  # operations in a straight line
        dot.edge(
            f"n{edge.source}", f"n{edge.target}", edge_label(scene, edge, ink), id=f"e{i}", weight=weight,
            tooltip=tip, labeltooltip=tip,
        )  # fmt: skip
    return dot.source


def notes(scene: Scene, gradients: bool) -> list[str]:
    """What one must know to read the numbers of this picture."""
    lines = []
    root = scene.boxes[-1]
    if gradients and root.gradient is not None and np.size(root.value) != 1:
        lines.append(f"gradients of the sum of the result, whose shape is {np.shape(root.value)}: it starts from ones")
    folded, shown = sum(sum(box.folded) for box in scene.boxes), sum(box.kind != "fold" for box in scene.boxes)
    if folded:
        lines.append(f"{folded:,} nodes are folded, {shown:,} are shown: max_nodes= sets from what size on")
    return lines


# --- Boxes ------------------------------------------------------------------------------------------------------


def label(box: Box, gradients: bool, values: bool, ink: Mapping[str, str]) -> str:
    """The content of a box as one of Graphviz's HTML-like tables: title, subtitle, value, gradient."""
    blocks = []
    if values and box.value is not None and not is_number(box):
        blocks.append(("value", rows(box.value), ink["ink"], 0))
    if gradients and box.gradient is not None:
        blocks.append(("grad", rows(box.gradient), ink["gradient"], box.room))
    span = 1 + max((len(texts) for _, lines, *_ in blocks for texts in lines), default=0)
    title, subtitle = headings(box)
    parts = [row([cell(title, TITLE, ink["ink"], span=span, bold=True)])]
    if subtitle:
        parts[0] += row([cell(subtitle, SMALL, ink["quiet"], span=span)])
    if blocks and not in_full(box.value):
        parts.append(row(cell(text, SMALL, ink["quiet"], "RIGHT") for text in ("", "min", "mean", "max")))
    for name, lines, color, room in blocks:
        names = [name, *[""] * (len(lines) - 1)]
        parts.append("".join(
            row([cell(name, SMALL, ink["quiet"], "LEFT"), *(cell(t, BODY, color, "RIGHT", room=room) for t in texts)])
            for name, texts in zip(names, lines)
        ))  # fmt: skip
    table = "<HR/>".join(parts)
    look = f'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{PADDING}" COLOR="{ink[box.kind]}"'
    return f"<<TABLE {look}>{table}</TABLE>>"


def row(cells: Iterable[str]) -> str:
    """A row of a table."""
    return f"<TR>{''.join(cells)}</TR>"


def cell(
    text: str, size: int, color: str, align: str = "CENTER", span: int = 1, bold: bool = False, room: int = 0
) -> str:
    """A cell of a table, at least as wide as its text in any of the fonts, and as `room` columns."""
    if not text:
        return "<TD></TD>"
    width = math.ceil(ADVANCE * size * max(room, columns(text))) + 4 * PADDING
    return f'<TD ALIGN="{align}" COLSPAN="{span}" WIDTH="{width}">{font(text, size, color, bold)}</TD>'


def font(text: str, size: int, color: str, bold: bool = False) -> str:
    """Text of a size and a colour."""
    text = f"<B>{escaped(text)}</B>" if bold else escaped(text)
    return f'<FONT POINT-SIZE="{size}" COLOR="{color}">{text}</FONT>'


def is_number(box: Box) -> bool:
    """Whether the box is a number of the program's text: the number is its title."""
    return box.kind == "constant" and box.name is None and np.ndim(box.value) == 0


def headings(box: Box) -> tuple[str, str]:
    """Title and subtitle: the name, or what the node is; then the rest, the shape, and the dtype if not float64."""
    if box.kind == "fold":
        operations, leaves = counted(box.folded[0], "operation"), counted(box.folded[1], "leaf", "leaves")
        return (f"… {operations}", leaves and f"and {leaves}") if operations else (f"… {leaves}", "")
    if is_number(box):
        return number(box.value), ""
    what = operation(box.call) if box.call else box.kind
    name = shorten(box.name or "").strip()
    details = [what if name and box.call else "", settings(box.call) if box.call else "", shape_and_dtype(box.value)]
    return name or what, "  ".join(filter(None, details))


def counted(n: int, noun: str, plural: str = "") -> str:
    """A number of things: "3 operations", "1 leaf", and nothing for 0."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}" if n else ""


def box_tip(box: Box) -> str:
    """The tooltip of a box: what it is and its numbers to the last digit."""
    if box.kind == "fold":
        return "folded: " + " ".join(headings(box)).removeprefix("… ")
    what = f"{box.kind}: {name_of(box.call.fun)} {settings(box.call)}" if box.call else box.kind
    lines = [shorten(box.name, 200)] if box.name else []
    lines += [" ".join(filter(None, [what.strip(), shape_and_dtype(box.value)])), f"value {at_length(box.value)}"]
    if box.gradient is not None:
        lines.append(f"gradient {at_length(box.gradient)}")
    return "\n".join(lines)


# --- Edges ------------------------------------------------------------------------------------------------------


def edge_label(scene: Scene, edge: Edge, ink: Mapping[str, str]) -> str:
    """Which operand it is, where the order matters, and the local derivative, if it is one number."""
    call = scene.boxes[edge.target].call
    letter = letters(call)[edge.operand] if call and letters(call) and scene.boxes[edge.source].kind != "fold" else ""
    local = "" if edge.local is None else f"∂ {number(edge.local)}"
    text = " ".join(
        font(text, SMALL, color) for text, color in ((letter, ink["quiet"]), (local, ink["gradient"])) if text
    )
    return f"<{text}>" if text else ""


def edge_tip(scene: Scene, edge: Edge) -> str:
    """The tooltip of an edge: the chain rule along it."""
    source, target = scene.boxes[edge.source], scene.boxes[edge.target]
    ends = f"{headings(source)[0]} → {headings(target)[0]}"
    if edge.count > 1:
        return f"{ends}\n{edge.count:,} edges"
    if edge.local is None or source.gradient is None or target.gradient is None:
        return ends
    upstream, local = float(np.reshape(target.gradient, ())), edge.local
    contribution = upstream * local if upstream and local else 0.0  # as in the sweep, 0 * inf = 0
    return f"{ends}\nupstream {TIMES} local = {upstream:.6g} {TIMES} {local:.6g} = {contribution:.6g}"


def escaped(text: str) -> str:
    """`text` for Graphviz, which reads entities in it, and escapes that begin with a backslash, once or twice."""
    return html.escape(text).replace("\\", BACKSLASH).replace("\n", "\\n")
