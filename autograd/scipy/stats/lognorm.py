"""The log-normal distribution: log(z) / s is normal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from .law import Law


def of_logarithm(z: Any, s: Any) -> Any:
    """The logarithm of the density."""
    return -np.square(np.log(z) / s) / 2 - np.log(s * z) - math.log(2 * math.pi) / 2


LAW = Law(
    "lognorm",
    lambda z, s: np.where(np.equal(z, 0), -math.inf, of_logarithm(np.where(np.equal(z, 0), 1, z), s)),
    below=lambda z, s: special.ndtr(np.log(z) / s),
    above=lambda z, s: special.ndtr(-np.log(z) / s),
    log_below=lambda z, s: special.log_ndtr(np.log(z) / s),
    log_above=lambda z, s: special.log_ndtr(-np.log(z) / s),
    shapes=("s",),
    low=0.0,
    middle=1.0,
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
