"""Modules: finding and naming parameters, train and eval, state_dict, repr and summary; Sequential and Residual."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from arguments.modules import check_layer

import nn
from autograd import Tensor
from nn import Module, Parameter


class Scale(Module):
    def __init__(self, start: float = 1.0) -> None:
        self.factor = Parameter(start)

    def forward(self, x: Any) -> Any:
        return x * self.factor


class Zoo(Module):
    """Parameters and modules in every kind of place."""

    def __init__(self) -> None:
        self.own = Parameter([1.0, 2.0])
        self.child = Scale()
        self.many = [Scale(), (Scale(), Parameter(3.0))]
        self.by_key = {"left": Scale(), "right": Scale()}
        self.number, self.text, self.array, self.tensor = 1, "a", np.ones(3), Tensor([1.0])


ZOO_NAMES = [
    "own", "child.factor", "many.0.factor", "many.1.0.factor", "many.1.1", "by_key.left.factor", "by_key.right.factor",
]  # fmt: skip


def test_parameters_require_a_gradient_and_are_float32() -> None:
    parameter = Parameter([1, 2])
    assert parameter.requires_grad
    assert parameter.dtype == np.float32
    assert Parameter([1.0], dtype=np.float64).dtype == np.float64


def test_a_computed_tensor_is_no_parameter() -> None:
    assert type(Parameter(1.0) * 2) is Tensor


def test_parameters_are_found_in_attributes_lists_tuples_and_dicts_with_dotted_names() -> None:
    zoo = Zoo()
    assert [name for name, _ in zoo.named_parameters()] == ZOO_NAMES
    assert [p for _, p in zoo.named_parameters()] == zoo.parameters()


def test_parameters_know_their_dotted_names() -> None:
    zoo = Zoo()
    assert [p.name for p in zoo.parameters()] == ZOO_NAMES
    outer = nn.Sequential(zoo)
    assert [p.name for p in outer.parameters()] == [f"0.{name}" for name in ZOO_NAMES]


def test_looking_at_a_part_does_not_rename_its_parameters() -> None:
    outer = nn.Sequential(Scale())
    assert [name for name, _ in outer[0].named_parameters()] == ["factor"]
    assert outer.parameters()[0].name == "0.factor"


def test_a_parameter_that_came_by_append_is_named_when_it_is_first_found() -> None:
    zoo = Zoo()
    zoo.many.append(Parameter(0.0))
    assert zoo.parameters()[5].name == "many.2"


def test_a_shared_parameter_counts_once_under_its_first_name() -> None:
    class Tied(Module):
        def __init__(self) -> None:
            self.encoder, self.decoder = Scale(), Scale()
            self.decoder.factor = self.encoder.factor
            self.again = self.encoder

    tied = Tied()
    assert [name for name, _ in tied.named_parameters()] == ["encoder.factor"]
    assert [name for name, _ in tied.named_modules()] == ["", "encoder", "decoder"]


def test_a_module_that_knows_its_owner_is_no_endless_tree() -> None:
    owner, child = Scale(), Scale()
    owner.child, child.owner = child, owner
    assert [name for name, _ in owner.named_parameters()] == ["factor", "child.factor"]


def test_modules_come_with_their_paths() -> None:
    names = [name for name, _ in Zoo().named_modules()]
    assert names == ["", "child", "many.0", "many.1.0", "by_key.left", "by_key.right"]
    assert len(Zoo().modules()) == 6


def test_zero_grad_forgets_every_gradient() -> None:
    model = nn.MLP(2, 3, 1, rng=0)
    model(np.ones((4, 2))).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_train_and_eval_reach_every_child() -> None:
    zoo = Zoo()
    assert all(module.training for module in zoo.modules())
    assert zoo.eval() is zoo
    assert not any(module.training for module in zoo.modules())
    zoo.train()
    assert all(module.training for module in zoo.modules())


def test_a_module_without_forward_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Zoo does not say what it computes: define forward"):
        Zoo()(1.0)


# --- state_dict ---------------------------------------------------------------------------------------------------


def test_state_dict_round_trip() -> None:
    a, b = nn.MLP(2, 5, 3, rng=0), nn.MLP(2, 5, 3, rng=1)
    x = np.ones((4, 2))
    assert not np.array_equal(a(x).data, b(x).data)
    assert b.load_state_dict(a.state_dict()) == ([], [])
    np.testing.assert_array_equal(a(x).data, b(x).data)


def test_state_dict_is_a_snapshot() -> None:
    model = Scale(2.0)
    state = model.state_dict()
    state["factor"][...] = 7
    model.factor.data *= 3
    assert model.factor.item() == 6
    assert state["factor"] == 7


def test_loaded_arrays_stay_the_callers() -> None:
    model, state = Scale(), {"factor": np.array(5.0, dtype=np.float32)}
    model.load_state_dict(state)
    state["factor"][...] = 0
    assert model.factor.item() == 5


def test_loading_keeps_the_dtype_of_the_parameter() -> None:
    model = Scale()
    model.load_state_dict({"factor": np.float64(0.1)})
    assert model.factor.dtype == np.float32


def test_names_that_are_missing_or_unexpected_are_listed_and_nothing_is_loaded() -> None:
    model: Any = nn.Dense(2, 3, rng=0)
    before = model.state_dict()
    with pytest.raises(KeyError, match=r"the state is not of this Dense: missing: W; unexpected: weight, scale"):
        model.load_state_dict({"b": np.ones(3), "weight": np.ones((2, 3)), "scale": 1.0})
    np.testing.assert_array_equal(model.b.data, before["b"])


def test_without_strict_they_are_returned_and_the_rest_is_loaded() -> None:
    model: Any = nn.Dense(2, 3, rng=0)
    assert model.load_state_dict({"b": np.ones(3), "scale": 1.0}, strict=False) == (["W"], ["scale"])
    np.testing.assert_array_equal(model.b.data, np.ones(3))


@pytest.mark.parametrize("strict", [True, False])
def test_other_shapes_are_listed_never_broadcast_and_nothing_is_loaded(strict: bool) -> None:
    model = nn.Dense(2, 3, rng=0)
    before = model.state_dict()
    message = r"does not fit this Dense: W has shape \(3, 2\) instead of \(2, 3\); b has shape \(1,\) instead of \(3,\)"
    with pytest.raises(ValueError, match=message):
        model.load_state_dict({"W": np.ones((3, 2)), "b": np.ones(1)}, strict=strict)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_what_is_no_real_number_is_refused_by_name() -> None:
    for wrong in (np.array("seven"), np.array(1j)):
        with pytest.raises(ValueError, match="the state holds no real numbers for factor"):
            Scale().load_state_dict({"factor": wrong})


def test_a_graph_made_before_loading_keeps_its_numbers() -> None:
    model = Scale(2.0)
    y = model.factor * model.factor
    model.load_state_dict({"factor": 10.0})
    y.backward()
    assert model.factor.grad == 4


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_has_parameters_of_its_own(duplicate: Any) -> None:
    model = nn.MLP(2, 3, 1, rng=0)
    other = duplicate(model)
    assert repr(other) == repr(model)
    assert [p.name for p in other.parameters()] == ["0.W", "0.b", "1.W", "1.b"]
    other[0].W.data[...] = 0
    assert np.any(model[0].W.data != 0)


# --- to look at ---------------------------------------------------------------------------------------------------


def test_repr_shows_the_tree_with_shapes_and_counts() -> None:
    model = nn.Sequential(nn.Dense(2, 64, "tanh"), nn.ReLU(), nn.Dense(64, 1, bias=False))
    assert repr(model).split("\n") == [
        "Sequential(): 256 parameters",
        "  0: Dense(2 -> 64, tanh): 192 parameters, W (2, 64), b (64,)",
        "  1: ReLU()",
        "  2: Dense(64 -> 1): 64 parameters, W (64, 1)",
    ]
    assert repr(Scale()) == "Scale(): 1 parameter, factor ()"
    assert "many.1.0: Scale(): 1 parameter, factor ()" in repr(Zoo())


def test_summary_is_a_table_of_what_holds_parameters() -> None:
    model = nn.Sequential(nn.Dense(2, 64, "tanh"), nn.ReLU(), nn.Dense(64, 16))
    model[0].W.requires_grad = False
    lines = model.summary().split("\n")
    assert [line.split() for line in lines] == [
        ["name", "layer", "shapes", "parameters"],
        ["0", "Dense(2", "->", "64,", "tanh)", "W", "(2,", "64),", "b", "(64,)", "192"],
        ["2", "Dense(64", "->", "16)", "W", "(64,", "16),", "b", "(16,)", "1,040"],
        ["total", "4,928", "bytes,", "128", "frozen", "1,232"],
    ]
    assert len({len(line) for line in lines}) == 1


def test_a_module_that_is_changed_inside_of_another_keeps_its_dotted_names() -> None:
    zoo = Zoo()
    zoo.by_key["left"].factor = Parameter(5.0)
    assert zoo.by_key["left"].factor.name == "by_key.left.factor"


# --- Sequential, Residual -----------------------------------------------------------------------------------------

RNG = np.random.default_rng(29)
POINTS = RNG.standard_normal((4, 3))


def test_sequential_applies_its_layers_in_order() -> None:
    layers = [nn.Dense(2, 3, rng=0), nn.Tanh(), nn.Dense(3, 1, rng=1)]
    x = RNG.standard_normal((4, 2))
    expected = layers[2](layers[1](layers[0](x))).data
    for model in (nn.Sequential(*layers), nn.Sequential(layers), nn.Sequential(iter(layers))):
        np.testing.assert_array_equal(model(x).data, expected)
        assert [name for name, _ in model.named_parameters()] == ["0.W", "0.b", "2.W", "2.b"]


def test_sequential_is_a_sequence() -> None:
    layers = [nn.Dense(2, 3, rng=0), nn.Tanh(), nn.Dense(3, 1, rng=1)]
    model = nn.Sequential(layers)
    assert len(model) == 3
    assert list(model) == layers
    assert model[0] is layers[0]
    assert model[-1] is layers[2]
    assert list(model[:2]) == layers[:2]
    with pytest.raises(IndexError):
        model[3]


def test_a_subclass_of_sequential_may_have_parameters_of_its_own() -> None:
    class Scaled(nn.Sequential):
        def __init__(self) -> None:
            self.scale = nn.Parameter(2.0)
            super().__init__(nn.Dense(1, 1))

    assert [name for name, _ in Scaled().named_parameters()] == ["0.W", "0.b", "scale"]


def test_sequential_refuses_what_is_no_layer() -> None:
    with pytest.raises(TypeError, match=r"Sequential takes layers, and <function relu .* is none .*nn.ReLU\(\)"):
        nn.Sequential(nn.Dense(1, 1), nn.relu)  # type: ignore[arg-type]


def block(dtype: Any = np.float32, rng: Any = 0) -> nn.Residual:
    rng = np.random.default_rng(rng)
    return nn.Residual(nn.Dense(3, 5, "tanh", rng=rng, dtype=dtype), nn.Dense(5, 3, rng=rng, dtype=dtype))


def narrowing(dtype: Any = np.float32, rng: Any = 0) -> nn.Residual:
    rng = np.random.default_rng(rng)
    return nn.Residual(
        nn.Dense(3, 2, "tanh", rng=rng, dtype=dtype), shortcut=nn.Dense(3, 2, bias=False, rng=rng, dtype=dtype)
    )


def test_residual_adds_what_enters() -> None:
    layer = block(np.float64)
    np.testing.assert_allclose(layer(POINTS).numpy(), POINTS + layer[1](layer[0](POINTS)).numpy(), rtol=1e-14)
    layer = narrowing(np.float64)
    shortcut: Any = layer.shortcut
    np.testing.assert_allclose(layer(POINTS).numpy(), shortcut(POINTS).numpy() + layer[0](POINTS).numpy(), rtol=1e-14)


@pytest.mark.parametrize("make", [block, narrowing])
def test_gradients_of_residual(make: Any) -> None:
    check_layer(make, POINTS)


def test_the_parameters_of_residual_have_their_places_in_their_names() -> None:
    assert list(block().state_dict()) == ["0.W", "0.b", "1.W", "1.b"]
    assert list(narrowing().state_dict()) == ["0.W", "0.b", "shortcut.W"]


def test_a_convolutional_block_keeps_the_image() -> None:
    layer = nn.Residual(nn.Conv2d(2, 2, 3, padding=1, rng=0), nn.BatchNorm2d(2), nn.ReLU())
    assert layer(np.ones((1, 2, 5, 5))).shape == (1, 2, 5, 5)


def test_residual_refuses_layers_that_change_the_shape() -> None:
    layer = nn.Residual(nn.Dense(3, 1, rng=0))
    message = (
        r"Residual\(\) got input of shape \(4, 3\): its layers made \(4, 1\) of it, which \(4, 3\) cannot be added"
    )
    with pytest.raises(ValueError, match=message):
        layer(POINTS)
