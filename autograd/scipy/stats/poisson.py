"""The Poisson distribution: mu^k exp(-mu) / k! for k = 0, 1, 2, ..."""

from __future__ import annotations

import numpy as np
from scipy import special

from .law import Law

LAW = Law(
    "poisson",
    lambda k, mu: special.xlogy(k, mu) - special.gammaln(k + 1) - mu,
    below=special.pdtr,
    above=special.pdtrc,
    shapes=("mu",),
    low=0.0,
    valid=lambda mu: np.greater_equal(mu, 0),
    of_counts=True,
)
pmf, logpmf, cdf, logcdf, sf, logsf = LAW.functions()
