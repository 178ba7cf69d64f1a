"""Tests of autograd/draw/paper.py: how wide a saved picture is, and that its texts can be read."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from drawn import deep, long_chain, neuron

from autograd import Tensor, draw
from autograd.draw.paper import A4, paper

pytest.importorskip("pygraphviz", reason="Graphviz draws")


def read(path: Path) -> tuple[float, float, float]:
    """Width and height of an SVG in points, and the size of its smallest text."""
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    (scale,) = re.findall(r"scale\(([\d.]+)", path.read_text(encoding="utf-8"))
    sizes = [float(text.attrib["font-size"]) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    width, height = (float(root.attrib[key].removesuffix("pt")) for key in ("width", "height"))
    return width, height, min(sizes) * float(scale)


@pytest.mark.parametrize(
    ("width", "inches"), [(6, 6), (6.5, 6.5), ("16cm", 6.299), ("160 mm", 6.299), ("450pt", 6.25), (np.float32(5), 5)]
)
def test_widths_have_units(width: Any, inches: float) -> None:
    assert paper(width).width == pytest.approx(inches, abs=1e-3)
    assert paper("a4") is A4


@pytest.mark.parametrize(
    "width", [0, -1, float("nan"), float("inf"), "16", "wide", "-2cm", "0cm", "A3", True, [6], b"A4"]
)
def test_what_is_no_width_is_refused(width: Any, tmp_path: Path) -> None:
    with pytest.raises((TypeError, ValueError), match="width is a number of inches above 0, a text as '16cm'"):
        draw(neuron()).save(tmp_path / "x.svg", width=width)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("graph", "width"), [(neuron, 4.5), (long_chain, 4.5), (neuron, "27.7cm"), (deep, "27.7cm"), (long_chain, "27.7cm")]
)
def test_a_width_is_kept_and_texts_can_be_read(graph: Any, width: Any, tmp_path: Path) -> None:
    wide, _, smallest = read(draw(graph()).save(tmp_path / "x.svg", width=width))
    assert wide <= paper(width).width * 72 + 1
    assert smallest >= 7.9


def test_a4_is_a_page(tmp_path: Path) -> None:
    wide, high, smallest = read(draw(neuron()).save(tmp_path / "x.svg", width="A4"))
    assert (wide, high) <= (A4.width * 72 + 1, A4.height * 72 + 1)
    assert smallest >= 7.9
    pdf = draw(neuron()).save(tmp_path / "x.pdf", width="A4").read_bytes()
    assert pdf.startswith(b"%PDF")
    with pytest.raises(ValueError, match=r"no room on A4: its smallest texts would have \d\.\d points and not 8"):
        draw(deep(), depth=9).save(tmp_path / "y.svg", width="A4")  # as open as was asked for, or not at all
    assert not (tmp_path / "y.svg").exists()


def test_what_has_no_room_on_a4_is_shown_with_less(xor_loss: Tensor, tmp_path: Path) -> None:
    for node in (xor_loss, deep(), long_chain()):
        path = draw(node).save(tmp_path / "x.svg", width="A4")
        wide, high, smallest = read(path)
        assert (wide, high) <= (A4.width * 72 + 1, A4.height * 72 + 1)
        assert smallest >= 7.9
    dot = draw(xor_loss).save(tmp_path / "x.dot", width="A4").read_text(encoding="utf-8")
    assert all(f">{name}<" in dot for name in ("W1", "b1", "tanh", "W2", "b2", "loss"))
    assert "folded" not in dot


def test_a_png_has_its_resolution(tmp_path: Path) -> None:
    wide = []
    for dpi in (None, 96, 192):
        header = draw(neuron()).save(tmp_path / "x.png", width=4, dpi=dpi).read_bytes()[:24]
        wide.append(struct.unpack(">I", header[16:20])[0])
    assert wide[0] == wide[1]
    assert wide[2] == pytest.approx(2 * wide[1], abs=2)
    assert wide[1] <= 4 * 96 + 1


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("x.html", {"width": 5}, "as wide as its window"),
        ("x.svg", {"dpi": 300}, "a .svg is sharp at any size"),
        ("x.png", {"dpi": 0}, "dpi is a number of pixels per inch, from 1 to 2400, not 0"),
        ("x.png", {"dpi": float("nan")}, "dpi is a number"),
        ("x.png", {"dpi": "300"}, "dpi is a number"),
        ("x.png", {"dpi": True}, "dpi is a number"),
    ],
)
def test_options_that_a_file_has_not_are_refused(name: str, options: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        draw(neuron()).save(tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []
