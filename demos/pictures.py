"""What the demos show: a curve in one line of text, curves, decision regions, and what a classifier gets wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import autograd as ag
import nn

Array = npt.NDArray[Any]
Probabilities = Callable[[Array], Array]
Run = tuple[nn.Module, nn.History]

# Okabe and Ito's colours, which colour-blind people can tell apart; every class has a marker of its own as well
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7"]
MARKERS = ["o", "s", "^", "D"]
STYLES = ["-", "--", "-.", ":"]
BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(numbers: Sequence[float], width: int = 40) -> str:
    """Positive numbers as a line of blocks, on a logarithmic scale, at most `width` of them."""
    parts = np.array_split(np.log(numbers), min(width, len(numbers)))
    heights = np.array([part.mean() for part in parts])
    low, high = heights.min(), heights.max()
    steps = (heights - low) / (high - low or 1) * (len(BLOCKS) - 1)
    return "".join(BLOCKS[round(step)] for step in steps)


def prediction_of(model: nn.Module) -> Probabilities:
    """What the model makes of an array when it is not training: an array, and no graph."""

    def predict(X: Array) -> Array:
        mode = model.training
        with ag.no_grad():
            prediction: Array = model.eval()(X).numpy()
        model.train(mode)
        return prediction

    return predict


def probabilities_of(model: nn.Module) -> Probabilities:
    """The probability of every class, of a model that gives logits."""
    predict = prediction_of(model)
    return lambda X: nn.softmax(predict(X))


# --- Curves -------------------------------------------------------------------------------------------------------


def save_curves(path: Path, curves: Mapping[str, Sequence[float]], title: str, x: str, y: str) -> None:
    """Draw numbers over time, on a logarithmic scale; `x` says what the time is counted in, `y` what they are."""
    figure, axes = canvas(5.6, 3.6)
    for label, numbers in curves.items():
        style = {"color": COLOURS[len(axes.lines)], "linestyle": STYLES[len(axes.lines)]}
        axes.semilogy(np.arange(1, len(numbers) + 1), numbers, label=label, linewidth=1.8, **style)
    axes.set(title=title, xlabel=x, ylabel=y, xlim=(1, max(map(len, curves.values()))))
    if len(curves) > 1:
        axes.legend(frameon=False)
    decimal(axes.yaxis)
    light(axes)
    figure.savefig(path)


def canvas(width: float, height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Any, Any]:
    """A figure, without any window, and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=160, layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def decimal(axis: Any) -> None:
    """A logarithmic axis with numbers as people write them, 0.2 rather than 2 * 10^-1."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < 50 else (1,)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def light(axes: Any) -> None:
    """A pale grid, and no box around it."""
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


# --- Decision regions ---------------------------------------------------------------------------------------------


class Plane:
    """The part of the plane around the points `X`, as `size` x `size` points."""

    def __init__(self, X: Array, size: int) -> None:
        low, high = X.min(axis=0), X.max(axis=0)
        margin = 0.15 * (high - low)
        (left, bottom), (right, top) = low - margin, high + margin
        self.extent = (left, right, bottom, top)
        self.x1, self.x2 = np.meshgrid(np.linspace(left, right, size), np.linspace(bottom, top, size))
        self.points = np.stack([self.x1.ravel(), self.x2.ravel()], axis=1)


def draw_regions(axes: Any, plane: Plane, p: Array, X: Array, y: Array, names: Sequence[str]) -> None:
    """Draw which class wins where, the paler the less sure, with the points `X` and their labels `y` on top.

    `p` (points, classes) are the probabilities of the classes at the points of the plane.
    """
    from matplotlib.colors import to_rgb

    p = p.reshape(*plane.x1.shape, -1)
    best = p.max(axis=-1, keepdims=True)
    sure = (best - 1 / p.shape[-1]) / (1 - 1 / p.shape[-1])  # 0 where all classes are equally likely
    ink = 1 - np.array([to_rgb(colour) for colour in COLOURS])[p.argmax(axis=-1)]
    axes.imshow(1 - 0.6 * sure * ink, extent=plane.extent, origin="lower", interpolation="bilinear")
    for k in range(p.shape[-1] if p.shape[-1] > 2 else 1):  # where a class is exactly as likely as the best other one
        lead = p[..., k] - np.delete(p, k, axis=-1).max(axis=-1)
        if lead.min() < 0 < lead.max():
            axes.contour(plane.x1, plane.x2, lead, levels=[0], colors="0.25", linewidths=1.2)
    for k, name in enumerate(names):
        own = X[y == k]
        size = 140 if len(X) < 20 else 24
        axes.scatter(*own.T, s=size, c=COLOURS[k], marker=MARKERS[k], edgecolors="white", linewidths=0.8, label=name)
    axes.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")


def save_regions(
    path: Path, probabilities: Probabilities, X: Array, y: Array, title: str, names: Sequence[str]
) -> None:
    """Draw the decision regions. `probabilities` takes points (n, 2) and gives (n, classes)."""
    plane = Plane(X, 300)
    figure, axes = canvas(6.4, 5.2)
    draw_regions(axes, plane, probabilities(plane.points), X, y, names)
    axes.set(title=title)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False, borderaxespad=0)
    figure.savefig(path)


def save_runs(path: Path, runs: Mapping[str, Run], X: Array, y: Array) -> None:
    """Draw side by side what models learned from the points `X`, and their "cross_entropy" on these and fresh ones."""
    plane = Plane(X, 200)
    figure, axes = canvas(1 + 2.6 * len(runs), 5.2, 2, len(runs), sharey="row", squeeze=False)
    for (name, (model, history)), above, below in zip(runs.items(), *axes):
        draw_regions(above, plane, probabilities_of(model)(plane.points), X, y, ["", ""])
        above.set(xticks=[], yticks=[], xlabel="", ylabel="")
        above.set_title(name, fontsize=10)
        epochs = np.arange(1, history.epochs + 1)
        below.semilogy(epochs, history["cross_entropy"], color=COLOURS[0], label="training", linewidth=1.2)
        below.semilogy(epochs, history["val_cross_entropy"], color=COLOURS[1], label="fresh points", linewidth=1.8)
        if history.stopped == "early stopping":
            below.axvline(history.best["epoch"], color="0.5", linestyle=":", label="kept")
        below.set(xlabel="epoch", xlim=(0, max(history.epochs for _, history in runs.values())))
        light(below)
    decimal(axes[1, 0].yaxis)
    axes[1, 0].set_ylabel("mean cross-entropy")
    axes[1, -1].legend(frameon=False, fontsize=9)
    figure.savefig(path)


# --- Mistakes -----------------------------------------------------------------------------------------------------


def save_mistakes(path: Path, images: Array, y: Array, p: Array, title: str) -> None:
    """Draw the confusion matrix, and the images that were hardest: those whose own class got the least probability.

    `images` (n, height, width) have the labels `y` and the probabilities `p` (n, classes).
    """
    matrix, predicted = nn.confusion_matrix(p, y), p.argmax(axis=1)
    hardest = np.argsort(p[np.arange(len(y)), y], kind="stable")[:12]
    figure, axes = canvas(10.4, 5.2, 3, 6, width_ratios=[1.9, 1.9, 1, 1, 1, 1])
    left = figure.add_subplot(axes[0, 0].get_gridspec()[:, :2])
    for unused in axes[:, :2].ravel():
        unused.remove()
    figure.suptitle(title)

    classes = np.arange(len(matrix))
    right = np.diag(np.diag(matrix))
    left.imshow(np.where(right, right / right.max(), np.nan), cmap="Blues", vmin=0, vmax=2)
    left.imshow(np.where(matrix > right, matrix, np.nan), cmap="Oranges", vmin=0, vmax=2 * (matrix - right).max() or 1)
    for i, j in zip(*np.nonzero(matrix)):
        left.text(j, i, matrix[i, j], ha="center", va="center", fontsize=9, weight="normal" if i == j else "bold")
    left.set(xticks=classes, yticks=classes, xlabel="predicted", ylabel="actual")
    left.spines[:].set_visible(False)
    left.tick_params(length=0)
    left.set_title("blue: right, orange: wrong; beside it the hardest ones", fontsize=10, color="0.35")

    for i, cell in zip(hardest, axes[:, 2:].flat):
        wrong, sure = predicted[i] != y[i], p[i, predicted[i]]
        cell.imshow(images[i], cmap="gray_r")
        caption = f"{y[i]}, not {predicted[i]} ({sure:.0%})" if wrong else f"{y[i]}, right ({sure:.0%})"
        cell.set_title(caption, fontsize=9, weight="bold" if wrong else "normal")
        cell.spines[:].set(color=COLOURS[1] if wrong else COLOURS[0], linewidth=2)
    for cell in axes[:, 2:].flat:
        cell.set(xticks=[], yticks=[])
    figure.savefig(path)
