"""Layers and losses on an array as strict as one on a device: nothing of it becomes NumPy's on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.arrays import in_numpy
from nn.learning.arguments import OPTIMIZERS
from tests.device import OnADevice, on_a_device
from tests.nn.test_elsewhere import LOSSES

RNG = np.random.default_rng(0)
IMAGES, SERIES, ROWS = RNG.normal(size=(2, 2, 6, 6)), RNG.normal(size=(2, 5, 3)), RNG.normal(size=(4, 3))
f64: Any = {"rng": 0, "dtype": np.float64}
MODELS: dict[str, tuple[Any, Any]] = {
    "MLP": (lambda: nn.MLP(3, 5, 2, **f64), ROWS),
    "relu": (lambda: nn.MLP(3, 5, 2, activation="relu", **f64), ROWS),
    "Conv2d": (lambda: nn.Conv2d(2, 3, 3, padding=1, **f64), IMAGES),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), IMAGES),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), IMAGES),
    "Flatten": (lambda: nn.Flatten(), IMAGES),
    "LayerNorm": (lambda: nn.LayerNorm(3, dtype=np.float64), ROWS),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3, dtype=np.float64), ROWS),
    "RNN": (lambda: nn.RNN(3, 4, **f64), SERIES),
    "LSTM": (lambda: nn.LSTM(3, 4, **f64), SERIES),
    "GRU": (lambda: nn.GRU(3, 4, **f64), SERIES),
    "Embedding": (lambda: nn.Embedding(7, 3, **f64), np.array([[1, 2], [6, 1]])),
    "Attention": (lambda: nn.MultiHeadAttention(4, 2, **f64), RNG.normal(size=(2, 5, 4))),
    "Dropout": (lambda: nn.Dropout(0.5, rng=0), ROWS),
}


def moved(model: Any) -> Any:
    """The model with its parameters and buffers there."""
    for _, t in model.named_tensors():
        t.data = on_a_device(t.numpy())
    return model


def first(y: Any) -> Any:
    return y[0] if isinstance(y, tuple) else y


@pytest.mark.parametrize("name", MODELS)
def test_layers(name: str) -> None:
    make, x = MODELS[name]
    known, model = make(), moved(make())
    inputs = (
        [x, on_a_device(x)] if x.dtype == int else [Tensor(each, requires_grad=True) for each in (x, on_a_device(x))]
    )
    y, z = first(known(inputs[0])), first(model(inputs[1]))
    (y * y).sum().backward()
    (z * z).sum().backward()
    assert isinstance(z.data, OnADevice)
    np.testing.assert_allclose(in_numpy(z.data), y.data, rtol=1e-12)
    leaves = [inputs] if x.dtype == float else []
    for p, q in [*leaves, *zip(known.parameters(), model.parameters(), strict=True)]:
        assert isinstance(q.grad, OnADevice)
        np.testing.assert_allclose(in_numpy(q.grad), p.grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("momentum", [0.1, None])
def test_running_statistics_stay_there(momentum: float | None) -> None:
    known, model = (nn.BatchNorm1d(3, momentum=momentum, dtype=np.float64) for _ in range(2))
    moved(model)
    for k in range(3):
        known(ROWS + k), model(on_a_device(ROWS + k))
    for _, t in model.named_tensors():
        assert isinstance(t.data, OnADevice)
    y = model.eval()(on_a_device(ROWS)).data
    np.testing.assert_allclose(in_numpy(y), known.eval()(ROWS).data, rtol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    loss, prediction, target, options = LOSSES[name]
    known = Tensor(prediction, requires_grad=True)
    expected = loss(known, target, **options)
    expected.backward()
    x = Tensor(on_a_device(prediction), requires_grad=True)
    found = loss(x, on_a_device(target), **options)
    found.backward()
    np.testing.assert_allclose(in_numpy(found.data), expected.data, rtol=1e-12)
    np.testing.assert_allclose(in_numpy(x.grad), known.grad, rtol=1e-12, atol=1e-15)


CLASSES = np.array([0, 1, 1, 0])


def trained(kind: str, steps: int, moves: Any = None) -> tuple[Any, Any]:
    """A model after some steps, and its optimizer; before the one of this number the model moves there."""
    model: Any = nn.MLP(3, 4, 2, rng=0, dtype=np.float64)
    if moves == 0:
        moved(model)
    optimizer = OPTIMIZERS[kind](model.parameters(), lr=0.1)
    for step in range(steps):
        take(moved(model) if step and step == moves else model, optimizer)
    return model, optimizer


def take(model: Any, optimizer: Any) -> None:
    """One step, where the model is."""
    there = isinstance(model[0].W.data, OnADevice)
    x, y = (on_a_device(ROWS), on_a_device(CLASSES)) if there else (ROWS, CLASSES)
    optimizer.minimize(nn.cross_entropy(model(x), y))


def same(model: Any, known: Any) -> None:
    """The parameters of the model are there, and are those."""
    for p, q in zip(model.parameters(), known.parameters(), strict=True):
        assert isinstance(p.data, OnADevice)
        np.testing.assert_allclose(in_numpy(p.data), q.data, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("moves", [0, 2])
def test_optimizers_and_models_that_move_when_these_are_made(kind: str, moves: int) -> None:
    known, _ = trained(kind, 4)
    model, _ = trained(kind, 4, moves)
    same(model, known)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_training_goes_on_where_a_state_was_taken(kind: str) -> None:
    known, _ = trained(kind, 4)
    model, optimizer = trained(kind, 2, 0)
    saved = (model.state_dict(), optimizer.state_dict())
    take(model, optimizer)
    model.load_state_dict(saved[0])
    optimizer.load_state_dict(saved[1])
    for _ in range(2):
        take(model, optimizer)
    same(model, known)


@pytest.mark.parametrize("clip", [
    lambda model: nn.clip_grad_norm(model.parameters(), 0.01),
    lambda model: nn.clip_grad_norm(model.parameters(), 0.01, np.inf),
    lambda model: nn.clip_grad_value(model.parameters(), 0.01),
], ids=["norm", "largest", "value"])  # fmt: skip
def test_clipping(clip: Any) -> None:
    found = []
    for put in (np.array, on_a_device):
        model = nn.MLP(3, 4, 2, rng=0, dtype=np.float64)
        nn.cross_entropy((model if put is np.array else moved(model))(put(ROWS)), put(CLASSES)).backward()
        found.append([clip(model), *(in_numpy(p.grad) for p in model.parameters())])
    for got, expected in zip(*found, strict=True):
        np.testing.assert_allclose(0 if got is None else got, 0 if expected is None else expected, rtol=1e-12)


def test_a_state_may_come_from_there() -> None:
    known, model = nn.MLP(3, 4, 2, rng=0), nn.MLP(3, 4, 2, rng=1)
    model.load_state_dict({name: on_a_device(array) for name, array in known.state_dict().items()})
    for p, q in zip(model.parameters(), known.parameters(), strict=True):
        np.testing.assert_array_equal(p.numpy(), q.numpy())


def test_steps_and_clipping_with_gradients_that_are_nodes() -> None:
    found = []
    for put in (np.array, on_a_device):
        w = Tensor(put(ROWS), requires_grad=True)
        np.sum(w**3).backward(create_graph=True)
        optimizer = nn.Adam([w], lr=0.1)
        nn.clip_grad_norm([w], 0.5)
        optimizer.step()
        found.append(in_numpy(w.data))
    np.testing.assert_allclose(*found, rtol=1e-12)


def test_what_reads_samples_names_the_way() -> None:
    model = moved(nn.MLP(3, 4, 2, rng=0))
    for read in (
        lambda: nn.predict(model, on_a_device(ROWS)),
        lambda: nn.fit(model, on_a_device(ROWS), CLASSES, loss="cross_entropy", epochs=1),
        lambda: nn.evaluate(model, on_a_device(ROWS), CLASSES, "cross_entropy"),
        lambda: nn.data.batches(Tensor(on_a_device(ROWS)), CLASSES, 2),
    ):
        with pytest.raises(TypeError, match=r"X lives elsewhere, .*(arrays\.in_numpy\(X\)|X\.numpy\(\))"):
            read()


@pytest.mark.parametrize("labels", [[0, 1, 2, 3], [0, -1, 1, 1]])
@pytest.mark.parametrize("loss", [nn.cross_entropy, nn.nll])
def test_labels_that_name_no_class_are_refused_there_too(loss: Any, labels: list[int]) -> None:
    with pytest.raises(ValueError, match="for 3 classes, counted from 0"):
        loss(Tensor(on_a_device(ROWS), requires_grad=True), on_a_device(np.array(labels)))
