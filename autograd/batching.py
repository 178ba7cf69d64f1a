"""How functions of one array are functions of a batch of them: one kind of rule for each way to treat shapes and axes.

A rule gets the batch, the function and the arguments of the call; where an argument differs between the examples,
`batch.has(x)`, all of them lie along the first axis of `batch.of(x)`. It returns the results along a first axis, or
NotImplemented: then, and where no rule is stated, the examples are computed one by one. No derivative is stated here:
the arrays may be nodes, and then the calls that a rule makes are recorded.
"""

from __future__ import annotations

import math
import operator
import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple
from numpy.lib.stride_tricks import sliding_window_view

from .rules.linalg import cofactor, det_sign, logabsdet, p_norm, packed_eigh, packed_qr, packed_svd
from .rules.products import affine, contract, tensordot_subscripts, terms
from .rules.reductions import (
    log_softmax,
    logsumexp,
    nll,
    recurrence,
    softmax,
    softmax_cross_entropy,
    surplus,
)  # fmt: skip
from .rules.structure import add_at, join, on_diagonal, overlap_add, scatter, set_at
from .rules.windows import overlap, windows
from .shapes import spread, sum_to
from .table import Function

Rule = Callable[..., Any]
RULES_OF_BATCHES: dict[Function, Rule] = {}


def batched(rule: Rule, *functions: Function) -> None:
    """State the rule for a batch of each of these functions."""
    RULES_OF_BATCHES.update(dict.fromkeys(functions, rule))


def batches(*functions: Function) -> Callable[[Rule], Rule]:
    """The rule below is for these functions."""

    def state(rule: Rule) -> Rule:
        batched(rule, *functions)
        return rule

    return state


# --- Elementwise: the axes of the examples are aligned from the right, as broadcasting aligns them --------------------


def ndim(x: Any) -> int:
    """The number of axes, also of a list."""
    return x.ndim if hasattr(x, "ndim") else np.ndim(x)


def raised(batch: Any, x: Any, rank: int) -> Any:
    """All examples, each with new axes in front of its own until it has `rank` of them."""
    found = batch.of(x)
    missing = rank - (found.ndim - 1)
    return np.reshape(found, (batch.size, *(1,) * missing, *found.shape[1:])) if missing > 0 else found


def aligned(batch: Any, fun: Function, *args: Any, **kwargs: Any) -> Any:
    """An elementwise function."""
    rank = max(ndim(x) for x in args if not isinstance(x, (np.dtype, type)))
    return fun(*(raised(batch, x, rank) if batch.has(x) else x for x in args), **kwargs)


def rows(batch: Any, fun: Function, *args: Any, **kwargs: Any) -> Any:
    """A function of stacks of rows, (..., n), and of what belongs to each row, (...)."""
    return fun(*map(batch.of, args), **kwargs)


# --- Along axes: each is one further from the front ----------------------------------------------------------------


def shifted(axis: Any, rank: int) -> Any:
    """An axis of an example of so many axes, or a tuple of them, as axes of the batch."""
    if isinstance(axis, (tuple, list, range)):
        return tuple(a + 1 for a in normalize_axis_tuple(axis, rank, allow_duplicate=True))
    return normalize_axis_index(operator.index(axis), rank) + 1


def over(default: Any) -> Rule:
    """A function over `axis`: an integer, a tuple, or None for all axes."""

    def rule(batch: Any, fun: Function, x: Any, *others: Any, axis: Any = default, **kwargs: Any) -> Any:
        if any(map(batch.has, [*others, *kwargs.values()])):
            return NotImplemented
        axes = tuple(range(1, x.ndim + 1)) if axis is None else shifted(axis, x.ndim)
        return fun(batch.of(x), *others, axis=axes, **kwargs)

    return rule


