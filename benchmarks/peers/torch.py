"""PyTorch, eager and compiled by inductor."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch

from benchmarks.cases import CHAIN_FACTOR, LR, Case


def parts(case: Case) -> tuple[Any, Any, Any]:
    """The model with the weights of the case, the inputs and the labels."""
    modules: list[Any] = []
    for inputs, units in pairwise(case.sizes):
        modules += [torch.nn.Linear(inputs, units), torch.nn.Tanh()]
    model = torch.nn.Sequential(*modules[:-1])
    with torch.no_grad():
        for layer, (W, b) in zip(model[::2], case.weights()):
            layer.weight.copy_(torch.from_numpy(W.T))
            layer.bias.copy_(torch.from_numpy(b))
    X, y = map(torch.from_numpy, case.data())
    return model, X, y


def training(case: Case) -> Callable[[], Any]:
    """One step of training. It returns the loss."""
    model, X, y = parts(case)
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)

    def step() -> Any:
        loss = torch.nn.functional.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def compiled(case: Case) -> Callable[[], Any]:
    """The same as one compiled program: of the ways to use torch.compile the fastest here."""
    model, X, y = parts(case)
    params = {name: p.detach() for name, p in model.named_parameters()}

    def loss(params: Any) -> Any:
        return torch.nn.functional.cross_entropy(torch.func.functional_call(model, params, (X,)), y)

    def update(params: Any) -> Any:
        gradients, value = torch.func.grad_and_value(loss)(params)
        return {name: p - LR * gradients[name] for name, p in params.items()}, value

    program = torch.compile(update)

    def step() -> Any:
        nonlocal params
        params, value = program(params)
        return value

    return step


def chain(nodes: int) -> tuple[Callable[[], Any], Callable[[Any], float]]:
    """Tensors of one number, each the one before it times a constant: forward, and backward."""
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)

    def forward() -> Any:
        y = x
        for _ in range(nodes):
            y = y * CHAIN_FACTOR
        return y

    def backward(y: Any) -> float:
        x.grad = None
        y.backward()
        return float(x.grad)

    return forward, backward
