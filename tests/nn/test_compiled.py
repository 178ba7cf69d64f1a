"""Training steps of nn as compiled programs: what they leave behind is what the eager steps leave behind.

Every layer, activation, loss and optimizer that nn exports is in a step here. Numbers of order 1 agree to 16 ulps of 1
after each of a few steps; the states of generators agree exactly.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from agreement import agree
from arguments.modules import parts

import nn
from autograd import Tensor, compile

from .test_every_layer import LAYERS, generators, outputs

RNG = np.random.default_rng(5)
X = RNG.standard_normal((8, 3))
LABELS = RNG.integers(0, 4, 8)

both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
Step = Callable[..., Any]


def left_behind(model: nn.Module, optimizer: Any = None) -> Any:
    """Copies of every parameter, gradient and buffer, of the optimizer's state, and of the states of generators."""
    tensors = [tensor for _, tensor in model.named_tensors()]
    grads = [None if t.grad is None else np.array(t.grad) for t in tensors]
    states = [repr(rng.bit_generator.state) for rng in generators(model)]
    saved = copy.deepcopy(optimizer.state_dict()) if optimizer is not None else {}
    return [[np.array(t.numpy()) for t in tensors], grads, states, saved.get("state"), saved.get("groups")]


def weighed(outputs: Any) -> Any:
    """A number that every output has a part in, of its own weight."""
    return sum((y * np.cos(np.arange(y.size)).reshape(y.shape).astype(y.dtype)).sum() for y in parts(outputs))


def trajectories(make: Callable[[], tuple[Step, Callable[[], Any]]], batches: list[Any], programs: int) -> None:
    """The same steps, eager and compiled, leave the same numbers behind each time; there are so many programs."""
    (eager, seen), (step, found) = make(), make()
    program = compile(step, backend="numpy")
    for batch in batches:
        expected = eager(*batch), seen()
        agree((program(*batch), found()), expected, scale=1)
    assert len(program.entries) == programs


@both_dtypes
@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_every_layer(kind: type[nn.Module], dtype: npt.DTypeLike) -> None:
    layer, x = LAYERS[kind]

    def make() -> Any:
        model = layer(0, dtype)
        optimizer = nn.SGD(model.parameters(), 0.1, momentum=0.9) if model.parameters() else None
        inputs = Tensor(x, requires_grad=True, dtype=dtype) if x.dtype.kind == "f" else None

        def step(x: Any) -> Any:
            loss = weighed(model(x if inputs is None else inputs))
            model.zero_grad()
            loss.backward()  # the gradient of the inputs accumulates
            if optimizer is not None:
                optimizer.step()
            return loss, inputs if inputs is None else inputs.grad

        return step, lambda: left_behind(model, optimizer)

    trajectories(make, [(x,)] * 3, programs=2 if x.dtype.kind == "f" else 1)  # the first call finds no gradient


@both_dtypes
@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_every_layer_in_both_modes(kind: type[nn.Module], dtype: npt.DTypeLike) -> None:
    layer, x = LAYERS[kind]
    model = layer(0, dtype)
    program = compile(lambda x: model(x), backend="numpy")
    for training in (False, True, False):
        twin = copy.deepcopy(model).train(training)
        model.train(training)
        agree(outputs(program, x), outputs(twin, x), scale=1)
        agree(left_behind(model), left_behind(twin), scale=1)
    assert len(program.entries) == 2


