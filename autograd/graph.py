"""Nodes, their order, and the sweep: the chain rule, once.

A node remembers the call that made it, `data = fun(*args, **kwargs)`. The sweep walks the nodes from the result to
the leaves, each once, after all its users: contribution = upstream * partial, summed over the paths.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any, ClassVar, Self

import numpy as np

from .arrays import as_float, copied
from .recording import changed, recording
from .rules.elementwise import cast, chain
from .shapes import sum_to
from .table import ONE, RULES, ZERO, Function, name_of

Hook = Callable[[Any], Any]
next_index = itertools.count().__next__


class StaleGraphError(RuntimeError):
    """The numbers that a graph was computed from have changed, so it cannot be differentiated as a graph any more."""


class Node:
    """A number or an array, and the call that made it. `Value` and `Tensor` are the two kinds.

    `args` are the call's arguments, nodes among them; `values` the raw numbers they had at that moment, so that
    no later change of a leaf can reach the graph. A leaf has no `fun` and no `args`.
    """

    __slots__ = (
        "__weakref__", "_grad", "_lent", "_raw", "_requires_grad", "args", "fun", "hooks", "index", "kwargs", "name",
        "retains_grad", "scope", "site", "values",
    )  # fmt: skip

    _raw: Any
    _grad: Any
    fun: Function | None
    args: tuple[Any, ...]
    values: Sequence[Any]
    kwargs: dict[str, Any]
    index: int  # the order of creation: every node comes after its arguments
    _lent: bool  # whether the user may hold `_raw` and write into it
    _requires_grad: bool
    retains_grad: bool
    name: str | None
    hooks: tuple[Hook, ...]
    site: tuple[str, int] | None  # file and line of the call, where `debug` asked for it
    scope: tuple[int, str, str, Any] | None  # the call of a module that returned it, where there was one: see `scopes`
    is_state: ClassVar[bool] = False  # whether it is part of a model, which pictures show: a parameter or a buffer

    @classmethod
    def _make(cls, data: Any, requires_grad: bool) -> Self:
        """A leaf around `data`, which nobody else can change."""
        node = cls.__new__(cls)
        node._raw = data
        node.fun = node._grad = node.name = node.scope = node.site = None
        node.args = node.values = node.hooks = ()
        node.kwargs = NO_KWARGS
        node.index = next_index()
        node._requires_grad = requires_grad
        node._lent = node.retains_grad = False
        return node

    @property
    def grad(self) -> Any:
        """What `backward()` left here: a float for a Value, an array of its shape and dtype for a Tensor."""
        watch = recording.get().watch
        if watch is not None:
            watch.grad_read(self)
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        watch = recording.get().watch
        if watch is not None:
            watch.grad_set(self)
        self._grad = grad

    def _numbers(self) -> Any:
        """The numbers of this node, not copied: what a function is called with for it."""
        watch = recording.get().watch
        if watch is not None:
            watch.taken((self,))
        return self._raw

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded call made this node."""
        return self.fun is None

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to this node. It can be set on leaves."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, on: bool) -> None:
        check_flag(on)
        if self.fun is not None and not on:
            raise RuntimeError(f"the result of {name_of(self.fun)} cannot stop requiring a gradient: use its detach()")
        self._requires_grad = on

    def retain_grad(self) -> None:
        """Keep the gradient of this node in `.grad`, although it is no leaf."""
        self.retains_grad = True

    def register_hook(self, hook: Hook) -> Callable[[], None]:
        """Call `hook(gradient)` in every backward pass, once the gradient of this node is complete.

        What it returns, if not None, replaces the gradient. Returns a function that removes the hook.
        """

        def run(gradient: Any) -> Any:  # a new object, so that the same hook can be registered twice
            return hook(gradient)

        def remove() -> None:
            self.hooks = tuple(h for h in self.hooks if h is not run)

        self.hooks = (*self.hooks, run)
        return remove

    def _plus(self, before: Any, g: Any, create_graph: bool) -> Any:
        """The `.grad` after `g` is added to the `.grad` before, sharing no memory with any other."""
        raise NotImplementedError

    def _show(self, g: Any) -> Any:
        """The raw gradient `g` as the user sees it, sharing no memory with the sweep."""
        raise NotImplementedError

    def _read(self, g: Any, role: str) -> Any:
        """What the user gave as a gradient of this node, as the sweep carries it. `role` names it in errors."""
        raise NotImplementedError


def check_flag(requires_grad: Any) -> None:
    """Refuse what is no boolean: a dtype, for example, that was passed by position."""
    if not isinstance(requires_grad, (bool, np.bool_)):
        raise TypeError(f"requires_grad is True or False, not {requires_grad!r} (a dtype goes by keyword, dtype=)")


NO_KWARGS: dict[str, Any] = {}


