"""The beta distribution: z^(a - 1) (1 - z)^(b - 1) / beta(a, b) from 0 to 1."""

from __future__ import annotations

from scipy import special

from .law import Law

LAW = Law(
    "beta",
    lambda z, a, b: special.xlog1py(b - 1, -z) + special.xlogy(a - 1, z) - special.betaln(a, b),
    below=lambda z, a, b: special.betainc(a, b, z),
    above=lambda z, a, b: special.betaincc(a, b, z),
    shapes=("a", "b"),
    low=0.0,
    high=1.0,
    middle=0.5,
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
