"""chainrule on networks and functions as people use them, eager and compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import autograd
import nn
from benchmarks.models import ODE_H, ODE_STEPS, Arrays, Model


class Recurrent(nn.Module):
    """An LSTM, and logits of its last output."""

    def __init__(self, weights: Arrays) -> None:
        inputs, hidden = len(weights["W_x"]), len(weights["W_h"])
        self.lstm, self.dense = nn.LSTM(inputs, hidden, rng=0), nn.Dense(hidden, weights["W"].shape[1], rng=0)

    def forward(self, x: Any) -> Any:
        """Sequences to logits."""
        return self.dense(self.lstm(x)[0][:, -1])


class Block(nn.Module):
    """A transformer block, and logits at each position."""

    def __init__(self, weights: Arrays) -> None:
        size, classes = weights["W3"].shape
        self.norm0, self.norm1 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.attention = nn.MultiHeadAttention(size, 4, rng=0)
        self.wide = nn.Dense(size, 4 * size, activation="gelu", rng=0)
        self.narrow, self.dense = nn.Dense(4 * size, size, rng=0), nn.Dense(size, classes, rng=0)

    def forward(self, x: Any) -> Any:
        """Sequences to logits."""
        x = x + self.attention(self.norm0(x), causal=True)
        return self.dense(x + self.narrow(self.wide(self.norm1(x))))


def normalized(weights: Arrays) -> nn.Module:
    """Dense layers with a LayerNorm after each but the last."""
    (n, h), classes = weights["W0"].shape, weights["W2"].shape[1]
    first, second = [nn.LayerNorm(h), nn.ReLU()], [nn.LayerNorm(h), nn.ReLU()]
    dense = [nn.Dense(n, h, rng=0), nn.Dense(h, h, rng=0), nn.Dense(h, classes, rng=0)]
    return nn.Sequential(dense[0], *first, dense[1], *second, dense[2])


def convolutional(weights: Arrays) -> nn.Module:
    """Two convolutions with pooling, and a dense layer."""
    pooled = [nn.ReLU(), nn.MaxPool2d(2)]
    few, many = len(weights["W0"]), len(weights["W1"])
    inputs, classes = weights["W2"].shape
    first, second = nn.Conv2d(1, few, 3, rng=0), nn.Conv2d(few, many, 3, rng=0)
    return nn.Sequential(first, *pooled, second, *pooled, nn.Flatten(), nn.Dense(inputs, classes, rng=0))


# The networks, and which weights of the case their parameters start with.
NETWORKS: dict[str, tuple[Callable[[Arrays], nn.Module], str]] = {
    "conv": (convolutional, "W0 b0 W1 b1 W2 b2"),
    "lstm": (Recurrent, "W_x W_h b W c"),
    "block": (Block, "gamma0 beta0 gamma1 beta1 Wq bq Wk bk Wv bv Wo bo W1 b1 W2 b2 W3 b3"),
    "norm": (normalized, "W0 b0 gamma0 beta0 W1 b1 gamma1 beta1 W2 b2"),
}


def logreg(params: dict[str, Any], data: Arrays) -> Any:
    """Mean logistic loss."""
    z = data["X"] @ params["w"] + params["b"]
    return np.mean(np.logaddexp(0, z) - data["y"] * z)


def gp(params: dict[str, Any], data: Arrays) -> Any:
    """The negative log marginal likelihood of a Gaussian process with a squared exponential kernel."""
    length, scale, noise = np.exp(params["theta"])
    X, y = data["X"], data["y"]
    K = scale**2 * np.exp(-0.5 * ((X[:, None] - X) / length) ** 2) + noise**2 * np.eye(len(X))
    return 0.5 * y @ np.linalg.solve(K, y) + 0.5 * np.linalg.slogdet(K)[1]


def ode(params: dict[str, Any], data: Arrays) -> Any:
    """Lotka and Volterra's equations by Runge and Kutta: the square of where they end."""
    a, b, c, d = params["theta"]

    def slope(s: Any) -> Any:
        x, y = s
        return np.stack([a * x - b * x * y, d * x * y - c * y])

    s: Any = data["start"]
    for _ in range(ODE_STEPS):
        k1 = slope(s)
        k2 = slope(s + ODE_H / 2 * k1)
        k3 = slope(s + ODE_H / 2 * k2)
        k4 = slope(s + ODE_H * k3)
        s = s + ODE_H / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(s * s)


def rosen(params: dict[str, Any], data: Arrays) -> Any:
    """Rosenbrock's function."""
    x = params["x"]
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def hess(w: Any, data: Arrays) -> Any:
    """Mean logistic loss, without a bias."""
    z = data["X"] @ w
    return np.mean(np.logaddexp(0, z) - data["y"] * z)


FUNCTIONS = {"logreg": logreg, "gp": gp, "ode": ode, "rosen": rosen}


def network_step(model: Model) -> Callable[[Any, Any], Any]:
    """A step of training a network. It returns the loss."""
    weights = model.weights()
    build, names = NETWORKS[model.key]
    network = build(weights)
    for parameter, name in zip(network.parameters(), names.split(), strict=True):
        parameter.data = weights[name]
    optimizer = nn.SGD(network.parameters(), lr=model.lr)

    def step(X: Any, y: Any) -> Any:
        loss = nn.cross_entropy(network(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


def function_step(model: Model) -> Callable[[Any], Any]:
    """A step down the slope of a function, of its weights: the value, and the next weights."""
    data, lr = model.data(), model.lr
    if model.key == "hess":

        def along_diagonal(weights: Any) -> Any:
            H = autograd.hessian(hess)(weights["w"], data)
            return np.sum(H * H), {"w": weights["w"] - lr * np.diagonal(H)}

        return along_diagonal
    differentiated = autograd.value_and_grad(FUNCTIONS[model.key])

    def down(weights: Any) -> Any:
        value, gradients = differentiated(weights, data)
        return value, {name: w - lr * gradients[name] for name, w in weights.items()}

    return down


def prepared(model: Model, wrap: Callable[[Any], Any]) -> Callable[[], Any]:
    """The step of a case, which `wrap` may compile."""
    if model.key in NETWORKS:
        data = model.data()
        return partial(wrap(network_step(model)), data["X"], data["y"])
    update, weights = wrap(function_step(model)), model.weights()

    def step() -> Any:
        nonlocal weights
        value, weights = update(weights)
        return value

    return step


def eager(model: Model) -> Callable[[], Any]:
    """The graph is built and swept in every step."""
    return prepared(model, lambda f: f)


def compiled(model: Model) -> Callable[[], Any]:
    """The step is a program, in NumPy or native as compile chooses."""
    return prepared(model, autograd.compile)
