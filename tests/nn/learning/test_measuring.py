"""The numbers of an epoch are those of the whole set, whatever the batches; metrics know what a model gives, or ask."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import nn

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 3))
Y, LABELS = X @ np.array([[1.0], [2.0], [3.0]]), RNG.integers(0, 3, 50)
LOSSES: list[Any] = [
    ("mse", Y), ("rss", Y), (partial(nn.mse, reduction="sum"), Y), (lambda p, t: ((p - t) ** 2).sum() / len(t), Y),
    (lambda p, t: ((p - t) ** 2).sum() + nn.l2([nn.Parameter([1.0])]), Y),
    (lambda p, t: (p - t)[:, 0] @ (p - t)[:, 0], Y), (lambda p, t: np.vdot(p - t, p - t), Y),
    (lambda p, t: np.tensordot(p - t, p - t, 2), Y), (lambda p, t: np.einsum("ij,ij->", p - t, p - t), Y),
    (lambda p, t: np.inner((p - t)[:, 0], (p - t)[:, 0]) / len(t), Y), (lambda p, t: np.mean(abs(p - t)), Y),
    (partial(nn.cross_entropy, weight=np.array([0.1, 1, 5])), LABELS),
    (partial(nn.cross_entropy, ignore_index=1), LABELS),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "y"), LOSSES)
def test_the_loss_does_not_depend_on_the_batches(loss: Any, y: Any) -> None:
    found = []
    for size in (50, 7):
        model = nn.Dense(3, 1 if y is Y else 3, rng=0, dtype=np.float64)
        history = nn.fit(
            model, X, y, loss=loss, epochs=1, batch_size=size, optimizer=lambda p: nn.SGD(p, lr=0.0),
            validation=(X, y), progress=False,
        )  # fmt: skip
        found += [*history["loss"], *history["val_loss"]]
    np.testing.assert_allclose(found, found[0], rtol=1e-12)


@pytest.mark.parametrize("loss", ["mse", "bce", lambda p, t: nn.bce(p, t)])
@pytest.mark.parametrize("metric", ["f1", partial(nn.f1), lambda p, t: nn.f1(p, t)])
def test_a_sigmoid_is_cut_at_a_half(loss: Any, metric: Any) -> None:
    model, target = nn.Dense(3, 1, "sigmoid", rng=0), (Y > 0).astype(float)
    options: Any = {"epochs": 1, "optimizer": lambda p: nn.SGD(p, lr=0.0), "progress": False}
    history = nn.fit(model, X, target, loss=loss, metrics={"f1": metric}, **options)
    assert history["f1"] == [nn.f1(model(X).numpy(), target, threshold=0.5)] == [nn.f1(model(X), target)]


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match=r"threshold=0 for logits, 0\.5 for probabilities"):
        nn.accuracy(Y, Y > 0)
    assert np.isnan(nn.accuracy(np.full((2, 3), np.nan), [0, 0]))
