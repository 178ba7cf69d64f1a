"""Small programs as native loops: the same numbers as NumPy, the same errors, and NumPy where there are no loops."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, compile, depends_on
from autograd.inspecting import name_of
from autograd.rules.dtypes import cast
from autograd.table import Function

pytest.importorskip("numba", reason="numba, the extra jit, compiles the loops")
loops = importlib.import_module("autograd.compile.loops")
indices = importlib.import_module("autograd.compile.indices")

NUMBERS = np.array([-np.inf, -3.5, -1.0, -0.25, -0.0, 0.0, 0.5, 1.0, 2.0, 7.5, np.inf, np.nan])
ELEMENTWISE = [fun for fun in loops.FORMULAS if fun not in (cast, float, np.copy)]


def natively(f: Callable[..., Any]) -> Any:
    """`f` as loops; a warning that it has none is an error here."""
    return compile(f, backend="numba")


def operands(fun: Function) -> int:
    return 3 if fun is np.where else 2 if "{1}" in loops.FORMULAS[fun] else 1


@pytest.mark.parametrize("fun", ELEMENTWISE, ids=name_of)
def test_every_formula_at_special_numbers(fun: Function) -> None:
    grids = [g.ravel() for g in np.meshgrid(*[NUMBERS] * min(2, operands(fun)))]
    if fun is np.where:
        grids = [grids[0] > 0, *grids]
    program = natively(lambda *args: fun(*args) + 0.0 if fun is not np.where else fun(*args))
    with np.errstate(all="ignore"):
        expected = fun(*grids) + 0.0 if fun is not np.where else fun(*grids)
    np.testing.assert_allclose(program(*grids), expected, rtol=1e-14, atol=1e-300)
    assert "for " in program.loops


def training(optimizer: Callable[..., nn.Optimizer], backend: str, dtype: Any) -> tuple[nn.Module, list[float], str]:
    """A few steps of a small network, with what its parts have loops for."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((6, 3)).astype(dtype), np.array([0, 2, 1, 1, 0, 2])
    model = nn.Sequential(
        nn.Dense(3, 5, activation="tanh", rng=1, dtype=dtype),
        nn.Dropout(0.3, rng=2),
        nn.Dense(5, 4, activation="relu", rng=3, dtype=dtype),
        nn.Dense(4, 3, rng=4, dtype=dtype),
    )
    made = optimizer(model.parameters())

    @compile(backend=backend)
    def step(X: Any, y: Any) -> Tensor:
        loss = nn.cross_entropy(model(X), y)
        made.zero_grad()
        loss.backward()
        made.step()
        return loss

    losses = [step(X, y).item() for _ in range(12)]
    return model, losses, step.loops


def sgd(parameters: Any) -> nn.Optimizer:
    return nn.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.01)


def adam(parameters: Any) -> nn.Optimizer:
    return nn.Adam(parameters, lr=0.05)


