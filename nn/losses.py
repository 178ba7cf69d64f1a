"""Losses: `loss(prediction, target, reduction="mean")`, one number to make small. "sum" adds, "none" gives each one.

Targets are numbers, not differentiated, in the dtype of the prediction; anything that would broadcast by accident,
or cannot be right, is refused with a ValueError.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor, anew, arrays, log_softmax, nll as of_label, relu, softmax_cross_entropy, softplus

from .module import as_tensor, numbers_of
from .outputs import takes, warn_of_squashed
from .reduction import framed, reduced
from .targets import (
    class_weights,
    distributions,
    factors,
    integers,
    kept,
    labels_for,
    numbers,
    positive,
    probabilities,
    row_weights,
    signs,
    swapped,
    target_of,
)

on_tensors: Any = np  # NumPy's functions answer tensors with tensors, which its type stubs do not know

# --- Regression ---------------------------------------------------------------------------------------------------


@framed
@takes("values")
def mse(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """The mean squared error: the mean of (prediction - target)^2, both of one shape. [course: COST FUNCTION]

    Raises ValueError for different shapes and for targets that are not finite.
    """
    prediction = as_tensor(prediction)
    target = numbers("mse", prediction, target)
    return reduced(mse, prediction, np.square(prediction - target), reduction)


@framed
@takes("values")
def quadratic_cost(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """The course's 1/(2n) * sum of ||target - prediction||^2 over the n samples. [course: COST FUNCTION]

    The first axis counts the samples, the others hold a sample's outputs: its loss is half their squared distance, so
    "none" gives (n,), and the gradient is (prediction - target) / n. Raises ValueError as mse does.
    """
    prediction = as_tensor(prediction)
    target = numbers("quadratic_cost", prediction, target)
    halves = 0.5 * np.square(prediction - target)
    return reduced(quadratic_cost, prediction, halves.sum(axis=tuple(range(1, prediction.ndim))), reduction)


@framed
@takes("values")
def rss(prediction: Any, target: Any, reduction: str = "sum") -> Tensor:
    """Half the residual sum of squares, 1/2 * sum of (target - prediction)^2. [course: Regressione]

    The half and the sum are the course's: the gradient is prediction - target. It is a sum unless `reduction` says
    otherwise. Raises ValueError as mse does.
    """
    prediction = as_tensor(prediction)
    target = numbers("rss", prediction, target)
    return reduced(rss, prediction, 0.5 * np.square(prediction - target), reduction)


@framed
@takes("values")
def mae(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """The mean absolute error: the mean of |prediction - target|; its derivative at 0 is 0. Refuses what mse does."""
    prediction = as_tensor(prediction)
    target = numbers("mae", prediction, target)
    return reduced(mae, prediction, abs(prediction - target), reduction)


@framed
@takes("values")
def huber(prediction: Any, target: Any, reduction: str = "mean", *, delta: float = 1.0) -> Tensor:
    """r^2 / 2 for residuals |r| <= delta, beyond it the tangent delta * (|r| - delta / 2): outliers pull no harder.

    Huber, "Robust estimation of a location parameter", 1964. Raises ValueError as mse does, and for a `delta` that is
    not above 0.
    """
    prediction = as_tensor(prediction)
    r = prediction - numbers("huber", prediction, target)
    delta = positive("huber", "delta", delta)
    limited = np.clip(r, -delta, delta)
    return reduced(huber, prediction, limited * (r - 0.5 * limited), reduction)


@framed
def cosine(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """1 - the cosine of the angle between prediction and target along the last axis: from 0, one direction, to 2.

    Both have the shape (..., features); "none" gives (...). A vector of zeros has no direction: its cosine is 0.
    Raises ValueError as mse does, and for predictions without an axis.
    """
    prediction = as_tensor(prediction)
    target = numbers("cosine", prediction, target)
    if prediction.ndim == 0:
        raise ValueError("cosine: an angle is between vectors, along the last axis, and the prediction has shape ()")
    length = np.linalg.norm(target, axis=-1, keepdims=True)
    unit = target / np.where(length == 0, 1, length)
    size = on_tensors.linalg.norm(prediction, axis=-1)
    return reduced(
        cosine, prediction, 1 - on_tensors.sum(prediction * unit, axis=-1) / np.where(size == 0, 1, size), reduction
    )


# --- Two classes, or several that do not exclude each other ---------------------------------------------------------


@framed
@takes("probabilities", "independent")
def bce(prediction: Any, target: Any, reduction: str = "mean") -> Tensor:
    """The log loss of probabilities p: -y log(p) - (1 - y) log(1 - p), for targets y in [0, 1] of the same shape.

    A logarithm below -100 counts as -100, as in PyTorch, so that the loss is finite at 0 and 1; the gradient there is
    0. bce_with_logits has no such limit: prefer it where there are logits. The course's J is the "sum".
    [course: Log Loss]

    Raises ValueError for different shapes and for predictions or targets outside of [0, 1].
    """
    p = as_tensor(prediction)
    y = probabilities("bce", p, target)
    if not arrays.is_lazy(p):  # else the logarithms are NaN
        anew(check_predictions, numbers_of(p))
    return reduced(bce, p, -(y * limited_log(p) + (1 - y) * limited_log(1 - p)), reduction)


def check_predictions(p: Any) -> None:
    """Refuse predictions that are no probabilities."""
    if np.any((p < 0) | (p > 1)):
        raise ValueError(
            f"bce: predictions are probabilities, from 0 to 1, and these go from {float(p.min()):g} to "
            f"{float(p.max()):g} (of logits take bce_with_logits)"
        )


def limited_log(p: Tensor) -> Any:
    """log(p), and -100 with the derivative 0 where p is below exp(-100), or so small that 1 / p overflows."""
    negligible = p <= max(math.exp(-100), np.finfo(p.dtype).tiny)
    return np.where(negligible, -100, np.log(np.where(negligible, 1, p)))


@framed
@takes("logits", "independent")
def bce_with_logits(logits: Any, target: Any, reduction: str = "mean", *, pos_weight: Any = None) -> Tensor:
    """The log loss of sigmoid(logits), exact at any magnitude, for classes that do not exclude each other.

    -y log(p) - (1 - y) log(1 - p) with p = sigmoid(logits), for targets y in [0, 1] of the shape of the logits: what
    a network gives *before* its sigmoid. [course: Log Loss] It is computed as softplus(u) - q u, where u = -logits for
    the targets above a half and q is the distance to the nearest of 0 and 1: nothing large cancels.

    `pos_weight`, a number or one for each class, multiplies the first term, where classes are rare; the mean still
    divides by the number of targets, as in PyTorch.

    Raises ValueError for different shapes, for targets outside of [0, 1] and for weights that are negative.
    """
    logits = as_tensor(logits)
    warn_of_squashed("bce_with_logits", logits, "leave the {} out, it is part of the loss (or take nn.bce)")
    target = probabilities("bce_with_logits", logits, target)
    if pos_weight is not None:
        there = target * factors("bce_with_logits", "pos_weight", pos_weight, logits)
        losses = there * softplus(-logits) + (1 - target) * softplus(logits)
        return reduced(bce_with_logits, logits, losses, reduction)
    u = logits * np.copysign(1, 0.5 - target)
    return reduced(bce_with_logits, logits, softplus(u) - u * np.minimum(target, 1 - target), reduction)


@framed
@takes("signs")
def hinge(scores: Any, target: Any, reduction: str = "mean") -> Tensor:
    """max(0, 1 - margin): right answers count only if they are right by a margin of 1. For maximum-margin classifiers.

    For two classes the margin is y * score, with labels y of -1 and 1 of the shape of the scores: Cortes and Vapnik,
    "Support-vector networks", 1995. For several, with scores (..., classes) and integer labels (...), it is the score
    of the right class less the best of the others: Crammer and Singer, "On the algorithmic implementation of
    multiclass kernel-based vector machines", 2001.

    Raises ValueError for shapes that do not fit, and for labels other than those.
    """
    scores = as_tensor(scores)
    if scores.ndim == 0 or scores.shape[-1] == 1 or target_of("hinge", scores, target).shape != scores.shape[:-1]:
        return reduced(hinge, scores, relu(1 - signs("hinge", scores, target) * scores), reduction)
    labels = labels_for("hinge", scores, target)
    right = arrays.beside(labels, np.arange(scores.shape[-1])) == labels[..., None]
    best_other = on_tensors.max(np.where(right, -np.inf, scores), axis=-1)
    return reduced(hinge, scores, relu(1 - (of_class(scores, labels) - best_other)), reduction)


@framed
@takes("signs", "independent")
def perceptron(scores: Any, target: Any, reduction: str = "mean") -> Tensor:
    """The perceptron criterion max(0, -y * score), for labels y of -1 and 1 of the shape of the scores.

    It is computed as (step(score) - t) * score, where t = (y + 1) / 2 is the step that was wanted: so its gradient is
    the error step(score) - t, also at 0, and descending it is Rosenblatt's rule. Rosenblatt, "The perceptron: a
    probabilistic model for information storage and organization in the brain", 1958. [course: Perceptron]

    Raises ValueError for different shapes, and for labels other than -1 and 1.
    """
    scores = as_tensor(scores)
    wanted = (signs("perceptron", scores, target) + 1) / 2
    return reduced(perceptron, scores, (on_tensors.heaviside(scores, 1.0) - wanted) * scores, reduction)


# --- Classes that exclude each other --------------------------------------------------------------------------------


@framed
@takes("logits", "exclusive")
def cross_entropy(
    logits: Any,
    target: Any,
    reduction: str = "mean",
    *,
    weight: Any = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
) -> Tensor:
    """-log(softmax(logits)) of the right class, exact at any magnitude, for classes that exclude each other.

    `logits` (..., classes) are what a network gives *before* its softmax. `target` holds either the labels, integers
    from 0 to classes - 1 of shape (...), or a distribution over the classes for each, one-hot or soft, of the shape
    of the logits. [course: Multiclass Classification]

    `weight` (classes,) multiplies the loss of each class; the mean over labels then divides by the sum of their
    weights, that over distributions by their number, as in PyTorch. `label_smoothing` mixes so much of the uniform
    distribution into the targets: Szegedy et al., "Rethinking the inception architecture for computer vision", 2016.
    Rows with the label `ignore_index` do not count: the mean is over the others, and 0 where there are none.

    Raises ValueError for shapes that do not fit, labels that are out of range, negative or fractional, distributions
    that are negative or do not sum to 1, weights that are negative, a smoothing outside of [0, 1], and one class.
    """
    logits = as_tensor(logits)
    warn_of_squashed("cross_entropy", logits, "leave the {} out, a softmax is part of the loss")
    target = target_of("cross_entropy", logits, target)
    smoothing = float(label_smoothing)
    if not 0 <= smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing must be between 0 and 1, got {label_smoothing}")
    shape, given = logits.shape, target.shape
    if not shape or given not in (shape, shape[:-1]):
        raise ValueError(
            f"cross_entropy: logits of shape {shape} need labels of shape {shape[:-1]} or distributions "
            f"of shape {shape}, and the target has shape {given}{swapped(shape, given)}"
        )
    classes = shape[-1]
    if classes == 1:
        raise ValueError(
            f"cross_entropy: logits of shape {shape} score one class, which is always right: for two classes take "
            f"bce_with_logits, with targets of shape {shape}, or a model with two outputs"
        )
    factor = None if weight is None else class_weights("cross_entropy", weight, logits)
    weights = there = None
    if given == shape:
        if ignore_index is not None:
            raise ValueError("cross_entropy: ignore_index is a label, and the target holds distributions")
        target = distributions("cross_entropy", logits, target)
    else:
        labels = integers("cross_entropy", target, classes)
        if factor is None and not smoothing and ignore_index is None:
            return reduced(cross_entropy, logits, softmax_cross_entropy(logits, labels), reduction)
        labels, there = kept("cross_entropy", logits, labels, ignore_index)
        weights = row_weights(logits, labels, factor, there)
        target = np.equal(arrays.beside(labels, np.arange(classes)), labels[..., None]).astype(logits.dtype)
    if smoothing:
        target = (1 - smoothing) * target + smoothing / classes
    if factor is not None:
        target = target * factor
    scores = logits
    if there is not None:  # whatever the rows that do not count hold, also NaN
        target = target * there[..., None]
        scores = on_tensors.where(there[..., None], logits, 0)
    return reduced(cross_entropy, logits, against(log_softmax(scores), target), reduction, weights, ignore_index)


@framed
@takes(None, "exclusive")
def nll(
    log_probabilities: Any, target: Any, reduction: str = "mean", *, weight: Any = None, ignore_index: int | None = None
) -> Tensor:
    """The negative log-likelihood: -log_probabilities of the right class; after log_softmax it is cross_entropy.

    `log_probabilities` (..., classes), `target` integers from 0 to classes - 1 of shape (...). `weight` and
    `ignore_index` are those of cross_entropy. Raises ValueError for shapes that do not fit, labels that are out of
    range, negative or fractional, and weights that are negative.
    """
    log_probabilities = as_tensor(log_probabilities)
    warn_of_squashed("nll", log_probabilities, "write log_softmax for the {}")
    labels, there = kept("nll", log_probabilities, target, ignore_index)
    losses = -of_class(log_probabilities, labels)
    factor = None if weight is None else class_weights("nll", weight, log_probabilities)
    weights = row_weights(log_probabilities, labels, factor, there)
    if weights is not None:
        losses = on_tensors.where(weights == 0, 0, losses) * weights
    return reduced(nll, log_probabilities, losses, reduction, weights, ignore_index)


@framed
@takes(None, "exclusive")
def kl_divergence(log_probabilities: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Kullback and Leibler's divergence of the target from the prediction: sum of t * (log(t) - log_probabilities).

    Both have the shape (..., classes), and the target holds a distribution t over the classes; the prediction is what
    log_softmax gives. The sum is over the classes, so "none" gives (...) and "mean" is PyTorch's "batchmean". At 0 all
    distributions are met. Kullback and Leibler, "On information and sufficiency", 1951.

    Raises ValueError for different shapes, and distributions that are negative or do not sum to 1.
    """
    log_probabilities = as_tensor(log_probabilities)
    warn_of_squashed("kl_divergence", log_probabilities, "write log_softmax for the {}")
    if log_probabilities.ndim == 0:
        raise ValueError("kl_divergence: a distribution is along the last axis, and the prediction has shape ()")
    target = distributions("kl_divergence", log_probabilities, target)
    return reduced(
        kl_divergence,
        log_probabilities,
        against(log_probabilities - np.log(np.where(target == 0, 1, target)), target),
        reduction,
    )


def against(log_probabilities: Tensor, target: Any) -> Any:
    """-sum of target * log_probabilities over the classes; where the target is 0, also -inf does not count."""
    return -on_tensors.sum(target * np.where(target == 0, 0, log_probabilities), axis=-1)


def of_class(scores: Tensor, labels: Any) -> Any:
    """The score of each row's own class."""
    if arrays.lives_elsewhere(labels) or arrays.lives_elsewhere(scores):
        return -of_label(scores, labels)
    return on_tensors.take_along_axis(scores, labels[..., None], axis=-1)[..., 0]
