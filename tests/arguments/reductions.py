"""Valid calls of the reductions, where they are smooth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.rules import reductions as own
from autograd.shapes import Shape

from .common import Call, Calls, Function, an_axis, arrays, axes_of, call, separated, shapes


def reduced(
    numbers: Callable[[Shape], st.SearchStrategy[Any]] = arrays, min_dims: int = 0, min_side: int = 1,
    empty_axes: bool = True, **kwargs: Any,
) -> Calls:  # fmt: skip
    """Calls fun(x, axis=..., keepdims=...) with any axes, without the empty tuple if `empty_axes` is False."""

    def over(shape: Shape) -> Calls:
        axis = axes_of(len(shape)).filter(lambda axis: empty_axes or axis != ())
        return call(numbers(shape), axis=axis, keepdims=st.booleans(), **kwargs)

    return shapes(min_dims, min_side=min_side).flatmap(over)


def along(numbers: Callable[[Shape], st.SearchStrategy[Any]] = arrays) -> Calls:
    """Calls fun(x, axis=...) with one axis or None, of arrays that may be empty."""
    return shapes(min_side=0).flatmap(lambda shape: call(numbers(shape), axis=axes_of(len(shape), tuples=False)))


def shared_out() -> Calls:
    """Calls fun(x, axis=...) of the softmax and its logarithm, with the default axis too."""
    some = shapes().flatmap(lambda shape: call(arrays(shape), axis=axes_of(len(shape))))
    return st.one_of(
        some, call(arrays(shapes(min_dims=1, min_side=0))), call(arrays(st.sampled_from([(5, 40), (40, 5)])))
    )


@st.composite
def with_zeros(draw: st.DrawFn, shape: Shape) -> Any:
    """Arrays in which some numbers are exactly 0."""
    x = draw(arrays(shape))
    return np.asarray(x * (draw(arrays(shape)) > draw(st.sampled_from([-2.0, -1.0]))))


@st.composite
def classified(draw: st.DrawFn) -> Call:
    """Logits (..., classes) and one label for each row of them."""
    *batch, classes = draw(shapes(min_dims=1, min_side=0).filter(lambda shape: shape[-1] > 0))
    labels = np.random.default_rng(draw(st.integers(0, 99))).integers(0, classes, tuple(batch))
    return Call((draw(arrays((*batch, classes))), np.asarray(labels)))


@st.composite
def segments(draw: st.DrawFn) -> Call:
    """np.add.reduceat with indices in any order, which may repeat."""
    shape = draw(shapes(min_dims=1))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    return Call(
        (draw(arrays(shape)), draw(st.lists(st.integers(0, shape[axis] - 1), min_size=1, max_size=4))), {"axis": axis}
    )


def running(numbers: Callable[[Shape], st.SearchStrategy[Any]] = arrays) -> Calls:
    """Calls fun(x, axis=...) with one axis."""
    return shapes(min_dims=1).flatmap(lambda shape: call(numbers(shape), axis=an_axis(shape)))


VARIANCES = st.one_of(
    reduced(separated),
    reduced(separated, min_dims=1, min_side=2, empty_axes=False, ddof=st.sampled_from([0.5, 1])),
    reduced(separated, min_dims=1, min_side=2, empty_axes=False, correction=st.sampled_from([0, 1])),
)

ARGUMENTS: dict[Function, Calls] = {
    np.sum: reduced(min_side=0),
    np.mean: reduced(),
    np.var: VARIANCES,
    np.std: VARIANCES,
    np.prod: reduced(with_zeros, min_side=0),
    np.cumsum: along(),
    np.cumprod: along(with_zeros),
    np.max: reduced(separated),
    np.min: reduced(separated),
    np.maximum.accumulate: running(separated),
    np.minimum.accumulate: running(separated),
    np.add.reduceat: segments(),
    own.logsumexp: reduced(),
    own.softmax: shared_out(),
    own.log_softmax: shared_out(),
    own.nll: classified(),
    own.softmax_cross_entropy: classified(),
    own.surplus: classified(),
    own.recurrence: shapes(min_dims=1, min_side=0).flatmap(lambda shape: call(arrays(shape), arrays(shape))),
}

COMPOSITE_ARGUMENTS: dict[Function, Calls] = {}
