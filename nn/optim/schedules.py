"""Schedules: how the learning rate changes over time. Names and conventions are PyTorch's.

A schedule is a formula for the rate at time t, counted in epochs or in batches, from the rate that the optimizer began
with, the base. `fit(schedule=...)` drives one; a loop of one's own does it so:

    schedule = nn.CosineAnnealingLR(T_max=100).attach(optimizer)    # sets optimizer.lr for t = 0
    for epoch in range(100):
        ...
        schedule.step()                                             # t = 1, 2, ...
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np

from ..checks import integer
from ..metrics import Mode, mode_of
from .base import Optimizer

Every = Literal["epoch", "batch"]
LATER = {"by_hand"}  # what states that were saved by older versions lack


class Schedule:
    """What all schedules share: the optimizer, the time t, the base rate, and the step.

    A subclass defines `rate`. `every` says for `fit` whether t counts epochs or batches. A schedule that is attached
    to the same optimizer again starts over from the base rate of the first time.
    """

    optimizer: Optimizer | None = None
    base: float = math.nan
    t: int = 0
    scheduled: float | None = None  # the rate by the formula, as it was given to the optimizer times by_hand
    by_hand: float = 1.0  # what a rate that was set by hand is over that of the formula

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Answer to those who give an optimizer, as in PyTorch."""
        if any(isinstance(given, Optimizer) for given in (*args, *kwargs.values())):
            raise TypeError(
                f"{cls.__name__} takes no optimizer: {cls.__name__}(...).attach(optimizer) gives it one in a loop of "
                f"your own, and fit(schedule=nn.{cls.__name__}(...)) the one of fit"
            )
        return super().__new__(cls)

    def __init__(self, every: Every = "epoch") -> None:
        if every not in ("epoch", "batch"):
            raise ValueError(f'a schedule goes forward every "epoch" or every "batch", not every {every!r}')
        self.every: Every = every

    def rate(self, t: int, base: float) -> float:
        """The learning rate after `t` steps of an optimizer that began with `base`."""
        raise NotImplementedError(f"{type(self).__name__} does not say its rate: define rate(self, t, base)")

    def attach(self, optimizer: Optimizer) -> Self:
        """Take over the learning rate of `optimizer`, at t = 0."""
        if self.optimizer is not optimizer:
            self.optimizer, self.base = optimizer, optimizer.lr
        self.t, self.by_hand, self.scheduled = 0, 1.0, None
        self.apply(self.rate(0, self.base))
        return self

    def step(self, value: float | None = None) -> None:
        """Go on to the next t. `value`, what was monitored, only matters to ReduceLROnPlateau."""
        self.attached()
        self.apply(self.rate(self.t + 1, self.base))
        self.t += 1

    def apply(self, rate: float) -> None:
        """Set the optimizer's rate. If it was set by hand meanwhile, all that follow change by the same factor."""
        if not 0 <= rate < math.inf:
            raise ValueError(f"{type(self).__name__}: a learning rate is a finite number from 0, not {rate}")
        optimizer = self.attached()
        if not self.look():
            raise ValueError(
                f"{type(self).__name__} had brought the rate to 0, and since then it was set to {optimizer.lr}: of 0 "
                "that is no multiple that the schedule could go on with; attach() begins it anew"
            )
        optimizer.lr = float(rate) * self.by_hand
        self.scheduled = float(rate)

    def look(self) -> bool:
        """Take note of a rate that was set by hand: whether it is a multiple of that of the formula."""
        if self.optimizer is None or self.scheduled is None or self.optimizer.lr == self.scheduled * self.by_hand:
            return True
        if self.scheduled:
            self.by_hand = self.optimizer.lr / self.scheduled
        return bool(self.scheduled)

    def attached(self) -> Optimizer:
        """The optimizer."""
        if self.optimizer is None:
            raise RuntimeError(f"{type(self).__name__} is not attached: call attach(optimizer) before step()")
        return self.optimizer

    def settings(self) -> dict[str, Any]:
        """What the constructor was given: all that is not a part of the state."""
        return {
            name: value
            for name, value in vars(self).items()
            if name not in {"optimizer", "scheduled", *self.state_dict()}
        }

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule is: plain numbers. Its settings are those of the constructor, not of the state."""
        known = self.look()
        return {"t": self.t, "base": self.base, "by_hand": self.by_hand if known else None}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on exactly where `state_dict()` was taken. The rate itself is part of the optimizer's state."""
        own = self.state_dict()
        if saved.keys() - LATER != own.keys() - LATER:
            raise ValueError(f"this is no state of {type(self).__name__}: it has {sorted(saved)} and not {sorted(own)}")
        vars(self).update({"by_hand": 1.0, "scheduled": None} | dict(saved))
        if saved.get("by_hand", 1.0) is None:  # it was set by hand where the schedule stood at 0, which has no multiple
            self.by_hand, self.scheduled = 1.0, 0.0


