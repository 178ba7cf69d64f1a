"""Around NumPy's insides, for speed alone: the same numbers, sooner. Nobody has to know it to read the engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from .shapes import Axis
from .table import BARE, Function

# glibc hands freed arrays back to the system, and each step pages them in anew, until a block of just under its limit
# of 32 MB is freed once (mallopt(3), M_MMAP_THRESHOLD). It is never written to, so it takes no memory.
np.empty(2**25 - 2**16, np.uint8)


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """np.mean, which adds halves in single precision and warns of empty arrays."""
    if x.dtype.itemsize < 4 or not x.size:
        return np.mean(x, axis, keepdims=keepdims)
    total = DIRECT[np.sum](x, axis, keepdims)
    return total / (x.size / total.size)


# What NumPy computes inside of wrappers written in Python, without them.
DIRECT: dict[Function, Function] = {
    np.sum: lambda x, axis=None, keepdims=False: np.add.reduce(x, axis, keepdims=keepdims),
    np.mean: mean,
    np.max: lambda x, axis=None, keepdims=False: np.maximum.reduce(x, axis, keepdims=keepdims),
    np.min: lambda x, axis=None, keepdims=False: np.minimum.reduce(x, axis, keepdims=keepdims),
    np.prod: lambda x, axis=None, keepdims=False: np.multiply.reduce(x, axis, keepdims=keepdims),
    np.transpose: lambda x, axes=None: x.transpose(axes),
    np.reshape: lambda x, shape: x.reshape(shape),
}
BARE.update(DIRECT)
