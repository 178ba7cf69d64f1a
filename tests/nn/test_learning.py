"""Networks learn what they should, from several seeds, repeatably, and in memory that does not grow."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import nn

quiet = partial(nn.fit, progress=False)
seeds = pytest.mark.parametrize("seed", [0, 1, 2])


def adam(lr: float) -> Callable[[Any], nn.Optimizer]:
    return lambda parameters: nn.Adam(parameters, lr=lr)


# --- accuracy -----------------------------------------------------------------------------------------------------


@seeds
@pytest.mark.parametrize("loss", ["cross_entropy", "bce_with_logits", "mse"])
def test_xor(seed: int, loss: str) -> None:
    X, y = nn.data.xor()
    classes = loss == "cross_entropy"
    model = nn.MLP(2, 8, 2 if classes else 1, rng=seed)
    history = quiet(
        model, X, y if classes else y[:, None], loss=loss, optimizer=adam(0.05), epochs=300, rng=seed
    )  # fmt: skip
    outputs = model(X).numpy()
    answers = outputs.argmax(axis=1) if classes else outputs[:, 0] > (0.5 if loss == "mse" else 0)
    np.testing.assert_array_equal(answers, y)
    assert history["loss"][-1] < 0.02


@seeds
def test_spirals_of_three_arms(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, y = nn.data.spirals(arms=3, n=200, rng=rng)
    fresh = nn.data.spirals(arms=3, n=1000, rng=rng)
    model = nn.MLP(2, 64, 64, 3, activation="relu", rng=rng)
    quiet(model, X, y, loss="cross_entropy", optimizer=adam(0.01), epochs=80, batch_size=50, rng=rng)
    assert nn.accuracy(model(fresh[0]), fresh[1]) >= 0.99


@seeds
def test_digits(seed: int) -> None:
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn has the digits")
    X, y = datasets.load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    X_train, X_test, y_train, y_test = nn.data.split(X / 16, y, test=0.2, rng=rng)
    model = nn.Sequential(
        nn.GaussianNoise(0.1, rng), nn.Dense(64, 256, "relu", rng=rng), nn.Dropout(0.3, rng),
        nn.Dense(256, 128, "relu", rng=rng), nn.Dropout(0.3, rng), nn.Dense(128, 10, rng=rng),
    ).eval()  # fmt: skip
    quiet(
        model, X_train, y_train, loss="cross_entropy", optimizer=adam(3e-3), epochs=40, rng=rng,
        schedule=nn.CosineAnnealingLR(40),
    )  # fmt: skip
    assert nn.accuracy(model(X_test), y_test) >= 0.97


# --- repeatability ------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_parameters_bit_for_bit() -> None:
    X, y = nn.data.spirals(arms=3, n=30, rng=0)

    def trained(seed: int) -> dict[str, Any]:
        rng = np.random.default_rng(seed)
        model = nn.Sequential(
            nn.Dense(2, 16, rng=rng), nn.BatchNorm1d(16), nn.Tanh(), nn.Dropout(0.2, rng), nn.Dense(16, 3, rng=rng)
        )
        quiet(model, X, y, loss="cross_entropy", epochs=3, batch_size=16, validation=0.2, early_stopping=2, rng=rng)
        return model.state_dict()

    first, second, other = trained(0), trained(0), trained(1)
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], strict=True)
        assert not np.array_equal(array, other[name])


# --- memory -------------------------------------------------------------------------------------------------------


def plain() -> nn.Module:
    return nn.MLP(3, 16, 16, 2, rng=0)


def with_batch_norm_and_dropout() -> nn.Module:
    return nn.Sequential(nn.Dense(3, 16, rng=0), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3, 0), nn.Dense(16, 2))


@pytest.mark.parametrize("make", [plain, with_batch_norm_and_dropout])
def test_memory_does_not_grow_over_1000_steps(make: Callable[[], nn.Module]) -> None:
    X = np.random.default_rng(0).standard_normal((20, 3))
    y = np.arange(20) % 2
    model = make()
    optimizer = nn.Adam(model.parameters())

    def run(steps: int) -> None:
        for _ in range(steps):
            loss = nn.cross_entropy(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    tracemalloc.start()
    gc.disable()
    try:
        run(300)
        gc.collect()  # it also empties Python's own lists of free objects
        before = tracemalloc.get_traced_memory()[0]
        run(1000)
        assert gc.collect() < 100  # no step leaves a cycle that waits for the collector
        assert tracemalloc.get_traced_memory()[0] < before + 16_000  # 16 bytes a step: less than any object has
    finally:
        gc.enable()
        tracemalloc.stop()
