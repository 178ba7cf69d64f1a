"""What README, docs/ and the docstrings say is true: their examples, excerpts, tables and links."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sybil.document import Document
from sybil.parsers.myst import PythonCodeBlockParser

import autograd
import nn
from demos.course import COURSE, PROGRAMS
from nn.init import INITIALIZERS
from nn.layers.activations import ACTIVATIONS as ACTIVATIONS_BY_NAME
from nn.learning.arguments import LOSSES

ROOT = Path(__file__).parent.parent
BOOK = sorted(page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *BOOK]
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
    """Every block of Python is executed, in order; one that begins with a path is an excerpt of that file.

    The excerpts of a demo make it grow: the pieces that the page has shown so far are executed, in their order there.
    """
    monkeypatch.chdir(tmp_path)  # examples may write files
    document, pieces = Document.parse(str(page), PythonCodeBlockParser(doctest_optionflags=OPTIONS)), {}
    for example in document:
        if str(example.parsed).startswith(("# autograd/", "# nn/", "# demos/")):
            path, excerpt = example.parsed.removeprefix("# ").split("\n", 1)
            source = (ROOT / path).read_text(encoding="utf-8")
            assert excerpt in source, f"{page.name} has an excerpt that differs from {path}:\n{excerpt}"
            if path.startswith("demos/"):
                pieces[source.index(excerpt)] = excerpt
                exec(compile("\n".join(pieces[i] for i in sorted(pieces)), path, "exec"), document.namespace)
        else:
            example.evaluate()
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")  # the figures of this page


def links(page: Path) -> list[tuple[str, str]]:
    """Text and target of every link of a page that leads into the project."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = re.findall(r"\[([^\]]*)\]\(([^)]+)\)", text)
    return [(name, target.partition("#")[0]) for name, target in found if not target.startswith("http")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for _, target in links(page) if not (page.parent / target).exists()] == []


def test_programs_that_are_named_are_there() -> None:
    texts = [*PAGES, ROOT / "README.md", *(ROOT / "demos").glob("*/*.py"), *(ROOT / "demos").glob("*/*.rst")]
    named = {name for path in texts
             for name in re.findall(r"`python -m demos (\w+)", path.read_text(encoding="utf-8"))}  # fmt: skip
    assert len(named) >= 6
    assert named <= {*COURSE, *PROGRAMS, "all"}


def test_the_map_of_the_house_has_every_room() -> None:
    """What README's map names exists, and every package is on it, or files of it are."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^    ([\w/]+(?:/|\.py))  +\w", readme, flags=re.MULTILINE)
    assert [path for path in named if not (ROOT / path).exists()] == []
    packages = [path.parent for name in ("autograd", "nn", "demos") for path in (ROOT / name).rglob("__init__.py")]
    rooms = [f"{package.relative_to(ROOT)}/" for package in packages]
    assert [room for room in rooms if not any(path.startswith(room) or room.startswith(path) for path in named)] == []


def test_the_map_is_in_reading_order() -> None:
    """Each file of the path names the next one; README's map has them in this order, a chapter for all of its room."""
    path = ["autograd/table.py"]
    while following := re.search(r"Next: `([\w/]+\.py)`", (ROOT / path[-1]).read_text(encoding="utf-8")):
        path.append(f"autograd/{following[1]}")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^    (autograd/[\w/.]+)  +\w", readme, flags=re.MULTILINE)
    assert named[: len(path)] == [one.replace("rules/elementwise.py", "rules/") for one in path]
    assert path[-1] == "autograd/transforms.py"


def test_the_answer_for_this_house_names_what_is_there() -> None:
    answer = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("The answer for this house:")[2]
    core = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "autograd").glob("*.py"))
    named = re.findall(r"`([\w./]+)`", answer)
    assert len(named) > 10
    missing = [name for name in named if "/" not in name and not re.search(rf"\b{name.split('.')[-1]}\b", core)]
    assert missing + [name for name in named if "/" in name and not (ROOT / name).exists()] == []


def rows(page: str, *columns: str) -> list[list[str]]:
    """The cells of the table of a page whose first columns have these names."""
    for table in re.findall(r"(?:^\|.*\n)+", (ROOT / "docs" / page).read_text(encoding="utf-8"), flags=re.MULTILINE):
        cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()]
        if cells[0][: len(columns)] == list(columns):
            return cells[2:]
    raise LookupError(f"{page} has no table of {', '.join(columns)}")


def code(cell: str) -> str:
    """What stands in a cell as code."""
    return cell.strip("`")


@pytest.mark.parametrize(("call", "gradient"), [row[:2] for row in rows("kinks.md", "at the kink", "gradient")])
def test_choices_at_kinks(call: str, gradient: str) -> None:
    names = {"np": np, "nn": nn, "inf": np.inf, **{name: getattr(autograd, name) for name in autograd.__all__}}
    with np.errstate(divide="ignore"):  # a pole may be on the way
        found = eval(code(call), names)
    np.testing.assert_array_equal(found, eval(code(gradient), names))


