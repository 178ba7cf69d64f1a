"""Class weights that a callback changes in place count from the next epoch on, compiled or not."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import nn

X = np.random.default_rng(0).normal(size=(40, 3))
y = np.arange(40) % 2


@pytest.mark.parametrize("compile", [True, False])
def test_weights_that_a_callback_changes_count_from_the_next_epoch_on(compile: bool) -> None:
    w, model = np.ones(2), nn.Dense(3, 2, rng=0)

    def change(epoch: nn.Epoch) -> None:
        w[1] = 5.0

    still = nn.SGD(model.parameters(), lr=1e-12)
    history = nn.fit(
        model, X, y, loss=partial(nn.cross_entropy, weight=w), optimizer=still, epochs=2, rng=0, progress=False,
        callbacks=change, compile=compile,
    )  # fmt: skip
    z = model(X).numpy().astype(float)
    losses = np.log(np.exp(z).sum(1)) - z[np.arange(40), y]
    wanted = [np.average(losses), np.average(losses, weights=np.where(y == 1, 5.0, 1.0))]
    assert abs(wanted[0] - wanted[1]) > 1e-3
    np.testing.assert_allclose(history["loss"], wanted, rtol=1e-5)
