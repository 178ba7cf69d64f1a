"""HIPS autograd's vector spaces: of floats, arrays, and lists, tuples and dicts of them. No others can be added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..tracer import getval
from ..trees import leaves, leaves_like, rebuild

__all__ = ["VSpace", "vspace"]


class VSpace:
    """The space of all that has the structure, the shapes and the dtypes of `value`."""

    iscomplex = False

    def __init__(self, value: Any) -> None:
        self.zero = rebuild(value, map(zero_like, leaves(value)))

    def zeros(self) -> Any:
        """Its zero, in new arrays."""
        return self._each(np.zeros_like)

    def ones(self) -> Any:
        """The vector of ones."""
        return self._each(np.ones_like)

    def randn(self) -> Any:
        """A normal random vector, drawn from NumPy's global generator, as there."""
        return self._each(lambda zero: np.asarray(np.random.randn(*zero.shape)).astype(zero.dtype))  # noqa: NPY002

    def standard_basis(self) -> Iterator[Any]:
        """The vectors with a single one."""
        for n, zero in enumerate(leaves(self.zero)):
            for index in np.ndindex(*zero.shape):
                vector = self.zeros()
                leaves(vector)[n][index] = 1
                yield vector

    def add(self, x: Any, y: Any) -> Any:
        """The sum of two vectors."""
        return self._each(lambda zero, a, b: a + b, x, y)

    def mut_add(self, x: Any, y: Any) -> Any:
        """The sum of two vectors; None counts as zero. Nothing is changed: what is traced cannot be."""
        return y if x is None else self.add(x, y)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """A vector times a number."""
        return self._each(lambda zero, b: b * a, x)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The inner product."""
        products = leaves(self._each(lambda zero, a, b: np.dot(np.ravel(a), np.ravel(b)), x, y))
        return sum(products[1:], products[0]) if products else 0.0

    def covector(self, x: Any) -> Any:
        """The vector as a covector: of real numbers, the same."""
        return x

    def _each(self, f: Any, *vectors: Any) -> Any:
        """`f` of each zero array and the arrays of `vectors` in its place, in a tree."""
        together = zip(leaves(self.zero), *(leaves_like(self.zero, vector) for vector in vectors))
        return rebuild(self.zero, iter([f(*arrays) for arrays in together]))

    @property
    def size(self) -> int:
        """The number of dimensions."""
        return sum(zero.size for zero in leaves(self.zero))

    @property
    def shape(self) -> Any:
        """The shape of an array; of a tree, the spaces of its branches."""
        if isinstance(self.zero, dict):
            return {key: VSpace(branch) for key, branch in self.zero.items()}
        return type(self.zero)(map(VSpace, self.zero)) if isinstance(self.zero, (list, tuple)) else self.zero.shape

    @property
    def ndim(self) -> int:
        """The number of axes of an array."""
        return int(self.zero.ndim)

    @property
    def dtype(self) -> Any:
        """The dtype of an array."""
        return self.zero.dtype

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VSpace) and bool(self._kind() == other._kind())

    __hash__ = None  # type: ignore[assignment]

    def _kind(self) -> Any:
        return rebuild(self.zero, iter([(zero.shape, zero.dtype.str) for zero in leaves(self.zero)]))

    def __repr__(self) -> str:
        return f"VSpace({self._kind()})"


def zero_like(x: Any) -> Any:
    """A zero array for a number or an array."""
    value = getval(x)
    if not isinstance(value, (float, np.ndarray, np.floating)) or np.iscomplexobj(value):
        raise TypeError(
            f"there is no vector space of {type(value).__name__}: floats and arrays have one, and trees of them"
        )
    return np.zeros(np.shape(value), np.result_type(value))


vspace = VSpace
