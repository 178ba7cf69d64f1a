"""What an array is: NumPy's own, those of registered kinds that live elsewhere, and what stands for one in a trace.

And what else may meet a node: plain numbers. Anything that computes by rules of its own is refused by name: a mask,
labels, or `*` as the product of matrices would be lost on the way, or pair the wrong numbers.
"""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

# --- Arrays that live elsewhere: on many machines, on a device ----------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A kind of array that lives elsewhere. It speaks NumPy's protocols, which compute with it: here is what differs.

    `name` is the qualified name of its type, by which it is known without its library being imported. `numbers` brings
    one into a NumPy array. `copy` gives one that does not change with it. What is `lazy` computes nothing until its
    numbers are asked for: `each_block(f, *xs)` is an elementwise f of them then, of arrays of NumPy's part by part.
    `has` tells whether the library knows a function of NumPy's.
    """

    name: str
    numbers: Callable[[Any], Any]
    copy: Callable[[Any], Any] = operator.methodcaller("copy")
    lazy: bool = False
    has: Callable[[Callable[..., Any]], bool] = lambda fun: True
    each_block: Callable[..., Any] = lambda f, *xs: f(*xs)

    @property
    def library(self) -> str:
        """What to call it in a message."""
        return self.name.partition(".")[0].capitalize()


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Let arrays of this kind, and of types derived from theirs, be the data of Tensors, and meet them."""
    KINDS[kind.name] = kind
    kind_of_type.cache_clear()


@functools.cache
def kind_of_type(of: Any) -> Kind | None:
    """The registered kind of arrays of a type, if it is one."""
    return next(filter(None, (KINDS.get(f"{base.__module__}.{base.__qualname__}") for base in of.__mro__)), None)


def kind_of(x: Any) -> Kind | None:
    """The kind of an array that lives elsewhere; None of anything else."""
    of: Any = type(x)
    return None if of is np.ndarray else kind_of_type(of)


def lives_elsewhere(x: Any) -> bool:
    """Whether `x` is an array that lives elsewhere, or a node around one."""
    return type(x) is not np.ndarray and kind_of(getattr(x, "_raw", x)) is not None


def is_lazy(x: Any) -> bool:
    """Whether the numbers of `x`, or of the node `x`, are not known yet: no branch may depend on them."""
    if type(x) is np.ndarray:
        return False
    kind = kind_of(getattr(x, "_raw", x))
    return kind is not None and kind.lazy


def dask_has(fun: Callable[..., Any]) -> bool:
    """Whether Dask knows a function of NumPy's. Those that it does not know it would compute at once, all of them."""
    if isinstance(getattr(fun, "__self__", None), np.ufunc) or fun is np.linalg.cholesky:
        return False  # its Cholesky factors of several blocks are wrong (2026.8)
    module: Any = sys.modules["dask.array"]
    if isinstance(fun, np.ufunc) or fun in module.core._HANDLED_FUNCTIONS:
        return True
    for part in fun.__module__.split(".")[1:]:
        module = getattr(module, part, None)
    return getattr(module, fun.__name__, fun) is not fun


def in_dasks_blocks(f: Callable[..., Any], *xs: Any, dtype: Any = None) -> Any:
    """An elementwise f of Dask's arrays, and of others: one task for each block, with arrays of NumPy's."""
    arrays = [x for x in xs if isinstance(x, np.ndarray) or kind_of(x) is not None]
    held = [None if any(x is array for array in arrays) else (x,) for x in xs]
    among = functools.partial(called_among, f, held)
    if dtype is None:
        with np.errstate(all="ignore"):
            dtype = among(*(np.ones((1,) * x.ndim, x.dtype) for x in arrays)).dtype
    return sys.modules["dask.array"].core.elemwise(among, *arrays, dtype=dtype)


def called_among(f: Callable[..., Any], held: list[Any], *arrays: Any) -> Any:
    """`f` of arrays, which come in the places that are None, among what is held."""
    rest = iter(arrays)
    return f(*(next(rest) if each is None else each[0] for each in held))


register(
    Kind(
        "dask.array.core.Array",
        numbers=lambda x: x.compute(),
        lazy=True,
        has=dask_has,
        each_block=in_dasks_blocks,
    )
)
register(Kind("cupy.ndarray", numbers=lambda x: x.get()))


