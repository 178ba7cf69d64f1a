"""Checkpoints: all that a training run consists of, in one safetensors file, to go on from bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np

from ..module import Array, Module
from ..optim.base import Optimizer
from ..optim.schedules import Schedule
from ..saving import SavedModelError, StrPath, opened, write
from .history import History
from .stopping import EarlyStopping


class Checkpoint:
    """Where `fit` writes its checkpoint: to `path`, after `every` so many epochs and after the last one.

    Each replaces the one before, whole or not at all.
    """

    def __init__(self, path: StrPath, every: int = 1) -> None:
        if index(every) < 1:
            raise ValueError(f"Checkpoint: every must be at least 1 epoch, got {every}")
        self.path, self.every = path, index(every)

    def save(self, state: dict[str, Any]) -> None:
        """Write a tree of dicts and lists with numbers, texts and arrays."""
        arrays: dict[str, Array] = {}
        tree = packed(state, "", arrays)
        write(self.path, arrays, {"checkpoint": json.dumps(tree)})

    def load(self) -> dict[str, Any]:
        """The tree that was written. Raises SavedModelError if the file holds none."""
        with opened(self.path) as file:
            text = (file.metadata() or {}).get("checkpoint")
            if text is None:
                raise SavedModelError(f"{self.path} is no checkpoint of fit (models go through nn.load)")
            try:
                tree = unpacked(json.loads(text), {name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
            except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
                raise SavedModelError(f"{self.path} is a damaged checkpoint: {error}") from error
        if not isinstance(tree, dict):
            raise SavedModelError(f"{self.path} is a damaged checkpoint: it holds a {type(tree).__name__}")
        return tree


def packed(tree: Any, path: str, arrays: dict[str, Array]) -> Any:
    """The tree as JSON has it, with every array replaced by its name in `arrays`, where it is put."""
    if isinstance(tree, (np.ndarray, np.generic)):
        array = np.asarray(tree)
        # the order of the axes in memory decides how BLAS sums, so it belongs to what must be equal bit for bit
        axes = sorted(range(array.ndim), key=lambda i: -abs(array.strides[i]))
        arrays[path] = array.transpose(axes)
        return {"$array": path, "axes": axes}
    if isinstance(tree, Mapping):
        return {key: packed(item, f"{path}.{key}" if path else key, arrays) for key, item in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [packed(item, f"{path}.{i}", arrays) for i, item in enumerate(tree)]
    return tree


def unpacked(tree: Any, arrays: Mapping[str, Array]) -> Any:
    """The tree with its arrays in it."""
    if isinstance(tree, dict):
        if "$array" in tree:
            return arrays[tree["$array"]].transpose(np.argsort(tree["axes"]))
        return {key: unpacked(item, arrays) for key, item in tree.items()}
    return [unpacked(item, arrays) for item in tree] if isinstance(tree, list) else tree


@dataclass
class Run:
    """All that changes while `fit` runs, and the settings that must not change when it goes on."""

    model: Module
    optimizer: Optimizer
    schedule: Schedule | None
    stopping: EarlyStopping | None
    history: History
    rng: np.random.Generator
    split: int | None  # the seed that the samples for validation were chosen with
    settings: dict[str, Any]

    def generators(self) -> dict[str, np.random.Generator]:
        """The generators of the layers that draw at random, by dotted name."""
        return {
            f"{path}.{name}": member
            for path, module in self.model.named_modules()
            for name, member in vars(module).items()
            if isinstance(member, np.random.Generator)
        }

    def state_dict(self) -> dict[str, Any]:
        """Everything."""
        return {
            "settings": self.settings,
            "model": self.model.state_dict(),
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
        if not isinstance(found, dict):
            raise SavedModelError("the checkpoint does not say which run it is of: it is damaged")
        wrong = [f"{name} was {found.get(name)!r} and is {own!r}" for name, own in self.settings.items()
                 if found.get(name) != own]  # fmt: skip
        if wrong:
            raise SavedModelError(f"the checkpoint is of another run, so fit cannot go on with it: {'; '.join(wrong)}")

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take over everything."""
        generators = self.generators()
        if generators.keys() != saved["generators"].keys():
            raise KeyError(f"generators in {', '.join(saved['generators'])} instead of {', '.join(generators)}")
        self.model.load_state_dict(saved["model"])
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
