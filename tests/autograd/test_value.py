"""Value: backprop with one Python float per node, and micrograd's idioms as people type them."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, gradients, no_grad
from autograd.sweep import toposort


class TestNumbers:
    def test_data_and_grad_are_floats(self) -> None:
        for given in (2, 2.0, True, np.float32(2.0), np.array(2.0), "2"):
            v = Value(given)
            assert type(v.data) is float
            assert v.grad == 0.0
            assert type(v.grad) is float
        y = v * 3 + np.float64(1.0)
        y.backward()
        assert (type(y.data), type(v.grad), type(y.grad)) == (float, float, float)

    def test_what_is_no_number_is_refused(self) -> None:
        for given in ([1.0], None, np.ones(2), 1j):
            with pytest.raises(TypeError):
                Value(given)
        with pytest.raises(ValueError, match="abc"):
            Value("abc")
        for node in (Value(1.0), Tensor(1.0)):
            with pytest.raises(TypeError, match="a node already"):
                Value(node)

    def test_every_node_keeps_its_gradient(self) -> None:
        a, b = Value(2.0), Value(-3.0)
        c = a * b
        d = c + a
        e = d.tanh()
        e.backward()
        slope = 1 - math.tanh(-4.0) ** 2
        assert [v.grad for v in (e, d, c, b, a)] == pytest.approx([1.0, slope, slope, 2 * slope, -2 * slope])

    def test_the_example_of_micrograds_readme(self) -> None:
        a, b = Value(-4.0), Value(2.0)
        c = a + b
        d = a * b + b**3
        c += c + 1
        c += 1 + c + (-a)
        d += d * 2 + (b + a).relu()
        d += 3 * d + (b - a).relu()
        e = c - d
        f = e**2
        g = f / 2.0
        g += 10.0 / f
        g.backward()
        assert (g.data, a.grad, b.grad) == pytest.approx(
            (24.70408163265306, 138.8338192419825, 645.5772594752186), rel=1e-14
        )


class TestIdioms:
    def test_gradient_descent(self) -> None:
        p = Value(5.0)
        for _ in range(50):
            loss = (p - 3) ** 2
            p.grad = 0.0
            loss.backward()
            p.data += -0.1 * p.grad
        assert p.data == pytest.approx(3.0, abs=1e-4)
        assert type(p.data) is float

    @pytest.mark.parametrize("zero", [0.0, 0, None])
    def test_gradients_are_set_to_zero_in_any_way(self, zero: Any) -> None:
        p = Value(5.0)
        (p * 2).backward()
        p.grad = zero
        assert "grad=" in repr(p)
        (p * 3).backward()
        assert p.grad == 3.0

    def test_sum_max_min_sorted_of_values(self) -> None:
        values = [Value(x) for x in (1.0, 3.0, 2.0)]
        total = sum(values)
        assert isinstance(total, Value)
        (total * 2).backward()
        assert [v.grad for v in values] == [2.0, 2.0, 2.0]
        assert max(values) is values[1]
        assert min(values) is values[0]
        assert sorted(values) == [values[0], values[2], values[1]]
        assert sum((v * w for v, w in zip(values, (1, 2, 3))), Value(0.5)).data == 13.5

    def test_max_with_a_number_is_relu(self) -> None:
        for x, y in ((2.0, 2.0), (-2.0, 0)):
            assert max(Value(x), 0) == y
            assert max(0, Value(x)) == y
        v = Value(2.0)
        (3 * max(v, 0)).backward()
        assert v.grad == 3.0

    def test_numpys_functions_of_lists_of_values(self) -> None:
        values = [Value(1.0), Value(3.0)]
        mean = np.mean(values)
        assert isinstance(mean, Value)
        mean.backward()
        assert [v.grad for v in values] == [0.5, 0.5]

    def test_dot_products_with_lists_and_arrays_of_values(self) -> None:
        w = np.array([Value(1.0), Value(3.0)])
        y = w @ np.array([2.0, 5.0])
        assert y.data == 17.0
        y.backward()
        assert [v.grad for v in w] == [2.0, 5.0]


class TestChangingLeaves:
    def test_a_graph_made_before_keeps_what_it_saw(self) -> None:
        p = Value(3.0)
        y = p * p
        p.data = 100.0
        y.backward()
        assert p.grad == 6.0

    def test_a_result_cannot_be_changed(self) -> None:
        y = Value(3.0) * 2
        with pytest.raises(RuntimeError, match=r"np\.multiply"):
            y.data = 1.0
        with pytest.raises(RuntimeError, match=r"np\.multiply"):
            y.data += 1.0
        assert y.data == 6.0

    def test_detach_gives_a_leaf(self) -> None:
        p = Value(3.0)
        (p * (p * 2).detach()).backward()
        assert p.grad == 6.0


class TestBackward:
    def test_twice_is_exactly_twice(self) -> None:
        a = Value(2.0)
        b = a * a
        c = b * b + b
        c.backward()
        assert (a.grad, b.grad, c.grad) == (36.0, 9.0, 1.0)
        c.backward()
        assert (a.grad, b.grad, c.grad) == (72.0, 18.0, 2.0)

    def test_gradient_is_the_upstream_gradient(self) -> None:
        a = Value(2.0)
        (a * a).backward(3)
        assert a.grad == 12.0
        for wrong in ("abc", [1.0], np.ones(2)):
            with pytest.raises(TypeError, match="gradient of a Value is a number"):
                (a * a).backward(wrong)
        assert a.grad == 12.0

    def test_create_graph_gives_values(self) -> None:
        x = Value(2.0)
        (x**3).backward(create_graph=True)
        slope, x.grad = x.grad, 0.0
        assert isinstance(slope, Value)
        assert slope.data == 12.0
        slope.backward()
        assert x.grad == 12.0

    @pytest.mark.parametrize(
        ("f", "at", "derivatives"),
        [
            (lambda x: x**3, 0.0, [0, 0, 6, 0]),
            (lambda x: x**2, 0.0, [0, 2, 0]),
            (lambda x: x * x, 0.0, [0, 2, 0]),
            (lambda x: x**2.0, 0.0, [0, 2, 0]),
            (lambda x: 0.0**x, 2.0, [0, 0]),
            (lambda x: x**x, 1.0, [1, 2, 3]),
            (lambda x: x.exp(), 0.0, [1, 1, 1]),
            (lambda x: 1 / x, 1.0, [-1, 2, -6]),
            (lambda x: x.sin(), 0.0, [1, 0, -1, 0, 1]),
            (lambda x: np.where(x > 0, x, 0.0).sqrt(), 0.0, [0, 0]),
            (lambda x: np.where(x > 0, x.sqrt(), 0.0), 0.0, [0, 0]),
            (lambda x: x.relu().sqrt(), 0.0, [0, 0]),
        ],
    )
    def test_derivatives_of_any_order(self, f: Any, at: float, derivatives: list[float]) -> None:
        x = Value(at)
        y = f(x)
        for expected in derivatives:
            y = gradients(y, x, create_graph=True)
            assert y.data == pytest.approx(expected, abs=1e-15)

    def test_infinite_slopes_are_inf_where_mathematics_has_them(self) -> None:
        for f, slope in ((Value.sqrt, math.inf), (lambda x: x**0.5, math.inf), (lambda x: x**1.5, 0.0)):
            x = Value(0.0)
            f(x).backward()
            assert x.grad == slope

    def test_nothing_is_recorded_without_gradients(self) -> None:
        a = Value(2.0)
        with no_grad():
            y = a * a
        assert y.is_leaf
        assert y.data == 4.0


class TestErrors:
    @pytest.mark.parametrize(
        ("call", "kind", "complaint"),
        [
            (lambda v: v / 0, ZeroDivisionError, r"np\.divide of 2\.0, 0"),
            (lambda v: (v - 3).log(), ValueError, r"np\.log of -1\.0"),
            (lambda v: (v - 3) ** 0.5, ValueError, r"np\.power of -1\.0, 0\.5"),
            (lambda v: (v * 1000).exp(), OverflowError, r"np\.exp of 2000\.0"),
            (lambda v: v + "a", TypeError, r"np\.add of 2\.0, 'a'"),
            (lambda v: v * None, TypeError, r"np\.multiply of 2\.0, None"),
            (lambda v: v * np.ones(2), TypeError, r"np\.multiply .*use a Tensor"),
            (lambda v: np.ones(2) * v, TypeError, r"np\.multiply .*use a Tensor"),
            (lambda v: v + 1j, TypeError, r"np\.add"),
            (lambda v: np.sum(v), TypeError, r"np\.sum .*use a Tensor"),
            (lambda v: np.fft.fft(v), TypeError, "fft.*has no derivative"),
        ],
        ids=lambda x: x if isinstance(x, str) else "",
    )
    def test_they_name_the_operation_and_the_numbers(self, call: Any, kind: type[Exception], complaint: str) -> None:
        with pytest.raises(kind, match=complaint):
            call(Value(2.0))


def test_repr_shows_number_gradient_and_name() -> None:
    v = Value(2.0, name="w")
    (v * 3).backward()
    assert repr(v) == "Value(2, grad=3, name='w')"
    assert repr(Value(1 / 3)) == "Value(0.333333, grad=0)"


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_leaves_can_be_copied_and_results_cannot(duplicate: Any) -> None:
    v = Value(2.0, name="w")
    other = duplicate(v)
    other.data = 7.0
    assert (v.data, other.data, other.name) == (2.0, 7.0, "w")
    with pytest.raises(TypeError, match=r"np\.multiply.*detach"):
        duplicate(v * 2)


def test_a_loop_that_goes_on_with_what_it_computed_has_the_right_numbers() -> None:
    """w = w - lr * w.grad, as on the slide; its graph grows by what a step computes, and w.data -= keeps it short."""
    w, v, sizes = Value(1.0), Value(1.0), []
    for step in range(1, 31):
        for x in (w, v):
            v.grad = 0.0
            loss = (x - 3) ** 2
            loss.backward()
        w = w - 0.1 * w.grad
        v.data -= 0.1 * v.grad
        assert w.data == pytest.approx(3 - 2 * 0.8**step, rel=1e-12)
        assert v.data == w.data
        sizes.append(len(toposort([w])))
    assert len(set(np.diff(sizes))) == 1
    assert v.is_leaf
