"""The derivatives in a picture: the gradient of each node, the local derivative and the contribution of each edge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..node import Node
from ..operators import raw
from ..recording import Watch
from ..sweep import sweep
from ..table import RULES
from .formula import CONSTANT

MAX_LOCAL = 4  # of a local derivative so many numbers are shown


class Contributions(Watch):
    """What a sweep lets through the edges that are drawn: each contribution, or at a fold their sum and the largest."""

    def __init__(self, fold_of: Mapping[Node, Any]) -> None:
        self.fold_of = fold_of
        self.of: dict[Node, list[tuple[Node, Any]]] = {}
        self.largest: dict[tuple[Any, Any], float] = {}  # by the two ends, of which one at least is a fold
        self.sums: dict[tuple[Any, Any], dict[Node, Any]] = {}  # the same, by the nodes that they went to

    def contributed(self, node: Node, arg: Node, g: Any, c: Any) -> None:
        """Keep what `node` gives to the gradient of `arg`, one of its arguments."""
        source, target = self.fold_of.get(arg, arg), self.fold_of.get(node, node)
        if source is arg and target is node:
            self.of.setdefault(node, []).append((arg, raw(c)))
        elif source is not target:
            size = largest(c)
            if not size <= self.largest.get((source, target), -1.0):
                self.largest[source, target] = size
            sums = self.sums.setdefault((source, target), {})
            sums[arg] = sums[arg] + raw(c) if arg in sums else raw(c)

    def by_place(self, node: Node) -> dict[int, Any]:
        """The contributions of an operation by the place of the argument."""
        left = list(self.of.get(node, ()))
        found = {}
        for i, arg in enumerate(node.args):  # the sweep goes through them in this order
            if left and arg is left[0][0]:
                found[i] = left.pop(0)[1]
        return found


def largest(c: Any) -> float:
    """The largest absolute number."""
    return abs(c) if type(c) is float else float(np.max(np.abs(c), initial=0))


def gradients_of(root: Node, shown: Iterable[Node]) -> dict[Node, Any]:
    """The gradient of `root` (of the sum of its numbers, if it has many) by each of these nodes that requires one."""
    if not root.requires_grad:
        return {}
    seed = None if np.size(raw(root)) == 1 else np.ones(np.shape(raw(root)))
    return sweep([root], [root._read(seed, "the seed")], {node for node in shown if node.requires_grad})


def local_derivatives(node: Node) -> dict[int, Any]:
    """The derivative of an operation by each argument, by its place, where it is a few numbers.

    That is the partial derivative of an elementwise operation by an argument of the same shape, and the gradient of
    an operation that gives one number. Upstream times local is then the contribution, number by number.
    """
    rule = RULES[node.fun]  # type: ignore[index]
    y, values = raw(node), node.values
    one = np.size(y) == 1
    found = {}
    for i, value in enumerate(values):
        each = rule.each[i] if i < len(rule.each) else None
        if one:
            local = partial(node, i) if rule.elementwise else gradient(node, i)
        elif rule.elementwise and np.shape(value) == np.shape(y):
            cheap = np.size(value) <= MAX_LOCAL or getattr(each, "__code__", CONSTANT) is CONSTANT
            local = partial(node, i) if cheap else None
        else:
            local = None
        local = None if local is None else few(local)
        if local is not None:
            found[i] = local
    return found


def partial(node: Node, place: int) -> Any:
    """The partial derivative of an elementwise operation by one argument, at the numbers of the forward pass."""
    rule = RULES[node.fun]  # type: ignore[index]
    y, values = raw(node), node.values
    with np.errstate(all="ignore"):
        if rule.every is not None:
            return rule.every(y, *values)[place]
        p: Any = rule.each[place] if place < len(rule.each) else None
        try:
            return p(y, *values) if callable(p) else p
        except ArithmeticError:  # floats raise where NumPy answers inf: 1 / 0.0
            return p(np.float64(y), *map(np.float64, values))


def gradient(node: Node, place: int) -> Any:
    """The gradient of an operation that gives one number by one argument."""
    rule = RULES[node.fun]  # type: ignore[index]
    y, values = raw(node), node.values
    one = np.ones_like(y)
    with np.errstate(all="ignore"):
        if rule.every is not None:
            return rule.every(one, y, *values, **node.kwargs)[place]
        p: Any = rule.each[place] if place < len(rule.each) else None
        return p(one, y, *values, **node.kwargs) if callable(p) else p


def few(p: Any) -> Any:
    """One number as a float, also for many that are equal; a few as an array; None for more, and for none."""
    data = np.asarray(p, dtype=np.float64)
    if data.size == 1 or (data.size and np.all(data == data.flat[0])):
        return float(data.flat[0])
    return data if 0 < data.size <= MAX_LOCAL else None
