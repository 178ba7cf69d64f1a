"""What the distributions of several numbers have in common: a point, a centre and a matrix, in SciPy's many forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays import asarray


def as_array(x: Any) -> Any:
    """Numbers and lists as arrays; nodes as they are."""
    return x if hasattr(x, "shape") else asarray(x, float)


def refuse_singular(name: str, allow_singular: bool) -> None:
    """Only matrices with an inverse have a density with a gradient by the matrix."""
    if allow_singular:
        raise TypeError(f"{name} does not take allow_singular=True: its matrix is positive definite")


def matrix_of(centre: Any, matrix: Any) -> tuple[int, Any]:
    """The dimension, and the Cholesky factor of the matrix, which may be given as its diagonal or as one number."""
    matrix = as_array(matrix)
    sizes = [np.shape(x)[-1] for x in (matrix, 1 if centre is None else centre) if np.ndim(x)]
    dim = sizes[0] if sizes else 1
    if np.ndim(matrix) < 2:
        return dim, np.sqrt(matrix) * np.eye(dim)
    if np.shape(matrix) != (dim, dim):
        raise ValueError(f"the matrix has the shape {np.shape(matrix)}, not that of a square one")
    return dim, np.linalg.cholesky(matrix)


def squares(x: Any, centre: Any, matrix: Any) -> tuple[int, Any, Any]:
    """The dimension, d' matrix^-1 d for each d = x - centre, and the logarithm of the determinant of the matrix."""
    dim, factor = matrix_of(centre, matrix)
    x = as_array(x)
    if np.ndim(x) == 0 or (np.ndim(x) == 1 and dim == 1):
        x = np.reshape(x, (*np.shape(x), 1))
    centre = 0 if centre is None else as_array(centre)
    if np.shape(x)[-1] != dim or (np.ndim(centre) and np.shape(centre) != (dim,)):
        raise ValueError(
            f"points of {np.shape(x)[-1]} coordinates, a centre of shape {np.shape(centre)}, {dim} dimensions"
        )
    offsets = x - centre
    flat = np.reshape(offsets, (-1, dim))
    whitened = np.linalg.solve(factor, flat.T)
    total = np.reshape(np.sum(whitened * whitened, axis=0), np.shape(offsets)[:-1])
    return dim, total, 2 * np.sum(np.log(np.diagonal(factor)))
