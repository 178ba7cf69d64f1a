"""The graph of arrays whose numbers are not computed yet, to be drawn without any."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import is_lazy
from ..node import Node
from ..sweep import toposort
from ..tensor import Tensor


def without_numbers(root: Node) -> Node:
    """A graph of the same calls and shapes, in which zeros that take no memory stand for what is not computed."""
    copies: dict[Node, Node] = {}

    def copy_of(node: Node) -> Node:
        if node not in copies:
            made = Tensor._make(unseen(node._raw), node._requires_grad)
            made.name, made.scope, made.site = node.name, node.scope, node.site
            copies[node] = made
        return copies[node]

    for node in reversed(toposort([root])):
        args = tuple(copy_of(x) if isinstance(x, Node) else unseen(x) for x in node.args)
        made = Tensor.__new__(type(copy_of(node)))
        values = tuple(x._raw if isinstance(x, Node) else x for x in args)
        made._fill(unseen(node._raw), None, True, node.fun, args, values, node.kwargs)
        made.name, made.scope, made.site = node.name, node.scope, node.site
        copies[node] = made
    return copy_of(root)


def unseen(x: Any) -> Any:
    """Zeros of the shape of a lazy array, with 1 for a length that is not known; anything else as it is."""
    if not is_lazy(x):
        return x
    return np.broadcast_to(np.zeros((), x.dtype), [int(n) if n == n else 1 for n in x.shape])
