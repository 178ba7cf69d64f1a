"""One epoch of training, and one pass of evaluation: what `fit` repeats."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import Tensor, no_grad

from .checkpoints import Run
from .clipping import clip_grad_norm
from .data import batches
from .metrics import Metric
from .module import Array
from .nonfinite import DivergedError, blame, finite

Loss = Callable[[Any, Any], Tensor]
Logs = dict[str, float]
HINT = " (a smaller learning rate, or clip_norm=, may help)"


@dataclass
class Trainer:
    """What an epoch needs to know, the same for all epochs. `progress` is called with the loss of every batch."""

    run: Run
    loss: Loss
    metrics: Mapping[str, Metric]
    batch_size: int
    shuffle: bool
    clip_norm: float | None
    progress: Callable[[float], None]

    def train(self, X: Any, y: Any) -> Logs:
        """One step for every batch; the mean loss over the samples, and the metrics of the predictions as they were."""
        model, optimizer, schedule = self.run.model, self.run.optimizer, self.run.schedule
        model.train()
        measured = Measured(self.metrics)
        for number, (x, target) in enumerate(batches(X, y, self.batch_size, self.shuffle, self.run.rng), start=1):
            with np.errstate(all="ignore"):  # what is not finite is found below, and named
                optimizer.zero_grad()
                prediction = model(x)
                loss = one_number(self.loss(prediction, target))
                value = loss.item()
                if not math.isfinite(value):
                    layer, text = blame(model, x)
                    raise self.diverged(f"the loss is {value}", number, layer, text)
                loss.backward()
                if self.clip_norm is not None:
                    try:
                        clip_grad_norm(optimizer.params, self.clip_norm)
                    except FloatingPointError as error:
                        raise self.diverged("a gradient", number, None, str(error)) from error
                optimizer.step()
            if schedule is not None and schedule.every == "batch":
                schedule.step()
            measured.add(value, prediction, target)
            self.progress(value)
        for parameter in optimizer.params:  # no next loss would tell of the last step
            if not finite(parameter):
                name = parameter.name or f"one of shape {parameter.shape}"
                layer = name.rpartition(".")[0]
                raise self.diverged("a parameter", number, layer, f"{name} holds NaN or inf after the last step")
        return measured.logs()

    def diverged(self, what: str, batch: int, layer: str | None, text: str) -> DivergedError:
        """The error that says what became NaN or inf, and where."""
        epoch = self.run.history.epochs + 1
        message = f"training diverged in epoch {epoch}, batch {batch}: {what}: {text}{HINT}"
        return DivergedError(message, epoch, batch, layer, self.run.history)

    def evaluate(self, X: Any, y: Any) -> Logs:
        """The mean loss over the samples, and the metrics, in evaluation mode; nothing changes."""
        model = self.run.model.eval()
        measured = Measured(self.metrics)
        with no_grad(), np.errstate(all="ignore"):
            for x, target in batches(X, y, self.batch_size, shuffle=False):
                prediction = model(x)
                measured.add(one_number(self.loss(prediction, target)).item(), prediction, target)
        return measured.logs()


class Measured:
    """The losses of the batches of an epoch, and for the metrics all predictions and targets."""

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        self.metrics = metrics
        self.total = 0.0
        self.samples = 0
        self.predictions: list[Array] = []
        self.targets: list[Array] = []

    def add(self, loss: float, prediction: Any, target: Any) -> None:
        """Count a batch, by its samples: the last one may be smaller."""
        self.total += loss * len(target)
        self.samples += len(target)
        if self.metrics:
            if not isinstance(prediction, Tensor):
                raise TypeError(f"metrics need a model that gives a Tensor, and this one gives {type(prediction)}")
            self.predictions.append(prediction.numpy())
            self.targets.append(np.asarray(target))

    def logs(self) -> Logs:
        """The numbers of the epoch by name."""
        logs = {"loss": self.total / self.samples}
        if self.metrics:
            prediction, target = np.concatenate(self.predictions), np.concatenate(self.targets)
            for name, metric in self.metrics.items():
                value = metric(prediction, target)
                if np.size(value) != 1:
                    raise ValueError(f"a metric is one number for each epoch, and {name} gives shape {np.shape(value)}")
                logs[name] = float(value)
        return logs


def one_number(loss: Any) -> Tensor:
    """The loss, if it can be differentiated as it is."""
    if not isinstance(loss, Tensor):
        raise TypeError(f"a loss is a Tensor, computed from the prediction, and this one is a {type(loss).__name__}")
    if loss.size != 1:
        raise ValueError(f'a loss is one number for the batch (reduction="mean"), and this one has shape {loss.shape}')
    return loss
