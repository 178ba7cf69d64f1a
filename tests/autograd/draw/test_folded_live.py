"""The page of a graph with folds follows the numbers through them, and in their windows, in a real Chromium."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from players import SEQUENCES, Recurrent, recurrent

import nn
from autograd import Tensor, Value, debug, draw
from autograd.draw.live import live
from autograd.draw.story import Story

FEW = SEQUENCES[:, :3]


def numbers(tree: Any) -> list[float]:
    """All numbers in texts."""
    return [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e[+-]\d+)?", json.dumps(tree))]


def opened(page: Any, loss: Any, path: Path, **options: Any) -> Any:
    """The page of a loss, at its end."""
    page.goto(f"{draw(loss, **options).save(path).as_uri()}#step=99999")
    return page


SHOWN = "data.boxes.map(({ value, gradient }) => [value?.rows, gradient?.rows])"
INSIDE = """(i) => {
    openFold(i);
    const texts = [...document.querySelectorAll("#inside-picture g.node text")].map((e) => e.textContent);
    $("inside").close();
    return texts;
}"""


def test_a_step_goes_down_through_folds(page: Any, tmp_path: Path) -> None:
    model = Recurrent()
    opened(page, recurrent(model, FEW), tmp_path / "a.html")
    assert page.evaluate("data.boxes.filter(({ folded }) => folded).length") > 3
    before = page.evaluate(SHOWN)
    page.evaluate("compute()")
    assert page.evaluate(SHOWN) == before  # the engine's own numbers
    page.fill("#rate", "0.5")
    page.click("#take")
    page.evaluate("change(data.live.inputs.find((i) => boxOf(i).symbol === 'X'), 3, 0.75); compute()")
    after = page.evaluate(SHOWN)
    parameters = page.evaluate("data.live.inputs.filter((i) => live.learning.has(i)).map((i) => [...live.inputs[i]])")
    folds = page.evaluate("data.insides")
    windows = [page.evaluate(INSIDE, i) for i in folds]

    recurrent(model, FEW).backward()
    for p in model.parameters():
        p.data -= 0.5 * p.grad
    moved = FEW.copy()
    moved.ravel()[3] = 0.75
    opened(page, recurrent(model, moved), tmp_path / "b.html")
    assert numbers(after) == numbers(page.evaluate(SHOWN))
    found, known = np.concatenate(parameters), np.concatenate([p.data.ravel() for p in model.parameters()])
    assert np.sort(found) == pytest.approx(np.sort(known))
    engine = [page.evaluate(INSIDE, i) for i in folds]
    assert [len(window) for window in windows] == [len(window) for window in engine]
    assert numbers(windows) == numbers(engine)


def test_chains_that_are_folded_are_followed(page: Any, tmp_path: Path) -> None:
    def chain(x: float) -> Any:
        start = y = Value(x, name="x")
        for _ in range(60):
            y = y.tanh() + start * 0.01
        return y * y

    opened(page, chain(0.5), tmp_path / "a.html", max_nodes=20)
    page.evaluate("change(0, 0, 0.25); compute()")
    steps = "[...Array(last + 1).keys()].map((k) => { go(k); return data.steps[k].words.replace('about ', ''); })"
    found, slopes = page.evaluate(steps), page.evaluate("(() => { choose(0); return $('slopes').textContent; })()")
    opened(page, chain(0.25), tmp_path / "b.html", max_nodes=20)
    assert numbers(found) == pytest.approx(
        numbers(page.evaluate(steps)), rel=1e-3
    )  # Python has digits to check by hand
    assert slopes == page.evaluate("(() => { choose(0); return $('slopes').textContent; })()")


def test_an_index_that_is_data_lets_the_page_follow() -> None:
    labels, table = np.array([2, 0]), Tensor(np.eye(3), True, name="table")

    def loss(index: Any) -> Any:
        return np.sum(np.tanh(table)[np.arange(2), index])

    def reason(node: Any) -> str:
        return live(Story(draw(node).scene)).reason

    assert "an index or a condition" in reason(loss(labels))  # it may come from anywhere
    with debug.lines():
        assert reason(loss(labels)) == ""
    with debug.lines():
        assert "an index or a condition" in reason(loss(np.argmax(table, axis=1)[:2]))
    with debug.lines():
        assert "an index or a condition" in reason(np.sum(np.where(np.abs(table) > 0.5, table, 0)))
    assert reason_of_call(lambda x: np.sum(x[labels])) == ""
    assert "an index or a condition" in reason_of_call(lambda x: np.sum(np.where(x > 0, x, 0)))
    assert reason_of_call(lambda x: np.sum(np.where(np.heaviside(x, 0), x, 0))) == ""
    assert reason(np.sum(nn.Embedding(5, 2, rng=0)(labels))) == ""


def reason_of_call(f: Any) -> str:
    return live(Story(draw(f, np.array([1.0, -2.0, 3.0])).scene)).reason
