"""Rooms can be taken out: without `compile`, `draw`, SciPy and HIPS autograd's names the core works. And its size.

A room is taken out by deleting it and, in autograd/__init__.py, the line that imports its names. The tests do the
same to a copy, and run the core's tests there.
"""

from __future__ import annotations

import ast
import io
import re
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from .test_imports import LAYERS, ROOT, module_name

BEYOND = LAYERS[LAYERS.index(("autograd.draw",)) + 1 : LAYERS.index(("autograd",))]
SCIPY = ("autograd.scipy",)
HIPS = tuple(entry for row in BEYOND for entry in row if entry not in SCIPY)
# draw's live page is a program of compile's, onnx writes its trace, blocks run one: they go with it, or alone
ROOMS = {
    "compile": ("autograd.compile", "autograd.blocks", "autograd.onnx", "autograd.draw"),
    "onnx": ("autograd.onnx",),
    "draw": ("autograd.draw",),
    "scipy": SCIPY,
    "blocks": ("autograd.blocks",),
    "HIPS autograd's names": HIPS,
}
ALL = tuple(dict.fromkeys(entry for entries in ROOMS.values() for entry in entries))
TESTS = ("hooks", "operators", "recording", "sweep", "tensor", "transforms", "trees", "value")
PACKAGE = ROOT / "autograd"

# Whatever else is installed, modules come from the copy alone: an editable install would find those that are gone.
RUN = """
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
sys.meta_path[:] = [BuiltinImporter, FrozenImporter, PathFinder]
import autograd, pytest
from autograd import *
assert autograd.__file__.startswith(sys.argv[1]), autograd.__file__
status = pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[2:]])
print(*sorted(name for name in sys.modules if name.startswith("autograd.")), file=sys.stderr)
sys.exit(status)
"""


def within(module: str, entries: tuple[str, ...]) -> bool:
    """Whether a module is one of these, or in one of them."""
    return any(module == entry or module.startswith(f"{entry}.") for entry in entries)


def without(entries: tuple[str, ...], source: str) -> str:
    """The source of autograd/__init__.py without the lines that import from these rooms, and without their names."""
    tree, gone = ast.parse(source), set[str]()
    for node in [node for node in tree.body if isinstance(node, ast.ImportFrom)]:
        names = {alias.name for alias in node.names}
        if node.module is None:  # rooms themselves
            node.names = [alias for alias in node.names if not within(f"autograd.{alias.name}", entries)]
        elif within(f"autograd.{node.module}", entries):
            gone |= names
            tree.body.remove(node)
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            node.value.elts = [name for name in node.value.elts if ast.literal_eval(name) not in gone]
    return ast.unparse(tree)


@pytest.mark.parametrize("entries", [*ROOMS.values(), ALL], ids=[*ROOMS, "all of them"])
def test_the_core_works_without(entries: tuple[str, ...], tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "autograd", ignore=shutil.ignore_patterns("__pycache__"))
    for entry in entries:
        path = tmp_path.joinpath(*entry.split("."))
        shutil.rmtree(path) if path.is_dir() else path.with_suffix(".py").unlink()
    init = tmp_path / "autograd" / "__init__.py"
    init.write_text(without(entries, init.read_text(encoding="utf-8")), encoding="utf-8")

    for path in ("setup.cfg", "tests/conftest.py", *(f"tests/autograd/test_{name}.py" for name in TESTS)):
        copied = tmp_path / path
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, copied)
    command = [sys.executable, "-c", RUN, str(tmp_path), "tests"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    loaded = done.stderr.split()
    assert "autograd.tensor" in loaded
    assert [name for name in loaded if within(name, entries)] == []


# --- How large it is ----------------------------------------------------------------------------------------------


def lines_of_code(source: str) -> int:
    """The lines that hold code: not those that are empty, or hold only comments or docstrings."""
    nothing = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {i for token in tokens if token.type not in nothing for i in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= {*range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    return len(lines)


def test_lines_of_code_are_those_that_compute() -> None:
    source = (
        '"""Doc.\n\nMore."""\n\n# why\nx = [\n    1,  # one\n]\n\n\ndef f():\n    """Doc."""\n    return """a\nb"""\n'
    )
    assert lines_of_code(source) == 6


def size(paths: list[Path]) -> int:
    """The lines of code of all these files."""
    return sum(lines_of_code(path.read_text(encoding="utf-8")) for path in paths)


def test_the_readme_says_how_large_the_core_is() -> None:
    """To ten per cent, so that not every change has to change it."""
    core = [path for path in PACKAGE.rglob("*.py") if not within(module_name(path), ALL)]
    rules = [path for path in core if path.parent.name == "rules"]
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    stated = re.search(r"about ([\d,]+) lines of code in ([\d,]+) files, ([\d,]+) of the lines", readme)
    assert stated, "README no longer says how large the core is"
    said = [int(number.replace(",", "")) for number in stated.groups()]
    assert said == pytest.approx([size(core), len(core), size(rules)], rel=0.1)


def test_the_readme_says_how_long_the_way_through_the_core_is() -> None:
    """Words are what spaces part; 200 a minute is how fast prose is read with care."""
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    stated = re.search(
        r"The way through it is (.+?): ([\d,]+) words in ([\d,]+) lines with their comments, (\d+) minutes at 200",
        readme,
    )
    assert stated, "README no longer says how long the way through the core is"
    way = [(PACKAGE / name).read_text(encoding="utf-8") for name in re.findall(r"`(.+?)`", stated[1])]
    said = [int(number.replace(",", "")) for number in stated.groups()[1:]]
    words = sum(len(source.split()) for source in way)
    assert said == pytest.approx([words, sum(len(source.splitlines()) for source in way), words / 200], rel=0.1)
