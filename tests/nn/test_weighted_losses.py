"""pos_weight, and ignore_index with label smoothing, against closed forms and torch."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import Tensor

rng = np.random.default_rng(0)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_pos_weight_multiplies_the_losses_of_the_positives(reduction: str) -> None:
    z, y, w = rng.normal(size=(6, 3)), rng.integers(0, 2, (6, 3)).astype(float), np.array([0.5, 1.0, 4.0])
    losses = w * y * np.log1p(np.exp(-z)) + (1 - y) * np.log1p(np.exp(z))
    x = Tensor(z, requires_grad=True)
    loss = nn.bce_with_logits(x, y, reduction, pos_weight=w)
    loss.backward()
    assert loss.item() == pytest.approx(getattr(losses, reduction)())
    p = 1 / (1 + np.exp(-z))
    gradient = (1 - y) * p - w * y * (1 - p)
    np.testing.assert_allclose(x.grad, gradient / (y.size if reduction == "mean" else 1))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_rows_that_are_ignored_do_not_count_with_label_smoothing(reduction: str, smoothing: float) -> None:
    torch = pytest.importorskip("torch")
    z, y = rng.normal(size=(6, 4)), np.array([0, -1, 3, 2, -1, 1])
    ours, theirs = Tensor(z, requires_grad=True), torch.tensor(z, requires_grad=True)
    loss = nn.cross_entropy(ours, y, reduction, label_smoothing=smoothing, ignore_index=-1)
    wanted = torch.nn.functional.cross_entropy(
        theirs, torch.tensor(y), reduction=reduction, label_smoothing=smoothing, ignore_index=-1
    )
    loss.backward()
    wanted.backward()
    assert loss.item() == pytest.approx(wanted.item())
    np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), atol=1e-12)
    assert not ours.grad[y == -1].any()
