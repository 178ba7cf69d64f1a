"""The network view as SVG: what it shows, in words and in a real Chromium."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import nn
from autograd import draw
from autograd.draw.palette import colours

SVG = "{http://www.w3.org/2000/svg}"
DIGIT = np.random.default_rng(0).uniform(size=(1, 8, 8))


def perceptron() -> nn.MLP:
    return nn.MLP(2, 4, 1, rng=0)


def convolution() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, rng=0), nn.ReLU(), nn.GlobalMaxPool(), nn.Dense(8, 24, "tanh", rng=0), nn.Dense(24, 3, rng=0)
    )


def parsed(model: Any, x: Any, **options: Any) -> ElementTree.Element:
    return ElementTree.fromstring(draw(model, x, **options).svg)


def texts(root: ElementTree.Element) -> list[str]:
    return [node.text or "" for node in root.iter(f"{SVG}text")]


def test_each_weight_is_an_edge_whose_sign_is_seen_without_colours() -> None:
    model = perceptron()
    root = parsed(model, [0.0, 1.0])
    drawn = {
        node[0].text: len(node) - 1 for node in root.iter(f"{SVG}g") if node.get("class") in ("positive", "negative")
    }
    weights = {
        f"{'input' if k == 0 else 'Dense'} {i} → Dense {j}: weight {w:.6g}": 2 if w < 0 else 1  # a double line
        for k, dense in enumerate(model)
        for (i, j), w in np.ndenumerate(dense.W.numpy())
    }
    assert drawn == weights
    assert {f"{w:.3g}" for dense in model for w in dense.W.numpy().flat} <= set(texts(root))


def test_edges_are_as_thick_as_their_weights() -> None:
    model = nn.Dense(3, 1, dtype=float)
    model.W = [[1.0], [-2.0], [4.0]]
    root = parsed(model, np.ones(3))
    groups = [node for node in root.iter(f"{SVG}g") if node.get("class") in ("positive", "negative")]
    widths = [float(node[1].attrib["stroke-width"]) for node in groups]
    assert widths == pytest.approx([0.7 + 5.3 / 4, 0.7 + 5.3 / 2, 6.0], abs=0.01)
    assert any("at most 4" in text for text in texts(root))


def test_dashes_are_zero_gradients_and_nothing_else() -> None:
    assert "stroke-dasharray" not in draw(nn.Dense(2, 1, init="zeros"), [0.0, 1.0]).svg
    root = parsed(nn.Dense(2, 1, rng=0), [0.0, 1.0], edges="gradients")
    dashed = [node[0].text for node in root.iter(f"{SVG}g") if any(part.get("stroke-dasharray") for part in node)]
    assert dashed == ["input 0 → Dense 0: gradient 0"]


def test_large_layers_and_deep_networks_are_elided_with_their_numbers() -> None:
    root = parsed(nn.MLP(2, 64, 3, rng=0), [0.0, 1.0])
    assert {"64 cells", "57 more"} <= set(texts(root))
    assert len([node for node in root.iter(f"{SVG}g") if node.get("class") == "cell"]) == 2 + 7 + 3
    root = parsed(nn.MLP(*[2] * 30, rng=0), [0.0, 1.0])
    assert "20 layers" in texts(root)


def test_images_maps_and_kernels_are_pictures() -> None:
    root = parsed(convolution(), DIGIT)
    titles = [node[0].text for node in root.iter(f"{SVG}g") if node.find(f"{SVG}image") is not None]
    assert len(titles) == 1 + 2 * 5  # the image, and of eight maps five with their kernels
    assert titles[0] is not None
    assert re.match(r"input 0: 8×8, from 0\.\d+ to 0\.\d+; full: 0\.\d+", titles[0])
    assert "kernel 0, of input 0: 3×3" in str(titles[2])


def test_it_says_what_it_shows() -> None:
    drawing = draw(perceptron(), [0.0, 1.0])
    assert repr(drawing) == "<NetworkDrawing: input 2, Dense 4, Dense 1>"
    root = ElementTree.fromstring(drawing.svg)
    assert root.get("role") == "img"
    assert [node.text for node in root[:2]] == ["MLP: 2, 4, 1", drawing.description]
    assert drawing.description.startswith("input, 2 cells: 0, 1; Dense, 2 → 4, tanh, 4 cells: ")


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_its_colours_are_those_of_the_theme(theme: str) -> None:
    svg = draw(convolution(), DIGIT, theme=theme).svg
    drawn = set(re.findall(r'(?:fill|stroke)="(#\w+)"', svg))
    assert drawn <= set(colours(theme).values())
    assert ("<style>" in svg) == (theme == "auto")


def test_names_cannot_break_it() -> None:
    Odd = type('<A & "B">', (nn.Dense,), {})
    assert parsed(Odd(2, 1, rng=0), [1.0, np.nan], theme="light") is not None


def test_it_is_saved_and_shown(tmp_path: Path) -> None:
    drawing = draw(perceptron(), [0.0, 1.0])
    assert drawing.save(tmp_path / "net.svg").read_text(encoding="utf-8") == drawing.svg
    assert drawing.svg in drawing.save(tmp_path / "net.html").read_text(encoding="utf-8")
    assert drawing._repr_mimebundle_()["image/svg+xml"] == drawing.svg
    assert drawing.svg in drawing._repr_html_()
    with pytest.raises(ValueError, match=r"saved as \.svg, \.html, \.png or \.pdf, and not as 'net.gif'"):
        drawing.save(tmp_path / "net.gif")
    with pytest.raises(ValueError, match=r"dpi is for \.png"):
        drawing.save(tmp_path / "net.svg", dpi=100)


def test_the_same_network_gives_the_same_picture_in_every_process() -> None:
    program = "import nn; from autograd import draw; print(draw(nn.MLP(2, 4, 1, rng=0), [0.0, 1.0]).svg)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert found.strip() == draw(perceptron(), [0.0, 1.0]).svg


OVERLAPS = """() => {
    const texts = [...document.querySelectorAll("svg text")], picture = document.querySelector("svg");
    const box = text => { const b = text.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
    const found = [], whole = box(picture);
    texts.forEach((text, i) => {
        const a = box(text);
        if (a[0] < whole[0] || a[1] < whole[1] || a[2] > whole[2] || a[3] > whole[3])
            found.push(["out", text.textContent]);
        for (const other of texts.slice(i + 1)) {
            const b = box(other);
            if (a[0] + 2 < b[2] && b[0] + 2 < a[2] && a[1] + 3 < b[3] && b[1] + 3 < a[3])
                found.push([text.textContent, other.textContent]);
        }
    });
    return found;
}"""


@pytest.mark.parametrize(
    ("model", "x"), [(perceptron(), [0.0, 1.0]), (convolution(), DIGIT), (nn.MLP(2, 64, 64, 3, rng=0), [1.0, 2.0])]
)
def test_texts_stay_in_the_picture_and_off_each_other(model: Any, x: Any, page: Any) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    page.set_content(draw(model, x).svg)
    assert page.evaluate(OVERLAPS) == []
