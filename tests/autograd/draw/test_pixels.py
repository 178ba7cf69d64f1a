from __future__ import annotations

import io

import numpy as np
import pytest

from autograd.draw.palette import colours
from autograd.draw.pixels import BLOCK, INKS, MOST, data_uri, largest_finite, pixels, png, thinned


def test_a_number_is_as_opaque_as_it_is_large_and_hollow_below_0() -> None:
    image = pixels(np.array([[1.0, -1.0], [0.5, 0.0], [np.nan, -np.inf]]), 1.0)
    assert image.shape == (3 * BLOCK, 2 * BLOCK, 4)
    blocks = image.reshape(3, BLOCK, 2, BLOCK, 4).swapaxes(1, 2)
    assert np.all(blocks[0, 0] == [*INKS[0], 255])
    opacity = blocks[0, 1, ..., 3]
    assert np.all(blocks[0, 1, ..., :3] == INKS[1])
    assert np.all(opacity[1:-1, 1:-1] < 100)
    assert np.all(np.delete(np.delete(opacity, [1, 2], 0), [1, 2], 1) == 255)
    assert np.all(opacity[[0, -1]] == 255)
    assert np.all(blocks[1, 0, ..., 3] == 128)
    assert np.all(blocks[1, 1, ..., 3] == 0)
    assert np.all(blocks[2] == [*INKS[2], 255])


def test_a_picture_is_read_by_others() -> None:
    Image = pytest.importorskip("PIL.Image", reason="Pillow comes with matplotlib, of the extra demos")
    image = pixels(np.random.default_rng(0).normal(size=(5, 7)), 2.0)
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(png(image)))), image)


@pytest.mark.parametrize("shape", [(1, 1), (3, 1000), (MOST, MOST + 1)])
def test_large_tables_are_thinned(shape: tuple[int, int]) -> None:
    table = np.random.default_rng(0).normal(size=shape)
    assert max(thinned(table).shape) <= MOST
    assert len(data_uri(table, 1.0)) < 20_000


def test_the_scale_is_never_0_nor_infinite() -> None:
    assert largest_finite(np.zeros(3)) == largest_finite(np.array([np.nan])) == largest_finite(np.zeros(0)) == 1
    assert largest_finite(np.array([-3.0, np.inf])) == 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_full_pixels_stand_out_from_the_page_of_either_theme(theme: str) -> None:
    def light(rgb: np.ndarray) -> float:  # WCAG 2.2
        s = np.asarray(rgb) / 255
        return float(np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])

    ground = light(np.array([int(colours(theme)["background"][i : i + 2], 16) for i in (1, 3, 5)]))
    for ink in INKS:
        high, low = sorted((light(ink), ground), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 3
