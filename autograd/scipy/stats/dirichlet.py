"""The Dirichlet distribution: the product of x_i^(alpha_i - 1) on the simplex, over its integral."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.stats
from scipy import special

from ...primitives import primitive
from ...table import partials
from .several import as_array


@primitive
def unless_wrong(x: Any, wrong: Any) -> Any:
    """`x`, if it is wrong nowhere."""
    if np.any(wrong):
        raise ValueError(
            "dirichlet: each alpha is positive; the entries of x are not negative, sum to 1, and are not 0 where their "
            "alpha is less than 1, where the density is infinite"
        )
    return np.where(wrong, np.nan, x)


partials(unless_wrong, 1, 0)


def logpdf(x: Any, alpha: Any) -> Any:
    """The logarithm of the density. The first axis of `x` is that of the coordinates; the last of them may be left out.

    Raises ValueError where a parameter is not positive, and where a point is not on the simplex.
    """
    x, alpha = as_array(x), as_array(alpha)
    if np.ndim(alpha) != 1 or np.ndim(x) not in (1, 2) or len(alpha) - np.shape(x)[0] not in (0, 1):
        raise ValueError(f"dirichlet: x of shape {np.shape(x)} has as many rows as alpha, {len(alpha)}, or one less")
    if np.shape(x)[0] < len(alpha):
        x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])
    exponents = np.reshape(alpha - 1, (-1, *[1] * (np.ndim(x) - 1)))
    off = np.greater(np.abs(np.sum(x, axis=0) - 1), 1e-9)
    infinite = np.equal(x, 0) & np.less(exponents, 0)
    x = unless_wrong(x, np.less(x, 0) | off | infinite | np.less_equal(exponents, -1))
    norm = special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha))
    return norm + np.sum(special.xlogy(exponents, x), axis=0)


def pdf(x: Any, alpha: Any) -> Any:
    """The density: the exponential of `logpdf`."""
    return np.exp(logpdf(x, alpha))


rvs = scipy.stats.dirichlet.rvs  # plain numbers, which HIPS autograd has at this address
