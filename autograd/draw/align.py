"""How high things stand in their columns: edges as straight as can be, the spine quite straight, nothing too near."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .order import Columns, Link, Place

SWEEPS = 24  # over all columns, there and back
BETWEEN_BOXES, BETWEEN_EDGES = 14.0, 9.0  # the least distance of neighbours
STIFF, HEAVY = 1e9, 3.0  # how much the spine, and an edge that passes, insist on their place


def align(columns: Columns, broken: Callable[[Link], bool]) -> None:
    """Set `at` of every place. Links that are broken, since a new row begins there, pull at nothing."""
    before = {place: [link for link in links if not broken(link)] for place, links in columns.before.items()}
    after = {place: [link for link in links if not broken(link)] for place, links in columns.after.items()}
    for column in columns.places:
        settle(column, [0.0] * len(column))
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for column in columns.places if forward else reversed(columns.places):
            wanted = []
            for place in column:
                pulls = pulls_of(place, before.get(place, ()), ()) if forward else []
                if not forward and (sweep < SWEEPS / 2 or not before.get(place)):  # in the end, over what leads to it
                    pulls = pulls_of(place, (), after.get(place, ()))
                wanted.append(sum(pulls) / len(pulls) if pulls else place.at)
            settle(column, wanted)


def pulls_of(place: Place, before: Iterable[Link], after: Iterable[Link]) -> list[float]:
    """Where the edges of a place would be straight."""
    return [
        *(link.left.at + link.leaves - link.enters for link in before),
        *(link.right.at + link.enters - link.leaves for link in after),
    ]


def settle(column: Sequence[Place], wanted: Sequence[float]) -> None:
    """Put the places of a column, in their order, as near as can be to where they want to be (isotonic regression)."""
    shift, shifts = 0.0, []
    for above, place in zip([None, *column], column):
        if above is not None:
            shift += above.down + distance(above, place) + place.up
        shifts.append(shift)
    pools: list[tuple[float, float, int]] = []  # mean, weight, and how many: what would overlap moves together
    for place, want, offset in zip(column, wanted, shifts):
        weight = HEAVY if place.is_edge else 1.0
        if place.fixed is not None:
            want, weight = place.fixed, STIFF
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, other_weight, others = pools.pop()
            mean = (mean * weight + other * other_weight) / (weight + other_weight)
            weight, count = weight + other_weight, count + others
        pools.append((mean, weight, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    for place, mean, offset in zip(column, means, shifts):
        place.at = round(mean + offset, 2)


def distance(above: Place, below: Place) -> float:
    """How far neighbours in a column are from each other."""
    return BETWEEN_EDGES if above.is_edge and below.is_edge else BETWEEN_BOXES