def toposort(roots: Iterable[Node], since: int = 0) -> list[Node]:
    """Every node that a recorded call made and that `roots` depend on, each after all its users.

    Nodes with an index below `since` count as leaves.
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
) -> dict[Node, Any]:
    """The gradient of sum(seed * root) for each leaf that requires one and each node that retains it, or for `wanted`.

    Gradients are raw numbers; with `create_graph` they are nodes wherever they depend on nodes. No node is changed.
    Nodes with an index below `since` count as leaves.
    """
    useful = on_the_way(toposort(roots, since), wanted) if wanted else None
    totals: dict[Node, Any] = {}
    owned: set[Node] = set()  # whose total is an array that the sweep made, and may add to in place
    pending: list[tuple[int, Node]] = []  # a heap: the node that was made last comes first, after all its users
    watch = recording.get().watch
    for root, seed in zip(roots, seeds if watch is None else map(watch.lift, seeds)):
        if root in totals:
            totals[root] = totals[root] + seed
        else:
            totals[root] = seed
            if root.fun is not None and root.index >= since and (useful is None or root in useful):
                heappush(pending, (-root.index, root))

    with changed(on=create_graph, sweeping=True), np.errstate(all="ignore"):
        while pending:
            node = heappop(pending)[1]
            g = totals[node]
            if node.hooks:
                g = totals[node] = run_hooks(node, g)
            if not node.retains_grad and node not in wanted:
                del totals[node]
            y, args, values, kwargs = node._raw, node.values, node.values, node.kwargs
            if create_graph:
                check_fresh(node)
                y, args = node, node.args
            rule = RULES[node.fun]  # type: ignore[index]
            elementwise, every = rule.elementwise, rule.every
            call = (y, *args) if elementwise else (g, y, *args)
            each = rule.each if every is None else every(*call, **kwargs)
            for arg, value, given in zip(node.args, values, each):
                if arg is value or not arg._requires_grad or (useful is not None and arg not in useful):
                    continue
                if given is ONE:
                    c = g
                elif given is ZERO:
                    c = 0.0 if type(value) is float else np.zeros_like(value)
                elif given is None:
                    raise TypeError(f"{name_of(node.fun)} has no derivative by {describe(arg)}, its argument")
                elif not elementwise:
                    c = given(*call, **kwargs) if every is None else given
                else:
                    try:
                        p = given(*call) if every is None else given
                    except ArithmeticError:  # floats raise where NumPy answers inf: 1 / 0.0
                        p = given(*map(np.float64, call))
                    if type(g) is float and not create_graph:
                        c = g * p if g and p else 0.0
                    else:
                        c = chain(g, p) if rule.singular else g * p
                if type(value) is float:
                    if type(c) is not float and not create_graph:
                        c = as_float(c)
                else:
                    if c.shape != value.shape:
                        c = sum_to(c, value.shape)
                    if c.dtype is not value.dtype:
                        c = cast(c, value.dtype)
                if watch is not None:
                    watch.contributed(node, arg, g, c)
                if arg not in totals:
                    totals[arg] = c
                    if arg.fun is not None and arg.index >= since:
                        heappush(pending, (-arg.index, arg))
                elif arg in owned:
                    totals[arg] += c
                else:
                    totals[arg] = totals[arg] + c
                    if type(totals[arg]) is np.ndarray and not create_graph:
                        owned.add(arg)
        for leaf in [leaf for leaf in totals if leaf.fun is None and leaf.hooks]:
            totals[leaf] = run_hooks(leaf, totals[leaf])
    return totals


def run_hooks(node: Node, g: Any) -> Any:
    """The gradient after the node's hooks."""
    for hook in node.hooks:
        answer = hook(node._show(g))
        g = g if answer is None else node._read(answer, "what a hook returned")
    return g


def check_fresh(node: Node) -> None:
    """Refuse to build a graph of gradients from arguments whose numbers are no longer those of the forward pass."""
    for arg, value in zip(node.args, node.values):
        if arg is not value and arg._raw is not value and not np.array_equal(arg._raw, value, equal_nan=True):
            raise StaleGraphError(
                f"the numbers of {describe(arg)} changed after {name_of(node.fun)} used them, "
                "and create_graph=True needs them: differentiate first and update after, or compute the graph again"
            )


def describe(x: Any) -> str:
    """What to call a node or another argument in an error message."""
    name = getattr(x, "name", None)
    kind = f"{name!r}, a {type(x).__name__}" if isinstance(name, str) else f"a {type(x).__name__}"
    return kind + (f" of shape {x.shape}" if getattr(x, "shape", ()) else "")


accumulating = threading.Lock()


def backward(root: Node, gradient: Any, create_graph: bool) -> None:
    """One sweep from `root`; its gradients are added to `.grad` only when all of them are there."""
    seed = root._read(gradient, "gradient")
    if isinstance(seed, Node) and not create_graph:
        seed = copied(seed._raw)
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
            sums.append(node._plus(node._grad, g, create_graph))
        for node, total in zip(totals, sums):
            if watch is not None:
                watch.grad_set(node)
            node._grad = total
