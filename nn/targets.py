"""What the losses share: which targets fit."""

from __future__ import annotations

import functools
import math
from operator import index
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, anew, arrays, asarray, nll

Array = npt.NDArray[Any]


def plain_array(x: Any) -> Array:
    """The numbers of a tensor, or of what an array can be made of."""
    array: Array = asarray(x) if not isinstance(x, Tensor) else x.data if arrays.lives_elsewhere(x) else x.numpy()
    return array


def vetted(check: Any, what: str, array: Array, *more: Any) -> Array:
    """`array`, if `check` has nothing against it; if its numbers are not computed yet, it is asked when they are."""
    if type(array) is not np.ndarray and arrays.is_lazy(array):
        checked: Array = arrays.vetted(functools.partial(on_behalf, check, what, more), array)
        return checked
    anew(check, what, array, *more)
    return array


def on_behalf(check: Any, what: str, more: tuple[Any, ...], array: Any) -> None:
    """`check`, of a block."""
    check(what, array, *more)


def target_of(loss: str, prediction: Tensor, target: Any) -> Array:
    """The numbers of the target, if no gradient would be lost with them."""
    if isinstance(target, Tensor) and target.requires_grad:
        fix = "is it meant as a number: target.detach()" if prediction.requires_grad else "are the arguments swapped"
        raise TypeError(
            f"{loss}(prediction, target): the target requires a gradient, and losses give one to predictions alone: "
            f"{fix}?"
        )
    return plain_array(target)


def numbers(loss: str, prediction: Tensor, target: Any) -> Array:
    """The target as finite numbers of the shape and dtype of the prediction."""
    array: Array = asarray(target_of(loss, prediction, target), dtype=prediction.dtype)
    if array.shape != prediction.shape:
        fix = f": target.reshape({prediction.shape}) if they mean the same" if array.size == prediction.size else ""
        raise ValueError(
            f"{loss}: the prediction has shape {prediction.shape} and the target {array.shape}; they must be equal, "
            f"broadcasting would compare each with every other{fix}"
        )
    return vetted(check_finite, loss, array)


def check_finite(loss: str, array: Array) -> None:
    """Refuse targets that are not finite."""
    if not np.isfinite(array).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{loss}: every target must be finite, and that at {first} is {array[first]}")


def probabilities(loss: str, prediction: Tensor, target: Any) -> Array:
    """The target as numbers from 0 to 1, one for each of the prediction."""
    array = numbers(loss, prediction, target)
    return vetted(check_probabilities, loss, array)


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
    return vetted(check_signs, loss, array)


def check_signs(loss: str, array: Array) -> None:
    """Refuse labels other than -1 and 1."""
    wrong = array[np.abs(array) != 1]
    if wrong.size:
        raise ValueError(
            f"{loss}: labels are -1 and 1, and among these is {wrong[0]:g} (of labels 0 and 1 take 2 * labels - 1)"
        )


def distributions(loss: str, prediction: Tensor, target: Any) -> Array:
    """The target as distributions over the last axis, in the shape of the prediction."""
    return vetted(check_distributions, loss, numbers(loss, prediction, target))


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
        cure = "names, y = np.unique(y, return_inverse=True) numbers them, and names[y] goes back"
        raise ValueError(f"{what}: labels are integers {expected}, not {labels.dtype} ({cure})")
    return vetted(check_whole, what, labels, expected).astype(np.intp)


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
    array = target_of(loss, scores, target)
    if scores.ndim == 0 or array.shape != scores.shape[:-1]:
        raise ValueError(
            f"{loss}: a prediction of shape {scores.shape} needs labels of shape {scores.shape[:-1]}, its last axis "
            f"being the classes, and the target has shape {array.shape}{swapped(scores.shape, array.shape)}"
        )
    return vetted(check_range, loss, integers(loss, array, scores.shape[-1]), scores.shape[-1])


def swapped(prediction: tuple[int, ...], target: tuple[int, ...]) -> str:
    """A question about shapes that would fit the other way round."""
    return (
        " (are the arguments swapped? It is loss(prediction, target))" if target[:-1] == prediction and target else ""
    )


def kept(loss: str, scores: Tensor, target: Any, ignored: int | None) -> tuple[Array, Array | None]:
    """The labels, and which of them count: those that are not `ignored`, which become 0; None if all do."""
    if ignored is None:
        return labels_for(loss, scores, target), None
    given = integers(loss, target_of(loss, scores, target), scores.shape[-1] if scores.ndim else None)
    there = given != index(ignored)
    return labels_for(loss, scores, np.where(there, given, 0)), there


def row_weights(scores: Tensor, labels: Array, weight: Array | None, there: Array | None) -> Array | None:
    """The weight of each row: that of its class, and 0 if it does not count; None where all weigh the same."""
    if weight is None:
        return None if there is None else there.astype(scores.dtype)
    if arrays.kind_of(labels):  # they are no index
        weights: Array = -nll(np.broadcast_to(weight, scores.shape), labels)
    else:
        weights = np.take_along_axis(weight, labels.ravel(), 0).reshape(labels.shape)
    return weights if there is None else weights * there


def factors(loss: str, name: str, given: Any, prediction: Tensor) -> Array:
    """Numbers for every entry of the last axis, or one for all, finite and not negative, in the prediction's dtype."""
    array: Array = asarray(plain_array(given), dtype=prediction.dtype)
    if array.shape not in ((), (1,), prediction.shape[-1:]):
        raise ValueError(
            f"{loss}: {name} is one number, or one for each of the last axis of {prediction.shape}, not {array.shape}"
        )
    anew(check_weights, loss, name, array)
    return arrays.beside(prediction, array)  # type: ignore[no-any-return]


def class_weights(loss: str, weight: Any, scores: Tensor) -> Array:
    """One weight for each class, finite and not negative, in the dtype of the scores."""
    array: Array = asarray(plain_array(weight), dtype=scores.dtype)
    if array.shape != scores.shape[-1:]:
        raise ValueError(
            f"{loss}: {scores.shape[-1]} classes need a weight of shape {scores.shape[-1:]}, not {array.shape}"
        )
    anew(check_weights, loss, "weights of classes", array)
    return arrays.beside(scores, array)  # type: ignore[no-any-return]


def check_weights(what: str, name: str, array: Array) -> None:
    """Refuse weights that are negative or not finite."""
    if not (np.isfinite(array).all() and (array >= 0).all()):
        raise ValueError(f"{what}: {name} are finite and not negative, and these are {array}")


def positive(loss: str, name: str, value: float) -> float:
    """An option of a loss that must be above 0 and finite, as a Python float (which keeps float32 in float32)."""
    number = float(value)
    if not 0 < number < math.inf:
        raise ValueError(f"{loss}: {name} must be above 0 and finite, got {value}")
    return number
