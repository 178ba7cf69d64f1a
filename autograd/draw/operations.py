"""Each operation of a graph as a function of the page, by itself: for secants, and for other data than the graph's."""

from __future__ import annotations

import numpy as np

from ..compile.javascript import javascript
from ..compile.simplify import simplify
from ..compile.trace import Trace
from ..operators import raw
from ..recording import watched
from .secant import precise
from .story import Story


def operations(story: Story, known: set[int]) -> str:
    """A literal of functions, by their boxes: of the operands that are `known`, by their places. Raises NoFormula."""
    parts = [
        f"  {i}: (given) => {{\n{operation(story, i, operands_of(story, i, known))}\n  }},"
        for i, box in enumerate(story.scene.boxes)
        if box.call
    ]
    return "\n".join(["{", *parts, "}"])


def operands_of(story: Story, box: int, known: set[int]) -> dict[int, int]:
    """The operands of a box whose numbers the page has, by their places among the arguments."""
    return {place: source for place, source in story.operands(box).items() if source in known}


def operation(story: Story, box: int, operands: dict[int, int]) -> str:
    """The body of one function, in the precision that small differences need."""
    node, trace = story.scene.boxes[box].nodes[0], Trace()
    try:
        given = {
            place: trace.argument(place, precise(np.asarray(node.values[place])), f"x{place}") for place in operands
        }
        with watched(trace), np.errstate(all="ignore"):
            arguments = [given.get(i, precise(raw(v))) for i, v in enumerate(node.values)]
            result = node.fun(*arguments, **node.kwargs)  # type: ignore[misc]
            program = trace.finish(raw(result))
    finally:
        trace.close()
    with np.errstate(all="ignore"):
        return javascript(simplify(program), lambda op: f"given[{op.place.position}]")
