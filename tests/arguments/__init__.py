"""For every function in the derivative table, the strategy that draws valid calls of it, by chapter."""

from __future__ import annotations

from . import elementwise, linalg, products, reductions, structure, transforms, windows
from .common import Call, Calls, Function

CHAPTERS = [elementwise, reductions, structure, products, linalg, windows, transforms]

ARGUMENTS: dict[Function, Calls] = {}
INSTEAD: dict[Function, Function] = {}  # what to call in the place of a function that does not take nodes itself
for chapter in CHAPTERS:
    ARGUMENTS |= chapter.ARGUMENTS | chapter.COMPOSITE_ARGUMENTS
    INSTEAD |= getattr(chapter, "INSTEAD", {})

__all__ = ["ARGUMENTS", "INSTEAD", "Call", "Calls", "Function"]
