"""Building a program: each call on stand-ins becomes an operation."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays import PYTHON_NUMBERS, StandIn, is_plain
from ..inspecting import name_of
from ..operators import Operand
from ..table import Function
from .program import HOLDS, Op, Phase, mapped
from .refusal import TraceError, refuse
from .traced import Traced

NUMBERS = (np.ndarray, np.generic, float, int)


class Builder:
    """A list of operations that grows with every call on a stand-in."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.constants: dict[Any, Op] = {}
        self.kinds: dict[Any, Any] = {}
        self.zeros = np.zeros(0, np.uint8)  # the memory of all of them
        self.open = True
        self.scope: tuple[str, ...] = ()

    @property
    def phase(self) -> Phase:
        """Which part of the program is being written."""
        return "forward"

    def fix(self, op: Op) -> bool:
        """Make the program one for the number that an operation has in this run alone, if that can be looked after."""
        return False

    def call(
        self,
        fun: Function,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any] | None = None,
        compute: Function | None = None,
        repeated: bool = False,
        known: Any = None,
    ) -> Any:
        """Run `fun` on the numbers of this run, by `compute` if that is another function, and write the call down.

        If the result is known, nothing is run.
        """
        if not self.open:
            raise TraceError("its trace is over: what a compiled function is to hand on, it returns")
        value = known
        if known is None:
            values, given = self.values(args), self.values(kwargs) if kwargs else {}
            try:
                value = (compute or fun)(*values, **given)
            except ArithmeticError:  # floats raise where NumPy answers inf, which a sweep goes on with
                if self.phase != "backward":
                    raise
                value = float(fun(*map(np.float64, values)))
            if isinstance(value, StandIn) and value.takes_over:  # one of the operands stands for many examples
                above: Any = next(x for x in args if getattr(x, "takes_over", False))
                return above._apply(fun, *args, **kwargs or {})
        return self.record(fun, self.ops_of(args), self.ops_of(kwargs) if kwargs else None, value, repeated)

    def record(
        self, fun: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None, value: Any, repeated: bool = False
    ) -> Any:
        """Write a call of `fun` on operations down, whose result was `value`."""
        op = Op(fun, args, kwargs, self.kind(value), phase=self.phase, repeated=repeated)
        op.scope = self.scope
        if isinstance(value, NUMBERS):
            self.ops.append(op)
            return Traced(self, op, value)
        if isinstance(value, (tuple, list)):
            self.ops.append(op)
            parts = [self.call(item, (Traced(self, op, value), i)) for i in range(len(value))]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        if not repeated:
            kind = "nothing" if value is None else f"a {type(value).__name__}"
            refuse(f"{name_of(fun)}, which answers with {kind},", "call it on what the compiled function returns")
        self.ops.append(op)
        return value

    def kind(self, value: Any) -> Any:
        """Something of the same shapes and dtypes, which takes no memory of its own."""
        if type(value) is np.ndarray and not value.dtype.hasobject:
            key = value.shape, value.dtype
            if key not in self.kinds:
                if value.nbytes > self.zeros.nbytes:
                    self.zeros = np.zeros(value.nbytes, np.uint8)
                self.kinds[key] = np.ndarray(*key, self.zeros)
            return self.kinds[key]
        return mapped(value, self.kind) if HOLDS[type(value)] else value

    def apply(self, fun: Function, *args: Any, **kwargs: Any) -> Any:
        """Compute `fun(*args, **kwargs)` and write the call down."""
        return self.call(fun, args, kwargs)

    def operate(self, on_numbers: Function, on_arrays: np.ufunc, *operands: Any) -> Any:
        """A Python operator: of numbers of Python's it makes one, which takes the dtype of arrays that it meets."""
        kinds = tuple([type(x.op.value if type(x) is Traced else x) for x in operands])
        is_ours, of_python = answered(kinds)
        if not is_ours:
            return NotImplemented
        if of_python:
            if on_numbers is operator.pow and self.phase != "backward":  # of a negative float it may be complex
                return self.call(operator.pow, operands)
            return self.call(on_arrays, operands, compute=on_numbers)
        return self.call(on_arrays, operands[: on_arrays.nin])

    def values(self, tree: Any) -> Any:
        """`tree` with the numbers of this run for the stand-ins."""
        if type(tree) is not tuple:
            return mapped(tree, number_of)
        return tuple([
            x.numbers if type(x) is Traced else mapped(x, number_of) if HOLDS[type(x)] else x for x in tree
        ])  # fmt: skip

    def ops_of(self, tree: Any) -> Any:
        """`tree` with operations for the stand-ins, and constants for the arrays."""
        if type(tree) is not tuple:
            return mapped(tree, self.op_of)
        return tuple([
            (x.op if type(x) is Traced and x.trace is self else self.op_of(x)) if not HOLDS[type(x)]
            else mapped(x, self.op_of)
            for x in tree
        ])  # fmt: skip

    def stand_in(self, x: Any) -> Any:
        """A stand-in for an operation; a constant, and anything else, as it is."""
        return x if not isinstance(x, Op) else x.value if x.is_constant else Traced(self, x)

    def op_of(self, x: Any) -> Any:
        """The operation of a stand-in, the constant of an array; anything else as it is."""
        if type(x) is Traced:
            if x.trace is not self:
                raise TraceError("its trace is over: what a compiled function is to hand on, it returns")
            return x.op
        if isinstance(x, np.ndarray) and x.dtype.kind in "fiub":
            kind: Any = type(x)
            if not is_plain(kind):
                refuse(f"a {kind.__name__}, which computes by rules of its own,", "pass a plain array")
            return self.constant(x)
        return x

    def constant(self, x: Any) -> Op:
        """The operation that stands for an array which is there already."""
        if id(x) not in self.constants:
            self.constants[id(x)] = Op(None, value=x)
        return self.constants[id(x)]


def number_of(x: Any) -> Any:
    """What a stand-in stands for in this run; anything else as it is."""
    return x.numbers if type(x) is Traced else x


@functools.cache
def answered(kinds: tuple[type, ...]) -> tuple[bool, bool]:
    """Whether a stand-in answers an operator between objects of these types, not a node or what is mapped; and whether
    it does so as a number of Python's.
    """
    others = [kind for kind in kinds if issubclass(kind, Operand) or getattr(kind, "takes_over", False)]
    return not others, PYTHON_NUMBERS.issuperset(kinds)


def item(parts: Sequence[Any], i: int) -> Any:
    """One of several results of a call."""
    return parts[i]
