"""What a program reads and writes by reference: leaves, arrays, numbers, modes, generators. Nothing is baked in."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree, same

import nn
from autograd import StaleGraphError, Tensor, TraceError, anew, compile, grad, hvp

RNG = np.random.default_rng(8)
X, Y = RNG.standard_normal((2, 3, 4))


def numpy(f: Callable[..., Any]) -> Any:
    """Compiled to NumPy: numba would take seconds for each."""
    return compile(f, backend="numpy")


# --- Leaves that the function refers to ------------------------------------------------------------------------------


def descent(w: Tensor, x: Any) -> Callable[[], Any]:
    """A step of gradient descent by hand."""

    def step() -> Any:
        w.grad = None
        loss = ((w * x) ** 2).sum()
        loss.backward()
        w.data -= 0.1 * w.grad
        return loss

    return step


@pytest.mark.parametrize("shape", [(), (3, 4), (100, 200)])
def test_what_the_user_holds_keeps_its_numbers(shape: tuple[int, ...]) -> None:
    x, start = RNG.standard_normal((2, *shape))
    w = Tensor(start, requires_grad=True)
    program = numpy(descent(w, x))
    expected = Tensor(start, requires_grad=True)
    eager = descent(expected, x)
    held: list[tuple[Any, Any]] = []
    for _ in range(4):
        graph = (w * w).sum()
        views = [w.numpy(), w.data, w.detach().numpy(), *([] if w.grad is None else [w.grad])]
        held += [(view, view.copy()) for view in views]
        program()
        eager()
        agree([w.numpy(), w.grad], [expected.numpy(), expected.grad], scale=1)
        numbers = views[0].copy()
        graph.backward()  # with the numbers that it saw
        agree(w.grad, expected.grad + 2 * numbers, scale=1)
        w.grad = np.array(expected.grad)
        for view, value in held:
            same(view, value)
    assert len(program.entries) == 1


def test_a_graph_from_before_a_step_that_needs_the_numbers_says_that_it_is_stale() -> None:
    w = Tensor(X, requires_grad=True)
    graph = (w**3).sum()
    numpy(descent(w, Y))()
    with pytest.raises(StaleGraphError):
        graph.backward(create_graph=True)


def test_numbers_that_are_set_between_calls_are_read() -> None:
    w = Tensor(X, requires_grad=True)
    program = numpy(lambda: (w * 2).numpy())
    same(program(), 2 * X)
    w.data = Y
    same(program(), 2 * Y)
    w.data[0, 0] = 9.0
    assert program()[0, 0] == 18.0
    w.assign(X.copy())
    same(program(), 2 * X)


def test_gradients_accumulate_start_as_none_and_are_the_users() -> None:
    w, v = (Tensor(X, requires_grad=True) for _ in range(2))

    def accumulate(w: Tensor) -> Callable[[], None]:
        return lambda: (w * w).sum().backward()

    program, eager = numpy(accumulate(w)), accumulate(v)
    for i in range(4):
        if i == 2:
            w.grad, v.grad = Y.copy(), Y.copy()
        program()
        eager()
        agree(w.grad, v.grad)
        kept = w.grad
        before = kept.copy()
        program()
        eager()
        same(kept, before)
        agree(w.grad, v.grad)
    w.grad = v.grad = None
    program()
    eager()
    agree(w.grad, v.grad)
    assert len(program.entries) == 2


def test_a_gradient_that_is_set_to_what_it_is_already_is_set_in_each_call() -> None:
    w, unused = Tensor(X, requires_grad=True), Tensor(Y, requires_grad=True)

    def step() -> None:
        w.grad = unused.grad = None
        (w * w).sum().backward()

    program = numpy(step)
    program()
    unused.grad = Y.copy()
    program()
    assert unused.grad is None
    agree(w.grad, 2 * X)


def test_frozen_parameters_hooks_and_replaced_objects_are_traced_anew() -> None:
    model = nn.Dense(4, 2, rng=0, dtype=np.float64)
    program = numpy(lambda x: (model(x) ** 2).sum().backward())

    def slope(x: Any) -> Any:
        model.zero_grad()
        program(x)
        ours = [p.grad for p in model.parameters()]
        model.zero_grad()
        (model(x) ** 2).sum().backward()
        agree(ours, [p.grad for p in model.parameters()])
        return ours

    slope(X)
    model.W.requires_grad = False
    assert slope(X)[0] is None
    model.W.requires_grad = True
    assert slope(X)[0] is not None
    remove = model.b.register_hook(lambda g: 10 * g)
    ten = slope(X)[1]
    remove()
    agree(ten, 10 * slope(X)[1])
    model.W = nn.Parameter(np.ones((4, 2)), np.float64)
    slope(X)
    model.activation = nn.tanh
    slope(X)


def test_numbers_in_closures_and_globals_are_traced_anew() -> None:
    factor, table = 2.0, np.arange(4.0)

    def f(x: Any) -> Any:
        return factor * x + table + OFFSET

    global OFFSET
    program = numpy(f)
    same(program(X), 2 * X + table + 1)
    factor = 3.0
    same(program(X), 3 * X + table + 1)
    table[0] = 100.0  # the array is read
    same(program(X), 3 * X + table + 1)
    table = np.ones(4)
    same(program(X), 3 * X + table + 1)
    OFFSET = 2.0
    same(program(X), 3 * X + table + 2)
    OFFSET = 1.0
    same(program(X), 3 * X + table + 1)


OFFSET = 1.0


def scaled(x: Any) -> Any:
    return OFFSET * shifted(x)


def shifted(x: Any) -> Any:
    return np.sum(x * x) + SHIFT * np.sum(x)


SHIFT = 1.0


def test_so_are_those_of_helpers_and_of_what_a_transform_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    programs = [numpy(grad(scaled)), numpy(lambda x: grad(scaled)(x)), numpy(lambda x: hvp(scaled, x, x))]
    expected = [grad(scaled), grad(scaled), lambda x: hvp(scaled, x, x)]
    for name, value in (("OFFSET", 1.0), ("OFFSET", 2.0), ("SHIFT", 3.0), ("shifted", lambda x: np.sum(np.tanh(x)))):
        monkeypatch.setitem(globals(), name, value)
        for program, f in zip(programs, expected):
            agree(program(X), f(X), scale=1)


def test_labels_and_masks_in_closures_are_read() -> None:
    labels, mask, index = np.array([0, 1, 2]), X > 0, np.array([0, 0, 2])
    w = Tensor(X, requires_grad=True)

    def loss() -> Any:
        picked = np.where(mask, w, 2 * w)[index]
        w.grad = None
        (nn.cross_entropy(w, labels) + (picked * picked).sum()).backward()
        return w.grad

    program = numpy(loss)
    same(program().shape, (3, 4))
    for _ in range(3):
        labels[:] = np.roll(labels, 1)
        mask[:] = ~mask
        index[:] = (index + 1) % 3
        agree(program(), loss())
    assert len(program.entries) == 1
    labels[0] = 7
    with pytest.raises(ValueError, match="labels from"):
        program()


def test_modes_rates_and_probabilities() -> None:
    dropout = nn.Dropout(0.5, rng=0)
    twin = nn.Dropout(0.5, rng=0)
    program = numpy(lambda x: dropout(x))
    for change in ({}, {"training": False}, {"training": True}, {"p": 0.25}, {"p": 0.0}, {"p": 0.5}):
        vars(dropout).update(change)
        vars(twin).update(change)
        for _ in range(2):
            agree(program(X), twin(X))
    assert dropout.rng.bit_generator.state == twin.rng.bit_generator.state
    dropout.rng, twin.rng = np.random.default_rng(4), np.random.default_rng(4)
    agree(program(X), twin(X))


def test_random_layers_draw_anew() -> None:
    noise = nn.GaussianNoise(1.0, rng=0)
    program = numpy(lambda x: noise(x))
    draws = [program(X) for _ in range(4)]
    assert len({draw.tobytes() for draw in draws}) == 4


class Jitter(nn.Module):
    """A layer of the user's that draws as NumPy's users do."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)

    def forward(self, x: Any) -> Any:
        return x + self.rng.standard_normal(x.shape)


