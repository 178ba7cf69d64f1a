"""How a program is drawn from a number: functions from the table, their arguments from tests/arguments, composed."""

from __future__ import annotations

import contextlib
import functools
import operator
import random
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from arguments import TABLE, Call, Function, elementwise, linalg, some_calls

from autograd import Tensor
from autograd.inspecting import name_of
from autograd.operators import raw
from autograd.sweep import toposort
from autograd.table import RULES
from autograd.trees import leaves, rebuild

from .program import LAYOUTS, Constant, Program, Step, Var
from .shrink import pruned, variables

ON_NUMBERS = [
    fun for fun in TABLE if fun in elementwise.COMPOSITE_ARGUMENTS or (fun in RULES and RULES[fun].elementwise)
]
# What repeated numbers are no valid arguments of: they are singular to linear algebra, the coordinates of np.interp
# increase, and on their number depends the shape of np.unique.
NEARBY = linalg.ARGUMENTS.keys() | linalg.COMPOSITE_ARGUMENTS.keys() | {np.interp, np.unique}
TRIES = 10
CALLS = 8  # how many calls of each function are drawn at once: drawing takes longer than running
DTYPES = ["f8", "f8", "f8", "f4", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]
LARGEST, MOST = 1e3, 64  # of the numbers and of the sizes in a program


@functools.cache
def calls(fun: Function, block: int) -> list[Call]:
    """Some valid calls of `fun`, as its strategy in tests/arguments draws them."""
    found: list[Call] = []
    numbers = random.Random(f"{name_of(fun)} {block}")
    while not any(map(is_full, found)):
        found += some_calls(fun, CALLS, numbers.randrange(2**32))
    return found


def generate(number: int, table: Sequence[Function] = TABLE) -> Program:
    """The program with this number, of these functions."""
    return Draft(number, table).program()


class Rejected(Exception):
    """A step with numbers that are infinite, too large or too sensitive to say anything."""


