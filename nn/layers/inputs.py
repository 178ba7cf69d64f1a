"""What enters a layer: its sizes when it is made, its input when it is called."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, asarray

from ..checks import integer
from ..module import one_array


def integers(layer: str, **sizes: Any) -> list[int]:
    """The sizes as integers; TypeError for what is none."""
    found: list[int] = []
    for name, size in sizes.items():
        found.append(integer(f"{layer}: {name}", size))
    return found


def at_least_one(layer: str, **sizes: Any) -> None:
    """Refuse sizes below 1, and those that are no integers."""
    for name, size in zip(sizes, integers(layer, **sizes)):
        if size < 1:
            raise ValueError(f"{layer}: {name} must be at least 1, got {size}")


def as_floats(x: Any) -> Any:
    """A tensor as it is, anything else as an array of floating-point numbers: for layers without parameters."""
    if isinstance(x, Tensor):
        return x
    array = asarray(one_array(x))
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def divisible(layer: str, in_channels: int, out_channels: int, groups: int) -> None:
    """Refuse channels that do not divide into groups of equal size."""
    at_least_one(layer, in_channels=in_channels, out_channels=out_channels, groups=groups)
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"{layer}: {in_channels} and {out_channels} channels do not divide into {groups} groups of equal size"
        )


def chosen_by_data(x: Any) -> Tensor:
    """`x`, whose index or condition a module was given: it is data, which a picture relies on that follows numbers."""
    if isinstance(x, Tensor):
        x.given = True
    return x  # type: ignore[no-any-return]
