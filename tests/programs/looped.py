"""Programs that are loops written out: turns of one body, which carry states, read inputs in order, and add up."""

from __future__ import annotations

import itertools
import operator
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import relu, sigmoid

from .program import LAYOUTS, Constant, Program, Step, Var

UNARY: list[Callable[..., Any]] = [np.tanh, np.sin, np.cos, sigmoid, relu, np.negative, np.square, np.copy]
INNER = 7  # turns of a loop in a loop
BINARY: list[Callable[..., Any]] = [np.add, np.subtract, np.multiply, np.maximum]


def looped(number: int) -> Program:
    """The program with this number: the first that does not overflow."""
    drawn = (Writer(number, attempt).program() for attempt in itertools.count())
    return next(program for program in drawn if is_moderate(program))


def is_moderate(program: Program) -> bool:
    """Whether no number of a program is too large for its dtype."""
    try:
        with np.errstate(over="raise"):
            program(*program.arrays)
    except FloatingPointError:
        return False
    return True


class Writer:
    """A program whose loops are being written out."""

    def __init__(self, number: int, attempt: int = 0) -> None:
        self.number = number
        self.rng = random.Random(f"loops {number}{f', {attempt}' if attempt else ''}")
        self.numpy = np.random.default_rng(number)
        self.dtype = self.rng.choice(["f8", "f8", "f4"])
        self.shape: tuple[int, ...] = self.rng.choice([(3,), (2, 3), (3, 3), (3, 3)])
        self.turns = self.rng.choice([5, 6, 7, 9, 12, 20])
        self.inputs: list[Constant] = []
        self.steps: list[Step] = []
        self.stack = self.input((2 * max(self.turns, INNER) + 1, *self.shape))
        self.weight = self.input(self.shape)
        self.states = [self.input(self.shape) for _ in range(self.rng.randint(1, 3))]
        self.seen: list[list[Var]] = []  # what each state was in the turns of each loop

    def array(self, shape: tuple[int, ...]) -> Constant:
        """Numbers of moderate size."""
        return Constant.of(self.numpy.uniform(-0.9, 0.9, shape).astype(self.dtype), self.rng.choice(LAYOUTS))

    def input(self, shape: tuple[int, ...]) -> Var:
        """Another argument."""
        self.inputs.append(Constant.of(self.array(shape).array))
        return Var(len(self.inputs) - 1)

    def call(self, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Var:
        """Write a call down; what it gives is counted from the end until all inputs are known."""
        self.steps.append(Step(fun, args, kwargs))
        return Var(-len(self.steps))

    def program(self) -> Program:
        """All of it: a loop or two, what was before or comes after, and results of every kind."""
        for _ in range(self.rng.choice([1, 1, 2])):
            self.loop(self.turns, nested=self.rng.random() < 0.25)
            if self.rng.random() < 0.3:
                self.states[0] = self.call(np.tanh, self.states[0])
        results: list[Any] = [*self.states]
        for states in self.seen:
            kind = self.rng.random()
            if kind < 0.3:
                results.append(self.call(np.stack, states, axis=self.rng.choice([0, 1, -1])))
            elif kind < 0.5:
                results.append(self.call(np.concatenate, states[:: self.rng.choice([1, 1, -1])]))
            elif kind < 0.6:
                results += self.rng.sample(states, 2)
        if self.rng.random() < 0.3:
            results.append(results[-1])
        first = len(self.inputs)

        def settle(x: Any) -> Any:
            return Var(first - 1 - x.index) if isinstance(x, Var) and x.index < 0 else x

        steps = tuple(step.changed(settle) for step in self.steps)
        return Program(self.number, tuple(self.inputs), steps, [settle(x) for x in results])

    def loop(self, turns: int, nested: bool) -> None:
        """Turns of one body, of which one may be different."""
        body = [self.line() for _ in range(self.rng.randint(3, 9))]
        inner = [self.line() for _ in range(self.rng.randint(4, 6))] if nested else []
        odd = self.rng.choice([None, None, None, 0, turns // 2, turns - 1])
        before = [self.states, self.states]
        histories: list[list[Var]] = [[] for _ in self.states]
        order = range(turns) if self.rng.random() < 0.7 else range(turns - 1, -1, -1)
        for t in order:
            local = list(self.states)
            for line in body:
                local.append(line(t, local, before[-2]))
            for i in range(INNER if nested else 0):
                for line in inner:
                    local[-1] = line(i, local, before[-2])
            if t == odd:
                local.append(self.call(np.cos, local[-1]))
            new = [local[-1 - k] for k in range(len(self.states))]
            before = [before[-1], self.states]
            self.states = [self.call(np.tanh, x) for x in new[:1]] + new[1:]
            for history, x in zip(histories, self.states):
                history.append(x)
        self.seen += histories

    def line(self) -> Callable[[int, list[Var], list[Var]], Var]:
        """One line of a body: a function of the turn, of what there is in it, and of the states two turns before."""
        kind, fun, other = self.rng.random(), self.rng.choice(UNARY), self.rng.choice(BINARY)
        a, b, k = self.rng.randrange(8), self.rng.randrange(8), self.rng.randrange(len(self.states))
        each = [self.array(self.shape) for _ in range(max(self.turns, INNER))]
        numbers = [round(self.rng.uniform(-1, 1), 3) for _ in range(max(self.turns, INNER))]
        step, start = self.rng.choice([(1, 0), (2, 0), (2, 1), (1, 1), (-1, -1)])
        weight, stack = self.weight, self.stack
        ends = self.rng.random() < 0.5

        def written(t: int, local: list[Var], before: list[Var]) -> Var:
            x, y = local[a % len(local)], local[b % len(local)]
            if kind < 0.25:
                return self.call(fun, x)
            if kind < 0.45:
                return self.call(other, x, y)
            if kind < 0.6:  # an array in order
                return self.call(other, x, self.call(operator.getitem, stack, start + step * t))
            if kind < 0.66:  # a slice that moves
                part = self.call(operator.getitem, stack, slice(t, t + 2))
                return self.call(other, self.call(np.sum, part, axis=0) if ends else self.call(np.max, part, axis=0), x)
            if kind < 0.72:
                return self.call(np.multiply, x, numbers[t])
            if kind < 0.76:
                return self.call(np.multiply, x, t)
            if kind < 0.82:  # another array for each turn
                return self.call(other, each[t], x)
            if kind < 0.86:
                return self.call(other, x, before[k])
            if kind < 0.9:
                return self.call(operator.getitem, x, slice(None, None, -1))
            if kind < 0.94 and len(self.shape) == 2 and self.shape[0] == self.shape[1]:
                return self.call(np.matmul, x, weight)
            if kind < 0.97:
                return self.call(np.transpose, x) if self.shape == (3, 3) else self.call(np.reshape, x, self.shape)
            return self.call(operator.getitem, self.call(np.stack, [x, y]), t % 2)

        return written
