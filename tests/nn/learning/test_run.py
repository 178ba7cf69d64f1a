"""A run: what an epoch changes, in which order, and why it ends. Its way through a checkpoint: see test_checkpoints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from nn.learning.run import Run
from nn.learning.stopping import EarlyStopping
from nn.optim.schedules import ExponentialLR, ReduceLROnPlateau


def a_run(schedule: Any = None, stopping: EarlyStopping | None = None, names: tuple[str, ...] = ("loss",)) -> Run:
    model = nn.Dense(1, 1, rng=0)
    run = Run(model, nn.SGD(model.parameters(), lr=1.0), schedule, stopping, np.random.default_rng(0), None, names)
    run.begin(None)
    return run


def test_an_epoch_is_recorded_with_the_rate_that_it_had() -> None:
    run = a_run(ExponentialLR(0.5))
    for loss in (3.0, 2.0):
        run.record({"loss": loss})
    assert run.history.to_dict() == {"loss": [3.0, 2.0], "lr": [1.0, 0.5]}
    assert run.optimizer.lr == 0.25


def test_a_schedule_that_counts_batches_is_left_alone() -> None:
    run = a_run(ExponentialLR(0.5, every="batch"))
    run.record({"loss": 3.0})
    assert run.optimizer.lr == 1.0


def test_what_is_watched_is_the_validation_where_there_is_one() -> None:
    run = a_run(ReduceLROnPlateau(factor=0.5, patience=0), EarlyStopping(9), names=("loss", "val_loss"))
    for loss, val_loss in ((3.0, 1.0), (2.0, 1.5)):
        run.record({"loss": loss, "val_loss": val_loss})
    assert run.optimizer.lr == 0.5
    assert run.stopping is not None
    assert (run.stopping.best, run.stopping.waited) == (1.0, 1)
    assert run.history.best["epoch"] == 1


@pytest.mark.parametrize(
    ("worse", "stop", "epochs", "goes_on", "why"),
    [
        (0, False, 9, True, "epochs"),
        (0, False, 1, False, "epochs"),
        (0, True, 9, False, "callback"),
        (1, False, 9, False, "early stopping"),
        (1, True, 9, False, "callback"),
    ],
)
def test_why_it_ends(worse: int, stop: bool, epochs: int, goes_on: bool, why: str) -> None:
    run = a_run(stopping=EarlyStopping(1))
    for loss in (1.0, 2.0)[: 1 + worse]:
        run.record({"loss": loss})
    run.decide(stop)
    assert (run.goes_on(epochs), run.history.stopped) == (goes_on, why)
