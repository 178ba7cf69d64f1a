"""fit compiles its steps where nothing but the library's own code runs in them, and says where it cannot."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn.learning.arguments import is_own, of_library

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Dense(2, 16, activation="relu", rng=0),
        nn.BatchNorm1d(16),
        nn.Dropout(0.2, rng=1),
        nn.Dense(16, 2, rng=2),
    )


def fitted(compile: bool | None, model: Any = None, **options: Any) -> tuple[Any, nn.History]:
    model = model or network()
    options = {"loss": "cross_entropy", "epochs": 8, "batch_size": 16, "rng": 3, "progress": False} | options
    return model, nn.fit(model, X, Y, compile=compile, **options)


def assert_same(one: Any, other: Any) -> None:
    """The same training, to the digits that rounding in another order leaves after it."""
    (model, history), (expected, expected_history) = one, other
    for name, array in expected.state_dict().items():
        np.testing.assert_allclose(model.state_dict()[name], array, rtol=1e-4, atol=1e-6, err_msg=name)
    for name in expected_history:
        np.testing.assert_allclose(history[name], expected_history[name], rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
def test_training_is_the_same(optimizer: str) -> None:
    """Dropout draws, running means follow, the rate falls, and the last batch of each epoch has 2 samples."""
    makers: dict[str, Callable[..., nn.Optimizer]] = {
        "sgd": lambda p: nn.SGD(p, lr=0.1, momentum=0.9), "adam": lambda p: nn.Adam(p, lr=0.01),
        "rmsprop": nn.RMSProp,
    }  # fmt: skip
    options: dict[str, Any] = {"schedule": lambda epoch: 0.8**epoch, "metrics": "accuracy", "clip_norm": 1.0}
    one, other = (fitted(how, optimizer=makers[optimizer], validation=0.2, **options) for how in (True, False))
    assert_same(one, other)


def test_own_layers_are_compiled_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    original = nn.learning.epochs.compile

    def seen(*args: Any, **kwargs: Any) -> Any:
        calls.append(kwargs)
        return original(*args, **kwargs)

    monkeypatch.setattr(nn.learning.epochs, "compile", seen)
    fitted(None)
    assert calls == [{"backend": "numpy"}]
    fitted(None, loss=lambda z, y: nn.cross_entropy(z, y))
    fitted(False)
    assert len(calls) == 1


class Noisy(nn.Module):
    """What a program would not do in each step: it counts."""

    def __init__(self) -> None:
        self.calls = [0]
        self.inner = nn.Dense(2, 2, rng=0)

    def forward(self, x: Any) -> Any:
        self.calls[0] += 1
        return self.inner(x)


def test_code_of_the_users_runs_each_time_unless_he_says_otherwise() -> None:
    model, _ = fitted(None, Noisy())
    assert model.calls == [8 * 4]
    with pytest.warns(RuntimeWarning, match=r"fit does not compile this model: a list is changed.*from \[0\] to \[1\]"):
        model, _ = fitted(True, Noisy())
    assert model.calls == [8 * 4]


class Branching(nn.Module):
    """A layer that looks at its numbers."""

    def __init__(self) -> None:
        self.inner = nn.Dense(2, 2, rng=0)

    def forward(self, x: Any) -> Any:
        y = self.inner(x)
        return y if (y > 0).any() else -y


def test_where_it_cannot_compile_it_goes_on_and_says_so_once() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        one = fitted(True, Branching())
    assert len(seen) == 1
    assert issubclass(seen[0].category, RuntimeWarning)
    assert "a branch on the truth of" in str(seen[0].message)
    assert Path(__file__).name in str(seen[0].message)
    other = fitted(False, Branching())
    for name, array in other[0].state_dict().items():
        np.testing.assert_array_equal(one[0].state_dict()[name], array)


def test_errors_are_those_of_the_step_itself() -> None:
    with pytest.raises(ValueError, match="labels from 0 to 2 for 2 classes"):
        nn.fit(network(), X, np.arange(50) % 3, loss="cross_entropy", epochs=1, progress=False, compile=True)


def test_divergence_is_found_before_anything_changes() -> None:
    model = nn.MLP(2, 4, 2, activation="relu", rng=0)
    before = model.state_dict()
    bad = X.copy()
    bad[40:, 0] = np.inf
    with pytest.raises(nn.DivergedError, match="the input holds NaN or inf") as caught:
        nn.fit(model, bad, Y, loss="cross_entropy", epochs=1, batch_size=50, progress=False, compile=True)
    assert (caught.value.epoch, caught.value.batch) == (1, 1)
    for name, array in before.items():
        np.testing.assert_array_equal(model.state_dict()[name], array)


@pytest.mark.parametrize(
    ("function", "own"),
    [
        (nn.relu, True), (autograd.sigmoid, True), (np.tanh, True), (nn.cross_entropy, True), (nn.Dense, True),
        (lambda x: x, False), (fitted, False), (Noisy, False),
    ],
)  # fmt: skip
def test_what_is_of_the_library(function: Any, own: bool) -> None:
    assert of_library(function) is own


def test_hooks_and_activations_of_the_users_count() -> None:
    model = nn.MLP(2, 4, 2, rng=0)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    assert is_own(model, nn.cross_entropy, optimizer)
    remove = model.parameters()[0].register_hook(lambda g: None)
    assert not is_own(model, nn.cross_entropy, optimizer)
    remove()
    assert is_own(model, nn.cross_entropy, optimizer)
    assert not is_own(nn.MLP(2, 4, 2, activation=lambda x: x * x), nn.cross_entropy, optimizer)
