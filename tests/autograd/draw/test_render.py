from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd import Tensor, Value
from autograd.draw import Drawing, RendererMissing, RenderError, draw, render

SVG = "{http://www.w3.org/2000/svg}"

needs_graphviz = pytest.mark.skipif(
    not shutil.which("dot") and not importlib.util.find_spec("pygraphviz"), reason="no Graphviz to draw with"
)


def parse(drawing: Drawing) -> ElementTree.Element:
    return ElementTree.fromstring(drawing.svg)


def groups(root: ElementTree.Element, kind: str) -> dict[str, ElementTree.Element]:
    return {group.attrib["id"]: group for group in root.iter(f"{SVG}g") if group.get("class", "").split()[:1] == [kind]}


def texts(group: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in group.iter(f"{SVG}text")]


@needs_graphviz
def test_the_svg_has_a_title_a_description_and_every_node_and_edge(perceptron: Value) -> None:
    root = parse(draw(perceptron))
    assert [(child.tag, child.text) for child in list(root)[:2]] == [
        (f"{SVG}title", "The graph of y"),
        (f"{SVG}desc", "5 leaves, 5 operations"),
    ]
    assert root.get("role") == "img"
    assert sorted(groups(root, "node")) == [f"n{i}" for i in range(10)]
    assert sorted(groups(root, "edge")) == [f"e{i}" for i in range(9)]
    assert texts(groups(root, "node")["n0"]) == ["w1", "value", "-3", "grad", "1.002"]
    assert texts(groups(root, "edge")["e8"]) == ["∂ 0.501"]


@needs_graphviz
def test_each_node_and_edge_has_one_tooltip_and_no_link(perceptron: Value) -> None:
    root = parse(draw(perceptron))
    assert list(root.iter(f"{SVG}a")) == []
    tips = {name: {tip.text for tip in group.iter(f"{SVG}title")} for name, group in groups(root, "node").items()}
    assert tips["n0"] == {"w1\nleaf\nvalue -3.0\ngradient 1.0019434875390165"}
    assert all(len(tip) == 1 for tip in tips.values())
    for edge in groups(root, "edge").values():
        assert len({tip.text for tip in edge.iter(f"{SVG}title")}) == 1


NAMES = (
    'say "hi"', "a<b>&c", "&lt;b&gt;", "<b>bold</b>", "<", "back\\slash", "\\N\\G\\n", "tail\\", "x\ny", "]];--",
    "%s{}", "'", "&#92;", "n0", "重み",
)  # fmt: skip


@needs_graphviz
@pytest.mark.parametrize("name", NAMES)
def test_names_arrive_as_they_are(name: str) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name=name)
    y = np.sum(x * 2)
    y.name = name
    nodes = groups(parse(draw(y)), "node")
    shown = name.replace("\n", " ")
    for node in (nodes["n0"], nodes["n3"]):
        assert texts(node)[0].replace("\xa0", " ") == shown
        tip = next(node.iter(f"{SVG}title")).text or ""
        assert tip.split("\n")[0].replace("\xa0", " ") == shown


@needs_graphviz
def test_a_name_of_ten_thousand_characters_is_shortened() -> None:
    root = parse(draw(Value(1.0, name='<&"\\' * 2500) * 2))
    assert max(len(text) for node in groups(root, "node").values() for text in texts(node)) <= 28
    assert all(len(tip.text or "") < 1000 for tip in root.iter(f"{SVG}title"))


@needs_graphviz
def test_control_characters_give_valid_xml() -> None:
    assert "a b" in texts(groups(parse(draw(Value(1.0, name="a\x00b").tanh())), "node")["n0"])[0]


@needs_graphviz
def test_text_stays_in_its_box(xor_loss: Tensor) -> None:
    nodes = groups(parse(draw(xor_loss)), "node")
    for node in nodes.values():
        outline = next(part for part in node.iter() if part.tag in (f"{SVG}polygon", f"{SVG}path"))
        numbers = (outline.get("points") or outline.get("d") or "").translate(str.maketrans("MC,", "   ")).split()
        xs, ys = [float(n) for n in numbers[0::2]], [float(n) for n in numbers[1::2]]
        for text in node.iter(f"{SVG}text"):
            x, y, size = (float(text.attrib[name]) for name in ("x", "y", "font-size"))
            width = 0.602 * size * len(text.text or "")  # the advance of DejaVu Sans Mono, the widest of the fonts
            assert min(xs) < x
            assert x + width < max(xs)
            assert min(ys) < y - 0.75 * size
            assert y < max(ys)


@needs_graphviz
@pytest.mark.parametrize(
    ("suffix", "start"),
    [("svg", b"<svg"), ("html", b"<!DOCTYPE html>"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")],
)
def test_a_drawing_saves_what_its_suffix_says(perceptron: Value, tmp_path: Path, suffix: str, start: bytes) -> None:
    path = draw(perceptron).save(tmp_path / f"graph.{suffix.upper()}")
    assert path.read_bytes().startswith(start)
    assert [entry.name for entry in tmp_path.iterdir()] == [f"graph.{suffix.upper()}"]


@pytest.mark.parametrize("name", ["graph.jpg", "graph", "svg"])
def test_other_suffixes_are_refused(perceptron: Value, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"saved as \.svg, \.dot, \.html, \.png or \.pdf"):
        draw(perceptron).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@needs_graphviz
def test_a_notebook_gets_svg(perceptron: Value) -> None:
    drawing = draw(perceptron)
    shown = drawing._repr_mimebundle_()
    assert shown.pop("text/html") == drawing._repr_html_() == f'<div style="max-width: 100%">{drawing.svg}</div>'
    assert shown == {"image/svg+xml": drawing.svg, "text/plain": "<Drawing: 5 leaves, 5 operations>"}


@pytest.fixture
def no_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


@pytest.mark.usefixtures("no_graphviz")
@pytest.mark.parametrize("suffix", ["svg", "html", "pdf"])
def test_without_graphviz_the_dot_is_written_and_both_installs_are_named(
    perceptron: Value, tmp_path: Path, suffix: str
) -> None:
    drawing = draw(perceptron)
    with pytest.raises(RendererMissing, match=r"pip install pygraphviz.*graphviz\.org/download") as caught:
        drawing.save(tmp_path / f"graph.{suffix}")
    assert str(tmp_path / "graph.dot") in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["graph.dot"]
    assert (tmp_path / "graph.dot").read_text(encoding="utf-8") == drawing.dot
    assert issubclass(RendererMissing, RenderError)
    assert issubclass(RenderError, RuntimeError)


@pytest.mark.usefixtures("no_graphviz")
def test_without_graphviz_a_notebook_gets_the_reason(perceptron: Value) -> None:
    assert "pip install pygraphviz" in draw(perceptron)._repr_mimebundle_()["text/plain"]
    assert draw(perceptron)._repr_html_() is None


def test_dot_on_the_path_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert render.command("svg") == ["/usr/bin/dot", "-Tsvg"]


def test_a_layout_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "command", lambda form: [sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(RenderError, match=r"longer than 0\.2 s: draw fewer nodes \(max_nodes=\)"):
        render.run_graphviz("digraph {}", "svg", time_limit=0.2)


@needs_graphviz
def test_the_complaint_of_graphviz_is_passed_on() -> None:
    with pytest.raises(RenderError, match=r"bad input|syntax error"):
        render.run_graphviz("digraph { a [", "svg")


def test_a_renderer_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "command", lambda form: [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(RenderError, match=r"exit code 3\): it said nothing"):
        render.run_graphviz("digraph {}", "svg")
