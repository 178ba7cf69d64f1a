"""What the demos show: a curve in one line of text, decision regions, and the loss over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# Okabe and Ito's colours, which colour-blind people can tell apart; every class has a marker of its own as well
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7"]
MARKERS = ["o", "s", "^", "D"]
BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(numbers: Sequence[float], width: int = 40) -> str:
    """Positive numbers as a line of blocks, on a logarithmic scale, at most `width` of them."""
    parts = np.array_split(np.log(numbers), min(width, len(numbers)))
    heights = np.array([part.mean() for part in parts])
    low, high = heights.min(), heights.max()
    steps = (heights - low) / (high - low or 1) * (len(BLOCKS) - 1)
    return "".join(BLOCKS[round(step)] for step in steps)


def save_regions(
    path: Path, probabilities: Callable[[Array], Array], X: Array, y: Array, title: str, names: Sequence[str]
) -> None:
    """Draw which class wins where, the paler the less sure, with the points `X` and their labels `y` on top.

    `probabilities` takes points (n, 2) and gives (n, classes).
    """
    from matplotlib.colors import to_rgb

    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.15 * (high - low)
    (left, bottom), (right, top) = low - margin, high + margin
    x1, x2 = np.meshgrid(np.linspace(left, right, 300), np.linspace(bottom, top, 300))
    p = probabilities(np.stack([x1.ravel(), x2.ravel()], axis=1)).reshape(300, 300, -1)
    best = p.max(axis=-1, keepdims=True)
    sure = (best - 1 / p.shape[-1]) / (1 - 1 / p.shape[-1])  # 0 where all classes are equally likely
    ink = 1 - np.array([to_rgb(colour) for colour in COLOURS])[p.argmax(axis=-1)]

    figure, axes = canvas(5.6, 5.2)
    axes.imshow(1 - 0.6 * sure * ink, extent=(left, right, bottom, top), origin="lower", interpolation="bilinear")
    for k in range(p.shape[-1] if p.shape[-1] > 2 else 1):  # where a class is exactly as likely as the best other one
        lead = p[..., k] - np.delete(p, k, axis=-1).max(axis=-1)
        axes.contour(x1, x2, lead, levels=[0], colors="0.25", linewidths=1.2)
    for k, name in enumerate(names):
        own = X[y == k]
        size = 140 if len(X) < 20 else 24
        axes.scatter(*own.T, s=size, c=COLOURS[k], marker=MARKERS[k], edgecolors="white", linewidths=0.8, label=name)
    axes.set(title=title, xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False, borderaxespad=0)
    figure.savefig(path, bbox_inches="tight")


def save_loss(path: Path, losses: Sequence[float], title: str, unit: str) -> None:
    """Draw the loss over time, on a logarithmic scale; `unit` says what the losses are counted in."""
    figure, axes = canvas(5.6, 3.6)
    axes.semilogy(np.arange(1, len(losses) + 1), losses, color=COLOURS[0], linewidth=1.8)
    axes.set(title=title, xlabel=unit, ylabel="loss (mean cross-entropy)", xlim=(1, len(losses)))
    axes.grid(color="0.9", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, bbox_inches="tight")


def canvas(width: float, height: float) -> tuple[Any, Any]:
    """A figure, without any window, and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=160)
    return figure, figure.subplots()
