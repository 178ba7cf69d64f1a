"""The Laplace distribution: exp(-|z|) / 2."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .law import Law


def half(z: Any) -> Any:
    """The probability of less than z."""
    tail = np.exp(-np.abs(z)) / 2
    return np.where(np.greater(z, 0), 1 - tail, tail)


def log_half(z: Any) -> Any:
    """Its logarithm."""
    return np.where(np.greater(z, 0), np.log1p(-np.exp(-np.abs(z)) / 2), -np.abs(z) - math.log(2))


LAW = Law(
    "laplace",
    lambda z: -np.abs(z) - math.log(2),
    below=lambda z: half(z),
    above=lambda z: half(-z),
    log_below=lambda z: log_half(z),
    log_above=lambda z: log_half(-z),
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
