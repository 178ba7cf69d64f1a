"""The SVG of a network as pixels, or as a PDF, by matplotlib. It reads what `circles` writes, and no more of SVG.

Matplotlib is here anyway, for plots; CairoSVG needs the system's cairo, resvg writes no PDF, vl-convert brings 30 MB.
"""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

PIXEL = 0.75  # points
SVG = "{http://www.w3.org/2000/svg}"
PER_INCH = 96.0  # pixels
ARC = 24  # lines that an arc is drawn as
TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "A": 7, "Z": 0}  # numbers after each letter of a path

Point = tuple[float, float]


def raster(svg: str, form: str, dpi: float | None = None) -> bytes:
    """The picture as a file of the form "png" or "pdf"; a pixel of the SVG is a 96th of an inch.

    Raises ModuleNotFoundError that names the extra if matplotlib is missing.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"the picture of a network is saved as .{form} with matplotlib, the extra plot: "
            f'pip install "chainrule[plot]" ({error}); as .svg it needs nothing',
            name=error.name,
        ) from error
    root = ElementTree.fromstring(svg)
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    figure = Figure((width / PER_INCH, height / PER_INCH))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0), autoscale_on=False)
    axes.set_axis_off()
    for order, (element, look, origin) in enumerate(parts(root, {}, (0.0, 0.0))):
        add(axes, element, look, origin, order)
    out = io.BytesIO()
    dated = {"CreationDate": None} if form == "pdf" else None
    with rc_context({"text.hinting": "no_hinting"}):  # letters as wide as they are in the SVG
        figure.savefig(out, format=form, dpi=dpi or PER_INCH, metadata=dated)
    return out.getvalue()


def parts(
    parent: ElementTree.Element, above: dict[str, str], origin: Point
) -> Iterator[tuple[ElementTree.Element, dict[str, str], Point]]:
    """What is drawn, in its order, with the look that it has from the groups around it, and where these begin."""
    for element in parent:
        look = above | element.attrib
        moved = re.findall(r"[-\d.]+", element.get("transform", ""))
        x, y = (float(at) for at in moved) if moved else (0.0, 0.0)
        place = origin[0] + x, origin[1] + y
        if element.tag == f"{SVG}g":
            yield from parts(element, look, place)
        elif element.tag not in (f"{SVG}title", f"{SVG}desc", f"{SVG}style"):
            yield element, look, place


def add(axes: Any, element: ElementTree.Element, look: dict[str, str], origin: Point, order: int) -> None:
    """Draw one part of the picture."""
    from matplotlib import image, patches, patheffects
    from matplotlib.path import Path

    (left, top), kind = origin, element.tag.removeprefix(SVG)
    at = {name: float(look[name]) for name in ("x", "y", "cx", "cy", "r", "width", "height")
          if name in look and not look[name].endswith("%")}  # fmt: skip
    x, y = left + at.get("x", at.get("cx", 0.0)), top + at.get("y", at.get("cy", 0.0))
    if kind == "text":
        halo = [patheffects.withStroke(linewidth=3 * PIXEL, foreground=look["stroke"])] if "stroke" in look else []
        side = {"middle": "center", "start": "left", "end": "right"}[look["text-anchor"]]
        axes.text(
            x, y, element.text or "", family="DejaVu Sans Mono", size=float(look["font-size"]) * PIXEL, ha=side,
            va="baseline", color=look["fill"], weight=look.get("font-weight", "normal"), path_effects=halo,
            zorder=order, parse_math=False,
        )  # fmt: skip
        return
    if kind == "image":
        pixels = image.imread(io.BytesIO(base64.b64decode(look["href"].partition(",")[2])))
        place = (x, x + at["width"], y + at["height"], y)
        axes.imshow(pixels, extent=place, interpolation="nearest", aspect="auto", zorder=order)
        return
    style = {
        "facecolor": shade(look, "fill", "none" if kind == "path" else "#000000"), "zorder": order,
        "edgecolor": shade(look, "stroke", "none"), "linewidth": float(look.get("stroke-width", 1)) * PIXEL,
        "capstyle": look.get("stroke-linecap", "butt"), "joinstyle": look.get("stroke-linejoin", "miter"),
    }  # fmt: skip
    if "stroke-dasharray" in look:
        dash = float(look["stroke-dasharray"].split()[0]) / float(look["stroke-width"])
        style["linestyle"] = (0, (dash, dash))
    if kind == "circle":
        axes.add_patch(patches.Circle((x, y), at["r"], **style))
    elif kind == "rect":
        size = [at.get(side, axes.get_window_extent().width * 1e3) for side in ("width", "height")]
        axes.add_patch(patches.Rectangle((x, y), *size, **style))
    else:
        vertices, codes = path(look["d"], origin)
        axes.add_patch(patches.PathPatch(Path(vertices, codes), **style))


def shade(look: dict[str, str], what: str, otherwise: str) -> Any:
    """The colour of a fill or a stroke, with its opacity."""
    colour = look.get(what, otherwise)
    return "none" if colour == "none" else (colour, float(look.get(f"{what}-opacity", 1)))


def path(d: str, origin: Point) -> tuple[list[Point], list[int]]:
    """The points of an SVG path, and what matplotlib does at each: 1 begins, 2 a line, 4 a cubic curve, 79 closes."""
    (left, top), (x, y) = origin, (0.0, 0.0)
    points: list[Point] = []
    codes: list[int] = []
    begun = (x, y)
    for letter, rest in re.findall(r"([A-Za-z])([^A-Za-z]*)", d):
        numbers = [float(text) for text in re.findall(r"-?(?:\d*\.\d+|\d+)", rest)]
        size = TAKES[letter.upper()]
        for k in range(0, max(len(numbers), 1), max(size, 1)):
            given, (dx, dy) = numbers[k : k + size], (x, y) if letter.islower() else (0.0, 0.0)
            new, code = drawn(letter.upper(), given, (x, y), (dx, dy), begun)
            if letter.upper() == "M" and k == 0:
                begun, code = new[0], 1
            elif letter.upper() == "M":
                code = 2
            points += new
            codes += [code] * len(new)
            x, y = new[-1]
    return [(left + px, top + py) for px, py in points], codes


def drawn(letter: str, given: list[float], here: Point, by: Point, begun: Point) -> tuple[list[Point], int]:
    """The next points of a path, and what is done at them."""
    (x, y), (dx, dy) = here, by
    if letter == "H":
        return [(dx + given[0], y)], 2
    if letter == "V":
        return [(x, dy + given[0])], 2
    if letter == "Z":
        return [begun], 79
    if letter == "C":
        return [(dx + given[i], dy + given[i + 1]) for i in (0, 2, 4)], 4
    if letter == "A":
        return arc(here, given[0], bool(given[3]), bool(given[4]), (dx + given[5], dy + given[6])), 2
    return [(dx + given[0], dy + given[1])], 2


def arc(start: Point, radius: float, large: bool, sweep: bool, end: Point) -> list[Point]:
    """Points on an arc of a circle: the long way around or not, and clockwise on the screen or not."""
    (a, b), (c, d) = start, end
    chord = math.hypot(c - a, d - b)
    radius = max(radius, chord / 2)
    height = math.sqrt(radius**2 - chord**2 / 4) * (1 if large == sweep else -1)
    x, y = (a + c) / 2 + height * (d - b) / chord, (b + d) / 2 - height * (c - a) / chord
    first, last = math.atan2(b - y, a - x), math.atan2(d - y, c - x)
    turn = (last - first) % (2 * math.pi) if sweep else -((first - last) % (2 * math.pi))
    angles = [first + turn * k / ARC for k in range(1, ARC + 1)]
    return [(x + radius * math.cos(t), y + radius * math.sin(t)) for t in angles]
