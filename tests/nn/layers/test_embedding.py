"""Embedding: its table, its gradients, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor


def test_an_embedding_is_a_table() -> None:
    layer = nn.Embedding(5, 3, rng=0)
    for indices in (np.array([[0, 4], [2, 2]]), [1, 0], 3, np.zeros((0, 2), dtype=np.uint8)):
        np.testing.assert_array_equal(layer(indices).numpy(), layer.W.numpy()[np.asarray(indices)])


def test_gradients_of_repeated_symbols_add_up() -> None:
    layer = nn.Embedding(4, 2, rng=0)
    layer([[1, 1], [3, 1]]).sum().backward()
    np.testing.assert_array_equal(layer.W.grad, [[0, 0], [3, 3], [0, 0], [1, 1]])


def test_embedding_starts_with_the_standard_normal_distribution() -> None:
    numbers = nn.Embedding(500, 200, rng=0).W.numpy()
    assert numbers.std() == pytest.approx(1, rel=0.01)
    assert nn.Embedding(5, 2, init="zeros").W.numpy().max() == 0


def test_embedding_shows_its_sizes() -> None:
    assert repr(nn.Embedding(4, 2)) == "Embedding(4 -> 2): 8 parameters, W (4, 2)"


@pytest.mark.parametrize("bad", [[4], [-1], [[0], [7]]])
def test_unknown_symbols_are_refused(bad: Any) -> None:
    with pytest.raises(IndexError, match=r"Embedding\(4 -> 2\) takes integers from 0 to 3, and these go from"):
        nn.Embedding(4, 2)(bad)


@pytest.mark.parametrize("bad", [[0.0], [True], Tensor([1.0])])
def test_symbols_are_integers(bad: Any) -> None:
    with pytest.raises(TypeError, match=r"Embedding.* takes .*integers"):
        nn.Embedding(4, 2)(bad)


def test_bad_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="Embedding: num_embeddings must be at least 1, got 0"):
        nn.Embedding(0, 2)
