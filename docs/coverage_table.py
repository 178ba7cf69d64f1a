"""Which functions have a derivative: read from the derivative table, as Markdown."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import scipy.stats

import autograd
import autograd.scipy
import autograd.synonyms
import nn.synonyms
from autograd.inspecting import name_of
from autograd.scipy import elementwise, stats
from autograd.table import COMPOSITES, PLAIN, RULES


def listed(functions: Iterable[Any]) -> str:
    """The names of functions, sorted, as code; those of Python's own operators by what one types."""
    names = {name_of(fun) for fun in functions} - {"getitem"}
    public = {
        name for name in names if name.startswith("np.") or getattr(autograd, name.removeprefix("autograd."), None)
    }
    return ", ".join(f"`{name}`" for name in sorted(public))


def synonyms() -> str:
    """What others call things, and what to write here, as Markdown: the tables that the errors are made of."""
    parts = []
    for title, table in (
        ("`nn.`, beside what is there", nn.synonyms.NAMES),
        ("`autograd.`", autograd.synonyms.NAMES),
        ("methods and attributes of a Tensor", autograd.synonyms.METHODS),
        ("of a Value", autograd.synonyms.VALUES),
        ("`nn.data.`", nn.synonyms.DATA),
        ("methods of a model", nn.synonyms.METHODS),
        ("keywords of `fit`", nn.synonyms.KEYWORDS),
    ):
        rows = [f"| `{name}` | `{answer}` |" for name, answer in sorted(table.items()) if answer]
        parts += [f"### {title}", "\n".join(["| who types | is told to write |", "| --- | --- |", *rows])]
    return "\n\n".join(parts)


def tables() -> str:
    """The three lists, under a heading each."""
    elementwise = [fun for fun, rule in RULES.items() if rule.elementwise]
    others = [fun for fun, rule in RULES.items() if not rule.elementwise]
    return "\n\n".join(
        [
            "## Elementwise: they state partial derivatives",
            listed(elementwise),
            "## Others: they state pullbacks",
            listed(others),
            "## Made of those",
            listed(COMPOSITES),
            "## Without a derivative: they answer with plain arrays",
            listed(PLAIN),
        ]
    )


WITHOUT_NAMES = {
    "elementwise",
    "slopes",
    "solutions",
    "stats",
}  # modules of autograd.scipy that are listed otherwise, or not at all


def scipy_tables() -> str:
    """What there is of SciPy: the functions with partial derivatives, the densities, and the modules' own functions."""
    parts = ["### scipy.special, as it is", special_functions(), "### autograd.scipy.stats", densities()]
    for found in sorted(pkgutil.iter_modules(autograd.scipy.__path__), key=lambda found: found.name):
        if found.name not in WITHOUT_NAMES:
            theirs = import_module(f"scipy.{found.name}")
            parts += [f"### autograd.scipy.{found.name}", code(shared(f"autograd.scipy.{found.name}", theirs))]
    return "\n\n".join(parts)


def special_functions() -> str:
    """The ufuncs of scipy.special in the table: those with all derivatives, and those that lack some."""
    rules = {name_of(fun): rule for fun, rule in RULES.items() if rule.site[0] == elementwise.__file__}
    rules = {name.rpartition(".")[2]: rule for name, rule in rules.items() if name.startswith("scipy.special.")}
    rows = [
        f"| `{name}` | {', '.join(f'{i}.' for i, each in enumerate(rule.each, 1) if each is None)} | {len(rule.each)} |"
        for name, rule in sorted(rules.items()) if None in rule.each
    ]  # fmt: skip
    whole = code(sorted(name for name, rule in rules.items() if None not in rule.each))
    head = ["| function | no derivative by argument | of so many |", "| --- | --- | --- |"]
    return "\n".join([f"By all arguments: {whole}.", "", "By some:", "", *head, *rows])


def densities() -> str:
    """The distributions, their parameters and their functions."""
    rows = []
    for name, module in sorted(vars(stats).items()):
        functions = shared(module.__name__, getattr(scipy.stats, name, None)) if inspect.ismodule(module) else []
        if functions:
            law = getattr(module, "LAW", None)
            wanted = law.parameters if law else [*inspect.signature(getattr(module, functions[0])).parameters][1:]
            rows.append(f"| `{name}` | {code(wanted)} | {code(functions)} |")
    return "\n".join(["| distribution | parameters | functions |", "| --- | --- | --- |", *rows])


def code(names: Iterable[str]) -> str:
    """Names as code."""
    return ", ".join(f"`{name}`" for name in names)


def shared(module: str, theirs: Any) -> list[str]:
    """The functions of a module of autograd.scipy that SciPy has, too."""
    found = vars(import_module(module))
    return [
        name
        for name in found
        if hasattr(theirs, name) and getattr(found[name], "__module__", "").startswith("autograd.scipy.")
    ]
