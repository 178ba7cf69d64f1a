"""The equations of the live page are those of the program, in the numbers of now: products of matrices as matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, draw
from autograd.draw.live import live
from autograd.draw.story import Story
from autograd.draw.text import rows

# Every equation as it was written by Python, and as the page writes it once a number was another and is back again.
EQUATIONS = """async () => {
    const texts = ({ terms, sums, carried, matrices }) => structuredClone([...terms, ...sums].map(
        ({ sign, label, symbol, shape, rows, summary }) => ({ sign: sign.trim(), label, symbol, shape: shape ?? "", rows, summary }))
        .concat([{ carried, matrices }]));
    const own = data.steps.map(texts);
    const rest = () => new Promise((done) => setTimeout(done, 100));
    const i = data.live.inputs.find((i) => live.learning.has(i));
    const x = live.inputs[i][0];
    change(i, 0, x + 1);
    await rest();
    change(i, 0, x);
    await rest();
    return own.map((before, step) => { followStep(step); return [data.steps[step].phase, before, texts(data.steps[step])]; });
}"""  # noqa: E501


@pytest.mark.parametrize("name", ["xor", "softmax", "diamond"])
def test_equations_follow_the_numbers(visit: Any, name: str) -> None:
    page = visit(name)
    kinds = set()
    for phase, own, anew in page.evaluate(EQUATIONS):
        if phase != "backward":
            continue
        *terms, last = own
        *now, last_now = anew
        kinds.add(last["matrices"])
        assert last_now["matrices"] == last["matrices"]
        assert len(now) == len(terms)
        for a, b in zip(terms, now):
            assert [a[key] for key in ("label", "symbol", "shape", "summary")] == [
                b[key] for key in ("label", "symbol", "shape", "summary")
            ]
            assert a["sign"].replace("≈", "=") == b["sign"].replace("≈", "=")
            pairs = [pair for rows in zip(a["rows"], b["rows"], strict=True) for pair in zip(*rows, strict=True)]
            largest = max(abs(float(x)) for x, _ in pairs)
            for x, y in pairs:  # Python may write more digits, so that one can check them by hand
                assert float(y) == pytest.approx(float(x), rel=2e-2, abs=6e-3 * largest)
    assert ("product" in kinds) == (name == "xor")


def test_entries_of_a_product_are_written_out_in_other_numbers(visit: Any) -> None:
    page = visit("xor")
    page.evaluate("go(data.steps.findIndex(({ symbols }) => symbols.endsWith('hiddenᵀ G')))")
    before = page.inner_text("#entry")
    page.evaluate("change(data.boxes.findIndex(({ symbol }) => symbol === 'W1'), 0, 3)")
    page.evaluate("() => new Promise((done) => setTimeout(done, 100))")
    assert page.evaluate("isChanged()")
    assert page.inner_text("#entry") != before
    place, _, rest = page.inner_text("#entry").partition(": ")
    made, _, result = rest.replace("=", "≈").partition(" ≈ ")
    i, j = map(int, place.strip("[]").split(", "))
    assert page.locator("#terms table").nth(2).locator("tr").nth(i).locator("td").nth(j).inner_text() == result
    factors = [[float(x.strip("()")) for x in term.split(" × ")] for term in made.split(" + ")]
    assert sum(a * b for a, b in factors) == pytest.approx(float(result), abs=2e-2)
    assert page.locator("#terms table td.lit").count() == 9


def test_numbers_are_written_as_python_writes_them(visit: Any) -> None:
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=1500) * 10.0 ** rng.integers(-12, 12, 1500)
    ties = rng.integers(-(10**6), 10**6, 1500) / 2.0 ** rng.integers(0, 12, 1500)
    edges = [0.0, 0.5, 1.5, 2.5, 0.125, 9.9995, 99995.0, 0.00012345, 1e22, 1e-300, 5e-324, 1.7e308, 2.0**60]
    numbers = [float(x) for x in (*drawn, *drawn.astype(np.float32), *ties, *edges, *np.negative(edges[1:]))]
    found = visit("diamond").evaluate(
        "(all) => all.map((x) => [general(x, 3), general(x, 4), decimals(x, 0), decimals(x, 2), decimals(x, 5)])",
        numbers,
    )
    for x, texts in zip(numbers, found):
        expected = [f"{x:.3g}", f"{x:.4g}", f"{x:.0f}", f"{x:.2f}", f"{x:.5f}"]
        few = 5 if abs(x) < 1e21 else 2  # larger ones are never written with decimals
        assert texts[:few] == expected[:few], x


def test_small_arrays_are_written_as_python_writes_them(visit: Any) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=6) * 10.0 ** rng.integers(-6, 3, 6) for _ in range(100)]
    arrays += [np.array(x) for x in ([1.0, -1e-4, -0.0], [-0.004, 2.0], [-0.4, 20000.5], [-3e-5, 123.0, 0.0])]
    found = visit("diamond").evaluate("(all) => all.map(aligned)", [[float(x) for x in array] for array in arrays])
    assert found == [rows(array)[0] for array in arrays]
    assert found[100] == ["1.00", "0.00", "0"]  # and not -0.00


def small_gpt() -> Tensor:
    embed, attend = nn.Embedding(5, 4, rng=0), nn.MultiHeadAttention(4, 2, rng=0)
    x = embed(np.array([[1, 3, 2]]))
    return nn.cross_entropy(nn.Dense(4, 5, rng=0)(x + attend(x, causal=True)).reshape(3, 5), np.array([3, 2, 4]))


def images() -> Tensor:
    model = nn.Sequential(nn.Conv2d(1, 2, 2, rng=0), nn.MaxPool2d(2), nn.Conv2d(2, 1, 1, rng=0), nn.Flatten())
    return np.sum(model(np.random.default_rng(0).normal(size=(2, 1, 5, 5))) ** 2)


def algebra() -> Tensor:
    a = Tensor([[2.0, 0.5], [0.5, 1.0]], True, name="a")
    return np.sum(np.linalg.cholesky(a) + np.linalg.inv(a)) + np.linalg.slogdet(a)[1]


@pytest.mark.parametrize("graph", [small_gpt, images, algebra])
def test_pages_that_follow(page: Any, graph: Any, tmp_path: Path) -> None:
    drawing = draw(graph(), depth=9)
    page.goto(drawing.save(tmp_path / "x.html").as_uri())
    found = page.evaluate("""() => { const { values, gradients } = program(live.inputs);
        return [values, gradients].map((all) => Object.entries(all).map(([i, x]) => [Number(i), Array.from(x)])); }""")
    boxes = drawing.scene.boxes
    assert len(found[1]) > 5
    for of, all_of in zip(("value", "gradient"), found):
        for i, numbers in all_of:
            engine = np.ravel(getattr(boxes[i], of)).astype(float)
            size = np.abs(engine[np.isfinite(engine)]).max(initial=1)
            np.testing.assert_allclose(numbers, engine, rtol=2e-5, atol=2e-6 * size)


def test_an_index_that_was_computed_is_not_followed() -> None:
    x = Tensor([3.0, 1.0, 2.0], True, name="x")
    for node in (np.sum(x[np.argsort(x)] * x), np.sum(np.where(x > 1, x, 0)), x[np.array([0, 2])].sum()):
        assert "would not follow" in live(Story(draw(node).scene)).reason
