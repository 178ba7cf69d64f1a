"""Losses on logits warn of what went through softmax or sigmoid before, which learns slowly and says nothing."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor

X, LABELS = np.random.default_rng(0).standard_normal((6, 2)), np.array([0, 1, 2, 0, 1, 2])
CASES: list[tuple[Any, Any, Any]] = [
    (nn.cross_entropy, nn.softmax, LABELS), (nn.cross_entropy, nn.sigmoid, LABELS), (nn.nll, nn.softmax, LABELS),
    (nn.kl_divergence, nn.softmax, nn.data.one_hot(LABELS)), (nn.bce_with_logits, nn.sigmoid, nn.data.one_hot(LABELS)),
    (nn.bce_with_logits, nn.softmax, nn.data.one_hot(LABELS)),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "function", "target"), CASES)
def test_in_a_loop_of_ones_own(loss: Any, function: Any, target: Any) -> None:
    logits = nn.Dense(2, 3, rng=0)(X)
    for squashed in (function(logits), function(logits).reshape(6, 3)):
        words = f"^{loss.__name__} got what {function.__name__} gave.*{function.__name__}"
        with pytest.warns(UserWarning, match=words) as found:
            loss(squashed, target)
        assert found[0].filename == __file__


@pytest.mark.parametrize("compile", [False, True])
def test_in_fit_once(compile: bool) -> None:
    model = nn.Sequential(nn.Dense(2, 3, rng=0), nn.Softmax())
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        nn.fit(model, X, LABELS, loss="cross_entropy", epochs=3, batch_size=2, progress=False, compile=compile)
    assert [str(one.message).partition(",")[0] for one in found] == ["cross_entropy got what softmax gave"]


def test_what_is_right_is_not_warned_of() -> None:
    logits = nn.Dense(2, 3, rng=0)(X)
    one_hot = nn.data.one_hot(LABELS)
    nn.cross_entropy(logits, LABELS)
    nn.cross_entropy(nn.log_softmax(logits), LABELS)  # which is the same
    nn.nll(nn.log_softmax(logits), LABELS)
    nn.bce_with_logits(logits, one_hot)
    nn.bce(nn.sigmoid(logits), one_hot)
    nn.cross_entropy(Tensor(np.eye(3)), [0, 1, 2])
