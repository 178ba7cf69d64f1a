"""Spiral: three arms that wind around each other, told apart by a network with two hidden layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import autograd as ag
import nn

from .pictures import save_loss, save_regions, sparkline

EPOCHS = 80


def main(out: Path) -> None:
    """Train, print what was learned, and write spiral-regions.png and spiral-loss.png."""
    rng = np.random.default_rng(0)
    X, y = nn.data.spirals(arms=3, n=200, rng=rng)
    X_fresh, y_fresh = nn.data.spirals(arms=3, n=1000, rng=rng)
    model = nn.MLP(2, 64, 64, 3, activation="relu", rng=rng)
    optimizer = nn.Adam(model.parameters(), lr=0.01)

    losses = []
    for _ in tqdm(range(EPOCHS), desc="spiral", leave=False, disable=None):
        total = 0.0
        for X_batch, y_batch in nn.data.batches(X, y, size=50, rng=rng):
            loss = nn.cross_entropy(model(X_batch), y_batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y_batch)
        losses.append(total / len(y))

    def probabilities(points: Any) -> Any:
        with ag.no_grad():
            return nn.softmax(model(points)).numpy()

    def accuracy(X: Any, y: Any) -> Any:
        return np.mean(probabilities(X).argmax(axis=1) == y)

    fresh = accuracy(X_fresh, y_fresh)
    names = [f"arm {k + 1}" for k in range(3)]
    save_regions(
        out / "spiral-regions.png", probabilities, X, y, f"Three spirals, {fresh:.2%} of fresh points right", names
    )
    save_loss(out / "spiral-loss.png", losses, "Spirals: the loss while it learns", "epoch")

    print(f"spiral: {len(X)} points, {sum(p.size for p in model.parameters()):,} parameters, {EPOCHS} epochs")
    print(f"  loss      {losses[0]:.3f} {sparkline(losses)} {losses[-1]:.5f}")
    print(f"  accuracy  {accuracy(X, y):.2%}, on {len(X_fresh):,} fresh points {fresh:.2%}")
    print(f"  pictures  {out}/spiral-regions.png, spiral-loss.png")
