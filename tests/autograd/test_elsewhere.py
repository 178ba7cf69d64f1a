"""Arrays that live elsewhere, Dask's and those of a kind as strict as a device's: the same graph, wherever they are."""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, arrays, checkpoint, draw, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.rules import anywhere
from tests.device import on_a_device
from tests.lazy import asked, da, in_halves, unasked
from tests.strict import Strict

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(60, 4))
Y = (RNG.uniform(size=60) < 0.4) * 1.0
W = RNG.normal(size=4)
U, V = RNG.normal(size=(2, 4))


KINDS = {"dask": in_halves, "device": on_a_device}


@pytest.fixture(autouse=True)
def lazy() -> Iterator[None]:
    """Nothing computes but what says so."""
    with unasked():
        yield


def numbers(tree: Any) -> Any:
    """Results in NumPy: what is lazy is computed now."""
    if isinstance(tree, (tuple, list)):
        return [numbers(each) for each in tree]
    with asked():
        return arrays.in_numpy(tree)


def logistic(X: Any, y: Any) -> Callable[[Any], Any]:
    def loss(w: Any) -> Any:
        z = X @ w
        return np.mean(np.logaddexp(0, z) - y * z) + 0.1 * np.sum(w**2)

    return loss


TRANSFORMS: dict[str, Callable[[Any, Any], Any]] = {
    "grad": lambda f, put: grad(f)(put(W)),
    "value_and_grad": lambda f, put: value_and_grad(f)(put(W)),
    "jacobian": lambda f, put: jacobian(lambda w: np.tanh(w * w[0]))(put(W)),
    "hessian": lambda f, put: hessian(f)(put(W)),
    "hvp": lambda f, put: hvp(f, put(W), put(V)),
    "jvp": lambda f, put: jvp(f, put(W), put(V)),
    "vjp": lambda f, put: vjp(np.exp, put(W))[1](put(V)),
    "checkpoint": lambda f, put: grad(checkpoint(f))(put(W)),
    "third order": lambda f, put: grad(lambda w: np.sum(hvp(f, w, put(V)) ** 2))(put(W)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_every_transform_gives_the_kind_that_came_in_and_the_numbers_of_numpy(transform: str, kind: str) -> None:
    put, run = KINDS[kind], TRANSFORMS[transform]
    got, known = (as_tuple(run(logistic(p(ROWS), p(Y)), p)) for p in (put, np.array))
    assert {type(each) for each in got} == {type(put(W))}
    for each, expected in zip(got, known, strict=True):
        np.testing.assert_allclose(numbers(each), expected, rtol=1e-12, atol=1e-14)


def as_tuple(x: Any) -> tuple[Any, ...]:
    return x if isinstance(x, tuple) else (x,)


@pytest.mark.parametrize("transform", ["grad", "value_and_grad", "hessian", "hvp"])
def test_where_an_array_of_numpys_meets_them_results_are_of_their_kind(transform: str) -> None:
    run = TRANSFORMS[transform]
    got, known = as_tuple(run(logistic(in_halves(ROWS), Y), np.array)), as_tuple(run(logistic(ROWS, Y), np.array))
    assert {type(each) for each in got} == {da.Array}
    for each, expected in zip(got, known, strict=True):
        np.testing.assert_allclose(numbers(each), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, np.add, np.hypot, np.maximum]
)
def test_operators_answer_from_either_side(op: Any, kind: str) -> None:
    put = KINDS[kind]
    a, b = np.abs(U) + 1, np.abs(V) + 1
    for left, right in ((Tensor(put(a), True), put(b)), (put(a), Tensor(put(b), True))):
        y = op(left, right)
        assert isinstance(y, Tensor)
        assert y.requires_grad
        np.testing.assert_allclose(numbers(y.data), op(a, b))
        y.sum().backward()
        leaf = left if isinstance(left, Tensor) else right
        by_left, by_right = grad(lambda a, b: np.sum(op(a, b)), argnums=(0, 1))(a, b)
        np.testing.assert_allclose(numbers(leaf.grad), by_left if leaf is left else by_right)


@pytest.mark.parametrize("kind", KINDS)
def test_matrix_products_and_comparisons_answer_from_either_side(kind: str) -> None:
    put = KINDS[kind]
    w = Tensor(put(W), requires_grad=True)
    np.testing.assert_allclose(numbers((put(ROWS) @ w).data), ROWS @ W)
    np.testing.assert_allclose(numbers((w @ put(ROWS.T)).data), W @ ROWS.T)
    assert type(put(U) < w) is type(put(U))
    np.testing.assert_array_equal(numbers(put(U) < w), U < W)
    np.testing.assert_array_equal(numbers(w >= put(U)), W >= U)


@pytest.mark.parametrize("kind", KINDS)
def test_backward_leaves_gradients_of_their_kind_which_accumulate(kind: str) -> None:
    put = KINDS[kind]
    x = Tensor(put(U), requires_grad=True)
    for times in (1, 2):
        (x * put(V)).sum().backward()
        assert type(x.grad) is type(put(U))
        np.testing.assert_allclose(numbers(x.grad), times * V)
    y = Tensor(put(U), requires_grad=True)
    (y**3).sum().backward(create_graph=True)
    assert isinstance(y.grad, Tensor)
    np.testing.assert_allclose(numbers(y.grad.data), 3 * U**2)


def test_a_leaf_in_numpy_accumulates_both_kinds() -> None:
    w = Tensor(W, requires_grad=True)
    (w * U).sum().backward()
    (w * in_halves(V)).sum().backward()
    assert isinstance(w.grad, da.Array)
    np.testing.assert_allclose(numbers(w.grad), U + V)
    (w * U).sum().backward()
    np.testing.assert_allclose(numbers(w.grad), 2 * U + V)


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_see_arrays_of_their_kind(kind: str) -> None:
    put, seen = KINDS[kind], []
    x = Tensor(put(U), requires_grad=True)
    y = x * put(V)
    y.register_hook(lambda g: seen.append(g) or 2 * g)
    x.register_hook(lambda g: seen.append(g))
    y.sum().backward()
    assert [type(g) for g in seen] == [type(put(U))] * 2
    np.testing.assert_allclose(numbers(x.grad), 2 * V)


def test_looking_computes_nothing() -> None:
    x = Tensor(in_halves(ROWS), requires_grad=True, name="X")
    y = np.tanh(x @ Tensor(W, requires_grad=True)).sum()
    assert "dask.array" in repr(x)
    assert "fun=np.sum" in repr(y)
    assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == ((60, 4), 2, 240, np.float64, 60)
    assert isinstance(x.data, da.Array)
    assert isinstance((x * 2).data, da.Array)
    assert isinstance(x.detach(), Tensor)
    assert x.T.shape == (4, 60)
    assert "<svg" in draw(y).svg
    assert "X @" in draw(y).svg
    with pytest.raises(ValueError, match="not computed yet"):
        draw(y).html  # noqa: B018


def test_a_graph_is_drawn_and_played_with_the_numbers_that_are_elsewhere() -> None:
    pages = []
    for put in (np.array, on_a_device):
        w = Tensor(put(U), requires_grad=True, name="w")
        y = np.sum(np.tanh(w * put(V)) ** 2 + np.where(put(U > 0), w, 1.0))
        y.backward()
        pages.append((draw(y, gradients=True).dot, draw(y).html))
    assert pages[0] == pages[1]
    assert f"{U[0]:.4g}"[:5] in pages[1][0]


def test_an_index_of_rows_needs_no_positions_of_all_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a large table would be as many as its numbers."""
    rows = np.array([2, 0, 2])
    monkeypatch.setattr(anywhere, "places", None)
    for index in (rows, on_a_device(rows), (rows,), rows.tolist()):
        slope = grad(lambda x: np.sum(np.sin(x[index])))(on_a_device(ROWS))  # noqa: B023
        known = grad(lambda x: np.sum(np.sin(x[rows])))(ROWS)
        np.testing.assert_allclose(numbers(slope), known, rtol=1e-12)


def test_writing_nothing_gives_a_copy() -> None:
    x = Tensor(on_a_device(U), requires_grad=True)
    nothing = np.array([], int)
    assert x.at[nothing].set(1.0)._raw is not x._raw


def test_doors_to_plain_numbers_compute() -> None:
    x = Tensor(in_halves(U))
    with asked():
        assert x.tolist() == U.tolist()
        assert type(x.numpy()) is np.ndarray
        assert float(x.sum()) == pytest.approx(U.sum())
        assert x.sum().item() == pytest.approx(U.sum())
        np.testing.assert_array_equal(np.asarray(x), U)
        assert bool((x.sum() == x.sum()).compute())


@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_keeps_the_numbers_that_it_saw(kind: str) -> None:
    put = KINDS[kind]
    p = Tensor(put(U), requires_grad=True)
    p.data[0] = 5.0
    before = (p * p).sum()
    p.data -= put(V)
    p.data[1] = 7.0
    before.backward()
    seen = np.array([5.0, *U[1:]])
    np.testing.assert_allclose(numbers(p.grad), 2 * seen)
    np.testing.assert_allclose(numbers(p.data), [5 - V[0], 7, *(U - V)[2:]])
    given = put(U)
    y = (p * given).sum()
    given[0] = 100.0
    np.testing.assert_allclose(numbers(grad(lambda w: np.sum(w * w))(p.data)), 2 * numbers(p.data))
    y.backward()
    np.testing.assert_allclose(numbers(p.grad), 2 * seen + U)


@pytest.mark.parametrize("kind", KINDS)
def test_single_precision_survives(kind: str) -> None:
    put = KINDS[kind]
    value, slope = value_and_grad(lambda w: np.mean(np.tanh(put(ROWS.astype("f4")) @ w) * 2.0))(put(W.astype("f4")))
    assert (value.dtype, slope.dtype) == (np.float32, np.float32)


def test_a_leaf_can_be_copied_and_pickled_without_its_numbers_being_computed() -> None:
    x = pickle.loads(pickle.dumps(Tensor(in_halves(U), requires_grad=True, name="x")))
    assert isinstance(x.data, da.Array)
    assert (x.requires_grad, x.name) == (True, "x")


def test_what_a_library_lacks_is_refused_by_both_names_and_computes_nothing() -> None:
    x = Tensor(in_halves(np.eye(4)), requires_grad=True)
    for call, name in (
        (lambda: np.linalg.det(x), r"np\.linalg\.det"),
        (lambda: np.linalg.eigvalsh(x), r"np\.linalg\.eigvalsh|packed_eigh"),
        (lambda: np.sort(x), r"np\.(sort|argsort)"),
        (lambda: x.argsort(), r"np\.argsort"),
        (lambda: np.maximum.accumulate(x), r"np\.maximum\.accumulate"),
    ):
        with pytest.raises(TypeError, match=name) as caught:
            call()
        assert "Dask" in str(caught.value)


def test_shapes_that_do_not_fit_are_told_as_numpys_are() -> None:
    with pytest.raises(ValueError, match=r"np\.matmul of shape \(60, 4\) and shape \(3,\)"):
        Tensor(in_halves(ROWS), True) @ Tensor(U[:3])


def test_an_array_of_numpys_is_not_indexed_by_numbers_that_are_not_there_yet() -> None:
    with pytest.raises(TypeError, match="cannot be indexed by one of Dask"):
        Tensor(U, True)[in_halves(np.array([0, 1]))]


def test_unknown_lengths_work_where_dask_can_and_else_say_what_finds_them() -> None:
    rows = in_halves(ROWS)
    some = rows[rows[:, 0] > 0]
    assert np.isnan(some.shape[0])
    value, slope = value_and_grad(lambda w: np.sum(np.tanh(some @ w) ** 2))(W)
    known = value_and_grad(lambda w: np.sum(np.tanh(ROWS[ROWS[:, 0] > 0] @ w) ** 2))(W)
    np.testing.assert_allclose(numbers(value), known[0])
    np.testing.assert_allclose(numbers(slope), known[1])
    with pytest.raises((TypeError, ValueError), match=r"compute_chunk_sizes\(\)"):
        grad(lambda w: np.mean(some @ w))(W)


def test_a_device_takes_numbers_of_numpys_and_names_the_way_for_its_arrays() -> None:
    rows = on_a_device(ROWS)
    slope = grad(lambda w: np.sum(np.tanh(w * rows)))
    np.testing.assert_allclose(numbers(slope(0.5)), grad(lambda w: np.sum(np.tanh(w * ROWS)))(0.5), rtol=1e-12)
    with pytest.raises(TypeError, match="one of these arrays is NumPy's: put it where the others are"):
        slope(U)


def test_what_is_not_registered_is_refused_until_it_is() -> None:
    class Elsewhere(Strict):
        pass

    other = type("Other", (), {"__array_ufunc__": None, "__array__": None, "shape": ()})()
    with pytest.raises(TypeError, match="rules of its own"):
        Tensor(U) * other
    assert arrays.kind_of(Elsewhere(U)) is arrays.kind_of(Strict(U))  # a derived type
    assert arrays.kind_of(U) is arrays.kind_of(1.0) is None


def test_vmap_maps_them() -> None:
    per_row = autograd.vmap(grad(lambda w, x: np.tanh(w @ x)), in_axes=(None, 0))
    np.testing.assert_allclose(numbers(per_row(W, in_halves(ROWS))), per_row(W, ROWS))


def of_both(f: Callable[[Any, Any], Any]) -> None:
    """The value and the gradients of Dask's arrays are those of NumPy's."""
    a, b = RNG.normal(size=(4, 2, 3)), RNG.normal(size=(2, 3, 2))
    derived = value_and_grad(lambda a, b: np.sum(np.sin(f(a, b))), argnums=(0, 1))
    known, found = derived(a, b), numbers(derived(in_halves(a), in_halves(b)))
    for got, expected in zip([found[0], *found[1]], [known[0], *known[1]]):
        np.testing.assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize("axes", [(2, 1), ((-1,), (-2,)), ([2, -2], [1, 0]), (-1, 1)])
def test_axes_may_be_counted_from_the_end(axes: Any) -> None:
    of_both(lambda a, b: np.tensordot(a, b, axes))


@pytest.mark.parametrize("index", [None, (slice(None), None, 1), (..., None, 2), (1, None), (1, slice(None, None, -1))])
def test_what_is_written_may_have_new_axes_and_go_backwards(index: Any) -> None:
    of_both(lambda a, b: a.at[index].add(np.cos(a[index]) * b[0, 0, 0]) * a.at[index].set(2.0))


VALUES = np.linspace(-1, 1, 60).reshape(4, 3, 5)
MASK = np.array([True, False, True, True])
PLACES = [
    [2, 0, -4], (1, [2, 0]), (-3, [True, False, True]), (slice(None), -1, [1, 0, 4]), ([3, 0], 1),
    (0, slice(None), [4, 0]), ([1, 3], slice(None), 2), (..., [1, 0], 2), MASK, (MASK, 1), (MASK, slice(1, None), -1),
    (0, ..., MASK[[0, 1, 0, 0, 1]]),
]  # fmt: skip


@pytest.mark.parametrize("index", PLACES, ids=str)
@pytest.mark.parametrize("chunks", [(2, 2, 3), (4, 3, 1), (1, 1, 5)])
def test_integers_and_arrays_in_an_index_are_those_of_numpy(index: Any, chunks: tuple[int, ...]) -> None:
    x = VALUES
    lazy = Tensor(da.from_array(x, chunks=chunks), requires_grad=True)
    assert lazy[index].shape == x[index].shape
    np.testing.assert_array_equal(numbers(lazy[index].data), x[index])

    def written(x: Any) -> Any:
        changed = np.sin(x).at[index].set(np.cos(VALUES[index])) * x.at[index].set(2.0)
        return np.sum(changed * np.arange(60).reshape(x.shape))

    def chosen(x: Any) -> Any:
        y = np.exp(x[index])
        return np.sum(y * np.arange(y.size).reshape(y.shape))

    def of_both_kinds(f: Callable[[Any], Any]) -> None:
        found = numbers(value_and_grad(f)(da.from_array(x, chunks=chunks)))
        for got, expected in zip(found, value_and_grad(f)(x), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-12)

    of_both_kinds(written)
    if any(np.asarray(item).dtype == bool for item in (index if isinstance(index, tuple) else (index,))):
        of_both_kinds(chosen)
    else:
        with pytest.raises(TypeError, match=r"autograd\.scatter"):  # places may repeat, and Dask cannot add them up
            value_and_grad(chosen)(da.from_array(x, chunks=chunks))


def test_what_a_mask_chose_of_a_vector_goes_back_to_its_places() -> None:
    x = np.linspace(-1, 1, 4)
    slope = grad(lambda x: np.sum(np.sin(x[MASK]) * np.array([1.0, 10.0, 100.0])))
    np.testing.assert_allclose(numbers(slope(da.from_array(x, chunks=1))), slope(x))
    halves = grad(lambda x: np.sum(np.piecewise(x, [MASK, ~MASK], [np.sin, 2]) * np.arange(1, 5)))
    np.testing.assert_allclose(numbers(halves(da.from_array(x, chunks=2))), halves(x))


def test_an_axis_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=r"out of bounds.*Dask"):
        np.tensordot(Tensor(in_halves(U)), Tensor(in_halves(V)), axes=((3,), (0,)))


@pytest.mark.parametrize("index", [True, (True, 1), (None, True)])
def test_truth_values_are_no_integers_in_an_index(index: Any) -> None:
    with pytest.raises(TypeError, match="scalar boolean"):
        grad(lambda x: np.sum(x[index]))(in_halves(ROWS))


def test_a_partial_of_a_lazy_array_is_one_call_of_its_library() -> None:
    """However many calls of NumPy the partial is made of: each would be one more task for each block."""
    x = in_halves(ROWS)
    slope = grad(lambda x: np.sum(autograd.logsigmoid(x) + np.logaddexp(0, x)))(x)
    names = {name.rpartition("-")[0] for name in slope.dask.layers}
    assert not {"exp", "where", "greater_equal", "absolute", "logaddexp", "multiply", "divide"} & names
    np.testing.assert_allclose(numbers(slope), np.ones_like(ROWS), rtol=1e-12)


@pytest.mark.parametrize("total", [
    lambda z: np.sum(z) / 60,
    lambda z: np.sum(z) * 2.0,
    lambda z: 1 - np.sum(z),
    lambda z: np.sum(np.sum(z, axis=0) / 60),
], ids=["divided", "multiplied", "subtracted", "of columns"])  # fmt: skip
def test_a_slope_waits_for_no_total_that_its_partial_does_not_read(total: Any) -> None:
    """Else all blocks would be kept until the total is there."""
    x = in_halves(ROWS)
    value, slope = value_and_grad(lambda x: total(np.tanh(x)))(x)
    sums = {name for name in value.dask.layers if name.startswith("sum")}
    assert sums
    assert not sums & slope.dask.layers.keys()
    np.testing.assert_allclose(numbers(slope), grad(lambda x: total(np.tanh(x)))(ROWS), rtol=1e-12)
