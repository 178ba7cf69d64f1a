"""The multinomial distribution: n! times the product of p_i^x_i / x_i! for counts x_i that sum to n."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from .several import as_array


def logpmf(x: Any, n: Any, p: Any) -> Any:
    """The logarithm of the probability of the counts along the last axis of `x`, -inf where they do not sum to n.

    NaN where a probability is not between 0 and 1, where they do not sum to 1, and where n is negative. The derivative
    by each probability is x / p, as if the others stayed.
    """
    if getattr(x, "_requires_grad", False) or getattr(n, "_requires_grad", False):
        raise TypeError("multinomial.logpmf has no derivative by counts: pass plain numbers, their .data")
    x, n, p = as_array(x), as_array(n), as_array(p)
    if np.ndim(x) == 0 or np.shape(x)[-1] != np.shape(p)[-1]:
        raise ValueError(f"multinomial: counts of shape {np.shape(x)} for probabilities of shape {np.shape(p)}")
    rounding = 10 * np.finfo(np.result_type(p.dtype, np.float32)).eps
    sound = np.all(np.greater_equal(p, 0) & np.less_equal(p, 1), axis=-1) & np.greater_equal(n, 0)
    sound = sound & np.less_equal(np.abs(np.sum(p, axis=-1) - 1), rounding)
    whole = np.greater_equal(x, 0) & np.equal(x, np.floor(x))
    within = np.all(whole, axis=-1) & np.equal(np.sum(x, axis=-1), n)
    counts, p = np.where(whole, x, 0), np.where(sound[..., None], p, 0.5)
    terms = special.xlogy(counts, p) - special.gammaln(counts + 1)
    y = special.gammaln(np.where(within, n, 0) + 1) + np.sum(terms, axis=-1)
    return np.where(sound, np.where(within, y, -math.inf), math.nan)


def pmf(x: Any, n: Any, p: Any) -> Any:
    """The probability: the exponential of `logpmf`."""
    return np.exp(logpmf(x, n, p))
