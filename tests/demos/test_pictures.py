"""What the demos show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from demos.pictures import save_loss, save_regions, sparkline


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
    save_loss(tmp_path / "loss.png", [1.0, 0.5, 0.1], "loss", "step")
    for name in ("regions.png", "loss.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
