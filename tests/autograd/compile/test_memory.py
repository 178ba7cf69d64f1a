"""Memory: written to only where it is new, and nothing that leaves a call shares memory with anything."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree, arrays_in, nothing_is_shared, same

import nn
from autograd import Tensor, Value, anew, compile, grad, gradients, primitive, pullbacks, value_and_grad

RNG = np.random.default_rng(9)
X = RNG.standard_normal((4, 6))
LARGE = RNG.standard_normal((60, 60))  # whose memory is used again


def fenced(f: Callable[..., Any], *args: Any, captured: Any = (), parameters: Any = (), calls: int = 3) -> None:
    """A compiled function does what `f` does, changes nothing that it was given, and hands on no memory of it."""
    arrays = arrays_in([list(args), list(captured)])
    before = [x.copy() for x in arrays]
    start = [(p._raw.copy(), p._grad) for p in parameters]
    expected = []
    for _ in range(calls):
        y = f(*args)
        expected.append([np.array(x) for x in arrays_in([y, *([p._raw, p.grad] for p in parameters)])])
    for p, (numbers, gradient) in zip(parameters, start):
        p._raw, p._grad = numbers, gradient
    program = compile(f, backend="numpy")
    kept: list[tuple[Any, Any]] = []
    for now in expected:
        y = program(*args)
        found = [arrays_in(y), *([p._raw, p.grad] for p in parameters)]
        agree([np.array(x) for x in arrays_in(found)], now, scale=1)
        same(arrays, before)
        nothing_is_shared(arrays, [y, list(parameters)])
        for array, numbers in kept:  # nothing that left an earlier call has changed
            same(array, numbers)
        kept += [(x, x.copy()) for x in arrays_in(y)]
    assert len(program.entries) == 1


# --- Programs ------------------------------------------------------------------------------------------------------


@primitive
def handed_on(x: Any, y: Any) -> Any:
    """A function that the engine knows nothing of: its result is the second operand."""
    return y


KEPT = np.arange(6.0)


@primitive
def of_its_own(x: Any) -> Any:
    """A function that answers with an array that it keeps."""
    return KEPT


@pytest.fixture(autouse=True)
def their_rules(own_rules: None) -> None:
    """They are in the table while these tests run."""
    pullbacks(handed_on, lambda g, y, a, b: np.zeros_like(a), lambda g, y, a, b: g)
    pullbacks(of_its_own, lambda g, y, x: g)


ONE = np.ones(())
W = RNG.standard_normal((4, 6))

# fmt: off
PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "a constant, flipped":      grad(lambda x: np.sum(np.flip(np.sin(x), 1) * W)),
    "the argument, raised":     lambda x: np.exp(np.atleast_1d(x * 1) * 2.0),
    "the same twice":           lambda x: [x + 1, x + 1],
    "the same as a view":       lambda x: [y := np.exp(x), y.T, y[1:], y.reshape(-1)],
    "parts of a split":         lambda x: (e := np.exp(x), [a + b for a, b in [np.split(e, 2)]], e * 3.0)[1:],
    "parts, used after":        lambda x: (e := np.exp(x), p := np.split(e, 2), t := e * 3, p[0] + p[1] + np.sum(t))[3],
    "parts themselves":         lambda x: np.split(np.exp(x), 2),
    "parts of the argument":    lambda x: np.split(x, 2),
    "the argument":             lambda x: x,
    "the argument as a view":   lambda x: [x.T, x[0], np.broadcast_to(x, (2, *x.shape)), np.atleast_3d(x)],
    "a captured array":         lambda x: [W, W.T, x * 1.0, handed_on(x, W)],
    "what a function keeps":    lambda x: [of_its_own(x), of_its_own(x) + 1, np.sin(of_its_own(x))],
    "handed on":                lambda x: (e := np.exp(x), h := handed_on(x, e), t := e * 2, [h + t, np.sum(t * h)])[3],
    "handed on from outside":   lambda x: [np.sin(handed_on(np.exp(x), x)) * 2 + 1, handed_on(x, x)],
    "broadcast together":       lambda x: [a * 2 + b for a, b in [np.broadcast_arrays(np.exp(x), np.sin(x[0]))]],
    "a grid":                   lambda x: [g * 2 for g in np.meshgrid(x[0], np.exp(x[1]), copy=False)],
    "at least":                 lambda x: [-np.atleast_2d(np.exp(x)), np.tanh(np.atleast_2d(x[0]))],
    "rotated":                  lambda x: (e := np.exp(x), r := np.rot90(e), u := e * 2.0, r + u.T)[3],
    "real parts":               lambda x: (e := np.exp(x), r := np.real(e), u := e * 2.0, r + u)[3],
    "no differences":           lambda x: (e := np.exp(x), r := np.diff(e, n=0), u := e * 2.0, r + u)[3],
    "einsum views":             lambda x: (e := np.exp(x), r := np.einsum("ij->ji", e), u := e * 2.0, r.T + u)[3],
    "a 0-d constant":           lambda x: [np.broadcast_to(ONE, ()), ONE, ONE + 0 * x, np.reshape(ONE * np.sum(x), ())],
    "0-d views":                lambda x: [np.sum(x), np.reshape(np.sum(x), ()), x[0, 0, ...], np.exp(x)[0, 0, ...]],
    "in lists":                 lambda x: {"a": [x, (x, W)], "b": np.exp(x)},
    "reused many times":        lambda x: [
        y := np.tanh(x @ x.T / len(x)), -y, np.sum(-y), np.sin(y.T) * y, (y + y.T)[::-1]],
    "cleaned":                  lambda x: (e := np.exp(x), r := np.nan_to_num(e, copy=False), u := e * 2.0, r + u)[3],
    "through astype":           lambda x: [x.astype(x.dtype), x.astype(np.float32), x.copy(), +x],
}
# fmt: on


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_is_overwritten_and_nothing_is_shared(name: str, size: str) -> None:
    f = PROGRAMS[name]
    if size == "large" and f is not PROGRAMS["a constant, flipped"]:
        for x in (LARGE.copy(), LARGE.T, LARGE[::-1]):
            fenced(f, x, captured=[W, KEPT, ONE])
    for x in (X.copy(), X[:, ::-1], np.asfortranarray(X)):
        fenced(f, x, captured=[W, KEPT, ONE])


def test_arguments_that_are_the_same_array_or_overlap_or_are_captured() -> None:
    x = LARGE.copy()

    def f(a: Any, b: Any) -> Any:
        c = np.sin(a) * b
        return [c + x, a, b, a + b, np.exp(b) * 2 + c, x]

    for a, b in [(x, x), (x, x.T), (x[:-1], x[1:]), (x[:, 0], x[0])]:
        if a.shape == x.shape:
            fenced(f, a, b, captured=[x])
        fenced(lambda a, b: [a + b, np.exp(a) * b - a, a, b], a, b)
    program = compile(f, backend="numpy")
    y = x + 1
    for a, b in [(x, x), (x, y), (y, x), (y, y)]:
        agree(program(a, b), f(a, b))


def test_read_only_and_stretched_arguments() -> None:
    x = np.broadcast_to(LARGE[0], LARGE.shape)
    fenced(lambda x: [np.sin(x) * 2 + x, x, x.T], x)


# --- What training leaves ------------------------------------------------------------------------------------------


def test_a_batch_that_a_training_step_flips() -> None:
    for n in (4, 80):
        X, y = RNG.standard_normal((n, n)), np.arange(n) % 3
        model = nn.Dense(n, 3, rng=0, dtype=np.float64)
        optimizer = nn.SGD(model.parameters(), lr=0.1)

        def step(X: Any, y: Any, model: Any = model, optimizer: Any = optimizer) -> Any:
            both = [np.flip(X, 1), X, np.fliplr(X), np.flipud(X) * 1]
            loss = sum(nn.cross_entropy(model(x), y) for x in both)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss, both

        fenced(step, X, y, parameters=model.parameters())


@pytest.mark.parametrize("shape", [(), (1,), (3, 3), (60, 60)])
def test_gradients_share_no_memory(shape: tuple[int, ...]) -> None:
    """a + b gives both one gradient; what is added to them is a constant, or the gradient of a third."""
    c, start = RNG.standard_normal((2, *shape))
    a, b, d, e = parameters = [Tensor(start, requires_grad=True) for _ in range(4)]

    def step(x: Any) -> Any:
        for p in parameters:
            p.grad = None
        y = (a + b) * c + d * x + np.reshape(np.transpose(e), shape)
        loss = y.sum()
        loss.backward()
        return loss, a.grad, y, d.numpy()

    fenced(step, RNG.standard_normal(shape), captured=[c], parameters=parameters)


def test_updates_share_no_memory() -> None:
    """Parameters that are set to each other, to constants, to arguments and to what is returned."""
    a, b, c, d = parameters = [Tensor(LARGE, requires_grad=True) for _ in range(4)]

    def step(x: Any) -> Any:
        moved = a.data * 0.5 + x
        a.data = moved
        b.data = moved
        c.data = x
        d.data = LARGE
        return moved, a.data, x

    fenced(step, LARGE.copy(), captured=[LARGE], parameters=parameters)


def test_what_is_updated_may_be_returned() -> None:
    for n in (3, 60):
        w = Tensor(np.ones((n, n)), requires_grad=True)

        def step(x: Any, w: Any = w) -> Any:
            w.grad = None
            loss = ((w * x) ** 2).sum()
            loss.backward()
            w.data -= 0.01 * w.grad
            return loss, w.data, w.grad, w.numpy().T

        fenced(step, RNG.standard_normal((n, n)), parameters=[w])


def test_gradients_and_parameters_that_the_user_holds() -> None:
    """As arguments, as views, and as what other leaves are made of."""
    w, v = (Tensor(LARGE, requires_grad=True) for _ in range(2))

    @compile(backend="numpy")
    def step(x: Any) -> Any:
        w.grad = v.grad = None
        ((w * v) ** 2 * x).sum().backward()
        w.data -= 0.01 * w.grad
        v.data -= 0.01 * v.grad

    step(LARGE)
    assert w.grad is not None
    for view in (lambda x: x, lambda x: x.T, lambda x: x[:]):
        for array in (w.grad, v.grad, w.data, v.numpy()):
            x = view(array)
            before = x.copy()
            step(x)
            same(x, before)
    flat = LARGE.reshape(-1).copy()
    w.assign(flat.reshape(LARGE.shape))
    v.assign(np.broadcast_to(flat[:60], LARGE.shape))
    step(LARGE)
    same(flat, LARGE.reshape(-1))
    assert not np.may_share_memory(w.numpy(), flat)


def test_what_a_repeated_call_was_given_is_not_written_to() -> None:
    seen: list[tuple[Any, Any]] = []

    def look(x: Any) -> None:
        seen.append((x, x.copy()))

    def f(x: Any) -> Any:
        e = np.exp(x)
        anew(look, e.T)
        t = e * 2
        return [np.sin(t) * 3, e]

    program = compile(f, backend="numpy")
    for _ in range(3):
        e = program(LARGE)[1]
        for array, numbers in seen:
            same(array, numbers)
            assert not np.may_share_memory(array, e)


def test_nodes_of_numbers_that_never_change_are_made_anew() -> None:
    """The gradient of a step function is 0 whatever the argument is, and so a constant of the program."""

    def f(x: Any) -> Any:
        t = Tensor(x, requires_grad=True)
        zeros = gradients(np.floor(np.broadcast_to(t, (3, *x.shape))), [t], np.ones((3, *x.shape)), create_graph=True)
        return zeros, Tensor(np.zeros_like(x)), Tensor(np.ones(3)), Value(2.0), Tensor(ONE)

    for x in (np.array(1.5), X, LARGE):
        fenced(f, x, captured=[ONE])
        program = compile(f, backend="numpy")
        once, again = program(x), program(x)
        nothing_is_shared(arrays_in(once), again)


def test_value_and_grad_of_lists() -> None:
    f = value_and_grad(lambda xs, y: sum(np.sum(x * y) for x in xs) + np.sum(xs[0]), argnums=(0, 1))
    x = LARGE.copy()
    fenced(f, [x, x, x.T], x)
    fenced(f, [x, LARGE], W[0, 0] * x)


def test_a_program_keeps_nothing_of_its_trace_and_the_trace_no_more_than_a_graph() -> None:
    x = np.ones((100, 1000))

    def f(x: Any) -> Any:
        total = 0.0
        for i in range(30):  # thirty times the memory of x, of which only a few are needed at once
            total = total + np.sum(np.tanh(x + i)) * np.log(i + 2)
        return total

    program = compile(f, backend="numpy")
    tracemalloc.start()
    try:
        assert program(x) == pytest.approx(f(x))
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 4 * x.nbytes
    assert peak < 8 * x.nbytes


def test_a_trace_has_the_numbers_of_its_run_whatever_they_are_wrapped_in() -> None:
    def look(*numbers: Any) -> int:  # raises in the trace, too
        same(list(numbers), [X + 1, np.sum(X * (X + 1)), 2 * (X + 1), X + 1])
        return 0

    def f(x: Any) -> Any:
        weights = x + 1
        t = Tensor(x, requires_grad=True)
        y = np.sum(t * weights)
        anew(look, weights, y.numpy(), *gradients(y, [t], gradient=np.sum(x) * 0 + 2), Tensor(weights).numpy())
        return y.detach()

    compile(f, backend="numpy")(X)
