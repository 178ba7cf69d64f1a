"""From the losses of all rows to one number, and what others may ask about that: `reported`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np

from autograd import Tensor, scoped

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, eq=False)
class Report:
    """A call of a loss: which one, of which prediction, and how its number was made of the losses of the rows.

    `weights` are those of the losses where they differ, in their shape; `ignored` the label of those that do not count.
    """

    loss: Callable[..., Tensor]
    prediction: Tensor
    result: Tensor
    reduction: str
    size: int
    weights: Any = None
    ignored: int | None = None

    @property
    def weight(self) -> Any:
        """What the mean divided by; None for a sum, which divides by nothing."""
        if self.reduction == "sum":
            return None
        return self.size if self.weights is None else self.weights.sum()


reports: ContextVar[list[Report] | None] = ContextVar("reports", default=None)


@contextmanager
def reported() -> Iterator[list[Report]]:
    """A block in which the losses of this library report what they do."""
    found: list[Report] = []
    token = reports.set(found)
    try:
        yield found
    finally:
        reports.reset(token)


def framed(loss: F) -> F:
    """`loss`, whose operations a picture shows in one frame, as it shows those of a module."""

    @functools.wraps(loss)
    def call(*args: Any, **kwargs: Any) -> Any:
        return scoped("loss", loss.__name__, loss, *args, **kwargs)

    return cast(F, call)


def reduced(
    loss: Callable[..., Tensor],
    prediction: Tensor,
    losses: Tensor,
    reduction: str,
    weights: Any = None,
    ignored: int | None = None,
) -> Tensor:
    """The mean of the losses, their sum, or all of them. They are weighted already: the mean divides by `weights`."""
    if reduction == "mean":
        if weights is None:
            result = losses.mean()
        else:
            count = weights.sum()  # of no weight at all the mean is 0
            result = losses.sum() / np.where(np.equal(count, 0), 1, count)
    elif reduction == "sum":
        result = losses.sum()
    elif reduction == "none":
        result = losses
    else:
        raise ValueError(f'reduction is "mean", "sum" or "none", not {reduction!r}')
    found = reports.get()
    if found is not None:
        found.append(Report(loss, prediction, result, reduction, losses.size, weights, ignored))
    return result
