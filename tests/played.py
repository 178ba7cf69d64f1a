"""Graphs that the tests of the player play: a perceptron, XOR, softmax, and paths that meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
import nn


def perceptron() -> Any:
    """One perceptron with a smooth step, and the squared error of its answer."""
    x1, x2 = ag.Value(2.0, "x1"), ag.Value(-1.0, "x2")
    w1, w2, b = ag.Value(0.5, "w1"), ag.Value(1.5, "w2"), ag.Value(0.25, "b")
    z = w1 * x1 + w2 * x2 + b
    y = ag.sigmoid(z)
    loss = (y - 1) ** 2
    z.name, y.name, loss.name = "z", "y", "loss"
    return loss


def xor() -> Any:
    """Two layers on the four points of XOR, before they have learned."""
    X, y = nn.data.xor()
    rng = np.random.default_rng(0)
    W1, b1 = ag.Tensor(rng.normal(size=(2, 3)), True, name="W1"), ag.Tensor(np.zeros(3), True, name="b1")
    W2, b2 = ag.Tensor(rng.normal(size=(3, 1)), True, name="W2"), ag.Tensor(np.zeros(1), True, name="b2")
    hidden: Any = np.tanh(ag.Tensor(X, name="X") @ W1 + b1)
    logits = hidden @ W2 + b2
    error = ag.sigmoid(logits) - y[:, None]
    loss = np.mean(error**2)
    hidden.name, logits.name, error.name, loss.name = "hidden", "logits", "error", "loss"
    return loss


def softmax() -> Any:
    """Softmax and cross-entropy, from their parts: the gradient of the logits is p minus the one-hot label."""
    logits = ag.Tensor([2.0, 0.5, -1.0], True, name="logits")
    e: Any = np.exp(logits)
    total = np.sum(e)
    p = e / total
    loss = -np.log(p[1])
    e.name, total.name, p.name, loss.name = "e", "total", "p", "loss"
    return loss


def diamond() -> Any:
    """One number that takes two paths: its gradient is the sum of what comes back along them."""
    x = ag.Value(1.5, "x")
    left = x * x
    right = np.sin(x)
    y = left * right
    left.name, right.name, y.name = "left", "right", "y"
    return y


PLAYED: dict[str, Callable[[], Any]] = {
    "perceptron": perceptron, "xor": xor, "softmax": softmax, "diamond": diamond,
}  # fmt: skip
