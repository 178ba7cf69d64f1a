"""Does a program fit a call: the test of the arguments, and of everything else that its trace took for granted."""

from __future__ import annotations

import abc
import math
import operator
import sys
import weakref
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np

from ..node import Node
from ..recording import recording
from ..run import level
from ..tensor import Tensor
from ..value import Value
from .constants import ALONE
from .draws import in_state
from .held import Contents, holds_numbers, is_numbers
from .program import Argument, Entry, Op, Place
from .surroundings import Surroundings
from .trace import Trace


class Writer:
    """Lines of Python that refer to objects by names of their own."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {
            "np": np, "getrefcount": sys.getrefcount, "ALONE": ALONE, "recording": recording,
            "Tensor": Tensor, "Value": Value, "level": level, "copysign": math.copysign, "alike": alike,
            "unchanged": unchanged, "in_state": in_state, "subclasses": type.__subclasses__,
            "referent": weakref.ref.__call__, "registered": abc.get_cache_token,
        }  # fmt: skip
        self.lines: list[str] = []
        self.names: dict[int, str] = {}

    def bind(self, x: Any) -> str:
        """The name of an object."""
        if id(x) not in self.names:
            self.names[id(x)] = name = f"o{len(self.names)}"
            self.namespace[name] = x
        return self.names[id(x)]

    def equals(self, text: str, x: Any) -> str:
        """The test whether what `text` says is still `x`: numbers and strings of the same kind and value, or itself."""
        name = self.bind(x)
        if type(x) is float:
            sign = f" and copysign(1, {text}) == {math.copysign(1, x)}" if x == 0 else ""
            value = f"{text} != {text}" if math.isnan(x) else f"{text} == {name}"
            return f"({text} is {name} or (type({text}) is float and {value}{sign}))"
        if isinstance(x, np.generic):
            return f"({text} is {name} or (type({text}) is {self.bind(type(x))} and repr({text}) == {repr(x)!r}))"
        if type(x) in (int, str, bytes):
            return f"({text} is {name} or (type({text}) is {self.bind(type(x))} and {text} == {name}))"
        return f"{text} is {name}"

    def kind(self, text: str, x: Any) -> list[str]:
        """The tests whether an array has the shape and dtype of `x`, and whether a number is of its type."""
        found = [f"type({text}) is {self.bind(type(x))}"]
        if isinstance(x, (np.ndarray, np.generic)):
            found += [f"{text}.shape == {x.shape}"] if isinstance(x, np.ndarray) else []
            found.append(f"({text}.dtype is {self.bind(x.dtype)} or {text}.dtype == {self.bind(x.dtype)})")
        return found

    def function(self, name: str, arguments: str) -> Callable[..., Any]:
        """The lines as a function."""
        body = "\n".join(f"    {line}" for line in self.lines)
        exec(f"def {name}({arguments}):\n{body}\n", self.namespace)
        found: Callable[..., Any] = self.namespace[name]
        return found

    def place(self, place: Place) -> str:
        """Where a number or an array is, as Python writes it."""
        if isinstance(place, Argument):
            return f"args[{place.position}]"
        if isinstance(place, Entry):
            holder = self.bind(vars(place.holder) if place.kind == "class" else place.holder)
            by_key = place.kind in ("item", "class")
            key = repr(place.key) if type(place.key) in (str, int) else self.bind(place.key)
            text = f"{holder}[{key}]" if by_key else f"{holder}.{place.key if place.kind != 'arguments' else 'args'}"
            return text + "".join(f"[{i}]" for i in place.path)
        holder = self.place(place.node) if isinstance(place.node, Argument) else self.bind(place.node)
        return f"{holder}.{place.attribute}"


def guard(trace: Trace, args: Sequence[Any], names: Sequence[Any]) -> Writer:
    """The test whether a program fits the arguments of a call, and everything else that its trace took for granted."""
    writer = Writer()
    conditions = [
        f"recording.get().on is {recording.get().on}",
        f"len(args) == {len(args)}",
        f"names == {writer.bind(names)}",
    ]
    for i, x in enumerate(args):
        arg = f"args[{i}]"
        if isinstance(x, (np.ndarray, np.generic)):
            conditions += writer.kind(arg, x)
        elif x in trace.known if isinstance(x, Node) else False:
            conditions.append(f"{arg} is {writer.bind(x)}")
        elif isinstance(x, Node):
            conditions += [f"type({arg}) is {writer.bind(type(x))}", f"{arg}.shape == {np.shape(x._raw)}"]
            conditions.append("level.depth == 0")  # a transform differentiates by it
            conditions.append(f"{arg}.fun is None")
            conditions += leaf_conditions(trace, trace.twins[x], arg, writer)
            if isinstance(x, Tensor):
                conditions.append(f"{arg}.dtype == {writer.bind(x.dtype)}")
        elif type(x) is float:
            conditions.append(f"type({arg}) is float")
        else:
            conditions += [f"type({arg}) is {writer.bind(type(x))}", writer.equals(arg, x)]
    conditions += identities(trace, args, writer)
    for node in trace.leaves:
        if node not in trace.arguments:
            conditions += leaf_conditions(trace, node, writer.bind(node), writer)
    for entry, value in trace.entries:
        if not isinstance(value, np.ndarray):
            conditions += writer.kind(writer.place(entry), value)
    conditions += surroundings(trace.surroundings, trace.fixed, writer)
    conditions += [f"in_state({writer.bind(source)}, {writer.bind(state)})" for source, state in trace.states]
    writer.lines += ["try:", f"    return {' and '.join(conditions)}", f"except {CHANGES}:", "    return False"]
    return writer


# What looking at a place raises that is not there any more
CHANGES = "(KeyError, IndexError, AttributeError, ValueError, TypeError)"


def identities(trace: Trace, args: Sequence[Any], writer: Writer) -> list[str]:
    """Which of the leaves among the arguments are the same, and that the function refers to none of them."""
    places = {leaf: [f"args[{i}]" for i, x in enumerate(args) if x is leaf] for leaf in trace.twins}
    if not places:
        return []
    same = [f"{other} is {first}" for first, *others in places.values() for other in others]
    captured = [leaf for leaf in trace.leaves if leaf not in trace.arguments]
    for leaf in captured:  # it lives as long as its id is looked for
        writer.bind(leaf)
    ids = f"{{{', '.join(f'id({first})' for first, *_ in places.values())}}}"
    if len(places) > 1:
        same.append(f"len({ids}) == {len(places)}")
    return [*same, f"{writer.bind(frozenset(map(id, captured)))}.isdisjoint({ids})"] if captured else same


def surroundings(found: Surroundings, fixed: Collection[Op], writer: Writer) -> list[str]:
    """That what a function names is still what it was, and arrays and floats still of their kinds."""
    conditions = []
    for key, (entry, value) in found.links.items():
        if key in found.free:
            continue
        if key not in found.swapped:
            text = writer.place(entry)
            conditions.append(writer.equals(text, value))
        elif isinstance(value, tuple):
            conditions.append(f"len({writer.place(entry)}) == {len(value)}")
            conditions += parts(found, entry, value, writer)
    for op, (entry, value) in found.inputs.items():
        text = writer.place(entry)
        conditions += writer.kind(text, value)
        if op in fixed:
            exact = writer.equals(text, value) if type(value) is float else f"{text}.tobytes() == {value.tobytes()!r}"
            conditions.append(exact)
    conditions += [f"{writer.place(entry)} is {writer.place(found.inputs[op][0])}" for entry, op in found.same]
    if found.compares and len(found.arrays) > 1:
        places = [found.inputs[x.op][0] if x.op in found.inputs else x.op.place for x in found.arrays.values()]
        ids = [f"id({writer.place(place)})" for place in places if place is not None]
        conditions.append(f"len({{{', '.join(ids)}}}) == {len(ids)}")
    for contents in found.contents:
        conditions += [] if contents.free else contained(contents, writer)
    counted = {id(contents.holder) for contents in found.contents}
    for x, mapping, names in found.sizes.values():
        if id(mapping) in counted:
            continue
        name = writer.bind(mapping)
        own = [] if mapping is x or isinstance(x, type) else [f"{writer.bind(x)}.__dict__ is {name}"]
        conditions += [*own, f"len({name}) == {len(names)}"]
    for variables, absent in found.absent.values():
        conditions.append(f"{writer.bind(variables)}.keys().isdisjoint({writer.bind(tuple(absent))})")
    for attributes, missing in found.lacking.values():
        name, few = writer.bind(attributes), len(attributes) < len(missing)
        conditions.append(
            f"{writer.bind(frozenset(missing))}.isdisjoint({name})"
            if few
            else f"{name}.keys().isdisjoint({writer.bind(tuple(missing))})"
        )
    conditions.append(f"registered() == {abc.get_cache_token()}")  # isinstance may answer otherwise
    for reference, lives in found.weak:
        conditions.append(f"(referent({writer.bind(reference)}) is None) is {not lives}")
    conditions += [f"subclasses({writer.bind(x)}) == {writer.bind(before)}" for x, before in found.subclasses]
    conditions += [f"not hasattr({writer.bind(x)}, {name!r})" for x, name in found.unset]
    for x, copy in found.others:
        conditions.append(f"unchanged({writer.bind(x)}, {writer.bind(copy)})")
    return conditions


def parts(found: Surroundings, entry: Entry, value: tuple[Any, ...], writer: Writer) -> list[str]:
    """That what is in a tuple besides arrays is still what it was."""
    conditions = []
    for i, x in enumerate(value):
        place = Entry(entry.holder, entry.key, entry.kind, (*entry.path, i))
        if isinstance(x, tuple) and holds_numbers(x):
            conditions.append(f"len({writer.place(place)}) == {len(x)}")
            conditions += parts(found, place, x, writer)
        elif not is_numbers(x):
            conditions.append(writer.equals(writer.place(place), x))
    return conditions


def contained(contents: Contents, writer: Writer) -> list[str]:
    """That a container holds what it held."""
    name, items = writer.bind(contents.holder), contents.items
    conditions = [f"len({name}) == {len(items)}"]
    own = [i for i in range(len(items)) if i not in contents.linked]
    if contents.keys and not contents.declared:
        words = all(type(key) is str for key in contents.keys)
        known = writer.bind(contents.keys)
        conditions.append(f"[*{name}] == {known}" if words else f"alike({name}, {known})")
    if isinstance(contents.holder, (list, dict)) and len(own) <= UNROLLED:
        keys = contents.keys or range(len(items))
        return conditions + [writer.equals(writer.place(Entry(contents.holder, keys[i])), items[i]) for i in own]
    values = f"{name}.values()" if isinstance(contents.holder, dict) else name
    if contents.linked:
        values = f"[x for i, x in enumerate({values}) if i not in {writer.bind(contents.linked)}]"
    return [*conditions, f"alike({values}, {writer.bind([items[i] for i in own])})"]


UNROLLED = 8  # items up to which a container is compared item by item
SIMPLE = (int, str, bytes, float)


def alike(now: Iterable[Any], then: Sequence[Any]) -> bool:
    """Whether these are the same objects, or equal numbers and strings."""
    now = list(now)
    return all(map(operator.is_, now, then)) or all(
        x is y or (type(x) is type(y) and type(x) in SIMPLE and repr(x) == repr(y)) for x, y in zip(now, then)
    )


def unchanged(x: Any, copy: np.ndarray[Any, Any]) -> bool:
    """Whether an array of anything but real numbers, or of pandas, holds what it held."""
    array = x if isinstance(x, np.ndarray) else np.asarray(x)
    if array.dtype != copy.dtype or array.shape != copy.shape:
        return False
    return alike(array.flat, list(copy.flat)) if array.dtype == object else array.tobytes() == copy.tobytes()


def leaf_conditions(trace: Trace, node: Node, text: str, writer: Writer) -> list[str]:
    """What must be as it was of a leaf besides its numbers."""
    conditions = [f"{text}._requires_grad is {node._requires_grad}", f"{text}.hooks is {writer.bind(node.hooks)}"]
    if node in trace.asked and isinstance(node, Tensor):
        conditions.append(f"({text}._grad is {'not ' if trace.asked[node] else ''}None)")
    return conditions
