"""What containers, cells and tuples hold, now and before a trace."""

from __future__ import annotations

import weakref
from collections import deque
from dataclasses import dataclass
from types import CodeType
from typing import Any, Self

import numpy as np

PLAIN = {
    type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented), slice, range, CodeType,
    np.ufunc,
}  # fmt: skip
CONTAINERS = (list, dict, set, frozenset, deque)
EMPTY: Any = type("Empty", (), {"__repr__": lambda self: "nothing"})()


@dataclass
class Contents:
    """What a container held: keys and values of a dict; `linked` are the positions that have links of their own.

    Of a mapping that somebody `declared`, see `depends_on`, the order does not matter.
    """

    holder: Any
    keys: list[Any]
    items: list[Any]
    linked: set[int]
    declared: bool = False
    free: bool = False  # whether a call that programs repeat changes it
    inner: bool = False  # whether it is inside of an object of a library

    @classmethod
    def of(cls, holder: Any, inner: bool = False) -> Self:
        """What a container holds now."""
        found = cls(holder, list(holder) if isinstance(holder, dict) else [], [], set(), inner=inner)
        found.items = found.now()[1]
        return found

    def now(self) -> tuple[list[Any], list[Any]]:
        """The keys and the items that it holds now."""
        x = self.holder
        return (list(x), list(x.values())) if isinstance(x, dict) else ([], list(x))

    def stayed(self, linked: bool = False) -> bool:
        """Whether all is what it was; of what is linked too, if so asked."""
        keys, items = self.now()
        if len(items) != len(self.items) or any(now is not then for now, then in zip(keys, self.keys)):
            return False
        pairs = enumerate(zip(items, self.items))
        return all(now is then or (i in self.linked and not linked) for i, (now, then) in pairs)

    def restore(self) -> None:
        """Put back what it held."""
        x = self.holder
        if self.stayed(linked=True) or isinstance(x, frozenset):
            return
        if isinstance(x, list):
            x[:] = self.items
            return
        x.clear()
        if isinstance(x, deque):
            x.extend(self.items)
        else:
            x.update(zip(self.keys, self.items) if isinstance(x, dict) else self.items)


def refused(what: str, before: Any, now: Any) -> str:
    """The message about something that the function changes."""
    return (
        f"{what} is changed inside a function that is being compiled, from {shown(before)} to {shown(now)}, and a "
        "program would not do so: return the new value and keep it outside; change it with autograd.anew(function, "
        '...); or, if it is a number, let autograd.depends_on(vars(x), "name") make it one that programs read and write'
    )


def shown(x: Any) -> str:
    """An object in an error message."""
    try:
        text = repr(x)
    except Exception:
        text = f"a {type(x).__name__}"
    return text if len(text) < 60 else f"{text[:57]}..."


def held(cell: Any) -> Any:
    """What a cell holds, if anything."""
    try:
        return cell.cell_contents
    except ValueError:
        return EMPTY


def has_bytes(x: Any) -> bool:
    """Whether something has bytes that can change, as a bytearray or an array of the standard library."""
    if isinstance(x, np.generic):
        return False
    try:
        return not memoryview(x).readonly
    except (TypeError, ValueError):
        return False


def is_proxy(kind: type) -> bool:
    """Whether this is the type of a weak reference that passes for what it refers to."""
    return kind in weakref.ProxyTypes


def referents_of(proxy: Any) -> list[Any]:
    """What a proxy refers to, if that lives."""
    try:
        return [proxy.__repr__.__self__]
    except ReferenceError:
        return []


def is_numbers(x: Any) -> bool:
    """Whether something is a plain array of numbers."""
    return type(x) is np.ndarray and x.dtype.kind in "fiub"


def holds_numbers(x: Any, floats: bool = False) -> bool:
    """Whether an array is to be lifted out of this object: it is one, or a tuple with one."""
    if isinstance(x, tuple):
        return any(map(holds_numbers, x))
    return is_numbers(x) or (floats and type(x) is float)
