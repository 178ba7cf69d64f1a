"""Batches and splits of samples: every sample once, paired with its target."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn.data import batches, split

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


@pytest.mark.parametrize("shuffle", [True, False])
def test_memory_mapped_files_give_the_same_batches(tmp_path: Path, shuffle: bool) -> None:
    array, y = np.arange(20.0).reshape(10, 2), np.arange(10)
    np.save(tmp_path / "X.npy", array)
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    for (samples, labels), (expected, _) in zip(
        batches(X, y, 3, shuffle, 0), batches(array, y, 3, shuffle, 0), strict=True
    ):
        np.testing.assert_array_equal(samples, expected)
        np.testing.assert_array_equal(samples[:, 0] // 2, labels)
        assert type(samples) is np.ndarray


@pytest.mark.parametrize("shuffle", [True, False])
def test_memory_mapped_files_are_never_all_in_memory(tmp_path: Path, shuffle: bool) -> None:
    shape = (50_000, 200)  # 80 MB, all zeros: a file with a hole
    X = np.memmap(tmp_path / "X", dtype=np.float64, mode="w+", shape=shape)
    y = np.memmap(tmp_path / "y", dtype=np.int64, mode="w+", shape=shape[:1])
    tracemalloc.start()
    try:
        seen = sum(len(samples) for samples, _ in batches(X, y, 100, shuffle, rng=0))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == len(X)
    assert peak < 2e6  # the order of the samples is 0.4 MB, and two batches are 0.32 MB


class Opened:
    """A data set in a file, as h5py has them: one read takes increasing indices alone."""

    shape = (10, 2)

    def __len__(self) -> int:
        return 10

    def __getitem__(self, which: Any) -> Any:
        assert np.all(np.diff(which) > 0)
        return 2.0 * np.stack([which, which], axis=1)


class Lazy:
    """A sequence of samples that are made when they are asked for."""

    def __len__(self) -> int:
        return 10

    def __getitem__(self, i: Any) -> Any:
        assert type(i) is int
        return np.array([2.0 * i, 2.0 * i])


@pytest.mark.parametrize("X", [Opened(), Lazy(), [[2.0 * i, 2.0 * i] for i in range(10)]])
@pytest.mark.parametrize("shuffle", [True, False])
def test_batches_of_anything_with_items(X: Any, shuffle: bool) -> None:
    found = list(batches(X, tuple(range(10)), 4, shuffle, rng=0))
    for samples, labels in found:
        assert isinstance(labels, np.ndarray)
        np.testing.assert_array_equal(samples, 2.0 * np.stack([labels, labels], axis=1))
    assert sorted(label for _, labels in found for label in labels) == list(range(10))


def test_batches_of_texts() -> None:
    texts, labels = ["a", "bb", "ccc"], ["x", "y", "z"]
    for some, names in batches(texts, labels, 2, rng=0):
        assert [texts.index(text) for text in some] == [labels.index(name) for name in names]


def test_batches_can_be_gone_through_again_in_a_new_order_by_their_generator() -> None:
    X = y = np.arange(50)
    again = batches(X, y, 8, rng=0)
    epochs = [[label for _, labels in again for label in labels.tolist()] for _ in range(3)]
    assert [sorted(epoch) for epoch in epochs] == [y.tolist()] * 3
    assert len(set(map(tuple, epochs))) == 3
    same = batches(X, y, 8, rng=0)
    assert epochs == [[label for _, labels in same for label in labels.tolist()] for _ in range(3)]
    assert [y.tolist() for _, y in batches(X, y, 50, shuffle=False)] * 2 == [list(range(50))] * 2


@pytest.mark.parametrize(("n", "size", "number"), [(10, 4, 2), (8, 4, 2), (3, 3, 1)])
def test_the_last_batch_can_be_left_out(n: int, size: int, number: int) -> None:
    X = y = np.arange(n)
    found = batches(X, y, size, rng=0, drop_last=True)
    assert len(found) == len(list(found)) == number
    assert {len(labels) for _, labels in found} == {size}
    assert len(batches(X, y, size)) == len(list(batches(X, y, size)))
    assert found.samples == n
    with pytest.raises(ValueError, match="drop_last=True leaves none of 3 samples, which are less than a batch of 4"):
        batches(X[:3], y[:3], 4, drop_last=True)


def test_batches_of_samples_alone() -> None:
    assert [x.tolist() for x in batches([1, 2, 3], None, 2, shuffle=False)] == [[1, 2], [3]]


def test_bad_input_is_refused_at_the_call() -> None:
    with pytest.raises(ValueError, match="X has 4 samples and y 3: there must be one target for each"):
        batches(np.zeros((4, 2)), np.zeros(3), 2)
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        batches(np.zeros(4), np.zeros(4), 0)
    with pytest.raises(TypeError):
        batches(np.zeros(4), np.zeros(4), 1.5)  # type: ignore[arg-type]


# --- splits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("test", "held"), [(0.2, 4), (0.25, 5), (7, 7), (np.int64(1), 1), (0.97, 19)])
@pytest.mark.parametrize("as_list", [True, False])
def test_split_covers_every_sample_once_and_paired(test: Any, held: int, as_list: bool) -> None:
    X, y = np.arange(40).reshape(20, 2), np.arange(20)
    parts = split(X.tolist(), y.tolist(), test, rng=0) if as_list else split(X, y, test, rng=0)
    X_train, X_test, y_train, y_test = parts
    assert len(X_test) == len(y_test) == held
    assert sorted([*y_train, *y_test]) == y.tolist()
    for part, labels in ((X_train, y_train), (X_test, y_test)):
        np.testing.assert_array_equal(part[:, 0] // 2, labels)
    X_train[...] = X_test[...] = -1
    assert X.min() == 0


def test_splits_are_random_and_have_seeds() -> None:
    X = y = np.arange(100)
    first, second, again = (split(X, y, rng=seed)[3].tolist() for seed in (0, 1, np.random.default_rng(0)))
    assert first == again
    assert set(first) != set(second)
    assert first != sorted(first)


def test_stratified_splits_keep_the_shares() -> None:
    y = np.repeat(["a", "b", "c"], [60, 30, 10])
    _, _, y_train, y_test = split(np.arange(100), y, test=0.2, stratify=True, rng=0)
    assert [np.sum(y_test == name) for name in "abc"] == [12, 6, 2]
    assert [np.sum(y_train == name) for name in "abc"] == [48, 24, 8]
    assert "".join(y_test) != "".join(sorted(y_test))  # the classes are mixed
    X_train, X_test, *_ = split(np.arange(100), y, test=0.2, stratify=True, rng=0)
    assert sorted([*X_train, *X_test]) == list(range(100))


def test_splits_are_stratified_by_other_labels_too() -> None:
    groups = ["a"] * 60 + ["b"] * 40
    X_test = split(np.arange(100), np.zeros((100, 1)), stratify=groups, rng=0)[1]
    assert [groups[i] for i in sorted(X_test)] == ["a"] * 12 + ["b"] * 8
    with pytest.raises(ValueError, match="X has 100 samples and y 3"):
        split(np.arange(100), np.zeros(100), stratify=[0, 1, 1])


def test_stratified_splits_round_where_least_is_lost() -> None:
    y = np.repeat([0, 1, 2], [7, 7, 6])
    _, _, _, y_test = split(y, y, test=10, stratify=True, rng=0)
    assert np.bincount(y_test).tolist() == [4, 3, 3]


@pytest.mark.parametrize("test", [0, 20, 25, -3, 0.0, 1.0, 0.01, -0.2])
def test_splits_with_an_empty_part_are_refused(test: float) -> None:
    with pytest.raises(ValueError, match=f"test={test} of 20 samples leaves one part without any"):
        split(np.arange(20), np.arange(20), test)


def test_other_bad_splits_are_refused() -> None:
    with pytest.raises(ValueError, match="split: X has 4 samples and y 3"):
        split(np.zeros(4), np.zeros(3))
    with pytest.raises(ValueError, match="of the 1 samples of class 1, 0 would be held out"):
        split(np.zeros(10), [0] * 9 + [1], test=0.2, stratify=True)
    with pytest.raises(ValueError, match=r"one label for each sample, and y has the shape \(4, 1\)"):
        split(np.zeros(4), np.zeros((4, 1)), test=0.5, stratify=True)
