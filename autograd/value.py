"""Value: a node around one Python float, to see every number of backprop.

The functions of the table are those of NumPy; floats compute them with `math`. Next: `tensor.py`, the same with arrays.
"""

from __future__ import annotations

import math
import operator
from functools import partial
from typing import Any

import numpy as np

from .arrays import PYTHON_NUMBERS, StandIn, admit, as_float
from .inspecting import name_of
from .node import NO_KWARGS, describe
from .operators import Operand
from .recording import recording
from .rules.dtypes import cast
from .rules.elementwise import logsigmoid, relu, sigmoid, softplus, sum_of_products, sumprod
from .rules.special import erf
from .sweep import backward
from .synonyms import MissingInValues
from .table import RULES, Function


def stable_sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)) without overflow."""
    e = math.exp(-abs(x))
    return (1.0 if x >= 0 else e) / (1.0 + e)


def stable_softplus(x: float) -> float:
    """log(1 + exp(x)) without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


# How floats compute what the table knows by NumPy's names; a function that is missing here is called as it is.
MATH: dict[Function, Function] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv,
    np.power: math.pow, np.mod: operator.mod, np.floor_divide: operator.floordiv, np.positive: operator.pos,
    np.negative: operator.neg, np.absolute: abs, np.square: lambda x: x * x, np.sqrt: math.sqrt, np.exp: math.exp,
    np.expm1: math.expm1, np.log: math.log, np.log2: math.log2, np.log10: math.log10, np.log1p: math.log1p,
    np.sin: math.sin, np.cos: math.cos, np.tan: math.tan, np.arcsin: math.asin, np.arccos: math.acos,
    np.arctan: math.atan, np.sinh: math.sinh, np.cosh: math.cosh, np.tanh: math.tanh, np.arcsinh: math.asinh,
    np.arccosh: math.acosh, np.arctanh: math.atanh, np.arctan2: math.atan2, np.hypot: math.hypot,
    np.where: lambda c, a, b: a if c else b, cast: lambda x, dtype: x,
    erf: math.erf, relu: lambda x: x if x > 0 else 0.0 * x, sigmoid: stable_sigmoid, softplus: stable_softplus,
    logsigmoid: lambda x: -stable_softplus(-x), sumprod: sum_of_products,
}  # fmt: skip


def apply_to_floats(fun: Function, *args: Any, **kwargs: Any) -> Value:
    """Compute `fun(*args)` with floats for Values, and record the call."""
    now = recording.get()
    on, watch = now.on, now.watch
    if watch is not None:
        watch.taken(args)
    try:
        values = [
            arg._raw if isinstance(arg, Value) else arg if type(arg) in PYTHON_NUMBERS else no_tensor(arg)
            for arg in args
        ]
    except HasDtype:
        return apply_to_floats(fun, *map(without_dtype, args), **kwargs)
    compute = MATH.get(fun)
    try:
        if compute is None:
            compute = partial(elementwise(fun), **kwargs) if kwargs else elementwise(fun)
        if watch is None:
            data = compute(*values)
            if type(data) is not float:
                data = float(data)
        else:
            data = watch.computed(fun, compute, values)
    except (TypeError, ValueError, ArithmeticError) as error:
        if not now.sweeping or isinstance(error, TypeError):
            raise float_error(error, fun, values) from error
        data = float(fun(*map(np.float64, values)))

    node = Value.__new__(Value)
    if on:
        node._fill(data, 0.0, True, fun, args, tuple(values), kwargs or NO_KWARGS)
    else:
        node._fill(data, 0.0, True)
    if watch is not None:
        watch.made(node, fun, values)
    return node


class HasDtype(Exception):
    """Among the arguments is a number of NumPy's, which would compute in a dtype of its own."""


def no_tensor(arg: Any) -> Any:
    """`arg`, unless it is a Tensor, whose gradient a float could not carry, or an array with rules of its own."""
    if admit(arg) is not None:
        raise TypeError(f"a Value and {arg!r} do not mix: that is an array, so make the Value a Tensor")
    if isinstance(arg, Operand):
        raise TypeError(f"a Value and a {type(arg).__name__} do not mix: make both Tensors, or use the .data of one")
    if has_dtype(arg):
        raise HasDtype
    return arg