# --- the tables about nn ------------------------------------------------------------------------------------------


def exported(kind: type) -> set[type]:
    """The subclasses of a class that nn exports."""
    return {thing for thing in vars(nn).values() if isinstance(thing, type) and issubclass(thing, kind)} - {kind}


def shapes(output: Any) -> Any:
    """The shape of what a layer gives, or of each part of it."""
    return tuple(map(shapes, output)) if isinstance(output, tuple) else output.shape


def ones(shape: Any, dtype: type) -> Any:
    """Ones of a shape, or of each of several."""
    several = len(shape) > 0 and isinstance(shape[0], tuple)
    return tuple(ones(part, dtype) for part in shape) if several else np.ones(shape, dtype)


LAYERS = [row[:3] for row in rows("networks.md", "layer", "takes", "gives")]


@pytest.mark.parametrize(("call", "takes", "gives"), LAYERS)
def test_layers_give_what_the_table_says(call: str, takes: str, gives: str) -> None:
    layer, sizes = eval(code(call), {"nn": nn}), {"n": 2, "time": 6}
    x = ones(eval(code(takes), sizes), int if isinstance(layer, nn.Embedding) else float)
    assert shapes(layer(x)) == eval(code(gives), sizes)


def test_every_layer_is_in_the_table() -> None:
    listed = {type(eval(code(call), {"nn": nn})) for call, _, _ in LAYERS}
    assert listed == exported(nn.Module) - exported(nn.Activation) - {nn.Activation, nn.ModuleList}


ACTIVATIONS = [row[:3] for row in rows("networks.md", "function", "layer", "name")]


@pytest.mark.parametrize(("function", "layer", "name"), ACTIVATIONS)
def test_activations_are_functions_layers_and_names(function: str, layer: str, name: str) -> None:
    x = np.linspace(-3, 3, 8)
    y = eval(code(function), {"nn": nn, "x": x})
    np.testing.assert_array_equal(y, eval(code(layer), {"nn": nn})(x))
    np.testing.assert_array_equal(y, ACTIVATIONS_BY_NAME[code(name).strip('"')](x))


def names_in(page: str, column: str) -> set[str]:
    """The names in a column, without their package."""
    return {name for row in rows(page, column) for name in re.findall(r"`(?:nn\.)?(\w+)", row[0])}


def test_everything_that_has_a_name_is_in_its_table() -> None:
    assert {code(name).strip('"') for _, _, name in ACTIVATIONS} == ACTIVATIONS_BY_NAME.keys()
    assert names_in("networks.md", "loss") == LOSSES.keys()
    assert names_in("networks.md", "initializer") == INITIALIZERS.keys()
    assert names_in("training.md", "optimizer") == {kind.__name__ for kind in exported(nn.Optimizer)}
    assert names_in("training.md", "schedule") == {kind.__name__ for kind in exported(nn.Schedule)}
    assert names_in("training.md", "argument") == inspect.signature(nn.fit).parameters.keys() - {
        "model",
        "X",
        "y",
        "others",
    }


SIGNATURES = [code(row[0]) for column in ("optimizer", "schedule") for row in rows("training.md", column)]


@pytest.mark.parametrize("call", SIGNATURES, ids=lambda call: call.partition("(")[0])
def test_signatures_are_those_of_the_code(call: str) -> None:
    tree: Any = ast.parse(call, mode="eval").body
    stated = [(arg.id, inspect.Parameter.empty) for arg in tree.args]
    stated += [(arg.arg, eval(ast.unparse(arg.value))) for arg in tree.keywords]
    parameters = inspect.signature(getattr(nn, tree.func.id)).parameters.values()
    assert stated == [(parameter.name, parameter.default) for parameter in parameters]


# --- promises -----------------------------------------------------------------------------------------------------


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


# --- the book -----------------------------------------------------------------------------------------------------


def directives(page: Path, name: str) -> list[tuple[str, dict[str, str], list[str]]]:
    """Argument, options and other lines of every directive of this name on a page."""
    found = []
    pattern = rf"^([`:]{{3,}})\{{{name}\}} ?(.*)\n((?:.*\n)*?)\1$"
    for _, argument, body in re.findall(pattern, page.read_text(encoding="utf-8"), flags=re.MULTILINE):
        options = dict(re.findall(r'^:([\w-]+): *"?(.*?)"?$', body, flags=re.MULTILINE))
        found.append((argument, options, re.findall(r"^[^:\n].*", body, flags=re.MULTILINE)))
    return found


@pytest.mark.parametrize("page", BOOK, ids=lambda page: str(page.relative_to(ROOT / "docs")))
def test_every_page_is_in_a_table_of_contents(page: Path) -> None:
    entries = {
        (other.parent / f"{line}.md").resolve()
        for other in BOOK
        for _, _, lines in directives(other, "toctree")
        for line in lines
    }
    assert page == ROOT / "docs" / "index.md" or page in entries


