"""micrograd: every number is a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from micrograd.engine import Value
from micrograd.nn import MLP

from benchmarks.cases import CHAIN_FACTOR, LR, ScalarCase


def scalar(case: ScalarCase) -> Callable[[], Any]:
    """One step of training on all points. It returns the loss."""
    X, y = case.data()
    model = MLP(case.sizes[0], list(case.sizes[1:]))
    for layer, neurons in zip(model.layers, case.weights()):
        for neuron, (w, b) in zip(layer.neurons, neurons):
            neuron.b.data = b
            for weight, number in zip(neuron.w, w):
                weight.data = number

    def step() -> Any:
        losses = [(1 + -target * model(x)).relu() for x, target in zip(X, y)]
        loss = sum(losses) * (1 / len(losses)) + case.penalty * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= LR * p.grad
        return loss

    return step


def chain(nodes: int) -> tuple[Callable[[], Any], Callable[[Any], float]]:
    """Values, each the one before it times a constant: forward, and backward."""
    x = Value(1.0)

    def forward() -> Any:
        y = x
        for _ in range(nodes):
            y = y * CHAIN_FACTOR
        return y

    def backward(y: Any) -> float:
        x.grad = 0.0
        y.backward()
        return float(x.grad)

    return forward, backward
