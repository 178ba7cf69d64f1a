"""Networks of Values: what they compute, their names, their gradients, and that they learn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value
from nn.layers.activations import ACTIVATIONS
from nn.scalar import MLP, Layer, Neuron


def test_a_neuron_is_an_activation_of_a_weighted_sum() -> None:
    neuron = Neuron(2, activation="tanh", rng=0)
    for p, number in zip(neuron.parameters(), (0.5, -1.0, 0.25)):
        p.data = number
    assert neuron([3.0, 2.0]).data == pytest.approx(math.tanh(3 * 0.5 - 2 + 0.25), rel=1e-15)


def test_its_gradients_are_those_of_the_course() -> None:
    neuron = Neuron(2, activation="sigmoid", rng=0)
    x = [Value(0.7), Value(-1.3)]
    y = neuron(x)
    y.backward()
    slope = y.data * (1 - y.data)
    assert neuron.b.grad == pytest.approx(slope, rel=1e-14)
    for j in range(2):
        assert neuron.w[j].grad == pytest.approx(slope * x[j].data, rel=1e-14)
        assert x[j].grad == pytest.approx(slope * neuron.w[j].data, rel=1e-14)


def test_names() -> None:
    assert [p.name for p in Neuron(2).parameters()] == ["w[0]", "w[1]", "b"]
    assert [p.name for p in Layer(2, 2).parameters()] == ["w[0,0]", "w[1,0]", "b[0]", "w[0,1]", "w[1,1]", "b[1]"]
    assert [p.name for p in MLP(1, [2, 1]).parameters()] == [
        "0.w[0,0]", "0.b[0]", "0.w[0,1]", "0.b[1]", "1.w[0,0]", "1.w[1,0]", "1.b[0]",
    ]  # fmt: skip


def test_one_value_per_weight_that_begins_in_minus_one_to_one() -> None:
    parameters = MLP(2, [16, 16, 1], rng=0).parameters()
    assert len({id(p) for p in parameters}) == (2 + 1) * 16 + (16 + 1) * 16 + 17
    weights = [p.data for p in parameters if "w" in str(p.name)]
    assert -1 <= min(weights) < -0.9
    assert 0.9 < max(weights) <= 1
    assert {p.data for p in parameters if "b" in str(p.name)} == {0.0}


def test_one_output_is_a_value_and_several_are_a_list() -> None:
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)
    outputs = MLP(2, [3, 2])([1.0, 2.0])
    assert [type(output) for output in outputs] == [Value, Value]


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS.keys() - {"softmax", "log_softmax"}))
def test_the_same_network_of_tensors_gives_the_same_numbers_and_gradients(activation: str) -> None:
    scalar = MLP(2, [3, 4, 1], activation=activation, rng=0)
    model = nn.MLP(2, 3, 4, 1, activation=activation, dtype=np.float64)
    for ours, dense in zip(scalar.layers, model):
        dense.W.data = [[neuron.w[j].data for neuron in ours.neurons] for j in range(dense.W.shape[0])]
    x = [0.3, -1.2]
    y, Y = scalar(x), model([x])
    assert y.data == pytest.approx(Y.item(), rel=1e-13)
    y.backward()
    Y.backward()
    for ours, dense in zip(scalar.layers, model):
        for i, neuron in enumerate(ours.neurons):
            assert neuron.b.grad == pytest.approx(dense.b.grad[i], rel=1e-12, abs=1e-16)
            for j, w in enumerate(neuron.w):
                assert w.grad == pytest.approx(dense.W.grad[j, i], rel=1e-12, abs=1e-16)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_xor_is_learned(seed: int) -> None:
    X, y = nn.data.xor()
    model = MLP(2, [4, 1], rng=seed)
    for _ in range(150):
        loss: Any = sum((model(x) - target) ** 2 for x, target in zip(X.tolist(), y.tolist()))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
    assert [round(model(x).data) for x in X.tolist()] == y.tolist()


def test_seeds() -> None:
    a, b, c = (MLP(2, [3, 1], rng=rng) for rng in (0, np.random.default_rng(0), 1))
    assert [p.data for p in a.parameters()] == [p.data for p in b.parameters()]
    assert [p.data for p in a.parameters()] != [p.data for p in c.parameters()]


@pytest.mark.parametrize("model", [Neuron(2), Layer(2, 3), MLP(2, [3, 1])])
def test_zero_grad(model: Neuron | Layer | MLP) -> None:
    outputs = model([1.0, 2.0])
    total: Any = sum(outputs) if isinstance(outputs, list) else outputs
    total.backward()
    assert any(p.grad != 0 for p in model.parameters())
    model.zero_grad()
    assert all(p.grad == 0 for p in model.parameters())


def test_repr() -> None:
    assert repr(Neuron(2)) == "Neuron(2, tanh)"
    assert repr(MLP(2, [16, 1], "relu")) == "MLP of Layer(2, 16, relu), Layer(16, 1), 65 parameters"


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Neuron\(2, tanh\) got 3 numbers: it needs one for each of its 2 inputs"):
        Neuron(2)([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="at least one input, got 0"):
        Neuron(0)
    with pytest.raises(ValueError, match="at least one unit, got 0"):
        Layer(2, 0)
    with pytest.raises(ValueError, match="an MLP needs the sizes of its layers"):
        MLP(2, [])
    with pytest.raises(ValueError, match="there is no activation 'than': did you mean 'tanh'"):
        Neuron(2, "than")
