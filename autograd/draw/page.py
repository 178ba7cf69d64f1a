"""What is laid out, in Graphviz's words: points from the lower left, as texts, for the direction on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .layout import PAD, Plan, Sizes
from .route import Point, Rectangle, ways
from .scene import Scene

ARROW = 7.5  # the length of an arrow's head
DOUBLE = 8.0  # what a second outline adds
UNDER = 14.0  # from the picture to what is said below it


@dataclass(frozen=True)
class Page:
    """Where everything is, each as Graphviz wants to read it; sizes are in points."""

    sizes: Sequence[tuple[float, float]]
    boxes: Sequence[str]
    edges: Sequence[str]
    labels: Sequence[str]
    frames: dict[int, str]
    titles: dict[int, str]
    corner: Point  # the lower left of the picture, and how large it is
    width: float
    height: float

    def below(self, width: float, height: float) -> str:
        """The middle of a text below the picture."""
        return text((self.corner[0] + width / 2, self.corner[1] - UNDER - height / 2))


def on_page(
    scene: Scene,
    boxes: Sequence[tuple[float, float]],
    labels: Sequence[tuple[float, float]],
    titles: Sequence[tuple[float, float]],
    direction: str,
    longest: float,
    tight: float = 1.0,
) -> Page:
    """Lay out a scene whose boxes, labels and titles have these widths and heights."""
    level = direction in ("LR", "RL")
    outer = [(w + DOUBLE, h + DOUBLE) if i == len(boxes) - 1 else (w, h) for i, (w, h) in enumerate(boxes)]
    sizes = Sizes(*([(w, h) if level else (h, w) for w, h in kind] for kind in (outer, labels, titles)))
    plan = Plan(scene, sizes, longest, {"TB": -1, "BT": 1}.get(direction, 0), tight)
    found = ways(plan)

    def turned(point: Point) -> Point:
        along, across = point
        return {"LR": (along, -across), "RL": (-along, -across), "TB": (across, -along), "BT": (across, along)}[
            direction
        ]

    def rectangle(place: Rectangle) -> tuple[float, float, float, float]:
        corners = [turned((place[0], place[2])), turned((place[1], place[3]))]
        (left, right), (bottom, top) = (sorted(values) for values in zip(*corners))
        return left, bottom, right, top

    frames = {i: rectangle(place) for i, place in found.frames.items()}
    around = [*frames.values()]
    for (along, across), (length, height) in zip(found.boxes, sizes.boxes):
        around.append(rectangle((along - length / 2, along + length / 2, across - height / 2, across + height / 2)))
    around += [(*point, *point) for curve in found.edges for point in map(turned, curve)]
    left, bottom, right, top = (f(sides) for f, sides in zip((min, min, max, max), zip(*around)))
    return Page(
        boxes,
        [text(turned(middle)) for middle in found.boxes],
        [arrow([turned(point) for point in curve]) for curve in found.edges],
        [text(turned(middle)) for middle in found.labels],
        {i: ",".join(f"{x:.2f}" for x in place) for i, place in frames.items()},
        {
            i: text((left + PAD + titles[i][0] / 2, top - 5 - titles[i][1] / 2))
            for i, (left, _, _, top) in frames.items()
        },
        (left, bottom),
        right - left,
        top - bottom,
    )


def text(point: Point) -> str:
    """A point for Graphviz."""
    return f"{point[0]:.2f},{point[1]:.2f}"


def arrow(curve: list[Point]) -> str:
    """A curve for Graphviz, with room for the arrow's head at its end."""
    (x, y), (a, b) = curve[-1], next(point for point in reversed(curve) if point != curve[-1])
    size = ((x - a) ** 2 + (y - b) ** 2) ** 0.5
    before = x + (a - x) * ARROW / size, y + (b - y) * ARROW / size
    return f"e,{text(curve[-1])} " + " ".join(map(text, [*curve[:-1], before]))
