"""A small program as loops over numbers, for numba to compile: one native function without a single call of NumPy.

The shapes are known, so every loop has constant bounds. An elementwise result that is used once is computed where it
is used; a view is a change of indices; all other results lie in scratch arrays. What must happen in Python (draws of
generators, checks of arguments) happens before the loops.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..rules.elementwise import cast, sumprod
from ..rules.reductions import check_range
from ..shapes import normal_axes
from ..table import name_of
from .constants import is_fixed
from .emit import Kernel, gradients, overwritten
from .loops import (
    FORMULAS,
    RISKY,
    STARTS,
    STEPS,
    aligned,
    flat_index,
    is_index,
    is_number_of_numbers,
    is_view,
    sliced,
    unraveled,
)  # fmt: skip
from .lower import bumped
from .machine import NotNative, Unusual, machine_code
from .memory import Memory
from .printer import Names, call, identifier, written
from .program import Op, Program

DONE, REFUSED, UNUSUAL = 0, 1, 2  # what loops answer first


class Loops:
    """The source of the loops in the making."""

    def __init__(self, program: Program, name: str) -> None:
        self.program = program
        self.names = Names()
        self.function = self.names.fresh(identifier(name) or "program")
        self.loops = self.names.fresh(f"{self.function}_loops")
        self.over = overwritten(program, Memory(program))
        self.outputs = [op for op in program.outputs if op not in self.over]
        self.text = {op: self.names.fresh(identifier(op.name or "") or "x") for op in program.inputs}
        self.uses = Counter(x for op in program.ops for x in op.operands)
        self.spares = gradients(program)
        self.before: list[Op] = []  # what happens in Python
        self.checks: list[Op] = []  # what the loops look at first: if it is refused, nothing has happened
        self.size: Counter[str] = Counter()  # of the scratch array of each dtype
        self.offset: dict[Op, tuple[str, int]] = {}
        self.inline: set[Op] = set()
        self.lines: list[str] = []
        self.first: list[str] = []  # what comes before all other lines
        self.depth = 1
        self.count = 0
        self.unusual = ""  # the line that leaves numbers to NumPy
        self.computed: list[Op] = []
        self.captured: dict[Op, str] = {}  # arrays that are there before: they may change, and are read anew

    # --- the whole ----------------------------------------------------------------------------------------------

    def kernel(self) -> Kernel:
        """The native function, and the Python function around it."""
        import numba

        self.plan()
        made = [op for op in self.outputs if op.fun and not op.repeated]  # the others are there already
        arrays = [op for op in made if isinstance(op.value, np.ndarray)]
        numbers = [op for op in made if op not in arrays]
        refused = "".join(f", {self.typed('0', op)}" for op in numbers)
        self.unusual = f"return ({UNUSUAL}{refused},)"
        own = [op for op in self.program.ops if not (op in self.inline or op in self.before or op in self.checks)]
        for op in sorted(own, key=is_number_of_numbers, reverse=True):
            self.compute(op)
        for op in self.checks:
            self.before_all(op, f"return ({REFUSED}{refused},)")
        answer = "".join(f", {self.number(op)}" for op in numbers)
        given = [*self.program.inputs, *self.before_values(), *self.captured]
        arguments = ", ".join([*(self.text[op] for op in given), *(self.text[op] for op in arrays)])
        scratch = [f"{kind} = np.empty({size}, np.{kind.removeprefix('s_')})" for kind, size in self.size.items()]
        body = [*self.first, *scratch, *self.lines, f"return ({DONE}{answer},)"]
        source = f"def {self.loops}({arguments}):\n" + "\n".join(f"    {line}" for line in body) + "\n"

        typed = [self.type_of(op, numba) for op in given]
        typed += [numba.types.Array(numba.from_dtype(op.dtype), op.value.ndim, "C") for op in arrays]
        self.names.namespace |= {self.loops: machine_code(source, self.loops, typed), "Unusual": Unusual}
        around = self.around(arrays, numbers, arguments)
        in_place = {old: op for op, old in self.over.items()}
        private = set(made)
        return Kernel(
            self.function, around, self.program, self.names.namespace, self.program.inputs, self.outputs, in_place,
            private, self.spares, 0, source,
        )  # fmt: skip

    def around(self, arrays: Sequence[Op], numbers: Sequence[Op], arguments: str) -> str:
        """The source of the function that is called: what happens in Python, new arrays, and the loops."""
        lines = []
        for op in self.before:
            text = call(op, self.name, self.names)
            lines.append(text if op.value is None else f"{self.text[op]} = {text}")
        lines += [f"{self.text[op]} = np.empty({op.shape}, np.{op.dtype})" for op in arrays if op not in self.spares]
        taken = "".join(f", {self.text[op]}" for op in numbers)
        lines.append(f"found{taken}{'' if taken else ','} = {self.loops}({arguments})")
        lines += ["if found:", *(f"    {call(op, self.name, self.names)}" for op in self.checks), "    raise Unusual"]
        kinds = {op: f"np.{op.dtype}({self.text[op]})" if op.is_array else self.text[op] for op in numbers}
        answer = ", ".join(kinds.get(op, self.name(op)) for op in self.outputs)
        lines.append(f"return ({answer}{',' if self.outputs else ''})")
        inputs = ", ".join(self.text[op] for op in (*self.program.inputs, *self.spares))
        return f"def {self.function}({inputs}):\n" + "\n".join(f"    {line}" for line in lines) + "\n"

    def type_of(self, op: Op, numba: Any) -> Any:
        """The type of an argument: an array may lie in memory in any way."""
        if isinstance(op.value, np.ndarray):
            return numba.types.Array(numba.from_dtype(op.dtype), op.value.ndim, "A", readonly=False)
        return numba.typeof(op.value)

    def before_values(self) -> list[Op]:
        """The results of what happens in Python."""
        return [op for op in self.before if op.value is not None]

    def before_all(self, op: Op, answer: str) -> None:
        """The loop that looks at labels, and answers at once if one is refused."""
        labels, classes = op.args
        lines, self.lines = self.lines, self.first
        label = self.bind(self.read(labels, self.nest(labels.shape)))
        self.line(f"if {label} < 0 or {label} >= {classes}:")
        self.depth += 1
        self.line(answer)
        self.lines, self.depth = lines, 1

    # --- what is computed where -----------------------------------------------------------------------------------

    def plan(self) -> None:
        """Sort the operations: in Python before, where they are used, or each in loops of its own."""
        known = {*self.program.inputs}
        changed = set(self.over.values())
        draws = any(op.repeated and op.fun is not check_range for op in self.program.ops)
        reader = {x: op for op in self.program.ops for x in op.operands}
        for op in self.program.ops:
            if op.repeated:
                if not all(x in known or x.is_constant for x in op.operands):
                    raise NotNative(f"{name_of(op.fun)} must be called in the middle of it")
                if op.value is not None and not isinstance(op.value, (np.ndarray, np.generic, float, int)):
                    raise NotNative(f"{name_of(op.fun)} answers with {type(op.value).__name__}")
                if op.fun is check_range:
                    self.checks.append(op)
                    continue
                self.before.append(op)
                known.add(op)
                self.text[op] = self.names.numbered("u")
                continue
            if draws and is_number_of_numbers(op):
                self.before.append(op)
                known.add(op)
                self.text[op] = self.names.numbered("u")
                continue
            self.check(op)
            if op in self.outputs:
                self.text[op] = self.names.numbered("y")
            elif op in self.over:
                self.text[op] = self.text[self.over[op]]
            elif is_view(op) or (self.uses[op] == 1 and self.is_cheap(op, reader[op])):
                sources = self.sources(op)
                if not any(x in changed and self.over.get(reader[op]) is not x for x in sources):
                    self.inline.add(op)
                    continue
                self.place(op)
            else:
                self.place(op)

    def sources(self, op: Op) -> set[Op]:
        """The inputs that are read where an operation is used, if it is computed there."""
        found = {x for x in op.operands if x in self.text or x.is_constant}
        return found.union(*(self.sources(x) for x in op.operands if x in self.inline))

    def place(self, op: Op) -> None:
        """Give a result its place in scratch, or a name if it is one number."""
        if op.shape == ():
            self.text[op] = self.names.numbered("t")
            return
        kind = f"s_{op.dtype}"
        self.offset[op] = (kind, self.size[kind])
        self.size[kind] += int(np.size(op.value))

    def is_cheap(self, op: Op, user: Op) -> bool:
        """Whether a result can be computed where it is used, without being computed twice."""
        if not op.is_array and op.fun in RISKY and op.phase != "backward":
            return False
        return op.fun in FORMULAS and (user.fun in STARTS or (user.fun in FORMULAS and user.shape == op.shape))

    def check(self, op: Op) -> None:
        """Refuse what has no loops here."""
        moved = is_view(op) or is_index(op)
        fits = moved or op.fun in FORMULAS or op.fun in STARTS or op.fun in (sumprod, bumped)
        fits = fits or (op.fun is np.matmul and all(len(x.shape) <= 2 for x in op.operands))
        kinds = {x.dtype.kind for x in (op, *op.operands)}
        if op.dtype.kind in "ib":  # as exact as in NumPy, and wrapped around as there
            fits = fits and op.fun not in (np.matmul, np.prod, np.max, np.min)
            fits = fits and (moved or op.dtype.kind == "b" or op.dtype.itemsize == 8)
        if not fits or not kinds <= set("fib") or (op.dtype.kind == "f" and op.dtype.itemsize < 4):
            raise NotNative(f"{name_of(op.fun)} of {', '.join(map(str, [x.dtype for x in op.operands]))} has no loops")

    # --- lines ----------------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        """A line inside of the present loops."""
        self.lines.append("    " * (self.depth - 1) + text)

    def nest(self, sizes: Sequence[int]) -> list[str]:
        """Open loops; returns their indices."""
        indices = []
        for size in sizes:
            index = f"i{self.count}"
            self.count += 1
            if size == 1:
                indices.append("0")
                continue
            self.line(f"for {index} in range({size}):")
            self.depth += 1
            indices.append(index)
        return indices

    def bind(self, text: str) -> str:
        """A number as a name."""
        name = f"v{self.count}"
        self.count += 1
        self.line(f"{name} = {text}")
        return name

    def compute(self, op: Op) -> None:
        """The loops of one operation."""
        self.depth = 1
        self.computed.append(op)
        if op.fun in STARTS:
            self.reduce(op)
        elif op.fun is np.matmul:
            a, b = op.operands
            place = self.nest(op.shape)  # a vector has no row on the left, no column on the right
            row, column = place[: len(a.shape) - 1], place[len(a.shape) - 1 :]
            acc = self.bind(self.typed("0.0", op) if row else "np.float64(0.0)")  # ones @ x is a sum, and as exact
            (k,) = self.nest(a.shape[-1:])
            self.line(f"{acc} += {self.read(a, [*row, k])} * {self.read(b, [k, *column])}")
            self.depth -= a.shape[-1] != 1
            self.store(op, place, acc)
        elif op.fun is bumped:
            x, value, index = op.args
            place = self.nest(op.shape)
            self.store(op, place, self.read(x, place))
            self.depth = 1
            index = index if isinstance(index, tuple) else (index,)
            shape = np.broadcast_shapes(*(i.shape for i in index if isinstance(i, Op)))
            at = self.nest(shape)
            where = [self.picked(i, at, size) for i, size in zip(index, op.shape)]
            more = self.nest(op.shape[len(index) :])
            added = self.read(value, [*at, *more]) if isinstance(value, Op) else repr(value)
            self.store(op, [*where, *more], f"{self.read(op, [*where, *more])} + {added}")
        else:
            index = self.nest(op.shape)
            self.store(op, index, self.formula(op, index))
        self.depth = 1

    def reduce(self, op: Op) -> None:
        """A sum, a product or an extreme over axes."""
        (x,) = op.operands
        axes = normal_axes(op.kwargs.get("axis"), len(x.shape))
        keep = bool(op.kwargs.get("keepdims"))
        outer = self.nest([n for i, n in enumerate(x.shape) if i not in axes])
        start = op.kwargs.get("initial", STARTS[op.fun] if op.dtype.kind == "f" else 0)  # type: ignore[index]
        acc = self.bind(f"np.float64({start})" if op.dtype.kind == "f" else str(start))
        depth = self.depth
        inner = self.nest([x.shape[i] for i in axes])
        full: list[str] = []
        rest, reduced = iter(outer), dict(zip(axes, inner))
        full = [reduced[i] if i in reduced else next(rest) for i in range(len(x.shape))]
        self.line(STEPS[op.fun].format(self.read(x, full)).replace("acc", acc))  # type: ignore[index]
        self.depth = depth
        place = ["0" if i in axes else full[i] for i in range(len(x.shape))] if keep else outer
        self.store(op, place, acc)

    def formula(self, op: Op, index: list[str]) -> str:
        """The number of an elementwise result, of a view or of an indexed array at an index, as an expression."""
        if is_view(op) or is_index(op):
            return self.read_through(op, index)
        operands = [
            self.read(x, aligned(index, op.shape, x.shape)) if isinstance(x, Op) else self.literal(x, op)
            for x in (op.args[:1] if op.fun in (cast, np.copy) else op.args)
        ]
        if op.fun is sumprod:
            half = len(operands) // 2
            return self.typed(" + ".join(map(" * ".join, zip(operands[:half], operands[half:]))), op)
        zero = self.typed("0.0", op)
        return self.typed(FORMULAS[op.fun].format(*operands, zero=zero), op)  # type: ignore[index]

    def literal(self, x: Any, op: Op) -> str:
        """A number of the program's text, in the dtype that it takes among arrays."""
        if isinstance(x, np.generic):
            return f"np.{x.dtype}({written(x.item(), self.name, self.names).replace('np.', 'math.')})"
        return self.typed(written(x, self.name, self.names).replace("np.", "math."), op, x)

    def typed(self, text: str, op: Op, x: Any = 0.0) -> str:
        """An expression as a number of the dtype of the result."""
        if op.dtype.kind == "f" and op.is_array and type(x) in (float, int):
            return f"np.{op.dtype}({text})"
        if op.dtype.kind == "i" and op.fun is cast:  # also where it is not stored: the fraction goes
            return f"np.{op.dtype}({text})"
        return f"np.bool_({text})" if op.dtype.kind == "b" and op.is_array and text[:1] not in "-0123456789" else text

    def name(self, op: Op) -> str:
        """What an operation is called in Python."""
        if op not in self.text:
            if op.is_array:
                self.text[op] = self.captured[op] = self.names.bind(op.value, "c")
            else:
                self.text[op] = written(op.value, self.name, self.names).replace("np.", "math.")
        return self.text[op]

    def number(self, op: Op) -> str:
        """An output that is one number."""
        return self.read(op, [])

    def read(self, op: Op, index: list[str]) -> str:
        """The number at an index: a name, or where it lies in memory."""
        if op in self.inline:
            return self.bind(self.formula(op, index))
        if op in self.offset:
            kind, offset = self.offset[op]
            return f"{kind}[{flat_index(index, op.shape, offset)}]"
        if op.is_constant and op.shape and is_fixed(op) and np.array_equal(op.value, np.arange(op.shape[0])):
            return index[0]
        name = self.name(op)
        if not isinstance(op.value, np.ndarray) or (op.shape == () and op not in self.program.inputs and op.fun):
            return name
        return f"{name}[{', '.join(index) or '()'}]"

    def store(self, op: Op, index: list[str], text: str) -> None:
        """Put a number at its place."""
        text = self.typed(text, op)
        if not op.is_array and op.fun in RISKY and op.phase != "backward":
            text = self.bind(text)
            if self.before or any(x in self.over for x in self.computed):
                raise NotNative(f"{name_of(op.fun)} of a number may raise when something has happened already")
            self.line(f"if not math.isfinite({text}):")
            self.line(f"    {self.unusual}")
        if op in self.offset:
            kind, offset = self.offset[op]
            self.line(f"{kind}[{flat_index(index, op.shape, offset)}] = {text}")
        elif isinstance(op.value, np.ndarray) and (op in self.outputs or op in self.over):
            self.line(f"{self.text[op]}[{', '.join(index) or '()'}] = {text}")
        else:
            self.line(f"{self.text[op]} = {text}")

    # --- changes of indices ---------------------------------------------------------------------------------------

    def picked(self, i: Any, at: list[str], size: int) -> str:
        """One index of an array: a number of an array of integers, which may count from the end."""
        if not isinstance(i, Op):
            return str(i)
        text = self.read(i, aligned(at, (0,) * len(at), i.shape))
        if text in at:
            return text
        text = self.bind(text)
        return self.bind(f"{text} if {text} >= 0 else {text} + {size}")

    def read_through(self, op: Op, index: list[str]) -> str:
        """The number of a view, or of an array at arrays of integers."""
        x = op.args[0]
        if op.fun is np.transpose:
            axes = op.kwargs.get("axes") or tuple(range(len(x.shape)))[::-1]
            return self.read(x, [index[list(axes).index(i)] for i in range(len(x.shape))])
        if op.fun is np.swapaxes:
            order = list(range(len(x.shape)))
            a, b = op.kwargs["axis1"], op.kwargs["axis2"]
            order[a], order[b] = order[b], order[a]
            return self.read(x, [index[i] for i in order])
        if op.fun is np.broadcast_to:
            return self.read(x, aligned(index, op.shape, x.shape))
        if op.fun is operator.getitem and is_index(op):
            items = op.args[1] if isinstance(op.args[1], tuple) else (op.args[1],)
            ndim = len(np.broadcast_shapes(*(i.shape for i in items)))
            chosen = [self.picked(i, index[:ndim], size) for i, size in zip(items, x.shape)]
            return self.read(x, [*chosen, *index[ndim:]])
        if op.fun is operator.getitem:
            return self.read(x, sliced(op.args[1], x.shape, index))
        if x.shape == op.shape:
            return self.read(x, index)
        position = flat_index(index, op.shape, 0)  # reshape, squeeze, expand_dims: the same order of elements
        return self.read(x, unraveled(position, x.shape))
