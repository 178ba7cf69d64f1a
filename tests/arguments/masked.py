"""Valid calls of the reductions of some elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd.shapes import Shape

from . import reductions, structure
from .common import Call, Calls, Function, an_axis, arrays, axes_of, call, one_axis_or_none, separated, shapes
from .reductions import along, reduced, with_zeros

Numbers = Callable[[Shape], st.SearchStrategy[Any]]


@st.composite
def with_a_nan(draw: st.DrawFn, shape: Shape) -> Any:
    """Arrays with a NaN in the last place, if there are others."""
    x = np.asarray(draw(separated(shape)))
    if x.size > 1:
        x.flat[-1] = np.nan
    return x


@st.composite
def some(draw: st.DrawFn, numbers: Numbers = arrays, least: int = 0, **others: Any) -> Call:
    """Calls fun(x, axis=..., keepdims=..., where=...) and what `others` draw, with at least so many elements each."""
    shape = draw(shapes(min_dims=1, max_dims=2, min_side=least + 1, max_side=4) if least else shapes(min_side=0))
    axis = draw(axes_of(len(shape)).filter(lambda axis: not least or axis != ()))
    where = draw(hnp.arrays(bool, shape))
    for before in range(len(shape) if least else 0):
        where[(*(slice(None),) * before, slice(least))] = True
    given = {"axis": axis, "keepdims": draw(st.booleans()), "where": draw(st.sampled_from([True, where]))}
    given |= {name: draw(drawn) for name, drawn in others.items()}
    return Call((draw(numbers(shape)),), {name: x for name, x in given.items() if x is not None or name == "axis"})


FLOATS = st.sampled_from([None, np.float64])
SUMS = {"dtype": FLOATS, "initial": st.sampled_from([None, 0.7, 2])}
EXTREMES = {"initial": st.sampled_from([-9.0, 9.0, 0.123])}
SPREADS = {"dtype": FLOATS, "ddof": st.sampled_from([0, 1, 0.5])}


@st.composite
def around(draw: st.DrawFn) -> Call:
    """np.var around a mean that is known."""
    found = draw(some(separated, least=2, **SPREADS))
    (x,), kwargs = found.args, found.kwargs
    with_mean = {"mean": np.mean(x, axis=kwargs["axis"], keepdims=True) + 0.1}
    return Call((x,), kwargs | with_mean)


def in_another_dtype(numbers: Numbers = arrays) -> Calls:
    """Calls fun(x, axis=..., dtype=...)."""
    return shapes().flatmap(lambda shape: call(numbers(shape), axis=one_axis_or_none(shape), dtype=np.float64))


def cumulated() -> Calls:
    """Calls of np.cumulative_sum and its kin."""
    first = {"dtype": FLOATS, "include_initial": st.booleans()}
    many = shapes(min_dims=1).flatmap(lambda shape: call(arrays(shape), axis=an_axis(shape), **first))
    return st.one_of(many, call(arrays(shapes(min_dims=1, max_dims=1)), **first))


def more(fun: Function, *calls: Calls) -> Calls:
    """The calls of a rule, and those with more arguments."""
    return st.one_of((reductions.ARGUMENTS | structure.ARGUMENTS)[fun], *calls)


ARGUMENTS: dict[Function, Calls] = {}

COMPOSITE_ARGUMENTS: dict[Function, Calls] = {
    np.sum: more(np.sum, some(**SUMS)),
    np.prod: more(np.prod, some(with_zeros, **SUMS)),
    np.max: more(np.max, some(separated, **EXTREMES)),
    np.min: more(np.min, some(separated, **EXTREMES)),
    np.amax: more(np.max, some(separated, **EXTREMES)),
    np.amin: more(np.min, some(separated, **EXTREMES)),
    np.logaddexp.reduce: st.one_of(reduced(), some(**EXTREMES)),
    np.cumsum: more(np.cumsum, in_another_dtype()),
    np.cumprod: more(np.cumprod, in_another_dtype(with_zeros)),
    np.trace: more(np.trace, shapes(min_dims=2).flatmap(lambda shape: call(arrays(shape), dtype=np.float64))),
    np.mean: more(np.mean, some(least=1, dtype=FLOATS)),
    np.var: more(np.var, some(separated, least=2, **SPREADS), around()),
    np.std: more(np.std, some(separated, least=2, **SPREADS), around()),
    np.nansum: st.one_of(reduced(with_a_nan), some(with_a_nan, **SUMS)),
    np.nanprod: st.one_of(reduced(with_a_nan), some(with_a_nan, **SUMS)),
    np.nanmax: st.one_of(reduced(with_a_nan, min_side=2, empty_axes=False), some(with_a_nan, **EXTREMES)),
    np.nanmin: st.one_of(reduced(with_a_nan, min_side=2, empty_axes=False), some(with_a_nan, **EXTREMES)),
    np.nanmean: some(with_a_nan, least=2, dtype=FLOATS),
    np.nanvar: some(with_a_nan, least=2, dtype=FLOATS, ddof=st.sampled_from([0, 0.5])),
    np.nanstd: some(with_a_nan, least=2, dtype=FLOATS, ddof=st.sampled_from([0, 0.5])),
    np.nancumsum: st.one_of(along(with_a_nan), in_another_dtype(with_a_nan)),
    np.nancumprod: st.one_of(along(with_a_nan), in_another_dtype(with_a_nan)),
}

if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    COMPOSITE_ARGUMENTS |= {np.cumulative_sum: cumulated(), np.cumulative_prod: cumulated()}
