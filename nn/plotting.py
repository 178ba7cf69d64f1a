"""Plots, with matplotlib, the extra `plot`: one style for all of them, sheets of images, and decision regions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, log_softmax, logsigmoid, sigmoid, softmax

from .checks import integer
from .module import Module
from .outputs import meaning_of, origin
from .predicting import evaluating, predict
from .samples import shown

Array = npt.NDArray[Any]

# Okabe and Ito's colours, which colour-blind people can tell apart; every class has a marker of its own as well
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#000000")
MARKERS = "os^DvP*X"
MARGIN = 0.15  # of the extent of the points, around them


def new_axes(ax: Any = None) -> Any:
    """The axes to draw into, by default new ones, with a pale grid and no box.

    Raises ModuleNotFoundError that names the extra if matplotlib is missing.
    """
    if ax is None:
        try:
            import matplotlib.pyplot as plt
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f'plots need matplotlib, the extra plot: pip install "chainrule[plot]" ({error})', name=error.name
            ) from error
        _, ax = plt.subplots(layout="constrained")
    ax.grid(color="0.9", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def plot_regions(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    ax: Any = None,
    threshold: float | None = None,
    names: Sequence[str] | None = None,
    grid_resolution: int = 200,
) -> Any:
    """Draw which class a classifier of points in the plane predicts where, the paler the less sure it is.

    `model` is a module, or a function from points (n, 2) to what a module gives: scores (n, classes), one score for
    each point, or labels of an integer dtype. `X` (n, 2) are points around which the plane is drawn; with their labels
    `y`, of any kind, one-hot as well, they are drawn, too. Scores mean what their last activation says; of a single
    score that comes straight from a layer one says where two classes are cut: `threshold=0` for logits. `names` are for
    the legend, in the order of the sorted labels. The regions are `grid_resolution` points wide and high.

    It draws into `ax`, by default new axes, and returns them: `plot_regions(model, X, y).figure.savefig("x.png")`. The
    model is in evaluation mode meanwhile. It needs matplotlib, the extra `plot`.

    Raises ValueError for points that are not in the plane or not finite, for labels that do not fit them or the model,
    and for scores of which nobody says what they mean.
    """
    if isinstance(model, type) or not callable(model):
        raise TypeError(
            f"plot_regions(model, X, y): the model is a module, or a function of points (n, 2), not {shown(model)}"
        )
    points = np.asarray(X)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"plot_regions: X are points (n, 2) in the plane, not an array of shape {points.shape}")
    if points.dtype.kind not in "biuf" or not np.isfinite(points).all():
        raise ValueError("plot_regions: X holds NaN or inf, or what is no number")
    if integer("plot_regions: grid_resolution", grid_resolution) < 2:
        raise ValueError(f"plot_regions: grid_resolution is at least 2, got {grid_resolution}")
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    margin = MARGIN * np.where(high > low, high - low, 1)
    (left, bottom), (right, top) = low - margin, high + margin
    x1, x2 = np.meshgrid(np.linspace(left, right, grid_resolution), np.linspace(bottom, top, grid_resolution))
    plane = np.stack([x1.ravel(), x2.ravel()], axis=1).astype(points.dtype if points.dtype.kind == "f" else float)
    p = probabilities(model, plane, threshold).reshape(*x1.shape, -1)
    labels, each = (np.arange(p.shape[-1]), None) if y is None else classes_of(y, len(points), p.shape[-1])
    if names is not None and len(names) != len(labels):
        raise ValueError(f"plot_regions: there are {len(labels)} classes, and {len(names)} names")

    ax = new_axes(ax)
    ax.grid(visible=False)
    tint(ax, p, (left, right, bottom, top))
    for k in range(p.shape[-1] if p.shape[-1] > 2 else 1):  # where a class is exactly as likely as the best other one
        lead = p[..., k] - np.delete(p, k, axis=-1).max(axis=-1)
        if lead.min() < 0 < lead.max():
            ax.contour(x1, x2, lead, levels=[0], colors="0.25", linewidths=1.2)
    if each is not None:
        size = 110 if len(points) < 20 else 24
        for k, label in enumerate(labels if names is None else names):
            style = {"c": COLOURS[k % len(COLOURS)], "marker": MARKERS[k % len(MARKERS)]}
            ax.scatter(*points[each == k].T, s=size, edgecolors="white", linewidths=0.8, label=str(label), **style)
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, borderaxespad=0)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(left, right), ylim=(bottom, top))
    return ax


def plot_images(images: Any, columns: int | None = None, *, ax: Any = None, **options: Any) -> Any:
    """Draw images as one sheet, row by row, `columns` in each row, by default as many as make it nearly a square.

    `images` is (n, height, width), or (n, 1, height, width) as layers have them. `options` are imshow's: cmap="RdBu"
    and vmin=, vmax= for what has a sign; one scale holds for all images. It draws into `ax`, by default new axes, and
    returns them. It needs matplotlib, the extra `plot`.

    Raises ValueError for arrays of other shapes, and for fewer than one column.
    """
    sheet = np.asarray(images)
    if sheet.ndim == 4 and sheet.shape[1] == 1:
        sheet = sheet[:, 0]
    if sheet.ndim != 3 or sheet.size == 0:
        raise ValueError(f"plot_images: images are (n, height, width), not an array of shape {np.shape(images)}")
    if sheet.dtype.kind not in "biuf":
        raise ValueError(f"plot_images: images hold numbers, not {sheet.dtype}")
    n, height, width = sheet.shape
    columns = math.ceil(math.sqrt(n)) if columns is None else integer("plot_images: columns", columns)
    if columns < 1:
        raise ValueError(f"plot_images: a row has at least one column, got {columns}")
    rows = math.ceil(n / columns)
    framed = np.full((rows * columns, height + 1, width + 1), np.nan)  # a frame, and nothing where no image is
    framed[:n, :-1, :-1] = sheet
    framed = framed.reshape(rows, columns, height + 1, width + 1).swapaxes(1, 2)
    ax = new_axes(ax)
    ax.imshow(framed.reshape(rows * (height + 1), -1)[:-1, :-1], **{"cmap": "gray_r", **options})
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.set(xticks=[], yticks=[], facecolor="0.6")
    return ax


def tint(ax: Any, p: Array, extent: tuple[float, float, float, float]) -> None:
    """The colour of the likeliest class at each place, the paler the less sure."""
    from matplotlib.colors import to_rgb

    best = p.max(axis=-1, keepdims=True)
    sure = (best - 1 / p.shape[-1]) / (1 - 1 / p.shape[-1])  # 0 where all classes are equally likely
    colours = np.array([to_rgb(COLOURS[k % len(COLOURS)]) for k in range(p.shape[-1])])
    ink = 1 - colours[p.argmax(axis=-1)]
    ax.imshow(1 - 0.6 * sure * ink, extent=extent, origin="lower", interpolation="bilinear", aspect="auto")


def probabilities(model: Any, points: Array, threshold: float | None) -> Array:
    """How likely each class is at each point, (points, classes); of labels, 1 for that one."""
    fun, cut = None, threshold
    if isinstance(model, Module):
        with evaluating(model):
            said = model(points[:1])
        fun = origin(said).fun if isinstance(said, Tensor) else None
        cut = meaning_of(said).cut if threshold is None else threshold
        scores = predict(model, points)
    else:
        found = model(points)
        scores = found.numpy() if isinstance(found, Tensor) else np.asarray(found)
    if scores.shape not in ((len(points),), (len(points), *scores.shape[1:2])):
        raise ValueError(f"plot_regions: for {len(points)} points the model gives shape {scores.shape}, not a row each")
    if not np.isfinite(scores).all():
        raise ValueError("plot_regions: the model gives NaN or inf at some points")
    if scores.dtype.kind in "iub":
        if scores.min() < 0:
            raise ValueError(f"plot_regions: labels of classes count from 0, and the model gives {scores.min()}")
        classes = max(int(scores.max()) + 1, 2)
        return np.asarray(np.eye(classes)[scores.ravel().astype(int)])
    scores = scores.astype(float)
    if scores.ndim == 2 and scores.shape[1] > 1:
        if fun is logsigmoid:
            scores = np.exp(scores)
        if fun in (logsigmoid, sigmoid, softmax):
            return np.asarray(scores / scores.sum(axis=1, keepdims=True))
        return np.asarray(softmax(scores))
    if cut is None:
        raise ValueError(
            "plot_regions: the model gives one score for each point, and nothing says where its two classes are cut: "
            "write threshold=0 if they are logits, threshold=0.5 if they are probabilities"
        )
    scores = np.exp(scores.ravel()) if fun in (logsigmoid, log_softmax) else scores.ravel()
    second = sigmoid(scores) if cut == 0 else np.clip(scores - cut + 0.5, 0, 1)
    return np.stack([1 - second, second], axis=1)


def classes_of(y: Any, n: int, classes: int) -> tuple[Array, Array]:
    """The labels that there are, sorted, and which of them each of `n` points has; the model knows `classes`."""
    labels = np.asarray(y)
    if labels.shape == (n, classes) and classes > 1 and labels.dtype.kind in "biuf":  # one-hot
        labels = labels.argmax(axis=1)
    labels = labels.ravel()
    if len(labels) != n:
        raise ValueError(f"plot_regions: {n} points, and labels of shape {np.shape(y)}")
    there, each = np.unique(labels, return_inverse=True)
    if there.dtype.kind in "biuf" and np.isin(there, np.arange(classes)).all():
        return np.arange(classes), labels.astype(int)
    if len(there) > classes:
        raise ValueError(f"plot_regions: the model knows {classes} classes, and y has {len(there)}: {there[:10]}")
    return there, each
