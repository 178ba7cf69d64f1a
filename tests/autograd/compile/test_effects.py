"""What a compiled function does to the world: it writes what the function writes, or refuses, and nothing happened."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from agreement import agree, same
from arguments.holders import Box

from autograd import Tensor, TraceError, Value, anew, compile, gradients, no_grad

X = np.array([0.5, -1.0, 2.0])
A, B = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, -6.0])
VARIABLE: Any = 1.0


def test_arrays_and_floats_are_read_without_another_trace() -> None:
    box, table, pair, k = Box(k=1.0), {"k": 1.0}, (A.copy(), B.copy()), np.ones(3)
    program = compile(lambda x: (x * box.k + table["k"]) * (pair[0] - pair[1]) * k, backend="numpy")
    for i in range(4):
        box.k, table["k"], k = float(i), 0.5 * i, np.full(3, 1.0 + i)
        pair[0][...] = i
        same(program(X), (X * i + 0.5 * i) * (i - B) * (1.0 + i))
    assert len(program.entries) == 1


def test_floats_and_arrays_of_objects_can_be_written() -> None:
    def make() -> tuple[Callable[..., Any], Box]:
        box = Box(k=1.0, state=np.zeros(3), table={"k": 1.0})

        def f(x: Any) -> Any:
            box.state = np.tanh(box.state + x * box.k)
            box.k *= 0.5
            box.table["k"] = box.table["k"] + box.k
            return box.state * 2

        return f, box

    (eager, twin), (f, box) = make(), make()
    program = compile(f, backend="numpy")
    for _ in range(4):
        agree([program(X), box.k, box.state, box.table], [eager(X), twin.k, twin.state, twin.table])
        assert type(box.k) is float
    box.state[...] = twin.state[...] = 0.0
    agree(program(X), eager(X))
    assert len(program.entries) == 1


def counting() -> Iterator[tuple[str, Callable[..., Any], Callable[[], Any]]]:
    """Functions that do something which a program would not do, and what shows whether it happened."""
    n, seen, box, d = 0, [], Box(k=1, last=None), {"n": 0}
    gen = (float(i) for i in range(9))
    state = random.Random(0)

    def by_nonlocal(x: Any) -> Any:
        nonlocal n
        n += 1
        return x * n

    def by_global(x: Any) -> Any:
        global COUNT
        COUNT += 1
        return x * COUNT

    def by_attribute(x: Any) -> Any:
        box.k += 1
        return x

    def by_new_attribute(x: Any) -> Any:
        box.fresh = x
        return x

    def by_kept(x: Any) -> Any:
        box.last = Tensor(x)
        return x

    def by_class(x: Any) -> Any:
        Box.count = 3  # type: ignore[attr-defined]
        return x

    def by_item(x: Any) -> Any:
        d["n"] += 1
        return x

    def by_new_item(x: Any) -> Any:
        d["other"] = x
        return x

    yield "nonlocal", by_nonlocal, lambda: n
    yield "global", by_global, lambda: COUNT
    yield "attribute", by_attribute, lambda: vars(box).copy()
    yield "new attribute", by_new_attribute, lambda: vars(box).copy()
    yield "kept", by_kept, lambda: vars(box).copy()
    yield "class", by_class, lambda: "count" in vars(Box)
    yield "append", lambda x: seen.append(x), lambda: list(seen)
    yield "extend", lambda x: [seen.append(i) for i in range(3)], lambda: list(seen)
    yield "item", by_item, lambda: dict(d)
    yield "new item", by_new_item, lambda: dict(d)
    yield "default", lambda x, held=[]: held.append(1), lambda: None
    yield "generator", lambda x: x * next(gen), lambda: None
    yield "random", lambda x: x * random.random(), lambda: random.getstate()
    yield "random of an object", lambda x: x * state.random(), lambda: state.getstate()
    yield "np.random", lambda x: x * np.random.rand(), lambda: str(np.random.get_state())  # noqa: NPY002
    yield "a generator in an object", lambda x: x * DRAWING.inner.k.random(), lambda: None


COUNT = 0
DRAWING = Box(inner=Box(k=np.random.default_rng(0)))


@pytest.mark.parametrize("name", [name for name, _, _ in counting()])
def test_what_a_program_would_not_do_is_refused_and_has_not_happened(name: str) -> None:
    f, shown = next((f, shown) for other, f, shown in counting() if other == name)
    before = shown()
    for _ in range(2):
        with pytest.raises(TraceError, match=r"is changed inside a function|a generator drew|moves on each time"):
            compile(f, backend="numpy")(X)
        assert shown() == before


def test_a_refusal_that_is_caught_fails_at_the_end() -> None:
    def f(x: Any) -> Any:
        try:
            return x if x.sum() > 0 else -x
        except Exception:
            return 0 * x

    with pytest.raises(TraceError, match="a branch on the truth of"):
        compile(f)(X)


def test_what_is_around_a_function_is_put_back_after_any_error() -> None:
    box, pair, cell = Box(k=1.0, table={"a": A}), (A, B), 2.0

    def f(x: Any, fail: Any) -> Any:
        y = box.k * box.table["a"] * pair[0] * cell * x * VARIABLE
        return fail(y)

    before = [*vars(box).values(), box.table["a"], *pair, cell, VARIABLE]
    for fail in (float, lambda y: 1 / 0, lambda y: (_ for _ in ()).throw(KeyboardInterrupt())):
        with pytest.raises((TraceError, ZeroDivisionError, KeyboardInterrupt)):
            compile(f, backend="numpy")(X, fail)
        now = [*vars(box).values(), box.table["a"], *pair, cell, VARIABLE]
        assert all(x is y for x, y in zip(now, before, strict=True))
        assert "type" not in globals()


def test_values_around_a_function_take_part() -> None:
    w, box = Value(2.0), Box(k=Value(3.0))
    program = compile(lambda a: (w * box.k * a).data, backend="numpy")
    assert program(2.0) == 12.0
    w.data, box.k = 5.0, Value(1.0)
    assert program(2.0) == 10.0


def test_what_a_repeated_call_changes_is_its_own() -> None:
    seen: list[Any] = []
    n = 0

    def count(x: Any) -> Any:
        nonlocal n
        n += 1
        seen.append(float(x.sum()))
        return n * x

    program = compile(lambda x: anew(count, x) * 2 + len(VARIABLE_LIST), backend="numpy")
    for i in range(1, 4):
        same(program(X * i), 2 * i * (X * i))
    assert (n, seen) == (3, [float((X * i).sum()) for i in range(1, 4)])
    assert len(program.entries) == 1


VARIABLE_LIST: list[int] = []


def test_the_result_of_a_program_lets_no_gradient_be_lost() -> None:
    w, v = (Tensor(A, requires_grad=True) for _ in range(2))
    program = compile(lambda x: (w * x).sum(), backend="numpy")
    y = program(X)
    assert (y.requires_grad, y.is_leaf) == (True, False)
    graph = (y * w * v).sum()
    for differentiate in (graph.backward, y.backward, lambda: gradients(graph, w), lambda: gradients(y, [w])):
        with pytest.raises(TraceError, match="the result of a compiled function, which has no graph"):
            differentiate()
    assert w.grad is None
    agree(gradients(graph, v), y.item() * A)  # nothing is lost on this way
    assert not compile(lambda x: (w.detach() * x).sum(), backend="numpy")(X).requires_grad
    with no_grad():
        assert not compile(lambda x: (w * x).sum(), backend="numpy")(X).requires_grad


def test_a_result_has_the_gradient_that_it_has() -> None:
    a, b = Value(2.0), Value(3.0)

    def step() -> Any:
        y = a * b
        (y * y).backward()
        return y

    program = compile(step, backend="numpy")
    expected = step()
    a.grad = b.grad = 0.0
    agree(program(), expected)
    assert expected.grad == 12.0


def test_gradients_of_a_graph_from_before_are_left_where_they_were_left() -> None:
    def make() -> tuple[Callable[..., Any], list[Any]]:
        a, w = Value(3.0), Tensor(A, requires_grad=True)
        b, y = a * a, w * w
        y.retain_grad()

        def f(x: Any) -> Any:
            (b * 2.0).backward()
            (y * x).sum().backward()
            return a.grad

        return f, [a, b, w, y]

    (eager, theirs), (f, ours) = make(), make()
    program = compile(f, backend="numpy")
    for i in range(1, 4):
        agree(program(X * i), eager(X * i))
        agree([node.grad for node in ours], [node.grad for node in theirs])


def test_a_function_that_keeps_its_results_keeps_no_stand_in() -> None:
    factor = 2.0

    @functools.lru_cache
    def kept(n: int) -> float:
        return n * factor

    with pytest.raises(TraceError, match=r"the cache of kept is changed"):
        compile(lambda x: x * kept(3), backend="numpy")(X)
    assert kept(3) == 6.0
    factor = 5.0
    same(compile(lambda x: x * kept(3), backend="numpy")(X), X * 6.0)  # as it is known


@pytest.mark.parametrize(
    "f",
    [
        lambda x, out: np.sum(x, axis=0, out=out),
        lambda x, out: np.sum(x, 0, None, out),
        lambda x, out: np.take(x[0], [0, 1, 2], None, out),
        lambda x, out: np.clip(x[0], 0, 1, out),
        lambda x, out: np.add(x[0], 1, out),
    ],
)
def test_what_writes_into_an_array_around_the_function_is_refused(f: Callable[..., Any]) -> None:
    out = np.zeros(3)
    with pytest.raises(TraceError, match=r"writes into an array \(out="):
        compile(lambda x: f(x, out) + 1)(np.stack([X, X]))
    np.testing.assert_array_equal(out, np.zeros(3))
