"""What both kinds of node answer: Python's operators, NumPy's protocols, and the elementwise methods.

Each answer is a call of the table, `self._apply(np.add, self, other)`, which computes and records; or plain numbers,
where nothing is lost. Next: `value.py` and `tensor.py`, which say what `_apply` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from .arrays import admit, in_numpy
from .dispatch import asked_by, explain, meant, refuse_nodes, resolved, unknown
from .elsewhere import computed
from .node import Node
from .recording import recording
from .rules.elementwise import relu, rounded, sigmoid
from .table import COMPOSITES, PLAIN, RULES, Function, read_on
from .trees import leaves, rebuild


class Arithmetic:
    """Python's operators, and NumPy's ufuncs. `_apply(fun, *args, **kwargs)` computes a call, and records it or not."""

    __slots__ = ()
    __pandas_priority__ = 10_000  # more than that of pandas' own, which leave the operation to us then: we refuse it

    @staticmethod
    def _apply(fun: Function, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def __array_function__(
        self, func: Function, types: Iterable[type], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        raise NotImplementedError

    def __add__(self, other: Any) -> Self:
        return self._apply(np.add, self, other)

    def __radd__(self, other: Any) -> Self:
        return self._apply(np.add, other, self)

    def __sub__(self, other: Any) -> Self:
        return self._apply(np.subtract, self, other)

    def __rsub__(self, other: Any) -> Self:
        return self._apply(np.subtract, other, self)

    def __mul__(self, other: Any) -> Self:
        return self._apply(np.multiply, self, other)

    def __rmul__(self, other: Any) -> Self:
        return self._apply(np.multiply, other, self)

    def __truediv__(self, other: Any) -> Self:
        return self._apply(np.divide, self, other)

    def __rtruediv__(self, other: Any) -> Self:
        return self._apply(np.divide, other, self)

    def __pow__(self, other: Any) -> Self:
        if type(other) is int and other == 2:
            return self._apply(np.square, self)
        return self._apply(np.power, self, other)

    def __rpow__(self, other: Any) -> Self:
        return self._apply(np.power, other, self)

    def __mod__(self, other: Any) -> Self:
        return self._apply(np.mod, self, other)

    def __rmod__(self, other: Any) -> Self:
        return self._apply(np.mod, other, self)

    def __floordiv__(self, other: Any) -> Self:
        return self._apply(np.floor_divide, self, other)

    def __rfloordiv__(self, other: Any) -> Self:
        return self._apply(np.floor_divide, other, self)

    def __divmod__(self, other: Any) -> tuple[Self, Self]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Self, Self]:
        return other // self, other % self

    def __neg__(self) -> Self:
        return self._apply(np.negative, self)

    def __pos__(self) -> Self:
        return self._apply(np.positive, self)

    def __abs__(self) -> Self:
        return self._apply(np.absolute, self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs and ufunc in RULES:
            return self._apply(ufunc, *inputs)
        if method == "outer" and not kwargs:
            a, b = inputs
            return ufunc(np.reshape(a, np.shape(a) + (1,) * np.ndim(b)), b)
        fun, kwargs = meant(ufunc, method, kwargs)
        return self.__array_function__(fun, (), inputs, kwargs)


class Operand(Arithmetic, Node):
    """A node that takes part in expressions."""

    __slots__ = ()

    # Comparisons give plain booleans; nodes hash by identity.
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Any:
        return self._numbers() == raw(other)

    def __ne__(self, other: object) -> Any:
        return self._numbers() != raw(other)

    def __lt__(self, other: Any) -> Any:
        return self._numbers() < raw(other)

    def __le__(self, other: Any) -> Any:
        return self._numbers() <= raw(other)

    def __gt__(self, other: Any) -> Any:
        return self._numbers() > raw(other)

    def __ge__(self, other: Any) -> Any:
        return self._numbers() >= raw(other)

    def item(self) -> float:
        """The one number of a Value, or of a Tensor of size 1."""
        if getattr(self._raw, "size", 1) != 1:
            raise ValueError(
                f"item(), float(), int(), bool() and formats are about one number; this one has shape "
                f"{np.shape(self._raw)}: reduce it first, by .sum(), np.any, np.all, ..."
            )
        return float(in_numpy(self._numbers()).item())

    def __float__(self) -> float:
        self._keep_in("float()")
        return self.item()

    def __int__(self) -> int:
        self._keep_in("int()")
        return int(self.item())

    def __complex__(self) -> complex:
        self._keep_in("complex()")
        return complex(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __round__(self, digits: int = 0) -> Self:
        return self._apply(rounded, self, digits)

    def _keep_in(self, door: str) -> None:
        """Refuse to give plain numbers to who may take them for the whole: their gradient would be lost."""
        if self._requires_grad and recording.get().on:
            raise TypeError(
                f"{door} of a {type(self).__name__} that requires a gradient{asked_by()} would lose the gradient: use "
                "np.exp instead of math.exp, np.stack([a, b]) for a list of nodes, t.at[i].set(v) instead of "
                "out[i] = v; and .data or .item() if the numbers alone are meant, to print or to plot them"
            )

    def exp(self) -> Self:
        """Elementwise exponential."""
        return self._apply(np.exp, self)

    def log(self) -> Self:
        """Elementwise natural logarithm."""
        return self._apply(np.log, self)

    def sqrt(self) -> Self:
        """Elementwise square root."""
        return self._apply(np.sqrt, self)

    def sin(self) -> Self:
        """Elementwise sine."""
        return self._apply(np.sin, self)

    def cos(self) -> Self:
        """Elementwise cosine."""
        return self._apply(np.cos, self)

    def tanh(self) -> Self:
        """Elementwise hyperbolic tangent."""
        return self._apply(np.tanh, self)

    def sigmoid(self) -> Self:
        """Elementwise 1 / (1 + exp(-x))."""
        return self._apply(sigmoid, self)

    def relu(self) -> Self:
        """Elementwise max(0, x)."""
        return self._apply(relu, self)

    def __array_function__(
        self, func: Function, types: Iterable[type], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        rule = RULES.get(func)
        if (
            rule is not None
            and (rule.counts is None or len(args) in rule.counts)
            and (not kwargs or kwargs.keys() <= rule.keywords)
        ):
            if kwargs:
                refuse_nodes(func, kwargs)
            return self._apply(func, *args, **kwargs)
        admit(args)
        admit(kwargs)
        if func in PLAIN:
            return computed(func, raw(args), raw(kwargs))
        if rule is None and func not in COMPOSITES:
            if read_on(func):
                return self.__array_function__(func, types, args, kwargs)
            raise TypeError(unknown(func, type(self).__name__))
        try:
            made_of, args, kwargs = resolved(func, args, kwargs)
            if made_of is not None:
                return made_of(*args, **kwargs)
            refuse_nodes(func, kwargs)
            return self._apply(func, *args, **kwargs)
        except (TypeError, ValueError, IndexError) as error:
            explain(error, func, args)


def raw(x: Any) -> Any:
    """`x` with every node in it, also inside lists, tuples and dicts, replaced by its numbers."""
    if isinstance(x, (list, tuple, dict)):
        return rebuild(x, map(raw, leaves(x)))
    return x._numbers() if isinstance(x, Node) else x
