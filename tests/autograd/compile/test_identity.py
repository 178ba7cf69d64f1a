"""Which leaves are the same: a program that was made for one pattern of them does not run for another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree

import nn
from autograd import Tensor, Value, compile, value_and_grad

A, B, C = np.random.default_rng(5).standard_normal((3, 4))


def leaves(kind: type) -> list[Any]:
    """Three leaves with numbers of their own."""
    if kind is Value:
        return [Value(2.0), Value(3.0), Value(5.0)]
    return [Tensor(x, requires_grad=True) for x in (A, B, C)]


def step(*nodes: Any) -> Any:
    """A step that reads, differentiates by and writes all that it gets."""
    for node in nodes:
        node.grad = None
    loss = sum((i + 2) * node * node * nodes[0] for i, node in enumerate(nodes))
    loss = loss if isinstance(loss, Value) else loss.sum()
    loss.backward()
    for node in nodes:
        node.data -= 0.125 * node.grad
    return loss


PATTERNS = [(0, 0), (0, 1), (1, 1), (1, 0), (2, 1), (0, 0), (2, 2)]


@pytest.mark.parametrize("kind", [Tensor, Value])
def test_the_same_leaf_at_two_positions(kind: type) -> None:
    ours, theirs = leaves(kind), leaves(kind)
    program = compile(step, backend="numpy")
    for pattern in PATTERNS:
        agree(program(*(ours[i] for i in pattern)).data, step(*(theirs[i] for i in pattern)).data)
        agree([x.data for x in ours], [x.data for x in theirs])
        agree([x.grad for x in ours], [x.grad for x in theirs])
    assert len(program.entries) == 2  # one for two leaves, one for the same twice


@pytest.mark.parametrize("kind", [Tensor, Value])
@pytest.mark.parametrize("order", [(0, 1, 2, 0), (1, 0, 1, 2)])
def test_a_leaf_that_the_function_also_refers_to(kind: type, order: tuple[int, ...]) -> None:
    ours, theirs = leaves(kind), leaves(kind)
    program = compile(lambda x: step(x, ours[0]), backend="numpy")
    for i in order:
        agree(program(ours[i]).data, step(theirs[i], theirs[0]).data)
        agree([x.data for x in ours], [x.data for x in theirs])
        agree([x.grad for x in ours], [x.grad for x in theirs])
    assert len(program.entries) == 2


def test_leaves_in_lists_and_by_keyword() -> None:
    ours, theirs = leaves(Tensor), leaves(Tensor)

    def each(xs: Any, last: Any) -> Any:
        return step(*xs, last)

    program = compile(each, backend="numpy")
    for i, j, k in [(0, 0, 0), (0, 1, 2), (0, 1, 0), (1, 1, 0), (2, 0, 1), (0, 0, 0)]:
        agree(program([ours[i], ours[j]], last=ours[k]), each([theirs[i], theirs[j]], last=theirs[k]))
        agree([x.data for x in ours], [x.data for x in theirs])
        agree([x.grad for x in ours], [x.grad for x in theirs])


def test_a_parameter_of_the_model_as_an_argument() -> None:
    """A penalty on a layer's weights: the gradient of both is the sum."""

    def made() -> tuple[Any, Callable[..., Any]]:
        model = nn.Dense(4, 4, rng=0, dtype=np.float64)
        optimizer = nn.SGD(model.parameters(), lr=0.1)

        def train(x: Any, penalized: Any) -> Any:
            loss = (model(x) ** 2).sum() + (penalized**2).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        return model, train

    (ours, train), (theirs, eager) = made(), made()
    program, x = compile(train, backend="numpy"), A[None]
    for _ in range(2):
        for name in ("W", "b", "W"):
            agree(program(x, getattr(ours, name)), eager(x, getattr(theirs, name)))
            for p, q in zip(ours.parameters(), theirs.parameters()):
                agree([p.data, p.grad], [q.data, q.grad])


def test_other_leaves_of_the_same_kind_need_no_other_program() -> None:
    program = compile(value_and_grad(lambda x, y: (x * y).sum()), backend="numpy")
    for x, y in [(A, B), (B, C), (C, C)]:
        p, q = Tensor(x, requires_grad=True), Tensor(y, requires_grad=True)
        assert program(p, q)[0].item() == pytest.approx(np.sum(x * y))
    assert len(program.entries) == 1


def test_a_step_that_asks_whether_its_optimizers_state_is_another_one() -> None:
    def stepped(wrap: Callable[[Any], Any]) -> list[float]:
        model = nn.MLP(2, 4, 1, rng=0, dtype=np.float64)
        optimizer = nn.SGD(model.parameters(), lr=0.1, momentum=0.9)
        state: Any = optimizer.state

        def step(X: Any) -> Any:
            loss = np.sum(model(X) ** 2)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss if state is not None else None

        step(np.ones((3, 2)))  # there are velocities now
        program = wrap(step)
        return [program(np.ones((3, 2))).item() for _ in range(3)]

    agree(stepped(compile), stepped(lambda step: step), ulps=64)
