"""Residuals: what a forward pass has computed on the way and the backward pass needs again.

They are there where a call is recorded, and are found by its result as long as that lives. A rule that finds none
computes them anew: of a node, in a trace.
"""

from __future__ import annotations

import weakref
from functools import partial
from typing import Any

import numpy as np

from ..table import Function

LEAVING: dict[Function, Function] = {}  # what computes a function that leaves residuals, if its call is recorded
RESIDUALS: dict[int, tuple[weakref.ref[Any], Any]] = {}  # by the id of the result, which takes them along when it goes


def leaves_residuals(fun: Function, way: Function) -> None:
    """State that `way`, called as `fun` is, gives its result, a new array, and the residuals of that."""
    LEAVING[fun] = way


def noted(y: Any, residuals: Any) -> Any:
    """The result `y`, which has these residuals."""
    if type(y) is np.ndarray:
        RESIDUALS[id(y)] = weakref.ref(y, partial(RESIDUALS.pop, id(y))), residuals
    return y


def residuals_of(y: Any) -> Any:
    """The residuals of a result; None if there are none."""
    found = RESIDUALS.get(id(y)) if type(y) is np.ndarray else None
    return None if found is None else found[1]
