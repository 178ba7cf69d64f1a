"""Loops over numbers: what each function is for single numbers, and how an index is computed."""

from __future__ import annotations

import math
import operator
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..inspecting import name_of
from ..rules.dtypes import cast
from ..rules.elementwise import chain, logsigmoid, relu, sigmoid, softplus, sumprod
from ..rules.special import erf
from ..rules.structure import add_at, join, scatter, set_at, stack
from ..table import Function
from .lower import bumped
from .machine import NotNative
from .program import Op, Program
from .repetition import Listed, Loop, listed, part
from .turns import all_ops

# What each function makes of the numbers {0}, {1}, {2}; {zero} is 0 in the dtype of the result.
FORMULAS: dict[Function, str] = {
    np.add: "{0} + {1}", np.subtract: "{0} - {1}", np.multiply: "{0} * {1}", np.divide: "{0} / {1}",
    np.power: "{0} ** {1}", operator.pow: "{0} ** {1}", np.negative: "-{0}", np.positive: "{0}", np.square: "{0} * {0}",
    np.absolute: "abs({0})", np.sqrt: "math.sqrt({0})", np.exp: "math.exp({0})", np.expm1: "math.expm1({0})",
    np.log: "math.log({0})", np.log1p: "math.log1p({0})", np.sin: "math.sin({0})", np.cos: "math.cos({0})",
    np.tan: "math.tan({0})", np.tanh: "math.tanh({0})", np.sinh: "math.sinh({0})", np.cosh: "math.cosh({0})",
    np.arctan: "math.atan({0})", erf: "math.erf({0})",
    np.sign: "(1 if {0} > 0 else -1 if {0} < 0 else 0 if {0} == 0 else {0})",
    np.maximum: "({0} if {0} > {1} or {0} != {0} else {1})", np.minimum: "({0} if {0} < {1} or {0} != {0} else {1})",
    np.less: "{0} < {1}", np.less_equal: "{0} <= {1}", np.greater: "{0} > {1}", np.greater_equal: "{0} >= {1}",
    np.equal: "{0} == {1}", np.not_equal: "{0} != {1}", np.logical_not: "not {0}",
    np.where: "({1} if {0} else {2})", cast: "{0}", np.copy: "{0}", float: "float({0})",
    np.heaviside: "({1} if {0} == 0 else {0} if {0} != {0} else 1.0 if {0} > 0 else {zero})",
    relu: "({0} if {0} > 0 or {0} != {0} else {zero})",
    chain: "({0} * {1} if {0} != 0 and {1} != 0 else {zero})",
    sigmoid: "(1 / (1 + math.exp(-{0})) if {0} >= 0 else math.exp({0}) / (1 + math.exp({0})))",
    softplus: "max({0}, {zero}) + math.log1p(math.exp(-abs({0})))",
    logsigmoid: "min({0}, {zero}) - math.log1p(math.exp(-abs({0})))",
}  # fmt: skip
STARTS: dict[Function, str] = {
    np.sum: "0", np.prod: "1", np.max: "-math.inf", np.min: "math.inf", np.count_nonzero: "0", np.any: "False",
    np.all: "True",
}  # fmt: skip
STEPS: dict[Function, str] = {
    np.sum: "acc += {0}", np.prod: "acc *= {0}",
    np.max: "acc = {0} if {0} > acc or {0} != {0} else acc", np.min: "acc = {0} if {0} < acc or {0} != {0} else acc",
    np.count_nonzero: "acc += {0} != 0", np.any: "acc = acc or {0} != 0", np.all: "acc = acc and {0} != 0",
}  # fmt: skip

# What a function of numbers of Python's raises an exception for: then the program in NumPy takes over
RISKY = {
    np.divide, np.power, operator.pow, np.mod, np.floor_divide, np.sqrt, np.exp, np.expm1, np.log, np.log1p, np.sin,
    np.cos, np.tan, np.sinh, np.cosh,
}  # fmt: skip


# Their results are parts side by side, or zeros or an array with something at an index
JOINS: set[Function] = {join, stack, np.concatenate, np.stack, listed}
PLACED: dict[Function, int] = {scatter: 1, bumped: 2, add_at: 2, set_at: 2}  # which argument is the index
TINY = 6  # elements up to which an array is so many numbers with names of their own


def steps(op: Op) -> int:
    """About how many numbers an operation computes or reads."""
    if isinstance(op.fun, Loop):
        return op.fun.count * sum(map(steps, op.fun.ops))
    if op.fun is np.matmul:
        return size(op) * op.operands[0].shape[-1]
    return max(map(size, (op, *op.operands)))


def calls(op: Op) -> int:
    """How many calls of NumPy an operation is."""
    return op.fun.count * sum(map(calls, op.fun.ops)) if isinstance(op.fun, Loop) else 1


def size(op: Op) -> int:
    """How many numbers the result is."""
    return math.prod(op.shape)


def items_of(index: Any) -> tuple[Any, ...]:
    """An index as a tuple."""
    return index if isinstance(index, tuple) else (index,)


def is_basic(index: Any) -> bool:
    """Whether an index is made of integers, slices, None and ...; integers may be numbers of the program."""

    def is_integer(i: Any) -> bool:
        number = i.value if type(i) is Op else i
        return type(number) is int or isinstance(number, np.signedinteger)

    return all(
        all(end is None or is_integer(end) for end in (i.start, i.stop, i.step))
        if isinstance(i, slice)
        else i is None or i is ... or is_integer(i)
        for i in items_of(index)
    )


