"""Graphs to draw, a reader of DOT, and players to visit."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from players import ALL, OPTIONS

import autograd as ag
from autograd import Tensor, Value, draw


@pytest.fixture
def perceptron() -> Value:
    w1, x1, w2, x2, b = (Value(v, name=n) for v, n in ((-3, "w1"), (2, "x1"), (1, "w2"), (0, "x2"), (6.88, "b")))
    y = (w1 * x1 + w2 * x2 + b).tanh()
    y.name = "y"
    return y


@pytest.fixture
def xor_loss() -> Tensor:
    rng = np.random.default_rng(0)
    X = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]], name="X")
    W1, W2 = (Tensor(rng.normal(size=shape), True, name=name) for shape, name in (((2, 4), "W1"), ((4, 1), "W2")))
    b1, b2 = (Tensor(np.zeros(n), True, name=name) for n, name in ((4, "b1"), (1, "b2")))
    error = np.tanh(X @ W1 + b1) @ W2 + b2 - np.array([[0.0], [1.0], [1.0], [0.0]])
    loss = np.mean(error * error)
    loss.name = "loss"
    return loss


@pytest.fixture
def read_dot() -> Callable[[str], Any]:
    pygraphviz = pytest.importorskip("pygraphviz", reason="pygraphviz reads the DOT that draw writes")
    return lambda dot: pygraphviz.AGraph(string=dot)


@pytest.fixture(scope="session")
def written(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The address of the player of a graph, which is written when it is first asked for."""

    @functools.cache
    def write(name: str) -> str:
        with ag.debug.lines():
            root = ALL[name]()
        path = tmp_path_factory.mktemp("players") / f"{name}.html"
        return draw(root, **OPTIONS.get(name, {})).save(path).as_uri()

    return write


@pytest.fixture
def visit(page: Any, written: Callable[[str], str]) -> Callable[..., Any]:
    """Open the player of a graph at a step."""

    def go(name: str, step: int | str = 0) -> Any:
        page.goto("about:blank")
        page.goto(f"{written(name)}#step={step}")
        return page

    return go
