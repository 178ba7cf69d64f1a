"""What an array is: NumPy's own, and what stands for one in a trace. And what else may meet a node: plain numbers.

Anything that computes by rules of its own is refused by name: a mask, labels, or `*` as the product of matrices would
be lost on the way, or pair the wrong numbers.
"""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import numpy as np


class StandIn:
    """What stands for a number or an array: in a trace (see `autograd.compile`), or for many of them (see `vmap`)."""

    __slots__ = ()
    takes_over: ClassVar[bool] = False  # whether a call with nodes beside it is its own

    def astype(self, dtype: Any) -> Any:
        """The same in another dtype."""
        raise NotImplementedError

    def as_float(self) -> Any:
        """The same as a float of Python's."""
        raise NotImplementedError

    @property
    def is_number(self) -> bool:
        """Whether it stands for a number of Python's, and not for something of NumPy's."""
        raise NotImplementedError


def is_number(x: Any) -> bool:
    """Whether `x` is a number of Python's, or stands for one."""
    return x.is_number if isinstance(x, StandIn) else isinstance(x, (int, float))


def as_float(x: Any) -> Any:
    """`x` as a float; what stands for a number in a trace stands for a float."""
    return x.as_float() if isinstance(x, StandIn) else float(x)


def asarray(x: Any, dtype: Any = None) -> Any:
    """np.asarray(x, dtype), which also takes what stands for an array in a trace, and refuses masked arrays."""
    if isinstance(x, StandIn):
        return x if dtype is None else x.astype(dtype)
    return np.asarray(x if type(x) is np.ndarray else unmasked(x), dtype)


def floating_dtype(dtype: Any) -> np.dtype[Any]:
    """`dtype` as a NumPy dtype, if it is a real floating one."""
    found = np.dtype(dtype)
    if found.kind != "f":
        raise TypeError(
            f"a Tensor holds floating-point numbers, they alone have derivatives: dtype={found} does not fit"
        )
    return found


def example_of(array: Any) -> str:
    """What an array holds instead of real numbers, and what to do about it."""
    if array.size == 0 or array.dtype.kind not in "OSU":
        return ""
    each = array.ravel().tolist()
    odd = next((x for x in each if not isinstance(x, (int, float))), each[0])
    if hasattr(odd, "_apply"):
        return ": it holds nodes, and lists of Tensors go through np.stack, Values through .data"
    text = repr(odd)
    what = text if len(text) < 40 and "\n" not in text else f"a {type(odd).__name__}"
    if isinstance(odd, (str, bytes)):
        return f", such as {what}: numbers that are written as text become some by .astype(float)"
    return f", such as {what}"


def copied(x: Any) -> Any:
    """A copy of numbers as an array. What stands for an array in a trace never changes: it stands for a copy, too."""
    return x if isinstance(x, StandIn) else np.array(x if type(x) is np.ndarray else unmasked(x))


def unmasked(x: Any) -> Any:
    """`x`, unless it is a masked array, whose mask a plain array would not have."""
    return refuse(x) if isinstance(x, np.ma.MaskedArray) else x


PYTHON_NUMBERS = frozenset({float, int, bool})
# The types of most arguments. They are plain.
PLAIN_TYPES = frozenset({
    float, int, bool, str, slice, type(None), type(...), np.float64, np.float32, np.int64, np.bool_,
})  # fmt: skip
PROTOCOLS = ("__array__", "__array_ufunc__", "__array_function__", "__array_interface__", "__array_priority__")


def admit(x: Any) -> Any:
    """Let pass what may meet a node, also inside lists, tuples and dicts; raise TypeError for what may not. Returns the
    stand-in that takes over what happens to the nodes, if there is one.
    """
    if isinstance(x, (list, tuple, dict)):
        found = None
        for item in x.values() if isinstance(x, dict) else x:
            found = admit(item) or found
        return found
    kind: Any = type(x)
    if not is_plain(kind):
        refuse(x)
    return x._apply if issubclass(kind, StandIn) and kind.takes_over else None


@functools.cache
def is_plain(kind: type) -> bool:
    """Whether objects of this type may meet a node: nodes, numbers, NumPy's own arrays, and what is no array at all."""
    if issubclass(kind, np.ndarray):
        return kind in (np.ndarray, np.memmap)
    is_node = hasattr(kind, "_apply")
    return is_node or issubclass(kind, (np.generic, StandIn)) or not any(hasattr(kind, name) for name in PROTOCOLS)


def refuse(x: Any) -> Any:
    """Raise a TypeError that names the kind of `x`, and what to pass instead."""
    ways = {"filled": ".filled(value)", "toarray": ".toarray()", "to_numpy": ".to_numpy()", "numpy": ".numpy()"}
    way = next((f"its {text}" for name, text in ways.items() if hasattr(x, name)), "np.asarray of it")
    kind = type(x)
    raise TypeError(
        f"a {kind.__name__} of {kind.__module__.partition('.')[0]} computes by rules of its own (masks, labels, "
        f"another product), which Values and Tensors do not follow: pass a plain array, {way}"
    )
