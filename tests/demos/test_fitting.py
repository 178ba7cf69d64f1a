"""Over- and underfitting: both losses say which is which, and each remedy lowers the one that counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nn
from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def test_under_and_over(tmp_path: Path) -> None:
    found = run("under_and_over", tmp_path)
    X, y = found["X"], found["y"]
    learned = {name: np.mean((model.predict(X) - y) ** 2) for name, model in found["models"].items()}
    x = np.random.default_rng(7).uniform(-3, 3, (2000, 1))  # more fresh ones, which the program has not seen
    fresh = {name: np.mean((model.predict(x) - np.sin(x)) ** 2) + 0.09 for name, model in found["models"].items()}
    line = y - np.polyval(np.polyfit(X[:, 0], y[:, 0], 1), X)
    assert learned["Underfitting"] == pytest.approx(np.mean(line**2), rel=1e-3)  # least squares: as well as a line can
    assert learned["Overfitting"] < 0.02 < 0.05 < learned["Ideal fit"]
    assert fresh["Ideal fit"] < 0.12 < fresh["Overfitting"]
    assert fresh["Ideal fit"] < 0.12 < fresh["Underfitting"]
    assert found["best"]["epoch"] < 400
    assert {path.name for path in (tmp_path / "under_and_over").iterdir()} == {"under_and_over.png", "losses.png"}


def test_remedies(tmp_path: Path) -> None:
    found = run("remedies", tmp_path)
    fresh = nn.data.moons(n=2000, noise=0.3, rng=7)
    losses = {
        name: nn.cross_entropy(model.predict(fresh[0]), fresh[1]).item() for name, (model, _) in found["runs"].items()
    }
    without = losses.pop("no remedy")
    assert len(losses) == 5
    assert max(losses.values()) < 0.8 * without, losses
    training = {name: pair[0] for name, pair in found["losses"].items()}
    assert min(training, key=training.__getitem__) == "no remedy"
    assert found["runs"]["early stopping"][1].stopped == "early stopping"
    size = {
        name: np.mean([np.mean(p.data**2) for p in model.parameters()]) for name, (model, _) in found["runs"].items()
    }
    assert size["L2 penalty"] < 0.5 * size["no remedy"]
    assert {path.name for path in (tmp_path / "remedies").iterdir()} == {"remedies.png", "bars.png"}
