"""What is drawn as one box: modules below some depth, and what there is no room for in a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from ..node import Node
from .parts import Parts, Path, arguments, common

OFTEN = 3  # a module that is called so often by another is seen as unrolled
SHORT = 2  # a chain of so few takes no more room than the box that would stand for it
OVERVIEW = 3  # of a graph that has no room, this fraction of the room is drawn: few enough to read


@dataclass(eq=False, slots=True)
class Unit:
    """What is one box: an operation, or a fold of many nodes. No path leaves a unit and comes back to it."""

    operations: list[Node]  # in the order of creation
    leaves: list[Node] = field(default_factory=list)
    path: Path = ()  # the calls that it stands in
    calls: Path = ()  # the calls that it stands for, which are alike and follow each other

    @property
    def is_fold(self) -> bool:
        """Whether it is more than an operation."""
        return bool(self.calls or self.leaves or len(self.operations) != 1)


@dataclass
class Plan:
    """The units of a picture, each after those that it uses, and down to which depth modules are open."""

    units: list[Unit]
    depth: int

    def folds(self) -> dict[Node, Unit]:
        """The fold of each node that is in one."""
        return {node: unit for unit in self.units if unit.is_fold for node in chain(unit.operations, unit.leaves)}


def plan(
    operations: Sequence[Node], leaves: Sequence[Node], parts: Parts, max_nodes: int, depth: int | None = None
) -> Plan:
    """How to draw a graph in no more than about `max_nodes` boxes, with modules folded that are deeper than `depth`.

    `operations` and `leaves` are in the order of creation; the last operation is the result. What a module calls that
    calls one of its own again and again, as a recurrent layer its cell, is folded, unless `depth` says more, and these
    calls stand apart where there is room. Where there is none, modules are folded, the innermost first; then chains of
    operations. If that is not enough the picture is an overview: what was computed last, as many leaves, and one fold
    for everything else.
    """
    deepest = max(map(len, parts.inside.values()), default=0)
    closed = unrolled(parts) if depth is None else set()
    for level in range(deepest if depth is None else min(depth, deepest), -1, -1):
        if level == deepest > 0 and not closed and len(operations) > max_nodes:  # nothing is folded
            continue
        for apart in (True, False):
            units = units_at(level, operations, parts, closed, apart)
            if level and sum(map(room_for, units)) > max_nodes:
                continue
            units = [*take_leaves(units), *units]
            if room_for_all(units, leaves) <= max_nodes:
                return Plan(units, level)
    runs = chains(units)
    if room_for_all(runs, leaves) <= max_nodes:
        return Plan(runs, 0)
    return Plan(overview(units, leaves, max_nodes // OVERVIEW), 0)


def room_for_all(units: Iterable[Unit], leaves: Sequence[Node]) -> int:
    """How many boxes a picture of these units has."""
    return sum(map(room_for, units)) + len(leaves) - sum(len(unit.leaves) for unit in units)


def room_for(unit: Unit) -> int:
    """How many boxes a unit takes: its own and one for each argument of an operation that is no node."""
    if unit.is_fold:
        return 1
    node = unit.operations[0]
    return 1 + sum(arg is value for arg, value in zip(node.args, node.values))


# --- modules ----------------------------------------------------------------------------------------------------


def unrolled(parts: Parts) -> set[int]:
    """The calls whose calls are closed: one of their own modules is called `OFTEN` times, or more."""
    paths = {path[: k + 1] for path in parts.inside.values() for k in range(len(path))}
    calls = Counter((path[:-1], parts.calls[path[-1]]) for path in paths if parts.calls[path[-1]].name)
    return {around[-1] for (around, _), count in calls.items() if around and count >= OFTEN}


def units_at(
    deep: int, operations: Sequence[Node], parts: Parts, closed: Container[int] = (), apart: bool = False
) -> list[Unit]:
    """The units if modules that are inside of `deep` others, or of a closed one, are folded, with their own leaves.

    Like calls are one; but those of one and the same module are not, if they are to stand `apart`. Every operation that
    a call depends on, and that is not in it, is older than the call: so this is their order.
    """
    units: dict[int, Unit] = {}
    for node in operations:
        path = parts.inside.get(node, ())
        level = next((k + 1 for k, call in enumerate(path[:deep]) if call in closed), deep)
        folded = path[level : level + 1]
        start = folded[0] if folded else node.index
        if start in units:
            units[start].operations.append(node)
        else:
            units[start] = Unit([node], path=path[:level], calls=folded)
    like: list[Unit] = []
    for _, unit in sorted(units.items()):
        if unit.calls and like and like[-1].path == unit.path and alike(like[-1], unit, parts, apart):
            like[-1].operations += unit.operations
            like[-1].calls += unit.calls
        else:
            like.append(unit)
    return like


def take_leaves(units: Sequence[Unit]) -> list[Unit]:
    """Move leaves that belong to modules into the fold that uses them; those that several folds share become folds."""
    users: dict[Node, dict[Unit, None]] = {}
    for unit in units:
        for node in unit.operations:
            for arg in arguments(node):
                if arg.is_leaf and arg.is_state:
                    users.setdefault(arg, {})[unit] = None
    shared: dict[tuple[Unit, ...], Unit] = {}
    for leaf, units_of in users.items():
        key = tuple(units_of)
        if all(unit.calls for unit in key):
            unit = key[0] if len(key) == 1 else shared.setdefault(key, Unit([], path=common(unit.path for unit in key)))
            unit.leaves.append(leaf)
    return [unit for unit in shared.values() if len(unit.leaves) > 1]


def alike(group: Unit, unit: Unit, parts: Parts, apart: bool) -> bool:
    """Whether a call does what each of a group does, on arrays of the same shapes; `apart`: and is another module's."""
    size = len(unit.operations)
    if not group.calls or len(group.operations) != size * len(group.calls):
        return False
    first, last, part = (parts.calls[call] for call in (group.calls[0], group.calls[-1], unit.calls[0]))
    if first.kind != part.kind or (apart and last == part):
        return False
    return all(signature(a) == signature(b) for a, b in zip(group.operations, unit.operations))


