"""For every function in the derivative table, the strategy that draws valid calls of it, by chapter."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, seed, settings

from autograd.inspecting import name_of
from autograd.table import COMPOSITES, RULES

from . import (
    across,
    choices,
    elementwise,
    gates,
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
    across, gates,
]  # fmt: skip


def of_a_chapter(fun: Function) -> bool:
    """Whether a function is of a library that not everybody imports."""
    of_dask = getattr(fun, "__module__", None) == "autograd.blocks"
    return of_dask or name_of(fun).startswith(("scipy.", "autograd.scipy."))


ARGUMENTS: dict[Function, Calls] = {}
INSTEAD: dict[Function, Function] = {}  # what to call in the place of a function that does not take nodes itself
for chapter in CHAPTERS:
    ARGUMENTS |= chapter.ARGUMENTS | chapter.COMPOSITE_ARGUMENTS
    INSTEAD |= getattr(chapter, "INSTEAD", {})

# Without chapters that are read when they are needed: they have tests of their own. A function may have a rule and be
# made of others as well.
TABLE: list[Function] = [fun for fun in dict.fromkeys([*RULES, *COMPOSITES]) if not of_a_chapter(fun)]
ELEMENTWISE: list[Function] = [fun for fun in TABLE if fun in RULES and RULES[fun].elementwise]


def some_calls(fun: Function, count: int, number: int) -> list[Call]:
    """As many valid calls of `fun`, the same for the same number."""
    found: list[Call] = []

    @seed(number)
    @settings(max_examples=count, phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(ARGUMENTS[fun])
    def collect(call: Call) -> None:
        found.append(call)

    collect()
    return found


__all__ = ["ARGUMENTS", "ELEMENTWISE", "INSTEAD", "TABLE", "Call", "Calls", "Function", "some_calls"]
