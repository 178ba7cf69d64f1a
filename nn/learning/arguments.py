"""What the arguments of `fit` may be: names, functions and objects become what the loop works with."""

from __future__ import annotations

import dis
import functools
import types
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import losses, optim
from ..layers import Perceptron
from ..metrics import Metric, metric
from ..module import Module
from ..names import lookup
from ..optim.base import Optimizer
from ..optim.schedules import LambdaLR, Schedule
from .checkpoints import Checkpoint
from .measuring import Loss
from .several import LossOfEach, losses_of, metrics_of
from .stopping import EarlyStopping

# fmt: off
LOSSES: dict[str, Loss] = {f.__name__: f for f in (
    losses.mse, losses.quadratic_cost, losses.rss, losses.mae, losses.huber, losses.cosine, losses.bce,
    losses.bce_with_logits, losses.hinge, losses.perceptron, losses.cross_entropy, losses.nll, losses.kl_divergence,
)}
OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {kind.__name__.lower(): kind for kind in (
    optim.SGD, optim.Adagrad, optim.RMSProp, optim.Adadelta, optim.Adam, optim.AdamW, optim.NAdam, optim.Lion,
)}
# fmt: on
OF_FIT = {EarlyStopping: "early_stopping", Checkpoint: "checkpoint", Schedule: "schedule"}
EMPTY = types.CellType()
RESERVED = frozenset({"loss", "lr", "epoch"})


def loss_function(given: str | Loss) -> Loss:
    """A loss, given itself or by its name."""
    if isinstance(given, type):
        raise TypeError(
            f"fit: loss is a function loss(prediction, target), or a name, as 'mse', not {given.__name__}, a class"
        )
    return given if callable(given) else lookup("loss", given, LOSSES)


def measures(loss: Any, loss_weights: Any, metrics: Any) -> tuple[Loss, dict[str, Metric]]:
    """The loss, of several outputs the sum of theirs, and the metrics by name."""
    if not isinstance(loss, str) and isinstance(loss, (Mapping, Sequence)):
        each = losses_of(loss, loss_weights, loss_function)
        return each, metrics_of(metrics, each, metrics_by_name)
    if loss_weights is not None:
        raise ValueError("loss_weights= is for several outputs, with a loss for each in loss=")
    return loss_function(loss), metrics_by_name(metrics)


def learned_by(model: Module, loss: Loss) -> tuple[Loss, bool]:
    """What the model learns by, and whether that is a function of its input: of a Perceptron its criterion."""
    if not isinstance(model, Perceptron):
        return loss, False
    if loss is not losses.perceptron:
        raise ValueError(
            f'fit: a Perceptron learns by its criterion, loss="perceptron", with labels 0 and 1; by {name_given(loss)} '
            f"it would stay as it is, because the derivative of its step function is 0"
        )
    return model.criterion, True


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
        raise TypeError(
            f"fit: optimizer is an Optimizer, a name, or a function that makes one, as lambda params: "
            f"nn.SGD(params, lr=0.1), not {given!r}"
        )
    if not {id(p) for p in given.params} & {id(p) for p in model.parameters()}:
        raise ValueError("fit: the optimizer has none of the model's parameters: make it of model.parameters()")
    return given


def schedule_of(given: Any, epochs: int) -> Schedule | None:
    """A schedule, given itself or as a function of the epoch."""
    if given is None or isinstance(given, Schedule):
        return given
    asked = given if isinstance(given, str) else given.__name__ if isinstance(given, type) else None
    if asked is not None:
        made = {
            "cosine": f"nn.CosineAnnealingLR(T_max={epochs})",
            "linear": f"nn.LinearLR(1.0, 0.0, total_iters={epochs})",
            "step": f"nn.StepLR(step_size={max(1, epochs // 3)})",
            "exponential": "nn.ExponentialLR(gamma=0.95)",
            "onecycle": "nn.OneCycleLR(max_lr=..., total_steps=...)",
            "plateau": "nn.ReduceLROnPlateau()",
        }
        plain = asked.lower().replace("_", "").replace("-", "").replace(" ", "")
        found = [text for name, text in made.items() if name in plain] or list(made.values())
        raise TypeError(
            f"fit: a schedule has numbers of its own, so {asked!r} is not enough: schedule={' or '.join(found)}"
        )
    if not callable(given):
        raise TypeError(f"fit: schedule is a Schedule, or a function of the epoch that gives a factor, not {given!r}")
    return LambdaLR(given)


