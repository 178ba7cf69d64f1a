"""What the tests over the table cannot see: zeros, ties, infinities, magnitudes, the conventions at kinks, errors."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, check_grads, gradients, log_softmax, logsumexp, softmax, softmax_cross_entropy
from autograd.rules.reductions import recurrence, shared

on_tensors: Any = np  # NumPy's functions answer tensors with tensors, which its type stubs do not know
INF = np.inf
BOTH = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def leaf(data: Any, dtype: Any = np.float64) -> Tensor:
    return Tensor(np.asarray(data, dtype), requires_grad=True)


def gradient(f: Any, x: Any, dtype: Any = np.float64) -> Any:
    """The gradient of the sum of f(x)."""
    x = leaf(x, dtype)
    return gradients(f(x).sum(), x)


def nth(f: Any, x: Any, directions: list[Any]) -> Any:
    """The derivative of the sum of f at `x` along each of `directions`, one after the other."""
    x = leaf(x)
    y = f(x).sum()
    for direction in directions:
        y = (gradients(y, x, create_graph=True) * direction).sum()
    return float(y.data)


# --- Products ----------------------------------------------------------------------------------------------------


def product_derivative(x: list[float], order: tuple[int, ...]) -> float:
    """d^n prod(x) / dx_i dx_j ...: the product of all others, and 0 where an index repeats."""
    return 0.0 if len(set(order)) < len(order) else math.prod(v for i, v in enumerate(x) if i not in order)


@pytest.mark.parametrize("x", [[2.0, 3.0, 5.0, 7.0], [2.0, 0.0, 5.0, 7.0], [0.0, 3.0, 0.0, 7.0], [0.0] * 4])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_prod_is_exact_at_zeros_at_every_order(x: list[float], order: int) -> None:
    units = np.eye(4)
    for chosen in [*combinations(range(4), order), (1,) * order]:
        assert nth(np.prod, x, [units[i] for i in chosen]) == product_derivative(x, chosen)


@pytest.mark.parametrize("x", [[2.0, 3.0, 5.0, 7.0], [2.0, 0.0, 5.0, 7.0], [0.0, 3.0, 0.0, 7.0]])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_cumprod_is_exact_at_zeros_at_every_order(x: list[float], order: int) -> None:
    units, weights = np.eye(4), np.array([1.0, 10.0, 100.0, 1000.0])
    for chosen in [*combinations(range(4), order), (2,) * order]:
        prefixes = [product_derivative(x[: n + 1], chosen) if max(chosen) <= n else 0.0 for n in range(4)]
        assert nth(lambda t: np.cumprod(t) * weights, x, [units[i] for i in chosen]) == weights @ prefixes


def test_cumprod_without_an_axis_runs_over_the_flattened_array() -> None:
    x = np.array([[2.0, 0.0], [3.0, 0.0]])
    np.testing.assert_array_equal(gradient(np.cumprod, x), [[1.0, 2.0 + 6.0], [0.0, 0.0]])
    np.testing.assert_array_equal(gradient(lambda t: np.cumprod(t, axis=0), x), [[4.0, 1.0], [2.0, 0.0]])


def test_a_product_of_large_and_small_numbers_does_not_divide_by_them() -> None:
    x = [1e-200, 1e200, 1e-200, 1e200]
    np.testing.assert_allclose(gradient(np.prod, x), [1e200, 1e-200, 1e200, 1e-200], rtol=1e-15)


def test_prod_over_some_of_three_axes_has_the_products_of_the_others() -> None:
    x = np.arange(24.0).reshape(2, 3, 4) - 5
    expected = np.empty_like(x)
    for index in np.ndindex(x.shape):
        others = x.copy()
        others[index] = 1.0
        expected[index] = np.prod(others, axis=(0, 2))[index[1]]
    np.testing.assert_array_equal(gradient(lambda t: np.prod(t, axis=(-1, 0)), x), expected)


def test_the_recurrence_is_its_definition() -> None:
    a, b = np.random.default_rng(0).standard_normal((2, 5, 2))
    expected = [b[0]]
    for i in range(1, 5):
        expected.append(a[i] * expected[-1] + b[i])
    np.testing.assert_array_equal(recurrence(a, b), expected)


# --- Extremes and moments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fun", [np.max, np.amax, lambda t: -np.min(-t), lambda t: -np.amin(-t)])
def test_ties_share_a_total_weight_of_one(fun: Any) -> None:
    np.testing.assert_array_equal(gradient(fun, [1.0, 3.0, 3.0, 2.0]), [0.0, 0.5, 0.5, 0.0])
    assert gradient(fun, np.full(7, 2.0)).sum() == pytest.approx(1.0, rel=1e-15)


def test_ties_are_counted_over_the_axis_reduced() -> None:
    x = [[1.0, 1.0], [1.0, 0.0]]
    np.testing.assert_array_equal(gradient(lambda t: np.max(t, axis=0), x), [[0.5, 1.0], [0.5, 0.0]])
    np.testing.assert_array_equal(gradient(lambda t: np.max(t, axis=(0, 1)), x), [[1 / 3, 1 / 3], [1 / 3, 0.0]])
    np.testing.assert_array_equal(gradient(lambda t: np.max(t, axis=()), x), np.ones((2, 2)))


@pytest.mark.slow
def test_more_ties_than_a_sum_in_single_precision_counts() -> None:
    """Of ones that are added one by one it stays at 2^24."""
    n = 3 << 23
    winners, x = np.broadcast_to(True, (n, 2)), np.broadcast_to(np.float32(0), (n, 2))
    share = shared(np.ones(2, np.float32), winners, x, 0)[0]
    np.testing.assert_allclose(share * n, 1, rtol=1e-6)


def test_infinite_upstream_gradients_stay_with_the_maximum() -> None:
    x = leaf([1.0, 2.0])
    np.testing.assert_array_equal(gradients(np.max(x), x, gradient=INF), [0.0, INF])


def test_ptp_of_equal_numbers_has_the_gradient_zero() -> None:
    np.testing.assert_array_equal(gradient(np.ptp, np.full(3, 0.1)), np.zeros(3))


@BOTH
@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, 1e8 / 3])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_std_has_the_gradient_zero_where_it_vanishes(value: float, size: int, dtype: Any) -> None:
    np.testing.assert_array_equal(gradient(np.std, np.full(size, value), dtype), np.zeros(size))


def test_std_vanishes_in_one_row_alone() -> None:
    found = gradient(lambda t: np.std(t, axis=1), [[1.0, 1.0], [1.0, 3.0]])
    np.testing.assert_array_equal(found, [[0.0, 0.0], [-0.5, 0.5]])
    x = leaf(np.ones(3))
    first = gradients(np.std(x), x, create_graph=True)
    np.testing.assert_array_equal(gradients((first * [1.0, 2.0, 3.0]).sum(), x), np.zeros(3))


def test_var_takes_ddof_and_correction_as_the_same_thing() -> None:
    x = np.array([1.0, 2.0, 4.0])
    closed = 2 * (x - x.mean()) / 2
    np.testing.assert_allclose(gradient(lambda t: np.var(t, ddof=1), x), closed, rtol=1e-14)
    np.testing.assert_allclose(gradient(lambda t: np.var(t, correction=1), x), closed, rtol=1e-14)
    np.testing.assert_allclose(
        gradient(lambda t: np.std(t, correction=1), x), closed / 2 / np.std(x, ddof=1), rtol=1e-14
    )


@pytest.mark.parametrize("x", [[3.0, 1.0, 2.0], [4.0, 1.0, 2.0, 9.0], [5.0]])
def test_the_median_belongs_to_the_middle_elements(x: list[float]) -> None:
    order = np.argsort(x)
    expected = np.zeros(len(x))
    expected[order[(len(x) - 1) // 2]] += 0.5
    expected[order[len(x) // 2]] += 0.5
    np.testing.assert_array_equal(gradient(np.median, x), expected)


def test_a_quantile_is_shared_by_its_neighbours() -> None:
    x = [30.0, 10.0, 20.0]
    np.testing.assert_allclose(gradient(lambda t: on_tensors.quantile(t, 0.25), x), [0.0, 0.5, 0.5], rtol=1e-15)
    np.testing.assert_allclose(gradient(lambda t: on_tensors.percentile(t, [0, 90]), x), [0.8, 1.0, 0.2], rtol=1e-15)
    tied = gradient(lambda t: on_tensors.quantile(t, 0.3), np.full(5, 2.0))
    assert tied.sum() == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize("fun", [np.median, lambda t: on_tensors.quantile(t, 0.5), lambda t: np.max(t)])
def test_a_nan_among_the_numbers_is_not_passed_over(fun: Any) -> None:
    x = [1.0, np.nan, 3.0]
    assert np.isnan(fun(leaf(x)).data)
    assert np.isnan(fun(np.array(x)))


def test_an_infinite_neighbour_does_not_spoil_a_quantile() -> None:
    x = leaf([1.0, 2.0, INF])
    np.testing.assert_array_equal(on_tensors.quantile(x, [0.0, 0.5, 1.0]).data, [1.0, 2.0, INF])
    np.testing.assert_array_equal(gradients(on_tensors.quantile(x, 0.5), x), [0.0, 1.0, 0.0])
    assert np.median(x).data == 2.0


def test_sums_that_pass_over_nan_give_it_the_gradient_zero() -> None:
    x = [1.0, np.nan, 3.0]
    np.testing.assert_array_equal(gradient(np.nansum, x), [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(gradient(np.nanmean, x), [0.5, 0.0, 0.5])


def test_average_differentiates_by_the_weights() -> None:
    a, w = leaf([1.0, 2.0, 6.0]), leaf([1.0, 1.0, 2.0])
    mean = on_tensors.average(a, weights=w)
    assert mean.data == 15 / 4
    by_a, by_w = gradients(mean, [a, w])
    np.testing.assert_allclose(by_a, [0.25, 0.25, 0.5], rtol=1e-15)
    np.testing.assert_allclose(by_w, (a.data - 15 / 4) / 4, rtol=1e-15)
    np.testing.assert_allclose(
        gradient(lambda t: on_tensors.average([1.0, 2.0, 6.0], weights=t), w.data), by_w, rtol=1e-15
    )


def test_counts_and_positions_are_plain() -> None:
    x = leaf([[0.0, 2.0], [3.0, 0.0]])
    assert not isinstance(np.count_nonzero(x), Tensor)
    assert np.count_nonzero(x) == 2
    np.testing.assert_array_equal(np.argmax(x, axis=1), [1, 0])
    np.testing.assert_array_equal(np.any(x, axis=0), [True, True])
    assert not np.all(x)


# --- The softmax family ------------------------------------------------------------------------------------------

HARD = [
    [1e4, 9999.5, -1e4],
    [-1e4, 1e4, 0.0],
    [0.25, 0.5, -0.25],
    [3e38, -3e38, 0.0],
    [-INF, 1.0, 2.0],
    [-INF, -INF, -1e4],
]


def exact(x: Any) -> tuple[Any, Any, Any]:
    """softmax, log_softmax and logsumexp of a list of numbers, in Python's arithmetic of fractions and logarithms."""
    top = max(x)
    terms = [math.exp(v - top) for v in x]
    total = math.fsum(terms)
    return (
        np.array([t / total for t in terms]),
        np.array([v - top - math.log(total) for v in x]),
        top + math.log(total),
    )


