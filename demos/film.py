"""The decision regions over training, as an animation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import nn

from .pictures import COLOURS, Array, Plane, canvas, decimal, draw_regions, light, probabilities_of


class Film:
    """A callback of `nn.fit` that keeps what a classifier of points (n, 2) thinks, denser in the first epochs."""

    def __init__(self, X: Array, y: Array, epochs: int, frames: int = 32) -> None:
        self.X, self.y = X, y
        self.plane = Plane(X, 120)
        self.moments = set(np.geomspace(1, epochs, frames).round())
        self.seen: list[tuple[int, Array]] = []

    def __call__(self, epoch: nn.Epoch) -> None:
        """Keep the end of this epoch, if it is one of the moments."""
        if epoch.number in self.moments:
            self.seen.append((epoch.number, probabilities_of(epoch.model)(self.plane.points)))

    def save(self, path: Path, losses: Sequence[float], names: Sequence[str]) -> None:
        """Write a GIF: the regions, and beside them the loss up to there. It begins again two seconds after the end."""
        from matplotlib.animation import PillowWriter

        figure, (left, right) = canvas(7.2, 3.8, 1, 2, width_ratios=[1.25, 1])
        writer = PillowWriter(fps=8)
        epochs = np.arange(1, len(losses) + 1)
        with writer.saving(figure, path, dpi=80):
            for number, p in self.seen:
                left.clear()
                draw_regions(left, self.plane, p, self.X, self.y, names)
                left.set(title=f"epoch {number}")
                right.clear()
                right.loglog(epochs, losses, color="0.8", linewidth=1.4)
                right.loglog(epochs[:number], losses[:number], color=COLOURS[0], linewidth=2)
                right.plot(number, losses[number - 1], "o", color=COLOURS[0])
                right.set(title=f"loss {losses[number - 1]:.4f}", xlabel="epoch")
                decimal(right.xaxis)
                decimal(right.yaxis)
                light(right)
                writer.grab_frame()
                figure.set_layout_engine("none")  # it stays as the first frame has it
            for _ in range(16):  # two seconds
                writer.grab_frame()
