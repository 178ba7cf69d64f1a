"""Joining and splitting: concatenate, stack, block, split and their kin, all made of `join` and of indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..arrays import asarray
from ..table import Function, composite
from .structure import join, moved, stack


def at_least(raised: Function, arrays: Sequence[Any]) -> Any:
    """np.atleast_1d and its kin: the arrays, each in the shape that NumPy's function `raised` gives it."""
    views = tuple(np.reshape(a, raised(np.broadcast_to(0, np.shape(a))).shape) for a in arrays)
    return views[0] if len(views) == 1 else views


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """np.concatenate; it flattens the arrays where `axis` is None."""
    return join(*map(np.ravel, arrays)) if axis is None else join(*arrays, axis=axis)


def hstack(tup: Sequence[Any]) -> Any:
    """np.hstack: along the second axis, or along the only one."""
    arrays = [np.atleast_1d(a) for a in tup]
    return join(*arrays, axis=0 if arrays[0].ndim == 1 else 1)


def pieces(a: Any, sections: Any, axis: int, split: Function = np.split) -> list[Any]:
    """np.split and its kin: NumPy splits the positions along `axis`, and each run of them is a slice."""
    axis = normalize_axis_index(axis, np.ndim(a))
    runs = split(np.arange(np.shape(a)[axis]), asarray(sections))
    return [a[(*(slice(None),) * axis, slice(run[0], run[-1] + 1) if run.size else slice(0))] for run in runs]


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: Any = "xy") -> Any:
    """np.meshgrid: NumPy lays out the sparse grids, whose shapes the arrays take."""
    grids = np.meshgrid(*(np.empty(np.size(x)) for x in xi), sparse=True, indexing=indexing)
    arrays = [np.reshape(x, grid.shape) for x, grid in zip(xi, grids)]
    return tuple(arrays) if sparse else np.broadcast_arrays(*arrays)


def broadcast_arrays(*args: Any) -> tuple[Any, ...]:
    """np.broadcast_arrays."""
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(np.broadcast_to(a, shape) for a in args)


# fmt: off
composite(np.atleast_1d,    lambda *arys: at_least(np.atleast_1d, arys))
composite(np.atleast_2d,    lambda *arys: at_least(np.atleast_2d, arys))
composite(np.atleast_3d,    lambda *arys: at_least(np.atleast_3d, arys))
composite(np.concatenate,   concatenate)
composite(np.stack,         lambda arrays, axis=0: stack(*arrays, axis=axis))
composite(np.hstack,        hstack)
composite(np.vstack,        lambda tup: join(*map(np.atleast_2d, tup)))
composite(np.dstack,        lambda tup: join(*map(np.atleast_3d, tup), axis=2))
composite(np.column_stack,  lambda tup: join(*(a if np.ndim(a) > 1 else np.atleast_2d(a).T for a in tup), axis=1))
composite(np.block,         lambda arrays: moved(np.block, arrays))
composite(np.append,        lambda arr, values, axis=None: concatenate((arr, values), axis))
composite(np.split,         lambda ary, indices_or_sections, axis=0: pieces(ary, indices_or_sections, axis))
composite(np.array_split,   lambda ary, indices_or_sections, axis=0:
                                pieces(ary, indices_or_sections, axis, np.array_split))
composite(np.hsplit,        lambda ary, indices_or_sections: pieces(ary, indices_or_sections, min(1, np.ndim(ary) - 1)))
composite(np.vsplit,        lambda ary, indices_or_sections: pieces(ary, indices_or_sections, 0))
composite(np.dsplit,        lambda ary, indices_or_sections: pieces(ary, indices_or_sections, 2))
composite(np.meshgrid,      meshgrid)
composite(np.broadcast_arrays, broadcast_arrays)
# fmt: on

if hasattr(np, "unstack"):  # since NumPy 2.1
    composite(np.unstack, lambda x, /, *, axis=0: tuple(np.moveaxis(x, axis, 0)))
