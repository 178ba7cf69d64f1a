"""What the arguments of `fit` may be: names, functions and objects become what the loop works with."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import losses, optim
from ..metrics import Metric, metric
from ..module import Module
from ..names import lookup
from ..optim.base import Optimizer
from .measuring import Loss

# fmt: off
LOSSES: dict[str, Loss] = {f.__name__: f for f in (
    losses.mse, losses.quadratic_cost, losses.rss, losses.mae, losses.huber, losses.cosine, losses.bce,
    losses.bce_with_logits, losses.hinge, losses.perceptron, losses.cross_entropy, losses.nll, losses.kl_divergence,
)}
OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {kind.__name__.lower(): kind for kind in (
    optim.SGD, optim.Adagrad, optim.RMSProp, optim.Adadelta, optim.Adam, optim.AdamW, optim.NAdam, optim.Lion,
)}
# fmt: on
RESERVED = frozenset({"loss", "lr", "epoch"})

Pair = tuple[Any, Any]


def loss_function(given: str | Loss) -> Loss:
    """A loss, given itself or by its name."""
    return given if callable(given) else lookup("loss", given, LOSSES)


def optimizer_of(model: Module, given: str | Optimizer | Callable[[Any], Optimizer]) -> Optimizer:
    """An optimizer of the model's parameters: given itself, or made of them by a function or by name."""
    if isinstance(given, str):
        given = lookup("optimizer", given.lower(), OPTIMIZERS)
    if callable(given):
        try:
            made = given(model.parameters())
        except TypeError as error:
            error.add_note("fit calls optimizer(parameters); with options: lambda params: nn.SGD(params, lr=0.1)")
            raise
        given = made
    if not isinstance(given, Optimizer):
        raise TypeError(f"fit: optimizer is an Optimizer, a name, or a function that makes one, not {given!r}")
    if not {id(p) for p in given.params} & {id(p) for p in model.parameters()}:
        raise ValueError("fit: the optimizer has none of the model's parameters: make it of model.parameters()")
    return given


def metrics_by_name(given: str | Metric | Iterable[str | Metric] | Mapping[str, Metric]) -> dict[str, Metric]:
    """Every metric by the name that it has in the history."""
    if isinstance(given, Mapping):
        pairs: list[tuple[str, Metric]] = [(str(name), metric(one)) for name, one in given.items()]
    else:
        functions = list(map(metric, [given] if isinstance(given, str) or callable(given) else given))
        pairs = [(name_given(one), one) for one in functions]
    found: dict[str, Metric] = {}
    for name, one in pairs:
        if name in found or name in RESERVED or name.startswith("val_"):
            raise ValueError(f"fit: a metric cannot be called {name!r}: the history has that name already")
        found[name] = one
    return found


def is_own(model: Module, loss: Loss, optimizer: Optimizer) -> bool:
    """Whether a step of training runs no code but that of this library: then it is safe to compile it unasked."""
    parts: list[Any] = [loss, type(optimizer)]
    for module in model.modules():
        parts += [type(module), *(x for x in vars(module).values() if callable(x) and not isinstance(x, Module))]
    return all(map(of_library, parts)) and not any(parameter.hooks for parameter in model.parameters())


def of_library(function: Any) -> bool:
    """Whether a function or a class is one of this library's, or NumPy's."""
    while isinstance(function, functools.partial):
        function = function.func
    module = "numpy" if isinstance(function, np.ufunc) else str(getattr(function, "__module__", ""))
    return module.partition(".")[0] in ("nn", "autograd", "numpy") and "<lambda>" not in name_given(function)


def name_given(function: Any) -> str:
    """The name of a function, also of one with some arguments filled in."""
    if isinstance(function, functools.partial):
        return name_given(function.func)
    return str(getattr(function, "__name__", type(function).__name__))


def parted(X: Any, y: Any, validation: float | Sequence[Any] | None, seed: int | None) -> tuple[Pair, Pair | None]:
    """The samples to train on, and those for validation: a pair that is given, or a part of the samples at random."""
    if len(X) != len(y):
        raise ValueError(f"fit: X has {len(X)} samples and y {len(y)}: there must be one target for each")
    if len(X) == 0:
        raise ValueError("fit: there are no samples")
    if validation is None:
        return (X, y), None
    if not isinstance(validation, (int, float)):
        if len(validation) != 2 or len(validation[0]) != len(validation[1]) or len(validation[0]) == 0:
            raise ValueError("fit: validation is a pair (X, y) of as many samples as targets, or a part such as 0.2")
        return (X, y), (validation[0], validation[1])
    held = round(validation * len(X))
    if not 0 < held < len(X):
        raise ValueError(f"fit: validation={validation} of {len(X)} samples leaves {held} for it: choose another part")
    order = np.random.default_rng(seed).permutation(len(X))
    out, kept = np.sort(order[:held]), np.sort(order[held:])
    return (chosen(X, kept), chosen(y, kept)), (chosen(X, out), chosen(y, out))


def chosen(data: Any, indices: Any) -> Any:
    """These samples of the data: an array is copied, anything that may be larger than the memory is not."""
    plain = isinstance(data, np.ndarray) and not isinstance(data, np.memmap)
    return data[indices] if plain else Subset(data, indices)


class Subset(Sequence[Any]):
    """Some samples of a sequence, looked up when they are asked for."""

    def __init__(self, data: Any, indices: Any) -> None:
        self.data, self.indices = data, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, i: Any) -> Any:
        return self.data[self.indices[i]]
