"""What the distributions of several numbers have in common: a point, a centre and a matrix, in SciPy's many forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays import asarray
from ...operators import raw


def as_array(x: Any) -> Any:
    """Numbers and lists as arrays; nodes as they are."""
    return x if hasattr(x, "shape") else asarray(x, float)


def dimension(centre: Any, matrix: Any) -> int:
    """The number of coordinates, which the centre or the matrix shows."""
    sizes = [np.shape(x)[-1] for x in (matrix, 1 if centre is None else centre) if np.ndim(x)]
    return int(sizes[0]) if sizes else 1


def full(matrix: Any, dim: int) -> Any:
    """The matrix, which may be given as its diagonal or as one number."""
    if np.ndim(matrix) < 2:
        return matrix * np.eye(dim)
    if np.shape(matrix) != (dim, dim):
        raise ValueError(f"the matrix has the shape {np.shape(matrix)}, and there are {dim} dimensions")
    return matrix


def squares(x: Any, centre: Any, matrix: Any, allow_singular: bool = False) -> tuple[Any, Any, Any]:
    """The rank, d' matrix^-1 d for each d = x - centre, and the logarithm of the determinant of the matrix. With
    `allow_singular` its pseudo-inverse and the determinant on its range, infinity for a d outside of that.
    """
    matrix = as_array(matrix)
    dim = dimension(centre, matrix)
    x, centre = as_array(x), 0 if centre is None else as_array(centre)
    if np.ndim(x) == 0 or (np.ndim(x) == 1 and dim == 1):
        x = np.reshape(x, (*np.shape(x), 1))
    if np.shape(x)[-1] != dim or (np.ndim(centre) and np.shape(centre) != (dim,)):
        raise ValueError(
            f"points of {np.shape(x)[-1]} coordinates, a centre of shape {np.shape(centre)}, {dim} dimensions"
        )
    offsets = x - centre
    flat = np.reshape(offsets, (-1, dim))
    if allow_singular:
        rank, total, log_det = within_range(flat, full(matrix, dim))
    else:
        factor = np.linalg.cholesky(full(matrix, dim))
        whitened = np.linalg.solve(factor, flat.T)
        rank, total, log_det = dim, np.sum(whitened * whitened, axis=0), 2 * np.sum(np.log(np.diagonal(factor)))
    return rank, np.reshape(total, np.shape(offsets)[:-1]), log_det


def within_range(offsets: Any, matrix: Any) -> tuple[int, Any, Any]:
    """The rank of a matrix, the squares of the offsets in its range, and the logarithm of the determinant there, by its
    eigenvalues: those are 0 that SciPy takes for 0.
    """
    if getattr(matrix, "_requires_grad", False):
        raise TypeError("with allow_singular=True there is no derivative by the matrix, whose rank may change")
    values, vectors = np.linalg.eigh(raw(matrix))
    limit = 1e6 * np.finfo(values.dtype).eps * np.max(np.abs(values))
    if np.min(values) < -limit:
        raise np.linalg.LinAlgError("the matrix is not positive semidefinite")
    inside = values > limit
    total = np.sum(np.square(offsets @ (vectors[:, inside] / np.sqrt(values[inside]))), axis=-1)
    outside = np.sqrt(np.sum(np.square(offsets @ vectors[:, ~inside]), axis=-1)) > limit
    return int(inside.sum()), np.where(outside, np.inf, total), np.sum(np.log(values[inside]))
