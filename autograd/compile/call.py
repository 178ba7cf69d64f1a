"""One compiled call: does the program fit, what does it read, what does it write."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import Context, copy_context
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..node import Node
from ..recording import recording
from ..run import level
from ..tensor import Tensor
from ..trees import leaves
from ..value import Value
from .constants import ALONE
from .emit import Kernel
from .program import Argument, Entry, Place, Returned, Slot
from .trace import Trace


class Writer:
    """Lines of Python that refer to objects by names of their own."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {
            "np": np, "getrefcount": sys.getrefcount, "ALONE": ALONE, "recording": recording,
            "Tensor": Tensor, "Value": Value, "level": level,
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
        """The test whether what `text` says is still `x`."""
        if type(x) in (int, float, str, bytes):
            return f"({text} is {self.bind(x)} or {text} == {self.bind(x)})"
        return f"{text} is {self.bind(x)}"

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
            return f"{self.bind(place.mapping)}[{place.key!r}]"
        holder = self.place(place.node) if isinstance(place.node, Argument) else self.bind(place.node)
        return f"{holder}.{place.attribute}"


LIBRARIES = {"autograd", "nn", "numpy"}  # nothing of theirs changes


def is_read(x: Any) -> bool:
    """Whether an argument is read anew in each call; programs are made for the others as they are."""
    return isinstance(x, (np.ndarray, np.generic, float, Node)) and not (isinstance(x, Node) and not x.is_leaf)


def guard(f: Callable[..., Any], trace: Trace, args: Sequence[Any], names: Sequence[Any]) -> Callable[..., bool]:
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
            kind, dtype = writer.bind(type(x)), writer.bind(x.dtype)
            conditions += [f"type({arg}) is {kind}", f"{arg}.shape == {x.shape}", f"{arg}.dtype == {dtype}"]
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
    for mapping, known in trace.switches.values():
        name = writer.bind(mapping)
        conditions.append(f"len({name}) == {len(mapping)}")
        conditions += [writer.equals(f"{name}[{key!r}]", value) for key, value in known.items()]
    conditions += surroundings(f, writer)
    writer.lines += ["try:", f"    return {' and '.join(conditions)}", "except KeyError:", "    return False"]
    return writer.function("fits", "args, names")


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


def surroundings(f: Callable[..., Any], writer: Writer) -> list[str]:
    """That the names which `f`, and functions that it refers to, use still stand for what they stood for."""
    return [
        writer.equals(f"{writer.bind(holder)}{access}", value)
        for function in within(f)
        for holder, access, value in names_of(function)
    ]


def within(f: Callable[..., Any]) -> list[Callable[..., Any]]:
    """`f`, what it wraps, and the functions under the names that these use, but for those of libraries."""
    found: list[Callable[..., Any]] = []
    waiting: list[Any] = [f]
    while waiting:
        function = waiting.pop()
        function = getattr(function, "__func__", function)  # of a method
        is_function = isinstance(function, FunctionType) or hasattr(function, "__wrapped__")
        if is_function and not any(function is known for known in found):
            found.append(function)
            waiting += [value for _, _, value in names_of(function)]
            waiting.append(getattr(function, "__wrapped__", None))
    return found


def names_of(f: Any) -> list[tuple[Any, str, Any]]:
    """What a function of the user's refers to: where it is held, how Python gets it from there, and what it is."""
    code = getattr(f, "__code__", None)
    if code is None or f.__globals__.get("__name__", "").partition(".")[0] in LIBRARIES:
        return []
    found = []
    for cell in f.__closure__ or ():
        with suppress(ValueError):  # a name that has no value yet
            found.append((cell, ".cell_contents", cell.cell_contents))
    for name in code.co_names:
        value = f.__globals__.get(name)
        if value is not None and not isinstance(value, (ModuleType, type)):
            found.append((f.__globals__, f"[{name!r}]", value))
    return found


def leaf_conditions(trace: Trace, node: Node, text: str, writer: Writer) -> list[str]:
    """What must be as it was of a leaf besides its numbers."""
    conditions = [f"{text}._requires_grad is {node._requires_grad}", f"{text}.hooks is {writer.bind(node.hooks)}"]
    if node in trace.asked and isinstance(node, Tensor):
        conditions.append(f"({text}._grad is {'not ' if trace.asked[node] else ''}None)")
    return conditions


CONTEXTS: list[Context] = []  # those that no call is using; entering one costs less than np.errstate


def silent() -> Context:
    """A context in which NumPy raises no warnings about inf and NaN, as in a sweep."""
    context = copy_context()
    context.run(np.seterr, all="ignore")
    return context


