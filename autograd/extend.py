"""HIPS autograd's way to state derivatives: `from autograd.extend import primitive, defvjp`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .table import primitive, pullbacks

__all__ = ["defjvp", "defvjp", "primitive"]

Function = Callable[..., Any]


def defvjp(fun: Function, *makers: Function | None, argnums: Sequence[int] | None = None) -> None:
    """State the pullbacks of `fun`: `maker(ans, *args, **kwargs)` gives the function of the upstream gradient `g`.

    `argnums` are the arguments they belong to, the first ones by default; None is an argument whose derivative is 0.
    """
    positions = range(len(makers)) if argnums is None else argnums
    stated = {i: 0 if maker is None else pullback(maker) for i, maker in zip(positions, makers, strict=True)}
    pullbacks(fun, *(stated.get(i) for i in range(max(stated, default=-1) + 1)))


def pullback(maker: Function) -> Function:
    """A maker as the table states it."""
    return lambda g, y, *args, **kwargs: maker(y, *args, **kwargs)(g)


def defjvp(fun: Function, *rules: Any, argnums: Sequence[int] | None = None) -> None:
    """Nothing: here forward mode follows from the pullbacks."""
