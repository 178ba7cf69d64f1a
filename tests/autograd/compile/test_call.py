"""What a compiled call is given and gives: arguments of all kinds, and results that stay what they are."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree, same

from autograd import Tensor, compile, grad, no_grad, partials, primitive
from autograd.debug import detect_nan
from autograd.trees import leaves

RNG = np.random.default_rng(8)
X, Y = RNG.standard_normal((2, 3, 4))


def numpy(f: Callable[..., Any]) -> Any:
    """Compiled to NumPy: numba would take seconds for each."""
    return compile(f, backend="numpy")


# --- The arguments --------------------------------------------------------------------------------------------------


def test_another_shape_or_dtype_or_kind_is_traced_anew() -> None:
    program = numpy(lambda x: x * 2)
    kinds = [X, X[:2], X[0], X.astype(np.float32), X.astype(int), X > 0, 1.5, np.float64(1.5), 3, [X], (X,), {"a": X}]
    for _ in range(2):
        for i, x in enumerate(kinds[:9], 1):
            same(program(x), x * 2)
            assert len(program.entries) == max(i, len(program.entries))
    assert len(program.entries) == 9


def test_the_cache_is_bounded_and_keeps_what_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    traced: list[Any] = []
    program = numpy(lambda x: x + 1)
    trace = program.traced
    monkeypatch.setattr(program, "traced", lambda *args: traced.append(args) or trace(*args))
    program(np.zeros(1))
    for n in range(2, 40):
        same(program(np.zeros(n)), np.ones(n))
        program(np.zeros(1))
    assert len(program.entries) == 16
    assert len(traced) == 39
    same(program(np.zeros(2)), np.ones(2))
    assert len(traced) == 40


def test_integers_strings_and_objects_are_a_part_of_the_program() -> None:
    program = numpy(lambda x, n, how, flag=None: x**n if how == "power" else n * x)
    for _ in range(2):
        same(program(X, 2, "power"), X**2)
        same(program(X, 3, "power"), X**3)
        same(program(X, 3, "times"), 3 * X)
        same(program(X, 3, "times", flag=object), 3 * X)
    assert len(program.entries) == 4
    assert program(X, True, "times") is not None  # True is 1, and no integer
    assert len(program.entries) == 5


@pytest.mark.parametrize("layout", ["transposed", "sliced", "reversed", "read-only", "Fortran", "swapped bytes"])
def test_arrays_may_lie_in_memory_in_any_way(layout: str) -> None:
    program = numpy(lambda x: (np.tanh(x * 2) - 1, x @ x.T, x.sum(axis=0)))
    square = RNG.standard_normal((4, 4))
    program(square)
    x = {
        "transposed": square.T, "sliced": RNG.standard_normal((8, 8))[::2, ::2], "reversed": square[::-1, ::-1],
        "read-only": np.broadcast_to(square[0], (4, 4)), "Fortran": np.asfortranarray(square),
        "swapped bytes": square.astype(square.dtype.newbyteorder()),
    }[layout]  # fmt: skip
    kept = x.copy()
    agree(program(x), (np.tanh(x * 2) - 1, x @ x.T, x.sum(axis=0)))
    same(x, kept)


def test_the_same_array_may_come_twice_and_arguments_never_change() -> None:
    def f(a: Any, b: Any) -> Any:
        a = a * 2
        a = a + b
        return np.tanh(a) - b

    program = numpy(f)
    big = RNG.standard_normal((300, 300))  # large enough for memory to be used again
    for a, b in ((X, Y), (X, X), (Y, Y), (big, big), (big, big.T)):
        kept = a.copy(), b.copy()
        agree(program(a, b), f(a, b))
        same((a, b), kept)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1, 1)])
def test_shapes_that_are_special(shape: tuple[int, ...]) -> None:
    program = numpy(grad(lambda x: np.sum(np.exp(x) * x)))
    x = np.asarray(RNG.standard_normal(shape))
    for _ in range(2):
        found = program(x)
        agree(found, np.exp(x) * (1 + x))
        assert np.shape(found) == shape


@pytest.mark.parametrize("view", [np.ravel, np.squeeze, np.atleast_2d, np.real, np.nan_to_num])
def test_what_may_be_a_view_of_an_argument_is_not_written_to(view: Callable[..., Any]) -> None:
    """Whether it is one depends on how the argument lies in memory, which the trace saw otherwise."""
    for first, second in ((np.asfortranarray(X), X), (X, np.asfortranarray(X))):
        program = numpy(lambda x: np.tanh(view(x)) * 2)
        program(first.copy("K"))
        x = second.copy("K")
        agree(program(x), np.tanh(view(x)) * 2)
        same(x, second)
        loud = numpy(lambda x: view(x))
        loud(first.copy("K"))[...] = 0.0
        loud(x)[...] = 0.0
        same(x, second)


# --- Results --------------------------------------------------------------------------------------------------------


def test_a_later_call_changes_no_earlier_result() -> None:
    def f(x: Any) -> Any:
        y = np.tanh(x)
        z = y * 2
        return {"y": y, "z": z, "view": z[:2], "transposed": z.T, "x": x, "row": x[0], "both": [y, y]}

    program = numpy(f)
    for shape in ((3, 4), (200, 100)):
        a, b = RNG.standard_normal((2, *shape))
        first = program(a)
        kept = {key: np.array(value) for key, value in first.items()}
        second = program(b)
        for key, value in kept.items():
            same(np.array(first[key]), value)
        for x in leaves(second):
            assert not any(np.shares_memory(x, other) for other in (a, b, *leaves(first)))
            x[...] = 0.0  # it is the caller's
        agree(program(a)["z"], f(a)["z"])


def test_a_constant_that_is_returned_is_the_callers() -> None:
    table = np.arange(3.0)
    program = numpy(lambda x: (x, table, np.ones(2)))
    for _ in range(2):
        _, found, ones = program(X)
        same((found, ones), (np.arange(3.0), np.ones(2)))
        found[...] = ones[...] = 7.0
    same(table, np.arange(3.0))


def test_a_parameter_that_is_returned_does_not_follow() -> None:
    w = Tensor(X, requires_grad=True)

    def step() -> Any:
        w.data -= 1.0
        return w

    program = numpy(step)
    first = program()
    second = program()
    agree([first.numpy(), second.numpy(), w.numpy()], [X - 1, X - 2, X - 2])


# --- Where it is called ----------------------------------------------------------------------------------------------


def test_threads_may_call_one_function() -> None:
    w = Tensor(X, requires_grad=True)
    program = numpy(lambda x: np.sum(np.tanh(w * x)).numpy())
    inputs = RNG.standard_normal((8, 3, 4))
    expected = [np.tanh(X * x).sum() for x in inputs]
    found: dict[int, list[Any]] = {}
    start = threading.Barrier(4)

    def work(name: int) -> None:
        start.wait()
        found[name] = [program(x) for _ in range(20) for x in inputs]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 1, 2, 3]
    for values in found.values():
        np.testing.assert_allclose(values, expected * 20, rtol=1e-14)


CAME, MAY_GO = os.pipe(), os.pipe()  # integers: what is in them, no program compares


def taken(pipe: tuple[int, int]) -> bytes:
    """A byte that somebody has sent or sends."""
    return os.read(pipe[0], 1) if select.select([pipe[0]], [], [], 20)[0] else b""


@primitive
def met(x: Any) -> Any:
    """`x`; threads that are called so wait inside until somebody lets them go."""
    if threading.current_thread().name == "meeting":
        os.write(CAME[1], b"c")
        taken(MAY_GO)
    return x * 1.0


@pytest.mark.usefixtures("own_rules")
def test_programs_of_their_arguments_alone_run_at_the_same_time() -> None:
    partials(met, 1)
    program = numpy(grad(lambda x: np.sum(np.tanh(met(x)))))
    program(X)  # traced
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(program(X)), name="meeting") for _ in range(3)]
    for thread in threads:
        thread.start()
    came = [taken(CAME) for _ in threads]
    os.write(MAY_GO[1], b"goo")
    for thread in threads:
        thread.join()
    assert came == [b"c"] * 3
    for slope in found:
        same(slope, 1 - np.tanh(X) ** 2)


def test_where_nan_is_looked_for_the_function_itself_runs() -> None:
    program = numpy(lambda x: np.log(Tensor(x, requires_grad=True)).sum().numpy())
    program(np.ones(3))
    with detect_nan(), pytest.raises(FloatingPointError, match=r"np\.log.*test_call\.py"):
        program(np.zeros(3))


def test_a_program_warns_of_nothing_that_a_sweep_would_not_warn_of() -> None:
    program = numpy(grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0))))
    for x in (np.array([4.0, 0.0]), np.array([0.0, 1.0])):
        same(program(x), np.where(x > 0, 0.5 / np.sqrt(np.where(x > 0, x, 1)), 0))


def test_recording_is_a_part_of_the_program() -> None:
    w = Tensor(X, requires_grad=True)
    program = numpy(lambda: (w * 2).requires_grad)
    with no_grad():
        assert program() is False
    assert program() is True


def test_there_is_no_source_before_the_first_call() -> None:
    with pytest.raises(ValueError, match="no program yet: call the function once"):
        _ = numpy(lambda x: x).source


@pytest.mark.parametrize(
    "x", [2.5, -0.0, float("nan"), np.float64(2.5), np.float32(2.5), np.array(2.5), np.bool_(True)]
)
@pytest.mark.parametrize("f", [
    np.transpose, np.ravel, np.squeeze, np.atleast_2d, lambda x: np.reshape(x, (1, 1)),
    lambda x: np.dot(np.transpose(x), x), lambda x: x**2, lambda x: np.expand_dims(x, 0),
    lambda x: np.broadcast_to(x, (2,)),
])  # fmt: skip
def test_numbers_go_through_functions_of_arrays(f: Any, x: Any) -> None:
    program, expected = compile(f, backend="numpy"), f(x)
    for got in (program(x), program(x)):
        assert type(got) is type(expected)
        assert np.asarray(got).dtype == np.asarray(expected).dtype
        np.testing.assert_array_equal(got, expected)
