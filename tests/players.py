"""Players to test: their graphs, and how to read their pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from played import PLAYED

import nn
from autograd import Tensor, Value

HOSTILE = "</script><script>alert(1)</script>"


def hostile() -> Any:
    """Names and texts that would break a page which does not escape them."""
    x = Tensor([1.0, 2.0], True, name=HOSTILE)
    y = x * Tensor([3.0, 4.0], name="<!-- \"quotes\" & 'apostrophes' {{js}} \\ \u2028 重み")
    y.name = "<b>y</b>"
    return np.sum(y)


def hooked() -> Any:
    x = Value(2.0, "x")
    y = x * x
    y.register_hook(lambda g: g * 0.5)
    return y + 1


def folded() -> Any:
    x = Value(0.5, "x")
    y = x
    for _ in range(300):
        y = y.tanh() + x * 0.001
    return y


def growing() -> Any:
    """Sums on the way that are wider than the last one."""
    x = Value(1.0, "x")
    return x * -1.2345e-5 + x * 1.2345e-5 + x * 0.0


def large() -> Any:
    rng = np.random.default_rng(0)
    W = Tensor(rng.normal(size=(30, 20)), True, dtype=np.float32, name="W")
    return np.mean(np.maximum(Tensor(rng.normal(size=(8, 30)), dtype=np.float32, name="X") @ W, 0))


def odd() -> Any:
    """Numbers that are none, infinite, or not there, and a derivative that is infinite."""
    x = Tensor([0.0, 1.0, np.inf, np.nan], True, name="x")
    nothing = Tensor(np.zeros((0, 3)), True, name="nothing")
    return np.sum(np.sqrt(x)) + np.sum(np.tanh(x)) + np.sum(nothing * 2)


def layers() -> Any:
    """A network of the size of the demos, 2-64-64-3, on five points."""
    model = nn.MLP(2, 64, 64, 3, rng=0)
    return nn.cross_entropy(model(np.random.default_rng(0).normal(size=(5, 2))), np.array([0, 1, 2, 1, 0]))


def convolution() -> Any:
    """A convolution, its maxima, and a layer, on one image."""
    model = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dense(8, 3, rng=0))
    return nn.cross_entropy(model(np.random.default_rng(0).normal(size=(1, 1, 6, 6))), np.array([1]))


class Recurrent(nn.Module):
    """The last of the states of an LSTM, and a layer."""

    def __init__(self) -> None:
        self.lstm = nn.LSTM(2, 3, rng=0, dtype=np.float64)
        self.out = nn.Dense(3, 1, rng=1, dtype=np.float64)

    def forward(self, x: Any) -> Any:
        return self.out(self.lstm(x)[0][:, -1])


SEQUENCES = np.random.default_rng(0).normal(size=(2, 5, 2))


def recurrent(model: Recurrent | None = None, x: Any = SEQUENCES) -> Any:
    """An LSTM over five steps, whose cells are folded."""
    return nn.mse((model or Recurrent())(Tensor(x, name="X")), np.array([[1.0], [0.0]]))


class GPT(nn.Module):
    """A small transformer that says which of five symbols comes next."""

    def __init__(self, size: int = 4) -> None:
        rng = np.random.default_rng(0)
        self.symbols, self.places = nn.Embedding(5, size, rng=rng), nn.Embedding(4, size, rng=rng)
        self.before, self.attention = nn.LayerNorm(size), nn.MultiHeadAttention(size, 2, rng=rng)
        self.between, self.layers = nn.LayerNorm(size), nn.MLP(size, 8, size, activation="gelu", rng=rng)
        self.head = nn.Dense(size, 5, rng=rng)

    def forward(self, text: Any) -> Any:
        x = self.symbols(text) + self.places(np.arange(text.shape[1]))
        x = x + self.attention(self.before(x), causal=True)
        return self.head(x + self.layers(self.between(x)))


def gpt() -> Any:
    return nn.cross_entropy(GPT()(np.array([[0, 2, 1, 4]])).reshape(4, 5), np.array([2, 1, 4, 3]))


def long() -> Any:
    """2,000 numbers, all of them shown."""
    rng = np.random.default_rng(0)
    y = x = Tensor(rng.normal(size=(4, 5)), True, name="x")
    for _ in range(33):
        y = np.tanh(y * x + 0.1)
    return np.sum(y)


LECTURES: dict[str, Callable[[], Any]] = {
    **PLAYED, "layers": layers, "convolution": convolution, "recurrent": recurrent, "gpt": gpt,
}  # fmt: skip
GRAPHS: dict[str, Callable[[], Any]] = {
    **PLAYED, "hostile": hostile, "hooked": hooked, "folded": folded, "growing": growing, "large": large, "odd": odd,
}  # fmt: skip
ALL = GRAPHS | LECTURES | {"long": long}
OPTIONS: dict[str, dict[str, Any]] = {"folded": {"max_nodes": 30}}

SIZES = {"wide": (1280, 800), "narrow": (320, 640)}
THEMES = ("light", "dark")


def step_of(page: Any, address: bool = True) -> int:
    """The step that the page shows, by each of the places that say it."""
    step = page.evaluate("reading.step")
    last = page.evaluate("last")
    assert page.inner_text("#count") == f"{step} of {last}"
    assert page.inner_text("#words").startswith(f"Step {step} of {last}. ")
    assert page.input_value("#scrub") == str(step)
    if address:
        page.wait_for_url(f"**#step={step}")
    assert page.locator("tr[aria-current]").get_attribute("id") == f"row{step}"
    return int(step)


def steps(page: Any) -> int:
    return int(page.evaluate("last")) + 1


def middle(page: Any) -> int:
    """A step in the middle of the backward pass."""
    backward = page.evaluate("data.steps.flatMap(({ phase }, i) => phase === 'backward' ? [i] : [])")
    return int(backward[len(backward) // 2]) if backward else 0


def graph_of(name: str) -> dict[str, Any]:
    """The nodes of a demo's graph by their names, after a backward pass that keeps every gradient."""
    root = PLAYED[name]()
    nodes, stack = {root}, [root]
    while stack:
        found = {arg for arg in stack.pop().args if isinstance(arg, Tensor | Value) and arg.requires_grad} - nodes
        nodes |= found
        stack += found
    for node in nodes:
        node.retain_grad()
    root.backward()
    return {node.name: node for node in nodes if node.name}


QUESTIONS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def ask(page: Any, question: str) -> Any:
    """What a function of players.js answers on this page."""
    return page.evaluate(f"(() => {{ {QUESTIONS}; return {question}(); }})()")
