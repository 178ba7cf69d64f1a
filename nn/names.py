"""Choices by name: activation="tanh", init="he_normal"."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TypeVar

from .synonyms import CHOICES

T = TypeVar("T")


def lookup(kind: str, name: str, table: Mapping[str, T]) -> T:
    """What `table` holds under `name`, in capitals or not; `kind` says in errors what it is.

    Raises ValueError with the known names, and with the one that is meant, if there is none.
    """
    if name in table:
        return table[name]
    plain = str(name).lower().replace("-", "_").replace(" ", "_")
    if plain in table:
        return table[plain]
    known = CHOICES.get(kind, {})
    meant = known.get(plain)
    close = difflib.get_close_matches(plain, table, n=1)
    hint = f": write {meant!r}" if meant else f": did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"there is no {kind} {name!r}{hint} (known: {', '.join(sorted(table))})")
