"""What may differ when a run goes on, what is refused, where checkpoints are kept, and the best model."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from nn.learning.checkpoints import Checkpoint
from nn.saving import SavedModelError

X = np.random.default_rng(0).standard_normal((20, 2))
Y = X[:, :1] * 0.5


def train(path: Any, epochs: int = 2, model: Any = None, **options: Any) -> tuple[nn.Module, nn.History]:
    model = model or nn.Sequential(
        nn.Dense(2, 4, rng=0), nn.Dropout(options.pop("dropout", 0.1), rng=0), nn.Dense(4, 1, rng=0)
    )
    options = {"loss": "mse", "rng": 0, "progress": False, "checkpoint": path} | options
    return model, nn.fit(model, X, Y, epochs=epochs, **options)


# fmt: off
SCHEDULES: dict[str, Callable[[float], nn.Schedule]] = {
    "MultiStepLR": lambda x: nn.MultiStepLR([3, 4], x),
    "CosineAnnealingWarmRestarts": lambda x: nn.CosineAnnealingWarmRestarts(5, eta_min=x),
    "StepLR": lambda x: nn.StepLR(2, x),
    "ExponentialLR": lambda x: nn.ExponentialLR(x),
    "CosineAnnealingLR": lambda x: nn.CosineAnnealingLR(10, x),
    "LinearLR": lambda x: nn.LinearLR(x),
    "OneCycleLR": lambda x: nn.OneCycleLR(x, 50),
    "SequentialLR": lambda x: nn.SequentialLR([nn.LinearLR(x), nn.ExponentialLR(0.5)], [3]),
    "ReduceLROnPlateau": lambda x: nn.ReduceLROnPlateau(factor=x),
}
# fmt: on


@pytest.mark.parametrize("kind", SCHEDULES)
def test_another_schedule_is_refused_with_both_values_and_the_same_goes_on(tmp_path: Path, kind: str) -> None:
    train(tmp_path / "run", schedule=SCHEDULES[kind](0.5))
    with pytest.raises(SavedModelError, match=r"schedule's \w+ was .*0\.5.* and is .*0\.25") as caught:
        train(tmp_path / "run", 4, resume=True, schedule=SCHEDULES[kind](0.25))
    if kind == "OneCycleLR":
        assert "max_lr was 0.5 and is 0.25" in str(caught.value)
    _, history = train(tmp_path / "run", 4, resume=True, schedule=SCHEDULES[kind](0.5))
    assert history.epochs == 4


def test_every_schedule_is_in_this_table() -> None:
    assert {*SCHEDULES, "LambdaLR"} == {
        kind.__name__ for kind in nn.Schedule.__subclasses__() if kind.__module__.startswith("nn.")
    }


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ({"schedule": nn.CosineAnnealingLR(10)}, {"schedule": nn.CosineAnnealingLR(20)}, "T_max was 10 and is 20"),
        ({}, {"optimizer": lambda p: nn.Adam(p, lr=0.5)}, "optimizer's lr was 0.001 and is 0.5"),
        ({}, {"optimizer": lambda p: nn.Adam(p, eps=1e-3)}, "optimizer's eps was 1e-08 and is 0.001"),
        (
            {"optimizer": lambda p: nn.SGD([{"params": p, "momentum": 0.5}], lr=0.1)},
            {"optimizer": lambda p: nn.SGD([{"params": p, "momentum": 0.25}], lr=0.1)},
            "group 0's momentum was 0.5 and is 0.25",
        ),
        (
            {"early_stopping": nn.EarlyStopping(5)},
            {"early_stopping": nn.EarlyStopping(5, min_delta=0.1)},
            "min_delta was 0.0",
        ),
        ({}, {"dropout": 0.5}, r"(?s)the model was.*0.1.*and is.*0.5"),
    ],
)
def test_what_differs_and_matters_is_refused(tmp_path: Path, first: Any, second: Any, words: str) -> None:
    train(tmp_path / "run", **first)
    content = (tmp_path / "run").read_bytes()
    with pytest.raises(SavedModelError, match=words):
        train(tmp_path / "run", 4, resume=True, **second)
    assert (tmp_path / "run").read_bytes() == content


@pytest.mark.parametrize("second", [{"rng": 5}, {"early_stopping": 9}, {"compile": False}, {"callbacks": [print]}])
def test_what_may_differ(tmp_path: Path, second: Any, capsys: Any) -> None:
    train(tmp_path / "run", early_stopping=5)
    _, history = train(tmp_path / "run", 4, resume=True, **{"early_stopping": 5} | second)
    assert history.epochs == 4


def test_an_optimizer_and_a_schedule_that_are_still_there_go_on(tmp_path: Path) -> None:
    expected, _ = train(tmp_path / "whole", 6, schedule=nn.ExponentialLR(0.5))
    model, _ = train(None, 1)
    model = nn.Sequential(nn.Dense(2, 4, rng=0), nn.Dropout(0.1, rng=0), nn.Dense(4, 1, rng=0))
    optimizer = nn.Adam(model.parameters())
    for epochs, schedule in ((2, nn.ExponentialLR(0.5)), (6, nn.ExponentialLR(0.5))):  # whose rate has fallen by then
        train(tmp_path / "run", epochs, model, optimizer=optimizer, schedule=schedule, resume=epochs == 6)
    for name, array in expected.state_dict().items():
        np.testing.assert_array_equal(model.state_dict()[name], array)


def test_a_checkpoint_of_before_these_settings_goes_on(tmp_path: Path) -> None:
    train(tmp_path / "run", optimizer="adam")
    file = Checkpoint(tmp_path / "run")
    tree = file.load()
    tree["settings"] = {name: value for name, value in tree["settings"].items() if "'s " not in name}
    del tree["architecture"]
    file.save(tree)
    assert train(tmp_path / "run", 4, resume=True, optimizer=lambda p: nn.Adam(p, lr=0.5))[1].epochs == 4


# --- where --------------------------------------------------------------------------------------------------------


def never(*args: Any) -> Any:
    raise AssertionError("an epoch began")


def test_where_nothing_can_be_written_no_epoch_begins(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no checkpoint can be written to .*: there is no directory .*no/such"):
        train(tmp_path / "no" / "such" / "run", loss=never)
    with pytest.raises(IsADirectoryError, match="is a directory: name a file in it"):
        train(tmp_path, loss=never)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="for root nothing is read-only")
def test_a_read_only_directory_is_found_before_the_first_epoch(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            train(tmp_path / "run", loss=never)
    finally:
        tmp_path.chmod(0o700)


def test_resuming_without_a_file_begins_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, history = train(tmp_path / "run", resume=True, progress=True)
    assert history.epochs == 2
    assert "fit: there is no run in" in capsys.readouterr().err
    train(tmp_path / "run", 3, resume=True, progress=True)
    assert "no run in" not in capsys.readouterr().err


# --- the best epoch -----------------------------------------------------------------------------------------------


def test_the_best_model_is_kept_for_load(tmp_path: Path) -> None:
    values = iter([3.0, 1.0, float("nan"), 2.0, 1.0, 4.0])
    models: list[Any] = []
    file = nn.Checkpoint(tmp_path / "run.safetensors", best="val_score", mode="min")
    assert file.best_path == tmp_path / "run.best.safetensors"
    options: dict[str, Any] = {
        "metrics": {"score": lambda p, t: next(values) if len(t) == 7 else 0.0},
        "validation": (X[:7], Y[:7]),
        "callbacks": lambda epoch: models.append(epoch.model.state_dict()),
    }
    train(file, 3, **options)
    train(file, 6, resume=True, **options)
    best = nn.load(nn.Sequential(nn.Dense(2, 4), nn.Dropout(0.1), nn.Dense(4, 1)), file.best_path)
    for name, array in best.state_dict().items():
        np.testing.assert_array_equal(array, models[1][name])


def test_a_name_that_is_not_measured_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no 'val_loss' to monitor"):
        train(nn.Checkpoint(tmp_path / "run", best="val_loss"), loss=nn.mse, callbacks=never)
    with pytest.raises(ValueError, match='mode="max" or mode="min"'):
        nn.Checkpoint("run", best="score")
    with pytest.raises(TypeError, match='such as "val_loss", not True'):
        nn.Checkpoint("run", best=True)  # type: ignore[arg-type]


def powered(exponent: float) -> Any:
    return lambda p, t: np.mean(abs(p - t) ** exponent)


LOSSES: list[tuple[Any, Any]] = [  # of one name, and not the same
    (powered(2.0), powered(4.0)),
    (lambda p, t: np.mean((p - t) ** 2), lambda p, t: np.mean(2 * (p - t) ** 2)),
    (partial(nn.huber, delta=1.0), partial(nn.huber, delta=0.1)),
]


@pytest.mark.parametrize(("first", "other"), LOSSES)
def test_another_loss_of_the_same_name_is_refused(first: Any, other: Any, tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(8, 2))

    def run(loss: Any, epochs: int) -> nn.History:
        return nn.fit(
            nn.Dense(2, 1, rng=0), X, X[:, :1], loss=loss, epochs=epochs, checkpoint=tmp_path / "run.safetensors",
            resume=True, rng=0, progress=False,
        )  # fmt: skip

    run(first, 1)
    with pytest.raises(nn.SavedModelError, match="loss_code was"):
        run(other, 2)
    assert run(first, 2).epochs == 2
