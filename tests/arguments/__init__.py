"""For every function in the derivative table, the strategy that draws valid calls of it, by chapter."""

from __future__ import annotations

from . import (
    choices,
    elementwise,
    linalg,
    masked,
    products,
    reductions,
    sequences,
    statistics,
    structure,
    transforms,
    windows,
)
from .common import Call, Calls, Function

CHAPTERS = [
    elementwise, reductions, structure, masked, statistics, sequences, choices, products, linalg, windows, transforms,
]  # fmt: skip

ARGUMENTS: dict[Function, Calls] = {}
INSTEAD: dict[Function, Function] = {}  # what to call in the place of a function that does not take nodes itself
for chapter in CHAPTERS:
    ARGUMENTS |= chapter.ARGUMENTS | chapter.COMPOSITE_ARGUMENTS
    INSTEAD |= getattr(chapter, "INSTEAD", {})

__all__ = ["ARGUMENTS", "INSTEAD", "Call", "Calls", "Function"]
