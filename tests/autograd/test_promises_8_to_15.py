"""What the docs promise of the engine, number by number: 8 to 15; 16 to 20 are promises of nn."""

from __future__ import annotations

import gc
import inspect
import itertools
import math
import sys
import weakref
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, check_grads, gradients, no_grad, partials, primitive, pullbacks
from autograd.inspecting import name_of
from autograd.rules.statistics import excess
from autograd.table import COMPOSITES, PLAIN, RULES
from autograd.trees import leaves


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


class Test08AxesAreReadAsNumPyReadsThem:
    x = np.random.default_rng(0).standard_normal((2, 3, 4))

    @pytest.mark.parametrize("axis", [None, 0, -1, 1, (0, 2), (-1, 0), (0, 1, 2), ()], ids=str)
    @pytest.mark.parametrize(
        "f", [np.sum, np.mean, np.var, np.prod, np.max, np.min, autograd.logsumexp, np.flip], ids=name_of
    )
    def test_negative_tuple_and_empty_axes(self, f: Any, axis: Any) -> None:
        np.testing.assert_array_equal(f(leaf(self.x), axis=axis).data, f(self.x, axis=axis))
        check_grads(lambda t: f(t, axis=axis), self.x)

    @pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), ()], ids=str)
    def test_keepdims(self, axis: Any) -> None:
        for f in (np.sum, np.mean, np.max, np.std):
            y = f(leaf(self.x), axis=axis, keepdims=True)
            np.testing.assert_array_equal(y.data, f(self.x, axis=axis, keepdims=True))

    @pytest.mark.parametrize(
        "f",
        [
            lambda t: np.transpose(t, (-1, 0, 1)),
            lambda t: np.moveaxis(t, (0, -1), (-1, 0)),
            lambda t: np.moveaxis(t, [], []),
            lambda t: np.swapaxes(t, -1, 0),
            lambda t: np.expand_dims(t, (0, -1)),
            lambda t: np.expand_dims(t, ()),
            lambda t: np.squeeze(t[None, :, None], (0, -3)),
            lambda t: np.roll(t, (1, -2), axis=(0, -1)),
            lambda t: np.concatenate([t, t * 2], axis=-2),
            lambda t: np.stack([t, t * 2], axis=-1),
            lambda t: np.cumsum(t, axis=-2),
            lambda t: np.sort(t, axis=-2),
            lambda t: np.diff(t, axis=-2),
        ],
        ids=itertools.count(),
    )
    def test_layout(self, f: Any) -> None:
        np.testing.assert_array_equal(f(leaf(self.x)).data, f(self.x))
        check_grads(f, self.x)

    def test_axes_that_do_not_exist_raise(self) -> None:
        for call in (np.sum, np.max, np.flip, np.sort):
            with pytest.raises(ValueError, match="axis"):
                call(leaf(self.x), axis=3)


