"""HIPS autograd's `autograd.misc.flatten`: lists, tuples and dicts of arrays as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..transforms import Function, vjp

__all__ = ["flatten", "flatten_func"]


def flatten(value: Any) -> tuple[Any, Function]:
    """All numbers of `value` as a vector, and the function that makes such a tree of a vector; both differentiable.

    The keys of dicts are sorted.

    >>> vector, unflatten = flatten({"w": np.array([[1.0, 2.0]]), "b": 3.0})
    >>> vector
    array([3., 1., 2.])
    >>> unflatten(2 * vector)
    {'w': array([[2., 4.]]), 'b': 6.0}
    """
    return vjp(joined, value)  # the numbers of a vector go back to their places as a gradient does


def joined(tree: Any) -> Any:
    """The numbers of a tree as a vector."""
    vectors = list(in_order(tree))
    return np.concatenate(vectors) if vectors else np.empty(0)


def in_order(tree: Any) -> Iterator[Any]:
    """The leaves of a tree as vectors."""
    if isinstance(tree, (list, tuple, dict)):
        for branch in [tree[key] for key in sorted(tree)] if isinstance(tree, dict) else tree:
            yield from in_order(branch)
    elif tree is not None:
        yield np.reshape(tree, -1)


def flatten_func(func: Function, example: Any) -> tuple[Function, Function, Any]:
    """`func` from vectors to vectors, the function that makes trees like `example`, and `example` as a vector."""
    vector, unflatten = flatten(example)
    return (lambda x, *args: flatten(func(unflatten(x), *args))[0]), unflatten, vector
