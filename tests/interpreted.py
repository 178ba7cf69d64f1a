"""The loops of native programs, run by Python as they are written: what they say, without waiting for a compiler."""

from __future__ import annotations

import functools
import importlib
import math
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

divided: Any = importlib.import_module("autograd.compile.divided")


def like_numba(fun: Callable[[float], Any]) -> Callable[[Any], Any]:
    """A function of math that answers in the dtype of its argument, in double precision to an integer, and with inf or
    NaN where it would raise.
    """

    @functools.wraps(fun)
    def called(x: Any) -> Any:
        try:
            y = fun(x)
        except OverflowError:
            y = math.inf
        except ValueError:
            y = -math.inf if x == 0 and fun is not math.sqrt else math.nan
        return np.asarray(x).dtype.type(y) if np.asarray(x).dtype.kind == "f" and type(y) is not bool else y

    return called


NAMES = ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "tanh", "sinh", "cosh", "atan", "erf", "sqrt", "isfinite")
MATH = types.SimpleNamespace(inf=math.inf, nan=math.nan, **{name: like_numba(getattr(math, name)) for name in NAMES})


def code(source: str, name: str, kinds: Sequence[Any]) -> Callable[..., Any]:
    """In the place of `machine_code`."""
    namespace: dict[str, Any] = {"np": np, "math": MATH}
    exec(divided.divided(source), namespace)

    def run(*args: Any) -> Any:
        numbers = [np.float64(x) if type(x) is float else x for x in args]
        with np.errstate(all="ignore"):
            return namespace[name](*numbers)

    return run


@contextmanager
def interpreted(short: int = 6) -> Iterator[None]:
    """Whatever is compiled natively meanwhile is no machine code. Functions longer than twice `short` are divided."""
    native: Any = importlib.import_module("autograd.compile.native")
    before = native.machine_code, divided.SHORT
    native.machine_code, divided.SHORT = code, short
    try:
        yield
    finally:
        native.machine_code, divided.SHORT = before
