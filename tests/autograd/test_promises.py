"""What the docs promise of the engine, number by number: 1 to 7; the others are in test_promises_8_to_15.py."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, check_grads, gradients
from autograd.inspecting import name_of
from autograd.sweep import toposort

SHAPES = [(), (1,), (3,), (1, 3), (2, 1, 3), (0,), (0, 3)]


DTYPES = [np.float16, np.float32, np.float64, np.longdouble]


def leaf(data: Any, dtype: Any = None) -> Tensor:
    return Tensor(data, requires_grad=True, dtype=dtype)


def orders(f: Any, at: Any, count: int) -> list[Any]:
    """The derivatives of the elementwise function `f` at an array, up to the order `count`."""
    x = leaf(at)
    y, found = f(x), []
    for _ in range(count):
        y = gradients(y, x, np.ones(x.shape), create_graph=True)
        found.append(y.data.tolist())
    return found


class Test01EveryGradientHasTheShapeAndDtypeOfItsInput:
    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("shape", SHAPES)
    def test_after_broadcasting_reductions_and_indexing(self, shape: tuple[int, ...], dtype: Any) -> None:
        x = leaf(np.ones(shape), dtype)
        wide = leaf(np.ones((4, *shape)))
        for y in (
            x * 2,
            x + wide,
            np.where(wide > 0, x, 1.0),
            np.maximum(wide, x),
            x.reshape(-1),
            x[...],
            x[None],
            +x,
            x,
        ):
            x.grad = None
            y.sum().backward()
            assert (type(x.grad), x.grad.shape, x.grad.dtype) == (np.ndarray, shape, np.dtype(dtype))
            assert gradients(y.sum(), x).dtype == np.dtype(dtype)

    def test_also_of_an_integer_that_became_a_float(self) -> None:
        x = leaf([[1, 2, 3]])
        (x * np.ones((4, 1, 3), np.float32)).sum().backward()
        assert (x.grad.shape, x.grad.dtype) == ((1, 3), np.float64)


class Test02Float32Survives:
    @pytest.mark.parametrize(
        "f",
        [
            lambda x: 2 * x + 1.5 - x / 3 + 2 / (x + 4) + x**2 + x**-1 + x**0.5 + 2**x,
            lambda x: x.sum() + x.mean() + x.var() + x.std() + x.prod() + x.max() + x.min(),
            lambda x: np.linalg.norm(x) + np.mean(x, axis=0) - np.median(x),
            lambda x: autograd.softmax(x) * autograd.log_softmax(x) + autograd.logsumexp(x),
            lambda x: np.where(x > 1, x, 0.0) + np.maximum(x, 0) + np.clip(x, 0, 1.5) + np.abs(x) + np.sign(x),
            lambda x: autograd.sigmoid(x) + autograd.softplus(x) + autograd.erf(x) + np.sinc(x) + np.arctan2(x, 2.0),
            lambda x: np.concatenate([x, x]).cumsum() * True,
            lambda x: np.logaddexp(x, 0.0) + np.hypot(x, 1) + np.mod(x, 2) + np.float_power(x, 2) + np.power(x, 3.0),
        ],
        ids=itertools.count(),
    )
    def test_python_scalars_and_reductions_at_every_node_and_order(self, f: Any) -> None:
        x = leaf(np.array([0.3, 1.2, 1.9]), np.float32)
        y = (f(x) * f(x)).sum()
        first = gradients(y, x, create_graph=True)
        second = gradients(first.sum(), x)
        assert {str(node.dtype) for node in toposort([y, first])} == {"float32"}
        assert (first.dtype, second.dtype) == (np.float32, np.float32)


class Test03KinksAndTiesGiveAFiniteSubgradient:
    @pytest.mark.parametrize(
        ("f", "slope"),
        [
            (np.abs, 0.0),
            (np.fabs, 0.0),
            (autograd.relu, 0.0),
            (np.sign, 0.0),
            (np.floor, 0.0),
            (lambda x: np.maximum(x, 0), 0.5),
            (lambda x: np.minimum(0, x), 0.5),
            (lambda x: np.fmax(x, 0), 0.5),
            (lambda x: np.maximum(x, x), 1.0),
            (lambda x: np.hypot(x, 0), 0.0),
            (lambda x: np.hypot(x, x), 0.0),
            (lambda x: np.arctan2(x, 0.0), 0.0),
            (lambda x: np.sqrt(x), math.inf),
        ],
    )
    def test_at_zero(self, f: Any, slope: float) -> None:
        x = leaf(0.0)
        f(x).backward()
        assert x.grad == slope

    def test_ties_share_a_total_weight_of_one(self) -> None:
        for data in ([1.0, 5.0, 5.0, 5.0], [5.0, 5.0]):
            for f in (np.max, lambda x: -np.min(-x), lambda x: np.max(x, axis=-1), lambda x: np.maximum(x[-1], x[-2])):
                x = leaf(data)
                f(x).backward()
                assert x.grad.sum() == pytest.approx(1.0, rel=1e-15)
                assert (x.grad[np.array(data) < 5] == 0).all()

    def test_norm_and_std_are_flat_where_they_vanish(self) -> None:
        for f, data in ((np.linalg.norm, np.zeros(3)), (np.std, np.full(3, 2.0)), (np.std, np.zeros((2, 2)))):
            x = leaf(data)
            f(x).backward()
            np.testing.assert_array_equal(x.grad, np.zeros(data.shape))

    def test_clip_passes_the_gradient_up_to_its_bounds(self) -> None:
        x = leaf([-2.0, -1.0, 0.0, 1.0, 2.0])
        np.clip(x, -1, 1).sum().backward()
        np.testing.assert_array_equal(x.grad, [0.0, 1.0, 1.0, 1.0, 0.0])


class Test04PowersAndProductsAreExactAtZero:
    @pytest.mark.parametrize(
        ("f", "derivatives"),
        [
            (lambda x: x**0, [0, 0, 0]),
            (lambda x: x**1, [1, 0, 0]),
            (lambda x: x**2, [0, 2, 0]),
            (lambda x: x**3, [0, 0, 6, 0, 0]),
            (lambda x: x**4.0, [0, 0, 0, 24, 0]),
            (lambda x: x ** np.array([3.0]), [0, 0, 6, 0, 0]),
            (lambda x: x ** np.array([3]), [0, 0, 6, 0, 0]),
            (lambda x: x ** np.array([0.0]), [0, 0, 0]),
            (lambda x: np.power(x, 2), [0, 2, 0]),
            (lambda x: np.square(x), [0, 2, 0]),
            (lambda x: x * x * x, [0, 0, 6, 0]),
            (lambda x: np.prod(np.stack([x, x, x]), axis=0), [0, 0, 6, 0]),
            (lambda x: np.cumprod(np.stack([x, x, x]), axis=0)[-1], [0, 0, 6, 0]),
            (lambda x: 0.0 ** (x + 2), [0, 0, 0]),
            (lambda x: x * np.sin(x), [0, 2, 0, -4]),
        ],
    )
    def test_at_every_order(self, f: Any, derivatives: list[float]) -> None:
        assert orders(f, [0.0], len(derivatives)) == [[d] for d in derivatives]

    def test_of_both_arguments(self) -> None:
        a, b = leaf([0.0, 0.0, 2.0, 2.0]), leaf([2.0, 0.0, 0.0, 1.0])
        by_a, by_b = gradients(a**b, [a, b], np.ones(4), create_graph=True)
        np.testing.assert_allclose(by_a.data, [0.0, 0.0, 0.0, 1.0])
        np.testing.assert_allclose(by_b.data, [0.0, 0.0, math.log(2), 2 * math.log(2)])
        mixed = gradients(by_a, b, np.ones(4))  # a**(b - 1) * (1 + b log a)
        np.testing.assert_allclose(mixed[2:], [0.5, 1 + math.log(2)])

    @pytest.mark.parametrize("zeros", [0, 1, 2, 3])
    def test_products_with_zeros_among_the_factors(self, zeros: int) -> None:
        x = np.array([2.0, 3.0, 5.0, 7.0])
        x[:zeros] = 0.0
        check_grads(np.prod, x, order=3)
        check_grads(lambda t: np.prod(t.reshape(2, 2), axis=1), x)
        check_grads(np.cumprod, x)


class Test05ExactAtAnyMagnitude:
    big = np.array([-1e4, -800.0, -40.0, 0.0, 40.0, 800.0, 1e4])

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize(
        "f",
        [
            autograd.sigmoid, autograd.softplus, autograd.logsigmoid, np.tanh, autograd.erf, autograd.relu,
            autograd.softmax, autograd.log_softmax, autograd.logsumexp,
        ],
        ids=name_of,
    )  # fmt: skip
    def test_finite_without_warnings_at_two_orders(self, f: Any, dtype: Any) -> None:
        x = leaf(self.big, dtype)
        y = f(x)
        first = gradients(y, x, np.ones(y.shape), create_graph=True)
        second = gradients(first, x, np.ones(x.shape)) if first.requires_grad else np.zeros(x.shape)
        assert np.isfinite(y.data).all()
        assert np.isfinite(first.data).all()
        assert np.isfinite(second).all()

    def test_sigmoid_and_softplus_in_the_tails(self) -> None:
        x = leaf([-700.0, -40.0, 40.0])
        autograd.softplus(x).sum().backward()
        np.testing.assert_allclose(x.grad, [math.exp(-700), math.exp(-40), 1.0], rtol=1e-14)
        x.grad = None
        autograd.logsigmoid(x).sum().backward()
        np.testing.assert_allclose(x.grad, [1.0, 1.0, math.exp(-40)], rtol=1e-14)

    def test_softmax_and_logsumexp_of_far_entries(self) -> None:
        x = leaf([1e4, 1e4 - 1, -1e4])
        shares = np.array([1.0, math.exp(-1), 0.0]) / (1 + math.exp(-1))
        np.testing.assert_allclose(autograd.softmax(x).data, shares, rtol=1e-14)
        np.testing.assert_allclose(gradients(autograd.logsumexp(x), x), shares, rtol=1e-11)
        loss = autograd.softmax_cross_entropy(x, np.array(2))
        assert loss.data == pytest.approx(2e4 + math.log1p(math.exp(-1)), rel=1e-15)
        np.testing.assert_allclose(gradients(loss, x), shares - [0.0, 0.0, 1.0], rtol=1e-14)

    def test_entries_of_minus_infinity_get_nothing(self) -> None:
        x = leaf([0.0, -np.inf, 1.0])
        shares = np.exp([0.0, -np.inf, 1.0]) / (1 + math.e)
        np.testing.assert_allclose(gradients(autograd.logsumexp(x), x), shares, rtol=1e-15)
        np.testing.assert_allclose(gradients(np.logaddexp(x[1], x[2]), x), [0.0, 0.0, 1.0])
        np.testing.assert_allclose(
            gradients(autograd.softmax(x)[0], x), [shares[0] * shares[2], 0.0, -shares[0] * shares[2]]
        )
        picked = autograd.log_softmax(x)[0]
        np.testing.assert_allclose(gradients(picked, x), [1 - shares[0], 0.0, -shares[2]], rtol=1e-15)

    def test_where_all_are_minus_infinity(self) -> None:
        x = leaf([-np.inf, -np.inf])
        for y in (autograd.logsumexp(x), np.logaddexp(x[0], x[1])):
            assert y.data == -np.inf
            np.testing.assert_array_equal(gradients(y, x), [0.0, 0.0])


class Test06ABranchThatIsNotSelectedContributesNothing:
    @pytest.mark.parametrize(
        ("f", "at", "first", "second"),
        [
            (lambda x: np.where(x > 0, np.sqrt(x), 0), [-1.0, 0.0, 4.0], [0, 0, 0.25], [0, 0, -1 / 32]),
            (lambda x: np.where(x > 0, x * np.log(x), 0), [-1.0, 0.0, 1.0], [0, 0, 1], [0, 0, 1]),
            (lambda x: np.where(x != 0, np.sin(x) / x, 1), [0.0, math.pi], [0, -1 / math.pi], [0, 2 / math.pi**2]),
            (lambda x: np.where(x < 10, np.exp(x), 0), [1000.0, 0.0], [0, 1], [0, 1]),
            (lambda x: np.where(x > 0, 1 / x, x), [0.0, 0.5], [1, -4], [0, 16]),
            (lambda x: np.where(x > 0, x**0.5, 0), [0.0, 4.0], [0, 0.25], [0, -1 / 32]),
            (lambda x: np.where(x > 1, np.arccosh(x), 0), [0.0, 1.0, math.sqrt(2)], [0, 0, 1], [0, 0, -math.sqrt(2)]),
            (lambda x: np.where(np.abs(x) < 1, np.arctanh(x), 0), [1.0, -1.0, 0.0], [0, 0, 1], [0, 0, 0]),
            (lambda x: np.sqrt(autograd.relu(x)), [-1.0, 0.0, 4.0], [0, 0, 0.25], [0, 0, -1 / 32]),
            (lambda x: np.log(np.where(x > 0, x, 1)), [-1.0, 0.0, 2.0], [0, 0, 0.5], [0, 0, -0.25]),
            (lambda x: np.maximum(np.sqrt(x), 2.0), [0.0, 9.0], [0, 1 / 6], [0, -1 / 108]),
            (lambda x: np.clip(1 / x, -2, 2), [0.0, 1.0], [0, -1], [0, 2]),
            (lambda x: np.sqrt(x * 0), [1.0], [0], [0]),
            (lambda x: np.sqrt(x)[1:].sum() + 0 * x, [0.0, 4.0], [0, 0.5], [0, -1 / 16]),
        ],
        ids=itertools.count(),
    )
    def test_not_even_a_nan(self, f: Any, at: Any, first: Any, second: Any) -> None:
        with np.errstate(all="ignore"):  # the forward pass computes both branches
            found = orders(f, at, 2)
        np.testing.assert_allclose(found, [first, second], rtol=1e-12, atol=1e-15)


class Test07RepeatedAndAliasedIndicesAccumulate:
    @pytest.mark.parametrize(
        ("f", "gradient"),
        [
            (lambda x: x[[0, 0, 2]], [2, 0, 1]),
            (lambda x: x[np.array([[0, -3], [2, 0]])], [3, 0, 1]),
            (lambda x: np.take(x, [1, 1, -2]), [0, 3, 0]),
            (lambda x: np.take_along_axis(x, np.array([1, 1, 0]), axis=0), [1, 2, 0]),
            (lambda x: np.repeat(x, 2), [2, 2, 2]),
            (lambda x: np.tile(x, (2, 2)), [4, 4, 4]),
            (lambda x: x[:2] + x[1:], [1, 2, 1]),
            (lambda x: x[::-1] + x, [2, 2, 2]),
            (lambda x: np.concatenate([x, x[1:], x[:1]]), [2, 2, 2]),
            (lambda x: np.broadcast_to(x, (4, 3)), [4, 4, 4]),
            (lambda x: Tensor(np.zeros(2)).at[[0, 0, 1]].add(x), [1, 1, 1]),
            (lambda x: x.at[[0, 0]].add(x[:2]), [2, 2, 1]),
        ],
        ids=itertools.count(),
    )
    def test_each_use_counts(self, f: Any, gradient: list[float]) -> None:
        x = leaf([1.0, 2.0, 3.0])
        f(x).sum().backward()
        np.testing.assert_array_equal(x.grad, gradient)
