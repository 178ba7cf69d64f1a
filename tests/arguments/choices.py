"""Valid calls of choices."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from .common import Call, Calls, Function, an_axis, arrays, broadcasting, call, shapes


@st.composite
def selected(draw: st.DrawFn) -> Call:
    """np.select of arrays that broadcast, with a default."""
    choices = draw(broadcasting((-2, 2), (-2, 2)))
    shape = np.broadcast_shapes(*map(np.shape, choices))
    conditions = [draw(hnp.arrays(bool, draw(st.sampled_from([shape, shape[1:]])))) for _ in choices]
    return Call((conditions, list(choices), draw(st.sampled_from([0, -2]))))


@st.composite
def chosen(draw: st.DrawFn) -> Call:
    """np.choose among arrays that broadcast, by numbers that may lie outside."""
    choices = draw(broadcasting((-2, 2), (-2, 2), max_dims=2))
    shape = np.broadcast_shapes(*map(np.shape, choices))
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    which = draw(hnp.arrays(np.intp, shape, elements=st.integers(0, 1) if mode == "raise" else st.integers(-3, 3)))
    return Call((which, list(choices)), {"mode": mode})


@st.composite
def by_pieces(draw: st.DrawFn) -> Call:
    """np.piecewise of functions and constants, with one for all others or without."""
    x = draw(arrays(shapes(min_dims=1, max_dims=2)))
    conditions = [x < -0.5, x > draw(st.sampled_from([-0.7, 0.5]))]
    functions: list[Any] = [np.sin, 2, np.cumsum]
    return Call((x, conditions, functions[: draw(st.sampled_from([2, 3]))]))


@st.composite
def with_specials(draw: st.DrawFn) -> Call:
    """np.nan_to_num of NaN, of infinities and of others."""
    x = draw(arrays(shapes(min_dims=1)))
    specials = draw(st.lists(st.sampled_from([np.nan, np.inf, -np.inf]), max_size=x.size))
    x.flat[: len(specials)] = specials
    named = {"nan": 0.5, "posinf": 3.0, "neginf": -3}
    return Call((x,), {name: named[name] for name in draw(st.sets(st.sampled_from([*named]), min_size=2))})


FUNCTIONS = [np.sum, np.sin, np.diff, np.diag]

ARGUMENTS: dict[Function, Calls] = {}

COMPOSITE_ARGUMENTS: dict[Function, Calls] = {
    np.select: selected(),
    np.choose: chosen(),
    np.piecewise: by_pieces(),
    np.nan_to_num: with_specials(),
    np.full: call(st.sampled_from([3, (2, 3), ()]), arrays(st.sampled_from([(), (1,)])).filter(lambda x: x.ndim == 0)),
    np.apply_along_axis: shapes(min_dims=1, max_dims=2).flatmap(
        lambda shape: call(st.sampled_from(FUNCTIONS), an_axis(shape), arrays(shape))
    ),
}


def filled(shape: Any, value: Any) -> Any:
    """np.full, as nodes are asked for it."""
    return np.full(shape, value, like=value) if hasattr(value, "__array_function__") else np.full(shape, value)


# NumPy asks nodes what np.full is only if like= is one.
INSTEAD: dict[Function, Function] = {np.full: filled}
