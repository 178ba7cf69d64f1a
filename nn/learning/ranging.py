"""find_lr: the learning-rate range test, which tries rates from low to high and changes nothing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import integer
from ..data import batches_of
from ..init import Seed
from ..module import Module
from ..optim.base import Optimizer
from ..optim.clipping import positive
from ..plotting import COLOURS, new_axes
from ..predicting import modes_given_back
from .arguments import is_own, learned_by, measures, optimizer_of
from .epochs import Trainer
from .feeding import Given, opened_with, with_weights
from .measuring import Loss
from .run import Run
from .weighing import Weights

MEMORY = 0.9  # of what the smoothed loss was before, at each step
TOO_HIGH = 4  # times the least loss: from there on it only gets worse


@dataclass(frozen=True)
class RangeTest:
    """What find_lr saw: the `rates` that it tried, the `losses` of their batches, smoothed, and a `suggestion`.

    The suggestion is a tenth of the rate at which the loss was least: there it still fell, and further on it rises.
    """

    rates: list[float]
    losses: list[float]

    @property
    def suggestion(self) -> float:
        """A learning rate to begin with."""
        return self.rates[self.losses.index(min(self.losses))] / 10

    def plot(self, ax: Any = None) -> Any:
        """Draw the loss over the rate into `ax`, by default new axes; mark the suggestion; and return the axes."""
        ax = new_axes(ax)
        ax.plot(self.rates, self.losses, "-", color=COLOURS[0])
        ax.axvline(self.suggestion, color=COLOURS[1], linestyle="--", label=f"suggestion {self.suggestion:.2g}")
        ax.set(xscale="log", xlabel="learning rate", ylabel="loss", title="Learning-rate range test")
        ax.legend(frameon=False)
        return ax

    def __repr__(self) -> str:
        return f"RangeTest({len(self.rates)} rates to {self.rates[-1]:.3g}, suggestion {self.suggestion:.2g})"


def find_lr(
    model: Module,
    X: Any,
    y: Any = None,
    *,
    loss: str | Loss | Mapping[str, Any] | Sequence[Any],
    optimizer: str | Optimizer | Callable[[Any], Optimizer] = "adam",
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
    batch_size: int = 32,
    class_weight: Mapping[int, float] | Sequence[float] | str | None = None,
    sample_weight: Any = None,
    loss_weights: Mapping[str, float] | Sequence[float] | None = None,
    clip_norm: float | None = None,
    rng: Seed = None,
) -> RangeTest:
    """Train for `steps` batches with rates that rise from `low` to `high` by equal factors, and tell the losses.

    The other arguments are those of fit. It ends as soon as the loss is far above its least, or not finite. Afterwards
    everything is as it was, bit for bit: parameters and their `.grad`, buffers, the optimizer, generators, and the mode
    of every layer; also after an error. Raises DivergedError if the loss is not finite from the beginning.

    Smith, "Cyclical learning rates for training neural networks", 2017, section 3.3.
    """
    if not 0 < low < high < math.inf:
        raise ValueError(f"find_lr: rates rise from low to high, above 0 and finite, got low={low} and high={high}")
    if integer("find_lr: steps", steps) < 2 or integer("find_lr: batch_size", batch_size) < 1:
        raise ValueError(f"find_lr: at least 2 steps and a batch_size of 1 are needed, got {steps} and {batch_size}")
    if clip_norm is not None:
        positive("find_lr", "clip_norm", clip_norm)
    function, _ = measures(loss, loss_weights, ())
    function, of_input = learned_by(model, function)
    optimizer, rng = optimizer_of(model, optimizer), np.random.default_rng(rng)
    run = Run(model, optimizer, None, None, rng, None, ["loss"])
    saved, grads = run.state_dict(), [(p, p.grad) for p in model.parameters()]
    trainer = Trainer(run, function, {}, clip_norm, is_own(model, function, optimizer), lambda loss: None, of_input)
    tried, losses, smoothed = list[float](), list[float](), 0.0
    try:
        with modes_given_back(model), np.errstate(all="ignore"):
            weights = Weights(sample_weight, class_weight)
            found, _, weight = opened_with("find_lr", X, y, weights, epochs=steps)
            batches: Any = found
            if not isinstance(found, Given):
                data, n = with_weights(found[0], weight), found[1]
                batches = batches_of("find_lr", data, n, batch_size, True, rng, False)
            again = itertools.chain.from_iterable(itertools.repeat(batches))
            for i, (rate, batch) in enumerate(zip(np.geomspace(low, high, steps), again), start=1):
                optimizer.lr = float(rate)
                trainer.batch = i
                smoothed = MEMORY * smoothed + (1 - MEMORY) * trainer.take(*batch)[0].item()
                tried.append(float(rate))
                losses.append(smoothed / (1 - MEMORY**i))  # as Adam corrects its means, which begin with 0
                if losses[-1] > TOO_HIGH * min(losses) > 0:
                    break
    except FloatingPointError:
        if not tried:
            raise
    finally:
        run.restore(saved)
        for parameter, grad in grads:
            parameter.grad = grad
    return RangeTest(tried, losses)
