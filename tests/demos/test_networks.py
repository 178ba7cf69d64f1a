"""Networks, program by program: the slide's sum, depth, width, and outputs that are bounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def written(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def test_layers(tmp_path: Path) -> None:
    found = run("layers", tmp_path)
    assert [found[name].shape for name in ("X", "hidden", "output")] == [(5, 3), (5, 4), (5, 2)]
    assert found["count"] == sum(p.size for p in found["model"].parameters()) == 26
    assert written(tmp_path / "layers") == {"layers.svg", "graph.svg"}


def test_shallow_and_deep(tmp_path: Path) -> None:
    found = run("shallow_and_deep", tmp_path)
    np.testing.assert_allclose(found["z"], found["by_model"], rtol=1e-12)
    one, two, three = found["errors"].values()
    assert one > 2 * two
    assert three < 0.15
    assert written(tmp_path / "shallow_and_deep") == {"depth.png"}


def test_approximation(tmp_path: Path) -> None:
    found = run("approximation", tmp_path)
    errors = found["errors"]
    assert errors[1] > errors[4] > errors[8] > errors[16]
    assert errors[8] > 0.08 > 0.02 > errors[16]
    assert errors[32] < 0.02
    assert written(tmp_path / "approximation") == {"waves.png", "error.png"}


def test_bounded_outputs(tmp_path: Path) -> None:
    found = run("bounded_outputs", tmp_path)
    far = np.linspace(-20, 20, 50)[:, None]
    bounded = found["neuron"].predict(far)
    assert bounded.min() >= 0
    assert bounded.max() <= 1
    assert found["line"].predict(far).max() > 1 > 0 > found["line"].predict(far).min()
    assert found["right"]["sigmoid"] > found["right"]["line"]
    slope, shift = np.polyfit(found["x"][:, 0], found["passed"], 1)
    assert found["line"].W.item() == pytest.approx(slope, abs=0.02)
    assert found["line"].b.item() == pytest.approx(shift, abs=0.02)
