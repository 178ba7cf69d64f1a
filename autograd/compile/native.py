"""A small program as loops over numbers, for numba to compile: one native function without a single call of NumPy.

The shapes are known, so every loop has constant bounds, and what is tiny needs none. A loop of the program is a loop
here, too (`native_turns`). What must happen in Python (draws of generators, checks of arguments) happens before.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

from ..inspecting import name_of
from ..rules.dtypes import cast
from ..rules.elementwise import sumprod
from ..rules.reductions import check_range
from ..rules.structure import scatter, set_at, stack
from ..shapes import normal_axes
from .emit import Kernel, gradients, overwritten
from .indices import aligned, linear, reshaped, selected, sliced
from .loops import (
    FORMULAS,
    JOINS,
    PLACED,
    RISKY,
    STARTS,
    STEPS,
    TINY,
    at_fixed_places,
    check,
    is_basic,
    is_fixed_in,
    is_index,
    is_number_of_numbers,
    is_view,
    is_whole,
    items_of,
    row_steps,
    size,
)  # fmt: skip
from .machine import NotNative, Unusual, machine_code
from .memory import Memory
from .native_turns import plan_loop, write_loop
from .places import Places
from .printer import Names, call, identifier
from .program import Op, Program
from .repetition import Listed, Loop, listed, part
from .turns import all_ops

DONE, REFUSED, UNUSUAL, STRIDED = 0, 1, 2, 3  # what loops answer first
ZERO = {"f": "0.0", "i": "0", "b": "False"}
LONG = 32  # numbers of a sum from which on several totals take less time than one


class Loops(Places):
    """The source of the loops in the making."""

    def __init__(self, program: Program, name: str, held: Collection[int]) -> None:
        super().__init__(Names(), program.inputs, at_fixed_places(program), held)
        self.program = program
        self.function = self.names.fresh(identifier(name) or "program")
        self.loops = self.names.fresh(f"{self.function}_loops")
        self.over = overwritten(program, Memory(program))
        self.outputs = [op for op in program.outputs if op not in self.over]
        self.text |= {op: self.names.fresh(identifier(op.name or "") or "x") for op in program.inputs}
        self.uses: Counter[Op] = Counter()
        self.reader: dict[Op, Op] = {}
        for op in all_ops(program.ops):
            self.uses.update(op.operands)
            self.uses.update(pair[0] for pair in (op.fun.outputs if isinstance(op.fun, Loop) else ()) if pair)
            self.reader |= dict.fromkeys(op.operands, op)
        self.known = {*program.inputs}  # before the loops
        self.spares = gradients(program)
        self.before: list[Op] = []  # what happens in Python
        self.checks: list[Op] = []  # what the loops look at first: if it is refused, nothing has happened
        self.first: list[str] = []  # what comes before all other lines

    # --- the whole ----------------------------------------------------------------------------------------------

    def kernel(self) -> Kernel:
        """The native function, and the Python function around it."""
        import numba

        self.plan(self.program.ops)
        made = [op for op in self.outputs if op.fun and not op.repeated]  # the others are there already
        arrays = [op for op in made if isinstance(op.value, np.ndarray)]
        numbers = [op for op in made if op not in arrays]
        self.arrays.update(arrays)
        refused = "".join(f", {self.typed('0', op)}" for op in numbers)
        self.unusual = f"return ({UNUSUAL}{refused},)"
        self.happened = any(op.repeated for op in self.before)
        own = [op for op in self.program.ops if not (op in self.inline or op in self.before or op in self.checks)]
        self.statements(sorted(own, key=is_number_of_numbers, reverse=True))
        for op in self.checks:
            self.before_all(op, f"return ({REFUSED}{refused},)")
        answer = "".join(f", {self.read(op, [])}" for op in numbers)
        given = [*self.program.inputs, *self.before_values(), *self.captured.values()]
        names = {op: self.text[op] for op in (*given, *arrays)}
        rows = {op for op in given if isinstance(op.value, np.ndarray) and op not in self.over.values()}
        strided = [f"{names[op]}.strides[{k}] != {step}" for op in names if op in rows for k, step in row_steps(op)]
        if strided:
            self.first[:0] = [f"if {' or '.join(strided)}:", f"    return ({STRIDED}{refused},)"]
        scratch = [f"{kind} = np.empty({size}, np.{kind.removeprefix('s_')})" for kind, size in self.size.items()]
        body = [*self.first, *scratch, *self.lines, f"return ({DONE}{answer},)"]
        source = f"def {self.loops}({', '.join(names.values())}):\n" + "\n".join(f"    {line}" for line in body) + "\n"

        typed = [self.type_of(op, "C" if op in rows or op in arrays else "A", numba) for op in names]
        self.names.namespace |= {self.loops: machine_code(source, self.loops, typed), "Unusual": Unusual}
        calls = [f"{self.loops}({', '.join(names.values())})"]
        if strided:
            copied = {op: f"np.ascontiguousarray({names[op]})" for op in rows if op.shape}
            calls.append(f"{self.loops}({', '.join((names | copied).values())})")
        around = self.around(arrays, numbers, calls)
        in_place = {old: op for op, old in self.over.items()}
        private = set(made)
        return Kernel(
            self.function, around, self.program, self.names.namespace, self.program.inputs, self.outputs, in_place,
            private, self.spares, 0, source,
        )  # fmt: skip

    def around(self, arrays: Sequence[Op], numbers: Sequence[Op], calls: Sequence[str]) -> str:
        """The source of the function that is called: what happens in Python, new arrays, and the call of the loops, or
        the calls, of which the second is for arrays that do not lie in memory row by row.
        """
        lines = []
        for op in self.before:
            text = call(op, self.name, self.names)
            lines.append(text if op.value is None else f"{self.text[op]} = {text}")
        lines += [f"{self.text[op]} = np.empty({op.shape}, np.{op.dtype})" for op in arrays if op not in self.spares]
        taken = "".join(f", {self.text[op]}" for op in numbers)
        target = f"found{taken}{'' if taken else ','}"
        lines.append(f"{target} = {calls[0]}")
        for again in calls[1:]:
            lines += [f"if found == {STRIDED}:", f"    {target} = {again}"]
        lines += ["if found:", *(f"    {call(op, self.name, self.names)}" for op in self.checks), "    raise Unusual"]
        kinds = {op: f"np.{op.dtype}({self.text[op]})" if op.is_array else self.text[op] for op in numbers}
        answer = ", ".join(kinds.get(op, self.name(op)) for op in self.outputs)
        lines.append(f"return ({answer}{',' if self.outputs else ''})")
        inputs = ", ".join(self.text[op] for op in (*self.program.inputs, *self.spares))
        return f"def {self.function}({inputs}):\n" + "\n".join(f"    {line}" for line in lines) + "\n"

    def type_of(self, op: Op, layout: str, numba: Any) -> Any:
        """The type of an argument; an array lies in memory row by row ("C"), or in any way ("A")."""
        if isinstance(op.value, np.ndarray):
            return numba.types.Array(numba.from_dtype(op.dtype), op.value.ndim, layout)
        return numba.typeof(op.value)

    def before_values(self) -> list[Op]:
        """The results of what happens in Python."""
        return [op for op in self.before if op.value is not None]

    def before_all(self, op: Op, answer: str) -> None:
        """The loop that looks at labels, and answers at once if one is refused."""
        labels, classes = op.args
        lines, self.lines = self.lines, self.first
        for index in self.each(labels.shape, fixed=False):
            label = self.bind(self.read(labels, index))
            self.line(f"if {label} < 0 or {label} >= {classes}:")
            self.line(f"    {answer}")
        self.lines = lines

    # --- what is computed where -----------------------------------------------------------------------------------

    def plan(self, ops: Sequence[Op], kept: Collection[Op] = ()) -> None:
        """Sort operations: in Python before, where they are used, or each in lines of its own, as all that is kept."""
        changed = set(self.over.values())
        draws = any(op.repeated and op.fun is not check_range for op in ops)
        for op in ops:
            if op.repeated:
                self.plan_repeated(op)
            elif draws and is_number_of_numbers(op):
                self.do_before(op)
            elif isinstance(op.fun, Loop):
                plan_loop(self, op)
            elif is_whole(op):
                self.place(op)
                self.lists[op.args] = op
            elif op.fun is listed and self.is_listed_before(op):
                self.inline.add(op)
            else:
                check(op)
                if op in self.outputs:
                    self.text[op] = self.names.numbered("y")
                elif op in self.over:
                    self.text[op] = self.text[self.over[op]]
                    self.arrays.add(op)
                elif op not in kept and (is_view(op) or self.is_cheap(op, self.reader.get(op))):
                    user: Any = self.reader.get(op)
                    if any(x in changed and self.over.get(user) is not x for x in self.sources(op)):
                        self.place(op)
                    else:
                        self.inline.add(op)
                else:
                    self.place(op)

    def plan_repeated(self, op: Op) -> None:
        """What runs every time: it happens before the loops."""
        if isinstance(op.fun, Loop) or not all(x in self.known or x.is_constant for x in op.operands):
            raise NotNative(f"{name_of(op.fun)} must be called in the middle of it")
        if op.value is not None and not isinstance(op.value, (np.ndarray, np.generic, float, int)):
            raise NotNative(f"{name_of(op.fun)} answers with {type(op.value).__name__}")
        if op.fun is check_range:
            self.checks.append(op)
        else:
            self.do_before(op)

    def do_before(self, op: Op) -> None:
        """Let an operation happen in Python."""
        self.before.append(op)
        self.known.add(op)
        self.text[op] = self.names.numbered("u")
        self.arrays.update([op] if isinstance(op.value, np.ndarray) else [])

    def is_listed_before(self, op: Op) -> bool:
        """Whether a list is one array already: of numbers, of the same again and again, or of arrays that are there."""
        first = op.args[0]
        if all(type(x) is type(first) and type(x) is not Op for x in op.args):
            array = Op(None, value=np.array(op.args, op.dtype))
            self.known_numbers.add(op)
        elif all(x is first for x in op.args):
            array = Op(np.broadcast_to, (first, op.shape), None, op.value)
            self.inline.add(array)
        elif all(isinstance(x, Op) and x.is_array and (x in self.known or x.is_constant) for x in op.args):
            array = Op(np.stack, (list(op.args),), None, np.stack([x.value for x in op.args]))
            self.do_before(array)
        else:
            return False
        self.alias[op] = array, []
        return True

    def sources(self, op: Op) -> set[Op]:
        """The inputs that are read where an operation is used, if it is computed there."""
        found = {x for x in op.operands if x in self.text or x.is_constant}
        return found.union(*(self.sources(x) for x in op.operands if x in self.inline))

    def is_cheap(self, op: Op, user: Op | None) -> bool:
        """Whether a result can be computed where it is used, without being computed twice."""
        if user is None or self.uses[op] > 1 or (not op.is_array and op.fun in RISKY and op.phase != "backward"):
            return False
        return op.fun in FORMULAS and (user.fun in STARTS or (user.fun in FORMULAS and user.shape == op.shape))

    # --- lines ----------------------------------------------------------------------------------------------------

    def statements(self, ops: Iterable[Op]) -> None:
        """The lines of operations that follow each other."""
        for op in ops:
            if op in self.inline or op in self.before:
                continue
            self.happened = self.happened or op in self.over
            if isinstance(op.fun, Loop):
                write_loop(self, op)
            elif op.fun in STARTS:
                self.reduce(op)
            elif op.fun is np.matmul:
                self.product(op)
            elif op.fun in JOINS:
                self.join(op)
            elif op.fun in PLACED:
                self.put(op)
            elif not is_whole(op):  # which the loop has filled
                for index in self.each(op.shape, is_fixed_in(op)):
                    self.store(op, index, self.formula(op, index))

    def product(self, op: Op) -> None:
        """A product of matrices and vectors: a vector has no row on the left, and no column on the right."""
        a, b = op.operands
        for place in self.each(op.shape, is_fixed_in(op)):
            row, column = place[: len(a.shape) - 1], place[len(a.shape) - 1 :]
            zero = self.typed("0.0", op) if row else "np.float64(0.0)"  # ones @ x is a sum, and as exact
            for total, (k,) in self.totals(acc := self.bind(zero), zero, a.shape[-1:], op):
                self.line(f"{total} += {self.read(a, [*row, k])} * {self.read(b, [k, *column])}")
            self.store(op, place, self.typed(acc, op, op.operands))

    def reduce(self, op: Op) -> None:
        """A sum, a product or an extreme over axes."""
        (x,) = op.operands
        axes = normal_axes(op.kwargs.get("axis"), len(x.shape))
        start = op.kwargs.get("initial", STARTS[op.fun])  # type: ignore[index]
        for outer in self.each([n for i, n in enumerate(x.shape) if i not in axes], is_fixed_in(op)):
            acc = self.bind(f"np.float64({start})" if op.dtype.kind == "f" else str(start))
            for total, inner in self.totals(acc, "np.float64(0)", [x.shape[i] for i in axes], op):
                rest, reduced = iter(outer), dict(zip(axes, inner))
                full = [reduced[i] if i in reduced else next(rest) for i in range(len(x.shape))]
                self.line(STEPS[op.fun].format(self.read(x, full)).replace("acc", total))  # type: ignore[index]
            rest = iter(outer)
            keep = bool(op.kwargs.get("keepdims"))
            place = ["0" if i in axes else next(rest) for i in range(len(x.shape)) if keep or i not in axes]
            self.store(op, place, self.typed(acc, op, op.operands))

    def totals(self, acc: str, zero: str, sizes: Sequence[int], op: Op) -> Iterable[tuple[str, list[str]]]:
        """What each number of a sum, a product or an extreme goes into, and its index: several totals of a long sum."""
        fixed = is_fixed_in(op)
        if op.fun in (np.sum, np.matmul) and op.dtype.kind == "f" and not fixed and sizes and sizes[-1] >= LONG:
            return self.lanes(acc, zero, sizes)
        return ((acc, index) for index in self.each(sizes, fixed))

    def join(self, op: Op) -> None:
        """Arrays side by side, along an axis that they have or along a new one; a list is its elements."""
        new = op.fun in (stack, np.stack, listed)
        axis = normal_axes(op.kwargs.get("axis", 0), len(op.shape))[0]
        begin = 0
        for x in op.operands:
            lists = type(x.value) is Listed
            length = 1 if new else x.shape[axis + lists]
            for index in self.each(x.shape, not lists and size(x) <= TINY):
                k, at = (index[0], index[1:]) if lists else ("0", index)
                spot = linear(begin, (k, length), *([] if new else [(at[axis], 1)]))
                self.store(op, [*at[:axis], spot, *at[axis + (not new) :]], self.typed(self.read(x, index), op, [x]))
            begin += length * (x.shape[0] if lists else 1)

    def put(self, op: Op) -> None:
        """Zeros or an array with something at, or added at, an index."""
        fun, args, index = op.fun, op.args, op.args[PLACED[op.fun]]  # type: ignore[index]
        x, value = (None, args[0]) if fun is scatter else args[:2]
        fixed = is_fixed_in(op)
        if x is None or not self.has_place(op, x):
            for at in self.each(op.shape, fixed):
                self.store(op, at, self.typed(ZERO[op.dtype.kind], op) if x is None else self.read(x, at))
        once = is_basic(index) or "once" in op.kwargs or len(args) > 3  # then zeros are not added to: -0.0 stays
        adds = not once if fun is scatter else fun is not set_at
        shape = selected(index, op.shape)
        for at in self.each(shape, fixed):
            place = self.place_of(index, op.shape, at)
            text = self.operand(value, op, aligned(at, shape, value.shape) if isinstance(value, Op) else [])
            self.store(op, place, self.typed(f"{self.read(op, place)} + {text}" if adds else text, op, op.operands))

    def formula(self, op: Op, index: list[str]) -> str:
        """The number of an elementwise result, of a view or of an indexed array at an index, as an expression."""
        if is_view(op) or is_index(op):
            return self.read_through(op, index)
        operands = [
            self.operand(x, op, aligned(index, op.shape, x.shape) if isinstance(x, Op) else [])
            for x in (op.args[:1] if op.fun in (cast, np.copy) else op.args)
        ]
        if op.fun is sumprod:
            half = len(operands) // 2
            return self.typed(" + ".join(map(" * ".join, zip(operands[:half], operands[half:]))), op, op.operands)
        zero = self.typed("0.0", op)
        return self.typed(FORMULAS[op.fun].format(*operands, zero=zero), op, op.operands)  # type: ignore[index]

    # --- changes of indices ---------------------------------------------------------------------------------------

    def place_of(self, index: Any, shape: Sequence[int], at: list[str]) -> list[str]:
        """Where in an array of this shape the element at `at` is of what an index takes of it."""
        if is_basic(index):
            return sliced(index, shape, at, self.integer)
        items = items_of(index)
        ndim = len(np.broadcast_shapes(*(i.shape for i in items)))
        return [*(self.picked(i, at[:ndim], n) for i, n in zip(items, shape)), *at[ndim:]]

    def integer(self, i: Op, size: int | None = None) -> Any:
        """The Counter or the text of an integer: an index of an axis of this size, or in a slice, of fixed length."""
        if i in self.counters:
            return self.counters[i]
        if size is not None:
            return self.picked(i, [], size)
        if i not in self.known_numbers:
            raise NotNative("a slice depends on a number that is computed")
        return self.named(self.read(i, []))

    def picked(self, i: Op, at: list[str], size: int) -> str:
        """One index of an array: a number of an array of integers, which may count from the end."""
        text = self.read(i, aligned(at, (0,) * len(at), i.shape))
        if text in at:
            return text
        text = self.bind(text if i.dtype.itemsize == 8 else f"np.int64({text})")
        if any(i is check.args[0] and check.args[1] <= size for check in self.checks):
            return text
        if not (self.is_fixed(i) or i in self.known_numbers):
            self.leave_unless(f"-{size} <= {text} < {size}", "an index may be out of range")
        return self.bind(f"{text} if {text} >= 0 else {text} + {size}")

    def read_through(self, op: Op, index: list[str]) -> str:
        """The number of a view, or of an array at arrays of integers."""
        x = op.args[0]
        if op.fun is part:
            inner = x.fun.output(op)
            return self.read(self.copies.get(inner, inner), index)
        if op.fun is np.transpose:
            axes = op.kwargs.get("axes") or tuple(range(len(x.shape)))[::-1]
            order = [i % len(x.shape) for i in axes]
            return self.read(x, [index[order.index(i)] for i in range(len(x.shape))])
        if op.fun is np.swapaxes:
            order = list(range(len(x.shape)))
            a, b = op.kwargs["axis1"], op.kwargs["axis2"]
            order[a], order[b] = order[b], order[a]
            return self.read(x, [index[i] for i in order])
        if op.fun is np.broadcast_to:
            return self.read(x, aligned(index, op.shape, x.shape))
        if op.fun is operator.getitem:
            return self.read(x, self.place_of(op.args[1], x.shape, index))
        if x.shape == op.shape:
            return self.read(x, index)
        if x in self.offset:  # reshape, squeeze, expand_dims: the same order of elements
            return self.in_scratch(x, index, op.shape)
        return self.read(x, reshaped(index, op.shape, x.shape))
