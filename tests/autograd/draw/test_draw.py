from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value
from autograd.draw import draw


def test_a_drawing_says_what_it_shows() -> None:
    x = Value(3.0, name="x")
    drawing = draw(x * x + 1)
    assert repr(drawing) == "<Drawing: 1 leaf, 1 constant, 2 operations>"
    assert drawing.title == "The graph of +"


def test_a_folded_drawing_says_so() -> None:
    y = Value(1.0)
    for _ in range(1000):
        y = y.tanh()
    assert repr(draw(y)) == "<Drawing: 1 leaf, 1 operation, 999 folded nodes>"


def test_a_drawing_keeps_the_numbers_of_its_moment() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    numbers = x.data
    drawing = draw(x)
    before = drawing.dot
    numbers[...] = 7.0
    assert drawing.dot == before
    assert draw(x).dot != before


def test_drawing_leaves_no_trace_in_a_later_backward_pass() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    y = np.sum(x * x)
    draw(y)
    assert x.grad is None
    y.backward()
    draw(y)
    np.testing.assert_array_equal(x.grad, [2.0, 4.0])


@pytest.mark.parametrize("node", [3.0, np.ones(2), [Value(1.0)], None])
def test_only_nodes_can_be_drawn(node: Any) -> None:
    with pytest.raises(TypeError, match=f"draw takes a Value or a Tensor, not '{type(node).__name__}'"):
        draw(node)


@pytest.mark.parametrize("options", [{"gradients": "x.svg"}, {"values": "x.svg"}, {"gradients": None}])
def test_a_path_is_no_option(options: Any) -> None:
    with pytest.raises(TypeError, match=r"draw\(y\).save\('y.svg'\)"):
        draw(Value(1.0), **options)


def test_bad_options_are_refused() -> None:
    with pytest.raises(ValueError, match="direction is one of LR, TB, RL, BT, not 'up'"):
        draw(Value(1.0), direction="up")
    with pytest.raises(ValueError, match="max_nodes is at least 2, not 0"):
        draw(Value(1.0), max_nodes=0)
