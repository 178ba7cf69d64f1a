"""Neuron and Perceptron: what they compute, Rosenblatt's rule, and what they refuse."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from arguments.modules import check_layer

import nn
from autograd import gradients

RNG = np.random.default_rng(19)
X = RNG.standard_normal((20, 3))


def test_a_neuron_is_the_activation_of_a_weighted_sum() -> None:
    neuron: Any = nn.Neuron(3, "sigmoid", rng=0, dtype=np.float64)
    neuron.b.assign(np.array(0.5))
    z = X @ neuron.w.numpy() + 0.5
    np.testing.assert_allclose(neuron(X).numpy(), 1 / (1 + np.exp(-z)), rtol=1e-13)
    assert neuron(X[0]).shape == ()
    assert [(name, p.shape) for name, p in neuron.named_parameters()] == [("w", (3,)), ("b", ())]


@pytest.mark.parametrize("activation", [None, "tanh"])
def test_gradients_of_a_neuron(activation: Any) -> None:
    check_layer(partial(nn.Neuron, 3, activation, rng=0), X)


def test_a_perceptron_answers_0_or_1() -> None:
    model: Any = nn.Perceptron(2)
    model.w.assign(np.array([1.0, -1.0]))
    np.testing.assert_array_equal(model([[2, 1], [1, 2], [1, 1]]).numpy(), [1, 0, 1])


def test_the_gradient_of_the_criterion_is_rosenblatts_rule() -> None:
    model: Any = nn.Perceptron(3, init="normal", rng=0, dtype=np.float64)
    y = RNG.integers(0, 2, 20)
    wrong = model(X).numpy() - y
    assert 0 < np.abs(wrong).sum() < 20
    loss = model.criterion(X, y)
    assert loss.item() == pytest.approx(np.mean(np.maximum(0, (1 - 2 * y) * model.score(X).numpy())), rel=1e-12)
    by_w, by_b = gradients(loss, [model.w, model.b])
    np.testing.assert_allclose(by_w, wrong @ X / 20, rtol=1e-12)
    np.testing.assert_allclose(by_b, wrong.mean(), rtol=1e-12)


def test_the_rule_moves_a_point_on_the_line_too() -> None:
    model = nn.Perceptron(2)  # all weights are 0, so every score is 0 and every answer 1
    assert model.learn([[1.0, 2.0]], [0]) == [1, 0]
    np.testing.assert_array_equal(model.w.numpy(), [-1, -2])
    assert model.b.item() == -1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_learns_every_function_that_a_line_can_separate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, line = rng.standard_normal((200, 3)), rng.standard_normal(3)
    score = points @ line + 0.3
    apart = np.abs(score) > 0.2
    points, y = points[apart], score[apart] > 0
    model = nn.Perceptron(3)
    mistakes = model.learn(points, y, epochs=500)
    assert mistakes[-1] == 0
    np.testing.assert_array_equal(model(points).numpy(), y)


def test_it_learns_and_and_or_but_never_xor() -> None:
    X, y = nn.data.xor()
    for labels in (X.min(axis=1), X.max(axis=1)):
        assert nn.Perceptron(2).learn(X, labels)[-1] == 0
    mistakes = nn.Perceptron(2).learn(X, y, epochs=30)
    assert len(mistakes) == 30
    assert min(mistakes) > 0


def test_it_learns_with_an_optimizer_too() -> None:
    X, _ = nn.data.xor()
    y = X.max(axis=1)
    model = nn.Perceptron(2)
    optimizer = nn.SGD(model.parameters(), lr=0.5)
    for _ in range(50):
        optimizer.zero_grad()
        model.criterion(X, y).backward()
        optimizer.step()
    np.testing.assert_array_equal(model(X).numpy(), y)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"Perceptron\(3\) got input of shape \(2, 4\): the last axis must have size 3"
    ):
        nn.Perceptron(3)(np.ones((2, 4)))
    with pytest.raises(ValueError, match=r"prediction has shape \(20,\) and the target \(20, 1\)"):
        nn.Perceptron(3).criterion(X, np.ones((20, 1)))
    with pytest.raises(ValueError, match="labels are 0 and 1"):
        nn.Perceptron(3).criterion(X, -np.ones(20))
    with pytest.raises(ValueError, match="learn: X has 20 samples and y 1: there must be one target for each"):
        nn.Perceptron(3).learn(X, [1])
    with pytest.raises(ValueError, match="Neuron: inputs must be at least 1, got 0"):
        nn.Neuron(0)


def test_they_show_inputs_and_activation() -> None:
    assert repr(nn.Perceptron(2)) == "Perceptron(2): 3 parameters, w (2,), b ()"
    assert repr(nn.Neuron(2, "tanh")) == "Neuron(2, tanh): 3 parameters, w (2,), b ()"


def test_the_perceptron_learns_from_labels_in_a_column_as_from_a_row() -> None:
    X, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 0, 1])
    row, column = nn.Perceptron(2), nn.Perceptron(2)
    assert row.learn(X, y) == column.learn(X, y[:, None])
    np.testing.assert_array_equal(row.w.data, column.w.data)
    np.testing.assert_array_equal(column(X).numpy(), y)
    for wrong in (np.stack([y, y], axis=1), y[:, None, None]):
        with pytest.raises(ValueError, match="y has shape"):
            nn.Perceptron(2).learn(X, wrong)


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize("labels", [[0, 0, 0, 1], [0, 1, 1, 1]])
def test_a_perceptron_in_fit_learns_by_its_criterion(compile: bool, labels: list[int]) -> None:
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float), np.array(labels)
    model = nn.Perceptron(2)
    history = nn.fit(
        model, X, y, loss="perceptron", optimizer=lambda p: nn.SGD(p, lr=1.0), epochs=20, batch_size=1,
        metrics="accuracy", validation=(X, y), rng=0, progress=False, compile=compile,
    )  # fmt: skip
    assert history["accuracy"][-1] == history["val_accuracy"][-1] == 1
    assert model.predict(X).tolist() == labels
    assert nn.evaluate(model, X, y, "perceptron", "accuracy") == {"loss": 0.0, "accuracy": 1.0}


def test_in_fit_it_moves_by_rosenblatts_rule() -> None:
    X, y = np.random.default_rng(0).standard_normal((8, 3)), np.arange(8) % 2
    model, w, b = nn.Perceptron(3, dtype=np.float64), np.zeros(3), 0.0
    nn.fit(
        model, X, y, loss="perceptron", optimizer=lambda p: nn.SGD(p, lr=0.5), epochs=2, batch_size=1,
        shuffle=False, progress=False,
    )  # fmt: skip
    for _ in range(2):
        for x, label in zip(X, y):
            miss = label - float(x @ w + b >= 0)
            w, b = w + 0.5 * miss * x, b + 0.5 * miss
    np.testing.assert_allclose(model.w.numpy(), w)
    np.testing.assert_allclose(model.b.numpy(), b)


@pytest.mark.parametrize("loss", ["mse", "bce", nn.hinge, lambda p, t: nn.mse(p, t)])
def test_other_losses_cannot_move_a_perceptron(loss: object) -> None:
    with pytest.raises(ValueError, match='loss="perceptron"'):
        nn.fit(nn.Perceptron(2), np.ones((2, 2)), np.array([0, 1]), loss=loss, epochs=1, progress=False)
