"""Choices by name: activation="tanh", init="he_normal"."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def lookup(kind: str, name: str, table: Mapping[str, T]) -> T:
    """What `table` holds under `name`; `kind` says in errors what it is.

    Raises ValueError with the known names, and the closest one, if there is none.
    """
    if name in table:
        return table[name]
    close = difflib.get_close_matches(str(name), table, n=1)
    hint = f": did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"there is no {kind} {name!r}{hint} (known: {', '.join(sorted(table))})")
