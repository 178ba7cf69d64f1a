"""Losses and full-batch steps with arrays that live elsewhere: Dask's, computed all at once when it is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from tests.lazy import asked, da, dask, unasked

RNG = np.random.default_rng(0)
SCORES = RNG.normal(size=(12, 3))
LABELS = RNG.integers(0, 3, 12)
SHARES = RNG.dirichlet(np.ones(3), 12)
WEIGHT = np.array([1.0, 2.0, 0.5])
LOG_SHARES = np.log(RNG.dirichlet(np.ones(3), 12))

LOSSES: dict[str, tuple[Any, Any, Any, dict[str, Any]]] = {
    "mse": (nn.mse, SCORES, SHARES, {}),
    "quadratic_cost": (nn.quadratic_cost, SCORES, SHARES, {}),
    "rss": (nn.rss, SCORES, SHARES, {}),
    "mae": (nn.mae, SCORES, SHARES, {}),
    "huber": (nn.huber, SCORES, SHARES, {}),
    "cosine": (nn.cosine, SCORES, SHARES, {}),
    "bce": (nn.bce, SHARES, (SHARES > 0.4) * 1.0, {}),
    "bce_with_logits": (nn.bce_with_logits, SCORES, (SHARES > 0.4) * 1.0, {}),
    "bce_with_logits, weighed": (nn.bce_with_logits, SCORES, (SHARES > 0.4) * 1.0, {"pos_weight": WEIGHT}),
    "hinge": (nn.hinge, SCORES, np.sign(SCORES[::-1]), {}),
    "hinge of classes": (nn.hinge, SCORES, LABELS, {}),
    "perceptron": (nn.perceptron, SCORES, np.sign(SCORES[::-1]), {}),
    "cross_entropy": (nn.cross_entropy, SCORES, LABELS, {}),
    "cross_entropy of shares": (nn.cross_entropy, SCORES, SHARES, {}),
    "cross_entropy, weighed": (nn.cross_entropy, SCORES, LABELS, {"weight": WEIGHT, "label_smoothing": 0.1}),
    "cross_entropy, ignoring": (nn.cross_entropy, SCORES, LABELS, {"ignore_index": 1}),
    "nll": (nn.nll, LOG_SHARES, LABELS, {"weight": WEIGHT}),
    "kl_divergence": (nn.kl_divergence, LOG_SHARES, SHARES, {}),
}


@pytest.fixture(autouse=True)
def lazy() -> Iterator[None]:
    """Nothing computes but what says so."""
    with unasked():
        yield


def in_blocks(x: Any) -> Any:
    return da.from_array(x, chunks=(5, *x.shape[1:]))


def compute(*xs: Any) -> Any:
    with asked():
        return dask.compute(*xs)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_of_arrays_in_blocks_is_lazy_and_that_of_numpys(name: str) -> None:
    loss, prediction, target, options = LOSSES[name]
    known = Tensor(prediction, requires_grad=True)
    expected = loss(known, target, **options)
    expected.backward()
    for given in (in_blocks(prediction), prediction):
        x = Tensor(given, requires_grad=True)
        found = loss(x, in_blocks(target), **options)
        found.backward()
        assert isinstance(found.data, da.Array)
        value, slope = compute(found.data, x.grad)
        np.testing.assert_allclose(value, expected.data, rtol=1e-12)
        np.testing.assert_allclose(slope, known.grad, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "message"),
    [
        (nn.cross_entropy, SCORES, LABELS + 1, "labels from"),
        (nn.cross_entropy, SCORES, LABELS + 0.5, "labels are integers"),
        (nn.nll, LOG_SHARES, LABELS - 1, "labels from"),
        (nn.mse, SCORES, SHARES * np.nan, "every target must be finite"),
        (nn.bce_with_logits, SCORES, SHARES + 1, "targets are probabilities"),
        (nn.hinge, SCORES, SHARES, "labels are -1 and 1"),
        (nn.kl_divergence, LOG_SHARES, SHARES + 1, "holds a distribution"),
    ],
)
def test_targets_that_cannot_be_right_are_refused_when_their_numbers_are_known(
    loss: Any, prediction: Any, target: Any, message: str
) -> None:
    found = loss(Tensor(prediction), in_blocks(target))
    with pytest.raises(ValueError, match=message):
        compute(found.data)
    with pytest.raises(ValueError, match="shape"):
        loss(Tensor(prediction), in_blocks(target[:5]))


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam, nn.Lion])
def test_a_full_batch_step_computes_once_and_is_that_of_numpys(optimizer: Any) -> None:
    X = RNG.normal(size=(12, 4))
    models = [nn.MLP(4, 5, 3, rng=0, dtype=np.float64) for _ in range(2)]
    for model, rows, labels in ((models[0], X, LABELS), (models[1], in_blocks(X), in_blocks(LABELS))):
        step = optimizer(model.parameters(), lr=0.1)
        for _ in range(2):
            step.zero_grad()
            loss = nn.cross_entropy(model(rows), labels)
            loss.backward()
            if rows is not X:
                with pytest.raises(TypeError, match="not computed yet"):
                    step.step()
                value, *slopes = compute(loss.data, *(p.grad for p in step.params))
                assert np.isfinite(value)
                for p, slope in zip(step.params, slopes):
                    p.grad = slope
            step.step()
    for a, b in zip(*(model.parameters() for model in models)):
        np.testing.assert_allclose(b.data, a.data, rtol=1e-9)
