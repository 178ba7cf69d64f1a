"""Embedding: it makes vectors of symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, anew, asarray

from ..init import Initializer, Seed, initializer, normal
from ..module import Module, Parameter
from .inputs import at_least_one, chosen_by_data, integers


class Embedding(Module):
    """A table of vectors, one for each symbol: integers (...) give (..., embedding_dim).

    `W` has the shape (num_embeddings, embedding_dim) and begins with the distribution N(0, 1). The gradients of a
    symbol that occurs several times add up. The vector of the symbol `padding_idx`, which fills up sequences, begins as
    zeros and gets no gradient: it stays as it is.

    Bengio, Ducharme, Vincent and Jauvin, "A neural probabilistic language model", 2003.
    """

    drawn_as = "hidden"

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        init: str | Initializer | None = None,
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        at_least_one("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        shape, rng = (num_embeddings, embedding_dim), np.random.default_rng(rng)
        numbers = normal(shape, rng, dtype, std=1.0) if init is None else initializer(init)(shape, rng, dtype)
        self.padding_idx = None
        if padding_idx is not None:
            (i,) = integers("Embedding", padding_idx=padding_idx)
            if not -num_embeddings <= i < num_embeddings:
                raise ValueError(f"Embedding: padding_idx is one of the {num_embeddings} symbols, not {i}")
            self.padding_idx = i % num_embeddings
            numbers = np.array(numbers)  # an initializer may have kept it
            numbers[self.padding_idx] = 0
        self.W = Parameter(numbers, dtype)

    def forward(self, indices: Any) -> Tensor:
        """The vector of each symbol. Raises TypeError for indices that are no integers, IndexError for unknown ones."""
        if isinstance(indices, Tensor):
            raise TypeError("Embedding takes an array of integers; a Tensor holds floating-point numbers")
        indices = asarray(indices)
        count = self.W.shape[0]
        if indices.dtype.kind not in "iu":
            raise TypeError(f"Embedding({self.describe()}) takes integers from 0 to {count - 1}, not {indices.dtype}")
        anew(check_indices, self.describe(), indices, count)
        vectors = chosen_by_data(self.W[indices])
        if self.padding_idx is None:
            return vectors
        padding: Any = (indices == self.padding_idx)[..., None]
        known = self.W.detach()[self.padding_idx]
        return chosen_by_data(np.where(padding, known, vectors))

    def describe(self) -> str:
        """Symbols and numbers of each: "1000 -> 16"."""
        count, size = self.W.shape
        return f"{count} -> {size}" + ("" if self.padding_idx is None else f", padding_idx {self.padding_idx}")


def check_indices(what: str, indices: Any, count: int) -> None:
    """Refuse integers that name no symbol."""
    if indices.size and not (indices.min() >= 0 and indices.max() < count):
        raise IndexError(
            f"Embedding({what}) takes integers from 0 to {count - 1}, and these go from "
            f"{indices.min()} to {indices.max()}"
        )
