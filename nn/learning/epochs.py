"""One epoch of training, and one pass of evaluation: what `fit` repeats."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd import Tensor, anew, compile, depends_on, no_grad

from ..data import batches
from ..metrics import Metric
from ..module import Array, Module
from ..optim.clipping import clip_grad_norm
from .diverging import DivergedError, all_finite, blame
from .run import Logs, Run

Loss = Callable[[Any, Any], Tensor]
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
    compile: bool
    progress: Callable[[float], None]
    batch: int = 0  # which batch of the epoch it is, from 1

    def __post_init__(self) -> None:
        self.compiled = compile(self.step, backend="numpy") if self.compile else None

    def step(self, x: Any, target: Any) -> tuple[Tensor, Any]:
        """One step with one batch: the loss, and if there are metrics the prediction."""
        model, optimizer = self.run.model, self.run.optimizer
        depends_on({"loss": self.loss, "model": model, "optimizer": optimizer})
        optimizer.zero_grad()
        prediction = model(x)
        loss = one_number(self.loss(prediction, target))
        anew(self.check_loss, loss.numpy(), x)
        loss.backward()
        if self.clip_norm is not None:
            clip_grad_norm(optimizer.params, self.clip_norm)
        optimizer.step()
        return loss, prediction if self.metrics else None

    def check_loss(self, loss: Any, x: Any) -> None:
        """Raise a DivergedError for a loss that is not finite, before anything has changed."""
        if not np.isfinite(loss).all():
            layer, text = blame(self.run.model, x)
            raise self.diverged(f"the loss is {float(loss)}", layer, text)

    def take(self, x: Any, target: Any) -> tuple[Tensor, Any]:
        """A step, by the compiled program if there is one."""
        if self.compiled is None:
            return self.step(x, target)
        try:
            call: Callable[[], tuple[Tensor, Any]] = self.compiled.prepare(x, target)
        except Exception as error:  # of whatever kind: if the step itself is wrong, it says so below
            self.compiled = None
            made = self.step(x, target)
            warnings.warn(f"fit does not compile this model: {error}", RuntimeWarning, stacklevel=4)
            return made
        return call()

    def train(self, X: Any, y: Any) -> Logs:
        """One step for every batch; the mean loss over the samples, and the metrics of the predictions as they were."""
        optimizer, schedule = self.run.optimizer, self.run.schedule
        self.run.model.train()
        measured = Measured(self.metrics)
        for number, (x, target) in enumerate(batches(X, y, self.batch_size, self.shuffle, self.run.rng), start=1):
            self.batch = number
            with np.errstate(all="ignore"):  # what is not finite is found, and named
                try:
                    loss, prediction = self.take(x, target)
                except FloatingPointError as error:
                    if isinstance(error, DivergedError):
                        raise
                    raise self.diverged("a gradient", None, str(error)) from error
            value = loss.item()
            if schedule is not None and schedule.every == "batch":
                schedule.step()
            measured.add(value, prediction, target)
            self.progress(value)
        for parameter in optimizer.params:  # no next loss would tell of the last step
            if not all_finite(parameter):
                name = parameter.name or f"one of shape {parameter.shape}"
                layer = name.rpartition(".")[0]
                raise self.diverged("a parameter", layer, f"{name} holds NaN or inf after the last step")
        return measured.logs()

    def diverged(self, what: str, layer: str | None, text: str) -> DivergedError:
        """The error that says what became NaN or inf, and where."""
        epoch = self.run.history.epochs + 1
        message = f"training diverged in epoch {epoch}, batch {self.batch}: {what}: {text}{HINT}"
        return DivergedError(message, epoch, self.batch, layer, self.run.history)

    def evaluate(self, X: Any, y: Any) -> Logs:
        """The mean loss over the samples, and the metrics, in evaluation mode, as "val_loss", ...; nothing changes."""
        model = self.run.model.eval()
        measured = Measured(self.metrics)
        with no_grad(), np.errstate(all="ignore"):
            for x, target in batches(X, y, self.batch_size, shuffle=False):
                prediction = model(x)
                measured.add(one_number(self.loss(prediction, target)).item(), prediction, target)
        return {f"val_{name}": value for name, value in measured.logs().items()}


@contextmanager
def modes_given_back(model: Module) -> Iterator[None]:
    """Inside, layers may be switched between training and evaluation; afterwards each is as it was."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


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
