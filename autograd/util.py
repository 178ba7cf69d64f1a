"""HIPS autograd's `autograd.util`."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .test_util import check_grads

__all__ = ["func", "quick_grad_check", "subval", "subvals", "toposort"]


def subvals(x: Iterable[Any], ivs: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """`x` as a tuple, with `v` at each place `i` of `ivs`.

    >>> subvals("abc", [(0, "x"), (2, "z")])
    ('x', 'b', 'z')
    """
    changed = list(x)
    for i, v in ivs:
        changed[i] = v
    return tuple(changed)


def subval(x: Iterable[Any], i: int, v: Any) -> tuple[Any, ...]:
    """`x` as a tuple, with `v` at the place `i`."""
    return subvals(x, [(i, v)])


def func(f: Any) -> Any:
    """`f`: in Python 2 a method was not the function."""
    return f


def toposort(end_node: Any, parents: Callable[[Any], Iterable[Any]] = operator.attrgetter("parents")) -> Iterator[Any]:
    """`end_node` and all that it was made of, each after everything that was made of it."""
    users: dict[Any, int] = {}
    waiting = [end_node]
    while waiting:
        node = waiting.pop()
        if node not in users:
            waiting.extend(parents(node))
        users[node] = users.get(node, 0) + 1
    waiting = [end_node]
    while waiting:
        node = waiting.pop()
        yield node
        for parent in parents(node):
            users[parent] -= 1
            if not users[parent]:
                waiting.append(parent)


def quick_grad_check(
    fun: Any, arg0: Any, extra_args: Iterable[Any] = (), kwargs: dict[str, Any] | None = None, **tolerances: Any
) -> None:
    """`check_grads` of the first order, in reverse mode; deprecated there."""
    warnings.warn("quick_grad_check is deprecated: autograd.test_util.check_grads", DeprecationWarning, stacklevel=2)
    check_grads(lambda x: fun(x, *extra_args, **(kwargs or {})), modes=["rev"], order=1)(arg0)
