"""XOR: the four points that no straight line separates, and a network of four hidden units that learns them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import autograd as ag
import nn

from . import PROGRESS
from .film import Film
from .pictures import probabilities_of, save_curves, save_regions, sparkline


def main(out: Path, epochs: int = 200) -> None:
    """Train, print what was learned, and write the graph of the first step, the regions, their film and the loss."""
    X, y = nn.data.xor()
    model = nn.MLP(2, 4, 2, activation="tanh", rng=0)
    loss = nn.cross_entropy(model(ag.Tensor(X, dtype=np.float32, name="X")), y)
    ag.draw(loss).save(out / "xor-graph.svg")  # before anything is learned

    film = Film(X, y, epochs)
    history = nn.fit(
        model, X, y, loss="cross_entropy", optimizer=lambda parameters: nn.Adam(parameters, lr=0.1), epochs=epochs,
        callbacks=film, rng=0, progress=PROGRESS,
    )  # fmt: skip

    losses, p = history["loss"], probabilities_of(model)(X)
    accuracy, names = nn.accuracy(p, y), ["equal: 0", "different: 1"]
    save_regions(out / "xor-regions.png", probabilities_of(model), X, y, f"XOR, {accuracy:.0%} right", names)
    save_curves(out / "xor-loss.png", {"loss": losses}, "XOR: the loss while it learns", "epoch", "mean cross-entropy")
    film.save(out / "xor-film.gif", losses, names)

    print(f"xor: 4 points, {sum(p.size for p in model.parameters())} parameters, {epochs} epochs")
    print(f"  loss      {losses[0]:.3f} {sparkline(losses)} {losses[-1]:.5f}")
    for (a, b), (_, one) in zip(X, p):
        print(f"  {a:.0f} xor {b:.0f}   1 with probability {one:.4f}")
    print(f"  accuracy  {accuracy:.0%}")
    print(f"  pictures  {out}/xor-graph.svg, xor-regions.png, xor-loss.png, xor-film.gif")
