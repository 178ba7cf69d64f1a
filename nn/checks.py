"""What an argument may be: an integer, a number. Errors say which argument it is."""

from __future__ import annotations

import math
from contextlib import suppress
from operator import index
from typing import Any

import numpy as np


def integer(label: str, value: Any) -> int:
    """An integer of whatever kind, but no boolean. Raises TypeError that names it by its `label`."""
    if not isinstance(value, bool):
        with suppress(TypeError):
            return index(value)
    raise TypeError(f"{label} is an integer, and {value!r} is none")


def number(label: str, value: Any, low: float, high: float = math.inf) -> float:
    """A number as a Python float (which keeps float32 in float32), if low <= value < high."""
    try:
        if isinstance(value, (str, bytes)) or np.ndim(value):
            raise TypeError("more or less than a number")
        found = float(value)
    except (TypeError, ValueError) as error:
        hint = ""
        if hasattr(value, "attach"):
            hint = " (a schedule goes to fit(schedule=...), or in a loop of your own to schedule.attach(optimizer))"
        raise TypeError(f"{label} must be a number, got {value!r}{hint}") from error
    if not low <= found < high:
        raise ValueError(f"{label} must be at least {low} and below {high}, got {value}")
    return found
