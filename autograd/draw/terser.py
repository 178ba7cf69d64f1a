"""What a picture shows where all of it has no room on a page: less and less, until it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .heat import with_heat
from .scene import Scene, look_at
from .titles import with_titles

FEW = 3  # numbers of an array that are shown in full, where there is little room
BOXES = (60, 40, 25, 15, 8, 4)  # so many, at most, are shown of a graph that is folded to have room


def terser(scene: Scene, gradients: bool, pictures: bool, page: bool, foldable: bool) -> Iterator[Scene]:
    """The scene with the pictures of its arrays; without them; arrays by their min, mean and max; and then folded.

    Where it is for a page, and of too many boxes to have room on any, it is folded at once.
    """
    if not (page and foldable and len(scene.boxes) > BOXES[0]):
        if pictures:
            yield with_heat(scene)
        yield scene
        yield summed_up(scene)
    for most in BOXES if foldable else ():
        if most < len(scene.boxes):
            folded = with_titles(look_at(scene.root, gradients, most))
            if len(folded.boxes) < len(scene.boxes):
                yield folded
                yield summed_up(folded)


def summed_up(scene: Scene) -> Scene:
    """The scene with fewer arrays in full, and only single numbers on its edges."""
    edges = [replace(edge, local=edge.local if np.size(edge.local) == 1 else None) for edge in scene.edges]
    return replace(scene, boxes=[replace(box, most=FEW) for box in scene.boxes], edges=edges)
