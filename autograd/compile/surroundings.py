"""What a function can name around it: globals, closures, defaults, and what is reached from there by the names and the
keys in its code, and in the code of the functions that it reaches.

All of it is found before the function is traced. Arrays and floats become inputs of the program: while the function is
traced, stand-ins take their places. Everything else must be the same in a later call, or the function is traced anew.
What the trace itself changes is refused, but for arrays and floats, which programs can write.
"""

from __future__ import annotations

import functools
import gc
import sys
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from io import IOBase
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..node import Node
from .draws import GENERATORS
from .held import CONTAINERS, PLAIN, Contents, has_bytes, held, holds_numbers, is_numbers, is_proxy, referents_of
from .links import Links
from .mentioned import EVERYTHING, is_ours, is_users, mentioned, of_library
from .program import Entry
from .refusal import TraceError
from .traced import Traced

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


class Surroundings(Links):
    """What was found, as it was before the trace."""

    def __init__(self, trace: Any) -> None:
        super().__init__(trace)
        self.weak: list[tuple[weakref.ref[Any], bool]] = []  # and whether what they refer to lived
        self.subclasses: list[tuple[type, list[type]]] = []  # classes whose subclasses the code asks for
        self.unset: list[tuple[Any, str]] = []  # objects, and those of their __slots__ that are empty
        self.compares = False  # whether the code asks which objects are the same
        self.names: set[str] = set()
        self.fresh: set[str] = set()
        self.reached: dict[int, Any] = {}
        self.objects: list[Any] = []
        self.foreign: list[Any] = []  # objects of libraries: what they hold is compared, whatever it is

    # --- the walk -----------------------------------------------------------------------------------------------

    def look(self, roots: Iterable[Any]) -> None:
        """Find what can be named from here."""
        self.waiting += roots
        while self.waiting or self.fresh or self.foreign:
            if self.waiting:
                self.reach(self.waiting.pop())
            elif self.fresh:
                new, self.fresh = self.fresh - self.names, set()
                self.names |= new
                for x in [*self.objects] if new else ():
                    self.attributes(x, new)
            else:
                self.hold(self.foreign.pop())

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
            for name in ("name", "hooks", "_requires_grad"):
                self.compare(Entry(x, name, "attribute"))
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
                self.waiting += x.flat if x.dtype == object else []
        elif is_proxy(kind):
            self.waiting += referents_of(x)
        elif has_bytes(x):
            self.others.append((x, np.array(x)))
        elif isinstance(x, weakref.ref):
            referent = weakref.ref.__call__(x)
            self.weak.append((x, referent is not None))
            self.waiting.append(referent)
            self.hidden(gc.get_referents(x))
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
        elif not is_users(kind) and "__wrapped__" in getattr(x, "__dict__", ()):  # compiled, or with a cache
            self.waiting.append(x.__wrapped__)
            if hasattr(x, "cache_info") and is_users(x.__wrapped__):
                self.caches.append((x, x.cache_info().misses))
        elif not kind.__module__.startswith("autograd."):
            self.object(x)
            if not is_users(kind):
                self.foreign.append(x)

    def function(self, f: FunctionType) -> None:
        """What the code of a function names. Of a library's function it is what it holds: grad(f) holds f."""
        cells = dict(zip(f.__code__.co_freevars, f.__closure__ or ()))
        self.waiting.append(getattr(f, "__wrapped__", None))
        if of_library(module := f.__globals__.get("__name__")):
            values = [held(cell) for cell in cells.values()]
            self.waiting += values if is_ours(module) else []
            self.hidden([] if is_ours(module) else values)
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
        self.link(Entry(f, "__defaults__", "attribute"))
        for name in ("__code__", "__kwdefaults__"):
            self.compare(Entry(f, name, "attribute"))
        self.waiting += [sys.modules.get(name) for name in found.modules]
        self.size(f, vars(f))
        self.object(f)

    def missing(self, variables: dict[str, Any], name: str) -> None:
        """A name that is no global one: of something that Python has built in, or of nothing yet."""
        if name == "type":
            variables[name] = type_of
        self.absent.setdefault(id(variables), (variables, set()))[1].add(name)

    def container(self, x: Any) -> None:
        """What is in a list, a dict or the like."""
        contents = Contents.of(x)
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
        if isinstance(x, type):
            self.compare(Entry(x, "__mro__", "attribute"))
        elif not isinstance(x, (ModuleType, FunctionType)) and is_users(type(x)):
            self.fresh |= self.methods(type(x), ())
            self.size(x, vars(x) if hasattr(x, "__dict__") else None)
            self.compare(Entry(x, "__class__", "attribute"))
        self.attributes(x, self.names)

    def hold(self, x: Any) -> None:
        """What an object of a library holds: its methods read what no code of the user's names. Ours say it themselves,
        see `depends_on`; of a network's parts that are not called it is the parts.
        """
        own = getattr(x, "__dict__", None)
        if not isinstance(own, dict):  # what is made in C tells the collector of garbage
            self.hidden(gc.get_referents(x))
        elif is_ours(type(x).__module__):
            for value in own.values() if callable(x) else ():
                items = value.values() if isinstance(value, dict) else value
                if callable(value) or (isinstance(value, (*CONTAINERS, tuple)) and all(map(callable, items))):
                    self.waiting.append(value)
        else:
            for name in own:
                self.compare(Entry(own, name), inner=True)
            for name in {name for base in type(x).__mro__ for name in vars(base).get("__slots__", ())} - {"__dict__"}:
                if hasattr(x, name):
                    self.compare(Entry(x, name, "attribute"), inner=True)

    def hidden(self, values: Iterable[Any]) -> None:
        """Values inside of an object of a library: they are compared, and none is an input of the program."""
        for x in values:
            if isinstance(x, tuple):
                self.hidden(x)
            elif isinstance(x, str):
                self.fresh |= {x}  # such as that of an attrgetter
            elif is_numbers(x):
                if id(x) not in self.arrays:
                    self.others.append((x, x.copy()))
            elif isinstance(x, CONTAINERS):
                if id(x) not in self.reached:
                    self.reached[id(x)] = x
                    self.contents.append(contents := Contents.of(x, inner=True))
                    self.hidden(contents.items)
            elif not isinstance(x, Iterator):
                self.waiting.append(x)

    def size(self, x: Any, mapping: Any) -> None:
        """No attribute comes or goes."""
        if mapping is not None:
            self.sizes.setdefault(id(mapping), (x, mapping, list(mapping)))

    def attributes(self, x: Any, names: set[str]) -> None:
        """What an object, a class or a module has under these names."""
        if isinstance(x, type) and "__subclasses__" in names:
            self.subclasses.append((x, type.__subclasses__(x)))
            self.waiting += type.__subclasses__(x)
        own = None if isinstance(x, type) else getattr(x, "__dict__", None)
        every = bool(EVERYTHING & self.names) and not isinstance(x, ModuleType)
        if isinstance(own, dict):
            other = isinstance(x, (Mapping, Sequence, Set)) and not is_users(type(x))  # such as a UserDict
            for name in [*own] if every or other else own.keys() & names:
                self.link(Entry(own, name))
            if id(own) not in self.sizes:
                self.lacking.setdefault(id(own), (own, set()))[1].update(names - own.keys())
        kinds: list[type] = [x, type(x)] if isinstance(x, type) else [type(x)]
        for base in (base for kind in kinds for base in kind.__mro__):
            if is_users(base):
                self.size(base, vars(base))
                public = {name for name in vars(base) if not name.startswith("__")} if every else names
                for name in public & vars(base).keys():
                    if type(vars(base)[name]).__name__ != "member_descriptor":
                        self.link(Entry(base, name, "class"))
                    elif base is not x and hasattr(x, name):  # one of its __slots__
                        self.link(Entry(x, name, "attribute"))
                    elif base is not x:
                        self.unset.append((x, name))

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

    def compare(self, entry: Entry, inner: bool = False) -> None:
        """What is at this place must be there in later calls, whatever it is."""
        key = id(entry.holder), entry.kind, entry.key
        if key in self.links:
            return
        value = entry.get()
        self.links[key] = entry, value
        if inner:
            self.inner.add(key)
            self.hidden((value,))
        else:
            self.waiting.append(value)
