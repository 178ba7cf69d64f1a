"""The numbers of an epoch: of the whole set, whatever the batches.

A sum is added up, a mean is weighted by what it divided by. Losses of this library report which it is; of a loss that
is computed from these, or by functions of one's own, the graph says it.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor

from ..metrics import Metric, one_hot
from ..outputs import UNKNOWN, Classes, Meaning, Meanings, knowing, meaning_of, origin, outputs
from ..predicting import arrays, joined
from ..reduction import Report, reported
from ..samples import Weighed, mapped, named, several
from .weighing import unweighed, weighed

Loss = Callable[..., Tensor]
Logs = dict[str, float]
on_tensors: Any = np
some: Any = Tensor([1.0], requires_grad=True)
CONTRACTIONS = frozenset({np.matmul, np.tensordot, on_tensors.einsum("i,i->", some, some).fun})


class Part(NamedTuple):
    """A term of a loss: its number, None for the loss itself, and what its mean divided by, None for a sum."""

    value: Tensor | None
    weight: Any


class Lost(NamedTuple):
    """The loss of a batch, its terms, and what it says about the prediction, about each output if there are several."""

    loss: Tensor
    parts: Sequence[Part]
    meanings: Meanings


def loss_of(loss: Loss, prediction: Any, target: Any, x: Any = None) -> Lost:
    """The loss of a batch, by its prediction, or by its input `x` if that is given."""
    given = prediction if x is None else x
    with reported() as reports:
        if isinstance(target, Weighed):
            found = weighed(loss, given, *target, reports)
            parts = [Part(None, reports[-1].weight)]
        else:
            found = one_number(loss(given, target))
            parts = parts_of(loss, found, reports, prediction, samples=length(target))
    each = getattr(loss, "losses", {})  # of each output its own
    return Lost(found, parts, {key: meaning_for(each.get(key, loss), one, reports)
                               for key, one in outputs(prediction).items()})  # fmt: skip


def length(target: Any) -> int:
    """The number of samples in a batch of targets, of which there may be several for each."""
    return len(next(named("y", target))[1])


def parts_of(loss: Loss, found: Tensor, reports: Sequence[Report], prediction: Any, samples: int) -> list[Part]:
    """The terms of a loss: it may be a sum, a mean, and what is added to it, as a penalty."""
    how = declared(loss, "averaged")
    if how is not None:
        if how not in ("sum", "mean"):
            raise ValueError(f'the attribute averaged of a loss is "sum" or "mean", not {how!r}')
        return [Part(None, None if how == "sum" else samples)]
    by_result = {id(report.result): report for report in reports if report.reduction != "none"}
    parts, waiting = [], [found]
    while waiting:
        node = waiting.pop()
        inner, divided = unscaled(node, by_result)
        report = by_result.get(id(inner))
        added = addends(node)
        if report is None and added:
            waiting += added
        elif report.weight is None if report is not None else is_sum_of(inner, prediction):
            parts.append((node, samples if divided else None))  # a sum that is divided: a mean by hand
        else:
            parts.append((node, samples if report is None else report.weight))
    return [Part(None if node is found else node, weight) for node, weight in parts]


def unscaled(node: Tensor, known: Mapping[int, Report]) -> tuple[Tensor, bool]:
    """What a node is a multiple of, and whether it was divided by something on the way."""
    divided = False
    while id(node) not in known and node.fun in (np.multiply, np.divide, np.negative):
        inner = [x for x in node.args if isinstance(x, Tensor)]
        if len(inner) != 1 or (node.fun is np.divide and node.args[0] is not inner[0]):
            break
        divided = divided or node.fun is np.divide
        node = inner[0]
    return node, divided


def addends(node: Tensor) -> list[Tensor]:
    """The tensors that a node is the sum of, also of Python's sum(), which starts with 0; none if it is no such sum."""
    if node.fun is not np.add:
        return []
    others = [x for x in node.args if not isinstance(x, Tensor)]
    return [] if any(type(x) is not int or x for x in others) else [x for x in node.args if isinstance(x, Tensor)]


def is_sum_of(node: Tensor, prediction: Any) -> bool:
    """Whether a node is the sum of numbers that depend on the prediction: a penalty on weights does not.

    So is the product of a vector of errors with itself. One with a constant vector fits one size of batch alone.
    """
    factors = [x for x in node.args if isinstance(x, Tensor)]
    contracted = node.fun in CONTRACTIONS and node.ndim == 0 and len(factors) > 1
    if contracted:
        return all(depends(x, prediction) for x in factors)
    return node.fun is np.sum and depends(node, prediction)


def depends(node: Tensor, prediction: Any) -> bool:
    """Whether a node is computed from the prediction."""
    ends = {id(x): x.index for x in tensors(prediction)}
    first, seen, waiting = min(ends.values(), default=0), set[int](), [node]
    while waiting:
        x = waiting.pop()
        if id(x) in ends:
            return True
        if id(x) not in seen and x.index > first:  # what was made before the prediction does not depend on it
            seen.add(id(x))
            waiting += [arg for arg in x.args if isinstance(arg, Tensor)]
    return False


