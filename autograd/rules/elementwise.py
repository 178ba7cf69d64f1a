"""The calculus table: the partial derivatives of every elementwise function.

y is the result; x, or a and b, are the arguments. `singular=True` marks partials that can be infinite, and masks, which
must silence an infinite upstream gradient: there 0 * inf = 0 (see `chain`). Where a derivative does not exist the
choice is finite: abs 0 at 0, relu 0 at 0, ties of maximum and minimum a half each. Read the tables; what needs more
than a line stands below them. The other chapters are pullbacks, written likewise. Next: `recording.py`, then `node.py`.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from ..arrays import StandIn, is_number
from ..primitives import primitive
from ..shortcuts import logaddexp, moderate, not_negative
from ..table import composite, partials, plain
from .dtypes import cast, together, widened
from .special import erf

# --- What NumPy lacks -------------------------------------------------------------------------------------------


@primitive
def chain(g: Any, p: Any) -> Any:
    """Upstream times partial with 0 * inf = 0: a factor of exactly 0 means "not on the path"."""
    c = test = g * p
    if type(c) is np.ndarray:
        flat = c.ravel("K") if c.size > 1000 and not c.flags.c_contiguous else c
        test = np.vdot(flat, flat)  # is NaN exactly when c holds a NaN: one fast pass in the common case
    return np.where(np.equal(g, 0) | np.equal(p, 0), 0, c) if test != test else c


@primitive
def ratio(a: Any, b: Any) -> Any:
    """a / b, and 0 wherever b is 0."""
    zero = np.equal(b, 0)
    return np.where(zero, 0, a / np.where(zero, 1, b)) if np.any(zero) else a / b


@primitive
def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), elementwise, exact and without overflow at any magnitude. [course: Activation Functions]"""
    if moderate(x):
        e = np.exp(x)
        return e / (1 + e)
    e = np.exp(-np.abs(x))
    return np.where(np.greater_equal(x, 0), 1, e) / (1 + e)


@primitive
def relu(x: Any) -> Any:
    """max(0, x), elementwise; its derivative at 0 is 0. [course: Common Activation Functions]"""
    return not_negative(x)


@primitive
def softplus(x: Any) -> Any:
    """log(1 + exp(x)), elementwise, exact and without overflow at any magnitude; its derivative is the sigmoid."""
    return logaddexp(x, 0)


@primitive
def logsigmoid(x: Any) -> Any:
    """log(sigmoid(x)) = -softplus(-x), elementwise, exact and without overflow at any magnitude."""
    return -logaddexp(-x, 0)


@primitive
def sumprod(*factors: Any) -> Any:
    """The sum of the products of the first half of the factors with the second: w1, w2, x1, x2 -> w1 x1 + w2 x2."""
    return sum_of_products(*together(*factors))


def sum_of_products(*factors: Any) -> Any:
    """`sumprod` of numbers, or of arrays of one dtype."""
    half = len(factors) // 2
    return sum(map(operator.mul, factors[:half], factors[half:]))


@primitive
def clip(x: Any, lo: Any = None, hi: Any = None) -> Any:
    """`x` limited to [lo, hi], elementwise; None for no limit."""
    return +x if lo is hi is None else np.clip(x, lo, hi)  # NumPy 2.0 asks for one of them


@primitive
def rounded(x: Any, decimals: int = 0) -> Any:
    """`x` to so many decimals, elementwise."""
    return np.round(x, decimals)


# fmt: off
# --- Arithmetic -------------------------------------------------------------------------------------------------

