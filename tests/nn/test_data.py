"""Toy data sets, batches, splits, one-hot labels, standardization."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn.data import (
    batches,
    blobs,
    circles,
    moons,
    noisy_sine,
    one_hot,
    regression_line,
    spirals,
    split,
    standardize,
    xor,
)

GENERATORS: dict[str, Callable[..., Any]] = {"spirals": spirals, "moons": moons, "circles": circles, "blobs": blobs}
CURVES: dict[str, Callable[..., Any]] = {"regression_line": regression_line, "noisy_sine": noisy_sine}


def test_xor() -> None:
    X, y = xor()
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("name", GENERATORS)
def test_shapes_labels_and_seeds(name: str) -> None:
    generate, classes = GENERATORS[name], 3 if name in ("spirals", "blobs") else 2
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


def test_blobs_lie_around_the_corners_of_a_polygon() -> None:
    X, y = blobs(classes=4, n=3, noise=0, rng=0)
    corners = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    np.testing.assert_allclose(X, corners[y], atol=1e-15)


@pytest.mark.parametrize("generate", CURVES.values())
def test_curves_are_columns_and_have_seeds(generate: Callable[..., Any]) -> None:
    X, y = generate(n=20, rng=0)
    assert X.shape == y.shape == (20, 1)
    np.testing.assert_array_equal(generate(n=20, rng=np.random.default_rng(0))[1], y)
    assert not np.array_equal(generate(n=20, rng=1)[0], X)


def test_curves_are_what_they_say() -> None:
    X, y = regression_line(n=1000, slope=3, intercept=-1, noise=0, rng=0)
    np.testing.assert_allclose(y, 3 * X - 1, rtol=1e-13, atol=1e-15)
    assert -1 <= X.min() < -0.98
    assert 0.98 < X.max() <= 1
    X, y = noisy_sine(n=1000, noise=0, rng=0)
    np.testing.assert_array_equal(y, np.sin(X))
    assert -math.pi <= X.min() < -3.1
    assert 3.1 < X.max() <= math.pi


@pytest.mark.parametrize("generate", CURVES.values())
def test_curves_have_noise_in_y_alone(generate: Callable[..., Any]) -> None:
    (X, y), (X_exact, y_exact) = (generate(n=10_000, noise=noise, rng=0) for noise in (0.2, 0))
    np.testing.assert_array_equal(X, X_exact)
    assert (y - y_exact).std() == pytest.approx(0.2, rel=0.03)


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


# --- one_hot ------------------------------------------------------------------------------------------------------


def test_one_hot() -> None:
    np.testing.assert_array_equal(one_hot([2, 0, 1]), np.eye(3)[[2, 0, 1]])
    np.testing.assert_array_equal(one_hot(np.array([[1], [0]], np.uint8), 4), np.eye(4)[[[1], [0]]])
    np.testing.assert_array_equal(one_hot([1.0, 0.0]), np.eye(2)[[1, 0]])
    assert one_hot(1, 2).tolist() == [0, 1]
    assert one_hot([], 3).shape == (0, 3)
    assert one_hot([0]).dtype == np.float32
    assert one_hot([0], dtype=bool).dtype == bool


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        ([0, 3], 3, "one_hot: labels from 0 to 3 for 3 classes, counted from 0"),
        ([-1, 0], None, "one_hot: labels from -1 to 0 for 1 classes"),
        ([-2, -1], None, "one_hot: labels from -2 to -1 for 1 classes"),
        ([0.5], 2, "one_hot: labels are integers from 0 to 1, and among these is 0.5"),
        ([math.nan], None, "one_hot: labels are integers not negative, and among these is nan"),
        (["cat"], None, "one_hot: labels are integers not negative, not <U3"),
        ([], None, "one_hot: of no labels the number of classes is unknown: say classes="),
    ],
)
def test_labels_that_cannot_be_one_hot_are_refused(labels: Any, classes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        one_hot(labels, classes)


# --- standardize --------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(2)


def test_standardized_features_have_mean_0_and_standard_deviation_1() -> None:
    X = RNG.normal([1, -50, 1e6], [1, 10, 1e-2], (500, 3))
    scaler = standardize(X)
    Z = scaler.transform(X)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-7)
    np.testing.assert_allclose(Z.std(axis=0), 1, rtol=1e-7)
    np.testing.assert_allclose(scaler.inverse_transform(Z), X, rtol=1e-14)


def test_what_was_found_in_one_set_is_applied_to_the_others() -> None:
    scaler = standardize([[0, 10], [4, 30]])
    np.testing.assert_array_equal(scaler.transform([[2, 20], [6, 40]]), [[0, 0], [2, 2]])
    np.testing.assert_array_equal(scaler.inverse_transform([[0, 0], [2, 2]]), [[2, 20], [6, 40]])


def test_the_mean_may_be_over_other_axes() -> None:
    images = RNG.normal(3, 2, (20, 3, 4, 4))
    for axis in ((0, 2, 3), (0, -2, -1)):
        scaler = standardize(images, axis=axis)
        assert scaler.mean.shape == (1, 3, 1, 1)
        np.testing.assert_allclose(scaler.transform(images).mean(axis=axis), np.zeros(3), atol=1e-14)
        np.testing.assert_allclose(scaler.transform(images[:, :, :2]), scaler.transform(images)[:, :, :2], rtol=1e-15)


@pytest.mark.parametrize("constant", [0.0, 0.1, -7.3, 1e300, 1e-300])
def test_constant_features_become_0(constant: float) -> None:
    X = np.full((7, 1), constant)  # the mean of seven times 0.1 is not 0.1
    with np.errstate(all="raise"):
        scaler = standardize(X)
        np.testing.assert_array_equal(scaler.transform(X), np.zeros((7, 1)))
    np.testing.assert_array_equal(scaler.transform([[constant + 1]]), [[constant + 1 - constant]])


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e200, 1e300])
def test_squares_that_overflow_or_vanish_do_no_harm(size: float) -> None:
    X = size * np.array([[-1.0], [1.0], [-1.0], [1.0]])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        np.testing.assert_allclose(standardize(X).transform(X), X / size, rtol=1e-15)


def test_the_least_difference_that_there_is_divides_by_no_zero() -> None:
    X = np.zeros((20, 1))
    X[0] = 5e-324
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert np.all(np.isfinite(standardize(X).transform(X)))


def test_dtypes() -> None:
    X = RNG.standard_normal((10, 2))
    scaler = standardize(X.astype(np.float32))
    assert scaler.transform(X.astype(np.float32)).dtype == np.float32
    assert scaler.transform(X).dtype == np.float64
    assert scaler.transform(np.ones((3, 2), dtype=int)).dtype == np.float64


@pytest.mark.parametrize(
    ("seen", "other"), [((5, 3), (5, 2)), ((5, 1), (5, 3)), ((5, 3), (5, 1)), ((5, 3), (3,)), ((5,), (5, 1))]
)
def test_other_features_than_were_seen_are_refused(seen: Any, other: Any) -> None:
    scaler = standardize(RNG.standard_normal(seen))
    for use in (scaler.transform, scaler.inverse_transform):
        with pytest.raises(ValueError, match=r"standardize: X of shape .* does not have the features of the mean, \(1"):
            use(np.zeros(other))


def test_what_has_no_mean_is_refused() -> None:
    with pytest.raises(ValueError, match=r"standardize: there are no numbers in X, of shape \(0, 3\)"):
        standardize(np.zeros((0, 3)))
    for bad in (math.nan, math.inf):
        with pytest.raises(ValueError, match="standardize: X holds NaN or inf, which have no mean"):
            standardize([[1.0], [bad]])
