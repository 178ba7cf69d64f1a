"""The modules in a graph: which calls each operation belongs to, found from what `scopes` noted on their results."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from ..node import Node

Path = tuple[int, ...]  # calls inside of each other, the outermost first; a call is known by its start


@dataclass(frozen=True)
class Part:
    """A call of a module: its dotted name, and what it is."""

    name: str
    kind: str

    @property
    def title(self) -> str:
        """The dotted name, or for the outermost what it is."""
        return self.name or self.kind


@dataclass
class Parts:
    """All calls, and the path of each node that is in one: an operation, or a leaf that is a module's own."""

    calls: dict[int, Part] = field(default_factory=dict)
    inside: dict[Node, Path] = field(default_factory=dict)

    def path(self, node: Node) -> Path:
        """The calls that a node is in."""
        return self.inside.get(node, ())


def arguments(node: Node) -> list[Node]:
    """The arguments of a call that are nodes."""
    return [arg for arg, value in zip(node.args, node.values) if arg is not value]


def parts_of(operations: Sequence[Node]) -> Parts:
    """The parts of a graph, whose operations are given in the order of creation.

    An operation is in a call if the call's result was computed from it and it is not older than the call: so no path
    leaves a call and comes back. A parameter or a buffer is in the innermost call that all its users are in.
    """
    parts = Parts()
    inside = parts.inside
    for node in reversed(operations):
        path, scope = inside.get(node, ()), node.scope
        while scope is not None:  # of the outermost call; the others follow
            start, name, kind, scope = scope
            parts.calls[start] = Part(name, kind)
            path = joined(path, (start,))
        if path:
            inside[node] = path
        elif not inside:
            continue
        for arg in arguments(node):
            known = inside.get(arg)
            if arg.fun is not None:
                before = path if path and arg.index > path[-1] else path[: bisect_right(path, arg.index)]
                if known != before and before:
                    inside[arg] = joined(known or (), before)
            elif arg.is_state and known != ():
                inside[arg] = path if known is None else common([known, path])
    return parts


def joined(a: Path, b: Path) -> Path:
    """The calls of both, the outermost, which began first, first."""
    if a and b and a[-1] < b[0]:
        return a + b
    return a if a[: len(b)] == b else b if b[: len(a)] == a else tuple(sorted({*a, *b}))


def common(paths: Iterable[Path]) -> Path:
    """What paths begin with, all of them."""
    return tuple(column[0] for column in takewhile(lambda column: len(set(column)) == 1, zip(*paths)))
