"""XOR: the four points that no straight line separates, and a network of four hidden units that learns them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import autograd as ag
import nn

from .pictures import save_loss, save_regions, sparkline

STEPS = 200


def main(out: Path) -> None:
    """Train, print what was learned, and write xor-graph.svg, xor-regions.png and xor-loss.png."""
    X, y = nn.data.xor()
    model = nn.MLP(2, 4, 2, activation="tanh", rng=0)
    optimizer = nn.Adam(model.parameters(), lr=0.1)

    loss = nn.cross_entropy(model(ag.Tensor(X, dtype=np.float32, name="X")), y)
    ag.draw(loss).save(out / "xor-graph.svg")  # the first step, before anything is learned

    losses = []
    for _ in tqdm(range(STEPS), desc="xor", leave=False, disable=None):
        loss = nn.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    def probabilities(points: Any) -> Any:
        with ag.no_grad():
            return nn.softmax(model(points)).numpy()

    p = probabilities(X)
    accuracy = np.mean(p.argmax(axis=1) == y)
    save_regions(
        out / "xor-regions.png", probabilities, X, y, f"XOR, {accuracy:.0%} right", ["equal: 0", "different: 1"]
    )
    save_loss(out / "xor-loss.png", losses, "XOR: the loss while it learns", "step")

    print(f"xor: 4 points, {sum(p.size for p in model.parameters())} parameters, {STEPS} steps")
    print(f"  loss      {losses[0]:.3f} {sparkline(losses)} {losses[-1]:.5f}")
    for (a, b), (_, one) in zip(X, p):
        print(f"  {a:.0f} xor {b:.0f}   1 with probability {one:.4f}")
    print(f"  accuracy  {accuracy:.0%}")
    print(f"  pictures  {out}/xor-graph.svg, xor-regions.png, xor-loss.png")
