"""One training step of an MLP, eager: nn against the same step by hand in NumPy, and against torch if it is there.

`python -m benchmarks.step` prints medians of interleaved rounds, in microseconds, and their ratios.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import nn

CASES = [((2, 8, 2), 4), ((2, 64, 64, 3), 300), ((64, 128, 10), 64), ((784, 256, 128, 10), 128)]
LR = 0.1
Step = Callable[[], Any]


def data(sizes: tuple[int, ...], batch: int) -> tuple[Any, Any]:
    """float32 inputs and integer labels."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((batch, sizes[0])).astype(np.float32), rng.integers(0, sizes[-1], batch)


def ours(sizes: tuple[int, ...], batch: int) -> Step:
    """Forward, mean softmax cross-entropy, backward and SGD in nn."""
    X, y = data(sizes, batch)
    model = nn.MLP(*sizes, activation="tanh", rng=0)
    optimizer = nn.SGD(model.parameters(), lr=LR)

    def step() -> None:
        loss = nn.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def by_hand(sizes: tuple[int, ...], batch: int) -> Step:
    """The same step as the course writes it, with every derivative worked out on paper."""
    X, y = data(sizes, batch)
    layers = [(layer.W.data, layer.b.data) for layer in nn.MLP(*sizes, rng=0)]
    rows, lr = np.arange(batch), np.float32(LR)

    def step() -> None:
        activations = [X]
        for W, b in layers[:-1]:
            activations.append(np.tanh(activations[-1] @ W + b))
        W, b = layers[-1]
        z = activations[-1] @ W + b
        z = z - z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        (np.log(total[:, 0]) - z[rows, y]).mean()
        delta = e / total
        delta[rows, y] -= 1
        delta /= batch
        for i in range(len(layers) - 1, -1, -1):
            W, b = layers[i]
            dW, db = activations[i].T @ delta, delta.sum(axis=0)
            if i:
                delta = (delta @ W.T) * (1 - activations[i] * activations[i])
            W -= lr * dW
            b -= lr * db

    return step


def in_torch(sizes: tuple[int, ...], batch: int) -> Step:
    """The same step in torch, eager."""
    import torch

    X, y = (torch.from_numpy(array) for array in data(sizes, batch))
    modules: list[Any] = []
    for inputs, units in pairwise(sizes):
        modules += [torch.nn.Linear(inputs, units), torch.nn.Tanh()]
    model = torch.nn.Sequential(*modules[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)

    def step() -> None:
        loss = torch.nn.functional.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def medians(steps: list[Step], rounds: int = 15, seconds: float = 0.05) -> list[float]:
    """Microseconds per step of each, in rounds that take turns, so that a noisy machine is noisy for all."""
    repeats = []
    for step in steps:
        step()
        start = time.perf_counter()
        step()
        repeats.append(max(1, int(seconds / (time.perf_counter() - start))))
    times: list[list[float]] = [[] for _ in steps]
    for _ in range(rounds):
        for step, repeat, taken in zip(steps, repeats, times):
            start = time.perf_counter()
            for _ in range(repeat):
                step()
            taken.append((time.perf_counter() - start) / repeat * 1e6)
    return [statistics.median(taken) for taken in times]


def main() -> None:
    """Print a row for each case."""
    make = [ours, by_hand]
    try:
        make.append(in_torch)
        in_torch((2, 2), 1)
    except ImportError:
        make.pop()
    for sizes, batch in CASES:
        nn_time, hand, *torch_time = medians([kind(sizes, batch) for kind in make])
        row = f"{'-'.join(map(str, sizes)):18s} batch {batch:4d}   nn {nn_time:8.1f}"
        row += f"   by hand {hand:8.1f}   ratio {nn_time / hand:.2f}"
        print(row + "".join(f"   torch {t:8.1f}   ratio {nn_time / t:.2f}" for t in torch_time))


if __name__ == "__main__":
    main()
