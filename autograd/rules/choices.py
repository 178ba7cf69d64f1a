"""Choices: which of several arrays, functions or constants an element is, or has been computed by."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..arrays import asarray
from ..shapes import Shape
from ..table import Function, composite
from .structure import join, moved, set_at


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """np.select: the choice of the first condition that holds, else the default."""
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError(f"np.select: {len(condlist)} conditions need as many choices, not {len(choicelist)}")
    conditions = [asarray(condition) for condition in condlist]
    if any(condition.dtype != bool for condition in conditions):
        raise TypeError("np.select: the conditions are arrays of booleans")
    if not hasattr(default, "dtype"):  # of two numbers of Python's, np.where makes float64
        default = np.result_type(*choicelist, default).type(default)
    for condition, choice in zip(reversed(conditions), reversed(choicelist)):
        default = np.where(condition, choice, default)
    return default


def piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Any:
    """np.piecewise: each function of those elements for which its condition holds, the last such one counts; one
    function more is for the others; a number in the place of a function stands for itself.
    """
    alone = not isinstance(condlist, (list, tuple)) and np.ndim(condlist) == 0
    if alone or (np.ndim(condlist[0]) == 0 and x.ndim):
        condlist = [condlist]
    conditions = [asarray(condition, bool) for condition in condlist]
    if len(conditions) == len(funclist) - 1:
        conditions.append(~functools.reduce(np.logical_or, conditions))
    if len(conditions) != len(funclist):
        raise ValueError(
            f"np.piecewise: with {len(conditions)} conditions there are as many functions, or one more, "
            f"not {len(funclist)}"
        )
    y = np.where(False, x, 0)  # zeros that depend on x
    for condition, fun in zip(conditions, funclist):
        if not callable(fun):
            y = set_at(y, fun, condition)
            continue
        chosen = x[condition]
        if chosen.size:
            y = set_at(y, fun(chosen, *args, **kw), condition)
    return y


def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """np.nan_to_num: numbers in the place of NaN and of infinities, by default the largest there are."""
    if not copy:
        raise TypeError("np.nan_to_num with copy=False would change a node, which is immutable: leave it out")
    limits = np.finfo(np.result_type(x))
    posinf, neginf = limits.max if posinf is None else posinf, limits.min if neginf is None else neginf
    for condition, number in ((np.isnan(x), nan), (np.isposinf(x), posinf), (np.isneginf(x), neginf)):
        x = np.where(condition, fitting(number, np.shape(x)), x)
    return x


def fitting(number: Any, shape: Shape) -> Any:
    """A number, or an array of them, that broadcasts to `shape` as it is."""
    return np.broadcast_to(number, shape) if np.ndim(number) else number


def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C") -> Any:
    """np.full, which NumPy asks nodes for with like=: np.full(shape, t, like=t)."""
    return np.broadcast_to(fill_value if dtype is None else fill_value.astype(dtype), shape)


def apply_along_axis(func1d: Function, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """np.apply_along_axis: a function of each vector along an axis, whose results stand in its place."""
    axis = normalize_axis_index(axis, arr.ndim)
    vectors = np.moveaxis(arr, axis, -1)
    lead = vectors.shape[:-1]
    if 0 in lead:
        raise ValueError(f"np.apply_along_axis: an array of shape {arr.shape} has no vectors along axis {axis}")
    results = [func1d(vectors[i], *args, **kwargs) for i in np.ndindex(*lead)]
    shape = np.shape(results[0])
    stacked = join(*(np.expand_dims(y if hasattr(y, "dtype") else np.asarray(y), 0) for y in results))
    y = np.reshape(stacked, lead + shape)
    return np.moveaxis(y, range(len(lead), y.ndim), range(axis, axis + len(shape)))


composite(np.select, select)
composite(np.choose, lambda a, choices, mode="raise": moved(lambda c: np.choose(a, c, mode=mode), list(choices), a))
composite(np.piecewise, piecewise)
composite(np.nan_to_num, nan_to_num)
composite(np.full, full)
composite(np.apply_along_axis, apply_along_axis)
