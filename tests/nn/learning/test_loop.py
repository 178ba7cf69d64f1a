"""fit: what it learns, measures, stops for and refuses."""

from __future__ import annotations

import os
import signal
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn.learning.loop import Epoch, fit
from nn.learning.stopping import EarlyStopping
from nn.metrics import accuracy, f1
from nn.optim.penalties import l2
from nn.optim.schedules import ExponentialLR, OneCycleLR, ReduceLROnPlateau

RNG = np.random.default_rng(4)
X = RNG.standard_normal((50, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3
CLASSES = (Y[:, 0] > 0).astype(int)
quiet = partial(fit, progress=False)


def a_model(seed: int = 0, **options: Any) -> nn.Dense:
    return nn.Dense(3, 1, rng=seed, dtype=np.float64, **options)


def sgd(lr: float) -> Callable[[Any], nn.Optimizer]:
    return lambda parameters: nn.SGD(parameters, lr=lr)


class Spy(nn.Module):
    """A layer that passes its input on and notes how it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[bool, int]] = []

    def forward(self, x: Any) -> Any:
        self.calls.append((self.training, len(x)))
        return x


# --- the loop -----------------------------------------------------------------------------------------------------


def test_the_steps_are_those_of_a_loop_by_hand() -> None:
    model, by_hand = a_model(), a_model()
    history = quiet(model, X, Y, loss=nn.mse, optimizer=sgd(0.1), epochs=3, batch_size=16, rng=5)
    optimizer, rng, losses = nn.SGD(by_hand.parameters(), lr=0.1), np.random.default_rng(5), []
    for _ in range(3):
        total = 0.0
        for x, y in nn.data.batches(X, Y, 16, rng=rng):
            loss = nn.mse(by_hand(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
        losses.append(total / 50)
    np.testing.assert_array_equal(model.W.numpy(), by_hand.W.numpy())
    assert history["loss"] == losses


def test_the_loss_of_an_epoch_is_the_mean_over_the_samples() -> None:
    model = a_model()
    history = quiet(model, X, Y, loss="mse", optimizer=sgd(0.0), epochs=1, batch_size=32, validation=(X, Y))
    expected = np.mean((model(X).numpy() - Y) ** 2)
    assert history["loss"][0] == pytest.approx(expected, rel=1e-13)
    assert history["val_loss"][0] == pytest.approx(expected, rel=1e-13)


def test_every_sample_counts_once_and_the_last_batch_may_be_smaller() -> None:
    spy = Spy()
    model = nn.Sequential(spy, a_model())
    quiet(model, X, Y, loss="mse", epochs=2, batch_size=16)
    assert [size for _, size in spy.calls] == [16, 16, 16, 2] * 2


def test_the_same_seed_gives_the_same_training_and_shuffling_can_be_off() -> None:
    def losses(**options: Any) -> list[float]:
        return quiet(a_model(), X, Y, loss="mse", epochs=3, batch_size=8, **options)["loss"]

    assert losses(rng=1) == losses(rng=1) == losses(rng=np.random.default_rng(1))
    assert losses(rng=1) != losses(rng=2)
    assert losses(rng=1, shuffle=False) == losses(rng=2, shuffle=False)


def test_memory_mapped_samples_and_any_sequence(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")

    class Rows(Sequence[Any]):
        def __len__(self) -> int:
            return len(X)

        def __getitem__(self, i: Any) -> Any:
            return X[i]

    losses = [
        quiet(a_model(), data, Y, loss="mse", epochs=2, batch_size=8, validation=0.3, rng=0).to_dict()
        for data in (X, mapped, Rows())
    ]
    assert losses[0] == losses[1] == losses[2]


def test_samples_on_disk_do_not_come_into_memory_at_once(tmp_path: Path) -> None:
    shape = (40_000, 100)  # 32 MB
    data = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.float64, shape)
    target = np.zeros((len(data), 1))
    tracemalloc.start()
    try:
        quiet(nn.Dense(100, 1, rng=0), data, target, loss="mse", epochs=1, batch_size=500, validation=0.5, rng=0)
        assert tracemalloc.get_traced_memory()[1] < 8e6
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_epochs() -> None:
    def after(epochs: int) -> int:
        tracemalloc.start()
        try:
            quiet(nn.MLP(3, 32, 1, rng=0), X, Y, loss="mse", epochs=epochs, batch_size=50, metrics="r2", rng=0)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    after(2)
    assert after(220) < after(20) + 40_000  # the history itself is a few kB


def test_a_loss_may_add_a_penalty() -> None:
    def weight(strength: float) -> float:
        model = a_model()

        def loss(prediction: Any, target: Any) -> Tensor:
            return nn.mse(prediction, target) + strength * l2(model.parameters())

        quiet(model, X, Y, loss=loss, optimizer=sgd(0.1), epochs=30, rng=0)
        return float(np.abs(model.W.numpy()).sum())

    assert weight(0.5) < 0.8 * weight(0.0)


def test_gradients_are_clipped() -> None:
    model = a_model()
    before = model.W.numpy()
    quiet(model, X, 1e6 * Y, loss="mse", optimizer=sgd(1.0), epochs=1, batch_size=50, clip_norm=0.25)
    moved = np.concatenate([(model.W.numpy() - before).ravel(), model.b.numpy()])  # type: ignore[union-attr]
    assert np.linalg.norm(moved) == pytest.approx(0.25, rel=1e-6)


# --- validation and metrics ---------------------------------------------------------------------------------------


def test_a_part_is_held_out_at_random_and_never_trained_on() -> None:
    numbers = np.arange(50.0)[:, None]
    seen: dict[bool, set[float]] = {True: set(), False: set()}

    class Watch(nn.Module):
        def __init__(self) -> None:
            self.w = nn.Parameter([[1.0]])

        def forward(self, x: Any) -> Any:
            seen[self.training] |= set(np.ravel(x))
            return x @ self.w

    quiet(Watch(), numbers, numbers, loss="mse", optimizer=sgd(0.0), epochs=2, batch_size=7, validation=0.2, rng=0)
    assert (len(seen[True]), len(seen[False])) == (40, 10)
    assert not seen[True] & seen[False]
    assert seen[False] != set(range(40, 50))


def test_metrics_are_of_all_predictions_of_the_epoch() -> None:
    model = nn.Dense(3, 2, rng=0)
    metrics = {"accuracy": accuracy, "macro": partial(f1, average="macro")}
    history = quiet(
        model, X, CLASSES, loss="cross_entropy", optimizer=sgd(0.0), epochs=1, batch_size=8, metrics=metrics,
        validation=(X[:20], CLASSES[:20]),
    )  # fmt: skip
    assert list(history) == ["loss", "accuracy", "macro", "val_loss", "val_accuracy", "val_macro"]
    assert history["macro"][0] == pytest.approx(f1(model(X), CLASSES, average="macro"))
    assert history["val_macro"][0] == pytest.approx(f1(model(X[:20]), CLASSES[:20], average="macro"))


def test_training_and_evaluation_mode_are_set_and_given_back() -> None:
    spy, frozen = Spy(), Spy()
    model = nn.Sequential(spy, frozen, a_model())
    frozen.eval()
    quiet(model, X, Y, loss="mse", epochs=1, batch_size=50, validation=(X, Y))
    assert [mode for mode, _ in spy.calls] == [True, False]
    assert (model.training, spy.training, frozen.training) == (True, True, False)


def test_modes_are_given_back_after_an_error() -> None:
    model = nn.Sequential(Spy(), a_model()).eval()
    with pytest.raises(ValueError, match="mse"):
        quiet(model, X, CLASSES, loss="mse", epochs=1)
    assert {module.training for module in model.modules()} == {False}


# --- schedules, early stopping, callbacks ----------------------------------------------------------------------------


def test_a_schedule_goes_forward_every_epoch_or_every_batch() -> None:
    history = quiet(a_model(), X, Y, loss="mse", optimizer=sgd(0.1), epochs=3, schedule=ExponentialLR(0.5))
    assert history["lr"] == [0.1, 0.05, 0.025]
    history = quiet(a_model(), X, Y, loss="mse", optimizer=sgd(0.1), epochs=3, schedule=lambda t: 1 / (1 + t))
    assert history["lr"] == pytest.approx([0.1, 0.05, 0.1 / 3])
    cycle = OneCycleLR(max_lr=0.1, total_steps=12, pct_start=5 / 12)
    history = quiet(a_model(), X, Y, loss="mse", optimizer=sgd(0.1), epochs=3, batch_size=16, schedule=cycle)
    assert history["lr"] == pytest.approx([cycle.rate(t, 0.1) for t in (4, 8, 12)])


def test_a_plateau_watches_the_validation_loss() -> None:
    class Stubborn(nn.Module):
        """It learns, but not for evaluation."""

        def __init__(self) -> None:
            self.inner = a_model()

        def forward(self, x: Any) -> Any:
            return self.inner(x) if self.training else 0 * self.inner(x)

    schedule = ReduceLROnPlateau(factor=0.5, patience=1)
    history = quiet(
        Stubborn(), X, Y, loss="mse", optimizer=sgd(0.01), epochs=6, schedule=schedule, validation=(X, Y), rng=0
    )
    assert history["loss"] == sorted(history["loss"], reverse=True)
    assert history["lr"] == [0.01, 0.01, 0.01, 0.005, 0.005, 0.0025]


def test_early_stopping_goes_back_to_the_best_weights() -> None:
    model, weights = a_model(), []
    history = quiet(
        model, X, Y, loss="mse", optimizer=sgd(0.1), epochs=50, validation=(X, -Y), early_stopping=3, rng=0,
        callbacks=lambda epoch: weights.append(model.state_dict()),
    )  # fmt: skip
    best = history.best["epoch"]
    assert history.stopped == "early stopping"
    assert history.epochs == best + 3 < 50
    assert history.best["val_loss"] == min(history["val_loss"])
    np.testing.assert_array_equal(model.W.numpy(), weights[int(best) - 1]["W"])


def test_early_stopping_by_a_metric() -> None:
    stopping = EarlyStopping(2, monitor="val_accuracy")
    history = quiet(
        nn.Dense(3, 2, rng=0), X, CLASSES, loss="cross_entropy", optimizer=sgd(1.0), epochs=60, metrics="accuracy",
        validation=(X, CLASSES), early_stopping=stopping, rng=0,
    )  # fmt: skip
    assert history.best["val_accuracy"] == max(history["val_accuracy"])
    assert history.best["epoch"] == 1 + int(np.argmax(history["val_accuracy"]))
    assert history.epochs == history.best["epoch"] + 2


def test_callbacks_see_every_epoch_and_can_stop() -> None:
    seen: list[Epoch] = []

    def third(epoch: Epoch) -> None:
        epoch.stop = epoch.number == 3

    model = a_model()
    history = quiet(model, X, Y, loss="mse", epochs=9, callbacks=[seen.append, third])
    assert [(epoch.number, epoch.total) for epoch in seen] == [(1, 9), (2, 9), (3, 9)]
    assert [epoch.logs["loss"] for epoch in seen] == history["loss"]
    assert seen[0].model is model
    assert history.stopped == "callback"


# --- interrupted --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "real", [False, pytest.param(True, marks=pytest.mark.skipif(os.name != "posix", reason="signals"))]
)
def test_ctrl_c_returns_what_there_is(real: bool) -> None:
    calls = 0

    def loss(prediction: Any, target: Any) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == 10:  # in the middle of the third epoch
            if not real:
                raise KeyboardInterrupt
            os.kill(os.getpid(), signal.SIGINT)
        return nn.mse(prediction, target)

    model = nn.Sequential(Spy(), a_model()).eval()
    history = quiet(model, X, Y, loss=loss, epochs=1000, batch_size=16)
    assert history.epochs == 2
    assert history.stopped == "interrupt"
    assert not model.training


def test_ctrl_c_with_early_stopping_still_goes_back_to_the_best() -> None:
    model, weights = a_model(), []

    def callback(epoch: Epoch) -> None:
        weights.append(model.state_dict())
        if epoch.number == 3:
            raise KeyboardInterrupt

    quiet(
        model, X, Y, loss="mse", optimizer=sgd(0.1), epochs=9, validation=(X, -Y), early_stopping=5, callbacks=callback
    )
    np.testing.assert_array_equal(model.W.numpy(), weights[0]["W"])
