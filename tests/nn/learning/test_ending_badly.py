"""A training that diverges says so in its history, and one whose loss explodes warns, once."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import nn

X = np.random.default_rng(0).normal(size=(12, 2))
y = X @ [[1.0], [2.0]]


def test_the_history_of_the_error_says_that_training_diverged() -> None:
    bad = X.copy()
    bad[5] = np.nan
    with pytest.raises(nn.DivergedError) as raised:
        nn.fit(nn.Dense(2, 1, rng=0), bad, y, loss="mse", epochs=3, batch_size=4, shuffle=False, progress=False)
    assert raised.value.history.stopped == "diverged"
    assert (raised.value.epoch, raised.value.batch) == (1, 2)  # the sample with NaN is in the second batch of three


def warned(lr: float) -> list[Any]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        model, optimizer = nn.Dense(2, 1, rng=0), lambda parameters: nn.SGD(parameters, lr=lr)
        nn.fit(model, X, y, loss="mse", optimizer=optimizer, epochs=6, batch_size=4, progress=False, rng=0)
    return [one for one in found if "the loss rose from" in str(one.message)]


def test_a_loss_that_explodes_warns_once_and_one_that_falls_does_not() -> None:
    assert len(warned(lr=3.0)) == 1
    assert warned(lr=0.01) == []