SCORES = RNG.standard_normal((8, 4))
PROBABILITIES = RNG.dirichlet(np.ones(4), 8)
BITS = RNG.integers(0, 2, (8, 4))
# fmt: off
LOSSES: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    "mse":                      (nn.mse, SCORES, SCORES[::-1]),
    "quadratic_cost":           (nn.quadratic_cost, SCORES, SCORES[::-1]),
    "rss":                      (nn.rss, SCORES, SCORES[::-1]),
    "mae":                      (nn.mae, SCORES, SCORES[::-1]),
    "huber":                    (nn.huber, SCORES, SCORES[::-1]),
    "cosine":                   (nn.cosine, SCORES, SCORES[::-1]),
    "bce":                      (nn.bce, PROBABILITIES, BITS),
    "bce_with_logits":          (nn.bce_with_logits, SCORES, BITS),
    "hinge":                    (nn.hinge, SCORES, 2 * BITS - 1),
    "hinge of classes":         (nn.hinge, SCORES, LABELS),
    "perceptron":               (nn.perceptron, SCORES, 2 * BITS - 1),
    "cross_entropy":            (nn.cross_entropy, SCORES, LABELS),
    "of labels as floats":      (nn.cross_entropy, SCORES, LABELS.astype(float)),
    "of distributions":         (nn.cross_entropy, SCORES, PROBABILITIES),
    "of weighted classes":      (lambda x, y, reduction: nn.cross_entropy(
                                     x, y, reduction, weight=[1, 2, 0, 0.5], label_smoothing=0.1), SCORES, LABELS),
    "nll":                      (nn.nll, np.log(PROBABILITIES), LABELS),
    "nll of weighted classes":  (lambda x, y, reduction: nn.nll(x, y, reduction, weight=[1, 2, 0, 0.5]),
                                 np.log(PROBABILITIES), LABELS),
    "kl_divergence":            (nn.kl_divergence, np.log(PROBABILITIES), PROBABILITIES[::-1]),
}
# fmt: on


def test_every_loss_has_an_entry() -> None:
    exported = {name for name, thing in vars(nn).items() if getattr(thing, "__module__", "") == "nn.losses"}
    assert exported <= LOSSES.keys()


@both_dtypes
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss(name: str, reduction: str, dtype: npt.DTypeLike) -> None:
    loss, prediction, target = LOSSES[name]
    prediction = prediction.astype(dtype)

    def slope(prediction: Any, target: Any) -> Any:
        x = Tensor(prediction, requires_grad=True)
        losses = loss(x, target, reduction=reduction)
        weighed(losses).backward()
        return losses, x.grad

    program = compile(slope, backend="numpy")
    for rows in (slice(None), slice(None, None, -1)):
        agree(program(prediction[rows], target), slope(prediction[rows], target), scale=1)
    assert len(program.entries) == 1


@pytest.mark.parametrize("name", LOSSES)
def test_targets_are_checked_in_every_call(name: str) -> None:
    loss, prediction, target = LOSSES[name]
    wrong = np.array(target)
    wrong.flat[3] = 9 if target.dtype.kind == "i" else np.nan
    w = Tensor(1.0, requires_grad=True)

    def step(prediction: Any, target: Any) -> Any:
        value = loss(prediction * w, target, reduction="mean")
        value.backward()
        w.data -= 0.1 * w.grad
        return value

    program = compile(step, backend="numpy")
    for _ in range(2):  # without a gradient, and with one
        program(prediction, target)
    before = float(w.data), float(w.grad)
    with pytest.raises(ValueError, match=r"labels|targets?|distribution|from"):
        program(prediction, wrong)
    assert (float(w.data), float(w.grad)) == before
    with pytest.raises(ValueError, match=r"labels|targets?|distribution|from"):
        compile(step, backend="numpy")(prediction, wrong)  # while it is traced
    assert (float(w.data), float(w.grad)) == before
    program(prediction, target)
    assert len(program.entries) == 2


# fmt: off
OPTIMIZERS: dict[str, Callable[[list[Any]], nn.Optimizer]] = {
    "SGD":               lambda p: nn.SGD(p, 0.1),
    "SGD with momentum": lambda p: nn.SGD(p, 0.1, momentum=0.9, weight_decay=0.01),
    "SGD with Nesterov": lambda p: nn.SGD(p, 0.1, momentum=0.9, nesterov=True),
    "Adagrad":           lambda p: nn.Adagrad(p, 0.1, lr_decay=0.01, weight_decay=0.01),
    "RMSProp":           lambda p: nn.RMSProp(p, 0.01),
    "RMSProp centred":   lambda p: nn.RMSProp(p, 0.01, momentum=0.9, centered=True, weight_decay=0.1),
    "Adadelta":          lambda p: nn.Adadelta(p, weight_decay=0.01),
    "Adam":              lambda p: nn.Adam(p, 0.01, weight_decay=0.01),
    "AdamW":             lambda p: nn.AdamW(p, 0.01),
    "NAdam":             lambda p: nn.NAdam(p, 0.01),
    "Lion":              lambda p: nn.Lion(p, 0.01, weight_decay=0.1),
    "groups":            lambda p: nn.Adam([{"params": p[:1], "lr": 1e-4}, {"params": p[1:]}], lr=0.01),
    "groups of SGD":     lambda p: nn.SGD([{"params": p[:1], "momentum": 0.5}, {"params": p[1:], "lr": 0.01}], lr=0.1),
}
CLIPPING: dict[str, Callable[[list[Any]], Any]] = {
    "not clipped":  lambda p: None,
    "norm":         lambda p: nn.clip_grad_norm(p, 0.5),
    "norm unmet":   lambda p: nn.clip_grad_norm(p, 50),
    "largest":      lambda p: nn.clip_grad_norm(p, 0.1, np.inf, error_if_nonfinite=False),
    "value":        lambda p: nn.clip_grad_value(p, 0.01),
}
# fmt: on


