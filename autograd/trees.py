"""Lists, tuples and dicts of numbers, arrays and nodes: taken apart and put together again."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

TREES = (dict, list, tuple)


def leaves(tree: Any) -> list[Any]:
    """What is in the lists, tuples and dicts of `tree`, in order; anything else is a leaf.

    >>> leaves({"w": [1.0, 2.0], "b": 3.0})
    [1.0, 2.0, 3.0]
    """
    if not isinstance(tree, TREES):
        return [tree]
    found: list[Any] = []
    for branch in tree.values() if isinstance(tree, dict) else tree:
        if isinstance(branch, TREES):
            found += leaves(branch)
        else:
            found.append(branch)
    return found


def leaves_like(tree: Any, other: Any) -> list[Any]:
    """What `other` has at the place of each leaf of `tree`, in the order of `leaves(tree)`.

    >>> leaves_like({"w": 0.0, "b": 0.0}, {"b": 2.0, "w": [1.0, 1.0]})
    [[1.0, 1.0], 2.0]
    """
    if isinstance(tree, dict):
        if not isinstance(other, dict) or other.keys() != tree.keys():
            raise ValueError(f"expected a dict with the keys {list(tree)}, not {outline(other)}")
        return [leaf for key, branch in tree.items() for leaf in leaves_like(branch, other[key])]
    if isinstance(tree, (list, tuple)):
        if not hasattr(other, "__len__") or isinstance(other, dict) or len(other) != len(tree):
            raise ValueError(f"expected a {type(tree).__name__} of {len(tree)}, not {outline(other)}")
        return [leaf for branch, given in zip(tree, other) for leaf in leaves_like(branch, given)]
    return [other]


def outline(tree: Any) -> str:
    """What a tree is, in an error message."""
    kind = type(tree).__name__
    if isinstance(tree, dict):
        return f"a {kind} with the keys {list(tree)}"
    return f"a {kind} of {len(tree)}" if isinstance(tree, (list, tuple)) else f"a {kind}"


def rebuild(tree: Any, new: Iterator[Any]) -> Any:
    """A tree like `tree` with the leaves `new`: with containers of the same types.

    >>> rebuild({"w": [1.0, 2.0], "b": 3.0}, iter("xyz"))
    {'w': ['x', 'y'], 'b': 'z'}
    """
    if isinstance(tree, tuple):
        return tuple.__new__(type(tree), [rebuild(branch, new) for branch in tree])  # a namedtuple takes no list
    if isinstance(tree, (list, dict)):
        other = tree.copy() if type(tree) in (list, dict) else copy(tree)  # a Counter made of entries would count them
        for key, branch in tree.items() if isinstance(tree, dict) else enumerate(tree):
            other[key] = rebuild(branch, new)
        return other
    return next(new)


# None among the leaves stands for nothing: the bias of a layer that has none, a second result that is not there.


def parts(tree: Any) -> list[Any]:
    """The leaves of `tree` that are not None.

    >>> parts({"w": 1.0, "b": None})
    [1.0]
    """
    return [leaf for leaf in leaves(tree) if leaf is not None]


def parts_like(tree: Any, other: Any) -> list[Any]:
    """What `other` has at the places of `parts(tree)`."""
    return [given for leaf, given in zip(leaves(tree), leaves_like(tree, other)) if leaf is not None]


def whole(tree: Any, new: Iterator[Any]) -> Any:
    """A tree like `tree` with `new` for its parts, and None where it has None.

    >>> whole({"w": 1.0, "b": None}, iter("x"))
    {'w': 'x', 'b': None}
    """
    if isinstance(tree, (list, tuple, dict)):
        return rebuild(tree, iter([None if leaf is None else next(new) for leaf in leaves(tree)]))
    return None if tree is None else next(new)