@BOTH
@pytest.mark.parametrize("x", HARD)
def test_the_softmax_family_is_exact_at_any_magnitude(x: list[float], dtype: Any) -> None:
    x = np.asarray(x, dtype).tolist()
    p, log_p, total = exact(x)
    close = {"rtol": 8 * np.finfo(dtype).eps, "atol": np.finfo(dtype).tiny}
    np.testing.assert_allclose(softmax(leaf(x, dtype)).data, p, **close)
    with np.errstate(over="ignore"):
        log_p = log_p.astype(dtype)
    np.testing.assert_allclose(log_softmax(leaf(x, dtype)).data, log_p, **close)
    np.testing.assert_allclose(logsumexp(leaf(x, dtype)).data, total, **close)
    np.testing.assert_allclose(gradient(logsumexp, x, dtype), p, **close)

    weights = np.array([1.0, 2.0, 4.0], dtype)
    expected = p * (weights - weights @ p)
    found = gradient(lambda t: softmax(t) * weights, x, dtype)
    np.testing.assert_allclose(found, expected, rtol=close["rtol"], atol=8 * np.finfo(dtype).eps)
    expected = np.where(np.isneginf(x), 0, weights - p * weights.sum())
    t = leaf(x, dtype)
    found = gradients(log_softmax(t), t, gradient=weights)
    np.testing.assert_allclose(found, expected, rtol=close["rtol"], atol=8 * np.finfo(dtype).eps)


