"""The derivatives of `scipy.special` that need more than a line. They are written in functions of the table, too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from ..primitives import anywhere, primitive
from ..rules.elementwise import chain, ratio

CLOSE = 1 / 32  # up to this part of a, the change of a polygamma function is summed from the higher ones
FAR = 7.0  # from here on, the asymptotic series of erfcx and dawsn are exact to the last digit


@primitive
def polygamma(n: Any, x: Any) -> Any:
    """The n-th derivative of the digamma function at `x`, elementwise; n is a whole number. [DLMF 25.11.12]"""
    factor = (-1.0) ** (n + 1) * special.gamma(n + 1.0)
    if not np.ndim(n):
        return special.psi(x) if n == 0 else float(factor) * special.zeta(n + 1.0, x)
    return np.where(np.equal(n, 0), special.psi(x), factor * special.zeta(n + 1.0, x))


@primitive
def polygamma_change(n: Any, a: Any, b: Any) -> Any:
    """polygamma(n, a + b) - polygamma(n, a), elementwise, also where the difference cancels."""
    return with_series(n, a, b) if np.any(is_close(a, b)) else polygamma(n, a + b) - polygamma(n, a)


def is_close(a: Any, b: Any) -> Any:
    """Where the difference would lose digits."""
    return np.abs(b) < CLOSE * np.abs(a)


@anywhere(polygamma_change)
def with_series(n: Any, a: Any, b: Any) -> Any:
    """The same without a look at the numbers: where they are close the Taylor series around a."""
    close = is_close(a, b)
    y = polygamma(n, a + b) - polygamma(n, a)
    a, b = np.where(close, a, 1), np.where(close, b, 0)
    term, series = 1.0, 0.0
    for k in range(1, 14):
        term = term * b / k
        series = series + term * polygamma(n + k, a)
    return np.where(close, series, y)


def rgamma_slope(y: Any, x: Any) -> Any:
    """d (1 / gamma(x)) / dx = -psi(x) / gamma(x); where psi has its poles, by the reflection formula."""
    left = np.less(x, 0.5)
    mirrored = np.where(left, 1 - x, 1)
    reflected = special.gamma(mirrored) * np.cos(math.pi * np.mod(x, 2)) - y * special.psi(mirrored)
    return np.where(left, reflected, -chain(y, special.psi(np.where(left, 1, x))))


def tail(t: Any) -> Any:
    """The sum over k > 0 of 1 * 3 * 5 ... (2 k - 1) t^k, as far as it is a small one. [DLMF 7.12]"""
    total: Any = 0.0
    for k in range(24, 0, -1):
        total = (2 * k - 1) * t * (1 + total)
    return total


def scaled_erfc_slope(y: Any, x: Any) -> Any:
    """d erfcx(x) / dx = 2 x y - 2 / sqrt(pi); where the two cancel, the asymptotic series."""
    far = np.greater(x, FAR)
    distant = np.where(far, x, FAR)
    return np.where(far, tail(-0.5 / distant / distant), math.sqrt(math.pi) * x * y - 1) * 2 / math.sqrt(math.pi)


def dawson_slope(y: Any, x: Any) -> Any:
    """d dawsn(x) / dx = 1 - 2 x y; where the two cancel, the asymptotic series."""
    far = np.greater(np.abs(x), FAR)
    distant = np.where(far, x, FAR)
    return np.where(far, -tail(0.5 / distant / distant), 1 - 2 * x * y)


def gamma_density(a: Any, x: Any) -> Any:
    """x^(a - 1) exp(-x) / gamma(a), the derivative of gammainc(a, x); at 0 by the power, which is exact there."""
    zero = np.equal(x, 0)
    inside = np.where(zero, 1, x)
    density = np.exp(special.xlogy(a - 1, inside) - inside - special.gammaln(a))
    return np.where(zero, np.power(np.where(zero, x, 1), a - 1) * special.rgamma(a), density)


def beta_density(a: Any, b: Any, x: Any) -> Any:
    """x^(a - 1) (1 - x)^(b - 1) / beta(a, b), the derivative of betainc(a, b, x); at 0 and 1 by powers."""
    edge = np.equal(x, 0) | np.equal(x, 1)
    inside = np.where(edge, 0.5, x)
    density = np.exp(special.xlogy(a - 1, inside) + special.xlog1py(b - 1, -inside) - special.betaln(a, b))
    at = np.where(edge, x, 0.5)
    return np.where(edge, np.power(at, a - 1) * np.power(1 - at, b - 1) / special.beta(a, b), density)


def student_density(v: Any, t: Any) -> Any:
    """The density of Student's t with v degrees of freedom, the derivative of stdtr(v, t)."""
    return np.exp(-(v + 1) / 2 * np.log1p(t * t / v) - special.betaln(0.5, v / 2)) / np.sqrt(v)


