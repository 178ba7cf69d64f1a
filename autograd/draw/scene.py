"""A graph as boxes and edges: what there is to see, before anyone says how it looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import numpy as np

from ..node import Node
from ..operators import raw
from ..recording import watched
from ..sweep import toposort
from ..table import RULES, Function
from .derivatives import Contributions, gradients_of, largest, local_derivatives
from .fold import Plan, Unit, plan
from .parts import Parts, Path, arguments, parts_of

Kind = Literal["leaf", "parameter", "constant", "operation", "result", "fold", "module"]
SOURCES = ("leaf", "parameter", "constant")  # the kinds that nothing leads to


@dataclass(frozen=True)
class Call:
    """What an operation did: its function, how many of the arguments are boxes, and the other arguments."""

    fun: Function
    operands: int
    metadata: Sequence[Any]
    keywords: Mapping[str, Any]


class Folded(NamedTuple):
    """How much there is in a fold."""

    operations: int = 0
    leaves: int = 0
    parameters: int = 0  # how many numbers are in those of the leaves that are parameters


NOTHING = Folded()


@dataclass(frozen=True)
class Cluster:
    """A module whose operations are boxes. `parent` is the position of the cluster that it is in."""

    title: str
    kind: str
    parent: int | None


@dataclass(frozen=True)
class Box:
    """A leaf that requires a gradient, a parameter, a constant, an operation, the result, or a fold of many nodes.

    A fold is a module, or several that are alike, or else it has no name. Its value and its gradient are those of the
    only node in it that is used outside, if there is only one.
    """

    kind: Kind
    name: str | None = None
    value: Any = None
    gradient: Any = None
    call: Call | None = None
    folded: Folded = NOTHING
    module: str = ""  # what it is, if it is a module
    count: int = 1  # how many modules it stands for
    functions: tuple[Function, ...] = ()  # which there are in a fold
    cluster: int | None = None  # the position of the cluster that it stands in
    room: int = 0  # so many columns, at least, for each number of the gradient: in the player they change
    written: str = ""  # the call with the names of its arguments: see `titles`
    letters: Sequence[str] = ()  # in it, a letter for each operand without a name, "" for the others
    most: int = 20  # so many numbers of an array, at most, are shown in full
    heat: str = ""  # the key of the pictures of its arrays, if they are too large to be shown in full: see `heat`
    image: Any = None  # the data that its value was arranged from, which is what is seen: see `image_of`
    nodes: Sequence[Node] = ()  # what of the graph it stands for: one node, those of a fold, none for a plain number

    @property
    def is_fold(self) -> bool:
        """Whether it stands for many nodes."""
        return any(self.folded)


@dataclass(frozen=True)
class Edge:
    """From the box of an argument to that of the operation, by their positions in the scene."""

    source: int
    target: int
    operand: int  # which of the operation's operands it is
    local: Any = None  # the derivative of the operation by this operand: a float or a small array; see `derivatives`
    contribution: Any = None  # what it adds to the gradient of its source; None where that has none
    flow: float | None = None  # the absolute largest number of what it adds, None where no gradient goes
    count: int = 1  # how many edges of the graph it stands for: more than one only at a fold


@dataclass(frozen=True)
class Scene:
    """A whole picture. Every box comes after those that it was computed from, the result last; clusters likewise."""

    boxes: Sequence[Box]
    edges: Sequence[Edge]
    clusters: Sequence[Cluster] = ()

    @property
    def root(self) -> Node:
        """The result: of its box the node that was made last."""
        return max(self.boxes[-1].nodes, key=attrgetter("index"))


class Builder:
    """A scene in the making, by keys: a node, its fold, or (node, i) for a constant among the arguments of a call."""

    def __init__(self, root: Node, plan: Plan, parts: Parts, values: Mapping[Node, Any]) -> None:
        self.root, self.plan, self.parts, self.values = root, plan, parts, values
        self.fold_of = plan.folds()
        self.outputs: dict[Node | Unit, dict[Node, None]] = {}  # of each fold the nodes that are used outside
        key = self.fold_of.get
        for node in values:
            for arg in arguments(node):
                if key(arg, arg) is not key(node, node):
                    self.outputs.setdefault(key(arg, arg), {})[arg] = None
        self.contributions = Contributions(self.fold_of)
        self.grads: dict[Node, Any] = {}
        self.boxes: dict[Hashable, Box] = {}
        self.edges: dict[tuple[Hashable, Hashable, int], Edge] = {}
        self.counts: Counter[tuple[Hashable, Hashable]] = Counter()  # edges of the graph, for those at a fold
        self.clusters: dict[Path, Cluster] = {}

    def key(self, node: Node) -> Node | Unit:
        """What stands for a node."""
        return self.fold_of.get(node, node)

    def differentiate(self) -> None:
        """Find the gradients of all nodes that are drawn, and of those in folds that are used outside."""
        shown = {
            self.root,
            *chain.from_iterable(self.outputs.values()),
            *(n for n in self.values if n not in self.fold_of),
        }
        with watched(self.contributions):
            self.grads = gradients_of(self.root, shown)

    # --- boxes --------------------------------------------------------------------------------------------------

    def add_node(self, node: Node, kind: Kind, call: Call | None = None) -> None:
        """The box of a node that is not folded."""
        place = self.cluster(self.parts.path(node))
        value, image = self.values[node], image_of(node)
        self.boxes[node] = Box(
            kind, node.name, value, self.grads.get(node), call, cluster=place, image=image, nodes=(node,)
        )

    def add_fold(self, unit: Unit) -> None:
        """The box of a fold."""
        own = [leaf for leaf in unit.leaves if kind_of_leaf(leaf) == "parameter"]
        folded = Folded(len(unit.operations), len(unit.leaves), sum(int(np.size(raw(leaf))) for leaf in own))
        functions = tuple(dict.fromkeys(node.fun for node in unit.operations if node.fun is not None))
        nodes = (*unit.operations, *unit.leaves)
        box = Box("fold", folded=folded, functions=functions, cluster=self.cluster(unit.path), nodes=nodes)
        if unit.calls:
            first, last = (self.parts.calls[unit.calls[i]] for i in (0, -1))
            name = first.title if first.title == last.title else f"{first.title} … {last.title}"
            box = replace(box, kind="module", name=name, module=first.kind, count=len(unit.calls))
            outputs = list(self.outputs.get(unit, [self.root]))
            if len(outputs) == 1:
                box = replace(box, value=self.values[outputs[0]], gradient=self.grads.get(outputs[0]))
        self.boxes[unit] = box

    def cluster(self, path: Path) -> int | None:
        """The position of the cluster for what is inside of these calls, made when it is first needed."""
        path = path[: self.plan.depth]
        if not path:
            return None
        if path not in self.clusters:
            parent, part = self.cluster(path[:-1]), self.parts.calls[path[-1]]
            self.clusters[path] = Cluster(part.title, part.kind, parent)
        return list(self.clusters).index(path)

    def add_source(self, node: Node) -> Node | Unit:
        """The key of an argument; a leaf's box is made when it is first used."""
        key = self.key(node)
        if key not in self.boxes:
            if isinstance(key, Unit):
                self.add_fold(key)
            else:
                self.add_node(node, kind_of_leaf(node))
        return key

    # --- edges --------------------------------------------------------------------------------------------------

    def connect(self, source: Hashable, target: Hashable, operand: int, local: Any = None, given: Any = None) -> None:
        """An edge between two keys; at a fold the edges to or from one other box become one."""
        if isinstance(source, Unit) or isinstance(target, Unit):
            self.counts[source, target] += 1
            if self.counts[source, target] == 1:
                flow = self.contributions.largest.get((source, target))
                self.edges[source, target, 0] = Edge(0, 0, 0, None, self.summed(source, target), flow)
        else:
            flow = None if given is None else largest(given)
            self.edges[source, target, operand] = Edge(0, 0, operand, local, given, flow)

    def summed(self, source: Hashable, target: Hashable) -> Any:
        """What an edge at a fold adds to the gradient of its source, if that is the gradient of one node."""
        sums = self.contributions.sums.get((source, target), {})
        return next(iter(sums.values())) if len(sums) == 1 and self.boxes[source].gradient is not None else None

    def fold(self, unit: Unit) -> None:
        """What a fold adds to the picture: the edges that enter it, and its box."""
        for node in unit.operations:
            for arg in arguments(node):
                if self.fold_of.get(arg) is not unit:
                    self.connect(self.add_source(arg), unit, 0)
        if unit.operations:
            self.add_fold(unit)

    def operation(self, node: Node, kind: Kind) -> None:
        """The box of an operation, after the leaves and constants that it is the first to use, and its edges."""
        operands, metadata = sorted_arguments(node)
        local = local_derivatives(node) if node in self.grads else {}
        given = self.contributions.by_place(node)
        for operand, i in enumerate(operands):
            arg = node.args[i]
            if isinstance(arg, Node):
                source: Hashable = self.add_source(arg)
            else:
                source = (node, i)
                self.boxes[source] = Box("constant", value=arg, cluster=self.cluster(self.parts.path(node)))
            self.connect(source, node, operand, local.get(i) if i in given else None, given.get(i))
        self.add_node(node, kind, Call(node.fun, len(operands), metadata, node.kwargs))  # type: ignore[arg-type]

    def scene(self) -> Scene:
        """The scene, with positions for keys."""
        place = {key: position for position, key in enumerate(self.boxes)}
        edges = [
            replace(edge, source=place[source], target=place[target], count=self.counts.get((source, target), 1))
            for (source, target, _), edge in self.edges.items()
        ]
        return Scene(list(self.boxes.values()), edges, list(self.clusters.values()))