@BOTH
@pytest.mark.parametrize("x", HARD)
@pytest.mark.parametrize("label", [0, 1, 2])
def test_the_cross_entropy_is_exact_at_any_magnitude(x: list[float], label: int, dtype: Any) -> None:
    x = np.asarray(x, dtype).tolist()
    p, log_p, _ = exact(x)
    logits = leaf([x], dtype)
    loss = softmax_cross_entropy(logits, np.array([label]))
    eps = np.finfo(dtype).eps
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(loss.data, np.asarray([-log_p[label]]).astype(dtype), rtol=8 * eps, atol=eps)
    found = gradients(loss.sum(), logits)
    one_hot = np.eye(3)[label] * np.isfinite(x)
    np.testing.assert_allclose(found, [p - one_hot], rtol=8 * eps, atol=8 * eps)
    assert found.dtype == dtype


@BOTH
@pytest.mark.parametrize("fun", [softmax, log_softmax, lambda t: logsumexp(t, axis=-1)])
def test_a_row_that_is_all_minus_infinity_has_the_gradient_zero(fun: Any, dtype: Any) -> None:
    x = leaf([[-INF, -INF], [0.0, 1.0]], dtype)
    y = fun(x)
    assert not np.isnan(y.data).any()
    found = gradients(y, x, gradient=np.ones(y.shape))
    np.testing.assert_array_equal(found[0], [0.0, 0.0])
    assert np.isfinite(found).all()
    first = gradients(y, x, gradient=np.ones(y.shape), create_graph=True)
    np.testing.assert_array_equal(gradients((first * [[1.0, 2.0]]).sum(), x)[0], [0.0, 0.0])


