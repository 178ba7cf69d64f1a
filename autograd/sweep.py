"""The chain rule, once: contribution = upstream * partial, summed over the paths.

`sweep` walks the nodes from the result to the leaves, each once, after all its users. It does not know what it carries:
floats, arrays, nodes (then the derivatives can be differentiated again), stand-ins in a trace. Next: `operators.py`.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any

import numpy as np

from .arrays import PYTHON_NUMBERS, StandIn, as_float, copied, is_lazy, kind_of, lives_elsewhere
from .inspecting import name_of, reads
from .node import Node, describe
from .recording import Watch, changed, recording
from .rules.dtypes import cast
from .rules.elementwise import chain
from .shapes import sum_to
from .table import ONE, RULES, ZERO


class StaleGraphError(RuntimeError):
    """The numbers that a graph was computed from have changed, so it cannot be differentiated as a graph any more."""


def toposort(roots: Iterable[Node], since: int = 0, ends: list[Node] | None = None) -> list[Node]:
    """Every node that a recorded call made and that `roots` depend on, each after all its users.

    Nodes with an index below `since` count as leaves; the leaves are added to `ends`, if that is given.
    """
    seen = set(roots)
    stack = list(seen)
    order = []
    while stack:
        node = stack.pop()
        if node.fun is not None and node.index >= since:
            order.append(node)
            for arg, value in zip(node.args, node.values):
                if arg is not value and arg._requires_grad and arg not in seen:
                    seen.add(arg)
                    stack.append(arg)
        elif ends is not None:
            ends.append(node)
    order.sort(key=attrgetter("index"), reverse=True)
    return order


def on_the_way(order: Sequence[Node], wanted: Collection[Node]) -> set[Node]:
    """The nodes of `order` that lie on a path to one of `wanted`, and `wanted` themselves."""
    useful = set(wanted)
    for node in reversed(order):
        if any(arg is not value and arg in useful for arg, value in zip(node.args, node.values)):
            useful.add(node)
    return useful


def sweep(
    roots: Sequence[Node],
    seeds: Sequence[Any],
    wanted: Collection[Node] = (),
    create_graph: bool = False,
    since: int = 0,
    useful: Collection[Node] | None = None,
) -> dict[Node, Any]:
    """The gradient of sum(seed * root) for each leaf that requires one and each node that retains it, or for `wanted`.

    `useful` are the nodes on the way to `wanted`, where they are known already. Gradients are raw numbers; with
    `create_graph` they are nodes wherever they depend on nodes. No node is changed. Nodes with an index below `since`
    count as leaves. Where arrays live elsewhere the sweep carries nodes, which know what their library answers.
    """
    if wanted and useful is None:
        useful = on_the_way(toposort(roots, since), wanted)
    away = any(map(lives_elsewhere, roots))
    totals = Totals(since, in_place=not create_graph and not away)
    watch = recording.get().watch
    if away:
        seeds = [root._placed(seed) for root, seed in zip(roots, seeds)]
    with RECORDED if create_graph else UNRECORDED, np.errstate(all="ignore"):
        totals.add(zip(roots, seeds if watch is None else map(watch.lift, seeds)))
        totals.add(contributions(totals, wanted, create_graph, away, useful, watch))  # each before the next is made
        for leaf in [leaf for leaf in totals.of if leaf.fun is None and leaf.hooks]:
            totals.of[leaf] = run_hooks(leaf, totals.of[leaf])
    if away and not create_graph:
        return {node: g._numbers() if isinstance(g, Node) else g for node, g in totals.of.items()}
    return totals.of


ARRAYS = frozenset({np.ndarray, np.float64, np.float32})
RECORDED, UNRECORDED = changed(on=True, sweeping=True), changed(on=False, sweeping=True)


class Totals:
    """The sums over the paths so far."""

    __slots__ = ("in_place", "of", "owned", "pending", "since")

    def __init__(self, since: int, in_place: bool) -> None:
        self.of: dict[Node, Any] = {}
        self.since, self.in_place = since, in_place
        self.owned: set[Node] = set()  # whose total is an array that was made here, and may be added to in place
        self.pending: list[tuple[int, Node]] = []  # a heap, the node that was made last on top

    def add(self, contributions: Iterable[tuple[Node, Any]]) -> None:
        """Add what comes along each path to the total of the node that it comes to."""
        of, pending, owned = self.of, self.pending, self.owned
        for node, contribution in contributions:
            if node not in of:
                of[node] = contribution
                if node.fun is not None and node.index >= self.since:
                    heappush(pending, (-node.index, node))
            elif node in owned and type(contribution) is np.ndarray:  # and no stand-in for one
                of[node] += contribution
            else:
                of[node] = total = of[node] + contribution
                if self.in_place and type(total) is np.ndarray:
                    owned.add(node)

    def complete(self, wanted: Collection[Node]) -> Iterator[tuple[Node, Any]]:
        """Each node once nothing will be added to it any more, and its gradient, kept where it is asked for."""
        of, pending = self.of, self.pending
        while pending:
            node = heappop(pending)[1]
            g = of[node]
            if node.hooks:
                g = of[node] = run_hooks(node, g)
            if not node.retains_grad and node not in wanted:
                del of[node]
            yield node, g


def contributions(
    totals: Totals, wanted: Collection[Node], create_graph: bool, away: bool, useful: Collection[Node] | None,
    watch: Watch | None,
) -> Iterator[tuple[Node, Any]]:  # fmt: skip
    """What each node and its gradient `g` contribute to each of its arguments, by the rule of its function."""
    for node, g in totals.complete(wanted):
        rule, kwargs = RULES[node.fun], node.kwargs  # type: ignore[index]
        elementwise, every = rule.elementwise, rule.every
        if create_graph:
            check_fresh(node)
        y, args = (node, node.args) if create_graph else (node._raw, node.values)
        call = (y, *args) if elementwise else (g, y, *args)
        if away:
            call = tuple(map(node._placed, call))
        for arg, value, stated in zip(node.args, node.values, rule.each if every is None else every(*call, **kwargs)):
            if arg is value or not arg._requires_grad or (useful is not None and arg not in useful):
                continue
            if stated is ONE:
                contribution = g
            elif rule.into and arg in totals.owned and type(g) in ARRAYS and watch is None:
                rule.into(totals.of[arg], g, *args)
                continue
            elif stated is ZERO:
                contribution = 0.0 if type(value) is float else np.zeros_like(value)
            elif stated is None:
                raise TypeError(f"{name_of(node.fun)} has no derivative by {describe(arg)}, its argument")
            elif elementwise:
                if away and every is None and not create_graph and is_lazy(y) and not isinstance(g, StandIn):
                    contribution = node._placed(in_blocks(stated, rule.singular, g, *call))
                else:
                    try:
                        slope = stated(*call) if every is None else stated
                    except ArithmeticError:  # floats raise where NumPy answers inf, as for 1 / 0.0
                        slope = stated(*map(np.float64, call))
                    both = type(g) is type(slope) is float and g and slope  # Values are spared the call
                    contribution = g * slope if both else times(g, slope, rule.singular)
            else:
                contribution = stated if every else stated(*call, **kwargs)
            kind = type(contribution)  # most fit as they are, and are spared the call
            if type(value) is float:
                fits = kind is float
            else:
                fits = kind in ARRAYS and contribution.shape == value.shape and contribution.dtype is value.dtype
            if not fits:
                contribution = fitted(contribution, value)
            if watch is not None:
                watch.contributed(node, arg, g, contribution)
            yield arg, contribution


def times(g: Any, p: Any, singular: bool) -> Any:
    """Upstream times partial. Where a partial can be infinite, 0 * inf = 0: nothing comes from off the path."""
    if type(g) is float and type(p) in PYTHON_NUMBERS:
        return g * p if g and p else 0.0
    return chain(g, p) if singular else g * p


def in_blocks(partial: Any, singular: bool, g: Any, *call: Any) -> Any:
    """Upstream times partial of lazy arrays, which their library computes block by block, as of arrays of NumPy's.

    What the partial does not read is not waited for: 1 / b of a total a / b would keep all blocks until that is there.
    """
    read = [x if named else None for x, named in zip(call, reads(partial, len(call)))]
    numbers = [getattr(x, "_raw", x) for x in (g, *read)]
    kind = next(filter(None, map(kind_of, numbers)), None)
    compute = functools.partial(contribution_of, partial, singular)
    return compute(*numbers) if kind is None else kind.each_block(compute, *numbers)


def contribution_of(partial: Any, singular: bool, g: Any, *call: Any) -> Any:
    """Upstream times partial, of NumPy's arrays."""
    with np.errstate(all="ignore"):
        return times(g, partial(*call), singular)


