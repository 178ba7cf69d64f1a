"""An array that lives elsewhere, as strict as one on a device: it speaks NumPy's protocols, and never becomes NumPy's.

It raises where something would make an array of NumPy's out of it, or hands it one. A result without axes stays an
array. It lacks what CuPy lacks (seen on a GPU with 14.2): settings of some functions, lists of positions, conditions
that are no arrays, matrices that broadcast, an order in which it writes.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from autograd.arrays import Kind, register

METHODS = ("__call__", "at", "accumulate", "reduceat")
LACKING = (np.linalg.svdvals,)
SETTINGS: dict[Any, tuple[str, ...]] = {
    np.argsort: ("a", "axis", "kind"), np.linalg.matrix_rank: ("A", "tol"), np.linalg.cholesky: ("a",),
    **dict.fromkeys((np.var, np.std), ("a", "axis", "dtype", "ddof", "keepdims")),
}  # fmt: skip
DOORS = (np.asarray, np.array)  # with like=: these bring numbers in


class Strict(np.lib.mixins.NDArrayOperatorsMixin):
    """An array on a device, so to speak."""

    __array_priority__ = 100
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, numbers: Any) -> None:
        self._held = np.array(numbers)

    shape = property(lambda self: self._held.shape)
    dtype = property(lambda self: self._held.dtype)
    ndim = property(lambda self: self._held.ndim)
    size = property(lambda self: self._held.size)
    T = property(lambda self: Strict(self._held.T))

    def get(self) -> Any:
        """The numbers, in an array of NumPy's: the one way out."""
        return self._held.copy()

    def copy(self) -> Strict:
        """Another array with the same numbers."""
        return Strict(self._held)

    def astype(self, dtype: Any, copy: bool = True) -> Strict:
        """The numbers in another dtype."""
        return Strict(self._held.astype(dtype, copy=copy))

    def reshape(self, *shape: Any) -> Strict:
        """The numbers in another shape."""
        return Strict(self._held.reshape(*shape))

    def transpose(self, *axes: Any) -> Strict:
        """The axes in another order."""
        return Strict(self._held.transpose(*axes))

    def sum(self, axis: Any = None) -> Strict:
        """The sum of the numbers."""
        return Strict(self._held.sum(axis))

    def all(self, axis: Any = None) -> Strict:
        """Whether all numbers are true."""
        return Strict(self._held.all(axis))

    def any(self, axis: Any = None) -> Strict:
        """Whether some number is true."""
        return Strict(self._held.any(axis))

    def min(self, axis: Any = None) -> Strict:
        """The least number."""
        return Strict(self._held.min(axis))

    def max(self, axis: Any = None) -> Strict:
        """The largest number."""
        return Strict(self._held.max(axis))

    def __len__(self) -> int:
        return len(self._held)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise AssertionError("something makes an array of NumPy's of it")

    def __bool__(self) -> bool:
        return bool(self._held)

    def __float__(self) -> float:
        return float(self._held)

    def __repr__(self) -> str:
        return f"Strict({self._held!r})"

    def __getitem__(self, index: Any) -> Strict:
        return Strict(self._held[of_index(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        places = np.arange(self.size).reshape(self.shape)[of_index(index)]
        if np.unique(places).size < places.size:
            raise AssertionError("which of several numbers is written last nobody knows on a device")
        self._held[of_index(index)] = opened(value)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, (list, tuple)) for x in inputs):
            return NotImplemented
        others = (x for x in inputs if not isinstance(x, Strict | np.ndarray | np.generic))
        if any(hasattr(x, "__array_ufunc__") for x in others) or method not in METHODS:
            return NotImplemented
        if method == "at":
            target, index, value = inputs
            ufunc.at(target._held, of_index(index), opened(value))
            return None
        compute = ufunc if method == "__call__" else getattr(ufunc, method)
        return closed(compute(*map(opened, inputs), **{key: opened(x) for key, x in kwargs.items()}))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if not all(issubclass(t, Strict | np.ndarray | np.generic) for t in types):
            return NotImplemented
        if func in LACKING:
            return NotImplemented
        settings = inspect.signature(func).bind(*args, **kwargs).arguments if func in SETTINGS else {}
        if not settings.keys() <= set(SETTINGS.get(func, ())):
            raise TypeError(f"{func.__name__}() takes {SETTINGS[func]} alone: {settings}")
        if func is np.linalg.solve and args[1].ndim > 1 and args[0].shape[:-2] != args[1].shape[:-2]:
            raise ValueError("a must have (..., M, M) shape and b must have (..., M, K)")
        if func is np.where and not isinstance(args[0], Strict):
            raise AttributeError(f"a condition that is no array: {args[0]}")
        if func is np.zeros_like and kwargs.get("shape") == ():
            del kwargs["shape"]  # CuPy does not see it
        if func in DOORS:
            return Strict(func(*args, **kwargs))
        return closed(func(*opened(args), **opened(kwargs)))


def of_index(index: Any) -> Any:
    """An index with arrays of NumPy's in it, which may come from there."""
    parts = [x._held if isinstance(x, Strict) else x for x in (index if isinstance(index, tuple) else (index,))]
    return tuple(parts) if isinstance(index, tuple) else parts[0]


def opened(x: Any) -> Any:
    """The arrays of NumPy's inside of strict ones, in lists, tuples and dicts, too."""
    if isinstance(x, Strict):
        return x._held
    if isinstance(x, np.ndarray):
        raise AssertionError(f"it is handed an array of NumPy's, of shape {x.shape}")
    if isinstance(x, dict):
        return {key: opened(each) for key, each in x.items()}
    if isinstance(x, (list, tuple)):
        return (tuple if isinstance(x, tuple) else list)(map(opened, x))
    return x


def closed(x: Any) -> Any:
    """Results as strict arrays, where they are arrays of NumPy's or its numbers."""
    if isinstance(x, tuple):
        parts = map(closed, x)
        return type(x)(*parts) if hasattr(x, "_fields") else tuple(parts)
    if isinstance(x, list):
        return list(map(closed, x))
    return Strict(x) if isinstance(x, np.ndarray | np.generic) else x


STRICT = Kind(f"{Strict.__module__}.Strict", numbers=lambda x: x.get())
register(STRICT)
