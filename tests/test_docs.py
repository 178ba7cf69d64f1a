"""What README, docs/ and the docstrings say is true: their examples, excerpts, tables and links."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest
from sybil.document import Document
from sybil.parsers.myst import PythonCodeBlockParser

import autograd
import nn

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = [
    name
    for package in (autograd, nn)
    for name in (
        package.__name__,
        *(module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")),
    )
]


OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name), optionflags=OPTIONS).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples(page: Path, own_rules: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block of Python is executed, in order; one that begins with a path is an excerpt of that file."""
    monkeypatch.chdir(tmp_path)  # examples may write files
    for example in Document.parse(str(page), PythonCodeBlockParser(doctest_optionflags=OPTIONS)):
        if str(example.parsed).startswith(("# autograd/", "# nn/")):
            path, excerpt = example.parsed.split("\n", 1)
            stands_there = excerpt in (ROOT / path.removeprefix("# ")).read_text(encoding="utf-8")
            assert stands_there, f"{page.name} has an excerpt that differs from {path}:\n{excerpt}"
        else:
            example.evaluate()


def links(page: Path) -> list[tuple[str, str]]:
    """Text and target of every link of a page that leads into the project."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = re.findall(r"\[([^\]]*)\]\(([^)]+)\)", text)
    return [(name, target.partition("#")[0]) for name, target in found if not target.startswith("http")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for _, target in links(page) if not (page.parent / target).exists()] == []


def rows(page: str, *columns: str) -> list[list[str]]:
    """The cells of the table of a page whose first columns have these names."""
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    start = next(i for i, row in enumerate(cells) if row[: len(columns)] == list(columns))
    return cells[start + 2 :]


@pytest.mark.parametrize(("call", "gradient"), [row[:2] for row in rows("kinks.md", "at the kink", "gradient")])
def test_choices_at_kinks(call: str, gradient: str) -> None:
    names = {"np": np, "inf": np.inf, **{name: getattr(autograd, name) for name in autograd.__all__}}
    np.testing.assert_array_equal(eval(call.strip("`"), names), eval(gradient.strip("`"), names))


PROMISES = [(promise, proof) for _, promise, proof in rows("promises.md", "", "promise", "tests")]


@pytest.mark.parametrize(("promise", "proof"), PROMISES, ids=lambda text: text[:40])
def test_every_promise_has_a_test(promise: str, proof: str) -> None:
    tests = re.findall(r"\[`(\w+)`\]\(([^)]+)\)", proof)
    assert tests, f"no test is named for: {promise}"
    for name, target in tests:
        tree = ast.parse((ROOT / "docs" / target).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, (ast.ClassDef, ast.FunctionDef))}, (
            f"{target} has no {name}"
        )
