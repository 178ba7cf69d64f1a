"""NumPy, every derivative worked out on paper, as the course has it: what the others are compared with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.cases import LR, Case, ScalarCase


def training(case: Case) -> Callable[[], np.float32]:
    """One step: forward propagation, backward propagation, gradient descent. It returns the loss."""
    X, y = case.data()
    layers = case.weights()
    (*hidden, last), n = layers, len(X)
    rows, lr = np.arange(n), np.float32(LR)

    def step() -> np.float32:
        activations = [X]
        for W, b in hidden:
            activations.append(np.tanh(activations[-1] @ W + b))
        W, b = last
        z = activations[-1] @ W + b
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss: np.float32 = (np.log(total[:, 0]) - z[rows, y]).mean()

        delta = e / total
        delta[rows, y] -= 1
        delta /= n
        for i in range(len(layers) - 1, -1, -1):
            W, b = layers[i]
            a = activations[i]
            dW, db = a.T @ delta, delta.sum(axis=0)
            if i:
                delta = (delta @ W.T) * (1 - a * a)
            W -= lr * dW
            b -= lr * db
        return loss

    return step


def scalar(case: ScalarCase) -> Callable[[], np.float64]:
    """The network that others build of scalars, in matrices: it says what their losses must be."""
    X, y = map(np.array, case.data())
    layers = [(np.array([w for w, _ in layer]).T, np.array([b for _, b in layer])) for layer in case.weights()]
    n = len(X)

    def step() -> np.float64:
        activations = [X]
        for W, b in layers[:-1]:
            activations.append(np.maximum(activations[-1] @ W + b, 0))
        W, b = layers[-1]
        margin = 1 - y * (activations[-1] @ W + b)[:, 0]
        penalty = case.penalty * sum((W * W).sum() + (b * b).sum() for W, b in layers)
        loss: np.float64 = np.maximum(margin, 0).mean() + penalty

        delta = np.where(margin > 0, -y / n, 0)[:, None]
        for i in range(len(layers) - 1, -1, -1):
            W, b = layers[i]
            dW, db = activations[i].T @ delta, delta.sum(axis=0)
            delta = (delta @ W.T) * (activations[i] > 0)
            W -= LR * (dW + 2 * case.penalty * W)
            b -= LR * (db + 2 * case.penalty * b)
        return loss

    return step
