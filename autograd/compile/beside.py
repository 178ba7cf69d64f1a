"""A function beside its program: both run with the same numbers, and what they give and leave is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..node import Node
from .draws import put_back, state_of
from .held import Contents, is_numbers
from .trace import Trace

# How far two numbers may be apart: by the largest of their array, and by the largest of all.
NEAR: dict[Any, tuple[float, float]] = {2: (1e-1, 1e-2), 4: (1e-3, 1e-6), 8: (1e-7, 1e-12)}


class CheckError(AssertionError):
    """A compiled function did not give, or leave, what the function itself does."""


class State:
    """All that a program reads and writes, as it is now."""

    def __init__(self, trace: Trace, args: Sequence[Any]) -> None:
        own = [node for node in trace.leaves if node not in trace.arguments]
        self.nodes = [*own, *(x for x in args if isinstance(x, Node))]
        around = trace.surroundings
        free = [around.links[key] for key in around.free - around.inner]  # what repeated calls change
        self.entries = [entry for entry, _ in (*trace.entries, *around.inputs.values(), *free)]
        self.contents = [Contents.of(x.holder) for x in around.contents if x.free and not x.inner]
        self.places = [entry for entry in self.entries if entry.writable]
        self.slots = [(node, node._raw, node._grad, node._lent) for node in self.nodes]
        self.held = [entry.get() for entry in self.places]
        self.generators = [(source, state_of(source)) for source, _ in trace.generators.values()]
        numbers = [*args, *(entry.get() for entry in self.entries), *(x for slot in self.slots for x in slot[1:3])]
        self.arrays = [(x, x.copy()) for x in numbers if is_numbers(x)]

    def restore(self) -> None:
        """Put everything back."""
        for array, numbers in self.arrays:
            if not np.array_equal(array, numbers, equal_nan=array.dtype.kind == "f"):
                array[...] = numbers
        for node, raw, grad, lent in self.slots:
            node._raw, node._grad, node._lent = raw, grad, lent
        for entry, value in zip(self.places, self.held):
            if entry.get() is not value:
                entry.set(value)
        for contents in self.contents:
            contents.restore()
        for source, state in self.generators:
            put_back(source, state)

    def now(self) -> dict[str, Any]:
        """Copies of the numbers of all of it, by what it is called."""
        found: dict[str, Any] = {}
        for i, node in enumerate(self.nodes):
            name = node.name or f"leaf {i}"
            grad = node._grad._raw if isinstance(node._grad, Node) else node._grad
            found |= {f"{name}.data": np.array(node._raw), f"{name}.grad": None if grad is None else np.array(grad)}
        for i, entry in enumerate(self.entries):
            value = entry.get()
            found[f"{entry.key!r} (place {i})"] = np.array(value) if isinstance(value, np.ndarray) else value
        for i, (source, _) in enumerate(self.generators):
            found[f"the state of generator {i}"] = repr(state_of(source))
        return found


def beside(f: Callable[[], Any], program: Callable[[], Any], trace: Trace, args: Sequence[Any], name: str) -> Any:
    """What the program gives, after the function itself ran with the same numbers and gave and left the same.

    Raises CheckError with both numbers where they differ. All is left as the program leaves it.
    """
    before = State(trace, args)
    failed: Exception | None = None
    expected: Any = None
    with np.errstate(all="ignore"):
        try:
            expected = f()
        except Exception as error:
            failed = error
    left = before.now()
    before.restore()
    try:
        found = program()
    except Exception as error:
        if failed is None:
            raise CheckError(f"the program of {name} raises {error!r}, and {name} itself does not") from error
        raise
    if failed is not None:
        raise CheckError(f"{name} raises {failed!r}, and its program does not") from failed
    pairs = [*compared("the result", found, expected), *compared("", before.now(), left)]
    numbers = [np.abs(x[np.isfinite(x)]) for _, *both in pairs for x in map(np.asarray, both) if x.dtype.kind == "f"]
    largest = max((float(np.max(x, initial=0.0)) for x in numbers), default=0.0)
    for what, ours, theirs in pairs:
        problem = difference(ours, theirs, largest)
        if problem:
            raise CheckError(f"{what} of the program of {name} is not what {name} itself gives: {problem}")
    return found


def compared(what: str, ours: Any, theirs: Any) -> Iterator[tuple[str, Any, Any]]:
    """The parts of two trees, side by side, with what they are called."""
    if isinstance(ours, Node) and isinstance(theirs, Node):
        yield f"the number of {what}", ours._raw, theirs._raw
    elif isinstance(ours, Mapping) and isinstance(theirs, Mapping) and ours.keys() == theirs.keys():
        for key in ours:
            yield from compared(f"{what}[{key!r}]" if what else key, ours[key], theirs[key])
    elif isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)) and len(ours) == len(theirs):
        for i, (one, other) in enumerate(zip(ours, theirs)):
            yield from compared(f"{what}[{i}]", one, other)
    else:
        yield what, ours, theirs


def difference(ours: Any, theirs: Any, largest: float) -> str:
    """What differs, with both numbers; nothing if it is rounding."""
    numbers = (int, float, np.ndarray, np.generic)
    if not isinstance(ours, numbers) or not isinstance(theirs, numbers):
        same = ours is theirs or (type(ours) is type(theirs) and repr(ours) == repr(theirs))
        return "" if same else f"{ours!r} instead of {theirs!r}"
    a, b = np.asarray(ours), np.asarray(theirs)
    if (a.shape, a.dtype) != (b.shape, b.dtype):
        return f"an array of shape {a.shape} and dtype {a.dtype} instead of shape {b.shape} and dtype {b.dtype}"
    if a.dtype.kind != "f":
        wrong = a != b
    else:
        own, of_all = NEAR[min(8, a.dtype.itemsize)]
        finite = b[np.isfinite(b)]
        near = own * float(np.max(np.abs(finite), initial=0.0)) + of_all * largest
        with np.errstate(all="ignore"):
            wrong = ~((np.abs(a - b) <= near) | (a == b) | (np.isnan(a) & np.isnan(b)))
    if not np.any(wrong):
        return ""
    where = tuple(map(int, np.argwhere(wrong)[0]))
    return f"{a[where]!r} instead of {b[where]!r}" + (f" at {list(where)}" if where else "")
