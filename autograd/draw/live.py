"""What makes the player's page live: the graph computed anew in the page, forward and backward, from other numbers.

The graph is `fun(*args)`, so it is run once more under a trace, with the engine's own sweep. What is written down is
printed as JavaScript (`compile.javascript`). No derivative is written here, and none in the page.
"""

from __future__ import annotations

import operator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ..compile.javascript import javascript
from ..compile.program import Argument, Op, Program, Slot
from ..compile.refusal import TraceError
from ..compile.simplify import simplify
from ..compile.trace import Trace
from ..compile.written import NoFormula
from ..node import Node
from ..operators import raw
from ..recording import watched
from ..rules.structure import add_at, scatter, set_at
from ..sweep import sweep
from ..table import RULES
from ..trees import leaves
from .derivatives import partial
from .dot import PER_DECADE, THINNEST, WIDEST
from .operations import operations
from .points import Points
from .region import Region, region
from .scene import Scene, kind_of_leaf, sorted_arguments
from .secant import AT_ENTRY, ENTRY, NOT_FINITE
from .story import Story
from .terms import PLACE
from .text import in_full, rows, shorten

ABOUT = (
    "Drag a number to the left or to the right, here or in the picture, type another, or use the arrow keys: "
    "everything is computed anew."
)
UNKNOWN = (
    "an index or a condition of plain numbers would not follow those that it came from (a graph that is made inside "
    "“with autograd.debug.lines():”, without comparing numbers of its own, knows that they are data; and "
    "np.where(np.heaviside(x, 0), ...) follows x, where x > 0 does not)"
)
STATIC = "The numbers of this page cannot be changed"
INDEXED = {operator.getitem, scatter, add_at, set_at}
MAX_NUMBERS = 20_000  # a page that computes more at each change would not follow the hand


@dataclass(frozen=True)
class Live:
    """The program of a page, `script`, and the points whose numbers can be changed; or the reason why there is none.

    `operations` are those of the boxes, each by itself, and `operands` what they are computed from: places, and points.
    """

    script: str = ""
    operations: str = "{}"
    points: Points | None = None
    operands: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    region: Region | None = None
    reason: str = ""


class Passes(Trace):
    """A trace that also keeps what the sweep hands from node to node."""

    def __init__(self) -> None:
        super().__init__()
        self.given: dict[Node, list[tuple[Node, Any]]] = {}

    def contributed(self, node: Node, arg: Node, g: Any, c: Any) -> None:
        """Keep what `node` gives to the gradient of `arg`."""
        super().contributed(node, arg, g, c)
        self.given.setdefault(node, []).append((arg, c))

    def by_place(self, node: Node) -> dict[int, Any]:
        """What an operation gave to its arguments, by their places: the sweep goes through them in this order."""
        left, found = list(self.given.get(node, ())), {}
        for i, arg in enumerate(node.args):
            if left and arg is left[0][0]:
                found[i] = left.pop(0)[1]
        return found


def live(story: Story) -> Live:
    """The program of a story's graph."""
    scene = story.scene
    if any(node.hooks for box in scene.boxes for node in box.nodes):
        return Live(reason="a hook changes a gradient")
    if scene.root.is_leaf:
        return Live(reason="nothing is computed")
    if any(decides(node) for box in scene.boxes for node in box.nodes if not getattr(node, "given", False)):
        return Live(reason=UNKNOWN)
    points = Points(story)
    plain = [box.value for box in scene.boxes if not box.nodes]
    numbers = sum(map(np.size, [*plain, *points.numbers.values()]))
    if numbers > MAX_NUMBERS:
        return Live(reason=f"the graph has {numbers:,} numbers")
    try:
        program = traced(story, points)
        with np.errstate(all="ignore"):
            script = javascript(program, lambda op: f"inputs[{position(op)}]")
        known = {*points.inputs, *points.of.values()}
        operands = {i: [(k, point) for k, point in points.operands(i).items() if point in known]
                    for i, box in enumerate(scene.boxes) if box.call or box.folded.operations}  # fmt: skip
        alone = operations(points, operands)
    except (NoFormula, TraceError) as error:
        return Live(reason=str(error).partition("\n")[0])
    return Live(script, alone, points, operands, region(story, points.inputs))


def decides(node: Node) -> bool:
    """Whether an operation has an index or a condition of plain numbers: what they were computed from is not known."""
    plain = [x for arg, v in zip(node.args, node.values) if arg is v for x in leaves(v) if isinstance(x, np.ndarray)]
    return any(x.dtype.kind == "b" or (x.dtype.kind in "iu" and node.fun in INDEXED) for x in plain)


def data_of(made: Live, story: Story) -> dict[str, Any]:
    """What the page knows of what can be changed, besides the program."""
    points = made.points
    inputs = points.inputs if points else []
    values = [np.asarray(points.value(i)) for i in inputs] if points else []
    return {
        "inputs": inputs,
        "hidden": {i: hidden_leaf(node, points.numbers[node]) for i, node in points.hidden.items()} if points else {},
        "root": points.root if points else None,
        "shapes": {i: np.shape(points.value(i)) for i in {p for pairs in made.operands.values() for _, p in pairs}}
        if points else {},
        "kinds": ["float32" if value.dtype == np.float32 else "float64" for value in values],
        "numbers": [[text(x) for x in value.ravel().tolist()] for value in values],
        "about": f"{STATIC}: {made.reason}." if made.reason else ABOUT,
        "operands": made.operands,
        "region": asdict(made.region) if made.region else None,
        "place": PLACE, "entry": ENTRY, "atEntry": AT_ENTRY, "notFinite": NOT_FINITE,
        "widest": WIDEST, "thinnest": THINNEST, "perDecade": PER_DECADE,
    }  # fmt: skip


