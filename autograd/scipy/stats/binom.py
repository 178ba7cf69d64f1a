"""The binomial distribution: n choose k, times p^k (1 - p)^(n - k), for k = 0, ..., n."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from .law import Law


def log_choices(k: Any, n: Any) -> Any:
    """The logarithm of n choose k."""
    return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)


LAW = Law(
    "binom",
    lambda k, n, p: log_choices(k, n) + special.xlogy(k, p) + special.xlog1py(n - k, -p),
    below=lambda k, n, p: special.betaincc(k + 1, n - k, p),
    above=lambda k, n, p: special.betainc(k + 1, n - k, p),
    shapes=("n", "p"),
    low=0.0,
    high=lambda n, p: n,
    valid=lambda n, p: np.greater_equal(n, 0) & np.equal(n, np.floor(n)) & np.greater_equal(p, 0) & np.less_equal(p, 1),
    of_counts=True,
)
pmf, logpmf, cdf, logcdf, sf, logsf = LAW.functions()
