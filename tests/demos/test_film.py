"""The animation of decision regions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nn
from demos.film import Film


def test_a_film_has_a_frame_for_every_moment_and_waits_at_the_end(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="films are drawn by matplotlib")
    images = pytest.importorskip("PIL.Image", reason="films are read here with Pillow")
    X, y = nn.data.xor()
    film = Film(X, y, epochs=6, frames=3)
    model = nn.MLP(2, 4, 2, rng=0)
    history = nn.fit(model, X, y, loss="cross_entropy", epochs=6, callbacks=film, rng=0, progress=False)
    assert [number for number, _ in film.seen] == [1, 2, 6]
    np.testing.assert_allclose(film.seen[-1][1].sum(axis=1), 1, rtol=1e-6)

    film.save(tmp_path / "film.gif", history["loss"], ["equal", "different"])
    with images.open(tmp_path / "film.gif") as picture:
        assert picture.n_frames == 3  # equal ones become one that lasts longer
        durations = []
        for k in range(3):
            picture.seek(k)
            durations.append(picture.info["duration"])
        assert durations[0] == durations[1]
        assert durations[2] > 10 * durations[0]
        assert picture.info["loop"] == 0