def along(default: int | None) -> Rule:
    """A function along one `axis`; None is all elements in a row."""

    def rule(batch: Any, fun: Function, x: Any, *others: Any, axis: Any = default, **kwargs: Any) -> Any:
        if any(map(batch.has, others)) or (axis is None and kwargs.get("keepdims")):
            return NotImplemented
        if axis is None:
            return fun(np.reshape(batch.of(x), (batch.size, x.size)), *others, axis=1, **kwargs)
        return fun(batch.of(x), *others, axis=shifted(axis, x.ndim), **kwargs)

    return rule


def turned_over(batch: Any, fun: Function, x: Any, axis: Any = None) -> Any:
    """np.flip."""
    return fun(batch.of(x), tuple(range(1, x.ndim + 1)) if axis is None else shifted(axis, x.ndim))


def rolled(batch: Any, fun: Function, x: Any, shift: Any, axis: Any = None) -> Any:
    """np.roll."""
    if batch.has(shift):
        return NotImplemented
    if axis is None:
        return np.reshape(fun(np.reshape(batch.of(x), (batch.size, x.size)), np.sum(shift), 1), (batch.size, *x.shape))
    return fun(batch.of(x), shift, shifted(axis, x.ndim))


def down(batch: Any, fun: Function, *arrays: Any) -> Any:
    """A function that goes down the first axis of each array."""
    return np.moveaxis(fun(*(np.moveaxis(batch.of(x), 0, 1) for x in arrays)), 1, 0)


batched(over(None), np.sum, np.prod, np.max, np.min, np.mean, np.var, np.std, np.any, np.all, np.nanmax, np.nanmin,
        np.count_nonzero, logsumexp)  # fmt: skip
batched(over(-1), softmax, log_softmax)
batched(along(None), np.cumsum, np.cumprod, np.argmax, np.argmin)
batched(along(-1), np.argsort)
batched(along(0), np.maximum.accumulate, np.minimum.accumulate, np.add.reduceat)
batched(turned_over, np.flip)
batched(rolled, np.roll)
batched(down, recurrence)
batched(rows, nll, softmax_cross_entropy, surplus)


@batches(p_norm)
def norms(batch: Any, fun: Function, x: Any, ord: Any = 2, axis: Any = None, keepdims: bool = False) -> Any:
    """(sum of |x|**ord over axes) ** (1/ord)."""
    axes = tuple(range(1, x.ndim + 1)) if axis is None else shifted(axis, x.ndim)
    return NotImplemented if len(np.atleast_1d(axes)) > 2 else fun(batch.of(x), ord=ord, axis=axes, keepdims=keepdims)


# --- Layout ---------------------------------------------------------------------------------------------------------


def last_axes(needed: int) -> Rule:
    """A function that leaves all axes in front of its last ones alone."""

    def rule(batch: Any, fun: Function, x: Any, *others: Any, **kwargs: Any) -> Any:
        return fun(batch.of(x), *others, **kwargs) if x.ndim >= needed else NotImplemented

    return rule


batched(last_axes(0), np.copy, np.real, windows)
batched(last_axes(2), np.triu, np.tril, np.linalg.inv, np.linalg.det, np.linalg.cholesky, np.linalg.pinv,
        np.linalg.matrix_rank, packed_eigh, packed_svd, packed_qr, cofactor, logabsdet, det_sign)  # fmt: skip


@batches(np.reshape)
def reshaped(batch: Any, fun: Function, x: Any, shape: Any) -> Any:
    """np.reshape; -1 is worked out for one example."""
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    known = math.prod(size for size in sizes if size != -1)
    if sizes.count(-1) == 1 and known:
        sizes = tuple(x.size // known if size == -1 else size for size in sizes)
    if math.prod(sizes) != x.size:
        raise ValueError(f"cannot reshape array of size {x.size} into shape {shape}")
    return fun(batch.of(x), (batch.size, *sizes))


@batches(np.ravel)
def in_a_row(batch: Any, fun: Function, x: Any) -> Any:
    """np.ravel."""
    return np.reshape(batch.of(x), (batch.size, x.size))


@batches(np.expand_dims)
def expanded(batch: Any, fun: Function, x: Any, axis: Any) -> Any:
    """np.expand_dims."""
    return fun(batch.of(x), shifted(axis, x.ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)))


