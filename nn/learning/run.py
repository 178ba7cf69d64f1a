"""A run of `fit`: all that an epoch changes, how, and how it goes into a checkpoint and comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from autograd import Tensor

from ..module import Module
from ..optim.base import Optimizer
from ..optim.schedules import ReduceLROnPlateau, Schedule
from ..saving import SavedModelError
from .history import History
from .stopping import EarlyStopping, monitored

Logs = dict[str, float]


class Run:
    """All that changes while `fit` runs, and the `settings` that must not change when it goes on.

    `names` are those of the numbers that each epoch gives, `split` is the seed that the samples for validation were
    chosen with.
    """

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer,
        schedule: Schedule | None,
        stopping: EarlyStopping | None,
        rng: np.random.Generator,
        split: int | None,
        names: Collection[str],
        **settings: Any,
    ) -> None:
        self.model, self.optimizer, self.schedule, self.stopping = model, optimizer, schedule, stopping
        self.rng, self.split = rng, split
        self.watched = monitored(stopping.monitor if stopping else None, names)
        self.plateau = monitored(schedule.monitor if isinstance(schedule, ReduceLROnPlateau) else None, names)
        self.history = History(monitor=self.watched, mode=stopping.mode if stopping else "min")
        self.ended = False
        self.settings = settings | {
            "optimizer": type(optimizer).__name__,
            "schedule": type(schedule).__name__,
            "early_stopping": self.watched if stopping else None,
            "rng": type(rng.bit_generator).__name__,
        }
        if stopping:  # patience may grow, as the epochs may
            self.settings |= {"early_stopping's min_delta": stopping.min_delta, "early_stopping's mode": stopping.mode}
        if schedule:
            self.settings |= {f"schedule's {name}": plain(value) for name, value in schedule.settings().items()}
        groups = [{"hyperparameters": group.hyperparameters()} for group in optimizer.groups]
        self.settings |= rates_and_kin({"hyperparameters": optimizer.hyperparameters(), "groups": groups})
        if schedule and schedule.optimizer is optimizer:  # it began with another rate than it has now
            self.settings["optimizer's lr"] = schedule.base

    def begin(self, saved: Mapping[str, Any] | None) -> None:
        """Begin, or go on from what was saved: from the end of early stopping there is nowhere to go on to."""
        if self.stopping:
            self.stopping.reset()
        if saved is not None:
            self.load_state_dict(saved)
        elif self.schedule:
            self.schedule.attach(self.optimizer)
        self.decide(stop=False)

    def record(self, logs: Logs) -> None:
        """An epoch is over: its numbers go into the history, the schedule goes on, early stopping looks at them."""
        if self.schedule:
            logs["lr"] = self.optimizer.lr
        self.history.record(logs)
        if self.schedule and self.schedule.every == "epoch":
            self.schedule.step(logs[self.plateau])
        if self.stopping:
            self.stopping.update(logs[self.watched], self.model)

    def decide(self, stop: bool) -> None:
        """Whether the run has ended before its time; `stop` is what the callbacks say."""
        enough = self.stopping is not None and self.stopping.done
        self.ended = stop or enough
        self.history.stopped = "callback" if stop else "early stopping" if enough else "epochs"

    def restore_best(self) -> None:
        """Give the model its best weights back, if early stopping kept them."""
        if self.stopping:
            self.stopping.restore(self.model)

    def goes_on(self, epochs: int) -> bool:
        """Whether there is another epoch, of so many in all."""
        return not self.ended and self.history.epochs < epochs

    # --- a run in a checkpoint ----------------------------------------------------------------------------------

    def generators(self) -> dict[str, np.random.Generator]:
        """The generators of the layers that draw at random, by dotted name."""
        return {
            f"{path}.{name}": member
            for path, module in self.model.named_modules()
            for name, member in vars(module).items()
            if isinstance(member, np.random.Generator)
        }

    def others(self) -> list[Tensor]:
        """What the optimizer changes beside the model, as a weight of the loss that is learned, too."""
        own = {id(p) for p in self.model.parameters()}
        return [p for p in self.optimizer.params if id(p) not in own]

    def state_dict(self) -> dict[str, Any]:
        """Everything."""
        return {
            "settings": self.settings,
            "architecture": architecture(self.model),
            "model": self.model.state_dict(),
            "others": {str(i): np.array(p.numpy()) for i, p in enumerate(self.others())},
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule and self.schedule.state_dict(),
            "stopping": self.stopping and self.stopping.state_dict(),
            "history": self.history.to_dict(),
            "split": self.split,
            "rng": self.rng.bit_generator.state,
            "generators": {name: rng.bit_generator.state for name, rng in self.generators().items()},
        }

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on where `state_dict()` was taken. Raises ValueError, and changes nothing, if it is of another run."""
        before = self.state_dict()
        self.refuse_other_settings(saved)
        try:
            self.restore(saved)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            self.restore(before)
            raise SavedModelError(f"the checkpoint does not fit this run: {error}") from error

    def refuse_other_settings(self, saved: Mapping[str, Any]) -> None:
        """Raise unless the settings are the same."""
        found = saved.get("settings")
        if not isinstance(found, dict) or not found:
            raise SavedModelError("the checkpoint does not say which run it is of: it is damaged")
        now = rates_and_kin(saved.get("optimizer"))  # an optimizer that is already where the run stopped fits, too
        wrong = [f"{name} was {found[name]!r} and is {own!r}" for name, own in self.settings.items()
                 if name in found and own not in (found[name], now.get(name, found[name]))]  # fmt: skip
        if wrong:
            raise SavedModelError(
                f"the checkpoint is of another run, so fit cannot go on with it: {'; '.join(wrong)} (for a new run "
                'with its weights: model.load_state_dict(nn.Checkpoint(path).load()["model"]))'
            )

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take over everything."""
        generators = self.generators()
        if generators.keys() != saved["generators"].keys():
            raise KeyError(f"generators in {', '.join(saved['generators'])} instead of {', '.join(generators)}")
        self.model.load_state_dict(saved["model"])
        for param, numbers in zip(self.others(), saved["others"].values(), strict=True):
            param.assign(numbers)
        if saved.get("architecture", architecture(self.model)) != architecture(self.model):  # older ones do not say it
            raise ValueError(f"the model was\n{saved['architecture']}\nand is\n{architecture(self.model)}")
        self.optimizer.load_state_dict(saved["optimizer"])
        if self.schedule:
            self.schedule.optimizer = self.optimizer
            self.schedule.load_state_dict(saved["schedule"])
        if self.stopping:
            self.stopping.load_state_dict(saved["stopping"])
        self.history.columns = History(saved["history"]).columns
        for name, rng in generators.items():
            rng.bit_generator.state = saved["generators"][name]
        self.rng.bit_generator.state = saved["rng"]


def plain(x: Any) -> Any:
    """A setting as JSON gives it back: of what is no number and no text, the name of its kind."""

    def described(x: Any) -> Any:
        if isinstance(x, Schedule):
            return {"kind": type(x).__name__} | x.settings()
        return x.tolist() if isinstance(x, (np.ndarray, np.generic)) else getattr(x, "__qualname__", type(x).__name__)

    return json.loads(json.dumps(x, default=described))


def rates_and_kin(state: Any) -> dict[str, Any]:
    """The hyperparameters in the state of an optimizer and its groups, by name; of a damaged one none."""
    try:
        named = {"optimizer": state} | {f"group {i}": group for i, group in enumerate(state["groups"])}
        return {f"{of}'s {name}": plain(value) for of, part in named.items()
                for name, value in part["hyperparameters"].items()}  # fmt: skip
    except (AttributeError, KeyError, TypeError):
        return {}


def architecture(model: Module) -> str:
    """The model as it shows itself, but for addresses in memory."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(model))
