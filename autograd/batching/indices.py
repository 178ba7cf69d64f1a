"""Indices. NumPy puts the axes of several arrays in front if anything stands between them."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..rules.structure import add_at, scatter, set_at
from ..table import Function
from .rule import ndim, raised, rule_for


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


@rule_for(operator.getitem)
def chosen_from(batch: Any, fun: Function, x: Any, index: Any) -> Any:
    """x[index]."""
    if not batch.has(x) and batch.has(index) and not is_mask(index):
        return x[batch.of(index)]  # rows of one table
    found = places(batch, index, x.ndim)
    return NotImplemented if found is None else put_right(batch.of(x)[found[0]], *found[1:])


@rule_for(scatter)
def scattered(batch: Any, fun: Function, g: Any, index: Any, shape: Any, once: bool = False) -> Any:
    """The other direction of x[index]."""
    found = places(batch, index, len(shape))
    if found is None:
        return NotImplemented
    return fun(put_back(batch.of(g), *found[1:]), found[0], (batch.size, *shape), once)


@rule_for(add_at, set_at)
def changed_at(batch: Any, fun: Function, x: Any, value: Any, index: Any) -> Any:
    """x.at[index].add(value) and set(value)."""
    found = places(batch, index, x.ndim)
    if found is None:
        return NotImplemented
    example = np.empty((), bool)
    target = np.shape(put_right(np.broadcast_to(example, (batch.size, *x.shape))[found[0]], *found[1:]))
    values = np.broadcast_to(raised(batch, value, len(target) - 1), target)
    return fun(batch.of(x), put_back(values, *found[1:]), found[0])
