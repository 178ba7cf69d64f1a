"""Mapped: what stands for each of many examples at once, while `vmap` runs a function written for one of them.

It has the shape of one example and holds all of them along a first axis. A call of NumPy on it is a call on the whole
array, by a rule of `batching` that follows from shapes and axes alone, or example by example where there is none.
The arrays that it holds may be Tensors, so what is mapped is differentiated and traced like anything else.
"""

from __future__ import annotations

import functools
import operator
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, NoReturn

import numpy as np

from .arrays import StandIn
from .batching import RULES_OF_BATCHES, aligned
from .dispatch import canonical, required, resolved
from .inspecting import name_of
from .methods import At
from .node import Node
from .operators import Arithmetic
from .rules.dtypes import cast
from .rules.structure import WantsNumbers
from .shapes import Shape
from .table import COMPOSITES, RULES, Function
from .trees import leaves, rebuild


class Batch:
    """The examples of one run of `vmap`; `depth` of them are around it. The rules of batches ask it.

    `identity` is the array whose rows are a whole basis, if there is one: a product with it is known.
    """

    __slots__ = ("depth", "identity", "size")

    def __init__(self, size: int, depth: float, identity: Any = None) -> None:
        self.size = size
        self.depth = depth
        self.identity = identity

    def has(self, x: Any) -> bool:
        """Whether `x` differs between these examples."""
        return isinstance(x, Mapped) and x._batch is self

    def of(self, x: Any) -> Any:
        """All examples of `x` along a first axis; what is the same for all is seen as often as there are examples."""
        if self.has(x):
            return x._every
        x = x if hasattr(x, "shape") else np.asarray(x)
        return np.broadcast_to(x, (self.size, *x.shape))

    def example(self, tree: Any, i: int) -> Any:
        """The i-th example of everything in a tree."""
        return rebuild(tree, iter([x._every[i] if self.has(x) else x for x in leaves(tree)]))

    def wrap(self, tree: Any) -> Any:
        """Arrays with all examples along their first axes as what stands for each of them."""
        return rebuild(tree, iter([Mapped(x, self) for x in leaves(tree)]))


batches: ContextVar[tuple[Batch, ...]] = ContextVar("batches", default=())  # the innermost is the last


class NeedsNumbers(TypeError):
    """Something needs the numbers of one example: a branch, an assignment, a file."""


