"""What hyperparameters may be: checks that say so by name, `check(label, value) -> value`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Check = Callable[[str, Any], Any]


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


def nonnegative(label: str, value: Any) -> float:
    """A finite number from 0."""
    return number(label, value, 0)


def fraction(label: str, value: Any) -> float:
    """A number from 0 and below 1, as a decay rate is."""
    return number(label, value, 0, 1)


def fractions(label: str, value: Any) -> tuple[float, float]:
    """Two decay rates."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{label} must be two numbers, such as (0.9, 0.999), got {value!r}")
    return fraction(f"{label}[0]", value[0]), fraction(f"{label}[1]", value[1])


def flag(label: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, (bool, int, np.bool_)) or value not in (0, 1):
        raise TypeError(f"{label} must be True or False, got {value!r}")
    return bool(value)
