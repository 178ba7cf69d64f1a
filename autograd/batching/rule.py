"""Where the rules of batches are stated, and what they have in common: all examples lie along the first axis."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..table import Function

Rule = Callable[..., Any]
RULES_OF_BATCHES: dict[Function, Rule] = {}


def batched(rule: Rule, *functions: Function) -> None:
    """State the rule for a batch of each of these functions."""
    RULES_OF_BATCHES.update(dict.fromkeys(functions, rule))


def rule_for(*functions: Function) -> Callable[[Rule], Rule]:
    """The rule below is for these functions."""

    def state(rule: Rule) -> Rule:
        batched(rule, *functions)
        return rule

    return state


def ndim(x: Any) -> int:
    """The number of axes, also of a list."""
    return x.ndim if hasattr(x, "ndim") else np.ndim(x)


def raised(batch: Any, x: Any, rank: int) -> Any:
    """All examples, each with new axes in front of its own until it has `rank` of them."""
    found = batch.of(x)
    missing = rank - (found.ndim - 1)
    return np.reshape(found, (batch.size, *(1,) * missing, *found.shape[1:])) if missing > 0 else found


def aligned(batch: Any, fun: Function, *args: Any, **kwargs: Any) -> Any:
    """An elementwise function."""
    rank = max(ndim(x) for x in args if not isinstance(x, (np.dtype, type)))
    return fun(*(raised(batch, x, rank) if batch.has(x) else x for x in args), **kwargs)


def shifted(axis: Any, rank: int) -> Any:
    """An axis of an example of so many axes, or a tuple of them, as axes of the batch."""
    if isinstance(axis, (tuple, list, range)):
        return tuple(a + 1 for a in normalize_axis_tuple(axis, rank, allow_duplicate=True))
    return normalize_axis_index(operator.index(axis), rank) + 1