def test_a_row_that_is_all_minus_infinity_has_no_share_in_anything() -> None:
    x = np.full((1, 2), -INF)
    np.testing.assert_array_equal(softmax(x), [[0.0, 0.0]])
    np.testing.assert_array_equal(log_softmax(x), x)
    assert logsumexp(x) == -INF
    logits = leaf(x)
    loss = softmax_cross_entropy(logits, np.array([1]))
    assert loss.data == INF
    np.testing.assert_array_equal(gradients(loss.sum(), logits), [[0.0, 0.0]])


def test_the_softmax_family_takes_lists_of_integers_infinity_and_nothing() -> None:
    np.testing.assert_array_equal(logsumexp(np.empty((2, 0)), axis=1), [-INF, -INF])
    assert logsumexp([INF, 1.0]) == INF
    np.testing.assert_allclose(softmax([0, 0]), [0.5, 0.5])
    assert logsumexp([0, 0]) == pytest.approx(math.log(2), rel=1e-15)
    assert softmax_cross_entropy([[0, 0]], [1]) == pytest.approx(math.log(2), rel=1e-15)


@pytest.mark.parametrize("classes", [3, 32, 33])
def test_narrow_and_wide_rows_give_the_same(classes: int) -> None:
    x = np.random.default_rng(0).standard_normal((50, classes))
    for row, p in zip(x, softmax(x)):
        np.testing.assert_allclose(p, exact(row.tolist())[0], rtol=1e-14)
    assert not np.shares_memory(softmax(x), x)


def test_the_shares_over_all_axes_add_up_to_one() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    np.testing.assert_allclose(softmax(x, axis=None).sum(), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax(x, axis=(0, 2)).sum((0, 2)), np.ones(3), rtol=1e-14)
    np.testing.assert_allclose(np.exp(log_softmax(x, axis=(0, 2))), softmax(x, axis=(0, 2)), rtol=1e-14)


