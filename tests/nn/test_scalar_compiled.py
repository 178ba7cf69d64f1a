"""Training steps of networks of Values as compiled programs: what they leave behind is what the eager steps do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree

import nn
from autograd import Value, compile, softplus, sumprod

POINTS = [([1.0, 2.0], 1.0), ([3.0, 0.5], -1.0), ([-1.0, 0.25], 1.0)]
Step = Callable[..., Any]


def hinge(model: Any, xs: Any, ys: Any) -> Any:
    return sum((1 - y * model(x)).relu() for x, y in zip(xs, ys)) * (1 / len(xs))


def of_new_values(model: Any, xs: Any, ys: Any) -> Any:
    return sum((model([Value(a) for a in x]) - Value(y)) ** 2 for x, y in zip(xs, ys))


def with_a_penalty(model: Any, xs: Any, ys: Any) -> Any:
    weights = model.parameters()
    return sum(softplus(-y * model(x)) for x, y in zip(xs, ys)) + 1e-3 * sumprod(*weights, *weights)


@pytest.mark.parametrize("loss", [hinge, of_new_values, with_a_penalty], ids=lambda f: f.__name__)
def test_steps_are_those_of_the_function_itself(loss: Callable[..., Any]) -> None:
    def make() -> tuple[Step, Any]:
        model = nn.scalar.MLP(2, [4, 3, 1], rng=0)

        def step(xs: Any, ys: Any, rate: float) -> Any:
            found = loss(model, xs, ys)
            model.zero_grad()
            found.backward()
            for p in model.parameters():
                p.data -= rate * p.grad
            return found.data

        return step, model

    (eager, twin), (step, model) = make(), make()
    program = compile(step, backend="numpy")
    xs, ys = [x for x, _ in POINTS], [y for _, y in POINTS]
    for i in range(4):
        agree(program(xs, ys, 0.1 / (1 + i)), eager(xs, ys, 0.1 / (1 + i)), scale=1)
        found, expected = ([(p.data, p.grad) for p in one.parameters()] for one in (model, twin))
        agree(found, expected, scale=1)
    assert len(program.entries) == 1


def test_a_value_that_is_made_inside_takes_part() -> None:
    w = Value(2.0)

    def slope(a: float) -> Any:
        w.grad = 0.0
        (Value(3.0) * w * Value(a)).backward()
        return w.grad

    program = compile(slope, backend="numpy")
    assert [program(a) for a in (1.0, 2.0, -1.0)] == [3.0, 6.0, -3.0]
    assert np.sign(w.grad) == -1
