"""`checkpoint`: memory for time."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from .arrays import StandIn, is_lazy
from .inspecting import name_of
from .node import Node, describe, next_index
from .primitives import primitive
from .recording import enable_grad, recording
from .run import pulled
from .sweep import StaleGraphError, same, toposort
from .table import pullbacks
from .tensor import Tensor

Function = Callable[..., Any]


def checkpoint(f: Function) -> Function:
    """`f`, whose intermediate results are not kept for the backward pass but computed again there: memory for time.

    `f` must give the same result again (no fresh randomness) and return one Tensor. Gradients flow to its arguments and
    to every tensor that it uses besides.
    """

    @functools.wraps(f)
    def light(*args: Any, **kwargs: Any) -> Any:
        start = next_index()
        y = f(*args, **kwargs)
        if isinstance(y, StandIn):  # of many examples (see vmap): their results are kept
            return y
        if not isinstance(y, Tensor):
            raise TypeError(f"checkpoint needs a function that returns one Tensor; {name_of(f)} returned {describe(y)}")
        if not y.requires_grad or isinstance(y._raw, StandIn):  # a compiled program frees what it needs no more
            return y
        inside = toposort([y], since=start)
        used = dict.fromkeys(arg for node in inside for arg, value in zip(node.args, node.values) if arg is not value)
        outside = [node for node in used if node.requires_grad and node not in set(inside)]
        return rerun(Segment(f, args, kwargs, outside, y._raw), *outside)

    return light


class Segment:
    """A call whose graph was thrown away: all that is needed to build it again."""

    def __init__(self, f: Function, args: Any, kwargs: Any, outside: Sequence[Node], result: Any) -> None:
        self.f, self.args, self.kwargs, self.outside, self.result = f, args, kwargs, outside, result

    def pull(self, g: Any) -> list[Any]:
        """The gradients with respect to the nodes outside, from the graph built again."""
        create_graph, start = recording.get().on, next_index()
        with enable_grad():
            y = self.f(*self.args, **self.kwargs)
        if not is_lazy(y) and not same(y._raw, self.result):
            raise StaleGraphError(
                f"the checkpointed {name_of(self.f)} gave another result when it was run again: "
                "the numbers that it uses have changed since, or it draws random numbers of its own"
            )
        return pulled([y], [g], self.outside, create_graph, since=start)


@primitive
def rerun(segment: Segment, *outside: Any) -> Any:
    """The result of a checkpointed call."""
    return segment.result


pullbacks(rerun, every=lambda g, y, segment, *outside: (None, *segment.pull(g)))
