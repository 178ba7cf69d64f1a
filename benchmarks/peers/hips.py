"""HIPS autograd. Its import name is ours, too: this file runs in an environment that has only that one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as np  # type: ignore[import-not-found,unused-ignore]
from autograd import value_and_grad
from autograd.scipy.special import logsumexp  # type: ignore[import-not-found,unused-ignore]
from benchmarks.cases import LR, Case


def training(case: Case) -> Callable[[], Any]:
    """One step of training. It returns the loss."""
    X, y = case.data()
    params = case.weights()
    rows, lr = np.arange(len(X)), np.float32(LR)

    def loss(params: Any) -> Any:
        *hidden, (W, b) = params
        a = X
        for V, c in hidden:
            a = np.tanh(a @ V + c)
        z = a @ W + b
        return np.sum(logsumexp(z, axis=1) - z[rows, y]) / len(X)  # np.mean would go back in float64

    loss_and_gradient = value_and_grad(loss)

    def step() -> Any:
        value, gradient = loss_and_gradient(params)
        for (W, b), (dW, db) in zip(params, gradient):
            W -= lr * dW
            b -= lr * db
        return value

    return step
