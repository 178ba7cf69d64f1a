"""What stands in a box, and in its tooltip: a table in Graphviz's HTML-like language.

Every text is set in a monospaced font, in a cell that is wide enough for it in any usual one: the text stays in its
box also where the viewer has another font than the layout had.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from ..inspecting import name_of
from .heat import placeholder
from .scene import Box, Cluster
from .text import TIMES, at_length, columns, in_full, number, operation, rows, settings, shape_and_dtype, shorten

FONT = "DejaVu Sans Mono,Menlo,Consolas,Liberation Mono,monospace"
ADVANCE = 0.61  # the width of a column of these fonts in units of the font size, rounded up
LINE = 1.2  # and the height of a line
TITLE, BODY, SMALL = 12, 11, 10  # sizes in points at which the layout, which rounds to pixels, measures text well
PADDING = 2
BACKSLASH = "\N{SET MINUS}"  # looks like one, and Graphviz leaves it alone
MAX_FUNCTIONS = 3  # so many of those in a fold are named

Ink = Mapping[str, str]  # the colour of each role


def label(box: Box, gradients: bool, values: bool, ink: Ink) -> str:
    """The content of a box: title, subtitles, value, gradient."""
    box = as_image(box)
    blocks = []
    if values and box.value is not None and not is_number(box):
        blocks.append(("value", rows(box.value, most=box.most), ink["ink"], 0))
    if gradients and box.gradient is not None:
        blocks.append(("grad", rows(box.gradient, most=box.most), ink["gradient"], box.room))
    span = 1 + max((len(texts) for _, lines, *_ in blocks for texts in lines), default=0)
    title, *subtitles = headings(box)
    parts = [row([cell(title, TITLE, ink["ink"], span=span, bold=True)])]
    parts[0] += "".join(row([cell(subtitle, SMALL, ink["quiet"], span=span)]) for subtitle in subtitles)
    if blocks and not in_full(box.value, box.most):
        parts.append(row(cell(text, SMALL, ink["quiet"], "RIGHT") for text in ("", "min", "mean", "max")))
    for name, lines, color, room in blocks:
        names = [name, *[""] * (len(lines) - 1)]
        parts.append("".join(
            row([cell(name, SMALL, ink["quiet"], "LEFT"), *(cell(x, BODY, color, "RIGHT", room=room) for x in line)])
            for name, line in zip(names, lines)
        ))  # fmt: skip
        if box.heat:
            array = box.value if name == "value" else box.gradient
            parts[-1] += row([cell("", SMALL, color), placeholder(box.heat, name, array, span - 1, ink["background"])])
    return table("<HR/>".join(parts), ink[role_of(box)])


def as_image(box: Box) -> Box:
    """The box as it is seen: of windows the image, by its own name."""
    if box.image is None:
        return box
    return replace(box, name=(box.name or "").removeprefix("windows of "), value=box.image, gradient=None)


def cluster_label(cluster: Cluster, ink: Ink) -> str:
    """The title of a cluster: the dotted name of a module, and what it is."""
    title = cell(shorten(cluster.title), TITLE, ink["ink"], "LEFT", bold=True)
    kind = cell(shorten(cluster.kind), SMALL, ink["quiet"], "LEFT") if cluster.kind != cluster.title else ""
    return table(row([title, kind]), ink["cluster"])


def role_of(box: Box) -> str:
    """Whose colours a box has."""
    return "fold" if box.kind == "module" else box.kind


def table(content: str, color: str) -> str:
    """A table of rows; the colour is that of its lines."""
    look = f'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{PADDING}" COLOR="{color}"'
    return f"<<TABLE {look}>{content}</TABLE>>"


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
    height = math.ceil(LINE * size) + 2 * PADDING
    look = f'ALIGN="{align}" COLSPAN="{span}" WIDTH="{width}" HEIGHT="{height}"'
    return f"<TD {look}>{font(text, size, color, bold)}</TD>"


def size_of(label: str) -> tuple[float, float]:
    """Width and height of a table, in points: what its cells and lines ask for."""
    flat = re.sub("><TABLE[^>]*><TR><TD([^>]*)></TD></TR></TABLE>", r"\1>", label)  # a cell around a cell
    columns: dict[int, float] = {}
    spans: list[tuple[int, int, float]] = []
    height = 0.0
    for rule, cells in re.findall("(<HR/>)|<TR>(.*?)</TR>", flat):
        place, tallest = 0, 2.0 * PADDING
        for cell in re.findall("<TD(.*?)>", cells):
            look = {name: float(number) for name, number in re.findall(r'(\w+)="([\d.]+)"', cell)}
            around = 2 * PADDING if "ID=" in cell else 0
            span, width = int(look.get("COLSPAN", 1)), look.get("WIDTH", 2 * PADDING) + around
            tallest = max(tallest, look.get("HEIGHT", 0) + around)
            spans.append((span, place, width))
            place += span
        height += 1 if rule else tallest
    for span, place, width in sorted(spans):
        taken = sum(columns.get(k, 0) for k in range(place, place + span))
        columns[place + span - 1] = columns.get(place + span - 1, 0) + max(0, width - taken)
    return sum(columns.values()), height


def font(text: str, size: int, color: str, bold: bool = False) -> str:
    """Text of a size and a colour."""
    text = f"<B>{escaped(text)}</B>" if bold else escaped(text)
    return f'<FONT POINT-SIZE="{size}" COLOR="{color}">{text}</FONT>'


def escaped(text: str) -> str:
    """`text` for Graphviz, which reads entities in it, and escapes that begin with a backslash, once or twice."""
    return html.escape(text).replace("\\", BACKSLASH).replace("\n", "\\n")


# --- texts ------------------------------------------------------------------------------------------------------


def is_number(box: Box) -> bool:
    """Whether the box is a number of the program's text: the number is its title."""
    return box.kind == "constant" and box.name is None and np.ndim(box.value) == 0


