"""Toy data sets and batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn.data import batches, circles, moons, spirals, xor

GENERATORS: dict[str, Callable[..., Any]] = {"spirals": spirals, "moons": moons, "circles": circles}


def test_xor() -> None:
    X, y = xor()
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("name", GENERATORS)
def test_shapes_labels_and_seeds(name: str) -> None:
    generate, classes = GENERATORS[name], 3 if name == "spirals" else 2
    X, y = generate(n=20, rng=0)
    assert X.shape == (20 * classes, 2)
    assert y.tolist() == [k for k in range(classes) for _ in range(20)]
    np.testing.assert_array_equal(generate(n=20, rng=np.random.default_rng(0))[0], X)
    assert not np.array_equal(generate(n=20, rng=1)[0], X)


def test_spirals_lie_on_their_arms() -> None:
    X, y = spirals(arms=4, n=50, noise=0, rng=0)
    radius, angle = np.hypot(*X.T), np.arctan2(X[:, 1], X[:, 0])
    assert radius.min() >= 0.1
    assert radius.max() <= 1
    turns = angle / (2 * np.pi) - radius - y / 4
    np.testing.assert_allclose(turns, np.round(turns), atol=1e-12)


def test_moons_lie_on_their_half_circles() -> None:
    X, y = moons(n=50, noise=0, rng=0)
    centre = np.where(y[:, None] == 0, [0, 0], [1, 0.5])
    np.testing.assert_allclose(np.hypot(*(X - centre).T), 1, rtol=1e-12)
    assert np.all((X[:, 1] - centre[:, 1] >= -1e-12) == (y == 0))


def test_circles_lie_on_their_circles() -> None:
    X, y = circles(n=50, noise=0, rng=0)
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 0, 1, 0.5), rtol=1e-12)


@pytest.mark.parametrize("generate", GENERATORS.values())
def test_noise_has_the_stated_spread(generate: Callable[..., Any]) -> None:
    difference = generate(n=5000, noise=0.2, rng=0)[0] - generate(n=5000, noise=0, rng=0)[0]
    assert difference.std() == pytest.approx(0.2, rel=0.03)


# --- batches ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(("n", "size", "sizes"), [(10, 4, [4, 4, 2]), (8, 4, [4, 4]), (3, 7, [3]), (0, 4, [])])
def test_batches_cover_every_sample_once_and_paired(n: int, size: int, sizes: list[int], shuffle: bool) -> None:
    X = np.arange(2 * n).reshape(n, 2)
    y = 100 + np.arange(n)
    found = list(batches(X, y, size, shuffle, rng=0))
    assert [len(part) for part, _ in found] == sizes
    assert sorted(label for _, labels in found for label in labels) == y.tolist()
    for samples, labels in found:
        np.testing.assert_array_equal(samples[:, 0] // 2, labels - 100)


def test_the_order_is_the_generators() -> None:
    X = y = np.arange(50)
    order = [y.tolist() for _, y in batches(X, y, 50, rng=0)]
    assert order == [y.tolist() for _, y in batches(X, y, 50, rng=0)]
    assert order != [y.tolist() for _, y in batches(X, y, 50, rng=1)]
    assert [y.tolist() for _, y in batches(X, y, 50, shuffle=False)] == [list(range(50))]
    rng = np.random.default_rng(0)
    epochs = [[y.tolist() for _, y in batches(X, y, 50, rng=rng)] for _ in range(2)]
    assert epochs[0] != epochs[1]


def test_batches_are_copies() -> None:
    X, y = np.zeros((4, 2)), np.zeros(4)
    for shuffle in (True, False):
        for samples, labels in batches(X, y, 2, shuffle):
            samples[...] = labels[...] = 7
    assert not X.any()
    assert not y.any()


def test_memory_mapped_files_are_read_batch_by_batch(tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", np.arange(20.0).reshape(10, 2))
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    found = np.concatenate([samples for samples, _ in batches(X, np.arange(10), 3, rng=0)])
    np.testing.assert_array_equal(np.sort(found[:, 0]), np.arange(0, 20, 2))


def test_bad_input_is_refused_at_the_call() -> None:
    with pytest.raises(ValueError, match="X has 4 samples and y 3: there must be one target for each"):
        batches(np.zeros((4, 2)), np.zeros(3), 2)
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        batches(np.zeros(4), np.zeros(4), 0)
    with pytest.raises(TypeError):
        batches(np.zeros(4), np.zeros(4), 1.5)  # type: ignore[arg-type]
