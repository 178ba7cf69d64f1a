"""Attention: every position of a sequence looks at all others.

Vaswani et al., "Attention is all you need", 2017.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, asarray, softmax

from ..init import Initializer, Seed
from ..module import Module, as_tensor, misfit
from .dense import Dense
from .dropout import Dropout
from .inputs import at_least_one, chosen_by_data


def attention_weights(query: Any, key: Any, mask: Any = None, causal: bool = False) -> Tensor:
    """softmax(query @ key^T / sqrt(size)): how much each query looks at each key.

    `query` (..., queries, size) and `key` (..., keys, size) give (..., queries, keys). `mask`, booleans that broadcast
    to this shape, is True where a query may look; with `causal` none looks at a later key. Where it may not look the
    weight is exactly 0, also for a query that may look at no key. [Vaswani 2017, section 3.2.1]

    Raises TypeError for a mask that is not boolean, ValueError for shapes that do not fit.
    """
    query, key = as_tensor(query), as_tensor(key)
    if min(query.ndim, key.ndim) < 2 or query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"attention: queries of shape {query.shape} and keys of shape {key.shape} must be (..., positions, size), "
            "with the same size"
        )
    scores = query @ key.mT / math.sqrt(query.shape[-1])
    seen = may_look(scores.shape, mask, causal)
    scores = scores if seen is None else chosen_by_data(np.where(seen, scores, -np.inf))
    return softmax(scores)  # type: ignore[no-any-return]


def scaled_dot_product_attention(query: Any, key: Any, value: Any, mask: Any = None, causal: bool = False) -> Tensor:
    """attention_weights(query, key) @ value: of the values (..., keys, any size), what each query looks at."""
    return attention_weights(query, key, mask, causal) @ as_tensor(value)


def may_look(shape: tuple[int, ...], mask: Any, causal: bool) -> Any:
    """Where scores of this shape (..., queries, keys) count, or None for everywhere."""
    seen = np.tri(shape[-2], shape[-1]) > 0 if causal else None
    if mask is None:
        return seen
    mask = asarray(mask)
    if mask.dtype != bool:
        raise TypeError(f"attention: a mask holds booleans, True where a query may look, not {mask.dtype}")
    try:
        np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(
            f"attention: a mask of shape {mask.shape} does not broadcast to the scores (..., queries, keys), {shape}"
        ) from None
    return mask if seen is None else mask & seen


class MultiHeadAttention(Module):
    """Several attentions side by side, each over a part of the features. [Vaswani 2017, section 3.2.2]

    `query`, `key`, `value` and `output` are Dense layers of embed_dim units; each head attends with its own
    embed_dim / num_heads of them. In training `dropout` drops that part of the attention weights.
    """

    drawn_as = "hidden"

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        init: str | Initializer | None = None,
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        at_least_one("MultiHeadAttention", embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(f"MultiHeadAttention: embed_dim {embed_dim} does not divide into {num_heads} heads")
        rng = np.random.default_rng(rng)
        self.num_heads = num_heads
        self.query, self.key, self.value, self.output = (
            Dense(embed_dim, embed_dim, bias=bias, init=init, rng=rng, dtype=dtype) for _ in range(4)
        )
        self.dropout = Dropout(dropout, rng)

    def forward(self, query: Any, key: Any = None, value: Any = None, mask: Any = None, causal: bool = False) -> Tensor:
        """(n, queries, embed_dim), what each query saw. Keys are the queries, and values the keys, unless given.

        `key` and `value` are (n, keys, embed_dim). `mask`, booleans that broadcast to (n, queries, keys), is True where
        a query may look: (n, 1, keys) hides padding. With `causal` no query looks at a later key.
        """
        query = as_tensor(query, self.query.W.dtype)
        key = query if key is None else as_tensor(key, self.key.W.dtype)
        value = key if value is None else as_tensor(value, self.value.W.dtype)
        size = self.query.W.shape[0]
        for x in (query, key, value):
            if x.ndim != 3 or x.shape[2] != size or len(x) != len(query):
                raise misfit(self, x, f"query, key and value must be (n, positions, {size}), with the same n")
        if key.shape[1] != value.shape[1]:
            raise misfit(self, value, f"there must be one value for each of the {key.shape[1]} keys")
        if mask is not None:
            mask = asarray(mask)
            mask = mask[:, None] if mask.ndim == 3 else mask  # the same for all heads
        weights = attention_weights(self.heads(self.query(query)), self.heads(self.key(key)), mask, causal)
        seen = self.dropout(weights) @ self.heads(self.value(value))
        return self.output(seen.swapaxes(1, 2).reshape(query.shape))  # type: ignore[no-any-return]

    def heads(self, x: Tensor) -> Tensor:
        """(n, positions, embed_dim) as (n, heads, positions, embed_dim / heads)."""
        n, positions, size = x.shape
        return x.reshape(n, positions, self.num_heads, size // self.num_heads).swapaxes(1, 2)

    def describe(self) -> str:
        """Features and heads."""
        return f"{self.query.W.shape[0]}, {self.num_heads} heads"
