"""NumPy's functions, where a list may hold nodes. NumPy asks what is in a list only where it takes several arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy

from ..arrays import floating_dtype
from ..operators import Operand
from ..rules.dtypes import cast
from ..rules.structure import moved
from ..trees import leaves

# What takes several arrays in a list, each of which may be a list itself.
OF_SEVERAL = frozenset({
    "choose", "column_stack", "concat", "concatenate", "dstack", "hstack", "multi_dot", "row_stack", "select",
    "stack", "vstack",
})  # fmt: skip


def holds_nodes(x: Any) -> bool:
    """Whether `x` is a list or a tuple with nodes in it."""
    return isinstance(x, (list, tuple)) and any(isinstance(leaf, Operand) for leaf in leaves(x))


def refuse(name: str, kwargs: dict[str, Any]) -> None:
    """Refuse what a constructor cannot do for nodes."""
    unknown = ", ".join(f"{keyword}=" for keyword in kwargs if keyword != "copy")
    if unknown:
        raise TypeError(f"{name} of nodes takes dtype= alone, not {unknown}")


def array(object: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """np.array; lists and tuples that hold nodes are stacked."""
    if not isinstance(object, Operand) and not holds_nodes(object):
        return numpy.array(object, dtype, **kwargs)
    refuse("np.array", kwargs)
    made: Any = +object if isinstance(object, Operand) else numpy.stack([array(item) for item in object])
    return made if dtype is None else cast(made, floating_dtype(dtype))


def asarray(a: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """np.asarray; lists and tuples that hold nodes are stacked."""
    return array(a, dtype, **kwargs) if isinstance(a, Operand) or holds_nodes(a) else numpy.asarray(a, dtype, **kwargs)


def full(shape: Any, fill_value: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """np.full, also of a node."""
    if isinstance(fill_value, Operand) or holds_nodes(fill_value):
        refuse("np.full", kwargs)
        return numpy.broadcast_to(array(fill_value, dtype), shape)
    return numpy.full(shape, fill_value, dtype, **kwargs)


class Joined:
    """np.r_ or np.c_, whose pieces may be nodes."""

    def __init__(self, join: Any) -> None:
        self.join = join

    def __getitem__(self, pieces: Any) -> Any:
        given = pieces if isinstance(pieces, tuple) else (pieces,)
        if not any(isinstance(piece, Operand) or holds_nodes(piece) for piece in given):
            return self.join[pieces]
        words = tuple(piece for piece in given if isinstance(piece, str))  # NumPy lets them stand in front alone
        arrays = [numpy.r_[piece] if isinstance(piece, slice) else array(piece) for piece in given[len(words) :]]
        return moved(lambda positions: self.join[(*words, *positions)], arrays)


r_ = Joined(numpy.r_)
c_ = Joined(numpy.c_)


def where(condition: Any, *args: Any, **kwargs: Any) -> Any:
    """np.where, also with x= and y=; of numbers and lists of Python's it gives such again, as there."""
    x_and_y = [*args, *(kwargs.pop(name) for name in ("x", "y")[len(args) :] if name in kwargs)]
    if kwargs or len(x_and_y) not in (0, 2):
        raise TypeError("np.where takes a condition, and neither or both of x and y")
    arrays = [array(x) if holds_nodes(x) else x for x in (condition, *x_and_y)]
    found: Any = numpy.where(*arrays)
    plain = x_and_y and not any(hasattr(leaf, "dtype") or isinstance(leaf, Operand) for leaf in leaves(arrays))
    return found.tolist() if plain else found


def make_diagonal(D: Any, offset: int = 0, axis1: int = -1, axis2: int = -2) -> Any:
    """Matrices with the last axis of `D` on their diagonals."""
    if (offset, axis1, axis2) != (0, -1, -2):
        raise NotImplementedError("make_diagonal takes offset=0, axis1=-1, axis2=-2 alone")
    return D[..., None] * numpy.eye(numpy.shape(D)[-1])


def lists_of_nodes(fun: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy that takes lists with nodes where it takes arrays."""
    several = fun.__name__ in OF_SEVERAL

    def as_arrays(x: Any) -> Any:
        if not holds_nodes(x):
            return x
        return [array(item) if holds_nodes(item) else item for item in x] if several else array(x)

    @functools.wraps(fun)
    def call(*args: Any, **kwargs: Any) -> Any:
        return fun(*map(as_arrays, args), **{name: as_arrays(x) for name, x in kwargs.items()})

    call.of_numpy = fun  # type: ignore[attr-defined]
    return call


def served(module: ModuleType) -> Callable[[str], Any]:
    """What looks up the names of a module of NumPy for one of ours."""

    @functools.cache
    def look_up(name: str) -> Any:
        found = getattr(module, name)
        is_function = callable(found) and not isinstance(found, (type, numpy.ufunc, ModuleType))
        if found is numpy.block:  # its lists are layout, and NumPy asks what is in them
            return found
        return lists_of_nodes(found) if is_function and hasattr(found, "__name__") else found

    return look_up
