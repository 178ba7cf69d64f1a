"""The formulas that the player prints stand in the table's source, where it says."""

from __future__ import annotations

import ast
import linecache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import partials, primitive, pullbacks, relu, sumprod
from autograd.draw.formula import NO_SOURCE, formula_of
from autograd.extend import defvjp
from autograd.inspecting import name_of
from autograd.table import RULES

ROOT = Path(__file__).parents[3]
PLACES = [(fun, i) for fun, rule in RULES.items() for i, each in enumerate(rule.each or [0]) if each is not None]


@pytest.mark.parametrize(("fun", "place"), PLACES, ids=lambda x: name_of(x) if callable(x) else str(x))
def test_every_formula_of_the_table_stands_where_it_says(fun: Any, place: int) -> None:
    formula = formula_of(RULES[fun], place)
    assert formula.notes == () or NO_SOURCE not in formula.notes
    name, _, line = formula.where.rpartition(":")
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    source = " ".join(text.strip() for text in lines[int(line) - 1 : int(line) + 20])
    assert " ".join(text.strip() for text in formula.text.splitlines()) in source


def test_a_formula_computes_what_the_rule_computes() -> None:
    for fun in (np.tanh, np.arcsin, np.divide, np.hypot, relu):
        rule = RULES[fun]
        values = np.array([0.5, -0.25])[: len(rule.each)]
        y = fun(*values)
        for place, partial in enumerate(rule.each):
            formula = formula_of(rule, place)
            assert ast.parse(formula.text, mode="eval")
            found = eval(formula.text, partial.__globals__, dict(zip(formula.parameters, (y, *values))))
            assert found == partial(y, *values)


def test_the_parameters_can_be_given_other_names() -> None:
    assert formula_of(RULES[np.divide], 1).with_names({"y": "(-2)", "b": "w[0]"}) == "-(-2) / w[0]"
    assert formula_of(RULES[np.tanh], 0).with_names({"y": "hidden"}) == "1 - hidden * hidden"
    assert formula_of(RULES[np.tanh], 0).with_names({}) == "1 - y * y"


def test_constants_are_printed_as_they_are_written() -> None:
    assert formula_of(RULES[np.subtract], 1).text == "-1"
    assert formula_of(RULES[np.deg2rad], 0).text == "math.pi / 180"
    assert formula_of(RULES[np.add], 0).where.startswith("autograd/rules/elementwise.py:")


def test_one_rule_for_all_arguments_is_printed_as_it_is() -> None:
    assert formula_of(RULES[sumprod], 0).text == "(*f[len(f) // 2 :], *f[: len(f) // 2])"


def test_helpers_are_explained() -> None:
    (note,) = formula_of(RULES[np.power], 0).notes
    assert note.startswith("power_base: d a**b / da = b * a**(b - 1)")


@primitive
def cube(x: Any) -> Any:
    return x * x * x


@pytest.mark.usefixtures("own_rules")
def test_rules_of_ones_own_are_read_from_their_own_file() -> None:
    here, name = Path(__file__).read_text(encoding="utf-8").splitlines(), "tests/autograd/draw/test_formula.py"
    partials(cube, lambda y, x: 3 * x * x)
    formula = formula_of(RULES[cube], 0)
    file, _, line = formula.where.rpartition(":")
    assert (formula.text, file, formula.parameters) == ("3 * x * x", name, ("y", "x"))
    assert "partials(cube, lambda" in here[int(line) - 1]

    partials(cube, lambda y, x: (
        3
        * x * x
    ))  # fmt: skip
    formula = formula_of(RULES[cube], 0)
    assert formula.text == "3 * x * x"
    assert formula.with_names({"x": "w"}) == "3 * x * x"  # of more than one line the names stay

    def slope(y: Any, x: Any) -> Any:
        """Three times the square."""
        return 3 * x * x

    partials(cube, slope)
    assert formula_of(RULES[cube], 0).text.splitlines()[0] == "def slope(y: Any, x: Any) -> Any:"
    assert formula_of(RULES[cube], 0).parameters == ()

    pullbacks(cube, lambda g, y, x: g * 3 * x * x)
    assert formula_of(RULES[cube], 0).with_names({"g": "∂L/∂é", "x": "ü"}) == "∂L/∂é * 3 * ü * ü"

    defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    assert formula_of(RULES[cube], 0).text == "lambda g: g * 3 * x**2"

    partials(cube, np.square)
    assert formula_of(RULES[cube], 0).text == "square"


@pytest.mark.usefixtures("own_rules")
def test_two_rules_on_a_line_are_told_apart_and_inner_names_left_alone() -> None:
    one, two = (lambda y, x: 3 * x), (lambda y, x: 4 * x)
    partials(cube, one)
    assert formula_of(RULES[cube], 0).text == "3 * x"
    partials(cube, two)
    assert formula_of(RULES[cube], 0).text == "4 * x"
    partials(cube, lambda y, x: sum(x for x in [x]))
    assert formula_of(RULES[cube], 0).with_names({"x": "w"}) == "sum(x for x in [x])"


@pytest.mark.usefixtures("own_rules")
def test_without_source_it_says_so() -> None:
    exec("partials(cube, lambda y, x: 3 * x * x)", {"partials": partials, "cube": cube})
    formula = formula_of(RULES[cube], 0)
    assert formula.text == "<lambda>(...)"
    assert formula.notes == (NO_SOURCE,)
    exec("partials(cube, 3.0)", {"partials": partials, "cube": cube})
    assert formula_of(RULES[cube], 0).text == "3"


@pytest.mark.usefixtures("own_rules")
def test_a_file_that_has_changed_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "rules.py"
    path.write_text("partials(cube, lambda y, x: 3 * x * x)\n")
    exec(compile(path.read_text(), str(path), "exec"), {"partials": partials, "cube": cube})
    path.write_text("this is no Python\n")
    linecache.checkcache(str(path))
    assert formula_of(RULES[cube], 0).notes == (NO_SOURCE,)