class LambdaLR(Schedule):
    """base * function(t), for a function of one's own."""

    def __init__(self, function: Callable[[int], float], every: Every = "epoch") -> None:
        super().__init__(every)
        self.function = function

    def rate(self, t: int, base: float) -> float:
        """The base times what the function says."""
        return base * self.function(t)


class StepLR(Schedule):
    """base * gamma^(t // step_size): it falls every `step_size` steps."""

    def __init__(self, step_size: int, gamma: float = 0.1, every: Every = "epoch") -> None:
        super().__init__(every)
        self.step_size = counted("StepLR", "step_size", step_size)
        self.gamma = gamma

    def rate(self, t: int, base: float) -> float:
        """A staircase."""
        return base * self.gamma ** (t // self.step_size)


class MultiStepLR(Schedule):
    """base * gamma^(how many of the `milestones` are behind): it falls at each of them."""

    def __init__(self, milestones: Sequence[int], gamma: float = 0.1, every: Every = "epoch") -> None:
        super().__init__(every)
        if isinstance(milestones, (int, np.integer)):
            raise TypeError(
                f"MultiStepLR takes a list of milestones, not {milestones} (StepLR falls every so many steps)"
            )
        self.milestones = sorted(counted("MultiStepLR", "each of the milestones", number) for number in milestones)
        self.gamma = gamma

    def rate(self, t: int, base: float) -> float:
        """A staircase with steps of any length."""
        return base * self.gamma ** bisect_right(self.milestones, t)


class ExponentialLR(Schedule):
    """base * gamma^t."""

    def __init__(self, gamma: float, every: Every = "epoch") -> None:
        super().__init__(every)
        self.gamma = gamma

    def rate(self, t: int, base: float) -> float:
        """Geometric decay."""
        return base * self.gamma**t


class CosineAnnealingLR(Schedule):
    """eta_min + (base - eta_min) (1 + cos(pi t / T_max)) / 2: from base to eta_min in T_max steps, and then back.

    Loshchilov and Hutter, "SGDR: Stochastic gradient descent with warm restarts", 2017, without the restarts.
    """

    def __init__(self, T_max: int, eta_min: float = 0.0, every: Every = "epoch") -> None:
        super().__init__(every)
        self.T_max = counted("CosineAnnealingLR", "T_max", T_max)
        self.eta_min = eta_min

    def rate(self, t: int, base: float) -> float:
        """Half a wave."""
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / self.T_max)) / 2


class CosineAnnealingWarmRestarts(Schedule):
    """From base down to eta_min in a half wave of T_0 steps, then again from base, each wave `T_mult` times as long.

    Loshchilov and Hutter, "SGDR: Stochastic gradient descent with warm restarts", 2017.
    """

    def __init__(self, T_0: int, T_mult: int = 1, eta_min: float = 0.0, every: Every = "epoch") -> None:
        super().__init__(every)
        self.T_0 = counted("CosineAnnealingWarmRestarts", "T_0", T_0)
        self.T_mult = counted("CosineAnnealingWarmRestarts", "T_mult", T_mult)
        self.eta_min = eta_min

    def rate(self, t: int, base: float) -> float:
        """The wave that is on."""
        length = self.T_0
        if self.T_mult == 1:
            t %= length
        while t >= length:
            t, length = t - length, length * self.T_mult
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / length)) / 2


class LinearLR(Schedule):
    """Warm-up: base times a factor that goes from `start_factor` to `end_factor` in `total_iters` steps, and stays.

    Goyal and others, "Accurate, large minibatch SGD", 2017.
    """

    def __init__(
        self, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5, every: Every = "epoch"
    ) -> None:
        super().__init__(every)
        self.total_iters = counted("LinearLR", "total_iters", total_iters)
        self.start_factor, self.end_factor = start_factor, end_factor

    def rate(self, t: int, base: float) -> float:
        """A ramp."""
        part = min(t, self.total_iters) / self.total_iters
        return base * (self.start_factor + (self.end_factor - self.start_factor) * part)


class OneCycleLR(Schedule):
    """From max_lr / div_factor up to `max_lr` in the first `pct_start` of `total_steps`, then far down, and stays.

    Smith and Topin, "Super-convergence", 2018. The last rate is the first over `final_div_factor`; the base rate does
    not matter, and momentum is left alone (PyTorch's cycle_momentum=False). It counts batches unless told otherwise.
    """

    def __init__(
        self,
        max_lr: float,
        total_steps: int,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        every: Every = "batch",
    ) -> None:
        super().__init__(every)
        self.total_steps = counted("OneCycleLR", "total_steps", total_steps)
        if not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start is a part of the whole, from 0 to 1, not {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f'OneCycleLR: anneal_strategy is "cos" or "linear", not {anneal_strategy!r}')
        self.max_lr, self.pct_start, self.anneal_strategy = max_lr, pct_start, anneal_strategy
        self.first = max_lr / div_factor
        self.last = self.first / final_div_factor

    def rate(self, t: int, base: float) -> float:
        """Up and down."""
        top, end = self.pct_start * self.total_steps - 1, self.total_steps - 1
        t = min(t, end)
        if t <= top:
            return self.between(self.first, self.max_lr, t / top if top else 1.0)
        return self.between(self.max_lr, self.last, (t - top) / (end - top))

    def between(self, start: float, end: float, part: float) -> float:
        """The rate at this part of the way."""
        if self.anneal_strategy == "cos":
            return end + (start - end) * (1 + math.cos(math.pi * part)) / 2
        return start + (end - start) * part


