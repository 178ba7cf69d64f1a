"""Products. What all examples are multiplied with makes one product of matrices."""

from __future__ import annotations

import math
import string
from typing import Any

import numpy as np

from ..rules.products import affine, contract, tensordot_subscripts, terms
from ..table import Function
from .rule import ndim, raised, rule_for


@rule_for(np.matmul)
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
        if b._every is batch.identity:
            return a.T if hasattr(a, "T") else np.transpose(a)
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


@rule_for(affine)
def dense(batch: Any, fun: Function, x: Any, W: Any, b: Any) -> Any:
    """x @ W + b."""
    if x.ndim == 1 and not batch.has(W) and not batch.has(b):
        return fun(batch.of(x), W, b)
    return batch.of(np.matmul(x, W) + b)


@rule_for(contract)
def contracted(batch: Any, fun: Function, a: Any, b: Any, subscripts: str) -> Any:
    """A sum of products by labels: the batch gets one of its own."""
    label = next(letter for letter in string.ascii_letters if letter not in subscripts)
    left, right, out = terms(subscripts)
    a, left = (batch.of(a), label + left) if batch.has(a) else (a, left)
    b, right = (batch.of(b), label + right) if batch.has(b) else (b, right)
    return fun(a, b, f"{left},{right}->{label}{out}")


@rule_for(np.tensordot)
def tensor_product(batch: Any, fun: Function, a: Any, b: Any, axes: Any = 2) -> Any:
    """np.tensordot."""
    return contracted(batch, contract, a, b, tensordot_subscripts(a, b, axes))


@rule_for(np.linalg.solve)
def solved(batch: Any, fun: Function, a: Any, b: Any) -> Any:
    """np.linalg.solve, where `b` is one vector or stands for a stack of matrices."""
    rank = max(ndim(a), ndim(b))
    a = raised(batch, a, rank) if batch.has(a) else a
    if ndim(b) == 1:
        return fun(a, batch.of(b)[..., None] if rank == 2 else raised(batch, b[..., None], rank))[..., 0]
    return fun(a, raised(batch, b, rank))
