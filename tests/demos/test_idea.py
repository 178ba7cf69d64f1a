"""The whole idea in 80 lines: it needs nothing, its gradients are the engine's to the last digit, its page shows it."""

from __future__ import annotations

import ast
import math
import operator
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import autograd
from demos import idea

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "demos" / "idea.py").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "build-it-yourself.md").read_text(encoding="utf-8")
BINARY = [fun for fun, each in idea.PARTIALS.items() if fun and len(each) == 2]
UNARY = [fun for fun, each in idea.PARTIALS.items() if fun and len(each) == 1]


def test_it_has_80_lines_at_most() -> None:
    assert len(SOURCE.splitlines()) <= 80


def test_it_imports_nothing_but_python() -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(SOURCE))
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert imported <= sys.stdlib_module_names


def test_it_runs_where_nothing_is_installed_and_learns(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", str(ROOT / "demos" / "idea.py")]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    answers: dict[tuple[int, int], float] = ast.literal_eval(printed)
    assert len(answers) == 4
    assert all(abs(answer - (a ^ b)) < 0.1 for (a, b), answer in answers.items())


def name_of_method(fun: Any) -> str:
    """What a number calls `fun`."""
    return fun.__name__ if fun.__module__ == "math" else f"__{fun.__name__}__"


def formula(kind: Any, seed: int) -> tuple[Any, list[Any]]:
    """A number of this kind that was made by 40 random calls, on many paths from three others; and all of them."""
    rng = random.Random(seed)
    numbers = [kind(rng.uniform(0.5, 2)) for _ in range(3)]
    for _ in range(40):
        a, b = rng.choices(numbers, k=2)
        if rng.random() < 0.6:
            numbers.append(getattr(a, name_of_method(rng.choice(BINARY)))(b if rng.random() < 0.8 else 0.5))
        else:
            fun = rng.choice(UNARY)
            numbers.append(getattr(a if fun is math.tanh else a * a / (a * a + 1) + 1, name_of_method(fun))())
    return sum(numbers, kind(0.0)), numbers


@pytest.mark.parametrize("seed", range(20))
def test_gradients_are_those_of_the_engine_to_the_last_digit(seed: int) -> None:
    (here, numbers), (there, others) = formula(idea.Value, seed), formula(autograd.Value, seed)
    for result in (here, there, here, there):  # the second time they add up
        result.backward()
    assert [x.data for x in numbers] == [x.data for x in others]
    assert all(map(math.isfinite, [x.grad for x in numbers]))
    assert [x.grad for x in numbers] == [x.grad for x in others]


def test_with_the_numbers_of_the_engine_it_learns_the_same_to_the_last_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    own = idea.learn_xor(steps=200)
    monkeypatch.setattr(idea, "Value", autograd.Value)
    assert idea.learn_xor(steps=200) == own


@pytest.mark.parametrize("fun", [*BINARY, *UNARY], ids=lambda fun: fun.__name__)
def test_partials_are_the_slopes_of_small_steps(fun: Any) -> None:
    args, h = [1.3, 0.7][: len(idea.PARTIALS[fun])], 1e-6
    for i, partial in enumerate(idea.PARTIALS[fun]):
        above, below = ([x + s * h * (j == i) for j, x in enumerate(args)] for s in (1, -1))
        assert partial(fun(*args), *args) == pytest.approx((fun(*above) - fun(*below)) / (2 * h), rel=1e-8)


def test_numbers_may_stand_on_either_side() -> None:
    x = idea.Value(3.0)
    y = 2 * x + 1 + x * 2 - 1
    y.backward()
    assert (y.data, x.grad, y.fun) == (12.0, 4.0, operator.sub)


# --- The page -----------------------------------------------------------------------------------------------------


def test_the_page_shows_every_line() -> None:
    shown = "".join(re.findall(r"```python\n# demos/idea.py\n(.*?)```", PAGE, flags=re.DOTALL))
    after_the_docstring = SOURCE.split('"""', 2)[2]
    assert [line for line in shown.splitlines() if line] == [line for line in after_the_docstring.splitlines() if line]


def test_every_line_that_the_engine_adds_to_is_there() -> None:
    lines = re.findall(r"^\| `(.*?)` \|", PAGE, flags=re.MULTILINE)
    assert len(lines) > 10
    assert [line for line in lines if line not in SOURCE] == []
