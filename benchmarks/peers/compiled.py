"""chainrule, compiled: the step is traced once, and runs as the program that it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import autograd
import nn
from autograd import Tensor, Value
from benchmarks.cases import LR, Case, ScalarCase

from .eager import network, scalar_loss, scalar_network


def training(case: Case) -> Callable[[], Tensor]:
    """One step of training. It returns the loss. Whether it runs in NumPy or natively is for compile to choose."""
    X, y = case.data()
    model = network(case)
    optimizer = nn.SGD(model.parameters(), lr=LR)

    def step(X: Any, y: Any) -> Tensor:
        loss: Tensor = nn.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return partial(autograd.compile(step), X, y)


def scalar(case: ScalarCase) -> Callable[[], Any]:
    """One step of training on all points. It returns the loss."""
    X, y = case.data()
    model = scalar_network(case)
    parameters = model.parameters()

    @autograd.compile
    def step(X: Any, y: Any) -> Value:
        loss: Value = scalar_loss(model, case, X, y)
        model.zero_grad()
        loss.backward()
        for p in parameters:
            p.data = p.data - LR * p.grad
        return loss

    return partial(step, X, y)
