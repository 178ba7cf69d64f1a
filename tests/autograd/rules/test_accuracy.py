"""Every elementwise function against mpmath: value and derivative at all magnitudes, to 8 units in the last place.

Where the formula of the table gives less, LESS says how much; docs/kinks.md says why.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from autograd import Tensor, Value, erf, gradients, logsigmoid, relu, sigmoid, softplus, sumprod
from autograd.inspecting import name_of
from autograd.rules import elementwise as own
from autograd.table import RULES, Function

KINKS = (Path(__file__).parents[3] / "docs" / "kinks.md").read_text(encoding="utf-8")
LN2, PI = mpmath.log(2), mpmath.pi


@dataclass(frozen=True)
class Exact:
    """A function and its partial derivatives in arbitrary precision, and which of the numbers it is defined for."""

    value: Function
    slopes: tuple[Function, ...]
    domain: Callable[..., Any] = lambda *xs: np.isfinite(xs[0])


def logistic(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def whole(x: Any) -> Any:
    return mpmath.floor(x) if x > 0 else mpmath.ceil(x)


def sinc_slope(x: Any) -> Any:
    near = abs(x) < mpf(10) ** -30
    return -(PI**2) * x / 3 if near else (mpmath.cospi(x) - mpmath.sincpi(x)) / x


def flat(f: Function) -> Exact:
    return Exact(f, (lambda x: 0,))


def one(f: Function, slope: Function, domain: Callable[..., Any] = lambda x: np.isfinite(x)) -> Exact:
    return Exact(f, (slope,), domain)


def positive(x: Any) -> Any:
    return x > 0


def unit(x: Any) -> Any:
    return np.absolute(x) < 1


def divisible(a: Any, b: Any) -> Any:
    return b != 0


def extreme(better: Function) -> Exact:
    return Exact(better, (lambda a, b: a == better(a, b), lambda a, b: b == better(a, b)), lambda a, b: a != b)


EXACT: dict[Function, Exact] = {
    np.add: Exact(lambda a, b: a + b, (lambda a, b: 1, lambda a, b: 1)),
    np.subtract: Exact(lambda a, b: a - b, (lambda a, b: 1, lambda a, b: -1)),
    np.multiply: Exact(lambda a, b: a * b, (lambda a, b: b, lambda a, b: a)),
    np.divide: Exact(lambda a, b: a / b, (lambda a, b: 1 / b, lambda a, b: -a / b**2), divisible),
    own.ratio: Exact(lambda a, b: a / b, (lambda a, b: 1 / b, lambda a, b: -a / b**2), divisible),
    own.chain: Exact(lambda a, b: a * b, (lambda a, b: b, lambda a, b: a)),
    sumprod: Exact(lambda a, b: a * b, (lambda a, b: b, lambda a, b: a)),
    np.power: Exact(
        mpmath.power, (lambda a, b: b * mpmath.power(a, b - 1), lambda a, b: mpmath.power(a, b) * mpmath.log(a)),
        lambda a, b: a > np.finfo(a.dtype).tiny,
    ),
    np.mod: Exact(
        lambda a, b: a - b * mpmath.floor(a / b), (lambda a, b: 1, lambda a, b: -mpmath.floor(a / b)), divisible
    ),
    np.fmod: Exact(lambda a, b: a - b * whole(a / b), (lambda a, b: 1, lambda a, b: -whole(a / b)), divisible),
    np.floor_divide: Exact(lambda a, b: mpmath.floor(a / b), (lambda a, b: 0, lambda a, b: 0), divisible),
    np.hypot: Exact(
        mpmath.hypot, (lambda a, b: a / mpmath.hypot(a, b), lambda a, b: b / mpmath.hypot(a, b)), divisible
    ),
    np.arctan2: Exact(
        mpmath.atan2, (lambda a, b: b / (a * a + b * b), lambda a, b: -a / (a * a + b * b)),
        lambda a, b: (a != 0) & (b != 0),
    ),
    np.positive: one(lambda x: x, lambda x: 1),
    np.negative: one(lambda x: -x, lambda x: -1),
    np.conjugate: one(lambda x: x, lambda x: 1),
    np.reciprocal: one(lambda x: 1 / x, lambda x: -1 / x**2, lambda x: x != 0),
    np.square: one(lambda x: x * x, lambda x: 2 * x),
    np.sqrt: one(mpmath.sqrt, lambda x: 1 / (2 * mpmath.sqrt(x)), positive),
    np.cbrt: one(
        lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), lambda x: 1 / (3 * mpmath.cbrt(x * x)), lambda x: x != 0
    ),
    np.absolute: one(abs, mpmath.sign),
    np.fabs: one(abs, mpmath.sign),
    np.exp: one(mpmath.exp, mpmath.exp),
    np.exp2: one(lambda x: mpmath.power(2, x), lambda x: mpmath.power(2, x) * LN2),
    np.expm1: one(mpmath.expm1, mpmath.exp),
    np.log: one(mpmath.log, lambda x: 1 / x, positive),
    np.log2: one(lambda x: mpmath.log(x) / LN2, lambda x: 1 / (x * LN2), positive),
    np.log10: one(mpmath.log10, lambda x: 1 / (x * mpmath.log(10)), positive),
    np.log1p: one(mpmath.log1p, lambda x: 1 / (1 + x), lambda x: x > -1),
    np.logaddexp: Exact(
        lambda a, b: max(a, b) + mpmath.log1p(mpmath.exp(-abs(a - b))),
        (lambda a, b: logistic(a - b), lambda a, b: logistic(b - a)),
    ),
    np.logaddexp2: Exact(
        lambda a, b: max(a, b) + mpmath.log1p(mpmath.power(2, -abs(a - b))) / LN2,
        (lambda a, b: logistic(LN2 * (a - b)), lambda a, b: logistic(LN2 * (b - a))),
    ),
    np.sin: one(mpmath.sin, mpmath.cos),
    np.cos: one(mpmath.cos, lambda x: -mpmath.sin(x)),
    np.tan: one(mpmath.tan, lambda x: mpmath.sec(x) ** 2),
    np.arcsin: one(mpmath.asin, lambda x: 1 / mpmath.sqrt(1 - x * x), unit),
    np.arccos: one(mpmath.acos, lambda x: -1 / mpmath.sqrt(1 - x * x), unit),
    np.arctan: one(mpmath.atan, lambda x: 1 / (1 + x * x)),
    np.sinh: one(mpmath.sinh, mpmath.cosh),
    np.cosh: one(mpmath.cosh, mpmath.sinh),
    np.tanh: one(mpmath.tanh, lambda x: mpmath.sech(x) ** 2),
    np.arcsinh: one(mpmath.asinh, lambda x: 1 / mpmath.sqrt(x * x + 1)),
    np.arccosh: one(mpmath.acosh, lambda x: 1 / mpmath.sqrt(x * x - 1), lambda x: x > 1),
    np.arctanh: one(mpmath.atanh, lambda x: 1 / (1 - x * x), unit),
    np.sinc: one(mpmath.sincpi, sinc_slope, lambda x: np.absolute(x) < np.finfo(x.dtype).max / 4),
    np.deg2rad: one(lambda x: x * PI / 180, lambda x: PI / 180),
    np.radians: one(lambda x: x * PI / 180, lambda x: PI / 180),
    np.rad2deg: one(lambda x: x * 180 / PI, lambda x: 180 / PI),
    np.degrees: one(lambda x: x * 180 / PI, lambda x: 180 / PI),
    np.maximum: extreme(max),
    np.minimum: extreme(min),
    np.fmax: extreme(max),
    np.fmin: extreme(min),
    np.copysign: Exact(
        lambda a, b: math.copysign(1, b) * abs(a),
        (lambda a, b: math.copysign(1, b) * mpmath.sign(a), lambda a, b: 0),
        divisible,
    ),
    np.heaviside: Exact(lambda x, h: 1 if x > 0 else h if x == 0 else 0, (lambda x, h: 0, lambda x, h: x == 0)),
    np.sign: flat(mpmath.sign),
    np.floor: flat(mpmath.floor),
    np.ceil: flat(mpmath.ceil),
    np.trunc: flat(whole),
    np.rint: flat(mpmath.nint),
    sigmoid: one(logistic, lambda x: logistic(x) * logistic(-x)),
    relu: one(lambda x: max(x, 0), lambda x: x > 0),
    softplus: one(lambda x: mpmath.log1p(mpmath.exp(x)), logistic),
    logsigmoid: one(lambda x: -mpmath.log1p(mpmath.exp(-x)), lambda x: logistic(-x)),
    erf: one(mpmath.erf, lambda x: 2 / mpmath.sqrt(PI) * mpmath.exp(-x * x)),
}  # fmt: skip

# They choose, limit, round or cast, with arguments of other kinds: tests/autograd/rules/test_elementwise.py has them.
OTHER_KINDS = {np.where, own.clip, own.rounded, own.cast}

FAR_APART = {np.mod, np.fmod, np.floor_divide, np.hypot, np.arctan2}  # a digit of the larger is a digit of the result

# How far the formula of the table may be off, beyond 8 ulp: absolute, from its arguments, what is exact, and eps.
LESS: dict[tuple[Function, str], Callable[..., Any]] = {
    (np.tanh, "slope"): lambda e, eps, x: 2 * eps,
    (sigmoid, "slope"): lambda e, eps, x: eps if x > 0 else 0,
    (erf, "slope"): lambda e, eps, x: e * eps * x * x,
    (np.arctan, "slope"): lambda e, eps, x: e if x * x > largest(eps) else 0,
    (np.sinc, "value"): lambda e, eps, x: 2 * eps,
    (np.sinc, "slope"): lambda e, eps, x: 8 * PI * eps,
    (np.power, "slope"): lambda e, eps, a, b: (
        abs(mpmath.log(a) * e * (b - 1)) * eps + (abs(mpmath.log(a)) + abs(b)) * smallest(eps)
    ),
    (np.hypot, "slope"): lambda e, eps, a, b: (
        1 if mpmath.hypot(a, b) > largest(eps) else abs(e) * smallest(eps) / mpmath.hypot(a, b)
    ),
    (np.arctan2, "slope"): lambda e, eps, a, b: abs(e) if mpmath.hypot(a, b) > largest(eps) else 0,
    (np.logaddexp, "value"): lambda e, eps, a, b: 2 * eps * max(abs(a), abs(b)),
    (np.logaddexp2, "value"): lambda e, eps, a, b: 2 * eps * max(abs(a), abs(b)),
    (np.logaddexp, "slope"): lambda e, eps, a, b: e * eps * abs(a - b),
    (np.logaddexp2, "slope"): lambda e, eps, a, b: 2 * e * eps * abs(a - b),
}


def largest(eps: float) -> Any:
    """The largest float of the dtype with this eps."""
    return mpf(float(np.finfo(np.float64 if eps < 1e-10 else np.float32).max))


def smallest(eps: float) -> Any:
    """The smallest float above 0 of the dtype with this eps."""
    return mpf(float(np.finfo(np.float64 if eps < 1e-10 else np.float32).smallest_subnormal))


def numbers(dtype: Any, rng: np.random.Generator, count: int = 24) -> Any:
    """Numbers of every magnitude, and nasty ones: the edges of the dtype, and what is next to kinks and poles."""
    limits = np.finfo(dtype)
    logs = math.log(limits.smallest_subnormal), math.log(limits.max)
    top = 1.1 * logs[1]  # where exponentials overflow
    edges = [
        limits.smallest_subnormal, limits.tiny, limits.eps, limits.max, limits.max / 2, math.sqrt(limits.max),
        math.sqrt(limits.tiny), 1, 2, 0.5, 0.25, math.pi / 2, math.pi, 20, 40,
    ]  # fmt: skip
    near_one = 1 + rng.choice([-1, 1], count) * np.exp(rng.uniform(-36, 0, count))
    drawn = [np.exp(rng.uniform(*logs, count)), rng.uniform(0, 3, count), rng.uniform(0, top, count), near_one, edges]
    with np.errstate(over="ignore", under="ignore"):
        x = np.concatenate(drawn).astype(dtype)
    x = np.concatenate([x, np.nextafter(x[-len(edges) :], dtype(0)), [dtype(0)]])
    return np.concatenate([x, -x])[np.tile(np.isfinite(x), 2)]


def arguments(fun: Function, dtype: Any) -> list[Any]:
    """Valid arguments: each number alone, or pairs of any two, of similar size, and of nearly equal ones."""
    rng = np.random.default_rng(0)
    x = numbers(dtype, rng)
    if len(EXACT[fun].slopes) == 2:
        with np.errstate(over="ignore", under="ignore"):
            similar = (x * rng.uniform(0.3, 3, x.size)).astype(dtype)
        others = np.concatenate([rng.permutation(x), similar, np.nextafter(x, dtype(1))])
        xs = [np.tile(x, 3), others]
        keep = np.isfinite(xs[1])
        xs = [v[keep] for v in xs]
    else:
        xs = [x]
    valid = EXACT[fun].domain(*xs)
    return [v[valid] for v in xs]


def off(found: Any, exact: Any, dtype: Any, slack: Any) -> Any:
    """By how many units in the last place `found` is off, beyond an absolute `slack`."""
    limits = np.finfo(dtype)
    if not np.isfinite(found):
        return 0 if exact * mpmath.sign(float(found)) >= float(limits.max) and not np.isnan(found) else math.inf
    with np.errstate(all="ignore"):
        unit = np.spacing(np.absolute(dtype(float(min(abs(mpf(exact)), mpf(float(limits.max)))))))
    return max(abs(mpf(float(found)) - exact) - slack, 0) / mpf(float(unit))


def check(fun: Function, kind: str, found: Any, exact: Function, xs: list[Any], dtype: Any) -> None:
    """Compare what was found at each of the arguments."""
    less, eps = LESS.get((fun, kind), lambda e, eps, *xs: 0), float(np.finfo(dtype).eps)
    with mpmath.workdps(700 if fun in FAR_APART else 60):
        for y, *given in zip(found, *xs, strict=True):
            numbers = [mpf(float(x)) for x in given]
            expected = exact(*numbers)
            wrong = off(y, expected, dtype, less(expected, eps, *numbers))
            assert wrong <= 8, f"{kind} of {name_of(fun)} at {given}: {y!r}, {mpmath.nstr(expected, 20)}"


def test_every_elementwise_function_is_here() -> None:
    elementwise = {fun for fun, rule in RULES.items() if rule.elementwise and rule.site[0] == own.__file__}
    assert elementwise == EXACT.keys() | OTHER_KINDS


def test_every_exception_is_on_the_page() -> None:
    section = KINKS.partition("## The last digits")[2]
    assert {name_of(fun).removeprefix("autograd.") for fun, _ in LESS} <= set(section.replace("`", " ").split())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("fun", EXACT, ids=name_of)
def test_value_and_derivatives_are_exact_to_8_units_in_the_last_place(fun: Function, dtype: Any) -> None:
    xs = arguments(fun, dtype)
    tensors = [Tensor(x, requires_grad=True) for x in xs]
    with np.errstate(all="ignore"):
        y = fun(*tensors)
    check(fun, "value", y.data, EXACT[fun].value, xs, dtype)
    for slope, found in zip(EXACT[fun].slopes, gradients(y, tensors, np.ones(y.shape, dtype)), strict=True):
        assert found.dtype == dtype
        check(fun, "slope", found, slope, xs, dtype)


@pytest.mark.parametrize("fun", EXACT, ids=name_of)
def test_values_are_as_exact(fun: Function) -> None:
    xs = [x[::3] for x in arguments(fun, np.float64)]
    found: list[list[float]] = []
    at: list[list[float]] = []
    for given in zip(*xs, strict=True):
        values = [Value(float(x)) for x in given]
        try:
            with np.errstate(all="ignore"):
                y = fun(*values)
        except ArithmeticError:  # floats raise where arrays overflow
            continue
        at.append([float(x) for x in given])
        found.append([y.data, *gradients(y, values)])
    columns = [np.array(column) for column in zip(*at, strict=True)]
    for i, exact in enumerate((EXACT[fun].value, *EXACT[fun].slopes)):
        check(fun, "slope" if i else "value", np.array([row[i] for row in found]), exact, columns, np.float64)
