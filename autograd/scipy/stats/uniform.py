"""The uniform distribution: 1 from 0 to 1."""

from __future__ import annotations

from .law import Law

LAW = Law(
    "uniform",
    lambda z: 0 * z,
    below=lambda z: z,
    above=lambda z: 1 - z,
    low=0.0,
    high=1.0,
    middle=0.5,
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
