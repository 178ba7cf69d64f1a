"""Modules that hold others: ModuleList, Sequential, Residual."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from arguments.modules import check_layer

import nn

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


# --- changed like a list ------------------------------------------------------------------------------------------


def row(kind: Any = nn.Sequential) -> Any:
    return kind(nn.Dense(2, 3, rng=0), nn.Tanh(), nn.Dense(3, 1, rng=1))


@pytest.mark.parametrize("kind", [nn.Sequential, nn.Residual, nn.ModuleList])
def test_a_layer_can_be_set_inserted_appended_and_deleted(kind: Any) -> None:
    model, expected = row(kind), list(row().layers)
    expected = list(model)
    changes: list[Any] = [
        lambda m: m.__setitem__(1, RELU), lambda m: m.__setitem__(-1, LAST), lambda m: m.append(TANH),
        lambda m: m.insert(0, FIRST), lambda m: m.insert(-1, SELU), lambda m: m.__delitem__(1),
        lambda m: m.__setitem__(slice(1, 3), [GELU]), lambda m: m.extend([ELU, MISH]),
        lambda m: m.__delitem__(slice(2)),
    ]  # fmt: skip
    for change in changes:
        change(model)
        change(expected)
        assert list(model) == expected
        assert [name for name, _ in model.children()] == [str(i) for i in range(len(expected))]
    assert type(model) is kind


RELU, TANH, SELU, GELU, ELU, MISH = nn.ReLU(), nn.Tanh(), nn.SELU(), nn.GELU(), nn.ELU(), nn.Mish()
FIRST, LAST = nn.Dense(2, 2, rng=3), nn.Dense(3, 2, rng=4)


def test_a_layer_that_is_set_is_used_and_named() -> None:
    model = row()
    model[2] = nn.Dense(3, 2, rng=5)
    assert model(np.ones((4, 2))).shape == (4, 2)
    assert [p.name for p in model.parameters()] == ["0.W", "0.b", "2.W", "2.b"]


@pytest.mark.parametrize("wrong", [nn.relu, nn.ReLU, None, 3, np.ones(2), "relu"])
def test_what_is_no_layer_changes_nothing(wrong: Any) -> None:
    model = row()
    before = list(model)
    for change in (lambda: model.__setitem__(1, wrong), lambda: model.append(wrong), lambda: model.insert(0, wrong)):
        with pytest.raises(TypeError, match=r"Sequential takes layers, and .* is none"):
            change()
        assert list(model) == before
    with pytest.raises(IndexError):
        model[3] = nn.ReLU()
    with pytest.raises(TypeError, match="Residual takes layers"):
        nn.Residual(nn.Dense(1, 1), shortcut=0 if wrong is None else wrong)


@pytest.mark.parametrize("kind", nn.Activation.__subclasses__())
def test_the_layer_of_an_activation_is_named(kind: Any) -> None:
    with pytest.raises(TypeError, match=rf"is none but a class: write {kind.__name__}\(\)"):
        nn.Sequential(kind)
    with pytest.raises(TypeError, match=rf"\(the layer of nn\.\w+ is nn\.{kind.__name__}\(\)\)"):
        nn.Sequential(nn.Tanh(), kind.function)


def test_a_subclass_s_member_cannot_hide_a_layer() -> None:
    model = row()
    with pytest.raises(ValueError, match="two parts of Sequential would have the name 0"):
        setattr(model, "0", nn.Tanh())
    assert len(model.parameters()) == 4


def test_a_list_of_modules_is_a_module() -> None:
    class Deep(nn.Module):
        def __init__(self) -> None:
            self.blocks = nn.ModuleList([nn.Dense(2, 2, rng=i) for i in range(3)])

        def forward(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return x

    model = Deep()
    assert list(model.state_dict()) == [f"blocks.{i}.{name}" for i in range(3) for name in "Wb"]
    assert model(np.ones((1, 2))).shape == (1, 2)
    assert isinstance(model.blocks[1:], nn.ModuleList)
    assert not any(module.training for module in model.blocks.eval())
    with pytest.raises(NotImplementedError, match="ModuleList does not say what it computes"):
        model.blocks(np.ones((1, 2)))
