"""A graph as boxes and edges: what there is to see, before anyone says how it looks."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ..graph import Node, sweep, toposort
from ..operators import raw
from ..table import RULES, Function
from .fold import Fold, arguments, folds

Kind = Literal["leaf", "parameter", "constant", "operation", "result", "fold"]
SOURCES = ("leaf", "parameter", "constant")  # the kinds that nothing leads to


@dataclass(frozen=True)
class Call:
    """What an operation did: its function, how many of the arguments are boxes, and the other arguments."""

    fun: Function
    operands: int
    metadata: Sequence[Any]
    keywords: Mapping[str, Any]


@dataclass(frozen=True)
class Box:
    """A leaf that requires a gradient, a parameter, a constant, an operation, the result, or a fold of many nodes."""

    kind: Kind
    name: str | None = None
    value: Any = None
    gradient: Any = None
    call: Call | None = None
    folded: tuple[int, int] = (0, 0)  # the number of operations and of leaves in a fold
    room: int = 0  # so many columns, at least, for each number of the gradient: in the player they change
    nodes: Sequence[Node] = ()  # what of the graph it stands for: one node, those of a fold, none for a plain number


@dataclass(frozen=True)
class Edge:
    """From the box of an argument to that of the operation, by their positions in the scene."""

    source: int
    target: int
    operand: int  # which of the operation's operands it is
    local: float | None = None  # the derivative of the operation by this operand, if both are single numbers
    count: int = 1  # how many edges of the graph it stands for: more than one only at a fold


@dataclass(frozen=True)
class Scene:
    """A whole picture. Every box comes after those that it was computed from, the result last."""

    boxes: Sequence[Box]
    edges: Sequence[Edge]


class Builder:
    """A scene in the making, by keys: a node, its fold, or (node, i) for a constant among the arguments of a call."""

    def __init__(self, values: Mapping[Node, Any], grads: Mapping[Node, Any], fold_of: Mapping[Node, Fold]) -> None:
        self.values, self.grads, self.fold_of = values, grads, fold_of
        self.boxes: dict[Hashable, Box] = {}
        self.edges: dict[tuple[Hashable, Hashable, int], Edge] = {}

    def add_node(self, node: Node, kind: Kind, call: Call | None = None) -> None:
        """The box of a node that is not folded."""
        self.boxes[node] = Box(kind, node.name, self.values[node], self.grads.get(node), call, nodes=(node,))

    def add_fold(self, fold: Fold) -> None:
        """The box of a fold."""
        self.boxes[fold] = Box(
            "fold", folded=(len(fold.operations), len(fold.leaves)), nodes=(*fold.operations, *fold.leaves)
        )

    def add_source(self, node: Node) -> Node | Fold:
        """The key of an argument; a leaf's box is made when it is first used."""
        key = self.fold_of.get(node, node)
        if key not in self.boxes:
            if isinstance(key, Fold):
                self.add_fold(key)
            else:
                self.add_node(node, kind_of_leaf(node))
        return key

    def connect(self, source: Hashable, target: Hashable, operand: int, local: float | None = None) -> None:
        """An edge between two keys; at a fold the edges to or from one other box become one."""
        if isinstance(source, Fold) or isinstance(target, Fold):
            operand, local = 0, None
        known = self.edges.get((source, target, operand))
        edge = Edge(0, 0, operand, local) if known is None else replace(known, count=known.count + 1)
        self.edges[source, target, operand] = edge

    def folded(self, node: Node, fold: Fold) -> None:
        """What an operation in a fold adds to the picture: the edges that enter the fold, and its box at the end."""
        for arg in arguments(node):
            if self.fold_of.get(arg) is not fold:
                self.connect(self.add_source(arg), fold, 0)
        if node is fold.operations[-1]:
            self.add_fold(fold)

    def operation(self, node: Node, kind: Kind) -> None:
        """The box of an operation, after the leaves and constants that it is the first to use, and its edges."""
        operands, metadata = sorted_arguments(node)
        local = local_derivatives(node) if node in self.grads else {}
        for operand, i in enumerate(operands):
            arg = node.args[i]
            if isinstance(arg, Node):
                source: Hashable = self.add_source(arg)
            else:
                source = (node, i)
                self.boxes[source] = Box("constant", value=arg)
            self.connect(source, node, operand, local.get(i))
        self.add_node(node, kind, Call(node.fun, len(operands), metadata, node.kwargs))  # type: ignore[arg-type]

    def scene(self) -> Scene:
        """The scene, with positions for keys."""
        place = {key: position for position, key in enumerate(self.boxes)}
        edges = [replace(edge, source=place[key[0]], target=place[key[1]]) for key, edge in self.edges.items()]
        return Scene(list(self.boxes.values()), edges)


