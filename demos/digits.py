"""Digits: scikit-learn's 1,797 handwritten digits of 8 x 8 pixels, read by a network with one hidden layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import nn

from . import PROGRESS
from .pictures import probabilities_of, save_curves, save_mistakes, sparkline


def main(out: Path, epochs: int = 60) -> None:
    """Train on four fifths, print what was learned, and write the loss and the mistakes on the held-out fifth."""
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(0)
    data = load_digits()
    X, X_fresh, y, y_fresh = nn.data.split(data.images / 16, data.target, test=0.2, stratify=True, rng=rng)

    model = nn.Sequential(
        nn.Flatten(),
        nn.GaussianNoise(0.1, rng),
        nn.Dense(64, 128, "relu", rng=rng),
        nn.Dropout(0.3, rng),
        nn.Dense(128, 10, rng=rng),
    )
    history = nn.fit(
        model, X, y, loss="cross_entropy", epochs=epochs,
        optimizer=lambda parameters: nn.Adam(parameters, lr=0.005), schedule=nn.CosineAnnealingLR(epochs),
        validation=(X_fresh, y_fresh), metrics="accuracy", rng=rng, progress=PROGRESS,
    )  # fmt: skip

    losses, accuracy = history["loss"], history["val_accuracy"][-1]
    curves = {"training (with noise and dropout)": losses, "held out": history["val_loss"]}
    save_curves(out / "digits-loss.png", curves, "Digits: the loss while it learns", "epoch", "mean cross-entropy")
    title = f"Digits, {accuracy:.2%} of {len(y_fresh)} held-out ones right"
    save_mistakes(out / "digits-mistakes.png", X_fresh, y_fresh, probabilities_of(model)(X_fresh), title)

    print(f"digits: {len(y):,} digits, {sum(p.size for p in model.parameters()):,} parameters, {epochs} epochs")
    print(f"  loss      {losses[0]:.3f} {sparkline(losses)} {losses[-1]:.5f}")
    print(f"  accuracy  on {len(y_fresh)} held-out digits {accuracy:.2%}")
    print(f"  pictures  {out}/digits-loss.png, digits-mistakes.png")
