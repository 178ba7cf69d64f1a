"""JAX on networks and functions as people use them: each step is one program of XLA's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.models import ODE_H, ODE_STEPS, Model

Params = dict[str, Any]


def conv(p: Params, X: Any) -> Any:
    """Two convolutions with pooling, and a dense layer."""
    for i in "01":
        X = jax.lax.conv(X, p[f"W{i}"], (1, 1), "VALID") + p[f"b{i}"][:, None, None]
        X = jax.lax.reduce_window(jax.nn.relu(X), -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    return X.reshape(len(X), -1) @ p["W2"] + p["b2"]


def lstm(p: Params, X: Any) -> Any:
    """An LSTM, and logits of its last output."""

    def cell(state: Any, driven: Any) -> Any:
        h, c = state
        i, f, g, o = jnp.split(driven + h @ p["W_h"], 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((len(X), len(p["W_h"])), X.dtype)
    (h, _), _ = jax.lax.scan(cell, (zeros, zeros), jnp.swapaxes(X @ p["W_x"] + p["b"], 0, 1))
    return h @ p["W"] + p["c"]


def normed(x: Any, p: Params, i: int) -> Any:
    """The i-th LayerNorm."""
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(var + 1e-5) * p[f"gamma{i}"] + p[f"beta{i}"]


def block(p: Params, X: Any) -> Any:
    """A transformer block, and logits at each position."""
    n, positions, size = X.shape
    x = normed(X, p, 0)
    q, k, v = ((x @ p[f"W{i}"] + p[f"b{i}"]).reshape(n, positions, 4, -1) for i in "qkv")
    seen = jax.nn.dot_product_attention(q, k, v, is_causal=True)
    X = X + seen.reshape(n, positions, size) @ p["Wo"] + p["bo"]
    wide = jax.nn.gelu(normed(X, p, 1) @ p["W1"] + p["b1"], approximate=False)
    return (X + wide @ p["W2"] + p["b2"]) @ p["W3"] + p["b3"]


def norm(p: Params, X: Any) -> Any:
    """Dense layers with a LayerNorm after each but the last."""
    for i in range(2):
        X = jax.nn.relu(normed(X @ p[f"W{i}"] + p[f"b{i}"], p, i))
    return X @ p["W2"] + p["b2"]


NETWORKS = {"conv": conv, "lstm": lstm, "block": block, "norm": norm}


def logreg(p: Params, data: Params) -> Any:
    """Mean logistic loss."""
    z = data["X"] @ p["w"] + p["b"]
    return jnp.mean(jnp.logaddexp(0, z) - data["y"] * z)


def gp(p: Params, data: Params) -> Any:
    """The negative log marginal likelihood of a Gaussian process with a squared exponential kernel."""
    length, scale, noise = jnp.exp(p["theta"])
    X, y = data["X"], data["y"]
    K = scale**2 * jnp.exp(-0.5 * ((X[:, None] - X) / length) ** 2) + noise**2 * jnp.eye(len(X))
    return 0.5 * y @ jnp.linalg.solve(K, y) + 0.5 * jnp.linalg.slogdet(K)[1]


def ode(p: Params, data: Params) -> Any:
    """Lotka and Volterra's equations by Runge and Kutta: the square of where they end."""
    a, b, c, d = p["theta"]

    def slope(s: Any) -> Any:
        x, y = s
        return jnp.stack([a * x - b * x * y, d * x * y - c * y])

    def runge_kutta(s: Any, _: Any) -> Any:
        k1 = slope(s)
        k2 = slope(s + ODE_H / 2 * k1)
        k3 = slope(s + ODE_H / 2 * k2)
        k4 = slope(s + ODE_H * k3)
        return s + ODE_H / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    s, _ = jax.lax.scan(runge_kutta, data["start"], length=ODE_STEPS)
    return jnp.sum(s * s)


def rosen(p: Params, data: Params) -> Any:
    """Rosenbrock's function."""
    x = p["x"]
    return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def hess(w: Any, data: Params) -> Any:
    """Mean logistic loss, without a bias."""
    z = data["X"] @ w
    return jnp.mean(jnp.logaddexp(0, z) - data["y"] * z)


FUNCTIONS = {"logreg": logreg, "gp": gp, "ode": ode, "rosen": rosen}


def compiled(model: Model) -> Callable[[], Any]:
    """One step. It returns the loss, or of the Hessian the sum of its squares."""
    jax.config.update("jax_enable_x64", model.key not in NETWORKS)
    data: Params = {name: jnp.asarray(x) for name, x in model.data().items()}
    params: Params = {name: jnp.asarray(x) for name, x in model.weights().items()}

    def loss(params: Params, data: Params) -> Any:
        if model.key not in NETWORKS:
            return FUNCTIONS[model.key](params, data)
        log_probabilities = jax.nn.log_softmax(NETWORKS[model.key](params, data["X"]))
        return -jnp.take_along_axis(log_probabilities, data["y"][..., None], axis=-1).mean()

    @partial(jax.jit, donate_argnums=0)  # the old parameters' memory is the new ones'
    def update(params: Params, data: Params) -> Any:
        if model.key == "hess":
            H = jax.hessian(hess)(params["w"], data)
            return jnp.sum(H * H), {"w": params["w"] - model.lr * jnp.diagonal(H)}
        value, gradients = jax.value_and_grad(loss)(params, data)
        return value, jax.tree.map(lambda p, g: p - model.lr * g, params, gradients)

    def step() -> Any:
        nonlocal params
        value, params = update(params, data)
        return value

    return step
