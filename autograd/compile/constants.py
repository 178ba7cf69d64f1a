"""Which constant arrays of a program can never change: those that nothing else refers to."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from .program import Op, Program


class Holder:
    """Something that holds an array in a slot, as a node or an operation does."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def references(holder: Any, attribute: str) -> int:
    """sys.getrefcount of the array that a slot holds, with the references that asking makes."""
    array = getattr(holder, attribute)
    return sys.getrefcount(array)


ALONE = references(Holder(np.zeros(1)), "value")


def is_fixed(constant: Op) -> bool:
    """Whether the array of a constant, and the array that it may be a view of, are its own."""
    holder, attribute = constant, "value"
    while isinstance(getattr(holder, attribute), np.ndarray):
        if references(holder, attribute) > ALONE:
            return False
        holder, attribute = getattr(holder, attribute), "base"
    return getattr(holder, attribute) is None


def changeable(program: Program) -> dict[int, Op]:
    """The constant arrays of a program without loops that somebody else may change, by their ids."""
    constants = {x for op in program.ops for x in op.operands if x.fun is None and x.place is None}
    return {id(x.value): x for x in constants if isinstance(x.value, np.ndarray) and not is_fixed(x)}
