"""What a run leaves alone: layers in evaluation mode, parameters without an optimizer, layers that begin alike."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn.learning.loop import Epoch

RNG = np.random.default_rng(8)
X = RNG.standard_normal((20, 3))
Y = RNG.standard_normal((20, 2))


def a_model() -> nn.Sequential:
    rng = np.random.default_rng(0)
    return nn.Sequential(nn.Dense(3, 4, rng=rng), nn.BatchNorm1d(4), nn.Dropout(0.5, rng), nn.Dense(4, 2, rng=rng))


def fit(model: nn.Module, optimizer: Any = "adam", **options: Any) -> Any:
    return nn.fit(model, X, Y, loss="mse", optimizer=optimizer, epochs=3, progress=False, rng=0, **options)


def told(call: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(w.message) for w in caught]


# --- layers at rest -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compile", [True, False])
def test_a_layer_in_evaluation_mode_stays_in_it(compile: bool) -> None:
    model = a_model()
    model[1].running_mean = np.full(4, 0.5)
    model[1].eval()
    modes: list[list[bool]] = []
    fit(model, validation=0.2, compile=compile, callbacks=lambda epoch: modes.append([m.training for m in model]))
    np.testing.assert_array_equal(model[1].running_mean.data, [0.5] * 4)
    np.testing.assert_array_equal(model[1].running_var.data, [1] * 4)
    assert not np.array_equal(model[0].W.data, a_model()[0].W.data)
    assert [m.training for m in model] == [True, False, True, True]


def test_a_model_in_evaluation_mode_is_trained_as_a_whole() -> None:
    model = a_model().eval()
    fit(model)
    assert model[1].running_mean.data.any()
    assert not model.training


# --- parameters without an optimizer ------------------------------------------------------------------------------


def replaced(model: nn.Sequential) -> nn.Optimizer:
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    model[3] = nn.Dense(4, 2, rng=7)
    return optimizer


@pytest.mark.parametrize("compile", [True, False])
def test_a_layer_that_was_replaced_after_the_optimizer_was_made_is_named_once(compile: bool) -> None:
    model = a_model()
    optimizer = replaced(model)
    messages = told(lambda: fit(model, optimizer, compile=compile))
    assert messages == [
        "fit: 3.W, 3.b will not be trained: the optimizer was made before the model had them. Make the optimizer after "
        "the last layer was set"
    ]


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize("place", ["item", "list"])
def test_a_layer_that_a_callback_replaces_is_named(compile: bool, place: str) -> None:
    class Listed(nn.Module):
        def __init__(self) -> None:
            self.layers = list(a_model())

        def forward(self, x: Any) -> Any:
            for layer in self.layers:
                x = layer(x)
            return x

    model: Any = a_model() if place == "item" else Listed()

    def replace(epoch: Epoch) -> None:
        if epoch.number == 1:
            (model if place == "item" else model.layers)[3] = nn.Dense(4, 2, rng=7)

    messages = told(lambda: fit(model, compile=compile, callbacks=replace))
    assert len(messages) == 1
    assert "3.W" in messages[0]
    assert "3.b will not be trained" in messages[0]


def test_an_optimizer_of_some_of_the_parameters_is_a_choice() -> None:
    model = a_model()
    assert told(lambda: fit(model, nn.SGD(model[3].parameters(), lr=0.1))) == []


def test_frozen_parameters_need_no_optimizer() -> None:
    model = a_model()
    optimizer = replaced(model)
    for p in model[3].parameters():
        p.requires_grad = False
    assert not [message for message in told(lambda: fit(model, optimizer)) if message.startswith("fit:")]


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize("groups", [True, False])
def test_a_step_by_hand_names_a_parameter_that_was_replaced_once(compile: bool, groups: bool) -> None:
    model = a_model()
    parameters: Any = [{"params": model[0].parameters()}, {"params": model[3].parameters()}]
    optimizer = nn.SGD(parameters if groups else model.parameters(), lr=0.1)

    def step() -> Any:
        loss = nn.mse(model(X), Y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    run: Any = autograd.compile(step) if compile else step
    assert told(run) == []
    model[3] = nn.Dense(4, 2, rng=7)
    messages = told(lambda: [run() for _ in range(3)])
    assert [message[:56] for message in messages] == [
        "SGD: 3.W is no longer in its module, where another took ",
        "SGD: 3.b is no longer in its module, where another took ",
    ]


def test_a_parameter_that_is_moved_or_comes_back_is_not_replaced() -> None:
    model = a_model()
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    layer = model[3]
    model[3] = nn.Dense(4, 2, rng=7)
    model[3] = layer
    del model[2]
    model.insert(0, nn.Linear())
    for p in layer.parameters():
        p.requires_grad = False  # it gets no gradient
    nn.mse(model(X), Y).backward()
    assert told(optimizer.step) == []


# --- layers that begin alike --------------------------------------------------------------------------------------


def test_layers_that_begin_alike_are_named() -> None:
    model = nn.Sequential(nn.Dense(3, 3, rng=0), nn.Tanh(), nn.Dense(3, 3, rng=0), nn.Dense(3, 2, rng=0))
    assert told(lambda: fit(model)) == [
        "fit: 0.W and 2.W begin with the same numbers, as of layers made with the same seed: pass one generator to all "
        "of them, rng = np.random.default_rng(0)"
    ]


def test_constants_shared_and_frozen_parameters_may_be_alike() -> None:
    frozen, twin, shared = nn.Dense(3, 3, rng=0), nn.Dense(3, 3, rng=0), nn.Dense(3, 3, rng=1)
    for p in frozen.parameters():
        p.requires_grad = False
    model = nn.Sequential(frozen, twin, shared, shared, nn.LayerNorm(3), nn.LayerNorm(3), nn.Dense(3, 2, rng=2))
    assert told(lambda: fit(model)) == []
