"""Where the numbers of a native program lie, and the lines that read and write them.

A single number has a name, and so has each number of a tiny array that is read at fixed places alone. Other results lie
in scratch arrays, one for each dtype. A view is computed where it is used, and so is an elementwise result that is used
once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..inspecting import name_of
from ..rules.dtypes import cast
from . import indices
from .indices import flat_index
from .loops import RISKY, TINY, size
from .machine import NotNative
from .printer import Names, written
from .program import FLOAT64, Op


class Places:
    """The lines in the making, and where each result is."""

    def __init__(self, names: Names, inputs: Collection[Op], fixed: set[Op], held: Collection[int]) -> None:
        self.names = names
        self.fixed = fixed  # what is read at fixed places alone
        self.held = held  # constant arrays that somebody else may change
        self.text: dict[Op, str] = {}  # the names of numbers and of arrays
        self.arrays = {op for op in inputs if isinstance(op.value, np.ndarray)}  # those that are arrays in the source
        self.captured: dict[str, Op] = {}  # arrays that are there before, by name: they may change, and are read anew
        self.elements: dict[Op, list[str]] = {}  # the names of the numbers of tiny arrays
        self.offset: dict[Op, tuple[str, int]] = {}  # the scratch array, and where in it
        self.size: Counter[str] = Counter()  # of the scratch array of each dtype
        self.inline: set[Op] = set()
        self.alias: dict[Op, tuple[Op, list[str]]] = {}  # what in a loop is an array outside, or an element of it
        self.counters: dict[Op, indices.Counter] = {}
        self.known_numbers: set[Op] = set()  # lists of literal numbers, and what in a loop is one of these
        self.taken: dict[Op, Op] = {}  # in a loop, for what takes the place of another one, that
        self.copies: dict[Op, Op] = {}  # of what is carried on, those that are needed after it is another number
        self.lists: dict[Any, Op] = {}  # for a loop and one of its outputs the list that it fills
        self.lines: list[str] = []
        self.depth = 1
        self.count = 0
        self.unusual = ""  # the line that leaves numbers to NumPy
        self.happened = False  # whether anything has changed that NumPy would change again

    def formula(self, op: Op, index: list[str]) -> str:
        """The number of a result at an index, as an expression."""
        raise NotImplementedError

    # --- lines ----------------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        """A line inside of the present loops."""
        self.lines.append("    " * (self.depth - 1) + text)

    def fresh(self, letter: str) -> str:
        """A name for a counter or a number."""
        self.count += 1
        return self.names.fresh(f"{letter}{self.count - 1}")

    def nest(self, sizes: Sequence[int]) -> list[str]:
        """Open loops; returns their indices."""
        found = []
        for n in sizes:
            found.append("0" if n == 1 else self.fresh("i"))
            if n != 1:
                self.line(f"for {found[-1]} in range({n}):")
                self.depth += 1
        return found

    def each(self, sizes: Sequence[int], fixed: bool) -> Iterator[list[str]]:
        """The indices of an array: written out if they are fixed, else of loops that are closed in the end."""
        depth = self.depth
        if fixed:
            yield from ([str(i) for i in index] for index in np.ndindex(*sizes))
        else:
            yield self.nest(sizes)
        self.depth = depth

    def lanes(self, acc: str, zero: str, sizes: Sequence[int]) -> Iterator[tuple[str, list[str]]]:
        """The totals of a long sum and the indices of what is added to each: four are on their way at a time, as none
        can be added to before it is there.
        """
        others, depth, n = [self.bind(zero) for _ in range(3)], self.depth, sizes[-1]
        above = self.nest(sizes[:-1])
        for first, last, step in ((0, n - n % 4, 4), (n - n % 4, n, 1))[: 1 + (n % 4 > 0)]:
            self.depth = depth + sum(size != 1 for size in sizes[:-1])
            i = self.fresh("i")
            self.line(f"for {i} in range({first}, {last}, {step}):")
            self.depth += 1
            for k, total in enumerate((acc, *others)[:step]):
                yield total, [*above, self.bind(f"{i} + {k}") if k else i]
        self.depth = depth
        self.line(f"{acc} += {' + '.join(others)}")

    def bind(self, text: str) -> str:
        """A number as a name."""
        name = self.fresh("v")
        self.line(f"{name} = {text}")
        return name

    def named(self, text: str) -> str:
        """A number as a name, if it is none."""
        return text if text.isidentifier() else self.bind(text)

    # --- places ---------------------------------------------------------------------------------------------------

    def place(self, op: Op) -> None:
        """Give a result its place."""
        if op in self.taken:
            self.offset[op] = self.offset[self.taken[op]]
        elif op.shape == ():
            self.text[op] = self.names.numbered("t")
        elif op in self.fixed:
            name = self.names.numbered("t")
            self.elements[op] = [self.names.fresh(f"{name}_{k}") for k in range(size(op))]
        else:
            kind = f"s_{op.dtype}"
            self.offset[op] = (kind, self.size[kind])
            self.size[kind] += size(op)

    def is_fixed(self, op: Op) -> bool:
        """Whether an array is always the same."""
        return op.is_constant and id(op.value) not in self.held

    def has_place(self, op: Op, x: Op) -> bool:
        """Whether two results lie at one place."""
        return op in self.offset and self.offset[op] == self.offset.get(x)

    def stand_for(self, x: Op, array: Op, before: list[str]) -> None:
        """Let something in a loop be an array outside, or an element of it; a number gets a name."""
        if array in self.known_numbers:
            self.known_numbers.add(x)
        if array in self.counters:
            self.counters[x] = self.counters[array]
        elif x.shape == ():
            self.text[x] = self.named(self.read(array, before))
        else:
            self.alias[x] = array, before

    def read(self, op: Op, index: list[str]) -> str:
        """The number at an index: a name, or where it lies in memory."""
        if op in self.counters:
            return self.counters[op].text
        if op in self.alias:
            array, before = self.alias[op]
            return self.read(array, [*before, *index])
        if op in self.inline:
            return self.named(self.formula(op, index))
        if op in self.elements:
            return self.elements[op][int(flat_index(index, op.shape, 0))]
        if op in self.offset:
            return self.in_scratch(op, index, op.shape)
        if self.is_fixed(op) and op.shape and np.array_equal(op.value, np.arange(op.shape[0])):
            return index[0]
        name = self.name(op)
        return f"{name}[{', '.join(index) or '()'}]" if op in self.arrays else name

    def in_scratch(self, op: Op, index: Sequence[str], shape: Sequence[int]) -> str:
        """The number of a result in a scratch array, at an index for this shape, which holds as many."""
        kind, offset = self.offset[op]
        return f"{kind}[{flat_index(index, shape, offset)}]"

    def name(self, op: Op) -> str:
        """What an operation is called in Python."""
        if op not in self.text:
            if op.is_array:
                self.text[op] = self.names.bind(op.value, "c")
                self.captured[self.text[op]] = op  # several operations may hold one array
                self.arrays.update([op] if isinstance(op.value, np.ndarray) else [])
            else:
                self.text[op] = written(op.value, self.name, self.names).replace("np.", "math.")
        return self.text[op]

    def store(self, op: Op, index: list[str], text: str) -> None:
        """Put a number at its place."""
        if not op.is_array and op.fun in RISKY and op.phase != "backward":
            text = self.bind(text)
            self.leave_unless(f"math.isfinite({text})", f"{name_of(op.fun)} of a number may raise")
        self.line(f"{self.read(op, index)} = {text}")

    def leave_unless(self, text: str, why: str) -> None:
        """Leave these numbers to NumPy unless something is true. Raises NotNative if something has happened already."""
        if self.happened:
            raise NotNative(f"{why} when something has happened already")
        self.line(f"if not {text}:")
        self.line(f"    {self.unusual}")

    def copy(self, op: Op, index: Sequence[str], x: Op) -> None:
        """Put an array at its place, or as an element at an index there."""
        for place in self.each(x.shape, size(x) <= TINY):
            self.store(op, [*index, *place], self.read(x, place))

    # --- numbers --------------------------------------------------------------------------------------------------

    def operand(self, x: Any, op: Op, index: list[str]) -> str:
        """A number that goes into an operation; what is no array's takes the dtype in which NumPy computes with it."""
        is_op = isinstance(x, Op)
        value, text = (x.value, self.read(x, index)) if is_op else (x, self.literal(x))
        text = f"({text})" if text.startswith("-") else text  # -2.0 ** x is -(2.0 ** x)
        if not op.is_array or (is_op and isinstance(value, (np.ndarray, np.generic))):
            return text
        arrays = [y.dtype for y in op.operands if y.is_array]
        kind = np.result_type(*arrays, value) if arrays else op.dtype
        if kind.kind != "f":
            return f"np.{x.dtype}({text})" if isinstance(x, np.generic) else text
        return text if kind == FLOAT64 and type(value) is float else f"np.{kind}({text})"

    def literal(self, x: Any) -> str:
        """A number of the program's text."""
        return written(x.item() if isinstance(x, np.generic) else x, self.name, self.names).replace("np.", "math.")

    def typed(self, text: str, op: Op, operands: Iterable[Op] = ()) -> str:
        """An expression as a number of the dtype of the result; of operands of that dtype it may be one already."""
        kind = op.dtype.kind
        if not op.is_array or (op.dtype == FLOAT64 and operands and all(x.dtype == FLOAT64 for x in operands)):
            return text
        if kind == "f" or (kind == "i" and op.fun is cast):  # the fraction goes, also where it is not stored
            return f"np.{op.dtype}({text})"
        return f"np.bool_({text})" if kind == "b" and text[:1] not in "-0123456789" else text
