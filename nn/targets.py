"""What the losses share: which targets fit, and the reduction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, anew, asarray

Array = npt.NDArray[Any]


def reduced(losses: Tensor, reduction: str, count: Any = None) -> Tensor:
    """The mean of the losses, their sum, or all of them. `count`, if given, is what the mean divides their sum by."""
    if reduction == "mean":  # of no weight at all the mean is 0
        return losses.mean() if count is None else losses.sum() / np.where(np.equal(count, 0), 1, count)
    if reduction == "sum":
        return losses.sum()
    if reduction == "none":
        return losses
    raise ValueError(f'reduction is "mean", "sum" or "none", not {reduction!r}')


def plain_array(x: Any) -> Array:
    """The numbers of a tensor, or of what an array can be made of."""
    return x.numpy() if isinstance(x, Tensor) else asarray(x)


def numbers(loss: str, prediction: Tensor, target: Any) -> Array:
    """The target as finite numbers of the shape and dtype of the prediction."""
    array: Array = asarray(plain_array(target), dtype=prediction.dtype)
    if array.shape != prediction.shape:
        fix = f": target.reshape({prediction.shape}) if they mean the same" if array.size == prediction.size else ""
        raise ValueError(
            f"{loss}: the prediction has shape {prediction.shape} and the target {array.shape}; they must be equal, "
            f"broadcasting would compare each with every other{fix}"
        )
    anew(check_finite, loss, array)
    return array


def check_finite(loss: str, array: Array) -> None:
    """Refuse targets that are not finite."""
    if not np.isfinite(array).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{loss}: every target must be finite, and that at {first} is {array[first]}")


def probabilities(loss: str, prediction: Tensor, target: Any) -> Array:
    """The target as numbers from 0 to 1, one for each of the prediction."""
    array = numbers(loss, prediction, target)
    anew(check_probabilities, loss, array)
    return array


def check_probabilities(loss: str, array: Array) -> None:
    """Refuse targets that are not from 0 to 1."""
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        raise ValueError(
            f"{loss}: targets are probabilities or the labels 0 and 1, and these go from {array.min():g} to "
            f"{array.max():g} (of labels -1 and 1 take (labels + 1) / 2)"
        )


def signs(loss: str, scores: Tensor, target: Any) -> Array:
    """The target as labels -1 and 1, one for each score."""
    array = numbers(loss, scores, target)
    anew(check_signs, loss, array)
    return array


def check_signs(loss: str, array: Array) -> None:
    """Refuse labels other than -1 and 1."""
    wrong = array[np.abs(array) != 1]
    if wrong.size:
        raise ValueError(
            f"{loss}: labels are -1 and 1, and among these is {wrong[0]:g} (of labels 0 and 1 take 2 * labels - 1)"
        )


def distributions(loss: str, prediction: Tensor, target: Any) -> Array:
    """The target as distributions over the last axis, in the shape of the prediction."""
    array = numbers(loss, prediction, target)
    anew(check_distributions, loss, array)
    return array


def check_distributions(loss: str, array: Array) -> None:
    """Refuse rows that are negative somewhere, or whose sum is not 1."""
    sums = array.sum(axis=-1)
    if array.size and (array.min() < 0 or np.abs(sums - 1).max() > 1e-3):
        raise ValueError(
            f"{loss}: a target of the shape of the prediction, {array.shape}, holds a distribution in each row, "
            f"not negative and with the sum 1; the least number here is {array.min():g}, and the sums go from "
            f"{sums.min():g} to {sums.max():g} (for classes that do not exclude each other take bce_with_logits)"
        )


def integers(what: str, labels: Array, classes: int | None = None) -> Array:
    """Labels as integers, if they are whole numbers; `check_range` and softmax_cross_entropy look at their range."""
    if labels.dtype.kind in "iu":
        return labels
    expected = "not negative" if classes is None else f"from 0 to {classes - 1}"
    if labels.dtype.kind not in "bf":
        raise ValueError(f"{what}: labels are integers {expected}, not {labels.dtype}")
    anew(check_whole, what, labels, expected)
    return labels.astype(np.intp)


def check_whole(what: str, labels: Array, expected: str) -> None:
    """Refuse labels that are no whole numbers."""
    fractional = labels[~(np.isfinite(labels) & (labels == np.round(labels)))]
    if fractional.size:
        raise ValueError(
            f"{what}: labels are integers {expected}, and among these is {fractional[0]} "
            f"(probabilities need the shape of the logits)"
        )


def check_range(what: str, labels: Array, classes: int) -> None:
    """Refuse integers that name no class."""
    if labels.size and not (labels.min() >= 0 and labels.max() < classes):
        raise ValueError(f"{what}: labels from {labels.min()} to {labels.max()} for {classes} classes, counted from 0")


def labels_for(loss: str, scores: Tensor, target: Any) -> Array:
    """The target as one class for each row of scores, an integer from 0 to classes - 1."""
    array = plain_array(target)
    if scores.ndim == 0 or array.shape != scores.shape[:-1]:
        raise ValueError(
            f"{loss}: a prediction of shape {scores.shape} needs labels of shape {scores.shape[:-1]}, its last axis "
            f"being the classes, and the target has shape {array.shape}"
        )
    labels = integers(loss, array, scores.shape[-1])
    anew(check_range, loss, labels, scores.shape[-1])
    return labels


def class_weights(loss: str, weight: Any, scores: Tensor) -> Array:
    """One weight for each class, finite and not negative, in the dtype of the scores."""
    array: Array = asarray(plain_array(weight), dtype=scores.dtype)
    if array.shape != scores.shape[-1:]:
        raise ValueError(
            f"{loss}: {scores.shape[-1]} classes need a weight of shape {scores.shape[-1:]}, not {array.shape}"
        )
    anew(check_weights, loss, array)
    return array


def check_weights(loss: str, array: Array) -> None:
    """Refuse weights that are negative or not finite."""
    if not (np.isfinite(array).all() and (array >= 0).all()):
        raise ValueError(f"{loss}: weights of classes are finite and not negative, and these are {array}")


def positive(loss: str, name: str, value: float) -> float:
    """An option of a loss that must be above 0 and finite, as a Python float (which keeps float32 in float32)."""
    number = float(value)
    if not 0 < number < math.inf:
        raise ValueError(f"{loss}: {name} must be above 0 and finite, got {value}")
    return number
