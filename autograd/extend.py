"""HIPS autograd's way to state derivatives: `from autograd.extend import primitive, defvjp`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from .numpy.numpy_vspaces import VSpace, vspace
from .table import pullbacks
from .tracer import Box, notrace_primitive, primitive

__all__ = [
    "Box",
    "VSpace",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "notrace_primitive",
    "primitive",
    "vspace",
]

Function = Callable[..., Any]


def defvjp(fun: Function, *makers: Function | None, argnums: Sequence[int] | None = None) -> None:
    """State the pullbacks of `fun`: `maker(ans, *args, **kwargs)` gives the function of the upstream gradient `g`.

    `argnums` are the arguments they belong to, the first ones by default; None is an argument whose derivative is 0.
    """
    positions = range(len(makers)) if argnums is None else argnums
    stated = {i: 0 if maker is None else pullback(maker) for i, maker in zip(positions, makers)}
    pullbacks(of_numpy(fun), *(stated.get(i) for i in range(max(stated, default=-1) + 1)))


def pullback(maker: Function) -> Function:
    """A maker as the table states it."""
    return lambda g, y, *args, **kwargs: maker(y, *args, **kwargs)(g)


def defvjp_argnum(fun: Function, maker: Function) -> None:
    """State the pullbacks of `fun`, all in one: `maker(argnum, ans, args, kwargs)` gives the function of `g`."""
    defvjp_argnums(fun, lambda argnums, *call: lambda g: [maker(i, *call)(g) for i in argnums])


def defvjp_argnums(fun: Function, maker: Function) -> None:
    """The same: `maker(argnums, ans, args, kwargs)` gives a function of `g` that has a result for each argument."""

    def one(i: int, g: Any, y: Any, *args: Any, **kwargs: Any) -> Any:
        return next(iter(maker((i,), y, args, kwargs)(g)))

    def every(g: Any, y: Any, *args: Any, **kwargs: Any) -> Any:
        return [one(i, g, y, *args, **kwargs) for i in range(len(args))]

    parameters = inspect.signature(fun).parameters.values()
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        pullbacks(of_numpy(fun), every=every)
    else:  # an argument that has a default says how to compute, and goes by keyword
        values = [p for p in parameters if p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD]
        pullbacks(of_numpy(fun), *(functools.partial(one, i) for i in range(len(values))))


def of_numpy(fun: Function) -> Function:
    """The function of NumPy that one of `autograd.numpy` stands for; any other function itself."""
    return getattr(fun, "of_numpy", fun)


def defjvp(fun: Function, *rules: Any, argnums: Sequence[int] | None = None) -> None:
    """Nothing: here forward mode follows from the pullbacks."""


def defjvp_argnum(fun: Function, maker: Function) -> None:
    """Nothing, as `defjvp`."""


def defjvp_argnums(fun: Function, maker: Function) -> None:
    """Nothing, as `defjvp`."""


def def_linear(fun: Function) -> None:
    """Nothing, as `defjvp`: a linear function has pullbacks, too."""