@pytest.mark.parametrize("page", sorted((ROOT / "docs/how-to").glob("*.md")), ids=lambda page: page.stem)
def test_a_how_to_is_short_and_its_code_fits_beside_the_table_of_contents(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    blocks = "\n".join(re.findall(r"^```py\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    assert [line for line in blocks.splitlines() if len(line) > 92] == []


INCLUDES = [
    pytest.param(page.parent / path, options, id=f"{path} {options.get('pyobject', '')}".strip())
    for page in BOOK
    for path, options, _ in directives(page, "literalinclude")
]


@pytest.mark.parametrize(("path", "options"), INCLUDES)
def test_what_is_shown_of_the_source_is_there(path: Path, options: dict[str, str]) -> None:
    """By the name of a class or a function, or from a line to (before) another one; the caption says which file."""
    assert str(path.resolve().relative_to(ROOT)) == options["caption"]
    source = path.read_text(encoding="utf-8")
    if "pyobject" in options:
        scope: Any = ast.parse(source)
        for name in options["pyobject"].split("."):
            (scope,) = (part for part in scope.body if getattr(part, "name", None) == name)
    else:
        lines = source.splitlines()
        start = next(i for i, line in enumerate(lines) if options["start-at"] in line)
        end = options.get("end-before") or options["end-at"]
        assert any(end in line for line in lines[start + 1 : start + 80])


def test_the_source_is_shown_in_reading_order() -> None:
    files = [options["caption"] for _, options, _ in directives(ROOT / "docs/how-it-works.md", "literalinclude")]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    path = re.findall(r"^    (autograd/\w+\.py)  +\w", readme, flags=re.MULTILINE)
    assert list(dict.fromkeys(file for file in files if file in path)) == path


def glossary() -> dict[str, str]:
    """The terms and what they mean."""
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    pairs = re.findall(r"^(\w.*)\n((?:  .+\n)+)", text.partition("{glossary}")[2], flags=re.MULTILINE)
    assert len(pairs) == len(dict(pairs)), "a term stands there twice"
    return dict(pairs)


def test_the_glossary_is_in_alphabetical_order_and_knows_its_own_terms() -> None:
    terms = glossary()
    assert len(terms) > 60
    assert list(terms) == sorted(terms, key=str.lower)
    linked = set(re.findall(r"\{term\}`(.*?)`", " ".join(terms.values()).replace("\n  ", " ")))
    assert {term.lower() for term in linked} <= terms.keys()


def test_a_page_links_each_term_of_the_glossary() -> None:
    """A page of the docs or of a chapter: the word leads to what it means."""
    pages = [*BOOK, *(ROOT / "demos").glob("*/GALLERY_HEADER.rst")]
    roles = [role for page in pages if page.stem != "glossary"
             for role in re.findall(r"(?:\{term\}|:term:)`([^`]+)`", page.read_text(encoding="utf-8"))]  # fmt: skip
    linked = {re.sub(r".*<(.*)>", r"\1", " ".join(role.split())).lower() for role in roles}
    assert linked == {term.lower() for term in glossary()}


def test_a_term_of_the_slides_stands_in_the_glossary_once() -> None:
    italian = [term for text in glossary().values() for term in re.findall(r"\*([^*]+)\*", text)]
    assert len(italian) > 12
    assert len(italian) == len(set(italian))


@pytest.mark.parametrize("page", sorted((ROOT / "docs/how-to").glob("from-*.md")), ids=lambda page: page.stem)
def test_what_is_known_from_elsewhere_stands_beside_what_runs_here(page: Path) -> None:
    languages = re.findall(r"^```(py|python)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    columns = re.findall(r":::\{grid-item\}\n(?:.*\n)*?```(\w+)\n", page.read_text(encoding="utf-8"))
    assert columns == ["py", "python"] * (len(columns) // 2)
    assert languages.count("py") == len(columns) // 2 >= 3


@pytest.mark.parametrize("package", [autograd, nn], ids=lambda package: package.__name__)
def test_every_public_name_has_one_entry_in_the_reference_and_one_line_in_its_summary(
    package: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    names = importlib.import_module("names")
    modules = {name for name in package.__all__ if inspect.ismodule(getattr(package, name))}
    public = sorted(f"{package.__name__}.{name}" for name in {*package.__all__} - modules)
    for pages in (ROOT / "docs").glob("reference/*.md"), [ROOT / "docs/api.md"]:
        blocks = [block for page in pages for block in directives(page, "names")]
        found = [name for of, _, lines in blocks if of == package.__name__ for name in names.chosen(of, lines)]
        assert sorted(found) == public


def test_the_extras_are_those_of_the_package() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert [code(row[0]) for row in rows("start.md", "extra", "brings")] == list(setup["options.extras_require"])
