"""Training that diverged, that is, came to NaN or inf: where it began."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor, no_grad

from ..module import Module
from ..samples import applied
from .history import History


class DivergedError(FloatingPointError):
    """The loss, a gradient or a parameter became NaN or inf, and training stopped.

    `epoch` and `batch` count from 1; `layer` is the dotted name of the first layer whose output is not finite, or ""
    for the model itself, or None if no layer is to blame; `history` holds the epochs before.
    """

    def __init__(self, message: str, epoch: int, batch: int, layer: str | None, history: History) -> None:
        super().__init__(message)
        self.epoch, self.batch, self.layer, self.history = epoch, batch, layer, history


def blame(model: Module, x: Any) -> tuple[str | None, str]:
    """The layer from which a loss that is not finite came, for the batch `x`, and a sentence about it."""
    layer = first_nonfinite(model, x)
    if layer is None:
        return None, "the output of every layer is finite, but not the loss of it"
    module = dict(model.named_modules())[layer]
    kind = f"{type(module).__name__}({module.describe()})"
    text = f"the first layer whose output is not finite is {repr(layer) if layer else 'the model itself'}, {kind}"
    broken = [name for name, p in module.named_parameters() if not all_finite(p)]
    if broken:
        text += f", and NaN or inf is in its {', '.join(broken)} already: the step before was too large"
    return layer, text


def first_nonfinite(model: Module, x: Any) -> str | None:
    """The dotted name of the first module, in the order in which they finish, whose output for `x` is not finite."""
    found: list[str] = []

    def watched(name: str, forward: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            output = forward(*args, **kwargs)
            if not all_finite(output):
                found.append(name)
            return output

        return call

    modules = dict(model.named_modules())
    own = {name: vars(module)["forward"] for name, module in modules.items() if "forward" in vars(module)}
    try:
        for name, module in modules.items():
            vars(module)["forward"] = watched(name, module.forward)
        with no_grad(), np.errstate(all="ignore"):
            applied(model, x)
    finally:
        for name, module in modules.items():
            vars(module).pop("forward", None)
            if name in own:
                vars(module)["forward"] = own[name]
    return found[0] if found else None


def bad_data(data: Mapping[str, Any]) -> str | None:
    """A sentence about the first of these data, by name, that are not finite; None if all are."""
    for name, part in data.items():
        if part is not None and not all_finite(part):
            found = ""
            if isinstance(part, np.ndarray) and part.ndim:
                bad = np.argwhere(~np.isfinite(part))
                rows = len(np.unique(bad[:, 0]))
                found = (
                    f" in {rows} of its {len(part)} samples, {part[tuple(bad[0])]} at {bad[0].tolist()} of the batch"
                )
            return f"{name} holds NaN or inf{found}: mend the data, np.isfinite(X) shows where"
    return None


def all_finite(output: Any) -> bool:
    """Whether every number in tensors and arrays, also inside of lists, tuples and dicts, is finite."""
    if isinstance(output, Mapping):
        return all(map(all_finite, output.values()))
    if isinstance(output, (list, tuple)):
        return all(map(all_finite, output))
    array = output.numpy() if isinstance(output, Tensor) else np.asarray(output)
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())
