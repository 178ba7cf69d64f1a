"""One compiled call: what it reads, runs and writes. Whether a program fits it says `guard`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context, copy_context
from typing import Any

import numpy as np

from ..node import Node
from ..tensor import Tensor
from ..trees import leaves
from ..value import Value
from .emit import Kernel
from .guard import Writer
from .machine import Unusual
from .program import Argument, Computed, Returned, Slot
from .refusal import TraceError


def is_read(x: Any) -> bool:
    """Whether an argument is read anew in each call; programs are made for the others as they are."""
    return isinstance(x, (np.ndarray, np.generic, float, Node)) and not (isinstance(x, Node) and not x.is_leaf)


CONTEXTS: list[Context] = []  # those that no call is using; entering one costs less than np.errstate


def silent() -> Context:
    """A context in which NumPy raises no warnings about inf and NaN, as in a sweep."""
    context = copy_context()
    context.run(np.seterr, all="ignore")
    return context


def quietly(run: Callable[..., Any], begin: int, *inputs: Any) -> Any:
    """Run a program without warnings. An error says so if it came after the line `begin`."""
    try:
        context = CONTEXTS.pop()
    except IndexError:
        context = silent()
    try:
        return context.run(run, *inputs)
    except BaseException as error:
        noted(error, run, begin)
        raise
    finally:
        CONTEXTS.append(context)


def noted(error: BaseException, run: Callable[..., Any], begin: int) -> None:
    """Say so in the error if it came after the line `begin`, when something may have been written already."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is run.__code__ and trace.tb_lineno >= begin:
            error.add_note("the compiled program was writing: some parameters or gradients are new, others are not")
        trace = trace.tb_next


def runner(kernel: Kernel, run: Callable[..., Any], used: Sequence[Argument | Node]) -> Callable[[Sequence[Any]], Any]:
    """The function of the flat list of arguments that reads, runs `run`, writes, and answers.

    `used` is where the leaves are that results may depend on.
    """
    writer = Writer()
    writer.namespace |= {"run": run, "computed": computed, "Unusual": Unusual}
    names = {op: f"x{i}" for i, op in enumerate(kernel.inputs)}
    results = {op: f"y{i}" for i, op in enumerate(kernel.outputs)}
    for op, name in names.items():
        assert op.place is not None
        writer.lines.append(f"{name} = {writer.place(op.place)}")
        if kernel.loops and not isinstance(op.place, Argument) and getattr(op.place, "attribute", "") != "_raw":
            kinds = " and ".join(
                writer.kind(name, op.value)
            )  # loops read any array as if it were of the kind they know
            writer.lines += [f"if not ({kinds}):", "    raise Unusual"]
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
        writer.namespace |= {"quietly": quietly, "begin": kernel.begin}
        writer.lines.append(f"{f'{taken}= ' if taken else ''}quietly(run, begin, {given})")

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
        in_slot = isinstance(place, Slot) and isinstance(tree, Returned)
        writer.lines.append(f"{target} = {text_of(tree, True) if in_slot else tree_text(tree, text_of)}")
        if isinstance(place, Slot) and place.attribute == "_raw":
            writer.lines.append(f"{target.removesuffix('_raw')}_lent = False")
    answer = tree_text(kernel.program.result, text_of)
    if any("computed(" in line for line in (*writer.lines, answer)):
        leaves = "".join(f"{writer.place(x) if isinstance(x, Argument) else writer.bind(x)}, " for x in used)
        writer.lines.insert(0, f"leaves = ({leaves})")
    writer.lines.append(f"return {answer}")
    return writer.function("call", "args")


def compiled(*leaves: Any) -> Any:
    """What a node that a compiled program returned was computed by, from these leaves."""
    raise NotImplementedError


def refuse_backward(gradient: Any) -> Any:
    """The hook of such a node: no gradient goes further."""
    raise TraceError(
        "a gradient came to the result of a compiled function, which has no graph: differentiate inside of that "
        "function, or compile the function around it, which then has all of the graph in its program"
    )


def computed(node: Node, gradient: Any, is_leaf: bool, leaves: tuple[Node, ...]) -> Node:
    """A node that a program returns, which required a gradient and still does."""
    node._requires_grad, node._grad = True, gradient
    if not is_leaf:
        node.fun, node.hooks = compiled, (refuse_backward,)
        node.args, node.values = leaves, (None,) * len(leaves)
    return node


def tree_text(tree: Any, text_of: Callable[[Any], str]) -> str:
    """A tree of lists, tuples and dicts as Python writes it."""
    if isinstance(tree, Computed):
        number, gradient = tree_text(tree.number, text_of), tree_text(tree.gradient, text_of)
        return f"computed({number}, {gradient}, {tree.is_leaf}, leaves)"
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
