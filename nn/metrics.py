"""Metrics: `metric(prediction, target)`, arrays in, a number out. They are looked at, not differentiated.

For classes, `target` holds labels, counted from 0, and `prediction` one of

* scores (..., classes), logits or probabilities: the class with the highest score is predicted,
* one score for each target, for two classes: the class is 1 above `threshold`, which is 0 for logits and 0.5 for
  probabilities. A tensor that sigmoid made is known to hold probabilities, and `fit` knows what its loss takes; where
  nothing tells it, it must be said. The targets are then 0 and 1, or -1 and 1; there may be several for each sample,
* labels, of an integer dtype.

A target of the shape of the scores is either one-hot, or soft, its largest entry being the class:
`classes="exclusive"`; or it holds a label for each score, `classes="independent"`. `fit` decides that once, by its loss
and all targets; elsewhere they are exclusive if every row sums to 1, unless it is said.

Of predictions with NaN there is no class, nor of a row in which every score is -inf: the metric is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from operator import index
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from autograd import Tensor

from .lazy import known
from .names import lookup
from .outputs import Classes, check_classes, meaning_of

Array = npt.NDArray[Any]
Metric = Callable[..., Any]
Average = Literal["binary", "macro", "micro", "weighted"]
Mode = Literal["min", "max"]


def accuracy(prediction: Any, target: Any, threshold: float | None = None, classes: Classes | None = None) -> float:
    """The share of the labels that are predicted right."""
    found = labels("accuracy", prediction, target, threshold, classes)
    return float(np.mean(found.predicted == found.actual)) if found.defined else math.nan


def top_k(prediction: Any, target: Any, k: int = 5) -> float:
    """The share of the samples whose class is among the `k` with the highest scores; of equal scores the first wins."""
    scores = numbers(prediction)
    found = labels("top_k", prediction, target, 0.0, "exclusive" if scores.ndim > 1 else None)
    classes = found.classes
    if scores.ndim == 0 or scores.shape[-1] != classes or scores.size != found.actual.size * classes:
        raise ValueError(f"top_k needs scores (..., classes), not a prediction of shape {scores.shape}")
    if not 1 <= k <= classes:
        raise ValueError(f"top_k: k must be from 1 to {classes}, the number of classes, got {k}")
    if not found.defined:
        return math.nan
    scores = scores.reshape(-1, classes)[found.counted]
    best = np.argsort(-scores.astype(np.float64), axis=1, kind="stable")[:, :k]
    return float(np.mean(np.any(best == found.actual[:, None], axis=1)))


def confusion_matrix(
    prediction: Any, target: Any, threshold: float | None = None, classes: int | Classes | None = None
) -> Array:
    """How often class i was predicted as class j, in row i and column j: an integer array (classes, classes).

    The number of classes is that of the scores, or follows from the largest label, unless `classes` is a number.
    Raises ValueError for predictions with NaN.
    """
    number = None if classes is None or isinstance(classes, str) else index(classes)
    kind: Any = classes if number is None else None
    found = labels("confusion_matrix", prediction, target, threshold, kind)
    if number is not None and number < found.classes:
        raise ValueError(f"confusion_matrix: there are {found.classes} classes, and classes={number} is fewer")
    if not found.defined:
        raise ValueError("confusion_matrix: the prediction holds NaN, or rows of -inf, which are of no class")
    return table(found, number or found.classes)


def precision(
    prediction: Any,
    target: Any,
    average: Average | None = "binary",
    threshold: float | None = None,
    classes: Classes | None = None,
) -> Any:
    """Of those predicted to be of a class, the share that are: true positives / predicted. 0 where none is predicted.

    `average`: "binary" is about class 1 of two; "macro" is the mean over the classes that occur, "weighted" weights
    it by how often they occur, "micro" counts all classes together; None gives an array with all classes.
    """
    found = labels("precision", prediction, target, threshold, classes)
    return averaged("precision", found, average, lambda right, predicted, actual: (right, predicted))


def recall(
    prediction: Any,
    target: Any,
    average: Average | None = "binary",
    threshold: float | None = None,
    classes: Classes | None = None,
) -> Any:
    """Of those that are of a class, the share predicted to be: true positives / actual. 0 where there are none.

    `average` as in `precision`.
    """
    found = labels("recall", prediction, target, threshold, classes)
    return averaged("recall", found, average, lambda right, predicted, actual: (right, actual))


def f1(
    prediction: Any,
    target: Any,
    average: Average | None = "binary",
    threshold: float | None = None,
    classes: Classes | None = None,
) -> Any:
    """The harmonic mean of precision and recall: 2 true positives / (predicted + actual).

    `average` as in `precision`.
    """
    found = labels("f1", prediction, target, threshold, classes)
    return averaged("f1", found, average, lambda right, predicted, actual: (2 * right, predicted + actual))


def r2(prediction: Any, target: Any) -> float:
    """1 - the squared error over that of always predicting the mean target: 1 is perfect, 0 no better than the mean.

    Of several outputs (samples, outputs) it is the mean. Of a constant target, exact predictions give 1, others 0.
    """
    predicted, actual = pairs("r2", prediction, target)
    error = np.sum((actual - predicted) ** 2, axis=0)
    spread = np.sum((actual - actual.mean(axis=0)) ** 2, axis=0)
    constant = np.where(error == 0, 1.0, np.where(np.isnan(error), np.nan, 0.0))
    return float(np.mean(np.where(spread == 0, constant, 1 - error / np.where(spread == 0, 1, spread))))


def mae(prediction: Any, target: Any) -> float:
    """The mean of |prediction - target|. (`nn.mae` is the loss; it differentiates.)"""
    predicted, actual = pairs("mae", prediction, target)
    return float(np.mean(np.abs(predicted - actual)))


METRICS: dict[str, Metric] = {
    f.__name__: f for f in (accuracy, top_k, precision, recall, f1, confusion_matrix, r2, mae)
}
BETTER_HIGH = frozenset({"accuracy", "top_k", "precision", "recall", "f1", "r2"})
BETTER_LOW = frozenset({"loss", "mae"})


def metric(given: str | Metric) -> Metric:
    """A metric, given itself or by its name."""
    return given if callable(given) else lookup("metric", given, METRICS)


def mode_of(name: str, mode: Mode | None = None) -> Mode:
    """Whether the metric or loss of this name is better high ("max") or low ("min"); also for "val_" names.

    Raises ValueError if it is unknown and `mode` does not say it.
    """
    if mode is not None:
        if mode not in get_args(Mode):
            raise ValueError(f'mode is "min" or "max", not {mode!r}')
        return mode
    bare = name.removeprefix("val_")
    if bare not in BETTER_HIGH | BETTER_LOW:
        raise ValueError(f'is {name} better when it is high or when it is low? Say it: mode="max" or mode="min"')
    return "max" if bare in BETTER_HIGH else "min"


# --- what they share ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Labels:
    """The predicted and the actual labels, each as one row of integers, and the number of classes.

    `defined` is whether every prediction has a class, `counted` which of the targets they are: all but the ignored.
    """

    predicted: Array
    actual: Array
    classes: int
    defined: bool = True
    counted: Any = ...


def table(found: Labels, size: int) -> Array:
    """The confusion matrix."""
    return np.bincount(found.actual * size + found.predicted, minlength=size * size).reshape(size, size)


def averaged(name: str, found: Labels, average: Average | None, shares: Callable[..., tuple[Any, Any]]) -> Any:
    """The share of each class, a numerator over a denominator, averaged over the classes."""
    if average is not None and average not in get_args(Average):
        raise ValueError(
            f"{name}: average is one of {', '.join(map(repr, get_args(Average)))} or None, not {average!r}"
        )
    if average == "binary" and found.classes > 2:
        raise ValueError(
            f'{name}: there are {found.classes} classes: choose average="macro", "micro", "weighted" or None'
        )
    if not found.defined:
        return math.nan if average else np.full(found.classes, math.nan)
    matrix = table(found, found.classes)
    counts = (np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1))  # right, predicted, actual
    top, bottom = shares(*(map(np.sum, counts) if average == "micro" else counts))
    each = np.where(bottom == 0, 0, top / np.where(bottom == 0, 1, bottom))
    _, predicted, actual = counts
    if average is None:
        return each
    if average == "micro":
        return float(each)
    if average == "macro":
        return float(each[predicted + actual > 0].mean())
    if average == "weighted":
        return float(np.average(each, weights=actual))
    return float(each[1])


def labels(name: str, prediction: Any, target: Any, threshold: float | None, classes: Classes | None) -> Labels:
    """The predicted and the actual labels."""
    check_classes(name, classes)
    scores, actual = numbers(prediction), numbers(target)
    if actual.size == 0:
        raise ValueError(f"{name}: there are no targets")
    known = meaning_of(prediction)
    if scores.shape == actual.shape and scores.dtype.kind == "f" and scores.ndim > 1 and scores.shape[-1] > 1:
        kind = classes or known.classes or ("exclusive" if one_hot(actual) else "independent")
        if kind == "exclusive":
            if not one_hot(actual):
                raise ValueError(
                    f"{name}: classes that exclude each other have targets whose rows are not negative and sum to 1, "
                    f'and these, of shape {actual.shape}, do not (classes="independent"?)'
                )
            actual = actual.argmax(axis=-1)
    elif classes == "independent" and scores.shape != actual.shape:
        raise ValueError(
            f"{name}: of independent classes there is a target for each score, and the scores have the shape "
            f"{scores.shape}, the targets {actual.shape}"
        )
    if scores.ndim == actual.ndim + 1 and scores.shape[:-1] == actual.shape and scores.shape[-1] > 1:
        there: Any = ... if known.ignored is None else np.ravel(actual != known.ignored)
        scores, actual = scores.reshape(-1, scores.shape[-1])[there], actual.ravel()[there]
        if actual.size == 0:
            raise ValueError(f"{name}: there are no targets but those that are ignored, {known.ignored}")
        best = scores.max(axis=-1)  # NaN where there is a NaN
        count = scores.shape[-1]
        defined = bool((best > -np.inf).all())
        return Labels(scores.argmax(axis=-1), whole(name, actual, count), count, defined, there)
    if scores.shape != actual.shape:
        raise ValueError(
            f"{name}: targets of shape {actual.shape} need predictions of that shape, or scores of shape "
            f"({', '.join(map(str, actual.shape))}{', ' if actual.shape else ''}classes), not {scores.shape}"
        )
    if scores.dtype.kind == "f":
        if not np.isin(actual, (-1, 0, 1)).all():
            raise ValueError(
                f"{name}: one score for each target is for two classes, labelled 0 and 1 or -1 and 1, and these go "
                f"from {actual.min()} to {actual.max()} (predicted labels must be integers)"
            )
        if threshold is None:
            threshold = known.threshold(signs=bool((actual < 0).any()))
        if threshold is None and not np.isin(scores, (0, 1)).all():  # which are above both thresholds, or neither
            raise ValueError(
                f"{name}: above which score is it class 1? threshold=0 for logits, 0.5 for probabilities: nothing says "
                f"what this prediction of shape {scores.shape} holds, from {scores.min():g} to {scores.max():g}"
            )
        above = scores > (threshold or 0.0)
        two = above.astype(np.intp).ravel(), (actual > 0).astype(np.intp).ravel()
        return Labels(*two, 2, not np.isnan(scores).any())
    predicted, true = whole(name, scores), whole(name, actual)
    return Labels(predicted, true, max(2, int(predicted.max()) + 1, int(true.max()) + 1))


def one_hot(target: Array) -> bool:
    """Whether every row is a distribution over at least two classes."""
    if target.ndim < 2 or target.shape[-1] < 2:
        return False
    return bool((target >= 0).all() and np.allclose(target.sum(axis=-1, dtype=float), 1, atol=1e-3))


def whole(name: str, given: Array, classes: int | None = None) -> Array:
    """The labels as one row of integers, if they are whole numbers from 0 (to classes - 1)."""
    if not (given >= 0).all() or (given != np.floor(given)).any() or (classes and given.max() >= classes):
        bound = f" to {classes - 1}" if classes else ""
        raise ValueError(f"{name}: labels are integers from 0{bound}, and these go from {given.min()} to {given.max()}")
    return given.astype(np.intp).ravel()


def pairs(name: str, prediction: Any, target: Any) -> tuple[Array, Array]:
    """Prediction and target as float64, if they have the same shape."""
    predicted, actual = numbers(prediction).astype(np.float64), numbers(target).astype(np.float64)
    if predicted.shape != actual.shape:
        raise ValueError(f"{name}: prediction {predicted.shape} and target {actual.shape} must have the same shape")
    if actual.size == 0:
        raise ValueError(f"{name}: there are no targets")
    return predicted, actual


def numbers(x: Any) -> Array:
    """An array of real numbers."""
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError("metrics do not see the mask of a masked array: leave the masked samples out, x[~x.mask].data")
    array = x.numpy() if isinstance(x, Tensor) else np.asarray(known("a metric: x", x))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"metrics are about real numbers, not {array.dtype}")
    return array
