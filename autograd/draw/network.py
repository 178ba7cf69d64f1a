"""A network as layers of cells, read from the graph of one sample: what there is to see, before it is drawn.

A layer is the call of a module, or a run of operations between two. Its weights are what its inputs are multiplied by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..node import Node
from ..operators import raw
from ..rules.elementwise import sumprod
from ..rules.products import affine
from ..rules.windows import overlap, windows
from ..sweep import sweep, toposort
from ..value import Value
from .cells import LOOPED
from .parts import Part, arguments, parts_of
from .text import SIGNS, short_name

Array = npt.NDArray[Any]
Kinds = Mapping[tuple[str, str], tuple[str, str]]  # by name and type of a layer the kind of its cells, and its settings
MAPS_FROM = 2  # axes of one sample that is an image, or the channels of a sequence
PRODUCTS = {affine, np.matmul, np.dot}


@dataclass
class Layer:
    """Cells side by side: one axis of numbers; or, if `maps`, (channels, ..., width), as a convolution makes them."""

    title: str
    value: Array
    cell: str
    name: str = ""
    settings: str = ""
    changes: list[str] = field(default_factory=list)  # the layers after it that only change its numbers
    sources: list[int] = field(default_factory=list)  # the layers that it is computed from, that of the weights first
    skips: list[int] = field(default_factory=list)  # the layers that are added to it
    weights: Array | None = None  # (cells of the first source, cells)
    bias: Array | None = None
    kernels: Array | None = None  # (channels, inputs, ..., width)
    mixes: bool = False  # each of its cells sees all of those before it
    maps: bool = False
    rows: int = 1  # of a sequence the cells are those of its last row

    @property
    def size(self) -> int:
        """How many cells, or maps, it has."""
        return int(self.value.shape[0]) if self.maps else int(self.value.size)


@dataclass
class Unit:
    """The operations of one layer."""

    call: Part | None
    whole: bool  # the call is a layer by itself, whatever there is in it
    innermost: bool = True  # there is no other layer in the call
    operations: list[Node] = field(default_factory=list)


def layers_of(sample: Any, output: Any, kinds: Kinds, gradients: bool) -> list[Layer]:
    """The layers of the network that computed `output` from one sample, its input first.

    With `gradients` the weights are the gradients of the sum of the output by the weights, and likewise the biases and
    kernels.
    """
    roots = heads(output)
    if not any(root.fun for root in roots):
        kind = type(output).__name__
        raise TypeError(f"there is no network to draw: it gave {kind!r}, and no operation on the sample is recorded")
    operations = toposort(roots)[::-1]
    reader = Reader(roots, operations, np.asarray(sample, dtype=float), kinds)
    if gradients:
        wanted = {arg for node in operations for arg in arguments(node) if arg.is_state and arg.requires_grad}
        seeds = [root._read(np.ones(np.shape(raw(root))) if np.ndim(raw(root)) else 1.0, "the seed") for root in roots]
        found = sweep(roots, seeds, wanted)
        reader.numbers = {node: found.get(node, np.zeros(np.shape(raw(node)))) for node in wanted}
    for unit in units_of(operations, kinds):
        reader.add(unit)
    last = reader.layers[-1]
    last.cell = "output" if last.cell == "hidden" else last.cell
    return reader.layers


def heads(output: Any) -> list[Node]:
    """The nodes that a network gave: its output, or the first of several; of Values all of them."""
    if isinstance(output, (list, tuple)) and output:
        return list(output) if all(isinstance(part, Value) for part in output) else heads(output[0])
    if isinstance(output, dict) and output:
        return heads(next(iter(output.values())))
    return [output] if isinstance(output, Node) else []


def units_of(operations: Sequence[Node], kinds: Kinds) -> list[Unit]:
    """The operations, which are in the order of creation, by layers. Outside of them each has one product."""
    parts = parts_of(operations)
    units: list[Unit] = []
    whole: dict[int, Unit] = {}
    unit, before = Unit(None, False), None
    for node in operations:
        path = parts.path(node)
        calls = {start: parts.calls[start] for start in path}
        layer = next((start for start, part in calls.items() if (part.name, part.kind) in kinds), None)
        start = layer if layer is not None else path[-1] if path else -1
        if layer is not None and layer in whole:
            unit = whole[layer]
        elif layer is None and start == before and not (multiplies(node) and any(map(multiplies, unit.operations))):
            unit = units[-1]
        else:
            unit = Unit(calls.get(start), layer is not None)
            units.append(unit)
            if layer is not None:
                whole[layer] = unit
        unit.operations.append(node)
        before = None if unit.whole else start
    outer = {id(parts.calls[start]) for node in operations for start in parts.path(node)[:-1]}
    for unit in units:
        unit.innermost = unit.whole or (unit.call is not None and id(unit.call) not in outer)
    return units


class Reader:
    """The layers so far, and which of them each node belongs to."""

    def __init__(self, roots: Sequence[Node], operations: Sequence[Node], sample: Array, kinds: Kinds) -> None:
        self.kinds = kinds
        self.numbers: Mapping[Node, Any] | None = None  # what is shown for weights, if not their own numbers
        self.place: dict[Node, int] = {}  # the layer that an operation belongs to
        self.users: dict[Node, list[Node]] = {root: [root] for root in roots}
        for node in operations:
            for arg in arguments(node):
                self.users.setdefault(arg, []).append(node)
        self.looped = any(cell in LOOPED for cell, _ in kinds.values())
        seen = any(node.fun in (windows, overlap) for node in operations)
        self.layers = [self.framed(Layer("input", np.zeros(1), "input"), sample, seen)]

    def shown(self, node: Node) -> Array:
        """The numbers of a weight, or their gradient."""
        state = state_of(node)
        assert state is not None
        numbers = np.asarray(raw(state) if self.numbers is None else self.numbers[state], dtype=float)
        return numbers if state is node else numbers.T

    def states(self, nodes: Iterable[Any]) -> list[Node]:
        """The parameters and buffers among nodes for which there is something to show: of frozen ones no gradient."""
        own = [node for node in nodes if isinstance(node, Node) and state_of(node) is not None]
        return [node for node in dict.fromkeys(own) if self.numbers is None or state_of(node) in self.numbers]

    def add(self, unit: Unit) -> None:
        """Add the layer of these operations, or put what they change into the layer that they change."""
        inside = set(unit.operations)
        used = [node for node in unit.operations if any(u not in inside or u is node for u in self.users[node])]
        results = [node for node in used if state_of(node) is None]
        sources = self.sources(unit.operations, inside)
        layer = self.layer(unit, results or unit.operations[-1:], sources)
        changed = self.layers[sources[0]]
        alike = layer.value.shape == changed.value.shape and layer.maps == changed.maps
        if not layer.mixes and alike and self.alone(sources[0], inside):
            changed.value, changed.rows = layer.value, layer.rows
            changed.changes.append(layer.title)
            changed.skips += sources[1:]
            place = sources[0]
        elif all(node.fun is np.reshape for node in unit.operations):
            place = sources[0]  # the same numbers
        else:
            self.layers.append(layer)
            place = len(self.layers) - 1
        self.place.update(dict.fromkeys(unit.operations, place))

    def sources(self, operations: Iterable[Node], inside: set[Node]) -> list[int]:
        """The layers that operations are computed from, the last one first."""
        found = {
            self.place.get(arg, 0)
            for node in operations
            for arg in arguments(node)
            if arg not in inside and state_of(arg) is None and (arg in self.place or arg.requires_grad)
        }
        return sorted(found, reverse=True) or [0]

    def alone(self, place: int, inside: set[Node]) -> bool:
        """Whether only these operations use what a layer gave; the sample itself never changes."""
        own = [node for node, other in self.place.items() if other == place]
        return place > 0 and all(u in inside or self.place.get(u) == place for node in own for u in self.users[node])

    def layer(self, unit: Unit, results: Sequence[Node], sources: list[int]) -> Layer:
        """A layer by itself."""
        kind, name = (unit.call.kind, unit.call.name) if unit.call else ("", "")
        cell, settings = self.kinds.get((name, kind), ("hidden", ""))
        title = kind if unit.innermost else operation(results[-1])
        layer = Layer(title, np.zeros(1), cell, name, settings, sources=sources)
        if isinstance(results[0], Value):
            layer.value = np.array([raw(node) for node in results], dtype=float)
        else:
            value = np.asarray(raw(results[-1]), dtype=float)
            seen = any(node.fun in (windows, overlap) for node in unit.operations)
            of_maps = all(self.layers[source].maps and self.layers[source].size > 1 for source in sources)
            self.framed(layer, value[0] if value.ndim and len(value) == 1 else value, seen or of_maps)
            own = [w for w in self.states(arguments_of(unit.operations)) if np.ndim(raw(w)) > MAPS_FROM]
            layer.kernels = self.shown(own[0]) if seen and own and len(raw(own[0])) == layer.size else None
        self.weigh(layer, unit.operations)
        matrices = any(arg.is_state and np.ndim(raw(arg)) >= MAPS_FROM for arg in arguments_of(unit.operations))
        layer.mixes = layer.weights is not None or matrices
        return layer

    def framed(self, layer: Layer, one: Array, maps: bool) -> Layer:
        """Give a layer the numbers of one sample: cells, or maps, or of a sequence the last row, or all as one map."""
        one = one[0] if one.ndim == MAPS_FROM and len(one) == 1 and not maps else one
        layer.maps = one.ndim > MAPS_FROM or (one.ndim == MAPS_FROM and (maps or not self.looped))
        if layer.maps:
            layer.value = one if one.ndim > MAPS_FROM or maps else one[None]
        else:
            layer.rows = len(one) if one.ndim == MAPS_FROM else 1
            layer.value = one[-1] if layer.rows > 1 else one.ravel()
        return layer

    def weigh(self, layer: Layer, operations: Sequence[Node]) -> None:
        """Find the weights between a layer and one of its sources, and its bias."""
        sizes = {source: self.layers[source].size for source in layer.sources}
        sums = [node for node in operations if node.fun is sumprod]
        if sums:  # of neurons that are made of Values
            table = [self.states(node.args) for node in sums]
            if {len(column) for column in table} <= set(sizes.values()) and len(table) == layer.size:
                layer.weights = np.array([[float(self.shown(w)) for w in column] for column in table]).T
        for node in operations:
            if node.fun in PRODUCTS and layer.weights is None:
                x, states = node.args[0], self.states(node.args[1:2])
                source = self.place.get(x, 0 if x.is_leaf else -1) if isinstance(x, Node) else -1
                for W in map(self.shown, states):
                    matrix = W[:, None] if W.ndim == 1 else W
                    if source in sizes and matrix.shape == (sizes[source], layer.size):
                        layer.weights = matrix
                        layer.sources = [source, *(other for other in layer.sources if other != source)]
        added = self.states(arguments_of(node for node in operations if node.fun in (affine, np.add)))
        biases = [self.shown(b).ravel() for b in added if np.ndim(raw(b)) < MAPS_FROM]
        joined = np.concatenate([np.zeros(0), *biases])
        layer.bias = joined if layer.weights is not None and joined.size == layer.size else None


def arguments_of(operations: Iterable[Node]) -> Iterator[Node]:
    """The arguments that are nodes."""
    return (arg for node in operations for arg in arguments(node))


def state_of(node: Node) -> Node | None:
    """The parameter or buffer that a node is, or that it is the transpose of."""
    if node.fun is np.transpose and np.ndim(raw(node)) == 2:
        return state_of(node.args[0]) if isinstance(node.args[0], Node) else None
    return node if node.is_state else None


def multiplies(node: Node) -> bool:
    """Whether a node is a product with a parameter."""
    return node.fun in PRODUCTS and any(isinstance(arg, Node) and state_of(arg) is not None for arg in node.args)


def operation(node: Node) -> str:
    """What an operation is called."""
    return SIGNS.get(node.fun, short_name(node.fun)) if node.fun else "leaf"
