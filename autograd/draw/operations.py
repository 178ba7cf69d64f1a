"""What each box computes as a function of the page, by itself: for secants, and for other data than the graph's."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..compile.javascript import javascript
from ..compile.simplify import simplify
from ..compile.trace import Trace
from ..node import Node
from ..operators import raw
from ..recording import watched
from .points import Points
from .secant import precise

Operands = dict[int, list[tuple[int, int]]]


def operations(points: Points, operands: Operands) -> str:
    """A literal of functions, by their boxes: of the `operands`, by their places. Raises NoFormula."""
    parts = [f"  {i}: (given) => {{\n{operation(points, i, pairs)}\n  }}," for i, pairs in operands.items()]
    return "\n".join(["{", *parts, "}"])


def operation(points: Points, i: int, operands: list[tuple[int, int]]) -> str:
    """The body of one function, in the precision that small differences need. A fold answers with all its points."""
    box, trace = points.boxes[i], Trace()
    try:
        given = {k: trace.argument(k, precise(np.asarray(points.value(point))), f"x{k}") for k, point in operands}
        at = {point: given[k] for k, point in operands}
        anew: dict[Node, Any] = {}
        with watched(trace), np.errstate(all="ignore"):
            for node in points.operations(box):
                anew[node] = node.fun(*(  # type: ignore[misc]
                    given.get(k, precise(raw(v))) if box.call
                    else precise(raw(v)) if arg is v
                    else anew.get(arg, at.get(points.of[arg], precise(raw(v))))
                    for k, (arg, v) in enumerate(zip(node.args, node.values))
                ), **node.kwargs)  # fmt: skip
            found = {points.of[node]: raw(x) for node, x in anew.items()}
            program = trace.finish(found[i] if box.call else found)
    finally:
        trace.close()
    with np.errstate(all="ignore"):
        return javascript(simplify(program), lambda op: f"given[{op.place.position}]")
