"""What a function can name around it: globals, closures, defaults, and what is reached from there by the names and the
keys in its code, and in the code of the functions that it reaches.

All of it is found before the function is traced. Arrays and floats become inputs of the program: while the function is
traced, stand-ins take their places. Everything else must be the same in a later call, or the function is traced anew.
What the trace itself changes is refused, but for arrays and floats, which programs can write.
"""

from __future__ import annotations

import functools
import random
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from io import IOBase
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..node import Node
from .held import EMPTY, Contents, held, holds_numbers, is_numbers, refused
from .mentioned import EVERYTHING, is_users, mentioned, of_library
from .program import Entry, Op
from .refusal import TraceError
from .traced import Traced

PLAIN = {type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented), slice, range, np.ufunc}
GENERATORS = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random)
CONTAINERS = (list, dict, set, frozenset, deque)
NOT_BY_THEMSELVES = {  # methods that calling or computing with an instance does not run
    "__init__", "__new__", "__repr__", "__str__", "__del__", "__init_subclass__", "__getstate__", "__setstate__",
    "__reduce__", "__reduce_ex__", "__copy__", "__deepcopy__", "__sizeof__", "__dir__", "__class_getitem__",
}  # fmt: skip


class TypeOf(type):
    """What `type` is while a function is traced: of a stand-in it says what it stands for."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """The type of one argument; what `type` makes of three."""
        return args[0].__class__ if len(args) == 1 else type(*args, **kwargs)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, type)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, type)


class type_of(metaclass=TypeOf):
    """The type of an object."""


class Surroundings:
    """What was found, as it was before the trace."""

    def __init__(self, trace: Any) -> None:
        self.trace = trace
        self.links: dict[tuple[int, str, Any], tuple[Entry, Any]] = {}
        self.swapped: dict[tuple[int, str, Any], Any] = {}  # what stands there while the function is traced
        self.free: set[tuple[int, str, Any]] = set()  # what calls that programs repeat may change
        self.inputs: dict[Op, tuple[Entry, Any]] = {}
        self.arrays: dict[int, Traced] = {}  # by the id of the array
        self.same: list[tuple[Entry, Op]] = []  # other places of an array that is an input
        self.contents: list[Contents] = []
        self.sizes: dict[int, tuple[Any, Any, list[str]]] = {}  # objects, their attributes, the names of these
        self.absent: dict[int, tuple[dict[str, Any], set[str]]] = {}  # names that are no globals
        self.caches: list[tuple[Any, int]] = []  # functions of functools.lru_cache, and how often they were called
        self.others: list[tuple[np.ndarray[Any, Any], Any]] = []  # arrays of no numbers, with a copy
        self.compares = False  # whether the code asks which objects are the same
        self.names: set[str] = set()
        self.fresh: set[str] = set()
        self.reached: dict[int, Any] = {}
        self.objects: list[Any] = []
        self.waiting: list[Any] = []

    # --- the walk -----------------------------------------------------------------------------------------------

    def look(self, roots: Iterable[Any]) -> None:
        """Find what can be named from here."""
        self.waiting += roots
        while self.waiting or self.fresh:
            if self.waiting:
                self.reach(self.waiting.pop())
                continue
            new, self.fresh = self.fresh - self.names, set()
            self.names |= new
            for x in [*self.objects] if new else ():
                self.attributes(x, new)

    def reach(self, x: Any) -> None:
        """One object, in its way."""
        kind = type(x)
        if kind in PLAIN or id(x) in self.reached or isinstance(x, Traced):
            return
        self.reached[id(x)] = x
        if isinstance(x, FunctionType):
            self.function(x)
        elif isinstance(x, MethodType):
            self.waiting += [x.__func__, x.__self__]
        elif isinstance(x, BuiltinMethodType):
            self.waiting += [] if isinstance(x.__self__, (ModuleType, type)) else [x.__self__]
        elif isinstance(x, functools.partial):
            self.waiting.append(x.keywords)
            self.link(Entry(x, "func", "attribute"))
            self.link(Entry(x, "args", "arguments"))
        elif isinstance(x, Node):
            self.waiting += x.hooks
        elif isinstance(x, GENERATORS):
            self.trace.seen((x,))
        elif isinstance(x, (property, staticmethod, classmethod, functools.cached_property)):
            inner = ("fget", "fset", "func", "__func__")
            self.waiting += [getattr(x, name) for name in inner if getattr(x, name, None) is not None]
        elif isinstance(x, tuple):
            self.waiting += x
        elif isinstance(x, CONTAINERS):
            self.container(x)
        elif isinstance(x, np.ndarray):
            if not is_numbers(x):
                self.others.append((x, x.copy()))
        elif hasattr(kind, "to_numpy") and not is_users(kind):  # of pandas and its like
            self.others.append((x, np.array(x)))
        elif isinstance(x, ModuleType):
            if not of_library(x.__name__):
                self.object(x)
        elif isinstance(x, type):
            if is_users(x):
                self.fresh |= self.methods(x, ("__init__", "__new__", "__post_init__"))
                self.object(x)
        elif isinstance(x, Iterator) and not is_users(kind) and not isinstance(x, IOBase):
            raise TraceError(
                f"a function that is being compiled refers to {x!r}, which moves on each time it is read: "
                "read it outside, and pass what it gave as an argument; or read it with autograd.anew"
            )
        elif "__wrapped__" in getattr(x, "__dict__", ()):  # a compiled function, one with a cache
            self.waiting.append(x.__wrapped__)
            if hasattr(x, "cache_info"):
                self.caches.append((x, x.cache_info().misses))
        elif not kind.__module__.startswith("autograd."):
            self.object(x)

    def function(self, f: FunctionType) -> None:
        """What the code of a function names. Of a library's function it is what it holds: grad(f) holds f."""
        cells = dict(zip(f.__code__.co_freevars, f.__closure__ or ()))
        self.waiting.append(getattr(f, "__wrapped__", None))
        if of_library(f.__globals__.get("__name__")):
            self.waiting += [held(cell) for cell in cells.values()]
            return
        found = mentioned(f.__code__)
        self.fresh |= found.attributes
        self.compares = self.compares or found.compares
        absent = self.absent.get(id(f.__globals__), ({}, set()))[1]
        for name in found.globals - absent:
            if name in f.__globals__:
                self.link(Entry(f.__globals__, name))
            else:
                self.missing(f.__globals__, name)
        for name, cell in cells.items():
            self.link(Entry(cell, "cell_contents", "cell"), name)
        if f.__defaults__:
            self.link(Entry(f, "__defaults__", "attribute"))
        self.waiting += [f.__kwdefaults__, *(sys.modules.get(name) for name in found.modules)]
        if vars(f):
            self.object(f)

    def missing(self, variables: dict[str, Any], name: str) -> None:
        """A name that is no global one: of something that Python has built in, or of nothing yet."""
        if name == "type":
            variables[name] = type_of
        self.absent.setdefault(id(variables), (variables, set()))[1].add(name)

    def container(self, x: Any) -> None:
        """What is in a list, a dict or the like."""
        contents = Contents(x, list(x) if isinstance(x, dict) else [], [], set())
        contents.items = contents.now()[1]
        self.contents.append(contents)
        for i, item in enumerate(contents.items):
            if isinstance(x, (list, dict)) and holds_numbers(item, isinstance(x, dict)):
                contents.linked.add(i)
                self.link(Entry(x, contents.keys[i] if contents.keys else i))
            else:
                self.waiting.append(item)
        if type(x) not in CONTAINERS:
            self.object(x)

    def object(self, x: Any) -> None:
        """An object of any other kind."""
        self.objects.append(x)
        if not isinstance(x, (type, ModuleType, FunctionType)) and is_users(type(x)):
            self.fresh |= self.methods(type(x), ())
            self.size(x, vars(x) if hasattr(x, "__dict__") else None)
        self.attributes(x, self.names)

    def size(self, x: Any, mapping: Any) -> None:
        """No attribute comes or goes."""
        if mapping is not None:
            self.sizes.setdefault(id(mapping), (x, mapping, list(mapping)))

    def attributes(self, x: Any, names: set[str]) -> None:
        """What an object, a class or a module has under these names."""
        own = None if isinstance(x, type) else getattr(x, "__dict__", None)
        every = bool(EVERYTHING & self.names) and not isinstance(x, ModuleType)
        if isinstance(own, dict):
            other = isinstance(x, (Mapping, Sequence, Set)) and not is_users(type(x))  # such as a UserDict
            for name in [*own] if every or other else own.keys() & names:
                self.link(Entry(own, name))
        for base in (x if isinstance(x, type) else type(x)).__mro__:
            if is_users(base):
                self.size(base, vars(base))
                public = {name for name in vars(base) if not name.startswith("__")} if every else names
                for name in public & vars(base).keys():
                    if type(vars(base)[name]).__name__ != "member_descriptor":
                        self.link(Entry(base, name, "class"))
                    elif base is not x and hasattr(x, name):  # one of its __slots__
                        self.link(Entry(x, name, "attribute"))

    def methods(self, kind: type, also: Sequence[str]) -> set[str]:
        """The names of the methods that Python, or a library's base class, calls."""
        libraries = [base for base in kind.__mro__ if not is_users(base) and base is not object]
        return {
            name
            for base in kind.__mro__
            if is_users(base)
            for name, value in vars(base).items()
            if callable(value) or hasattr(value, "__get__")
            if name in also
            or (name.startswith("__") and name.endswith("__") and name not in NOT_BY_THEMSELVES and callable(value))
            or any(name in vars(library) for library in libraries if name not in NOT_BY_THEMSELVES)
        } - {"__class__", "__dict__", "__weakref__"}

    # --- links --------------------------------------------------------------------------------------------------

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

    def now(self, key: tuple[int, str, Any]) -> Any:
        """What is at a place that was linked."""
        entry = self.links[key][0]
        try:
            return entry.get()
        except (KeyError, ValueError, IndexError, AttributeError):
            return EMPTY

    def stayed(self, key: tuple[int, str, Any]) -> bool:
        """Whether what is at a place that was linked is what was there."""
        was, now = self.swapped.get(key, self.links[key][1]), self.now(key)
        return now is was or (type(now) in PLAIN and type(now) is type(was) and repr(now) == repr(was))

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
        """Refuse what the function changed, unless it is an input that a program can write."""
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
        for x, mapping, before in self.sizes.values():
            if list(mapping) != before:
                names = ", ".join(sorted(mapping.keys() ^ set(before)))
                raise TraceError(refused(f"{names} of a {type(x).__name__}", "missing", "there"))

    def restore(self) -> None:
        """Put everything back to where it was."""
        for variables, names in self.absent.values():
            for name in names & variables.keys():
                del variables[name]
        for key, (entry, value) in self.links.items():
            if self.now(key) is not value:
                if value is EMPTY:
                    del entry.holder.cell_contents
                else:
                    entry.set(value)
        for x, misses in self.caches:
            if x.cache_info().misses != misses:
                x.cache_clear()
        for contents in self.contents:
            contents.restore()
        for x, mapping, before in self.sizes.values():
            for name in mapping.keys() - set(before):
                if isinstance(x, type):
                    type.__delattr__(x, name)
                else:
                    del mapping[name]
