"""Overfitting: a network too small, one that fits, one too large, and five remedies for the one too large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import nn

from . import PROGRESS
from .pictures import Array, Run, save_runs

Penalty = Callable[[list[Any]], Any]


def large(noise: float = 0.0, dropout: float = 0.0) -> nn.Module:
    """A network with far more parameters than there are points."""
    rng = np.random.default_rng(0)
    return nn.Sequential(
        nn.GaussianNoise(noise, rng),
        nn.Dense(2, 64, "relu", rng=rng),
        nn.Dropout(dropout, rng),
        nn.Dense(64, 64, "relu", rng=rng),
        nn.Dropout(dropout, rng),
        nn.Dense(64, 2, rng=rng),
    )


def cross_entropy(prediction: Array, target: Array) -> float:
    """The loss as a metric: what it is without a penalty."""
    return nn.cross_entropy(prediction, target).item()


def main(out: Path, epochs: int = 300) -> None:
    """Train all of them, print how well they do on fresh points, and write what they learned."""
    rng = np.random.default_rng(0)
    X, y = nn.data.moons(n=40, noise=0.3, rng=rng)
    fresh = nn.data.moons(n=500, noise=0.3, rng=rng)

    def train(model: nn.Module, penalty: Penalty | None = None, strength: float = 0.0, **options: Any) -> Run:
        weights = [p for p in model.parameters() if p.ndim > 1]

        def loss(prediction: Any, target: Any) -> Any:
            error = nn.cross_entropy(prediction, target)
            return error + strength * penalty(weights) if penalty else error

        history = nn.fit(
            model, X, y, loss=loss, optimizer=lambda parameters: nn.Adam(parameters, lr=0.005), epochs=epochs,
            batch_size=20, validation=fresh, metrics=[cross_entropy, nn.accuracy], rng=0, progress=False, **options,
        )  # fmt: skip
        return model, history

    trainings: Mapping[str, Callable[[], Run]] = {
        "underfitting: a straight line": lambda: train(nn.Dense(2, 2, rng=0)),
        "ideal: 8 hidden units": lambda: train(nn.MLP(2, 8, 2, rng=0)),
        "overfitting: 64 and 64 hidden units": lambda: train(large()),
        "L2 penalty": lambda: train(large(), nn.l2, 0.005),
        "L1 penalty": lambda: train(large(), nn.l1, 0.002),
        "dropout": lambda: train(large(dropout=0.5)),
        "noise": lambda: train(large(noise=0.3)),
        "early stopping": lambda: train(large(), early_stopping=20),
    }
    runs = {name: run() for name, run in tqdm(trainings.items(), leave=False, disable=not PROGRESS)}
    save_runs(out / "overfitting-sizes.png", dict(list(runs.items())[:3]), X, y)
    save_runs(out / "overfitting-remedies.png", dict(list(runs.items())[3:]), X, y)

    print(f"overfitting: {len(X)} points, and {len(fresh[1]):,} fresh ones; cross-entropy on both, {epochs} epochs")
    for name, (model, history) in runs.items():
        kept = history.best if history.stopped == "early stopping" else {k: v[-1] for k, v in history.items()}
        train_error, fresh_error, right = (kept[k] for k in ("cross_entropy", "val_cross_entropy", "val_accuracy"))
        size = sum(p.size for p in model.parameters())
        print(f"  {name:36s} {size:5,} parameters  {train_error:.3f}  fresh {fresh_error:.3f}, {right:.1%} right")
    print(f"  pictures  {out}/overfitting-sizes.png, overfitting-remedies.png")
