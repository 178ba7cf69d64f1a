"""HIPS autograd's `autograd.wrap_util`: operators on functions of one argument, for functions of several."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .inspecting import name_of
from .run import by_position, indices

__all__ = ["unary_to_nary"]

Function = Callable[..., Any]


def unary_to_nary(unary_operator: Function) -> Function:
    """`operator(f, x)` as `operator(f, argnum=0)(*args)`: `x` is the argument `argnum` of `f`, or a tuple of several.

    What follows `argnum` goes on to `unary_operator`.

    >>> doubled = unary_to_nary(lambda f, x: 2 * f(x))
    >>> doubled(pow, 1)(2, 3)
    16
    """

    @functools.wraps(unary_operator)
    def nary_operator(fun: Function, argnum: Any = 0, *options: Any, **named: Any) -> Function:
        chosen = indices(argnum)
        single = isinstance(chosen, int)
        wanted = (chosen,) if isinstance(chosen, int) else chosen

        @functools.wraps(fun)
        def at(*args: Any, **kwargs: Any) -> Any:
            args, kwargs, positions = by_position(fun, wanted, args, kwargs)  # type: ignore[assignment]

            def of_one(x: Any) -> Any:
                full = list(args)
                for position, part in zip(positions, (x,) if single else x):
                    full[position] = part
                return fun(*full, **kwargs)

            of_one.__name__ = name_of(fun)
            given = tuple(args[position] for position in positions)
            return unary_operator(of_one, given[0] if single else given, *options, **named)

        return at

    return nary_operator
