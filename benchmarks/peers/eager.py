"""chainrule, eager: the graph is built and swept in every step."""

from __future__ import annotations

from collections.abc import Callable

import nn
from autograd import Tensor, Value
from benchmarks.cases import CHAIN_FACTOR, LR, Case, ScalarCase


def network(case: Case) -> nn.MLP:
    """The model with the weights of the case."""
    model = nn.MLP(*case.sizes, activation="tanh", rng=0)
    for layer, (W, b) in zip(model, case.weights()):
        layer.W.data, layer.b.data = W, b
    return model


def training(case: Case) -> Callable[[], Tensor]:
    """One step of training. It returns the loss."""
    X, y = case.data()
    model = network(case)
    optimizer = nn.SGD(model.parameters(), lr=LR)

    def step() -> Tensor:
        loss: Tensor = nn.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def scalar_network(case: ScalarCase) -> nn.scalar.MLP:
    """The network of Values with the weights of the case."""
    model = nn.scalar.MLP(case.sizes[0], case.sizes[1:], activation="relu", rng=0)
    for layer, neurons in zip(model.layers, case.weights()):
        for neuron, (w, b) in zip(layer.neurons, neurons):
            neuron.b.data = b
            for weight, number in zip(neuron.w, w):
                weight.data = number
    return model


def scalar_loss(model: nn.scalar.MLP, case: ScalarCase, X: list[list[float]], y: list[float]) -> Value:
    """Mean hinge loss of the points, and the penalty on all parameters."""
    losses = [nn.relu(1 - target * model(x)) for x, target in zip(X, y)]
    return sum(losses) * (1 / len(losses)) + case.penalty * sum(p * p for p in model.parameters())  # type: ignore[no-any-return]


def scalar(case: ScalarCase) -> Callable[[], Value]:
    """One step of training on all points. It returns the loss."""
    X, y = case.data()
    model = scalar_network(case)

    def step() -> Value:
        loss = scalar_loss(model, case, X, y)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= LR * p.grad
        return loss

    return step


def tensor_chain(nodes: int) -> tuple[Callable[[], Tensor], Callable[[Tensor], float]]:
    """Tensors of one number, each the one before it times a constant: forward, and backward."""
    x = Tensor(1.0, requires_grad=True)

    def forward() -> Tensor:
        y = x
        for _ in range(nodes):
            y = y * CHAIN_FACTOR
        return y

    def backward(y: Tensor) -> float:
        x.grad = None
        y.backward()
        return float(x.grad)

    return forward, backward


def value_chain(nodes: int) -> tuple[Callable[[], Value], Callable[[Value], float]]:
    """The same of Values."""
    x = Value(1.0)

    def forward() -> Value:
        y = x
        for _ in range(nodes):
            y = y * CHAIN_FACTOR
        return y

    def backward(y: Value) -> float:
        x.grad = 0.0
        y.backward()
        return float(x.grad)

    return forward, backward
