"""The live page in a real Chromium: numbers that are changed, and everything that follows."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from played import PLAYED

from autograd import draw
from autograd.draw.text import number
from benchmarks.live import UPDATES

OUT = Path(__file__).parents[3] / "out"


def settled(page: Any) -> None:
    """Once the next picture of the screen is there."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def shown(page: Any, box: int) -> list[str]:
    """The numbers of a box in the picture."""
    texts: list[str] = page.locator(f"#n{box} text.number").all_text_contents()
    return texts


@pytest.mark.parametrize("name", PLAYED)
def test_the_program_of_a_page_gives_its_numbers(visit: Any, name: str) -> None:
    page = visit(name)
    was = page.evaluate("JSON.stringify(data.boxes.map(({ value, gradient }) => [value?.rows, gradient?.rows]))")
    page.evaluate("compute()")
    now = page.evaluate("JSON.stringify(data.boxes.map(({ value, gradient }) => [value?.rows, gradient?.rows]))")
    assert now == was


def test_a_number_that_is_typed_changes_all_that_follows(visit: Any) -> None:
    page = visit("diamond", 10)
    page.locator("#leaves .entry").fill("0.75")
    page.locator("#leaves .entry").press("Enter")
    settled(page)
    x = 0.75
    slope = 2 * x * math.sin(x) + x * x * math.cos(x)
    assert shown(page, 0) == [number(x), number(slope)]
    assert shown(page, 3) == [number(x * x * math.sin(x)), "1"]
    assert "∂ 1.5" not in page.text_content("#picture")
    page.locator("#leaves .entry").press("ArrowUp")
    settled(page)
    assert shown(page, 0)[0] == "0.76"
    page.locator("#leaves .entry").fill("many")
    page.locator("#leaves .entry").press("Enter")
    settled(page)
    assert shown(page, 0)[0] == page.input_value("#leaves .entry") == "0.76"


def test_no_number_of_the_program_is_left_while_the_numbers_are_others(visit: Any) -> None:
    page = visit("diamond")
    before = page.evaluate("[...Array(last + 1).keys()].map((k) => { go(k); return $('now').innerText; })")
    page.locator("#leaves .entry").fill("0.123")
    page.locator("#leaves .entry").press("Enter")
    settled(page)
    texts = page.evaluate("[...Array(last + 1).keys()].map((k) => { go(k); return document.body.innerText; })")
    assert all(number(1.5 * 1.5 * math.sin(1.5)) not in text and "1.5" not in text.split() for text in texts)
    page.click("#reset")
    assert page.is_disabled("#reset")
    again = page.evaluate("[...Array(last + 1).keys()].map((k) => { go(k); return $('now').innerText; })")
    assert again == before


def test_a_number_is_dragged_in_the_picture(visit: Any) -> None:
    page = visit("diamond")
    place = page.locator("#n0 text.drag").bounding_box()
    page.mouse.move(place["x"] + 5, place["y"] + 5)
    page.mouse.down()
    page.mouse.move(place["x"] + 36, place["y"] + 5, steps=3)
    page.mouse.up()
    settled(page)
    assert shown(page, 0)[0] == "2.5"


