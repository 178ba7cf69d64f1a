"""The calculus table of `scipy.special`: the partial derivatives of its ufuncs, read as `rules/elementwise.py` is.

y is the result; x, or a and b, are the arguments. None stands where the derivative has no closed form: by the order of
a Bessel function, by the parameters of a distribution. The formulas are those of Abramowitz and Stegun (1964) and of
the DLMF (dlmf.nist.gov), written such that they keep their digits; what needs more than a line is in `slopes.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import _ufuncs as special  # where SCIPY_ARRAY_API is set, the public names are functions around them

from ..rules.elementwise import chain, ratio
from ..table import partials
from .slopes import (
    below,
    beta_density,
    boxcox_exponent,
    dawson_slope,
    elliptic_slope,
    exprel_slope,
    f_density,
    gamma_density,
    inverse_boxcox_exponent,
    log1p_ratio,
    log_quotient,
    of_sizes,
    one_less_quotient,
    polygamma,
    polygamma_change,
    rgamma_slope,
    scaled_erfc_slope,
    share_below,
    struve_term,
    student_density,
)

SQRT_PI, SQRT_2PI = math.sqrt(math.pi), math.sqrt(2 * math.pi)
DEGREE = math.pi / 180


def by_last(fun: Any, slope: Any) -> None:
    """State the derivative by the last argument of a function that has none by the others in closed form."""
    partials(fun, *[None] * (fun.nin - 1), slope, singular=True)


# fmt: off
# --- The gamma function and its kin --------------------------------------------------------------------------------

partials(special.gammaln,     lambda y, x: special.psi(x),                    singular=True)
partials(special.loggamma,    lambda y, x: special.psi(x),                    singular=True)
partials(special.gamma,       lambda y, x: y * special.psi(x),                singular=True)
partials(special.rgamma,      lambda y, x: rgamma_slope(y, x),                singular=True)
partials(special.gammasgn,    0)
partials(special.psi,         lambda y, x: polygamma(1, x),                   singular=True)
by_last(special._zeta,        lambda y, x, q: -x * special._zeta(x + 1, q))
partials(polygamma,           None, lambda y, n, x: polygamma(n + 1, x),      singular=True)
partials(polygamma_change,    None, lambda y, n, a, b: polygamma_change(n + 1, a, b),
                              lambda y, n, a, b: polygamma(n + 1, a + b),     singular=True)
partials(special.beta,        lambda y, a, b: -y * polygamma_change(0, a, b),
                              lambda y, a, b: -y * polygamma_change(0, b, a), singular=True)
partials(special.betaln,      lambda y, a, b: -polygamma_change(0, a, b),
                              lambda y, a, b: -polygamma_change(0, b, a),     singular=True)
partials(special.poch,        lambda y, z, m: y * polygamma_change(0, z, m),
                              lambda y, z, m: y * special.psi(z + m),         singular=True)
partials(special.binom,       lambda y, n, k: y * polygamma_change(0, n - k + 1, k),
                              lambda y, n, k: y * polygamma_change(0, k + 1, n - 2 * k), singular=True)
by_last(special.gammainc,     lambda y, a, x: gamma_density(a, x))
by_last(special.gammaincc,    lambda y, a, x: -gamma_density(a, x))
by_last(special.gammaincinv,  lambda y, a, p: 1 / gamma_density(a, y))
by_last(special.gammainccinv, lambda y, a, p: -1 / gamma_density(a, y))
by_last(special.betainc,      lambda y, a, b, x: beta_density(a, b, x))
by_last(special.betaincc,     lambda y, a, b, x: -beta_density(a, b, x))
by_last(special.betaincinv,   lambda y, a, b, p: 1 / beta_density(a, b, y))
by_last(special.betainccinv,  lambda y, a, b, p: -1 / beta_density(a, b, y))

# --- The error function and the normal distribution ---------------------------------------------------------------

partials(special.erf,         lambda y, x: 2 / SQRT_PI * np.exp(-x * x))
partials(special.erfc,        lambda y, x: -2 / SQRT_PI * np.exp(-x * x))
partials(special.erfcx,       lambda y, x: scaled_erfc_slope(y, x),           singular=True)
partials(special.erfi,        lambda y, x: 2 / SQRT_PI * np.exp(x * x),       singular=True)
partials(special.erfinv,      lambda y, p: SQRT_PI / 2 * np.exp(y * y),       singular=True)
partials(special.erfcinv,     lambda y, p: -SQRT_PI / 2 * np.exp(y * y),      singular=True)
partials(special.dawsn,       lambda y, x: dawson_slope(y, x))
partials(special.ndtr,        lambda y, x: np.exp(-x * x / 2) / SQRT_2PI)
partials(special.ndtri,       lambda y, p: SQRT_2PI * np.exp(y * y / 2),      singular=True)
partials(special.log_ndtr,    lambda y, x: math.sqrt(2 / math.pi) / special.erfcx(-x / math.sqrt(2)), singular=True)
partials(special.ndtri_exp,   lambda y, x: math.sqrt(math.pi / 2) * special.erfcx(-y / math.sqrt(2)), singular=True)
partials(special.owens_t,     lambda y, h, a: np.exp(-h * h / 2) * special.erf(a * h / math.sqrt(2)) / (-2 * SQRT_2PI),
                              lambda y, h, a: np.exp(-h * h * (1 + a * a) / 2) / (2 * math.pi * (1 + a * a)))

# --- Logarithms, exponentials and entropies ------------------------------------------------------------------------

partials(special.expit,       lambda y, x: y * special.expit(-x))
partials(special.log_expit,   lambda y, x: special.expit(-x))
partials(special.logit,       lambda y, p: 1 / (p * (1 - p)),                 singular=True)
partials(special.xlogy,       lambda y, a, b: np.log(b), lambda y, a, b: chain(a, 1 / b),         singular=True)
partials(special.xlog1py,     lambda y, a, b: np.log1p(b), lambda y, a, b: chain(a, 1 / (1 + b)), singular=True)
partials(special.entr,        lambda y, x: np.where(x < 0, 0, -np.log(np.abs(x)) - 1),            singular=True)
partials(special.rel_entr,    lambda y, a, b: np.where(np.isfinite(y), log_quotient(a, b) + 1, 0),
                              lambda y, a, b: np.where(np.isfinite(y), -ratio(a, b), 0),          singular=True)
partials(special.kl_div,      lambda y, a, b: np.where(np.isfinite(y), log_quotient(a, b), 0),
                              lambda y, a, b: np.where(np.isfinite(y), one_less_quotient(a, b), 0),       singular=True)
partials(special.exprel,      lambda y, x: exprel_slope(y, x),                singular=True)
partials(special.expm1,       lambda y, x: np.exp(x),                         singular=True)
partials(special.log1p,       lambda y, x: 1 / (1 + x),                       singular=True)
partials(special.cbrt,        lambda y, x: 1 / (3 * y * y),                   singular=True)
partials(special.exp2,        lambda y, x: y * math.log(2),                   singular=True)
partials(special.exp10,       lambda y, x: y * math.log(10),                  singular=True)
partials(special.powm1,       lambda y, a, b: b * np.power(a, b - 1),
                              lambda y, a, b: special.xlogy(y + 1, a),        singular=True)
partials(special.boxcox,      lambda y, x, c: np.power(x, c - 1),
                              lambda y, x, c: boxcox_exponent(np.log(x), c),  singular=True)
partials(special.boxcox1p,    lambda y, x, c: np.exp((c - 1) * np.log1p(x)),
                              lambda y, x, c: boxcox_exponent(np.log1p(x), c), singular=True)
partials(special.inv_boxcox,  lambda y, x, c: y / (1 + c * x),
                              lambda y, x, c: y * inverse_boxcox_exponent(x, c), singular=True)
partials(special.inv_boxcox1p, lambda y, x, c: (1 + y) / (1 + c * x),
                              lambda y, x, c: (1 + y) * inverse_boxcox_exponent(x, c), singular=True)
partials(special.spence,      lambda y, x: -log1p_ratio(x - 1),               singular=True)
partials(special.wrightomega, lambda y, x: y / (1 + y))

# --- Angles in degrees, and losses ---------------------------------------------------------------------------------

partials(special.sindg,       lambda y, x: DEGREE * special.cosdg(x))
partials(special.cosdg,       lambda y, x: -DEGREE * special.sindg(x))
partials(special.tandg,       lambda y, x: DEGREE * (1 + y * y),              singular=True)
partials(special.cotdg,       lambda y, x: -DEGREE * (1 + y * y),             singular=True)
partials(special.radian,      DEGREE, DEGREE / 60, DEGREE / 3600)
partials(special.cosm1,       lambda y, x: -np.sin(x))
partials(special.round,       0)
partials(special.huber,       lambda y, d, r: of_sizes(d, np.maximum(np.abs(r) - d, 0)),
                              lambda y, d, r: of_sizes(d, np.minimum(np.maximum(r, -d), d)))
partials(special.pseudo_huber, lambda y, d, r: of_sizes(d, r * ratio(r, np.hypot(d, r)) * share_below(r, d)),
                              lambda y, d, r: of_sizes(d, r * ratio(d, np.hypot(d, r))))

# --- Bessel functions ----------------------------------------------------------------------------------------------

partials(special.j0,          lambda y, x: -special.j1(x))
partials(special.j1,          lambda y, x: (special.j0(x) - special.jv(2, x)) / 2)
partials(special.y0,          lambda y, x: -special.y1(x),                              singular=True)
partials(special.y1,          lambda y, x: (special.y0(x) - special.yv(2, x)) / 2,      singular=True)
partials(special.i0,          lambda y, x: special.i1(x),                               singular=True)
partials(special.i1,          lambda y, x: (special.i0(x) + special.iv(2, x)) / 2,      singular=True)
partials(special.k0,          lambda y, x: -special.k1(x),                              singular=True)
partials(special.k1,          lambda y, x: -(special.k0(x) + special.kv(2, x)) / 2,     singular=True)
partials(special.i0e,         lambda y, x: special.i1e(x) - np.sign(x) * y)
partials(special.i1e,         lambda y, x: (special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * y)
partials(special.k0e,         lambda y, x: y - special.k1e(x),                          singular=True)
partials(special.k1e,         lambda y, x: y - (special.k0e(x) + special.kve(2, x)) / 2, singular=True)
by_last(special.jv,           lambda y, v, x: (special.jv(v - 1, x) - special.jv(v + 1, x)) / 2)
by_last(special.jve,          lambda y, v, x: (special.jve(v - 1, x) - special.jve(v + 1, x)) / 2)
by_last(special.yn,           lambda y, n, x: (special.yv(n - 1, x) - special.yv(n + 1, x)) / 2)
by_last(special.yv,           lambda y, v, x: (special.yv(v - 1, x) - special.yv(v + 1, x)) / 2)
by_last(special.yve,          lambda y, v, x: (special.yve(v - 1, x) - special.yve(v + 1, x)) / 2)
by_last(special.iv,           lambda y, v, x: (special.iv(v - 1, x) + special.iv(v + 1, x)) / 2)
by_last(special.ive,          lambda y, v, x: (special.ive(v - 1, x) + special.ive(v + 1, x)) / 2 - np.sign(x) * y)
by_last(special.kn,           lambda y, n, x: -(special.kv(n - 1, x) + special.kv(n + 1, x)) / 2)
by_last(special.kv,           lambda y, v, x: -(special.kv(v - 1, x) + special.kv(v + 1, x)) / 2)
by_last(special.kve,          lambda y, v, x: y - (special.kve(v - 1, x) + special.kve(v + 1, x)) / 2)

by_last(special.struve,       lambda y, v, x:
                              (special.struve(v - 1, x) - special.struve(v + 1, x) + struve_term(v, x)) / 2)
by_last(special.modstruve,    lambda y, v, x:
                              (special.modstruve(v - 1, x) + special.modstruve(v + 1, x) + struve_term(v, x)) / 2)
partials(special.ber,         lambda y, x: special.berp(x),                             singular=True)
partials(special.bei,         lambda y, x: special.beip(x),                             singular=True)
partials(special.ker,         lambda y, x: special.kerp(x),                             singular=True)
partials(special.kei,         lambda y, x: special.keip(x),                             singular=True)
partials(special.berp,        lambda y, x: -special.bei(x) - y / x,                     singular=True)
partials(special.beip,        lambda y, x: special.ber(x) - y / x,                      singular=True)
partials(special.kerp,        lambda y, x: -special.kei(x) - y / x,                     singular=True)
partials(special.keip,        lambda y, x: special.ker(x) - y / x,                      singular=True)

# --- Integrals, elliptic and hypergeometric functions --------------------------------------------------------------

partials(special.exp1,        lambda y, x: -np.exp(-x) / x,                   singular=True)
partials(special.expi,        lambda y, x: np.exp(x) / x,                     singular=True)
by_last(special.expn,         lambda y, n, x: np.where(np.equal(n, 0), -y * (1 + 1 / x), below(special.expn, -1, n, x)))
partials(special.ellipk,      lambda y, m: elliptic_slope(y, special.ellipe(m), m),              singular=True)
partials(special.ellipkm1,    lambda y, p: -elliptic_slope(y, special.ellipe(1 - p), 1 - p, p),  singular=True)
partials(special.ellipe,      lambda y, m: -math.pi / 8 * special.hyp2f1(0.5, 1.5, 2, m),        singular=True)
by_last(special.hyp0f1,       lambda y, b, x: special.hyp0f1(b + 1, x) / b)
by_last(special.hyp1f1,       lambda y, a, b, x: a / b * special.hyp1f1(a + 1, b + 1, x))
by_last(special.hyp2f1,       lambda y, a, b, c, x: a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, x))
by_last(special.hyperu,       lambda y, a, b, x: -a * special.hyperu(a + 1, b + 1, x))

# --- Distribution functions ----------------------------------------------------------------------------------------

by_last(special.chdtr,        lambda y, v, x: gamma_density(v / 2, x / 2) / 2)
by_last(special.chdtrc,       lambda y, v, x: -gamma_density(v / 2, x / 2) / 2)
by_last(special.chdtri,       lambda y, v, p: -2 / gamma_density(v / 2, y / 2))
by_last(special.pdtr,         lambda y, k, m: -gamma_density(np.floor(k) + 1, m))
by_last(special.pdtrc,        lambda y, k, m: gamma_density(np.floor(k) + 1, m))
by_last(special.bdtr,         lambda y, k, n, p: -beta_density(np.floor(k) + 1, n - np.floor(k), p))
by_last(special.bdtrc,        lambda y, k, n, p: beta_density(np.floor(k) + 1, n - np.floor(k), p))
by_last(special.nbdtr,        lambda y, k, n, p: beta_density(n, k + 1, p))
by_last(special.nbdtrc,       lambda y, k, n, p: -beta_density(n, k + 1, p))
by_last(special.fdtr,         lambda y, m, n, x: f_density(m, n, x))
by_last(special.fdtrc,        lambda y, m, n, x: -f_density(m, n, x))
by_last(special.stdtr,        lambda y, v, t: student_density(v, t))
by_last(special.stdtrit,      lambda y, v, p: 1 / student_density(v, y))
partials(special.gdtr,        lambda y, a, b, x: x * gamma_density(b, a * x), None,
                              lambda y, a, b, x: a * gamma_density(b, a * x),  singular=True)
partials(special.gdtrc,       lambda y, a, b, x: -x * gamma_density(b, a * x), None,
                              lambda y, a, b, x: -a * gamma_density(b, a * x), singular=True)

# --- Polynomials ---------------------------------------------------------------------------------------------------

by_last(special.eval_legendre,    lambda y, n, x: below(special.eval_gegenbauer, 1, n, 1.5, x))
by_last(special.eval_sh_legendre, lambda y, n, x: below(special.eval_gegenbauer, 2, n, 1.5, 2 * x - 1))
by_last(special.eval_jacobi,      lambda y, n, a, b, x:
                                  below(special.eval_jacobi, (n + a + b + 1) / 2, n, a + 1, b + 1, x))
by_last(special.eval_sh_jacobi,   lambda y, n, p, q, x: below(special.eval_sh_jacobi, n, n, p + 2, q + 1, x))
by_last(special.eval_chebyt,      lambda y, n, x: below(special.eval_chebyu, n, n, x))
by_last(special.eval_chebyu,      lambda y, n, x: below(special.eval_gegenbauer, 2, n, 2, x))
by_last(special.eval_chebyc,      lambda y, n, x: below(special.eval_chebyu, n, n, x / 2))
by_last(special.eval_chebys,      lambda y, n, x: below(special.eval_gegenbauer, 1, n, 2, x / 2))
by_last(special.eval_sh_chebyt,   lambda y, n, x: below(special.eval_chebyu, 2 * n, n, 2 * x - 1))
by_last(special.eval_sh_chebyu,   lambda y, n, x: below(special.eval_gegenbauer, 4, n, 2, 2 * x - 1))
by_last(special.eval_gegenbauer,  lambda y, n, a, x: below(special.eval_gegenbauer, 2 * a, n, a + 1, x))
by_last(special.eval_hermite,     lambda y, n, x: below(special.eval_hermite, 2 * n, n, x))
by_last(special.eval_hermitenorm, lambda y, n, x: below(special.eval_hermitenorm, n, n, x))
by_last(special.eval_laguerre,    lambda y, n, x: below(special.eval_genlaguerre, -1, n, 1, x))
by_last(special.eval_genlaguerre, lambda y, n, a, x: below(special.eval_genlaguerre, -1, n, a + 1, x))
# fmt: on
