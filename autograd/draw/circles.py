"""The network view as SVG: layers of circles, joined by their weights. It needs no Graphviz.

What is below 0 is hollow, what is above is full, so that signs are seen without colours: a weight below 0 is a double
line. The number of a cell stands below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from .cells import LOOPED, MARKS
from .columns import (
    EDGE,
    KERNEL,
    LINE,
    PICTURE,
    RADIUS,
    TEXT,
    TITLE,
    Column,
    Wire,
    arranged,
    half,
    head,
    step,
    told_weights,
    wires,
)  # fmt: skip
from .label import ADVANCE, FONT
from .network import Array, Layer
from .palette import class_of, colours, stylesheet
from .pixels import data_uri, largest_finite
from .text import columns, number

THIN, THICK = 0.7, 6.0  # of edges
Box = tuple[float, float, float, float]  # left, top, right, bottom


class Picture:
    """An SVG in the making, from the layers of a network."""

    def __init__(self, layers: Sequence[Layer], what: str, theme: str) -> None:
        self.ink = colours(theme)
        self.what, self.theme = what, theme
        self.columns, self.width, self.height = arranged(layers)
        self.edges = [
            wire
            for after in self.columns
            for before in self.columns
            if before.place in after.layer.sources[:1]
            for wire in wires(before, after, what)
        ]
        self.scale = largest_finite(np.array([w for layer in layers if layer.weights is not None
                                              for w in layer.weights.flat] or [0.0]))  # fmt: skip
        self.told = told_weights(layers)
        self.boxes: list[Box] = []  # where texts stand beside edges

    def text(
        self, x: float, y: float, words: str, role: str = "ink", size: float = TEXT, anchor: str = "middle",
        bold: bool = False, halo: bool = False,
    ) -> str:  # fmt: skip
        """A line of text; with a halo it stands out from edges behind it."""
        style = ' font-weight="bold"' if bold else ""
        if halo:
            style += f' stroke="{self.ink["background"]}" stroke-width="3" paint-order="stroke"'
        return (
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{self.ink[role]}"{style}>'
            f"{escape(words)}</text>"
        )

    # --- edges --------------------------------------------------------------------------------------------------

    def edge(self, wire: Wire) -> str:
        """A wire: as thick as its weight is large, double if that is below 0, dashed if a gradient is 0."""
        path = f'd="M{wire.a[0]:.1f} {wire.a[1]:.1f}L{wire.b[0]:.1f} {wire.b[1]:.1f}"'
        w = wire.weight
        if w is None:
            return f'<path {path} stroke="{self.ink["edge"]}" stroke-width="{THIN}" stroke-opacity="0.6"/>'
        finite = np.isfinite(w)
        role = "warning" if not finite else "negative" if w < 0 else "positive"
        width = THIN + (THICK - THIN) * (min(abs(w) / self.scale, 1) if finite else 1)
        dashes = ' stroke-dasharray="3 3"' if w == 0 and self.what == "gradient" else ""
        tip = f"<title>{escape(wire.tip)}</title>"
        if w < 0 and finite:
            width = max(width, 2.6)
            lines = (
                f'<path {path} stroke="{self.ink[role]}" stroke-width="{width:.2f}"/>'
                f'<path {path} stroke="{self.ink["background"]}" stroke-width="{width - 1.8:.2f}"/>'
            )
        else:
            lines = f'<path {path} stroke="{self.ink[role]}" stroke-width="{width:.2f}"{dashes}/>'
        return f'<g class="{role}">{tip}{lines}</g>'

    def beside(self, wire: Wire) -> str:
        """The weight of an edge, where no other stands yet."""
        words = number(wire.weight, 3)
        (x, y), (u, v) = wire.a, wire.b
        wide, high = ADVANCE * 10 * columns(words) / 2 + 1, 6.5
        best = None
        for t in (0.3, 0.7, 0.4, 0.6, 0.2, 0.8, 0.5, 0.25, 0.75, 0.35, 0.65, 0.45, 0.55):
            cx, cy = x + t * (u - x), y + t * (v - y)
            box = (cx - wide, cy - high, cx + wide, cy + high)
            shared = sum(overlap(box, other) for other in self.boxes)
            if best is None or shared < best[0]:
                best = (shared, cx, cy, box)
            if not shared:
                break
        assert best is not None
        self.boxes.append(best[3])
        return self.text(best[1], best[2] + 3.5, words, "ink", 10, halo=True)

    def skip(self, source: Column, target: Column) -> str:
        """An arc above the layers, past those in between."""
        (a, y), (b, z) = ((c.x, min(c.cells.values()) - half(c.layer)) for c in (source, target))
        top = min(y, z) - step(target.layer) / 2 - 4
        tip = f"{source.layer.title} is used by {target.layer.title}, past what is between"
        return (
            f'<path d="M{a:.1f} {y:.1f}C{a:.1f} {top:.1f} {b:.1f} {top:.1f} {b:.1f} {z:.1f}" fill="none" '
            f'stroke="{self.ink["edge"]}" stroke-width="1.6"><title>{escape(tip)}</title></path>'
        )

    # --- layers -------------------------------------------------------------------------------------------------

    def column(self, column: Column) -> Iterator[str]:
        """A layer: its title, its cells or maps, and the ellipsis."""
        layer = column.layer
        middle = (column.left + column.right) / 2 if layer.maps else column.x
        lines = head(layer)
        for k, line in enumerate(lines):
            role, size = ("quiet", TEXT) if k else ("ink", TITLE)
            yield self.text(middle, EDGE + LINE * k + 4, line, role, size, bold=not k)
        scale = largest_finite(layer.value)
        for k, y in column.cells.items():
            yield self.map(column, k, y, scale) if layer.maps else self.cell(column, k, y, scale)
        if column.gap is not None:
            more = layer.size - len(column.cells)
            yield "".join(
                f'<circle cx="{column.x:.1f}" cy="{column.gap + dy:.1f}" r="2" fill="{self.ink["quiet"]}"/>'
                for dy in (-17, -10, -3)
            )
            yield self.text(column.x, column.gap + 14, f"{more:,} more", "quiet", halo=True)

    def cell(self, column: Column, k: int, y: float, scale: float) -> str:
        """A circle with the mark of its kind, filled as its number is large, and the number below it."""
        layer, value = column.layer, float(column.layer.value[k])
        role = "warning" if not np.isfinite(value) else "negative" if value < 0 else "positive"
        opacity = 0.75 * min(abs(value) / scale, 1) if np.isfinite(value) else 0.75
        of = "gradient of the bias" if self.what == "gradient" else "bias"
        bias = "" if layer.bias is None else f", {of} {float(layer.bias[k]):.6g}"
        loop = (
            f'<circle cx="{column.x:.1f}" cy="{y - RADIUS:.1f}" r="8" fill="none" stroke="{self.ink["edge"]}"/>'
            if layer.cell in LOOPED else ""
        )  # fmt: skip
        tip = f"{layer.title} {k}: {value:.6g}{bias}"
        marked = MARKS[layer.cell].replace('class="full"', f'fill="{self.ink["ink"]}"')
        marked = marked.replace('class="dots"', 'stroke-width="2.6"')
        at = f'cx="{column.x:.1f}" cy="{y:.1f}" r="{RADIUS:.0f}"'
        return (
            f'<g class="cell">{loop}<title>{escape(tip)}</title><circle {at} fill="{self.ink["background"]}"/>'
            f'<circle {at} fill="{self.ink[role]}" fill-opacity="{opacity:.3f}" stroke="{self.ink["ink"]}" '
            f'stroke-width="1.5"/><g transform="translate({column.x:.1f} {y:.1f})" fill="none" '
            f'stroke="{self.ink["ink"]}" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">{marked}</g>'
            f"{self.text(column.x, y + RADIUS + 12, number(value, 3), 'ink', TEXT, halo=True)}</g>"
        )

    def map(self, column: Column, k: int, y: float, scale: float) -> str:
        """A feature map, and beside it the kernel that made it, for the first of its inputs."""
        layer = column.layer
        parts = [self.table(layer.value[k], column.x, y, PICTURE, scale, f"{layer.title} {k}")]
        if layer.kernels is not None:
            kernel = layer.kernels[k].reshape(-1, *layer.kernels.shape[2:])[0]
            what = "kernel" if self.what == "weight" else "gradient of kernel"
            x = column.x - PICTURE / 2 - 6 - KERNEL / 2
            parts.append(self.table(kernel, x, y, KERNEL, largest_finite(layer.kernels), f"{what} {k}, of input 0"))
        return "".join(parts)

    def table(self, numbers: Array, x: float, y: float, room: float, scale: float, name: str) -> str:
        """An array as a picture whose longer side is `room`."""
        table = numbers.reshape(-1, numbers.shape[-1])
        high, wide = (room * size / max(table.shape) for size in table.shape)
        box = f'x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" width="{wide:.1f}" height="{high:.1f}"'
        tip = f"{name}: {'×'.join(map(str, np.shape(numbers)))}, from {number(table.min())} to {number(table.max())}"
        return (
            f'<g><title>{escape(tip)}; full: {number(scale)}</title><rect {box} fill="{self.ink["background"]}"/>'
            f'<image {box} preserveAspectRatio="none" href="{data_uri(table, scale)}" '
            f'style="image-rendering: pixelated"/><rect {box} fill="none" stroke="{self.ink["edge"]}"/></g>'
        )

    # --- all of it ----------------------------------------------------------------------------------------------

    def notes(self) -> list[str]:
        """What one must know to read the picture."""
        lines = []
        if any(wire.weight is not None for wire in self.edges):
            what = "|weight|" if self.what == "weight" else "|gradient of the sum of the outputs by the weight|"
            zero = "; dashed: 0" if any(wire.weight == 0 for wire in self.edges) and self.what == "gradient" else ""
            lines.append(f"line: as thick as {what}, at most {number(self.scale)}; double, orange: below 0{zero}")
        if not all(column.layer.maps for column in self.columns):
            lines.append("cell: as full as its number is large, in its layer; orange: below 0")
        if any(column.layer.maps for column in self.columns):
            lines.append("map: as full as its numbers are large, in its layer; hollow, orange: below 0")
        return lines

    def svg(self, title: str, description: str) -> str:
        """The picture."""
        places = {column.place: column for column in self.columns}
        parts = [self.edge(wire) for wire in sorted(self.edges, key=lambda wire: abs(wire.weight or 0))]
        parts += [
            self.skip(places[source], column)
            for column in self.columns
            for source in dict.fromkeys([*column.layer.skips, *column.layer.sources[1:]])
            if source in places and source < column.place
        ]
        parts += [part for column in self.columns for part in self.column(column)]
        if self.told:
            parts += [self.beside(wire) for wire in self.edges if wire.weight is not None]
        for left, right in zip(self.columns, self.columns[1:]):
            if right.place > left.place + 1:
                x, y = (left.right + right.left) / 2, self.height / 2
                parts.append(self.text(x, y, "…", "ink", 20))
                parts.append(self.text(x, y + 18, f"{right.place - left.place - 1} layers", "quiet"))
        notes = self.notes()
        width = max(self.width, 2 * EDGE + max(ADVANCE * TEXT * columns(line) for line in notes))
        height = self.height + LINE * len(notes) + 34
        parts += [self.text(EDGE, self.height + 28 + LINE * k, line, "quiet", anchor="start")
                  for k, line in enumerate(notes)]  # fmt: skip
        sheet = f"<style>{stylesheet()}</style>" if self.theme == "auto" else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{class_of(self.theme)}" role="img" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
            f'style="max-width: 100%; height: auto" font-family="{FONT}">'
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{sheet}"
            f'<rect width="100%" height="100%" fill="{self.ink["background"]}"/>{"".join(parts)}</svg>'
        )


def overlap(a: Box, b: Box) -> float:
    """The area that two boxes share."""
    wide, high = (min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in (0, 1))
    return max(wide, 0.0) * max(high, 0.0)
