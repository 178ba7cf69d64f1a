"""The graph and the sweep: accumulation, order, seeds, graphs of gradients, staleness."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import (
    StaleGraphError,
    Tensor,
    Value,
    gradients,
    partials,
    primitive,
)
from autograd.sweep import toposort


def leaf(data: Any, name: str | None = None) -> Tensor:
    return Tensor(data, requires_grad=True, name=name)


class TestBackward:
    def test_gradients_start_as_none_and_accumulate_over_calls(self) -> None:
        x = leaf([1.0, 2.0])
        assert x.grad is None
        (x * x).sum().backward()
        np.testing.assert_array_equal(x.grad, [2.0, 4.0])
        (3 * x).sum().backward()
        np.testing.assert_array_equal(x.grad, [5.0, 7.0])

    @pytest.mark.parametrize("retain", [False, True])
    def test_twice_on_one_graph_is_exactly_twice(self, retain: bool) -> None:
        x = leaf(np.random.default_rng(0).standard_normal(5))
        h = np.tanh(x * 0.3)
        y = (h * h + h).sum()
        if retain:
            h.retain_grad()
        y.backward()
        once, inner = x.grad, h._grad
        y.backward()
        np.testing.assert_array_equal(x.grad, once * 2)
        assert (h._grad is None) if not retain else np.array_equal(h.grad, inner * 2)

    def test_paths_add_up(self) -> None:
        x = leaf(3.0)
        a, b = x * 2, x * x
        (a * b + a + x + x * 1).backward()
        assert x.grad == 3 * 2 * 9 + 2 + 2

    def test_parts_of_an_array_add_up_at_their_places(self) -> None:
        indices: list[Any] = [
            1,
            slice(1, 3),
            [0, 0, 2],
            np.array([True, False, True]),
            (..., -1),
            (None, 2),
            ([2, 2], [0, 1]),
        ]
        x = leaf(np.arange(6.0).reshape(3, 2))
        h = x * 2
        h.retain_grad()
        y = sum(((i + 1) * h[index] ** 2).sum() for i, index in enumerate(indices)) + (h * h).sum()
        (through_nodes,) = gradients(y, [h], create_graph=True)  # in which nothing is added in place
        y.backward()
        np.testing.assert_array_equal(h.grad, through_nodes.data)
        np.testing.assert_array_equal(x.grad, 2 * h.grad)

    def test_many_contributions_change_no_other_gradient(self) -> None:
        x, seed = leaf([1.0, 2.0]), np.array([10.0, 20.0])
        a = x + x
        y = a + a + a + x + x
        for node in (a, y):
            node.retain_grad()
        for times in (1, 2):
            y.backward(seed)
            np.testing.assert_array_equal(x.grad, times * 8 * seed)
            np.testing.assert_array_equal(a.grad, times * 3 * seed)
            np.testing.assert_array_equal(y.grad, times * seed)
        np.testing.assert_array_equal(seed, [10.0, 20.0])

    def test_one_node_as_every_argument(self) -> None:
        x = leaf(3.0)
        (x * x + np.hypot(x, x) + x / x + x**x).backward()
        assert float(x.grad) == pytest.approx(6 + np.sqrt(2) + 27 * (np.log(3.0) + 1))

    def test_only_leaves_keep_gradients_unless_told(self) -> None:
        x, constant = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
        kept, other = x * constant, np.exp(x)
        kept.retain_grad()
        (kept * other).sum().backward()
        np.testing.assert_array_equal(kept.grad, other.data)
        with pytest.warns(UserWarning, match=r"call retain_grad\(\) before backward"):
            assert other.grad is None
        assert constant.grad is None

    def test_on_a_leaf_it_is_the_seed(self) -> None:
        x = leaf([1.0, 2.0])
        x.backward([3.0, 4.0])
        np.testing.assert_array_equal(x.grad, [3.0, 4.0])

    @pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
    def test_one_element_needs_no_seed(self, shape: tuple[int, ...]) -> None:
        x = leaf(np.full(shape, 3.0))
        (x * x).backward()
        assert x.grad.shape == shape
        assert x.grad.item() == 6.0

    def test_a_gradient_is_an_array_also_for_a_number(self) -> None:
        x = leaf(3.0)
        (x * x).backward()
        assert type(x.grad) is np.ndarray
        (x * x).backward()
        assert type(x.grad) is np.ndarray

    def test_constants_are_refused(self) -> None:
        for y in (Tensor(1.0), Tensor([1.0]) * 2):
            with pytest.raises(RuntimeError, match="nothing that this was computed from requires a gradient"):
                y.backward()


class TestOrder:
    @pytest.mark.usefixtures("own_rules")
    def test_each_node_runs_once_after_all_its_users(self) -> None:
        ran: list[float] = []

        @primitive
        def step(a: Any, b: Any) -> Any:
            return a + b

        def note(y: Any, a: Any, b: Any) -> float:
            ran.append(y.item())
            return 1.0

        partials(step, note, 1)
        x = leaf(1.0)
        made = [x]
        for _ in range(60):  # 2**60 paths
            made.append(step(made[-1], made[-1]))
        made[-1].backward()
        assert x.grad == 2.0**60
        assert ran == [y.item() for y in reversed(made[1:])]

    def test_toposort_gives_users_first_and_no_leaves(self) -> None:
        x = leaf(1.0)
        a = x * 2
        b = a + x
        c = a * b
        unused = b * 3
        assert toposort([c]) == [c, b, a]
        assert toposort([a, c]) == [c, b, a]
        assert unused not in set(toposort([c]))
        assert toposort([x]) == []

    def test_only_paths_to_what_is_wanted_are_walked(self) -> None:
        x, other = leaf(2.0), leaf(3.0)
        branch = other * other
        branch.register_hook(lambda g: 1 / 0)
        assert gradients(x * 5 + branch, x) == 5.0


SEEDS: list[tuple[Any, type[Exception], str]] = [
    (None, ValueError, r"gradient is missing: a tensor of shape \(2, 3\).*\.sum\(\).*gradient="),
    (1.0, ValueError, r"gradient has shape \(\), .* shape \(2, 3\)"),
    (np.ones(3), ValueError, r"gradient has shape \(3,\), .* shape \(2, 3\)"),
    (np.ones((3, 2)), ValueError, r"gradient has shape \(3, 2\), .* shape \(2, 3\)"),
    (Tensor(np.ones((1, 3))), ValueError, r"gradient has shape \(1, 3\), .* shape \(2, 3\)"),
    ("abc", TypeError, "Cannot cast"),
    ([[1.0], [1.0, 2.0]], ValueError, "inhomogeneous"),
    (np.full((2, 3), 1j), TypeError, "complex"),
]


class TestSeeds:
    @pytest.mark.parametrize(("seed", "kind", "complaint"), SEEDS)
    def test_a_bad_one_raises_and_leaves_no_residue(self, seed: Any, kind: type[Exception], complaint: str) -> None:
        x = leaf(np.ones((2, 3)))
        y = x * 2
        y.retain_grad()
        x.grad = before = np.full((2, 3), 5.0)
        with pytest.raises(kind, match=complaint):
            y.backward(seed)
        assert x.grad is before
        assert y.grad is None
        np.testing.assert_array_equal(before, np.full((2, 3), 5.0))

    @pytest.mark.parametrize(
        "seed", [[2, 3], (2.0, 3.0), np.array([2, 3]), np.array([2.0, 3.0], np.float32), Tensor([2, 3])]
    )
    def test_anything_like_an_array_of_the_shape_will_do(self, seed: Any) -> None:
        x = leaf(np.ones(2, np.float32))
        (x * 2).backward(seed)
        np.testing.assert_array_equal(x.grad, [4.0, 6.0])
        assert x.grad.dtype == np.float32

    def test_it_may_be_changed_afterwards(self) -> None:
        x, seed = leaf([1.0, 2.0]), np.array([3.0, 4.0])
        (+x).backward(seed)
        seed[:] = 0.0
        np.testing.assert_array_equal(x.grad, [3.0, 4.0])


class TestCreateGraph:
    def test_gradients_are_tensors_that_can_be_differentiated(self) -> None:
        x = leaf([1.0, 2.0])
        (x**3).sum().backward(create_graph=True)
        first = x.grad
        assert isinstance(first, Tensor)
        x.grad = None
        first.sum().backward()
        np.testing.assert_array_equal(x.grad, [6.0, 12.0])

    def test_without_it_nothing_is_recorded(self) -> None:
        x = leaf([1.0, 2.0])
        (x**3).sum().backward()
        assert type(x.grad) is np.ndarray
        assert type(gradients((x**3).sum(), x)) is np.ndarray

    def test_gradients_accumulate_as_nodes(self) -> None:
        x = leaf(2.0)
        (x**3).backward(create_graph=True)
        (x**2).backward(create_graph=True)
        total, x.grad = x.grad, None
        assert total.data == 16.0
        total.backward()
        assert x.grad == 14.0

    def test_a_seed_that_is_a_node_is_differentiated_too(self) -> None:
        x, seed = leaf(3.0), leaf(5.0)
        g = gradients(x * x, x, seed, create_graph=True)
        assert g.data == 30.0
        assert gradients(g, [x, seed]) == [10.0, 6.0]

    def test_a_constant_gradient_is_a_tensor_without_one(self) -> None:
        x = leaf([1.0, 2.0])
        g = gradients((x * 3).sum(), x, create_graph=True)
        assert isinstance(g, Tensor)
        assert not g.requires_grad


class TestStaleGraphs:
    def test_create_graph_refuses_changed_numbers_and_names_the_tensor(self) -> None:
        p = leaf([1.0, 2.0], name="weights")
        y = (p * p).sum()
        p.data -= 1.0
        with pytest.raises(StaleGraphError, match=r"weights.* \(2,\) changed after np\.multiply used them"):
            y.backward(create_graph=True)
        assert p.grad is None
        y.backward()
        np.testing.assert_array_equal(p.grad, [2.0, 4.0])

    def test_in_any_way_that_a_leaf_changes(self) -> None:
        def handle(p: Tensor, d: Any) -> None:
            d[0] = 9.0

        def assign(p: Tensor, d: Any) -> None:
            p.assign(np.zeros(2))

        def replace(p: Tensor, d: Any) -> None:
            p.data = [0.0, 0.0]

        for change in (handle, assign, replace):
            p = leaf([1.0, 2.0])
            d = p.data
            y = (p * p).sum()
            change(p, d)
            with pytest.raises(StaleGraphError):
                gradients(y, p, create_graph=True)
        v = Value(2.0, name="v")
        w = v * v
        v.data = 3.0
        with pytest.raises(StaleGraphError, match=r"'v'.*changed"):
            gradients(w, v, create_graph=True)
        assert gradients(w, v) == 4.0

    def test_the_same_numbers_are_no_change(self) -> None:
        p = leaf([1.0, np.nan])
        d = p.data
        y = (p * p).sum()
        d[0] = 1.0
        p.data = p.data.copy()
        assert gradients(y, p, create_graph=True).data[0] == 2.0
