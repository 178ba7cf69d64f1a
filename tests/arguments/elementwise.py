"""Valid calls of the elementwise functions, where they are smooth, and of the two functions of shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.rules import elementwise as own
from autograd.shapes import spread, sum_to

from .common import Call, Calls, Function, arrays, axes_of, broadcasting, call, shapes

# One argument, drawn from an interval in which the function is smooth.
INTERVALS: dict[Function, tuple[float, float]] = {
    np.positive: (-2, 2),
    np.negative: (-2, 2),
    np.conjugate: (-2, 2),
    np.reciprocal: (0.5, 2),
    np.square: (-2, 2),
    np.sqrt: (0.5, 3),
    np.cbrt: (0.5, 3),
    np.exp: (-2, 2),
    np.exp2: (-2, 2),
    np.expm1: (-2, 2),
    np.log: (0.5, 3),
    np.log2: (0.5, 3),
    np.log10: (0.5, 3),
    np.log1p: (-0.5, 2),
    np.sin: (-2, 2),
    np.cos: (-2, 2),
    np.tan: (-1, 1),
    np.arcsin: (-0.8, 0.8),
    np.arccos: (-0.8, 0.8),
    np.arctan: (-2, 2),
    np.sinh: (-2, 2),
    np.cosh: (-2, 2),
    np.tanh: (-2, 2),
    np.arcsinh: (-2, 2),
    np.arccosh: (1.5, 3),
    np.arctanh: (-0.8, 0.8),
    np.sinc: (-1, 1),
    np.deg2rad: (-90, 90),
    np.radians: (-90, 90),
    np.rad2deg: (-2, 2),
    np.degrees: (-2, 2),
    own.sigmoid: (-3, 3),
    own.softplus: (-3, 3),
    own.logsigmoid: (-3, 3),
    own.erf: (-2, 2),
}

# Where they jump or bend: at whole numbers, or in the middle between two.
KINKS = [np.absolute, np.fabs, np.sign, np.floor, np.ceil, np.trunc, np.rint, own.relu]


def between(x: Any, low: float, high: float) -> Any:
    """`x` with its fractional part moved into [low, high), away from whole numbers and from what has other bounds."""
    return np.asarray(np.floor(x) + low + (x - np.floor(x)) * (high - low))


def apart(*bounds: tuple[float, float]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Broadcasting arrays whose fractional parts lie in the given bounds: never equal if these do not overlap."""
    return broadcasting(*[(-2.0, 2.0)] * len(bounds)).map(
        lambda xs: tuple(between(x, low, high) for x, (low, high) in zip(xs, bounds))
    )


def calls(arguments: st.SearchStrategy[tuple[Any, ...]]) -> Calls:
    """Calls with these positional arguments."""
    return arguments.map(Call)


def either_sign(low: float, high: float) -> st.SearchStrategy[Any]:
    """Arrays of numbers in +-[low, high)."""
    return st.one_of(arrays(low=low, high=high), arrays(low=-high, high=-low))


def masked(pair: tuple[Any, ...]) -> Calls:
    """np.where with a mask that broadcasts with both branches."""
    shape = np.broadcast_shapes(*(x.shape for x in pair))
    return call(arrays(shape).map(lambda x: np.asarray(x > 0)), *pair)


def negative_base(x: Any) -> Any:
    """A base of either sign needs a whole exponent, which is then no variable."""
    many = np.arange(4, dtype=np.int8).reshape(4, *[1] * x.ndim)  # int64 would make float64 of float32, as in NumPy
    return call(x, st.sampled_from([0, 1, 2, 3, -1, 2.0, many]))


def reduced(shape: tuple[int, ...]) -> Calls:
    """`spread` of what a reduction of an array of `shape` gave."""

    def undone(axis: Any, keepdims: bool) -> Calls:
        result = np.sum(np.ones(shape), axis=axis, keepdims=keepdims)
        return call(arrays(result.shape), shape, axis=axis, keepdims=keepdims)

    return st.tuples(axes_of(len(shape)), st.booleans()).flatmap(lambda drawn: undone(*drawn))


