"""fit: the training loop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np
from tqdm import tqdm

from ..init import Seed
from ..metrics import Metric
from ..module import Module
from ..optim.base import Optimizer
from ..optim.schedules import LambdaLR, ReduceLROnPlateau, Schedule
from ..saving import StrPath
from .arguments import is_own, loss_function, metrics_by_name, name_of, optimizer_of, parted
from .checkpoints import Checkpoint, Run
from .epochs import Logs, Loss, Trainer
from .history import History
from .stopping import EarlyStopping, monitored


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
    y: Any,
    *,
    loss: str | Loss,
    epochs: int,
    optimizer: str | Optimizer | Callable[[Any], Optimizer] = "adam",
    batch_size: int = 32,
    shuffle: bool = True,
    validation: float | Sequence[Any] | None = None,
    metrics: str | Metric | Iterable[str | Metric] | Mapping[str, Metric] = (),
    early_stopping: int | EarlyStopping | None = None,
    schedule: Schedule | Callable[[int], float] | None = None,
    clip_norm: float | None = None,
    callbacks: Callable[[Epoch], Any] | Iterable[Callable[[Epoch], Any]] = (),
    checkpoint: StrPath | Checkpoint | None = None,
    resume: bool = False,
    rng: Seed = None,
    progress: bool = True,
    compile: bool | None = None,
) -> History:
    """Train `model` on the samples `X` and the targets `y`; returns the losses and metrics of every epoch.

    * `X`, `y`: the samples and their targets along the first axis: arrays, memory-mapped ones, or any sequences.
    * `loss`: a function `loss(prediction, target)`, the mean over a batch; or its name: "mse", "cross_entropy", ...
    * `epochs`: how often to go through all samples; `batch_size`: how many in one step, the last may have fewer;
      `shuffle`: whether in a new order each time.
    * `optimizer`: an Optimizer of the model's parameters; or a name, "adam"; or a function that makes one,
      `lambda parameters: nn.SGD(parameters, lr=0.1)`.
    * `validation`: a pair (X, y); or the part of the samples to hold out, chosen at random, such as 0.2.
    * `metrics`: names from nn.metrics, functions `metric(prediction, target)`, or a dict of functions by name.
    * `early_stopping`: an EarlyStopping or its patience in epochs; at the end the model gets its best weights back.
    * `schedule`: a Schedule; or a function of the epoch, from 0, that gives a factor for the learning rate.
    * `clip_norm`: the largest norm of the gradients, as in clip_grad_norm.
    * `callbacks`: functions that are called with an Epoch at the end of every epoch.
    * `checkpoint`: a path, or a Checkpoint, to write the whole state of the run to at the end of every epoch;
      `resume=True` goes on from there, with the same arguments, equal bit for bit to a run that never stopped.
      `epochs` counts from the start of the run and may have grown. The callbacks' own state is not in it.
    * `rng`: a NumPy generator or a seed, for the order of the samples and the choice of those held out.
    * `progress`: whether to show a progress bar on stderr.
    * `compile`: whether a step runs as a program, see autograd.compile; by default if all layers, the loss and the
      optimizer are of this library. A model that cannot be compiled is trained without, and a warning says so.

    The history has "loss", the mean over the samples, and the metrics, both of the predictions made while training;
    with validation the same as "val_loss", ...; with a schedule the learning rate that the epoch ended with as "lr".
    For metrics the predictions of an epoch are kept in memory. Afterwards every layer is in the mode it was in before.

    Ctrl-C ends the training and returns what there is. Raises DivergedError, a FloatingPointError, as soon as the loss
    is NaN or inf, naming the epoch, the batch and the layer that it came from; SavedModelError for a checkpoint that
    is damaged or of another run.
    """
    if index(epochs) < 1 or index(batch_size) < 1:
        raise ValueError(f"fit: epochs and batch_size must be at least 1, got {epochs} and {batch_size}")
    file = checkpoint if isinstance(checkpoint, Checkpoint) or checkpoint is None else Checkpoint(checkpoint)
    if resume and file is None:
        raise ValueError("fit: resume=True goes on from a checkpoint: say from which, checkpoint=path")
    saved = file.load() if resume and file else None

    rng = np.random.default_rng(rng)
    part = validation if isinstance(validation, (int, float)) else None
    split = saved.get("split") if saved else None if part is None else int(rng.integers(2**62))
    (X, y), held_out = parted(X, y, validation, split)
    loss = loss_function(loss)
    measured = metrics_by_name(metrics, loss)
    names = ["loss", *measured]
    names += [f"val_{name}" for name in names] if held_out else []

    optimizer = optimizer_of(model, optimizer)
    stopping = EarlyStopping(early_stopping) if isinstance(early_stopping, int) else early_stopping
    schedule = schedule if isinstance(schedule, Schedule) or schedule is None else LambdaLR(schedule)
    watched = monitored(stopping.monitor if stopping else None, names)
    plateau = monitored(schedule.monitor if isinstance(schedule, ReduceLROnPlateau) else None, names)
    history = History(monitor=watched, mode=stopping.mode if stopping else "min")
    settings = {
        "samples": len(X),
        "validation": part if part or not held_out else f"{len(held_out[0])} samples",
        "batch_size": batch_size,
        "shuffle": shuffle,
        "loss": name_of(loss),
        "metrics": list(measured),
        "optimizer": type(optimizer).__name__,
        "schedule": type(schedule).__name__,
        "early_stopping": watched if stopping else None,
        "clip_norm": clip_norm,
        "rng": type(rng.bit_generator).__name__,
    }
    run = Run(model, optimizer, schedule, stopping, history, rng, split, settings)
    if stopping:
        stopping.reset()
    if saved is not None:
        run.load_state_dict(saved)
    elif schedule:
        schedule.attach(optimizer)

    calls = [callbacks] if callable(callbacks) else list(callbacks)
    modes = [(module, module.training) for module in model.modules()]
    going = not (stopping and stopping.done)  # a run that goes on may have ended already
    history.stopped = "epochs" if going else "early stopping"
    steps = math.ceil(len(X) / batch_size)
    bar = tqdm(total=epochs * steps, initial=history.epochs * steps, unit="batch", disable=not progress)

    def advance(loss: float) -> None:
        if bar.update():  # it has just been drawn: the next time it shows this loss
            bar.set_postfix(loss=f"{loss:.4g}", refresh=False)

    compiled = is_own(model, loss, optimizer) if compile is None else compile
    trainer = Trainer(run, loss, measured, batch_size, shuffle, clip_norm, compiled, advance)
    try:
        while going and history.epochs < epochs:
            number = history.epochs + 1
            bar.set_description(f"epoch {number}/{epochs}", refresh=False)
            logs = trainer.train(X, y)
            if held_out:
                logs |= {f"val_{name}": value for name, value in trainer.evaluate(*held_out).items()}
            if schedule:
                logs["lr"] = optimizer.lr
            history.record(logs)
            bar.set_postfix({name: f"{value:.4g}" for name, value in logs.items()}, refresh=False)
            if schedule and schedule.every == "epoch":
                schedule.step(logs[plateau])
            if stopping:
                stopping.update(logs[watched], model)
            epoch = Epoch(number, epochs, logs, history, model, optimizer)
            for call in calls:
                call(epoch)
            going = not (epoch.stop or (stopping and stopping.done))
            if not going:
                history.stopped = "callback" if epoch.stop else "early stopping"
            if file and (not going or number == epochs or number % file.every == 0):
                file.save(run.state_dict())
    except KeyboardInterrupt:
        history.stopped = "interrupt"
    finally:
        bar.close()
        for module, mode in modes:
            module.training = mode
    if stopping:
        stopping.restore(model)
    return history
