"""Medians of ratios: the two times of a round were taken within a second, so what slows the machine slows both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Ratio:
    """The median of the ratios of all rounds, and their quartiles."""

    median: float
    low: float
    high: float


def ratio(times: Sequence[float], others: Sequence[float]) -> Ratio:
    """How many times as long the first took as the second, round by round."""
    if len(times) != len(others) or not times:
        raise ValueError(f"rounds do not pair: {len(times)} and {len(others)}")
    ratios = [time / other for time, other in zip(times, others)]
    low, _, high = quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    return Ratio(median(ratios), low, high)


def agree(losses: Sequence[float], reference: Sequence[float], tolerance: float) -> bool:
    """Whether two sequences of losses are the same, up to rounding."""
    same_length = len(losses) == len(reference)
    return same_length and all(abs(a - b) <= tolerance * abs(b) for a, b in zip(losses, reference))
