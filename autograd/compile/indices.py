"""Indices as texts of a program: sums of counters, and how views change them. What is known is a number at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .machine import NotNative
from .program import Op


class Counter(NamedTuple):
    """An integer of a loop: `start + step * name` in each of so many turns."""

    name: str
    start: int
    step: int
    turns: int

    @property
    def values(self) -> list[int]:
        """What it is, turn by turn."""
        return [self.start + self.step * t for t in range(self.turns)]

    @property
    def text(self) -> str:
        """The number in a turn."""
        return linear(self.start, (self.name, self.step))


def linear(offset: int, *terms: tuple[str, int]) -> str:
    """The sum of an offset and of indices times factors."""
    text = ""
    for index, times in terms:
        if index.isdigit():
            offset += int(index) * times
            continue
        text += f" {'+' if times > 0 else '-'} {factor(index)}" + (f" * {abs(times)}" if abs(times) != 1 else "")
    return f"{offset}{text}" if offset or not text.startswith(" + ") else text[3:]


def factor(text: str) -> str:
    """An expression that is a factor of another."""
    return text if text.isidentifier() else f"({text})"


def evenly(values: Sequence[int], counter: str) -> str:
    """Integers, one for each turn of a loop, as a text of its counter."""
    first, step = values[0], values[1] - values[0] if len(values) > 1 else 0
    if any(x != first + t * step for t, x in enumerate(values)):
        raise NotNative("an index does not move evenly")
    return linear(first, (counter, step)) if step else str(first)


def aligned(index: Sequence[str], shape: Sequence[int], of: Sequence[int]) -> list[str]:
    """The index of an operand of shape `of` that broadcasts to `shape`."""
    tail = list(index)[len(shape) - len(of) :]
    return ["0" if size == 1 else i for i, size in zip(tail, of)]


def flat_index(index: Sequence[str], shape: Sequence[int], offset: int) -> str:
    """The position of an element in an array in C order that begins at `offset`."""
    return linear(offset, *((i, math.prod(shape[axis + 1 :])) for axis, i in enumerate(index)))


def reshaped(index: Sequence[str], shape: Sequence[int], of: Sequence[int]) -> list[str]:
    """The index in an array of shape `of` of the element at `index` in what it is reshaped to, of this shape.

    Axes that go over into each other are taken together, and no others: of (5, 4, 3) as (20, 3) the last stays what it
    is.
    """
    if 0 in of:
        return ["0"] * len(of)
    found: list[str] = []
    here, there = 0, 0
    while there < len(of):
        start, first = here, there
        here, there = min(here + 1, len(shape)), there + 1
        while math.prod(shape[start:here]) != math.prod(of[first:there]):
            if math.prod(shape[start:here]) < math.prod(of[first:there]):
                here += 1
            else:
                there += 1
        position = flat_index(index[start:here], shape[start:here], 0)
        found += unraveled(position, of[first:there])
    return found


def unraveled(position: str, shape: Sequence[int]) -> list[str]:
    """The index of the element at a position in C order."""
    if position.isdigit():
        return [str(i) for i in np.unravel_index(int(position), tuple(shape))]
    found = []
    for axis, size in enumerate(shape):
        before, after = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
        text = position if after == 1 else f"{factor(position)} // {after}"
        found.append("0" if size == 1 else text if before == 1 else f"{factor(text)} % {size}")
    return found


def sliced(item: Any, shape: Sequence[int], index: Sequence[str], moving: Any) -> list[str]:
    """The index into an array of this shape of the element at `index` in what a basic index `item` takes of it.

    `moving` gives the Counter of an integer that is an operation, or its text: as an index of an axis of some size, or,
    without one, as it is.
    """
    items = list(item if isinstance(item, tuple) else (item,))
    fill = [slice(None)] * (len(shape) - sum(i is not None and i is not ... for i in items))
    spot = next((k for k, i in enumerate(items) if i is ...), len(items))
    rest, sizes, found = iter(index), iter(shape), []
    for i in items[:spot] + fill + items[spot + 1 :]:
        if i is None:
            next(rest)
        elif isinstance(i, slice):
            start, step = beginning(i, next(sizes), moving)
            found.append(linear(0, (start, 1), (next(rest), step)))
        else:
            size = next(sizes)
            found.append(at(moving(i, size) if isinstance(i, Op) else int(i), size))
    return found


def at(i: Counter | str | int, size: int) -> str:
    """An integer as an index of an axis: it may count from the end."""
    if isinstance(i, Counter):
        return evenly([value % size for value in i.values], i.name)
    return i if isinstance(i, str) else str(i % size)


def beginning(i: slice, size: int, moving: Any) -> tuple[str, int]:
    """Where a slice begins, and its step. How long it is says its shape, which is the same in all turns."""
    start, step = (moving(end) if isinstance(end, Op) else end for end in (i.start, i.step))
    if isinstance(step, (Counter, str)):
        raise NotNative("the step of a slice is another one in each turn")
    if isinstance(start, str):
        return f"min(max({start} if {start} >= 0 else {start} + {size}, 0), {size - 1})", step or 1
    numbers = start.values if isinstance(start, Counter) else [start]
    starts, steps = zip(*(slice(number, None, step).indices(size)[::2] for number in numbers))
    return evenly(starts, start.name) if isinstance(start, Counter) else str(starts[0]), steps[0]


def selected(item: Any, shape: Sequence[int]) -> tuple[int, ...]:
    """The shape of what an index takes of an array of this shape."""
    items = item if isinstance(item, tuple) else (item,)

    def example(i: Any) -> Any:
        return i.value if isinstance(i, Op) else i

    known = [
        slice(example(i.start), example(i.stop), example(i.step)) if isinstance(i, slice) else example(i) for i in items
    ]
    return np.broadcast_to(False, tuple(shape))[tuple(known)].shape
