"""Which statistics a normalization takes: frozen layers, means over all batches, groups of channels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from arguments.modules import agree, check_float32, check_layer

import autograd
import nn
from autograd import Tensor

RNG = np.random.default_rng(31)
X = RNG.standard_normal((6, 4)) * 3 + 1
KINDS = [(nn.BatchNorm1d, X), (nn.BatchNorm2d, RNG.standard_normal((3, 4, 2, 5)) + 2)]


# --- frozen -------------------------------------------------------------------------------------------------------


def frozen(layer: Any) -> Any:
    for p in layer.parameters():
        p.requires_grad = False
    return layer


@pytest.mark.parametrize(("kind", "x"), KINDS)
def test_a_frozen_layer_does_in_training_as_in_evaluation(kind: Any, x: Any) -> None:
    layer = kind(4, dtype=np.float64)
    layer(x)
    expected = layer.eval()(x).numpy()
    state = frozen(layer.train()).state_dict()
    np.testing.assert_array_equal(layer(x).numpy(), expected)
    np.testing.assert_equal(layer.state_dict(), state)
    assert layer.frozen


@pytest.mark.parametrize("which", ["gamma", "beta"])
def test_a_layer_with_one_trained_parameter_is_not_frozen(which: str) -> None:
    layer = frozen(nn.BatchNorm1d(4))
    getattr(layer, which).requires_grad = True
    layer(X)
    assert layer.running_mean.data.any()
    assert not nn.BatchNorm1d(4, affine=False).frozen


@pytest.mark.parametrize("compile", [True, False])
def test_fit_leaves_a_frozen_layer(compile: bool) -> None:
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Dense(4, 4, rng=rng), frozen(nn.BatchNorm1d(4)), nn.Dense(4, 1, rng=rng))
    before = model[1].state_dict()
    nn.fit(model, X, X[:, :1], loss="mse", epochs=2, progress=False, rng=0, compile=compile)
    np.testing.assert_equal(model[1].state_dict(), before)


def test_a_compiled_step_sees_that_a_layer_was_frozen_meanwhile() -> None:
    layer = nn.BatchNorm1d(4, dtype=np.float64)
    step = autograd.compile(lambda x: layer(x), backend="numpy")
    step(X)
    moved = layer.running_mean.data.copy()
    assert moved.any()
    frozen(layer)
    expected = (X - moved) / np.sqrt(layer.running_var.data + layer.eps)
    np.testing.assert_allclose(step(X).numpy(), expected, rtol=1e-12)
    np.testing.assert_array_equal(layer.running_mean.data, moved)


# --- the mean over all batches ------------------------------------------------------------------------------------


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_without_momentum_the_running_statistics_are_means(compile: bool, dtype: Any) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    ours = nn.BatchNorm1d(4, momentum=None, dtype=dtype)
    theirs = torch.nn.BatchNorm1d(4, momentum=None, dtype=torch.float64)
    step: Any = autograd.compile(lambda x: ours(x), backend="numpy") if compile else ours
    for i in range(5):
        x = RNG.standard_normal((6, 4)) * i + i
        agree(step(x.astype(dtype)), theirs(torch.tensor(x)), rtol=1e-5, atol=1e-5)
    tolerance = 1e-12 if dtype is np.float64 else 1e-6
    agree(ours.running_mean, theirs.running_mean, rtol=tolerance)
    agree(ours.running_var, theirs.running_var, rtol=tolerance)
    assert ours.running_mean.dtype == dtype
    fresh = nn.BatchNorm1d(4, momentum=None, dtype=dtype)
    fresh.load_state_dict(ours.state_dict())
    for layer in (fresh, ours):
        layer(X)
    np.testing.assert_array_equal(fresh.running_mean.data, ours.running_mean.data)


def test_with_momentum_nothing_is_counted() -> None:
    assert list(nn.BatchNorm1d(4).state_dict()) == ["gamma", "beta", "running_mean", "running_var"]
    with pytest.raises(ValueError, match=r"momentum must be from 0 to 1, got 2 \(or None\)"):
        nn.BatchNorm1d(4, momentum=2)


# --- groups -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("shape", [(3, 4), (2, 4, 5), (2, 4, 3, 2)])
@pytest.mark.parametrize("affine", [True, False])
def test_group_norm_agrees_with_torch(groups: int, shape: tuple[int, ...], affine: bool) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    ours = nn.GroupNorm(groups, 4, affine=affine, dtype=np.float64)
    theirs = torch.nn.GroupNorm(groups, 4, affine=affine, dtype=torch.float64)
    if affine:
        ours.gamma, ours.beta = np.arange(1.0, 5), np.arange(4.0)  # type: ignore[assignment]
        theirs.load_state_dict({"weight": torch.arange(1.0, 5), "bias": torch.arange(4.0)})
    x = RNG.standard_normal(shape)
    t, tt = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, ty = ours(t), theirs(tt)
    agree(y, ty)
    (y**3).sum().backward()
    (ty**3).sum().backward()
    agree(t.grad, tt.grad, rtol=1e-8, atol=1e-8)
    for p, tp in zip(ours.parameters(), theirs.parameters(), strict=True):
        agree(p.grad, tp.grad, atol=1e-10)  # of a group of one number torch's is not quite 0


def test_group_norm_by_hand() -> None:
    x = np.array([[1.0, 3.0, 10.0, 10.0]])
    np.testing.assert_allclose(nn.GroupNorm(2, 4, eps=1e-12, dtype=np.float64)(x).numpy(), [[-1, 1, 0, 0]], atol=1e-5)


def test_gradients_and_dtype_of_group_norm() -> None:
    check_layer(lambda dtype: nn.GroupNorm(2, 4, dtype=dtype), RNG.standard_normal((2, 4, 3)))
    check_float32(nn.GroupNorm(2, 4), RNG.standard_normal((2, 4, 3)))
    assert repr(nn.GroupNorm(2, 4)).startswith("GroupNorm(4, 2 groups): 8 parameters")
    assert nn.GroupNorm(2, 4)(np.ones((0, 4, 3))).shape == (0, 4, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.GroupNorm(3, 4), "4 channels do not divide into 3 groups of equal size"),
        (lambda: nn.GroupNorm(0, 4), "num_groups must be at least 1"),
        (lambda: nn.GroupNorm(2, 4, eps=0), "eps must be positive"),
        (lambda: nn.GroupNorm(2, 4)(np.ones((2, 3))), r"got input of shape \(2, 3\): it must be \(n, 4, \.\.\.\)"),
        (lambda: nn.GroupNorm(2, 4)(np.ones(4)), r"got input of shape \(4,\): it must be"),
    ],
)
def test_what_does_not_fit_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
