"""Calls with arrays that live elsewhere: their library computes, through NumPy's protocols, or is named as what cannot.

They are recorded as all others are. What a library does not have, or would have to look at numbers for that are not
computed yet, is refused: nothing here computes the numbers of a lazy array.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

import numpy as np

from .arrays import ELSEWHERE, Kind, StandIn, admit, copied, kind_of
from .dispatch import KINDS, asked_for, computes_with, operands
from .inspecting import name_of
from .node import NO_KWARGS, Node, private
from .primitives import ANYWHERE, BARE
from .recording import recording
from .rules.anywhere import NEEDS
from .rules.dtypes import widened
from .table import RULES, Function
from .trees import leaves

T = TypeVar("T", bound=Node)


def apply_elsewhere(tensor: type[T], fun: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    """The node of a call with an array that lives elsewhere: what `apply_to_arrays` does for NumPy's."""
    nodes = [isinstance(arg, tensor) for arg in args]
    for arg, is_node in zip(args, nodes):
        above = None if is_node else admit(arg)
        if above is not None and above is not ELSEWHERE:
            return above(fun, *args, **kwargs)
    now = recording.get()
    if now.watch is not None:
        now.watch.taken(args)
    values = [
        arg if not is_node else copied(arg._raw) if arg._lent is True else arg._raw for arg, is_node in zip(args, nodes)
    ]
    tracked = now.on and any(is_node and arg._requires_grad for arg, is_node in zip(args, nodes))
    if tracked:  # the caller may change his arrays, but not the graph's numbers
        rules = RULES[fun].each
        for i, is_node in enumerate(nodes):
            if not is_node:
                values[i] = private(values[i], as_array=not rules or rules[i] is not None)
        kwargs = {key: private(value) for key, value in kwargs.items()}
    data = by_library(fun, values, kwargs)
    if getattr(getattr(data, "dtype", None), "kind", None) != "f":
        kind = getattr(data, "dtype", type(data).__name__)
        raise TypeError(f"{name_of(fun)} gave {kind}; a Tensor holds arrays of real floating-point numbers")

    node = tensor.__new__(tensor)
    if tracked:
        for i, is_node in enumerate(nodes):
            if not is_node and hasattr(values[i], "dtype") and computes_with(fun, i):
                values[i] = widened(values[i], data)
        args = tuple(arg if is_node else value for arg, value, is_node in zip(args, values, nodes))
        node._fill(data, None, True, fun, args, tuple(values), kwargs or NO_KWARGS)
    else:
        node._fill(data, None, False)
    node._lent = ELSEWHERE
    if now.watch is not None:
        now.watch.made(node, fun, values)
    return node


def computed(fun: Function, args: Iterable[Any], kwargs: dict[str, Any]) -> Any:
    """`fun(*args, **kwargs)` of numbers and arrays, which may live elsewhere."""
    return by_library(fun, args, kwargs) if any(map(kind_of, args)) else fun(*args, **kwargs)


def by_library(fun: Function, args: Iterable[Any], kwargs: dict[str, Any]) -> Any:
    """`fun(*args, **kwargs)`, which the library of the first array that lives elsewhere computes; or the error that
    names both.
    """
    each = leaves((list(args), kwargs))
    kind = next(filter(None, map(kind_of, each)))
    if any(isinstance(x, StandIn) for x in each):
        raise TypeError(
            f"{name_of(fun)}: an array of {kind.library} is captured by a function that is compiled, and a program "
            "is of NumPy's alone: add up over blocks of rows, with autograd.sum_over_blocks"
        )
    if fun is operator.getitem and kind_of(each[0]) is None:
        raise TypeError(f"an array of NumPy cannot be indexed by one of {kind.library}, whose numbers it would need")
    needed = NEEDS.get(fun, fun)
    if (fun in NEEDS or fun not in ANYWHERE) and is_numpys(needed) and not kind.has(needed):
        raise TypeError(f"{asked_for(fun)} of {operands(each)}: {kind.library} lacks {name_of(needed)}{way_out(kind)}")
    rule = RULES.get(fun)
    if kind.lazy and rule is not None and rule.elementwise and (fun in BARE or not is_numpys(fun)):
        compute: Function = functools.partial(
            kind.each_block, BARE.get(fun, fun)
        )  # one call of its library, and not many
    else:
        compute = ANYWHERE.get(fun, fun)
    if not kind.lazy:  # a device takes numbers, and no arrays of NumPy's
        args = [x[()] if type(x) is np.ndarray and not x.ndim else x for x in args]
    try:
        return compute(*args, **kwargs)
    except Exception as error:
        complain(error, fun, each, kind)


def is_numpys(fun: Function) -> bool:
    """Whether it is a function of NumPy's, or a method of its ufuncs, and none of ours or of Python's."""
    return isinstance(getattr(fun, "__self__", fun), np.ufunc) or (fun.__module__ or "").startswith("numpy")


def complain(error: Exception, fun: Function, args: list[Any], kind: Kind) -> NoReturn:
    """Raise what a library said of a call, with the names of both."""
    name = asked_for(fun)
    if name in str(error) and kind.library in str(error):
        raise error
    known = next((known for known in KINDS if isinstance(error, known)), TypeError)
    raise known(f"{name} of {operands(args)}: {error} (says {kind.library}{way_in(kind, args)})") from error


def way_out(kind: Kind) -> str:
    """What to do about a function that a library lacks."""
    if kind.lazy:
        return ": write the loss with others, compute() what is small, or write it for one block of rows"
    return ""


def way_in(kind: Kind, args: Iterable[Any]) -> str:
    """What to do where the length of an array is not known, and where one of NumPy's should be on the device."""
    if not kind.lazy and any(type(x) is np.ndarray for x in args):
        return "; one of these arrays is NumPy's: put it where the others are, once"
    sizes = [n for x in args for n in getattr(x, "shape", ())]
    return "; compute_chunk_sizes() finds the lengths that are nan" if any(map(math.isnan, sizes)) else ""
