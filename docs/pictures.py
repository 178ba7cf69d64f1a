"""The pictures that README and the pages show: `python docs/pictures.py`, where the project is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import nn
from autograd import Tensor, Value, debug, draw, sigmoid


def neuron() -> Value:
    """The squared error of one neuron with two inputs, whose target is 1."""
    w1, w2, b = Value(0.5, "w1"), Value(-1.0, "w2"), Value(0.25, "b")
    x1, x2 = Value(2.0, "x1"), Value(1.0, "x2")
    with debug.lines():
        z = w1 * x1 + w2 * x2 + b
        y = z.tanh()
        loss = (y - 1) ** 2
    z.name, y.name, loss.name = "z", "y", "loss"
    return loss


def network() -> Tensor:
    """The loss of a network with two layers on XOR, before it has learned anything."""
    X = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32, name="X")
    loss: Tensor = nn.bce_with_logits(nn.MLP(2, 4, 1, rng=0)(X), [[0], [1], [1], [0]])
    loss.name = "loss"
    return loss


def slide() -> Value:
    """The network of the slides about backpropagation, with numbers: x, w1 and w2, y, and its cost J."""
    x, w1, w2, t = Value(1.5, "x"), Value(0.8, "w1"), Value(-1.2, "w2"), Value(1.0, "t")
    with debug.lines():
        z1 = w1 * x
        a1 = sigmoid(z1)
        z2 = w2 * a1
        y = sigmoid(z2)
        J = (y - t) ** 2
    for name, node in {"z1": z1, "a1": a1, "z2": z2, "y": y, "J": J}.items():
        node.name = name
    return J


if __name__ == "__main__":
    folder = Path(__file__).parent
    draw(neuron()).save(folder / "backprop.svg")
    draw(network()).save(folder / "network.svg")
    draw(nn.MLP(2, 4, 1, rng=0), [0.0, 1.0]).save(folder / "cells.svg")
