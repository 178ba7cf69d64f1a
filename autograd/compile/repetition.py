"""A loop as one operation of a program: what comes into each turn, the operations of a turn, and what comes out.

Its function is a Loop, its arguments are what comes in. `part` takes one thing that comes out: what an operation gave
in the last turn, or the list of what it gave in all turns. A list among the arguments of any other function stands for
its elements, as `*list` does.
"""

from __future__ import annotations

import operator
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ..shapes import Shape
from .program import Op, Program, Returned


@dataclass(frozen=True)
class Fed:
    """The place of an input of a turn: what it is in turn t, which counts from 0.

    "same": the argument. "carried": the argument in the first turn, later what the turn before handed on. "each": the
    element `start + step * t` of the argument, a list. "count": that number itself, which is no argument.
    """

    kind: Literal["same", "carried", "each", "count"]
    start: int = 0
    step: int = 0

    def at(self, turn: int) -> int:
        """The number for a turn."""
        return self.start + self.step * turn


class Listed:
    """The value of an operation that is a list: how many elements there are, and one of them."""

    __slots__ = ("count", "example")

    def __init__(self, count: int, example: Any) -> None:
        self.count, self.example = count, example

    @property
    def shape(self) -> Shape:
        """That of the elements as one array."""
        return (self.count, *np.shape(self.example))

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the elements as one array."""
        found: np.dtype[Any] = getattr(self.example, "dtype", None) or np.asarray(self.example).dtype
        return found


Output = tuple[Op, bool]  # an operation, and whether the results of all turns are wanted, or that of the last


@dataclass(eq=False)
class Loop:
    """`count` turns of `ops`. `inputs` stand for the arguments, in their order, and `counters` for numbers."""

    count: int
    inputs: list[Op] = field(default_factory=list)
    counters: list[Op] = field(default_factory=list)
    ops: list[Op] = field(default_factory=list)
    carried: dict[Op, Op] = field(default_factory=dict)  # for an input what the next turn gets in its place
    outputs: list[Output | None] = field(default_factory=list)  # None: nobody wants it any more

    __name__ = "loop"

    def __call__(self, *args: Any) -> Any:
        """Nobody calls it: it is written out."""
        raise NotImplementedError

    def output(self, op: Op) -> Op:
        """The operation in a turn that gives a part of what comes out."""
        pair = self.outputs[op.args[1]]
        assert pair is not None
        return pair[0]

    @property
    def body(self) -> Program:
        """A turn as a program."""
        handed = [Returned(op) for op in self.carried.values()]
        given = [pair and Returned(pair[0]) for pair in self.outputs]
        return Program([*self.inputs, *self.counters], self.ops, [handed, given], [])

    def around(self, body: Program) -> Loop:
        """The same loop around another turn that has the same inputs and results."""
        handed, given = body.result
        carried = {x: new.op for x, new in zip(self.carried, handed)}
        outputs = [pair and (new.op, pair[1]) for new, pair in zip(given, self.outputs)]
        return Loop(self.count, self.inputs, self.counters, body.ops, carried, outputs)

    def trimmed(self, wanted: Collection[int]) -> Loop:
        """The loop that computes no more than the outputs at these positions need."""
        outputs = [pair if k in wanted else None for k, pair in enumerate(self.outputs)]
        live = {pair[0] for pair in outputs if pair}
        ops, known = list[Op](), -1
        while len(live) > known:  # what is carried on may need more
            known = len(live)
            ops = kept(self.ops, live)
            live.update(new for x, new in self.carried.items() if x in live)
        inputs, counters = ([op for op in some if op in live] for some in (self.inputs, self.counters))
        carried = {x: new for x, new in self.carried.items() if x in live}
        return Loop(self.count, inputs, counters, ops, carried, outputs)


def kept(ops: list[Op], live: set[Op]) -> list[Op]:
    """The operations that those in `live` depend on, which are added to it, and those that always run."""
    found = []
    for op in reversed(ops):
        if op in live or op.repeated:
            found.append(op)
            live.update(op.operands)
    return found[::-1]


def part(results: Any, k: int) -> Any:
    """The k-th thing that comes out of a loop."""
    raise NotImplementedError


def listed(*parts: Any) -> Any:
    """A list of these, and of the elements of lists among them."""
    raise NotImplementedError


def has_loops(program: Program) -> bool:
    """Whether there is a loop in it."""
    return any(isinstance(op.fun, Loop) for op in program.ops)


def is_bookkeeping(op: Op) -> bool:
    """Whether an operation only says where a number is: a part of a loop, a list, an element or some of a list."""
    return op.fun is part or op.fun is listed or (op.fun is operator.getitem and type(op.args[0].value) is Listed)


def trimmed(program: Program) -> Program:
    """The program without what nothing depends on, in its loops, too. The loops in it are changed."""
    live, ops = set(program.outputs), list[Op]()
    wanted: dict[Op, set[int]] = {}
    for op in reversed(program.ops):
        if op not in live and not op.repeated:
            continue
        if isinstance(op.fun, Loop):
            loop = op.fun.trimmed(wanted.get(op, ()))
            given = dict(zip(op.fun.inputs, op.args))
            op.fun, op.args = loop, tuple(given[x] for x in loop.inputs)
            op.operands = list(op.args)
        elif op.fun is part:
            wanted.setdefault(op.args[0], set()).add(op.args[1])
        ops.append(op)
        live.update(op.operands)
    return Program([op for op in program.inputs if op in live], ops[::-1], program.result, program.writes)
