"""Hooks on gradients, passes that fail, and the switch of a leaf."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import (
    Tensor,
    Value,
    gradients,
    no_grad,
    primitive,
    pullbacks,
)


def leaf(data: Any, name: str | None = None) -> Tensor:
    return Tensor(data, requires_grad=True, name=name)


class TestHooks:
    def test_it_sees_the_complete_gradient_once(self) -> None:
        x = leaf(3.0)
        h = x * x
        seen: list[tuple[str, float]] = []
        x.register_hook(lambda g: seen.append(("x", float(g))))
        h.register_hook(lambda g: seen.append(("h", float(g))))
        (h * 2 + h + x).backward()
        assert seen == [("h", 3.0), ("x", 19.0)]

    def test_what_it_returns_replaces_the_gradient(self) -> None:
        for replace, gradient in ((lambda g: g * 10, 180.0), (lambda g: 7, 42.0), (lambda g: None, 18.0)):
            x = leaf(3.0)
            h = x * x
            h.retain_grad()
            h.register_hook(replace)
            (h * 3).backward()
            assert x.grad == gradient
            assert h.grad == gradient / 6
        for kind in (leaf, Value):
            y = kind(3.0)
            y.register_hook(lambda g: g * 10)
            (y * 2).backward()
            assert y.grad == 20.0

    def test_they_run_in_the_order_in_which_they_were_registered(self) -> None:
        x = leaf(1.0)
        x.register_hook(lambda g: g + 1)
        x.register_hook(lambda g: g * 10)
        (x * 2).backward()
        assert x.grad == 30.0

    def test_removing(self) -> None:
        def double(g: Any) -> Any:
            return g * 2

        x = leaf(1.0)
        first, second = x.register_hook(double), x.register_hook(double)
        first()
        first()
        x.backward()
        assert x.grad == 2.0
        second()
        x.grad = None
        x.backward()
        assert x.grad == 1.0

    def test_a_replacement_of_another_shape_is_refused(self) -> None:
        x = leaf([1.0, 2.0])
        x.register_hook(lambda g: g.sum())
        with pytest.raises(ValueError, match=r"what a hook returned has shape \(\), .* shape \(2,\)"):
            (x * 2).sum().backward()
        assert x.grad is None

    def test_changing_the_array_that_it_was_given_changes_nothing(self) -> None:
        x = leaf([1.0, 2.0])
        h = x * 1
        kept: list[Any] = []

        def spoil(g: Any) -> None:
            kept.append(g)
            g[...] = 99.0

        h.register_hook(spoil)
        x.register_hook(spoil)
        h.sum().backward()
        for g in kept:
            g[...] = 77.0
        np.testing.assert_array_equal(x.grad, [1.0, 1.0])

    def test_an_array_that_it_returned_may_change_afterwards(self) -> None:
        x, mine = leaf([1.0, 2.0]), np.array([5.0, 6.0])
        x.register_hook(lambda g: mine)
        (x * 1).sum().backward()
        mine[...] = 0.0
        np.testing.assert_array_equal(x.grad, [5.0, 6.0])

    def test_with_create_graph_it_gets_tensors(self) -> None:
        x = leaf(3.0)
        x.register_hook(lambda g: g * g)
        (slope,) = gradients(x**3, [x], create_graph=True)
        assert slope.data == 27.0**2
        x.hooks = ()
        assert gradients(slope, x) == 2 * 27 * 18


class TestFailedPasses:
    """Nothing is left in any .grad, and the graph can be used again."""

    def assert_untouched_then_usable(self, y: Any, nodes: list[Any], mend: Any) -> None:
        before = [node.grad for node in nodes]
        with pytest.raises(ZeroDivisionError):
            y.backward()
        assert all(node.grad is grad for node, grad in zip(nodes, before))
        mend()
        y.backward()
        assert all(node.grad is not None for node in nodes)

    def test_a_hook_that_raises(self) -> None:
        for where in range(3):
            a, b = leaf(2.0), leaf(3.0)
            h = a * b
            h.retain_grad()
            a.grad = np.array(5.0)
            remove = (a, b, h)[where].register_hook(lambda g: 1 / 0)
            self.assert_untouched_then_usable(h * a, [a, b, h], remove)

    @pytest.mark.usefixtures("own_rules")
    def test_a_rule_of_the_users_that_raises(self) -> None:
        @primitive
        def fragile(x: Any) -> Any:
            return np.array(x)

        pullbacks(fragile, lambda g, y, x: 1 // 0)
        a, b = leaf(2.0), leaf(3.0)
        self.assert_untouched_then_usable(a * fragile(b) * b, [a, b], lambda: pullbacks(fragile, lambda g, y, x: g))
        v = Value(2.0)
        with no_grad():
            assert v.grad == 0.0

    def test_recording_is_restored(self) -> None:
        a = leaf(2.0)
        a.register_hook(lambda g: 1 / 0)
        for create_graph in (False, True):
            with pytest.raises(ZeroDivisionError):
                (a * a).backward(create_graph=create_graph)
            assert (a * a).requires_grad

    def test_numpys_error_state_is_restored(self) -> None:
        with np.errstate(divide="raise", over="warn", under="ignore", invalid="print"):
            before = np.geterr()
            np.sqrt(leaf(0.0)).backward()
            assert np.geterr() == before


def test_requires_grad_can_be_switched_on_leaves_only() -> None:
    x = leaf(1.0)
    y = x * 2
    x.requires_grad = False
    assert not (x * 2).requires_grad
    x.requires_grad = True
    assert (x * 2).requires_grad
    with pytest.raises(RuntimeError, match=r"np\.multiply .*detach\(\)"):
        y.requires_grad = False