def f_density(m: Any, n: Any, x: Any) -> Any:
    """The density of Fisher's F with m and n degrees of freedom, the derivative of fdtr(m, n, x)."""
    whole = n + m * x
    return beta_density(m / 2, n / 2, m * x / whole) * m / whole * (n / whole)


def log_quotient(a: Any, b: Any) -> Any:
    """log(a / b), also where a is close to b."""
    close = np.abs(a - b) <= b / 2
    near = np.log1p(np.where(close, ratio(a - b, b), 0))
    return np.where(close, near, np.log(np.where(close, 1, a)) - np.log(np.where(close, 1, b)))


def one_less_quotient(a: Any, b: Any) -> Any:
    """1 - a / b, also where a is close to b."""
    close = np.abs(a - b) <= b / 2
    return np.where(close, ratio(b - a, b), 1 - a / np.where(close, 1, b))


def log1p_ratio(u: Any) -> Any:
    """log(1 + u) / u, whose Taylor series around 0 is a hypergeometric function. [DLMF 15.4.1]"""
    near = np.less(np.abs(u), 0.5)
    distant = np.where(near, 1, u)
    return np.where(near, special.hyp2f1(1, 1, 2, np.where(near, -u, 0)), np.log1p(distant) / distant)


def exprel_slope(y: Any, x: Any) -> Any:
    """d exprel(x) / dx = (exp(x) - y) / x; near 0, where it cancels, Kummer's function. [DLMF 13.6.1]"""
    near, right = np.less(np.abs(x), 1), np.greater(x, 0)
    distant = np.where(near, 1, x)
    far = np.where(right, y * (1 - 1 / distant) + 1 / distant, (np.exp(np.where(right, 0, x)) - y) / distant)
    return np.where(near, special.hyp1f1(2, 3, np.where(near, x, 0)) / 2, far)


def boxcox_exponent(log: Any, c: Any) -> Any:
    """d boxcox / dc, which is log exprel(c log), by the exponent c."""
    at_zero = np.equal(log, -np.inf) & np.greater(c, 0)
    log = np.where(at_zero, 0, log)
    inside = log * log * exprel_slope(special.exprel(c * log), c * log)
    return np.where(at_zero, 1 / np.square(np.where(at_zero, c, 1)), inside)


def inverse_boxcox_exponent(x: Any, c: Any) -> Any:
    """d (log(1 + c x) / c) / dc; near c x = 0 the derivative of the hypergeometric function that log1p_ratio is."""
    t = c * x
    near = np.less(np.abs(t), 0.5)
    distant = np.where(near, 1, t)
    series = special.hyp2f1(2, 2, 3, np.where(near, -t, 0)) / -2
    return x * x * np.where(near, series, (distant / (1 + distant) - np.log1p(distant)) / distant / distant)


def of_sizes(d: Any, slope: Any) -> Any:
    """The derivative of a Huber loss, which is infinite where the size `d` is negative."""
    return np.where(np.less(d, 0), 0, slope)


def share_below(r: Any, d: Any) -> Any:
    """(r / (d + sqrt(d^2 + r^2)))^2."""
    return np.square(ratio(r, d + np.hypot(d, r)))


def struve_term(v: Any, x: Any) -> Any:
    """(x / 2)^v / (sqrt(pi) gamma(v + 3 / 2)), by which the slopes of Struve's functions differ from Bessel's."""
    return np.power(x / 2, v) * special.rgamma(v + 1.5) / math.sqrt(math.pi)


def elliptic_slope(k: Any, e: Any, m: Any, rest: Any = None) -> Any:
    """dK/dm = (E - (1 - m) K) / (2 m (1 - m)); near 0, where it cancels, Gauss's function. [DLMF 19.4.1]"""
    near = np.less(np.abs(m), 0.5)
    rest = 1 - m if rest is None else rest
    distant = np.where(near, 0.5, m)
    series = math.pi / 8 * special.hyp2f1(1.5, 1.5, 2, np.where(near, m, 0))
    return np.where(near, series, (e - chain(rest, k)) / (2 * distant * rest))


def below(fun: Any, factor: Any, n: Any, *others: Any) -> Any:
    """factor * fun(n - 1, *others), and 0 for n = 0, where there is nothing below."""
    lowest = np.equal(n, 0)
    return np.where(lowest, 0, factor)[()] * fun(np.where(lowest, 0, n - 1)[()], *others)
