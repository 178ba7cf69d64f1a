"""The first picture of README, docs/backprop.svg: `python docs/pictures.py`, where the project is installed."""

from __future__ import annotations

from pathlib import Path

from autograd import Value, draw


def neuron() -> Value:
    """The squared error of one neuron with two inputs, whose target is 1."""
    w1, w2, b = Value(0.5, "w1"), Value(-1.0, "w2"), Value(0.25, "b")
    x1, x2 = Value(2.0, "x1"), Value(1.0, "x2")
    z = w1 * x1 + w2 * x2 + b
    z.name = "z"
    y = z.tanh()
    y.name = "y"
    loss = (y - 1) ** 2
    loss.name = "loss"
    return loss


if __name__ == "__main__":
    draw(neuron()).save(Path(__file__).with_name("backprop.svg"))
