"""Activations: closed forms, torch, far tails, kinks, functions, layers and names."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from arguments.modules import agree, check_layer

import nn
from autograd import Tensor, Value, check_grads
from nn.layers import activations
from nn.layers.activations import ACTIVATIONS, SELU_ALPHA, SELU_SCALE, Activation, activation


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


# What each is for one number, and its slope, by Python's math: an oracle of its own
CLOSED: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "linear": (lambda x: x, lambda x: 1),
    "step": (lambda x: 1 if x >= 0 else 0, lambda x: 0),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "tanh": (math.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "hard_tanh": (lambda x: max(-1, min(1, x)), lambda x: 1 if -1 <= x <= 1 else 0),
    "relu": (lambda x: max(0, x), lambda x: 1 if x > 0 else 0),
    "leaky_relu": (lambda x: x if x > 0 else 0.01 * x, lambda x: 1 if x > 0 else 0.01),
    "elu": (lambda x: x if x > 0 else math.expm1(x), lambda x: 1 if x > 0 else math.exp(x)),
    "selu": (
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * math.expm1(x)),
        lambda x: SELU_SCALE * (1 if x > 0 else SELU_ALPHA * math.exp(x)),
    ),
    "gelu": (
        lambda x: x * normal_cdf(x),
        lambda x: normal_cdf(x) + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    ),
    "swish": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) + x * sigmoid(x) * sigmoid(-x)),
    "mish": (
        lambda x: x * math.tanh(math.log1p(math.exp(x))),
        lambda x: (
            math.tanh(math.log1p(math.exp(x))) + x * sigmoid(x) / math.cosh(math.log1p(math.exp(x))) ** 2
        ),
    ),
    "softplus": (lambda x: math.log1p(math.exp(x)), sigmoid),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "sinc": (
        lambda x: math.sin(x) / x if x else 1,
        lambda x: (x * math.cos(x) - math.sin(x)) / x**2 if abs(x) > 0.01 else -x / 3 + x**3 / 30,
    ),
    "logsigmoid": (lambda x: -math.log1p(math.exp(-x)), lambda x: sigmoid(-x)),
}  # fmt: skip
ALIASES = {"silu": "swish"}
ROWS = {"softmax", "log_softmax"}
POINTS = np.array([-6.0, -3.0, -0.999, -0.7, -0.49, -1e-3, 0.0, 1e-9, 0.2, 0.51, 1.5, 2.5, 7.0])
KINKS = {"step": [0], "relu": [0], "leaky_relu": [0], "hard_tanh": [-1, 1], "elu": [0], "selu": [0], "softsign": [0]}
# The limits and their slopes at -1e4 and 1e4
TAILS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "linear": ((-1e4, 1e4), (1, 1)),
    "step": ((0, 1), (0, 0)),
    "sigmoid": ((0, 1), (0, 0)),
    "tanh": ((-1, 1), (0, 0)),
    "hard_tanh": ((-1, 1), (0, 0)),
    "relu": ((0, 1e4), (0, 1)),
    "leaky_relu": ((-100, 1e4), (0.01, 1)),
    "elu": ((-1, 1e4), (0, 1)),
    "selu": ((-1.7580993408473768, 1.0507009873554805e4), (0, 1.0507009873554805)),
    "gelu": ((0, 1e4), (0, 1)),
    "swish": ((0, 1e4), (0, 1)),
    "mish": ((0, 1e4), (0, 1)),
    "softplus": ((0, 1e4), (0, 1)),
    "softsign": ((-1e4 / 10001, 1e4 / 10001), (1 / 10001**2, 1 / 10001**2)),
    "sinc": (
        (math.sin(1e4) / 1e4, math.sin(1e4) / 1e4),
        (math.sin(1e4) / 1e8 - math.cos(1e4) / 1e4, math.cos(1e4) / 1e4 - math.sin(1e4) / 1e8),
    ),
    "logsigmoid": ((-1e4, 0), (1, 0)),
}  # fmt: skip


def smooth(name: str) -> Any:
    """The points at which the activation has derivatives of every order nearby."""
    return np.array([x for x in POINTS if all(abs(x - kink) > 0.01 for kink in KINKS.get(name, ()))])


def test_every_activation_has_an_oracle() -> None:
    assert CLOSED.keys() | ROWS | ALIASES.keys() == ACTIVATIONS.keys()
    assert TAILS.keys() == CLOSED.keys()
    for alias, name in ALIASES.items():
        assert ACTIVATIONS[alias] is ACTIVATIONS[name]


@pytest.mark.parametrize("name", CLOSED)
def test_closed_form(name: str) -> None:
    value, slope = CLOSED[name]
    expected = [value(x) for x in POINTS]
    x = Tensor(POINTS, requires_grad=True)
    y = ACTIVATIONS[name](x)
    np.testing.assert_allclose(y.data, expected, rtol=1e-14, atol=1e-16 * 6)
    np.testing.assert_allclose(ACTIVATIONS[name](POINTS), expected, rtol=1e-14, atol=1e-16 * 6)
    y.sum().backward()
    np.testing.assert_allclose(x.grad, [slope(x) for x in POINTS], rtol=2e-14, atol=1e-15)


@pytest.mark.parametrize("name", CLOSED)
def test_values_take_part(name: str) -> None:
    value, slope = CLOSED[name]
    for number in [*POINTS.tolist(), -1e4, 1e4]:
        x = Value(number)
        y = ACTIVATIONS[name](x)
        y.backward()
        if abs(number) < 100:
            expected, expected_slope = value(number), slope(number)
        else:
            expected, expected_slope = (pair[int(number > 0)] for pair in TAILS[name])
        assert y.data == pytest.approx(expected, rel=1e-14, abs=1e-15)
        assert x.grad == pytest.approx(expected_slope, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("name", CLOSED)
def test_against_torch(name: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is the oracle here")
    functions = torch.nn.functional
    theirs = {
        "linear": lambda x: x, "step": lambda x: torch.heaviside(x, torch.ones_like(x)),
        "sinc": lambda x: torch.sinc(x / math.pi), "hard_tanh": functions.hardtanh, "swish": functions.silu,
    }.get(name) or getattr(functions, name)  # fmt: skip
    points = smooth(name)
    if name == "sinc":  # the slope that torch has near 0 is too small by its rounding
        points = points[abs(points) > 1e-6]
    own, other = Tensor(points, requires_grad=True), torch.tensor(points, requires_grad=True)
    y, expected = ACTIVATIONS[name](own), theirs(other)
    np.testing.assert_allclose(y.data, expected.detach().numpy(), rtol=1e-12, atol=1e-15)
    if name != "step":  # torch has no derivative of it
        y.sum().backward()
        expected.sum().backward()
        np.testing.assert_allclose(own.grad, other.grad.numpy(), rtol=1e-11, atol=1e-11)


def test_softmax_is_a_distribution_over_the_last_axis() -> None:
    x = np.array([[0.0, math.log(3)], [2.0, 2.0]])
    softmax, log_softmax = ACTIVATIONS["softmax"], ACTIVATIONS["log_softmax"]
    np.testing.assert_allclose(softmax(Tensor(x)).data, [[0.25, 0.75], [0.5, 0.5]], rtol=1e-15)
    np.testing.assert_allclose(log_softmax(Tensor(x)).data, np.log([[0.25, 0.75], [0.5, 0.5]]), rtol=1e-15)
    np.testing.assert_allclose(activations.Softmax(axis=0)(Tensor(x)).data.sum(axis=0), [1, 1], rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", TAILS)
def test_far_out_values_and_slopes_are_exact_and_quiet(name: str, dtype: Any) -> None:
    value, slope = TAILS[name]
    x = Tensor(np.array([-1e4, 1e4], dtype=dtype), requires_grad=True)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = ACTIVATIONS[name](x)
        plain = ACTIVATIONS[name](x.numpy())
    digits = 1e-6 if dtype is np.float32 else 1e-12
    assert y.dtype == plain.dtype == dtype
    np.testing.assert_array_equal(y.data, plain)
    np.testing.assert_allclose(y.data, value, rtol=digits)
    y.sum().backward()
    assert x.grad.dtype == dtype
    np.testing.assert_allclose(x.grad, slope, rtol=digits)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", sorted(ROWS))
def test_far_apart_rows_are_exact_and_quiet(name: str, dtype: Any) -> None:
    x = Tensor(np.array([[-1e4, 1e4]], dtype=dtype), requires_grad=True)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y = ACTIVATIONS[name](x)
    np.testing.assert_array_equal(y.data, [[0, 1]] if name == "softmax" else [[-2e4, 0]])
    y.backward([[1, 0]])
    np.testing.assert_array_equal(x.grad, [[0, 0]] if name == "softmax" else [[1, -1]])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients(name: str) -> None:
    check_grads(ACTIVATIONS[name], smooth(name))


@pytest.mark.parametrize(
    ("name", "at", "slope"),
    [
        ("step", 0, 0), ("relu", 0, 0), ("leaky_relu", 0, 0.01), ("softsign", 0, 1), ("elu", 0, 1), ("hard_tanh", 1, 1),
        ("hard_tanh", -1, 1), ("selu", 0, 1.7580993408473768), ("sinc", 0, 0), ("softsign", -1, 0.25),
    ],
)  # fmt: skip
def test_slopes_at_the_kinks(name: str, at: float, slope: float) -> None:
    x = Tensor(float(at), requires_grad=True)
    ACTIVATIONS[name](x).backward()
    assert x.grad == pytest.approx(slope, rel=1e-15)


def test_options() -> None:
    x = Tensor([-1.0, 2.0])
    np.testing.assert_allclose(activations.leaky_relu(x, slope=0.2).data, [-0.2, 2])
    np.testing.assert_allclose(activations.elu(x, alpha=3.0).data, [3 * math.expm1(-1), 2], rtol=1e-15)
    np.testing.assert_allclose(activations.swish(x, beta=2.0).data, [-sigmoid(-2), 2 * sigmoid(4)], rtol=1e-15)


def test_selu_keeps_mean_0_and_variance_1() -> None:
    x = np.random.default_rng(0).standard_normal(1_000_000)  # the mean is off by 0.001, the variance by 0.0014
    y = activations.selu(x)
    assert y.mean() == pytest.approx(0, abs=0.005)
    assert y.var() == pytest.approx(1, abs=0.005)


LAYERS = list(Activation.__subclasses__())


def test_every_activation_has_a_layer() -> None:
    assert {layer.function for layer in LAYERS} == set(ACTIVATIONS.values())
    assert activations.SiLU is activations.Swish


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_applies_its_function(layer: type[Activation]) -> None:
    np.testing.assert_array_equal(layer()(Tensor(POINTS)).data, layer.function(Tensor(POINTS)).data)
    assert layer().parameters() == []
    assert repr(layer()) == f"{layer.__name__}()"
    assert layer.__name__.lower() == layer.function.__name__.replace("_", "")


def test_layers_have_their_functions_options() -> None:
    layer = activations.LeakyReLU(slope=0.2)
    np.testing.assert_allclose(layer(Tensor([-1.0, 1.0])).data, [-0.2, 1.0])
    assert repr(layer) == "LeakyReLU(slope=0.2)"
    with pytest.raises(TypeError, match="unexpected keyword argument 'slop'"):
        activations.LeakyReLU(slop=0.2)


def test_by_name_by_function_and_by_layer() -> None:
    assert activation("tanh") is activations.tanh
    assert activation("silu") is activations.swish
    assert activation(activations.tanh) is activations.tanh
    assert activation(None) is activations.linear
    layer = activations.Tanh()
    assert activation(layer) is layer


def test_unknown_names_and_classes_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"there is no activation 'rellu': did you mean 'relu'\? \(known: elu, .*tanh\)"
    ):
        activation("rellu")
    with pytest.raises(TypeError, match=r"ReLU is the class of a layer: pass a layer, ReLU\(\)"):
        activation(activations.ReLU)


# --- a slope that is learned --------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("shape", [(4, 3), (4, 3, 5), (2, 3, 2, 2)])
def test_prelu_agrees_with_torch_and_has_its_gradient(count: int, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(5).standard_normal(shape)
    check_layer(lambda dtype: nn.PReLU(count, dtype=dtype), x)
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    ours, theirs = nn.PReLU(count, dtype=np.float64), torch.nn.PReLU(count, dtype=torch.float64)
    x.flat[0] = 0
    t, tt = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, ty = ours(t), theirs(tt)
    agree(y, ty)
    (y * y + y).sum().backward()
    (ty * ty + ty).sum().backward()
    agree(t.grad, tt.grad)
    agree(ours.slope.grad, theirs.weight.grad)


def test_prelu_follows_any_layer_and_refuses_other_channels() -> None:
    assert nn.Dense(2, 3, nn.PReLU(), rng=0)(np.ones((1, 2))).shape == (1, 3)
    names = [name for name, _ in nn.MLP(2, 3, 3, 1, activation=nn.PReLU()).named_parameters()]
    assert [name for name in names if "slope" in name] == ["0.activation.slope"]  # one for all
    with pytest.raises(ValueError, match=r"PReLU\(3\) got input of shape \(4, 2\): it must be \(n, 3, ...\)"):
        nn.PReLU(3)(np.ones((4, 2)))
    with pytest.raises(ValueError, match="PReLU: num_parameters must be at least 1, got 0"):
        nn.PReLU(0)
