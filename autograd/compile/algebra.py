"""The algebra that rules leave behind: g * (1 / b) is g / b, x * 1 is x, -(-x) is x.

Each function gets the operands of a call, stand-ins or constants, and answers with something simpler, or with None.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..rules.elementwise import cast, chain, relu
from ..table import Function
from .lower import bumped
from .program import mapped
from .traced import Traced


def made_by(x: Any, fun: Function) -> bool:
    """Whether `x` stands for the result of a call of `fun`."""
    return isinstance(x, Traced) and x.op.fun is fun and not x.op.kwargs


def operands(x: Traced) -> list[Any]:
    """The operands of the call that made `x`: stand-ins, constants."""
    return list(mapped(x.op.args, x.trace.stand_in))


def is_number(x: Any, number: float | None = None) -> bool:
    """Whether `x` is a number of Python's, or this one."""
    return type(x) in (int, float) and (number is None or x == number)


def times(a: Any, b: Any) -> Any:
    """a * b."""
    if is_number(a):
        a, b = b, a
    if is_number(b, 1):
        return a
    if is_number(b) and 0 < abs(b) < math.inf and isinstance(a, Traced) and a.dtype.kind == "f":
        if made_by(a, np.where) and all(map(is_number, operands(a)[1:])):
            condition, yes, no = operands(a)
            return np.where(condition, yes * b, no * b)
        if made_by(a, bumped):
            x, value, index = operands(a)
            return a.trace.call(bumped, (x * b, value * b, index))
        if made_by(a, np.divide):
            over, under = operands(a)
            if np.size(under) < a.size:
                return over / (under * scaled(1 / b))
        if made_by(a, np.negative):
            return operands(a)[0] * -b
        x, c = factored(a)
        if c is not None and 0 < abs(b * c) < math.inf:
            return x * (b * c)
    for x, y in ((a, b), (b, a)):
        if made_by(y, np.divide) and is_number(operands(y)[0], 1):
            return x / operands(y)[1]
    return None


def scaled(x: float) -> float:
    """`x`, or the integer that it would be without rounding errors."""
    return float(round(x)) if math.isclose(x, round(x), rel_tol=1e-15) else x


def plus(a: Any, b: Any) -> Any:
    """a + b."""
    if is_number(a, 0):
        return b
    if is_number(b, 0):
        return a
    if made_by(b, np.negative):
        return a - operands(b)[0]
    if made_by(a, np.negative):
        return b - operands(a)[0]
    (x, c), (y, d) = factored(a), factored(b)
    if c == d and c is not None:
        return (x + y) * c
    if c is not None and d is not None and c == -d:
        return (x - y) * c if c > 0 else (y - x) * d
    return None


def factored(x: Any) -> tuple[Any, float | None]:
    """An array and the number of Python's that it is multiplied by; None if there is no such number."""
    if made_by(x, np.multiply):
        a, b = operands(x)
        if is_number(a) or is_number(b):
            return (b, a) if is_number(a) else (a, b)
    return x, None


def minus(a: Any, b: Any) -> Any:
    """a - b."""
    if is_number(b, 0):
        return a
    if made_by(b, np.negative):
        return a + operands(b)[0]
    return None


def divided(a: Any, b: Any) -> Any:
    """a / b."""
    return a if is_number(b, 1) else None


def negated(x: Any) -> Any:
    """-x."""
    if made_by(x, np.negative):
        return operands(x)[0]
    if made_by(x, np.subtract):
        a, b = operands(x)
        return b - a
    return None


def chained(g: Any, p: Any) -> Any:
    """chain(g, p): where neither 0 * inf nor 0 * nan can be, a plain product."""
    for x, y in ((g, p), (p, g)):
        if is_number(x) and 0 < abs(x) < math.inf and isinstance(y, Traced) and y.dtype.kind == "f":
            return y * x
    if isinstance(p, Traced) and p.dtype == bool and isinstance(g, Traced) and g.shape == p.shape:
        return np.where(p, g, 0)
    return None


def reshaped(x: Any, shape: Any) -> Any:
    """np.reshape(x, shape)."""
    if isinstance(x, Traced) and np.shape(x) == (shape if isinstance(shape, tuple) else (shape,)):
        return x
    return np.reshape(operands(x)[0], shape) if made_by(x, np.reshape) else None


def transposed(x: Any, axes: Any = None) -> Any:
    """np.transpose(x, axes)."""
    if axes is not None or not made_by(x, np.transpose) or len(x.op.args) > 1:
        return None
    return operands(x)[0]


def converted(x: Any, dtype: Any) -> Any:
    """x.astype(dtype)."""
    return x if isinstance(x, Traced) and x.op.is_array and x.dtype == dtype else None


def greater(a: Any, b: Any) -> Any:
    """a > b: relu(x) is above 0 where x is, and then x need not be kept."""
    if is_number(b, 0) and isinstance(a, Traced):
        y = a.trace.already(relu, a)
        return None if y is None else y > 0
    return None


ALGEBRA: dict[Function, Callable[..., Any]] = {
    np.multiply: times,
    np.add: plus,
    np.subtract: minus,
    np.divide: divided,
    np.negative: negated,
    chain: chained,
    np.reshape: reshaped,
    np.transpose: transposed,
    np.greater: greater,
    cast: converted,
}
