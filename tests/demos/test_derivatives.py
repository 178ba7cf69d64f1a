"""Derivatives: the slide's numbers, its table, partial derivatives by hand, and a field that points uphill."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def test_secant_and_tangent(tmp_path: Path) -> None:
    found = run("secant_and_tangent", tmp_path)
    f, a, slope = found["f"], found["a"], found["slope"]
    assert (a, slope, f(a + 2) - f(a), (f(a + 2) - f(a)) / 2) == (6, 1, 3, 1.5)  # the slide's
    for h in (2, 0.5, 1e-3):
        assert (f(a + h) - f(a)) / h == pytest.approx(1 + h / 4, rel=1e-9)
    assert found["errors"].argmin() in range(6, 10)  # neither the largest h nor the smallest
    assert found["errors"][-1] == 1
    assert {path.name for path in (tmp_path / "secant_and_tangent").iterdir()} == {
        "secant_and_tangent.png", "too_small.png", "limit.gif",
    }  # fmt: skip


def test_fundamental(tmp_path: Path) -> None:
    found, x = run("fundamental", tmp_path), 0.3
    by_hand = {
        "constant": (3, 0),
        "linear": (x, 1),
        "power": (x**3, 3 * x**2),
        "exponential": (math.exp(x), math.exp(x)),
        "logarithm": (math.log(x), 1 / x),
    }
    assert list(found["table"]) == list(by_hand)
    for name, (f, derivative) in found["table"].items():
        assert (f(x), ag.grad(f)(x)) == pytest.approx(by_hand[name]), name
        assert derivative(x) == pytest.approx(by_hand[name][1]), name
    assert found["f"](2.0) == pytest.approx(math.exp(2))  # the fourth derivative of exp
    assert (tmp_path / "fundamental" / "fundamental.png").exists()


def test_partial(tmp_path: Path) -> None:
    found = run("partial", tmp_path)
    by_hand = [2 * 1.5 * 2, 1.5**2 + math.sin(0.5), 2 * math.cos(0.5)]
    assert list(found["one_by_one"].values()) == pytest.approx(by_hand)
    assert found["at_once"] == pytest.approx(by_hand)
    assert [value.grad for value in found["values"]] == pytest.approx(by_hand)
    assert {path.name for path in (tmp_path / "partial").iterdir()} == {"partial.png", "partial.svg"}


def test_gradient_field(tmp_path: Path) -> None:
    found = run("gradient_field", tmp_path)
    x, y = np.moveaxis(found["plane"], -1, 0)
    bump = 2 * np.exp(-(x**2) - y**2)
    by_hand = np.stack([bump * (1 - 2 * x**2) + 0.2 * x, -2 * x * y * bump + 0.2 * y], axis=-1)
    np.testing.assert_allclose(found["field"], by_hand, rtol=1e-10, atol=1e-12)
    assert found["slopes"].argmax() == 0  # along the gradient
    np.testing.assert_allclose(found["slopes"], found["length"] * np.cos(found["angles"]), atol=1e-6)
    heights = [found["f"](p) for p in found["walk"]]
    assert all(np.diff(heights) < 0)
    assert found["walk"][-1] == pytest.approx([-0.669, 0], abs=1e-3)
    assert (tmp_path / "gradient_field" / "gradient_field.png").exists()