def test_every_optimizer_has_an_entry() -> None:
    some = [Tensor(0.0, requires_grad=True), Tensor(1.0, requires_grad=True)]
    exported = {t for t in vars(nn).values() if isinstance(t, type) and issubclass(t, nn.Optimizer)}
    assert exported - {nn.Optimizer} == {type(make(some)) for make in OPTIMIZERS.values()}


@both_dtypes
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer(name: str, dtype: npt.DTypeLike) -> None:
    def make() -> Any:
        model = nn.MLP(3, 5, 4, activation="tanh", rng=0, dtype=dtype)
        optimizer = OPTIMIZERS[name](model.parameters())

        def step(X: Any, y: Any) -> Any:
            optimizer.zero_grad()
            loss = nn.cross_entropy(model(X), y)
            loss.backward()
            optimizer.step()
            return loss

        def left() -> Any:
            optimizer.lr *= 0.9  # a schedule between the steps
            return left_behind(model, optimizer)

        return step, left

    trajectories(make, [(X, LABELS)] * 4, programs=1)


@both_dtypes
@pytest.mark.parametrize("name", CLIPPING)
def test_clipping(name: str, dtype: npt.DTypeLike) -> None:
    def make() -> Any:
        model = nn.MLP(3, 5, 4, activation="relu", rng=0, dtype=dtype)
        optimizer = nn.SGD(model.parameters(), 0.1, momentum=0.9)

        def step(X: Any, y: Any) -> Any:
            optimizer.zero_grad()
            loss = nn.cross_entropy(model(X), y)
            loss.backward()
            norm = CLIPPING[name](model.parameters())
            optimizer.step()
            return loss, norm if dtype == np.float64 else None  # the norm is a float

        return step, lambda: left_behind(model, optimizer)

    trajectories(make, [(X, LABELS)] * 3, programs=1)


def test_fifty_steps_with_all_that_changes_from_step_to_step() -> None:
    """A schedule, dropout, batch normalization, noise, and in each epoch a last batch that is smaller."""

    def make() -> Any:
        rng = np.random.default_rng(1)
        model = nn.Sequential(
            nn.Dense(3, 6, bias=False, rng=rng, dtype=np.float64), nn.BatchNorm1d(6, dtype=np.float64), nn.ReLU(),
            nn.Dropout(0.2, rng), nn.GaussianNoise(0.1, rng), nn.Dense(6, 4, rng=rng, dtype=np.float64),
        )  # fmt: skip
        optimizer = nn.Adam(model.parameters(), lr=0.02)
        rates: list[float] = []

        def step(X: Any, y: Any) -> Any:
            loss = nn.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            nn.clip_grad_norm(model.parameters(), 1.0)
            optimizer.step()
            return loss

        def left() -> Any:
            rates.append(optimizer.lr)
            optimizer.lr = float(0.02 * (1 + np.cos(len(rates) / 16)) / 2)  # one of NumPy's makes float64 of float32
            return left_behind(model, optimizer)

        return step, left

    points, labels = RNG.standard_normal((22, 3)), RNG.integers(0, 4, 22)
    batches = [(points[i : i + 5], labels[i : i + 5]) for _ in range(10) for i in range(0, 22, 5)]
    assert len(batches) == 50
    assert {len(x) for x, _ in batches} == {5, 2}
    trajectories(make, batches, programs=2)
