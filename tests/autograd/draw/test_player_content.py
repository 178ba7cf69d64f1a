"""The player in a real Chromium: its numbers are the engine's, its texts those of the table and of the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from played import PLAYED
from players import graph_of, step_of, steps

import autograd as ag
from autograd import Value, draw


@pytest.mark.parametrize("name", PLAYED)
def test_the_numbers_shown_are_the_engines(visit: Any, name: str) -> None:
    page = visit(name)
    page.keyboard.press("End")
    for symbol, node in graph_of(name).items():
        i = page.evaluate(f"data.boxes.findIndex(({{symbol}}) => symbol === {symbol!r})")
        shown = page.locator(f"#n{i} text.gradient").all_text_contents()
        gradient = np.reshape(node.grad, -1)
        assert len(shown) == gradient.size
        for text, number in zip(shown, gradient.tolist()):
            assert float(text) == pytest.approx(number, rel=6e-3 if gradient.size > 1 else 6e-4, abs=6e-4)
        page.evaluate(f"choose({i})")
        terms = page.locator("#node dd").all_inner_texts()
        if gradient.size == 1 and not np.shape(node.grad):
            assert float(terms[-1]) == float(node.grad)  # to the last digit
            assert float(terms[-2]) == float(node.data)


def test_every_step_of_the_chain_rule_is_right(visit: Any) -> None:
    page = visit("perceptron")
    nodes = graph_of("perceptron")
    for step in range(steps(page)):
        page.evaluate(f"go({step})")
        if page.inner_text("#phase") != "Backward":
            continue
        upstream, local, contribution = map(float, page.locator("#terms .numbers").all_inner_texts())
        assert contribution == pytest.approx(upstream * local, rel=2e-3)
        name = page.inner_text("#symbols").split(" ")[0].removeprefix("∂loss/∂")
        if name in nodes:
            assert contribution == pytest.approx(nodes[name].grad, rel=1e-3)


def test_where_paths_meet_it_says_so(visit: Any) -> None:
    page = visit("diamond")
    x = 1.5
    page.evaluate("go(data.steps.findLastIndex(({ phase }) => phase === 'backward'))")
    assert " += " in page.inner_text("#symbols")
    before, contribution, after = map(float, page.locator("#sums .numbers").all_inner_texts())
    assert after == pytest.approx(2 * x * np.sin(x) + x * x * np.cos(x), rel=1e-3)
    assert before + contribution == pytest.approx(after, abs=2e-3)
    assert "Paths meet" in page.inner_text("#words")
    page.click("#back")
    assert float(page.text_content("#n0 text.gradient")) == pytest.approx(before, rel=1e-3)


def test_nothing_is_told_before_its_step(visit: Any) -> None:
    page = visit("perceptron")
    visible = "[...document.querySelectorAll('#picture .number')].filter((e) => getComputedStyle(e).visibility" + (
        " === 'visible' && e.textContent).map((e) => e.textContent)"
    )
    assert sorted(map(float, page.evaluate(visible))) == [-1.0, 0.25, 0.5, 1.5, 2.0]  # the leaves
    assert "title" not in page.evaluate("[...document.querySelectorAll('#picture *')].map((e) => e.tagName)")
    page.evaluate("choose(data.boxes.length - 1)")
    assert page.inner_text("#node dd >> nth=2") == "not computed yet"
    assert page.inner_text("#node dd >> nth=3") == "not known yet"
    page.evaluate("go(1)")
    assert len(page.evaluate(visible)) == 6


def test_a_node_is_chosen_by_pointer_keyboard_or_tap(visit: Any) -> None:
    page = visit("perceptron", 7)
    title = "#node h2"
    assert page.inner_text(title) == "loss = square(v4)"
    page.hover("#n2")
    assert page.inner_text(title) == "v1 = w1 × x1"
    page.hover("h1")
    assert page.inner_text(title) == "loss = square(v4)"
    page.click("#n2")
    page.hover("h1")
    assert page.inner_text(title) == "v1 = w1 × x1"
    page.keyboard.press("Escape")
    assert page.inner_text(title) == "loss = square(v4)"
    page.focus("#stage")
    page.keyboard.press("Tab")
    assert page.inner_text(title) == "w1, a leaf"
    page.keyboard.press("Tab")
    assert page.inner_text(title) == "x1, a leaf"
    page.keyboard.press("ArrowLeft")
    assert page.inner_text(title) == "v4 = y - 1"
    assert step_of(page) == 6
    page.keyboard.press("Enter")
    assert page.inner_text(title) == "x1, a leaf"
    assert step_of(page) == 6
    page.click("#n2")
    page.click("#node button >> text=w1")
    assert page.inner_text(title) == "w1, a leaf"


def test_a_node_is_chosen_by_a_tap(browser: Any, written: Callable[[str], str]) -> None:
    context = browser.new_context(has_touch=True, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{written('diamond')}#step=4")
    page.tap("#n1")
    assert page.text_content("#node h2") == "left = x × x"
    page.tap("#next")
    assert step_of(page) == 5
    assert page.text_content("#node h2") == "y = left × right"
    context.close()


def test_the_formula_is_that_of_the_table(visit: Any) -> None:
    page = visit("perceptron")
    page.keyboard.press("End")
    page.evaluate("choose(data.boxes.findIndex(({ symbol }) => symbol === 'y'))")
    y = 1 / (1 + np.exp(0.25))
    assert page.locator("#node .rule > pre").inner_text().startswith("∂y/∂z = y * (1 - y) = ")
    page.click("#node summary")
    rule = page.locator("#node .rule").inner_text().splitlines()
    assert "∂f/∂x = f * (1 - f)" in rule  # y is a name in this graph
    where = next(line for line in rule if line.startswith("in the table: "))
    name, _, line = where.removeprefix("in the table: ").partition(":")
    source = (Path(ag.__file__).parents[1] / name).read_text(encoding="utf-8").splitlines()
    assert "partials(sigmoid," in source[int(line) - 1]
    assert rule[0] == f"∂y/∂z = y * (1 - y) = {y:.4g} * (1 - {y:.4g}) ≈ {y * (1 - y):.4g}"


def test_the_line_of_the_program(visit: Any) -> None:
    page = visit("diamond")
    page.keyboard.press("ArrowRight")
    assert page.locator("#lines .now").inner_text().split(maxsplit=1)[1] == "left = x * x"
    page.click("#lines >> text=y = left * right")
    assert page.inner_text("#symbols") == "y = left × right"
    assert page.locator("#lines .now").inner_text().split(maxsplit=1)[1] == "y = left * right"
    assert "tests/played.py" in page.inner_text("#code")


def test_without_lines_it_says_how_to_get_them(page: Any, tmp_path: Path) -> None:
    page.goto(draw(Value(2.0, "x") * 3).save(tmp_path / "plain.html").as_uri())
    assert "with autograd.debug.lines():" in page.inner_text("#code")


def test_the_secant_becomes_the_tangent(visit: Any) -> None:
    page = visit("diamond", 5)
    page.evaluate("choose(data.boxes.findIndex(({ symbol }) => symbol === 'right'))")
    assert page.locator("#derivative option").count() == 0  # no number is told before its step
    assert "from the step on that tells it" in page.inner_text("#about")
    page.evaluate("go(last - 1)")
    page.evaluate("choose(data.boxes.findIndex(({ symbol }) => symbol === 'right'))")
    assert page.locator("#derivative option").all_inner_texts() == ["∂right/∂x", "∂y/∂right, whole graph"]
    assert page.inner_text("#about") == "right as a function of x alone"
    for k in (0, 3, 21):
        h = 2.0 ** (1 - k)
        page.locator("#h").fill(str(k))
        slope = (np.sin(1.5 + h) - np.sin(1.5)) / h
        assert f"With h = {h:.5g}"[:14] in page.inner_text("#slopes")
        assert f"has the slope {slope:.5g};"[:22] in page.inner_text("#slopes")
        assert f"the derivative is {np.cos(1.5):.5g}," in page.inner_text("#slopes")
    x1, y1, x2, y2 = (page.locator("#plot .secant").get_attribute(name) for name in ("x1", "y1", "x2", "y2"))
    tangent = [page.locator("#plot line.tangent").get_attribute(name) for name in ("x1", "y1", "x2", "y2")]
    assert [float(x) for x in (x1, y1, x2, y2)] == pytest.approx([float(x) for x in tangent], abs=0.01)
    page.focus("#h")
    page.keyboard.press("ArrowLeft")
    assert page.input_value("#h") == "20"
    assert step_of(page) == steps(page) - 2
    page.select_option("#derivative", "∂y/∂right, whole graph")
    assert page.inner_text("#about") == "y as a function of right, all that follows computed anew"
    assert "the derivative is 2.25" in page.inner_text("#slopes")


def test_the_step_chooses_its_own_derivative(visit: Any) -> None:
    page = visit("diamond")
    for step in range(steps(page)):
        page.evaluate(f"go({step})")
        edge = page.evaluate("data.steps[reading.step].edge")
        if edge is not None:
            assert page.input_value("#derivative") == page.evaluate(f"data.edges[{edge}].check.name")


def test_an_edge_can_be_clicked(visit: Any) -> None:
    page = visit("diamond")
    page.keyboard.press("End")
    page.locator("#e1").dispatch_event("click")
    assert page.input_value("#derivative") == page.evaluate("data.edges[1].check.name")


def test_hostile_names_are_text(visit: Any) -> None:
    page = visit("hostile")
    dialogs: list[Any] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog))
    symbols = page.evaluate("data.boxes.map(({ symbol }) => symbol)")
    assert page.text_content("#n0 text >> nth=0").startswith("</script>")
    for step in range(steps(page)):
        page.evaluate(f"go({step})")
        for i in range(len(symbols)):
            page.evaluate(f"choose({i})")
            assert symbols[i] in page.text_content("#node h2")
    assert page.locator("main b b, #node b, td b").count() == 0
    assert page.locator("script").count() == 3
    assert dialogs == []


def test_a_hook_has_its_step(visit: Any) -> None:
    page = visit("hooked")
    page.evaluate("go(data.steps.findIndex(({ phase }) => phase === 'hook'))")
    assert page.inner_text("#words").endswith("A hook changed ∂v2/∂v1 from 1 to 0.5.")


def test_a_folded_graph_says_what_is_not_told(visit: Any) -> None:
    page = visit("folded")
    assert "what goes on inside a fold is computed, but not told" in page.inner_text("#all")
    page.keyboard.press("ArrowRight")
    assert "folded in the picture" in page.inner_text("#words")
    assert "stands for" in page.inner_text("#node")


def test_large_arrays_are_summed_up(visit: Any) -> None:
    page = visit("large", 1)
    assert page.locator("#terms th").all_inner_texts() == ["min", "mean", "max"]
    assert "(min " in page.inner_text("#row1")
    assert "float32" in page.inner_text("#node")


def test_the_table_has_every_step(visit: Any) -> None:
    page = visit("perceptron")
    rows = page.locator("#rows tbody tr").all_text_contents()
    assert len(rows) == steps(page)
    for step, row in enumerate(rows):
        page.evaluate(f"go({step})")
        assert page.inner_text("#symbols") in row
        for number in page.locator("#now td").all_inner_texts():
            assert number in row