def tensors(tree: Any) -> list[Tensor]:
    """The tensors in a prediction, which may have several parts."""
    if isinstance(tree, (Mapping, tuple, list)):
        return [x for part in (tree.values() if isinstance(tree, Mapping) else tree) for x in tensors(part)]
    return [tree] if isinstance(tree, Tensor) else []


def declared(loss: Loss, name: str) -> Any:
    """What a loss says about itself in this attribute, also one with some arguments filled in."""
    while isinstance(loss, functools.partial):
        loss = loss.func
    return getattr(loss, name, None)


def meaning_for(loss: Loss, prediction: Any, reports: Iterable[Report]) -> Meaning:
    """What is known of a prediction: the call that made it, what the loss declares, the losses it was passed to."""
    if not isinstance(prediction, Tensor):
        return UNKNOWN
    source = origin(prediction)
    called = [report for report in reports if origin(report.prediction) is source]

    def said(name: str) -> Any:
        own = declared(loss, name)
        return the_one(declared(report.loss, name) for report in called) if own is None else own

    return Meaning(
        meaning_of(prediction).cut, said("takes"), said("classes"), the_one(report.ignored for report in called)
    )


def the_one(said: Iterable[Any]) -> Any:
    """What is said, if there is one answer."""
    answers = {x for x in said if x is not None}
    return answers.pop() if len(answers) == 1 else None


class Measured:
    """The losses of the batches of an epoch, and for the metrics all predictions and targets."""

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        self.metrics = metrics
        self.rows: list[tuple[Any, ...]] = []  # of each batch the loss, and of each term value and weight
        self.predictions: list[Any] = []
        self.targets: list[Any] = []

    def add(self, loss: float, parts: Sequence[Part], prediction: Any, target: Any) -> None:
        """Count a batch."""
        terms = ((loss if term is None else term.item(), None if by is None else float(by)) for term, by in parts)
        self.rows.append((loss, *itertools.chain.from_iterable(terms)))  # flat: an epoch may have many batches
        if self.metrics and prediction is None:  # of a batch that others have
            self.predictions.append(None)
            self.targets.append(None)
        elif self.metrics:
            target = unweighed(target)
            if not isinstance(prediction, (Tensor, np.ndarray)) and not several(target):
                raise TypeError(f"metrics need a model that gives a Tensor, and this one gives {type(prediction)}")
            self.predictions.append(arrays(prediction))
            self.targets.append(mapped(np.asarray, target))

    def loss(self) -> float:
        """The loss of all batches."""
        total, means = 0.0, dict[int, list[float]]()  # by the position of the term: its sum, and that of its weights
        for _, *terms in self.rows:
            for i, (value, weight) in enumerate(zip(terms[::2], terms[1::2])):
                if weight is None:
                    total += value
                else:
                    mean = means.setdefault(i, [0.0, 0.0])
                    mean[0] += value * weight if weight else 0.0
                    mean[1] += weight
        return total + sum(value / weight for value, weight in means.values() if weight)

    def per_batch(self) -> float:
        """The loss of a batch, on average."""
        total: float = sum(loss for loss, *_ in self.rows)
        return total / len(self.rows)

    def logs(self, meanings: Meanings) -> Logs:
        """The numbers of the epoch by name, for predictions of these meanings."""
        logs = {"loss": self.loss()}
        if self.metrics:
            prediction, target = joined(self.predictions), joined(self.targets)
            with knowing(prediction, meanings):
                for name, metric in self.metrics.items():
                    value = metric(prediction, target)
                    if np.size(value) != 1:
                        shape = np.shape(value)
                        raise ValueError(f"a metric is one number for each epoch, and {name} gives shape {shape}")
                    logs[name] = float(value)
        return logs

    def classes(self, output: Any) -> Classes | None:
        """The kind of classes of an output, by all its targets: of rows that each sum to 1 they exclude each other."""
        pairs = [(outputs(p).get(output), outputs(t).get(output)) for p, t in zip(self.predictions, self.targets)]
        targets = [t for p, t in pairs if p is not None and t is not None and np.shape(p) == np.shape(t)]
        if not targets or len(targets) < len(pairs):
            return None
        return "exclusive" if one_hot(np.concatenate(targets)) else "independent"

    def settled(self, meanings: Meanings, classes: Classes | None) -> dict[Any, Classes | None]:
        """The kind of classes of each output: as it is given, as the loss says it, or by all targets."""
        return {key: classes or meaning.classes or self.classes(key) for key, meaning in meanings.items()}


def with_classes(meanings: Meanings, classes: Mapping[Any, Classes | None]) -> Meanings:
    """The meanings of predictions, for these kinds of classes."""
    return {key: replace(meaning, classes=classes.get(key)) for key, meaning in meanings.items()}


def one_number(loss: Any) -> Tensor:
    """The loss, if it can be differentiated as it is."""
    if not isinstance(loss, Tensor):
        raise TypeError(f"a loss is a Tensor, computed from the prediction, and this one is a {type(loss).__name__}")
    if loss.size != 1:
        raise ValueError(f'a loss is one number for the batch (reduction="mean"), and this one has shape {loss.shape}')
    return loss
