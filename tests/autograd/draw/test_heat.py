"""Large arrays in the picture of a graph are small pictures, each in its box."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import nn
from autograd import Tensor, draw
from autograd.draw.heat import SHARP, TILES, composed, sizes, tiles, with_heat
from autograd.draw.pixels import INKS, MOST, largest_finite, pixels

SVG = "{http://www.w3.org/2000/svg}"


def pictures(node: Tensor) -> dict[str, list[ElementTree.Element]]:
    """The images in the picture of a graph, by the tooltip of their array."""
    root = ElementTree.fromstring(draw(node).svg)
    groups = [group for group in root.iter(f"{SVG}g") if group.find(f"{SVG}image") is not None]
    return {group.findtext(f"{SVG}title", ""): group.findall(f"{SVG}image") for group in groups}


def test_each_large_array_is_a_picture_of_its_numbers_and_small_ones_are_not() -> None:
    Image = pytest.importorskip("PIL.Image", reason="Pillow comes with matplotlib, of the extra demos")
    a = np.random.default_rng(0).normal(size=(5, 6))
    y = np.sum(np.sin(Tensor(a, True, name="a")) * np.arange(6.0))
    found = pictures(y)
    assert len(found) == 6  # of a, sin and the product, value and gradient each
    (image,) = next(images for tip, images in found.items() if tip.startswith(f"value: from {a.min():.4g}"))
    data = base64.b64decode(image.attrib["href"].partition(",")[2])
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(data))), pixels(a, largest_finite(a)))
    assert pictures(np.sum(Tensor(a[:3], True))) == {}


def test_the_pictures_lie_in_their_boxes_and_off_the_texts(page: Any) -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3, rng=0), nn.ReLU(), nn.Flatten(), nn.Dense(144, 3, rng=0))
    X = np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    page.set_content(draw(nn.cross_entropy(model(X), [0, 1])).svg)
    inside, apart = page.evaluate("""() => {
        const box = (element) => element.getBoundingClientRect();
        const cross = (a, b, low, high) => a[low] < b[high] - 1 && b[low] < a[high] - 1;
        const meet = (a, b) => cross(a, b, "left", "right") && cross(a, b, "top", "bottom");
        return [...document.querySelectorAll("image")].map((image) => {
            const node = image.closest("g.node"), own = box(image), outer = box(node.querySelector("polygon, path"));
            const across = own.left >= outer.left && own.right <= outer.right;
            const within = across && own.top >= outer.top && own.bottom <= outer.bottom;
            return [within, ![...node.querySelectorAll("text")].some((text) => meet(own, box(text)))];
        }).reduce(([a, b], [c, d]) => [[...a, c], [...b, d]], [[], []]);
    }""")
    assert len(inside) > 20
    assert all(inside)
    assert all(apart)


def test_images_kernels_and_maps_are_tiles() -> None:
    assert [table.shape for table in tiles(np.zeros((2, 3, 4, 5)))] == [(4, 5)] * 6
    assert len(tiles(np.zeros((9, 1, 4, 5)))) == TILES
    assert [table.shape for table in tiles(np.zeros(30))] == [(1, 30)]
    assert max(tiles(np.zeros((1000, 7)))[0].shape) <= MOST
    X = Tensor(np.ones((20, 3, 70, 4)), True)
    (tip,) = (tip for tip in pictures(np.sum(X)) if tip.startswith("value"))
    assert tip.endswith(
        "hollow: below 0; 8 of 60 tables; 35 \N{MULTIPLICATION SIGN} 4 of 70 \N{MULTIPLICATION SIGN} 4 numbers"
    )


@pytest.mark.parametrize("shape", [(21,), (7, 1), (1, 400), (400, 1), (3, 3, 3), (2, 1, 1, 30)])
def test_tiles_lie_beside_each_other(shape: tuple[int, ...]) -> None:
    places, width, height = sizes(np.zeros(shape))
    boxes = [(x, y, x + wide, y + high) for _, x, y, wide, high in places]
    assert max(box[2] for box in boxes) <= width < 150
    assert max(box[3] for box in boxes) <= height < 80
    for i, a in enumerate(boxes):
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[i + 1 :])


@pytest.mark.parametrize("dtype", [bool, int, np.float32])
@pytest.mark.parametrize("value", [0, 1, np.nan, -np.inf])
def test_any_numbers_are_drawn(value: float, dtype: Any) -> None:
    with np.errstate(invalid="ignore"):
        data = np.full((5, 6), value).astype(dtype) if np.isfinite(value) else np.full((5, 6), value)
    y = np.sum(Tensor(np.ones((5, 6)), True) * data)
    assert "image" in draw(y).svg


def test_the_dot_has_no_room_for_them() -> None:
    drawing = draw(np.sum(Tensor(np.ones((5, 6)), True)))
    assert "FIXEDSIZE" not in drawing.dot
    assert [box.heat for box in with_heat(drawing.scene).boxes] == ["h0", ""]
    assert len(re.findall("<image", drawing.svg)) == 2


def test_other_formats_have_them_too(tmp_path: Path) -> None:
    Image = pytest.importorskip("PIL.Image", reason="Pillow comes with matplotlib, of the extra demos")
    a = np.linspace(0.5, 1, 30).reshape(5, 6)
    drawing = draw(np.sum(Tensor(a, True, name="a") * 2.0), theme="light")
    image = np.asarray(Image.open(drawing.save(tmp_path / "a.png", dpi=192)).convert("RGB"), dtype=int)
    full = np.abs(image - INKS[0]).max(axis=-1) < 12  # the largest number, fully opaque
    assert full.sum() > 50
    assert b"/Image" in drawing.save(tmp_path / "a.pdf").read_bytes()


def test_tiles_are_composed_as_they_lie() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 4))
    image = composed(x, "#010203", "#ffffff")
    scale = np.abs(x).max()
    for table, left, top, wide, high in sizes(x)[0]:
        for i, j in np.ndindex(4, 4):  # just inside of the corner of each number, which is full
            y, z = (round(SHARP * (at + n * (k + 0.15) / 4)) for at, n, k in ((top, high, i), (left, wide, j)))
            if i and j:
                share = abs(table[i, j]) / scale
                ink = INKS[1 if table[i, j] < 0 else 0]
                np.testing.assert_allclose(image[y, z, :3], ink * share + 255 * (1 - share), atol=2)
        corner = image[round(SHARP * top), round(SHARP * left)]
        assert corner.tolist() == [1, 2, 3, 255]
