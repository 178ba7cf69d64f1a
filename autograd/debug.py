"""Where numbers come from: the file and line that called each operation, and the operation that made the first NaN."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .node import Node
from .operators import raw
from .recording import Watch, recording, watched
from .sweep import toposort
from .table import name_of

PACKAGE = str(Path(__file__).parent)


@contextmanager
def detect_nan() -> Iterator[None]:
    """Raise FloatingPointError at the first operation, forward or backward, that makes NaN or inf of finite numbers.

    The message names the operation, its arguments, and the file and line that called it; an error in a backward pass
    names the line of the forward pass. For this thread, inside `with detect_nan():`. It costs time; for debugging only.
    """
    with watched(NaNWatch()), np.errstate(all="ignore"):
        yield


@contextmanager
def lines() -> Iterator[None]:
    """Note for every operation the file and line that called it, for `draw(...).save("backprop.html")` to show.

    For this thread, inside `with lines():`. Inside `detect_nan` they are noted anyway.
    """
    with watched(recording.get().watch or Lines()):
        yield


class Lines(Watch):
    """What `lines` looks at: every new node."""

    def made(self, node: Node, fun: Any, values: Any) -> None:
        """Note the line that made the node."""
        node.site = calling_line()


class NaNWatch(Lines):
    """What `detect_nan` looks at: every new node, and every contribution to a gradient."""

    def made(self, node: Node, fun: Any, values: Any) -> None:
        """Note the line that made the node; raise if it is the first to be not finite."""
        super().made(node, fun, values)
        if not finite(node) and all(map(finite, values)):
            raise FloatingPointError(f"{story(fun, values, node.site)} gave {found(node._raw)}")

    def contributed(self, node: Node, arg: Node, g: Any, c: Any) -> None:
        """Raise if a finite upstream gradient became a contribution that is not."""
        if finite(g) and not finite(c):
            raise FloatingPointError(f"the gradient of {story(node.fun, node.values, node.site)} is {found(raw(c))}")


def origin(node: Node) -> str | None:
    """Which operation first made a NaN or an inf on the way to `node`: a sentence, or None if all numbers are finite.

    It needs the graph only; the line is known where the graph was made inside `detect_nan`.
    """
    for made in reversed(toposort([node])):
        if not finite(made):
            return f"{story(made.fun, made.values, made.site)} gave {found(made._raw)}"
    return None


def finite(x: Any) -> bool:
    """Whether every number in `x` is; what holds no floats is."""
    data = np.asarray(raw(x)) if not isinstance(x, (str, tuple, list, slice, type(None))) else np.zeros(())
    return bool(np.all(np.isfinite(data))) if data.dtype.kind == "f" else True


def found(data: Any) -> str:
    """What there is in it that is not finite."""
    data = np.asarray(data)
    return "NaN" if np.isnan(data).any() else "an infinite number"


def story(fun: Any, values: Any, site: tuple[str, int] | None) -> str:
    """The operation, its arguments, and where it was called."""
    arguments = ", ".join(
        f"array of shape {np.shape(value)}" if np.ndim(value) else repr(value)
        for value in values
        if isinstance(value, (int, float, np.generic, np.ndarray))
    )
    where = f" at {site[0]}:{site[1]}" if site else ""
    return f"{name_of(fun)}({arguments}){where}"


def calling_line() -> tuple[str, int]:
    """File and line of the innermost caller outside this package and NumPy."""
    frame = sys._getframe(1)
    numpy = str(Path(np.__file__).parent)
    while frame.f_back is not None and frame.f_code.co_filename.startswith((PACKAGE, numpy)):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