class Test09ProductsOfEveryKindOfOperand:
    @pytest.mark.parametrize(
        ("a", "b"),
        [
            ((3,), (3,)),
            ((3,), (3, 2)),
            ((2, 3), (3,)),
            ((2, 3), (3, 4)),
            ((5, 2, 3), (3, 4)),
            ((3,), (5, 3, 4)),
            ((5, 2, 3), (3,)),
            ((5, 1, 2, 3), (4, 3, 2)),
            ((1, 2, 3), (5, 3, 1)),
            ((0, 3), (3, 2)),
            ((2, 0), (0, 3)),
            ((0, 2, 3), (3, 1)),
            ((0,), (0,)),
        ],
        ids=str,
    )
    def test_matmul(self, a: tuple[int, ...], b: tuple[int, ...]) -> None:
        rng = np.random.default_rng(0)
        check_grads(np.matmul, rng.standard_normal(a), rng.standard_normal(b))

    @pytest.mark.parametrize("axes", [0, 1, 2, ([0, 1], [1, 0]), ([-1], [0]), ([], [])], ids=str)
    def test_tensordot(self, axes: Any) -> None:
        rng = np.random.default_rng(0)
        check_grads(lambda a, b: np.tensordot(a, b, axes), rng.standard_normal((3, 3)), rng.standard_normal((3, 3)))

    @pytest.mark.parametrize(
        ("subscripts", "shapes"),
        [
            ("ij,jk->ik", [(2, 3), (3, 4)]),
            ("ij,jk", [(2, 3), (3, 4)]),
            ("ii", [(3, 3)]),
            ("ii->i", [(3, 3)]),
            ("ij->", [(2, 3)]),
            ("ij->ji", [(2, 3)]),
            ("i,i,i->i", [(3,), (3,), (3,)]),
            ("ijj,j->i", [(2, 3, 3), (3,)]),
            ("...ij,...jk->...ik", [(4, 2, 3), (1, 3, 2)]),
            ("i...,i", [(3, 2), (3,)]),
            ("i,j->", [(2,), (3,)]),
            ("ij,jk->ik", [(0, 3), (3, 2)]),
            ("ij,jk->ik", [(2, 0), (0, 2)]),
            (",->", [(), ()]),
        ],
        ids=str,
    )
    def test_einsum(self, subscripts: str, shapes: Any) -> None:
        rng = np.random.default_rng(0)
        operands = [rng.standard_normal(shape) for shape in shapes]
        check_grads(lambda *xs: np.einsum(subscripts, *xs), *operands)


DISPATCHED = {
    name_of(fun): fun
    for module in (np, np.linalg, np.fft)
    for fun in vars(module).values()
    if isinstance(fun, np.ufunc) or hasattr(fun, "_implementation")
}


class Test10ANumPyFunctionGivesATensorOrAnError:
    def test_there_are_functions_of_every_sort(self) -> None:
        assert len(DISPATCHED) > 300
        assert sum(fun in RULES or fun in COMPOSITES for fun in DISPATCHED.values()) > 150

    @pytest.mark.parametrize("name", sorted(DISPATCHED))
    def test_one_that_is_not_in_the_table_raises_and_is_named(self, name: str) -> None:
        fun = DISPATCHED[name]
        if fun in RULES or fun in COMPOSITES or fun in PLAIN:
            assert (fun in RULES or fun in COMPOSITES) != (fun in PLAIN)
            return
        counts: Any = (
            1,
            2,
            3,
        )  # of functions written in C early versions of NumPy do not say how many arguments they need
        if isinstance(fun, np.ufunc):
            counts = (fun.nin,)
        else:
            with suppress(ValueError):
                required = inspect.signature(fun).parameters.values()
                counts = (max(1, sum(p.default is p.empty and p.kind is not p.VAR_KEYWORD for p in required)),)
        messages = []
        for count in counts:
            with pytest.raises(TypeError) as caught:
                fun(*[leaf([[2.0, 1.0], [1.0, 3.0]])] * count)
            messages.append(str(caught.value))
        assert any(f"{fun.__name__} has no derivative in the table" in message for message in messages)

    def test_plain_functions_give_no_floats_that_depend_on_the_tensor(self) -> None:
        t = leaf([[2.0, 1.0], [1.0, 3.0]])
        other = leaf([[7.0, 5.0], [8.0, 6.0]])
        for fun in PLAIN - {np.spacing, np.empty_like, excess}:  # excess is 0 but for rounding where it is called
            try:
                answers = [leaves(fun(x)) for x in (t, other)]
            except (TypeError, ValueError, IndexError):  # it wants more arguments, or whole numbers
                continue
            for a, b in zip(*answers):
                if isinstance(a, np.ndarray) and a.dtype.kind == "f":
                    np.testing.assert_array_equal(np.isnan(a) | (a == b), np.ones(a.shape, bool), err_msg=name_of(fun))

    def test_from_either_side(self) -> None:
        array, scalar = np.array([1.0, 2.0]), np.float64(2.0)
        for t in (leaf([3.0, 4.0]), leaf(3.0)):
            for y in (
                array + t,
                array * t,
                scalar - t,
                scalar / t,
                np.arctan2(array, t),
                np.where([True, False], array, t),
            ):
                assert isinstance(y, Tensor)
                assert y.requires_grad
                assert gradients(y.sum(), t).shape == t.shape

    def test_inside_lists(self) -> None:
        t = leaf([3.0, 4.0])
        for y in (
            np.concatenate([[1.0], t]),
            np.stack([t, np.ones(2)]),
            np.hstack([t, [5.0]]),
            np.vstack([[1.0, 2.0], t]),
        ):
            assert isinstance(y, Tensor)
            np.testing.assert_array_equal(gradients(y.sum(), t), [1.0, 1.0])


