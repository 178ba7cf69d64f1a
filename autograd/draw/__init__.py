"""Pictures of graphs: `draw(loss)` shows every number of a forward and a backward pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, overload

import numpy as np

from ..arrays import is_lazy, lives_elsewhere
from ..node import Node
from .call import called
from .dot import dot_source
from .elsewhere import brought_here
from .frame import Frame, in_cell
from .heat import with_files, with_pictures
from .label import counted, headings
from .network_drawing import Network, NetworkDrawing, network_drawing
from .palette import THEMES
from .paper import A4, NoRoomError, Paper, check_dpi, paper
from .player import page
from .render import RendererMissing, RenderError, run_graphviz, svg
from .scene import Scene, look_at
from .terser import terser
from .titles import with_titles

__all__ = ["Drawing", "NetworkDrawing", "RenderError", "RendererMissing", "draw"]

DIRECTIONS = ("LR", "TB", "RL", "BT")


class Drawing:
    """A picture of a graph, with the numbers of the moment it was made. It shows itself in notebooks.

    `dot` is the picture in Graphviz's language, the same for the same graph in every process. `svg` is drawn from it
    by Graphviz, once, when it is first asked for.
    """

    def __init__(
        self, scene: Scene, gradients: bool, values: bool, direction: str, theme: str, foldable: bool = False
    ) -> None:
        self.scene, self.foldable = scene, foldable
        self.gradients, self.values, self.direction, self.theme = gradients, values, direction, theme
        self.dot = dot_source(scene, gradients, values, direction, theme)
        self.title = f"The graph of {headings(scene.boxes[-1])[0]}"
        self.description = summary(scene)
        self.is_lazy = False

    @cached_property
    def svg(self) -> str:
        """The picture as SVG. Raises RendererMissing where there is no Graphviz, RenderError where it fails."""
        return self.svg_on(None)

    def svg_on(self, paper: Paper | None) -> str:
        """The picture as SVG, on paper of a size. Raises what `svg` raises."""
        scene, dot = self.laid_out(paper)
        return with_pictures(svg(dot, self.title, self.description, self.theme), scene, self.theme)

    def laid_out(
        self, paper: Paper | None, dpi: float | None = None, pictures: bool = True
    ) -> tuple[Scene, str]:  # fmt: skip
        """As much of the scene as has room on the paper, and its DOT. Raises ValueError where nothing has."""
        failed = ""
        for scene in terser(self.scene, self.gradients, pictures, paper is A4, self.foldable):
            try:
                return scene, dot_source(
                    scene, self.gradients, self.values, self.direction, self.theme, paper=paper, dpi=dpi
                )  # fmt: skip
            except NoRoomError as error:
                failed = str(error)
        raise ValueError(failed)

    @cached_property
    def html(self) -> str:
        """The player: a page that plays the graph forward and backward, step by step. Raises what `svg` raises, and
        ValueError of arrays whose numbers are not computed yet, as it plays numbers.
        """
        if self.is_lazy:
            raise ValueError("the player plays numbers, and these are not computed yet: draw the graph of few rows")
        return page(
            self.scene, self.title, self.description, self.gradients, self.values, self.direction, self.theme
        )  # fmt: skip

    def drawn(self, form: str, paper: Paper | None, dpi: float | None) -> bytes:
        """The picture as a file that Graphviz draws."""
        scene, dot = self.laid_out(paper, dpi)
        with TemporaryDirectory() as folder:
            return run_graphviz(with_files(dot, scene, self.theme, Path(folder)), form)

    def player(self, height: int = 720) -> Frame:
        """The player for a notebook, in a frame of its own `height` pixels high. Raises what `svg` raises."""
        if height < 1:
            raise ValueError(f"height is a number of pixels above 0, not {height}")
        return Frame(self.html, self.title, height)

    def save(self, path: str | Path, width: float | str | None = None, dpi: float | None = None) -> Path:
        """Write the picture as the suffix of `path` says: .svg, .dot, .png or .pdf; as .html the player.

        `width` is how wide it is on paper, at most: a number of inches, or a text as "16cm", "160mm", "6.3in" or
        "450pt". Its rows are then so short that no text is smaller than 8 points, unless one box, with what hangs on
        it, is too wide for that. "A4" is a page of A4, landscape, with margins of 1 cm; what has no room there in full
        is shown with less: small pictures are left out, arrays are their min, mean and max, and unless `draw` was
        given a depth more is folded. `dpi` is the resolution of a .png, 96 pixels per inch by default.

        Where there is no Graphviz, the .dot is written beside it, and RendererMissing says so. Raises ValueError for
        another suffix, a width or resolution that is none or that this kind of file has not, and for what has no room
        on A4.
        """
        path = Path(path)
        form = path.suffix[1:].lower()
        if form not in ("svg", "dot", "html", "png", "pdf"):
            raise ValueError(f"a drawing is saved as .svg, .dot, .html, .png or .pdf, and not as {path.name!r}")
        if width is not None and form == "html":
            raise ValueError("width is for .svg, .png, .pdf and .dot: a .html page is as wide as its window")
        check_dpi(dpi, form)
        on = None if width is None else paper(width)
        dot = self.dot
        if on or dpi:
            dot = self.laid_out(on, dpi, pictures=False)[1]
        if form == "dot":
            path.write_text(dot, encoding="utf-8")
            return path
        try:
            text = {"svg": lambda: self.svg_on(on) if on else self.svg, "html": lambda: self.html}.get(form)
            data = text().encode() if text else self.drawn(form, on, dpi)
        except RendererMissing as error:
            beside = path.with_suffix(".dot")
            beside.write_text(dot, encoding="utf-8")
            raise RendererMissing(f"{path} is not written, {beside} is: {error}") from error
        path.write_bytes(data)
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            return in_cell(self.svg, repr(self))
        except RenderError as error:
            return {"text/plain": f"{self!r}\n{error}"}

    def _repr_html_(self) -> str | None:
        return self._repr_mimebundle_().get("text/html")

    def __repr__(self) -> str:
        return f"<Drawing: {self.description}>"


@overload
def draw(
    node: Network, x: Any, /, *, edges: str = "weights", cells: Sequence[str] | None = None, theme: str = "auto"
) -> NetworkDrawing: ...


@overload
def draw(
    node: Any,
    *args: Any,
    gradients: bool = True,
    values: bool = True,
    direction: str = "LR",
    max_nodes: int = 200,
    theme: str = "auto",
    depth: int | None = None,
) -> Drawing: ...


def draw(
    node: Any,
    *args: Any,
    gradients: bool = True,
    values: bool = True,
    direction: str = "LR",
    max_nodes: int = 200,
    theme: str = "auto",
    depth: int | None = None,
    edges: str = "weights",
    cells: Sequence[str] | None = None,
) -> Drawing | NetworkDrawing:
    """Draw everything that `node` was computed from: names, operations, shapes, values, gradients.

    The gradients are those of `node` by every node, or of its sum if it is an array, from a sweep of the drawing's
    own: no `.grad` changes (hooks run, as in every sweep). The values are those that the graph was computed with. An
    edge is the wider, the larger the gradient that goes back along it is, on a logarithmic scale, and dashed where that
    is 0. After a ∂ it has the local derivative that the chain rule multiplies by, if that is a few numbers.

    Modules are frames around their operations, with their dotted names. Those inside of `depth` others are one box
    each (0: the outermost), and like ones that follow each other one box for all, with how many there are. One module
    that is called again and again, as the cell of a recurrent layer, is a box for each call. A graph of more than
    `max_nodes` nodes is folded further: the innermost modules first, then chains of operations; if that is not enough,
    everything but what was computed last.

    `direction` is "LR" (from left to right), "RL", "TB" or "BT". `theme` is "light", "dark", or "auto": an SVG that is
    light or dark as its reader's screen is; other formats are light then.

    `draw(model, x)` shows a network, of `nn` or `nn.scalar`, for one sample: its layers as circles, as full as the
    numbers of its cells are large, joined by lines as thick as the absolute weights; a line that is double is a weight
    below 0. Large layers are elided, images and what convolutions make of them are pictures. With edges="gradients" the
    lines are the gradients of the sum of the outputs by the weights. Their kinds of cells have the marks of the chart;
    `cells` gives them, one for each layer. It is saved as .svg or .html, and with
    matplotlib as .png or .pdf; it needs no Graphviz.

    `draw(f, *args)` shows what a function computes from numbers and arrays: they become leaves with the names that they
    have in it.

    Raises TypeError for what is no node and gives none, ValueError for an option that is none of these.

    >>> from autograd import Value
    >>> x = Value(3.0, name="x")
    >>> draw(x * x + 1)
    <Drawing: 1 leaf, 1 constant, 2 operations>
    >>> draw(lambda w, x: (w * x - 1) ** 2, 0.5, 3.0)
    <Drawing: 2 leaves, 1 constant, 3 operations>
    """
    if hasattr(node, "_cells_") and not isinstance(node, type):
        return network_drawing(node, args, edges, cells, theme)
    if callable(node) and not isinstance(node, (Node, type)):
        node, args = called(node, args), ()
    if args or not isinstance(node, Node):
        wrong = (
            f"not {type(node).__name__!r}" if not isinstance(node, Node) else f"and nothing after it, not {args[0]!r}"
        )
        raise TypeError(
            f"draw takes a Value or a Tensor, {wrong} (what a function f computes from x is draw(f, x); "
            "a model and a sample: draw(model, X[0]))"
        )
    for name, on in {"gradients": gradients, "values": values}.items():
        if type(on) not in (bool, np.bool_):
            raise TypeError(f"{name} is True or False, not {on!r} (a file is written by draw(y).save('y.svg'))")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction is one of {', '.join(DIRECTIONS)}, not {direction!r}")
    if theme not in THEMES:
        raise ValueError(f"theme is one of {', '.join(THEMES)}, not {theme!r}")
    if max_nodes < 2:
        raise ValueError(f"max_nodes is at least 2, not {max_nodes}")
    if depth is not None and depth < 0:
        raise ValueError(f"depth is at least 0, or None to fold no module, not {depth}")
    lazy = is_lazy(node)
    if lazy:  # no number is known, and none is shown
        gradients = values = False
    if lives_elsewhere(node):
        node = brought_here(node)
    scene = with_titles(look_at(node, gradients, max_nodes, depth))
    drawing = Drawing(scene, gradients, values, direction, theme, foldable=depth is None)
    drawing.is_lazy = lazy
    return drawing


def summary(scene: Scene) -> str:
    """What there is in a picture, in one line."""
    kinds = Counter(box.kind for box in scene.boxes)
    parts = [
        counted(kinds["leaf"], "leaf", "leaves"),
        counted(kinds["parameter"], "parameter"),
        counted(kinds["constant"], "constant"),
        counted(kinds["operation"] + kinds["result"], "operation"),
        counted(sum(box.count for box in scene.boxes if box.kind == "module"), "folded module"),
        counted(sum(box.folded.operations + box.folded.leaves for box in scene.boxes), "folded node"),
    ]
    return ", ".join(filter(None, parts))
