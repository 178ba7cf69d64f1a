"""What a picture leaves out when a graph is too large for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..graph import Node

SHORT = 2  # a chain of so few operations takes no more room than the box that would stand for it
OVERVIEW = 3  # of a graph that has no room, this fraction of the room is drawn: few enough to read


@dataclass(eq=False)
class Fold:
    """Nodes that are drawn as one box. No path leaves a fold and comes back to it."""

    operations: list[Node] = field(default_factory=list)  # in the order of creation
    leaves: list[Node] = field(default_factory=list)


def arguments(node: Node) -> list[Node]:
    """The arguments of a call that are nodes."""
    return [arg for arg, value in zip(node.args, node.values) if arg is not value]


def room_for(node: Node) -> int:
    """How many boxes an operation may take: its own and one for each argument that is no node."""
    return 1 + sum(arg is value for arg, value in zip(node.args, node.values))


def folds(operations: Sequence[Node], leaves: Sequence[Node], max_nodes: int) -> list[Fold]:
    """What to draw as one box each, so that no more than about `max_nodes` boxes are drawn; nothing if all fit.

    `operations` and `leaves` are in the order of creation; the result is the last operation, and never folded. If it
    is enough, chains of operations are folded. Otherwise the picture is an overview: the operations that were made
    last, as many leaves, and one fold for everything else.
    """
    if sum(map(room_for, operations)) + len(leaves) <= max_nodes:
        return []
    runs = chains(operations[:-1])
    folded = {node for run in runs for node in run.operations}
    rest = sum(room_for(node) for node in operations if node not in folded)
    if rest + len(runs) + len(leaves) <= max_nodes:
        return runs
    return [overview(operations, leaves, max_nodes // OVERVIEW)]


def chains(operations: Sequence[Node]) -> list[Fold]:
    """The longest runs of operations in which each has one use, the next, and the next uses no other operation."""
    uses = Counter(arg for node in operations for arg in arguments(node))
    run_of: dict[Node, Fold] = {}
    for node in operations:
        before = [arg for arg in arguments(node) if not arg.is_leaf]
        run = run_of[before[0]] if len(before) == 1 and uses[before[0]] == 1 else Fold()
        run.operations.append(node)
        run_of[node] = run
    return [run for run in dict.fromkeys(run_of.values()) if len(run.operations) > SHORT]


def overview(operations: Sequence[Node], leaves: Sequence[Node], room: int) -> Fold:
    """The nodes that are not among the operations made last and the leaves next to them, together as many as `room`.

    Of the leaves those that require a gradient come first.
    """
    left, first = room // 2, len(operations)
    while first and (left >= room_for(operations[first - 1]) or first == len(operations)):
        first -= 1
        left -= room_for(operations[first])
    near = {arg for node in operations[first:] for arg in arguments(node)}
    ranked = sorted(leaves, key=lambda leaf: (not leaf.requires_grad, leaf not in near))
    kept = set(ranked[: room - room // 2])
    return Fold(list(operations[:first]), [leaf for leaf in leaves if leaf not in kept])
