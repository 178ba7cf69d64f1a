"""Means over a whole batch, also where `fit` cuts it into chunks: what a layer asks for that looks across samples."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd import Tensor, all_sum

Where = tuple[str, int]  # which layer, and how many sums the chunk has asked for so far


class Chunk:
    """A part of a batch, in a pass that goes through all parts at once. `exchange(x, where=)` is the sum over all."""

    def __init__(self, exchange: Callable[..., Any]) -> None:
        self.exchange = exchange
        self.asked = 0
        self.statistics: list[tuple[Any, Any]] = []  # of each layer, as it was called, and its statistics in the batch

    def sum(self, x: Any, name: str) -> Any:
        """The sum of `x` over all chunks, which can be differentiated. All must ask for the same ones."""
        self.asked += 1
        return all_sum(x, over=functools.partial(self.exchange, where=(name, self.asked)))


chunk: ContextVar[Chunk | None] = ContextVar("chunk", default=None)


@contextmanager
def alone() -> Iterator[None]:
    """A pass of a chunk by itself, in a model of which no layer that is known looks across samples."""
    token = chunk.set(Chunk(refuse))
    try:
        yield
    finally:
        chunk.reset(token)


def refuse(*_: Any, **__: Any) -> Any:
    """Raise the error for a layer that is not found in the model."""
    raise ValueError(
        "fit: a layer that normalizes over the batch is in use, but not among the model's modules, and would take a "
        "chunk of comm= and chunks= for the whole batch: make it an attribute of the module that calls it"
    )


def count(n: int, name: str) -> int:
    """How many there are in the whole batch, `n` of them here."""
    part = chunk.get()
    return n if part is None else int(part.sum(np.float64(n), name))


def mean(x: Any, axes: tuple[int, ...], n: int, name: str) -> Tensor:
    """The mean over these axes and over all chunks, in which it is of `n` numbers; axes are kept."""
    part = chunk.get()
    found: Tensor = x.mean(axes, keepdims=True) if part is None else part.sum(x.sum(axes, keepdims=True), name) / n
    return found


def follow(layer: Any, *statistics: Any) -> None:
    """Let the layer follow the statistics of a batch, by its method of this name; in chunks once for all of them."""
    part = chunk.get()
    if part is None:
        layer.follow(*statistics)
    else:
        part.statistics.append((layer, statistics))
