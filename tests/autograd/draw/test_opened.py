"""Folds that are opened in the page, and the pictures of large arrays there, in a real Chromium."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import nn
from autograd import Tensor, draw
from autograd.draw.inside import insides
from autograd.draw.pixels import largest_finite, pixels

INSIDE = """() => {
    const shown = (e) => getComputedStyle(e).visibility === "visible";
    const all = [...document.querySelectorAll("#inside-picture text")];
    const numbers = all.filter((e) => e.matches(".number") && !e.matches(".gradient")), slopes = all.filter((e) => e.matches(".gradient"));
    return {
        open: $("inside").open, title: $("inside-title").textContent, focus: $("inside").contains(document.activeElement),
        values: [numbers.filter(shown).length, numbers.length], slopes: [slopes.filter(shown).length, slopes.length],
        nodes: document.querySelectorAll("#inside-picture g.node").length,
        ids: document.querySelectorAll("#inside-picture [id]").length,
        wide: document.documentElement.scrollWidth <= innerWidth,
    };
}"""  # noqa: E501


SETTLED = """() => new Promise((done) => {
    const look = () => (live.frame || waiting.size ? requestAnimationFrame(look) : done());
    look();
})"""


def violations(page: Any) -> list[str]:
    """The rules of accessibility that are broken."""
    Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core looks at the page").Axe
    return [violation["id"] for violation in Axe().run(page).response["violations"]]


def recurrent() -> Tensor:
    out, _ = nn.LSTM(2, 3, rng=0)(np.random.default_rng(0).normal(size=(2, 4, 2)))
    return np.mean(out[:, -1] * out[:, -1])


def test_a_fold_is_opened_by_a_click_and_tells_nothing_too_early(page: Any, tmp_path: Path) -> None:
    drawing = draw(recurrent())
    page.goto(drawing.save(tmp_path / "x.html").as_uri())
    folds = page.evaluate("data.insides")
    cell = next(i for i in folds if drawing.scene.boxes[i].module == "LSTMCell")
    for step, values, slopes in (
        (0, False, False),
        (f"data.boxes[{cell}].valued", True, False),
        ("last", True, True),
    ):
        page.evaluate(f"go({step})")
        page.locator(f"#n{cell}").click()
        seen = page.evaluate(INSIDE)
        assert seen["open"]
        assert seen["focus"]
        assert seen["wide"]
        operations = drawing.scene.boxes[cell].folded.operations
        assert seen["title"] == f"cell: LSTMCell, {operations} operations"
        assert seen["nodes"] >= operations
        assert seen["ids"] == 0
        assert seen["values"][1] > 10
        assert seen["values"][0] == (seen["values"][1] if values else 0)
        assert seen["slopes"][0] == (seen["slopes"][1] if slopes else 0)
        assert violations(page) == []
        page.keyboard.press("Escape")
        assert not page.evaluate("$('inside').open")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(f"#n{cell}").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("$('inside').getBoundingClientRect().width") <= 390
    page.keyboard.press("ArrowRight")  # is for the picture in front
    assert page.evaluate("reading.step === last")
    page.click("#inside-close")
    page.keyboard.press("f")
    assert violations(page) == []  # of the lecture view


def test_what_is_inside_is_all_that_was_folded() -> None:
    drawing = draw(recurrent())
    for i, picture in insides(drawing.scene, True, True, "LR").items():
        root = ElementTree.fromstring(picture)
        classes = [group.get("class", "").split(" ")[0] for group in root.iter("{http://www.w3.org/2000/svg}g")]
        assert classes.count("node") >= drawing.scene.boxes[i].folded.operations


def test_pictures_of_large_arrays_follow_the_numbers(page: Any, tmp_path: Path) -> None:
    Image = pytest.importorskip("PIL.Image", reason="Pillow comes with matplotlib")
    rng = np.random.default_rng(0)
    a = rng.normal(size=(3, 4, 5))
    x, w = Tensor(a, name="a"), Tensor(2.0, True, name="w")
    page.goto(draw(np.sum(np.sin(x * w) * rng.normal(size=(3, 4, 5)))).save(tmp_path / "x.html").as_uri())
    shown = """[...document.querySelectorAll("g.heat")]
        .filter((e) => getComputedStyle(e).visibility === "visible").length"""
    known = [page.evaluate(f"go({step}); {shown}") for step in (0, 2, "last")]
    assert known[0] < known[1] < known[2]
    product = next(i for i in range(10) if page.evaluate(f"data.boxes[{i}].written === 'a × w'"))
    page.evaluate("change(data.boxes.findIndex(({ symbol }) => symbol === 'w'), 0, -3)")
    page.evaluate(SETTLED)
    found = page.evaluate(f"""[...document.querySelectorAll("g.heat.value[data-box='{product}'] image")]
        .map((e) => e.getAttribute("href"))""")
    assert len(found) == 3
    for table, href in zip(a * -3, found):
        image = Image.open(io.BytesIO(base64.b64decode(href.partition(",")[2])))
        expected, got = pixels(table, largest_finite(a * -3)), np.asarray(image.convert("RGBA"))
        seen = expected[..., 3] > 40  # a canvas keeps colours times opacity: pale ones are rounded
        np.testing.assert_allclose(got[seen], expected[seen], atol=5)
        np.testing.assert_allclose(got[..., 3], expected[..., 3], atol=2)


def test_an_image_stays_an_image() -> None:
    model = nn.Conv2d(1, 2, 3, rng=0)
    image = np.random.default_rng(0).normal(size=(1, 1, 6, 6))
    drawing = draw(np.sum(model(image)))
    (box,) = (box for box in drawing.scene.boxes if box.image is not None)
    np.testing.assert_allclose(box.image, image, rtol=1e-6)
    assert box.value.shape == (1, 1, 9, 16)  # what is computed with
    assert "(1, 1, 6, 6) float32" in drawing.dot
    assert ">X<" in drawing.svg
    given = Tensor(image, dtype=np.float32)
    later = np.sum(model(given))
    given.data[...] = 0.5  # after the graph was made: then the windows are shown
    assert all(box.image is None for box in draw(later).scene.boxes)
