"""`autograd.numpy.linalg`: NumPy's own, where a list may hold nodes."""

import functools
from typing import Any

import numpy

from .numpy_wrapper import served

__getattr__ = served(numpy.linalg)


def eigh(a: Any, UPLO: str = "L") -> Any:
    """np.linalg.eigh. It reads one triangle, and the whole gradient is that one's, as in HIPS autograd."""
    kept, strict = (numpy.tril(a), numpy.tril(a, -1)) if UPLO in "lL" else (numpy.triu(a), numpy.triu(a, 1))
    return numpy.linalg.eigh(kept + T(strict))


def T(x: Any) -> Any:
    """The last two axes exchanged."""
    return numpy.swapaxes(x, -1, -2)


_dot = functools.partial(numpy.einsum, "...ij,...jk->...ik")  # programs took it from there
