"""Valid calls of sequences and polynomials."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.rules import sequences as own

from .common import Call, Calls, Function, an_axis, arrays, axes_of, broadcasting, call, shapes


@st.composite
def stepped(draw: st.DrawFn, *bounds: tuple[float, float], sign: bool = False, **others: Any) -> Call:
    """Two ends, also of different shapes, or one of them a number."""
    a, b = draw(broadcasting(*bounds, max_dims=2))
    if sign and draw(st.booleans()):
        a, b = np.asarray(-a), np.asarray(-b)
    elif draw(st.booleans()):
        b = 1.5
    ndim = max(np.ndim(a), np.ndim(b))
    kwargs = {"num": draw(st.sampled_from([3, 5] if sign else [0, 1, 2, 5])), "endpoint": draw(st.booleans())}
    kwargs |= {"axis": draw(st.integers(-ndim - 1, ndim))} | {name: draw(drawn) for name, drawn in others.items()}
    return Call((a, b), kwargs)


@st.composite
def powers_between(draw: st.DrawFn) -> Call:
    """np.logspace with a base, which may be an array."""
    found = draw(stepped((-1, 1), (-1, 1)))
    a, b = found.args
    shape = np.broadcast_shapes(np.shape(a), np.shape(b))
    base = draw(st.one_of(st.just(2.0), arrays((), 1.5, 3), arrays(shape, 1.5, 3)))
    return Call((a, b, found.kwargs["num"], found.kwargs["endpoint"], base), {"axis": 0 if shape else -1})


@st.composite
def winding(draw: st.DrawFn) -> Call:
    """np.unwrap of angles whose neighbours are not just half a period apart."""
    shape = draw(shapes(min_dims=1, max_side=5))
    kwargs: dict[str, Any] = {"axis": draw(an_axis(shape)), "period": draw(st.sampled_from([2 * math.pi, 4.0]))}
    numbers = np.random.default_rng(draw(st.integers(0, 99)))
    steps = numbers.integers(-3, 4, shape) * kwargs["period"] + draw(arrays(shape, -0.4, 0.4))
    if draw(st.booleans()):
        kwargs["discont"] = 2.5
    return Call((np.asarray(steps),), kwargs)


@st.composite
def differences(draw: st.DrawFn) -> Call:
    """np.diff of any order, with numbers or arrays before and after."""
    shape = draw(shapes(min_dims=1))
    axis = draw(an_axis(shape))
    column = list(shape)
    column[axis] = draw(st.integers(1, 2))
    n = draw(st.integers(0, 2))
    ends = draw(st.lists(st.one_of(st.just(0.5), arrays(()), arrays(tuple(column))), max_size=2 if n else 0))
    return Call((draw(arrays(shape)), n, axis, *ends))


@st.composite
def slopes(draw: st.DrawFn) -> Call:
    """np.gradient along some axes or all, with spacings or coordinates."""
    edge_order = draw(st.sampled_from([1, 2]))
    shape = draw(shapes(min_dims=1, max_dims=2, min_side=edge_order + 1, max_side=5))
    axis = draw(axes_of(len(shape)).filter(lambda axis: axis != ()))
    chosen = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    coordinates = [np.asarray(np.cumsum(draw(arrays((shape[a],), 0.5, 1.5)))) for a in chosen]
    spacings = draw(st.sampled_from([(), (0.5,), (0.5,) * len(coordinates), tuple(coordinates)]))
    return Call((draw(arrays(shape)), *spacings), {"axis": axis, "edge_order": edge_order})


@st.composite
def interpolated(draw: st.DrawFn) -> Call:
    """np.interp away from the coordinates, inside and outside."""
    n = draw(st.integers(1, 4))
    xp = np.arange(n) + draw(arrays((n,), -0.1, 0.1))
    x = np.floor(draw(arrays(None, -2, 5))) + 0.5
    sides = draw(st.sampled_from([{}, {"left": -3.0}, {"left": 0.5, "right": 4.0}]))
    return Call((np.asarray(x), xp, draw(arrays((n,)))), sides)


ARGUMENTS: dict[Function, Calls] = {
    own.geometric: broadcasting((0.5, 2), (0.5, 2), (0, 1)).map(Call),
}

COMPOSITE_ARGUMENTS: dict[Function, Calls] = {
    np.linspace: stepped((-2, 2), (-2, 2), retstep=st.booleans(), dtype=st.none()).filter(
        lambda found: found.kwargs["num"] > 1 or not found.kwargs["retstep"]
    ),
    np.logspace: powers_between(),
    np.geomspace: stepped((0.5, 2), (0.5, 2), sign=True),
    np.polyval: st.integers(1, 4).flatmap(lambda n: call(arrays((n,)), arrays())),
    np.vander: st.integers(1, 4).flatmap(
        lambda n: call(arrays((n,)), N=st.sampled_from([None, 0, 2, 4]), increasing=st.booleans())
    ),
    np.unwrap: winding(),
    np.diff: differences(),
    np.ediff1d: call(arrays()),
    np.gradient: slopes(),
    np.interp: interpolated(),
}
