"""Several outputs: a loss for each, whose weighted sum is trained, and metrics for each."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autograd import Tensor

from ..metrics import Metric
from .measuring import Loss

Key = str | int


class LossOfEach:
    """The sum of the losses of several outputs, each times its weight: by name for a dict, by position for a tuple."""

    def __init__(self, losses: Mapping[Any, Loss], weights: Mapping[Any, float]) -> None:
        self.losses, self.weights = losses, weights

    def __call__(self, prediction: Any, target: Any) -> Tensor:
        """The weighted sum."""
        outputs = self.outputs("model gives", prediction)
        targets = self.outputs("targets y are", target)
        terms = []
        for key, loss in self.losses.items():
            term = loss(outputs[key], targets[key])
            terms.append(term if self.weights[key] == 1 else self.weights[key] * term)
        return functools.reduce(operator.add, terms)

    def outputs(self, what: str, given: Any) -> dict[Any, Any]:
        """The outputs or targets by name or position, if there is one for each loss."""
        of_names = isinstance(given, Mapping)
        found = dict(given) if of_names else dict(enumerate(given)) if isinstance(given, (tuple, list)) else None
        if found is None or found.keys() != self.losses.keys():
            seen = f"a {type(given).__name__}" + (f" of {', '.join(map(repr, found))}" if found else "")
            kind = "dict" if all(isinstance(key, str) for key in self.losses) else "tuple"
            raise ValueError(
                f"fit: loss= has one loss for each of the outputs {', '.join(map(repr, self.losses))}, and the {what} "
                f"{seen}: a {kind} with just these is needed"
            )
        return found


class OfOutput:
    """A metric of one of several outputs."""

    def __init__(self, key: Key, metric: Metric) -> None:
        self.key, self.metric = key, metric

    def __call__(self, prediction: Any, target: Any) -> Any:
        """The metric, of arrays."""
        return self.metric(prediction[self.key], target[self.key])


class LossOfOutput:
    """The loss of one of several outputs, as a metric."""

    def __init__(self, key: Key, loss: Loss) -> None:
        self.key, self.loss = key, loss

    def __call__(self, prediction: Any, target: Any) -> Any:
        """The loss, of arrays."""
        one = prediction[self.key]
        return self.loss(Tensor(one, dtype=one.dtype), target[self.key]).item()


def by_key(what: str, given: Any, keys: Iterable[Any]) -> dict[Any, Any]:
    """What is given for each output, by its name or position."""
    keys = list(keys)
    found = dict(given) if isinstance(given, Mapping) else dict(enumerate(given))
    if not found.keys() <= set(keys):
        raise ValueError(f"fit: {what}= is for the outputs {keys}, as loss= is, and this one is for {list(found)}")
    return found


def losses_of(given: Any, weights: Any, named: Callable[[Any], Loss]) -> LossOfEach:
    """The loss of several outputs, of which each is a function or `named`."""
    losses = {key: named(one) for key, one in by_key("loss", given, given if isinstance(given, Mapping) else
                                                     range(len(given))).items()}  # fmt: skip
    if not losses:
        raise ValueError("fit: loss= is empty: one loss, or one for each output")
    found = by_key("loss_weights", {} if weights is None else weights, losses)
    return LossOfEach(losses, {key: float(found.get(key, 1.0)) for key in losses})


def metrics_of(given: Any, loss: LossOfEach, by_name: Callable[[Any], dict[str, Metric]]) -> dict[str, Metric]:
    """The metrics of every output, "left_accuracy", and its loss, "left_loss", by the names in the history.

    `given` are the metrics of each, as `loss=` is given; or the same ones for all.
    """
    same = isinstance(given, str) or callable(given)
    each = dict.fromkeys(loss.losses, given) if same else by_key("metrics", given, loss.losses)
    found: dict[str, Metric] = {}
    for key, one in loss.losses.items():
        found[f"{key}_loss"] = LossOfOutput(key, one)
        for name, metric in by_name(each.get(key) or ()).items():
            found[f"{key}_{name}"] = OfOutput(key, metric)
    return found
