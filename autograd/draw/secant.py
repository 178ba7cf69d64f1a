"""Derivatives beside secants: a function of one number, computed anew at x + h for smaller and smaller h.

The functions are those of the graph. No derivative is computed here: the slope of the tangent is the engine's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..node import Node
from ..sweep import toposort
from ..table import RULES, Function
from .derivatives import partial
from .passes import Passed
from .scene import Edge
from .story import Story
from .terms import PLACE

POINTS = 33  # of the curve
STEPS = 2.0 ** -np.arange(-1, 21)  # h, from 2 down to 1e-6: far below, rounding wins
BUDGET = 150_000  # operations on numbers or small arrays: about a second
TOO_LARGE = "It would take too long to compute this function anew for so large a graph."
NOT_FINITE = "The function or its derivative is not finite here: there is no tangent to draw."
EMPTY = "There are no numbers here."
ENTRY, AT_ENTRY = f"{PLACE}entry]", f"{PLACE}at entry]"  # where the page writes which entry
WEIGHT = 1000  # an operation on so many numbers counts as one more


@dataclass(frozen=True)
class Secant:
    """A function near `x`, where it is `y`: `POINTS` points of its curve in x +- `reach`, to draw, and the `slopes` of
    the secants through x and x + h for each h of STEPS.

    `slope` is the derivative at x that the engine found. Numbers that are not finite are None.
    """

    x: float
    y: float
    slope: float
    reach: float
    curve: Sequence[float | None]
    slopes: Sequence[float | None]


class Budget:
    """How much may still be computed for the checks of one page."""

    def __init__(self) -> None:
        self.left = float(BUDGET)

    def allows(self, nodes: Sequence[Node]) -> bool:
        """Whether a check that computes these nodes at every point can be paid for; then it is."""
        price = (POINTS + len(STEPS) + 1) * sum(1 + np.size(node._raw) / WEIGHT for node in nodes)
        if price > self.left:
            return False
        self.left -= price
        return True


def secant(f: Function, x: float, slope: float) -> Secant | None:
    """The function `f` near `x`, where its derivative should be `slope`; None where one of these is not finite."""
    reach = float(STEPS[0]) * max(1.0, abs(x) / 8)

    def at(t: float) -> float | None:
        try:
            return number_if_finite(f(t))
        except (ArithmeticError, ValueError):  # a function of the user's own, on plain numbers
            return None

    with np.errstate(all="ignore"):
        y = at(x)
        if y is None or number_if_finite(x) is None or number_if_finite(slope) is None:
            return None
        curve = [rounded(at(float(t))) for t in np.linspace(x - reach, x + reach, POINTS)]
        ends = [(h, at(x + h)) for h in STEPS.tolist()]
        return Secant(
            x, y, slope, reach, curve, [None if end is None else number_if_finite((end - y) / h) for h, end in ends]
        )


def number_if_finite(y: Any) -> float | None:
    """A number, if it is finite."""
    return float(y) if np.isfinite(y) else None


def rounded(y: float | None) -> float | None:
    """To the precision of a picture."""
    return None if y is None else float(f"{y:.6g}")


def largest(c: Any) -> tuple[int, ...]:
    """The place of the entry that matters most: the largest in size."""
    return tuple(map(int, np.unravel_index(int(np.argmax(np.abs(np.nan_to_num(c)))), np.shape(c))))


def computed(node: Node, values: Sequence[Any]) -> Any:
    """What the operation of a node makes of other numbers."""
    return node.fun(*values, **node.kwargs)  # type: ignore[misc]


def precise(value: Any) -> Any:
    """The same numbers with the precision that small differences need."""
    floating = isinstance(value, (np.ndarray, np.floating)) and value.dtype.kind == "f"
    return value.astype(np.float64) if floating else value


def moved(value: Any, entry: tuple[int, ...], t: float) -> Any:
    """`value` with one entry set to `t`."""
    if not np.shape(value):
        return np.float64(t)
    value = np.array(value, dtype=np.float64)
    value[entry] = t
    return value


def of_entry(node: Node, place: int, entry: tuple[int, ...]) -> tuple[Function, float]:
    """An elementwise operation at one entry of its result as a function of its argument at `place`; and where it is."""
    shape = np.shape(node._raw)
    values = [precise(np.broadcast_to(v, shape)[entry] if np.shape(v) else v) for v in node.values]

    def f(t: float) -> Any:
        return computed(node, [*values[:place], np.float64(t), *values[place + 1 :]])

    return f, float(values[place])


def of_operation(node: Node, place: int, entry: tuple[int, ...], upstream: Any) -> tuple[Function, float]:
    """The sum of the entries of any operation's result, each weighted with its upstream gradient, as a function of
    one entry of its argument at `place`; and where it is. Its derivative is that entry of the contribution.
    """
    values = [precise(value) for value in node.values]

    def f(t: float) -> Any:
        return np.sum(
            upstream * computed(node, [*values[:place], moved(values[place], entry, t), *values[place + 1 :]])
        )

    return f, float(np.asarray(values[place])[entry])


def of_graph(order: Sequence[Node], changed: Node, value: Any, entry: tuple[int, ...]) -> tuple[Function, float]:
    """The sum of the last node of `order` as a function of one entry of `changed`, whose numbers are `value`."""

    def f(t: float) -> Any:
        anew: dict[Node, Any] = {changed: moved(value, entry, t)}
        for node in order:
            if any(arg in anew for arg, v in zip(node.args, node.values) if arg is not v):
                arguments = [anew.get(arg, v) if arg is not v else v for arg, v in zip(node.args, node.values)]
                anew[node] = computed(node, [precise(argument) for argument in arguments])
        return np.sum(anew[order[-1]])

    return f, float(np.asarray(value)[entry])


# --- Checks ---------------------------------------------------------------------------------------------------------


def words_of_edge(story: Story, edge: Edge, at: str, of: str) -> tuple[str, str]:
    """What the check of a derivative is called, and what it is, at an entry: " at [0, 1]", or "[0, 1]"."""
    x, y = story.symbols[edge.source], story.symbols[edge.target]
    if RULES[story.scene.boxes[edge.target].nodes[0].fun].elementwise:  # type: ignore[index]
        return f"∂{y}/∂{x}{story.which(edge)}{at}", f"{y} as a function of {x} alone{at}"
    about = f"the entries of {y} times their upstream gradients, summed, as a function of {x}{of} alone"
    return f"contribution to {x}{of}", about


def words_of_box(story: Story, i: int, of: str) -> tuple[str, str]:
    """The same of a gradient of the whole graph."""
    moved = f"{story.symbols[i]}{of}"
    about = f"{story.objective} as a function of {moved}, all that follows computed anew"
    return f"∂{story.objective}/∂{moved}, whole graph", about


def edge_check(story: Story, edge: Edge, place: int, passed: Passed, budget: Budget) -> dict[str, Any] | str:
    """The derivative of an operation by its argument at `place` beside a secant."""
    node = story.scene.boxes[edge.target].nodes[0]
    if not np.size(passed.contribution):
        return EMPTY
    if not budget.allows([node]):
        return TOO_LARGE
    if RULES[node.fun].elementwise:  # type: ignore[index]
        p = np.broadcast_to(partial(node, place), np.shape(node._raw))
        entry = largest(passed.upstream * p)
        f, at = of_entry(node, place, entry)
        slope = p[entry]
    else:
        entry = largest(passed.contribution)
        f, at = of_operation(node, place, entry, passed.upstream)
        slope = np.asarray(passed.contribution)[entry]
    of = f"{list(entry)}" if entry else ""
    return check(*words_of_edge(story, edge, f" at {of}" if of else "", of), f, at, slope)


def graph_checks(story: Story) -> dict[int, dict[str, Any] | str]:
    """The gradient of each box beside a secant of the whole graph: first of the leaves, while it does not take long."""
    scene, budget = story.scene, Budget()
    found: dict[int, dict[str, Any] | str] = {}
    order = toposort([scene.root])[::-1]
    first: dict[Node, int] = {}
    for k, node in enumerate(order):
        for arg in node.args:
            if isinstance(arg, Node):
                first.setdefault(arg, k)
    for i in sorted(story.final, key=lambda i: scene.boxes[i].call is not None):
        node, gradient = scene.boxes[i].nodes[0], story.final[i]
        later = [] if scene.boxes[i].is_fold else order[first.get(node, len(order)) :]
        if later and not (np.size(gradient) and budget.allows(later)):
            found[i] = TOO_LARGE if np.size(gradient) else EMPTY
        elif later:
            entry = largest(gradient)
            f, at = of_graph(later, node, scene.boxes[i].value, entry)
            words = words_of_box(story, i, f"{list(entry)}" if entry else "")
            found[i] = check(*words, f, at, np.asarray(gradient)[entry])
    return found


def check(name: str, about: str, f: Function, at: float, slope: Any) -> dict[str, Any] | str:
    """A derivative and its secants, for the page; or why there are none."""
    made = secant(f, at, float(slope))
    return NOT_FINITE if made is None else {"name": name, "about": about} | asdict(made)
