"""HIPS autograd's `autograd.tracer`: what is traced, and the number without its trace. `draw` shows graphs here."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .operators import Operand as Box
from .table import primitive

__all__ = ["Box", "getval", "isbox", "notrace_primitive", "primitive"]


def isbox(x: Any) -> bool:
    """Whether `x` is a node."""
    return isinstance(x, Box)


def getval(x: Any) -> Any:
    """The plain float or array in a node; anything else as it is."""
    if not isinstance(x, Box):
        return x
    return x.item() if x.shape == () else x.numpy()  # type: ignore[attr-defined]


def notrace_primitive(fun: Callable[..., Any]) -> Callable[..., Any]:
    """`fun`, called with plain numbers in the place of nodes: it has no derivative."""

    @functools.wraps(fun, assigned=("__name__", "__doc__"))  # from 3.12 on, of `type` more cannot be taken
    def call(*args: Any, **kwargs: Any) -> Any:
        return fun(*map(getval, args), **kwargs)

    return call
