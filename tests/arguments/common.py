"""Valid calls of differentiable functions, drawn by hypothesis: the building blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd.shapes import Shape

Function = Callable[..., Any]


@dataclass(frozen=True)
class Call:
    """One valid call `fun(*args, **kwargs)`: every float array among `args` is differentiated, all else is metadata."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)


Calls = st.SearchStrategy[Call]


def call(*args: Any, **kwargs: Any) -> Calls:
    """A Call with arguments drawn from the strategies among `args` and `kwargs`; others are as they are given."""

    def drawn(x: Any) -> st.SearchStrategy[Any]:
        return x if isinstance(x, st.SearchStrategy) else st.just(x)

    return st.builds(
        Call, st.tuples(*map(drawn, args)), st.fixed_dictionaries({k: drawn(v) for k, v in kwargs.items()})
    )


def shapes(min_dims: int = 0, max_dims: int = 3, min_side: int = 1, max_side: int = 3) -> st.SearchStrategy[Shape]:
    """Shapes with few axes, size-1 axes often among them; `min_side=0` also gives empty ones."""
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side)


@st.composite
def arrays(
    draw: st.DrawFn, shape: Shape | st.SearchStrategy[Shape] | None = None, low: float = -2.0, high: float = 2.0
) -> Any:
    """float64 arrays with generic numbers in [low, high): uniform draws from a seed, so no ties and no exact zeros."""
    if not isinstance(shape, tuple):
        shape = draw(shapes() if shape is None else shape)
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1))).uniform(low, high, shape)


@st.composite
def broadcasting(draw: st.DrawFn, *bounds: tuple[float, float], max_dims: int = 3) -> tuple[Any, ...]:
    """A tuple of arrays, one per (low, high), whose shapes broadcast together."""
    pair = draw(hnp.mutually_broadcastable_shapes(num_shapes=len(bounds), max_dims=max_dims, max_side=3))
    return tuple(draw(arrays(shape, low, high)) for shape, (low, high) in zip(pair.input_shapes, bounds))


def axes_of(ndim: int, tuples: bool = True) -> st.SearchStrategy[Any]:
    """Axes of an array with `ndim` axes: None, negative, and (with `tuples`) tuples, also the empty one."""
    if ndim == 0:
        return st.sampled_from([None, ()]) if tuples else st.none()
    one = st.one_of(st.none(), st.integers(-ndim, ndim - 1))
    many = st.sets(st.integers(0, ndim - 1)).flatmap(
        lambda axes: st.tuples(*(st.sampled_from([axis, axis - ndim]) for axis in sorted(axes)))
    )
    return st.one_of(one, many) if tuples else one


@st.composite
def separated(draw: st.DrawFn, shape: Shape | st.SearchStrategy[Shape] | None = None) -> Any:
    """Arrays whose numbers are at least 0.3 apart, in any order: no small step changes which one is larger."""
    if not isinstance(shape, tuple):
        shape = draw(shapes() if shape is None else shape)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = rng.permutation(int(np.prod(shape))).reshape(shape)
    return np.asarray(steps * 0.5 + rng.uniform(-1, -0.8, shape))


def an_axis(shape: Shape) -> st.SearchStrategy[int]:
    """One axis, or a negative one."""
    return st.integers(-len(shape), len(shape) - 1)


def one_axis_or_none(shape: Shape) -> st.SearchStrategy[Any]:
    """One axis, or None for the flattened array."""
    return axes_of(len(shape), tuples=False)


def any_axes(shape: Shape) -> st.SearchStrategy[Any]:
    """None, an axis, or a tuple of axes."""
    return axes_of(len(shape))


def length(shape: Shape, axis: int | None) -> int:
    """How many elements lie along `axis`, or in all."""
    return int(np.prod(shape)) if axis is None else shape[axis]


def positions(n: int) -> st.SearchStrategy[Any]:
    """Positions along an axis of size n, which may repeat: a number, a list, arrays with more axes, none."""
    one = st.integers(-n, n - 1)
    return st.one_of(
        one, st.lists(one, min_size=1), hnp.arrays(np.intp, (2, 2), elements=one), st.just(np.zeros(0, int))
    )
