"""The graph of arrays that live elsewhere, to be drawn: with their numbers here, or without those not computed yet."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import in_numpy, is_lazy, lives_elsewhere
from ..node import Node
from ..sweep import toposort
from ..tensor import Tensor
from ..trees import leaves, rebuild


def brought_here(root: Node) -> Node:
    """A graph of the same calls and shapes, of NumPy's arrays."""
    copies: dict[Node, Node] = {}

    def filled(made: Node, node: Node) -> Node:
        made.name, made.scope, made.site = node.name, node.scope, node.site
        made._grad = None if is_lazy(node) else here(node._grad)
        copies[node] = made
        return made

    def copy_of(node: Node) -> Node:
        if node in copies:
            return copies[node]
        return filled(Tensor._make(here(node._raw), node._requires_grad), node)

    for node in reversed(toposort([root])):
        args = tuple(copy_of(x) if isinstance(x, Node) else here(x) for x in node.args)
        made = Tensor.__new__(type(copy_of(node)))
        values = tuple(x._raw if isinstance(x, Node) else x for x in args)
        kwargs = rebuild(node.kwargs, iter(map(here, leaves(node.kwargs))))
        made._fill(here(node._raw), None, True, node.fun, args, values, kwargs)
        filled(made, node)
    return copy_of(root)


def here(x: Any) -> Any:
    """The numbers of an array that lives elsewhere; of a lazy one zeros that take no memory, with 1 for a length that
    nobody knows; anything else as it is.
    """
    if is_lazy(x):
        return np.broadcast_to(np.zeros((), x.dtype), [int(n) if n == n else 1 for n in x.shape])
    if isinstance(x, Node):  # a gradient of backward(create_graph=True)
        return Tensor(in_numpy(x._raw)) if lives_elsewhere(x) else x
    return in_numpy(x) if lives_elsewhere(x) else x
