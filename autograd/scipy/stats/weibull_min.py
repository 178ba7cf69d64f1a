"""The Weibull distribution of minima: c z^(c - 1) exp(-z^c) from 0 on."""

from __future__ import annotations

import numpy as np
from scipy import special

from .law import Law

LAW = Law(
    "weibull_min",
    lambda z, c: np.log(c) + special.xlogy(c - 1, z) - z**c,
    below=lambda z, c: -np.expm1(-(z**c)),
    above=lambda z, c: np.exp(-(z**c)),
    log_above=lambda z, c: -(z**c),
    shapes=("c",),
    low=0.0,
    middle=1.0,
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
