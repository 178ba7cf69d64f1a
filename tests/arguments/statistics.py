"""Valid calls of the statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.rules import statistics as own

from .common import Call, Calls, Function, arrays, axes_of, call, separated, shapes
from .masked import with_a_nan
from .reductions import reduced


@st.composite
def averaged(draw: st.DrawFn) -> Call:
    """np.average with weights: none, those of a whole array, or those of some of its axes."""
    shape = draw(shapes(min_dims=1))
    a, axis = draw(arrays(shape)), draw(axes_of(len(shape)))
    parts = [shape]
    if axis is not None:
        axes = axis if isinstance(axis, tuple) else (axis,)
        parts.append(tuple(shape[i] for i in axes))
    weights = draw(arrays(draw(st.sampled_from(parts)), 0.5, 2.0))
    kwargs = {"returned": draw(st.booleans()), "keepdims": draw(st.booleans())}
    return Call((a, axis, draw(st.sampled_from([None, weights]))), kwargs)


@st.composite
def integrated(draw: st.DrawFn) -> Call:
    """np.trapezoid with steps, with coordinates of one axis, and with coordinates of every element."""
    shape = draw(shapes(min_dims=1))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    x = draw(st.one_of(st.none(), arrays((shape[axis],)), arrays(shape)))
    return Call((draw(arrays(shape)), x), {"axis": axis, "dx": draw(st.sampled_from([1.0, 0.3]))})


@st.composite
def observed(draw: st.DrawFn, weighted: bool) -> Call:
    """np.cov or np.corrcoef of rows or columns, with a second variable, and with weights."""
    variables, n = draw(st.integers(1, 3)), draw(st.integers(3, 5))
    by_rows = draw(st.booleans())
    m = draw(separated(draw(st.sampled_from([(n,), (variables, n) if by_rows else (n, variables)]))))
    y = draw(st.one_of(st.none(), separated((n,))))
    y = y if y is None or by_rows or m.ndim == 1 else y[:, None]
    if not weighted:
        return Call((m, y, by_rows))
    fweights = draw(st.sampled_from([None, [1, 2, 1, 3, 1][:n]]))
    aweights = draw(st.one_of(st.none(), arrays((n,), 0.5, 1.5)))
    return Call((m, y, by_rows, draw(st.booleans()), draw(st.sampled_from([None, 0, 1])), fweights, aweights))


FRACTIONS = st.one_of(
    st.sampled_from([0.0, 0.3, 0.5, 1.0, [0.1, 0.75], [[0.2], [0.9]], []]),
    st.sampled_from([(), (2,)]).flatmap(lambda shape: arrays(shape, 0.05, 0.22)),  # no place is one of the samples
)


def at(q: st.SearchStrategy[Any], numbers: Any = separated, without: bool = False) -> Calls:
    """Calls fun(x, q, axis, keepdims=...); `without` NaNs each part has some numbers."""

    def over(shape: tuple[int, ...]) -> Calls:
        axis = axes_of(len(shape)).filter(lambda axis: not without or axis != ())
        return call(numbers(shape), q, axis, keepdims=st.booleans())

    return st.one_of(
        st.sampled_from([(3,), (5,), (3, 2)] if without else [(3,), (5,), (3, 1), (1, 3), (5, 1)]).flatmap(over),
        call(numbers((2, 3)), q, st.sampled_from([0, -1]), keepdims=st.booleans()),
    )


PERCENT = st.sampled_from([0, 25, 50.0, [10, 99], (100,)])

ARGUMENTS: dict[Function, Calls] = {
    own.standardized: shapes().flatmap(
        lambda shape: call(separated(shape), axis=axes_of(len(shape)), eps=st.sampled_from([1e-3, 1.0]))
    ),
    own.divisor: call(arrays(low=0.5)),
    own.fraction: call(arrays(low=0.1, high=0.9)),
    own.nonnegative: call(arrays(low=0.5)),
}

COMPOSITE_ARGUMENTS: dict[Function, Calls] = {
    np.ptp: reduced(separated),
    np.average: averaged(),
    np.median: reduced(separated),
    np.nanmedian: reduced(with_a_nan, min_dims=1, min_side=2, empty_axes=False),
    np.quantile: at(FRACTIONS),
    np.nanquantile: at(FRACTIONS, with_a_nan, without=True),
    np.percentile: at(PERCENT),
    np.nanpercentile: at(PERCENT, with_a_nan, without=True),
    np.cov: observed(weighted=True),
    np.corrcoef: observed(weighted=False),
    np.bincount: st.lists(st.integers(0, 4), max_size=5).flatmap(
        lambda x: call(np.array(x, int), arrays((len(x),)), st.sampled_from([0, 3, 7]))
    ),
    np.trapezoid: integrated(),
}
