"""Where the layers of a network stand in its picture, and which of their cells and wires are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from .label import ADVANCE, counted
from .network import Layer
from .text import columns, shorten

RADIUS, PITCH, EDGE = 15.0, 54.0, 22.0  # of cells; between them, around the picture
GAP, WIDE_GAP = 100.0, 150.0  # between columns; where the weights are told
TITLE, TEXT, LINE = 13, 11, 15.0  # sizes of text, and the height of a line
PICTURE, KERNEL = 60.0, 34.0  # the widest a map and a kernel are drawn
MOST_CELLS, FIRST, LAST = 10, 4, 3  # more cells than these are elided, but for the first and the last
MOST_MAPS = 6
MOST_LAYERS, FIRST_LAYERS, LAST_LAYERS = 12, 5, 5
MOST_TOLD = 24  # so many weights, at most, have their number beside them


@dataclass(frozen=True)
class Column:
    """A layer at its place. `cells` has the height of each cell or map that is shown, by its position in the layer."""

    layer: Layer
    place: int
    x: float
    cells: dict[int, float]
    gap: float | None  # where the ellipsis stands

    @property
    def left(self) -> float:
        """Where the edges end."""
        return self.x - reach(self.layer)

    @property
    def right(self) -> float:
        """Where the edges begin."""
        return self.x + half(self.layer)


def half(layer: Layer) -> float:
    """From the middle of a cell or map to its right edge."""
    return PICTURE / 2 if layer.maps else RADIUS


def reach(layer: Layer) -> float:
    """From the middle of a cell or map to the left edge of what belongs to it: its kernel stands there."""
    return half(layer) + (KERNEL + 6 if layer.kernels is not None else 0)


def step(layer: Layer) -> float:
    """How far the cells or maps of a layer are apart."""
    return PICTURE + 14 if layer.maps else PITCH


def head(layer: Layer) -> list[str]:
    """The title of a layer, and what stands below it."""
    what = "map" if layer.maps else "cell"
    shape = f" {'×'.join(map(str, layer.value.shape[1:]))}" if layer.maps else ""
    rows = f"row {layer.rows:,} of {layer.rows:,}" if layer.rows > 1 else ""
    texts = (layer.settings.replace("->", "→"), ", ".join(layer.changes), counted(layer.size, what) + shape, rows)
    return [shorten(text, 24) for text in (layer.title, *texts) if text]


def wide(layer: Layer) -> float:
    """The width of the texts above a layer."""
    return max(ADVANCE * (TEXT if k else TITLE) * columns(line) for k, line in enumerate(head(layer)))


def shown(layer: Layer) -> tuple[list[int], int | None]:
    """Which cells are shown, and after how many of them the ellipsis stands for the others."""
    most, first, last = (MOST_MAPS, 3, 2) if layer.maps else (MOST_CELLS, FIRST, LAST)
    if layer.size <= most:
        return list(range(layer.size)), None
    return [*range(first), *range(layer.size - last, layer.size)], first


def told_weights(layers: Sequence[Layer]) -> bool:
    """Whether each weight has its number beside it."""
    return 0 < sum(layer.weights.size for layer in layers if layer.weights is not None) <= MOST_TOLD


def arranged(layers: Sequence[Layer]) -> tuple[list[Column], float, float]:
    """The layers at their places, the width of the picture, and its height so far."""
    told = list(range(len(layers)))
    if len(layers) > MOST_LAYERS:
        told = [*told[:FIRST_LAYERS], *told[-LAST_LAYERS:]]
    top = EDGE + LINE * max(len(head(layers[i])) for i in told) + 14
    rows = {i: len(shown(layers[i])[0]) + (shown(layers[i])[1] is not None) for i in told}
    tallest = max(rows[i] * step(layers[i]) for i in told)
    found: list[Column] = []
    x = EDGE
    for i in told:
        layer, (indices, split) = layers[i], shown(layers[i])
        if found:
            last = found[-1].layer
            gap = (WIDE_GAP if told_weights(layers) else GAP) * (1 if i == found[-1].place + 1 else 1.4)
            x += max(half(last) + gap + reach(layer), (wide(last) + wide(layer)) / 2 + 14)
        else:
            x += max(reach(layer), wide(layer) / 2)
        first = top + (tallest - (rows[i] - 1) * step(layer)) / 2
        places = {k: first + step(layer) * (n + (split is not None and n >= split)) for n, k in enumerate(indices)}
        found.append(Column(layer, i, x, places, None if split is None else first + step(layer) * split))
    return found, x + max(half(found[-1].layer), wide(found[-1].layer) / 2) + EDGE, top + tallest


@dataclass(frozen=True)
class Wire:
    """An edge from one cell to another, with its weight if it has one."""

    a: tuple[float, float]
    b: tuple[float, float]
    weight: float | None
    tip: str = ""


def wires(before: Column, after: Column, what: str) -> Iterator[Wire]:
    """The edges between two layers: with their weights, from each cell to its own, or all to all."""
    weights = after.layer.weights if after.layer.sources[0] == before.place else None
    same = before.layer.size == after.layer.size and not after.layer.mixes
    for (i, y), (j, z) in product(before.cells.items(), after.cells.items()):
        if same and i != j:
            continue
        a, b = (before.right, y), (after.left, z)
        if weights is None:
            yield Wire(a, b, None)
        else:
            w = float(weights[i, j])
            yield Wire(a, b, w, f"{before.layer.title} {i} → {after.layer.title} {j}: {what} {w:.6g}")
