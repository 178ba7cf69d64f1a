"""What Python code can name: its global names, its attributes, and whose code nothing but a new version changes."""

from __future__ import annotations

import functools
import sys
import sysconfig
from dataclasses import dataclass
from opcode import EXTENDED_ARG, hasname, opmap
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np

LATER = sys.version_info >= (3, 12)
SHIFTS = {"LOAD_GLOBAL": 1, "LOAD_ATTR": int(LATER), "LOAD_SUPER_ATTR": 2}  # the lowest bits say something else
NAMED = {opmap[name]: SHIFTS.get(name, 0) for name in opmap if opmap[name] in hasname}
GLOBALS = {opcode for name, opcode in opmap.items() if "GLOBAL" in name or name == "LOAD_NAME"}
IMPORT, IS = opmap["IMPORT_NAME"], opmap["IS_OP"]
EVERYTHING = {"vars", "__dict__", "getattr", "attrgetter"}  # with one of these, code reads any attribute


@dataclass(frozen=True)
class Mentioned:
    """The names in the code of a function, also in that of lambdas, comprehensions and functions inside of it."""

    globals: frozenset[str]
    attributes: frozenset[str]  # and strings that could be the name of one: cfg["k"], getattr(cfg, "k")
    modules: frozenset[str]  # those that it imports itself
    compares: bool  # whether it asks which objects are the same


@functools.lru_cache(4096)
def mentioned(code: CodeType) -> Mentioned:
    """What the code names."""
    own, modules = set[str](), set[str]()
    attributes = {x for x in code.co_consts if isinstance(x, str) and x.isidentifier()}
    extended, compares = 0, False
    for opcode, low in zip(code.co_code[::2], code.co_code[1::2]):
        argument, extended = extended | low, 0
        if opcode == EXTENDED_ARG:
            extended = argument << 8
        elif opcode in NAMED:
            kind = own if opcode in GLOBALS else modules if opcode == IMPORT else attributes
            kind.add(code.co_names[argument >> NAMED[opcode]])
        compares = compares or opcode == IS
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found = mentioned(inner)
            own |= found.globals
            attributes |= found.attributes
            modules |= found.modules
            compares = compares or found.compares
    attributes |= own & EVERYTHING
    return Mentioned(frozenset(own), frozenset(attributes), frozenset(modules), compares or "id" in own)


PARTS = [Path(__file__).parent.parent, Path(__file__).parent.parent.parent / "nn", Path(np.__file__).parent]
STDLIB = sysconfig.get_path("stdlib")


@functools.lru_cache(4096)
def of_library(module: str | None) -> bool:
    """Whether a module is Python's, of this library or of an installed package: what it holds is not looked at."""
    if module is None or module in sys.builtin_module_names:
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None:
        return module in sys.stdlib_module_names and module != "__main__"
    place = Path(file)
    installed = {"site-packages", "dist-packages"} & {*place.parts}
    return bool(installed) or file.startswith(STDLIB) or any(part in place.parents for part in PARTS)


def is_ours(module: str | None) -> bool:
    """Whether a module is of this library."""
    return module is not None and module.partition(".")[0] in ("autograd", "nn") and of_library(module)


def is_users(x: Any) -> bool:
    """Whether a function or a class is the user's."""
    return not of_library(getattr(x, "__module__", None))
