"""What functions of NumPy are to a trace, where they are more than a call to be written down."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..table import Function

# ufunc.reduce and ufunc.accumulate under the names of the functions that they are
REDUCE: dict[Any, Function] = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min, np.logical_and: np.all,
    np.logical_or: np.any,
}  # fmt: skip
ACCUMULATE: dict[Any, Function] = {np.add: np.cumsum, np.multiply: np.cumprod}

# What these answer depends on shapes and dtypes alone.
STATIC: set[Function] = {
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj, np.einsum_path,
    np.zeros_like, np.ones_like, np.empty_like, np.broadcast_shapes,
}  # fmt: skip


# The shapes of their results depend on values. The second row is about the argument of that position alone.
SHAPED: set[Function] = {
    np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.unique_values, np.unique_counts, np.unique_inverse,
    np.unique_all, np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d, np.bincount, np.trim_zeros,
}  # fmt: skip
SHAPED_BY: dict[Function, int] = {np.compress: 0, np.extract: 0, np.repeat: 1, np.delete: 1}

# They change an array, or write a file, at once.
WRITING: set[Function] = {
    np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal, np.save, np.savez, np.savetxt,
}  # fmt: skip

# NumPy's functions that are methods of arrays, too, with the same arguments
METHODS: dict[str, Function] = {
    fun.__name__: fun for fun in (
        np.argpartition, np.argsort, np.choose, np.clip, np.compress, np.cumprod, np.cumsum, np.diagonal, np.dot,
        np.nonzero, np.prod, np.repeat, np.round, np.searchsorted, np.std, np.take, np.trace, np.var,
    )
}  # fmt: skip
