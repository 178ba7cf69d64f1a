"""The geometric distribution: (1 - p)^(k - 1) p for k = 1, 2, ..."""

from __future__ import annotations

import numpy as np
from scipy import special

from .law import Law

LAW = Law(
    "geom",
    lambda k, p: special.xlog1py(k - 1, -p) + np.log(p),
    below=lambda k, p: -np.expm1(special.xlog1py(k, -p)),
    above=lambda k, p: np.exp(special.xlog1py(k, -p)),
    log_above=lambda k, p: special.xlog1py(k, -p),
    shapes=("p",),
    low=1.0,
    middle=1.0,
    valid=lambda p: np.greater(p, 0) & np.less_equal(p, 1),
    of_counts=True,
)
pmf, logpmf, cdf, logcdf, sf, logsf = LAW.functions()
