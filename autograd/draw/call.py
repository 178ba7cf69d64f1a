"""What a function computes from numbers and arrays, as a graph: `draw(function, *args)`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..debug import Doors
from ..node import Node, next_index
from ..recording import enable_grad, recording, watched
from ..tensor import Tensor
from ..trees import leaves, rebuild
from ..value import Value

NUMBERS = (int, float, np.integer, np.floating)


def called(function: Callable[..., Any], args: tuple[Any, ...]) -> Node:
    """The result of a function of nodes: its arguments, with the names that they have in the function.

    Numbers become Values, or Tensors if there are arrays; so do numbers and arrays in lists, tuples and dicts. Nodes,
    arrays of integers and whatever else is given stay what they are. A result without a name gets the function's.
    """
    name = getattr(function, "__name__", type(function).__name__)
    names = names_of(function, name, args)
    everything = [leaf for arg in args for leaf in leaves(arg)]
    kind = Tensor if any(isinstance(leaf, (np.ndarray, Tensor)) for leaf in everything) else Value
    start = next_index()
    with enable_grad(), watched(recording.get().watch or Doors()):
        result = function(*(rebuild(arg, nodes_of(arg, called, kind)) for arg, called in zip(args, names)))
    if not isinstance(result, Node):
        inside = any(isinstance(leaf, Node) for leaf in leaves(result))
        raise TypeError(
            f"{name} gave a {type(result).__name__}, and draw takes one Value or Tensor"
            + (f": draw one of what is in it, as draw({name}({', '.join(names)})[0])" if inside else "")
        )
    if result.name is None and result.fun is not None and result.index >= start and name.isidentifier():
        result.name = name
    return result


def names_of(function: Callable[..., Any], name: str, args: tuple[Any, ...]) -> list[str]:
    """The names of the arguments in the function; a, b, ... where it does not say. TypeError if it takes others."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # one that is written in C
        count = getattr(function, "nin", len(args) or 1)
        if len(args) != count:
            raise TypeError(f"draw({name}, ...) takes the arguments of {name}, {count}, and not {len(args)}") from None
        return list("abcdefgh"[: len(args)]) if len(args) > 1 else ["x"]
    try:
        bound = signature.bind(*args).arguments
    except TypeError as error:
        plain = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
        raise TypeError(
            f"draw({name}, ...) calls {name}{inspect.Signature(plain)} with what follows: {error}. "
            f"What has been computed is drawn as draw({name}(...))"
        ) from None
    names = []
    for parameter, value in bound.items():
        several = signature.parameters[parameter].kind is inspect.Parameter.VAR_POSITIONAL
        names += [f"{parameter}[{i}]" for i in range(len(value))] if several else [parameter]
    return names


def nodes_of(tree: Any, name: str, kind: type[Tensor] | type[Value]) -> Iterator[Any]:
    """The leaves of an argument, numbers as nodes that have its name and their place in it."""
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from nodes_of(branch, f"{name}[{key!r}]", kind)
    elif isinstance(tree, (list, tuple)):
        for i, branch in enumerate(tree):
            yield from nodes_of(branch, f"{name}[{i}]", kind)
    elif isinstance(tree, NUMBERS) and not isinstance(tree, (bool, np.bool_)):
        yield Value(tree, name) if kind is Value else Tensor(tree, True, name=name)
    elif isinstance(tree, np.ndarray) and tree.dtype.kind == "f":
        yield Tensor(tree, True, name=name)
    else:
        yield tree
