"""Metrics: scikit-learn, cases by hand, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor
from nn.metrics import METRICS, accuracy, confusion_matrix, f1, mae, metric, mode_of, precision, r2, recall, top_k

RNG = np.random.default_rng(5)
SCORES = RNG.standard_normal((60, 4))
LABELS = RNG.integers(0, 4, 60)
LOGITS = RNG.standard_normal(60)
BINARY = RNG.integers(0, 2, 60)


@pytest.fixture(scope="module")
def sklearn() -> Any:
    return pytest.importorskip("sklearn.metrics", reason="scikit-learn is the oracle here")


# --- scikit-learn -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("average", ["macro", "micro", "weighted", None])
@pytest.mark.parametrize(
    ("ours", "theirs"), [(precision, "precision_score"), (recall, "recall_score"), (f1, "f1_score")]
)
def test_of_many_classes_as_in_scikit_learn(sklearn: Any, ours: Callable[..., Any], theirs: str, average: Any) -> None:
    expected = getattr(sklearn, theirs)(LABELS, SCORES.argmax(axis=1), average=average)
    np.testing.assert_allclose(ours(SCORES, LABELS, average=average), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(precision, "precision_score"), (recall, "recall_score"), (f1, "f1_score")]
)
def test_of_two_classes_as_in_scikit_learn(sklearn: Any, ours: Callable[..., Any], theirs: str) -> None:
    expected = getattr(sklearn, theirs)(BINARY, LOGITS > 0)
    assert ours(LOGITS, BINARY, threshold=0) == pytest.approx(expected, rel=1e-14)
    assert ours((LOGITS > 0).astype(int), BINARY) == ours(LOGITS, BINARY, threshold=0)


def test_a_class_that_does_not_occur_counts_in_no_mean(sklearn: Any) -> None:
    target, prediction = np.array([0, 2, 2, 3]), np.array([0, 2, 3, 3])  # there is no class 1
    for average in ("macro", "micro", "weighted"):
        expected = sklearn.f1_score(target, prediction, average=average)
        assert f1(prediction, target, average=average) == pytest.approx(expected, rel=1e-14)


def test_confusion_matrix_and_accuracy_as_in_scikit_learn(sklearn: Any) -> None:
    predicted = SCORES.argmax(axis=1)
    np.testing.assert_array_equal(confusion_matrix(SCORES, LABELS), sklearn.confusion_matrix(LABELS, predicted))
    assert accuracy(SCORES, LABELS) == pytest.approx(sklearn.accuracy_score(LABELS, predicted), rel=1e-15)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k_as_in_scikit_learn(sklearn: Any, k: int) -> None:
    expected = sklearn.top_k_accuracy_score(LABELS, SCORES, k=k)
    assert top_k(SCORES, LABELS, k) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("shape", [(40,), (40, 1), (40, 3)])
def test_regression_as_in_scikit_learn(sklearn: Any, shape: tuple[int, ...]) -> None:
    target = RNG.standard_normal(shape)
    prediction = target + 0.3 * RNG.standard_normal(shape)
    assert r2(prediction, target) == pytest.approx(sklearn.r2_score(target, prediction), rel=1e-13)
    assert mae(prediction, target) == pytest.approx(sklearn.mean_absolute_error(target, prediction), rel=1e-13)


def test_r2_of_a_constant_target_as_in_scikit_learn(sklearn: Any) -> None:
    target = np.ones(5)
    for prediction in (np.ones(5), np.arange(5.0)):
        assert r2(prediction, target) == sklearn.r2_score(target, prediction)


# --- by hand ------------------------------------------------------------------------------------------------------


def test_confusion_matrix_has_the_actual_classes_in_its_rows() -> None:
    np.testing.assert_array_equal(confusion_matrix(np.array([1, 1, 0]), np.array([0, 1, 0])), [[1, 1], [0, 1]])
    np.testing.assert_array_equal(confusion_matrix(np.array([1]), np.array([1]), classes=3).sum(axis=0), [0, 1, 0])


def test_nothing_predicted_and_nothing_there_give_zero() -> None:
    none, some = np.zeros(4, int), np.array([0, 1, 1, 0])
    assert (precision(none, some), recall(none, some), f1(none, some)) == (0, 0, 0)
    assert recall(some, none) == 0


def test_top_1_is_accuracy_also_among_equal_scores() -> None:
    scores = np.zeros((3, 4))
    assert top_k(scores, [0, 1, 2], k=1) == accuracy(scores, [0, 1, 2]) == pytest.approx(1 / 3)
    assert top_k(scores, [0, 1, 2], k=2) == pytest.approx(2 / 3)


def test_logits_are_cut_at_0_and_probabilities_where_the_threshold_says() -> None:
    probabilities, target = np.array([0.2, 0.4, 0.9]), np.array([0, 0, 1])
    assert accuracy(probabilities, target, threshold=0.5) == 1
    assert accuracy(np.log(probabilities / (1 - probabilities)), target, threshold=0) == 1
    assert accuracy(probabilities, target, threshold=0) == pytest.approx(1 / 3)


def test_labels_of_minus_one_and_one_are_two_classes() -> None:
    assert accuracy(np.array([-0.3, 2.0, 1.0]), np.array([-1, 1, -1])) == pytest.approx(2 / 3)


def test_one_hot_and_soft_targets_mean_their_largest_class() -> None:
    soft = 0.9 * np.eye(4)[LABELS] + 0.025
    for target in (np.eye(4)[LABELS], soft):
        assert accuracy(SCORES, target) == accuracy(SCORES, LABELS)
        assert top_k(SCORES, target, 2) == top_k(SCORES, LABELS, 2)


def test_several_labels_for_each_sample_count_one_by_one() -> None:
    logits = np.array([[1.0, 1.0, -1.0], [-1.0, -1.0, -1.0]])
    target = np.array([[1, 1, 0], [0, 0, 1]])
    assert accuracy(logits, target, threshold=0) == pytest.approx(5 / 6)
    assert recall(logits, target, threshold=0) == pytest.approx(2 / 3)


def test_more_axes_before_the_classes() -> None:
    assert accuracy(SCORES.reshape(3, 20, 4), LABELS.reshape(3, 20)) == accuracy(SCORES, LABELS)


def test_tensors_and_lists_are_taken() -> None:
    assert accuracy(Tensor(SCORES, requires_grad=True), LABELS.tolist()) == accuracy(SCORES, LABELS)


def test_answers_are_plain_floats() -> None:
    for fun in (accuracy, precision, recall, f1):
        assert type(fun(LOGITS.astype(np.float32), BINARY, threshold=0)) is float
    assert type(r2(LOGITS.astype(np.float32), BINARY)) is type(mae(LOGITS, BINARY)) is float


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: accuracy(SCORES, LABELS[:-1]), r"accuracy: targets of shape \(59,\) need .* not \(60, 4\)"),
        (lambda: accuracy(LOGITS[:, None], BINARY), r"not \(60, 1\)"),
        (lambda: accuracy(SCORES, LABELS + 1), r"from 0 to 3, and these go from 1 to 4"),
        (lambda: accuracy(SCORES, LABELS + 0.5), r"labels are integers"),
        (lambda: accuracy(LOGITS, LABELS), r"two classes, labelled 0 and 1 or -1 and 1, and these go from 0 to 3"),
        (lambda: accuracy(LABELS, -LABELS), r"labels are integers from 0"),
        (lambda: accuracy(np.zeros((0, 3)), np.zeros(0, int)), r"no targets"),
        (lambda: precision(SCORES, LABELS), r"there are 4 classes: choose average="),
        (lambda: recall(SCORES, LABELS, average="median"), r"average is one of 'binary'.* not 'median'"),  # type: ignore[arg-type]
        (lambda: top_k(SCORES, LABELS, 0), r"k must be from 1 to 4"),
        (lambda: top_k(SCORES, LABELS), r"k must be from 1 to 4, .* got 5"),
        (lambda: top_k(LOGITS, BINARY, 1), r"needs scores \(\.\.\., classes\)"),
        (lambda: confusion_matrix(SCORES, LABELS, classes=2), r"there are 4 classes"),
        (lambda: mae(LOGITS, LOGITS[:, None]), r"\(60,\) and target \(60, 1\) must have the same shape"),
        (lambda: r2([], []), r"no targets"),
        (lambda: metric("acuracy"), r"did you mean 'accuracy'"),
        (lambda: mode_of("my_metric"), r"is my_metric better when it is high"),
        (lambda: mode_of("loss", "low"), r"mode is \"min\" or \"max\""),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_refusals(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_text_is_no_prediction() -> None:
    with pytest.raises(TypeError, match="real numbers"):
        accuracy(np.array(["a"]), np.array([1]))


def test_metrics_go_by_name_and_say_which_way_is_better() -> None:
    assert metric("f1") is f1
    assert metric(np.mean) is np.mean
    modes = {name: mode_of(name) for name in METRICS if name != "confusion_matrix"}
    assert modes == dict.fromkeys(modes, "max") | {"mae": "min"}
    assert (mode_of("val_accuracy"), mode_of("val_loss"), mode_of("x", "max")) == ("max", "min", "max")
