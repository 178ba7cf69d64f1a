"""What every layer of nn keeps: its state, its copies, its gradients, its dtype and its mode.

Each layer that nn exports has an entry here. What is special about one is tested beside its module.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arguments.modules import as_function, parts

import nn
from autograd import Tensor, check_grads, draw
from autograd.draw.live import live
from autograd.draw.scene import look_at
from autograd.draw.story import Story

Make = Callable[[int, Any], nn.Module]  # (seed, dtype)

RNG = np.random.default_rng(12)
POINTS = RNG.standard_normal((4, 3))
SEQUENCES = RNG.standard_normal((2, 4, 6))  # (n, channels, length), and (n, time, inputs)
IMAGES = RNG.standard_normal((2, 4, 5, 6))

# what makes each layer, and what enters it
# fmt: off
LAYERS: dict[type[nn.Module], tuple[Make, Any]] = {
    nn.Perceptron:         (lambda rng, dtype: nn.Perceptron(3, "normal", rng=rng, dtype=dtype), POINTS),
    nn.Neuron:             (lambda rng, dtype: nn.Neuron(3, "tanh", rng=rng, dtype=dtype), POINTS),
    nn.Dense:              (lambda rng, dtype: nn.Dense(3, 2, "tanh", rng=rng, dtype=dtype), POINTS),
    nn.MLP:                (lambda rng, dtype: nn.MLP(3, 4, 2, rng=rng, dtype=dtype), POINTS),
    nn.Sequential:         (lambda rng, dtype: nn.Sequential(nn.Dense(3, 4, rng=rng, dtype=dtype), nn.Dropout(0.3, rng),
                                                             nn.BatchNorm1d(4, dtype=dtype)), POINTS),
    nn.Residual:           (lambda rng, dtype: nn.Residual(nn.Dense(3, 2, "tanh", rng=rng, dtype=dtype),
                                                           shortcut=nn.Dense(3, 2, rng=rng, dtype=dtype)), POINTS),
    nn.RBF:                (lambda rng, dtype: nn.RBF(3, 2, rng=rng, dtype=dtype), POINTS),
    nn.RestrictedBoltzmann: (lambda rng, dtype: nn.RestrictedBoltzmann(3, 2, rng=rng, dtype=dtype), POINTS),
    nn.Embedding:          (lambda rng, dtype: nn.Embedding(5, 3, rng=rng, dtype=dtype), np.array([[4, 0], [1, 4]])),
    nn.Flatten:            (lambda rng, dtype: nn.Flatten(), IMAGES),
    nn.Dropout:            (lambda rng, dtype: nn.Dropout(0.3, rng), POINTS),
    nn.GaussianNoise:      (lambda rng, dtype: nn.GaussianNoise(0.3, rng), POINTS),
    nn.BatchNorm1d:        (lambda rng, dtype: nn.BatchNorm1d(3, dtype=dtype), POINTS),
    nn.BatchNorm2d:        (lambda rng, dtype: nn.BatchNorm2d(4, dtype=dtype), IMAGES),
    nn.LayerNorm:          (lambda rng, dtype: nn.LayerNorm((5, 6), dtype=dtype), IMAGES),
    nn.GroupNorm:          (lambda rng, dtype: nn.GroupNorm(2, 4, dtype=dtype), IMAGES),
    nn.PReLU:              (lambda rng, dtype: nn.PReLU(3, dtype=dtype), POINTS),
    nn.Conv1d:             (lambda rng, dtype: nn.Conv1d(4, 2, 3, groups=2, rng=rng, dtype=dtype), SEQUENCES),
    nn.Conv2d:             (lambda rng, dtype: nn.Conv2d(4, 2, 3, stride=2, padding=1, rng=rng, dtype=dtype), IMAGES),
    nn.ConvTranspose1d:    (lambda rng, dtype: nn.ConvTranspose1d(4, 2, 3, stride=2, groups=2, rng=rng, dtype=dtype),
                            SEQUENCES),
    nn.ConvTranspose2d:    (lambda rng, dtype: nn.ConvTranspose2d(4, 2, 3, 2, 1, 1, rng=rng, dtype=dtype), IMAGES),
    nn.MaxPool1d:          (lambda rng, dtype: nn.MaxPool1d(2), SEQUENCES),
    nn.MaxPool2d:          (lambda rng, dtype: nn.MaxPool2d(3, stride=2, padding=1), IMAGES),
    nn.AvgPool1d:          (lambda rng, dtype: nn.AvgPool1d(2), SEQUENCES),
    nn.AvgPool2d:          (lambda rng, dtype: nn.AvgPool2d((2, 3)), IMAGES),
    nn.GlobalMaxPool:      (lambda rng, dtype: nn.GlobalMaxPool(), IMAGES),
    nn.GlobalAvgPool:      (lambda rng, dtype: nn.GlobalAvgPool(), IMAGES),
    nn.RNNCell:            (lambda rng, dtype: nn.RNNCell(3, 2, rng=rng, dtype=dtype), POINTS),
    nn.LSTMCell:           (lambda rng, dtype: nn.LSTMCell(3, 2, rng=rng, dtype=dtype), POINTS),
    nn.GRUCell:            (lambda rng, dtype: nn.GRUCell(3, 2, rng=rng, dtype=dtype), POINTS),
    nn.RNN:                (lambda rng, dtype: nn.RNN(6, 3, rng=rng, dtype=dtype), SEQUENCES),
    nn.LSTM:               (lambda rng, dtype: nn.LSTM(6, 3, rng=rng, dtype=dtype), SEQUENCES),
    nn.GRU:                (lambda rng, dtype: nn.GRU(6, 3, rng=rng, dtype=dtype), SEQUENCES),
    nn.MultiHeadAttention: (lambda rng, dtype: nn.MultiHeadAttention(6, 2, dropout=0.3, rng=rng, dtype=dtype),
                            SEQUENCES),
}
# fmt: on


def entry_of(kind: type[nn.Activation]) -> tuple[Make, Any]:
    return lambda rng, dtype: kind(), POINTS


LAYERS |= {kind: entry_of(kind) for kind in nn.Activation.__subclasses__()}

# other forms of some of them, and what takes more than one array
# fmt: off
FORMS: dict[str, tuple[Make, Any]] = {
    f"{kind.__name__}, {take.__name__}": (
        lambda rng, dtype, kind=kind, take=take: nn.Sequential(  # type: ignore[misc]
            kind(6, 2, num_layers=2, bidirectional=True, dropout=0.3, rng=rng, dtype=dtype), take()), SEQUENCES)
    for kind in (nn.RNN, nn.LSTM, nn.GRU) for take in (nn.Last, nn.Outputs)
} | {
    "Embedding, padding": (lambda rng, dtype: nn.Embedding(5, 3, 0, rng=rng, dtype=dtype), np.array([[4, 0], [1, 4]])),
    "Conv2d, same":  (lambda rng, dtype: nn.Conv2d(4, 2, (2, 3), padding="same", dilation=2, rng=rng, dtype=dtype),
                      IMAGES),
}
# fmt: on
OF_PAIRS = {nn.Last, nn.Outputs}

ABSTRACT = {nn.Module, nn.Activation, nn.ModuleList}  # without a forward
EXPORTED = {thing for thing in vars(nn).values() if isinstance(thing, type) and issubclass(thing, nn.Module)} - ABSTRACT

every_layer = pytest.mark.parametrize(
    ("make", "x"), [*LAYERS.values(), *FORMS.values()], ids=[*(kind.__name__ for kind in LAYERS), *FORMS]
)


def outputs(layer: Callable[[Any], Any], x: Any) -> list[Any]:
    """The numbers of everything that a layer returns."""
    return [part.numpy() if isinstance(part, Tensor) else part for part in parts(layer(x))]


def assert_equal(ours: list[Any], theirs: list[Any]) -> None:
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype


def generators(layer: nn.Module) -> list[np.random.Generator]:
    """Those of the layers that draw at random."""
    return [value for module in layer.modules() for value in vars(module).values()
            if isinstance(value, np.random.Generator)]  # fmt: skip


def used(make: Make, x: Any) -> nn.Module:
    """A layer in evaluation mode that has seen `x` in training, and whose numbers are not those that it began with."""
    layer = make(0, np.float32)
    for p in layer.parameters():
        p.assign(RNG.uniform(0.5, 1.5, p.shape).astype(p.dtype))
    layer(x)
    return layer.eval()


def test_every_layer_has_an_entry() -> None:
    assert EXPORTED - LAYERS.keys() == OF_PAIRS
    for kind, (make, _) in LAYERS.items():
        assert type(make(0, np.float32)) is kind


@every_layer
def test_a_state_makes_a_fresh_layer_the_same(make: Make, x: Any) -> None:
    layer, fresh = used(make, x), make(1, np.float32).eval()
    if layer.state_dict():
        assert not all(np.array_equal(a, b) for a, b in zip(layer.state_dict().values(), fresh.state_dict().values()))
    assert fresh.load_state_dict(layer.state_dict()) == ([], [])
    assert_equal(outputs(layer, x), outputs(fresh, x))


@every_layer
def test_a_file_makes_a_fresh_layer_the_same(make: Make, x: Any, tmp_path: Path) -> None:
    layer, fresh = used(make, x), make(1, np.float32).eval()
    nn.save(layer, tmp_path / "layer.safetensors")
    assert nn.load(fresh, tmp_path / "layer.safetensors") is fresh
    assert_equal(outputs(layer, x), outputs(fresh, x))


@every_layer
def test_a_deep_copy_does_the_same_and_shares_nothing(make: Make, x: Any) -> None:
    layer = used(make, x).train()
    twin = copy.deepcopy(layer)
    assert_equal(outputs(layer, x), outputs(twin, x))  # in training: the generators are copied too
    before = outputs(layer.eval(), x)
    for p in twin.parameters():
        p.data[...] = 7
    assert_equal(outputs(layer, x), before)
    assert not {id(m) for m in [*layer.modules(), *layer.parameters(), *generators(layer)]} & {
        id(m) for m in [*twin.modules(), *twin.parameters(), *generators(twin)]
    }


@every_layer
def test_gradients(make: Make, x: Any) -> None:
    layer = make(0, np.float64)
    f, parameters = as_function(layer)
    draws = generators(layer)
    states = [rng.bit_generator.state for rng in draws]

    def squares(parameters: Any, *inputs: Any) -> Any:
        for rng, state in zip(draws, states):  # the same noise at each call
            rng.bit_generator.state = state
        return [part**2 for part in parts(f(parameters, *(inputs or (x,))))]

    if x.dtype.kind == "f":
        check_grads(squares, parameters, x)
    else:
        check_grads(squares, parameters)


@every_layer
@pytest.mark.parametrize("training", [True, False])
def test_float32_stays_float32(make: Make, x: Any, training: bool) -> None:
    layer = make(0, np.float32).train(training)
    if x.dtype.kind == "f":
        if layer.parameters():
            assert {part.dtype for part in parts(layer(x))} == {np.dtype(np.float32)}  # cast, as it enters
        x = Tensor(x, requires_grad=True, dtype=np.float32)
    total: Any = sum((part * part).sum() for part in parts(layer(x)))
    assert total.dtype == np.float32
    total.backward()
    tensors = [*layer.parameters(), *([x] if isinstance(x, Tensor) else [])]
    assert {t.grad.dtype for t in tensors} == {np.dtype(np.float32)}
    assert {t.dtype for _, t in layer.named_tensors()} <= {np.dtype(np.float32)}


@every_layer
def test_it_shows_itself(make: Make, x: Any) -> None:
    layer: Any = make(0, np.float32)
    first, *others = repr(layer).split("\n")
    assert first.startswith(f"{type(layer).__name__}(")
    for name, child in layer.children():
        if isinstance(child, nn.Parameter):
            assert f"{name} {child.shape}" in first
        elif isinstance(child, nn.Module):
            assert f"  {name}: {repr(child).splitlines()[0]}" in others
    count = sum(p.size for p in layer.parameters())
    assert (f": {count} parameter" in first) == (count > 0)
    assert layer.summary().splitlines()[-1].split()[-1] == str(count)


@every_layer
def test_modes_reach_it_inside_other_modules(make: Make, x: Any) -> None:
    class Nest(nn.Module):
        def __init__(self) -> None:
            self.layer = make(0, np.float32)
            self.many = [nn.Sequential(make(0, np.float32)), {"key": nn.Residual(make(0, np.float32))}]

    nest = Nest()
    assert {module.training for module in nest.modules()} == {True}
    assert nest.eval() is nest
    assert {module.training for module in nest.modules()} == {False}
    assert len([m for m in nest.modules() if type(m) is type(nest.layer)]) >= 3
    assert_equal(outputs(nest.layer, x), outputs(nest.layer, x))  # nothing is drawn in evaluation
    nest.train()
    assert {module.training for module in nest.modules()} == {True}


@every_layer
def test_it_is_drawn_for_one_sample(make: Make, x: Any) -> None:
    """The last layer of the picture has the numbers that it gives, of a recurrent layer those after the last step."""
    layer = make(0, float).eval()
    if isinstance(layer, (nn.Dropout, nn.GaussianNoise, nn.Linear)):
        with pytest.raises(TypeError, match="there is no network to draw"):  # it does nothing
            draw(layer, x[0])
        return
    drawing = draw(layer, x[0])
    last, given = drawing.layers[-1], outputs(layer, x[:1])[0][0]
    np.testing.assert_allclose(last.value.ravel(), (given[-1] if last.rows > 1 else given).ravel(), rtol=1e-12)
    assert drawing.svg.count("<svg") == 1


@pytest.mark.parametrize("training", [True, False])
@every_layer
def test_the_numbers_of_its_page_can_be_changed(make: Make, x: Any, training: bool) -> None:
    """The page of a loss of any layer computes itself anew, whether its steps are folded or not."""
    layer = make(0, float).train(training)
    loss = sum((part * part).sum() for part in parts(layer(x if x.dtype.kind == "i" else Tensor(x, True))))
    for most in (200, 30):
        made = live(Story(look_at(loss, True, most)))
        assert made.script, made.reason
