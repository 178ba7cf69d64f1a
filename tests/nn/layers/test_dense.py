"""Dense, MLP: what they compute, their gradients, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, check_grads

RNG = np.random.default_rng(7)


def as_function(model: nn.Module) -> tuple[Callable[..., Any], list[Any]]:
    """`model` as a function of its input and its parameters' numbers, and those numbers."""
    places = [(m, name) for m in model.modules() for name, part in m.children() if isinstance(part, nn.Parameter)]

    def f(x: Any, *parameters: Any) -> Any:
        for (module, name), parameter in zip(places, parameters, strict=True):
            vars(module)[name] = parameter
        return model(x)

    return f, [np.array(vars(module)[name].numpy()) for module, name in places]


# --- Dense --------------------------------------------------------------------------------------------------------


def test_dense_is_activation_of_x_W_plus_b() -> None:
    layer: Any = nn.Dense(3, 2, activation="tanh", rng=0, dtype=np.float64)
    layer.b.data[...] = [0.5, -0.5]
    x = RNG.standard_normal((5, 3))
    np.testing.assert_allclose(layer(x).data, np.tanh(x @ layer.W.data + [0.5, -0.5]), rtol=1e-15)


def test_dense_starts_with_parameters_of_the_stated_shapes() -> None:
    layer: Any = nn.Dense(3, 2, rng=0)
    assert [(name, p.shape, p.dtype.type) for name, p in layer.named_parameters()] == [
        ("W", (3, 2), np.float32),
        ("b", (2,), np.float32),
    ]
    np.testing.assert_array_equal(layer.b.data, [0, 0])
    assert [name for name, _ in nn.Dense(3, 2, bias=False).named_parameters()] == ["W"]


@pytest.mark.parametrize("shape", [(3,), (0, 3), (4, 3), (2, 4, 3)])
def test_dense_takes_any_axes_before_the_last(shape: tuple[int, ...]) -> None:
    layer = nn.Dense(3, 2, rng=0, dtype=np.float64)
    x = RNG.standard_normal(shape)
    np.testing.assert_allclose(layer(x).data, x @ layer.W.data, rtol=1e-14)


@pytest.mark.parametrize("activation", [None, "tanh", nn.softplus, nn.Sigmoid()])
@pytest.mark.parametrize("bias", [True, False])
def test_dense_gradients(activation: Any, bias: bool) -> None:
    f, parameters = as_function(nn.Dense(3, 2, activation, bias, rng=0, dtype=np.float64))
    check_grads(f, RNG.standard_normal((4, 3)), *parameters)


def test_numbers_are_cast_to_the_dtype_of_the_weights() -> None:
    layer = nn.Dense(2, 3, rng=0)
    for x in ([[1, 2]], np.ones((1, 2), dtype=np.int8), np.ones((1, 2))):
        assert layer(x).dtype == np.float32
    assert nn.Dense(2, 3, dtype=np.float64)(np.ones((1, 2), dtype=np.float32)).dtype == np.float64


def test_float32_survives_forward_and_backward() -> None:
    model = nn.MLP(2, 4, 1, activation="softplus", rng=0)
    x = Tensor(np.ones((3, 2)), requires_grad=True, dtype=np.float32)
    y = model(x)
    assert y.dtype == np.float32
    y.sum().backward()
    assert {p.grad.dtype for p in [x, *model.parameters()]} == {np.dtype(np.float32)}


def test_the_callers_array_is_neither_changed_nor_held() -> None:
    layer = nn.Dense(2, 1, rng=0)
    x = np.ones((3, 2), dtype=np.float32)
    y = layer(x).sum()
    x[...] = 100
    y.backward()
    np.testing.assert_array_equal(layer.W.grad, [[3], [3]])


def test_a_wrong_input_is_refused_with_both_shapes() -> None:
    layer = nn.Dense(2, 8, "relu")
    message = r"Dense\(2 -> 8, relu\) got input of shape \(5, 3\): the last axis must have size 2"
    with pytest.raises(ValueError, match=message):
        layer(np.ones((5, 3)))
    with pytest.raises(ValueError, match=r"got input of shape \(\)"):
        layer(1.0)


def test_bad_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"at least one input and one unit, got Dense\(0, 3\)"):
        nn.Dense(0, 3)
    with pytest.raises(TypeError):
        nn.Dense(2, 1.5)  # type: ignore[arg-type]


def test_default_weights_suit_the_activation() -> None:
    shape, generator = (50, 20), np.random.default_rng
    np.testing.assert_array_equal(nn.Dense(*shape, "relu", rng=3).W.data, nn.init.he_normal(shape, generator(3)))
    np.testing.assert_array_equal(nn.Dense(*shape, "gelu", rng=3).W.data, nn.init.he_normal(shape, generator(3)))
    np.testing.assert_array_equal(nn.Dense(*shape, "selu", rng=3).W.data, nn.init.lecun_normal(shape, generator(3)))
    np.testing.assert_array_equal(nn.Dense(*shape, "tanh", rng=3).W.data, nn.init.glorot_uniform(shape, generator(3)))
    np.testing.assert_array_equal(nn.Dense(*shape, rng=3, init="normal").W.data, nn.init.normal(shape, generator(3)))
    np.testing.assert_array_equal(nn.Dense(*shape, init=nn.init.zeros).W.data, np.zeros(shape))


