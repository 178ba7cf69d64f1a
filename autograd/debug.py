"""Where numbers come from: the file and line that called each operation, and the operation that made the first NaN."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .inspecting import name_of
from .node import Node
from .operators import raw
from .recording import Watch, recording, watched
from .sweep import toposort

PACKAGE = str(Path(__file__).parent)
NAN, INFINITE = "NaN", "an infinite number"
NUMPY = str(Path(np.__file__).parent)


@contextmanager
def detect_nan() -> Iterator[None]:
    """Raise FloatingPointError at the first operation, forward or backward, that makes NaN or inf of finite numbers.

    The message names the operation, its arguments, and the file and line that called it; an error in a backward pass
    names the line of the forward pass. Where plain NumPy made it, of arrays that no graph sees, it raises when a node
    meets it, and names the line of NumPy's call. For this thread, inside `with detect_nan():`. It costs time; for
    debugging only.
    """
    watch = NaNWatch()
    with watched(watch), np.errstate(divide="call", over="call", invalid="call", under="ignore", call=watch.heard):
        yield


@contextmanager
def lines() -> Iterator[None]:
    """Note for every operation the file and line that called it, for `draw(...).save("backprop.html")` to show.

    For this thread, inside `with lines():`. Inside `detect_nan` they are noted anyway.
    """
    with watched(recording.get().watch or Lines()):
        yield


class Doors(Watch):
    """Says of each new node whether plain numbers in its call are data: they are until some are taken out of a node."""

    def __init__(self) -> None:
        self.waiting = self.opened = (
            False  # whether numbers were taken that may be for the next node; for something else
        )

    def taken(self, args: Any) -> None:
        """Numbers are taken, by an operation, whose node is made next, or by something else."""
        self.opened = self.opened or self.waiting
        self.waiting = True

    def made(self, node: Node, fun: Any, values: Any) -> None:
        """The node is made: what was taken last was for it."""
        self.waiting = False
        node.given = not self.opened


class Lines(Doors):
    """What `lines` looks at: every new node."""

    def made(self, node: Node, fun: Any, values: Any) -> None:
        """Note the line that made the node."""
        super().made(node, fun, values)
        node.site = calling_line()


class NaNWatch(Lines):
    """What `detect_nan` looks at: every new node, every contribution to a gradient, and what NumPy says outside."""

    def __init__(self) -> None:
        super().__init__()
        # what NumPy said last about arrays that no graph sees, and where: of what makes NaN, and of what makes inf
        self.outside: dict[str, str] = {}

    def heard(self, what: str, flag: int) -> None:
        """NumPy reports an overflow, a division by zero, an invalid value: of the engine's own calls the nodes tell."""
        name, line = calling_line(within=(NUMPY,))
        if not name.startswith(PACKAGE):
            self.outside[NAN if what.startswith("invalid") else INFINITE] = f"{what} at {name}:{line}"

    def made(self, node: Node, fun: Any, values: Any) -> None:
        """Note the line that made the node; raise if it is the first to be not finite."""
        super().made(node, fun, values)
        if finite(node):
            return
        if all(map(finite, values)):
            raise FloatingPointError(f"{story(fun, values, node.site)} gave {found(node._raw)}")
        constants = [value for arg, value in zip(node.args, node.values) if not isinstance(arg, Node)]
        broken = [value for value in constants if not finite(value)]
        outside = self.outside.pop(found(broken[0]), None) if broken else None  # it is told once
        if outside:  # NumPy does not say of which array: an infinity that is meant may stand beside an older report
            raise FloatingPointError(
                f"{story(fun, values, node.site)} was given {found(broken[0])}, and the last that NumPy reported of "
                f"such outside of the graph was: {outside}"
            )

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
    return NAN if np.isnan(data).any() else INFINITE


def story(fun: Any, values: Any, site: tuple[str, int] | None) -> str:
    """The operation, its arguments, and where it was called."""
    arguments = ", ".join(
        f"array of shape {np.shape(value)}" if np.ndim(value) else repr(value)
        for value in values
        if isinstance(value, (int, float, np.generic, np.ndarray))
    )
    where = f" at {site[0]}:{site[1]}" if site else ""
    return f"{name_of(fun)}({arguments}){where}"


def calling_line(within: tuple[str, ...] = (PACKAGE, NUMPY)) -> tuple[str, int]:
    """File and line of the innermost caller outside these folders, of this package and NumPy."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename == __file__ and frame.f_back is not None:
        frame = frame.f_back
    while frame.f_back is not None and frame.f_code.co_filename.startswith(within):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
