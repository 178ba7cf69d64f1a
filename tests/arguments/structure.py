"""Valid calls of the layout functions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.lib.stride_tricks import sliding_window_view

from autograd.rules import structure as own
from autograd.shapes import Shape

from .common import (
    Call,
    Calls,
    Function,
    an_axis,
    any_axes,
    arrays,
    axes_of,
    broadcasting,
    call,
    length,
    one_axis_or_none,
    positions,
    separated,
    shapes,
)

# --- Arguments of one array and metadata that depend on its shape -------------------------------------------------


def of(
    *metadata: Callable[[Shape], Any], min_dims: int = 0, max_dims: int = 3, min_side: int = 0, numbers: Any = arrays,
    **keywords: Callable[[Shape], Any],
) -> Calls:  # fmt: skip
    """Calls fun(x, *metadata, **keywords), where each of these is told the shape of x."""
    return shapes(min_dims, max_dims, min_side).flatmap(
        lambda shape: call(
            numbers(shape),
            *(tell(shape) for tell in metadata),
            **{name: tell(shape) for name, tell in keywords.items()},
        )
    )


def constant(*choices: Any) -> Callable[[Shape], st.SearchStrategy[Any]]:
    """One of these, whatever the shape."""
    return lambda shape: st.sampled_from(choices)


def two_axes(shape: Shape) -> st.SearchStrategy[tuple[int, ...]]:
    """Two different axes, the second counted from the end."""
    return st.permutations(range(len(shape))).map(lambda order: (order[0], order[1] - len(shape)))


def same_size(shape: Shape) -> st.SearchStrategy[Any]:
    """Shapes with as many elements, also with one length left open."""
    size = int(np.prod(shape))
    return st.sampled_from([-1, (size,), (1, size, 1), shape[::-1], *([(-1, shape[0])] if shape and size else [])])


def size_one_axes(shape: Shape) -> st.SearchStrategy[Any]:
    """None, or axes of size 1."""
    ones = tuple(i - len(shape) for i, n in enumerate(shape) if n == 1)
    return st.sampled_from([None, ones, *ones])


def orders(shape: Shape) -> st.SearchStrategy[Any]:
    """None, or an order of axes in which some count from the end."""
    mixed = st.permutations(range(len(shape))).map(lambda order: tuple(a - len(shape) if a % 2 else a for a in order))
    return st.one_of(st.none(), mixed)


def wider(shape: Shape) -> st.SearchStrategy[Shape]:
    """Shapes that `shape` broadcasts to."""
    stretched = tuple(4 if n == 1 else n for n in shape)
    return st.sampled_from([shape, stretched, (2, *stretched), (0, *shape)])


# --- Indices ------------------------------------------------------------------------------------------------------


@st.composite
def indices(draw: st.DrawFn, shape: Shape) -> Any:
    """Indices of every kind: basic, of positions that may repeat, a mask, and mixed ones."""
    mask = hnp.arrays(bool, shape)
    kinds: list[Any] = [hnp.basic_indices(shape, allow_newaxis=True), mask]
    if shape and 0 not in shape:
        kinds += [
            hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(min_dims=0, max_dims=2, max_side=3)),
            positions(shape[0]),
            st.tuples(positions(shape[0]), st.just(...), st.none()),
        ]
    if len(shape) > 1 and 0 not in shape:
        last = st.lists(st.integers(0, shape[-1] - 1), min_size=1)
        kinds += [
            st.tuples(st.integers(0, shape[0] - 1), st.just(...), last),  # arrays on both sides of a slice
            st.tuples(hnp.arrays(bool, shape[:1]), st.just(...), st.integers(0, shape[-1] - 1)),
        ]
    return draw(st.one_of(kinds))


@st.composite
def selected(draw: st.DrawFn) -> tuple[Any, Any, Shape]:
    """An array, an index into it, and the shape of what that selects."""
    shape = draw(shapes(min_side=0))
    x, index = draw(arrays(shape)), draw(indices(shape))
    return x, index, np.shape(x[index])


def changed(drawn: tuple[Any, Any, Shape]) -> Calls:
    """Calls fun(x, value, index), where the value is of the shape of x[index] or broadcasts to it."""
    x, index, shape = drawn
    return call(x, st.one_of(arrays(shape), arrays(shape[1:]), st.just(0.5)), index)


@st.composite
def along_an_axis(draw: st.DrawFn) -> Call:
    """np.take_along_axis with as many, more or fewer positions than there are."""
    shape = draw(shapes(min_dims=1))
    axis = draw(one_axis_or_none(shape))
    n = length(shape, axis)
    wanted = list(shape) if axis is not None else [n]
    wanted[axis or 0] = draw(st.integers(0, 4))
    index = draw(hnp.arrays(np.intp, tuple(wanted), elements=st.integers(-n, n - 1)))
    return Call((draw(arrays(shape)), index), {"axis": axis})


@st.composite
def taken(draw: st.DrawFn) -> Call:
    """np.take in its modes."""
    shape = draw(shapes(min_dims=1))
    axis = draw(one_axis_or_none(shape))
    n = length(shape, axis)
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    return Call((draw(arrays(shape)), draw(positions(n if mode == "raise" else 2 * n)), axis), {"mode": mode})


# --- Diagonals, windows, repeats ----------------------------------------------------------------------------------


@st.composite
def diagonals(draw: st.DrawFn) -> Call:
    """Arrays with two axes to take a diagonal of, which lies anywhere, also outside."""
    shape = draw(shapes(min_dims=2, min_side=0))
    axis1, axis2 = draw(two_axes(shape))
    return Call((draw(arrays(shape)),), {"offset": draw(st.integers(-3, 3)), "axis1": axis1, "axis2": axis2})


@st.composite
def on_diagonals(draw: st.DrawFn) -> Call:
    """A diagonal to be put back."""
    found = draw(diagonals())
    (x,) = found.args
    return Call((draw(arrays(np.diagonal(x, **found.kwargs).shape)), x.shape), found.kwargs)


@st.composite
def windows(draw: st.DrawFn) -> Call:
    """Windows over one axis, over some, and over all."""
    shape = draw(shapes(min_dims=1, max_side=4))
    axis = draw(st.one_of(an_axis(shape), st.sets(st.integers(0, len(shape) - 1), min_size=1).map(tuple), st.none()))
    sizes = shape if axis is None else [shape[a] for a in (axis if isinstance(axis, tuple) else (axis,))]
    window = tuple(draw(st.integers(1, n)) for n in sizes)
    return Call((draw(arrays(shape)), window[0] if len(window) == 1 else window), {"axis": axis})


@st.composite
def windows_back(draw: st.DrawFn) -> Call:
    """Windows to be put back."""
    seen = draw(windows())
    x, window = seen.args
    view = sliding_window_view(x, window, **seen.kwargs)
    return Call((draw(arrays(view.shape)), x.shape, window), seen.kwargs)


@st.composite
def repeated(draw: st.DrawFn) -> Call:
    """np.repeat with one number of copies, or with one for each element."""
    shape = draw(shapes(min_side=0))
    axis = draw(one_axis_or_none(shape))
    some = st.integers(0, 3)
    repeats = draw(st.one_of(some, hnp.arrays(np.intp, length(shape, axis), elements=some)))
    return Call((draw(arrays(shape)), repeats, axis))


@st.composite
def rolled(draw: st.DrawFn) -> Call:
    """np.roll by one shift, or by one for each of some axes."""
    shape = draw(shapes(min_side=0))
    axis = draw(axes_of(len(shape)).filter(lambda axis: axis != ()))
    many = st.tuples(*[st.integers(-4, 4)] * len(axis)) if isinstance(axis, tuple) else st.integers(-4, 4)
    return Call((draw(arrays(shape)), draw(many)), {"axis": axis})


@st.composite
def padded(draw: st.DrawFn) -> Call:
    """np.pad in all the modes that only copy, and with constants."""
    shape = draw(shapes(max_dims=2))
    width = st.integers(0, 4)
    pairs = st.tuples(*[st.tuples(width, width)] * len(shape))
    mode = draw(st.sampled_from(["constant", "edge", "reflect", "symmetric", "wrap"]))
    extra = {"constant_values": draw(st.sampled_from([0, 1.5, (1, -2)]))} if mode == "constant" and shape else {}
    how = draw(st.one_of(width, st.tuples(width, width), pairs)) if shape else 0
    return Call((draw(arrays(shape)), how), {"mode": mode} | extra)


# --- Several arrays -----------------------------------------------------------------------------------------------


def lists(shape: Shape) -> st.SearchStrategy[Any]:
    """Lists of arrays of this shape."""
    return st.lists(arrays(shape), min_size=1, max_size=3)


@st.composite
def joined(draw: st.DrawFn, axes: Callable[[Shape], Any], min_dims: int = 1) -> tuple[list[Any], Any]:
    """Arrays that differ in their length along one axis."""
    shape = draw(shapes(min_dims=min_dims, min_side=0))
    axis = draw(axes(shape))
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    if axis is None:
        return [draw(arrays((*shape, n))) for n in lengths], None
    place = axis % len(shape)
    return [draw(arrays((*shape[:place], n, *shape[place + 1 :]))) for n in lengths], axis


@st.composite
def stacked(draw: st.DrawFn) -> Call:
    """np.stack, the new axis at any place."""
    shape = draw(shapes(max_dims=2, min_side=0))
    return Call((draw(lists(shape)),), {"axis": draw(st.integers(-len(shape) - 1, len(shape)))})


def stacks(axis: int, min_dims: int) -> Calls:
    """np.hstack and its kin: arrays with `min_dims` axes and more that differ along `axis`, and small ones."""
    differing = joined(lambda shape: st.just(axis), min_dims).map(lambda drawn: Call((drawn[0],)))
    return st.one_of(differing, shapes(max_dims=2, min_side=0).flatmap(lambda shape: call(lists(shape))))


@st.composite
def blocks(draw: st.DrawFn) -> Call:
    """np.block: one array, a row, and rows of rows."""
    a, b, c, d = (draw(arrays(shape)) for shape in [(2, 2), (2, 1), (1, 2), (1, 1)])
    line = draw(arrays((3,)))
    return Call((draw(st.sampled_from([a, [a, b], [line, line], [[a, b], [c, d]], [[line], [line]]])),))


@st.composite
def appended(draw: st.DrawFn) -> Call:
    """np.append along an axis, or of everything flattened."""
    (first, *_), axis = draw(joined(one_axis_or_none))
    (second, *_), _ = draw(joined(lambda shape: st.none()))
    return Call((first, second)) if axis is None else Call((first, first[...] + 1.0, axis))


@st.composite
def inserted(draw: st.DrawFn) -> Call:
    """np.insert of one number or of some, before one place or before several."""
    shape = draw(shapes(min_dims=1))
    axis = draw(one_axis_or_none(shape))
    n = length(shape, axis)
    places = draw(st.one_of(st.integers(-n, n), st.lists(st.integers(0, n), min_size=1, max_size=3)))
    return Call((draw(arrays(shape)), places, draw(st.one_of(arrays(()), st.just(0.5)))), {"axis": axis})


@st.composite
def pieces(draw: st.DrawFn, axis: int | None = None, min_dims: int = 1, even: bool = True) -> Call:
    """np.split and its kin: at given places, and into parts of one length, or of about one if not `even`."""
    shape = draw(shapes(min_dims=min_dims, min_side=0))
    chosen = draw(an_axis(shape)) if axis is None else min(axis, len(shape) - 1)
    n = shape[chosen]
    numbers = [k for k in range(1, 5) if not even or n % k == 0]
    places = draw(st.one_of(st.sampled_from(numbers), st.lists(st.integers(0, n + 1), max_size=3)))
    return Call((draw(arrays(shape)), places), {"axis": chosen} if axis is None else {})


ARGUMENTS: dict[Function, Calls] = {
    operator.getitem: selected().map(lambda drawn: Call(drawn[:2])),
    own.scatter: selected().flatmap(lambda drawn: call(arrays(drawn[2]), drawn[1], drawn[0].shape)),
    own.add_at: selected().flatmap(changed),
    own.set_at: selected().flatmap(changed),
    own.join: joined(an_axis).map(lambda drawn: Call(tuple(drawn[0]), {"axis": drawn[1]})),
    own.stack: stacked().map(lambda drawn: Call(tuple(drawn.args[0]), drawn.kwargs)),
    own.ascending: of(min_dims=1, axis=an_axis, numbers=separated),
    own.on_diagonal: on_diagonals(),
    own.overlap_add: windows_back(),
    np.reshape: of(same_size, constant("C", "F")),
    np.ravel: of(constant("C", "F")),
    np.expand_dims: of(constant(0, -1, (0, -1))),
    np.squeeze: of(axis=size_one_axes),
    np.copy: of(order=constant("K", "F")),
    np.real: of(),
    np.transpose: of(axes=orders),
    np.swapaxes: of(an_axis, an_axis, min_dims=1),
    np.moveaxis: st.one_of(
        of(an_axis, an_axis, min_dims=1), of(two_axes, constant((0, 1), (-1, 0), [1, 0]), min_dims=2)
    ),
    np.flip: of(axis=any_axes),
    np.fliplr: of(min_dims=2),
    np.flipud: of(min_dims=1),
    np.roll: rolled(),
    np.rot90: of(min_dims=2, k=constant(-1, 0, 1, 2, 3), axes=two_axes),
    np.broadcast_to: of(wider),
    np.full_like: of(constant(2.0, -1)),
    np.tile: of(constant(0, 2, (), (2,), (1, 3), [2, 1, 2], (2, 1, 1, 2))),
    np.triu: of(min_dims=1, k=constant(-1, 0, 2)),
    np.tril: of(min_dims=1, k=constant(-1, 0, 2)),
    np.diagonal: diagonals(),
    np.trace: diagonals(),
    sliding_window_view: windows(),
}

COMPOSITE_ARGUMENTS: dict[Function, Calls] = {
    np.take: taken(),
    np.take_along_axis: along_an_axis(),
    np.compress: shapes(min_dims=1).flatmap(
        lambda shape: call([True, False, True][: min(shape)], arrays(shape), axis=one_axis_or_none(shape))
    ),
    np.extract: shapes(min_side=0).flatmap(lambda shape: call(hnp.arrays(bool, shape), arrays(shape))),
    np.delete: of(constant(0, -1, [0], slice(0, 2)), one_axis_or_none, min_dims=1, min_side=1),
    np.resize: of(constant((2, 3), 4, (1,))),
    np.rollaxis: of(an_axis, an_axis, min_dims=1),
    np.repeat: repeated(),
    np.insert: inserted(),
    np.atleast_1d: of(),
    np.atleast_2d: broadcasting((-2, 2), (-2, 2)).map(Call),
    np.atleast_3d: of(),
    np.concatenate: joined(one_axis_or_none).map(lambda drawn: Call((drawn[0],), {"axis": drawn[1]})),
    np.stack: stacked(),
    np.hstack: stacks(1, 2),
    np.vstack: stacks(0, 2),
    np.dstack: stacks(2, 3),
    np.column_stack: call(st.tuples(arrays((3,)), arrays((3, 2)))),
    np.block: blocks(),
    np.append: appended(),
    np.split: pieces(),
    np.array_split: pieces(even=False),
    np.hsplit: pieces(axis=1),
    np.vsplit: pieces(axis=0, min_dims=2),
    np.dsplit: pieces(axis=2, min_dims=3),
    np.meshgrid: st.lists(shapes(max_dims=1, min_side=0).flatmap(arrays), min_size=1, max_size=3).flatmap(
        lambda xs: call(*xs, sparse=st.booleans(), indexing=st.sampled_from(["xy", "ij"]))
    ),
    np.broadcast_arrays: broadcasting((-2, 2), (-2, 2)).map(Call),
    np.pad: padded(),
    np.diag: of(min_dims=1, max_dims=2, k=constant(-2, 0, 1)),
    np.diagflat: of(k=constant(-1, 0, 2)),
    np.sort: of(axis=one_axis_or_none, min_dims=1, numbers=separated),
    np.partition: of(constant(0, -1), min_dims=1, min_side=1, numbers=separated, axis=an_axis),
    np.unique: of(numbers=separated),
}

if hasattr(np, "unstack"):  # since NumPy 2.1
    COMPOSITE_ARGUMENTS[np.unstack] = of(min_dims=1, min_side=1, axis=an_axis)
