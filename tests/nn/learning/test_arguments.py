"""The arguments of fit: what may be given, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import signature
from typing import Any

import numpy as np
import pytest

import nn
from nn import losses, optim
from nn.learning.arguments import LOSSES, OPTIMIZERS, optimizer_of
from nn.learning.loop import fit
from nn.learning.stopping import EarlyStopping
from nn.metrics import accuracy, confusion_matrix, f1
from nn.optim.base import Optimizer
from nn.optim.schedules import ReduceLROnPlateau

RNG = np.random.default_rng(4)
X = RNG.standard_normal((50, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3
CLASSES = (Y[:, 0] > 0).astype(int)
quiet = partial(fit, progress=False)


def a_model(seed: int = 0, **options: Any) -> nn.Dense:
    return nn.Dense(3, 1, rng=seed, dtype=np.float64, **options)


def sgd(lr: float) -> Callable[[Any], nn.Optimizer]:
    return lambda parameters: nn.SGD(parameters, lr=lr)


def test_an_optimizer_goes_in_itself_as_a_function_or_by_name() -> None:
    given: list[Any] = [lambda p: nn.Adam(p), nn.Adam, "adam", "Adam"]
    losses = [quiet(a_model(), X, Y, loss="mse", optimizer=one, epochs=2, rng=0)["loss"] for one in given]
    model = a_model()
    losses.append(quiet(model, X, Y, loss="mse", optimizer=nn.Adam(model.parameters()), epochs=2, rng=0)["loss"])
    assert losses == [losses[0]] * 5


def test_metrics_by_name_function_and_partial() -> None:
    metrics: list[Any] = ["accuracy", f1, partial(nn.metrics.precision, average="macro")]
    history = quiet(nn.Dense(3, 2, rng=0), X, CLASSES, loss="cross_entropy", epochs=1, metrics=metrics)
    assert list(history) == ["loss", "accuracy", "f1", "precision"]


def test_every_optimizer_goes_by_name() -> None:
    kinds = [kind for kind in vars(optim).values() if isinstance(kind, type) and issubclass(kind, Optimizer)]
    assert set(OPTIMIZERS.values()) == set(kinds) - {Optimizer}
    model = a_model()
    made = {name: optimizer_of(model, name) for name in OPTIMIZERS if name != "sgd"}  # which needs a rate
    assert {name: type(optimizer).__name__.lower() for name, optimizer in made.items()} == {name: name for name in made}


def test_every_loss_goes_by_name() -> None:
    there = {
        name: loss for name, loss in vars(losses).items()
        if getattr(loss, "__module__", "") == losses.__name__ and "reduction" in signature(loss).parameters
    }  # fmt: skip
    assert there == LOSSES


def test_losses_are_metrics_too() -> None:
    history = quiet(a_model(), X, Y, loss="mse", optimizer=sgd(0.0), epochs=1, batch_size=50, metrics=[nn.mse, "mae"])
    assert history["mse"] == pytest.approx(history["loss"], rel=1e-14)
    assert history["mae"][0] == pytest.approx(np.abs(a_model()(X).numpy() - Y).mean())


def test_after_a_loss_of_probabilities_classes_are_cut_at_a_half() -> None:
    targets = CLASSES[:, None]
    logits, probabilities = a_model(), a_model(activation="sigmoid")
    options: dict[str, Any] = {"optimizer": sgd(0.0), "epochs": 1, "metrics": ["accuracy", f1]}
    expected = quiet(logits, X, targets, loss="bce_with_logits", **options)
    found = quiet(probabilities, X, targets, loss="bce", **options)
    assert found["accuracy"] == expected["accuracy"] == [accuracy(logits(X), targets, threshold=0)]
    assert found["f1"] == expected["f1"]
    assert 0 < found["accuracy"][0] < 1


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"loss": "msee"}, ValueError, "no loss 'msee': did you mean 'mse'"),
        ({"epochs": 0}, ValueError, "epochs and batch_size must be at least 1, got 0 and 32"),
        ({"batch_size": 0}, ValueError, "got 1 and 0"),
        ({"epochs": 1.5}, TypeError, "integer"),
        ({"optimizer": "adm"}, ValueError, "no optimizer 'adm': did you mean 'adam'"),
        ({"optimizer": "sgd"}, TypeError, "lr"),
        ({"optimizer": 3}, TypeError, "optimizer is an Optimizer, a name, or a function that makes one, .*not 3"),
        ({"optimizer": nn.Adam(a_model().parameters())}, ValueError, "none of the model's parameters"),
        ({"metrics": "acuracy"}, ValueError, "did you mean 'accuracy'"),
        ({"metrics": ["r2", "r2"]}, ValueError, "cannot be called 'r2'"),
        ({"metrics": {"loss": accuracy}}, ValueError, "cannot be called 'loss'"),
        ({"metrics": {"val_x": accuracy}}, ValueError, "cannot be called 'val_x'"),
        ({"metrics": confusion_matrix, "y": CLASSES[:, None]}, ValueError, r"confusion_matrix gives shape \(2, 2\)"),
        ({"validation": 1.0}, ValueError, "leaves 50 for it"),
        ({"validation": 0.001}, ValueError, "leaves 0 for it"),
        ({"validation": (X, Y[:-1])}, ValueError, "validation: X has 50 samples and y 49"),
        ({"y": Y[:-1]}, ValueError, "X has 50 samples and y 49"),
        ({"X": X[:0], "y": Y[:0]}, ValueError, "there are no samples"),
        ({"early_stopping": EarlyStopping(3, "val_loss")}, ValueError, "no 'val_loss' to monitor"),
        ({"schedule": ReduceLROnPlateau(monitor="accuracy")}, ValueError, "no 'accuracy' to monitor"),
        ({"resume": True}, ValueError, "say from which, checkpoint=path"),
        ({"loss": lambda p, t: nn.mse(p, t, reduction="none")}, ValueError, r"one number for the batch .* \(32, 1\)"),
        ({"loss": lambda p, t: 1.0}, TypeError, "a loss is a Tensor"),
        ({"clip_norm": -1.0}, ValueError, "fit: clip_norm must be above 0"),
    ],
)  # fmt: skip
def test_refusals(options: dict[str, Any], kind: type[Exception], words: str) -> None:
    model = a_model()
    before = model.W.numpy()
    with pytest.raises(kind, match=words):
        quiet(model, **({"X": X, "y": Y, "loss": "mse", "epochs": 1} | options))
    if "confusion" not in words:
        np.testing.assert_array_equal(model.W.numpy(), before)
