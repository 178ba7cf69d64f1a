"""Sine: a wave, and networks with one hidden layer that approximate it the better the more units they have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tqdm import tqdm

import nn

from . import PROGRESS
from .pictures import COLOURS, Array, canvas, light, prediction_of

UNITS = (1, 2, 4, 8, 16, 32)


def wave(x: Array) -> Array:
    """What the networks are to learn."""
    y: Array = np.sin(x) + np.sin(3 * x) / 2
    return y


def main(out: Path, epochs: int = 1500) -> None:
    """Train one network of every size, print the errors, and draw all of them."""
    rng = np.random.default_rng(0)
    X = np.linspace(-np.pi, np.pi, 128)[:, None]
    between = rng.uniform(-np.pi, np.pi, (1000, 1))
    figure, axes = canvas(9.6, 5.0, 2, 3, sharex=True, sharey=True)
    errors = []
    for units, cell in tqdm(list(zip(UNITS, axes.flat)), desc="sine", leave=False, disable=not PROGRESS):
        model = nn.MLP(1, units, 1, activation="tanh", rng=rng)
        model[0].b.assign(rng.uniform(-6, 6, units).astype(np.float32))  # from 0 all units would step at the same place
        nn.fit(
            model, X, wave(X), loss="mse", optimizer=lambda parameters: nn.Adam(parameters, lr=0.02), epochs=epochs,
            batch_size=32, schedule=nn.CosineAnnealingLR(epochs), rng=rng, progress=False,
        )  # fmt: skip
        predict = prediction_of(model)
        errors.append(float(np.sqrt(np.mean((predict(between) - wave(between)) ** 2))))
        cell.plot(X, wave(X), color="0.65", linewidth=4, label="$\\sin x + \\frac{1}{2} \\sin 3x$")
        cell.plot(X, predict(X), color=COLOURS[0], linewidth=1.8, label="network")
        cell.set_title(f"{units} hidden unit{'s' * (units > 1)}, error {errors[-1]:.4f}", fontsize=10)
        light(cell)
    axes[0, 0].legend(frameon=False, loc="upper left", fontsize=8)
    figure.suptitle("One hidden layer approximates a wave, the better the more units it has")
    figure.savefig(out / "sine.png")

    print(f"sine: {len(X)} points of a wave, {epochs} epochs; error (RMS) on {len(between):,} points between")
    for units, error in zip(UNITS, errors):
        print(f"  {units:2d} hidden units  {error:.4f}")
    print(f"  picture   {out}/sine.png")
