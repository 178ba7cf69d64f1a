"""How large a saved picture is: on what paper, and with what texts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .label import SMALL
from .page import Page

READABLE = 8.0  # the least size of a text that is read on paper, in points
POINT = 72.0  # points are an inch
UNITS = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / POINT}
TRIED = (1.05, 1.15, 1.25, 1.5, 0.9, 0.8, 0.7, 0.6, 0.5, 0.35)  # of the width: rows in frames are longer or shorter
PAD = 0.03  # around a picture, in inches: paper has margins of its own


@dataclass(frozen=True)
class Paper:
    """Width and height that a picture has room for, in inches. The height is infinite where nobody asked for one."""

    width: float
    height: float = math.inf

    @property
    def size(self) -> str:
        """The size as Graphviz reads it."""
        return f"{self.width:.4f},{min(self.height, 1e4):.4f}"


A4 = Paper(277 / 25.4, 190 / 25.4)  # landscape, with margins of 1 cm


def paper(width: float | str) -> Paper:
    """The paper for a width: inches, or a text with a unit, or "A4". TypeError and ValueError for what is none."""
    said = f"width is a number of inches above 0, a text as '16cm', '160mm', '6.3in' or '450pt', or 'A4', not {width!r}"
    if isinstance(width, str):
        if width.strip().upper() == "A4":
            return A4
        found = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*(in|cm|mm|pt)\s*", width)
        if not found:
            raise ValueError(said)
        width = float(found[1]) * UNITS[found[2]]
    if isinstance(width, bool) or not hasattr(width, "__float__"):
        raise TypeError(said)
    if not 0 < float(width) < math.inf:
        raise ValueError(said)
    return Paper(float(width))


def check_dpi(dpi: Any, form: str) -> None:
    """Raise ValueError unless a file of this form has such a resolution."""
    if dpi is None:
        return
    if form != "png":
        raise ValueError(f"dpi is for .png, which is made of pixels: a .{form} is sharp at any size")
    if isinstance(dpi, bool) or not hasattr(dpi, "__float__") or not 1 <= float(dpi) <= 2400:
        raise ValueError(f"dpi is a number of pixels per inch, from 1 to 2400, not {dpi!r}")


class NoRoomError(ValueError):
    """A picture that could not be read on its page."""


def fitted(lay_out: Callable[[float], Page], longest: float, paper: Paper) -> Page:
    """The page with rows so short that the smallest text can be read where the picture has that width.

    Raises NoRoomError if there is a height, too, and no room for all of it.
    """

    def smallest(page: Page) -> float:
        """The size of the smallest text, in points."""
        wide, high = paper.width * POINT, paper.height * POINT
        return SMALL * min(1.0, wide / (page.width + 2 * PAD * POINT), high / (page.height + 2 * PAD * POINT))

    room = min(longest, paper.width * POINT * SMALL / READABLE - 2 * PAD * POINT)
    best = lay_out(room)
    for part in TRIED:
        if smallest(best) >= READABLE:
            return best
        best = max(best, lay_out(part * room), key=smallest)
    if paper.height < math.inf and smallest(best) < READABLE:
        raise NoRoomError(
            f"this picture has no room on A4: its smallest texts would have {smallest(best):.1f} points and not "
            f"{READABLE:g}; show less of it (depth=, max_nodes=, gradients=False, values=False), or give the width "
            "alone, as width='27.7cm'"
        )
    return best