def vetted(check: Callable[[Any], None], x: Any) -> Any:
    """`x`, of which `check` raises what is not allowed: now, or of a lazy array when its numbers are computed."""
    kind = kind_of(x)
    if kind is not None and kind.lazy:
        return kind.each_block(functools.partial(passed, check), x, dtype=x.dtype)
    check(x)
    return x


def passed(check: Callable[[Any], None], x: Any) -> Any:
    """`x`, if `check` does not raise."""
    check(x)
    return x


def beside(x: Any, numbers: Any) -> Any:
    """An array of NumPy's where `x`, an array or a node, lives. Lazy arrays take NumPy's as they are."""
    held = getattr(x, "_raw", x)
    kind = kind_of(held)
    as_it_is = kind is None or kind.lazy or not isinstance(numbers, np.ndarray)
    return numbers if as_it_is else np.asarray(numbers, like=held)


def zeros(x: Any, shape: tuple[int, ...], dtype: Any = None) -> Any:
    """Zeros where `x`, an array or a node, lives; of its dtype, unless another one is given."""
    held = getattr(x, "_raw", x)
    if kind_of(held) is None:
        return np.zeros(shape, dtype or held.dtype)
    made = np.zeros_like(held, dtype=dtype, shape=shape or (1,))  # CuPy takes () for the shape of `held` (14.2)
    return made if shape else np.reshape(made, ())


def in_numpy(x: Any) -> Any:
    """The numbers of an array in one of NumPy's, wherever it lives: those of a lazy one are computed."""
    kind = kind_of(x)
    return asarray(x) if kind is None else kind.numbers(x)


# --- What stands for an array, and NumPy's own --------------------------------------------------------------------


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
    """np.asarray(x, dtype) of numbers; what stands for an array, or lives elsewhere, stays what it is."""
    if type(x) is np.ndarray:
        return x if dtype is None or x.dtype is dtype else np.asarray(x, dtype)
    if isinstance(x, StandIn):
        return x if dtype is None else x.astype(dtype)
    if kind_of(x) is not None:
        return x if dtype is None or x.dtype == dtype else x.astype(dtype)
    return np.asarray(unmasked(x), dtype)


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
    if kind_of(array) is not None or array.size == 0 or array.dtype.kind not in "OSU":
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
    if type(x) is np.ndarray:
        return np.array(x)
    kind = kind_of(x)
    return kind.copy(x) if kind else x if isinstance(x, StandIn) else np.array(unmasked(x))


def unmasked(x: Any) -> Any:
    """`x`, unless it is a masked array, whose mask a plain array would not have."""
    return refuse(x) if isinstance(x, np.ma.MaskedArray) else x


PYTHON_NUMBERS = frozenset({float, int, bool})
# The types of most arguments. They are plain.
PLAIN_TYPES = frozenset({
    float, int, bool, str, slice, type(None), type(...), np.float64, np.float32, np.int64, np.bool_,
})  # fmt: skip
PROTOCOLS = ("__array__", "__array_ufunc__", "__array_function__", "__array_interface__", "__array_priority__")


def is_plain_tuple(x: Any) -> bool:
    """Whether `x` is a tuple of numbers, slices and the like, as most indices are."""
    return type(x) is tuple and PLAIN_TYPES.issuperset(map(type, x))


def admit(x: Any) -> Any:
    """Let pass what may meet a node, also inside lists, tuples and dicts; raise TypeError for what may not. Returns who
    takes over what happens to the nodes, if somebody does: a stand-in's `_apply`, or ELSEWHERE.
    """
    if is_plain_tuple(x):
        return None
    if isinstance(x, (list, tuple, dict)):
        found = None
        for item in x.values() if isinstance(x, dict) else x:
            above = admit(item)
            found = above if found is None or (found is ELSEWHERE and above is not None) else found
        return found
    kind: Any = type(x)
    if not is_plain(kind):
        return refuse(x) if kind_of_type(kind) is None else ELSEWHERE
    return x._apply if issubclass(kind, StandIn) and kind.takes_over else None


ELSEWHERE = "elsewhere"  # who computes where an array lives elsewhere: its library


def home(x: Any) -> Any:
    """ELSEWHERE of an array that lives there, else False."""
    return False if type(x) is np.ndarray or kind_of(x) is None else ELSEWHERE


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
