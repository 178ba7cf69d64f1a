"""Whole trainings with PyTorch: the loop that its users write."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from benchmarks.sets import TRAININGS, read


class Writer(nn.Module):
    """The logits of the next letter at each position."""

    def __init__(self, letters: int) -> None:
        super().__init__()
        self.embedding, self.gru = nn.Embedding(letters, 24), nn.GRU(24, 64, batch_first=True)
        self.dense = nn.Linear(64, letters)

    def forward(self, x: Any) -> Any:
        """Letters to logits, where cross_entropy looks for classes."""
        return self.dense(self.gru(self.embedding(x))[0]).transpose(1, 2)


def model_of(name: str, letters: int) -> Any:
    """The network of a training."""
    if name == "digits":
        return nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
    if name == "text":
        return Writer(letters)
    pooled = [nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(nn.Conv2d(1, 16, 3), *pooled, nn.Conv2d(16, 32, 3), *pooled, nn.Flatten(), nn.Linear(800, 10))


def fit(name: str) -> Any:
    """Train it. Returns the mean loss of the last epoch."""
    torch.manual_seed(0)
    X, y = map(torch.from_numpy, read(name))
    _, epochs, size = TRAININGS[name]
    model = model_of(name, int(y.max()) + 1)
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(X)).split(size):
            loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
    return total / len(X)
