"""Functions along axes: each axis is one further from the front."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..rules.gates import lstm_cell_state, lstm_gates, lstm_hidden_state
from ..rules.linalg import p_norm
from ..rules.reductions import (
    log_softmax,
    logsumexp,
    nll,
    recurrence,
    softmax,
    softmax_cross_entropy,
    surplus,
)  # fmt: skip
from ..rules.statistics import standardized
from ..rules.structure import ascending
from ..table import Function
from .rule import Rule, batched, rule_for, shifted


def rows(batch: Any, fun: Function, *args: Any, **kwargs: Any) -> Any:
    """A function of stacks of rows, (..., n), and of what belongs to each row, (...)."""
    return fun(*map(batch.of, args), **kwargs)


def over(default: Any) -> Rule:
    """A function over `axis`: an integer, a tuple, or None for all axes."""

    def rule(batch: Any, fun: Function, x: Any, *others: Any, axis: Any = default, **kwargs: Any) -> Any:
        if any(map(batch.has, [*others, *kwargs.values()])):
            return NotImplemented
        axes = tuple(range(1, x.ndim + 1)) if axis is None else shifted(axis, x.ndim)
        return fun(batch.of(x), *others, axis=axes, **kwargs)

    return rule


def along(default: int | None) -> Rule:
    """A function along one `axis`; None is all elements in a row."""

    def rule(batch: Any, fun: Function, x: Any, *others: Any, axis: Any = default, **kwargs: Any) -> Any:
        if any(map(batch.has, others)) or (axis is None and kwargs.get("keepdims")):
            return NotImplemented
        if axis is None:
            return fun(np.reshape(batch.of(x), (batch.size, x.size)), *others, axis=1, **kwargs)
        return fun(batch.of(x), *others, axis=shifted(axis, x.ndim), **kwargs)

    return rule


def turned_over(batch: Any, fun: Function, x: Any, axis: Any = None) -> Any:
    """np.flip."""
    return fun(batch.of(x), tuple(range(1, x.ndim + 1)) if axis is None else shifted(axis, x.ndim))


def rolled(batch: Any, fun: Function, x: Any, shift: Any, axis: Any = None) -> Any:
    """np.roll."""
    if batch.has(shift):
        return NotImplemented
    if axis is None:
        return np.reshape(fun(np.reshape(batch.of(x), (batch.size, x.size)), np.sum(shift), 1), (batch.size, *x.shape))
    return fun(batch.of(x), shift, shifted(axis, x.ndim))


def down(batch: Any, fun: Function, *arrays: Any) -> Any:
    """A function that goes down the first axis of each array."""
    return np.moveaxis(fun(*(np.moveaxis(batch.of(x), 0, 1) for x in arrays)), 1, 0)


batched(over(None), np.sum, np.prod, np.max, np.min, np.mean, np.var, np.std, np.any, np.all, np.nanmax, np.nanmin,
        np.count_nonzero, logsumexp)  # fmt: skip
batched(over(-1), softmax, log_softmax, standardized)
batched(along(None), np.cumsum, np.cumprod, np.argmax, np.argmin)
batched(along(-1), np.argsort, ascending)
batched(along(0), np.maximum.accumulate, np.minimum.accumulate, np.add.reduceat)
batched(turned_over, np.flip)
batched(rolled, np.roll)
batched(down, recurrence)
batched(rows, nll, softmax_cross_entropy, surplus, lstm_gates, lstm_cell_state, lstm_hidden_state)


@rule_for(p_norm)
def norms(batch: Any, fun: Function, x: Any, ord: Any = 2, axis: Any = None, keepdims: bool = False) -> Any:
    """(sum of |x|**ord over axes) ** (1/ord)."""
    axes = tuple(range(1, x.ndim + 1)) if axis is None else shifted(axis, x.ndim)
    return NotImplemented if len(np.atleast_1d(axes)) > 2 else fun(batch.of(x), ord=ord, axis=axes, keepdims=keepdims)
