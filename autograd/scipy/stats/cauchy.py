"""The Cauchy distribution: 1 / (pi (1 + z^2))."""

from __future__ import annotations

import math

import numpy as np

from .law import Law

LAW = Law(
    "cauchy",
    lambda z: -2 * np.log(np.hypot(1, z)) - math.log(math.pi),
    below=lambda z: np.arctan2(1, -z) / math.pi,
    above=lambda z: np.arctan2(1, z) / math.pi,
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
