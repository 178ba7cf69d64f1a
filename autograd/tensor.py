"""Tensor: a node around a NumPy array.

`apply_to_arrays` computes with the arrays and records the call; the rest is how the numbers come in and out, such that
no graph can see them change. Array methods are in `methods.py`. Next: `transforms.py`, functions of functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from .arrays import ELSEWHERE, PLAIN_TYPES, StandIn, admit, asarray, copied, home, in_numpy, is_lazy, kind_of
from .dispatch import computes_with, explain
from .elsewhere import apply_elsewhere
from .inspecting import name_of
from .methods import ArrayMethods
from .node import NO_KWARGS, check_flag, floating, private
from .primitives import BARE
from .recording import recording
from .rules.dtypes import cast, widened
from .rules.residuals import LEAVING, TRACED, noted
from .shapes import Shape
from .shortcuts import DIRECT
from .sweep import backward
from .table import RULES, Function

Array = npt.NDArray[Any]
CHANGEABLE = (np.ndarray, list, tuple)  # what can hold the caller's numbers
EXACT = PLAIN_TYPES - {np.float32, np.int64, np.bool_}  # of numbers, those that are as precise as any result


def apply_to_arrays(fun: Function, *args: Any, **kwargs: Any) -> Tensor:
    """Compute `fun(*args, **kwargs)` with numbers for tensors, and record the call if a gradient can flow through."""
    now = recording.get()
    on, watch = now.on, now.watch
    if watch is not None:
        watch.taken(args)
    tracked = False
    values: list[Any] = []
    foreign: list[int] = []
    for arg in args:
        if isinstance(arg, Tensor):
            if arg._lent:
                if kind_of(arg._raw) is not None:
                    return apply_elsewhere(Tensor, fun, args, kwargs)
                values.append(copied(arg._raw))
            else:
                values.append(arg._raw)
            if arg._requires_grad:
                tracked = on
        else:
            arg_type = type(arg)
            if arg_type not in EXACT:
                if arg_type is not np.ndarray:
                    above = admit(arg)
                    if above is ELSEWHERE:
                        return apply_elsewhere(Tensor, fun, args, kwargs)
                    if above is not None:
                        return above(fun, *args, **kwargs)
                foreign.append(len(values))
            values.append(arg)
    if foreign:  # the caller may change his arrays, but not the graph's numbers; lists of numbers are arrays
        each, mine = RULES[fun].each, list(args)
        for i in foreign:
            if tracked or type(values[i]) in (list, tuple):
                mine[i] = values[i] = private(values[i], as_array=not each or each[i] is not None)
        args = tuple(mine)
    if tracked:
        for key, value in kwargs.items():
            if isinstance(value, CHANGEABLE):
                kwargs[key] = private(value)
    way = (LEAVING if watch is None else TRACED).get(fun) if tracked else None
    compute = (BARE if watch is None else DIRECT).get(fun, fun)
    try:
        data = noted(*way(*values, **kwargs)) if way else compute(*values, **kwargs)
    except (TypeError, ValueError) as error:
        explain(error, fun, values)
    dtype = getattr(data, "dtype", None)
    if dtype is None or dtype.kind != "f":
        kind = type(data).__name__ if dtype is None else dtype
        raise TypeError(f"{name_of(fun)} gave {kind}; a Tensor holds arrays of real floating-point numbers, no Values")

    node = Tensor.__new__(Tensor)
    if tracked:
        for i in foreign:  # 1 / b, log(b) or b - 1 of a constant in uint8 or float32 would be computed in its own dtype
            if getattr(values[i], "dtype", dtype) is not dtype and computes_with(fun, i):
                values[i] = widened(values[i], data)
                args = (*args[:i], values[i], *args[i + 1 :])
        node._fill(data, None, True, fun, args, tuple(values), kwargs or NO_KWARGS)
    else:
        node._fill(data, None, False)
    if watch is not None:
        watch.made(node, fun, values)
    return node


def unpickled(kind: type[Tensor], data: Array, requires_grad: bool, name: str | None) -> Tensor:
    """A leaf from what `Tensor.__reduce__` packed."""
    leaf = kind._make(data, requires_grad)
    leaf.name = name
    return leaf


class Tensor(ArrayMethods):
    """An array that remembers how it was computed.

    `data` is copied; integers and booleans become float64, floating dtypes stay as they are. With `requires_grad`,
    `backward()` on anything computed from the tensor leaves the gradient, an array of its shape and dtype, in `.grad`.

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4.])
    """

    __slots__ = ()
    _apply = staticmethod(apply_to_arrays)

    def __init__(
        self, data: Any, requires_grad: bool = False, dtype: npt.DTypeLike | None = None, name: str | None = None
    ) -> None:
        check_flag(requires_grad)
        self._fill(floating(data, dtype), None, bool(requires_grad))
        self._lent = home(self._raw)
        self.name = name

    @classmethod
    def _make(cls, data: Any, requires_grad: bool) -> Self:
        node = super()._make(data, requires_grad)
        node._lent = home(data)
        return node

    # --- the numbers --------------------------------------------------------------------------------------------

    @property
    def data(self) -> Array:
        """The numbers. Those of a leaf can be written to, and graphs made before keep what they saw; those of a
        computed tensor are read-only, or a copy if they live elsewhere.
        """
        if self.fun is not None:
            return copied(self._numbers()) if kind_of(self._raw) else self.numpy()
        self._numbers()
        if self._lent is not True:  # graphs may hold the present array: the user gets another
            self._raw = copied(self._raw)
            self._lent = True
        return self._raw

    @data.setter
    def data(self, data: npt.ArrayLike) -> None:
        if data is not self._raw:  # p.data -= ... gives back the array it got
            self.assign(copied(asarray(data, self.dtype)))

    def assign(self, data: npt.ArrayLike) -> None:
        """Replace the numbers of a leaf by `data`, which the caller gives up: it is not copied if its dtype fits."""
        if self.fun is not None:
            raise RuntimeError(
                f"the result of {name_of(self.fun)} cannot be changed: only leaves can, and detach() makes one"
            )
        old = self._numbers()
        new = asarray(data, old.dtype)
        if new.shape != old.shape:
            raise ValueError(f"data of shape {new.shape} cannot replace data of shape {old.shape}")
        self._raw = new
        self._lent = home(new)

    def numpy(self) -> Array:
        """A read-only view of the numbers, not copied. Those that live elsewhere are brought here, and computed."""
        data = self._numbers()
        if type(data) is not np.ndarray:
            if isinstance(data, StandIn):
                return data  # type: ignore[return-value]
            data = in_numpy(data)
        view = data.view()
        view.setflags(False)  # not writeable; read as a keyword it would take as long again
        return view

    def detach(self) -> Tensor:
        """The same numbers as a leaf that requires no gradient."""
        data = self._numbers()
        return Tensor._make(copied(data) if self._lent is True else data, False)

    def tolist(self) -> Any:
        """The numbers as nested lists of floats."""
        return self.numpy().tolist()

    @property
    def shape(self) -> Shape:
        """The shape of the array."""
        return self._raw.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._raw.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        n, kind = self._raw.size, kind_of(self._raw)
        if kind is not None and n != n:
            raise ValueError(
                f"{kind.library} does not know the lengths of {self!r}: compute_chunk_sizes() finds those that are nan"
            )
        return int(n)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The floating dtype of the numbers and of the gradient."""
        return self._raw.dtype

    def __len__(self) -> int:
        return len(self._raw)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, number: Any) -> bool:
        return number in self._numbers()

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        self._keep_in("np.asarray()")
        return np.array(self.numpy(), dtype, copy=copy is not False)

    def __repr__(self) -> str:
        data = self._numbers()
        lazy = is_lazy(data)
        parts = [repr(data) if lazy else np.array2string(np.asarray(in_numpy(data)), separator=", ", prefix="Tensor(")]
        if self.dtype != np.float64 and not lazy:
            parts.append(f"dtype={self.dtype}")
        if self.fun is not None:
            parts.append(f"fun={name_of(self.fun)}")
        elif self._requires_grad:
            parts.append("requires_grad=True")
        if self.name is not None:
            parts.append(f"name={self.name!r}")
        return f"Tensor({', '.join(parts)})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Leaves can be copied and pickled; a graph cannot."""
        if self.fun is not None:
            raise TypeError(
                f"the result of {name_of(self.fun)} cannot be copied with its graph: "
                "detach() it first, or take the numbers alone, .data, to plot them"
            )
        return unpickled, (type(self), copied(self._numbers()), self._requires_grad, self.name)

    # --- gradients ----------------------------------------------------------------------------------------------

    def backward(self, gradient: npt.ArrayLike | Tensor | None = None, create_graph: bool = False) -> None:
        """Add the gradient of this tensor to `.grad` of every leaf that it was computed from and that requires one.

        `gradient` is the upstream gradient, of this tensor's shape; a tensor with one element starts with 1. With
        `create_graph` the gradients are tensors that can be differentiated again.
        """
        backward(self, gradient, create_graph)

    def _read(self, gradient: Any, role: str) -> Any:
        if gradient is None:
            if self.size != 1:
                raise ValueError(
                    f"{role} is missing: a tensor of shape {self.shape} has no single gradient; "
                    f"take a scalar (.sum(), .mean()) or pass gradient=, an array of shape {self.shape}"
                )
            return self._ones()
        if isinstance(gradient, Tensor):
            read: Any = cast(gradient, self.dtype) if gradient.dtype != self.dtype else gradient
            read = read if recording.get().on and read.requires_grad else copied(read._numbers())
        else:
            read = copied(gradient)
            if not np.can_cast(read.dtype, self.dtype, "same_kind"):
                raise TypeError(f"Cannot cast {role}, an array of {read.dtype}, to the {self.dtype} of its tensor")
            read = read.astype(self.dtype, copy=False)
        if read.shape != self.shape:
            raise ValueError(f"{role} has shape {read.shape}, and the tensor that it belongs to has shape {self.shape}")
        return read

    def _ones(self) -> Any:
        """The seed of ones."""
        data = self._raw
        return np.ones_like(data) if data.shape or kind_of(data) is not None else data.dtype.type(1)

    def _placed(self, x: Any) -> Any:
        """`x` as an untracked node if it lives elsewhere: rules compute with it as functions of nodes do."""
        return Tensor._make(x, False) if kind_of(x) is not None and x.dtype.kind == "f" else x

    def _show(self, g: Any) -> Any:
        if not isinstance(g, Tensor):
            return copied(g)
        return g if recording.get().on else copied(g._numbers())

    def _plus(self, before: Any, g: Any, create_graph: bool) -> Any:
        if create_graph and not isinstance(g, Tensor):
            g = Tensor._make(g, False)
        total = g if before is None else before + g
        is_scalar = issubclass(type(total), np.generic)  # a stand-in only says that it is one
        return np.array(total) if is_scalar else total
