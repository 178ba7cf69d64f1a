"""Student's t with df degrees of freedom: (1 + z^2 / df)^(-(df + 1) / 2), over its integral."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from .law import Law


def normal(z: Any) -> Any:
    """What the density tends to with more and more degrees of freedom."""
    return -z * z / 2 - math.log(2 * math.pi) / 2


def student(z: Any, df: Any) -> Any:
    """The logarithm of the density."""
    scale = np.log(special.poch(df / 2, 0.5)) - (np.log(df) + math.log(math.pi)) / 2
    return scale - (df + 1) / 2 * np.log1p(z * z / df)


LAW = Law(
    "t",
    lambda z, df: np.where(np.isinf(df), normal(z), student(z, np.where(np.isinf(df), 1, df))),
    below=lambda z, df: special.stdtr(df, z),
    above=lambda z, df: special.stdtr(df, -z),
    shapes=("df",),
)
pdf, logpdf, cdf, logcdf, sf, logsf = LAW.functions()
