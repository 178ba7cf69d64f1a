"""Whole trainings with nn.fit, as its users write them."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from benchmarks.sets import TRAININGS, read


class Writer(nn.Module):
    """The logits of the next letter at each position."""

    def __init__(self, letters: int) -> None:
        self.embedding, self.gru = nn.Embedding(letters, 24, rng=0), nn.GRU(24, 64, rng=0)
        self.dense = nn.Dense(64, letters, rng=0)

    def forward(self, x: Any) -> Any:
        """Letters to logits."""
        return self.dense(self.gru(self.embedding(x))[0])


def model_of(name: str, letters: int) -> nn.Module:
    """The network of a training."""
    if name == "digits":
        return nn.MLP(64, 100, 10, activation="relu", rng=0)
    if name == "text":
        return Writer(letters)
    pooled = [nn.ReLU(), nn.MaxPool2d(2)]
    first, second = nn.Conv2d(1, 16, 3, rng=0), nn.Conv2d(16, 32, 3, rng=0)
    return nn.Sequential(first, *pooled, second, *pooled, nn.Flatten(), nn.Dense(800, 10, rng=0))


def fit(name: str) -> Any:
    """Train it. Returns the mean loss of the last epoch."""
    X, y = read(name)
    _, epochs, size = TRAININGS[name]
    model = model_of(name, int(np.max(y)) + 1)
    history = nn.fit(model, X, y, loss="cross_entropy", epochs=epochs, batch_size=size, progress=False, rng=0)
    return history["loss"][-1]