def noted(error: BaseException, run: Callable[..., Any], begin: int) -> None:
    """Say so in the error if it came after the line `begin`, when something may have been written already."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is run.__code__ and trace.tb_lineno >= begin:
            error.add_note("the compiled program was writing: some parameters or gradients are new, others are not")
        trace = trace.tb_next


def runner(kernel: Kernel, run: Callable[..., Any]) -> Callable[[Sequence[Any]], Any]:
    """The function of the flat list of arguments that reads, runs `run`, writes, and answers."""
    writer = Writer()
    writer.namespace["run"] = run
    names = {op: f"x{i}" for i, op in enumerate(kernel.inputs)}
    results = {op: f"y{i}" for i, op in enumerate(kernel.outputs)}
    for op, name in names.items():
        assert op.place is not None
        writer.lines.append(f"{name} = {writer.place(op.place)}")
        if op in kernel.in_place:  # somebody else may hold the array: a graph, the user
            writer.lines += [
                f"if getrefcount({name}) > ALONE or {name}.base is not None or not {name}.flags.writeable:",
                f"    {name} = {writer.place(op.place)} = np.array({name})",
            ]
            if isinstance(op.place, Slot):
                writer.lines.append(f"    {writer.place(op.place).removesuffix('_raw')}_lent = False")
    for op, slot in kernel.spares.items():
        kept = writer.bind([np.empty(op.shape, op.dtype)])
        name, new = results[op], f"np.empty({op.shape}, {writer.bind(op.dtype)})"
        writer.lines.append(f"{name} = {kept}[0]")
        writer.lines += [
            f"if getrefcount({name}) > ALONE + ({writer.place(slot)} is {name}):",
            f"    {name} = {kept}[0] = {new}",
        ]
    taken = "".join(f"{name}, " for name in results.values())
    given = ", ".join([*names.values(), *(results[op] for op in kernel.spares)])
    if kernel.loops:  # in which inf and NaN raise no warning anyway
        writer.lines.append(f"{f'{taken}= ' if taken else ''}run({given})")
    else:
        writer.namespace |= {"contexts": CONTEXTS, "silent": silent, "noted": noted, "begin": kernel.begin}
        writer.lines += [
            "context = contexts.pop() if contexts else silent()",
            "try:",
            f"    {f'{taken}= ' if taken else ''}context.run(run, {given})",
            "except BaseException as error:",
            "    noted(error, run, begin)",
            "    raise",
            "finally:",
            "    contexts.append(context)",
        ]

    results |= {op: names[old] for old, op in kernel.in_place.items()}
    unshared = set(kernel.private)

    def text_of(x: Any, in_slot: bool = False) -> str:
        if not isinstance(x, Returned):
            return writer.bind(x)
        text = results[x.op]
        if x.op not in unshared:
            text = f"np.array({text})"
        elif isinstance(x.op.value, np.ndarray):
            unshared.remove(x.op)  # whoever gets it first has it alone
        elif in_slot and x.op.is_array and x.op.shape == () and x.kind is None:
            text = f"np.asarray({text})"
        if x.kind is Tensor:
            return f"Tensor._make({text}, False)"
        return f"Value({text})" if x.kind is Value else text

    over = set(kernel.in_place.values())
    for place, tree in kernel.program.writes:
        if isinstance(tree, Returned) and tree.op in over:
            continue
        target = writer.place(place)
        writer.lines.append(f"{target} = {text_of(tree, isinstance(place, Slot))}")
        if isinstance(place, Slot) and place.attribute == "_raw":
            writer.lines.append(f"{target.removesuffix('_raw')}_lent = False")
    writer.lines.append(f"return {tree_text(kernel.program.result, text_of)}")
    return writer.function("call", "args")


def tree_text(tree: Any, text_of: Callable[[Any], str]) -> str:
    """A tree of lists, tuples and dicts as Python writes it."""
    if type(tree) is tuple:
        return f"({''.join(tree_text(x, text_of) + ', ' for x in tree)})"
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return f"{text_of(type(tree))}({', '.join(tree_text(x, text_of) for x in tree)})"
    if type(tree) is list:
        return f"[{', '.join(tree_text(x, text_of) for x in tree)}]"
    if type(tree) is dict:
        return f"{{{', '.join(f'{text_of(key)}: {tree_text(x, text_of)}' for key, x in tree.items())}}}"
    return text_of(tree)


def argument_names(f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[str]:
    """A name for every leaf of the arguments: that of the parameter, with a number if it got several."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names: list[str] = []
    for i, arg in enumerate([*args, *kwargs.values()]):
        name = "x"
        if i >= len(args):
            name = list(kwargs)[i - len(args)]
        elif parameters:
            name = parameters[min(i, len(parameters) - 1)].name
        is_tree = isinstance(arg, (list, tuple, dict))
        names += [f"{name}{k}" for k in range(len(leaves(arg)))] if is_tree else [name]
    return names
