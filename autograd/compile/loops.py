"""Loops over numbers: what each function is for single numbers, and how an index is computed."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..rules.elementwise import cast, chain, logsigmoid, relu, sigmoid, softplus
from ..rules.special import erf
from ..table import Function
from .program import Op

# What each function makes of the numbers {0}, {1}, {2}; {zero} is 0 in the dtype of the result.
FORMULAS: dict[Function, str] = {
    np.add: "{0} + {1}", np.subtract: "{0} - {1}", np.multiply: "{0} * {1}", np.divide: "{0} / {1}",
    np.power: "{0} ** {1}", operator.pow: "{0} ** {1}", np.negative: "-{0}", np.positive: "{0}", np.square: "{0} * {0}",
    np.absolute: "abs({0})", np.sqrt: "math.sqrt({0})", np.exp: "math.exp({0})", np.expm1: "math.expm1({0})",
    np.log: "math.log({0})", np.log1p: "math.log1p({0})", np.sin: "math.sin({0})", np.cos: "math.cos({0})",
    np.tan: "math.tan({0})", np.tanh: "math.tanh({0})", np.sinh: "math.sinh({0})", np.cosh: "math.cosh({0})",
    np.arctan: "math.atan({0})", erf: "math.erf({0})", np.sign: "(({0} > 0) - ({0} < 0) if {0} == {0} else {0})",
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
STARTS: dict[Function, str] = {np.sum: "0.0", np.prod: "1.0", np.max: "-math.inf", np.min: "math.inf"}
STEPS: dict[Function, str] = {
    np.sum: "acc += {0}", np.prod: "acc *= {0}",
    np.max: "acc = {0} if {0} > acc or {0} != {0} else acc", np.min: "acc = {0} if {0} < acc or {0} != {0} else acc",
}  # fmt: skip

# What a function of numbers of Python's raises an exception for: then the program in NumPy takes over
RISKY = {
    np.divide, np.power, operator.pow, np.mod, np.floor_divide, np.sqrt, np.exp, np.expm1, np.log, np.log1p, np.sin,
    np.cos, np.tan, np.sinh, np.cosh,
}  # fmt: skip


def steps(op: Op) -> int:
    """About how many numbers an operation computes or reads."""
    if op.fun is np.matmul:
        return int(np.size(op.value)) * op.operands[0].shape[-1]
    return int(max(np.size(x.value) for x in (op, *op.operands)))


def is_view(op: Op) -> bool:
    """Whether a result is a change of indices."""
    if op.fun is operator.getitem:
        index = op.args[1] if isinstance(op.args[1], tuple) else (op.args[1],)
        return all(type(i) in (int, slice, type(None), type(...)) for i in index)
    return op.fun in (np.transpose, np.swapaxes, np.reshape, np.broadcast_to, np.expand_dims, np.squeeze)


def is_index(op: Op) -> bool:
    """Whether it is an array at arrays of integers, one for each of its first axes."""
    if op.fun is not operator.getitem:
        return False
    index = op.args[1] if isinstance(op.args[1], tuple) else (op.args[1],)
    return all(isinstance(i, Op) and i.dtype.kind == "i" for i in index)


def is_number_of_numbers(op: Op) -> bool:
    """Whether nothing but numbers goes into it: it is computed first, since something may be unusual about it."""
    return not op.is_array and all(not x.is_array and (not x.fun or is_number_of_numbers(x)) for x in op.operands)


def aligned(index: Sequence[str], shape: Sequence[int], of: Sequence[int]) -> list[str]:
    """The index of an operand of shape `of` that broadcasts to `shape`."""
    tail = list(index)[len(shape) - len(of) :]
    return ["0" if size == 1 else i for i, size in zip(tail, of)]


def flat_index(index: Sequence[str], shape: Sequence[int], offset: int) -> str:
    """The position of an element in an array in C order that begins at `offset`."""
    terms = [str(offset)] if offset else []
    for axis, i in enumerate(index):
        stride = math.prod(shape[axis + 1 :])
        if i != "0":
            factor = i if i.isidentifier() else f"({i})"
            terms.append(factor if stride == 1 else f"{factor} * {stride}")
    return " + ".join(terms) or "0"


def unraveled(position: str, shape: Sequence[int]) -> list[str]:
    """The index of the element at a position in C order."""
    found = []
    for axis, size in enumerate(shape):
        stride = math.prod(shape[axis + 1 :])
        found.append("0" if size == 1 else f"(({position}) // {stride} % {size})")
    return found


def sliced(item: Any, shape: Sequence[int], index: Sequence[str]) -> list[str]:
    """The index into an array of this shape of the element at `index` in what a basic index `item` takes of it."""
    items = list(item if isinstance(item, tuple) else (item,))
    fill = [slice(None)] * (len(shape) - sum(i is not None and i is not ... for i in items))
    spot = items.index(...) if ... in items else len(items)
    rest, sizes, found = iter(index), iter(shape), []
    for i in items[:spot] + fill + items[spot + 1 :]:
        if i is None:
            next(rest)
            continue
        size = next(sizes)
        if isinstance(i, slice):
            start, _, step = i.indices(size)
            at = next(rest)
            found.append(at if (start, step) == (0, 1) else f"{start} + {step} * ({at})")
        else:
            found.append(str(i % size))
    return found