class Mapped(StandIn, Arithmetic):
    """What stands for each example of a batch. It answers as an array of the shape of one."""

    __slots__ = ("_batch", "_every")
    takes_over = True

    def __init__(self, data: Any, batch: Batch) -> None:
        self._every = data
        self._batch = batch

    @staticmethod
    def _apply(fun: Function, *args: Any, **kwargs: Any) -> Any:
        """`fun` of all examples at once."""
        found = [x._batch for x in leaves((args, kwargs)) if isinstance(x, Mapped)]
        batch = max(found, key=lambda b: b.depth)
        rule = RULES_OF_BATCHES.get(fun)
        if rule is None and is_elementwise(fun):
            rule = aligned
        token = batches.set(tuple(b for b in batches.get() if b.depth < batch.depth))
        try:
            if fun in SHAPES_ALONE:
                return fun(*like_one(args), **like_one(kwargs))
            result = NotImplemented if rule is None else rule(batch, fun, *args, **kwargs)
            return batch.wrap(one_by_one(batch, fun, args, kwargs) if result is NotImplemented else result)
        finally:
            batches.reset(token)

    def __array_function__(
        self, func: Function, types: Iterable[type], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if func in RULES or (func in COMPOSITES and func not in RULES_OF_BATCHES):
            made_of, args, kwargs = resolved(func, args, kwargs)
            if made_of is not None:
                with suppress(WantsNumbers):  # an index or a mask that is another one for each example
                    return made_of(*args, **kwargs)
        elif not isinstance(func, np.ufunc):
            args, kwargs = canonical(func, required(func), args, kwargs)
        return self._apply(func, *args, **kwargs)

    # --- what is the same for all ---------------------------------------------------------------------------------

    @property
    def shape(self) -> Shape:
        """The shape of one example."""
        return tuple(self._every.shape[1:])

    @property
    def ndim(self) -> int:
        """The number of axes of one example."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements of one example."""
        return int(np.prod(self.shape, dtype=int))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the elements."""
        return self._every.dtype

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of an example without axes")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    # --- what an array answers ------------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        return self._apply(operator.getitem, self, index)

    def __matmul__(self, other: Any) -> Any:
        return self._apply(np.matmul, self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return self._apply(np.matmul, other, self)

    def __eq__(self, other: object) -> Any:
        return self._apply(np.equal, self, other)

    def __ne__(self, other: object) -> Any:
        return self._apply(np.not_equal, self, other)

    def __lt__(self, other: Any) -> Any:
        return self._apply(np.less, self, other)

    def __le__(self, other: Any) -> Any:
        return self._apply(np.less_equal, self, other)

    def __gt__(self, other: Any) -> Any:
        return self._apply(np.greater, self, other)

    def __ge__(self, other: Any) -> Any:
        return self._apply(np.greater_equal, self, other)

    __hash__ = object.__hash__

    def __and__(self, other: Any) -> Any:
        return self._apply(np.bitwise_and, self, other)

    def __rand__(self, other: Any) -> Any:
        return self._apply(np.bitwise_and, other, self)

    def __or__(self, other: Any) -> Any:
        return self._apply(np.bitwise_or, self, other)

    def __ror__(self, other: Any) -> Any:
        return self._apply(np.bitwise_or, other, self)

    def __invert__(self) -> Any:
        return self._apply(np.invert, self)

    @property
    def T(self) -> Any:
        """All axes reversed."""
        return self._apply(np.transpose, self)

    @property
    def mT(self) -> Any:
        """The last two axes exchanged."""
        return self._apply(np.swapaxes, self, axis1=-1, axis2=-2)

    @property
    def at(self) -> At[Any]:
        """`x.at[index].set(value)` and `x.at[index].add(value)`, as of a Tensor."""
        return At(self)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return self._apply(np.transpose, self, axes=order)

    def reshape(self, *shape: Any) -> Any:
        """The same elements in another shape."""
        return self._apply(np.reshape, self, shape[0] if len(shape) == 1 else shape)

    def flatten(self) -> Any:
        """All elements along one axis."""
        return self.reshape(-1)

    def astype(self, dtype: Any, casting: str = "unsafe", copy: bool = True) -> Any:
        """The same numbers in another dtype."""
        found = np.dtype(dtype)
        if not np.can_cast(self.dtype, found, casting):  # type: ignore[arg-type]
            raise TypeError(f"cannot cast an array of {self.dtype} to {found} by the rule {casting!r}")
        if found == self.dtype:
            return self
        as_tensor = isinstance(self._every, (Node, Mapped)) and found.kind == "f"
        return Mapped(cast(self._every, found) if as_tensor else self._every.astype(found), self._batch)

    def as_float(self) -> Any:
        """Itself: as a number it has a dtype."""
        return self

    @property
    def is_number(self) -> bool:
        """No: it stands for what NumPy gives."""
        return False

    def __getattr__(self, name: str) -> Any:
        fun = getattr(np, name, None)
        if callable(fun) and not name.startswith("_") and hasattr(np.ndarray, name):
            return functools.partial(fun, self)  # np.sum(x) is x.sum()
        if name in ("data", "numpy", "detach", "backward", "grad"):
            self._alone(name)
        raise AttributeError(f"{self!r} has no attribute {name!r}")

    # --- what only one example can tell ---------------------------------------------------------------------------

    def _alone(self, what: str) -> NoReturn:
        raise NeedsNumbers(f"{what} of {self!r} needs the numbers of one example: vmap has many of them at once")

    def __bool__(self) -> bool:
        self._alone("the truth")

    def __float__(self) -> float:
        self._alone("float()")

    def __int__(self) -> int:
        self._alone("int()")

    def __complex__(self) -> complex:
        self._alone("complex()")

    def __index__(self) -> int:
        self._alone("an index")

    def __round__(self, digits: int | None = None) -> Any:
        self._alone("round()")

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        self._alone("np.asarray()")

    def __setitem__(self, index: Any, value: Any) -> None:
        self._alone("an assignment into it")

    def item(self) -> Any:
        """Refused: it would be one number of many."""
        self._alone("item()")

    def tolist(self) -> Any:
        """Refused: it would be the numbers of one example."""
        self._alone("tolist()")

    def __repr__(self) -> str:
        return f"an example of shape {self.shape} and dtype {self.dtype}"


def is_elementwise(fun: Function) -> bool:
    """Whether each element of the result comes from one of each argument: of ufuncs, from those without a signature."""
    if isinstance(fun, np.ufunc):
        return fun.signature is None
    return fun in RULES and RULES[fun].elementwise


# They ask for nothing but shapes and dtypes, which all examples share.
SHAPES_ALONE: set[Function] = {
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj, np.einsum_path,
    np.zeros_like, np.ones_like, np.empty_like,
}  # fmt: skip


def like_one(tree: Any) -> Any:
    """A tree with an array of zeros, of the shape and dtype of an example, for each that is mapped."""
    zeros = (np.broadcast_to(np.zeros((), x.dtype), x.shape) if isinstance(x, Mapped) else x for x in leaves(tree))
    return rebuild(tree, zeros)


def one_by_one(batch: Batch, fun: Function, args: Any, kwargs: Any) -> Any:
    """`fun` of one example after the other, which is right for whatever has no rule, and said once."""
    say_so(name_of(fun), "vmap has no rule for it")
    return one_above_another(
        [fun(*batch.example(args, i), **batch.example(kwargs, i)) for i in range(batch.size)], name_of(fun)
    )


@functools.cache
def say_so(name: str, why: str) -> None:
    """Tell once that a function runs example by example."""
    warnings.warn(f"{name} runs for one example after the other: {why}", UserWarning, stacklevel=2)


def one_above_another(results: Sequence[Any], name: str) -> Any:
    """The results of all examples, along a first axis."""
    each = [leaves(result) for result in results]
    if len({tuple(np.shape(x) for x in one) for one in each}) != 1:
        raise ValueError(f"{name} gives results of different shapes for different examples, which are no array")
    return rebuild(results[0], iter([np.stack(column) for column in zip(*each)]))


# --- What transforms ask ------------------------------------------------------------------------------------------


def spread_out(x: Any, around: Sequence[Batch]) -> Any:
    """`x`, which stands for an example of each of these batches, as one array of all of them."""
    for batch in reversed(around):
        x = batch.of(x)
    return x


def gathered(x: Any, around: Sequence[Batch]) -> Any:
    """An array of all examples of these batches as what stands for one of each."""
    for batch in around:
        x = Mapped(x, batch)
    return x


def stood_in(x: Any) -> Any:
    """`x`, or the array or node that holds the examples that it stands for."""
    while isinstance(x, Mapped):
        x = x._every
    return x


def is_tracked(x: Any) -> bool:
    """Whether a gradient can flow to `x`, or to the examples that it stands for."""
    held = stood_in(x)
    return isinstance(held, Node) and held.requires_grad


def in_batch(batch: Batch, run: Callable[[], Any]) -> Any:
    """`run()` while `batch` is the innermost one."""
    token = batches.set((*batches.get(), batch))
    try:
        return run()
    finally:
        batches.reset(token)