partials(np.add,          1,                                 1)
partials(np.subtract,     1,                                -1)
partials(np.multiply,     lambda y, a, b: b,                 lambda y, a, b: a,                        singular=True)
partials(np.divide,       lambda y, a, b: 1 / b,             lambda y, a, b: -y / b,                   singular=True)
partials(np.power,        lambda y, a, b: power_base(y, a, b), lambda y, a, b: power_exponent(y, a, b),  singular=True)
partials(np.mod,          1,                                 lambda y, a, b: -np.floor_divide(a, b))
partials(np.fmod,         1,                                 lambda y, a, b: -np.rint((a - y) / b))
partials(np.floor_divide, 0,                                 0)
partials(sumprod,         every=lambda y, *f: (*f[len(f) // 2 :], *f[: len(f) // 2]),                   singular=True)
partials(chain,           lambda y, g, p: p,                 lambda y, g, p: g,                        singular=True)
partials(ratio,           lambda y, a, b: ratio(1, widened(b, y)), lambda y, a, b: -ratio(y, b))
partials(np.hypot,        lambda y, a, b: ratio(a, y),       lambda y, a, b: ratio(b, y))
partials(np.arctan2,      lambda y, a, b: per_square(b, a, b),  lambda y, a, b: -per_square(a, a, b))
partials(np.positive,     1)
partials(np.negative,    -1)
partials(np.conjugate,    1)
partials(np.reciprocal,   lambda y, x: -y * y,               singular=True)
partials(np.square,       lambda y, x: 2 * x,                singular=True)
partials(np.sqrt,         lambda y, x: 0.5 / y,              singular=True)
partials(np.cbrt,         lambda y, x: 1 / (3 * y * y),      singular=True)
partials(np.absolute,     lambda y, x: np.sign(x))
partials(np.fabs,         lambda y, x: np.sign(x))
partials(cast,            1,                                 None)

# --- Exponentials and logarithms --------------------------------------------------------------------------------

partials(np.exp,          lambda y, x: y,                    singular=True)
partials(np.exp2,         lambda y, x: y * math.log(2),      singular=True)
partials(np.expm1,        lambda y, x: np.exp(x),            singular=True)
partials(np.log,          lambda y, x: 1 / x,                singular=True)
partials(np.log2,         lambda y, x: math.log2(math.e) / x,   singular=True)
partials(np.log10,        lambda y, x: math.log10(math.e) / x,  singular=True)
partials(np.log1p,        lambda y, x: 1 / (1 + x),          singular=True)
partials(np.logaddexp,    lambda y, a, b: share_exp(a, b),   lambda y, a, b: share_exp(b, a))
partials(np.logaddexp2,   lambda y, a, b: share_exp(a, b, math.log(2)),
                          lambda y, a, b: share_exp(b, a, math.log(2)))

# --- Angles -----------------------------------------------------------------------------------------------------

partials(np.sin,          lambda y, x: np.cos(x))
partials(np.cos,          lambda y, x: -np.sin(x))
partials(np.tan,          lambda y, x: 1 + y * y,            singular=True)
partials(np.arcsin,       lambda y, x: 1 / np.sqrt((1 - x) * (1 + x)),   singular=True)
partials(np.arccos,       lambda y, x: -1 / np.sqrt((1 - x) * (1 + x)),  singular=True)
partials(np.arctan,       lambda y, x: 1 / (1 + x * x))
partials(np.sinh,         lambda y, x: np.cosh(x),           singular=True)
partials(np.cosh,         lambda y, x: np.sinh(x),           singular=True)
partials(np.tanh,         lambda y, x: 1 - y * y)
partials(np.arcsinh,      lambda y, x: 1 / np.hypot(x, 1))
partials(np.arccosh,      lambda y, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)),  singular=True)
partials(np.arctanh,      lambda y, x: 1 / ((1 - x) * (1 + x)),          singular=True)
partials(np.sinc,         lambda y, x: sinc_slope(y, x))
partials(np.deg2rad,      math.pi / 180)
partials(np.radians,      math.pi / 180)
partials(np.rad2deg,      180 / math.pi)
partials(np.degrees,      180 / math.pi)

# --- Choices, kinks and steps ------------------------------------------------------------------------------------

partials(np.where,        0, lambda y, c, a, b: np.not_equal(c, 0),
                          lambda y, c, a, b: np.equal(c, 0),  singular=True)
partials(np.maximum,      lambda y, a, b: share(unless(a < b), a == b),
                          lambda y, a, b: share(unless(b < a), a == b),  singular=True)
partials(np.minimum,      lambda y, a, b: share(unless(a > b), a == b),
                          lambda y, a, b: share(unless(b > a), a == b),  singular=True)
partials(np.fmax,         lambda y, a, b: share((a > b) | (b != b), a == b),
                          lambda y, a, b: share((b > a) | (a != a), a == b),  singular=True)
partials(np.fmin,         lambda y, a, b: share((a < b) | (b != b), a == b),
                          lambda y, a, b: share((b < a) | (a != a), a == b),  singular=True)
partials(clip,            lambda y, x, lo, hi: unless((y < x) | (y > x)),
                          lambda y, x, lo, hi: (y == lo) & (y != x),
                          lambda y, x, lo, hi: (y == hi) & (y != x) & (y != lo),  singular=True)
partials(np.sign,         0)
partials(np.floor,        0)
partials(np.ceil,         0)
partials(np.trunc,        0)
partials(np.rint,         0)
partials(rounded,         0, None)
partials(np.heaviside,    0, lambda y, x, h: np.equal(x, 0),  singular=True)
partials(np.copysign,     lambda y, a, b: np.sign(a) * np.sign(y),  0)

# --- Networks ---------------------------------------------------------------------------------------------------

partials(sigmoid,         lambda y, x: y * (1 - y))
partials(relu,            lambda y, x: y != 0,               singular=True)
partials(softplus,        lambda y, x: sigmoid(x))
partials(logsigmoid,      lambda y, x: sigmoid(-x))
partials(erf,             lambda y, x: 2 / math.sqrt(math.pi) * np.exp(-x * x))

composite(np.clip, lambda a, a_min=None, a_max=None, *, min=None, max=None: clip(
    a, a_min if min is None else min, a_max if max is None else max))
composite(np.where, lambda condition, x=None, y=None: positions(condition, x, y))
composite(np.float_power, lambda a, b: np.power(a, b))  # nodes hold floats already, and float32 stays float32
composite(np.round, lambda a, decimals=0: rounded(a, decimals))
composite(np.around, lambda a, decimals=0: rounded(a, decimals))
composite(np.fix, lambda x: np.trunc(x))  # the same, and what NumPy 2.5 says to call instead
composite(np.divmod, lambda a, b: (np.floor_divide(a, b), np.mod(a, b)))
composite(np.modf, lambda x: (x - np.trunc(x), np.trunc(x)))

plain([
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_not, np.logical_xor,
    np.isfinite, np.isinf, np.isnan, np.signbit, np.spacing,
    np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isposinf, np.isneginf,
])

# fmt: on
# --- Partials that need more than a line ------------------------------------------------------------------------

HALF = np.float32(0.5)  # with a boolean mask it promotes to float32 only, so that float32 graphs stay in float32


def unless(condition: Any) -> Any:
    """Where a condition does not hold. A comparison with NaN never does, so no mask of this kind hides a NaN."""
    return np.logical_not(condition)


def positions(condition: Any, x: Any, y: Any) -> Any:
    """np.where of a condition alone: where it holds, in plain integers."""
    if x is not None or y is not None:
        raise ValueError("np.where takes a condition, and either both x and y or neither")
    return np.nonzero(condition)


def share(chosen: Any, tie: Any) -> Any:
    """The weight of one of two candidates: 1 where it was chosen, a half where they tie."""
    if type(tie) in (bool, np.bool_):  # single precision would round the gradient of floats
        return 0.5 if tie else float(chosen)
    return np.where(tie, 0.5 if is_number(tie) else HALF, chosen)


def per_square(c: Any, a: Any, b: Any) -> Any:
    """c / (a**2 + b**2), and 0 at the origin; also where the squares are too large or too small for floats."""
    r = np.hypot(a, b)
    return ratio(ratio(c, r), r)


NUMBERS = frozenset({np.ndarray, np.float64, np.float32, float, int})


def share_exp(a: Any, b: Any, log_base: float = 1.0) -> Any:
    """exp(a) / (exp(a) + exp(b)), the share of one of two powers of a base; an entry of -inf has none."""
    if log_base == 1 and type(b) in (int, float) and math.isfinite(b):
        return sigmoid(a - b if b else a)
    if log_base == 1 and type(a) in NUMBERS and type(b) in NUMBERS and moderate(d := a - b):
        return sigmoid(d)  # which is no NaN, of two infinite numbers
    none = np.equal(a, -np.inf)
    return np.where(none, 0, sigmoid(log_base * (np.where(none, 0, a) - b)))


def power_base(y: Any, a: Any, b: Any) -> Any:
    """d a**b / da = b * a**(b - 1), and 0 where b is 0, also at a = 0: no division by a, exact at every order."""
    if isinstance(b, (int, float)) and not isinstance(b, StandIn):
        return b * a ** (b - 1) if b != 0 else 0.0
    b = widened(b, y)
    return chain(b, np.power(a, b - 1))


def power_exponent(y: Any, a: Any, b: Any) -> Any:
    """d a**b / db = a**b * log(a); 0 where a <= 0, where a**b is no smooth function of b."""
    if isinstance(a, (int, float)) and not isinstance(a, StandIn):
        return y * math.log(a) if a > 0 else 0.0
    outside = np.less_equal(a, 0)
    return np.where(outside, 0, y * np.log(np.where(outside, 1, widened(a, y))))


def sinc_slope(y: Any, x: Any) -> Any:
    """d sinc(x) / dx = (cos(pi x) - sinc(x)) / x; near 0, where the difference cancels, its Taylor series."""
    near = np.less(np.absolute(x), 0.25)
    t = np.where(near, (math.pi * x) ** 2, 0)
    series: Any = 0.0
    for k in range(9, 0, -1):
        series = (-1) ** k * 2 * k / math.factorial(2 * k + 1) + t * series
    x_far = np.where(near, 1, x)
    return np.where(near, math.pi**2 * x * series, (np.cos(math.pi * x_far) - np.sinc(x_far)) / x_far)
