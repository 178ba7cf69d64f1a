"""What a function tells about itself: its name for people, its parameters, which of them it reads."""

from __future__ import annotations

import dis
import functools
import inspect
import re
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

Function = Callable[..., Any]


def name_of(fun: Function | None) -> str:
    """The name a user would type for `fun`: "np.tanh", "np.add.reduce", "np.linalg.inv", "autograd.sigmoid", "cube"."""
    name = getattr(fun, "__name__", repr(fun))
    owner = getattr(fun, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{name_of(owner)}.{name}"
    module = getattr(fun, "__module__", None) or ""
    if isinstance(fun, np.ufunc):  # it does not know its module
        homes = ("numpy", "scipy.special", "scipy.special._ufuncs")  # the last has what functions of SciPy's call
        module = next((home for home in homes if getattr(sys.modules.get(home), name, None) is fun), "")
    if module.split(".")[0] == "numpy":
        return f"np{module.removeprefix('numpy')}.{name}"
    if module.startswith("scipy."):
        return f"{module.removesuffix('._ufuncs')}.{name.lstrip('_')}"
    if module.startswith("autograd.scipy."):
        return f"{module}.{name}"
    return f"autograd.{name}" if module.startswith("autograd.") else name


def signature_of(rule: Function) -> tuple[inspect.Parameter, ...]:
    """The parameters of a rule; before NumPy 2.3 ufuncs do not tell theirs."""
    try:
        return tuple(inspect.signature(rule).parameters.values())
    except ValueError:
        return ()


@functools.cache
def reads(rule: Function, count: int) -> tuple[bool, ...]:
    """Which of its first arguments a rule reads, `lambda y, a, b: 1 / b` the third; all if it is not in Python."""
    if type(rule) is not FunctionType:
        return (True,) * count
    code = rule.__code__
    steps = [step for step in dis.get_instructions(code) if step.opcode in (*dis.haslocal, *dis.hasfree)]
    named = {name for step in steps for name in re.findall(r"\w+", step.argrepr)}
    taken = code.co_varnames[: code.co_argcount]
    star = code.co_varnames[code.co_argcount + code.co_kwonlyargcount :][: bool(code.co_flags & inspect.CO_VARARGS)]
    rest = not named.isdisjoint(star)
    return tuple(name in named for name in taken[:count]) + (rest,) * (count - len(taken))
