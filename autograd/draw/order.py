"""In which order things stand in a column: operand a above b, few crossings, parameters above and constants below."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SWEEPS = 6  # so often neighbours are exchanged, at most


@dataclass(eq=False)
class Place:
    """What stands in a column of a frame: a box with what hangs on it, an inner frame, or an edge that passes.

    Where an edge enters or leaves the frame there is a place in the column before the first or after the last.
    Lengths go along the flow, from a box to its users; `up` and `down` are across it, from the line of the place.
    """

    what: Literal["box", "frame", "lane", "start", "end"]
    of: int  # the box, the cluster, or the box that the edge comes from
    length: float = 0.0
    up: float = 0.0
    down: float = 0.0
    band: int = 1  # 0: kept above, 2: kept below
    rank: int = 0  # its column
    at: float = 0.0  # its line, across the flow
    begin: float = 0.0  # where it begins, along the flow
    leaf: bool = False  # a box that nothing leads to
    fixed: float | None = None  # where the spine wants its line
    drop: float = 0.0  # how much lower the line is that leaves it than that which enters it

    @property
    def is_edge(self) -> bool:
        """Whether it is no more than an edge."""
        return self.what in ("lane", "start", "end")


@dataclass(eq=False)
class Link:
    """Between places in neighbouring columns: the edges of one box. `leaves` and `enters` are where, from the lines."""

    left: Place
    right: Place
    source: int
    operand: float = 0.0  # which operand of the right one it is
    leaves: float = 0.0
    enters: float = 0.0


@dataclass
class Columns:
    """The places of a frame in columns, each in its order, and what links them."""

    places: list[list[Place]]
    links: list[Link]
    before: dict[Place, list[Link]] = field(default_factory=dict)
    after: dict[Place, list[Link]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for link in self.links:
            self.before.setdefault(link.right, []).append(link)
            self.after.setdefault(link.left, []).append(link)


def put_in_order(columns: Columns) -> None:
    """Order each column: first as the operands follow each other, from the results back; then with fewer crossings."""
    visited: dict[Place, int] = {}
    ends = [place for column in reversed(columns.places) for place in column if place not in columns.after]
    stack = ends[::-1]
    while stack:
        place = stack.pop()
        if place not in visited:
            visited[place] = len(visited)
            incoming = sorted(columns.before.get(place, ()), key=lambda link: (link.left.band, link.operand))
            stack += [link.left for link in reversed(incoming)]
    for column in columns.places:
        column.sort(key=lambda place: (place.band, visited[place]))
    for _ in range(SWEEPS):
        if not sum(exchange(columns, k) for k in range(len(columns.places))):
            break


def exchange(columns: Columns, at: int) -> bool:
    """Exchange neighbours in a column whose edges cross less then; whether there were any."""
    column = columns.places[at]
    height = {place: k for other in columns.places[max(at - 1, 0) : at + 2] for k, place in enumerate(other)}
    changed = False
    for k in range(len(column) - 1):
        upper, lower = column[k : k + 2]
        if upper.band == lower.band and crossings(columns, height, upper, lower) > crossings(
            columns, height, lower, upper
        ):
            column[k : k + 2] = lower, upper
            changed = True
    return changed


def crossings(columns: Columns, height: dict[Place, int], upper: Place, lower: Place) -> int:
    """How many edges of two places cross if the first stands above the second."""
    count = 0
    for links, far, end in ((columns.before, "left", "leaves"), (columns.after, "right", "enters")):
        ends = [
            [(height[getattr(link, far)], getattr(link, end), link.source) for link in links.get(place, ())]
            for place in (upper, lower)
        ]
        count += sum(a[:2] > b[:2] for a in ends[0] for b in ends[1] if a[2] != b[2])
    return count


def spine(columns: Columns) -> list[Place]:
    """The longest way to the result, which is to be straight: through first operands, from where leaves meet on."""
    ends = [place for column in reversed(columns.places) for place in column if place not in columns.after]
    last = [place for place in ends if place.rank == ends[0].rank]  # of several results that which is computed last
    found = [
        min(last, key=lambda place: min((foreign(link.left) for link in columns.before.get(place, ())), default=0))
    ]
    while found and found[-1] in columns.before:
        links = sorted(columns.before[found[-1]], key=lambda link: (foreign(link.left), link.left.band, link.operand))
        if foreign(links[0].left) > 1 and len({foreign(link.left) for link in links[:2]}) < len(links[:2]):
            break  # of two leaves neither
        found.append(links[0].left)
    return found


def foreign(place: Place) -> int:
    """How little a place belongs on the spine: what was computed does, then what enters, leaves, and what is above."""
    return 4 if not place.band else 2 if place.leaf else {"box": 0, "frame": 0, "start": 1}.get(place.what, 3)
