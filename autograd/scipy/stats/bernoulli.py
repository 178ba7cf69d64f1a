"""The Bernoulli distribution: p for k = 1, and 1 - p for k = 0."""

from __future__ import annotations

import numpy as np
from scipy import special

from .law import Law

LAW = Law(
    "bernoulli",
    lambda k, p: special.xlogy(k, p) + special.xlog1py(1 - k, -p),
    below=lambda k, p: 1 - p + 0 * k,
    above=lambda k, p: p + 0 * k,
    shapes=("p",),
    low=0.0,
    high=1.0,
    valid=lambda p: np.greater_equal(p, 0) & np.less_equal(p, 1),
    of_counts=True,
)
pmf, logpmf, cdf, logcdf, sf, logsf = LAW.functions()
