"""Losses: closed forms, torch, gradients, far logits. What they refuse is in test_targets.py."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, check_grads, log_softmax
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

Loss = Callable[..., Tensor]
RNG = np.random.default_rng(3)
SCORES, OTHERS = RNG.standard_normal((5, 3)), RNG.standard_normal((5, 3))
LOGS = np.log(RNG.dirichlet(np.ones(3), 5))
WEIGHT = np.array([0.5, 2.0, 1.25])
LABELS, SIGNS, SOFT = RNG.integers(0, 3, 5), RNG.choice([-1, 1], (5, 3)), RNG.dirichlet(np.ones(3), 5)
CASES: list[tuple[Loss, dict[str, Any], Any, Any]] = [
    (mse, {}, SCORES, OTHERS),
    (quadratic_cost, {}, SCORES, OTHERS),
    (quadratic_cost, {}, SCORES[0], OTHERS[0]),
    (rss, {}, SCORES, OTHERS),
    (mae, {}, SCORES, OTHERS),
    (huber, {}, SCORES, OTHERS),
    (huber, {"delta": 0.3}, 3 * SCORES, OTHERS),
    (cosine, {}, SCORES, OTHERS),
    (bce, {}, RNG.uniform(0.01, 0.99, (5, 3)), RNG.integers(0, 2, (5, 3))),
    (bce, {}, RNG.uniform(0.01, 0.99, (5, 3)), RNG.uniform(0, 1, (5, 3))),
    (bce_with_logits, {}, SCORES, RNG.integers(0, 2, (5, 3))),
    (bce_with_logits, {}, SCORES, RNG.uniform(0, 1, (5, 3))),
    (hinge, {}, SCORES, SIGNS),
    (hinge, {}, SCORES, LABELS),
    (hinge, {}, RNG.standard_normal((2, 4, 3)), RNG.integers(0, 3, (2, 4))),
    (perceptron, {}, SCORES, SIGNS),
    (cross_entropy, {}, SCORES, LABELS),
    (cross_entropy, {}, SCORES, SOFT),
    (cross_entropy, {}, RNG.standard_normal((2, 4, 3)), RNG.integers(0, 3, (2, 4))),
    (cross_entropy, {}, RNG.standard_normal(3), 2),
    (cross_entropy, {"weight": WEIGHT}, SCORES, LABELS),
    (cross_entropy, {"label_smoothing": 0.2}, SCORES, LABELS),
    (cross_entropy, {"weight": WEIGHT, "label_smoothing": 0.2}, SCORES, LABELS),
    (cross_entropy, {"weight": WEIGHT, "label_smoothing": 0.2}, SCORES, SOFT),
    (cross_entropy, {"weight": WEIGHT}, SCORES, SOFT),
    (cross_entropy, {"weight": WEIGHT}, RNG.standard_normal((2, 4, 3)), RNG.integers(0, 3, (2, 4))),
    (nll, {}, LOGS, LABELS),
    (nll, {"weight": WEIGHT}, LOGS, LABELS),
    (kl_divergence, {}, LOGS, SOFT),
    (kl_divergence, {}, LOGS, np.eye(3)[LABELS]),
]
every_case = pytest.mark.parametrize(
    ("loss", "options", "prediction", "target"), CASES, ids=[f"{c[0].__name__}-{i}" for i, c in enumerate(CASES)]
)
OF_ROWS = (cross_entropy, nll, kl_divergence, cosine)  # one loss for each row


def gradient_of(loss: Loss, prediction: Any, target: Any, **options: Any) -> Any:
    p = Tensor(prediction, requires_grad=True)
    loss(p, target, reduction="sum", **options).backward()
    return p.grad


# --- what they are ------------------------------------------------------------------------------------------------


def test_mse() -> None:
    prediction, target = [[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 0.0]]
    assert mse(prediction, target).item() == (0 + 4 + 9 + 16) / 4
    np.testing.assert_array_equal(gradient_of(mse, prediction, target), [[0, 4], [6, 8]])


def test_quadratic_cost_is_the_courses() -> None:
    prediction, target = [[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 0.0]]
    assert quadratic_cost(prediction, target).item() == ((0 + 4) + (9 + 16)) / (2 * 2)
    np.testing.assert_array_equal(quadratic_cost(prediction, target, "none").data, [2, 12.5])
    images = np.reshape(prediction, (1, 2, 2))  # one sample
    assert quadratic_cost(images, np.reshape(target, (1, 2, 2))).item() == 29 / 2
    assert quadratic_cost(3.0, 1.0).item() == 2


def test_rss_is_the_courses_and_its_gradient_the_residual() -> None:
    prediction, target = [1.0, 2.0, 3.0], [1.0, 0.0, 0.0]
    assert rss(prediction, target).item() == (0 + 4 + 9) / 2
    assert rss(prediction, target, reduction="mean").item() == pytest.approx(13 / 6, rel=1e-15)
    np.testing.assert_array_equal(gradient_of(rss, prediction, target), [0, 2, 3])


def test_the_course_trains_a_neuron_by_dw_and_db() -> None:
    X, y = RNG.standard_normal((6, 2)), RNG.standard_normal((6, 1))
    w, b = Tensor(RNG.standard_normal((2, 1)), requires_grad=True), Tensor(0.3, requires_grad=True)
    rss(X @ w + b, y).backward()
    a = X @ w.data + b.data
    np.testing.assert_allclose(w.grad, X.T.dot(a - y), rtol=1e-13)
    np.testing.assert_allclose(b.grad, np.sum(a - y), rtol=1e-13)


def test_mae() -> None:
    assert mae([1.0, 2.0, 3.0], [1.0, 0.0, 4.0]).item() == 1
    np.testing.assert_array_equal(gradient_of(mae, [1.0, 2.0, 3.0], [1.0, 0.0, 4.0]), [0, 1, -1])


def test_huber_is_a_parabola_between_two_tangents() -> None:
    r = np.array([-5.0, -2.0, -1.0, 0.0, 0.5, 2.0, 1e4])
    expected = np.where(abs(r) <= 2, r * r / 2, 2 * (abs(r) - 1))
    np.testing.assert_array_equal(huber(r, 0 * r, "none", delta=2).data, expected)
    np.testing.assert_array_equal(gradient_of(huber, r, 0 * r, delta=2), np.clip(r, -2, 2))


def test_huber_does_not_overflow_where_the_square_does() -> None:
    far = Tensor(np.array([1e30, -1e30], np.float32), requires_grad=True)
    with np.errstate(over="raise"):
        value = huber(far, [0, 0], "none")
    np.testing.assert_allclose(value.data, [1e30, 1e30], rtol=1e-6)
    value.sum().backward()
    np.testing.assert_array_equal(far.grad, [1, -1])


def test_cosine() -> None:
    prediction, target = (
        [[2.0, 0.0], [1.0, 1.0], [0.0, 3.0], [0.0, 0.0]],
        [[5.0, 0.0], [-1.0, -1.0], [7.0, 0.0], [1.0, 0.0]],
    )
    np.testing.assert_allclose(cosine(prediction, target, "none").data, [0, 2, 1, 1], atol=1e-15)
    np.testing.assert_array_equal(cosine(target, np.zeros((4, 2)), "none").data, np.ones(4))
    assert np.all(np.isfinite(gradient_of(cosine, prediction, target)))


def test_bce_is_the_log_loss() -> None:
    p = RNG.uniform(0.01, 0.99, 50)
    for y in (np.zeros(50), np.ones(50), RNG.uniform(0, 1, 50)):
        expected = -y * np.log(p) - (1 - y) * np.log(1 - p)
        np.testing.assert_allclose(bce(p, y, reduction="none").data, expected, rtol=1e-14)
        np.testing.assert_allclose(gradient_of(bce, p, y), (p - y) / (p * (1 - p)), rtol=1e-12)


@pytest.mark.parametrize(
    ("dtype", "tiny"), [(np.float32, 1e-40), (np.float64, 1e-50)]
)  # 1 / 1e-40 overflows in float32
def test_bce_is_finite_at_0_and_1(dtype: Any, tiny: float) -> None:
    p = Tensor(np.array([0, 1, 0, 1, tiny], dtype=dtype), requires_grad=True)
    with np.errstate(all="raise"):
        loss = bce(p, [0, 1, 1, 0, 1], reduction="none")
    np.testing.assert_array_equal(loss.data, [0, 0, 100, 100, 100])
    loss.sum().backward()
    np.testing.assert_array_equal(p.grad, [1, -1, 0, 0, 0])


def test_bce_lets_nan_through() -> None:
    assert math.isnan(bce([math.nan], [1]).item())


def test_bce_with_logits_is_the_log_loss_of_the_sigmoid() -> None:
    z = RNG.uniform(-3, 3, 50)
    for y in (np.zeros(50), np.ones(50), RNG.uniform(0, 1, 50), np.full(50, 0.5)):
        p = 1 / (1 + np.exp(-z))
        expected = -y * np.log(p) - (1 - y) * np.log(1 - p)
        np.testing.assert_allclose(bce_with_logits(z, y, reduction="none").data, expected, rtol=1e-13)
        np.testing.assert_allclose(gradient_of(bce_with_logits, z, y), p - y, rtol=1e-12, atol=1e-15)


def test_hinge() -> None:
    scores, labels = [2.0, 0.5, -0.5, -3.0], [1, 1, 1, -1]
    np.testing.assert_array_equal(hinge(scores, labels, "none").data, [0, 0.5, 1.5, 0])
    np.testing.assert_array_equal(gradient_of(hinge, scores, labels), [0, -1, -1, 0])


def test_hinge_of_several_classes_is_against_the_best_of_the_others() -> None:
    scores, labels = [[3.0, 1.0, 0.0], [1.0, 0.5, 0.0], [1.0, 2.0, 0.0]], [0, 0, 2]
    np.testing.assert_array_equal(hinge(scores, labels, "none").data, [0, 0.5, 3])
    np.testing.assert_array_equal(gradient_of(hinge, scores, labels), [[0, 0, 0], [-1, 1, 0], [0, 1, -1]])
    two = RNG.standard_normal((6, 2))  # of two classes the difference of the scores is the one of hinge
    y = RNG.integers(0, 2, 6)
    np.testing.assert_allclose(hinge(two, y).item(), hinge(two[:, 1] - two[:, 0], 2 * y - 1).item(), rtol=1e-14)


def test_perceptron_is_the_criterion_and_its_gradient_rosenblatts_error() -> None:
    scores = np.array([-2.0, -0.5, 0.0, 0.5, 3.0])
    for sign in (-1, 1):
        labels = np.full(5, sign)
        np.testing.assert_array_equal(perceptron(scores, labels, "none").data, np.maximum(0, -sign * scores))
        error = (scores >= 0).astype(float) - (sign + 1) / 2
        np.testing.assert_array_equal(gradient_of(perceptron, scores, labels), error)


def test_rosenblatts_rule_from_weights_of_zero_separates_what_can_be_separated() -> None:
    X = np.array([[2.0, 1.0], [1.0, 3.0], [-1.0, -2.0], [-3.0, 1.0], [0.5, 0.5], [-0.5, -1.0]])
    y = np.array([1, 1, -1, -1, 1, -1])
    w, b = Tensor(np.zeros(2), requires_grad=True), Tensor(0.0, requires_grad=True)
    w_by_hand, b_by_hand = np.zeros(2), 0.0
    for _ in range(10):
        for x, label in zip(X, y):
            w.grad = b.grad = None
            perceptron(x @ w + b, label).backward()
            w.data -= w.grad
            b.data -= b.grad
            error = (label + 1) / 2 - (1 if x @ w_by_hand + b_by_hand >= 0 else 0)
            w_by_hand, b_by_hand = w_by_hand + error * x, b_by_hand + error
            np.testing.assert_array_equal(w.data, w_by_hand)
    np.testing.assert_array_equal(np.where(X @ w.data + b.data >= 0, 1, -1), y)


def test_cross_entropy_is_minus_the_log_of_the_right_probability() -> None:
    z, y = RNG.standard_normal((6, 4)), RNG.integers(0, 4, 6)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(cross_entropy(z, y, reduction="none").data, -np.log(p[range(6), y]), rtol=1e-13)
    np.testing.assert_allclose(gradient_of(cross_entropy, z, y), p - np.eye(4)[y], rtol=1e-12, atol=1e-15)


def test_labels_one_hot_targets_and_many_kinds_of_integers_agree() -> None:
    z, y = RNG.standard_normal((6, 4)), RNG.integers(0, 4, 6)
    expected = cross_entropy(z, y).item()
    kinds = [y.astype(dtype) for dtype in (np.uint8, np.int16, np.float64)]
    for same in (*kinds, list(y), Tensor(y), np.eye(4)[y], np.eye(4, dtype=int)[y]):
        assert cross_entropy(z, same).item() == pytest.approx(expected, rel=1e-14)
    two = RNG.standard_normal((6, 2))
    assert cross_entropy(two, y > 1).item() == cross_entropy(two, (y > 1).astype(int)).item()


def test_weights_of_classes_by_hand() -> None:
    each = cross_entropy(SCORES, LABELS, "none").data
    weights = WEIGHT[LABELS]
    np.testing.assert_allclose(cross_entropy(SCORES, LABELS, "none", weight=WEIGHT).data, weights * each, rtol=1e-14)
    mean = cross_entropy(SCORES, LABELS, weight=list(WEIGHT)).item()
    assert mean == pytest.approx((weights * each).sum() / weights.sum(), rel=1e-14)
    assert cross_entropy(SCORES, LABELS, weight=7 * WEIGHT).item() == pytest.approx(mean, rel=1e-14)
    assert nll(log_softmax(SCORES), LABELS, weight=WEIGHT).item() == pytest.approx(mean, rel=1e-14)


@pytest.mark.parametrize("loss", [cross_entropy, nll])
def test_where_no_class_has_a_weight_the_loss_is_0(loss: Loss) -> None:
    p = Tensor([[0.0, -np.inf], [1.0, 2.0]], requires_grad=True)
    value = loss(p, [1, 1], weight=[1, 0])
    value.backward()
    assert value.item() == 0
    np.testing.assert_array_equal(p.grad, np.zeros((2, 2)))


def test_label_smoothing_is_a_mixture_with_the_uniform_distribution() -> None:
    smooth = 0.7 * np.eye(3)[LABELS] + 0.1
    for target in (LABELS, np.eye(3)[LABELS]):
        value = cross_entropy(SCORES, target, label_smoothing=0.3).item()
        assert value == pytest.approx(cross_entropy(SCORES, smooth).item(), rel=1e-14)


def test_nll_after_log_softmax_is_cross_entropy() -> None:
    value = nll(log_softmax(SCORES), LABELS, "none").data
    np.testing.assert_allclose(value, cross_entropy(SCORES, LABELS, "none").data, rtol=1e-14)


def test_kl_divergence_is_cross_entropy_less_the_entropy() -> None:
    entropy = -(SOFT * np.log(SOFT)).sum(axis=1)
    expected = cross_entropy(SCORES, SOFT, "none").data - entropy
    np.testing.assert_allclose(kl_divergence(log_softmax(SCORES), SOFT, "none").data, expected, rtol=1e-12)
    np.testing.assert_array_equal(kl_divergence(np.log(SOFT), SOFT, "none").data, np.zeros(5))


def test_what_the_target_excludes_may_have_the_probability_0() -> None:
    p = Tensor([[0.0, -np.inf]], requires_grad=True)
    value = kl_divergence(p, [[1, 0]])
    value.backward()
    assert value.item() == 0
    np.testing.assert_array_equal(p.grad, [[-1, 0]])


@every_case
def test_reductions(loss: Loss, options: dict[str, Any], prediction: Any, target: Any) -> None:
    each = loss(prediction, target, reduction="none", **options).data
    rows = loss in OF_ROWS or (loss is hinge and np.ndim(target) < np.ndim(prediction))
    if loss is quadratic_cost:
        assert each.shape == prediction.shape[:1]
    else:
        assert each.shape == (prediction.shape[:-1] if rows else prediction.shape)
    assert loss(prediction, target, reduction="sum", **options).item() == pytest.approx(each.sum(), rel=1e-14)
    by_weight = "weight" in options and np.ndim(target) < np.ndim(prediction)
    mean = each.sum() / WEIGHT[target].sum() if by_weight else each.mean()
    assert loss(prediction, target, reduction="mean", **options).item() == pytest.approx(mean, rel=1e-14)
    default = "sum" if loss is rss else "mean"
    assert loss(prediction, target, **options).item() == loss(prediction, target, reduction=default, **options).item()


@every_case
def test_gradients(loss: Loss, options: dict[str, Any], prediction: Any, target: Any) -> None:
    check_grads(lambda p: loss(p, target, **options), prediction)


@every_case
def test_float32_survives(loss: Loss, options: dict[str, Any], prediction: Any, target: Any) -> None:
    p = Tensor(prediction, requires_grad=True, dtype=np.float32)
    value = loss(p, target, **options)  # the target is float64, or integers
    value.backward()
    assert value.dtype == p.grad.dtype == np.float32


def torch_loss(torch: Any, loss: Loss, options: dict[str, Any], p: Any, target: Any) -> Any:
    """The same loss by torch."""
    functions = torch.nn.functional
    if loss in (cross_entropy, nll):
        options = {name: torch.tensor(value) if name == "weight" else value for name, value in options.items()}
        labels = torch.tensor(target)
        if labels.ndim and labels.shape == p.shape[:-1]:
            p, labels = p.reshape(-1, p.shape[-1]), labels.reshape(-1)
        return (functions.cross_entropy if loss is cross_entropy else functions.nll_loss)(p, labels, **options)
    y = torch.tensor(target, dtype=torch.float64)
    theirs: dict[Loss, Callable[..., Any]] = {
        mse: functions.mse_loss, mae: functions.l1_loss, huber: functions.huber_loss,
        bce: functions.binary_cross_entropy, bce_with_logits: functions.binary_cross_entropy_with_logits,
        kl_divergence: lambda p, y: functions.kl_div(p, y, reduction="batchmean"),
        cosine: lambda p, y: (1 - torch.cosine_similarity(p, y, dim=-1)).mean(),
    }  # fmt: skip
    return theirs[loss](p, y, **options)


OWN = (quadratic_cost, rss, hinge, perceptron)  # torch has none of these, or others by that name


@pytest.mark.parametrize(("loss", "options", "prediction", "target"), [case for case in CASES if case[0] not in OWN])
def test_against_torch(loss: Loss, options: dict[str, Any], prediction: Any, target: Any) -> None:
    torch = pytest.importorskip("torch", reason="torch is the oracle here")
    p = torch.tensor(prediction, requires_grad=True)
    value = torch_loss(torch, loss, options, p, target)
    value.backward()
    own = Tensor(prediction, requires_grad=True)
    mean = loss(own, target, **options)
    mean.backward()
    assert mean.item() == pytest.approx(value.item(), rel=1e-13)
    np.testing.assert_allclose(own.grad, p.grad.numpy(), rtol=1e-12, atol=1e-16)


# --- far out ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bce_with_logits_is_exact_at_any_magnitude(dtype: Any) -> None:
    far = 1e4
    z = Tensor(np.array([far, -far, far, -far], dtype=dtype), requires_grad=True)
    loss = bce_with_logits(z, [1, 0, 0, 1], reduction="none")
    np.testing.assert_array_equal(loss.data, [0, 0, far, far])
    loss.sum().backward()
    np.testing.assert_array_equal(z.grad, [0, 0, 1, -1])


def test_a_small_loss_keeps_its_digits() -> None:
    for z, y in ((20.0, 1), (-20.0, 0)):  # softplus(20) - 20 would leave none of them in float32
        logit = Tensor(np.float32(z), requires_grad=True)
        loss = bce_with_logits(logit, y)
        loss.backward()
        assert loss.item() == pytest.approx(math.log1p(math.exp(-20)), rel=1e-6)
        assert logit.grad == pytest.approx((1 - 2 * y) / (1 + math.exp(20)), rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("target", [np.array([0, 1]), np.eye(3)[:2]])
def test_cross_entropy_is_exact_at_any_magnitude_and_ignores_minus_infinity(dtype: Any, target: Any) -> None:
    far = 1e4
    z = Tensor(np.array([[far, 0, -np.inf], [far, 0, -far]], dtype=dtype), requires_grad=True)
    loss = cross_entropy(z, target, reduction="none")
    np.testing.assert_array_equal(loss.data, [0, far])
    loss.sum().backward()
    np.testing.assert_array_equal(z.grad, [[0, 0, 0], [1, -1, 0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_losses_of_scores_are_exact_far_out(dtype: Any) -> None:
    for loss, labels, expected, slope in (
        (hinge, [1, 1], [0, 10001], [0, -1]),
        (perceptron, [1, 1], [0, 10000], [0, -1]),
        (hinge, [-1, 1], [10001, 10001], [1, -1]),
        (perceptron, [-1, -1], [10000, 0], [1, 0]),
    ):
        scores = Tensor(np.array([1e4, -1e4], dtype=dtype), requires_grad=True)
        value = loss(scores, labels, reduction="none")
        np.testing.assert_array_equal(value.data, expected)
        value.sum().backward()
        np.testing.assert_array_equal(scores.grad, slope)


@pytest.mark.parametrize("target", [[1], [[0, 1, 0]]])
def test_smoothing_and_weights_are_exact_far_out(target: Any) -> None:
    z = Tensor([[1e4, 0.0, -1e4]], requires_grad=True)
    value = cross_entropy(z, target, "sum", weight=[1, 1, 4], label_smoothing=0.3)
    value.backward()
    # of the smooth target (0.1, 0.8, 0.1) the second logit lies 1e4 below the largest, the third 2e4
    assert value.item() == pytest.approx(0.8 * 1e4 + 4 * 0.1 * 2e4, rel=1e-15)
    np.testing.assert_allclose(z.grad, [[0.8 + 4 * 0.1, -0.8, -4 * 0.1]], rtol=1e-15)