class Test11EachNodeRunsOnce:
    @pytest.mark.usefixtures("own_rules")
    def test_the_cost_is_linear_in_nodes(self) -> None:
        runs = []

        @primitive
        def double(a: Any, b: Any) -> Any:
            return a + b

        partials(double, lambda y, a, b: runs.append(1) or 1.0, 1)
        x = y = leaf(1.0)
        for _ in range(500):
            y = double(y, y) * 0.5
        y.backward()
        assert x.grad == 1.0
        assert len(runs) == 500


class Test12NothingSharesMemory:
    def test_gradients_seeds_parameters_and_arrays(self) -> None:
        a, b, c = leaf(np.ones((2, 2))), leaf(np.ones((2, 2))), leaf(np.ones((2, 2)))
        seed = np.ones((2, 2))
        h = a + b
        k = h.T + c.reshape(2, 2)
        y = (+k)[:]
        for node in (h, k, y):
            node.retain_grad()
        y.backward(seed)
        arrays = [
            seed,
            *(node.grad for node in (a, b, c, h, k, y)),
            *(p.data for p in (a, b, c)),
            h.data,
            k.data,
            y.data,
        ]
        for one, other in itertools.combinations(arrays[:10], 2):
            assert not np.shares_memory(one, other)
        found = gradients(y, [a, b, c, h, k], seed)
        for one, other in itertools.combinations([*found, *arrays], 2):
            assert not any(one is g for g in found) or not np.shares_memory(one, other)

    def test_changing_one_gradient_in_place_changes_no_other(self) -> None:
        a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
        (a + b).sum().backward()
        a.grad *= 10
        np.testing.assert_array_equal(b.grad, [1.0, 1.0])
        (a + b).sum().backward()
        np.testing.assert_array_equal(a.grad, [11.0, 11.0])
        np.testing.assert_array_equal(b.grad, [2.0, 2.0])

    def test_a_gradient_that_was_taken_stays_as_it_was(self) -> None:
        a = leaf([1.0, 2.0])
        (a * 2).sum().backward()
        taken = a.grad
        (a * 2).sum().backward()
        np.testing.assert_array_equal(taken, [2.0, 2.0])

    def test_the_callers_arrays_are_copied_and_never_changed(self) -> None:
        x, other, index = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0]), np.array([0, 0, 2])
        mask, reps, values = np.array([True, False, True]), np.array([1, 2, 3]), [np.array([7.0]), np.array([8.0])]
        before = [np.array(v) for v in (x, other, index, mask, reps, *values)]
        t = leaf(x)
        y = (
            (t * other).sum()
            + (other[:2] @ t[:2])
            + (t[index] * t[index]).sum()
            + t[(index,)].sum()
            + np.where(mask, t, t * t).sum()
            + np.repeat(t, reps).sum()
            + np.take(t, indices=index).sum()
            + (t.at[index].set(other) * other).sum()
            + (np.concatenate([t[:1], *values]) ** 2).sum()
        )
        expected = gradients(y, t)
        for now, was in zip((x, other, index, mask, reps, *values), before):
            np.testing.assert_array_equal(now, was)
            now[...] = 1
        np.testing.assert_array_equal(gradients(y, t), expected)

    @pytest.mark.usefixtures("own_rules")
    def test_arrays_that_arrive_by_keyword_are_copied_too(self) -> None:
        @primitive
        def weighted(x: Any, weights: Any) -> Any:
            return x * weights

        pullbacks(weighted, lambda g, y, x, weights: g * weights)
        t, weights = leaf([1.0, 2.0]), np.array([3.0, 4.0])
        y = weighted(t, weights=weights)
        weights[:] = 0.0
        y.sum().backward()
        np.testing.assert_array_equal(t.grad, [3.0, 4.0])


