"""Which call of a module made a node: what is noted, and that it keeps nothing alive."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

import nn
from autograd import Tensor, Value, no_grad, scoped


def names(node: Any) -> list[tuple[str, str]]:
    """The calls that returned the node, the outermost first."""
    found, scope = [], node.scope
    while scope is not None:
        _, name, kind, scope = scope
        found.append((name, kind))
    return found


def test_a_call_is_noted_on_what_it_returned_only() -> None:
    x = Value(2.0)
    inner: list[Value] = []

    def f(x: Value) -> Value:
        inner.append(x * x)
        return inner[0] + 1

    y = scoped("block", "F", f, x)
    assert y.data == 5.0
    assert names(y) == [("block", "F")]
    assert x.scope is None
    assert inner[0].scope is None
    assert y.scope[0] < inner[0].index < y.index


def test_arguments_go_through() -> None:
    assert scoped("", "F", lambda a, *, b: (a, b), 1, b=2) == (1, 2)


def test_calls_that_return_the_same_node_are_all_noted() -> None:
    y = scoped("", "Outer", lambda x: scoped("inner", "Inner", lambda x: x * 2, x), Value(1.0))
    assert names(y) == [("", "Outer"), ("inner", "Inner")]


def test_every_node_of_a_result_is_noted() -> None:
    x = Value(1.0)
    made: Any = scoped("", "F", lambda: {"a": x + 1, "rest": (x + 2, [x + 3, None, "text"])})
    assert [names(node) for node in (made["a"], made["rest"][0], made["rest"][1][0])] == [[("", "F")]] * 3


def test_what_a_call_hands_on_is_not_its_own() -> None:
    x = Value(1.0) * 2
    assert scoped("", "Identity", lambda x: x, x) is x
    assert x.scope is None


def test_without_recording_nothing_is_noted() -> None:
    with no_grad():
        assert scoped("", "F", lambda x: x * 2, Value(1.0)).scope is None


def test_a_failed_call_raises_as_it_does() -> None:
    with pytest.raises(ZeroDivisionError):
        scoped("", "F", lambda x: x / 0, Value(1.0))


def test_modules_note_their_dotted_names() -> None:
    model = nn.Sequential(nn.Dense(2, 3, rng=0), nn.Residual(nn.Dense(3, 3, rng=0)))
    inside = model[1][0](model[0]([[1.0, 2.0]]))
    assert names(inside) == [("1.0", "Dense")]
    assert names(model([[1.0, 2.0]])) == [("", "Sequential"), ("1", "Residual")]


def test_the_name_is_that_in_the_outermost_module() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            self.heads = {"a": nn.MLP(2, 3, 1, rng=0)}

        def forward(self, x: Any) -> Any:
            return self.heads["a"](x)

    assert names(Model()([[1.0, 2.0]])) == [("", "Model"), ("heads.a", "MLP"), ("heads.a.1", "Dense")]


def test_networks_of_values_note_their_names() -> None:
    model = nn.scalar.MLP(2, [3, 1], rng=0)
    assert names(model([1.0, 2.0])) == [("", "MLP"), ("1", "Layer"), ("1.0", "Neuron")]
    assert [names(h) for h in model.layers[0]([1.0, 2.0])] == [[("0", "Layer"), (f"0.{i}", "Neuron")] for i in range(3)]


def test_each_step_of_a_recurrent_network_is_noted() -> None:
    outputs, state = nn.RNN(2, 3, rng=0)([[[1.0, 2.0]] * 4])
    assert names(outputs) == [("", "RNN"), ("", "stack")]
    assert names(state) == [("", "RNN"), ("cell", "RNNCell")]


def test_a_module_that_keeps_what_it_returned_is_no_cycle() -> None:
    class Keeps(nn.Module):
        def __init__(self) -> None:
            self.dense = nn.Dense(2, 1, rng=0)

        def forward(self, x: Any) -> Any:
            return self.dense(x)

        def __call__(self, x: Any) -> Any:
            self.last = super().__call__(x)
            return self.last

    gc.collect()
    gc.disable()
    try:
        model = Keeps()
        y: Tensor | None = model([[1.0, 2.0]])
        module, graph = weakref.ref(model), weakref.ref(y)
        del model
        assert module() is None
        assert graph() is not None
        del y
        assert graph() is None
    finally:
        gc.enable()
