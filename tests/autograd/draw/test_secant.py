"""Secants: their slopes come from the functions alone, and tend to the engine's derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from played import PLAYED

from autograd import Tensor, Value, primitive
from autograd.draw.scene import look_at
from autograd.draw.secant import POINTS, STEPS, Budget, edge_check, graph_checks, secant
from autograd.draw.story import Story
from autograd.table import partials


def story(node: Any) -> Story:
    return Story(look_at(node, True, 200))


def checks(found: Story) -> list[dict[str, Any]]:
    budget = Budget()
    along = []
    for i, passed in found.passed.items():
        edge = found.scene.edges[i]
        place = found.place(edge)
        along.append(None if place is None else edge_check(found, edge, place, passed, budget))
    return [check for check in (*along, *graph_checks(found).values()) if isinstance(check, dict)]


@pytest.mark.parametrize("made", PLAYED.values(), ids=PLAYED)
def test_every_secant_becomes_its_tangent(made: Callable[[], Any]) -> None:
    found = story(made())
    shown = checks(found)
    assert len(shown) == len(found.passed) + len(found.final) - 1  # every edge, and every box but the result
    for check in shown:
        assert check["slopes"][-1] == pytest.approx(check["slope"], rel=1e-4, abs=1e-4)
        assert len(check["curve"]) == POINTS
        assert len(check["slopes"]) == len(STEPS)


def test_a_wrong_rule_shows(own_rules: None) -> None:
    cube = primitive(lambda x: x * x * x)
    partials(cube, lambda y, x: 2 * x * x)
    shown = {check["name"]: check for check in checks(story(cube(Tensor(2.0, True, name="x")) * 1.0))}
    for check in (shown["∂v1/∂x"], shown["∂v2/∂x, whole graph"]):
        assert check["slope"] == 8.0
        assert check["slopes"][-1] == pytest.approx(12.0, rel=1e-5)


def test_the_function_is_the_graphs() -> None:
    x = Value(2.0, "x")
    (check,) = checks(story(x * x))[:1]
    assert (check["name"], check["about"]) == ("∂v1/∂x (operand 1)", "v1 as a function of x alone")
    assert (check["x"], check["y"], check["slope"], check["reach"]) == (2.0, 4.0, 2.0, 2.0)
    assert (check["curve"][0], check["curve"][-1]) == (0.0, 8.0)
    whole = checks(story(x * x))[-1]
    assert (whole["name"], whole["slope"]) == ("∂v1/∂x, whole graph", 4.0)
    assert whole["slopes"][:2] == [6.0, 5.0]  # of x * x: 2 x + h
    assert (whole["curve"][0], whole["curve"][-1]) == (0.0, 16.0)


def test_of_an_array_the_entry_that_matters_most_is_moved() -> None:
    x = Tensor([[1.0, -3.0], [2.0, 0.5]], True, name="x")
    shown = {check["name"]: check for check in checks(story(np.sum(x**3)))}
    assert shown["∂v1/∂x at [0, 1]"]["x"] == -3.0
    assert shown["∂v1/∂x at [0, 1]"]["slope"] == 27.0
    assert shown["contribution to v1[0, 0]"]["slope"] == 1.0
    assert shown["∂v2/∂x[0, 1], whole graph"]["slope"] == 27.0


def test_float32_is_checked_in_float64() -> None:
    x = Tensor([1.0, 2.0], True, dtype=np.float32, name="x")
    for check in checks(story(np.sum(np.exp(x)))):
        assert check["slopes"][-1] == pytest.approx(check["slope"], rel=1e-5)


def test_outside_of_its_domain_a_function_is_not_drawn() -> None:
    made = secant(np.log, 0.5, 2.0)
    assert made is not None
    assert made.curve[0] is None
    assert made.curve[-1] == pytest.approx(np.log(2.5), rel=1e-5)
    assert secant(np.log, -1.0, 2.0) is None
    made = secant(lambda t: 1 / t if t < 1 else 1 / 0, 0.5, -4.0)
    assert made is not None
    assert made.slopes[0] is None
    assert None not in made.slopes[-5:]


def test_large_graphs_are_not_computed_anew() -> None:
    x = Tensor(np.ones((300, 300)), True, name="x")
    y = x
    for _ in range(20):
        y = np.tanh(y)
    found = story(np.sum(y))
    assert sum(isinstance(check, dict) for check in graph_checks(found).values()) < len(found.final) - 1
    budget = Budget()
    assert budget.allows([x])
    assert not budget.allows([x] * 1000)