def test_the_cross_entropy_takes_rows_of_rows_and_one_row() -> None:
    rng = np.random.default_rng(0)
    logits, labels = rng.standard_normal((2, 3, 4)), rng.integers(0, 4, (2, 3))
    losses = softmax_cross_entropy(logits, labels)
    assert losses.shape == (2, 3)
    for index in np.ndindex(2, 3):
        assert losses[index] == pytest.approx(-exact(logits[index].tolist())[1][labels[index]], rel=1e-14)
    check_grads(lambda z: softmax_cross_entropy(z, np.array(2)), logits[0, 0], order=3)


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([0, 3], ValueError, "from 0 to 3 for 3 classes"),
        ([-1, 0], ValueError, "from -1 to 0 for 3 classes"),
        ([0.0, 1.0], TypeError, "integers"),
        ([True, False], TypeError, "integers"),
        ([0], ValueError, r"\(1,\) do not fit logits of shape \(2, 3\)"),
        ([[0, 1]], ValueError, r"\(1, 2\) do not fit logits of shape \(2, 3\)"),
    ],
)
def test_labels_that_name_no_class_are_refused(labels: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        softmax_cross_entropy(leaf(np.zeros((2, 3))), np.array(labels))


def test_cross_entropy_follows_torch() -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional second oracle")
    rng = np.random.default_rng(1)
    logits, labels = rng.standard_normal((20, 5)) * 10, rng.integers(0, 5, 20)
    theirs = torch.tensor(logits, requires_grad=True)
    torch.nn.functional.cross_entropy(theirs, torch.tensor(labels)).backward()
    ours = gradient(lambda z: softmax_cross_entropy(z, labels) / 20, logits)
    np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["prod", "cumprod", "std", "var", "logsumexp", "amax", "log_softmax"])
def test_reductions_follow_torch(name: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional second oracle")
    x = np.random.default_rng(2).standard_normal((4, 5)).round(1)
    x[1, 2] = x[1, 3] = x[2, 1] = 0.0
    x[3, :2] = 4.0
    theirs = torch.tensor(x, requires_grad=True)
    y = getattr(torch, name)(theirs, 1, **({"correction": 0} if name in ("std", "var") else {}))
    w = np.random.default_rng(3).standard_normal(tuple(y.shape))
    (y * torch.tensor(w)).sum().backward()
    fun = {"logsumexp": logsumexp, "log_softmax": log_softmax}.get(name) or getattr(np, name)
    np.testing.assert_allclose(gradient(lambda t: fun(t, axis=1) * w, x), theirs.grad.numpy(), rtol=1e-10, atol=1e-12)


# --- Errors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fun", [np.sum, np.mean, np.prod, np.max, np.median, logsumexp, softmax, np.ptp, np.cumsum])
def test_an_axis_that_is_not_there_is_refused(fun: Any) -> None:
    with pytest.raises(ValueError, match="axis 2 is out of bounds"):
        fun(leaf(np.ones((2, 3))), axis=2)


@pytest.mark.parametrize(
    ("call", "keyword"),
    [
        (lambda t: np.sum(t, out=np.empty(())), "out"),
        (lambda t: np.cumsum(t, out=np.empty(2)), "out"),
        (lambda t: np.mean(t, dtype=np.int64), "dtype=int64"),
        (lambda t: np.sum(t, where=[1, 0]), "where= is a mask of booleans, not of int64"),
        (lambda t: np.median(t, out=np.empty(())), "out"),
        (lambda t: np.percentile(t, 50, weights=[1, 2]), "weights"),
    ],
)
def test_keywords_without_a_derivative_are_refused(call: Any, keyword: str) -> None:
    with pytest.raises(TypeError, match=keyword):
        call(leaf([1.0, 2.0]))


def test_quantiles_outside_and_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        on_tensors.quantile(leaf([1.0, 2.0]), 1.5)
    with pytest.raises(ValueError, match="method is linear"):
        on_tensors.quantile(leaf([1.0, 2.0]), 0.5, method="lower")
    with pytest.raises(ValueError, match="empty"):
        np.median(leaf([]))


def test_weights_that_do_not_fit_or_sum_to_zero_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2,\) fit neither an array of shape \(2, 3\)"):
        on_tensors.average(leaf(np.ones((2, 3))), axis=1, weights=[1.0, 2.0])
    with pytest.raises(ZeroDivisionError, match="sum to zero"):
        on_tensors.average(leaf([1.0, 2.0]), weights=[1.0, -1.0])
