"""find_lr: it finds the rates at which training works, and leaves everything as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn

X, Y = nn.data.spirals(3, n=60, rng=0)


def noisy_model() -> nn.Sequential:
    """A model with all that a step changes: parameters, running statistics, a generator."""
    layers = nn.Dense(2, 16, "relu", rng=0), nn.BatchNorm1d(16), nn.Dropout(0.1, rng=5), nn.Dense(16, 3, rng=1)
    return nn.Sequential(*layers)


@pytest.mark.parametrize("curvature", [0.25, 4.0, 100.0])
def test_on_a_parabola_the_suggestion_is_stable_and_large(curvature: float) -> None:
    """Gradient descent on c/2 (w - 1)^2 is stable below 2/c: the closed form."""
    root = float(np.sqrt(curvature / 2))
    model = nn.Dense(1, 1, bias=False, init="zeros", dtype=np.float64)
    A, b = np.full((4, 1), root), np.full((4, 1), root)
    found = nn.find_lr(model, A, b, loss="mse", optimizer=lambda p: nn.SGD(p, lr=1.0), low=1e-5, high=1e3, steps=200)
    assert found.rates[0] == pytest.approx(1e-5)
    assert found.losses[0] == pytest.approx(curvature / 2)  # of the first batch, before any step
    assert found.rates[-1] < 1e3  # it saw the loss explode
    assert 0.01 * 2 / curvature < found.suggestion < 2 / curvature


def options(p: Any) -> nn.SGD:
    """With state in the optimizer."""
    return nn.SGD(p, lr=0.3, momentum=0.9)


@pytest.mark.parametrize("broken", [False, True])
def test_everything_is_as_it_was(broken: bool) -> None:
    model, other = noisy_model(), noisy_model()
    optimizers = [options(m.parameters()) for m in (model, other)]
    rng = np.random.default_rng(3)
    for m, o in zip((model, other), optimizers):  # not the beginning of a run
        nn.cross_entropy(m(X), Y).backward()
        o.step()
    model[1].eval()
    before, modes = rng.bit_generator.state, [m.training for m in model.modules()]
    grads = [p.grad for p in model.parameters()]
    if broken:
        with pytest.raises(ValueError, match="label"):
            nn.find_lr(model, X, Y + 1, loss="cross_entropy", optimizer=optimizers[0], rng=rng)
    else:
        nn.find_lr(model, X, Y, loss="cross_entropy", optimizer=optimizers[0], rng=rng)
    assert rng.bit_generator.state == before
    assert modes == [m.training for m in model.modules()]
    assert all(p.grad is grad for p, grad in zip(model.parameters(), grads))
    assert optimizers[0].lr == 0.3
    model[1].train()
    histories = [
        nn.fit(m, X, Y, loss="cross_entropy", optimizer=o, epochs=2, rng=0, progress=False)
        for m, o in zip((model, other), optimizers)
    ]
    state = other.state_dict()
    assert all(np.array_equal(value, state[name]) for name, value in model.state_dict().items())
    assert histories[0].to_dict() == histories[1].to_dict()


def test_a_loss_that_becomes_nan_ends_it() -> None:
    model = nn.Dense(1, 1, rng=0)
    A = np.full((4, 1), 1e3, np.float32)
    found = nn.find_lr(model, A, A, loss="mse", optimizer=lambda p: nn.SGD(p, lr=1.0), low=1e-9, high=1e30, steps=50)
    assert np.isfinite(found.losses).all()
    assert len(found.rates) < 50


def test_data_that_are_nan_are_named() -> None:
    model = nn.Dense(1, 1, rng=0)
    with pytest.raises(nn.DivergedError, match="input"):
        nn.find_lr(model, np.full((4, 1), np.nan), np.ones((4, 1)), loss="mse")


WRONG = [{"low": 0}, {"low": 1, "high": 0.1}, {"high": np.inf}, {"steps": 1}, {"batch_size": 0}]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="find_lr"):
        nn.find_lr(nn.Dense(2, 3), X, Y, loss="cross_entropy", **wrong)


def test_batches_of_ones_own_are_gone_through_again() -> None:
    batches = [(X[:90], Y[:90]), (X[90:], Y[90:])]
    assert len(nn.find_lr(nn.Dense(2, 3, rng=0), batches, loss="cross_entropy", steps=7, high=1e-3).rates) == 7
    with pytest.raises(ValueError, match="once"):
        nn.find_lr(nn.Dense(2, 3), iter(batches), loss="cross_entropy")


def weighted(X: Any, y: Any, loss: Any = "cross_entropy", **options: Any) -> nn.RangeTest:
    """All samples in each batch, so that their order does not matter."""
    model = nn.Dense(2, 3, rng=0, dtype=np.float64)
    return nn.find_lr(model, X, y, loss=loss, batch_size=len(X), steps=20, high=1e-1, rng=0, **options)


def test_a_weight_is_as_if_the_sample_were_there_so_often() -> None:
    times = np.arange(len(X)) % 3
    found = weighted(X, Y, sample_weight=times)
    repeated = weighted(np.repeat(X, times, axis=0), np.repeat(Y, times))
    np.testing.assert_allclose(found.losses, repeated.losses, rtol=1e-12)
    by_class = weighted(X, Y, class_weight={0: 0, 1: 1, 2: 2})
    np.testing.assert_allclose(by_class.losses, weighted(X, Y, sample_weight=Y).losses, rtol=1e-12)
    assert weighted(X, Y, class_weight="balanced").losses == weighted(X, Y).losses  # as many of each


def test_weights_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="find_lr: sample_weight: 180 samples need a weight each"):
        weighted(X, Y, sample_weight=[1.0])
    with pytest.raises(ValueError, match=r"find_lr: class_weight is for the classes \[7\]"):
        weighted(X, Y, class_weight={7: 1.0})
    with pytest.raises(TypeError, match="find_lr: class_weight and sample_weight go with X and y"):
        nn.find_lr(nn.Dense(2, 3), [(X, Y)], loss="cross_entropy", class_weight="balanced")
    with pytest.raises(ValueError, match="find_lr: clip_norm must be above 0"):
        weighted(X, Y, clip_norm=-1.0)


def test_gradients_are_clipped_as_in_fit() -> None:
    clipped, free = (weighted(X, Y, "cross_entropy", clip_norm=c, optimizer=options) for c in (1e-9, None))
    assert max(clipped.losses) - min(clipped.losses) < 1e-9 < max(free.losses) - min(free.losses)


def test_the_plot() -> None:
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib.figure import Figure

    found = nn.find_lr(nn.Dense(2, 3, rng=0), X, Y, loss="cross_entropy")
    axes = found.plot(ax=Figure().subplots())
    assert axes.get_xscale() == "log"
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), found.rates)
    assert f"{found.suggestion:.2g}" in axes.get_legend().get_texts()[0].get_text()
