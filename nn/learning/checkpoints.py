"""Checkpoints: a whole training run, see `run`, in one safetensors file, to go on from bit for bit."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ..checks import integer
from ..exclusive import Held, exclusive, remove_leftovers
from ..metrics import Mode, mode_of
from ..module import Array, Module
from ..saving import SavedModelError, StrPath, opened, save, write


class Checkpoint:
    """Where `fit` writes its checkpoint: to `path`, after `every` so many epochs and after the last one.

    Each replaces the one before, whole or not at all. `best`, a name from the history such as "val_loss", keeps the
    model of the best epoch so far, too, in a file of its own for `nn.load`: `best_path`, "run.best.safetensors" beside
    "run.safetensors". `mode`, "min" or "max", follows from the name of a loss or a metric of this library.
    """

    def __init__(self, path: StrPath, every: int = 1, best: str | None = None, mode: Mode | None = None) -> None:
        self.path, self.every, self.best = path, integer("Checkpoint: every", every), best
        if self.every < 1:
            raise ValueError(f"Checkpoint: every must be at least 1 epoch, got {every}")
        if best is not None and not isinstance(best, str):
            raise TypeError(f'Checkpoint: best is a name from the history, such as "val_loss", not {best!r}')
        self.mode = mode_of(best, mode) if best else None

    @property
    def best_path(self) -> Path:
        """The file with the model of the best epoch."""
        path = Path(self.path)
        return path.with_name(f"{path.stem}.best{path.suffix}")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, no other run has this path, and what killed ones left of files is gone.

        Raises OSError if nothing can be written there, RuntimeError if another run writes there.
        """
        path = Path(os.path.realpath(self.path))
        if path.is_dir():
            raise IsADirectoryError(f"the checkpoint {self.path} is a directory: name a file in it")
        if not path.parent.is_dir():
            raise FileNotFoundError(f"no checkpoint can be written to {self.path}: there is no directory {path.parent}")
        try:
            with exclusive(path.with_name(f".{path.name}.lock")):
                remove_leftovers(path)
                yield
        except Held as error:
            raise RuntimeError(
                f"another run writes its checkpoints to {self.path}: give this one another path"
            ) from error

    def keep_best(self, model: Module, history: Mapping[str, Sequence[float]]) -> None:
        """Write the model, if the last epoch is the best so far; the first one of equals is, and NaN never is."""
        if self.best is None:
            return
        sign = -1 if self.mode == "max" else 1
        *before, last = (sign * value for value in history[self.best])
        if not math.isnan(last) and all(last < value for value in before if not math.isnan(value)):
            save(model, self.best_path)

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


def checkpoint_of(given: StrPath | Checkpoint | None, resume: bool) -> Checkpoint | None:
    """A checkpoint, given itself or by its path. Raises ValueError if there is none to resume from."""
    if resume and given is None:
        raise ValueError("fit: resume=True goes on from a checkpoint: say from which, checkpoint=path")
    return given if isinstance(given, Checkpoint) or given is None else Checkpoint(given)


def resumed(file: Checkpoint, shown: bool) -> dict[str, Any] | None:
    """The run to go on from, or None if there is none yet, which is said on stderr if `shown`."""
    if os.path.exists(file.path):
        return file.load()
    if shown:
        tqdm.write(f"fit: there is no run in {file.path} yet, so a new one begins", file=sys.stderr)
    return None


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
