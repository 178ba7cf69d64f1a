"""Early stopping: the course's cheapest answer to overfitting."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from ..checks import integer
from ..metrics import Mode, mode_of
from ..module import Array, Module


class EarlyStopping:
    """Stop when `monitor` has not improved for `patience` epochs, and go back to the weights of the best epoch.

    `monitor` is a name from the history, by default "val_loss", or "loss" where there is no validation. `mode`, "min"
    or "max", follows from the name of a loss or a metric of this library. Better means better by more than `min_delta`;
    NaN is never better. Prechelt, "Early stopping - but when?", 1998. [course: The Problem of Overfitting]
    """

    def __init__(
        self, patience: int, monitor: str | None = None, min_delta: float = 0.0, mode: Mode | None = None
    ) -> None:
        self.patience = integer("EarlyStopping: patience", patience)
        if self.patience < 1:
            raise ValueError(f"EarlyStopping: patience must be at least 1 epoch, got {patience}")
        if not min_delta >= 0:
            raise ValueError(f"EarlyStopping: min_delta must be at least 0, got {min_delta}")
        self.monitor, self.min_delta = monitor, float(min_delta)
        self.mode: Mode = mode_of(monitor or "loss", mode)
        self.reset()

    def reset(self) -> None:
        """Forget what was best."""
        self.best = math.inf if self.mode == "min" else -math.inf
        self.waited = 0
        self.weights: dict[str, Array] | None = None

    @property
    def done(self) -> bool:
        """Whether to stop."""
        return self.waited >= self.patience

    def update(self, value: float, model: Module) -> None:
        """Look at the value of the next epoch; of the best so far, keep the weights."""
        gain = self.best - value if self.mode == "min" else value - self.best
        if gain > self.min_delta:
            self.best, self.waited, self.weights = value, 0, model.state_dict()
        else:
            self.waited += 1

    def restore(self, model: Module) -> None:
        """Give the model the best weights; if there are none yet, it keeps its own."""
        if self.weights is not None:
            model.load_state_dict(self.weights)

    def state_dict(self) -> dict[str, Any]:
        """What was best, and how long ago."""
        return {"best": self.best, "waited": self.waited, "weights": self.weights}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on where `state_dict()` was taken."""
        self.best, self.waited, self.weights = saved["best"], saved["waited"], saved["weights"]


def stopping_of(given: Any) -> EarlyStopping | None:
    """Early stopping, given itself or by its patience in epochs."""
    if given is None or isinstance(given, EarlyStopping):
        return given
    try:
        return EarlyStopping(given)
    except TypeError:
        raise TypeError(
            f"fit: early_stopping is a number of epochs, or an nn.EarlyStopping(patience), not {given!r}"
        ) from None


def monitored(asked: str | None, names: Collection[str]) -> str:
    """The name to monitor: the one asked for, else "val_loss" if there is one, else "loss"."""
    if asked is None:
        return "val_loss" if "val_loss" in names else "loss"
    if asked not in names:
        raise ValueError(f"there is no {asked!r} to monitor: this training measures {', '.join(names)}")
    return asked
