"""What a trace says no to: TraceError, which names the line."""

from __future__ import annotations

from typing import Any, NoReturn

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


class Drew(TraceError):
    """A generator is not where it was: the function drew from it, or, if it is everybody's, another thread did."""
