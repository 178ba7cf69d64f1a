"""Traced: what stands for a number or an array while a function is traced. It writes down what is done to it."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from ..arrays import StandIn
from ..dispatch import ACCUMULATE, resolved
from ..inspecting import name_of
from ..operators import Operand
from ..rules.dtypes import cast
from ..shapes import Axis, Shape
from ..table import Function
from .functions import METHODS, REDUCE, SHAPED, SHAPED_BY, STATIC, WRITING, as_recorded
from .program import Op, flat
from .refusal import UNKNOWN, WITHOUT_SHAPE, refuse


def in_place(combine: Function) -> Function:
    """An operator such as +=. An array may be held under other names: where it is known to be a leaf's, that changes,
    too, and else it is refused. A number just becomes another one.
    """

    def operate(x: Any, other: Any) -> Any:
        found = combine(x, other)
        if isinstance(x.op.value, np.ndarray):
            found = found.astype(x.dtype, casting="same_kind")
            if found.shape != x.shape:
                raise ValueError(f"an array of shape {x.shape} cannot become one of shape {found.shape} in place")
            if not x.trace.changed(x, found):
                refuse("an operator such as +=, which changes an array,", "write a = a + b")
        return found

    return operate


class Traced(StandIn):
    """The result of an operation of a trace. It answers NumPy's functions as an array does, Python's operators as a
    number does, and anything that would need its numbers with a TraceError, unless all that it was computed from is
    around the function: then the program is for these numbers.
    """

    __slots__ = ("__weakref__", "numbers", "op", "trace")

    def __init__(self, trace: Any, op: Op, numbers: Any = None) -> None:
        self.trace = trace
        self.op = op
        self.numbers = op.value if numbers is None else numbers  # those of this run; the operation has their kind alone

    # --- what is known ------------------------------------------------------------------------------------------

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # what isinstance asks for
        return type(self) if isinstance(self.op.value, (tuple, list)) else type(self.op.value)

    @property
    def is_fixed(self) -> bool:
        """Whether the number may be looked at: the program is then for it alone."""
        return bool(self.trace.fix(self.op))

    @property
    def shape(self) -> Shape:
        """The shape of the array."""
        return self.op.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.op.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.size(self.op.value))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the elements."""
        return self.op.dtype

    def __len__(self) -> int:
        return len(self.op.value)

    def __iter__(self) -> Iterator[Traced]:
        return (self[i] for i in range(len(self)))

    # --- NumPy's protocols --------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        for x in inputs:
            if issubclass(type(x), Operand):
                return NotImplemented
        if kwargs.get("out") is not None:
            refuse(f"{name_of(ufunc)} writes into an array (out=, or an operator such as +=)", "write a = a + b")
        fun: Function = ufunc
        if method in ("reduce", "accumulate", "reduceat"):
            fun = {"reduce": REDUCE, "accumulate": ACCUMULATE}.get(method, {}).get(ufunc, getattr(ufunc, method))
            given = {key: value for key, value in kwargs.items() if value is not None or key == "axis"}
            operands = 2 if method == "reduceat" else 1
            inputs, kwargs = inputs[:operands], dict(zip(("axis",), inputs[operands:])) | given
            kwargs.setdefault("axis", 0)
        elif method != "__call__":
            refuse(f"{name_of(ufunc)}.{method} cannot be traced", "call the function that has its name")
        return self.trace.call(fun, inputs, kwargs)

    def __array_function__(
        self, func: Function, types: Iterable[type], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if any(map(issubclass, types, itertools.repeat(Operand))):
            return NotImplemented
        if func in STATIC:
            return func(*self.trace.values(args), **self.trace.values(kwargs))
        args, kwargs = as_recorded(func, args, kwargs)
        for x in args:
            if issubclass(type(x), Operand):  # a primitive, which asks the first of its arguments
                return x.__array_function__(func, types, args, kwargs)
        concrete = func in SHAPED or func in WRITING or (func is np.where and len(args) == 1)
        if concrete and all(x.is_fixed for x in flat((args, kwargs)) if isinstance(x, Traced)):
            return func(*self.trace.values(args), **self.trace.values(kwargs))
        by = args[SHAPED_BY[func]] if len(args) > SHAPED_BY.get(func, len(args)) else None
        if isinstance(by, Traced) and by.is_fixed:
            args = tuple(by.numbers if x is by else x for x in args)
            by = None
        if (concrete and func not in WRITING) or isinstance(by, Traced):
            refuse(f"{name_of(func)}, whose result has a shape that depends on values,", WITHOUT_SHAPE)
        if func in WRITING:
            refuse(f"{name_of(func)}, which changes an array or writes a file,", "call it on what is returned")
        if func in (np.reshape, np.ravel):  # in another order they are made of others, whose programs are known
            made_of, args, kwargs = resolved(func, args, kwargs)
            if made_of is not None:
                return made_of(*args, **kwargs)
        return self.trace.call(func, args, kwargs)

    @property
    def _apply(self) -> Function:  # primitives know by this name what records their calls
        return self.trace.apply

    # --- Python's operators -------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Any:
        return self.trace.operate(operator.add, np.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return self.trace.operate(operator.add, np.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return self.trace.operate(operator.sub, np.subtract, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.trace.operate(operator.sub, np.subtract, other, self)

    def __mul__(self, other: Any) -> Any:
        return self.trace.operate(operator.mul, np.multiply, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.trace.operate(operator.mul, np.multiply, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.trace.operate(operator.truediv, np.divide, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.trace.operate(operator.truediv, np.divide, other, self)

    def __floordiv__(self, other: Any) -> Any:
        return self.trace.operate(operator.floordiv, np.floor_divide, self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self.trace.operate(operator.floordiv, np.floor_divide, other, self)

    def __mod__(self, other: Any) -> Any:
        return self.trace.operate(operator.mod, np.mod, self, other)

    def __rmod__(self, other: Any) -> Any:
        return self.trace.operate(operator.mod, np.mod, other, self)

    def __pow__(self, other: Any) -> Any:
        if type(other) is int and other == 2 and isinstance(self.op.value, np.ndarray):  # as arrays compute it
            return self.trace.operate(operator.pow, np.square, self, other)
        return self.trace.operate(operator.pow, np.power, self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.trace.operate(operator.pow, np.power, other, self)

    def __matmul__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, Operand) else self.trace.call(np.matmul, (self, other))

    def __rmatmul__(self, other: Any) -> Any:
        return self.trace.call(np.matmul, (other, self))

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __neg__(self) -> Any:
        return self.trace.operate(operator.neg, np.negative, self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.trace.operate(operator.abs, np.absolute, self)

    def __invert__(self) -> Any:
        return self.trace.operate(operator.invert, np.invert, self)

    def __and__(self, other: Any) -> Any:
        return self.trace.operate(operator.and_, np.bitwise_and, self, other)

    def __rand__(self, other: Any) -> Any:
        return self.trace.operate(operator.and_, np.bitwise_and, other, self)

    def __or__(self, other: Any) -> Any:
        return self.trace.operate(operator.or_, np.bitwise_or, self, other)

    def __ror__(self, other: Any) -> Any:
        return self.trace.operate(operator.or_, np.bitwise_or, other, self)

    def __hash__(self) -> int:
        return hash(self.numbers) if self.is_number and self.is_fixed else object.__hash__(self)

    def __eq__(self, other: object) -> Any:
        return self.trace.operate(operator.eq, np.equal, self, other)

    def __ne__(self, other: object) -> Any:
        return self.trace.operate(operator.ne, np.not_equal, self, other)

    def __lt__(self, other: Any) -> Any:
        return self.trace.operate(operator.lt, np.less, self, other)

    def __le__(self, other: Any) -> Any:
        return self.trace.operate(operator.le, np.less_equal, self, other)

    def __gt__(self, other: Any) -> Any:
        return self.trace.operate(operator.gt, np.greater, self, other)

    def __ge__(self, other: Any) -> Any:
        return self.trace.operate(operator.ge, np.greater_equal, self, other)

    def __getitem__(self, index: Any) -> Any:
        for part in index if type(index) is tuple else (index,):
            if isinstance(part, Traced) and part.dtype == bool and not part.op.is_constant and not part.is_fixed:
                refuse("an index of booleans, whose number of True is the length of the result,", WITHOUT_SHAPE)
        return self.trace.call(operator.getitem, (self, index))

    # --- the methods of arrays ----------------------------------------------------------------------------------

    def copy(self) -> Traced:
        """Itself: the arrays of a trace never change."""
        return self

    def astype(self, dtype: npt.DTypeLike, casting: str = "unsafe", copy: bool = True) -> Any:
        """The same numbers in another dtype."""
        found = np.dtype(dtype)
        if not np.can_cast(self.dtype, found, casting):  # type: ignore[arg-type]
            raise TypeError(f"cannot cast an array of {self.dtype} to {found} by the rule {casting!r}")
        return self if self.op.is_array and found == self.dtype else self.trace.call(cast, (self, found))

    @property
    def is_number(self) -> bool:
        """Whether it stands for a number of Python's; np.float64 is one, too."""
        return isinstance(self.op.value, (float, int))

    def as_float(self) -> Any:
        """The same as a float of Python's."""
        return self if type(self.op.value) is float else self.trace.call(float, (self,))

    @property
    def T(self) -> Any:
        """All axes reversed."""
        return self.transpose()

    @property
    def mT(self) -> Any:
        """The last two axes exchanged."""
        return self.transpose() if self.ndim == 2 else self.swapaxes(-1, -2)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return self.trace.call(np.transpose, (self,), {} if order is None else {"axes": tuple(order)})

    def reshape(self, *shape: Any) -> Any:
        """The same elements in another shape."""
        return self.trace.call(np.reshape, (self, shape[0] if len(shape) == 1 else shape))

    def ravel(self) -> Any:
        """All elements along one axis."""
        return self.reshape(-1)

    flatten = ravel

    def reduced(self, fun: Function, axis: Axis, keepdims: bool) -> Any:
        """`fun` of this array over `axis`."""
        return self.trace.call(fun, (self,), {"axis": axis} | ({"keepdims": True} if keepdims else {}))

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """The sum over `axis`."""
        return self.reduced(np.sum, axis, keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """The mean over `axis`."""
        return self.reduced(np.mean, axis, keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """The maximum over `axis`."""
        return self.reduced(np.max, axis, keepdims)

    def min(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """The minimum over `axis`."""
        return self.reduced(np.min, axis, keepdims)

    # --- what cannot be known -----------------------------------------------------------------------------------

    def __bool__(self) -> bool:
        if not self.is_fixed:
            way = "Choose with np.where, or branch outside of the function"
            refuse(f"a branch on the truth of {self!r}", f"{UNKNOWN}. {way}")
        return bool(self.numbers)

    def number(self, what: str) -> Any:
        """The numbers themselves, if they may be looked at."""
        if not self.is_fixed:
            refuse(f"{what} of {self!r}", f"{UNKNOWN}. Return it, and use it outside")
        return self.numbers

    def __float__(self) -> float:
        return float(self.number("float()"))

    def __int__(self) -> int:
        return int(self.number("int()"))

    def __complex__(self) -> complex:
        return complex(self.number("complex()"))

    def __index__(self) -> int:
        if not self.is_fixed:
            way = "Index a Tensor, Tensor(a)[i], or with np.take_along_axis"
            refuse(f"the numbers of {self!r}, for an index or anything else,", f"{UNKNOWN}. {way}")
        return operator.index(self.numbers)

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.number("round()"), digits)

    def item(self) -> Any:
        """The number, if it may be looked at."""
        return self.number("item()").item()

    def tolist(self) -> Any:
        """The numbers, if they may be looked at."""
        return self.number("tolist()").tolist()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if self.dtype.kind in "iu" and not self.is_fixed:
            self.__index__()
        return np.array(self.number("the numbers (print, .data, np.asarray, ...)"), dtype)

    def __copy__(self) -> Traced:
        return self

    def __deepcopy__(self, memo: Any) -> Traced:
        return self

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        refuse("an assignment into an array", "use Tensors and t.at[index].set(value), or np.where")

    __iadd__, __isub__, __imul__, __itruediv__, __ipow__, __imod__, __ifloordiv__, __iand__, __ior__, __imatmul__ = map(
        in_place,
        (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv,
         operator.and_, operator.or_, operator.matmul),
    )  # fmt: skip

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in METHODS:
            return functools.partial(METHODS[name], self)
        if hasattr(type(self.op.value), name):
            if self.is_fixed:
                return getattr(np.array(self.numbers) if self.op.shape else self.numbers, name)
            refuse(f"{name} of {self!r}", "there are only shapes and dtypes, and what functions of NumPy make of it")
        raise AttributeError(f"{self!r} has no attribute {name!r}")

    def __str__(self) -> str:
        return str(self.number("str() or print()"))

    def __format__(self, spec: str) -> str:
        return format(self.number("a format"), spec)

    def __repr__(self) -> str:
        return f"a traced array of shape {self.shape} and dtype {self.dtype}"