def test_steps_go_down_as_the_engine_does(visit: Any) -> None:
    page = visit("xor", 999)
    page.click("#onward")
    assert page.evaluate("document.activeElement.id") == "take"
    page.fill("#rate", "0.5")
    page.click("#take")
    page.click("#take")
    root = PLAYED["xor"]()
    known = {}
    stack = [root]
    while stack:
        node = stack.pop()
        stack += [arg for arg in node.args if hasattr(arg, "requires_grad")]
        if node.name in ("X", "W1", "b1", "W2", "b2"):
            known[node.name] = node
    numbers = {name: np.array(node.data) for name, node in known.items()}
    y = np.array([[0.0], [1.0], [1.0], [0.0]])
    for _ in range(2):  # by hand
        hidden = np.tanh(numbers["X"] @ numbers["W1"] + numbers["b1"])
        p = 1 / (1 + np.exp(-(hidden @ numbers["W2"] + numbers["b2"])))
        back = (p - y) / 2 * p * (1 - p)
        through = back @ numbers["W2"].T * (1 - hidden**2)
        numbers["W1"] -= 0.5 * numbers["X"].T @ through
        numbers["b1"] -= 0.5 * through.sum(0)
        numbers["W2"] -= 0.5 * hidden.T @ back
        numbers["b2"] -= 0.5 * back.sum(0)
    for name in ("W1", "b1", "W2", "b2"):
        got = page.evaluate(f"[...live.inputs[data.boxes.findIndex(({{ symbol }}) => symbol === '{name}')]]")
        assert got == pytest.approx(numbers[name].ravel().tolist(), rel=1e-12)
    assert page.evaluate("live.losses.length") == 3
    assert "after 2 steps" in page.inner_text("#loss")
    assert " → " in page.locator(".moved").nth(1).inner_text()


@pytest.mark.parametrize("name", ["xor", "long"])
def test_an_update_lays_the_page_out_once(visit: Any, name: str) -> None:
    """What is measured between two writes would lay it out again: the price of most slow pages."""
    page = visit(name, 999)
    protocol = page.context.new_cdp_session(page)
    protocol.send("Performance.enable")

    def done() -> Counter[str]:
        return Counter({found["name"]: found["value"] for found in protocol.send("Performance.getMetrics")["metrics"]})

    page.evaluate(UPDATES, 6)
    before = done()
    page.evaluate(UPDATES, 20)
    more = done() - before
    assert 10 < more["LayoutCount"] < 30
    assert 10 < more["RecalcStyleCount"] < 30


def test_an_update_writes_only_what_has_changed(visit: Any) -> None:
    page = visit("xor", 999)
    page.evaluate("compute()")
    page.evaluate("""() => {
        window.touched = new Set();
        new MutationObserver((found) => found.forEach(({ target }) => {
            const text = (target.closest ? target : target.parentElement).closest("text.number:not(.gradient)");
            if (text) touched.add(data.boxes[Number(text.closest(".node").id.slice(1))].symbol);
        })).observe(picture, { childList: true, characterData: true, attributes: true, subtree: true });
        const i = data.boxes.findIndex(({ symbol }) => symbol === "W2");
        change(i, 0, live.inputs[i][0] + 1);
    }""")
    settled(page)
    touched = set(page.evaluate("[...touched]"))
    assert {"W2", "logits", "error", "loss"} <= touched
    assert not touched & {"X", "W1", "b1", "hidden", "b2"}


def test_what_is_out_of_sight_follows_when_the_reader_looks(visit: Any) -> None:
    page = visit("long", 999)
    away = "document.querySelectorAll('.away').length"  # in the frame of the change: a page at rest follows
    change = f"new Promise((done) => {{ change(0, 0, 0.5); requestAnimationFrame(() => done({away})); }})"
    assert page.evaluate(change) > 50
    page.evaluate("stage.scrollBy({ left: 300, top: 100, behavior: 'instant' })")
    settled(page)
    assert page.locator(".away").count() == 0
    shown_there = "data.boxes.map((_, i) => live.texts[i]?.map((text) => text.textContent))"
    known = "data.boxes.map(({ value }, i) => live.texts[i] && value.rows.flat())"
    assert page.evaluate(shown_there) == page.evaluate(known)


def test_a_page_that_cannot_follow_says_why(visit: Any) -> None:
    page = visit("hooked")
    assert "a hook changes a gradient" in page.inner_text("#live-about")
    assert page.locator("#live button:visible, #live input:visible").count() == 0


def test_a_page_names_the_function_that_has_no_formula() -> None:
    logits = PLAYED["softmax"]().args[0].args[0].args[0].args[0]
    x = draw(np.sum(np.linalg.pinv(np.square(logits) * np.eye(3)))).html
    assert "np.linalg.pinv has no formula in JavaScript" in x


