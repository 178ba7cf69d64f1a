"""What a trace says no to: TraceError, which names the line."""

from __future__ import annotations

import functools
from contextvars import ContextVar
from typing import Any, NoReturn

import numpy as np

from ..debug import calling_line
from ..recording import recording


class TraceError(RuntimeError):
    """A traced function asks for something that is only known when its program runs."""


UNKNOWN = "its value is known only when the program runs"
WITHOUT_SHAPE = "every shape is known beforehand. Choose with np.where(condition, a, b), which keeps the shape"


def refuse(what: str, instead: str) -> NoReturn:
    """Raise a TraceError that says where this happened. The trace fails with it, also if the function catches it."""
    file, line = calling_line()
    error = TraceError(f"{file}:{line}: {what} inside a function that is being compiled: {instead}")
    watch: Any = recording.get().watch
    if getattr(watch, "refused", error) is None:
        watch.refused = error
    raise error


# What np.errstate sets and np.geterr reads, which takes fifty times as long.
ERRORS: ContextVar[Any] = np._core.umath._extobj_contextvar  # type: ignore[attr-defined]


@functools.lru_cache(16)
def is_loud(errors: Any) -> bool:
    """Whether NumPy is to do more about inf and NaN than to warn, now that its state is `errors`: programs do not."""
    return not {"ignore", "warn"}.issuperset(np.geterr().values())


class Drew(TraceError):
    """A generator is not where it was: the function drew from it, or, if it is everybody's, another thread did."""