@pytest.mark.parametrize(
    ("optimizer", "dtype"),
    [
        (sgd, np.float64),
        pytest.param(adam, np.float32, marks=pytest.mark.slow),  # of each, the machine code takes a quarter of a minute
        pytest.param(sgd, np.float32, marks=pytest.mark.slow),
        pytest.param(adam, np.float64, marks=pytest.mark.slow),
    ],
)
def test_training_is_the_same_in_loops(optimizer: Callable[..., nn.Optimizer], dtype: Any) -> None:
    """To the digits that adding in another order leaves after a dozen steps."""
    tight = {"rtol": 2e-3, "atol": 2e-5} if dtype == np.float32 else {"rtol": 1e-9, "atol": 1e-12}
    model, losses, source = training(optimizer, "numba", dtype)
    other, expected, none = training(optimizer, "numpy", dtype)
    assert "for " in source
    assert none == ""
    np.testing.assert_allclose(losses, expected, **tight)
    for p, q in zip(model.parameters(), other.parameters()):
        assert p.dtype == p.grad.dtype == dtype
        np.testing.assert_allclose(p.numpy(), q.numpy(), **tight)
        np.testing.assert_allclose(p.grad, q.grad, **tight)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: np.sum(x, axis=0) + np.max(x, axis=(0, 1)) - np.min(x),
        lambda x, y: np.sum(x, axis=1, keepdims=True) * x,
        lambda x, y: np.prod(x, axis=-1),
        lambda x, y: (x @ y.T)[1:, ::2],
        lambda x, y: x.T.reshape(2, -1)[..., None] + 1,
        lambda x, y: np.swapaxes(x, 0, 1) @ y,
        lambda x, y: (x @ y[0], y[:, 1] @ x, x[0] @ y[1], x[:, 0].sum() * y[0]),
        lambda x, y: x[np.array([0, -1, 1, 0])],
        lambda x, y: np.broadcast_to(x[0], (5, 4)) * 2.0,
        lambda x, y: (x > y) & (x > 0),
        lambda x, y: np.where(x > y, x, y).astype(np.float32),
        lambda x, y: (x, [y * 2, {"sum": x.sum()}]),
        lambda x, y: autograd.grad(lambda x: np.sum(np.tanh(x @ y.T) ** 2))(x),
        lambda x, y: autograd.hvp(lambda x: np.sum(x**3 * y), x, y),
        lambda x, y: x * 1,
        lambda x, y: x.T,
    ],
)
@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray, lambda a: np.repeat(a, 2, 1)[:, ::2]])
def test_indices_views_and_reductions(f: Callable[..., Any], layout: Callable[..., Any]) -> None:
    """Also of arguments that lie in memory in another way than those that were traced."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a few of these have no loops
        program = compile(f, backend="numba")
        program(x, y)
        answers = program(layout(x), layout(y))
    expected = f(x, y)
    for one, other in zip(autograd.trees.leaves(answers), autograd.trees.leaves(expected)):
        assert np.asarray(one).dtype == np.asarray(other).dtype
        np.testing.assert_allclose(one, other, rtol=1e-6)
        assert not np.may_share_memory(one, x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_long_sums_have_several_totals(dtype: Any) -> None:
    for n in (31, 32, 33, 34, 35, 100):
        x = np.random.default_rng(n).standard_normal((3, n)).astype(dtype)
        x[1, ::3] *= 1e3

        def f(x: Any) -> Any:
            y = x * x
            return np.sum(y), np.sum(y, axis=1), np.sum(y.T, axis=0), np.sum(y, axis=0), np.sum(y[:, None], axis=(1, 2))

        program = natively(f)
        for mine, theirs in zip(program(x), f(x.astype(np.float64)), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=4 * np.finfo(dtype).eps)
        for special in (np.inf, np.nan):
            x[2, n - 1] = special
            for mine, theirs in zip(program(x), f(x), strict=True):
                np.testing.assert_allclose(mine, theirs, rtol=1e-5)
        assert (", 4):" in program.loops) == (n >= 32)


def test_arrays_of_halves_have_no_loops() -> None:
    c, x = np.array([1.26171875, 0.79443359375], np.float16), np.array([0.5, -0.25])
    program = compile(lambda x: np.sin(x) + c, backend="numba")
    with pytest.warns(RuntimeWarning, match="add of float64, float16 has no loops"):
        np.testing.assert_array_equal(program(x), np.sin(x) + c)


def test_arrays_in_any_layout_run_natively(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    shift, kept = rng.random((3, 4)), rng.random((4, 3)).T

    def f(x: Any, y: Any) -> Any:
        return np.sum(x * y + shift * kept, axis=1) + x[:, 0]

    program = natively(f)
    x, y = rng.random((2, 3, 4))
    program(x, y)
    assert ".strides[" in program.loops
    numpys = program.entries[0].call.__closure__[0]
    assert callable(numpys.cell_contents)
    numpys.cell_contents = lambda args: pytest.fail("it ran in NumPy")
    whole = rng.random((6, 8, 2))
    for a in (x, x[::-1], np.asfortranarray(x), whole[::2, ::2, 1], x[:, ::-1], np.broadcast_to(x[0], (3, 4))):
        for b in (y, np.asfortranarray(y)):
            before = a.copy(), b.copy()
            np.testing.assert_allclose(program(a, b), f(a, b), rtol=1e-14)
            np.testing.assert_array_equal((a, b), before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_long_products_have_several_totals(dtype: Any) -> None:
    rng = np.random.default_rng(0)
    for n in (31, 32, 33, 34, 35, 64):
        a, b = rng.standard_normal((3, n)).astype(dtype), rng.standard_normal((n, 2)).astype(dtype)
        program = natively(lambda a, b: (a @ b, a[0] @ b, a @ b[:, 0], b.T @ a.T))
        exact = a.astype(np.longdouble) @ b
        for found, expected in zip(program(a, b), (exact, exact[0], exact[:, 0], exact.T), strict=True):
            assert found.dtype == dtype
            np.testing.assert_allclose(found, expected.astype(float), rtol=0, atol=n * np.finfo(dtype).eps * 4)
        assert (" + 3\n" in program.loops) == (n >= 32)
        sparse = np.zeros_like(a)
        sparse[0, -1] = np.nan  # each number is there once
        assert np.isnan(program(sparse, b)[0]).tolist() == [[True] * 2, [False] * 2, [False] * 2]


def shapes_of(n: int, rng: np.random.Generator) -> tuple[int, ...]:
    """A shape of so many numbers."""
    found = [1] * int(rng.integers(0, 3))
    while n > 1:
        k = int(rng.choice([k for k in range(2, n + 1) if n % k == 0]))
        found.append(k)
        n //= k
    return tuple(rng.permutation(found).tolist())


def test_an_index_of_what_is_reshaped_is_numpys() -> None:
    rng = np.random.default_rng(0)
    for trial in range(300):
        n = int(rng.choice([1, 2, 6, 12, 60, 72]))
        shape, of = shapes_of(n, rng), shapes_of(n, rng)
        names = [f"i{k}" for k in range(len(shape))]
        given = [name if trial % 3 or rng.random() < 0.5 else "0" for name in names]
        texts = indices.reshaped(given, shape, of)
        assert len(texts) == len(of)
        for place in np.ndindex(*shape):
            if all(given[k] != "0" or i == 0 for k, i in enumerate(place)):
                found = tuple(eval(text, dict(zip(names, place, strict=True))) for text in texts)
                expected = np.unravel_index(np.ravel_multi_index(place, shape) if shape else 0, of) if of else ()
                assert found == tuple(map(int, expected))


@pytest.mark.parametrize("shape", [(0,), (0, 5), (5, 0), (2, 0, 3), (1, 0)])
@pytest.mark.parametrize("of", [(0,), (0, 4), (3, 0), (0, 1), (2, 0, 5)])
def test_of_empty_arrays_no_index_is_looked_for(shape: Any, of: Any) -> None:
    assert indices.reshaped([f"i{k}" for k in range(len(shape))], shape, of) == ["0"] * len(of)
    program = natively(lambda x: (np.reshape(x, shape) * 2, np.sum(np.reshape(x, shape) * 2)))
    empty, total = program(np.zeros(of))
    assert (empty.shape, total) == (shape, 0)


def test_axes_that_stay_are_indices_as_they_are() -> None:
    assert indices.reshaped(["i", "j"], (20, 3), (5, 4, 3)) == ["i // 4", "i % 4", "j"]
    assert indices.reshaped(["i", "j", "k"], (5, 4, 3), (20, 3)) == ["i * 4 + j", "k"]


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_axes_by_position(backend: str) -> None:
    """A call with metadata by position is the call with metadata by name: np.sum(x, 0) added everything."""

    def f(x: Any) -> Any:
        sums = np.sum(x, 0), x.sum(0), np.sum(x > 3, 0), np.sum(x, 0, None, None, True), np.add.reduce(x, 1)
        others = np.max(x, 1), np.min(x, 0, None, True), np.prod(x, 0), np.mean(x, 0, None, None, True)
        views = np.transpose(x, (1, 0)), np.expand_dims(x, 0), np.squeeze(x[:1], 0), np.swapaxes(x, 0, 1)
        return sums, others, tuple(y + 1 for y in views), np.sum(x, 0, np.float32)

    x = np.arange(12.0).reshape(3, 4)
    for one, other in zip(autograd.trees.leaves(compile(f, backend=backend)(x)), autograd.trees.leaves(f(x))):
        np.testing.assert_array_equal(one, other, strict=True)


BELOW = -np.arange(1, 13).reshape(3, 4)  # no number of it is 0 or above
HUGE = BELOW + 2**53  # not all of them are floats


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: (x.astype(np.int64) * 2.0, x.astype(bool) * 2.0), BELOW / 2 + 2.25),
        (lambda a: (np.max(a), np.min(-a, axis=0), np.max(a > -3, axis=1)), BELOW),
        (lambda a: (np.prod(a[:2], axis=0), np.prod(a < 0)), BELOW),
        (
            lambda a: (
                np.sum(a),
                np.sum(a, axis=1),
                np.sum(a > -5),
                np.sum(a, initial=5),
                np.sum(a > -5, 0, initial=2),
            ),
            HUGE,
        ),
        (lambda a: (a @ a.T, a[0] @ a[1], a[:, 0] @ a), HUGE),
        (lambda a: ((a + a) * 1.5, (a + a) > 100, np.sum(a)), np.array([100, -100, 7], np.int8)),
        (lambda a: ((a + a) + 0.5, a[0] + a[1]), np.full(3, 2**30, np.int32)),
        (lambda a: (a * a, a + a, -a, abs(a), a / 3), np.array([2**62, -(2**62), 3])),
    ],
)
def test_whole_numbers_are_numpys(f: Callable[..., Any], x: Any) -> None:
    """To the last digit, and wrapped around where NumPy does so: what loops cannot do is left to NumPy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        program = compile(f, backend="numba")
        answers = program(x), program(x)
        expected = f(x)
    for answer in answers:
        for one, other in zip(answer, expected, strict=True):
            np.testing.assert_array_equal(one, other, strict=True)


