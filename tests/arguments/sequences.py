"""Valid calls of sequences and polynomials."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.rules import sequences as own

from .common import Call, Calls, Function, an_axis, arrays, broadcasting, call, shapes


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
}