def hidden_leaf(leaf: Node, value: Any) -> dict[str, Any]:
    """A leaf in a fold as the page lists it."""
    name = shorten(leaf.name or "").strip() or "leaf"
    shown = {"rows": rows(value), "summary": not in_full(value)}
    return {"symbol": name, "kind": kind_of_leaf(leaf), "value": shown, "learns": leaf.requires_grad}


def text(x: float) -> float | str:
    """A number for JSON, which has no infinity and no NaN."""
    return x if np.isfinite(x) else {"inf": "Infinity", "-inf": "-Infinity"}.get(str(x), "NaN")


def position(op: Op) -> int:
    """The box that an input of the program is the number of."""
    place: Any = op.place.node if isinstance(op.place, Slot) else op.place
    if not isinstance(place, Argument):
        raise NoFormula("the graph reads numbers from outside of it")
    return place.position


def traced(story: Story, points: Points) -> Program:
    """The graph, run again under a trace: the value and the gradient of each point, what passes along each edge."""
    scene, trace = story.scene, Passes()
    anew: dict[Node, Any] = {}
    plain: dict[int, Any] = {}  # data that are no nodes, by their boxes
    own = {i: node for node, i in points.of.items()}
    try:
        for i in points.inputs:
            node = own.get(i)
            name = story.symbols[i] if i < len(story.symbols) else node.name or "leaf"  # type: ignore[union-attr]
            made = trace.argument(i, points.value(i) if node is None else node, name)
            if node is None:
                plain[i] = made
            else:
                anew[node] = made
        with watched(trace), np.errstate(all="ignore"):
            for i, box in enumerate(scene.boxes):
                operands = story.operands(i) if box.call else {}
                for node in points.operations(box):
                    arguments = [
                        plain.get(operands.get(k, -1), v) if arg is v else anew.get(arg, v)
                        for k, (arg, v) in enumerate(zip(node.args, node.values))
                    ]
                    anew[node] = node.fun(*arguments, **node.kwargs)  # type: ignore[misc]
            totals = backward(anew[scene.root], [x for x in anew.values() if isinstance(x, Node) and x.requires_grad])
            values = {points.of[node]: x for node, x in anew.items()} | plain
            found: dict[str, Any] = {"gradients": {}, "passed": {}, "local": {}, "flows": {}}
            if story.final:
                found["gradients"] = {points.of[node]: totals[x] for node, x in anew.items() if x in totals}
                found["passed"], found["flows"] = passed(scene, anew, trace)
                found["local"] = local(story, anew)
            program = trace.finish({"values": {i: raw(x) for i, x in values.items()}} | found)
    finally:
        trace.close()
    with np.errstate(all="ignore"):
        return simplify(program)


def backward(root: Any, wanted: list[Node]) -> dict[Node, Any]:
    """The gradients of the sum of the result."""
    if not isinstance(root, Node) or not root.requires_grad:
        return {}
    seed = None if np.size(raw(root)) == 1 else np.ones(np.shape(raw(root)))
    return sweep([root], [root._read(seed, "the seed")], set(wanted))


def local(story: Story, anew: dict[Node, Any]) -> dict[int, Any]:
    """The partial derivative of an elementwise operation along each edge."""
    found = {}
    for i, edge in enumerate(story.scene.edges):
        box = story.scene.boxes[edge.target]
        node = anew[box.nodes[0]] if box.call else None
        place = story.place(edge) if i in story.passed else None
        if place is not None and isinstance(node, Node) and RULES[node.fun].elementwise:  # type: ignore[index]
            p = partial(node, place) * 1.0  # a mask becomes numbers
            found[i] = np.broadcast_to(p, np.shape(raw(node))) if np.size(raw(p)) > 1 else p
    return found


def passed(scene: Scene, anew: dict[Node, Any], trace: Passes) -> tuple[dict[int, Any], dict[int, Any]]:
    """What comes back along each edge; at folds, where that is one array, their sum, and the largest of all numbers."""
    found: dict[int, Any] = {}
    flows: dict[int, Any] = {}
    for i, edge in enumerate(scene.edges):
        source, target = scene.boxes[edge.source], scene.boxes[edge.target]
        if edge.flow is None:
            continue
        if not source.is_fold and target.call:
            node = anew[target.nodes[0]]
            place = sorted_arguments(target.nodes[0])[0][edge.operand]
            given = trace.by_place(node)
            if place in given:
                found[i] = given[place]
            continue
        there = {anew[node] for node in source.nodes if node in anew}
        sums: dict[Node, Any] = {}
        for node in target.nodes:
            for arg, c in trace.given.get(anew[node], ()):
                if arg in there:
                    size = np.max(np.abs(c))
                    flows[i] = np.maximum(flows[i], size) if i in flows else size
                    sums[arg] = sums[arg] + c if arg in sums else c
        if len(sums) == 1 and source.gradient is not None:
            found[i] = next(iter(sums.values()))
    return found, flows
