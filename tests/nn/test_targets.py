"""What the losses refuse: shapes that would broadcast, targets and options that cannot be right."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nn.losses import (
    bce,
    bce_with_logits,
    cosine,
    cross_entropy,
    hinge,
    huber,
    kl_divergence,
    mae,
    mse,
    nll,
    perceptron,
    quadratic_cost,
    rss,
)

OF_NUMBERS = [mse, quadratic_cost, rss, mae, huber, bce, bce_with_logits, perceptron, cosine]
OF_SIGNS = [hinge, perceptron]
OF_LABELS = [cross_entropy, nll, hinge]
EVERY = [*OF_NUMBERS, *OF_LABELS, kl_divergence]


@pytest.mark.parametrize("loss", [*OF_NUMBERS, hinge])
def test_shapes_that_would_broadcast_are_refused(loss: Any) -> None:
    name = loss.__name__
    message = rf"{name}: the prediction has shape \(4, 1\) and the target \(4,\).*target.reshape\(\(4, 1\)\)"
    with pytest.raises(ValueError, match=message):
        loss(np.zeros((4, 1)), np.ones(4))
    with pytest.raises(ValueError, match=rf"{name}: the prediction has shape \(4,\) and the target \(1,\)"):
        loss(np.zeros(4), [1.0])


@pytest.mark.parametrize("target", [np.zeros((4, 1), int), np.zeros(3, int), np.zeros((3, 4)), 0])
def test_cross_entropy_refuses_shapes_that_do_not_fit(target: Any) -> None:
    message = r"logits of shape \(4, 3\) need labels of shape \(4,\) or distributions of shape \(4, 3\), and"
    with pytest.raises(ValueError, match=message):
        cross_entropy(np.zeros((4, 3)), target)


@pytest.mark.parametrize("target", [np.zeros((4, 1), int), np.zeros(3, int), np.zeros((4, 3)), 0])
def test_nll_refuses_shapes_that_do_not_fit(target: Any) -> None:
    message = r"nll: a prediction of shape \(4, 3\) needs labels of shape \(4,\), its last axis being the classes, and"
    with pytest.raises(ValueError, match=message):
        nll(np.zeros((4, 3)), target)


def test_classes_and_features_need_an_axis() -> None:
    with pytest.raises(ValueError, match=r"logits of shape \(\)"):
        cross_entropy(1.0, 0)
    with pytest.raises(ValueError, match=r"nll: a prediction of shape \(\)"):
        nll(1.0, 0)
    for loss in (cosine, kl_divergence):
        with pytest.raises(ValueError, match=rf"{loss.__name__}: .* along the last axis, and .* shape \(\)"):
            loss(1.0, 1.0)


@pytest.mark.parametrize("loss", OF_LABELS)
@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [-1.0, 0.0], [0.0, 3.0]])
@pytest.mark.parametrize("smooth", [0.0, 0.1])
def test_labels_out_of_range_are_refused(loss: Any, labels: Any, smooth: float) -> None:
    options = {"label_smoothing": smooth} if loss is cross_entropy else {}
    span = f"{min(labels):.0f} to {max(labels):.0f}"
    with pytest.raises(ValueError, match=f"labels from {span}.* 3 classes"):
        loss(np.zeros((2, 3)), labels, **options)


@pytest.mark.parametrize("loss", OF_LABELS)
@pytest.mark.parametrize("label", [0.5, math.nan, math.inf])
def test_fractional_labels_are_refused(loss: Any, label: float) -> None:
    message = f"{loss.__name__}: labels are integers from 0 to 2, and among these is {label}"
    with pytest.raises(ValueError, match=message):
        loss(np.zeros((2, 3)), [1.0, label])


@pytest.mark.parametrize("loss", OF_LABELS)
def test_labels_that_are_no_numbers_are_refused(loss: Any) -> None:
    with pytest.raises(ValueError, match=r"labels are integers from 0 to 2, not <U3"):
        loss(np.zeros((2, 3)), ["cat", "dog"])


@pytest.mark.parametrize("loss", [cross_entropy, kl_divergence])
@pytest.mark.parametrize(
    ("row", "part"), [((0.5, 0.6, 0.4), "sums go from 1 to 1.5"), ((1.5, -0.5, 0), "least number here is -0.5")]
)
def test_targets_that_are_no_distributions_are_refused(loss: Any, row: Any, part: str) -> None:
    with pytest.raises(ValueError, match=f"holds a distribution in each row.*{part}.*take bce_with_logits"):
        loss(np.zeros((2, 3)), [[0, 1, 0], row])


@pytest.mark.parametrize("loss", [*OF_NUMBERS, hinge, cross_entropy, kl_divergence])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_targets_that_are_not_finite_are_refused(loss: Any, bad: float) -> None:
    with pytest.raises(ValueError, match=rf"every target must be finite, and that at \(1, 0\) is {bad}"):
        loss(np.zeros((2, 2)), [[0, 1], [bad, 0]])


@pytest.mark.parametrize("loss", [bce, bce_with_logits])
@pytest.mark.parametrize("labels", [[-1, 1], [0, 2]])
def test_targets_outside_of_0_and_1_are_refused(loss: Any, labels: Any) -> None:
    with pytest.raises(ValueError, match=rf"these go from {labels[0]} to {labels[1]} \(of labels -1 and 1 take"):
        loss(np.zeros(2), labels)


@pytest.mark.parametrize("predictions", [[-0.1, 0.5], [0.2, 1.5]])
def test_bce_refuses_predictions_that_are_no_probabilities(predictions: Any) -> None:
    low, high = predictions
    message = rf"bce: predictions are probabilities, .* go from {low} to {high} \(of logits take bce_with_logits\)"
    with pytest.raises(ValueError, match=message):
        bce(predictions, [0, 1])


@pytest.mark.parametrize("loss", OF_SIGNS)
@pytest.mark.parametrize("label", [0, 2, 0.5])
def test_labels_other_than_minus_1_and_1_are_refused(loss: Any, label: float) -> None:
    message = rf"{loss.__name__}: labels are -1 and 1, and among these is {label} \(of labels 0 and 1 take 2 \* labels"
    with pytest.raises(ValueError, match=message):
        loss(np.zeros(2), [1, label])


@pytest.mark.parametrize("loss", [cross_entropy, nll])
@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1, 2], r"3 classes need a weight of shape \(3,\), not \(2,\)"),
        (1.0, r"3 classes need a weight of shape \(3,\), not \(\)"),
        ([1, 2, -1], "weights of classes are finite and not negative"),
        ([1, math.nan, 1], "weights of classes are finite and not negative"),
    ],
)
def test_weights_that_do_not_fit_are_refused(loss: Any, weight: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"{loss.__name__}: {message}"):
        loss(np.zeros((2, 3)), [0, 1], weight=weight)


@pytest.mark.parametrize("smoothing", [-0.1, 1.1, math.nan])
def test_smoothing_outside_of_0_and_1_is_refused(smoothing: float) -> None:
    with pytest.raises(ValueError, match=f"label_smoothing must be between 0 and 1, got {smoothing}"):
        cross_entropy(np.zeros((2, 3)), [0, 1], label_smoothing=smoothing)


@pytest.mark.parametrize("delta", [0, -1, math.nan, math.inf])
def test_bad_deltas_are_refused(delta: float) -> None:
    with pytest.raises(ValueError, match=f"huber: delta must be above 0 and finite, got {delta}"):
        huber(np.zeros(2), np.zeros(2), delta=delta)


@pytest.mark.parametrize("loss", EVERY)
def test_unknown_reductions_are_refused(loss: Any) -> None:
    target: Any = [1, 0] if loss in OF_LABELS else [[1, 1], [1, 1]]
    if loss is kl_divergence:
        target = np.eye(2)
    with pytest.raises(ValueError, match="""reduction is "mean", "sum" or "none", not 'average'"""):
        loss(np.zeros((2, 2)), target, reduction="average")


@pytest.mark.parametrize("labels", [["cat", "dog", "cat"], np.array(["cat", "dog", "cat"], dtype=object)])
def test_names_of_classes_are_answered_with_how_to_number_them(labels: Any) -> None:
    with pytest.raises(ValueError, match=r"np.unique\(y, return_inverse=True\)"):
        cross_entropy(np.zeros((3, 2)), labels)
    names, y = np.unique(labels, return_inverse=True)  # as it says
    assert cross_entropy(np.zeros((3, 2)), y).item() == pytest.approx(np.log(2))
    assert names[y].tolist() == list(labels)
