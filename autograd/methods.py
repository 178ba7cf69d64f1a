"""NumPy's methods of arrays, for tensors: products, reductions, layout, indices. Each records one call of the table."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Generic, Self, SupportsIndex, TypeVar

import numpy as np
import numpy.typing as npt

from . import namespace
from .arrays import floating_dtype
from .elsewhere import computed
from .operators import Arithmetic, Operand
from .rules.dtypes import cast
from .rules.structure import add_at, set_at
from .shapes import Axis
from .synonyms import MissingMethods, refuse_others, refuse_synonyms

on_tensors: Any = np  # NumPy's functions answer tensors with tensors, which its type stubs do not know


class ArrayMethods(Operand, MissingMethods):
    """The methods that an array has and a number has not."""

    __slots__ = ()

    def __matmul__(self, other: Any) -> Self:
        return self._apply(np.matmul, self, other)

    def __rmatmul__(self, other: Any) -> Self:
        return self._apply(np.matmul, other, self)

    def _with(self, others: dict[str, Any]) -> Callable[..., Any]:
        """What calls a reduction of this tensor, with the keywords that NumPy's method has and few use."""
        if not others:
            return self._apply

        def call(fun: Any, *args: Any, **kwargs: Any) -> Any:
            refuse_synonyms(f"{fun.__name__}()", others)
            return fun(*args, **kwargs, **others)

        return call

    def sum(self, axis: Axis = None, keepdims: bool = False, **others: Any) -> Self:
        """The sum over `axis` (all axes by default), as np.sum, with its dtype=, initial= and where=."""
        return self._with(others)(np.sum, self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False, **others: Any) -> Self:
        """The mean over `axis` (all axes by default), as np.mean, with its dtype= and where=."""
        return self._with(others)(np.mean, self, axis=axis, keepdims=keepdims)

    def var(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False, **others: Any) -> Self:
        """The variance over `axis`, as np.var, with its dtype=, where=, mean= and correction=."""
        return self._with(others)(np.var, self, axis=axis, ddof=ddof, keepdims=keepdims)

    def std(self, axis: Axis = None, ddof: float = 0, keepdims: bool = False, **others: Any) -> Self:
        """The standard deviation over `axis`, as np.std; its gradient is 0 where it vanishes."""
        return self._with(others)(np.std, self, axis=axis, ddof=ddof, keepdims=keepdims)

    def prod(self, axis: Axis = None, keepdims: bool = False, **others: Any) -> Self:
        """The product over `axis`, as np.prod; its gradient is exact at zeros."""
        return self._with(others)(np.prod, self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False, **others: Any) -> Self:
        """The maximum over `axis`, as np.max, with its initial= and where=; ties share the gradient."""
        return self._with(others)(np.max, self, axis=axis, keepdims=keepdims)

    def min(self, axis: Axis = None, keepdims: bool = False, **others: Any) -> Self:
        """The minimum over `axis`, as np.min, with its initial= and where=; ties share the gradient."""
        return self._with(others)(np.min, self, axis=axis, keepdims=keepdims)

    def cumsum(self, axis: int | None = None, **others: Any) -> Self:
        """The running sum along `axis`, as np.cumsum."""
        return self._with(others)(np.cumsum, self, axis=axis)

    def cumprod(self, axis: int | None = None, **others: Any) -> Self:
        """The running product along `axis`, as np.cumprod."""
        return self._with(others)(np.cumprod, self, axis=axis)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1, **others: Any) -> Self:
        """The sum of a diagonal, as np.trace."""
        return self._with(others)(np.trace, self, offset=offset, axis1=axis1, axis2=axis2)

    def argmax(self, axis: int | None = None, keepdims: bool = False, **others: Any) -> Any:
        """The position of the maximum: plain integers."""
        refuse_others("argmax()", others)
        return computed(np.argmax, (self._numbers(),), {"axis": axis, "keepdims": keepdims})

    def argmin(self, axis: int | None = None, keepdims: bool = False, **others: Any) -> Any:
        """The position of the minimum: plain integers."""
        refuse_others("argmin()", others)
        return computed(np.argmin, (self._numbers(),), {"axis": axis, "keepdims": keepdims})

    def argsort(self, axis: int = -1, **others: Any) -> Any:
        """The order of the elements: plain integers."""
        refuse_others("argsort()", others)
        return computed(np.argsort, (self._numbers(),), {"axis": axis})

    def any(self, axis: Axis = None, **others: Any) -> Any:
        """Whether any element is not 0: plain booleans."""
        refuse_others("any()", others)
        return computed(np.any, (self._numbers(),), {"axis": axis})

    def all(self, axis: Axis = None, **others: Any) -> Any:
        """Whether no element is 0: plain booleans."""
        refuse_others("all()", others)
        return computed(np.all, (self._numbers(),), {"axis": axis})

    def dot(self, other: Any) -> Self:
        """The product of vectors or matrices, as np.dot."""
        return on_tensors.dot(self, other)

    @property
    def T(self) -> Self:
        """All axes reversed."""
        return self._apply(np.transpose, self)

    @property
    def mT(self) -> Self:
        """The last two axes exchanged."""
        return self._apply(np.swapaxes, self, axis1=-1, axis2=-2)

    def transpose(self, *axes: Any) -> Self:
        """The axes in another order: `t.transpose(1, 0)` or `t.transpose((1, 0))`; reversed without."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], SupportsIndex) else axes or None
        return self._apply(np.transpose, self, axes=order)

    def swapaxes(self, axis1: int, axis2: int) -> Self:
        """Two axes exchanged, as np.swapaxes."""
        return self._apply(np.swapaxes, self, axis1=axis1, axis2=axis2)

    def reshape(self, *shape: Any, order: str = "C") -> Self:
        """The same elements in another shape: `t.reshape(2, 3)` or `t.reshape((2, 3))`; -1 is worked out. By rows, or
        by columns with order="F".
        """
        to = shape[0] if len(shape) == 1 else shape
        return self._apply(np.reshape, self, to) if order == "C" else on_tensors.reshape(self, to, order=order)

    def ravel(self, order: str = "C") -> Self:
        """All elements along one axis: by rows, or by columns with order="F"."""
        return self.reshape(-1, order=order)

    flatten = ravel

    def squeeze(self, axis: Axis = None, **others: Any) -> Self:
        """Without the axes of size 1, as np.squeeze."""
        refuse_others("squeeze()", others)
        return self._apply(np.squeeze, self, axis=axis)

    def repeat(self, repeats: Any, axis: int | None = None) -> Self:
        """Elements repeated, as np.repeat."""
        return on_tensors.repeat(self, repeats, axis=axis)

    def take(self, indices: Any, axis: int | None = None) -> Self:
        """Elements by position along `axis`, as np.take."""
        return on_tensors.take(self, indices, axis=axis)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Self:
        """A diagonal, as np.diagonal."""
        return self._apply(np.diagonal, self, offset=offset, axis1=axis1, axis2=axis2)

    def clip(self, min: Any = None, max: Any = None) -> Self:
        """Elements limited to [min, max], as np.clip."""
        return on_tensors.clip(self, min, max)

    def round(self, decimals: int = 0) -> Self:
        """Elements rounded, as np.round; the derivative is 0."""
        return on_tensors.round(self, decimals)

    def sort(self, axis: int = -1, **others: Any) -> Self:
        """A sorted copy (a tensor is never changed in place), as np.sort."""
        refuse_others("sort()", others)
        return on_tensors.sort(self, axis=axis)

    def copy(self, order: str = "C") -> Self:
        """The same numbers as another tensor, to which the gradient goes on."""
        return self._apply(np.copy, self)

    def conj(self) -> Self:
        """The complex conjugate: of real numbers these numbers."""
        return self._apply(np.conjugate, self)

    conjugate = conj

    @property
    def real(self) -> Self:
        """The real part: of real numbers these numbers."""
        return self._apply(np.real, self)

    @property
    def device(self) -> Any:
        """Where the numbers are: "cpu", as NumPy says it."""
        return getattr(self._raw, "device", "cpu")

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """NumPy as the array API standard has it, for SciPy and scikit-learn: see `autograd.namespace`."""
        return namespace

    def nonzero(self) -> Any:
        """The positions of what is not 0: plain integers."""
        return computed(np.nonzero, (self._numbers(),), {})

    def astype(self, dtype: npt.DTypeLike, copy: bool = True) -> Any:
        """The numbers in another floating dtype; the gradient comes back in this one. In one of integers or booleans
        they have no derivative, and are a plain array.
        """
        found = np.dtype(dtype)
        if found.kind in "iub":
            return self._numbers().astype(found)
        return self._apply(cast, self, floating_dtype(found))

    # --- indexing -----------------------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Self:
        return self._apply(operator.getitem, self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            "tensors are immutable, their gradients depend on it: use t = t.at[index].set(value) or .add(value)"
        )

    @property
    def at(self) -> At[Self]:
        """`t.at[index].set(value)` and `t.at[index].add(value)`: new tensors, changed at `index`, differentiable."""
        return At(self)


A = TypeVar("A", bound=Arithmetic)


class At(Generic[A]):
    """`t.at[index]`: where `set` and `add` put their values."""

    __slots__ = ("index", "tensor")

    def __init__(self, tensor: A, index: Any = ...) -> None:
        self.tensor = tensor
        self.index = index

    def __getitem__(self, index: Any) -> At[A]:
        return At(self.tensor, index)

    def set(self, value: Any) -> A:
        """A new tensor with `value` at the index; of repeated indices the last one counts."""
        return self.tensor._apply(set_at, self.tensor, value, self.index)

    def add(self, value: Any) -> A:
        """A new tensor with `value` added at the index; repeated indices add up."""
        return self.tensor._apply(add_at, self.tensor, value, self.index)