class SequentialLR(Schedule):
    """One schedule after the other: the next one begins, with its own t = 0, at each of the `milestones`.

    Warm-up, then cosine: SequentialLR([LinearLR(0.1, total_iters=5), CosineAnnealingLR(95)], milestones=[5]).
    """

    def __init__(self, schedules: Sequence[Schedule], milestones: Sequence[int]) -> None:
        self.schedules, self.milestones = list(schedules), list(milestones)
        if any(isinstance(schedule, ReduceLROnPlateau) for schedule in schedules):
            raise ValueError("SequentialLR: ReduceLROnPlateau follows what is monitored, not t, so it stands alone")
        if len({schedule.every for schedule in schedules}) != 1:
            raise ValueError("SequentialLR needs schedules, and all must count the same, epochs or batches")
        if len(milestones) != len(schedules) - 1 or any(a >= b for a, b in zip([0, *milestones], milestones)):
            raise ValueError(
                f"SequentialLR: {len(schedules)} schedules need {len(schedules) - 1} milestones above 0, each after "
                f"the one before, got {self.milestones}"
            )
        super().__init__(schedules[0].every)

    def rate(self, t: int, base: float) -> float:
        """What the schedule that is on says."""
        i = bisect_right(self.milestones, t)
        return self.schedules[i].rate(t - (self.milestones[i - 1] if i else 0), base)


class ReduceLROnPlateau(Schedule):
    """The rate times `factor` when what is monitored has not improved for more than `patience` epochs.

    In `fit` that is `monitor`, by default "val_loss", or "loss" where there is no validation; in a loop of one's own
    the value goes to `step(value)`. `mode`, "min" or "max", follows from the name. Better means better by more than
    `threshold`, as a part of the best value ("rel") or as such ("abs"). After a reduction it rests for `cooldown`
    epochs; below `min_lr`, or by less than `eps`, it does not go.
    """

    def __init__(
        self,
        mode: Mode | None = None,
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
        monitor: str | None = None,
    ) -> None:
        super().__init__("epoch")
        if not 0 < factor < 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be between 0 and 1, got {factor}")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f'ReduceLROnPlateau: threshold_mode is "rel" or "abs", not {threshold_mode!r}')
        self.patience = counted("ReduceLROnPlateau", "patience", patience, least=0)
        self.cooldown = counted("ReduceLROnPlateau", "cooldown", cooldown, least=0)
        self.factor, self.threshold, self.threshold_mode = factor, threshold, threshold_mode
        self.min_lr, self.eps, self.monitor = min_lr, eps, monitor
        self.sign = 1 if mode_of(monitor or "loss", mode) == "min" else -1  # what is monitored times this shall fall
        self.best, self.bad, self.resting = math.inf, 0, 0

    def rate(self, t: int, base: float) -> float:
        """The base rate: what is not known before it happens."""
        return base

    def attach(self, optimizer: Optimizer) -> Self:
        """Take over the learning rate of `optimizer`, and forget what was best."""
        self.best, self.bad, self.resting = math.inf, 0, 0
        return super().attach(optimizer)

    def step(self, value: float | None = None) -> None:
        """Look at the next value of what is monitored."""
        if value is None:
            raise ValueError("ReduceLROnPlateau needs what it monitors, such as the loss: step(value)")
        value = self.sign * float(value)
        margin = self.threshold * (self.sign * self.best if self.threshold_mode == "rel" else 1)
        if value < (self.best - margin if self.best < math.inf else math.inf):
            self.best, self.bad = value, 0
        else:
            self.bad += 1
        if self.resting:
            self.resting, self.bad = self.resting - 1, 0
        if self.bad > self.patience:
            old = self.attached().lr
            new = max(old * self.factor, self.min_lr)
            if old - new > self.eps:
                self.by_hand, self.scheduled = 1.0, None  # it goes on from the rate as it is, whoever set it
                self.apply(new)
            self.resting, self.bad = self.cooldown, 0
        self.t += 1

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule is: plain numbers."""
        return super().state_dict() | {"best": self.best, "bad": self.bad, "resting": self.resting}


def counted(schedule: str, name: str, number: int, least: int = 1) -> int:
    """A whole number of steps, if it is at least `least`."""
    found = integer(f"{schedule}: {name}", number)
    if found < least:
        raise ValueError(f"{schedule}: {name} must be at least {least}, got {number}")
    return found
