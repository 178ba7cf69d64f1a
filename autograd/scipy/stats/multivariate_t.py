"""Student's t of several variables, of df degrees of freedom: (1 + d' shape^-1 d / df)^(-(df + dim) / 2), scaled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from . import multivariate_normal
from .several import squares


def logpdf(x: Any, loc: Any = None, shape: Any = 1, df: Any = 1) -> Any:
    """The logarithm of the density; the last axis of `x` is that of one point, `shape` is as the `cov` of the normal
    distribution, and `df` one positive number, or infinity; of another one it is NaN.
    """
    if isinstance(df, (int, float)) and math.isinf(df):
        return multivariate_normal.logpdf(x, loc, shape)
    df = np.where(np.greater(df, 0), df, math.nan)
    rank, total, log_det = squares(x, loc, shape)
    half = (df + rank) / 2
    norm = special.gammaln(half) - special.gammaln(df / 2) - rank / 2 * np.log(df * math.pi) - log_det / 2
    return norm - half * np.log1p(total / df)


def pdf(x: Any, loc: Any = None, shape: Any = 1, df: Any = 1) -> Any:
    """The density: the exponential of `logpdf`."""
    return np.exp(logpdf(x, loc, shape, df))