def has_dtype(arg: Any) -> bool:
    """Whether `arg` is one number with a dtype; an array of one may also change after this call."""
    return isinstance(arg, (np.generic, np.ndarray)) and arg.shape == () and arg.dtype.kind in "fiubc"


def without_dtype(arg: Any) -> Any:
    """A number of NumPy's as one of Python's; anything else as it is."""
    if not has_dtype(arg):
        return arg
    return as_float(arg) if arg.dtype.kind == "f" or isinstance(arg, StandIn) else arg.item()


def elementwise(fun: Function) -> Function:
    """`fun`, if it works on one number."""
    if not RULES[fun].elementwise:
        raise TypeError("a Value is one number, and this is a function of arrays: use a Tensor")
    return fun


def float_error(error: Exception, fun: Function, values: list[Any]) -> Exception:
    """Python's complaint with the operation and the numbers that it was about."""
    kind = next(
        k for k in (TypeError, ValueError, ZeroDivisionError, OverflowError, ArithmeticError) if isinstance(error, k)
    )
    hint = next((
        f"; a Value computes with plain numbers, not with a {type(value).__name__}: use a Tensor for arrays"
        for value in values if not isinstance(value, (int, float, np.generic))
    ), "")  # fmt: skip
    return kind(f"{name_of(fun)} of {', '.join(map(repr, values))}: {error}{hint}")


def one_number(data: Any) -> float:
    """What a Value is given, as a float."""
    if isinstance(data, Operand):
        raise TypeError("a Value holds a number, and this is a node already: use it as it is, or its .data")
    try:
        return as_float(data)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        what = repr(data) if isinstance(data, str) else describe(data)
        hint = ": a Tensor holds several" if np.ndim(data) else ""
        raise kind(f"a Value holds one number, and {what} is none{hint}") from error


class Value(Operand, MissingInValues):
    """A number that remembers how it was computed.

    `data` is a float. After `backward()` on anything computed from it, `grad` is the derivative of that by this
    number, also for every number in between.

    >>> a = Value(2.0)
    >>> b = a * a + 1
    >>> b.backward()
    >>> a.grad
    4.0
    """

    __slots__ = ()
    _apply = staticmethod(apply_to_floats)
    shape = ()
    grad_at_first = 0.0

    def __init__(self, data: Any, name: str | None = None) -> None:
        self._fill(data if type(data) is float else one_number(data), 0.0, True)
        self.name = name

    @property
    def data(self) -> float:
        """The number. That of a leaf can be set; graphs made before keep what they saw."""
        return self._numbers()

    @data.setter
    def data(self, data: float) -> None:
        if self.fun is not None:
            raise RuntimeError(f"the result of {name_of(self.fun)} cannot be changed: only the Values it came from can")
        self._numbers()
        self._raw = data if type(data) is float else one_number(data)

    def detach(self) -> Value:
        """The same number as a leaf of its own."""
        return Value(self._numbers())

    def backward(self, gradient: float | Value | None = None, create_graph: bool = False) -> None:
        """Add the derivative of this number to `.grad` of every number that it was computed from.

        `gradient`, 1 by default, is the upstream gradient. With `create_graph` the derivatives are Values that can
        be differentiated again.
        """
        backward(self, gradient, create_graph)

    def _read(self, gradient: Any, role: str) -> Any:
        if gradient is None:
            return 1.0
        if isinstance(gradient, Value):
            return gradient if recording.get().on else gradient._numbers()
        try:
            return as_float(gradient)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{role} of a Value is a number, not {gradient!r}") from error

    def _show(self, g: Any) -> Any:
        return g

    def _plus(self, before: Any, g: Any, create_graph: bool) -> Any:
        if type(before) is float and type(g) is float and not create_graph:
            return before + g
        if create_graph and not isinstance(g, Value):
            g = Value(g)
        return before + g if isinstance(before, (Value, StandIn)) or before else g

    def __repr__(self) -> str:
        name = "" if self.name is None else f", name={self.name!r}"
        grad = "None" if self.grad is None else f"{float(self.grad):.6g}"
        return f"Value({self._numbers():.6g}, grad={grad}{name})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Leaves can be copied and pickled; a graph cannot."""
        if self.fun is not None:
            raise TypeError(
                f"the result of {name_of(self.fun)} cannot be copied with its graph: "
                "detach() it first, or take the numbers alone, .data, to plot them"
            )
        return type(self), (self._numbers(), self.name)
