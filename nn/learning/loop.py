"""fit: the training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from ..init import Seed
from ..metrics import Metric
from ..module import Module
from ..optim.base import Optimizer
from ..optim.schedules import Schedule
from ..outputs import Classes
from ..parallel import CHUNKS, Team
from ..predicting import modes_given_back
from ..saving import StrPath
from ..synonyms import refuse_keywords
from .arguments import callbacks_of, model_given
from .checkpoints import Checkpoint, checkpoint_of, resumed
from .diverging import DivergedError
from .feeding import known_length
from .history import History
from .measuring import Loss
from .preparing import prepare
from .progress import Progress
from .run import Logs
from .stopping import EarlyStopping
from .weighing import Weights


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
    class_weight: Mapping[int, float] | Sequence[float] | str | None = None,
    sample_weight: Any = None,
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
    comm: Any = None,
    chunks: int | None = None,
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
    * `validation`: a pair (X, y), or (X, y, weights), or batches; or the part of the samples to hold out, chosen at
      random, such as 0.2.
    * `sample_weight`: how much each sample counts in the loss, whose mean divides by the sum of the weights: 2 is as if
      it were there twice, 0 as if it were not; those held out keep theirs. A batch has them as its third item.
      `class_weight`: the same by class, in training alone: a dict, a number for each label, or "balanced".
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
    * `chunks`: cut each batch into so many parts, whose gradients are computed alone and summed in a fixed order.
      With batch normalization, which is over the whole batch, they are not compiled.
      `comm`: a communicator of mpi4py, MPI.COMM_WORLD, whose processes (ranks) share the chunks, by default 8; the bits
      do not depend on how many they are. All call fit with the same arguments, begin with what rank 0 has, and get the
      same history; only rank 0 shows progress and writes checkpoints, which go on with any number of ranks. An
      exception or Ctrl-C in one ends all of them.

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
    team = Team(comm, CHUNKS if chunks is None else chunks)
    calls, file = callbacks_of(callbacks), checkpoint_of(checkpoint, resume)
    writer = file if team.rank == 0 else None
    with team.ending_together(DivergedError), writer.held() if writer else nullcontext():
        saved = team.from_rank(0, resumed(writer, progress) if writer and resume else None)
        prepared = prepare(
            model, X, y, Weights(sample_weight, class_weight), validation, loss, loss_weights, metrics, classes,
            optimizer, schedule, early_stopping, clip_norm, epochs, batch_size, shuffle, drop_last, file,
            saved, rng, compile, team, comm is not None or chunks is not None,
        )  # fmt: skip
        train, held_out, trainer, run = prepared
        history = run.history

        with (
            Progress(progress and team.rank == 0, epochs, known_length(train), history.epochs) as bar,
            modes_given_back(model),
        ):
            trainer.progress = bar.batch
            try:
                while run.goes_on(epochs):
                    epoch = Epoch(history.epochs + 1, epochs, {}, history, model, run.optimizer)
                    bar.epoch(epoch.number)
                    epoch.logs |= trainer.train(train)
                    if held_out is not None:
                        epoch.logs |= trainer.evaluate(held_out)
                    run.record(epoch.logs)
                    bar.show(epoch.logs)
                    for call in calls:
                        call(epoch)
                    run.decide(any(team.every(epoch.stop)))
                    if writer:
                        writer.keep_best(model, history)
                    if writer and (epoch.number % writer.every == 0 or not run.goes_on(epochs)):
                        writer.save(run.state_dict())
            except KeyboardInterrupt:
                if team.size > 1:
                    raise
                history.stopped = "interrupt"
            except DivergedError:
                history.stopped = "diverged"
                run.restore_best()
                raise
        run.restore_best()
        return history
