"""The Pareto distribution: b / z^(b + 1) from 1 on."""

from __future__ import annotations

import numpy as np

from .law import Law

LAW = Law(
    "pareto",
    lambda z, b: np.log(b) - (b + 1) * np.log(z),
    below=lambda z, b: -np.expm1(-b * np.log(z)),
    above=lambda z, b: z**-b,
    log_above=lambda z, b: -b * np.log(z),
    shapes=("b",),
    low=1.0,
    middle=2.0,
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