@batches(np.squeeze)
def squeezed(batch: Any, fun: Function, x: Any, axis: Any = None) -> Any:
    """np.squeeze."""
    return fun(batch.of(x), shifted([i for i, n in enumerate(x.shape) if n == 1] if axis is None else axis, x.ndim))


@batches(np.transpose)
def transposed(batch: Any, fun: Function, x: Any, axes: Any = None) -> Any:
    """np.transpose."""
    order = range(x.ndim)[::-1] if axes is None else axes
    return fun(batch.of(x), (0, *shifted(list(order), x.ndim)))


@batches(np.swapaxes, np.moveaxis)
def two_axes(batch: Any, fun: Function, x: Any, *axes: Any, **named: Any) -> Any:
    """np.swapaxes and np.moveaxis."""
    moved = (shifted(axis, x.ndim) for axis in axes)
    return fun(batch.of(x), *moved, **{key: shifted(axis, x.ndim) for key, axis in named.items()})


@batches(np.rot90)
def quarter_turns(batch: Any, fun: Function, x: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """np.rot90."""
    return fun(batch.of(x), k, shifted(axes, x.ndim))


@batches(np.fliplr, np.flipud)
def mirrored(batch: Any, fun: Function, x: Any) -> Any:
    """np.fliplr and np.flipud."""
    return np.flip(batch.of(x), shifted(1 if fun is np.fliplr else 0, x.ndim))


@batches(np.broadcast_to)
def stretched(batch: Any, fun: Function, x: Any, shape: Any) -> Any:
    """np.broadcast_to."""
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    return fun(raised(batch, x, len(sizes)), (batch.size, *sizes))


@batches(np.tile)
def tiled(batch: Any, fun: Function, x: Any, reps: Any) -> Any:
    """np.tile."""
    counts = tuple(np.ravel(reps).tolist())
    found = raised(batch, x, len(counts))
    return fun(found, (1,) * (found.ndim - len(counts)) + counts)


@batches(np.take_along_axis)
def taken(batch: Any, fun: Function, x: Any, indices: Any, axis: Any = -1) -> Any:
    """np.take_along_axis."""
    if axis is None:
        return fun(np.reshape(batch.of(x), (batch.size, np.size(x))), batch.of(indices), axis=1)
    return fun(batch.of(x), batch.of(indices), axis=shifted(axis, ndim(x)))


@batches(np.diagonal, np.trace)
def diagonals(batch: Any, fun: Function, x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """np.diagonal and np.trace."""
    return fun(batch.of(x), offset=offset, axis1=shifted(axis1, x.ndim), axis2=shifted(axis2, x.ndim))


@batches(on_diagonal)
def onto_diagonals(
    batch: Any, fun: Function, d: Any, shape: Any, offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Any:
    """The other direction of np.diagonal."""
    rank = len(shape)
    return fun(batch.of(d), (batch.size, *shape), offset, shifted(axis1, rank), shifted(axis2, rank))


@batches(sliding_window_view)
def windows_seen(batch: Any, fun: Function, x: Any, window_shape: Any, axis: Any = None) -> Any:
    """sliding_window_view."""
    return fun(batch.of(x), window_shape, shifted(list(range(x.ndim)) if axis is None else axis, x.ndim))


@batches(overlap_add)
def windows_added(batch: Any, fun: Function, g: Any, shape: Any, window_shape: Any, axis: Any = None) -> Any:
    """The other direction of sliding_window_view."""
    axes = shifted(list(range(len(shape))) if axis is None else axis, len(shape))
    return fun(batch.of(g), (batch.size, *shape), window_shape, axes)


@batches(overlap)
def overlapped(batch: Any, fun: Function, g: Any, shape: Any, stride: Any, dilation: Any = None) -> Any:
    """The other direction of windows."""
    return fun(batch.of(g), (batch.size, *shape), stride, dilation)


@batches(join)
def joined(batch: Any, fun: Function, *arrays: Any, axis: int = 0) -> Any:
    """np.concatenate."""
    return fun(*map(batch.of, arrays), axis=shifted(axis, ndim(arrays[0])))


@batches(sum_to)
def summed_to(batch: Any, fun: Function, x: Any, shape: Any) -> Any:
    """A broadcast undone."""
    lead = tuple(range(1, x.ndim - len(shape) + 1))
    return fun(np.sum(batch.of(x), axis=lead) if lead else batch.of(x), (batch.size, *shape))


@batches(spread)
def spread_to(batch: Any, fun: Function, x: Any, shape: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """A reduction undone."""
    if axis is None or keepdims:
        return fun(raised(batch, x, len(shape)), (batch.size, *shape))
    return fun(batch.of(x), (batch.size, *shape), shifted(axis, len(shape)))


# --- Indices: NumPy puts the axes of several arrays in front if anything stands between them ------------------------


def is_mask(item: Any) -> bool:
    """Whether a part of an index chooses by booleans."""
    return isinstance(item, (bool, np.bool_)) or getattr(getattr(item, "dtype", None), "kind", "") == "b"


def places(batch: Any, index: Any, rank: int) -> tuple[Any, int, int] | None:
    """An index into one example as an index into all. Where NumPy puts the axes of the index elsewhere than for one:
    how many they are behind the first axis, and where they belong. None where it is not known.
    """
    items = list(index) if isinstance(index, tuple) else [index]
    items = [np.asarray(i) if isinstance(i, (list, bool)) else i for i in items]
    used = sum(i.ndim if is_mask(i) else i is not None and i is not ... for i in items)
    if all(i is not ... for i in items):
        items.append(...)
    dots = next(n for n, i in enumerate(items) if i is ...)
    items[dots : dots + 1] = [slice(None)] * (rank - used)
    is_array = [hasattr(i, "ndim") for i in items]
    mapped = any(map(batch.has, items))
    if any(batch.has(i) and is_mask(i) for i in items):
        return None
    if not any(is_array):
        return (slice(None), *items), 0, 0
    chosen = [n for n, i in enumerate(items) if is_array[n] or isinstance(i, (int, np.integer))]
    together = chosen == list(range(chosen[0], chosen[-1] + 1))
    masks = any(map(is_mask, items))
    if mapped and masks:
        return None
    axes = 1 if masks else max(ndim(items[n]) for n in chosen)  # of the arrays together
    if masks and any(ndim(items[n]) > 1 and not is_mask(items[n]) for n in chosen):
        return None
    before = chosen[0] if together else 0
    if not mapped:
        if together:
            return (slice(None), *items), 0, 0
        return (slice(None), *items), -axes, 0  # they come to the very front, before the batch
    numbers = np.reshape(np.arange(batch.size), (batch.size, *(1,) * axes))
    every = (raised(batch, i, axes) if batch.has(i) else i for i in items)
    return (numbers, *every), axes, before


def put_right(y: Any, axes: int, before: int) -> Any:
    """The result of an index with its axes where those of one example are."""
    if axes < 0:
        return np.moveaxis(y, -axes, 0)
    return np.moveaxis(y, range(1, axes + 1), range(before + 1, before + axes + 1)) if axes and before else y


def put_back(y: Any, axes: int, before: int) -> Any:
    """The other direction of `put_right`."""
    if axes < 0:
        return np.moveaxis(y, 0, -axes)
    return np.moveaxis(y, range(before + 1, before + axes + 1), range(1, axes + 1)) if axes and before else y


@batches(operator.getitem)
def chosen_from(batch: Any, fun: Function, x: Any, index: Any) -> Any:
    """x[index]."""
    if not batch.has(x) and batch.has(index) and not is_mask(index):
        return x[batch.of(index)]  # rows of one table
    found = places(batch, index, x.ndim)
    return NotImplemented if found is None else put_right(batch.of(x)[found[0]], *found[1:])


@batches(scatter)
def scattered(batch: Any, fun: Function, g: Any, index: Any, shape: Any, once: bool = False) -> Any:
    """The other direction of x[index]."""
    found = places(batch, index, len(shape))
    if found is None:
        return NotImplemented
    return fun(put_back(batch.of(g), *found[1:]), found[0], (batch.size, *shape), once)


@batches(add_at, set_at)
def changed_at(batch: Any, fun: Function, x: Any, value: Any, index: Any) -> Any:
    """x.at[index].add(value) and set(value)."""
    found = places(batch, index, x.ndim)
    if found is None:
        return NotImplemented
    example = np.empty((), bool)
    target = np.shape(put_right(np.broadcast_to(example, (batch.size, *x.shape))[found[0]], *found[1:]))
    values = np.broadcast_to(raised(batch, value, len(target) - 1), target)
    return fun(batch.of(x), put_back(values, *found[1:]), found[0])


# --- Products -------------------------------------------------------------------------------------------------------


@batches(np.matmul)
def product(batch: Any, fun: Function, a: Any, b: Any) -> Any:
    """np.matmul; what all examples are multiplied with is one product of matrices."""
    rank_a, rank_b = ndim(a), ndim(b)
    if not rank_a or not rank_b:
        return fun(batch.of(a)[..., 0, 0], b)  # NumPy's own error
    if not batch.has(b) and rank_b <= 2:
        count = batch.size * math.prod(a.shape[:-1])
        y = fun(np.reshape(batch.of(a), (count, a.shape[-1])), b)
        return y if rank_a == 1 else np.reshape(y, (batch.size, *a.shape[:-1], *y.shape[1:]))
    if not batch.has(a) and rank_a == 2 and rank_b == 1:
        return fun(batch.of(b), a.T if hasattr(a, "T") else np.transpose(a))
    rank = max(rank_a, rank_b, 2)
    left = a[..., None, :] if rank_a == 1 else a
    right = b[..., None] if rank_b == 1 else b
    y = fun(
        raised(batch, left, rank) if batch.has(left) else left,
        raised(batch, right, rank) if batch.has(right) else right,
    )
    y = y[..., 0, :] if rank_a == 1 else y
    return y if rank_b > 1 else y[..., 0]


@batches(affine)
def dense(batch: Any, fun: Function, x: Any, W: Any, b: Any) -> Any:
    """x @ W + b."""
    if x.ndim == 1 and not batch.has(W) and not batch.has(b):
        return fun(batch.of(x), W, b)
    return batch.of(np.matmul(x, W) + b)


@batches(contract)
def contracted(batch: Any, fun: Function, a: Any, b: Any, subscripts: str) -> Any:
    """A sum of products by labels: the batch gets one of its own."""
    label = next(letter for letter in string.ascii_letters if letter not in subscripts)
    left, right, out = terms(subscripts)
    a, left = (batch.of(a), label + left) if batch.has(a) else (a, left)
    b, right = (batch.of(b), label + right) if batch.has(b) else (b, right)
    return fun(a, b, f"{left},{right}->{label}{out}")


@batches(np.tensordot)
def tensor_product(batch: Any, fun: Function, a: Any, b: Any, axes: Any = 2) -> Any:
    """np.tensordot."""
    return contracted(batch, contract, a, b, tensordot_subscripts(a, b, axes))


@batches(np.linalg.solve)
def solved(batch: Any, fun: Function, a: Any, b: Any) -> Any:
    """np.linalg.solve, where `b` is one vector or stands for a stack of matrices."""
    rank = max(ndim(a), ndim(b))
    a = raised(batch, a, rank) if batch.has(a) else a
    if ndim(b) == 1:
        return fun(a, batch.of(b)[..., None] if rank == 2 else raised(batch, b[..., None], rank))[..., 0]
    return fun(a, raised(batch, b, rank))


__all__: Sequence[str] = ["RULES_OF_BATCHES", "aligned", "batched"]