class Draft:
    """A program that grows, step by step, together with its values."""

    def __init__(self, number: int, table: Sequence[Function]) -> None:
        self.number = number
        self.rng = random.Random(number)
        self.numpy = np.random.default_rng(number)
        self.scalar = number % 5 == 4
        self.table = [fun for fun in table if fun in ON_NUMBERS] if self.scalar else table
        dtype = self.rng.choice([np.float64, np.float64, np.float32])
        self.inputs = [
            Constant.of(self.numpy.uniform(-2, 2, self.shape()).astype(dtype), self.rng.choice(LAYOUTS))
            for _ in range(self.rng.randint(1, 3))
        ]
        if not any(x.array.size for x in self.inputs):
            self.inputs.append(Constant.of(self.numpy.uniform(-2, 2, (2, 3)).astype(dtype)))
        self.steps: list[Step] = []
        self.distinct = False  # whether numbers that differ must go on to do so
        self.hidden: set[Var] = set()  # of a size that others should not start with
        self.values: list[Any] = [x.array for x in self.inputs]

    def shape(self) -> tuple[int, ...]:
        """That of an input."""
        if self.scalar:
            return ()
        return tuple(
            self.rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4]) for _ in range(self.rng.choice([0, 1, 1, 2, 2, 2, 3]))
        )

    def program(self) -> Program:
        """The whole of it."""
        turn = self.number // 5 if self.scalar else self.number - self.number // 5
        first = self.one_of(
            [self.table[turn % len(self.table)]] * TRIES, full=True
        )  # each in its turn, so that each occurs
        for _ in range(self.rng.randint(1, 5)):
            self.one_of(self.table)
        found = Program(self.number, tuple(self.inputs), tuple(self.steps), self.results(first), self.scalar)
        if not any(isinstance(y, Tensor) for y in leaves(found(*map(tracked, found.arrays)))):  # np.resize of nothing
            found = replace(found, results=[found.results, Var(0)])
        return pruned(found)

    def one_of(self, table: Sequence[Function], full: bool = False) -> Var:
        """One more call, of a function among these; with `full` of arrays that are not empty, if that can be."""
        for i in range(10 * TRIES):
            before = len(self.steps)
            with contextlib.suppress(Rejected):
                wanted = full and i < 4 * TRIES
                var = self.grow(self.rng.choice(table if i < 5 * TRIES else self.table), wanted)
                if not wanted or any(map(np.size, leaves(self.values[var.index]))):
                    return var
            self.undo(before)
        raise AssertionError(f"no function gives numbers to go on with in program {self.number}")

    def undo(self, before: int) -> None:
        """Forget all steps but the first ones."""
        del self.steps[before:], self.values[len(self.inputs) + before :]
        self.hidden = {var for var in self.hidden if var.index < len(self.values)}

    def results(self, first: Var) -> Any:
        """A tree of the last results and of some others, with all that was made on the way to be used by one."""
        found = self.variables()
        used = {x.index for step in self.steps for x in variables(step)}
        chosen = [found[-1], *(x for x in found if x.index not in used and self.rng.random() < 0.5)]
        chosen += [x for x in found if x.index == first.index][:1] + self.rng.choices(
            found, k=self.rng.choice([0, 0, 1])
        )
        if self.rng.random() < 0.5:
            self.rng.shuffle(chosen)
        if len(chosen) == 1 and self.rng.random() < 0.8:
            return chosen[0]
        return self.rng.choice([list, tuple, nested])(chosen)

    # --- one step ---------------------------------------------------------------------------------------------------

    def add(self, fun: Function, *args: Any, **kwargs: Any) -> Var:
        """One more step, if its numbers are good for something."""
        step = Step(fun, args, kwargs)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                value = raw(step.call(self.values))
                near = raw(step.call([self.moved(x) for x in self.values]))
                for far in (0.01, -0.01):  # as far as a step of training moves them
                    step.call([self.moved(x, far) for x in self.values])
            except (TypeError, ValueError, IndexError, ArithmeticError) as error:
                raise Rejected from error
        parts, others = leaves(value), leaves(near)
        if not parts or len(parts) != len(others):
            raise Rejected
        for part, other in zip(parts, others):
            good = np.asarray(part).dtype.kind == "f" and np.shape(part) == np.shape(other) and np.size(part) <= MOST
            good = good and not (self.scalar and np.shape(part))
            if not good or not np.all(np.abs(part) < LARGEST):
                raise Rejected
            steepest = np.max(np.abs(np.subtract(part, other, dtype=float)), initial=0.0) / (1e-3 * (1 + largest(part)))
            if np.asarray(part).dtype == np.float64 and steepest > 100:
                raise Rejected
        if not is_good(step, self.values):
            raise Rejected
        self.steps.append(step)
        self.values.append(parts if isinstance(value, (list, tuple)) else value)
        return Var(len(self.values) - 1)

    def moved(self, x: Any, far: float | None = None) -> Any:
        """Numbers a little beside `x`, or so far from it."""
        if isinstance(x, list):
            return [self.moved(part, far) for part in x]
        return np.asarray(x + (1e-3 * np.cos(7 * x) if far is None else far), np.asarray(x).dtype)

    def grow(self, fun: Function, full: bool = False) -> Var:
        """One more call of `fun`: its valid arguments, with variables in the place of some numbers."""
        drawn = calls(fun, self.number // 340)
        call = self.rng.choice([*filter(is_full, drawn)] if full else drawn)
        if self.scalar:
            call = Call(
                tuple(x.flat[0].item() if isinstance(x, np.ndarray) and x.size else x for x in call.args), call.kwargs
            )
            if any(isinstance(x, np.ndarray) for x in leaves(call.args)):
                raise Rejected
        places = [i for i, x in enumerate(leaves(call.args)) if is_number(x)]
        if not places:
            raise Rejected
        chosen = {i for i in places if self.rng.random() < 0.5} or {self.rng.choice(places)}
        start = len(self.steps)
        ways = [] if fun in NEARBY else self.rng.choices([self.as_it_is, self.in_range], k=2)
        self.distinct = fun in NEARBY
        for how in (*ways, self.nearby):
            for changed in (True, False):  # constants of another dtype, in another layout
                filled = [how(x) if i in chosen else self.constant(x, changed) for i, x in enumerate(leaves(call.args))]
                try:
                    var = self.add(fun, *rebuild(call.args, iter(filled)), **call.kwargs)
                except Rejected:
                    self.undo(start)
                    continue
                if isinstance(self.values[var.index], list):
                    return var
                size = largest(self.values[var.index])
                if size > 4 or 0 < size < 0.1:
                    self.hidden.add(var)
                    return self.add(np.multiply, var, 2.0 ** -round(np.log2(size)))
                return var
        raise Rejected

    def constant(self, x: Any, changed: bool) -> Any:
        """An argument that is no variable."""
        if isinstance(x, float) and self.scalar:
            return self.rng.choice([x, x, round(x), np.float32(x), np.float64(x), np.float16(x)]) if changed else x
        if not isinstance(x, np.ndarray):
            return x
        if not changed:
            return Constant.of(x, number=x.dtype.kind == "f")
        layout = self.rng.choice(LAYOUTS)
        if x.dtype.kind == "f":
            if x.ndim == 0 and self.rng.random() < 0.5:
                return self.rng.choice([x.item(), round(x.item()), np.float32(x), x.item() > 0])
            with np.errstate(invalid="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                dtype = np.dtype(self.rng.choice(DTYPES))
                whole = {"i": np.rint, "u": lambda x: abs(np.rint(x))}.get(dtype.kind, np.positive)
                other = whole(x).astype(dtype)
            if self.distinct and np.unique(other).size < np.unique(x).size:
                other = x
            return Constant.of(other, layout)
        if x.dtype.kind in "iu":
            dtype = np.dtype(self.rng.choice(DTYPES))
            return Constant.of(
                x.astype(dtype) if dtype.kind in "iu" and np.array_equal(x.astype(dtype), x) else x,
                layout,
                number=False,
            )
        return Constant.of(x, layout, number=False)

    # --- variables in the place of arrays ---------------------------------------------------------------------------

    def variables(self) -> list[Var]:
        """All that a step may use."""
        found: list[Var] = []
        for i, value in enumerate(self.values):
            found += [Var(i, part) for part in range(len(value))] if isinstance(value, list) else [Var(i)]
        return [var for var in found if var not in self.hidden]

    def value(self, var: Var) -> Any:
        """The numbers of a variable."""
        value = self.values[var.index]
        return value if var.part is None else value[var.part]

    def fitted(self, shape: tuple[int, ...]) -> Var:
        """A variable of this shape, made of one that is there."""
        found = self.variables()
        var = self.rng.choice(found[-4:] if self.rng.random() < 0.6 else found)
        value = self.value(var)
        if value.shape == shape:
            return var
        if self.scalar:
            raise Rejected
        size = int(np.prod(shape))
        ways: list[Any] = []
        if value.size == size:
            ways += [lambda: self.add(np.reshape, var, shape)]
        if value.ndim == len(shape) and value.shape == shape[::-1]:
            ways += [lambda: self.add(np.transpose, var)] * 3
        if broadcasts(value.shape, shape):
            ways += [lambda: self.add(np.broadcast_to, var, shape)] * 2
        if value.ndim == len(shape) and all(n >= m for n, m in zip(value.shape, shape)):
            cut = tuple(slice(None, None if n == m else -m - 1, -1) if self.rng.random() < 0.5 else slice(n - m, n)
                        for n, m in zip(value.shape, shape))  # fmt: skip
            if 0 not in shape:
                ways += [lambda: self.add(operator.getitem, var, cut)] * 3
        if value.ndim > len(shape) and broadcasts(value.shape[value.ndim - len(shape) :], shape):
            ways += [
                lambda: self.fit_again(self.add(np.sum, var, axis=tuple(range(value.ndim - len(shape)))), shape)
            ] * 2
        if value.size and size:
            index = self.numpy.integers(-value.size, value.size, shape)
            ways += [
                lambda: self.add(
                    operator.getitem,
                    self.add(np.reshape, var, -1),
                    Constant.of(index.astype(self.rng.choice(["i1", "i2", "i8"])), number=False),
                )
            ]
            ways += [lambda: self.add(np.resize, var, shape)] if np.resize in self.table else []
        if not size and value.size:
            ways += [
                lambda: self.add(
                    operator.getitem, self.add(np.reshape, var, -1), Constant.of(np.zeros(shape, int), number=False)
                )
            ]
        if not ways:
            raise Rejected
        fitting: Var = self.rng.choice(ways)()
        return fitting

    def fit_again(self, var: Var, shape: tuple[int, ...]) -> Var:
        """A variable broadcast to this shape."""
        return var if self.value(var).shape == shape else self.add(np.broadcast_to, var, shape)

    def variable(self, x: Any) -> Var:
        """A variable of the shape of the array or number `x`."""
        return self.fitted(np.shape(x))

    def as_it_is(self, x: Any) -> Var:
        """A variable where `x` is valid, whatever its numbers."""
        return self.variable(x)

    def in_range(self, x: Any) -> Var:
        """A variable with numbers among those of `x`."""
        x = np.asarray(x, float)
        if not x.size or np.isnan(x).any():
            return self.nearby(x)
        low, high = float(x.min()), float(x.max())
        half = round(max((high - low) / 2, 0.04), 3)
        wave = self.add(np.multiply, self.add(np.sin, self.variable(x)), half)
        return self.add(np.add, wave, round((high + low) / 2, 3))

    def nearby(self, x: Any) -> Var:
        """A variable whose numbers are those of `x`, moved by less than what makes a valid call invalid."""
        wave = self.add(np.multiply, self.add(np.sin, self.variable(x)), 0.04)
        return self.add(np.add, x if isinstance(x, float) else Constant.of(x), wave)


def is_steady(node: Tensor) -> bool:
    """Whether the partials of an elementwise call are moderate: sqrt(x - x) has none, and inf - inf says nothing."""
    rule = None if node.fun is None else RULES[node.fun]
    if rule is None or not rule.elementwise:
        return True
    of_nodes = [given for given, arg in zip(rule.each, node.args) if callable(given) and isinstance(arg, Tensor)]
    with np.errstate(all="ignore"):
        partials = [given(raw(node), *node.values) for given in of_nodes]
    return all(np.all(np.abs(np.asarray(p, float)) < LARGEST**2) for p in partials)


def is_good(step: Step, values: Sequence[Any]) -> bool:
    """Whether a node may stand in this place, and the call, or what it is composed of, divides by no rounding error.

    np.full_like(array, node) asks no node, nor in a list; the node refuses. The correlation of equal numbers is
    c / c, where c is zero, or what the rounding of their mean has left of it.
    """
    nodes = [[tracked(part) for part in x] if isinstance(x, list) else tracked(x) for x in values]
    try:
        found = leaves(step.call(nodes))
    except TypeError as error:
        return not any(said in str(error) for said in ("has no derivative in the table", "would lose the gradient"))
    return all(map(is_steady, toposort([part for part in found if isinstance(part, Tensor)])))


def tracked(x: Any) -> Tensor:
    """`x` as a node that requires a gradient."""
    return Tensor(x, requires_grad=True)


def nested(chosen: list[Var]) -> Any:
    """A tree with these leaves."""
    return {"first": chosen[0], "rest": tuple(chosen[1:]), "all": [chosen]}


def is_full(call: Call) -> bool:
    """Whether no array of a call is empty."""
    numbers = [np.size(x) for x in leaves(call.args) if is_number(x)]
    return bool(numbers) and all(numbers)


def is_number(x: Any) -> bool:
    """Whether an argument may be a variable."""
    return type(x) is float or (isinstance(x, np.ndarray) and x.dtype.kind == "f")


def largest(x: Any) -> float:
    """The size of the largest number."""
    return float(np.max(np.abs(x), initial=0.0))


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether one shape broadcasts to another."""
    try:
        return np.broadcast_shapes(shape, to) == to
    except ValueError:
        return False
