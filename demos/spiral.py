"""Spiral: three arms that wind around each other, told apart by a network with two hidden layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import nn

from . import PROGRESS
from .film import Film
from .pictures import probabilities_of, save_curves, save_regions, sparkline


def main(out: Path, epochs: int = 80) -> None:
    """Train, print what was learned, and write the regions, their film and the loss."""
    rng = np.random.default_rng(0)
    X, y = nn.data.spirals(arms=3, n=200, rng=rng)
    fresh = nn.data.spirals(arms=3, n=1000, rng=rng)
    model = nn.MLP(2, 64, 64, 3, activation="relu", rng=rng)

    film = Film(X, y, epochs)
    history = nn.fit(
        model, X, y, loss="cross_entropy", optimizer=lambda parameters: nn.Adam(parameters, lr=0.01), epochs=epochs,
        batch_size=50, validation=fresh, metrics="accuracy", callbacks=film, rng=rng, progress=PROGRESS,
    )  # fmt: skip

    losses, names = history["loss"], ["arm 1", "arm 2", "arm 3"]
    accuracy, known = history["val_accuracy"][-1], nn.accuracy(probabilities_of(model)(X), y)
    title = f"Three spirals, {accuracy:.2%} of fresh points right"
    save_regions(out / "spiral-regions.png", probabilities_of(model), X, y, title, names)
    curves = {"training": losses, "fresh points": history["val_loss"]}
    save_curves(out / "spiral-loss.png", curves, "Spirals: the loss while it learns", "epoch", "mean cross-entropy")
    film.save(out / "spiral-film.gif", losses, names)

    print(f"spiral: {len(X)} points, {sum(p.size for p in model.parameters()):,} parameters, {epochs} epochs")
    print(f"  loss      {losses[0]:.3f} {sparkline(losses)} {losses[-1]:.5f}")
    print(f"  accuracy  {known:.2%}, on {len(fresh[1]):,} fresh points {accuracy:.2%}")
    print(f"  pictures  {out}/spiral-regions.png, spiral-loss.png, spiral-film.gif")