def fitted(c: Any, value: Any) -> Any:
    """A contribution in the shape and the dtype of the argument that it is for: broadcasting is undone here."""
    if type(value) is float:
        return c if isinstance(c, Node) else as_float(c)
    try:
        as_it_is = c.shape == value.shape
    except AttributeError:  # a pullback of the user's may return a number or a list
        array = np.asarray(c)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"a pullback returns numbers, and one returned {c!r}") from None
        return fitted(array, value)
    if not as_it_is:
        if type(c) is not np.ndarray and (lives_elsewhere(value) or lives_elsewhere(c)):
            return fitted_elsewhere(c, value)
        try:
            c = sum_to(c, value.shape) if c.shape else np.broadcast_to(c, value.shape)
        except (IndexError, ValueError) as error:
            raise ValueError(f"a pullback returned shape {c.shape} for an argument of shape {value.shape}") from error
    return c if c.dtype is value.dtype else cast(c, value.dtype)


def fitted_elsewhere(c: Any, value: Any) -> Any:
    """`fitted` of arrays that live elsewhere. A stretched one lies in the blocks of the argument; of lengths that are
    not known (NaN) two are equal.
    """
    if c.ndim < value.ndim or any(n == 1 and m != 1 for n, m in zip(c.shape[::-1], value.shape[::-1])):
        c = c + np.zeros_like(value)
    pairs = list(zip(c.shape[::-1], value.shape[::-1]))
    if c.ndim > value.ndim or any(n != m and m == 1 for n, m in pairs):
        c = sum_to(c, value.shape)
    elif any(n != m and n == n for n, m in pairs):
        raise ValueError(f"a pullback returned shape {c.shape} for an argument of shape {value.shape}")
    return c if c.dtype == value.dtype else cast(c, value.dtype)


