"""Residuals: what a forward pass has computed on the way and the backward pass needs again.

They are there where a call is recorded, and are found by its result as long as that lives. A rule that finds none
computes them anew: of a node, and in a trace most of them, where the same call is made once anyway.
"""

from __future__ import annotations

import weakref
from functools import partial
from typing import Any

import numpy as np

from ..arrays import StandIn
from ..table import Function

LEAVING: dict[Function, Function] = {}  # what computes a function that leaves residuals, if its call is recorded
TRACED: dict[Function, Function] = {}  # those that leave them in a trace, too
RESIDUALS: dict[int, tuple[weakref.ref[Any], Any]] = {}  # by the id of the result, which takes them along when it goes


def leaves_residuals(fun: Function, way: Function, in_traces: bool = False) -> None:
    """State that `way`, called as `fun` is, gives its result, a new array, and the residuals of that.

    It may be one that a trace can follow: there what turns of a loop leave to those of another is not found otherwise.
    """
    LEAVING[fun] = way
    if in_traces:
        TRACED[fun] = way


def noted(y: Any, residuals: Any) -> Any:
    """The result `y`, which has these residuals."""
    if type(y) is np.ndarray or (isinstance(y, StandIn) and not y.takes_over):
        RESIDUALS[id(y)] = weakref.ref(y, partial(RESIDUALS.pop, id(y))), residuals
    return y


def residuals_of(y: Any) -> Any:
    """The residuals of a result; None if there are none."""
    found = RESIDUALS.get(id(y)) if type(y) is np.ndarray or isinstance(y, StandIn) else None
    return None if found is None else found[1]
