"""HIPS autograd's `autograd.core`. Its vector spaces and its classes of nodes have no counterpart here."""

from __future__ import annotations

from typing import Any

from .extend import def_linear, defjvp, defjvp_argnum, defjvp_argnums, defvjp, defvjp_argnum, defvjp_argnums
from .tracer import getval, isbox, primitive
from .transforms import Function, jvp, vjp

__all__ = [
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "getval",
    "isbox",
    "make_jvp",
    "make_vjp",
    "primitive",
]


def make_vjp(fun: Function, x: Any) -> tuple[Function, Any]:
    """The pullback of `fun` at `x`, and `fun(x)`: `vjp` in the other order."""
    y, pullback = vjp(fun, x)
    return pullback, y


def make_jvp(fun: Function, x: Any) -> Function:
    """The function that maps a tangent to `fun(x)` and its derivative along it: `jvp` in two steps."""
    return lambda v: jvp(fun, (x,), (v,))
