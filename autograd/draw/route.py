"""The ways of edges, from box to box through frames and past what stands between, and where their labels stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from .hang import Hung
from .layout import ASIDE, Frame, Plan
from .rows import Turn

Point = tuple[float, float]  # along the flow, across it
Numbers = npt.NDArray[Any]
Rectangle = tuple[float, float, float, float]  # from and to along the flow, from and to across it

ROUND = 7.0  # the radius of corners
APART = 14.0  # edges between the same boxes
LEAN, REACH = 0.15, 0.3  # an edge ends toward where it comes from, so far from the middle of a box
STRAIGHT = 10.0  # how much of its end is straight: the arrow's head
GRAIN = 4.0  # an edge is seen as points so far apart
ON_BOX, ON_EDGE, ON_LABEL = 12.0, 3.0, 6.0  # how bad it is to cover them
TRIED = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)  # where on its edge a label may stand
CLEAR = 2.0  # from an edge to its label


@dataclass
class Ways:
    """Where everything is in the end: middles of boxes and labels, borders of frames, Bézier curves of edges."""

    boxes: list[Point]
    frames: dict[int, Rectangle]
    edges: list[list[Point]] = field(default_factory=list)
    labels: list[Point] = field(default_factory=list)


def ways(plan: Plan) -> Ways:
    """Find all of it."""
    scene, sizes = plan.scene, plan.sizes
    middles = middles_of(plan)
    frames = {}
    for i, frame in plan.frames.items():
        if i is not None:
            along, across = frame.origin
            frames[i] = (along, along + frame.length, across - frame.up, across + frame.down)
    found = Ways([middles[i] for i in range(len(scene.boxes))], frames)
    twins: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, edge in enumerate(scene.edges):
        twins[edge.source, edge.target].append(i)
    last: list[list[Point]] = []
    for i, edge in enumerate(scene.edges):
        if edge.source in plan.hung:
            curve = upright(plan, plan.hung[edge.source], middles)
            part = curve
        else:
            same = twins[edge.source, edge.target]
            curve, part = flowing(plan, i, middles, APART * (same.index(i) - (len(same) - 1) / 2))
        found.edges.append(curve)
        last.append(part)
    taken = Taken(
        [(x - w / 2, x + w / 2, y - h / 2, y + h / 2) for (x, y), (w, h) in zip(found.boxes, sizes.boxes)], found.edges
    )
    for i, size in enumerate(sizes.labels):
        beside = scene.edges[i].source in plan.hung
        found.labels.append(taken.best(last[i], size, beside) if size[0] else (0.0, 0.0))
    return found


def middles_of(plan: Plan) -> dict[int, Point]:
    """The middle of each box; those that hang on a box stand side by side."""
    found: dict[int, Point] = {}
    for frame in plan.frames.values():
        along, across = frame.origin
        for (what, i), place in frame.ends.items():
            if what == "box":
                middle = along + place.begin + place.length / 2
                found[i] = middle, across + place.at
                for side, sign in (("above", -1), ("below", 1)):
                    hanging = [one for one in plan.hanging[i] if one.side == side]
                    at = middle - plan.wide(hanging) / 2
                    for one in hanging:
                        far = plan.sizes.boxes[i][1] / 2 + plan.away(hanging) + plan.sizes.boxes[one.box][1] / 2
                        found[one.box] = at + plan.room(one) / 2, across + place.at + sign * far
                        at += plan.room(one) + ASIDE
    return found


# --- The ways of edges --------------------------------------------------------------------------------------------


def upright(plan: Plan, one: Hung, middles: dict[int, Point]) -> list[Point]:
    """The edge of a box that hangs on an operation."""
    (along, across), (end, line) = middles[one.box], middles[one.target]
    size, target = plan.sizes.boxes[one.box], plan.sizes.boxes[one.target]
    sign = 1 if one.side == "above" else -1
    end = min(max(along, end - 0.4 * target[0]), end + 0.4 * target[0])
    return straight((along, across + sign * size[1] / 2), (end, line - sign * target[1] / 2))


def straight(a: Point, b: Point) -> list[Point]:
    """A line as a Bézier curve."""
    return [a, *(((2 * a[0] + b[0]) / 3, (2 * a[1] + b[1]) / 3), ((a[0] + 2 * b[0]) / 3, (a[1] + 2 * b[1]) / 3)), b]


def flowing(plan: Plan, i: int, middles: dict[int, Point], shift: float) -> tuple[list[Point], list[Point]]:
    """The edge from a box to one that stands farther on, and its part that ends there. Twins are shifted."""
    edge = plan.scene.edges[i]
    source, target = edge.source, edge.target
    shift = within(shift, REACH * plan.sizes.boxes[target][1])
    (along, across), (end, line) = middles[source], middles[target]
    away = along + plan.sizes.boxes[source][0] / 2
    path = [(away, away, across + shift)]  # stretches along the flow: from, to, and where across it
    turns: list[tuple[Frame, Turn] | None] = []
    deepest = plan.shared(edge)
    levels = [*reversed(plan.around[source][deepest:]), *plan.around[target][deepest + 1 :]]
    for step, cluster in enumerate(levels):
        frame = plan.frames[cluster]
        x, y = frame.origin
        depth = len(plan.around[source]) - 1 - step
        leaving, shared = depth > deepest, depth == deepest
        inside = len(plan.around[target]) - len(levels) + step
        first = frame.ends[plan.child(source, depth) if leaving or shared else ("start", source)]
        last = frame.ends[("end", source) if leaving else plan.child(target, inside)]
        if leaving or shared:  # past what is longer in the column
            path[-1] = (path[-1][0], x + frame.begins[first.rank] + frame.lengths[first.rank], path[-1][2])
        else:
            path[-1] = (path[-1][0], x, y + first.at + shift)
        for rank in range(first.rank + 1, last.rank + 1):
            new = frame.row[rank] != frame.row[rank - 1]
            turns.append((frame, frame.turns[source, frame.row[rank]]) if new else None)
            begin = x + frame.begins[rank]
            if rank < last.rank:
                path.append((begin, begin + frame.lengths[rank], y + frame.lanes[source, rank].at + shift))
            elif last.what == "end":
                path.append((begin, begin, y + last.at + shift))
            else:
                path.append((begin, end - plan.sizes.boxes[target][0] / 2, line + shift))
    ends = [(0, 1, source), (-1, -2, target)]
    shifts = [within(LEAN * (path[other][2] - path[i][2]), REACH * plan.sizes.boxes[box][1]) for i, other, box in ends]
    for (i, _, _), lean in zip(ends, shifts):
        path[i] = (*path[i][:2], path[i][2] + lean)
    return joined(path, turns)


def within(x: float, most: float) -> float:
    """The nearest number to `x` whose size is at most that."""
    return max(-most, min(most, x))


def joined(
    path: Sequence[tuple[float, float, float]], turns: Sequence[tuple[Frame, Turn] | None]
) -> tuple[list[Point], list[Point]]:
    """Stretches as one curve, and its last part: between the last two of them, and the last."""
    curve: list[Point] = [(path[0][0], path[0][2])]
    part = 0
    for i, (((_, a, line), (b, c, goal)), turn) in enumerate(zip(pairwise(path), turns)):
        extend(curve, (a, line))
        part = len(curve) - 1
        if turn:
            x, y = turn[0].origin
            out, across, back = x + turn[1].out, y + turn[1].across, x + turn[1].back
            rounded(curve, [(a, line), (out, line), (out, across), (back, across), (back, goal), (b, goal)])
            part = len(curve) - 1
        elif line != goal:
            b = min(b, c - STRAIGHT) if i == len(path) - 2 else b
            middle = (a + b) / 2
            curve += [(middle, line), (middle, goal), (b, goal)]
        extend(curve, (c, goal))
    return merged(curve), curve[part:]


def extend(curve: list[Point], end: Point) -> None:
    """A straight line on."""
    if end != curve[-1]:
        curve += straight(curve[-1], end)[1:]


def merged(curve: list[Point]) -> list[Point]:
    """The same curve with one line for several that follow each other along the flow."""
    found = curve[:1]
    for i in range(1, len(curve) - 2, 3):
        piece = curve[i : i + 3]
        if len(found) > 3 and len({across for _, across in (*found[-4:], *piece)}) == 1:
            del found[-3:]
            piece = straight(found[-1], piece[-1])[1:]
        found += piece
    return found


def rounded(curve: list[Point], corners: Sequence[Point]) -> None:
    """A way around corners."""
    for before, corner, after in zip(corners, corners[1:], corners[2:]):
        enter, leave = toward(corner, before), toward(corner, after)
        extend(curve, enter)
        curve += [corner, corner, leave]


def toward(corner: Point, other: Point) -> Point:
    """Where the rounding of a corner begins, on the way to another."""
    x, y = other[0] - corner[0], other[1] - corner[1]
    part = min(ROUND, (abs(x) + abs(y)) / 2) / ((abs(x) + abs(y)) or 1)
    return corner[0] + part * x, corner[1] + part * y


def points(curve: Sequence[Point], apart: float = 0.0, steps: Sequence[float] = ()) -> Numbers:
    """Points of a curve: where its whole length is divided so, or about so far apart."""
    pieces = np.array([curve[i : i + 4] for i in range(0, len(curve) - 1, 3)])
    lengths = np.abs(np.diff(pieces, axis=1)).sum(axis=(1, 2))
    if not len(steps):
        steps = np.linspace(0, 1, 2 + int(lengths.sum() / apart)).tolist()
    ends = np.cumsum(lengths) / lengths.sum()
    which = np.minimum(np.searchsorted(ends, steps), len(pieces) - 1)
    starts = np.concatenate([[0.0], ends[:-1]])
    t = ((np.array(steps) - starts[which]) / np.maximum(ends - starts, 1e-9)[which])[:, None]
    a, b, c, d = np.moveaxis(pieces[which], 1, 0)
    found: Numbers = (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t * t * (1 - t) * c + t**3 * d
    return found


# --- Labels ---------------------------------------------------------------------------------------------------------


class Taken:
    """What is taken by boxes, edges and labels: rectangles, and how bad it is to cover a part of each."""

    def __init__(self, boxes: Sequence[Rectangle], curves: Sequence[Sequence[Point]]) -> None:
        near = [points(curve, GRAIN) for curve in curves]
        dots = np.concatenate([np.empty((0, 2)), *near])
        x, y = dots.T
        room = np.zeros((len(curves), 4))  # for as many labels
        self.places = np.concatenate([
            np.reshape(boxes, (-1, 4)),
            np.stack([x - GRAIN / 2, x + GRAIN / 2, y - GRAIN / 2, y + GRAIN / 2], axis=1),
            room,
        ])  # fmt: skip
        self.weights = np.repeat([ON_BOX, ON_EDGE, 0.0], [len(boxes), len(dots), len(room)])
        self.count = len(boxes) + len(dots)

    def best(self, curve: Sequence[Point], size: tuple[float, float], beside: bool) -> Point:
        """Where a label covers least, beside its edge; it is noted."""
        length, height = size[0] / 2 + CLEAR, size[1] / 2 + CLEAR
        sides = [(length, 0.0), (-length, 0.0)]
        if not beside:
            sides = [(0.0, -height), (0.0, height), *sides]
        shifts = np.array([*sides, *((1.6 * x, 1.6 * y) for x, y in sides)])
        middles = (points(curve, steps=TRIED)[:, None] + shifts).reshape(-1, 2)
        half = np.array(size) / 2
        low, high = middles - half, middles + half
        places, weights = self.places, self.weights
        near = np.flatnonzero(
            (places[:, 1] > low[:, 0].min()) & (places[:, 0] < high[:, 0].max())
            & (places[:, 3] > low[:, 1].min()) & (places[:, 2] < high[:, 1].max())
        )  # fmt: skip
        left, right, top, bottom = places[near].T
        wide = np.minimum(high[:, :1], right) - np.maximum(low[:, :1], left)
        tall = np.minimum(high[:, 1:], bottom) - np.maximum(low[:, 1:], top)
        covered = (np.maximum(wide, 0) * np.maximum(tall, 0)) @ weights[near]
        order = np.add.outer(3.0 * np.arange(len(TRIED)), np.arange(len(shifts))).ravel()
        x, y = middles[np.argmin(covered + order)].tolist()
        places[self.count] = x - half[0], x + half[0], y - half[1], y + half[1]
        weights[self.count] = ON_LABEL
        self.count += 1
        return x, y
