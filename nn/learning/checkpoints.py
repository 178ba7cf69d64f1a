"""Checkpoints: a whole training run, see `run`, in one safetensors file, to go on from bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import index
from typing import Any

import numpy as np

from ..module import Array
from ..saving import SavedModelError, StrPath, opened, write


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


def checkpoint_of(given: StrPath | Checkpoint | None, resume: bool) -> Checkpoint | None:
    """A checkpoint, given itself or by its path. Raises ValueError if there is none to resume from."""
    if resume and given is None:
        raise ValueError("fit: resume=True goes on from a checkpoint: say from which, checkpoint=path")
    return given if isinstance(given, Checkpoint) or given is None else Checkpoint(given)


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
