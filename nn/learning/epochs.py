"""One epoch of training, and one pass of evaluation: what `fit` repeats."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograd import Tensor, anew, compile, depends_on, enable_grad, no_grad

from ..metrics import Metric
from ..module import Module
from ..optim.clipping import clip_grad_norm
from ..outputs import Classes, Meanings, meaning_of, outputs
from ..samples import applied
from .diverging import DivergedError, all_finite, bad_data, blame
from .measuring import Loss, Measured, loss_of, with_classes
from .run import Logs, Run
from .untouched import Untouched

HINT = " (a smaller learning rate, or clip_norm=, may help)"
EXPLODED = 100  # times the loss of the first batch, before any step, is more than any start of training needs


@dataclass
class Trainer:
    """What an epoch needs to know, the same for all epochs. `progress` is called with the loss of every batch."""

    run: Run
    loss: Loss
    metrics: Mapping[str, Metric]
    clip_norm: float | None
    compile: bool
    progress: Callable[[float], None]
    of_input: bool = False  # whether the loss is a function of the input instead of the prediction
    classes: Classes | None = None
    meanings: Meanings = field(default_factory=dict)  # of the predictions, as the steps find them
    settled: Mapping[Any, Classes | None] | None = None  # the kinds of classes, from the first epoch on
    batch: int = 0  # which batch of the epoch it is, from 1
    before: Any = None  # the input of the batch before
    first: float | None = None  # the loss of the first batch, before any step
    warned: bool = False
    warned_of_data: bool = False

    def __post_init__(self) -> None:
        self.compiled = compile(self.step, backend="numpy") if self.compile else None
        self.untouched = Untouched(self.run.model, self.run.optimizer)

    def step(self, x: Any, target: Any) -> tuple[Tensor, Any, Any]:
        """One step with one batch: the loss, if there are metrics the prediction, and the terms of the loss."""
        model, optimizer = self.run.model, self.run.optimizer
        depends_on({"loss": self.loss, "model": model, "optimizer": optimizer})
        optimizer.zero_grad()
        prediction = applied(model, x)
        loss, parts, meanings = loss_of(self.loss, prediction, target, x if self.of_input else None)
        if self.metrics:
            anew(self.notice, meanings)
        anew(self.check_loss, loss.numpy(), x, target)
        loss.backward()
        if self.clip_norm is not None:
            clip_grad_norm(optimizer.params, self.clip_norm)
        optimizer.step()
        return loss, prediction if self.metrics else None, [tuple(part) for part in parts]

    def notice(self, meanings: Meanings) -> None:
        """Remember what the predictions mean."""
        self.meanings = meanings

    def check_loss(self, loss: Any, x: Any, target: Any) -> None:
        """Raise a DivergedError for a loss that is not finite, before anything has changed."""
        if not np.isfinite(loss).all():
            raise self.diverged(f"the loss is {float(loss)}", x, target)

    def take(self, *batch: Any) -> tuple[Tensor, Any, Any]:
        """A step, by the compiled program if there is one."""
        if self.compiled is None:
            return self.step(*batch)
        try:
            call: Callable[[], tuple[Tensor, Any, Any]] = self.compiled.prepare(*batch)
        except Exception as error:  # of whatever kind: if the step itself is wrong, it says so below
            reason = str(error)
        else:
            return call()
        self.compiled = None
        made = self.step(*batch)
        warnings.warn(f"fit does not compile this model: {reason}", RuntimeWarning, stacklevel=4)
        return made

    def train(self, batches: Iterable[Any]) -> Logs:
        """One step for every batch; the loss of all, and the metrics of the predictions as they were."""
        optimizer, schedule = self.run.optimizer, self.run.schedule
        self.untouched.begin(stacklevel=4)
        measured = Measured(self.metrics)
        for number, (x, target) in enumerate(batches, start=1):
            self.batch = number
            with np.errstate(all="ignore"):  # what is not finite is found, and named
                try:
                    loss, prediction, parts = self.take(x, target)
                except FloatingPointError as error:
                    if isinstance(error, DivergedError):
                        raise
                    raise self.diverged("a gradient", x, target, str(error)) from error
            value = loss.item()
            if schedule is not None and schedule.every == "batch":
                schedule.step()
            measured.add(value, parts, prediction, target)
            self.first, self.before = value if self.first is None else self.first, x
            self.progress(value)
        for parameter in optimizer.params:  # no next loss would tell of the last step
            if not all_finite(parameter):
                name = parameter.name or f"one of shape {parameter.shape}"
                layer = name.rpartition(".")[0]
                raise self.diverged("a parameter", x, target, f"{name} holds NaN or inf after the last step", layer)
        self.look_at(measured.per_batch())
        self.complete(measured)
        if self.settled is None:
            self.settled = measured.settled(self.meanings, self.classes)
        return measured.logs(with_classes(self.meanings, self.settled))

    def complete(self, measured: Measured) -> None:
        """What others measured in the epoch is put together with it: of one process nothing."""

    def gather(self, measured: Measured) -> None:
        """The same for validation."""

    def look_at(self, loss: float) -> None:
        """Warn once if the loss of the batches of an epoch, on average, is far above where it began."""
        if self.first and loss > EXPLODED * abs(self.first) and not self.warned:
            self.warned = True
            warnings.warn(
                f"fit: the loss rose from {self.first:.3g} in the first batch to {loss:.3g} on average in epoch "
                f"{self.run.history.epochs + 1}: the steps are probably too large, take a smaller learning rate than "
                f"{self.run.optimizer.lr:g}, or clip_norm=",
                RuntimeWarning,
                stacklevel=4,
            )

    def diverged(
        self, what: str, x: Any, target: Any, text: str | None = None, layer: str | None = None
    ) -> DivergedError:
        """The error that says what became NaN or inf, and where: in the data, or in the layer that `blame` finds."""
        epoch = self.run.history.epochs + 1
        data = bad_data({"the input": x, "the targets": target, "the input of the batch before": self.before})
        if data is not None:
            layer, text = None, data
        elif text is None:
            layer, text = blame(self.run.model, x)
        message = (
            f"training diverged in epoch {epoch}, batch {self.batch}: {what}: {text}{HINT if data is None else ''}"
        )
        return DivergedError(message, epoch, self.batch, layer, self.run.history)

    def evaluate(self, batches: Iterable[Any]) -> Logs:
        """The loss of all samples, and the metrics, in evaluation mode, as "val_loss", ...; nothing changes."""
        logs, _ = evaluated(
            self.run.model.eval(),
            batches,
            self.loss,
            self.metrics,
            self.of_input,
            with_classes(self.meanings, self.settled or {}),
            self.classes,
            self.look_into,
            self.gather,
        )
        return {f"val_{name}": value for name, value in logs.items()}

    def look_into(self, x: Any, target: Any) -> None:
        """Warn once if a loss of validation is not finite because the data are not: nothing else would tell."""
        data = None if self.warned_of_data else bad_data({"the input": x, "the targets": target})
        if data is not None:
            self.warned_of_data = True
            warnings.warn(f"fit: the loss of validation is not finite: {data}", RuntimeWarning, stacklevel=5)


def evaluated(
    model: Module,
    batches: Iterable[Any],
    loss: Loss,
    metrics: Mapping[str, Metric],
    of_input: bool = False,
    meanings: Meanings | None = None,
    classes: Classes | None = None,
    broken: Callable[[Any, Any], None] | None = None,
    gather: Callable[[Measured], None] | None = None,
) -> tuple[Logs, Meanings]:
    """The loss of all samples and the metrics, of a model in evaluation mode, and what its predictions mean.

    Predictions have the given `meanings`, or those that the first batch shows. `broken` is called with batches whose
    loss is not finite, `gather` with what was measured, before it is summed up.
    """
    measured, found = Measured(metrics), meanings or {}
    with np.errstate(all="ignore"):
        for x, target in batches:
            with enable_grad() if meanings is None and metrics and not measured.rows else no_grad():
                prediction = applied(model, x)  # of the first batch the graph tells which call made it
            with enable_grad():  # the graph of the loss tells what it is made of
                value, parts, said = loss_of(loss, as_leaf(prediction), target, x if of_input else None)
            if meanings is None and not measured.rows:
                found = {key: replace(said[key], cut=meaning_of(one).cut) for key, one in outputs(prediction).items()}
            measured.add(value.item(), parts, prediction, target)
            if broken is not None and not np.isfinite(value.item()):
                broken(x, target)
    if gather is not None:
        gather(measured)
    return measured.logs(with_classes(found, measured.settled(found, classes))), found


def as_leaf(prediction: Any) -> Any:
    """The numbers of a prediction, which may have several parts, as leaves from which a graph can begin."""
    if isinstance(prediction, Tensor):
        return Tensor(prediction.numpy(), requires_grad=True, dtype=prediction.dtype)
    if isinstance(prediction, Mapping):
        return {name: as_leaf(part) for name, part in prediction.items()}
    return tuple(map(as_leaf, prediction)) if isinstance(prediction, tuple) else prediction
