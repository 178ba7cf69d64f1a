"""The picture of a network for one sample, as `draw(model, x)` gives it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from ..recording import enable_grad
from .cells import MARKS
from .circles import Picture
from .columns import FIRST_LAYERS, LAST_LAYERS, MOST_LAYERS, head
from .frame import in_cell
from .network import Kinds, Layer, layers_of
from .palette import THEMES
from .paper import check_dpi
from .raster import raster
from .text import number

EDGES = {"weights": "weight", "gradients": "gradient"}
MOST_TOLD = 8  # so many numbers of a layer, at most, are in the description


class Network(Protocol):
    """What can be drawn as layers of cells."""

    def _cells_(self, x: Any, /) -> tuple[Any, Any, Kinds]:
        """The numbers of one sample `x`, the output computed from them, and what layers are drawn as."""


class NetworkDrawing:
    """A picture of a network: its layers as circles, with the numbers of one sample. It shows itself in notebooks.

    `svg` is the whole picture, drawn without Graphviz, the same for the same numbers in every process.
    """

    def __init__(self, title: str, layers: Sequence[Layer], edges: str, theme: str) -> None:
        self.title, self.layers = title, layers
        self.description = "; ".join(described(layer) for layer in layers)
        self.svg = Picture(layers, EDGES[edges], theme).svg(title, self.description)

    def save(self, path: str | Path, dpi: float | None = None) -> Path:
        """Write the picture as .svg, or as .html, a page with nothing else on it; or with matplotlib as .png or .pdf.

        `dpi` is the resolution of a .png, 96 pixels per inch by default. With the theme "auto" these two are light.
        """
        path = Path(path)
        form = path.suffix[1:].lower()
        if form not in ("svg", "html", "png", "pdf"):
            raise ValueError(
                f"the picture of a network is saved as .svg, .html, .png or .pdf, and not as {path.name!r}"
            )
        check_dpi(dpi, form)
        if form in ("png", "pdf"):
            path.write_bytes(raster(self.svg, form, dpi))
            return path
        page = f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>{self.title}</title>{self.svg}</html>\n'
        path.write_text(self.svg if form == "svg" else page, encoding="utf-8")
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return in_cell(self.svg, repr(self))

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()["text/html"]

    def __repr__(self) -> str:
        words = [f"{layer.title} {layer.size:,}" for layer in self.layers]
        if len(words) > MOST_LAYERS:
            words[FIRST_LAYERS:-LAST_LAYERS] = ["…"]
        return f"<NetworkDrawing: {', '.join(words)}>"


def described(layer: Layer) -> str:
    """A layer in words, with its numbers if they are few."""
    words = ", ".join(head(layer))
    if layer.maps or layer.size > MOST_TOLD:
        return f"{words}: from {number(layer.value.min())} to {number(layer.value.max())}"
    return f"{words}: {', '.join(number(x) for x in layer.value)}"


def network_drawing(
    model: Network, args: tuple[Any, ...], edges: str, cells: Sequence[str] | None, theme: str
) -> NetworkDrawing:
    """The picture of a model for one sample; see `draw`."""
    name = type(model).__name__
    if len(args) != 1:
        raise TypeError(f"a network is drawn for one sample: draw({name}, X[0]), and not for {len(args)}")
    if edges not in EDGES:
        raise ValueError(f"edges is one of {', '.join(EDGES)}, not {edges!r}")
    if theme not in THEMES:
        raise ValueError(f"theme is one of {', '.join(THEMES)}, not {theme!r}")
    with enable_grad():
        layers = layers_of(*model._cells_(args[0]), gradients=edges == "gradients")
    if cells is not None:
        for kind in cells:
            if kind not in MARKS:
                raise ValueError(f"a kind of cells is one of {', '.join(MARKS)}, not {kind!r}")
        if len(cells) != len(layers):
            raise ValueError(
                f"cells has a kind for each layer: {len(cells)} for the {len(layers)} of this {name}, "
                f"{', '.join(layer.title for layer in layers)}"
            )
        for layer, kind in zip(layers, cells):
            layer.cell = kind
    return NetworkDrawing(f"{name}: {', '.join(f'{layer.size:,}' for layer in layers)}", layers, edges, theme)
