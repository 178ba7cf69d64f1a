"""Gradient clipping: torch, a case by hand, memory that is shared, and what it refuses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from nn import Parameter
from nn.optim.clipping import clip_grad_norm, clip_grad_value

RNG = np.random.default_rng(2)
GRADS = [RNG.standard_normal((3, 4)), RNG.standard_normal(5), RNG.standard_normal(())]


def parameters(grads: list[Any], dtype: Any = np.float64) -> list[Parameter]:
    made = [Parameter(np.zeros(np.shape(g)), dtype=dtype, name=f"p{i}") for i, g in enumerate(grads)]
    for p, g in zip(made, grads):
        p.grad = np.array(g, dtype=dtype)
    return made


def torchs(torch: Any) -> list[Any]:
    made = [torch.zeros(np.shape(g), dtype=torch.float64, requires_grad=True) for g in GRADS]
    for p, g in zip(made, GRADS):
        p.grad = torch.tensor(g, dtype=torch.float64)
    return made


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, math.inf])
@pytest.mark.parametrize("max_norm", [0.1, 1.0, 100.0, math.inf])
def test_norms_as_in_torch(max_norm: float, norm_type: float) -> None:
    torch = pytest.importorskip("torch", reason="torch is the oracle here")
    ours, theirs = parameters(GRADS), torchs(torch)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    assert clip_grad_norm(ours, max_norm, norm_type) == pytest.approx(expected.item(), rel=1e-13)
    for p, q in zip(ours, theirs):
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-13)


@pytest.mark.parametrize("value", [0.1, 1.0, 100.0])
def test_values_as_in_torch(value: float) -> None:
    torch = pytest.importorskip("torch", reason="torch is the oracle here")
    ours, theirs = parameters(GRADS), torchs(torch)
    torch.nn.utils.clip_grad_value_(theirs, value)
    clip_grad_value(ours, value)
    for p, q in zip(ours, theirs):
        np.testing.assert_array_equal(p.grad, q.grad.numpy())


def test_by_hand() -> None:
    first, second = parameters([[3.0], [4.0]])
    assert clip_grad_norm([first, second], 1.0) == 5.0
    np.testing.assert_allclose([first.grad, second.grad], [[0.6], [0.8]], rtol=1e-6)
    clip_grad_value(iter([first, second]), 0.7)
    np.testing.assert_allclose([first.grad, second.grad], [[0.6], [0.7]], rtol=1e-6)


def test_a_norm_that_is_small_enough_changes_no_bit() -> None:
    ours = parameters(GRADS)
    before = [p.grad for p in ours]
    clip_grad_norm(ours, 1e6)
    for p, g, original in zip(ours, before, GRADS):
        assert p.grad is g
        np.testing.assert_array_equal(g, original)


def test_arrays_that_others_hold_do_not_change() -> None:
    ours = parameters(GRADS)
    held = [p.grad for p in ours]
    clip_grad_norm(ours, 0.1)
    clip_grad_value(ours, 0.001)
    for p, g, original in zip(ours, held, GRADS):
        np.testing.assert_array_equal(g, original)
        assert np.abs(p.grad).max() <= 0.001
        assert not np.shares_memory(p.grad, g)


def test_float32_stays_float32_and_its_squares_do_not_overflow() -> None:
    (p,) = parameters([[3e25, 4e25]], np.float32)
    assert clip_grad_norm([p], np.float64(1.0)) == pytest.approx(5e25, rel=1e-6)
    assert p.grad.dtype == np.float32
    np.testing.assert_allclose(p.grad, [0.6, 0.8], rtol=1e-6)
    clip_grad_value([p], np.float64(0.5))
    assert p.grad.dtype == np.float32


def test_parameters_without_a_gradient_are_left_out() -> None:
    p, q, r = parameters(GRADS)
    q.grad = None
    assert clip_grad_norm([p, q, r], 1e-3) == pytest.approx(math.hypot(np.linalg.norm(GRADS[0]), GRADS[2]))
    clip_grad_value([p, q, r], 1e-4)
    assert q.grad is None
    q.grad = np.ones(5)
    assert clip_grad_norm(q, 9.0) == pytest.approx(math.sqrt(5))  # one alone
    assert clip_grad_norm([], 1.0) == 0.0


def test_gradients_that_are_nodes() -> None:
    p = Parameter([3.0, 4.0], dtype=np.float64)
    (p * p * 0.5).sum().backward(create_graph=True)
    assert clip_grad_norm([p], 1.0) == 5.0
    assert isinstance(p.grad, Tensor)
    np.testing.assert_allclose(p.grad.numpy(), [0.6, 0.8], rtol=1e-6)
    clip_grad_value([p], 0.7)
    np.testing.assert_allclose(p.grad.numpy(), [0.6, 0.7], rtol=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_is_named_and_nothing_changes(bad: float) -> None:
    ours = parameters([[1.0, 2.0], [bad, 1.0]])
    with pytest.raises(FloatingPointError, match="that of p1 holds NaN or inf"):
        clip_grad_norm(ours, 0.1)
    np.testing.assert_array_equal(ours[0].grad, [1.0, 2.0])


def test_torchs_way_with_gradients_that_are_not_finite_is_there_if_asked_for() -> None:
    torch = pytest.importorskip("torch", reason="torch is the oracle here")
    ours = parameters([[1.0, 2.0], [math.inf, 1.0]])
    theirs = [torch.zeros(2, dtype=torch.float64, requires_grad=True) for _ in ours]
    for p, q in zip(ours, theirs):
        q.grad = torch.tensor(p.grad)
    with np.errstate(invalid="ignore"):
        assert clip_grad_norm(ours, 0.1, error_if_nonfinite=False) == math.inf
    torch.nn.utils.clip_grad_norm_(theirs, 0.1)
    for p, q in zip(ours, theirs):
        np.testing.assert_array_equal(p.grad, q.grad.numpy())


@pytest.mark.parametrize("bad", [0, -1.0, math.nan])
def test_bounds_must_be_positive(bad: float) -> None:
    ours = parameters(GRADS)
    with pytest.raises(ValueError, match=f"max_norm must be above 0, got {bad}"):
        clip_grad_norm(ours, bad)
    with pytest.raises(ValueError, match="norm_type must be above 0"):
        clip_grad_norm(ours, 1.0, bad)
    with pytest.raises(ValueError, match="clip_value must be above 0"):
        clip_grad_value(ours, bad)
    for p, g in zip(ours, GRADS):
        np.testing.assert_array_equal(p.grad, g)