def stretched(pair: tuple[Any, ...]) -> Call:
    """`sum_to` of an array that broadcasting with another made."""
    small, other = pair
    return Call((np.asarray(small + other), small.shape))


POWERS = st.one_of(calls(broadcasting((0.5, 2), (-2, 2))), either_sign(0.5, 2).flatmap(negative_base))
PAIRS = calls(broadcasting((-2, 2), (-2, 2)))
QUOTIENTS = st.one_of(calls(broadcasting((-2, 2), (0.5, 2))), calls(broadcasting((-2, 2), (-2, -0.5))))
REMAINDERS = st.one_of(*(  # the quotient stays away from whole numbers
    broadcasting((-2, 2), (0.95, 1.05)).map(lambda ab, s=sign: Call((between(ab[0], 0.4, 0.6), np.asarray(s * ab[1]))))
    for sign in (1, -1)
))  # fmt: skip
CHOICES = calls(apart((0.1, 0.2), (0.6, 0.7)))

ARGUMENTS: dict[Function, Calls] = {
    **{fun: call(arrays(low=low, high=high)) for fun, (low, high) in INTERVALS.items()},
    **{fun: call(arrays().map(lambda x: between(x, 0.1, 0.4))) for fun in KINKS},
    np.add: PAIRS,
    np.subtract: PAIRS,
    np.multiply: PAIRS,
    np.divide: QUOTIENTS,
    own.ratio: QUOTIENTS,
    own.chain: PAIRS,
    own.sumprod: calls(st.integers(1, 3).flatmap(lambda n: broadcasting(*[(-2.0, 2.0)] * 2 * n))),
    np.power: POWERS,
    np.mod: REMAINDERS,
    np.fmod: REMAINDERS,
    np.floor_divide: REMAINDERS,
    np.hypot: calls(broadcasting((-2, 2), (0.5, 2))),
    np.arctan2: st.one_of(calls(broadcasting((-2, 2), (0.5, 2))), calls(broadcasting((-2, -0.5), (-2, 2)))),
    np.logaddexp: PAIRS,
    np.logaddexp2: PAIRS,
    np.where: broadcasting((-2, 2), (-2, 2)).flatmap(masked),
    np.maximum: CHOICES,
    np.minimum: CHOICES,
    np.fmax: CHOICES,
    np.fmin: CHOICES,
    np.heaviside: CHOICES,
    np.copysign: CHOICES,
    own.clip: st.one_of(
        calls(apart((0.1, 0.2), (0.4, 0.5), (0.7, 0.8))),
        call(
            arrays().map(lambda x: between(x, 0.1, 0.2)), st.sampled_from([None, -1, 0.5]), st.sampled_from([None, 1])
        ),
    ),
    own.rounded: call(arrays().map(lambda x: between(x, 0.12, 0.14)), st.sampled_from([0, 1])),
    own.cast: call(arrays(), np.float64),
    sum_to: broadcasting((-2, 2), (-2, 2)).map(stretched),
    spread: shapes().flatmap(reduced),
}

COMPOSITE_ARGUMENTS: dict[Function, Calls] = {
    np.float_power: POWERS,
    np.clip: st.one_of(
        calls(apart((0.1, 0.2), (0.4, 0.5), (0.7, 0.8))),
        call(arrays().map(lambda x: between(x, 0.1, 0.2)), a_max=0.5, a_min=-1.0),
        *(
            [call(arrays().map(lambda x: between(x, 0.1, 0.2)), max=0.5)] if hasattr(np, "unstack") else []
        ),  # from 2.1 on
    ),
    np.round: call(arrays().map(lambda x: between(x, 0.12, 0.14)), decimals=st.sampled_from([0, 1])),
    np.around: call(arrays().map(lambda x: between(x, 0.12, 0.14)), st.sampled_from([0, 1])),
    np.fix: call(arrays().map(lambda x: between(x, 0.1, 0.4))),
    np.divmod: REMAINDERS,
    np.modf: call(arrays().map(lambda x: between(x, 0.1, 0.9))),
}