def run_hooks(node: Node, g: Any) -> Any:
    """The gradient after the node's hooks."""
    for hook in node.hooks:
        answer = hook(node._show(g))
        g = g if answer is None else node._placed(node._read(answer, "what a hook returned"))
    return g


def check_fresh(node: Node) -> None:
    """Refuse to build a graph of gradients from arguments whose numbers are no longer those of the forward pass."""
    for arg, value in zip(node.args, node.values):
        if arg is not value and arg._raw is not value and not same(arg._raw, value):
            raise StaleGraphError(
                f"the numbers of {describe(arg)} changed after {name_of(node.fun)} used them, "
                "and create_graph=True needs them: differentiate first and update after, or compute the graph again"
            )


def same(x: Any, y: Any) -> bool:
    """Whether two arrays hold the same numbers; of lazy ones, whether they are computed by the same graph."""
    if is_lazy(x) or is_lazy(y):
        return getattr(x, "name", None) == getattr(y, "name", ...)
    return bool(np.array_equal(x, y, equal_nan=True))


accumulating = threading.Lock()


def backward(root: Node, gradient: Any, create_graph: bool) -> None:
    """One sweep from `root`; its gradients are added to `.grad` only when all of them are there."""
    seed = root._read(gradient, "gradient")
    if isinstance(seed, Node) and not create_graph:
        seed = copied(seed._numbers())
    if not root._requires_grad:
        raise RuntimeError("backward(): nothing that this was computed from requires a gradient (or no_grad() was on)")
    totals = sweep([root], [seed], create_graph=create_graph)
    taken, watch = {id(seed)}, recording.get().watch
    with accumulating:  # threads may share leaves
        sums = []
        for node, g in totals.items():
            if watch is not None:
                watch.grad_read(node)
            if type(g) is np.ndarray:
                if g.base is not None or id(g) in taken:
                    g = np.array(g)  # no two gradients share memory, nor one with the seed
                taken.add(id(g))
            elif type(g) is not float and kind_of(g) is not None:
                g = copied(g)
            sums.append(node._plus(node._grad, g, create_graph))
        for node, total in zip(totals, sums):
            if watch is not None:
                watch.grad_set(node)
            node._grad = total
