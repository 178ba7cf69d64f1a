"""What `fit` does before its first epoch: from its arguments the batches, the run, and what an epoch needs to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ..checks import integer
from ..data import Batches, batches_of
from ..init import Seed
from ..metrics import Metric
from ..module import Module
from ..optim.base import Optimizer
from ..optim.clipping import positive
from ..optim.schedules import Schedule
from ..outputs import Classes
from ..parallel import Team
from .arguments import fingerprint, is_own, learned_by, measures, name_given, optimizer_of, schedule_of
from .checkpoints import Checkpoint
from .chunked import ChunkedTrainer, begin_equal
from .epochs import Trainer
from .feeding import Given, parted
from .measuring import Loss
from .run import Run
from .stopping import EarlyStopping, monitored, stopping_of
from .untouched import warn_of_twins
from .weighing import Weights


def silent(loss: float) -> None:
    """No progress is shown."""


class Prepared(NamedTuple):
    """What an epoch goes through, for training and for validation, and what does it."""

    train: Batches | Given
    held_out: Batches | Given | None
    trainer: Trainer
    run: Run


def prepare(
    model: Module,
    X: Any,
    y: Any,
    weights: Weights,
    validation: Any,
    loss: str | Loss | Mapping[str, Any] | Sequence[Any],
    loss_weights: Mapping[str, float] | Sequence[float] | None,
    metrics: str | Metric | Iterable[Any] | Mapping[str, Any],
    classes: Classes | None,
    optimizer: str | Optimizer | Callable[[Any], Optimizer],
    schedule: Schedule | Callable[[int], float] | None,
    early_stopping: int | EarlyStopping | None,
    clip_norm: float | None,
    epochs: int,
    batch_size: int | None,
    shuffle: bool,
    drop_last: bool,
    file: Checkpoint | None,
    saved: Mapping[str, Any] | None,
    rng: Seed,
    compile: bool | None,
    team: Team,
    chunked: bool,
) -> Prepared:
    """Look at all that `fit` was given, before anything changes; then begin the run, or go on where it was `saved`."""
    size = 32 if batch_size is None else batch_size
    if integer("fit: epochs", epochs) < 1 or integer("fit: batch_size", size) < 1:
        raise ValueError(f"fit: epochs and batch_size must be at least 1, got {epochs} and {size}")
    if clip_norm is not None:
        positive("fit", "clip_norm", clip_norm)
    rng = np.random.default_rng(rng)
    rng.bit_generator.state = team.from_rank(0, rng.bit_generator.state)
    part = None if validation is None or not isinstance(validation, Real) else float(validation)
    split = saved.get("split") if saved is not None else None if part is None else int(rng.integers(2**62))

    def make(data: Any, n: int) -> Batches:
        return batches_of("fit", data, n, size, shuffle, rng, drop_last)

    def make_held(data: Any, n: int) -> Batches:
        return batches_of("fit", data, n, size, shuffle=False, rng=None, drop_last=False)

    train, held_out = parted(X, y, weights, validation, split, epochs, make, make_held)
    if isinstance(train, Given) and (batch_size is not None or drop_last):
        raise ValueError(
            "fit: batch_size and drop_last are for samples, and X is an iterable of batches: leave them out"
        )
    function, measured = measures(loss, loss_weights, metrics)
    function, of_input = learned_by(model, function)
    optimizer = optimizer_of(model, optimizer)
    stopping = stopping_of(early_stopping)
    schedule = schedule_of(schedule, epochs)
    names = ["loss", *measured]
    names += [f"val_{name}" for name in names] if held_out is not None else []
    run = Run(
        model, optimizer, schedule, stopping, rng, split, names, samples=train.samples,
        validation=part if part or held_out is None else f"{held_out.samples} samples", batch_size=size,
        shuffle=shuffle, loss=name_given(function), metrics=list(measured),
        loss_code=fingerprint(function), clip_norm=clip_norm, chunks=team.chunks if chunked else None,
        **weights.settings(),
    )  # fmt: skip
    if file and file.best:
        monitored(file.best, names)
    if saved is None:
        warn_of_twins(model, stacklevel=4)
    run.begin(saved)
    begin_equal(run, team)
    own = is_own(model, function, optimizer) if compile is None else compile
    trainer: Trainer
    if chunked:
        trainer = ChunkedTrainer(run, function, measured, clip_norm, own, silent, of_input, classes, team=team)
    else:
        trainer = Trainer(run, function, measured, clip_norm, own, silent, of_input, classes)
    return Prepared(train, held_out, trainer, run)