def test_labels_out_of_range_change_nothing() -> None:
    model = nn.MLP(2, 3, 2, rng=0)
    optimizer = nn.SGD(model.parameters(), lr=0.1)

    @compile(backend="numba")
    def step(X: Any, y: Any) -> Tensor:
        loss = nn.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    X = np.ones((2, 2), np.float32)
    step(X, np.array([0, 1]))
    before, grads = model.state_dict(), [np.array(p.grad) for p in model.parameters()]
    for labels in ([0, 2], [-1, 0]):
        with pytest.raises(ValueError, match="for 2 classes, counted from 0"):
            step(X, np.array(labels))
    for (name, array), p, grad in zip(before.items(), model.parameters(), grads):
        np.testing.assert_array_equal(model.state_dict()[name], array)
        np.testing.assert_array_equal(p.grad, grad)


def test_what_somebody_holds_is_not_written_to() -> None:
    w = Tensor(np.ones(3), requires_grad=True, name="w")

    @compile(backend="numba")
    def step(x: Any) -> Tensor:
        loss = (w * x).sum()
        w.grad = None
        loss.backward()
        w.data = w.data - 0.1 * w.grad
        return loss

    step(np.arange(3.0))
    grad, data, view = w.grad, w.data, w.numpy()
    kept = [np.array(a) for a in (grad, data, view)]
    step(np.arange(3.0) + 1)
    for array, copy in zip((grad, data, view), kept):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_allclose(w.grad, np.arange(3.0) + 1)