def image_of(node: Node) -> Any:
    """The data that a leaf was arranged from, as an image into windows; None if there are none, or others by now."""
    image = getattr(node, "pictured", None)
    if image is None:
        return None
    data = raw(image)
    return data if np.isin(raw(node), np.append(data, 0)).all() else None  # 0: a border


def kind_of_leaf(node: Node) -> Kind:
    """What a leaf is drawn as."""
    if not node.requires_grad:
        return "constant"
    return "parameter" if node.is_state else "leaf"


def look_at(root: Node, gradients: bool, max_nodes: int, depth: int | None = None) -> Scene:
    """The scene of everything that `root` was computed from. It changes no node."""
    operations = toposort([root])[::-1]
    values = {root: raw(root)}  # the numbers that the graph was computed with, whatever its leaves hold by now
    for node in operations:
        values.update((arg, value) for arg, value in zip(node.args, node.values) if arg is not value)
    leaves = sorted((node for node in values if node.is_leaf), key=lambda leaf: leaf.index)
    parts = parts_of(operations)
    builder = Builder(root, plan(operations, leaves, parts, max_nodes, depth), parts, values)
    if gradients:
        builder.differentiate()
    for unit in builder.plan.units:
        if unit.is_fold:
            builder.fold(unit)
        else:
            node = unit.operations[0]
            builder.operation(node, "result" if node is root else "operation")
    builder.add_source(root)  # which may be a leaf
    return builder.scene()


def sorted_arguments(node: Node) -> tuple[list[int], list[Any]]:
    """The places of the arguments that are drawn as boxes, and the other arguments: an index, a shape, subscripts."""
    rule = RULES[node.fun]  # type: ignore[index]
    operands, metadata = [], []
    for i, arg in enumerate(node.args):
        has_derivative = rule.every is not None or (i < len(rule.each) and rule.each[i] is not None)
        stands_before = any(isinstance(later, Node) for later in node.args[i + 1 :])  # an order: jv(v, x)
        is_operand = isinstance(arg, (int, float, np.number)) and (has_derivative or stands_before)
        if isinstance(arg, Node) or is_array(arg) or is_operand:
            operands.append(i)
        elif arg is not None:
            metadata.append(arg)
    return operands, metadata


def is_array(x: Any) -> bool:
    """Whether `x` is an array or a list of real numbers."""
    try:
        return isinstance(x, (np.ndarray, list)) and np.asarray(x).dtype.kind in "fiub"
    except ValueError:  # a ragged list
        return False
