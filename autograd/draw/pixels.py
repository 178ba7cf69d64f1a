"""Arrays as small pictures on a diverging scale: PNGs that stand in an SVG, without any library.

A number below 0 is hollow, one above is full: the sign is seen without the colours too. How opaque a pixel is says how
large its number is, so the picture fits a light page and a dark one.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
MOST = 64  # pixels along an axis; of more numbers every so manieth is shown
BLOCK = 4  # pixels of the PNG for a number; the hole of a negative one is half as wide
COLOUR_TYPE = 6  # RGBA
# above 0, below 0, not finite: between the light and the dark colours of the palette, to be seen on both grounds
INKS = np.array([[47, 128, 216], [217, 102, 26], [222, 40, 84]])


def thinned(table: Array, most: int = MOST) -> Array:
    """A table of at most so many rows and columns: of a larger one every second, every third, ..."""
    rows, columns = (max(1, -(-size // most)) for size in table.shape)
    return table[::rows, ::columns]


def largest_finite(x: Array) -> float:
    """The absolute largest of the finite numbers; 1 if all are 0."""
    sizes = np.abs(np.asarray(x[np.isfinite(x)], dtype=float))
    return float(sizes.max(initial=0)) or 1.0


def pixels(table: Array, scale: float) -> Array:
    """The numbers (rows, columns) as RGBA (rows * BLOCK, columns * BLOCK, 4); +-scale is fully opaque.

    What is not finite has the colour of a warning.
    """
    finite = np.isfinite(table)
    known = np.where(finite, table, scale)
    sign = np.where(finite, np.where(known < 0, 1, 0), 2)
    opacity = np.rint(255 * np.clip(np.abs(known) / scale, 0, 1))
    image = np.concatenate([INKS[sign], opacity[..., None]], axis=-1).astype(np.uint8)
    image = image.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)
    inner = np.arange(BLOCK) // (BLOCK // 4) % 3 != 0  # the middle half
    hole = np.tile(inner[:, None] & inner, table.shape) & (sign == 1).repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)
    image[hole, 3] //= 4
    return image


def opaque(image: Array, ground: str) -> Array:
    """RGBA on a ground, "#rrggbb"."""
    share = image[..., 3:] / 255
    mixed = np.rint(image[..., :3] * share + np.array([*bytes.fromhex(ground[1:])]) * (1 - share))
    return np.concatenate([mixed.astype(np.uint8), np.full_like(image[..., 3:], 255)], axis=-1)


def png(image: Array) -> bytes:
    """RGBA (height, width, 4) as a file in the Portable Network Graphics format (ISO/IEC 15948)."""
    height, width, _ = image.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), image.reshape(height, -1)], axis=1)  # filter 0: none
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, COLOUR_TYPE, 0, 0, 0),
        b"IDAT": zlib.compress(lines.tobytes(), 6),
        b"IEND": b"",
    }
    parts = [struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
             for kind, data in chunks.items()]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def data_uri(table: Array, scale: float) -> str:
    """The table as a picture that stands in a page itself."""
    return f"data:image/png;base64,{base64.b64encode(png(pixels(thinned(table), scale))).decode('ascii')}"
