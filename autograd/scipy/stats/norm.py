"""The normal distribution: exp(-z^2 / 2) / sqrt(2 pi)."""

from __future__ import annotations

import math

from scipy import special

from .law import Law

LAW = Law(
    "norm",
    lambda z: -z * z / 2 - math.log(2 * math.pi) / 2,
    below=special.ndtr,
    above=lambda z: special.ndtr(-z),
    log_below=special.log_ndtr,
    log_above=lambda z: special.log_ndtr(-z),
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
