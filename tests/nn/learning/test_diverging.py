"""Training that diverged: the error names epoch, batch and layer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import nn
from nn.learning.diverging import DivergedError, first_nonfinite
from nn.learning.loop import fit

RNG = np.random.default_rng(4)
X = RNG.standard_normal((50, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3
CLASSES = (Y[:, 0] > 0).astype(int)
quiet = partial(fit, progress=False)


def a_model(seed: int = 0, **options: Any) -> nn.Dense:
    return nn.Dense(3, 1, rng=seed, dtype=np.float64, **options)


def sgd(lr: float) -> Callable[[Any], nn.Optimizer]:
    return lambda parameters: nn.SGD(parameters, lr=lr)


class Explode(nn.Module):
    """It passes its input on, until it has been called so many times."""

    def __init__(self, calls: int) -> None:
        self.calls = calls

    def forward(self, x: Any) -> Any:
        self.calls -= 1
        return x if self.calls >= 0 else np.log(x * 0 - 1)


def test_a_nan_names_epoch_batch_and_layer() -> None:
    inner = nn.Sequential(nn.Dense(3, 4, rng=0), Explode(6), nn.Dense(4, 1, rng=0))
    model = nn.Sequential(nn.Dense(3, 3, rng=0), inner)
    before = model.state_dict()
    words = (
        r"diverged in epoch 2, batch 3: the loss is nan: the first layer whose output is not finite is '1\.1', Explode"
    )
    with pytest.raises(FloatingPointError, match=words) as caught:
        quiet(model, X, Y, loss="mse", optimizer=sgd(0.0), epochs=3, batch_size=16, rng=0)
    error = caught.value
    assert isinstance(error, DivergedError)
    assert (error.epoch, error.batch, error.layer, error.history.epochs) == (2, 3, "1.1", 1)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    assert all("forward" not in vars(module) for module in model.modules())


def test_a_rate_that_is_too_large_is_blamed_on_the_step_before() -> None:
    model = nn.MLP(3, 4, 1, activation="relu", rng=0)
    with pytest.raises(
        DivergedError, match=r"NaN or inf is in its .*[Wb] already: the step before was too large"
    ) as caught:
        quiet(model, X, 1e12 * Y, loss="mse", optimizer=sgd(1e30), epochs=3, batch_size=16)
    assert (caught.value.epoch, caught.value.batch) == (1, 2)


def test_the_last_step_of_an_epoch_is_looked_at_too() -> None:
    model = nn.Dense(3, 1, rng=0)
    with pytest.raises(DivergedError, match=r"epoch 1, batch 1: a parameter: W holds NaN or inf after the last step"):
        quiet(model, X, 1e12 * Y, loss="mse", optimizer=sgd(1e38), epochs=1, batch_size=50)


def test_a_gradient_that_is_not_finite_is_not_clipped_but_named() -> None:
    class Root(nn.Module):
        def __init__(self) -> None:
            self.w = nn.Parameter([[0.0]], dtype=np.float64)

        def forward(self, x: Any) -> Any:
            return np.sqrt(x * self.w)

    with pytest.raises(DivergedError, match=r"a gradient: .*w holds NaN or inf") as caught:
        quiet(Root(), np.ones((4, 1)), np.ones((4, 1)), loss="mse", epochs=1, clip_norm=1.0)
    assert caught.value.layer is None


def test_an_input_or_a_loss_can_be_to_blame() -> None:
    bad = X.copy()
    bad[30] = np.nan
    with pytest.raises(DivergedError, match="batch 2: the loss is nan: the input holds NaN or inf"):
        quiet(a_model(), bad, Y, loss="mse", epochs=1, batch_size=20, shuffle=False)
    with pytest.raises(DivergedError, match="the loss is inf: the output of every layer is finite, but not the loss"):
        quiet(a_model(), X, Y, loss=lambda p, t: nn.mse(p, t) / 0, epochs=1)


def test_the_model_itself_can_be_the_layer() -> None:
    class Bare(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Dense(3, 1, rng=0)

        def forward(self, x: Any) -> Any:
            return {"out": [self.inner(x) * np.inf]}

    assert first_nonfinite(Bare(), X) == ""
    assert first_nonfinite(nn.Sequential(Bare().inner), X) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_data_for_validation_that_are_not_finite_are_named_once(bad: float) -> None:
    X, held = np.ones((4, 2)), np.ones((4, 2))
    held[2, 1] = bad
    with pytest.warns(
        RuntimeWarning, match=rf"validation.*input holds NaN or inf in 1 of its 4 samples, {bad}"
    ) as found:
        nn.fit(
            nn.Dense(2, 1, rng=0), X, X[:, :1], loss="mse", epochs=3, validation=(held, X[:, :1]), rng=0, progress=False
        )
    assert len(found) == 1
    assert found[0].filename == __file__
