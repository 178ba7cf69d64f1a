"""Columns in rows: where a row of columns that is too long is broken, and how edges go from a row to the next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SLACK = 1.2  # one row that is somewhat longer is better than a second with little in it
BETWEEN = 30.0  # between rows
LANE = 8.0  # between edges that go from a row to the next
FIRST = 10.0  # from a row's end to the first of them


@dataclass
class Turn:
    """Where the edges of one box go to the next row: along the flow, then across it, and back to where they go on."""

    out: float
    across: float
    back: float


def broken(lengths: Sequence[float], gaps: Sequence[float], held: Sequence[bool], longest: float) -> list[int]:
    """The row of each column: as few rows as there can be that are not longer than `longest`, and about equally long.

    Columns that are `held` stand in one row with the next. So do the first and the last, the borders of the frame.
    """
    total = sum(lengths) + sum(gaps)
    if total <= SLACK * longest:
        return [0] * len(lengths)
    for count in range(math.ceil(total / longest), len(lengths) + 1):
        rows = filled(lengths, gaps, held, total / count * (1 + 0.25 / count))
        if max(extents(rows, lengths, gaps)) <= longest:
            return rows
    return filled(lengths, gaps, held, longest)


def filled(lengths: Sequence[float], gaps: Sequence[float], held: Sequence[bool], longest: float) -> list[int]:
    """The row of each column, where a row begins when the one before it has no room."""
    rows, length = [0], lengths[0]
    for k in range(1, len(lengths)):
        length += gaps[k - 1] + lengths[k]
        if length > longest and k < len(lengths) - 1 and not held[k - 1]:
            rows.append(rows[-1] + 1)
            length = lengths[k]
        else:
            rows.append(rows[-1])
    return rows


def extents(rows: Sequence[int], lengths: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """How long the rows are."""
    found = [0.0] * (rows[-1] + 1)
    for k, row in enumerate(rows):
        found[row] += lengths[k] + (gaps[k - 1] if k and rows[k - 1] == row else 0)
    return found


def turns(sources: Sequence[int], end: float, begin: float, top: float) -> dict[int, Turn]:
    """The turns of the edges of some boxes, the highest first, from where a row ends to where the next begins.

    They do not cross each other: what is higher turns farther out, passes lower, and comes back farther in.
    """
    last = len(sources) - 1
    return {
        source: Turn(*(start + LANE * (last - i) for start in (end + FIRST, top, begin)))
        for i, source in enumerate(sources)
    }
