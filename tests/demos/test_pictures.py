"""What the demos show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from demos.pictures import probabilities_of, save_curves, save_mistakes, save_regions, sparkline


def test_a_sparkline_goes_from_the_highest_to_the_lowest_block() -> None:
    assert sparkline([2.0**-k for k in range(8)]) == "█▇▆▅▄▃▂▁"


def test_a_sparkline_has_a_width() -> None:
    assert len(sparkline([1.0, 2.0, 3.0])) == 3
    assert len(sparkline(np.geomspace(1, 100, 1000).tolist(), width=25)) == 25


def test_a_sparkline_of_equal_numbers_is_flat() -> None:
    assert sparkline([0.5] * 4) == "▁▁▁▁"


def test_pictures_are_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the pictures are drawn by matplotlib")

    def halves(points: Any) -> Any:
        p = 1 / (1 + np.exp(-points[:, :1]))
        return np.hstack([1 - p, p])

    X, y = np.array([[-1.0, 0.0], [1.0, 0.5], [0.5, -1.0]]), np.array([0, 1, 1])
    save_regions(tmp_path / "regions.png", halves, X, y, "halves", ["left", "right"])
    save_curves(tmp_path / "curves.png", {"a": [1.0, 0.5, 0.1], "b": [2.0, 2.0, 1.0]}, "two", "step", "loss")
    images = np.random.default_rng(0).random((3, 4, 4))
    save_mistakes(tmp_path / "mistakes.png", images, y, halves(X[::-1]), "one is wrong")
    save_mistakes(tmp_path / "none.png", images, y, halves(X), "none is wrong")
    for path in tmp_path.iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")
    assert len(list(tmp_path.iterdir())) == 4


def test_a_prediction_leaves_the_model_in_its_mode() -> None:
    model = nn.Sequential(nn.Dense(2, 3, rng=0), nn.Dropout(0.9, rng=0))
    X = np.ones((5, 2))
    p = probabilities_of(model)(X)
    assert model.training
    assert model[1].training
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(p, np.broadcast_to(p[0], p.shape))  # nothing was dropped
    probabilities_of(model.eval())(X)
    assert not model.training
