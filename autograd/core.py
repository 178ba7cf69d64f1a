"""HIPS autograd's `autograd.core`. Its classes of nodes have no counterpart here."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from . import tracer
from .extend import (
    VSpace,
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    vspace,
)
from .table import RULES as primitive_vjps
from .tracer import getval, isbox
from .transforms import Function, jvp, vjp

__all__ = [
    "VSpace",
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
    "primitive_vjps",
    "vspace",
]


def make_vjp(fun: Function, x: Any) -> tuple[Function, Any]:
    """The pullback of `fun` at `x`, and `fun(x)`: `vjp` in the other order."""
    y, pullback = vjp(fun, x)
    return pullback, y


def make_jvp(fun: Function, x: Any) -> Function:
    """The function that maps a tangent to `fun(x)` and its derivative along it: `jvp` in two steps."""
    return lambda v: jvp(fun, (x,), (v,))


def primitive(fun: Function) -> Function:
    """As `autograd.extend.primitive`, with the methods `defvjp`, `defgrad` and `defvjp_is_zero`, deprecated there."""
    made = tracer.primitive(fun)
    stated: dict[int, Function | None] = {}

    def state(maker: Function | None, argnum: int) -> None:
        warnings.warn("this method is deprecated: autograd.extend.defvjp", DeprecationWarning, stacklevel=3)
        stated[argnum] = maker
        defvjp(made, *stated.values(), argnums=list(stated))

    def defgrad(maker: Function, argnum: int = 0) -> None:
        state(maker, argnum)

    def defvjp_unstaged(maker: Function, argnum: int = 0) -> None:
        def staged(ans: Any, *args: Any, **kwargs: Any) -> Function:
            return lambda g: maker(g, ans, vspace(args[argnum]), vspace(g), *args, **kwargs)

        state(staged, argnum)

    def defvjp_is_zero(argnums: Iterable[int] = (0,)) -> None:
        for argnum in argnums:
            state(None, argnum)

    made.defgrad, made.defvjp, made.defvjp_is_zero = defgrad, defvjp_unstaged, defvjp_is_zero  # type: ignore[attr-defined]
    return made
