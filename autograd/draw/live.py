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
from .label import is_number
from .operations import operands_of, operations
from .region import Region, region
from .scene import Box, Scene, sorted_arguments
from .secant import AT_ENTRY, ENTRY, NOT_FINITE
from .story import Story
from .terms import PLACE

ABOUT = (
    "Drag a number to the left or to the right, here or in the picture, type another, or use the arrow keys: "
    "everything is computed anew."
)
STATIC = "The numbers of this page cannot be changed"
INDEXED = {operator.getitem, scatter, add_at, set_at}
GIVEN = {"Embedding", "MultiHeadAttention"}  # modules that look codes up, or are told where to look
MAX_NUMBERS = 20_000  # a page that computes more at each change would not follow the hand


@dataclass(frozen=True)
class Live:
    """The program of a page, `script`, and the boxes whose numbers can be changed; or the reason why there is none.

    `operations` are those of the program, each by itself, and `operands` their operands: places, and boxes.
    """

    script: str = ""
    operations: str = "{}"
    inputs: tuple[int, ...] = ()
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
    if any(box.is_fold for box in scene.boxes):
        return Live(reason="parts of the graph are folded (depth= and max_nodes= say how much is open)")
    if any(node.hooks for box in scene.boxes for node in box.nodes):
        return Live(reason="a hook changes a gradient")
    if not any(box.call for box in scene.boxes):
        return Live(reason="nothing is computed")
    if any(decides(box.nodes[0]) and not given_to(scene, box) for box in scene.boxes if box.call):
        return Live(reason="an index or a condition of plain numbers would not follow those that it came from")
    numbers = sum(int(np.size(box.value)) for box in scene.boxes)
    if numbers > MAX_NUMBERS:
        return Live(reason=f"the graph has {numbers:,} numbers")
    try:
        program = traced(story)
        with np.errstate(all="ignore"):
            script = javascript(program, lambda op: f"inputs[{position(op)}]")
        inputs = set(changeable(scene))
        known = inputs | {i for i, box in enumerate(scene.boxes) if box.call}
        alone = operations(story, known)
    except (NoFormula, TraceError) as error:
        return Live(reason=str(error).partition("\n")[0])
    operands = {i: [*operands_of(story, i, known).items()] for i, box in enumerate(scene.boxes) if box.call}
    return Live(script, alone, tuple(sorted(inputs)), operands, region(story, inputs))


def decides(node: Node) -> bool:
    """Whether an operation has an index or a condition of plain numbers: what they were computed from is not known."""
    plain = [x for arg, v in zip(node.args, node.values) if arg is v for x in leaves(v) if isinstance(x, np.ndarray)]
    return any(x.dtype.kind == "b" or (x.dtype.kind in "iu" and node.fun in INDEXED) for x in plain)


def given_to(scene: Scene, box: Box) -> bool:
    """Whether an index or a mask is what a module is given, which is data, as the labels of a loss are."""
    cluster = box.cluster
    while cluster is not None:
        if scene.clusters[cluster].kind in GIVEN:
            return True
        cluster = scene.clusters[cluster].parent
    return False


def data_of(made: Live, story: Story) -> dict[str, Any]:
    """What the page knows of what can be changed, besides the program."""
    values = [np.asarray(story.scene.boxes[i].value) for i in made.inputs]
    return {
        "inputs": made.inputs,
        "kinds": ["float32" if value.dtype == np.float32 else "float64" for value in values],
        "numbers": [[text(x) for x in value.ravel().tolist()] for value in values],
        "about": f"{STATIC}: {made.reason}." if made.reason else ABOUT,
        "operands": made.operands,
        "region": asdict(made.region) if made.region else None,
        "place": PLACE, "entry": ENTRY, "atEntry": AT_ENTRY, "notFinite": NOT_FINITE,
        "widest": WIDEST, "thinnest": THINNEST, "perDecade": PER_DECADE,
    }  # fmt: skip


def text(x: float) -> float | str:
    """A number for JSON, which has no infinity and no NaN."""
    return x if np.isfinite(x) else {"inf": "Infinity", "-inf": "-Infinity"}.get(str(x), "NaN")


def changeable(scene: Scene) -> list[int]:
    """The boxes whose numbers can be changed: leaves, and data; not the plain numbers of a formula, and no labels."""
    return [
        i
        for i, box in enumerate(scene.boxes)
        if not box.call and not is_number(box) and np.asarray(box.value).dtype.kind == "f"
    ]


def position(op: Op) -> int:
    """The box that an input of the program is the number of."""
    place: Any = op.place.node if isinstance(op.place, Slot) else op.place
    if not isinstance(place, Argument):
        raise NoFormula("the graph reads numbers from outside of it")
    return place.position


def traced(story: Story) -> Program:
    """The graph, run again under a trace: the value and the gradient of each box, what passes along each edge."""
    scene, trace = story.scene, Passes()
    anew: dict[Node, Any] = {}
    values: dict[int, Any] = {}
    inputs = set(changeable(scene))
    try:
        for i, box in enumerate(scene.boxes):
            if i in inputs:
                name = story.symbols[i]
                values[i] = trace.argument(i, box.nodes[0] if box.nodes else box.value, name)
                if box.nodes:
                    anew[box.nodes[0]] = values[i]
        with watched(trace), np.errstate(all="ignore"):
            for i, box in enumerate(scene.boxes):
                if box.call:
                    node, operands = box.nodes[0], story.operands(i)
                    arguments = [
                        values[operands[k]] if operands.get(k) in values else anew.get(arg, arg) if arg is not v else v
                        for k, (arg, v) in enumerate(zip(node.args, node.values))
                    ]
                    values[i] = anew[node] = node.fun(*arguments, **node.kwargs)  # type: ignore[misc]
            root = values[len(scene.boxes) - 1]
            totals = backward(root, [x for x in values.values() if isinstance(x, Node) and x.requires_grad])
            number_of = {i: raw(x) for i, x in values.items()}
            gradients = {i: totals[x] for i, x in values.items() if isinstance(x, Node) and x in totals}
            program = trace.finish({
                "values": number_of, "gradients": gradients if story.final else {},
                "passed": passed(scene, values, trace) if story.final else {},
                "local": local(scene, values) if story.final else {},
            })  # fmt: skip
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


def local(scene: Scene, values: dict[int, Any]) -> dict[int, Any]:
    """The partial derivative of an elementwise operation along each edge."""
    found = {}
    for i, edge in enumerate(scene.edges):
        node = values[edge.target]
        if edge.flow is not None and isinstance(node, Node) and RULES[node.fun].elementwise:  # type: ignore[index]
            p = partial(node, sorted_arguments(scene.boxes[edge.target].nodes[0])[0][edge.operand])
            p = p * 1.0  # a mask becomes numbers
            found[i] = np.broadcast_to(p, np.shape(raw(node))) if np.size(raw(p)) > 1 else p
    return found


def passed(scene: Scene, values: dict[int, Any], trace: Passes) -> dict[int, Any]:
    """What comes back along each edge."""
    found = {}
    for i, edge in enumerate(scene.edges):
        node = values[edge.target]
        if isinstance(node, Node):
            place = sorted_arguments(scene.boxes[edge.target].nodes[0])[0][edge.operand]
            given = trace.by_place(node)
            if place in given:
                found[i] = given[place]
    return found
