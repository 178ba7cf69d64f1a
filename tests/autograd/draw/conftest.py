"""Graphs to draw, and a reader of DOT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value


@pytest.fixture
def perceptron() -> Value:
    w1, x1, w2, x2, b = (Value(v, name=n) for v, n in ((-3, "w1"), (2, "x1"), (1, "w2"), (0, "x2"), (6.88, "b")))
    y = (w1 * x1 + w2 * x2 + b).tanh()
    y.name = "y"
    return y


@pytest.fixture
def xor_loss() -> Tensor:
    rng = np.random.default_rng(0)
    X = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]], name="X")
    W1, W2 = (Tensor(rng.normal(size=shape), True, name=name) for shape, name in (((2, 4), "W1"), ((4, 1), "W2")))
    b1, b2 = (Tensor(np.zeros(n), True, name=name) for n, name in ((4, "b1"), (1, "b2")))
    error = np.tanh(X @ W1 + b1) @ W2 + b2 - np.array([[0.0], [1.0], [1.0], [0.0]])
    loss = np.mean(error * error)
    loss.name = "loss"
    return loss


@pytest.fixture
def read_dot() -> Callable[[str], Any]:
    pygraphviz = pytest.importorskip("pygraphviz", reason="pygraphviz reads the DOT that draw writes")
    return lambda dot: pygraphviz.AGraph(string=dot)