def test_a_draw_that_would_be_the_same_in_each_call_is_refused() -> None:
    rng, layer = np.random.default_rng(0), Jitter()
    before = rng.bit_generator.state
    for f in (lambda x: x + rng.random(x.shape), lambda x: layer(x), lambda x: x + np.random.rand(2)[0]):  # noqa: NPY002
        with pytest.raises(TraceError, match=r"a generator drew.*autograd\.anew\(rng\.random, shape\)"):
            numpy(f)(X)
    with pytest.raises(TraceError, match="a generator drew"):
        numpy(lambda x, g: x + g.random(x.shape))(X, rng)
    assert rng.bit_generator.state == layer.rng.bit_generator.state == before
    program, twin = numpy(lambda x: x + anew(rng.random, x.shape)), np.random.default_rng(0)
    for _ in range(3):
        same(program(X), X + twin.random(X.shape))


@pytest.mark.parametrize("draws_itself", [False, True])
def test_a_draw_of_another_thread_is_no_draw_of_the_function(draws_itself: bool) -> None:
    found: list[float] = []
    elsewhere, go, done = threading.Event(), threading.Semaphore(0), threading.Semaphore(0)

    def draw() -> None:
        while go.acquire() and not elsewhere.is_set():
            if len(found) < 2:
                found.append(random.random())
            done.release()

    thread = threading.Thread(target=draw)
    thread.start()

    def f(x: Any) -> Any:
        go.release()
        done.acquire()
        return x * (random.random() if draws_itself else 2.0)

    before = random.getstate()
    try:
        if draws_itself:
            with pytest.raises(TraceError, match="a generator drew"):
                numpy(lambda x: f(x))(X)
            assert random.getstate() == before
        else:
            same(numpy(lambda x: f(x))(X), 2 * X)
            assert len({*found, random.random()}) == 3  # none is drawn twice
    finally:
        elsewhere.set()
        go.release()
        thread.join()
