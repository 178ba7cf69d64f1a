"""The exponential distribution: exp(-z) from 0 on."""

from __future__ import annotations

import numpy as np

from .law import Law

LAW = Law(
    "expon",
    lambda z: -z,
    below=lambda z: -np.expm1(-z),
    above=lambda z: np.exp(-z),
    log_above=lambda z: -z,
    low=0.0,
    middle=1.0,
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
