"""A program as the source of a Python function: straight down the page, one statement a line.

Where the result of an operation can take the place of an operand that is used no more, it does: `z += b`,
`np.tanh(z, out=z)`. A large array that is used no more lends its memory to a later result of its shape.

Memory is written to only where it is known to be new: results of ufuncs, products and a list of other functions, each
tested (`functions.NEW`). Everything else, a function that nobody here has heard of, shares memory with all its
operands and with what is outside: that is kept as long as any of them is used, and copied when it leaves the program.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..rules.elementwise import logsigmoid, relu, sigmoid, softplus
from ..rules.reductions import softmax
from ..rules.structure import set_at
from ..table import Function
from .functions import VIEWS
from .lower import bumped
from .memory import FOREVER, Memory, fits
from .printer import AUGMENTED, INFIX, PREFIX, Names, call, identifier, subscript, written
from .program import Op, Program, Returned, Slot, flat
from .repetition import Loop, is_bookkeeping, listed, part
from .turns import all_ops, write_loop

LARGE = 1 << 14  # bytes from which memory is worth to be used again: below, a new array costs no more
WIDE = 60  # characters up to which a result is written in the line that uses it
SMALL = 1 << 12  # bytes up to which a new array by an operator, a - b, costs less than np.subtract(a, b, out=b)
COMMUTATIVE = {np.add, np.multiply}
AT_PLACES: dict[Function, str] = {bumped: "+=", set_at: "="}  # what is written at an index of an array
# What results are called: the course's z for weighted sums, a for activations.
LETTERS: dict[Function, str] = {np.matmul: "z", np.exp: "e"} | dict.fromkeys(
    (np.tanh, relu, sigmoid, softmax, softplus, logsigmoid), "a"
)


@dataclass(frozen=True)
class Kernel:
    """The source of a function, what its free names stand for, and the operations that it takes and returns.

    `in_place` are the inputs whose arrays it overwrites, with the operation that is written to their place; `private`
    are the outputs that share memory with nothing else. `spares` are outputs for which it gets an array to write into,
    after the inputs: the gradient of the call before, unless somebody holds it.
    """

    name: str
    source: str
    program: Program
    namespace: dict[str, Any]
    inputs: list[Op]
    outputs: list[Op]
    in_place: dict[Op, Op]
    private: set[Op]
    spares: dict[Op, Slot]
    begin: int  # the line from which on it writes into arrays that were there before
    loops: str = ""  # the source of the native function that it calls, if there is one


def emit(program: Program, name: str = "program") -> Kernel:
    """The program as a function of its inputs that returns its outputs."""
    return Emitter(*updates_last(program), name).kernel()


class Emitter:
    """The source in the making."""

    def __init__(self, program: Program, memory: Memory, over: dict[Op, Op], name: str) -> None:
        self.program = program
        self.names = Names()
        self.function = self.names.fresh(identifier(name) or "program")
        ops = [*all_ops(program.ops)]
        for op in ops:  # what is changed in place later has the name from the start
            if op.fun is bumped and op.args[0].gradient_of is None:
                op.args[0].gradient_of = op.gradient_of
        for op in ops:  # of contributions to one gradient the sum has the name
            if op.gradient_of is not None and op.fun is np.add:
                for x in op.operands:
                    if x.gradient_of is op.gradient_of:
                        x.gradient_of = None
        self.memory = memory
        self.over = over
        self.text = {op: self.names.fresh(identifier(op.name or "") or "x") for op in program.inputs}
        self.answers = {x.op for x in flat(program.result) if isinstance(x, Returned)}
        self.spares = {op: slot for op, slot in gradients(program).items() if self.fills(op)}
        self.text |= {op: self.called(op) for op in self.spares}
        self.free: dict[Any, list[Op]] = defaultdict(list)  # dead arrays by shape and dtype
        self.lines: list[str] = []
        self.begin = FOREVER
        self.phase: str | None = None
        self.parts: dict[Any, str] = {}  # the names of what comes out of loops
        self.kept: set[Op] = set()  # what a turn hands on: it has a name of its own
        # in how many lines: what is no line, a loop or a list, counts twice
        self.uses = Counter([x for op in ops for x in op.operands])
        self.uses.update([x for op in ops if isinstance(op.fun, Loop) or op.fun is listed for x in op.operands])
        self.uses.update(program.outputs)
        self.large = {op for op in ops if is_large(op)}
        self.takes: dict[Op, Op | None] = {}  # see `taken`
        self.next: dict[Op, Op] = {}  # for what a turn hands on what had its name in this turn
        self.depth = 0

    def kernel(self) -> Kernel:
        """All of it."""
        self.statements(self.program.ops)
        in_place = {old: op for op, old in self.over.items()}
        outputs = [op for op in self.program.outputs if op not in self.over]
        tail = ", ".join(self.name(op) for op in outputs)
        self.lines.append(f"return {tail or '()'}{',' if len(outputs) == 1 else ''}")
        body = "\n".join(f"    {line}" if line else "" for line in self.lines)
        arguments = ", ".join(self.text[op] for op in (*self.program.inputs, *self.spares))
        source = f"def {self.function}({arguments}):\n{body}\n"
        groups = Counter(map(self.memory.group, self.program.outputs))
        private = {op for op in outputs if not isinstance(op.value, np.ndarray) or self.is_private(op, groups)}
        return Kernel(
            self.function, source, self.program, self.names.namespace, self.program.inputs, outputs, in_place, private,
            self.spares, self.begin,
        )  # fmt: skip

    def statements(self, ops: Sequence[Op]) -> None:
        """The lines of some operations, which follow each other."""
        for i, op in enumerate(ops):
            if op.phase != self.phase and not is_silent(op):
                self.phase = op.phase
                self.lines += ([""] if self.lines else []) + [f"# {self.phase}"]
            self.statement(i, ops)

    @contextmanager
    def inside(self, loop: Loop, own: Collection[Op]) -> Iterator[None]:
        """The lines that are written meanwhile are those of a turn; they are in `turn` at its end."""
        outer = self.lines, self.memory, self.free, self.kept
        self.lines, self.memory, self.free = [], Memory(loop.body, own=own), defaultdict(list)
        self.kept = set(loop.body.outputs)
        self.depth += 1
        yield
        self.depth -= 1
        self.turn = self.lines
        self.lines, self.memory, self.free, self.kept = outer

    def fills(self, op: Op) -> bool:
        """Whether a gradient is large, and can be computed into an array that is there."""
        return is_large(op) and (is_product(op) or is_ufunc(op))

    def is_private(self, op: Op, groups: Mapping[Op, int]) -> bool:
        """Whether an output shares memory with nothing that anybody else can see."""
        group = self.memory.group(op)
        return op.fun is not None and groups[group] == 1 and group not in self.memory.outside

    def name(self, op: Op) -> str:
        """What an operation is called in the program."""
        if op not in self.text:  # a constant
            plain = type(op.value) in (int, float, bool) and np.isfinite(op.value) and op.value >= 0
            self.text[op] = repr(op.value) if plain else self.names.bind(op.value, constant_name(op))
        return self.text[op]

    def statement(self, i: int, ops: Sequence[Op]) -> None:
        """One line, or a loop; none for what is written in the line that uses it."""
        self.now, op = i, ops[i]
        if isinstance(op.fun, Loop):
            write_loop(self, op)
            return
        if is_silent(op):
            self.text[op] = self.parts[op.args] if op.fun is part else call(op, self.name, self.names)
            return
        if op.fun in VIEWS and self.is_only_looked_at(op):
            text = call(op, self.name, self.names)
            if len(text) <= WIDE:
                self.text[op] = text
                return
        target = self.target(i, op)
        if op in self.over or op in self.spares:
            self.begin = min(self.begin, len(self.lines) + 2)  # after the line with def
        if op.fun in AT_PLACES and not op.kwargs:
            array, value = (written(arg, self.name, self.names) for arg in op.args[:2])
            self.text[op] = self.name(target) if target else self.bound(op, f"np.array({array})")
            place = f"{self.text[op]}[{subscript(op.args[2], self.name, self.names)}]"
            self.lines.append(f"{place} {AT_PLACES[op.fun]} {value}")
        elif target is None:
            text = call(op, self.name, self.names)
            if len(text) <= WIDE and self.is_added_at_once(i, ops):
                self.text[op] = text
            elif op.repeated and op.value is None:
                self.lines.append(text)
            else:
                self.bound(op, text)
        elif is_augmented(op, target):
            other = op.args[1] if target is op.args[0] else op.args[0]
            self.text[op] = self.name(target)
            sign = INFIX[op.fun]  # type: ignore[index]
            self.lines.append(f"{self.text[op]} {sign}= {written(other, self.name, self.names)}")
        else:
            text = call(op, self.name, self.names, self.name(target))
            if op in self.over or op in self.spares:
                self.text[op] = self.name(target)
                self.lines.append(text)
            else:
                self.bound(op, text)
        for x in dict.fromkeys(op.operands) if self.large else ():
            if x in self.large and x is not target and self.memory.dies(x, i):
                has_name = self.text[x].isidentifier() and self.text[x] != self.text.get(op)  # which is its own still
                self.free[x.shape, x.dtype] += [x] if has_name else []

    def is_only_looked_at(self, view: Op) -> bool:
        """Whether a view is written where it is used: it is of one array, which is there as long as it is used."""
        x = view.args[0]
        if view in self.answers or view in self.kept or type(x) is not Op:
            return False
        of_array = isinstance(x.value, np.ndarray) and isinstance(view.value, np.ndarray)
        counters = all(x is y or getattr(y.place, "kind", "") == "count" for y in view.operands)
        is_turned = view.fun is np.transpose and len(view.args) == 1 and not view.kwargs  # which is short
        return of_array and counters and (is_turned or self.uses[view] == 1)

    def is_added_at_once(self, i: int, ops: Sequence[Op]) -> bool:
        """Whether a result is written in the next line, x += a * b, which alone uses it."""
        op, j = ops[i], i + 1
        if self.uses[op] != 1 or op in self.kept or op.repeated:
            return False
        while j < len(ops) and is_silent(ops[j]):
            j += 1
        if j == len(ops) or op not in ops[j].operands or ops[j].phase != op.phase:
            return False
        target = self.taken(j, ops[j])
        return target is not None and target is not op and is_augmented(ops[j], target)

    def bound(self, op: Op, text: str) -> str:
        """The name of an operation, after the line that binds it."""
        before = self.next.get(op)
        again = before is not None and self.memory.ends(before, self.now)
        self.text[op] = self.text[before] if before and again else self.called(op)
        self.lines.append(f"{self.text[op]} = {text}")
        return self.text[op]

    def called(self, op: Op) -> str:
        """What to call a new result: dz1 for the gradient of z1, z1 and a1 as the course does, else t1, t2, ..."""
        of = self.text.get(op.gradient_of) if op.gradient_of else None
        if of is not None and of.isidentifier():
            return self.names.fresh(f"d{of}")
        if op in self.answers and op.shape == ():
            return self.names.fresh("loss" if self.program.writes else "y")
        return self.names.numbered(LETTERS.get(op.fun, "t") if op.fun else "t")

    def taken(self, i: int, op: Op) -> Op | None:
        """The input or the operand whose memory the result of an operation takes element by element."""
        if op not in self.takes:
            found = self.over.get(op)
            if found is None and isinstance(op.value, np.ndarray) and not op.kwargs and is_ufunc(op):
                memory = self.memory
                found = next((x for x in op.args if type(x) is Op and memory.dies(x, i) and fits(op, x)), None)
            self.takes[op] = found
        return self.takes[op]

    def target(self, i: int, op: Op) -> Op | None:
        """The operation whose memory the result takes; None if it gets memory of its own."""
        if op in self.spares:
            return op
        found = self.taken(i, op)
        if found is not None:
            is_operator = (op.fun in INFIX or op.fun in PREFIX) and not is_augmented(op, found) and op not in self.over
            return None if is_operator and op.value.nbytes <= SMALL else found
        if op.fun in AT_PLACES and not op.kwargs:
            return op.args[0] if type(op.args[0]) is Op and self.memory.dies(op.args[0], i) else None
        if op not in self.large or op.kwargs:
            return None
        dead = self.free[op.shape, op.dtype]
        if is_ufunc(op):
            return dead.pop() if dead else None
        if is_product(op):
            found = next((x for x in reversed(dead) if x.fun is np.matmul), None)  # its memory is in C order
            if found:
                dead.remove(found)
        return found


def is_silent(op: Op) -> bool:
    """Whether an operation only says where a number is, which is written where that is used."""
    return is_bookkeeping(op) and op.fun is not listed


def constant_name(op: Op) -> str:
    """What to call a constant array: after what is in it, where that is plain to see."""
    if op.dtype.kind in "iu" and len(op.shape) == 1 and np.array_equal(op.value, np.arange(len(op.value))):
        return "rows"
    return "ones" if op.shape and op.dtype.kind == "f" and (op.value == 1).all() else "c"


def is_augmented(op: Op, target: Op) -> bool:
    """Whether an operation that takes the memory of an operand is written as one, x += y."""
    if op.fun not in AUGMENTED or op.gradient_of:
        return False
    return target is op.args[0] or (op.fun in COMMUTATIVE and target is op.args[1])


def is_large(op: Op) -> bool:
    """Whether a result is an array whose memory is worth to be used again."""
    return isinstance(op.value, np.ndarray) and op.value.nbytes >= LARGE


def is_ufunc(op: Op) -> bool:
    """Whether an operation takes out=, and computes element by element."""
    return op.fun is relu or (isinstance(op.fun, np.ufunc) and op.fun is not np.matmul and op.fun.nout == 1)


def is_product(op: Op) -> bool:
    """Whether an operation is a product of matrices for np.dot."""
    return op.fun is np.matmul and all(len(x.shape) == 2 and x.dtype == op.dtype for x in op.operands)


def gradients(program: Program) -> dict[Op, Slot]:
    """The arrays that are left as the gradient of a leaf, and nowhere else, if the gradient before is not read."""
    read = {op.place for op in program.inputs}
    trees = program.result, [tree for _, tree in program.writes]
    outputs = Counter(x.op for x in flat(trees) if isinstance(x, Returned))
    found = {}
    for place, tree in program.writes:
        if isinstance(place, Slot) and place.attribute == "_grad" and place not in read and isinstance(tree, Returned):
            op = tree.op
            if tree.kind is None and op.fun and not op.repeated and op.shape and outputs[op] == 1:
                found[op] = place
    return found


def overwritten(program: Program, memory: Memory) -> dict[Op, Op]:
    """The operations that are written to a place that was read, and can be computed there: to the input of it.

    Nothing that comes after them can fail (see `updates_last`).
    """
    by_place = {op.place: op for op in program.inputs if getattr(op.place, "attribute", "_raw") == "_raw"}
    outputs = Counter(tree.op for _, tree in program.writes if hasattr(tree, "op"))
    at = {op: i for i, op in enumerate(program.ops)}
    found: dict[Op, Op] = {}
    for place, tree in program.writes:
        op, old = getattr(tree, "op", None), by_place.get(place)
        if op is None or old is None or outputs[op] > 1 or op.phase != "update" or not fits(op, old):
            continue
        if isinstance(op.fun, np.ufunc) and not op.kwargs and memory.ends(old, at[op]):
            found[op] = old
    for op, updates in dependent(program, found).items():
        if op not in found and may_fail(op):
            for update in updates:
                found.pop(update, None)
    return found


def dependent(program: Program, updates: Iterable[Op]) -> dict[Op, set[Op]]:
    """The operations that depend on updates, these themselves among them, with the updates."""
    found: dict[Op, set[Op]] = {op: {op} for op in updates}
    for op in program.ops if found else ():
        above = [found[x] for x in op.operands if x in found]
        if above:
            found[op] = found.get(op, set[Op]()).union(*above)
    return found


def updates_last(program: Program) -> tuple[Program, Memory, dict[Op, Op]]:
    """The same with what is written over after all that may fail, so that nothing has changed then; its memory; and
    what is `overwritten`.
    """
    memory = Memory(program)
    over = overwritten(program, memory)
    late = dependent(program, over)
    end = max((i for i, op in enumerate(program.ops, 1) if op not in late and may_fail(op)), default=0) if late else 0
    first, rest = program.ops[:end], program.ops[end:]
    if not any(op in late for op in first):
        return program, memory, over
    ops = [*(op for op in first if op not in late), *(op for op in first if op in late), *rest]
    program = Program(program.inputs, ops, program.result, program.writes)
    memory.look_through(program)
    return program, memory, overwritten(program, memory)


def may_fail(op: Op) -> bool:
    """Whether an operation may raise an exception: one that computes element by element does not."""
    return not isinstance(op.fun, np.ufunc) and op.fun not in VIEWS
