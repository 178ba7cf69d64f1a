"""The multivariate normal distribution: exp(-d' cov^-1 d / 2) / sqrt(det(2 pi cov)) for d = x - mean."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .several import as_array, dimension, full, squares


def logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """The logarithm of the density; the last axis of `x` is that of one point.

    `cov` is a symmetric positive definite matrix, the diagonal of one, or the variance of all coordinates. A matrix
    that is not positive definite raises numpy.linalg.LinAlgError; with `allow_singular` it may be semidefinite, and
    there is no derivative by it.
    """
    rank, total, log_det = squares(x, mean, cov, allow_singular)
    return -(rank * math.log(2 * math.pi) + log_det + total) / 2


def pdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """The density: the exponential of `logpdf`."""
    return np.exp(logpdf(x, mean, cov, allow_singular))


def entropy(mean: Any = None, cov: Any = 1) -> Any:
    """The differential entropy, which the mean has no part in."""
    cov = as_array(cov)
    dim = dimension(mean, cov)
    factor = np.linalg.cholesky(full(cov, dim))
    return dim * (1 + math.log(2 * math.pi)) / 2 + np.sum(np.log(np.diagonal(factor)))
