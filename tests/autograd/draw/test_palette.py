from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from autograd.draw.palette import COLOURS, colours, stylesheet, variables

KINDS = ("leaf", "parameter", "constant", "operation", "result", "fold")
FILLS = [f"{kind}-fill" for kind in (*KINDS, "cluster")]

# How dichromats see linear RGB: Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of
# color vision deficiency", 2009, at severity 1.
VISIONS = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = XYZ.sum(axis=1)


def linear(colour: str) -> npt.NDArray[np.float64]:
    s = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    light, dark = sorted((float(XYZ[1] @ linear(colour)) for colour in (a, b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    t = XYZ @ np.clip(rgb, 0, 1) / WHITE
    x, y, z = np.where(t > (6 / 29) ** 3, np.cbrt(t), t * 841 / 108 + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_stand_out_from_everything_behind_them(theme: str) -> None:
    own = colours(theme)
    for text, behind in itertools.product(("ink", "quiet", "gradient"), ("background", *FILLS)):
        assert contrast(own[text], own[behind]) >= 4.5, (text, behind)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_outlines_and_edges_stand_out_from_both_sides(theme: str) -> None:
    own = colours(theme)
    for line, ground in itertools.product((*KINDS, "cluster", "edge"), ("background", "cluster-fill")):
        assert contrast(own[line], own[ground]) >= 3, (line, ground)
    for kind in (*KINDS, "cluster"):
        assert contrast(own[kind], own[f"{kind}-fill"]) >= 3, kind


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISIONS)
def test_everyone_can_tell_the_kinds_apart(vision: str, theme: str) -> None:
    seen = {kind: lab(VISIONS[vision] @ linear(colours(theme)[kind])) for kind in KINDS}
    for a, b in itertools.combinations(KINDS, 2):
        assert np.linalg.norm(seen[a] - seen[b]) > 20, (a, b)  # a difference of 2.3 is just noticeable


def test_each_light_colour_has_one_role() -> None:
    light = [both[0] for both in COLOURS.values()]
    assert len(set(light)) == len(light)


def test_auto_begins_light_and_becomes_dark() -> None:
    assert colours("auto") == colours("light") != colours("dark")
    sheet = stylesheet()
    assert sheet.index(variables("light")) < sheet.index("prefers-color-scheme: dark") < sheet.index(variables("dark"))
    assert sheet.count("var(--leaf-fill)") == 2  # as a fill and as a stroke
