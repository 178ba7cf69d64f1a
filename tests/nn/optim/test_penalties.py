"""Penalties: their values, their gradients, and what they do to a fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, check_grads
from nn.learning.loop import fit
from nn.optim.penalties import l1, l2

A, B = np.array([[1.0, -2.0], [0.5, 4.0]]), np.array([-3.0, 0.25])


def test_values() -> None:
    assert l1([Tensor(A), Tensor(B)]).item() == np.abs(A).sum() + np.abs(B).sum()
    assert l2(iter([Tensor(A), Tensor(B)])).item() == (A**2).sum() + (B**2).sum()
    assert l2(Tensor(A)).item() == (A**2).sum()  # one alone


@pytest.mark.parametrize("penalty", [l1, l2])
def test_gradients(penalty: Callable[..., Tensor]) -> None:
    check_grads(lambda a, b: penalty([a, b]), A, B)


def test_gradients_in_closed_form_and_at_0() -> None:
    p = nn.Parameter([0.0, -2.0, 3.0], dtype=np.float64)
    l1([p]).backward()
    np.testing.assert_array_equal(p.grad, [0, -1, 1])
    p.grad = None
    (0.5 * l2([p])).backward()
    np.testing.assert_array_equal(p.grad, [0, -2, 3])


def test_float32_stays_float32() -> None:
    p = nn.Parameter(A)
    loss = 0.1 * l1([p]) + 0.1 * l2([p])
    loss.backward()
    assert {loss.dtype, p.grad.dtype} == {np.dtype(np.float32)}


def test_no_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="l1 got no parameters"):
        l1([])


def test_l2_is_weight_decay_of_twice_its_strength_under_sgd() -> None:
    trained = []
    for strength, decay in ((0.05, 0.0), (0.0, 0.1)):
        p = nn.Parameter(A, dtype=np.float64)
        optimizer = nn.SGD([p], lr=0.1, weight_decay=decay)
        for _ in range(5):
            optimizer.zero_grad()
            ((p * B).sum() + strength * l2([p])).backward()
            optimizer.step()
        trained.append(p.numpy())
    np.testing.assert_allclose(trained[0], trained[1], rtol=1e-13)


def test_l1_silences_inputs_that_do_not_matter_and_l2_shrinks_all() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 6))
    y = X[:, :1] * 2 - X[:, 1:2]

    def weights(penalty: Callable[..., Any] | None, strength: float) -> Any:
        model = nn.Dense(6, 1, bias=False, rng=0, dtype=np.float64)

        def loss(prediction: Any, target: Any) -> Tensor:
            plain = nn.mse(prediction, target)
            return plain if penalty is None else plain + strength * penalty(model.parameters())

        fit(model, X, y, loss=loss, optimizer=lambda p: nn.SGD(p, lr=0.02), epochs=120, rng=0, progress=False)
        return np.abs(model.W.numpy()[:, 0])

    free, sparse, small = weights(None, 0), weights(l1, 0.3), weights(l2, 0.3)
    np.testing.assert_allclose(free, [2, 1, 0, 0, 0, 0], atol=1e-6)
    assert sparse[2:].max() < 0.02
    assert sparse[:2].min() > 0.6
    assert small[0] < 0.85 * free[0]
