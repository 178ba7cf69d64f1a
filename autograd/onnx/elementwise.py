"""Elementwise functions as operators. Where ONNX has none of that name, the formula is written out."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..rules.dtypes import cast
from ..rules.elementwise import chain, clip, logsigmoid, ratio, relu, rounded, sigmoid, softplus, sumprod
from ..rules.special import erf
from ..table import Function
from .batches import Call
from .graph import BOOL, Graph
from .table import CONVERTERS, converts

# functions of one dtype that are operators
OPERATORS: dict[Function, str] = {
    np.add: "Add", np.subtract: "Sub", np.multiply: "Mul", np.divide: "Div", np.power: "Pow",
    np.maximum: "Max", np.minimum: "Min", np.negative: "Neg", np.absolute: "Abs", np.fabs: "Abs", np.sqrt: "Sqrt",
    np.reciprocal: "Reciprocal", np.exp: "Exp", np.log: "Log", np.sin: "Sin", np.cos: "Cos", np.tan: "Tan",
    np.arcsin: "Asin", np.arccos: "Acos", np.arctan: "Atan", np.sinh: "Sinh", np.cosh: "Cosh", np.tanh: "Tanh",
    np.arcsinh: "Asinh", np.arccosh: "Acosh", np.arctanh: "Atanh", np.sign: "Sign", np.floor: "Floor",
    np.ceil: "Ceil", np.rint: "Round", sigmoid: "Sigmoid", relu: "Relu", erf: "Erf",
    np.positive: "Identity", np.conjugate: "Identity", np.real: "Identity", np.copy: "Identity", float: "Identity",
}  # fmt: skip
# onnxruntime computes these in single precision alone
SINGLE = frozenset({"Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Erf", "Softplus"})
COMPARISONS: dict[Function, str] = {
    np.equal: "Equal", np.less: "Less", np.less_equal: "LessOrEqual", np.greater: "Greater",
    np.greater_equal: "GreaterOrEqual",
}  # fmt: skip
LOGIC: dict[Function, str] = {
    np.logical_and: "And", np.logical_or: "Or", np.logical_xor: "Xor", np.bitwise_and: "And", np.bitwise_or: "Or",
    np.logical_not: "Not", np.invert: "Not",
}  # fmt: skip


def single(g: Graph, kind: str, x: Any, dtype: np.dtype[Any]) -> str:
    """An operator that may have to be computed in single precision."""
    narrow = kind in SINGLE and dtype == np.float64
    return g.cast(g.node(kind, g.use(x, np.float32 if narrow else dtype), dtype=np.float32 if narrow else dtype), dtype)


def operator_of(kind: str, g: Graph, call: Call, *operands: Any) -> str:
    """The operator of this kind."""
    if kind in SINGLE:
        return single(g, kind, operands[0], call.dtype)
    if call.dtype == bool and kind in ("Add", "Mul", "Max", "Min"):  # of booleans they are or, and
        return g.node("And" if kind in ("Mul", "Min") else "Or", *operands, dtype=BOOL)
    return g.node(kind, *operands, dtype=call.dtype)


def common(*operands: Any) -> np.dtype[Any]:
    """The dtype in which operands are compared."""
    known = [x.dtype for x in operands if isinstance(x, Call) and not x.weak]
    weak = [0.0 if x.dtype.kind == "f" else 0 for x in operands if isinstance(x, Call) and x.weak]
    numbers = [x for x in operands if not isinstance(x, Call) and isinstance(x, (int, float, np.generic, np.ndarray))]
    return np.result_type(*known, *weak, *numbers)


def comparison_of(kind: str, g: Graph, call: Call, *operands: Any) -> str:
    """A comparison: of booleans it is one of integers."""
    dtype = common(*operands)
    return g.node(kind, *operands, dtype=np.int32 if dtype.kind == "b" else dtype, gives=BOOL)


def logic_of(kind: str, g: Graph, call: Call, *operands: Any) -> str:
    """An operator on booleans."""
    if call.dtype != bool:
        raise NotImplementedError(f"{call.where()} of integers has no operator in ONNX")
    return g.node(kind, *operands, dtype=BOOL)


for fun, kind in OPERATORS.items():
    CONVERTERS[fun] = functools.partial(operator_of, kind)
for fun, kind in COMPARISONS.items():
    CONVERTERS[fun] = functools.partial(comparison_of, kind)
for fun, kind in LOGIC.items():
    CONVERTERS[fun] = functools.partial(logic_of, kind)


def where(g: Graph, condition: str, x: Any, y: Any, dtype: np.dtype[Any]) -> str:
    """`x` where the condition holds, else `y`."""
    return g.node("Where", condition, x, y, dtype=dtype)


@converts(np.where)
def _where(g: Graph, call: Call, condition: Any, x: Any, y: Any) -> str:
    return where(g, g.use(condition, BOOL), x, y, call.dtype)


@converts(np.not_equal)
def _not_equal(g: Graph, call: Call, a: Any, b: Any) -> str:
    return g.node("Not", comparison_of("Equal", g, call, a, b), dtype=BOOL)


@converts(np.isnan)
def _isnan(g: Graph, call: Call, x: Any) -> str:
    return g.node("IsNaN", x, dtype=floating(x), gives=BOOL)


@converts(np.isinf)
def _isinf(g: Graph, call: Call, x: Any) -> str:
    return g.node("IsInf", x, dtype=floating(x), gives=BOOL)


@converts(np.isposinf, np.isneginf)
def _signed_inf(g: Graph, call: Call, x: Any) -> str:
    return g.node("Equal", x, np.inf if call.fun is np.isposinf else -np.inf, dtype=floating(x), gives=BOOL)


@converts(np.isfinite)
def _isfinite(g: Graph, call: Call, x: Any) -> str:
    return g.node("Not", g.node("Or", _isnan(g, call, x), _isinf(g, call, x), dtype=BOOL), dtype=BOOL)


def floating(x: Any) -> np.dtype[Any]:
    """The dtype of an operand as floating-point numbers."""
    dtype = x.dtype if isinstance(x, Call) else np.asarray(x).dtype
    return dtype if dtype.kind == "f" else np.dtype(np.float64)


@converts(cast)
def _cast(g: Graph, call: Call, x: Any, dtype: Any) -> str:
    return g.use(x, dtype)


@converts(np.square)
def _square(g: Graph, call: Call, x: Any) -> str:
    return g.node("Mul", x, x, dtype=call.dtype)


@converts(sumprod)
def _sumprod(g: Graph, call: Call, *factors: Any) -> str:
    half = len(factors) // 2
    products = [g.node("Mul", a, b, dtype=call.dtype) for a, b in zip(factors[:half], factors[half:])]
    return functools.reduce(lambda a, b: g.node("Add", a, b, dtype=call.dtype), products)


def quotient(g: Graph, a: Any, b: Any, dtype: np.dtype[Any]) -> str:
    """a / b, and 0 where b is 0."""
    zero = g.node("Equal", b, 0, dtype=dtype, gives=BOOL)
    return where(g, zero, 0, g.node("Div", a, where(g, zero, 1, b, dtype), dtype=dtype), dtype)


@converts(ratio)
def _ratio(g: Graph, call: Call, a: Any, b: Any) -> str:
    return quotient(g, a, b, call.dtype)


@converts(chain)
def _chain(g: Graph, call: Call, a: Any, b: Any) -> str:
    zeros = [g.node("Equal", x, 0, dtype=call.dtype, gives=BOOL) for x in (a, b)]
    zero = g.node("Or", *zeros, dtype=BOOL)
    return where(g, zero, 0, g.node("Mul", a, b, dtype=call.dtype), call.dtype)


@converts(np.floor_divide)
def _floor_divide(g: Graph, call: Call, a: Any, b: Any) -> str:
    t = call.dtype
    if t.kind == "f":
        return g.node("Floor", g.node("Div", a, b, dtype=t), dtype=t)
    rest = g.node("Mod", a, b, dtype=t)  # of the sign of b: a - rest is a multiple of b
    return g.node("Div", g.node("Sub", a, rest, dtype=t), b, dtype=t)


@converts(np.remainder)
def _remainder(g: Graph, call: Call, a: Any, b: Any) -> str:
    t = call.dtype
    if t.kind != "f":
        return g.node("Mod", a, b, dtype=t)
    rest = g.node("Mod", a, b, dtype=t, fmod=1)  # exact, of the sign of a
    signs = g.node("Mul", g.node("Sign", rest, dtype=t), g.node("Sign", b, dtype=t), dtype=t)
    other = g.node("Less", signs, 0, dtype=t, gives=BOOL)
    return where(g, other, g.node("Add", rest, b, dtype=t), rest, t)


@converts(np.fmod)
def _fmod(g: Graph, call: Call, a: Any, b: Any) -> str:
    return g.node("Mod", a, b, dtype=call.dtype, fmod=1)


@converts(np.hypot)
def _hypot(g: Graph, call: Call, a: Any, b: Any) -> str:
    t = call.dtype
    sizes = [g.node("Abs", x, dtype=t) for x in (a, b)]
    large, small = g.node("Max", *sizes, dtype=t), g.node("Min", *sizes, dtype=t)
    share = quotient(g, small, large, t)  # whose square does not overflow
    root = g.node("Sqrt", g.node("Add", 1, g.node("Mul", share, share, dtype=t), dtype=t), dtype=t)
    return g.node("Mul", large, root, dtype=t)


@converts(np.cbrt)
def _cbrt(g: Graph, call: Call, x: Any) -> str:
    t = call.dtype
    root = g.node("Pow", g.node("Abs", x, dtype=t), 1 / 3, dtype=t)
    return g.node("Mul", g.node("Sign", x, dtype=t), root, dtype=t)


def half_times(g: Graph, x: Any, t: np.dtype[Any]) -> str:
    """tanh(x / 2) (exp(x) + 1), which is exp(x) - 1 without its cancellation near 0."""
    plus = g.node("Add", g.node("Exp", x, dtype=t), 1, dtype=t)
    return g.node("Mul", g.node("Tanh", g.node("Mul", x, 0.5, dtype=t), dtype=t), plus, dtype=t)


@converts(np.expm1)
def _expm1(g: Graph, call: Call, x: Any) -> str:
    return half_times(g, x, call.dtype)


@converts(np.log1p)
def _log1p(g: Graph, call: Call, x: Any) -> str:
    """log(u) x / (u - 1) of u = 1 + x: the rounding of u is in both. [Kahan]"""
    t = call.dtype
    u = g.node("Add", 1, x, dtype=t)
    log, less = g.node("Log", u, dtype=t), g.node("Sub", u, 1, dtype=t)
    near = g.node("Less", g.node("Abs", x, dtype=t), 0.5, dtype=t, gives=BOOL)
    nothing = g.node("Equal", less, 0, dtype=t, gives=BOOL)
    exact = g.node("Mul", log, g.node("Div", x, where(g, nothing, 1, less, t), dtype=t), dtype=t)
    return where(g, nothing, x, where(g, near, exact, log, t), t)


@converts(np.exp2)
def _exp2(g: Graph, call: Call, x: Any) -> str:
    return g.node("Pow", 2, x, dtype=call.dtype)


def scaled(factor: float, kind: str | None, g: Graph, call: Call, x: Any) -> str:
    """A multiple of an operator, or of the argument."""
    inner = x if kind is None else g.node(kind, x, dtype=call.dtype)
    return g.node("Mul", inner, factor, dtype=call.dtype)


CONVERTERS |= {
    np.log2: functools.partial(scaled, 1 / math.log(2), "Log"),
    np.log10: functools.partial(scaled, 1 / math.log(10), "Log"),
    np.deg2rad: functools.partial(scaled, math.pi / 180, None),
    np.radians: functools.partial(scaled, math.pi / 180, None),
    np.rad2deg: functools.partial(scaled, 180 / math.pi, None),
    np.degrees: functools.partial(scaled, 180 / math.pi, None),
}


def log_one_plus_exp(g: Graph, x: Any, t: np.dtype[Any]) -> str:
    """log(1 + exp(x)); in double precision by max(x, 0) + log(1 + exp(-|x|))."""
    if t != np.float64:
        return g.node("Softplus", x, dtype=t)
    small = g.node("Exp", g.node("Neg", g.node("Abs", x, dtype=t), dtype=t), dtype=t)
    return g.node(
        "Add", g.node("Max", x, 0, dtype=t), g.node("Log", g.node("Add", 1, small, dtype=t), dtype=t), dtype=t
    )


@converts(softplus)
def _softplus(g: Graph, call: Call, x: Any) -> str:
    return log_one_plus_exp(g, x, call.dtype)


@converts(logsigmoid)
def _logsigmoid(g: Graph, call: Call, x: Any) -> str:
    t = call.dtype
    return g.node("Neg", log_one_plus_exp(g, g.node("Neg", x, dtype=t), t), dtype=t)


def logaddexp_of(base: float, g: Graph, call: Call, a: Any, b: Any) -> str:
    """The larger one and log(1 + base^-|a - b|); where both are equal, infinite ones too, that is log(2)."""
    t, log = call.dtype, math.log(base)
    equal = g.node("Equal", a, b, dtype=t, gives=BOOL)
    gap = where(g, equal, 0, g.node("Neg", g.node("Abs", g.node("Sub", a, b, dtype=t), dtype=t), dtype=t), t)
    more = log_one_plus_exp(g, g.node("Mul", gap, log, dtype=t), t)
    return g.node("Add", g.node("Max", a, b, dtype=t), g.node("Mul", more, 1 / log, dtype=t), dtype=t)


CONVERTERS[np.logaddexp] = functools.partial(logaddexp_of, math.e)
CONVERTERS[np.logaddexp2] = functools.partial(logaddexp_of, 2.0)


@converts(np.sinc)
def _sinc(g: Graph, call: Call, x: Any) -> str:
    t = call.dtype
    angle = g.node("Mul", x, math.pi, dtype=t)
    zero = g.node("Equal", angle, 0, dtype=t, gives=BOOL)
    return where(g, zero, 1, g.node("Div", g.node("Sin", angle, dtype=t), where(g, zero, 1, angle, t), dtype=t), t)


def ignoring_nan(kind: str, g: Graph, call: Call, a: Any, b: Any) -> str:
    """The larger or the smaller one, of which NaN is none."""
    t = call.dtype
    a, b = g.use(a, t), g.use(b, t)
    a_is, b_is = (g.node("IsNaN", x, dtype=t, gives=BOOL) for x in (a, b))
    return where(g, a_is, b, where(g, b_is, a, g.node(kind, a, b, dtype=t), t), t)


CONVERTERS[np.fmax] = functools.partial(ignoring_nan, "Max")
CONVERTERS[np.fmin] = functools.partial(ignoring_nan, "Min")


@converts(clip)
def _clip(g: Graph, call: Call, x: Any, lo: Any = None, hi: Any = None) -> str:
    name = g.use(x, call.dtype)
    name = name if lo is None else g.node("Max", name, lo, dtype=call.dtype)
    return name if hi is None else g.node("Min", name, hi, dtype=call.dtype)


@converts(np.trunc)
def _trunc(g: Graph, call: Call, x: Any) -> str:
    t = call.dtype
    size = g.node("Floor", g.node("Abs", x, dtype=t), dtype=t)
    return g.node("Mul", g.node("Sign", x, dtype=t), size, dtype=t)


@converts(rounded)
def _rounded(g: Graph, call: Call, x: Any, decimals: int = 0) -> str:
    t = call.dtype
    moved = g.node("Mul" if decimals >= 0 else "Div", x, 10.0 ** abs(decimals), dtype=t)
    return g.node("Div" if decimals >= 0 else "Mul", g.node("Round", moved, dtype=t), 10.0 ** abs(decimals), dtype=t)


@converts(np.heaviside)
def _heaviside(g: Graph, call: Call, x: Any, at_zero: Any) -> str:
    t = call.dtype
    below, above = (g.node(kind, x, 0, dtype=t, gives=BOOL) for kind in ("Less", "Greater"))
    return where(g, below, 0, where(g, above, 1, where(g, _isnan(g, call, x), x, at_zero, t), t), t)


@converts(np.copysign)
def _copysign(g: Graph, call: Call, x: Any, sign: Any) -> str:
    t = call.dtype
    size = g.node("Abs", x, dtype=t)
    negative = g.node("Less", sign, 0, dtype=t, gives=BOOL)  # -0 counts as positive
    return where(g, negative, g.node("Neg", size, dtype=t), size, t)
