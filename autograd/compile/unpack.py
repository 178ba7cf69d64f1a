"""The arguments of a call, taken apart: how they are built, and a function that does it for others built alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..trees import TREES
from .guard import Writer


def structure(tree: Any) -> Any:
    """How a tree of arguments is built, without its leaves."""
    if isinstance(tree, dict):
        return tuple((key, structure(x)) for key, x in tree.items())
    return (type(tree), *map(structure, tree)) if isinstance(tree, (list, tuple)) else None


def unpacker(built: Any) -> Callable[[Any], Sequence[Any] | None]:
    """`leaves` of trees that are built like this, in less time; None of all others, and of some that are.

    A leaf may be a tree: whoever looks at its type finds that out.
    """
    writer, conditions, found = Writer(), list[str](), list[str]()

    def look(text: str, built: Any) -> None:
        if built is None:
            found.append(text)
            return
        is_dict = not (built and isinstance(built[0], type))
        kind = dict if is_dict else built[0]
        keys = [key for key, _ in built] if is_dict else range(len(built) - 1)
        conditions.append(f"type({text}) is {writer.bind(kind)}" if is_plain(kind) else "False")
        conditions.append(f"[*{text}] == {writer.bind(keys)}" if is_dict else f"len({text}) == {len(keys)}")
        for key, inside in zip(keys, (x for _, x in built) if is_dict else built[1:]):
            look(f"{text}[{repr(key) if type(key) in (str, int) else writer.bind(key)}]", inside)

    look("tree", built)
    writer.lines.append(f"return [{', '.join(found)}] if {' and '.join(conditions)} else None")
    return writer.function("unpack", "tree")


def is_plain(kind: type) -> bool:
    """Whether a container answers an index with what it gives in turn."""
    base = next(base for base in TREES if issubclass(kind, base))
    return all(getattr(kind, name) is getattr(base, name) for name in ("__iter__", "__getitem__"))
