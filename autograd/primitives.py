"""Functions of the project's own that nodes may meet, and other ways to compute what a function stands for.

NumPy's functions ask nodes by its protocols; `primitive` makes a function of ours ask them, too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import kind_of
from .table import Function

BARE: dict[Function, Function] = {}  # what computes a function where all its arguments are numbers and plain arrays
ANYWHERE: dict[Function, Function] = {}  # and what computes one where some of them live elsewhere, if it cannot itself
NO_NODES = frozenset({np.ndarray, np.float64, np.float32, float, int, bool, str, tuple, type(None)})


def primitive(fun: Function) -> Function:
    """Make `fun`, a function of arrays, callable on nodes; its derivative is stated with `partials` or `pullbacks`.

    >>> from autograd import partials
    >>> @primitive
    ... def cube(x):
    ...     return x * x * x
    >>> partials(cube, lambda y, x: 3 * x * x)
    """

    @functools.wraps(fun)
    def call(*args: Any, **kwargs: Any) -> Any:
        compute = fun
        for arg in args:
            if type(arg) not in NO_NODES:
                if hasattr(arg, "_apply"):  # a node: it records the call
                    return arg.__array_function__(call, (), args, kwargs)
                if call in ANYWHERE and kind_of(arg) is not None:
                    compute = ANYWHERE[call]
        return compute(*args, **kwargs)

    BARE[call] = fun
    return call


def anywhere(fun: Function) -> Callable[[Function], Function]:
    """State how `fun`, written for NumPy's arrays, is computed of those that live elsewhere, by their libraries.

    >>> @primitive
    ... def doubled(x):
    ...     return np.add(x, x, out=np.empty_like(x))
    >>> @anywhere(doubled)
    ... def _(x):
    ...     return x + x
    """

    def state(way: Function) -> Function:
        ANYWHERE[fun] = way
        return way

    return state
