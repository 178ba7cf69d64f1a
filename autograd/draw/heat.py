"""Large arrays in the picture of a graph: each as a small picture, or its last two axes as tiles side by side.

The layout leaves room for them: a cell of the table with an id. They are put there when the SVG is made; for other
formats Graphviz reads them from files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

from .palette import colours
from .pixels import data_uri, largest_finite, opaque, pixels, png, thinned
from .scene import Scene
from .text import TIMES, in_full, number

Array = npt.NDArray[Any]
ACROSS, TILES = 4, 8  # tiles beside each other, and at most
WIDEST, TALLEST, TILE, SPACE = 96.0, 60.0, 34.0, 3.0  # of one table, of one of many, and between them, in points
SIDE, LEAST = 6.0, 9.0  # of the number of a single table, where there is room; and the least of its picture
SHARP = 4  # pixels of a file for a point of the picture
SVG = "http://www.w3.org/2000/svg"


def with_heat(scene: Scene) -> Scene:
    """The scene with a key for the picture of each array that is too large to be shown in full."""
    shown = [box.value if box.image is None else box.image for box in scene.boxes]
    large = [value is not None and np.size(value) > 1 and not in_full(value) for value in shown]
    boxes = [replace(box, heat=f"h{i}") if large[i] else box for i, box in enumerate(scene.boxes)]
    return replace(scene, boxes=boxes)


def tiles(x: Any) -> list[Array]:
    """The tables that an array is shown as: itself, or along its last two axes, the first ones of many."""
    data = np.asarray(x)
    tables = data.reshape(-1, *data.shape[-2:])[:TILES] if data.ndim > 2 else np.atleast_2d(data)[None]
    return [np.asarray(thinned(table), dtype=float) for table in tables]


def sizes(x: Any) -> tuple[list[tuple[Array, float, float, float, float]], float, float]:
    """Each tile with its place (left, top, width, height), and the width and height of all."""
    tables = tiles(x)
    rows, columns = tables[0].shape
    if np.ndim(x) < 3:  # a matrix: its numbers need not be squares
        high, wide = np.clip(SIDE * rows, LEAST, TALLEST), np.clip(SIDE * columns, LEAST, WIDEST)
    else:
        high, wide = (max(LEAST, TILE * n / max(rows, columns)) for n in (rows, columns))
    places = [
        (table, (k % ACROSS) * (wide + SPACE), (k // ACROSS) * (high + SPACE), wide, high)
        for k, table in enumerate(tables)
    ]
    return places, max(x + w for _, x, _, w, _ in places), max(y + h for _, _, y, _, h in places)


def placeholder(key: str, name: str, x: Any, span: int, ink: str) -> str:
    """The cell of a table that leaves room for the picture of `x`."""
    _, wide, high = sizes(x)
    tip = f"{name}: from {number(np.min(x))} to {number(np.max(x))}; the fuller, the larger; hollow: below 0"
    shown, many = len(tiles(x)), int(np.prod(np.shape(x)[:-2]))
    if shown < many:
        tip += f"; {shown} of {many:,} tables"
    rows, columns = np.shape(x)[-2:] if np.ndim(x) > 1 else (1, np.size(x))
    kept = tiles(x)[0].shape
    if kept != (rows, columns):
        tip += f"; {kept[0]} {TIMES} {kept[1]} of {rows:,} {TIMES} {columns:,} numbers"
    return (
        f'<TD COLSPAN="{span}" ALIGN="RIGHT"><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>'
        f'<TD ID="{key}-{name}" HREF="#" TOOLTIP="{tip}" FIXEDSIZE="TRUE" WIDTH="{wide:.0f}" HEIGHT="{high:.0f}" '
        f'BGCOLOR="{ink}"></TD></TR></TABLE></TD>'
    )


def with_pictures(svg: str, scene: Scene, theme: str) -> str:
    """The SVG with the pictures of its arrays where there is room for them."""
    root, ink = ElementTree.fromstring(svg), colours(theme)
    arrays = {f"a_{key}": x for key, x in pictured(scene).items()}
    found = False
    for group in root.iter(f"{{{SVG}}}g"):
        if group.get("id") in arrays:
            found = True
            (shape,) = group.iter(f"{{{SVG}}}polygon")
            x, y = (min(corner[axis] for corner in corners(shape)) for axis in (0, 1))
            group.remove(shape)
            group.extend(drawn(arrays[group.attrib["id"]], x, y, ink["edge"], ink["background"]))
    return ElementTree.tostring(root, encoding="unicode") if found else svg


def with_files(dot: str, scene: Scene, theme: str, folder: Path) -> str:
    """The DOT with the pictures of its arrays as files, which are written into a folder."""
    ink, arrays = colours(theme), pictured(scene)

    def filled(found: re.Match[str]) -> str:
        path = folder / f"{found['key']}.png"
        path.write_bytes(png(composed(arrays[found["key"]], ink["edge"], ink["background"])))
        return f'<TD {found["size"]}><IMG SRC="{path.as_posix()}" SCALE="BOTH"/></TD>'

    return re.sub(r'<TD ID="(?P<key>h\d+-\w+)"[^>]*(?P<size>FIXEDSIZE[^>]*) BGCOLOR="[^"]*"></TD>', filled, dot)


def pictured(scene: Scene) -> dict[str, Any]:
    """The arrays that are shown as pictures, by their keys."""
    return {f"{box.heat}-{name}": x for box in scene.boxes if box.heat
            for name, x in (("value", box.value if box.image is None else box.image), ("grad", box.gradient))
            if x is not None}  # fmt: skip


def composed(array: Any, line: str, ground: str) -> Array:
    """All tiles of an array in their frames as one picture, RGBA."""
    places, wide, high = sizes(array)
    scale = largest_finite(np.asarray(array))
    image = np.zeros((round(SHARP * high), round(SHARP * wide), 4), np.uint8)
    for table, x, y, width, height in places:
        top, left, bottom, right = (round(SHARP * at) for at in (y, x, y + height, x + width))
        tile = pixels(table, scale)
        rows, columns = (np.arange(n) * m // n for n, m in zip((bottom - top, right - left), tile.shape))
        here = image[top:bottom, left:right]
        here[:] = opaque(tile[rows[:, None], columns][: here.shape[0], : here.shape[1]], ground)
        edge = max(1, round(0.6 * SHARP))
        for side in (here[:edge], here[-edge:], here[:, :edge], here[:, -edge:]):
            side[:] = (*bytes.fromhex(line[1:]), 255)
    return image


def corners(shape: ElementTree.Element) -> list[tuple[float, float]]:
    """The corners of a polygon."""
    numbers = list(map(float, re.split(r"[ ,]+", shape.attrib["points"].strip())))
    return list(zip(numbers[::2], numbers[1::2]))


def drawn(array: Any, left: float, top: float, line: str, ground: str) -> Iterator[ElementTree.Element]:
    """The tiles of an array in their frames."""
    scale = largest_finite(np.asarray(array))
    for table, x, y, wide, high in sizes(array)[0]:
        place = {"x": f"{left + x:.2f}", "y": f"{top + y:.2f}", "width": f"{wide:.2f}", "height": f"{high:.2f}"}
        yield ElementTree.Element(f"{{{SVG}}}rect", place | {"fill": ground, "stroke": line, "stroke-width": "0.6"})
        look = {"href": data_uri(table, scale), "preserveAspectRatio": "none", "style": "image-rendering: pixelated"}
        yield ElementTree.Element(f"{{{SVG}}}image", place | look)
