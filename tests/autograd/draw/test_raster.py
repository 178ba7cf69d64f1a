"""The picture of a network in pixels is what Chromium makes of its SVG."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd.draw import draw
from autograd.draw.cells import MARKS
from autograd.draw.raster import raster

SHOWN = {
    "marks": lambda: draw(nn.MLP(2, *[3] * (len(MARKS) - 2), 1, rng=0), [0.5, -1.0], cells=list(MARKS), theme="light"),
    "images": lambda: draw(
        nn.Sequential(nn.Conv2d(1, 3, 3, rng=0), nn.ReLU(), nn.Flatten(), nn.Dense(48, 3, rng=0)),
        np.random.default_rng(0).normal(size=(1, 6, 6)), edges="gradients", theme="dark",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_pixels_are_those_of_a_browser(page: Any, name: str) -> None:
    Image = pytest.importorskip("PIL.Image", reason="Pillow comes with matplotlib")
    drawing = SHOWN[name]()
    page.set_content(f"<body style='margin: 0'>{drawing.svg}</body>")
    page.set_viewport_size({"width": 1600, "height": 800})

    def seen(data: bytes) -> Any:
        return np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=float)

    expected, found = seen(page.locator("svg").screenshot()), seen(raster(drawing.svg, "png"))
    assert expected.shape == found.shape
    assert np.ptp(expected) > 200

    def blurred(x: Any) -> Any:
        """Means over six pixels: letters are drawn by other programs, in places that differ by one."""
        high, wide = (n // 6 for n in x.shape)
        return x[: high * 6, : wide * 6].reshape(high, 6, wide, 6).mean(axis=(1, 3))

    away = np.abs(blurred(expected) - blurred(found))
    assert away.mean() < 2.5
    assert (away > 60).mean() < 0.002


def test_it_is_as_sharp_as_one_wants(tmp_path: Path) -> None:
    Image = pytest.importorskip("PIL.Image", reason="Pillow comes with matplotlib")
    drawing = draw(nn.MLP(2, 3, 1, rng=0), [0.0, 1.0])
    files = [drawing.save(tmp_path / f"{dpi}.png", dpi=dpi).read_bytes() for dpi in (96, 288)]
    sizes = [Image.open(io.BytesIO(data)).size for data in files]
    np.testing.assert_allclose(sizes[1], np.multiply(sizes[0], 3), atol=3)
    assert drawing.save(tmp_path / "net.pdf").read_bytes().startswith(b"%PDF")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match=r"chainrule\[plot\]"):
        draw(nn.MLP(2, 3, 1, rng=0), [0.0, 1.0]).save(tmp_path / "net.png")
