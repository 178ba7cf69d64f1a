"""Several outputs: a loss and metrics for each."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest

import nn
from nn.metrics import accuracy

RNG = np.random.default_rng(4)
X = RNG.standard_normal((50, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3
LABELS = (Y[:, 0] > 0).astype(int)
DICT, TUPLE = {"value": Y, "kind": LABELS}, (Y, LABELS)


class Two(nn.Module):
    """A value and two logits."""

    def __init__(self, gives: Any) -> None:
        self.value, self.kind = nn.Dense(3, 1, rng=0, dtype=np.float64), nn.Dense(3, 2, rng=1, dtype=np.float64)
        self.gives = gives

    def forward(self, x: Any) -> Any:
        outputs = {"value": self.value(x), "kind": self.kind(x)}
        return outputs if self.gives is dict else self.gives(outputs.values())


def fitted(gives: Any, y: Any, **options: Any) -> tuple[Two, nn.History]:
    model = Two(gives)
    options = {"epochs": 3, "batch_size": 16, "rng": 0, "progress": False, "validation": (X, y)} | options
    return model, nn.fit(model, X, y, **options)


def alone(layer: str, y: Any, loss: Any, lr: float, **options: Any) -> tuple[Any, nn.History]:
    """The same head, trained for itself."""
    model = getattr(Two(dict), layer)
    options = {"epochs": 3, "batch_size": 16, "rng": 0, "progress": False, "validation": (X, y)} | options
    return model, nn.fit(model, X, y, loss=loss, optimizer=lambda p: nn.SGD(p, lr=lr), **options)


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize("gives", [dict, tuple, list])
def test_each_output_is_trained_by_its_loss_and_measured_by_its_metrics(gives: Any, compile: bool) -> None:
    y, keys = (DICT, ["value", "kind"]) if gives is dict else (TUPLE, [0, 1])
    losses, weights, metrics = ["mse", nn.cross_entropy], [1.0, 0.5], [["r2", "mae"], "accuracy"]
    given = [dict(zip(keys, x)) if gives is dict else tuple(x) for x in (losses, weights, metrics)]
    model, history = fitted(
        gives, y, loss=given[0], loss_weights=given[1], metrics=given[2], compile=compile,
        optimizer=lambda p: nn.SGD(p, lr=0.1),
    )  # fmt: skip
    value, values = alone("value", Y, "mse", 0.1, metrics=["r2", "mae"])
    kind, kinds = alone("kind", LABELS, "cross_entropy", 0.05, metrics="accuracy")
    np.testing.assert_allclose(model.value.W.numpy(), value.W.numpy(), rtol=1e-9)
    np.testing.assert_allclose(model.kind.W.numpy(), kind.W.numpy(), rtol=1e-9)
    first, second = keys
    expected = {}
    for val in ("", "val_"):
        expected[f"{val}loss"] = np.add(values[f"{val}loss"], 0.5 * np.array(kinds[f"{val}loss"]))
        expected |= {f"{val}{first}_{name}": values[f"{val}{name}"] for name in ("r2", "mae")}
        expected[f"{val}{second}_accuracy"] = kinds[f"{val}accuracy"]
        expected |= {f"{val}{first}_loss": values[f"{val}loss"], f"{val}{second}_loss": kinds[f"{val}loss"]}
    assert set(history) == set(expected)
    for name, column in expected.items():
        np.testing.assert_allclose(history[name], column, rtol=1e-9, err_msg=name)


def test_the_numbers_are_of_the_whole_set_whatever_the_batches() -> None:
    """A sum, and a weighted mean."""
    weight = np.array([1.0, 9.0])
    loss = {"value": nn.rss, "kind": partial(nn.cross_entropy, weight=weight)}
    options: dict[str, Any] = {"loss": loss, "epochs": 1, "optimizer": lambda p: nn.SGD(p, lr=0.0)}
    model, one = fitted(dict, DICT, batch_size=50, **options)
    found = model(X)
    expected = nn.rss(found["value"], Y).item() + nn.cross_entropy(found["kind"], LABELS, weight=weight).item()
    for size in (50, 16, 7, 1):
        _, other = fitted(dict, DICT, batch_size=size, **options)
        assert list(other) == list(one)
        for name in ("loss", "val_loss"):
            assert other[name][0] == pytest.approx(expected, rel=1e-12)
        assert other["value_loss"][0] == pytest.approx(nn.rss(found["value"], Y).item(), rel=1e-12)


def test_one_metric_for_all_and_what_the_loss_says_of_each() -> None:
    """The output of one head is a logit, that of the other a probability: each is cut where its loss says."""

    class Heads(nn.Module):
        def __init__(self) -> None:
            self.dense = nn.Dense(3, 1, rng=0, dtype=np.float64)

        def forward(self, x: Any) -> Any:
            logit = self.dense(x)
            return {"logit": logit, "probability": nn.sigmoid(logit)}

    y = {"logit": LABELS[:, None], "probability": LABELS[:, None]}
    model = Heads()
    history = nn.fit(
        model, X, y, loss={"logit": "bce_with_logits", "probability": "bce"}, metrics="accuracy", epochs=1,
        optimizer=lambda p: nn.SGD(p, lr=0.0), progress=False,
    )  # fmt: skip
    expected = accuracy(model(X)["logit"], LABELS[:, None], threshold=0.0)
    assert history["logit_accuracy"] == history["probability_accuracy"] == [expected]


def own(prediction: Any, target: Any) -> Any:
    """A loss that declares nothing."""
    return np.mean((prediction - target) ** 2)


ONES = (np.random.default_rng(5).random((50, 3)) < 0.4) * 1.0  # each row may hold several ones
EXCLUSIVE = np.eye(3)[np.arange(50) % 3]
HEADS: dict[str, tuple[Any, Any, Any]] = {  # what an output goes through, its loss, its targets
    "sigmoid with a loss of one's own": (nn.sigmoid, own, LABELS[:, None] * 1.0),
    "logsigmoid": (nn.logsigmoid, own, LABELS[:, None] * 1.0),
    "logits": (nn.linear, nn.bce_with_logits, LABELS[:, None] * 1.0),
    "a loss of one's own that calls one of nn": (
        nn.linear, lambda p, t: 2 * nn.bce_with_logits(p, t), LABELS[:, None] * 1.0,
    ),
    "several labels at once": (nn.sigmoid, own, ONES),
    "one of three": (nn.softmax, own, EXCLUSIVE),
    "labels": (nn.linear, nn.cross_entropy, LABELS),
}  # fmt: skip


class Heads(nn.Module):
    """A fixed output for each of these, or for a single one."""

    def __init__(self, names: Any, kind: Any = None) -> None:
        self.kind, self.names = kind, names
        widths = {"labels": 2}
        self.layers = [
            nn.Dense(3, widths.get(name, HEADS[name][2].shape[-1]), rng=i, dtype=np.float64)
            for i, name in enumerate(HEADS) if name in names
        ]  # fmt: skip

    def forward(self, x: Any) -> Any:
        found = [HEADS[name][0](layer(x)) for name, layer in zip(self.names, self.layers)]
        return found[0] if self.kind is None else dict(zip(self.names, found)) if self.kind is dict else tuple(found)


@pytest.mark.parametrize("kind", [dict, tuple])
@pytest.mark.parametrize("compile", [False, True])
def test_a_metric_knows_of_each_output_what_it_would_know_of_that_alone(kind: Any, compile: bool) -> None:
    options: dict[str, Any] = {
        "metrics": "accuracy", "epochs": 2, "optimizer": lambda p: nn.SGD(p, lr=0.0), "progress": False,
        "compile": compile, "rng": 0, "batch_size": 20,
    }  # fmt: skip

    def shaped(parts: list[Any]) -> Any:
        return dict(zip(HEADS, parts)) if kind is dict else tuple(parts)

    losses, y = shaped([head[1] for head in HEADS.values()]), shaped([head[2] for head in HEADS.values()])
    model = Heads(list(HEADS), kind)
    history = nn.fit(model, X, y, loss=losses, validation=(X, y), **options)
    found = nn.evaluate(model, X, y, loss=losses, metrics="accuracy")
    for i, (name, (_, loss, target)) in enumerate(HEADS.items()):
        alone = nn.fit(Heads([name]), X, target, loss=loss, validation=(X, target), **options)
        key = name if kind is dict else i
        assert history[f"{key}_accuracy"] == alone["accuracy"], name
        assert history[f"val_{key}_accuracy"] == alone["val_accuracy"], name
        assert found[f"{key}_accuracy"] == alone["val_accuracy"][0], name


def test_the_kind_of_classes_holds_for_each_output() -> None:
    model, options = Heads(["several labels at once", "one of three"], dict), {"metrics": "accuracy", "epochs": 1}
    y = {"several labels at once": EXCLUSIVE, "one of three": EXCLUSIVE}
    losses = dict.fromkeys(y, own)
    found = {
        classes: nn.fit(model, X, y, loss=losses, classes=classes, progress=False, optimizer=still, **options)
        for classes in ("exclusive", "independent")
    }
    output = model(X)
    for name in y:
        for classes, history in found.items():
            assert history[f"{name}_accuracy"][0] == accuracy(output[name], EXCLUSIVE, classes=classes)
        assert found["exclusive"][f"{name}_accuracy"] != found["independent"][f"{name}_accuracy"]


def still(parameters: Any) -> nn.Optimizer:
    """It changes nothing."""
    return nn.SGD(parameters, lr=0.0)


def test_several_outputs_can_be_monitored_and_resumed(tmp_path: Any) -> None:
    loss = {"value": "mse", "kind": "cross_entropy"}
    options: dict[str, Any] = {
        "loss": loss,
        "metrics": {"kind": "accuracy"},
        "checkpoint": tmp_path / "run.safetensors",
    }
    stopping = nn.EarlyStopping(2, monitor="val_kind_accuracy", mode="max")
    assert fitted(dict, DICT, early_stopping=stopping, **options)[1].epochs == 3
    (tmp_path / "run.safetensors").unlink()
    fitted(dict, DICT, **options)
    resumed, history = fitted(dict, DICT, resume=True, **options | {"epochs": 5})
    straight, expected = fitted(dict, DICT, **options | {"epochs": 5})
    assert history.to_dict() == expected.to_dict()
    np.testing.assert_array_equal(resumed.kind.W.numpy(), straight.kind.W.numpy())
    with pytest.raises(nn.SavedModelError, match=r"loss was 'value: 1 mse, .*' and is 'value: 2 mse"):
        fitted(dict, DICT, resume=True, loss_weights={"value": 2.0}, **options)


def test_own_losses_of_each_output_are_compiled_unasked() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted(dict, DICT, loss={"value": "mse", "kind": "cross_entropy"})


BOTH = {"value": "mse", "kind": "cross_entropy"}
REFUSED: list[tuple[Any, Any, dict[str, Any], str]] = [
    (
        dict,
        DICT,
        {"loss": {"value": "mse"}},
        "one loss for each of the outputs 'value', and the model gives a dict of 'v",
    ),
    (dict, TUPLE, {"loss": BOTH}, "targets y are a tuple of 0, 1: a dict with just these is needed"),
    (tuple, DICT, {"loss": BOTH}, "the model gives a tuple of 0, 1: a dict with just these is needed"),
    (tuple, TUPLE, {"loss": ["mse"]}, "outputs 0, and the model gives a tuple of 0, 1: a tuple with just these"),
    (dict, Y, {"loss": BOTH}, "targets y are a ndarray: a dict"),
    (dict, DICT, {"loss": BOTH | {"kind": "mseee"}}, "no loss 'mseee'"),
    (dict, DICT, {"loss": {}}, "loss= is empty"),
    (dict, DICT, {"loss": BOTH, "metrics": {"knd": "accuracy"}}, "metrics= is for the outputs .*'value', 'kind'"),
    (dict, DICT, {"loss": BOTH, "loss_weights": {"knd": 1.0}}, "loss_weights= is for the outputs .*'value', 'kind'"),
    (dict, DICT, {"loss": BOTH, "loss_weights": [1.0, 2.0]}, "loss_weights= is for the outputs .*'value', 'kind'"),
    (dict, DICT, {"loss": "mse", "loss_weights": [1.0]}, "loss_weights= is for several outputs"),
]


@pytest.mark.parametrize(("gives", "y", "options", "words"), REFUSED)
def test_refusals(gives: Any, y: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        fitted(gives, y, **options)
