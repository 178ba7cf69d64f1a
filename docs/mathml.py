"""Formulas as MathML: no script, no font, no network, and readable aloud."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx


def mathml(text: str, **options: str) -> str:
    """The formula; a prime stands at its letter in full size, because fonts have raised it already.

    Names of functions keep the thin space that TeX puts beside them.
    """
    primed = re.sub(
        r"<msup>(<mi>[^<]*</mi>)<mi>(&#x0203[2-4];)</mi></msup>",
        r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>',
        convert(text, **options),
    )
    thin, name = '<mspace width="0.17em"></mspace>', "<mi>(?:cos|exp|log|sin|tanh)</mi>"
    after = re.sub(rf"({name})(?=<m(?:i|n|sub|sup|frac)>)", rf"\1{thin}", primed)
    return re.sub(rf"(</mi>|</mn>|</msub>|</msup>)(?={name})", rf"\1{thin}", after)


def inline(writer: Any, node: nodes.math) -> None:
    """A formula within a line."""
    writer.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def display(writer: Any, node: nodes.math_block) -> None:
    r"""A formula on lines of its own; several rows are separated by `\\`, and aligned at their `&`."""
    text = node.astext()
    rows = rf"\begin{{align}}{text}\end{{align}}" if r"\\" in text and r"\begin" not in text else text
    writer.body.append(f'<div class="formula">{mathml(rows, display="block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer, as `html_math_renderer = "mathml"`."""
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