def callbacks_of(given: Any) -> list[Callable[[Any], Any]]:
    """The functions to call after every epoch; what fit has an argument of its own for is refused, with its name."""
    calls = list(given) if isinstance(given, Iterable) and not callable(given) else [given]
    for call in calls:
        own = next((name for kind, name in OF_FIT.items() if isinstance(call, kind) or call is kind), "")
        if own or isinstance(call, type) or not callable(call):
            cure = f"it goes to fit({own}=...)" if own else "a callback is a function of the Epoch"
            raise TypeError(f"fit: {call!r} is no callback: {cure}")
    return calls


def model_given(model: Any) -> None:
    """Refuse what is no model, as the class of one."""
    if isinstance(model, type):
        raise TypeError(f"fit: the model is the class {model.__name__}: make one, {model.__name__}(...)")
    if not isinstance(model, Module):
        raise TypeError(f"fit(model, X, y): the model comes first, an nn.Module, not a {type(model).__name__}")


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
    losses = loss.losses.values() if isinstance(loss, LossOfEach) else [loss]
    parts: list[Any] = [*losses, type(optimizer)]
    for module in model.modules():
        parts += [type(module), *(x for x in vars(module).values() if callable(x) and not isinstance(x, Module))]
    return all(map(of_library, parts)) and not any(parameter.hooks for parameter in model.parameters())


def of_library(function: Any) -> bool:
    """Whether a function or a class is one of this library's, or NumPy's."""
    while isinstance(function, functools.partial):
        function = function.func
    module = "numpy" if isinstance(function, np.ufunc) else str(getattr(function, "__module__", ""))
    return module.partition(".")[0] in ("nn", "autograd", "numpy") and "<lambda>" not in name_given(function)


def fingerprint(function: Any) -> str | None:
    """What tells a loss from others of its name: the arguments that a partial fills in, and of a function of one's own
    its code and the numbers that it closes over. None for a function of the library as it is.
    """
    if isinstance(function, LossOfEach):
        return str([fingerprint(one) for one in function.losses.values()])
    told: list[Any] = []
    while isinstance(function, functools.partial):
        told += [numbers(x) for x in (*function.args, *function.keywords.items())]
        function = function.func
    code = getattr(function, "__code__", None)
    if code is not None and not of_library(function):
        told += [code.co_code.hex(), code.co_names, [x for x in code.co_consts if not hasattr(x, "co_code")]]
        counted = {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_DEREF"}  # as n += 1
        closed_over = zip(code.co_freevars, function.__closure__ or ())
        told += [numbers(cell.cell_contents) for name, cell in closed_over if name not in counted and cell != EMPTY]
        told += [numbers(x) for x in function.__defaults__ or ()]
    return f"{zlib.crc32(repr(told).encode()):08x}" if told else None


def numbers(x: Any) -> Any:
    """Something that is equal for equal numbers, texts and lists of them; of all else its kind."""
    if isinstance(x, (list, tuple)):
        return [numbers(part) for part in x]
    if isinstance(x, (np.ndarray, np.generic)):
        return x.shape, zlib.crc32(np.ascontiguousarray(x).tobytes())
    return x if isinstance(x, (bool, int, float, str, type(None))) else type(x).__name__


def name_given(function: Any) -> str:
    """The name of a function, also of one with some arguments filled in."""
    if isinstance(function, functools.partial):
        return name_given(function.func)
    if isinstance(function, LossOfEach):
        return ", ".join(f"{key}: {function.weights[key]:g} {name_given(one)}" for key, one in function.losses.items())
    return str(getattr(function, "__name__", type(function).__name__))
