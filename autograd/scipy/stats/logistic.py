"""The logistic distribution: the derivative of 1 / (1 + exp(-z))."""

from __future__ import annotations

from scipy import special

from .law import Law

LAW = Law(
    "logistic",
    lambda z: special.log_expit(z) + special.log_expit(-z),
    below=special.expit,
    above=lambda z: special.expit(-z),
    log_below=special.log_expit,
    log_above=lambda z: special.log_expit(-z),
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
