"""Tests of autograd/draw/call.py: the picture of what a function computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, draw, no_grad
from autograd.draw.call import called


def names(drawing: Any) -> set[str]:
    return {box.name for box in drawing.scene.boxes if box.name}


def neuron(w: Any, x: Any, b: Any = 0.5) -> Any:
    return np.tanh(w * x + b)


def test_numbers_become_leaves_with_the_names_of_the_arguments() -> None:
    drawing = draw(neuron, 2.0, 3, theme="light")
    assert names(drawing) == {"w", "x", "neuron"}
    w, x = drawing.scene.boxes[:2]
    assert (w.value, x.value) == (2.0, 3.0)
    np.testing.assert_allclose(w.gradient, 3 * (1 - np.tanh(6.5) ** 2))
    assert drawing.title == "The graph of neuron"


def test_arrays_become_tensors_lists_and_dicts_have_named_numbers() -> None:
    assert names(draw(neuron, np.ones((2, 2)), 3.0, 1.0)) == {"w", "x", "b", "neuron"}
    drawing = draw(lambda p, *xs: p["w"][0] * xs[0] + p["b"] * xs[1], {"w": [1.0, 2.0], "b": 2.0}, 3.0, 4.0)
    assert names(drawing) == {"p['w'][0]", "p['b']", "xs[0]", "xs[1]"}


def test_nodes_integers_of_arrays_and_other_things_stay_what_they_are() -> None:
    x = Value(3.0, "mine")
    assert names(draw(lambda x, y: x * y, x, 2.0)) == {"mine", "y"}
    rows = np.array([0, 2])
    drawing = draw(lambda w, rows, how: np.sum(w[rows]) if how == "sum" else None, np.ones(3), rows, "sum")
    assert names(drawing) >= {"w"}
    np.testing.assert_array_equal(drawing.scene.boxes[0].gradient, [1.0, 0.0, 1.0])


def test_a_loss_of_a_model_is_a_function_like_others() -> None:
    model = nn.MLP(2, 3, 1, rng=0)
    drawing = draw(lambda x: nn.mse(model(x), np.zeros((1, 1))), np.ones((1, 2)))
    assert "x" in names(drawing)
    assert "MLP" in {cluster.title for cluster in drawing.scene.clusters}


def test_functions_of_numpy_have_no_names_for_theirs() -> None:
    assert names(draw(np.tanh, 1.0)) == {"x", "tanh"}
    assert names(draw(np.multiply, 1.0, 2.0)) in ({"a", "b", "multiply"}, {"x1", "x2", "multiply"})


def test_nothing_of_the_caller_changes() -> None:
    kept = Value(1.0, "kept") * 2
    array = np.ones(2)
    assert called(lambda x: kept, (1.0,)) is kept
    assert kept.name is None
    result = called(lambda x: x * 2, (array,))
    array[:] = 5.0
    np.testing.assert_array_equal(result.numpy() if isinstance(result, Tensor) else None, [2.0, 2.0])
    with no_grad():
        assert len(draw(neuron, 2.0, 3.0).scene.boxes) > 2


@pytest.mark.parametrize(
    ("function", "args", "said"),
    [
        (neuron, (), r"draw\(neuron, \.\.\.\) calls neuron\(w, x, b=0.5\).*missing.*'w'"),
        (neuron, (1, 2, 3, 4), "too many positional arguments"),
        (np.tanh, (), r"draw\(tanh, \.\.\.\)"),
        (lambda x: x.item(), (1.0,), "gave a float, and draw takes one Value or Tensor$"),
        (lambda x: (x, x), (1.0,), r"gave a tuple.*draw one of what is in it"),
    ],
)
def test_what_cannot_be_drawn_is_said(function: Any, args: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        draw(function, *args)


def test_what_a_function_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        draw(lambda x: x * (1 // 0), 2.0)
    with pytest.raises(TypeError, match="nothing after it"):
        draw(Value(1.0), 2.0)
    with pytest.raises(TypeError, match="not 'type'"):
        draw(Value, 2.0)
