"""The public names of a package as entries of the reference, and the programs of the course that use each."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

USED = re.compile(r":doc:`(/course/\w+/\w+)`")
OF_AUTHORS = ("checked", "describe", "initial")  # what a base class explains and its subclasses only fill in


@cache
def homes(package: str) -> dict[str, str]:
    """The public names of a package with the module that defines each; modules are no names."""
    found = {name: getattr(importlib.import_module(package), name) for name in importlib.import_module(package).__all__}
    return {name: thing.__module__ for name, thing in found.items() if not isinstance(thing, ModuleType)}


def chosen(package: str, modules: Iterable[str]) -> list[str]:
    """The public names that these modules, and those in them, define, in the order of the modules; functions first."""
    found, public = homes(package), vars(importlib.import_module(package))
    names = sorted(found, key=lambda name: (inspect.isclass(public[name]), name.lower()))
    return [f"{package}.{name}" for module in modules for name in names if f"{found[name]}.".startswith(f"{module}.")]


def entry(name: str) -> str:
    """The directive that documents a public name."""
    package, _, attribute = name.rpartition(".")
    thing = getattr(importlib.import_module(package), attribute)
    if not inspect.isclass(thing):
        return f".. autofunction:: {name}\n"
    lines = [f".. autoclass:: {name}", "   :members:"]
    if package == "autograd":  # what its classes inherit from has no entries
        lines.append("   :inherited-members: object, BaseException")
    elif hidden := [member for member in OF_AUTHORS if any(hasattr(base, member) for base in thing.__bases__)]:
        lines.append(f"   :exclude-members: {', '.join(hidden)}")
    return "\n".join(lines) + "\n"


def used(name: str, docs: Path) -> list[str]:
    """The lines that link from an entry to the programs that use it; none if there is none."""
    path = docs / "_used" / f"{name}.examples"
    pages = dict.fromkeys(USED.findall(path.read_text(encoding="utf-8")) if path.exists() else ())
    links = ", ".join(f":doc:`{page}`" for page in pages)
    return [".. container:: used", "", f"   In the course: {links}.", ""] if pages else []