def kind_of_leaf(node: Node) -> Kind:
    """What a leaf is drawn as."""
    if not node.requires_grad:
        return "constant"
    return "parameter" if node.is_state else "leaf"


def look_at(root: Node, gradients: bool, max_nodes: int) -> Scene:
    """The scene of everything that `root` was computed from. It changes no node."""
    operations = toposort([root])[::-1]
    values = {root: raw(root)}  # the numbers that the graph was computed with, whatever its leaves hold by now
    for node in operations:
        values.update((arg, value) for arg, value in zip(node.args, node.values) if arg is not value)
    leaves = sorted((node for node in values if node.is_leaf), key=lambda leaf: leaf.index)
    fold_of = {node: fold for fold in folds(operations, leaves, max_nodes) for node in (*fold.operations, *fold.leaves)}
    grads = gradients_of(root, (node for node in values if node not in fold_of)) if gradients else {}

    builder = Builder(values, grads, fold_of)
    for node in operations:
        if node in fold_of:
            builder.folded(node, fold_of[node])
        else:
            builder.operation(node, "result" if node is root else "operation")
    builder.add_source(root)  # which may be a leaf
    return builder.scene()


def gradients_of(root: Node, shown: Iterable[Node]) -> dict[Node, Any]:
    """The gradient of `root` (of the sum of its numbers, if it has many) by each node that requires one."""
    if not root.requires_grad:
        return {}
    seed = None if np.size(raw(root)) == 1 else np.ones(np.shape(raw(root)))
    return sweep([root], [root._read(seed, "the seed")], {node for node in shown if node.requires_grad})


def sorted_arguments(node: Node) -> tuple[list[int], list[Any]]:
    """The places of the arguments that are drawn as boxes, and the other arguments: an index, a shape, subscripts."""
    rule = RULES[node.fun]  # type: ignore[index]
    operands, metadata = [], []
    for i, arg in enumerate(node.args):
        has_derivative = rule.every is not None or (i < len(rule.each) and rule.each[i] is not None)
        if isinstance(arg, Node) or is_array(arg) or (isinstance(arg, (int, float, np.number)) and has_derivative):
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


def local_derivatives(node: Node) -> dict[int, float]:
    """The partial derivatives of an elementwise operation on single numbers, by the place of the argument."""
    if not RULES[node.fun].elementwise or any(np.size(value) != 1 for value in (raw(node), *node.values)):  # type: ignore[index]
        return {}
    partials = ((i, partial(node, i)) for i in range(len(node.args)))
    return {i: float(np.reshape(p, ())) for i, p in partials if p is not None}


def partial(node: Node, place: int) -> Any:
    """The partial derivative of an elementwise operation by one argument, at the numbers of the forward pass."""
    rule = RULES[node.fun]  # type: ignore[index]
    y, values = raw(node), node.values
    with np.errstate(all="ignore"):
        if rule.every is not None:
            return rule.every(y, *values)[place]
        p: Any = rule.each[place] if place < len(rule.each) else None
        try:
            return p(y, *values) if callable(p) else p
        except ArithmeticError:  # floats raise where NumPy answers inf: 1 / 0.0
            return p(np.float64(y), *map(np.float64, values))
