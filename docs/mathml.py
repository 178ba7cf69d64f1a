"""Formulas as MathML: no script, no font, no network, and readable aloud."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx


def inline(writer: Any, node: nodes.math) -> None:
    """A formula within a line."""
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def display(writer: Any, node: nodes.math_block) -> None:
    r"""A formula on lines of its own; several rows are separated by `\\`, and aligned at their `&`."""
    text = node.astext()
    rows = rf"\begin{{align}}{text}\end{{align}}" if r"\\" in text and r"\begin" not in text else text
    writer.body.append(f'<div class="formula">{convert(rows, display="block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer, as `html_math_renderer = "mathml"`."""
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
