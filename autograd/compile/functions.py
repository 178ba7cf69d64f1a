"""What functions of NumPy are to a trace, where they are more than a call to be written down."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .. import dispatch
from ..inspecting import name_of
from ..rules.dtypes import cast
from ..rules.elementwise import chain, logsigmoid, relu, sigmoid, softplus, sumprod
from ..rules.gates import lstm_cell_state, lstm_gates, lstm_hidden_state
from ..rules.reductions import log_softmax, logsumexp, softmax, softmax_cross_entropy, surplus
from ..rules.statistics import standardized
from ..rules.structure import add_at, ascending, join, scatter, set_at, stack
from ..table import RULES, Function
from .refusal import refuse

# ufunc.reduce under the names of the functions that they are, also of those that have no derivative
REDUCE: dict[Any, Function] = dispatch.REDUCE | {np.logical_and: np.all, np.logical_or: np.any}

# What these answer depends on shapes and dtypes alone.
STATIC: set[Function] = {
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj, np.einsum_path,
    np.zeros_like, np.ones_like, np.empty_like, np.broadcast_shapes,
}  # fmt: skip


# The shapes of their results depend on values. The second row is about the argument of that position alone.
SHAPED: set[Function] = {
    np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.unique_values, np.unique_counts, np.unique_inverse,
    np.unique_all, np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d, np.bincount, np.trim_zeros,
}  # fmt: skip
SHAPED_BY: dict[Function, int] = {np.compress: 0, np.extract: 0, np.repeat: 1, np.delete: 1}

# They change an array, or write a file, at once.
WRITING: set[Function] = {
    np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal, np.save, np.savez, np.savetxt,
}  # fmt: skip

# NumPy's functions that are methods of arrays, too, with the same arguments
METHODS: dict[str, Function] = {
    fun.__name__: fun for fun in (
        np.all, np.any, np.argmax, np.argmin, np.argpartition, np.argsort, np.choose, np.clip, np.compress, np.cumprod,
        np.cumsum, np.diagonal, np.dot, np.nonzero, np.prod, np.repeat, np.round, np.searchsorted, np.squeeze, np.std,
        np.swapaxes, np.take, np.trace, np.var,
    )
}  # fmt: skip

# Their results are new arrays, which share memory with nothing: ufuncs, and these. Whatever is in neither list may
# hand on the memory of any of its operands, or of an array that it keeps.
NEW: set[Function] = {
    np.sum, np.prod, np.max, np.min, np.any, np.all, np.mean, np.std, np.var, np.argmax, np.argmin, np.cumsum,
    np.cumprod, np.where, np.copy, np.concatenate, np.stack, np.take_along_axis, np.repeat, np.roll, np.outer,
    np.tensordot, np.linalg.inv, np.linalg.solve, np.linalg.cholesky,
    cast, chain, relu, sigmoid, softplus, logsigmoid, sumprod, softmax, log_softmax, logsumexp, softmax_cross_entropy,
    surplus, add_at, set_at, standardized, lstm_gates, lstm_cell_state, lstm_hidden_state, join, stack,
    ascending, scatter,
}  # fmt: skip
# Their results lie in the memory of the first operand, or are new.
VIEWS: set[Function] = {
    np.reshape, np.transpose, np.swapaxes, operator.getitem, np.squeeze, np.expand_dims, np.broadcast_to, np.ravel,
    np.moveaxis, np.diagonal, np.flip,
}  # fmt: skip


def is_new(fun: Function | None) -> bool:
    """Whether the result of `fun` shares memory with nothing."""
    return isinstance(fun, np.ufunc) or fun in NEW


def as_recorded(
    func: Function, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A call of NumPy's with the metadata by keyword, as nodes record it: programs read it nowhere else."""
    rule = RULES.get(func)
    is_known = rule is not None and bool(rule.each)
    if not kwargs and rule is not None and rule.counts is not None and len(args) in rule.counts:
        return args, kwargs  # all are values
    named = dispatch.canonical(
        func, len(rule.each) if rule is not None and is_known else dispatch.required(func), args, kwargs
    )
    if named[1].get("out") is not None:
        refuse(f"{name_of(func)} writes into an array (out=)", "return the new array")
    return named if is_known else (args, kwargs)
