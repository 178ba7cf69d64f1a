"""Which results of a program may share memory, and until when it is used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

import numpy as np

from .functions import VIEWS, is_new
from .lower import bumped
from .program import Op, Program
from .repetition import Fed, Listed, Loop, listed, part

CONTENTS = (np.ndarray, tuple, list, Listed)  # what has memory that others can hold
FOREVER = 1 << 60


class Memory:
    """Which operations may share memory, and until when it is used.

    What is `carried` in a loop shares it with what the next turn gets in its place. `own` are inputs that are arrays of
    the program's own.
    """

    def __init__(
        self, program: Program, carried: Mapping[Op, Op] = MappingProxyType({}), own: Collection[Op] = ()
    ) -> None:
        self.parent: dict[Op, Op] = {}  # towards one operation for all that may share memory with it
        self.last: dict[Op, int] = {}  # of each group the position of the operation that uses it last
        self.outside: set[Op] = set()  # the groups that also hold memory from outside of the program
        self.loops = {op: Sharing(op, op.fun) for op in program.ops if isinstance(op.fun, Loop)}
        self.made = {op for op in program.ops if (self.is_new_part(op) if op.fun is part else is_made(op))}
        self.made.update(own)
        for op in program.ops:
            if op.fun is part:
                of = self.loops[op.args[0]]
                self.join(op, [*of.arguments(op), of.parts.setdefault(of.group(op), op)])
            elif op not in self.made and op not in self.loops:
                self.join(op, [x for x in op.operands if shares(op, x)])
        for x, new in carried.items():
            self.join(x, [new])
            self.outside.update([new] if new.is_constant else [])
        self.outside = set(map(self.group, self.outside))
        for op in program.ops:
            if op.fun is part:
                from_outside = self.loops[op.args[0]].is_outside(op)
            else:
                from_outside = not (op in self.made or op in self.loops or op.fun is listed or viewed(op))
            if from_outside:
                self.outside.add(self.group(op))
            for x in op.operands:
                if op.repeated or (x.fun is None and is_from_outside(x)):
                    self.outside.add(self.group(x))
        self.look_through(program)

    def look_through(self, program: Program) -> None:
        """Find until when memory is used, if the operations are in this order."""
        for i, op in enumerate(program.ops):
            for x in op.operands:
                self.last[self.group(x) if x in self.parent else x] = i
        for x in (*program.outputs, *[x for op in program.ops if op.repeated for x in op.operands]):
            self.last[self.group(x)] = FOREVER

    def is_new_part(self, op: Op) -> bool:
        """Whether what comes out of a loop was made there."""
        of = self.loops[op.args[0]]
        return not (of.is_outside(op) or of.arguments(op))

    def join(self, op: Op, others: Iterable[Op]) -> None:
        """Note that an operation may share memory with others."""
        for x in others:
            if self.group(op) is not self.group(x):
                self.parent[self.group(op)] = self.group(x)

    def group(self, op: Op) -> Op:
        """The operation that stands for all that may share memory with `op`."""
        parent = self.parent
        while op in parent:
            above = parent[op]
            if above in parent:
                parent[op] = parent[above]
            op = above
        return op

    def ends(self, op: Op, i: int) -> bool:
        """Whether nothing after the i-th operation uses memory that `op` may share."""
        return self.last.get(self.group(op), i) <= i

    def dies(self, op: Op, i: int) -> bool:
        """Whether the result of `op` is an array of its own whose memory is free after the i-th operation."""
        return op in self.made and isinstance(op.value, np.ndarray) and self.ends(op, i)


class Sharing:
    """With which arguments of a loop that which comes out of it may share memory."""

    def __init__(self, call: Op, loop: Loop) -> None:
        self.loop = loop
        self.memory = Memory(self.loop.body, self.loop.carried)
        self.parts: dict[Op, Op] = {}  # for each group what came out first
        self.shared: dict[Op, list[Op]] = defaultdict(list)
        for x, argument in zip(self.loop.inputs, call.args):
            self.shared[self.memory.group(x)].append(argument)
        self.own = {
            x: argument for x, argument in zip(self.loop.inputs, call.args) if x in self.loop.carried and self.is_own(x)
        }
        for x in self.own:  # its first array is copied if anybody else needs it
            self.shared[self.memory.group(x)] = []

    def group(self, op: Op) -> Op:
        """What stands for all in the loop that may share memory with a part."""
        return self.memory.group(self.loop.output(op))

    def arguments(self, op: Op) -> list[Op]:
        """The arguments that may share memory with a part."""
        return self.shared[self.group(op)]

    def is_own(self, x: Op) -> bool:
        """Whether a carried array is a sum that nobody sees before the end, which may grow in place."""
        group, new = self.memory.group(x), self.loop.carried[x]
        given = [pair for pair in self.loop.outputs if pair and self.memory.group(pair[0]) is group]
        carried = [y for y in self.loop.carried if self.memory.group(y) is group]
        alone = carried == [x] and len(self.shared[group]) == 1 and group not in self.memory.outside
        grows = fits(new, x) and (isinstance(new.fun, np.ufunc) or new.fun is bumped) and x in new.args
        return alone and grows and not new.kwargs and all(pair == (new, False) for pair in given)

    def is_outside(self, op: Op) -> bool:
        """Whether a part may share memory with what is outside of the program: an array that is always the same."""
        return self.loop.output(op).is_constant or self.group(op) in self.memory.outside


def is_from_outside(op: Op) -> bool:
    """Whether an operation is an input or a constant, and not what a loop hands on to its turn."""
    return op.fun is None and type(op.place) is not Fed


def is_made(op: Op) -> bool:
    """Whether the result is new memory."""
    return (is_new(op.fun) or op.fun is bumped) and not op.repeated


def viewed(op: Op) -> Op | None:
    """The operand in whose memory alone the result may lie; None if there is no such one."""
    return op.args[0] if op.fun in VIEWS and op.args and isinstance(op.args[0], Op) else None


def shares(op: Op, operand: Op) -> bool:
    """Whether the result of `op` may lie in the memory of an operand, or in that of its parts."""
    holds = isinstance(operand.value, CONTENTS) and isinstance(op.value, CONTENTS)
    return holds and not is_made(op) and viewed(op) in (None, operand)


def fits(op: Op, x: Op) -> bool:
    """Whether the result of `op` could lie where `x` is."""
    value = x.value
    return isinstance(value, np.ndarray) and value.shape == op.shape and value.dtype == op.dtype