def signature(node: Node) -> tuple[Any, ...]:
    """What an operation is, and the shapes that it is applied to."""
    return node.fun, np.shape(node._raw), [getattr(value, "shape", ()) for value in node.values]


# --- chains and overviews ---------------------------------------------------------------------------------------


def joined(units: Sequence[Unit], leaves: Iterable[Node] = ()) -> Unit:
    """One fold for several units."""
    return Unit(
        [node for unit in units for node in unit.operations],
        [*chain.from_iterable(unit.leaves for unit in units), *leaves],
    )


def chains(units: Sequence[Unit]) -> list[Unit]:
    """The units with each of the longest runs in one, in which each has one use, the next, and the next uses no other.

    Modules stay as they are, and so does the last, the result.
    """
    unit_of = {node: unit for unit in units for node in unit.operations}
    sources = {
        unit: list(dict.fromkeys(
            unit_of[arg] for node in unit.operations for arg in arguments(node)
            if arg in unit_of and unit_of[arg] is not unit
        ))
        for unit in units
    }  # fmt: skip
    uses = Counter(source for unit in units for source in sources[unit])
    run_of: dict[Unit, list[Unit]] = {}
    for unit in units[:-1]:
        before = sources[unit]
        goes_on = len(before) == 1 and uses[before[0]] == 1 and not (unit.calls or before[0].calls)
        run = run_of[before[0]] if goes_on else []
        run.append(unit)
        run_of[unit] = run
    found: list[Unit] = []
    for unit in units[:-1]:
        run = run_of[unit]
        if len(run) <= SHORT:
            found.append(unit)
        elif unit is run[-1]:
            found.append(joined(run))
    return [*found, units[-1]]


def overview(units: Sequence[Unit], leaves: Sequence[Node], room: int) -> list[Unit]:
    """The last units, of which half of the room is for, and before them one fold for all others.

    The other half is for leaves, first for those that require a gradient, and of them for those next to these units.
    """
    left, first = room // 2, len(units)
    while first and (left >= room_for(units[first - 1]) or first == len(units)):
        first -= 1
        left -= room_for(units[first])
    shared = [unit for unit in units[:first] if not unit.operations]
    if len(shared) > room // 2:
        shared = []
    rest = [unit for unit in units[:first] if unit not in shared]
    near = {arg for unit in units[first:] for node in unit.operations for arg in arguments(node)}
    taken = {leaf for unit in units for leaf in unit.leaves}
    free = [leaf for leaf in leaves if leaf not in taken]
    kept = set(sorted(free, key=lambda leaf: (not leaf.requires_grad, leaf not in near))[: room - room // 2])
    return [*shared, joined(rest, [leaf for leaf in free if leaf not in kept]), *units[first:]]