def test_large_programs_stay_with_numpy_unless_told() -> None:
    x = np.ones((40, 40))
    program = compile(lambda x: x @ x @ x)
    program(x)
    assert program.loops == ""
    forced = natively(lambda x: x @ x @ x)
    np.testing.assert_allclose(forced(x), x @ x @ x)
    assert forced.loops


def test_where_there_are_no_loops_a_warning_says_why() -> None:
    program = compile(lambda x: np.sort(x), backend="numba")
    with pytest.warns(RuntimeWarning, match=r"runs in NumPy instead of numba: np\.sort .* has no loops"):
        np.testing.assert_array_equal(program(np.array([2.0, 1.0])), [1.0, 2.0])
    quiet = compile(lambda x: np.sort(x))
    np.testing.assert_array_equal(quiet(np.array([2.0, 1.0])), [1.0, 2.0])


def test_without_numba_everything_works(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "numba" else find(name))
    program = compile(np.tanh, backend="numba")
    with pytest.warns(RuntimeWarning, match=r"numba is not installed: pip install chainrule\[jit\]"):
        assert program(np.zeros(2)).tolist() == [0.0, 0.0]
    assert compile(lambda x: x + 1)(1.0) == 2.0


def test_another_backend_is_refused() -> None:
    with pytest.raises(ValueError, match="'torch'"):
        compile(np.tanh, backend="torch")


