"""Where everything stands: one line of operations, frames in a row, what hangs on an operation above and below it.

Every frame is laid out by itself, the inner ones first: what is in it stands in columns, each after all that it is
computed from, and the columns in rows, if there are too many for one. All is computed along the flow, from a box to its
users, and across it; only the last step knows the direction on the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from .align import align
from .hang import Hung, hung, is_source, of_parameters
from .order import Columns, Link, Place, put_in_order, spine
from .rows import BETWEEN, FIRST, LANE, Turn, broken, turns
from .scene import Edge, Scene

GAP = 26.0  # between columns: room for an arrow
NARROW = 14.0  # between a frame's border and its columns
PAD = 9.0  # around what is in a frame
HANGING = 16.0  # between a box and what hangs on it
ASIDE = 8.0  # between things that hang on one box
SHORTEST = 100.0  # of the rows that are asked for
STEEP, MOST = 0.3, 70.0  # a column that edges reach steeply is farther away, up to this

Size = tuple[float, float]  # along the flow and across it
Key = tuple[str, int]  # of a place in its frame: what it is, and of what


@dataclass(frozen=True)
class Sizes:
    """How much room boxes, the labels of edges and the titles of frames take: along the flow and across it."""

    boxes: Sequence[Size]
    labels: Sequence[Size]
    titles: Sequence[Size]


@dataclass
class Net:
    """The edges of one box as a frame sees them: where they come from, and where they go to, and as which operand."""

    start: Key
    ends: dict[Key, float] = field(default_factory=dict)


@dataclass
class Frame:
    """A frame with what is in it. Its own coordinates begin at its left border, at the line of what enters it."""

    cluster: int | None
    columns: Columns
    ends: dict[Key, Place]  # what edges come from, and go to
    lanes: dict[tuple[int, int], Place]  # where they pass: by the box that they come from, and the column
    begins: list[float] = field(default_factory=list)  # of the columns
    lengths: list[float] = field(default_factory=list)
    row: list[int] = field(default_factory=list)  # of each column
    turns: dict[tuple[int, int], Turn] = field(default_factory=dict)  # by the box, and the row that begins
    length: float = 0.0
    up: float = 0.0
    down: float = 0.0
    drop: float = 0.0  # from the line of the first row, that of what enters, to that of the last
    origin: tuple[float, float] = (0.0, 0.0)


class Plan:
    """The frames of a scene, each laid out. `longest` is how long a row may be.

    `titles` says where frames have their titles: 0 above, -1 before, 1 after what is in them, along the flow. Distances
    are `tight` times the usual ones.
    """

    def __init__(self, scene: Scene, sizes: Sizes, longest: float, titles: int = 0, tight: float = 1.0) -> None:
        self.scene, self.sizes, self.longest, self.titles, self.tight = scene, sizes, longest, titles, tight
        self.hung = hung(scene)
        self.own = of_parameters(scene)
        self.hanging: dict[int, list[Hung]] = defaultdict(list)
        for one in sorted(self.hung.values(), key=lambda one: scene.edges[one.edge].operand):
            self.hanging[one.target].append(one)
        homes = [box.cluster for box in scene.boxes]
        for one in self.hung.values():
            homes[one.box] = homes[one.target]
        self.homes = homes
        self.around = [self.frames_around(home) for home in homes]
        self.nets: dict[int | None, dict[int, Net]] = defaultdict(dict)
        for edge in scene.edges:
            if edge.source not in self.hung:
                self.note(edge)
        self.labelled: dict[tuple[int, int], float] = {}  # how long the label is between two boxes
        for edge, (length, _) in zip(scene.edges, sizes.labels):
            ends = edge.source, edge.target
            self.labelled[ends] = max(length, self.labelled.get(ends, 0))
        self.frames: dict[int | None, Frame] = {}
        for cluster in [*reversed(range(len(scene.clusters))), None]:
            if members := self.members(cluster):
                self.frames[cluster] = self.frame(cluster, members)
        self.put(self.frames[None], 0.0, 0.0)

    def put(self, frame: Frame, along: float, across: float) -> None:
        """Say where a frame stands in the picture, and those in it."""
        frame.origin = along, across
        for (what, i), place in frame.ends.items():
            if what == "frame":
                self.put(self.frames[i], along + place.begin, across + place.at)

    # --- what is where ----------------------------------------------------------------------------------------------

    def frames_around(self, cluster: int | None) -> list[int | None]:
        """A frame and those around it, the whole picture first."""
        found = [cluster]
        while cluster is not None:
            cluster = self.scene.clusters[cluster].parent
            found.append(cluster)
        return found[::-1]

    def child(self, box: int, level: int) -> Key:
        """What stands for a box in the frame around it that is so deep."""
        inner = self.around[box][level + 1 : level + 2]
        return ("box", box) if not inner else ("frame", inner[0])  # type: ignore[return-value]

    def note(self, edge: Edge) -> None:
        """Note an edge in every frame that it is in, enters or leaves."""
        source, target = edge.source, edge.target
        deepest = self.shared(edge)
        start, end = self.child(source, deepest), self.child(target, deepest)
        self.add(self.around[source][deepest], edge, start, end)
        for level, cluster in enumerate(self.around[source]):
            if level > deepest:
                self.add(cluster, edge, self.child(source, level), ("end", source))
        for level, cluster in enumerate(self.around[target]):
            if level > deepest:
                self.add(cluster, edge, ("start", source), self.child(target, level))

    def shared(self, edge: Edge) -> int:
        """How deep the innermost frame is that both ends of an edge are in."""
        pairs = zip(self.around[edge.source], self.around[edge.target])
        return sum(a == b for a, b in pairs) - 1

    def add(self, cluster: int | None, edge: Edge, start: Key, end: Key) -> None:
        """Note an edge in one frame."""
        net = self.nets[cluster].setdefault(edge.source, Net(start))
        net.ends[end] = min(edge.operand, net.ends.get(end, edge.operand))

    def members(self, cluster: int | None) -> list[Key]:
        """What stands in a frame: boxes that hang on none, and inner frames."""
        boxes: list[Key] = [("box", i) for i, home in enumerate(self.homes) if home == cluster and i not in self.hung]
        parents = self.scene.clusters
        return boxes + [("frame", i) for i in self.frames if i is not None and parents[i].parent == cluster]

    # --- one frame --------------------------------------------------------------------------------------------------

    def frame(self, cluster: int | None, members: list[Key]) -> Frame:
        """Lay out a frame, whose inner frames are laid out."""
        rank = self.ranks(members, self.nets[cluster])
        frame = self.columns(cluster, {key: self.place(key, rank[key]) for key in members}, self.nets[cluster])
        columns = frame.columns
        put_in_order(columns)
        frame.lengths = [max((place.length for place in column), default=0.0) for column in columns.places]
        gaps = [self.gap(frame, k) for k in range(1, len(columns.places))]
        held = [all(place.leaf for place in column) for column in columns.places]  # with what uses them
        longest = max(SHORTEST, self.longest - 2 * PAD * len(self.frames_around(cluster)))
        frame.row = broken(frame.lengths, gaps, held, longest)
        line, straight = 0.0, spine(columns)
        for before, place in zip([None, *reversed(straight)], reversed(straight)):
            new = before is not None and frame.row[before.rank] != frame.row[place.rank]
            place.fixed = line = 0.0 if new else line
            line += place.drop
        align(columns, lambda link: frame.row[link.left.rank] != frame.row[link.right.rank])
        self.spread(frame)
        frame.drop = straight[0].at + straight[0].drop
        self.border(frame)
        return frame

    def ranks(self, members: list[Key], nets: dict[int, Net]) -> dict[Key, int]:
        """The column of each: after all that it is computed from; leaves, and what has time, just before their users.

        Column 0 is the border.
        """
        before: dict[Key, list[Key]] = {key: [] for key in members}
        after: dict[Key, list[Key]] = {key: [] for key in members}
        for net in nets.values():
            for end in net.ends:
                if net.start in before and end in before:
                    after[net.start].append(end)
                    before[end].append(net.start)
        rank: dict[Key, int] = {}
        waiting = {key: len(keys) for key, keys in before.items()}
        ready = [key for key in members if not waiting[key]]
        for key in ready:  # which grows
            rank[key] = 1 + max((rank[other] for other in before[key] if not self.is_leaf(other)), default=-1)
            for other in after[key]:
                waiting[other] -= 1
                if not waiting[other]:
                    ready.append(other)
        for key in reversed(ready):
            computed = [other for other in before[key] if not self.is_leaf(other)]
            if after[key] and (not computed or len(computed) < len(after[key])):
                rank[key] = min(rank[other] for other in after[key]) - 1
        first = min(rank.values())
        return {key: r - first + 1 for key, r in rank.items()}

    def is_leaf(self, key: Key) -> bool:
        """Whether nothing leads to it."""
        return key[0] == "box" and is_source(self.scene.boxes[key[1]])

    def place(self, key: Key, rank: int) -> Place:
        """A box with what hangs on it, or an inner frame."""
        what, i = key
        if what == "frame":
            inner = self.frames[i]
            return Place("frame", i, inner.length, inner.up, inner.down, rank=rank, drop=inner.drop)
        length, height = self.sizes.boxes[i]
        reach = {"above": height / 2, "below": height / 2}
        for side in reach:
            if hanging := [one for one in self.hanging[i] if one.side == side]:
                length = max(length, self.wide(hanging))
                reach[side] += self.away(hanging) + max(self.sizes.boxes[one.box][1] for one in hanging)
        box = self.scene.boxes[i]
        band = min(1, self.band(i))
        return Place("box", i, length, reach["above"], reach["below"], band, rank, leaf=is_source(box))

    def band(self, i: int) -> int:
        """Whether a box that is used here and there, and its edges, are kept above (0) or below (2) the others."""
        box = self.scene.boxes[i]
        if i in self.own or (box.is_fold and is_source(box)):
            return 0
        return 2 if box.kind == "constant" else 1

    def room(self, one: Hung) -> float:
        """How much room a hanging box takes along the flow: the label stands beside its edge."""
        return max(self.sizes.boxes[one.box][0], 2 * self.sizes.labels[one.edge][0] + 8)

    def wide(self, hanging: Sequence[Hung]) -> float:
        """How much room boxes take that hang on one side of a box."""
        return sum(map(self.room, hanging)) + ASIDE * (len(hanging) - 1)

    def away(self, hanging: Sequence[Hung]) -> float:
        """How far boxes are from the operation that they hang on."""
        return HANGING * self.tight + max(self.sizes.labels[one.edge][1] for one in hanging)

    def columns(self, cluster: int | None, ends: dict[Key, Place], nets: dict[int, Net]) -> Frame:
        """The columns of a frame, with a place for each edge in each column that it passes."""
        last = max(place.rank for place in ends.values()) + 1
        lanes: dict[tuple[int, int], Place] = {}
        links: list[Link] = []
        for source, net in nets.items():
            for key in (net.start, *net.ends):
                if key[0] in ("start", "end"):
                    ends[key] = Place(key[0], source, rank=0 if key[0] == "start" else last)  # type: ignore[arg-type]
            start = left = ends[net.start]
            band = self.band(source)
            for rank in range(start.rank + 1, max(ends[key].rank for key in net.ends) + 1):
                out = self.level(left, "end", source)
                for key, operand in net.ends.items():
                    if ends[key].rank == rank:
                        enters = self.level(ends[key], "start", source)
                        order = operand if ends[key].what == "box" else enters
                        links.append(Link(left, ends[key], source, order, out, enters))
                if any(ends[key].rank > rank for key in net.ends):
                    lanes[source, rank] = lane = Place("lane", source, band=band, rank=rank)
                    links.append(Link(left, lane, source, 0.0, out))
                    left = lane
        columns: list[list[Place]] = [[] for _ in range(last + 1)]
        for place in (*ends.values(), *lanes.values()):
            columns[place.rank].append(place)
        return Frame(cluster, Columns(columns, links), ends, lanes)

    def level(self, place: Place, end: str, source: int) -> float:
        """How much below its line the edges of a box enter a place ("start") or leave it ("end")."""
        return self.frames[place.of].ends[end, source].at if place.what == "frame" else 0.0

    # --- along the flow ---------------------------------------------------------------------------------------------

    def gap(self, frame: Frame, k: int) -> float:
        """How far column k is from the one before it."""
        links = self.links_into(frame, k)
        titles = {-1: 1, 1: len(frame.columns.places) - 1}.get(self.titles) == k and frame.cluster is not None
        title = self.sizes.titles[frame.cluster or 0][0] if titles else 0.0
        if k in (1, len(frame.columns.places) - 1):
            least = title + (NARROW * self.tight if frame.cluster is not None else 0.0)
        else:
            least = GAP * self.tight
        label = max((self.label(link) for link in links), default=0.0)
        steep = max((abs(link.left.at + link.leaves - link.right.at - link.enters) for link in links), default=0.0)
        return max(least, label and title + label + 18 + min(MOST / 2, STEEP * steep / 2), min(MOST, STEEP * steep))

    def links_into(self, frame: Frame, k: int) -> list[Link]:
        """The links between column k and the one before it."""
        return [link for place in frame.columns.places[k] for link in frame.columns.before.get(place, ())]

    def label(self, link: Link) -> float:
        """How long the label of an edge is, if the edge ends here."""
        return self.labelled[link.source, link.right.of] if link.right.what == "box" else 0.0

    def spread(self, frame: Frame) -> None:
        """Set where columns begin, and put rows below each other, with their edges between them."""
        columns, row, at, lowest = frame.columns.places, frame.row, 0.0, 0.0
        between = BETWEEN * self.tight
        for k, column in enumerate(columns):
            if not k or row[k] != row[k - 1]:
                inside = [place for j, other in enumerate(columns) if row[j] == row[k] for place in other]
                top, bottom = (f(values) for f, values in (
                    (min, [place.at - place.up for place in inside] or [0.0]),
                    (max, [place.at + place.down for place in inside] or [0.0]),
                ))  # fmt: skip
                shift = 0.0
                if k:
                    links = self.links_into(frame, k)
                    links.sort(key=lambda link: (link.left.at + link.leaves, link.source))
                    sources = list(dict.fromkeys(link.source for link in links))
                    margin = self.margin(frame)
                    for source, turn in turns(sources, at, margin, lowest + between / 2).items():
                        frame.turns[source, row[k]] = turn
                        frame.length = max(frame.length, turn.out + FIRST)
                    shift = lowest + between + LANE * len(sources) - top
                    at = margin + LANE * len(sources) + FIRST + max(map(self.label, links), default=0.0)
                for place in inside:
                    place.at = round(place.at + shift, 2)
                lowest = bottom + shift
            else:
                at += self.gap(frame, k)
            frame.begins.append(at)
            for place in column:
                place.begin = at + (frame.lengths[k] - place.length) / 2
            at += frame.lengths[k]
            frame.length = max(frame.length, at)

    def margin(self, frame: Frame) -> float:
        """Where rows begin after the first: behind the border, and the title if it is there."""
        if frame.cluster is None:
            return 0.0
        return NARROW + (self.sizes.titles[frame.cluster][0] if self.titles == -1 else 0.0)

    def border(self, frame: Frame) -> None:
        """Set how far the frame reaches from the line of what enters, with its title; edges leave it at its end."""
        places = [place for column in frame.columns.places for place in column]
        frame.up = max(place.up - place.at for place in places)
        frame.down = max(place.down + place.at for place in places)
        if frame.cluster is not None:
            along, across = self.sizes.titles[frame.cluster]
            if self.titles == 0:
                frame.length = max(frame.length, along + 2 * PAD)
                frame.up += across
            frame.up, frame.down = frame.up + PAD, frame.down + PAD
            if self.titles != 0:
                frame.down = max(frame.down, across + 2 * PAD - frame.up)
        frame.begins[-1] = frame.length
        for place in frame.columns.places[-1]:
            place.begin = frame.length
