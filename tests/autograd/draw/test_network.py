"""A network is read as the layers it has: their numbers are the model's own, and so are weights and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, draw, grad, no_grad
from autograd.draw.network import Layer

IMAGE = np.random.default_rng(0).normal(size=(1, 8, 8))


def layers(model: Any, x: Any, **options: Any) -> list[Layer]:
    return list(draw(model, x, **options).layers)


def test_a_perceptron_has_its_activations_weights_and_biases() -> None:
    model, x = nn.MLP(2, 4, 1, rng=0), np.array([0.5, -1.0])
    seen, hidden, output = layers(model, x)
    np.testing.assert_array_equal(seen.value, x)
    np.testing.assert_allclose(hidden.value, np.tanh(x @ model[0].W.numpy() + model[0].b.numpy()), rtol=1e-6)
    np.testing.assert_allclose(output.value, model.predict(x[None])[0], rtol=1e-6)
    for layer, dense in ((hidden, model[0]), (output, model[1])):
        np.testing.assert_array_equal(layer.weights, dense.W.numpy())
        np.testing.assert_array_equal(layer.bias, dense.b.numpy())
    assert [layer.cell for layer in (seen, hidden, output)] == ["input", "hidden", "output"]
    assert [layer.sources for layer in (hidden, output)] == [[0], [1]]
    for same in (x[None], Tensor(x), x.tolist()):  # a batch of one, and other arrays
        np.testing.assert_array_equal(layers(model, same)[1].value, hidden.value)


def test_a_network_of_values_is_read_as_the_same_network() -> None:
    scalar = nn.scalar.MLP(2, [3, 2], rng=0)
    model = nn.MLP(2, 3, 2, dtype=float)
    for dense, layer in zip(model, scalar.layers):
        dense.W = np.array([[w.data for w in neuron.w] for neuron in layer.neurons]).T
        dense.b = np.array([neuron.b.data for neuron in layer.neurons])
    for edges in ("weights", "gradients"):
        for one, other in zip(layers(scalar, [0.3, 2.0], edges=edges), layers(model, [0.3, 2.0], edges=edges)):
            np.testing.assert_allclose(one.value, other.value, rtol=1e-12)
            if other.weights is not None:
                np.testing.assert_allclose(one.weights, other.weights, rtol=1e-12)  # type: ignore[arg-type]
                np.testing.assert_allclose(one.bias, other.bias, rtol=1e-12)  # type: ignore[arg-type]


def test_gradients_are_those_of_the_sum_of_the_outputs() -> None:
    model, x = nn.MLP(3, 4, 2, rng=0, dtype=float), np.array([0.5, -1.0, 2.0])
    W, b, V, c = (p.numpy() for p in model.parameters())
    dW, dV = grad(lambda W, V: np.sum(np.tanh(x @ W + b) @ V + c), (0, 1))(W, V)
    _, hidden, output = layers(model, x, edges="gradients")
    np.testing.assert_allclose(hidden.weights, dW, rtol=1e-12)  # type: ignore[arg-type]
    np.testing.assert_allclose(output.weights, dV, rtol=1e-12)  # type: ignore[arg-type]


def test_drawing_changes_nothing_of_the_model() -> None:
    model = nn.Sequential(nn.Dense(2, 4, rng=0), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Dense(4, 1, rng=0))
    model[0].eval()
    before = model.state_dict(), [part.training for part in model.modules()]
    _, hidden, _ = layers(model, np.ones(2), edges="gradients")
    assert hidden.changes == ["BatchNorm1d"]
    after = model.state_dict(), [part.training for part in model.modules()]
    np.testing.assert_equal(after, before)
    assert all(p.grad is None for p in model.parameters())


def test_a_frozen_network_is_drawn_too() -> None:
    model = nn.MLP(2, 4, 1, rng=0)
    for p in model.parameters():
        p.requires_grad = False
    assert [layer.size for layer in layers(model, np.ones(2))] == [2, 4, 1]
    model[0].W.requires_grad = True
    assert [layer.weights is None for layer in layers(model, np.ones(2), edges="gradients")] == [True, False, True]


def test_layers_that_change_numbers_alone_are_part_of_the_one_before() -> None:
    model = nn.Sequential(nn.Dense(2, 3, rng=0), nn.ReLU(), nn.Dense(3, 2, rng=0), nn.Softmax())
    _, hidden, output = layers(model, np.ones(2))
    assert (hidden.changes, output.changes) == (["ReLU"], ["Softmax"])
    np.testing.assert_allclose(output.value.sum(), 1, rtol=1e-6)
    assert hidden.value.min() >= 0


def test_convolutions_have_maps_and_kernels() -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3, rng=0), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dense(27, 2, rng=0)
    )  # fmt: skip
    seen, convolved, pooled, output = layers(model, IMAGE)
    assert [layer.value.shape for layer in (seen, convolved, pooled)] == [(1, 8, 8), (3, 6, 6), (3, 3, 3)]
    assert [layer.cell for layer in (seen, convolved, pooled, output)] == [
        "input", "kernel", "convolution or pool", "output",
    ]  # fmt: skip
    np.testing.assert_array_equal(convolved.kernels, model[0].W.numpy())
    np.testing.assert_allclose(pooled.value, model[:3].predict(IMAGE[None])[0], rtol=1e-6)
    assert output.weights is None  # its 27 inputs are no cells here
    for x in (IMAGE[None], Tensor(IMAGE), IMAGE.tolist()):  # a batch of one, and other arrays
        np.testing.assert_array_equal(layers(model, x)[1].value, convolved.value)


@pytest.mark.parametrize(
    ("kind", "cell"), [(nn.RNN, "recurrent"), (nn.LSTM, "memory"), (nn.GRU, "different memory")]
)  # fmt: skip
def test_recurrent_layers_are_one_layer_after_the_last_step(kind: Any, cell: str) -> None:
    model = nn.Sequential(kind(3, 5, rng=0), nn.Last(), nn.Dense(5, 2, rng=0))
    x = np.random.default_rng(0).normal(size=(7, 3))
    seen, memory, output = layers(model, x)
    assert (seen.rows, memory.cell, memory.mixes) == (7, cell, True)
    np.testing.assert_array_equal(seen.value, x[-1])
    np.testing.assert_allclose(memory.value, model[:2].predict(x[None])[0], rtol=1e-6)
    np.testing.assert_array_equal(output.weights, model[2].W.numpy())


def test_what_is_added_is_a_skip() -> None:
    model = nn.Sequential(
        nn.Dense(2, 4, rng=0), nn.Residual(nn.Dense(4, 4, "tanh", rng=0), nn.Dense(4, 4, rng=0)), nn.Dense(4, 1, rng=0)
    )
    _, first, inner, block, last = layers(model, np.ones(2))
    assert (first.skips, inner.skips, block.skips, last.skips) == ([], [], [1], [])
    np.testing.assert_allclose(block.value, model[:2].predict(np.ones((1, 2)))[0], rtol=1e-6)


def test_operations_between_layers_are_named() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            self.left, self.right, self.out = nn.Dense(2, 3, rng=0), nn.Dense(2, 3, rng=1), nn.Dense(6, 1, rng=2)

        def forward(self, x: Any) -> Any:
            return self.out(np.concatenate([self.left(x), self.right(x)], axis=-1))

    seen = layers(Twice(), np.ones(2))
    assert [(layer.title, layer.size) for layer in seen] == [
        ("input", 2), ("Dense", 3), ("Dense", 3), ("join", 6), ("Dense", 1),
    ]  # fmt: skip
    assert seen[3].sources == [2, 1]


def test_sequences_without_memory_are_one_map() -> None:
    model = nn.Sequential(nn.Embedding(10, 8, rng=0), nn.MultiHeadAttention(8, 2, rng=0), nn.Dense(8, 10, rng=0))
    assert [layer.value.shape for layer in layers(model, np.arange(6))[1:]] == [(1, 6, 8), (1, 6, 8), (1, 6, 10)]


def test_what_is_no_network_is_refused() -> None:
    model = nn.MLP(2, 1, rng=0)
    for args in ((), (np.ones(2), np.ones(2))):
        with pytest.raises(TypeError, match=rf"one sample: draw\(MLP, X\[0\]\), and not for {len(args)}"):
            draw(model, *args)
    with pytest.raises(ValueError, match="edges is one of weights, gradients, not 'values'"):
        draw(model, np.ones(2), edges="values")
    with pytest.raises(ValueError, match=r"a kind of cells is one of backfed input, input, .*not 'neuron'"):
        draw(model, np.ones(2), cells=["neuron", "output"])
    with pytest.raises(ValueError, match="1 for the 2 of this MLP, input, Dense"):
        draw(model, np.ones(2), cells=["input"])
    with pytest.raises(ValueError, match="the last axis must have size 2"):
        draw(model, np.ones(3))
    with pytest.raises(TypeError, match=r"draw takes a Value or a Tensor.*Sum"):
        draw(type("Sum", (), {})(), 1)
    with pytest.raises(TypeError, match="no network to draw: it gave 'ndarray'"):
        draw(type("Still", (nn.Module,), {"forward": lambda self, x: np.ones(1)})(), np.ones(2))
    for wrong in ((Value(1.0), 2), (nn.MLP, 2)):
        with pytest.raises(TypeError, match="draw takes a Value or a Tensor"):
            draw(*wrong)
    for empty in ([], np.ones((0, 2))):
        with pytest.raises(ValueError, match="draw takes one sample, and this one is empty"):
            draw(model, empty)


def test_a_product_of_constants_and_weights_is_no_wire() -> None:
    class Shifted(nn.Module):
        def __init__(self) -> None:
            self.W = nn.Parameter(np.ones((3, 2)))

        def forward(self, x: Any) -> Any:
            return x + np.ones((1, 3)) @ self.W

    _, output = layers(Shifted(), np.zeros(2))
    np.testing.assert_array_equal(output.value, [3, 3])
    assert output.weights is None


@pytest.mark.parametrize("edges", ["weights", "gradients"])
def test_a_module_of_products_has_a_layer_for_each(edges: str) -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            self.W, self.b = nn.Parameter(np.arange(8.0).reshape(4, 2) / 8), nn.Parameter(np.ones(2))

        def forward(self, x: Any) -> Any:
            return np.tanh(x @ self.W + self.b) @ self.W.T

    model, x = Tied(), np.ones(4)
    _, hidden, output = layers(model, x, edges=edges)
    W, b = model.W.numpy(), model.b.numpy()
    dW = grad(lambda W: np.sum(np.tanh(x @ W + b) @ W.T))(W.astype(float))
    shown = W if edges == "weights" else dW
    np.testing.assert_allclose(hidden.weights, shown, rtol=1e-6)  # type: ignore[arg-type]
    np.testing.assert_allclose(output.weights, shown.T, rtol=1e-6)  # type: ignore[arg-type]
    np.testing.assert_allclose(hidden.value, np.tanh(x @ W + b), rtol=1e-6)
    np.testing.assert_allclose(output.value, np.tanh(x @ W + b) @ W.T, rtol=1e-6)


def test_what_is_not_recorded_around_it_is_recorded_in_it() -> None:
    with no_grad():
        assert [layer.size for layer in layers(nn.MLP(2, 3, 1, rng=0), np.ones(2))] == [2, 3, 1]
    assert [layer.size for layer in layers(nn.scalar.MLP(2, [3], rng=0), [Value(1.0), 2])] == [2, 3]


def test_a_deep_network_is_named_shortly() -> None:
    assert repr(draw(nn.MLP(*[2] * 30, rng=0), np.ones(2))).count("Dense") == 9
