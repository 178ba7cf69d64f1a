"""The negative binomial distribution: k failures before n successes of probability p; n may be any positive number."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from .law import Law


def log_orders(k: Any, n: Any) -> Any:
    """The logarithm of the number of orders, (n + k - 1)! / (k! (n - 1)!)."""
    return special.gammaln(n + k) - special.gammaln(k + 1) - special.gammaln(n)


LAW = Law(
    "nbinom",
    lambda k, n, p: log_orders(k, n) + special.xlogy(n, p) + special.xlog1py(k, -p),
    below=lambda k, n, p: special.betainc(n, k + 1, p),
    above=lambda k, n, p: special.betaincc(n, k + 1, p),
    shapes=("n", "p"),
    low=0.0,
    valid=lambda n, p: np.greater(n, 0) & np.greater(p, 0) & np.less_equal(p, 1),
    of_counts=True,
)
pmf, logpmf, cdf, logcdf, sf, logsf = LAW.functions()
