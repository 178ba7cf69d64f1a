"""The chi-squared distribution: the sum of the squares of df normal numbers."""

from __future__ import annotations

import math

from scipy import special

from .law import Law

LAW = Law(
    "chi2",
    lambda z, df: special.xlogy(df / 2 - 1, z) - z / 2 - special.gammaln(df / 2) - df * math.log(2) / 2,
    below=lambda z, df: special.chdtr(df, z),
    above=lambda z, df: special.chdtrc(df, z),
    shapes=("df",),
    low=0.0,
    middle=1.0,
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
