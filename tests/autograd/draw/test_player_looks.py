"""The player in a real Chromium: how it looks, on every screen, on paper, and to those who do not see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from played import PLAYED
from players import GRAPHS, SIZES, THEMES, ask, middle, steps

from autograd import Value, draw

LOOKS = (  # a theme and a size; all four in `make test-all`
    ("light", "wide"),
    ("dark", "narrow"),
    pytest.param("light", "narrow", marks=pytest.mark.slow),
    pytest.param("dark", "wide", marks=pytest.mark.slow),
)
OUT = Path(__file__).parents[3] / "out"


@pytest.mark.parametrize("name", PLAYED)
@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_screenshots_are_written(visit: Any, name: str, theme: str, size: str) -> None:
    page = visit(name)
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.evaluate(f"go({middle(page)})")
    OUT.mkdir(exist_ok=True)
    path = OUT / f"player-{name}-{theme}-{size}.png"
    page.screenshot(path=path, full_page=True)
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("size", SIZES)
def test_every_text_stays_in_its_box(visit: Any, name: str, size: str) -> None:
    page = visit(name)
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    for step in range(steps(page)):
        page.evaluate(f"go({step})")
        assert ask(page, "overflowing") == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", GRAPHS)
def test_everything_stands_out(visit: Any, name: str, theme: str) -> None:
    page = visit(name)
    page.emulate_media(color_scheme=theme)
    for step in (0, middle(page), steps(page) - 1):
        page.evaluate(f"go({step})")
        wrong, checked = ask(page, "contrasts")
        assert wrong == []
        assert checked > 50


def test_the_theme_follows_the_reader_and_the_reader_may_choose(visit: Any) -> None:
    page = visit("diamond")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    paper = "getComputedStyle(document.querySelector('#picture .graph > polygon')).fill"
    light, dark = "rgb(255, 255, 255)", "rgb(20, 22, 26)"
    for system, choice, shown in (
        ("light", "auto", light), ("dark", "auto", dark), ("dark", "light", light), ("light", "dark", dark),
    ):  # fmt: skip
        page.emulate_media(color_scheme=system)
        page.select_option("#theme", choice)
        assert page.evaluate(ground) == page.evaluate(paper) == shown


def test_the_theme_of_the_drawing_is_the_first(page: Any, tmp_path: Path) -> None:
    page.goto(draw(Value(2.0) * 3, theme="dark").save(tmp_path / "dark.html").as_uri())
    assert page.input_value("#theme") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(20, 22, 26)"


def test_the_whole_picture_can_be_seen_at_once(visit: Any) -> None:
    page = visit("xor", 12)
    wide = "$('stage').scrollWidth > $('stage').clientWidth || $('stage').scrollHeight > $('stage').clientHeight"
    assert page.evaluate(wide)
    page.check("#whole")
    assert not page.evaluate(wide)


def test_the_picture_follows_the_step(visit: Any) -> None:
    page = visit("xor")
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 640})
    for step in range(steps(page)):
        page.evaluate(f"go({step})")
        box = page.evaluate("data.steps[reading.step].box")
        if box is not None:
            assert page.evaluate(f"""(() => {{
                const [a, b] = ["n{box}", "stage"].map((id) => $(id).getBoundingClientRect());
                const middle = a.left + a.width / 2;
                return middle >= b.left && middle <= b.right;
            }})()""")


def test_nothing_moves_for_those_who_want_it_still(visit: Any) -> None:
    page = visit("diamond", 5)
    moving = "document.getAnimations().filter((a) => a.playState === 'running').length"
    assert page.evaluate(moving) > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize(("theme", "size"), LOOKS)
@pytest.mark.parametrize("name", ["perceptron", "large", "folded"])
def test_the_rules_of_accessibility_pass(visit: Any, name: str, theme: str, size: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", exc_type=ImportError).Axe()
    page = visit(name)
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme)
    page.evaluate(f"go({middle(page)})")
    rules = {"rules": {"label-content-name-mismatch": {"enabled": True}}}
    found = axe.run(page, options=rules).response
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_it_can_be_used_by_the_keyboard_alone(visit: Any) -> None:
    page = visit("diamond")
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "controls"
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.id || document.activeElement.tagName")
        if name == "BODY":
            break
        assert page.evaluate("getComputedStyle(document.activeElement).outline").endswith(" solid 3px")
        reached.append(name)
    assert {"play", "first", "back", "scrub", "whole", "nearer", "lecture", "speed", "derivative", "h", "rows"} <= set(
        reached
    )


def test_it_prints(visit: Any) -> None:
    page = visit("perceptron", 12)
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 with its margins
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    for gone in ("#controls", "#theme", "#whole", "#nudge"):
        assert not page.is_visible(gone)
    assert page.evaluate("$('rows').scrollHeight === $('rows').clientHeight")
    assert page.evaluate("$('stage').scrollWidth === $('stage').clientWidth")
    assert ask(page, "overflowing") == []
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_without_scripts_the_table_is_there(browser: Any, written: Callable[[str], str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written("diamond"))
    assert "the table below has every step" in page.inner_text("noscript")
    assert page.locator("#rows tbody tr").count() > 8
    context.close()
