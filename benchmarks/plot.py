"""The picture: in each case the time of every peer over that of NumPy by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from .goals import Results
from .peers import PEERS
from .report import present, to_hand

# Okabe and Ito's colours; ours are thick, the others thin
STYLES: dict[str, dict[str, Any]] = {
    "compiled": {"color": "#0072B2", "linewidth": 2.6, "marker": "o"},
    "eager": {"color": "#E69F00", "linewidth": 2.6, "marker": "D"},
    "hand": {"color": "#000000", "linewidth": 1.2, "linestyle": "--"},
    "torch": {"color": "#D55E00", "linewidth": 1.2, "marker": "^"},
    "torch-compile": {"color": "#D55E00", "linewidth": 1.2, "marker": "v", "linestyle": ":"},
    "jax": {"color": "#CC79A7", "linewidth": 1.2, "marker": "^"},
    "hips": {"color": "#777777", "linewidth": 1.2, "marker": "^"},
    "mygrad": {"color": "#777777", "linewidth": 1.2, "marker": "v", "linestyle": ":"},
}
GAP = 0.045  # of the axis, between two labels


def save(results: Results, path: Path) -> None:
    """Draw the ratios of all cases, the small ones at the left."""
    cases = results["training"]
    figure = Figure(figsize=(8, 4.4), layout="constrained")
    axes: Any = figure.subplots()
    axes.set_yscale("log")
    ends: list[tuple[float, str]] = []
    for key in present(cases.values()):
        points = [(i, r.median) for i, case in enumerate(cases.values()) if (r := to_hand(case, key))]
        style = STYLES[key]
        axes.plot(*zip(*points), markersize=5, clip_on=False, zorder=1 + style["linewidth"], **style)
        ends.append((points[0][1], key))
    names = [name.replace(", ", "\n") for name in cases]
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.05, max(len(names) - 0.95, 0.05))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    title = f"Time of a training step over that of {PEERS['hand'].label} (lower is faster)"
    axes.set_title(title, fontsize=10, loc="left")
    axes.grid(axis="y", linewidth=0.4, alpha=0.6)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0, labelsize=8.5)
    axes.yaxis.tick_right()
    label(axes, ends)
    with mpl.rc_context({"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def label(axes: Any, ends: list[tuple[float, str]]) -> None:
    """Write the names at the left, beside the lines, moved apart where they would touch."""
    to_axis, to_value = axes.transAxes.inverted(), axes.transData
    heights = [(to_axis.transform(to_value.transform((0, y)))[1], key) for y, key in sorted(ends)]
    places = apart([height for height, _ in heights], GAP)
    for place, (height, key) in zip(places, heights):
        colour, weight = STYLES[key]["color"], "bold" if STYLES[key]["linewidth"] > 2 else "normal"
        axes.annotate(
            PEERS[key].label, (0, height), (-0.03, place), xycoords="axes fraction", textcoords="axes fraction",
            ha="right", va="center", fontsize=8.5, color=colour, fontweight=weight, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": colour, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip


def apart(heights: list[float], gap: float) -> list[float]:
    """Ascending heights moved as little as needed to be `gap` apart: those that would touch spread about their mean."""
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and top(groups[-2], gap) + gap > bottom(groups[-1], gap):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [bottom(group, gap) + i * gap for group in groups for i in range(len(group))]


def bottom(group: list[float], gap: float) -> float:
    """Where the lowest label of a group stands."""
    return sum(group) / len(group) - gap * (len(group) - 1) / 2


def top(group: list[float], gap: float) -> float:
    """Where its highest one stands."""
    return bottom(group, gap) + gap * (len(group) - 1)
