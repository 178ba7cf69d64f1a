"""Products as a textbook writes them: their numbers are the engine's, and a reader can compute them by hand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from played import PLAYED

import nn
from autograd import Tensor, Value, affine
from autograd.draw.scene import look_at
from autograd.draw.story import Step, Story
from autograd.draw.text import to_compute_with


def network() -> Any:
    X = Tensor([[0.3, -1.2], [2.0, 0.7], [-0.4, 0.9]], name="X")
    W, b = Tensor([[0.5, -0.8, 0.1], [1.3, 0.2, -0.6]], True, name="W"), Tensor([0.1, -0.2, 0.3], True, name="b")
    return nn.cross_entropy(affine(X, W, b), [0, 2, 1])


def neuron() -> Any:
    rng = np.random.default_rng(1)
    ws, xs = ([Value(float(x), f"{name}{i}") for i, x in enumerate(rng.normal(size=6))] for name in "wx")
    return (sum((w * x for w, x in zip(ws, xs)), Value(0.1, "b")).tanh() - 1) ** 2


def vectors() -> Any:
    rng = np.random.default_rng(2)
    W, v, u = (Tensor(rng.normal(size=shape), True, name=name) for name, shape in (("W", (3, 4)), ("v", 4), ("u", 3)))
    return (
        np.mean((W @ v) @ np.ones((3, 2))) + u @ W @ v + np.mean(W, axis=0) @ v + np.sum(W, axis=1, keepdims=True)[0, 0]
    )


GRAPHS: dict[str, Callable[[], Any]] = {**PLAYED, "network": network, "neuron": neuron, "vectors": vectors}


def steps_of(root: Any) -> list[Step]:
    return Story(look_at(root, True, 200)).steps


@pytest.mark.parametrize("name", GRAPHS)
def test_what_is_multiplied_and_added_checks_by_hand(name: str) -> None:
    """With fractions, of the texts alone: rounded to the digits that are shown, they give what is shown."""
    checked = 0
    for step in steps_of(GRAPHS[name]()):
        for *terms, result in filter(None, (step.terms, step.sums)):
            if step.phase != "backward" or any(len(t.rows) > 1 or len(t.rows[0]) > 1 for t in (*terms, result)):
                continue
            value = Fraction(0)
            for term in terms:
                number = Fraction(term.rows[0][0])
                value = {"": number, "+": value + number, "×": value * number, "/": value / number}[term.sign]
            shown = result.rows[0][0]
            assert f"{float(value) + 0:.4g}" == shown
            assert result.sign == ("=" if value == Fraction(shown) else "≈")
            checked += 1
    assert checked >= 1 or name in ("xor", "network")


def matrices(step: Step) -> list[Any]:
    return [np.array(term.rows, dtype=float) for term in step.terms]


@pytest.mark.parametrize("name", ["xor", "network", "vectors"])
def test_the_matrices_shown_make_the_contribution(name: str) -> None:
    found = Story(look_at(GRAPHS[name](), True, 200))
    told = 0
    for step in found.steps:
        if step.matrices == "product":
            left, right, result = matrices(step)
            decimals = len(step.terms[-1].rows[0][0].partition(".")[2]) or 3
            np.testing.assert_allclose(left @ right, result, atol=0.51 * 10.0**-decimals)
            engine = found.passed[step.edge].contribution  # type: ignore[index]
            np.testing.assert_allclose(np.reshape(engine, result.shape), result, atol=0.51 * 10.0**-decimals)
            assert [term.shape for term in step.terms] == [str(m.shape) for m in (left, right, result)]
            told += 1
        if step.matrices == "columns":
            upstream, result = matrices(step)
            np.testing.assert_allclose(upstream.sum(axis=0, keepdims=True), result, atol=2e-3)
            told += 1
    assert told >= 2


def test_softmax_with_cross_entropy_is_p_less_onehot() -> None:
    logits = Tensor([[2.0, 0.5, -1.0], [0.0, 1.0, 0.0]], True, name="logits")
    (step,) = [step for step in steps_of(nn.cross_entropy(logits, [1, 0])) if "onehot" in step.symbols]
    upstream, p, onehot, result = matrices(step)
    assert onehot.tolist() == [[0, 1, 0], [1, 0, 0]]
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-3)
    np.testing.assert_allclose(upstream * (p - onehot), result, atol=6e-4)


def test_a_mean_gives_each_its_share() -> None:
    (step,) = [step for step in steps_of(PLAYED["xor"]()) if "1/4" in step.symbols]
    assert step.symbols == "∂loss/∂v6 = ∂loss/∂loss × 1/4, to each entry"
    assert [(term.sign, term.rows[0]) for term in step.terms] == [("", ["1"]), ("/", ["4"]), ("=", ["0.250"])]


def test_helpers_of_the_table_stay_in_the_table() -> None:
    for made in GRAPHS.values():
        for step in steps_of(made()):
            assert not any(word in step.symbols for word in ("matmul_left", "matmul_right", "spread(", "scatter("))


def test_the_letter_of_the_upstream_gradient_is_no_name_of_the_graph() -> None:
    G, x = Tensor([[1.0, 2.0]], True, name="G"), Tensor([[1.0], [0.5]], True, name="x")
    symbols = [step.symbols for step in steps_of(np.sum(G @ x)) if step.phase == "backward"]
    assert symbols[1:] == ["∂v2/∂G = Ḡ xᵀ", "∂v2/∂x = Gᵀ Ḡ"]


def test_digits_are_added_only_where_they_are_needed() -> None:
    def product(a: Any, b: Any) -> Any:
        return a * b

    assert to_compute_with(product, [0.5, 3.0], 1.5) == ([[["0.5"]], [["3"]]], "=")
    assert to_compute_with(product, [-0.27674, 2.0], -0.55348) == ([[["-0.27674"]], [["2"]]], "≈")
    assert to_compute_with(np.add, [1.00004, -1.0], 0.00004)[0] == [[["1.00004"]], [["-1"]]]
    assert to_compute_with(product, [np.inf, 2.0], np.inf)[1] == "="
    assert to_compute_with(product, [np.ones((30, 30)), 2.0], np.full((30, 30), 2.0))[1] == "→"
