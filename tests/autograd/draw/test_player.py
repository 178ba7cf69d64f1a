"""The player in a real Chromium: moving through the steps, and the file it is."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from played import PLAYED
from players import GRAPHS, ask, step_of, steps

import nn
from autograd import draw


def test_the_buttons_move(visit: Any) -> None:
    page = visit("diamond")
    assert step_of(page) == 0
    assert page.is_disabled("#first")
    assert page.is_disabled("#back")
    page.click("#next")
    page.click("#next")
    assert step_of(page) == 2
    page.click("#back")
    assert step_of(page) == 1
    page.click("#last")
    assert step_of(page) == steps(page) - 1
    assert page.is_disabled("#last")
    assert page.is_disabled("#next")
    page.click("#first")
    assert step_of(page) == 0


def test_the_keys_move(visit: Any) -> None:
    page = visit("diamond")
    for key, step in (
        ("ArrowLeft", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", steps(page) - 1),
        ("ArrowRight", steps(page) - 1), ("Home", 0),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert step_of(page) == step
    page.keyboard.press("Control+ArrowRight")
    assert step_of(page) == 0


def test_the_slider_scrubs(visit: Any) -> None:
    page = visit("diamond")
    page.locator("#scrub").fill("5")
    assert step_of(page) == 5
    page.focus("#scrub")
    page.keyboard.press("ArrowRight")
    assert step_of(page) == 6
    assert page.get_attribute("#scrub", "aria-valuetext").startswith("Backward from")
    page.locator("#scrub").press("Home")
    assert step_of(page) == 0


def test_it_plays_pauses_and_stops_at_the_end(visit: Any) -> None:
    page = visit("diamond")
    page.clock.install(time=0)
    page.clock.pause_at(1_000_000)  # else it goes on by itself
    page.click("#play")
    assert page.inner_text("#play") == "Pause"
    page.clock.run_for(1500)
    assert step_of(page, address=False) == 1
    page.clock.run_for(3000)
    assert step_of(page, address=False) == 3
    page.keyboard.press("ArrowLeft")  # whoever moves by hand does not want to be carried on
    assert page.inner_text("#play") == "Play"
    page.clock.run_for(9000)
    assert step_of(page, address=False) == 2
    page.select_option("#speed", "fast")
    page.locator("body").press("Space")
    page.clock.run_for(500)
    assert step_of(page, address=False) == 3
    page.locator("body").press("Space")
    page.clock.run_for(5000)
    assert step_of(page, address=False) == 3
    page.click("#play")
    page.select_option("#speed", "slow")
    page.clock.run_for(2900)
    assert step_of(page, address=False) == 3
    page.clock.run_for(100_000)
    assert step_of(page, address=False) == steps(page) - 1
    assert page.inner_text("#play") == "Play"
    page.click("#play")  # once more from the beginning
    assert step_of(page, address=False) == 0


def test_the_address_says_the_step(visit: Any) -> None:
    page = visit("diamond", 7)
    assert step_of(page) == 7
    page.reload()
    assert step_of(page) == 7
    page.click("#next")
    assert step_of(page) == 8
    page.reload()
    assert step_of(page) == 8
    page.evaluate("location.hash = '#step=3'")
    page.locator("#count", has_text="3 of").wait_for()
    assert step_of(page) == 3
    page.click("#row2 a")
    page.locator("#count", has_text="2 of").wait_for()
    assert step_of(page) == 2


@pytest.mark.parametrize(("address", "step"), [("99999", -1), ("-3", 0), ("x", 0), ("", 0), ("1e3", 0)])
def test_an_address_that_makes_no_sense(visit: Any, address: str, step: int) -> None:
    page = visit("diamond", address)
    assert step_of(page) == step % steps(page)


@pytest.mark.parametrize("name", GRAPHS)
def test_next_then_previous_is_the_identity(visit: Any, name: str) -> None:
    page = visit(name)
    assert ask(page, "identity") == [[], steps(page)]


# --- The file -------------------------------------------------------------------------------------------------------


def test_the_page_is_one_file_that_asks_for_nothing(written: Callable[[str], str]) -> None:
    text = Path(written("xor").removeprefix("file://")).read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not any(word in text for word in ("src=", "@import", "url(", "fetch(", "<link"))
    assert len(text) < 250_000


def test_the_same_graph_gives_the_same_page(tmp_path: Path) -> None:
    pages = [draw(PLAYED["xor"]()).save(tmp_path / f"{i}.html").read_bytes() for i in range(2)]
    assert pages[0] == pages[1]


def test_drawing_changes_no_gradient() -> None:
    root = PLAYED["diamond"]()
    x = root.args[0].args[0]
    root.backward()
    before = x.grad
    assert draw(root).html.startswith("<!DOCTYPE html>")
    assert x.grad == before


@pytest.mark.slow
def test_seventy_thousand_nodes_give_a_page(page: Any, tmp_path: Path) -> None:
    model = nn.scalar.MLP(64, [128, 128, 1], rng=0)
    loss = model([0.5] * 64) ** 2
    path = draw(loss).save(tmp_path / "large.html")
    assert path.stat().st_size < 1_000_000
    page.goto(path.as_uri())
    page.keyboard.press("End")
    assert step_of(page) == steps(page) - 1


def test_it_plays_in_a_frame_of_another_page(page: Any, tmp_path: Path) -> None:
    """In a srcdoc, as the book shows it, where there is no address to change; an error on the page fails the test."""
    player = draw(PLAYED["perceptron"]()).save(tmp_path / "player.html").read_text(encoding="utf-8")
    outer = tmp_path / "outer.html"
    outer.write_text(f'<iframe srcdoc="{html.escape(player)}"></iframe>', encoding="utf-8")
    page.goto(outer.as_uri())
    frame = page.frames[1]
    frame.wait_for_selector("#steps, #symbols", state="attached")
    frame.evaluate("go(3)")
    page.wait_for_timeout(300)  # the address is changed, where there is one, a little later
    assert frame.evaluate("reading.step") == 3
