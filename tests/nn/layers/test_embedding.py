"""Embedding: its table, its gradients, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from arguments.modules import agree

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


# --- padding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding_idx", [0, 2, -1])
def test_padding_agrees_with_torch(padding_idx: int) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    ours = nn.Embedding(5, 3, padding_idx, rng=0, dtype=np.float64)
    theirs = torch.nn.Embedding(5, 3, padding_idx, dtype=torch.float64)
    assert (ours.W.numpy()[padding_idx] == theirs.weight.detach().numpy()[padding_idx]).all()
    numbers = np.random.default_rng(0).standard_normal((5, 3))  # a state may bring other numbers for it
    ours.W = numbers
    theirs.load_state_dict({"weight": torch.tensor(numbers)})
    indices = np.array([[0, 2, 4], [4, 1, 2]])
    y, ty = ours(indices), theirs(torch.tensor(indices))
    agree(y, ty)
    (y * y).sum().backward()
    (ty * ty).sum().backward()
    agree(ours.W.grad, theirs.weight.grad)


@pytest.mark.parametrize(
    "optimizer", ["adam", lambda p: nn.AdamW(p, lr=0.1), lambda p: nn.SGD(p, lr=0.1, momentum=0.9)]
)
@pytest.mark.parametrize("compile", [True, False])
def test_the_vector_of_padding_stays_zero(optimizer: Any, compile: bool) -> None:
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Embedding(5, 3, 0, rng=rng), nn.GRU(3, 4, rng=rng), nn.Last(), nn.Dense(4, 1, rng=rng))
    before = model.state_dict()["0.W"]
    X, y = rng.integers(0, 5, (20, 6)), rng.standard_normal((20, 1))
    nn.fit(model, X, y, loss="mse", optimizer=optimizer, epochs=2, progress=False, rng=0, compile=compile)
    np.testing.assert_array_equal(model[0].W.data[0], 0)
    assert (model[0].W.data[1:] != before[1:]).all()


def test_padding_shows_itself_and_is_one_of_the_symbols() -> None:
    assert repr(nn.Embedding(4, 2, padding_idx=-1)).startswith("Embedding(4 -> 2, padding_idx 3): ")
    for bad in (4, -5):
        with pytest.raises(ValueError, match=f"Embedding: padding_idx is one of the 4 symbols, not {bad}"):
            nn.Embedding(4, 2, padding_idx=bad)
    with pytest.raises(TypeError, match="Embedding: padding_idx is an integer, and 'zeros' is none"):
        nn.Embedding(4, 2, "zeros")  # type: ignore[arg-type]
