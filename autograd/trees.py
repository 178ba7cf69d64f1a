"""Lists, tuples and dicts of numbers, arrays and nodes: taken apart and put together again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """What is in the lists, tuples and dicts of `tree`, in order; anything else is a leaf.

    >>> leaves({"w": [1.0, 2.0], "b": 3.0})
    [1.0, 2.0, 3.0]
    """
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        return [leaf for branch in tree for leaf in leaves(branch)]
    return [tree]


def leaves_like(tree: Any, other: Any) -> list[Any]:
    """What `other` has at the place of each leaf of `tree`, in the order of `leaves(tree)`.

    >>> leaves_like({"w": 0.0, "b": 0.0}, {"b": 2.0, "w": [1.0, 1.0]})
    [[1.0, 1.0], 2.0]
    """
    if isinstance(tree, dict):
        return [leaf for key, branch in tree.items() for leaf in leaves_like(branch, other[key])]
    if isinstance(tree, (list, tuple)):
        return [leaf for branch, given in zip(tree, other, strict=True) for leaf in leaves_like(branch, given)]
    return [other]


def rebuild(tree: Any, new: Iterator[Any]) -> Any:
    """A tree like `tree` with the leaves `new`.

    >>> rebuild({"w": [1.0, 2.0], "b": 3.0}, iter("xyz"))
    {'w': ['x', 'y'], 'b': 'z'}
    """
    if isinstance(tree, dict):
        return type(tree)((key, rebuild(branch, new)) for key, branch in tree.items())
    if isinstance(tree, (list, tuple)):
        branches = [rebuild(branch, new) for branch in tree]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    return next(new)