class Test13DeepGraphs:
    def test_100_000_nodes_without_recursion_and_freed_by_reference_count(self) -> None:
        limit, depth = sys.getrecursionlimit(), len(inspect.stack(0))
        gc.collect()
        gc.disable()
        sys.setrecursionlimit(depth + 100)
        try:
            x = leaf(1.0)
            y = first = np.tanh(x)
            for _ in range(100_000):
                y = y * 1.0
            gone = weakref.ref(first)
            del first
            y.backward()
            del y
            assert gone() is None
        finally:
            sys.setrecursionlimit(limit)
            gc.enable()
        assert x.grad == pytest.approx(1 - math.tanh(1) ** 2)


class Test14FailedPassesLeaveNoResidue:
    def test_bad_seeds_and_hooks_that_raise(self) -> None:
        a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
        (a * b).sum().backward()
        before = a.grad, b.grad, a.grad.copy(), b.grad.copy()
        remove = a.register_hook(lambda g: 1 / 0)
        y = a * b
        for gradient in (None, np.ones(3), "abc", np.ones(2)):  # the last one gets as far as the hook
            with pytest.raises((ValueError, TypeError, ZeroDivisionError)):
                y.backward(gradient)
            assert a.grad is before[0]
            assert b.grad is before[1]
            np.testing.assert_array_equal([a.grad, b.grad], before[2:])
        remove()
        y.backward(np.ones(2))
        np.testing.assert_array_equal([a.grad, b.grad], 2 * np.array(before[2:]))


class Test15EveryOperationCanBeDifferentiatedAgain:
    """At the second order the table's own tests say so of every function; here is a higher one, of many together."""

    def test_third_order_of_a_small_network(self) -> None:
        rng = np.random.default_rng(0)

        def loss(x: Any, w: Any, v: Any) -> Any:
            h = np.tanh(x @ w)
            p = autograd.softmax(np.concatenate([h, h * h], axis=1) @ v)
            return (-np.log(p[np.arange(3), [0, 1, 0]])).mean() + (h**3).sum() / np.linalg.norm(v)

        check_grads(
            loss, rng.standard_normal((3, 2)), rng.standard_normal((2, 2)), rng.standard_normal((4, 2)), order=3
        )

    def test_tenth_order(self) -> None:
        found = orders(lambda x: np.sin(x) * np.exp(x), [0.5], 10)  # each fourth derivative is -4 times the function
        np.testing.assert_allclose(found[7], 16 * np.sin(0.5) * np.exp(0.5), rtol=1e-12)
        np.testing.assert_allclose(found[9], 16 * 2 * np.cos(0.5) * np.exp(0.5), rtol=1e-12)

    def test_backward_of_backward(self) -> None:
        x = leaf([1.0, 2.0])
        (x**4).sum().backward(create_graph=True)
        for expected in ([12.0, 48.0], [24.0, 48.0], [24.0, 24.0]):
            g, x.grad = x.grad, None
            g.sum().backward(create_graph=True)
            np.testing.assert_array_equal(x.grad.data, expected)
        with no_grad():
            assert not (x.grad * 1).requires_grad
