"""The static picture in a real Chromium: where texts stand, which colours it has, and how it looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, Value
from autograd.draw import Drawing, draw
from autograd.draw.palette import colours

OUT = Path(__file__).parents[3] / "out" / "pictures"

# Every text of a box, a cluster and an edge, and the shape that it has to stay in: of an edge, the picture.
TEXTS = """() => [...document.querySelectorAll("svg text")].map(text => {
    const group = text.closest("g.node, g.cluster, g.graph");
    const shape = group.querySelector("polygon, path");
    const box = element => { const {x, y, width, height} = element.getBBox(); return [x, y, x + width, y + height]; };
    return {text: text.textContent, inner: box(text), outer: box(shape)};
})"""

COLOURS_SEEN = """() => [...document.querySelectorAll("svg polygon, svg path, svg text, svg polyline")].map(part => {
    const style = getComputedStyle(part), name = part.closest("g[class]").getAttribute("class");
    return {tag: part.tagName, part: name, fill: style.fill, stroke: style.stroke};
})"""


def network() -> Tensor:
    model = nn.Sequential(nn.Dense(2, 4, "tanh", rng=0), nn.Dropout(0.0), nn.Dense(4, 1, rng=1))
    X = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32, name="X")
    loss = nn.bce_with_logits(model(X), np.array([[0], [1], [1], [0]]))
    loss.name = "loss"
    return loss


def long_names() -> Value:
    x = Value(-1234.5678, name="a name that is much too long " * 5)
    y = Value(1e-300, name="重みの行列")
    return (x * y).exp() + Value(2.0, name="<b>&amp;\"'")


def small_conv() -> Tensor:
    model = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dense(8, 3, rng=0))
    return nn.cross_entropy(model(np.random.default_rng(0).normal(size=(3, 1, 6, 6))), np.array([0, 1, 2]))


PICTURES: dict[str, Callable[[], Drawing]] = {
    "network": lambda: draw(network()),
    "network-downwards": lambda: draw(network(), direction="TB"),
    "network-folded": lambda: draw(network(), depth=1),
    "long-names": lambda: draw(long_names()),
    "convolution": lambda: draw(small_conv(), depth=1),
    "time-steps": lambda: draw(np.mean(nn.LSTM(2, 3, rng=0)(np.ones((2, 6, 2)))[0]), depth=1),
    "values": lambda: draw(nn.scalar.MLP(2, [3, 1], rng=0)([Value(1.0, "x1"), Value(-1.0, "x2")])),
    "overview": lambda: draw(sum((Value(float(i)) * 2 for i in range(400)), Value(0.0)), max_nodes=60),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_text_stays_in_its_box(page: Any, name: str) -> None:
    page.set_content(PICTURES[name]().svg)
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"{name}.png", full_page=True)
    found = page.evaluate(TEXTS)
    assert len(found) > 10
    for text in found:
        left, top, right, bottom = text["inner"]
        assert text["outer"][0] < left < right < text["outer"][2], text
        assert text["outer"][1] < top < bottom < text["outer"][3], text


def hexadecimal(colour: str) -> str:
    """rgb(1, 2, 3) as the palette writes it."""
    return "#" + "".join(f"{int(channel):02x}" for channel in colour[4:-1].split(","))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_theme_and_the_reader_choose_the_colours(page: Any, theme: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_content(draw(network(), theme=theme, depth=1).svg)
    expected = colours(scheme if theme == "auto" else theme)
    seen = page.evaluate(COLOURS_SEEN)
    found = {hexadecimal(part[use]) for part in seen for use in ("fill", "stroke") if part[use] not in ("none", "")}
    assert found <= set(expected.values())
    for role in ("background", "ink", "quiet", "gradient", "edge", "fold", "fold-fill", "operation", "result-fill"):
        assert expected[role] in found, role
    OUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUT / f"theme-{theme}-{scheme}.png", full_page=True)


def test_a_picture_is_light_on_paper(page: Any) -> None:
    page.emulate_media(color_scheme="dark", media="print")
    page.set_content(draw(network()).svg)
    found = {hexadecimal(part["fill"]) for part in page.evaluate(COLOURS_SEEN) if part["fill"] != "none"}
    assert found <= set(colours("light").values())


def test_a_picture_in_an_image_follows_the_reader_too(page: Any, tmp_path: Path) -> None:
    path = draw(network()).save(tmp_path / "network.svg")
    page.emulate_media(color_scheme="dark")
    page.goto(path.as_uri())
    found = {hexadecimal(part["fill"]) for part in page.evaluate(COLOURS_SEEN) if part["fill"] != "none"}
    assert colours("dark")["background"] in found
    assert colours("light")["background"] not in found


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_a_picture_is_never_wider_than_its_page(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 600})
    page.set_content(f"<body style='margin: 0'>{draw(network()).svg}</body>")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("around", "theme"),
    [
        ('data-jp-theme-light="false"', "dark"),  # JupyterLab
        ('data-jp-theme-light="true"', "light"),
        ('class="vscode-dark"', "dark"),
        ('class="vscode-high-contrast vscode-high-contrast-light"', "light"),
        ('data-theme="dark"', "dark"),
        ('data-theme="auto"', None),
    ],
)
def test_a_picture_and_a_player_are_as_dark_as_the_notebook_around_them(
    page: Any, around: str, theme: str | None
) -> None:
    drawing = draw(Value(2.0) * 3)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.set_content(f"<body {around}>{drawing._repr_html_()}{drawing.player()._repr_html_()}</body>")
        ground = colours(theme or scheme)["background"]
        shown = page.evaluate("getComputedStyle(document.querySelector('.backprop polygon')).fill")
        assert hexadecimal(shown) == ground
        frame = page.frames[1]
        frame.wait_for_function("document.getElementById('count').textContent")
        assert hexadecimal(frame.evaluate("getComputedStyle(document.documentElement).backgroundColor")) == ground
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")  # the reader changes it
    if around.startswith("data-jp"):
        frame.wait_for_function("document.documentElement.dataset.theme === 'dark'")


def test_pictures_of_several_themes_share_a_page(page: Any) -> None:
    page.emulate_media(color_scheme="dark")
    both = [draw(Value(2.0) * 3, theme=theme).svg for theme in ("auto", "light", "dark")]
    page.set_content("".join(both))
    grounds = page.evaluate(
        "[...document.querySelectorAll('svg .graph > polygon')].map((e) => getComputedStyle(e).fill)"
    )
    light, dark = (colours(theme)["background"] for theme in ("light", "dark"))
    assert [hexadecimal(ground) for ground in grounds] == [dark, light, dark]
