"""Groups of parameters that are added, and a step in which nothing has a gradient."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn.optim import Optimizer


def parameter(name: str = "p") -> nn.Parameter:
    return nn.Parameter([1.0, -2.0, 3.0], dtype=np.float64, name=name)


def walk(optimizer: Optimizer, steps: int = 3) -> None:
    for step in range(steps):
        for p in optimizer.params:
            p.grad = 2 * p.numpy() + math.sin(step)
        optimizer.step()


# --- groups that are added ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("grouped", [False, True])
def test_an_added_group_moves_as_one_from_the_start_and_the_others_go_on(grouped: bool) -> None:
    p, q = parameter(), parameter("q")
    alone, other = nn.Adam([parameter()], lr=0.1), nn.Adam([parameter()], lr=0.3, betas=(0.5, 0.9))
    optimizer = nn.Adam([{"params": [p]}] if grouped else [p], lr=0.1)
    walk(optimizer), walk(alone)
    optimizer.add_param_group({"params": [q], "lr": 0.3, "betas": (0.5, 0.9)})
    assert optimizer.params == [p, q]
    walk(optimizer), walk(alone), walk(other)
    np.testing.assert_array_equal(p.numpy(), alone.params[0].numpy())
    np.testing.assert_array_equal(q.numpy(), other.params[0].numpy())
    optimizer.lr = 0.2
    assert [group.lr for group in optimizer.groups] == pytest.approx([0.2, 0.6])
    again = nn.Adam([{"params": [parameter()]}, {"params": [parameter()]}])
    again.load_state_dict(optimizer.state_dict())
    walk(optimizer), walk(again)


@pytest.mark.parametrize(
    ("group", "kind", "words"),
    [
        (lambda p: [p], TypeError, r'a group is a dict, \{"params": layer.parameters\(\), "lr": 0.1\}, not a list'),
        (lambda p: {"params": [p]}, ValueError, "SGD got a parameter more than once: p"),
        (lambda p: {"params": [parameter()], "lr": -1}, ValueError, "lr must be at least 0"),
        (lambda p: {"params": [parameter()], "beta": 1}, TypeError, "sets beta"),
        (lambda p: {"params": p}, TypeError, "not a Parameter"),
    ],
)
def test_groups_that_cannot_be_added_change_nothing(group: Any, kind: Any, words: str) -> None:
    p = parameter()
    optimizer = nn.SGD([p], lr=0.1)
    with pytest.raises(kind, match=words):
        optimizer.add_param_group(group(p))
    assert (optimizer.params, optimizer.groups) == ([p], [])
    assert len(optimizer.state) == 1


# --- a step without a gradient ------------------------------------------------------------------------------------


@pytest.mark.parametrize("grouped", [False, True])
def test_a_step_without_any_gradient_warns_once(grouped: bool, recwarn: pytest.WarningsRecorder) -> None:
    p, q = parameter(), parameter("q")
    optimizer = nn.SGD([{"params": [p]}, {"params": [q]}] if grouped else [p, q], lr=0.1)
    with pytest.warns(
        RuntimeWarning, match=r"SGD.step\(\) changed nothing: .* 2 parameters. Call loss.backward\(\)"
    ) as caught:
        optimizer.step()
    assert caught[0].filename == __file__
    optimizer.step()
    other = nn.SGD([p, q], lr=0.1)
    q.grad = np.ones(3)
    other.step()
    assert not recwarn.list


def test_a_compiled_step_without_a_gradient_warns_once() -> None:
    p = parameter()
    optimizer = nn.SGD([p], lr=0.1)

    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss = (p * x).sum()
        optimizer.step()
        return loss

    run = autograd.compile(step, backend="numpy")
    with pytest.warns(RuntimeWarning, match="changed nothing"):
        run(np.ones(3))
    run(np.ones(3))
