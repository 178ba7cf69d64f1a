"""The first number that is not finite in a graph, forward or backward, and the reason: found by computing it anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..table import RULES
from .passes import Passed
from .scene import Scene
from .text import expression, number

# What NumPy says when it makes such a number of finite ones.
SAID = {
    "divide by zero": "it is infinite there",
    "overflow": "the result is larger than the largest number of its type",
    "invalid value": "it is not defined there",
}


class Culprit(NamedTuple):
    """A box, the edge at which it was found in the backward pass, and why."""

    box: int
    edge: int | None
    reason: str


def culprit(scene: Scene, symbols: Sequence[str], written: Sequence[str], events: Sequence[Any]) -> Culprit | None:
    """The first number that is not finite; None if all are."""
    for i, box in enumerate(scene.boxes):
        if box.value is not None and not finite(box.value):
            return Culprit(i, None, in_words(scene, i, symbols[i], written[i]))
    for event in events:
        if isinstance(event, Passed) and event.contribution is not None and not finite(event.contribution):
            edge = scene.edges[event.edge]
            x, y = symbols[edge.source], symbols[edge.target]
            fault = "the local derivative" if finite(event.upstream) else "the upstream gradient"
            place = entry_of(event.contribution)
            return Culprit(
                edge.source, event.edge, f"{what(event.contribution)} comes back from {y} to {x}{at(place)}: {fault} is"
                f"{' infinite or not defined there' if finite(event.upstream) else ' not finite'}",
            )  # fmt: skip
    return None


def finite(x: Any) -> bool:
    """Whether all numbers are."""
    return bool(np.all(np.isfinite(np.asarray(x, dtype=np.float64))))


def entry_of(x: Any) -> tuple[int, ...]:
    """The place of the first number that is not finite."""
    return tuple(int(i) for i in np.argwhere(~np.isfinite(np.asarray(x)))[0])


def at(place: tuple[int, ...]) -> str:
    """A place within an array."""
    return f" at {list(place)}" if place else ""


def what(x: Any) -> str:
    """The first number that is not finite, by its name."""
    return str(float(np.asarray(x)[entry_of(x)]) + 0)


def in_words(scene: Scene, i: int, symbol: str, written: str) -> str:
    """Why the value of a box is not finite."""
    box = scene.boxes[i]
    place = entry_of(box.value)
    if box.call is None:
        inside = "what is folded in it made" if box.is_fold else "it was given"
        return f"{symbol} holds {what(box.value)}{at(place)}: {inside} so"
    node, heard = box.nodes[0], []
    values = list(node.values)
    shown = written
    if RULES[node.fun].elementwise:  # type: ignore[index]
        shape = np.shape(box.value)
        values = [np.broadcast_to(value, shape)[place] for value in values]
        shown = expression(box.call, [number(value) for value in values])
    with np.errstate(all="call", under="ignore", call=lambda said, flag: heard.append(said)):
        try:
            node.fun(*map(np.asarray, values), **node.kwargs)  # type: ignore[misc]
        except (ArithmeticError, TypeError, ValueError):
            heard.append("invalid value")
    why = f": {SAID.get(heard[0], heard[0])}" if heard else ""
    return f"{symbol} = {written} is the first that is not finite: {shown} = {what(box.value)}{at(place)}{why}"
