"""`autograd.numpy.linalg`: NumPy's own, where a list may hold nodes."""

import functools
from typing import Any

import numpy

from .numpy_wrapper import array, holds_nodes, served

__getattr__ = served(numpy.linalg)


def eigh(a: Any, UPLO: Any = "L") -> Any:
    """np.linalg.eigh. It reads one triangle, and the whole gradient is that one's, as in HIPS autograd."""
    a = array(a) if holds_nodes(a) else a
    if not hasattr(a, "_apply"):  # nothing is traced
        return numpy.linalg.eigh(a, UPLO)
    of, off = (numpy.tril, -1) if UPLO in ("L", "l") else (numpy.triu, 1)
    return numpy.linalg.eigh(of(a) + T(of(a, off)), UPLO)


def T(x: Any) -> Any:
    """The last two axes exchanged."""
    return numpy.swapaxes(x, -1, -2)


_dot = functools.partial(numpy.einsum, "...ij,...jk->...ik")  # programs took it from there
