"""Elementwise functions where they are hard: tails, zeros, ties, bounds, the origin."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest

from autograd import Tensor, Value, check_grads, erf, gradients, logsigmoid, relu, sigmoid, softplus, sumprod
from autograd.rules.elementwise import chain, ratio

WIDE = np.concatenate([-np.logspace(3, -12, 40), [0.0], np.logspace(-12, 3, 40)])

EXACT = {  # function: itself and its first two derivatives, in arbitrary precision
    sigmoid: [
        lambda x: 1 / (1 + mpmath.exp(-x)),
        lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2,
        lambda x: mpmath.exp(-x) * (mpmath.exp(-x) - 1) / (1 + mpmath.exp(-x)) ** 3,
    ],
    softplus: [
        lambda x: mpmath.log1p(mpmath.exp(x)),
        lambda x: 1 / (1 + mpmath.exp(-x)),
        lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2,
    ],
    logsigmoid: [
        lambda x: -mpmath.log1p(mpmath.exp(-x)),
        lambda x: 1 / (1 + mpmath.exp(x)),
        lambda x: -mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2,
    ],
    erf: [
        mpmath.erf,
        lambda x: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x),
        lambda x: -4 * x / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x),
    ],
}


def leaf(data: Any, dtype: Any = None) -> Tensor:
    return Tensor(data, requires_grad=True, dtype=dtype)


def two_orders(f: Any, data: Any) -> list[Any]:
    """f and its first two derivatives at each element."""
    x = leaf(data)
    y = f(x)
    first = gradients(y, x, np.ones(x.shape), create_graph=True)
    return [y.data, first.data, gradients(first, x, np.ones(x.shape))]


def exact(f: Any, xs: Any) -> Any:
    """`f` in 60 digits, rounded to floats once."""
    with mpmath.workdps(60):
        return normal(np.array([float(f(mpmath.mpf(float(x)))) for x in xs]))


def normal(xs: Any) -> Any:
    """`xs`, where what is too small for a float with all its digits counts as 0."""
    return np.where(np.abs(xs) < 1e-300, 0.0, xs)


def slope(f: Any, *xs: Any) -> Any:
    """The gradients of the sum of f(*xs), forward in silence."""
    inputs = [leaf(x) for x in xs]
    with np.errstate(all="ignore"):
        y = f(*inputs).sum()
    return [g.tolist() for g in gradients(y, inputs)]


class TestTails:
    @pytest.mark.parametrize("f", EXACT, ids=lambda f: f.__name__)
    def test_results_have_full_relative_precision(self, f: Any) -> None:
        np.testing.assert_allclose(normal(f(leaf(WIDE)).data), exact(EXACT[f][0], WIDE), rtol=4e-15)

    @pytest.mark.parametrize(("f", "rtol"), [(softplus, 4e-15), (logsigmoid, 4e-15), (erf, 4e-13)])
    def test_slopes_have_full_relative_precision(self, f: Any, rtol: float) -> None:
        np.testing.assert_allclose(normal(two_orders(f, WIDE)[1]), exact(EXACT[f][1], WIDE), rtol=rtol)

    def test_the_slope_of_sigmoid_has_the_precision_of_its_result(self) -> None:
        first, expected = two_orders(sigmoid, WIDE)[1], exact(EXACT[sigmoid][1], WIDE)
        np.testing.assert_allclose(first, expected, atol=2e-16)
        np.testing.assert_allclose(normal(first)[WIDE < 0], expected[WIDE < 0], rtol=4e-15)

    @pytest.mark.parametrize("f", EXACT, ids=lambda f: f.__name__)
    def test_the_second_derivative_too(self, f: Any) -> None:
        _, _, second = two_orders(f, WIDE)
        np.testing.assert_allclose(second, exact(EXACT[f][2], WIDE), rtol=1e-12, atol=1e-16)

    @pytest.mark.parametrize("f", EXACT, ids=lambda f: f.__name__)
    def test_values_have_the_same_numbers(self, f: Any) -> None:
        for number in WIDE[::3]:
            x = Value(number)
            y = f(x)
            y.backward()
            t = leaf(number)
            f(t).backward()
            np.testing.assert_allclose([y.data, x.grad], [f(t).data, t.grad], rtol=1e-14)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    @pytest.mark.parametrize("f", [*EXACT, relu, np.tanh], ids=lambda f: f.__name__)
    def test_no_warning_at_1e4(self, f: Any, dtype: Any) -> None:
        x = leaf([-1e4, 1e4], dtype)
        with np.errstate(all="raise", under="ignore"):
            y = f(x)
            g = gradients(y, x, np.ones(2))
        assert (y.dtype, g.dtype) == (dtype, dtype)
        assert np.isfinite([y.data, g]).all()

    @pytest.mark.parametrize("f", EXACT, ids=lambda f: f.__name__)
    def test_infinite_arguments_have_the_limits(self, f: Any) -> None:
        limits = {sigmoid: (0, 1), softplus: (0, math.inf), logsigmoid: (-math.inf, 0), erf: (-1, 1)}[f]
        slopes = {softplus: (0, 1), logsigmoid: (1, 0)}.get(f, (0, 0))
        x = leaf([-np.inf, np.inf])
        y = f(x)
        np.testing.assert_array_equal(y.data, limits)
        np.testing.assert_array_equal(gradients(y, x, np.ones(2)), slopes)

    def test_tanh_where_it_saturates(self) -> None:
        xs = np.array([0.0, 1e-9, 0.5, 3.0])
        np.testing.assert_allclose(two_orders(np.tanh, xs)[1], exact(lambda x: mpmath.sech(x) ** 2, xs), rtol=1e-13)

    def test_logaddexp(self) -> None:
        a, b = (
            np.array([0.0, 1000.0, -1000.0, -np.inf, -np.inf, 3.0]),
            np.array([0.0, 999.0, 5.0, 2.0, -np.inf, -np.inf]),
        )
        share = 1 / (1 + math.exp(-1))
        assert slope(np.logaddexp, a, b) == [
            pytest.approx([0.5, share, 0, 0, 0, 1], rel=1e-12),
            pytest.approx([0.5, 1 - share, 1, 1, 0, 0], rel=1e-12),
        ]
        share = 1 / (1 + 2**-1)
        assert slope(np.logaddexp2, a, b) == [
            pytest.approx([0.5, share, 0, 0, 0, 1], rel=1e-12),
            pytest.approx([0.5, 1 - share, 1, 1, 0, 0], rel=1e-12),
        ]

    def test_expm1_and_log1p_near_zero(self) -> None:
        x = leaf([1e-18, -1e-18])
        for f in (np.expm1, np.log1p):
            y = f(x)
            np.testing.assert_array_equal(y.data, [1e-18, -1e-18])
            np.testing.assert_array_equal(gradients(y, x, np.ones(2)), [1.0, 1.0])


class TestNearZero:
    def test_sinc_has_a_relatively_exact_slope(self) -> None:
        xs = np.concatenate([np.logspace(-300, 0, 200), np.linspace(0.2, 0.3, 50), -np.logspace(-8, 0.9, 50)])
        _, first, second = two_orders(np.sinc, xs)
        formula = mpmath.sincpi

        def by_x(x: Any) -> Any:
            return (mpmath.cos(mpmath.pi * x) - formula(x)) / x if abs(x) > 1e-15 else -(mpmath.pi**2) * x / 3

        def twice(x: Any) -> Any:
            return -(mpmath.pi**2) * formula(x) - 2 * by_x(x) / x

        near = np.abs(xs) < 0.9  # beyond, the slope has zeros, where only absolute accuracy can be had
        np.testing.assert_allclose(first[near], exact(by_x, xs)[near], rtol=2e-14)
        np.testing.assert_allclose(first, exact(by_x, xs), atol=1e-14)
        np.testing.assert_allclose(second, exact(twice, xs), rtol=1e-11, atol=1e-12)

    def test_sinc_at_zero(self) -> None:
        x = leaf(0.0)
        y, found = np.sinc(x), []
        for _ in range(6):
            y = gradients(y, x, create_graph=True)
            found.append(y.item())
        np.testing.assert_allclose(found, [0, -(math.pi**2) / 3, 0, math.pi**4 / 5, 0, -(math.pi**6) / 7], rtol=1e-14)

    def test_roots_and_reciprocals_are_infinitely_steep(self) -> None:
        for f, steep in ((np.sqrt, math.inf), (np.cbrt, math.inf), (np.log, math.inf), (np.reciprocal, -math.inf)):
            assert slope(f, [0.0]) == [[steep]]
            assert slope(lambda x, f=f: 0 * f(x), [0.0]) == [[0.0]]
        assert slope(np.arcsin, [1.0]) == [[math.inf]]
        assert slope(np.arccos, [1.0, -1.0]) == [[-math.inf] * 2]
        assert slope(np.arccosh, [1.0]) == [[math.inf]]
        assert slope(np.arctanh, [1.0]) == [[math.inf]]

    def test_near_one_arcsin_keeps_its_digits(self) -> None:
        xs = 1 - np.logspace(-15, -1, 20)
        for f, formula in ((np.arcsin, lambda x: 1 / mpmath.sqrt(1 - x * x)), (np.arctanh, lambda x: 1 / (1 - x * x))):
            np.testing.assert_allclose(slope(f, xs)[0], exact(formula, xs), rtol=1e-14)
        ys = 1 + np.logspace(-15, 5, 20)
        expected = exact(lambda x: 1 / mpmath.sqrt(x * x - 1), ys)
        np.testing.assert_allclose(slope(np.arccosh, ys)[0], expected, rtol=1e-14)


class TestOrigin:
    def test_hypot_and_arctan2(self) -> None:
        for f in (np.hypot, np.arctan2):
            assert slope(f, [0.0], [0.0]) == [[0.0], [0.0]]
            a, b = leaf(0.0), leaf(0.0)
            first = gradients(f(a, b), [a, b], create_graph=True)
            assert np.isfinite(gradients(first[0] + first[1], [a, b])).all()

    def test_on_the_axes(self) -> None:
        assert slope(np.hypot, [3.0, 0.0, -2.0], [0.0, -4.0, 0.0]) == [[1.0, 0.0, -1.0], [0.0, -1.0, 0.0]]
        assert slope(np.arctan2, [2.0, 0.0, 0.0], [0.0, 4.0, -4.0]) == [[0.0, 0.25, -0.25], [-0.5, 0.0, 0.0]]

    def test_of_numbers_whose_squares_leave_the_range(self) -> None:
        assert slope(np.hypot, [3e200, 3e-200], [4e200, 4e-200])[0] == pytest.approx([0.6, 0.6])
        by_y, by_x = slope(np.arctan2, [3e-170, 3e160], [4e-170, 4e160])
        assert by_y == pytest.approx([0.16e170, 0.16e-160])
        assert by_x == pytest.approx([-0.12e170, -0.12e-160])


class TestTiesAndBounds:
    @pytest.mark.parametrize("f", [np.maximum, np.minimum, np.fmax, np.fmin])
    def test_a_tie_is_shared(self, f: Any) -> None:
        assert slope(f, [1.0, 0.0, -0.0], [1.0, -0.0, 0.0]) == [[0.5] * 3, [0.5] * 3]
        assert slope(f, [np.inf, -np.inf], [np.inf, -np.inf]) == [[0.5] * 2, [0.5] * 2]
        x = leaf(np.ones(2), np.float32)
        assert f(x, x).dtype == np.float32
        np.testing.assert_array_equal(gradients(f(x, x).sum(), x), [1.0, 1.0])

    def test_broadcast_ties_add_up(self) -> None:
        assert slope(np.maximum, [0.0, 0.0, 1.0], 0.0) == [[0.5, 0.5, 1.0], 1.0]

    def test_fmax_and_fmin_give_the_gradient_to_the_number(self) -> None:
        for f in (np.fmax, np.fmin):
            assert slope(f, [np.nan, 1.0], [1.0, np.nan]) == [[0.0, 1.0], [1.0, 0.0]]

    def test_clip(self) -> None:
        x = [-3.0, -1.0, 0.0, 1.0, 3.0]
        assert slope(lambda t: np.clip(t, -1, 1), x) == [[0.0, 1.0, 1.0, 1.0, 0.0]]
        assert slope(lambda t: np.clip(t, None, 1), x) == [[1.0, 1.0, 1.0, 1.0, 0.0]]
        assert slope(lambda t: t.clip(min=-1), x) == [[0.0, 1.0, 1.0, 1.0, 1.0]]
        assert slope(lambda t: t.clip(), x) == [[1.0] * 5]
        if hasattr(np, "unstack"):  # from NumPy 2.1 on the function has these keywords, too
            assert slope(lambda t: np.clip(t, min=-1), x) == [[0.0, 1.0, 1.0, 1.0, 1.0]]
        by_x, by_lo, by_hi = slope(np.clip, x, -1.0, 1.0)
        assert (by_x, by_lo, by_hi) == ([0.0, 1.0, 1.0, 1.0, 0.0], 1.0, 1.0)
        assert [sum(g) for g in zip(*slope(np.clip, [2.0], [1.0], [1.0]))] == [1.0]  # an empty interval counts once

    def test_steps_are_flat(self) -> None:
        for f in (np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.fix):
            assert slope(f, [-1.5, -1.0, 0.0, 0.5, 2.0]) == [[0.0] * 5]
        assert slope(np.floor_divide, [7.0], [2.0]) == [[0.0], [0.0]]
        assert slope(np.heaviside, [-1.0, 0.0, 1.0], [0.5] * 3) == [[0.0] * 3, [0.0, 1.0, 0.0]]

    def test_absolute_and_copysign(self) -> None:
        assert slope(np.abs, [-2.0, -0.0, 0.0, 2.0]) == [[-1.0, 0.0, 0.0, 1.0]]
        assert slope(np.copysign, [-2.0, 2.0, 0.0], [1.0, -1.0, 1.0]) == [[-1.0, -1.0, 0.0], [0.0] * 3]

    @pytest.mark.parametrize("f", [np.mod, np.fmod])
    def test_remainders_of_every_sign(self, f: Any) -> None:
        a, b = np.array([5.3, -5.3, 5.3, -5.3, 0.0]), np.array([2.0, 2.0, -2.0, -2.0, 3.0])
        quotient = np.floor(a / b) if f is np.mod else np.trunc(a / b)
        by_a, by_b = slope(f, a, b)
        np.testing.assert_array_equal(by_a, np.ones(5))
        np.testing.assert_array_equal(by_b, -quotient)

    def test_where_takes_numbers_for_its_condition(self) -> None:
        assert slope(lambda a, b: np.where([2, 0, -1], a, b), [1.0] * 3, [1.0] * 3) == [
            [1.0, 0.0, 1.0],
            [0.0, 1.0, 0.0],
        ]


class TestOwnPrimitives:
    def test_chain_is_a_product_where_zero_wins(self) -> None:
        g, p = np.array([0.0, 2.0, 0.0, np.inf, 3.0]), np.array([np.inf, 3.0, np.nan, 0.0, np.inf])
        with np.errstate(invalid="ignore"):
            np.testing.assert_array_equal(chain(g, p), [0.0, 6.0, 0.0, 0.0, np.inf])
            assert np.isnan(chain(np.array([2.0, 0.0]), np.array([np.nan, np.inf]))).tolist() == [True, False]

    def test_ratio_is_zero_where_its_denominator_is(self) -> None:
        np.testing.assert_array_equal(ratio(np.array([1.0, 0.0, 6.0]), np.array([0.0, 0.0, 3.0])), [0.0, 0.0, 2.0])

    @pytest.mark.parametrize("count", [1, 2, 5])
    def test_sumprod(self, count: int) -> None:
        w, x = np.random.default_rng(0).standard_normal((2, count))
        assert float(sumprod(*w, *x)) == pytest.approx(np.dot(w, x), rel=1e-14)
        check_grads(sumprod, *w, *x)
        values = [Value(v) for v in (*w, *x)]
        sumprod(*values).backward()
        assert [v.grad for v in values] == [*x, *w]
