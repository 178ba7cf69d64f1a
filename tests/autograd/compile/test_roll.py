"""Loops stay loops: what was traced turn by turn is one turn in the program, and gives what it gave."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree, same

import nn
from autograd import anew, compile, grad, unstack, value_and_grad
from autograd.compile import calls
from autograd.compile.program import Op, Program
from autograd.compile.repetition import Loop
from autograd.compile.unroll import same as is_unrolled
from autograd.trees import leaves

rolling: Any = sys.modules["autograd.compile.roll"]
RNG = np.random.default_rng(3)
W, U, B = RNG.standard_normal((3, 4)), RNG.standard_normal((4, 4)) / 3, np.zeros(4)


def network(turns: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A simple recurrent network over the rows of an array, and its gradients."""

    def loss(W: Any, U: Any, b: Any, xs: Any) -> Any:
        h = np.zeros((2, 4))
        for t in range(turns):
            h = np.tanh(xs[t] @ W + h @ U + b)
        return np.sum(h * h)

    return value_and_grad(loss, (0, 1, 2)), (W, U, B, RNG.standard_normal((turns, 2, 3)))


def ode(turns: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Steps of Runge and Kutta for foxes and rabbits, and the gradient by four parameters."""

    def slope(y: Any, p: Any) -> Any:
        return np.stack([p[0] * y[0] - p[1] * y[0] * y[1], p[2] * y[0] * y[1] - p[3] * y[1]])

    def loss(p: Any) -> Any:
        y, h = np.array([1.0, 1.0]), 0.05
        for _ in range(turns):
            k1 = slope(y, p)
            k2 = slope(y + h / 2 * k1, p)
            k3 = slope(y + h / 2 * k2, p)
            k4 = slope(y + h * k3, p)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return np.sum(y**2)

    return value_and_grad(loss), (np.array([0.75, 0.5, 0.5, 1.5]),)


def descent(turns: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Gradient steps of a least-squares problem, differentiated by the rate."""
    A, b = RNG.standard_normal((6, 3)), RNG.standard_normal(6)

    def last(rate: Any) -> Any:
        w = np.zeros(3)
        for _ in range(turns):
            w = w - rate * grad(lambda w: np.mean((A @ w - b) ** 2))(w)
        return np.mean((A @ w - b) ** 2)

    return value_and_grad(last), (0.1,)


def layers(turns: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Layers of equal shape, each with a matrix and a rate of its own."""
    rates = [0.1 * 0.9**t for t in range(turns)]

    def loss(x: Any, weights: Any) -> Any:
        for weight, rate in zip(weights, rates):
            x = x + rate * np.tanh(x @ weight)
        return np.sum(x * x)

    return value_and_grad(loss, (0, 1)), (RNG.standard_normal((2, 4)), [U + 0.01 * t for t in range(turns)])


def nested(turns: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Loops in loops: epochs over batches, with a schedule."""

    def f(w: Any, xs: Any) -> Any:
        for _ in range(turns):
            for i in range(6):
                w = w - 0.1 * np.tanh(xs[i] * w) * xs[i]
                w = w + 0.01 * np.sin(w)
            w = w * 0.99
        return w

    return f, (np.ones(3), RNG.standard_normal((6, 3)))


def collected(turns: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """All states as one array, some by themselves, and a last turn that is different."""

    def f(x: Any) -> Any:
        states = []
        for t in range(turns):
            x = np.sin(x[::-1] * 1.1) + x
            x = x + np.cos(x) if t == turns - 1 else x * 0.9
            states.append(x)
        return np.stack(states, axis=1), np.concatenate(states[::-1]), states[2], states[-2], x

    return f, (RNG.standard_normal(5),)


def delayed(turns: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A method of two steps: each turn needs the two before."""

    def f(x: Any) -> Any:
        before, now = x, np.sin(x)
        for _ in range(turns):
            before, now = now, np.tanh(now + 0.1 * (1.5 * np.cos(now) - 0.5 * np.cos(before)))
        return np.sum(now)

    return value_and_grad(f), (RNG.standard_normal(3),)


def windows(turns: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Slices that move evenly, forward and backward, and integers that count."""

    def f(x: Any) -> Any:
        total = 0.0
        for t in range(turns):
            total = total + np.sum(x[2 * t : 2 * t + 3] * t) * np.sum(x[turns - t : turns - t + 2])
        return total

    return value_and_grad(f), (RNG.standard_normal(2 * turns + 3),)


LOOPS = [network, ode, descent, layers, nested, collected, delayed, windows]


def lines_of(make: Callable[[int], Any], turns: int) -> int:
    """How long the source is for so many turns."""
    f, args = make(turns)
    program = compile(f, backend="numpy")
    program(*args)
    return str(program.source).count("\n")


@pytest.mark.parametrize("make", LOOPS)
def test_it_gives_what_the_turns_give(make: Callable[[int], Any]) -> None:
    f, args = make(12)
    program = compile(f, backend="numpy")
    before = [np.array(x) for x in leaves(list(args))]
    for _ in range(2):
        found, expected = leaves(program(*args)), leaves(f(*args))
        for x, y in zip(found, expected, strict=True):
            agree(x, y)
    assert all(np.array_equal(x, y) for x, y in zip(before, leaves(list(args))))
    assert " in range(" in program.source


@pytest.mark.parametrize("make", [x for x in LOOPS if x not in (nested, delayed)])
def test_its_source_is_as_long_for_more_turns(make: Callable[[int], Any]) -> None:
    assert lines_of(make, 40) == lines_of(make, 20)


def test_loops_in_loops_are_loops() -> None:
    assert lines_of(nested, 40) == lines_of(nested, 20) < 25


def test_what_comes_out_of_an_inner_loop_is_used_after_the_turn_that_made_it() -> None:
    """Part of it is taken when the next turn has begun to be written: it raised KeyError."""

    def f(x: Any, w: Any) -> Any:
        s = x[0]
        for t in range(8):
            for i in range(6):
                s = np.tanh(s * x[i] + x[t] @ w)
            s = s + x[t + 8]
        return np.sum(s)

    x, w = np.random.default_rng(0).uniform(-0.9, 0.9, (16, 3)), np.eye(3) * 0.5
    agree(compile(grad(f), backend="numpy")(x, w), grad(f)(x, w), ulps=64)


def test_a_part_of_a_list_is_read_after_the_loop_that_took_it_last() -> None:
    """It was read again where it is used, in a later loop, whose counter is another."""

    def f(x: Any) -> Any:
        states, h = [], x
        for _ in range(11):
            h = np.tanh(h * 1.1 + x)
            states.append(h)
        for h in states:
            z = x
            for _ in range(7):
                z = np.sin(z * h)
            x = np.cos(z)
        return np.sum(x)

    x = np.linspace(0.1, 0.9, 3)
    agree(compile(grad(f), backend="numpy")(x), grad(f)(x), ulps=64)


def test_a_recurrent_network_reads_like_a_book() -> None:
    f, args = network(50)
    program = compile(f, backend="numpy")
    program(*args)
    assert "for i in range(50):\n        z1 = np.dot(xs[i], W)\n" in program.source
    assert "for i in range(49, 0, -1):\n" in program.source
    assert "    dW = np.dot(xs.reshape(" in program.source


def test_an_lstm_reads_like_a_book() -> None:
    cell, head = nn.LSTM(32, 64, rng=0), nn.Dense(64, 10, rng=0)
    optimizer = nn.SGD([*cell.parameters(), *head.parameters()], lr=0.1)

    def step(x: Any, y: Any) -> Any:
        loss = nn.cross_entropy(head(cell(x)[0][:, -1]), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    program = compile(step, backend="numpy")
    program(RNG.standard_normal((32, 50, 32)).astype(np.float32), RNG.integers(0, 10, 32))
    assert program.source.count("\n") < 100
    assert "[c" not in program.source  # zeros that each turn makes are made once


def test_what_is_different_stays_as_it_is() -> None:
    def f(x: Any) -> Any:
        for t in range(21):
            x = np.cos(x) if t == 10 else np.sin(x) * 0.5 + 0.1
        return x

    program = compile(f, backend="numpy")
    agree(program(np.ones(3)), f(np.ones(3)))
    assert program.source.count("for i in range(") + program.source.count("for _ in range(10)") == 2
    assert program.source.count("np.cos") == 1


def test_few_turns_stay_lines() -> None:
    assert "for " not in compiled_source(lambda x: np.sin(np.sin(np.sin(np.sin(x * 2) * 2) * 2) * 2))


def compiled_source(f: Callable[..., Any]) -> str:
    """The source for three ones."""
    program = compile(f, backend="numpy")
    program(np.ones(3))
    return str(program.source)


def test_draws_of_a_loop_come_in_order() -> None:
    def f(x: Any, rng: Any) -> Any:
        for _ in range(9):
            x = np.tanh(x + anew(rng.random, 3)) * anew(rng.random)
            x = x * 0.9
        return x

    mine, theirs = np.random.default_rng(1), np.random.default_rng(1)
    program = compile(lambda x: f(x, mine), backend="numpy")
    for _ in range(3):
        agree(program(np.ones(3)), f(np.ones(3), theirs))
    assert program.source.count("rng.random") == 2


def test_arrays_of_a_loop_are_read_anew() -> None:
    arrays = [np.full(3, 1.0 + i) for i in range(30)]

    def f(x: Any) -> Any:
        for a in arrays:
            x = np.sin(x * a)
        return x

    program = compile(f, backend="numpy")
    for _ in range(2):
        agree(program(np.ones(3)), f(np.ones(3)))
        arrays[7] *= 2
    assert program.source.count("np.sin") == 1


@pytest.mark.parametrize("make", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_step_of_a_recurrent_network(make: Callable[..., Any]) -> None:
    X, y = RNG.standard_normal((4, 50, 3)), RNG.integers(0, 2, 4)

    def trained(compiles: bool) -> tuple[Any, list[Any]]:
        cell, head = make(3, 5, rng=0, dtype=np.float64), nn.Dense(5, 2, rng=0, dtype=np.float64)
        optimizer = nn.SGD([*cell.parameters(), *head.parameters()], lr=0.1)

        def step(X: Any, y: Any) -> Any:
            loss = nn.cross_entropy(head(cell(X)[0][:, -1]), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        run = compile(step, backend="numpy") if compiles else step
        losses = [run(X, y).item() for _ in range(3)]
        return losses, [p.data for p in optimizer.params]

    losses, parameters = trained(compiles=True)
    expected, others = trained(compiles=False)
    agree(np.array(losses), np.array(expected))
    for x, z in zip(parameters, others, strict=True):
        agree(x, z)


def test_the_gradient_of_parts_in_order_is_added_at_their_places() -> None:
    def f(x: Any) -> Any:
        h = x[0] * 0
        for part in unstack(x, axis=0)[2:]:  # and nothing comes to x[1]: the sum is no stack
            h = np.tanh(h + part * part)
        return np.sum(h)

    x = RNG.standard_normal((30, 4))
    program = compile(grad(f), backend="numpy")
    agree(program(x), grad(f)(x))
    assert "] += " in program.source
    agree(program(-x), grad(f)(-x))
    same(np.signbit(program(x * 0)), np.signbit(grad(f)(x * 0)))


def test_a_sum_that_was_there_before_is_not_written_to() -> None:
    def f(x: Any, g: Any) -> Any:
        total, seen = g * 2, []
        for t in range(30):
            total = total + x[t]
            seen.append(total)
        first = g * 3
        for t in range(30):
            first = first + x[t]
        return total, seen[3], first, g * 3

    x, g = RNG.standard_normal((30, 4)), RNG.standard_normal(4)
    program = compile(f, backend="numpy")
    for mine, theirs in zip(leaves(program(x, g)), leaves(f(x, g)), strict=True):
        agree(mine, theirs)


def test_a_turn_of_one_line_is_a_list() -> None:
    def f(x: Any, last: bool) -> Any:
        rows = [np.sin(x[i]) for i in range(30)]
        return (np.stack(rows), rows[-1] * 2) if last else np.stack(rows)

    for last in (False, True):
        program, x = compile(lambda x, last=last: f(x, last), backend="numpy"), RNG.standard_normal((30, 3))
        for mine, theirs in zip(leaves([program(x)]), leaves([f(x, last)]), strict=True):
            agree(mine, theirs)
        assert ("[np.sin(x[i]) for i in range(30)]" in program.source) is not last


# --- nothing is believed --------------------------------------------------------------------------------------------


def rolled(f: Callable[..., Any], args: Any) -> tuple[Program, Program, Any]:
    """A program, the same with loops, and what rolled it."""
    program = calls(f, args)
    roller = rolling.Roller(program)
    return program, roller.rolled(), roller


def first_loop(program: Program) -> tuple[Op, Loop]:
    """The first loop in a program."""
    return next((op, op.fun) for op in program.ops if isinstance(op.fun, Loop))


def another_carried(call: Op, loop: Loop) -> None:
    x, _ = next(iter(loop.carried.items()))
    loop.carried[x] = loop.ops[0]


def another_start(call: Op, loop: Loop) -> None:
    x = loop.counters[0]
    x.place = dataclasses.replace(x.place, start=x.place.start + 1)


def another_function(call: Op, loop: Loop) -> None:
    next(op for op in loop.ops if op.fun is np.tanh).fun = np.sin


def another_operand(call: Op, loop: Loop) -> None:
    op = next(op for op in loop.ops if op.fun is np.matmul)
    op.args = op.args[::-1]


def another_count(call: Op, loop: Loop) -> None:
    loop.count -= 1


def another_output(call: Op, loop: Loop) -> None:
    loop.outputs = [pair and (loop.ops[0], pair[1]) for pair in loop.outputs]


def another_argument(call: Op, loop: Loop) -> None:
    call.args = (call.args[-1], *call.args[1:])


@pytest.mark.parametrize(
    "spoil",
    [
        another_carried,
        another_start,
        another_function,
        another_operand,
        another_count,
        another_output,
        another_argument,
    ],
)
def test_a_loop_that_is_not_the_turns_is_found_out(spoil: Callable[[Op, Loop], None]) -> None:
    program, found, roller = rolled(*network(9))
    assert is_unrolled(found, program, roller)
    spoil(*first_loop(found))
    assert not is_unrolled(found, program, roller)


def test_a_turn_takes_the_parts_of_a_loop_only_with_the_loop() -> None:
    model = nn.scalar.MLP(2, [8, 8, 1], rng=0)
    points = [[0.5, -1.0], [2.0, 0.25]]

    def step(points: list[list[float]]) -> list[float]:
        loss: Any = sum(nn.relu(1 - model(x)) for x in points) + sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        return [p.grad for p in model.parameters()]

    expected = step(points)
    np.testing.assert_allclose(compile(step, backend="numpy")(points), expected, rtol=1e-12)
