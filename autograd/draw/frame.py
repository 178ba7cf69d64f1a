"""How a notebook shows a picture, in the cell, and the player, a page in a frame."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Frame:
    """A whole page, which a notebook shows in a cell: as wide as the cell is, and `height` pixels high."""

    page: str = field(repr=False)
    title: str
    height: int

    def _repr_html_(self) -> str:
        return (
            f'<iframe title="{html.escape(self.title)}" srcdoc="{html.escape(self.page)}" '
            f'style="width: 100%; height: {self.height}px; border: 0"></iframe>'
        )


def in_cell(svg: str, text: str) -> dict[str, Any]:
    """A picture for a notebook: in the cell and never wider than it; as a file of its own for what is printed."""
    return {"text/html": f'<div style="max-width: 100%">{svg}</div>', "image/svg+xml": svg, "text/plain": text}