def are_arrays(index: Any) -> bool:
    """Whether an index is arrays of integers, one for each of the first axes."""
    return all(isinstance(i, Op) and i.dtype.kind == "i" for i in items_of(index))


def is_view(op: Op) -> bool:
    """Whether a result is a change of indices."""
    if op.fun is operator.getitem:
        return is_basic(op.args[1])
    return op.fun is part or op.fun in VIEWS


VIEWS: set[Function] = {np.transpose, np.swapaxes, np.reshape, np.broadcast_to, np.expand_dims, np.squeeze}


def is_index(op: Op) -> bool:
    """Whether it is an array at arrays of integers."""
    return op.fun is operator.getitem and are_arrays(op.args[1])


def is_number_of_numbers(op: Op) -> bool:
    """Whether nothing but numbers goes into it: it is computed first, since something may be unusual about it."""
    if op.is_array or isinstance(op.fun, Loop) or op.fun is part or type(op.value) is Listed:
        return False
    return all(not x.is_array and (not x.fun or is_number_of_numbers(x)) for x in op.operands)


def is_whole(op: Op) -> bool:
    """Whether it is the list of what an operation gave in all turns of a loop."""
    return op.fun is part and op.args[0].fun.outputs[op.args[1]][1]


def is_fixed_in(op: Op) -> bool:
    """Whether an operation is written out, number by number: it is tiny, and no place in it moves."""
    at = 1 if op.fun is operator.getitem else PLACED.get(op.fun, -1) if op.fun else -1
    moves = at >= 0 and any(isinstance(x, Op) for i in items_of(op.args[at]) for x in ends_of(i))
    lists = any(type(x.value) is Listed for x in op.operands)
    return not (moves or lists or op.repeated) and max(map(size, (op, *op.operands))) <= TINY


def ends_of(i: Any) -> tuple[Any, ...]:
    """What an index is made of."""
    return (i.start, i.stop, i.step) if isinstance(i, slice) else (i,)


def at_fixed_places(program: Program) -> set[Op]:
    """The tiny results that nothing reads or writes at a place that moves: their numbers have names of their own."""
    readers: dict[Op, list[Op]] = defaultdict(list)
    also: dict[Op, list[Op]] = defaultdict(list)  # what else is the same array, in a loop or outside
    known: dict[Op, bool] = {}
    for op in all_ops(program.ops):
        if isinstance(op.fun, Loop):
            for x, argument in zip(op.fun.inputs, op.args):
                also[argument] += [x] if x.place.kind == "same" else []
        elif op.fun is part and not is_whole(op):
            also[op.args[0].fun.output(op)].append(op)
        for x in op.operands:
            readers[x].append(op)

    def is_read_so(op: Op, x: Op) -> bool:
        if isinstance(op.fun, Loop) or op.fun is part or op.fun in JOINS:
            return True
        return is_fixed_in(op) and (not is_view(op) or is_fixed(op))

    def is_fixed(x: Op) -> bool:
        if x not in known:
            known[x] = (
                size(x) <= TINY
                and type(x.value) is not Listed
                and (x.fun is None or x.fun is part or is_fixed_in(x))
                and all(map(is_fixed, also[x]))
                and all(is_read_so(op, x) for op in readers[x])
            )
        return known[x]

    inner = (x for op in all_ops(program.ops) for x in (op, *(op.fun.inputs if isinstance(op.fun, Loop) else ())))
    return {x for x in inner if is_fixed(x)}


def check(op: Op) -> None:
    """Refuse what has no loops here."""
    fun: Any = op.fun
    moved = is_view(op) or is_index(op) or fun in JOINS
    fits = (moved or fun in FORMULAS or fun in STARTS or fun is sumprod) and "where" not in op.kwargs
    fits = fits or (fun is np.matmul and all(len(x.shape) <= 2 for x in op.operands))
    if fun in PLACED:
        fits = is_basic(op.args[PLACED[fun]]) or are_arrays(op.args[PLACED[fun]])
    if fun in JOINS:
        parts = op.args if fun in (join, stack, listed) else op.args[0]
        fits = (
            op.kwargs.get("axis", 0) is not None and not op.kwargs.keys() - {"axis"} and len(parts) == len(op.operands)
        )
    kinds = {x.dtype.kind for x in (op, *op.operands) if not isinstance(x.fun, Loop)}
    if op.dtype.kind in "ib":  # as exact as in NumPy, and wrapped around as there
        fits = fits and fun not in (np.matmul, np.prod, np.max, np.min)
        fits = fits and (moved or op.dtype.kind == "b" or op.dtype.itemsize == 8)
    arrays = [x.dtype for x in op.operands if isinstance(x.value, np.ndarray)]  # numbers have any precision
    fits = fits and not any(kind.kind == "f" and kind.itemsize < 4 for kind in (op.dtype, *arrays))
    if not fits or not kinds <= set("fib"):
        raise NotNative(f"{name_of(op.fun)} of {', '.join(map(str, [x.dtype for x in op.operands]))} has no loops")


def row_steps(op: Op) -> Iterator[tuple[int, int]]:
    """By how many bytes the index of each axis moves on in an array that lies in memory row by row."""
    step = op.dtype.itemsize
    for axis in reversed(range(len(op.shape))):
        if op.shape[axis] > 1 and size(op):
            yield axis, step
        step *= op.shape[axis]
