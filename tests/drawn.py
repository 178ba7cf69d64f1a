"""Pictures to test in structure: where a drawing's DOT puts boxes, frames, edges and labels, and graphs to draw."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import nn
from autograd import Tensor, Value, scoped
from autograd.draw import Drawing

POINT = 72.0  # points are an inch


class Place(NamedTuple):
    """A rectangle; y grows down the page."""

    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def overlaps(self, other: Place) -> bool:
        return min(self.right, other.right) > max(self.left, other.left) and self.beside(other)

    def beside(self, other: Place) -> bool:
        return min(self.bottom, other.bottom) > max(self.top, other.top)

    def holds(self, other: Place) -> bool:
        across = self.left < other.left and other.right < self.right
        return across and self.top < other.top and other.bottom < self.bottom

    def inner(self, by: float) -> Place:
        return Place(self.left + by, self.right - by, self.top + by, self.bottom - by)

    def has(self, point: tuple[float, float]) -> bool:
        return self.left < point[0] < self.right and self.top < point[1] < self.bottom


class Picture:
    """Where everything stands in a drawing."""

    def __init__(self, drawing: Drawing) -> None:
        self.scene = drawing.scene
        dot = drawing.dot
        found = {}
        for name, rest in re.findall(r"^\t*n(\d+) \[label=(.*)$", dot, re.M):
            (x, y), (width,), (height,) = (numbers(rest, key) for key in ("pos", "width", "height"))
            half, high = width * POINT / 2, height * POINT / 2
            found[int(name)] = Place(x - half, x + half, -y - high, -y + high)
        self.boxes = [found[i] for i in range(len(found))]
        self.frames = {}
        for name, rest in re.findall(r"subgraph cluster_(\d+) \{\n\t*graph \[(.*)$", dot, re.M):
            left, bottom, right, top = numbers(rest, "bb")
            self.frames[int(name)] = Place(left, right, -top, -bottom)
        self.edges: list[list[tuple[float, float]]] = []
        self.labels: list[Place | None] = []
        for rest in re.findall(r"^\tn\d+ -> n\d+ \[(.*)$", dot, re.M):
            (curve,) = re.findall(r'\bpos="e,([^"]*)"', rest)
            points = [(float(x), -float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", curve)]
            self.edges.append([*points[1:], points[0]])
            width = sum(map(int, re.findall(r'WIDTH="(\d+)"', rest)))
            x, y = numbers(rest, "lp")
            self.labels.append(Place(x - width / 2, x + width / 2, -y - 8, -y + 8) if width else None)

    def named(self, name: str) -> Place:
        (place,) = [place for place, box in zip(self.boxes, self.scene.boxes) if box.name == name]
        return place

    def points(self, i: int) -> Any:
        """Points of an edge, without its arrow's head, in an array (points, 2)."""
        curve = np.array(self.edges[i][:-1])
        a, b, c, d = (curve[k::3][: len(curve) // 3, None] for k in range(4))
        t = np.linspace(0, 1, 9)[:, None]
        return ((1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t * t * (1 - t) * c + t**3 * d).reshape(-1, 2)

    def hits(self) -> list[tuple[int, int]]:
        """The edges that run into boxes which are not their ends, or into these, and the boxes."""
        left, right, top, bottom = np.array(self.boxes).T
        found = []
        for i, edge in enumerate(self.scene.edges):
            by = np.full(len(self.boxes), -1.0)
            by[[edge.source, edge.target]] = 2
            x, y = self.points(i).T[:, :, None]
            inside = (x > left + by) & (x < right - by) & (y > top + by) & (y < bottom - by)
            found += [(i, int(k)) for k in np.flatnonzero(inside.any(axis=0))]
        return found


def numbers(text: str, key: str) -> list[float]:
    """The numbers of an attribute."""
    (found,) = re.findall(rf'\b{key}="?([-\d.,]+)', text)
    return [float(x) for x in found.split(",")]


# --- graphs -----------------------------------------------------------------------------------------------------------


def neuron() -> Value:
    w1, w2, x1, x2, b = (Value(v, n) for v, n in ((0.5, "w1"), (-1, "w2"), (2, "x1"), (1, "x2"), (0.25, "b")))
    return ((w1 * x1 + w2 * x2 + b).tanh() - 1) ** 2


def xor() -> Tensor:
    X = Tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32, name="X")
    return nn.bce_with_logits(nn.MLP(2, 4, 1, rng=0)(X), [[0], [1], [1], [0]])


def deep() -> Tensor:
    X = Tensor(np.ones((3, 2)), name="X")
    return nn.cross_entropy(nn.MLP(2, 8, 8, 8, 3, rng=0)(X), [0, 1, 2])


def recurrent() -> Tensor:
    outputs, _ = nn.RNN(2, 3, rng=0)(np.ones((1, 4, 2), dtype=np.float32))
    return np.mean(outputs * outputs)


def scalars() -> Value:
    return nn.scalar.MLP(2, [2, 1], rng=0)([1.0, -2.0])  # type: ignore[no-any-return]


def attention() -> Tensor:
    layer, norm = nn.MultiHeadAttention(4, 2, rng=0), nn.LayerNorm(4)
    x = Tensor(np.random.default_rng(0).normal(size=(1, 3, 4)), True, dtype=np.float32, name="x")
    return np.sum(x + layer(norm(x), causal=True))


def twice() -> Value:
    x = Value(1.5, "x")
    y = x * x
    return y * y + np.sin(x)


def long_chain() -> Value:
    x = Value(0.5, "x")
    y = x
    for i in range(60):
        y = y.tanh() if i % 7 else y * x
    return y


def no_operation() -> Value:
    return Value(1.0, "x")


def at_random(seed: int) -> Callable[[], Value]:
    """A graph of some operations on nodes that are used again, some of them inside of parts of parts."""

    def make() -> Value:
        chance = random.Random(seed)
        nodes: list[Any] = [Value(chance.uniform(-1, 1), f"x{i}") for i in range(chance.randint(1, 4))]

        def some(depth: int, *inputs: Any) -> Any:
            inner = list(inputs)
            for _ in range(chance.randint(1, 4)):
                a, b = chance.choice(inner), chance.choice(inner)
                kind = chance.random()
                if kind < 0.25 and depth < 3:
                    inner.append(scoped(f"part{depth}", "Part", some, depth + 1, a, b))
                elif kind < 0.5:
                    inner.append(np.tanh(a))
                elif kind < 0.7:
                    inner.append(a * chance.choice([2.0, b]))
                else:
                    inner.append(a + b * Value(0.1, "w"))
            return inner[-1] + inner[-2]

        for _ in range(chance.randint(2, 7)):
            nodes.append(some(0, *chance.choices(nodes, k=3)))
        return sum(nodes[-3:], Value(0.0))

    make.__name__ = f"random{seed}"
    return make


GRAPHS: list[Callable[[], Any]] = [
    neuron, xor, deep, recurrent, scalars, attention, twice, long_chain, no_operation, *map(at_random, range(12)),
]  # fmt: skip
