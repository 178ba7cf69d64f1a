"""The lecture view and the camera, in a real Chromium: what is read from the last row, and what is kept in view."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from players import LECTURES, step_of

import autograd as ag

WINDOWS = ((1400, 900), (1280, 720), (1024, 768), (390, 844))

# At each step: the smallest text of the picture and the formula in pixels, whether the ends of the edge are in the
# window or pinned to it, whether the arrow back ends at the input, and where the panels are.
MEASURE = """(most) => {
    const seen = [];
    for (let step = 0; step <= last; step += Math.max(1, Math.ceil(last / most))) {
        go(step);
        const { edge } = data.steps[step];
        const frame = stage.getBoundingClientRect();
        const scale = picture.getBoundingClientRect().width / natural;
        const inside = (r) => r.right > frame.left + 8 && r.left < frame.right - 8
            && r.bottom > frame.top + 8 && r.top < frame.bottom - 8;
        const ends = edge === null ? [] : [data.edges[edge].source, data.edges[edge].target];
        const shown = ends.map((i) => inside(boxes[i].group.querySelector(".outline").getBoundingClientRect()));
        const texts = [...picture.querySelectorAll("text")];
        const text = Math.min(...texts.map((t) => parseFloat(getComputedStyle(t).fontSize)));
        const way = document.querySelector("#back-way path");
        let backward = null;
        if (edge !== null && way) {
            const [a, b] = [way.getPointAtLength(0), way.getPointAtLength(way.getTotalLength())];
            const o = outlines[data.edges[edge].source];
            const away = (p) => Math.hypot(p.x - o.x - o.width / 2, p.y - o.y - o.height / 2);
            backward = away(b) < away(a);
        }
        seen.push({
            phase: data.steps[step].phase, text: text * scale * 4 / 3, backward,
            formula: parseFloat(getComputedStyle($("symbols")).fontSize),
            ends: shown.filter(Boolean).length + $("pinned").children.length, edge,
            tops: ["controls", "now", "check", "node", "code", "all"].map((id) => $(id).offsetTop),
            dashes: [...picture.querySelectorAll("*")].filter((e) => !e.closest(".edge:not(.unplayed)")
                && getComputedStyle(e).strokeDasharray !== "none").length,
            outer: document.documentElement.scrollHeight,
        });
    }
    return seen;
}"""


@pytest.mark.parametrize("name", ["xor", "diamond"])
def test_a_lecture_is_read_from_the_last_row(visit: Any, name: str) -> None:
    page = visit(name)
    page.emulate_media(reduced_motion="reduce")
    for lecture in (False, True):
        if lecture:
            page.keyboard.press("f")
        for width, height in WINDOWS:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("reserve()")
            seen = page.evaluate(MEASURE, 1000)
            for at in seen:
                assert (at["ends"] >= 2) == (at["edge"] is not None), (width, at)
                assert at["backward"] in (None, True)
                assert at["dashes"] == 0
                assert (at["backward"] is True) == (at["phase"] == "backward")
                if lecture and width > 1000:
                    assert at["text"] >= 18
                    assert at["formula"] >= 32
                    assert at["outer"] <= height
                assert at["text"] >= 8.9
            for tops in zip(*(at["tops"] for at in seen)):
                assert max(tops) - min(tops) <= 2  # nothing jumps
    page.keyboard.press("Escape")
    assert not page.evaluate("inLecture()")


@pytest.mark.parametrize("name", [name for name in LECTURES if name not in ("xor", "diamond")])
def test_every_network_is_read_from_the_last_row(visit: Any, name: str) -> None:
    page = visit(name)
    page.emulate_media(reduced_motion="reduce")
    page.keyboard.press("f")
    for width, height in ((1280, 720), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        for at in page.evaluate(MEASURE, 12):
            assert at["text"] >= 18
            assert at["formula"] >= 32
            assert at["outer"] <= height
            assert (at["ends"] >= 2) == (at["edge"] is not None), (width, at)
            assert at["backward"] in (None, True)


def test_the_reader_may_zoom_and_drag(visit: Any) -> None:
    page = visit("xor", 14)
    width = "picture.getBoundingClientRect().width"
    page.emulate_media(reduced_motion="reduce")
    before = page.evaluate(width)
    page.click("#nearer")
    assert page.evaluate(width) == pytest.approx(1.25 * before, rel=1e-3)
    page.click("#farther")
    assert page.evaluate(width) == pytest.approx(before, rel=1e-3)
    page.hover("#stage")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function(f"{width} > {1.2 * before}")
    left = page.evaluate("stage.scrollLeft")
    frame = page.locator("#stage").bounding_box()
    page.mouse.move(frame["x"] + 300, frame["y"] + 40)
    page.mouse.down()
    page.mouse.move(frame["x"] + 200, frame["y"] + 40)
    page.mouse.up()
    assert page.evaluate("stage.scrollLeft") == pytest.approx(left + 100, abs=1.5)
    assert step_of(page) == 14
    page.check("#whole")
    assert page.evaluate("stage.scrollWidth <= stage.clientWidth")


def test_it_begins_with_the_whole_picture_where_that_can_be_read(page: Any, tmp_path: Path) -> None:
    z = ag.Value(0.5, name="z")
    for _ in range(3):
        z = ag.sigmoid(z * 1.5)
    page.set_viewport_size({"width": 980, "height": 704})
    page.goto(ag.draw(z).save(tmp_path / "chain.html").as_uri())
    zoom = "picture.getBoundingClientRect().width / natural"
    assert page.evaluate("natural * least()") > page.evaluate("stage.clientWidth")  # too wide to be read and seen whole
    assert page.evaluate("stage.scrollWidth <= stage.clientWidth && stage.scrollHeight <= stage.clientHeight")
    assert page.evaluate(zoom) >= 0.5
    page.evaluate("go(2)")
    assert page.evaluate(zoom) >= page.evaluate("least()")  # nearer
    page.set_viewport_size({"width": 390, "height": 704})
    page.reload()
    page.evaluate("go(0)")
    assert page.evaluate(zoom) >= page.evaluate("least()")  # too small a window for that


def test_on_a_telephone_it_begins_with_what_is_computed_first_and_the_step_is_in_sight(visit: Any) -> None:
    page = visit("xor")
    page.set_viewport_size({"width": 390, "height": 704})  # a frame of the book
    page.evaluate("stage.scrollTo(1e6, 1e6); go(0)")
    frame, phase = page.locator("#stage").bounding_box(), page.locator("#phase").bounding_box()
    first = page.evaluate("around(seen(1))")
    zoom, left, top = page.evaluate(
        "[picture.getBoundingClientRect().width / natural, stage.scrollLeft, stage.scrollTop]"
    )
    assert page.evaluate("stage.scrollHeight > stage.clientHeight")  # there is something to choose
    assert 0 <= zoom * first["left"] - left < frame["width"] / 4
    assert zoom * (first["top"] + first["height"] / 2) - top == pytest.approx(
        frame["height"] / 2, abs=frame["height"] / 4
    )
    assert phase["y"] + phase["height"] < 650


def test_entries_of_a_product_are_lit_and_written_out(visit: Any) -> None:
    page = visit("xor")
    page.evaluate("go(data.steps.findIndex(({ symbols }) => symbols.endsWith('hiddenᵀ G')))")
    tables = page.locator("#terms table")
    tables.nth(2).locator("td").nth(1).hover()
    lit = [tables.nth(i).locator("td.lit").all_inner_texts() for i in range(3)]
    assert len(lit[0]) == len(lit[1]) == 4
    total = sum(float(a) * float(b) for a, b in zip(lit[0], lit[1]))
    assert float(lit[2][0]) == pytest.approx(total, abs=6e-5)
    assert page.inner_text("#entry").count("×") == 4
    assert page.inner_text("#entry").endswith(f"≈ {lit[2][0]}")


def test_numbers_that_are_not_finite_have_a_colour_of_their_own(visit: Any) -> None:
    page = visit("odd")
    page.keyboard.press("End")
    odd = page.evaluate("""[...document.querySelectorAll("#picture text, #now td")]
        .filter((e) => isOdd(e.textContent)).map((e) => getComputedStyle(e).fill)""")
    assert len(odd) > 4
    assert set(odd) == {"rgb(197, 0, 46)"}
    assert page.locator(".culprit").count() == 1
