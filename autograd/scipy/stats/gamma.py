"""The gamma distribution: z^(a - 1) exp(-z) / gamma(a) from 0 on."""

from __future__ import annotations

from scipy import special

from .law import Law

LAW = Law(
    "gamma",
    lambda z, a: special.xlogy(a - 1, z) - z - special.gammaln(a),
    below=lambda z, a: special.gammainc(a, z),
    above=lambda z, a: special.gammaincc(a, z),
    shapes=("a",),
    low=0.0,
    middle=1.0,
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
