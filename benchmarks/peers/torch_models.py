"""PyTorch on networks and functions as people use them, eager and compiled by inductor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

from benchmarks.models import ODE_H, ODE_STEPS, Model

Params = dict[str, Any]


def dense(x: Any, p: Params, W: str, b: str) -> Any:
    """x @ W + b, with W as PyTorch holds it: (units, inputs)."""
    return F.linear(x, p[W], p[b])


def conv(p: Params, X: Any) -> Any:
    """Two convolutions with pooling, and a dense layer."""
    for i in "01":
        X = F.max_pool2d(F.relu(F.conv2d(X, p[f"W{i}"], p[f"b{i}"])), 2)
    return dense(X.flatten(1), p, "W2", "b2")


def lstm(p: Params, X: Any) -> Any:
    """An LSTM, and logits of its last output. Of its two biases one stays 0."""
    zeros = X.new_zeros(1, len(X), p["W_h"].shape[1])
    weights = [p["W_x"], p["W_h"], p["b"], torch.zeros_like(p["b"])]
    outputs = torch.lstm(X, (zeros, zeros), weights, True, 1, 0.0, True, False, True)[0]
    return dense(outputs[:, -1], p, "W", "c")


def normed(x: Any, p: Params, i: int) -> Any:
    """The i-th LayerNorm."""
    return F.layer_norm(x, x.shape[-1:], p[f"gamma{i}"], p[f"beta{i}"])


def block(p: Params, X: Any) -> Any:
    """A transformer block, and logits at each position."""
    n, positions, size = X.shape
    x = normed(X, p, 0)
    q, k, v = (dense(x, p, f"W{i}", f"b{i}").view(n, positions, 4, -1).transpose(1, 2) for i in "qkv")
    seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    X = X + dense(seen.transpose(1, 2).reshape(n, positions, size), p, "Wo", "bo")
    X = X + dense(F.gelu(dense(normed(X, p, 1), p, "W1", "b1")), p, "W2", "b2")
    return dense(X, p, "W3", "b3").transpose(1, 2)  # where cross_entropy looks for classes


def norm(p: Params, X: Any) -> Any:
    """Dense layers with a LayerNorm after each but the last."""
    for i in range(2):
        X = F.relu(normed(dense(X, p, f"W{i}", f"b{i}"), p, i))
    return dense(X, p, "W2", "b2")


NETWORKS = {"conv": conv, "lstm": lstm, "block": block, "norm": norm}


def logreg(p: Params, data: Params) -> Any:
    """Mean logistic loss."""
    return F.binary_cross_entropy_with_logits(data["X"] @ p["w"] + p["b"], data["y"])


def gp(p: Params, data: Params) -> Any:
    """The negative log marginal likelihood of a Gaussian process with a squared exponential kernel."""
    length, scale, noise = torch.exp(p["theta"])
    X, y = data["X"], data["y"]
    K = scale**2 * torch.exp(-0.5 * ((X[:, None] - X) / length) ** 2) + noise**2 * torch.eye(len(X), dtype=X.dtype)
    return 0.5 * y @ torch.linalg.solve(K, y) + 0.5 * torch.linalg.slogdet(K)[1]


def ode(p: Params, data: Params) -> Any:
    """Lotka and Volterra's equations by Runge and Kutta: the square of where they end."""
    a, b, c, d = p["theta"]

    def slope(s: Any) -> Any:
        x, y = s
        return torch.stack([a * x - b * x * y, d * x * y - c * y])

    s = data["start"]
    for _ in range(ODE_STEPS):
        k1 = slope(s)
        k2 = slope(s + ODE_H / 2 * k1)
        k3 = slope(s + ODE_H / 2 * k2)
        k4 = slope(s + ODE_H * k3)
        s = s + ODE_H / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return torch.sum(s * s)


def rosen(p: Params, data: Params) -> Any:
    """Rosenbrock's function."""
    x = p["x"]
    return torch.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def hess(w: Any, data: Params) -> Any:
    """Mean logistic loss, without a bias."""
    z = data["X"] @ w
    return torch.mean(F.softplus(z) - data["y"] * z)


FUNCTIONS = {"logreg": logreg, "gp": gp, "ode": ode, "rosen": rosen}


def eager(model: Model) -> Callable[[], Any]:
    """The graph is built and swept in every step."""
    return prepared(model, compiling=False)


def compiled(model: Model) -> Callable[[], Any]:
    """The step as one compiled program."""
    return prepared(model, compiling=True)


def prepared(model: Model, compiling: bool) -> Callable[[], Any]:
    """The step of a case."""
    data: Params = {name: torch.from_numpy(x) for name, x in model.data().items()}
    params: Params = {}
    for name, w in model.weights().items():
        turned = model.key in NETWORKS and w.ndim == 2
        params[name] = torch.from_numpy(w.T.copy() if turned else w)
    if model.key == "hess":
        return newton(model, data, params, compiling)

    def loss(params: Params) -> Any:
        if model.key in NETWORKS:
            return F.cross_entropy(NETWORKS[model.key](params, data["X"]), data["y"])
        return FUNCTIONS[model.key](params, data)

    return update_compiled(loss, params, model.lr) if compiling else update_eager(loss, params, model.lr)


def update_eager(loss: Callable[[Params], Any], params: Params, lr: float) -> Callable[[], Any]:
    """A step as PyTorch's users write it."""
    for p in params.values():
        p.requires_grad_()
    optimizer = torch.optim.SGD(list(params.values()), lr=lr)

    def step() -> Any:
        value = loss(params)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return value

    return step


def update_compiled(loss: Callable[[Params], Any], params: Params, lr: float) -> Callable[[], Any]:
    """The step as a function of the parameters."""

    def update(params: Params) -> Any:
        gradients, value = torch.func.grad_and_value(loss)(params)
        return {name: p - lr * gradients[name] for name, p in params.items()}, value

    program = torch.compile(update)

    def step() -> Any:
        nonlocal params
        params, value = program(params)
        return value

    return step


def newton(model: Model, data: Params, params: Params, compiling: bool) -> Callable[[], Any]:
    """The Hessian, and a little way along its diagonal."""
    hessian: Any = torch.func.hessian(lambda w: hess(w, data))
    if compiling:
        hessian = torch.compile(hessian)

    def step() -> Any:
        H = hessian(params["w"])
        params["w"] = params["w"] - model.lr * H.diagonal()
        return torch.sum(H * H)

    return step
