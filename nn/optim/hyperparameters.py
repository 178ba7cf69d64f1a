"""What hyperparameters may be: checks that say so by name, `check(label, value) -> value`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..checks import number

Check = Callable[[str, Any], Any]


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
