"""The pictures that README and the pages show: `python docs/pictures.py`, where the project is installed."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

import nn
from autograd import Tensor, Value, debug, draw, sigmoid


def neuron() -> Value:
    """The squared error of one neuron with two inputs, whose target is 1."""
    w1, w2, b = Value(0.5, "w1"), Value(-1.0, "w2"), Value(0.25, "b")
    x1, x2 = Value(2.0, "x1"), Value(1.0, "x2")
    with debug.lines():
        z = w1 * x1 + w2 * x2 + b
        y = z.tanh()
        loss = (y - 1) ** 2
    z.name, y.name, loss.name = "z", "y", "loss"
    return loss


def network() -> Tensor:
    """The loss of a network with two layers on XOR, before it has learned anything."""
    X = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32, name="X")
    loss: Tensor = nn.bce_with_logits(nn.MLP(2, 4, 1, rng=0)(X), [[0], [1], [1], [0]])
    loss.name = "loss"
    return loss


def slide() -> Value:
    """The network of the slides about backpropagation, with numbers: x, w1 and w2, y, and its cost J."""
    x, w1, w2, t = Value(1.5, "x"), Value(0.8, "w1"), Value(-1.2, "w2"), Value(1.0, "t")
    with debug.lines():
        z1 = w1 * x
        a1 = sigmoid(z1)
        z2 = w2 * a1
        y = sigmoid(z2)
        J = (y - t) ** 2
    for name, node in {"z1": z1, "a1": a1, "z2": z2, "y": y, "J": J}.items():
        node.name = name
    return J


def scaling(page: str) -> Figure:
    """The table of docs/parallel.md: the time of a step by the number of ranks, measured and by the model."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]
    ranks = [int(title.split()[0].replace(",", "")) for title in rows[0][2:-1]]
    measured = sum("by the model" not in title for title in rows[0][2:-1])
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    for (name, _, *cells), colour in zip(rows[:1:-1], ("#D55E00", "#009E73", "#0072B2")):
        times = [float(cell) for cell in cells[:-1]]
        axes.loglog(ranks, times, "--", color=colour, linewidth=1.2)
        axes.loglog(ranks[:measured], times[:measured], "o", color=colour, label=name)
        axes.loglog(ranks[measured:], times[measured:], "o", color=colour, markerfacecolor="white")
    axes.set_xticks(ranks, [f"{n:,}" for n in ranks])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.minorticks_off()
    axes.set(xlabel="ranks (filled: measured, hollow: by the model)", ylabel="ms a step")
    axes.grid(linewidth=0.4, alpha=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right center", fontsize=8.5, frameon=False)
    return figure


if __name__ == "__main__":
    folder = Path(__file__).parent
    with mpl.rc_context({"svg.hashsalt": "parallel", "svg.fonttype": "none", "font.family": "sans-serif"}):
        scaling((folder / "parallel.md").read_text(encoding="utf-8")).savefig(
            folder / "parallel.svg", metadata={"Date": None}
        )
    draw(neuron()).save(folder / "backprop.svg")
    draw(network()).save(folder / "network.svg")
    draw(nn.MLP(2, 4, 1, rng=0), [0.0, 1.0]).save(folder / "cells.svg")