def headings(box: Box) -> list[str]:
    """Title and subtitles: the name, or what it is; then the rest, the shape, and the dtype if not float64."""
    if box.kind == "fold":
        lines = [f"… {contents(box)}", ""]
        if box.folded.operations:
            lines = [f"… {counted(box.folded.operations, 'operation')}", contents(box, operations=False), named(box)]
    elif box.kind == "module":
        kind = box.module if box.count == 1 else f"{box.module} {TIMES} {box.count:,}"
        title = shorten(box.name or "")
        lines = [kind] if title == box.module else [title, kind]
        lines += ["" if box.value is None else shape_and_dtype(box.value), contents(box)]
    elif is_number(box):
        lines = [number(box.value)]
    else:
        what = box.written or (operation(box.call) if box.call else box.kind)
        name = shorten(box.name or "").strip()
        details = [what if name and box.call else "", settings(box.call) if box.call and not box.written else ""]
        lines = [name or what, "  ".join(filter(None, [*details, shape_and_dtype(box.value)]))]
    return [lines[0], *filter(None, lines[1:])]


def contents(box: Box, operations: bool = True) -> str:
    """How much there is in a fold."""
    parts = [
        counted(box.folded.operations, "operation") if operations else "",
        counted(box.folded.parameters, "parameter"),
        "" if box.folded.parameters else counted(box.folded.leaves, "leaf", "leaves"),
    ]
    return ", ".join(filter(None, parts))


def named(box: Box) -> str:
    """Which functions there are in a fold."""
    names = [name_of(fun).rpartition(".")[2] for fun in box.functions]
    return shorten(", ".join(names[:MAX_FUNCTIONS]) + (", …" if len(names) > MAX_FUNCTIONS else ""))


def counted(n: int, noun: str, plural: str = "") -> str:
    """A number of things: "3 operations", "1 leaf", and nothing for 0."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}" if n else ""


def box_tip(box: Box) -> str:
    """The tooltip of a box: what it is and its numbers to the last digit."""
    if box.is_fold:
        lines = ["folded: " + ", ".join(headings(box)).removeprefix("… ")]
    else:
        what = f"{box.kind}: {name_of(box.call.fun)} {settings(box.call)}" if box.call else box.kind
        lines = [shorten(box.name, 200)] if box.name else []
        lines.append(" ".join(filter(None, [what.strip(), shape_and_dtype(box.value)])))
    if box.value is not None:
        lines.append(f"value {at_length(box.value)}")
    if box.gradient is not None:
        lines.append(f"gradient {at_length(box.gradient)}")
    return "\n".join(lines)
