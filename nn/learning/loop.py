"""fit: the training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from numbers import Real
from operator import index
from typing import Any

import numpy as np

from ..data import Batches, batches_of
from ..init import Seed
from ..metrics import Metric
from ..module import Module
from ..optim.base import Optimizer
from ..optim.schedules import Schedule
from ..outputs import Classes
from ..predicting import modes_given_back
from ..saving import StrPath
from ..synonyms import refuse_keywords
from .arguments import is_own, learned_by, measures, model_given, name_given, optimizer_of, schedule_of
from .checkpoints import Checkpoint, checkpoint_of, resumed
from .diverging import DivergedError
from .epochs import Trainer
from .feeding import Given, known_length, parted
from .history import History
from .measuring import Loss
from .progress import Progress
from .run import Logs, Run
from .stopping import EarlyStopping, monitored, stopping_of
from .untouched import warn_of_twins


@dataclass
class Epoch:
    """What a callback gets at the end of an epoch.

    `number`, of `total`, counts from 1; `logs` are the numbers of this epoch by name, the last ones in `history`. A
    callback that sets `stop` to True ends the training with this epoch.
    """

    number: int
    total: int
    logs: Logs
    history: History
    model: Module
    optimizer: Optimizer
    stop: bool = False


def fit(
    model: Module,
    X: Any,
    y: Any = None,
    *,
    loss: str | Loss | Mapping[str, Any] | Sequence[Any],
    epochs: int,
    optimizer: str | Optimizer | Callable[[Any], Optimizer] = "adam",
    batch_size: int | None = None,
    shuffle: bool = True,
    drop_last: bool = False,
    validation: Any = None,
    loss_weights: Mapping[str, float] | Sequence[float] | None = None,
    metrics: str | Metric | Iterable[Any] | Mapping[str, Any] = (),
    classes: Classes | None = None,
    early_stopping: int | EarlyStopping | None = None,
    schedule: Schedule | Callable[[int], float] | None = None,
    clip_norm: float | None = None,
    callbacks: Callable[[Epoch], Any] | Iterable[Callable[[Epoch], Any]] = (),
    checkpoint: StrPath | Checkpoint | None = None,
    resume: bool = False,
    rng: Seed = None,
    progress: bool = True,
    compile: bool | None = None,
    **others: Any,
) -> History:
    """Train `model` on the samples `X` and the targets `y`; returns the losses and metrics of every epoch.

    * `X`, `y`: the samples and their targets along the first axis, by position: what nn.data.batches takes, arrays,
      tables of pandas, files, ...; a dict goes in as model(**x), a tuple of arrays as model(*x). Or without y batches,
      pairs (x, y): an iterable of them, or a function that makes one for each epoch; or a set of pairs with
      `__len__` and `__getitem__`.
    * `loss`: a function `loss(prediction, target)`, the mean over a batch; or its name: "mse", "cross_entropy", ...
      Of a model with several outputs, a dict or a tuple, as y is, one for each: the sum of them, each times its
      number in `loss_weights`, is trained, and `metrics` are given for each in the same way.
    * `epochs`: how often to go through all samples; `batch_size`: how many in one step, the last may have fewer;
      or with `drop_last` is left out; `shuffle`: whether in a new order each time.
    * `optimizer`: an Optimizer of the model's parameters; or a name, "adam"; or a function that makes one,
      `lambda parameters: nn.SGD(parameters, lr=0.1)`.
    * `validation`: a pair (X, y), or batches; or the part of the samples to hold out, chosen at random, such as 0.2.
    * `metrics`: names from nn.metrics, functions `metric(prediction, target)`, or a dict of functions by name.
    * `classes`: whether those of a target with an entry for each class exclude each other, "exclusive", or not,
      "independent"; by default the loss says it, or all targets of the first epoch do.
    * `early_stopping`: an EarlyStopping or its patience in epochs; at the end the model gets its best weights back.
    * `schedule`: a Schedule; or a function of the epoch, from 0, that gives a factor for the learning rate.
    * `clip_norm`: the largest norm of the gradients, as in clip_grad_norm.
    * `callbacks`: functions that are called with an Epoch at the end of every epoch.
    * `checkpoint`: a path, or a Checkpoint, to write the whole state of the run to at the end of every epoch;
      `resume=True` goes on from there, with the same arguments, equal bit for bit to a run that never stopped, or
      begins, if there is no file yet. `epochs` counts from the start of the run and may have grown, as may the patience
      of early stopping; the seed is the saved one; what else differs is refused. The callbacks' own state is not in it.
      Two runs at once on one path are refused, where the system has locks (not on Windows).
    * `rng`: a NumPy generator or a seed, for the order of the samples and the choice of those held out.
    * `progress`: whether to show a progress bar on stderr.
    * `compile`: whether a step runs as a program, see autograd.compile; by default if all layers, the loss and the
      optimizer are of this library. A model that cannot be compiled is trained without, and a warning says so.

    The history has "loss", the mean over the samples, and the metrics, both of the predictions made while training;
    with validation the same as "val_loss", ...; with a schedule the learning rate that the epoch ended with as "lr".
    For metrics the predictions of an epoch are kept in memory. Afterwards every layer is in the mode it was in before.
    A layer that is in evaluation mode in a model that is not, `model[1].eval()`, stays in it.

    Ctrl-C ends the training and returns what there is. Raises DivergedError, a FloatingPointError, as soon as the loss
    is NaN or inf, naming the epoch, the batch and the layer that it came from; SavedModelError for a checkpoint that
    is damaged or of another run.
    """
    refuse_keywords("fit", others)
    model_given(model)
    size = 32 if batch_size is None else batch_size
    if index(epochs) < 1 or index(size) < 1:
        raise ValueError(f"fit: epochs and batch_size must be at least 1, got {epochs} and {size}")
    file = checkpoint_of(checkpoint, resume)
    with file.held() if file else nullcontext():
        saved = resumed(file, progress) if file and resume else None
        rng = np.random.default_rng(rng)
        part = None if validation is None or not isinstance(validation, Real) else float(validation)
        split = saved.get("split") if saved is not None else None if part is None else int(rng.integers(2**62))

        def make(data: Any, n: int) -> Batches:
            return batches_of("fit", data, n, size, shuffle, rng, drop_last)

        def make_held(data: Any, n: int) -> Batches:
            return batches_of("fit", data, n, size, shuffle=False, rng=None, drop_last=False)

        train, held_out = parted(X, y, validation, split, epochs, make, make_held)
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
            shuffle=shuffle, loss=name_given(function), metrics=list(measured), clip_norm=clip_norm,
        )  # fmt: skip
        if file and file.best:
            monitored(file.best, names)
        if saved is None:
            warn_of_twins(model)
        run.begin(saved)
        history, calls = run.history, [callbacks] if callable(callbacks) else list(callbacks)
        compiled = is_own(model, function, optimizer) if compile is None else compile

        with Progress(progress, epochs, known_length(train), history.epochs) as bar, modes_given_back(model):
            trainer = Trainer(run, function, measured, clip_norm, compiled, bar.batch, of_input, classes)
            try:
                while run.goes_on(epochs):
                    epoch = Epoch(history.epochs + 1, epochs, {}, history, model, optimizer)
                    bar.epoch(epoch.number)
                    epoch.logs |= trainer.train(train)
                    if held_out is not None:
                        epoch.logs |= trainer.evaluate(held_out)
                    run.record(epoch.logs)
                    bar.show(epoch.logs)
                    for call in calls:
                        call(epoch)
                    run.decide(epoch.stop)
                    if file:
                        file.keep_best(model, history)
                    if file and (epoch.number % file.every == 0 or not run.goes_on(epochs)):
                        file.save(run.state_dict())
            except KeyboardInterrupt:
                history.stopped = "interrupt"
            except DivergedError:
                history.stopped = "diverged"
                if stopping:
                    stopping.restore(model)
                raise
        if stopping:
            stopping.restore(model)
        return history
