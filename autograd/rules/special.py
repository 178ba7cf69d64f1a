"""Special functions that NumPy lacks, as rational approximations in vectorised NumPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..primitives import primitive

# Moshier, Cephes Math Library 2.8 (2000), ndtr.c: up to |x| = 1, erf(x) = x NEAR(x^2); from there on,
# erf(x) = 1 - exp(-x^2) FAR(x). Numerators and denominators, with the highest power first.
NEAR = (
    (9.60497373987051638749e0, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3,
     5.55923013010394962768e4),
    (1.0, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3, 2.26290000613890934246e4,
     4.92673942608635921086e4),
)  # fmt: skip
FAR = (
    (2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0, 4.86371970985681366614e1,
     1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3,
     5.57535335369399327526e2),
    (1.0, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2,
     1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3, 5.57535340817727675546e2),
)  # fmt: skip
ONE_BY_ONE = 512  # up to so many numbers, C's erf of each takes less time than NumPy's calls
BLOCK = 1 << 15  # of longer arrays so many numbers at once: what is between fits into a cache
c_erf = np.frompyfunc(math.erf, 1, 1)


@primitive
def erf(x: Any) -> Any:
    """The error function 2/sqrt(pi) * integral of exp(-t^2) from 0 to x, elementwise, to 3 units in the last place.

    [Moshier, Cephes Math Library, ndtr.c]
    """
    x = np.asarray(x)
    dtype = x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)
    if x.size <= ONE_BY_ONE:
        return np.asarray(c_erf(x), dtype)[()]
    flat = x.reshape(-1).astype(np.float32 if dtype.itemsize < 4 else dtype, copy=False)
    out = np.empty_like(flat)
    for start in range(0, flat.size, BLOCK):
        part = slice(start, start + BLOCK)
        erf_of_block(flat[part], out[part])
    return out.reshape(x.shape).astype(dtype, copy=False)


def erf_of_block(x: Any, out: Any) -> None:
    """Write erf of the floats `x` to `out`."""
    near = np.clip(x, -1, 1)
    np.multiply(near, ratio_of_polynomials(NEAR, near * near), out=out)
    far = np.flatnonzero(np.absolute(x) > 1)
    if far.size:
        x = x[far]
        t = np.minimum(np.absolute(x), 6)  # beyond, it is 1 to the last digit
        out[far] = np.copysign(1 - np.exp(-t * t) * ratio_of_polynomials(FAR, t), x)


def ratio_of_polynomials(coefficients: tuple[tuple[float, ...], ...], x: Any) -> Any:
    """The quotient of two polynomials at `x`, by Horner's rule."""
    above, below = (polynomial(c, x) for c in coefficients)
    above /= below
    return above


def polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    """The polynomial with these coefficients, the highest power first, in a new array."""
    y = x * coefficients[0]
    y += coefficients[1]
    for c in coefficients[2:]:
        y *= x
        y += c
    return y