def test_a_layer_of_ones_own() -> None:
    class MyDenseLayer(nn.Module):
        def __init__(self, inputs: int, units: int) -> None:
            self.W = nn.Parameter(nn.init.normal((inputs, units), rng=0))
            self.b = nn.Parameter(np.zeros((1, units)))

        def forward(self, x: Any) -> Any:
            return nn.sigmoid(x @ self.W + self.b)

    layer = MyDenseLayer(3, 2)
    x = np.ones((4, 3), dtype=np.float32)
    np.testing.assert_allclose(layer(x).data, 1 / (1 + np.exp(-(x @ layer.W.data))), rtol=1e-6)
    assert repr(layer) == "MyDenseLayer(): 8 parameters, W (3, 2), b (1, 2)"


# --- MLP ----------------------------------------------------------------------------------------------------------


def test_mlp_is_dense_layers_with_an_activation_after_all_but_the_last() -> None:
    model = nn.MLP(2, 64, 32, 3, activation="relu", rng=0)
    assert [layer.describe() for layer in model] == ["2 -> 64, relu", "64 -> 32, relu", "32 -> 3"]
    assert nn.MLP(2, 3, 1, output_activation="sigmoid")[-1].describe() == "3 -> 1, sigmoid"
    assert all(layer.b is None for layer in nn.MLP(2, 3, 1, bias=False))
    assert {p.dtype for p in nn.MLP(2, 3, 1, dtype=np.float64).parameters()} == {np.dtype(np.float64)}


def test_an_mlp_needs_two_sizes() -> None:
    with pytest.raises(ValueError, match=r"an MLP needs the sizes of its input and its output.*got \(3,\)"):
        nn.MLP(3)


def test_seeds() -> None:
    a, b, c = nn.MLP(2, 4, 4, 1, rng=0), nn.MLP(2, 4, 4, 1, rng=np.random.default_rng(0)), nn.MLP(2, 4, 4, 1, rng=1)
    for p, q, r in zip(a.parameters()[::2], b.parameters()[::2], c.parameters()[::2]):
        np.testing.assert_array_equal(p.data, q.data)
        assert not np.array_equal(p.data, r.data)
    square = nn.MLP(3, 3, 3, rng=0)  # one generator for all layers, not the same seed for each
    assert not np.array_equal(square[0].W.data, square[1].W.data)


def test_mlp_gradients() -> None:
    f, parameters = as_function(nn.MLP(2, 3, 3, 2, activation="tanh", rng=0, dtype=np.float64))
    check_grads(f, RNG.standard_normal((4, 2)), *parameters)


def test_a_whole_network_against_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch is the oracle here")
    model = nn.MLP(3, 8, 8, 4, activation="relu", rng=0, dtype=np.float64)
    X, y = RNG.standard_normal((20, 3)), RNG.integers(0, 4, 20)
    loss = nn.cross_entropy(model(X), y)
    loss.backward()

    weights = [torch.tensor(p.data, requires_grad=True) for p in model.parameters()]
    h = torch.tensor(X)
    for i in range(0, len(weights), 2):
        h = h @ weights[i] + weights[i + 1]
        h = torch.relu(h) if i + 2 < len(weights) else h
    expected = torch.nn.functional.cross_entropy(h, torch.tensor(y))
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-13)
    for p, w in zip(model.parameters(), weights):
        np.testing.assert_allclose(p.grad, w.grad.numpy(), rtol=1e-11, atol=1e-15)


def test_an_mlp_takes_a_list_of_its_sizes() -> None:
    listed, plain = nn.MLP([2, 8, 1], rng=0), nn.MLP(2, 8, 1, rng=0)
    assert repr(listed) == repr(plain)
    np.testing.assert_array_equal(listed(np.ones((1, 2))).data, plain(np.ones((1, 2))).data)
    assert repr(nn.MLP((2, 1))) == repr(nn.MLP(2, 1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nn.Dense([2, 3]),
            r"Dense takes the numbers of its inputs and of its units, .* Dense\(2, 8\): got \[2",
        ),
        (lambda: nn.Dense(8), r"Dense takes the numbers of its inputs and of its units, as Dense\(2, 8\): got 8"),
        (lambda: nn.Dense(8, activation="relu"), r"Dense takes the numbers of its inputs and of its units"),
        (lambda: nn.Dense(8, "relu"), "Dense: units is an integer, and 'relu' is none"),
        (lambda: nn.Dense(2, 3.0), "Dense: units is an integer, and 3.0 is none"),
        (lambda: nn.Dense([2], 3), r"Dense: inputs is an integer, and \[2\] is none"),
        (lambda: nn.MLP(2, [8, 8], 1), r"MLP takes its sizes, .* and \[8, 8\] is none"),
        (lambda: nn.MLP([2, 8.0, 1]), "MLP: size 1 is an integer, and 8.0 is none"),
        (lambda: nn.MLP([[2, 8, 1]]), r"MLP takes its sizes, .* and \[2, 8, 1\] is none"),
        (lambda: nn.MLP(2, 3, 1, activation=nn.ReLU), r"ReLU is the class of a layer: pass a layer, ReLU\(\)"),
        (lambda: nn.Conv1d("a", 3, 3), "Conv1d: in_channels is an integer, and 'a' is none"),
        (lambda: nn.LSTM(3, [4, 4]), r"LSTMCell: hidden is an integer, and \[4, 4\] is none"),
        (lambda: nn.Embedding(10, 2.5), "Embedding: embedding_dim is an integer, and 2.5 is none"),
    ],
)
def test_sizes_that_are_no_integers_are_named(make: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()
