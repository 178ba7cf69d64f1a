"""HIPS autograd's `autograd.tracer`: what is traced, and the number without its trace. `draw` shows graphs here."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, NoReturn, Self

from . import primitives
from .inspecting import name_of
from .operators import Operand as Box
from .run import Run
from .table import pullbacks

__all__ = ["Box", "Node", "getval", "isbox", "notrace_primitive", "primitive", "trace"]


def isbox(x: Any) -> bool:
    """Whether `x` is a node."""
    return isinstance(x, Box)


def getval(x: Any) -> Any:
    """The plain float or array in a node; anything else as it is."""
    if not isinstance(x, Box):
        return x
    return x.item() if x.shape == () else x.numpy()  # type: ignore[attr-defined]


def primitive(fun: Callable[..., Any]) -> Callable[..., Any]:
    """As `autograd.primitive`; without a derivative it raises NotImplementedError, as there."""
    made = primitives.primitive(fun)

    def missing(*args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(f"VJP of {name_of(made)} not defined: state it with defvjp")

    pullbacks(made, every=missing)
    return made


def notrace_primitive(fun: Callable[..., Any]) -> Callable[..., Any]:
    """`fun`, called with plain numbers in the place of nodes: it has no derivative."""

    @functools.wraps(fun, assigned=("__name__", "__doc__"))  # from 3.12 on, of `type` more cannot be taken
    def call(*args: Any, **kwargs: Any) -> Any:
        return fun(*map(getval, args), **kwargs)

    return call


class Node:
    """What `trace` makes of a call. A subclass says what it keeps of it, and what of the argument of the whole."""

    __slots__ = ()

    def __init__(
        self, value: Any, fun: Callable[..., Any] | None, args: Any, kwargs: Any, parent_argnums: Any, parents: Any
    ) -> None:
        raise NotImplementedError

    def initialize_root(self, *args: Any, **kwargs: Any) -> None:
        """Fill the node of the argument."""
        raise NotImplementedError

    @classmethod
    def new_root(cls, *args: Any, **kwargs: Any) -> Self:
        """The node of the argument."""
        root = cls.__new__(cls)
        root.initialize_root(*args, **kwargs)
        return root


def trace(start_node: Node, fun: Callable[..., Any], x: Any) -> tuple[Any, Node | None]:
    """`fun(x)`, and its node, None if it does not depend on `x`; a node of the class of `start_node` for each call.

    They are made when `fun` has returned, in the order of the calls; in ours, that is: `x**2` calls `np.square`.
    """
    kind = type(start_node)
    run = Run(fun, 0, (x,), {})
    if run.y is not run.outputs[0]:
        raise TypeError(f"trace: {name_of(fun)} has to return one array or number")
    made: dict[Any, Node] = dict(zip(run.inputs, inputs(kind, x, start_node)))
    for node in sorted(run.useful - made.keys(), key=attrgetter("index")):
        argnums = tuple(i for i, arg in enumerate(node.args) if arg is not node.values[i] and arg in made)
        args = tuple(value if i in argnums else arg for i, (arg, value) in enumerate(zip(node.args, node.values)))
        parents = tuple(made[node.args[i]] for i in argnums)
        made[node] = kind(getval(node), node.fun, args, node.kwargs, argnums, parents)
    return run.value(), made.get(run.outputs[0])


def inputs(kind: type[Node], x: Any, node: Node) -> Iterator[Node]:
    """A node for each number and each array in `x`, whose own node is `node`."""
    if isinstance(x, (list, tuple, dict)):
        for key, branch in x.items() if isinstance(x, dict) else enumerate(x):
            yield from inputs(kind, branch, kind(branch, operator.getitem, (x, key), {}, (0,), (node,)))
    elif x is not None:
        yield node
