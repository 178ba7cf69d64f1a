"""The places that a function reads around it, with what was there before the trace: inputs of the program, or compared.

While the function is traced, stand-ins take the places of arrays and floats. What the trace itself changes is refused,
but for arrays and floats, which programs can write, and all is put back at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from .draws import GENERATORS
from .held import EMPTY, PLAIN, Contents, held, holds_numbers, is_numbers, refused
from .mentioned import of_library
from .program import Entry, Op
from .refusal import TraceError
from .traced import Traced

Key = tuple[int, str, Any]  # of a place: the id of the holder, the kind and the key of its entry


class Links:
    """What was at each place."""

    def __init__(self, trace: Any) -> None:
        self.trace = trace
        self.links: dict[Key, tuple[Entry, Any]] = {}
        self.swapped: dict[Key, Any] = {}  # what stands there while the function is traced
        self.inner: set[Key] = set()  # those inside of objects of libraries
        self.free: set[Key] = set()  # what calls that programs repeat may change
        self.inputs: dict[Op, tuple[Entry, Any]] = {}
        self.arrays: dict[int, Traced] = {}  # by the id of the array
        self.same: list[tuple[Entry, Op]] = []  # other places of an array that is an input
        self.contents: list[Contents] = []
        self.sizes: dict[int, tuple[Any, Any, list[str]]] = {}  # objects, their attributes, the names of these
        self.absent: dict[int, tuple[dict[str, Any], set[str]]] = {}  # names that are no globals
        self.lacking: dict[int, tuple[dict[str, Any], set[str]]] = {}  # attributes that are not there
        self.others: list[tuple[Any, Any]] = []  # arrays of no numbers and what has bytes that change, with a copy
        self.caches: list[tuple[Any, int]] = []  # functions of functools.lru_cache, and how often they were called
        self.waiting: list[Any] = []  # what is to be looked at

    def link(self, entry: Entry, name: str | None = None, floats: bool = True) -> None:
        """What is at this place must be there in later calls; it is an input if it is an array or a float."""
        key = id(entry.holder), entry.kind, entry.key
        if key in self.links:
            return
        value = held(entry.holder) if entry.kind == "cell" else entry.get()
        self.links[key] = entry, value
        name = name or (entry.key if isinstance(entry.key, str) and entry.key.isidentifier() else None)
        new = self.lifted(entry, value, name, floats)
        if new is not value:
            self.swapped[key] = new
            entry.set(new)
        self.waiting.append(value)

    def lifted(self, entry: Entry, value: Any, name: str | None, floats: bool = True) -> Any:
        """A stand-in for an array or a float, also inside of tuples; anything else as it is."""
        if is_numbers(value):
            if id(value) in self.arrays:
                self.same.append((entry, self.arrays[id(value)].op))
                return self.arrays[id(value)]
        elif type(value) is not float or not floats:
            if not isinstance(value, tuple) or not holds_numbers(value):
                return value
            parts = [
                self.lifted(Entry(entry.holder, entry.key, entry.kind, (*entry.path, i)), part, name, floats=False)
                for i, part in enumerate(value)
            ]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        new = self.trace.input(entry, value, name)
        self.inputs[new.op] = entry, value
        if type(value) is not float:
            self.arrays[id(value)] = new
        return new

    def adopt(self, entry: Entry) -> Any:
        """What a mapping has at a place that it declares as changing: from here on that is not looked after here.

        A float that is an input already stays one: the code may have looked at it before. Then this is EMPTY.
        """
        key = id(entry.holder), entry.kind, entry.key
        new = self.swapped.get(key)
        if isinstance(new, Traced) and new.is_number:
            return EMPTY
        old = self.links.pop(key, (entry, entry.get()))[1]
        if new is not None:
            self.inputs.pop(new.op, None)
        for contents in self.contents:
            if contents.holder is entry.holder:
                contents.linked.add(contents.keys.index(entry.key))
                contents.declared = True
        return old

    # --- the end ------------------------------------------------------------------------------------------------

    def now(self, key: Key) -> Any:
        """What is at a place that was linked."""
        entry = self.links[key][0]
        try:
            return entry.get()
        except (KeyError, ValueError, IndexError, AttributeError):
            return EMPTY

    def stayed(self, key: Key) -> bool:
        """Whether what is at a place that was linked is what was there."""
        was, now = self.swapped.get(key, self.links[key][1]), self.now(key)
        return now is was or (type(now) in PLAIN and type(now) is type(was) and repr(now) == repr(was))

    def counted(self, key: Key) -> bool:
        """Whether a number is another than it was."""
        return type(self.links[key][1]) is type(self.now(key)) in (int, float) and not self.stayed(key)

    def let_change(self, fun: Any, call: Callable[[], Any]) -> Any:
        """A call that may change what it likes: nothing depends on that from now on."""
        draws = isinstance(getattr(fun, "__self__", None), GENERATORS)
        if draws or (isinstance(fun, FunctionType) and of_library(fun.__module__)):
            return call()
        before = [key for key in self.links if key not in self.swapped and self.stayed(key)]
        held = [contents for contents in self.contents if contents.stayed()]
        answer = call()
        self.free.update(key for key in before if not self.stayed(key))
        for contents in held:
            contents.free = not contents.stayed()
        return answer

    def changed(self) -> None:
        """Refuse what the function changed, unless it is an input that a program can write.

        What a library keeps to itself, such as a cache, may change, but not a number: it tells how often it was called.
        """
        for key in filter(self.counted, self.inner - self.free):
            raise TraceError(refused(f"{key[2]!r}", self.links[key][1], self.now(key)))
        self.free.update(key for key in self.inner if not self.stayed(key))
        for contents in self.contents:
            contents.free = contents.free or (contents.inner and not contents.stayed())
        for key in self.links.keys() - self.free:
            entry, value = self.links[key]
            now = self.now(key)
            writes = key in self.swapped and entry.writable and isinstance(now, (Traced, float))
            if not writes and not self.stayed(key):
                raise TraceError(refused(f"{entry.key!r}", value, now))
        for contents in self.contents:
            if not contents.free and not contents.stayed():
                x = contents.holder
                raise TraceError(refused(f"a {type(x).__name__}", contents.items, contents.now()[1]))
        for x, misses in self.caches:
            if x.cache_info().misses != misses:
                raise TraceError(refused(f"the cache of {x.__name__}", f"{misses} results", "one more"))
        for own, names in (*self.absent.values(), *self.lacking.values()):
            names -= {name for name in names & own.keys() if isinstance(own[name], ModuleType)}  # imported by itself
            for name in names & own.keys() - {"type"}:
                raise TraceError(refused(f"{name!r}", EMPTY, own[name]))
        for x, mapping, before in self.sizes.values():
            if list(mapping) != before:
                others = ", ".join(sorted(mapping.keys() ^ set(before)))
                raise TraceError(refused(f"{others} of a {type(x).__name__}", "missing", "there"))

    def restore(self) -> None:
        """Put everything back to where it was; what libraries keep to themselves, too, if that is more than caches."""
        counted = any(map(self.counted, self.inner))
        for x, copy in self.others if counted else ():
            if isinstance(x, np.ndarray) and x.flags.writeable:
                x[...] = copy
        for variables, names in (*self.absent.values(), *self.lacking.values()):
            for name in names & variables.keys():
                del variables[name]
        for key, (entry, value) in self.links.items():
            if (counted or key not in self.inner) and self.now(key) is not value:
                if value is EMPTY:
                    del entry.holder.cell_contents
                else:
                    entry.set(value)
        for x, misses in self.caches:
            if x.cache_info().misses != misses:
                x.cache_clear()
        for contents in self.contents:
            if not contents.inner:
                contents.restore()
        for x, mapping, before in self.sizes.values():
            for name in mapping.keys() - set(before):
                if isinstance(x, type):
                    type.__delattr__(x, name)
                else:
                    del mapping[name]
