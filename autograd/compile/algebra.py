"""The algebra that rules leave behind: x * 1 is x, -(-x) is x, a + (-b) is a - b.

Each function gets the operands of a call, stand-ins or constants, and answers with something simpler, or with None.

The condition, of each rewrite here, in `lower` and in `simplify`: it gives the dtype that the call gives, and for all
finite operands the same number to within the rounding of one operation: no overflow and no underflow that the call has
not, and the same sign of zero. Of other operands it makes NaN and inf where the call does. So 2 * x + 2 * y is not
2 * (x + y) and x * 3 * 4 is not x * 12, which overflow elsewhere; x * (1 / y) is not x / y, x + 0 is not x if x is
-0.0, -(x - y) is not y - x if they are equal, and -x is nothing to move about if x is unsigned.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..rules.dtypes import cast
from ..rules.elementwise import chain, relu, softplus
from ..table import Function
from .program import mapped
from .traced import Traced


def made_by(x: Any, fun: Function) -> bool:
    """Whether `x` stands for the result of a call of `fun`."""
    return type(x) is Traced and x.op.fun is fun and not x.op.kwargs


def operands(x: Traced) -> list[Any]:
    """The operands of the call that made `x`: stand-ins, constants."""
    return list(mapped(x.op.args, x.trace.stand_in))


def is_number(x: Any, number: float | None = None) -> bool:
    """Whether `x` is a number of Python's, or this one."""
    return type(x) in (int, float) and (number is None or x == number)


def is_float(x: Any) -> bool:
    """Whether `x` stands for floating-point numbers."""
    return isinstance(x, Traced) and x.dtype.kind == "f"


def opposite(x: Any) -> Any:
    """What `x` is the negative of, in floats, where that is exact; None if there is nothing."""
    return operands(x)[0] if made_by(x, np.negative) and is_float(x) else None


def times(a: Any, b: Any) -> Any:
    """a * b."""
    if is_number(a):
        a, b = b, a
    if is_number(b, 1):
        return a
    x = opposite(a)
    return x * -b if x is not None and is_number(b) and type(b) is float else None


def plus(a: Any, b: Any) -> Any:
    """a + b."""
    for x, y in ((a, b), (b, a)):
        if opposite(y) is not None:
            return x - opposite(y)
        if is_number(y, 0) and (not is_float(x) or math.copysign(1, y) < 0):
            return x
    return None


def minus(a: Any, b: Any) -> Any:
    """a - b."""
    if is_number(b, 0) and math.copysign(1, b) > 0:
        return a
    return None if opposite(b) is None else a + opposite(b)


def divided(a: Any, b: Any) -> Any:
    """a / b."""
    return a if is_number(b, 1) else None


def negated(x: Any) -> Any:
    """-x."""
    return opposite(x)


def chained(g: Any, p: Any) -> Any:
    """chain(g, p): where neither 0 * inf nor 0 * nan can be, a plain product."""
    for x, y in ((g, p), (p, g)):
        if is_number(x) and 0 < abs(x) < math.inf and is_float(y) and np.isfinite(y.dtype.type(x)):
            return y * x
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


def added_exponentials(a: Any, b: Any) -> Any:
    """np.logaddexp(a, b): of 0 and an array, in a function of the project that takes less time."""
    return softplus(b) if is_number(a, 0) else softplus(a) if is_number(b, 0) else None


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
    np.logaddexp: added_exponentials,
    cast: converted,
}
