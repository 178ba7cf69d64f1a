"""In which dtype a rule computes, where the one of its operands would be too narrow."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..arrays import asarray, is_number
from ..primitives import primitive

DOUBLE = np.dtype(float)  # the precision of Python's floats


@primitive
def cast(x: Any, dtype: Any) -> Any:
    """`x` as numbers of another floating dtype; the gradient comes back in the dtype of `x`."""
    return asarray(x).astype(dtype)


def widened(x: Any, y: Any) -> Any:
    """`x` in the precision of `y`, where its own is lower; whole numbers and truth values become floats."""
    dtype, at_least = getattr(x, "dtype", None), getattr(y, "dtype", DOUBLE)
    if dtype is None or dtype is at_least or dtype.kind not in "biuf":
        return x
    wide = np.promote_types(dtype, at_least)
    return x if wide == dtype else x.astype(wide)


def single(x: Any) -> Any:
    """Halves in single precision: in a half, a count or a sum of more than 65,504 is infinite."""
    return cast(x, np.float32) if x.dtype.itemsize < 4 else x


def at_least_single(x: Any) -> Any:
    """The dtype in which to add many numbers: that of `x`, but for halves."""
    return np.float32 if x.dtype.itemsize < 4 else x.dtype


def together(*operands: Any) -> list[Any]:
    """The operands in the one dtype that NumPy computes with all of them: two of uint8 alone would wrap around."""
    arrays = [x if hasattr(x, "dtype") or is_number(x) else np.asarray(x) for x in operands]
    dtypes = {x.dtype for x in arrays if hasattr(x, "dtype")}
    if len(dtypes) < 2:
        return arrays
    dtype = functools.reduce(np.promote_types, dtypes)
    return [cast(x, dtype) if getattr(x, "dtype", dtype) != dtype else x for x in arrays]