def test_names_of_arguments_are_not_those_of_loops() -> None:
    def f(v0: Any, i0: Any, t1: Any, s_float64: Any) -> Any:
        return np.sum(i0 * 2.0) + v0, np.stack([t1, t1 * i0[0]]).sum() + s_float64 @ i0

    arguments = 5.0, np.ones(3), 2.0, np.full(3, 7.0)
    np.testing.assert_allclose(natively(f)(*arguments), f(*arguments))


def test_powers_of_negative_numbers() -> None:
    """-2.0 ** x is -(2.0 ** x)."""
    assert natively(lambda x: (-2.0) ** x)(2.0) == 4.0
    np.testing.assert_array_equal(natively(lambda x: (-2.0) ** x)(np.arange(4.0)), [1, -2, 4, -8])


def test_numbers_are_compared_in_the_precision_of_the_array() -> None:
    x = np.float32([0.1, 0.3])
    np.testing.assert_array_equal(natively(lambda x: (x > 0.1, x == 0.1))(x), [[False, True], [True, False]])
    np.testing.assert_array_equal(natively(lambda x, c: (x > c, x == c))(x, 0.1), [[False, True], [True, False]])


@pytest.mark.parametrize("places", [[0, 3], [-4, 0]])
def test_an_index_out_of_range_raises_and_changes_nothing(places: list[int]) -> None:
    x = np.arange(3.0)
    w = Tensor(np.ones(3), requires_grad=True)
    get = natively(lambda x, i: (x[i], x.copy()))
    add = natively(lambda x, i: autograd.grad(lambda x: np.sum(x[i] ** 2))(x))

    @compile(backend="numba")
    def step(i: Any) -> None:
        w.grad = None
        (w[i] * 2.0).sum().backward()
        w.data = w.data - 0.1 * w.grad

    step(np.array([0, -1]))
    np.testing.assert_allclose(w.numpy(), [0.8, 1.0, 0.8])
    for program in (lambda i: get(x, i), lambda i: add(x, i), step):
        program(np.array([-3, 2]))
        before = w.numpy().copy()
        with pytest.raises(IndexError, match=f"index {places[1] or places[0]} is out of bounds"):
            program(np.array(places))
        np.testing.assert_array_equal(w.numpy(), before)
    assert get.loops
    assert add.loops
    assert step.loops


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int8, np.bool_])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_number_of_numpys_is_one_of_the_dtype_that_it_leads_to(kind: type, dtype: type) -> None:
    def f(x: Any) -> Any:
        return np.tanh(np.maximum(x, kind(0.3))), x * kind(-1.1), np.where(x > 0, kind(0.1), x), x > kind(0.1)

    x = np.array([0.1, 0.5, -0.7], dtype)
    program = natively(f)
    for found, expected in zip(program(x), f(x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(np.result_type(expected, dtype)).eps)
        assert found.dtype == expected.dtype
    assert program.loops


def test_a_number_that_is_an_index_counts_on_until_it_is_out_of_range() -> None:
    place, x = {"row": 1}, np.arange(12.0).reshape(4, 3)

    @compile(backend="numba")
    def read(x: Any) -> Any:
        depends_on(place, "row")
        place["row"] = place["row"] + 1
        return x[place["row"], ::-1] * 2.0

    for row in (2, 3):
        np.testing.assert_array_equal(read(x), x[row, ::-1] * 2.0)
    assert read.loops
    for row in (3, -6):
        place["row"] = row
        with pytest.raises(IndexError, match=f"index {row + 1} is out of bounds"):
            read(x)
        assert place == {"row": row}
    place["row"] = -5
    np.testing.assert_array_equal(read(x), x[-4, ::-1] * 2.0)


def test_a_slice_whose_length_depends_on_a_number_runs_in_numpy() -> None:
    place, x = {"row": 1}, np.arange(12.0).reshape(4, 3)

    @compile(backend="numba")
    def read(x: Any) -> Any:
        depends_on(place, "row")
        return x[place["row"] : place["row"] + 2] * 2.0

    with pytest.warns(RuntimeWarning, match="a slice depends on a number that is computed"):
        read(x)
    place["row"] = 3
    np.testing.assert_array_equal(read(x), x[3:] * 2.0)
