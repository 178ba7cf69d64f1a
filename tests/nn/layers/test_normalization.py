"""Normalization: closed forms, torch, running statistics in training, evaluation and states."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from arguments.modules import agree, check_layer

import nn
from autograd import Tensor, compile, no_grad, standardized, value_and_grad

RNG = np.random.default_rng(11)
SHAPES = [(nn.BatchNorm1d, (6, 3)), (nn.BatchNorm1d, (4, 3, 5)), (nn.BatchNorm2d, (2, 3, 4, 2))]


def numbers(shape: tuple[int, ...]) -> Any:
    return 3 + 2 * RNG.standard_normal(shape)


@pytest.mark.parametrize(("kind", "shape"), SHAPES)
def test_every_channel_of_a_batch_has_mean_0_and_variance_1(kind: Any, shape: tuple[int, ...]) -> None:
    y = kind(3, eps=1e-12, dtype=np.float64)(numbers(shape)).numpy()
    others = (0, *range(2, len(shape)))
    np.testing.assert_allclose(y.mean(others), 0, atol=1e-14)
    np.testing.assert_allclose(y.var(others), 1, rtol=1e-10)


def test_batch_norm_by_hand() -> None:
    layer: Any = nn.BatchNorm1d(1, eps=1.0, momentum=0.5, dtype=np.float64)
    layer.gamma.assign(np.array([2.0]))
    layer.beta.assign(np.array([10.0]))
    x = np.array([[0.0], [2.0], [4.0]])  # mean 2, variance 8/3, with n - 1 it is 4
    np.testing.assert_allclose(layer(x).numpy(), 10 + 2 * (x - 2) / np.sqrt(8 / 3 + 1), rtol=1e-14)
    assert layer.running_mean.item() == 1.0
    assert layer.running_var.item() == 0.5 * 1 + 0.5 * 4
    np.testing.assert_allclose(layer.eval()(x).numpy(), 10 + 2 * (x - 1) / np.sqrt(2.5 + 1), rtol=1e-14)


@pytest.mark.parametrize(("kind", "shape"), SHAPES)
@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm_agrees_with_torch(kind: Any, shape: tuple[int, ...], affine: bool) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    ours = kind(3, eps=1e-3, momentum=0.3, affine=affine, dtype=np.float64)
    theirs = getattr(torch.nn, kind.__name__)(3, eps=1e-3, momentum=0.3, affine=affine, dtype=torch.float64)
    if affine:
        gamma, beta = numbers((3,)), numbers((3,))
        ours.load_state_dict({"gamma": gamma, "beta": beta}, strict=False)
        theirs.weight.data, theirs.bias.data = torch.tensor(gamma), torch.tensor(beta)
    for training in (True, True, False):
        x = numbers(shape)
        t, tt = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
        y, ty = ours.train(training)(t), theirs.train(training)(tt)
        agree(y, ty)
        agree(ours.running_mean, theirs.running_mean)
        agree(ours.running_var, theirs.running_var)
        (y**3).sum().backward()
        (ty**3).sum().backward()
        agree(t.grad, tt.grad, atol=1e-10)
    if affine:
        agree(ours.gamma.grad, theirs.weight.grad)
        agree(ours.beta.grad, theirs.bias.grad)


@pytest.mark.parametrize(("kind", "shape"), SHAPES)
@pytest.mark.parametrize("training", [True, False])
def test_gradients_of_batch_norm(kind: Any, shape: tuple[int, ...], training: bool) -> None:
    check_layer(lambda dtype: kind(3, dtype=dtype).train(training), numbers(shape))


def test_the_running_statistics_belong_to_the_state_but_not_to_the_parameters() -> None:
    model = nn.Sequential(nn.Dense(2, 3, rng=0), nn.BatchNorm1d(3))
    assert [name for name, _ in model.named_parameters()] == ["0.W", "0.b", "1.gamma", "1.beta"]
    assert list(model.state_dict()) == [*dict(model.named_parameters()), "1.running_mean", "1.running_var"]
    assert [t.name for _, t in model.named_tensors()] == list(model.state_dict())
    assert not model[1].running_mean.requires_grad
    assert repr(model[1]) == "BatchNorm1d(3): 6 parameters, gamma (3,), beta (3,)"


def test_a_state_brings_the_running_statistics_along() -> None:
    a, b = (nn.Sequential(nn.Dense(2, 3, rng=seed), nn.BatchNorm1d(3)) for seed in (0, 1))
    x = numbers((8, 2))
    a(x)
    b.load_state_dict(a.state_dict())
    np.testing.assert_array_equal(a.eval()(x).numpy(), b.eval()(x).numpy())
    np.testing.assert_array_equal(copy.deepcopy(a)(x).numpy(), a(x).numpy())


def test_a_state_without_them_is_refused_and_changes_nothing() -> None:
    layer = nn.BatchNorm1d(2)
    layer(numbers((4, 2)))
    before = layer.state_dict()
    with pytest.raises(KeyError, match="missing: running_mean, running_var"):
        layer.load_state_dict({"gamma": np.zeros(2), "beta": np.zeros(2)})
    with pytest.raises(ValueError, match=r"running_var has shape \(1,\) instead of \(2,\)"):
        layer.load_state_dict(before | {"running_var": np.ones(1)})
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_state_is_a_snapshot_of_them() -> None:
    layer = nn.BatchNorm1d(2)
    state = layer.state_dict()
    layer(numbers((4, 2)))
    np.testing.assert_array_equal(state["running_mean"], [0, 0])
    assert np.all(layer.running_mean.numpy() != 0)


def test_evaluation_reaches_nested_layers_and_leaves_the_running_statistics() -> None:
    model = nn.Sequential(nn.Residual(nn.Dense(2, 2, rng=0), nn.BatchNorm1d(2))).eval()
    before = model.state_dict()
    x = numbers((8, 2))
    together = model(x).numpy()
    np.testing.assert_allclose(together[:1], model(x[:1]).numpy(), rtol=1e-6)  # no sample depends on the others
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    model.train()(x)
    assert not np.array_equal(model.state_dict()["0.1.running_mean"], before["0.1.running_mean"])


def test_a_graph_keeps_the_running_statistics_that_it_saw() -> None:
    layer: Any = nn.BatchNorm1d(1, dtype=np.float64)
    x = Tensor([[1.0], [3.0]], requires_grad=True)
    y = layer.eval()(x).sum()
    layer.running_var.assign(np.array([100.0]))
    y.backward()
    np.testing.assert_allclose(x.grad, 1 / np.sqrt(1 + 1e-5), rtol=1e-14)


def test_the_running_statistics_follow_without_a_graph_too() -> None:
    layer = nn.BatchNorm1d(1)
    with no_grad():
        layer([[1.0], [3.0]])
    np.testing.assert_allclose(layer.running_mean.numpy(), [0.2], rtol=1e-6)


def test_large_means_do_not_cancel_in_float32() -> None:
    x = np.array([[10000.0], [10001.0], [10002.0]], dtype=np.float32)
    expected = np.array([[-1], [0], [1]]) / np.sqrt(2 / 3 + 1e-5)
    np.testing.assert_allclose(nn.BatchNorm1d(1)(x).numpy(), expected, rtol=1e-5)
    np.testing.assert_allclose(nn.LayerNorm(3)(x[:, 0]).numpy(), expected[:, 0], rtol=1e-5)


# --- LayerNorm ----------------------------------------------------------------------------------------------------


def test_every_sample_has_mean_0_and_variance_1() -> None:
    y = nn.LayerNorm((3, 4), eps=1e-12, dtype=np.float64)(numbers((5, 3, 4))).numpy()
    np.testing.assert_allclose(y.mean((1, 2)), 0, atol=1e-14)
    np.testing.assert_allclose(y.var((1, 2)), 1, rtol=1e-10)


def test_a_constant_sample_becomes_beta() -> None:
    np.testing.assert_array_equal(nn.LayerNorm(3)(np.full((2, 3), 7.0)).numpy(), np.zeros((2, 3)))


@pytest.mark.parametrize("shape", [(4,), (3, 4)])
@pytest.mark.parametrize("affine", [True, False])
def test_layer_norm_agrees_with_torch(shape: tuple[int, ...], affine: bool) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    ours: Any = nn.LayerNorm(shape, elementwise_affine=affine, dtype=np.float64)
    theirs = torch.nn.LayerNorm(shape, elementwise_affine=affine, dtype=torch.float64)
    if affine:
        state = {"gamma": numbers(shape), "beta": numbers(shape)}
        ours.load_state_dict(state)
        theirs.weight.data, theirs.bias.data = torch.tensor(state["gamma"]), torch.tensor(state["beta"])
    x = numbers((2, 3, 4))
    t, tt = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, ty = ours(t), theirs(tt)
    agree(y, ty)
    (y**3).sum().backward()
    (ty**3).sum().backward()
    agree(t.grad, tt.grad, atol=1e-10)


@pytest.mark.parametrize("shape", [4, (3, 4)])
def test_gradients_of_layer_norm(shape: Any) -> None:
    check_layer(lambda dtype: nn.LayerNorm(shape, dtype=dtype), numbers((2, 3, 4)))


# --- What they refuse ---------------------------------------------------------------------------------------------


def test_inputs_that_do_not_fit_are_refused() -> None:
    message = r"BatchNorm1d\(3\) got input of shape \(4, 2\): it must be \(n, 3\) or \(n, 3, length\)"
    with pytest.raises(ValueError, match=message):
        nn.BatchNorm1d(3)(np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"BatchNorm2d\(3\) .* it must be \(n, 3, height, width\)"):
        nn.BatchNorm2d(3)(np.ones((4, 3)))
    with pytest.raises(ValueError, match=r"LayerNorm\(2, 3\) got input of shape \(3, 2\): it must end with \(2, 3\)"):
        nn.LayerNorm((2, 3))(np.ones((3, 2)))


def test_one_number_per_channel_has_no_variance() -> None:
    layer = nn.BatchNorm1d(2)
    with pytest.raises(ValueError, match="training needs more than one number per channel"):
        layer(np.ones((1, 2)))
    np.testing.assert_array_equal(layer.running_mean.numpy(), [0, 0])
    assert layer.eval()(np.ones((1, 2))).shape == (1, 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.BatchNorm1d(0), "BatchNorm1d: num_features must be at least 1, got 0"),
        (lambda: nn.BatchNorm2d(1, eps=0), "BatchNorm2d: eps must be positive and finite, got 0"),
        (lambda: nn.BatchNorm2d(1, momentum=1.5), "BatchNorm2d: momentum must be from 0 to 1, got 1.5"),
        (lambda: nn.LayerNorm((2, 0)), "LayerNorm: normalized_shape must be at least 1, got 0"),
        (lambda: nn.LayerNorm(()), "LayerNorm: normalized_shape"),
        (lambda: nn.LayerNorm(2, eps=float("nan")), "LayerNorm: eps must be positive and finite, got nan"),
    ],
)
def test_bad_arguments_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("shape", [(3, 341), (4, 256), (2, 8, 64), (2, 4095), (1, 4096), (1024, 1)])
def test_rows_of_any_length_and_number_are_those_in_double_precision(shape: tuple[int, ...]) -> None:
    """Which way the means are added depends on both."""
    x, weights = RNG.standard_normal((2, *shape))
    x = (x * 3 + 20).astype(np.float32)

    def loss(x: Any) -> Any:
        return np.sum(standardized(x) ** 3 * weights.astype(x.dtype))

    y, slope = value_and_grad(loss)(x.astype(np.float64))
    for f in (value_and_grad(loss), compile(value_and_grad(loss))):
        found, g = f(x)
        np.testing.assert_allclose(found, y, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(g, slope, rtol=0, atol=1e-5 * max(np.abs(slope).max(), 1e-3))
        assert g.dtype == np.float32