CHECKS = """(() => {
    const of = ({ boxes, edges }) => [...boxes, ...edges].map(({ check }) => check && sampled(check)).map((found) =>
        found && { ...found, f: null });
    const was = of(data);
    compute();
    return [was, of(data)];
})()"""


@pytest.mark.parametrize("name", PLAYED)
def test_secants_of_the_page_are_those_of_the_engine(visit: Any, name: str) -> None:
    was, now = visit(name).evaluate(CHECKS)
    assert len(was) == len(now)
    assert sum(check is not None for check in was) > 3
    for python, page in zip(was, now):
        assert (python is None) == (page is None)
        if python is None:
            continue
        assert (page["name"], page["about"]) == (python["name"], python["about"])
        for key in ("x", "y", "slope", "reach"):
            assert page[key] == pytest.approx(python[key], rel=1e-12, abs=1e-15)
        for key, rtol in (("curve", 1e-5), ("slopes", 1e-6)):
            a, b = (np.array(found[key], dtype=float) for found in (page, python))
            np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-7)


def test_a_secant_follows_the_numbers(visit: Any) -> None:
    page = visit("diamond", 6)
    page.locator("#leaves .entry").fill("0.75")
    page.locator("#leaves .entry").press("Enter")
    settled(page)
    page.evaluate("choose(0)")
    slope = 2 * 0.75 * math.sin(0.75) + 0.75**2 * math.cos(0.75)
    page.evaluate("go(last); choose(0)")
    assert f"the derivative is {float(f'{slope:.5g}')}" in page.inner_text("#slopes")


@pytest.mark.parametrize("name", PLAYED)
def test_sentences_follow_the_numbers(visit: Any, name: str) -> None:
    """The same numbers give the same sentences, but for the digits that Python takes to make a product exact."""
    page = visit(name)
    told = "[...Array(last + 1).keys()].map((k) => { go(k); return data.steps[k].words.replace('about ', ''); })"
    was = page.evaluate(told)
    page.evaluate("compute()")
    now = page.evaluate(told)
    assert [text.split(" ")[0] for text in now] == [text.split(" ")[0] for text in was]
    for a, b in zip(was, now):
        assert "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}" not in b
        numbers = [[float(w.strip(".,;")) for w in text.split() if is_float(w.strip(".,;"))] for text in (a, b)]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-2)
    for step, text in enumerate(now):
        page.evaluate(f"go({step})")
        terms = page.evaluate("data.steps[reading.step].terms")
        if " times local derivative " in text:
            a, b, c = (float(term["rows"][0][0]) for term in terms)
            assert terms[2]["sign"] == ("=" if math.isclose(a * b, c, rel_tol=1e-12) else "\N{ALMOST EQUAL TO}")


def is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_the_decision_region_is_what_the_network_decides(visit: Any) -> None:
    page = visit("xor", 999)
    page.fill("#rate", "2")
    page.evaluate("for (let k = 0; k < 300; k++) learn();")
    page.evaluate("(async () => { while (plane.frame !== null) await new Promise(requestAnimationFrame); })()")
    kinds = page.evaluate("plane.cells.map(([kind]) => kind)")
    of = "[...live.inputs[data.boxes.findIndex(({ symbol }) => symbol === name)]]"
    W1, b1, W2, b2 = page.evaluate(f"['W1', 'b1', 'W2', 'b2'].map((name) => {of})")
    side = -0.25 + 1.5 * (np.arange(25) + 0.5) / 25
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    z = np.tanh(grid @ np.reshape(W1, (2, 3)) + b1) @ np.reshape(W2, (3, 1)) + b2
    assert kinds == (z[:, 0] > 0).astype(int).tolist()
    assert 0 < sum(kinds) < len(kinds)
    assert page.inner_text("#region-about") == "0 of 4 points on the wrong side"
    page.locator("#region").screenshot(path=OUT / "region.png")


def test_other_data_has_no_decision_region(visit: Any) -> None:
    assert not visit("softmax").is_visible("#decides")
    assert not visit("perceptron").is_visible("#decides")
