"""HIPS autograd's `autograd.misc.tracers`: graphs that are kept. `autograd.compile` makes programs of graphs here."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from ..tracer import Node, trace
from ..transforms import Function
from ..util import subvals, toposort

__all__ = ["const_graph", "const_graph_unary", "full_graph"]


class ConstGraphNode(Node):
    """A call that can be made again with other values of its parents."""

    __slots__ = ("again", "parents")

    def __init__(
        self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: tuple[Node, ...]
    ) -> None:
        self.parents = parents
        self.again = lambda values: fun(*subvals(args, zip(parent_argnums, values)), **kwargs)

    def initialize_root(self) -> None:
        """The node of the argument."""
        self.parents = ()


def const_graph_unary(fun: Function) -> Function:
    """`fun`, a function of one argument, which runs once: then the calls that it made are made again, with new values.

    Whatever else they depended on stays what it was at the first call.
    """
    order: list[Any] = []

    def maybe_cached_fun(x: Any) -> Any:
        if not order:
            y, end = trace(ConstGraphNode.new_root(), fun, x)
            if end is None:
                raise ValueError("const_graph: the result does not depend on the arguments")
            order.extend(reversed(list(toposort(end))))
            return y
        values: dict[Node, Any] = {order[0]: x}
        for node in order[1:]:
            values[node] = node.again([values[parent] for parent in node.parents])
        return values[order[-1]]

    return maybe_cached_fun


def const_graph(fun: Function, *args: Any, **kwargs: Any) -> Function:
    """`fun` with these arguments, as a function of the others, by position; see `const_graph_unary`."""
    cached = const_graph_unary(lambda others: fun(*args, *others, **kwargs))
    return functools.wraps(fun)(lambda *others: cached(others))


class FullGraphNode(Node):
    """A call, its value, and how it was made: `recipe` is the function, its arguments, and the parents by position."""

    __slots__ = ("recipe", "value")

    def __init__(
        self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Iterable[int], parents: Iterable[Node]
    ) -> None:
        self.value = value
        self.recipe = (fun, args, kwargs, list(zip(parent_argnums, parents)))

    def initialize_root(self) -> None:
        """The node of the arguments."""
        self.value = None
        self.recipe = (lambda x: x, (), {}, [])


def full_graph(fun: Function, *args: Any, **kwargs: Any) -> Any:
    """The node of `fun(*args, **kwargs)`, from which all others are reached; None if it depends on none of `args`."""
    return trace(FullGraphNode.new_root(), lambda args: fun(*args, **kwargs), args)[1]
