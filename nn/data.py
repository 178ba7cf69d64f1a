"""Toy data sets, and what stands between data and a model: batches, splits, one-hot labels, standardization.

The sets for classification are X (n, 2) and labels y (n,), counted from 0, point by point: `n` points of every class
are made, and the classes come one after the other. Those for regression are X (n, 1) and y (n, 1). `noise` is the
standard deviation of what is added, to every coordinate or to y; `rng` a NumPy generator, an int as its seed, or None.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_tuple

from autograd import arrays, asarray

from .checks import integer
from .init import Seed
from .lazy import known, rebatched, shuffled
from .samples import common_length, in_blocks, mapped, samples, source, whole
from .synonyms import DATA, missing
from .targets import check_range, integers

Array = npt.NDArray[Any]

if not TYPE_CHECKING:  # for a checker of types, what is missing is missing

    def __getattr__(name: str) -> Any:
        raise missing("nn.data", name, DATA)


def xor() -> tuple[Array, Array]:
    """The four points that no straight line separates: the label says whether the two coordinates differ.

    >>> xor()[1]
    array([0, 1, 1, 0])
    """
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array([0, 1, 1, 0])


def spirals(arms: int = 3, n: int = 100, noise: float = 0.02, rng: Seed = None) -> tuple[Array, Array]:
    """`arms` spirals around the origin, each one turn from radius 0.1 to 1."""
    rng = np.random.default_rng(rng)
    radius = rng.uniform(0.1, 1, (arms, n))
    angle = 2 * math.pi * (radius + np.arange(arms)[:, None] / arms)
    return noisy([radius * np.cos(angle), radius * np.sin(angle)], noise, rng)


def moons(n: int = 100, noise: float = 0.1, rng: Seed = None) -> tuple[Array, Array]:
    """Two half circles that reach into each other: the upper one around (0, 0), the lower one around (1, 0.5)."""
    rng = np.random.default_rng(rng)
    lower = np.array([[0.0], [1.0]])
    angle = rng.uniform(0, math.pi, (2, n)) + math.pi * lower
    return noisy([np.cos(angle) + lower, np.sin(angle) + 0.5 * lower], noise, rng)


def circles(n: int = 100, noise: float = 0.05, rng: Seed = None) -> tuple[Array, Array]:
    """Two circles around the origin, of radius 1 and 0.5."""
    rng = np.random.default_rng(rng)
    angle = rng.uniform(0, 2 * math.pi, (2, n))
    radius = np.array([[1], [0.5]])
    return noisy([radius * np.cos(angle), radius * np.sin(angle)], noise, rng)


def blobs(classes: int = 3, n: int = 100, noise: float = 0.15, rng: Seed = None) -> tuple[Array, Array]:
    """Round clouds of points, one for each class, around the corners of a regular polygon of radius 1."""
    rng = np.random.default_rng(rng)
    angle = np.repeat(2 * math.pi * np.arange(classes)[:, None] / classes, n, axis=1)
    return noisy([np.cos(angle), np.sin(angle)], noise, rng)


def noisy(coordinates: Sequence[Array], noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """X and y from coordinates of shape (classes, n), with noise added."""
    classes, n = coordinates[0].shape
    X = np.stack(coordinates, axis=-1).reshape(-1, len(coordinates))
    return X + noise * rng.standard_normal(X.shape), np.repeat(np.arange(classes), n)


def regression_line(
    n: int = 100, slope: float = 2.0, intercept: float = 1.0, noise: float = 0.1, rng: Seed = None
) -> tuple[Array, Array]:
    """slope * x + intercept with noise, for x in [-1, 1]. [course: Regressione]"""
    return noisy_function(lambda x: slope * x + intercept, 1.0, n, noise, rng)


def noisy_sine(n: int = 100, noise: float = 0.1, rng: Seed = None) -> tuple[Array, Array]:
    """sin(x) with noise, for x in [-pi, pi]."""
    return noisy_function(np.sin, math.pi, n, noise, rng)


def noisy_function(f: Callable[[Array], Array], reach: float, n: int, noise: float, rng: Seed) -> tuple[Array, Array]:
    """X, uniform in [-reach, reach], and f(X) with noise added."""
    rng = np.random.default_rng(rng)
    X = rng.uniform(-reach, reach, (n, 1))
    return X, f(X) + noise * rng.standard_normal(X.shape)


# --- Batches and splits -------------------------------------------------------------------------------------------


class Batches:
    """Batches of samples that can be gone through again and again, in a new order each time if they are shuffled.

    `len()` is the number of batches, `.samples` that of the samples.
    """

    def __init__(self, data: Any, n: int, size: int, shuffle: bool, rng: Seed, drop_last: bool) -> None:
        self.data, self.samples, self.size = data, n, size
        self.shuffle, self.drop_last = shuffle, drop_last
        self.rng = np.random.default_rng(rng)
        self.blocks = in_blocks(data)

    def __len__(self) -> int:
        return self.samples // self.size if self.drop_last else -(-self.samples // self.size)

    def __iter__(self) -> Iterator[Any]:
        return (samples(self.data, which) for which in self.positions())

    def positions(self) -> Iterator[Array]:
        """Which samples each batch has, of an epoch."""
        if self.blocks is not None:
            blocks, ends = self.blocks
            if self.shuffle:
                return itertools.islice(rebatched(shuffled(blocks, ends, self.rng), self.size), len(self))
            blocks.plan(range(len(ends)))
        order = self.rng.permutation(self.samples) if self.shuffle else None  # which is as long as the set
        bounds = ((i * self.size, min((i + 1) * self.size, self.samples)) for i in range(len(self)))
        return (np.arange(*bound) if order is None else order[slice(*bound)] for bound in bounds)

    def __repr__(self) -> str:
        return f"Batches({len(self)} of {self.size} samples, {self.samples} in all)"


def batches(X: Any, y: Any, size: int, shuffle: bool = True, rng: Seed = None, drop_last: bool = False) -> Batches:
    """Pairs of up to `size` samples and their targets, each sample once: one epoch, and another each time it is used.

    The last batch may be smaller, or with `drop_last` is left out. Without y, None, there are batches of X alone.

    X and y are arrays, tables of pandas, lists, memory-mapped files, of which no more than a batch is ever in memory,
    lazy arrays (Dask's), of which some blocks are, and rows are shuffled among these, or anything with `__len__` and
    `__getitem__`; several inputs or outputs are a dict or a tuple of these. Samples and targets belong together by
    position; a batch holds arrays. Raises ValueError if X and y differ in length, `size` is below 1, or no batch is
    left; TypeError for what cannot be read by position, as generators, or is sparse.
    """
    if integer("batches: size", size) < 1:
        raise ValueError(f"batches: size must be at least 1, got {size}")
    data, n = paired("batches", X, y)
    return batches_of("batches", data, n, size, shuffle, rng, drop_last)


def batches_of(what: str, data: Any, n: int, size: int, shuffle: bool, rng: Seed, drop_last: bool) -> Batches:
    """The batches of `n` samples, if there are any."""
    if drop_last and 0 < n < size:
        raise ValueError(f"{what}: drop_last=True leaves none of {n} samples, which are less than a batch of {size}")
    return Batches(data, n, size, shuffle, rng, drop_last)


def paired(what: str, X: Any, y: Any) -> tuple[Any, int]:
    """The pair of samples and targets, or the samples alone, ready to be read by position; and how many there are."""
    if y is None:
        data = source(f"{what}: X", X)
        return data, common_length(what, X=data)
    pair = source(f"{what}: X", X), source(f"{what}: y", y)
    return pair, common_length(what, X=pair[0], y=pair[1])


def split(X: Any, y: Any, test: float = 0.2, stratify: Any = False, rng: Seed = None) -> tuple[Any, Any, Any, Any]:
    """X_train, X_test, y_train, y_test, drawn at random: scikit-learn's order. All four are copies.

    `test` is the share of the samples that are held out, between 0 and 1, or their number, an int. With
    `stratify=True` each class of the labels y has the same share in both parts, to the nearest sample; or of other
    labels, one for each sample. X and y are what `batches` takes; the parts of a table are tables, of a lazy array
    lazy, all others arrays.
    Raises ValueError if X and y differ in length, or a part, or with `stratify` a class in it, would be empty.
    """
    _, n = paired("split", X, y)
    count = integer("split: test", test) if isinstance(test, (int, np.integer)) else round(float(test) * n)
    if not 0 < count < n:
        raise ValueError(f"split: test={test} of {n} samples leaves one part without any: both need some")
    order = np.random.default_rng(rng).permutation(n)
    held_out = np.zeros(n, dtype=bool)
    labels = y if stratify is True else None if stratify is False or stratify is None else stratify
    held_out[order[:count] if labels is None else stratified(labels, count, order)] = True
    train, held = order[~held_out[order]], order[held_out[order]]
    return taken(X, train), taken(X, held), taken(y, train), taken(y, held)


def taken(data: Any, which: Array) -> Any:
    """A copy of the samples at these positions: a table stays a table, and a lazy array lazy."""

    def rows(part: Any) -> Any:
        if arrays.is_lazy(part):
            return part[which]
        return part.iloc[which].copy() if hasattr(part, "iloc") else samples(source("split", part), which)

    return mapped(rows, data)


def stratified(y: Any, count: int, order: Array) -> Array:
    """The `count` samples that are held out: of every class its share, the first ones in this order."""
    labels = whole("split: stratify", y)
    common_length("split", X=order, y=labels)
    if labels.ndim != 1:
        raise ValueError(f"split: stratify=True needs one label for each sample, and y has the shape {labels.shape}")
    classes, code, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    share = sizes * (count / len(labels))
    taken = np.floor(share).astype(np.intp)
    taken[np.argsort(taken - share, kind="stable")[: count - taken.sum()]] += 1  # the rest goes where most is missing
    for label, size, some in zip(classes, sizes, taken):
        if not 0 < some < size:
            raise ValueError(
                f"split: of the {size} samples of class {label}, {some} would be held out: with stratify=True every "
                f"class needs some in both parts (more samples, or another test=)"
            )
    return np.concatenate([order[code[order] == k][:some] for k, some in enumerate(taken)])


# --- What models want ---------------------------------------------------------------------------------------------


def one_hot(labels: Any, classes: int | None = None, dtype: npt.DTypeLike = np.float32) -> Array:
    """A row of zeros with a one at its label for each label: integers (...) give (..., classes).

    `classes` is by default one more than the largest label. Raises ValueError for labels that are out of range,
    negative or fractional, and for none at all if `classes` is not said.

    >>> one_hot([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    found = integers("one_hot", np.asarray(known("one_hot: labels", labels)), classes)
    if classes is None:
        if not found.size:
            raise ValueError("one_hot: of no labels the number of classes is unknown: say classes=")
        classes = max(int(found.max()) + 1, 1)
    check_range("one_hot", found, classes)
    return np.equal(np.arange(classes), found[..., None]).astype(dtype)


def standardize(X: npt.ArrayLike, axis: int | tuple[int, ...] = 0) -> Standardizer:
    """What makes every feature have mean 0 and standard deviation 1, as it is found in X, the samples to train on.

        scaler = nn.data.standardize(X_train)
        X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

    The mean is over `axis`: 0, the samples, or for images (n, channels, height, width) also (0, 2, 3). A feature that
    is constant becomes 0. Raises ValueError for no samples, and for numbers that are not finite.
    """
    array = np.asarray(known("standardize: X", X), dtype=np.float64)
    if not array.size:
        raise ValueError(f"standardize: there are no numbers in X, of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("standardize: X holds NaN or inf, which have no mean")
    low = array.min(axis=axis, keepdims=True)
    constant = low == array.max(axis=axis, keepdims=True)
    mean = np.where(constant, low, array.mean(axis=axis, keepdims=True))  # a mean of equal numbers may be off by an ulp
    centred = array - mean
    reach = np.where(constant, 1, np.abs(centred).max(axis=axis, keepdims=True))  # squares could overflow, or vanish
    std = reach * np.sqrt(np.mean(np.square(centred / reach), axis=axis, keepdims=True))
    return Standardizer(mean, np.where(std == 0, 1, std), normalize_axis_tuple(axis, array.ndim))


@dataclass(frozen=True, eq=False)
class Standardizer:
    """(X - mean) / std, with the mean and the standard deviation of other samples; see `standardize`."""

    mean: Array
    std: Array
    axis: tuple[int, ...]

    def transform(self, X: npt.ArrayLike) -> Array:
        """X standardized, in its own floating dtype. Raises ValueError for other features than were seen."""
        array = self.fitting(X)
        return ((array - self.mean) / self.std).astype(array.dtype)

    def inverse_transform(self, Z: npt.ArrayLike) -> Array:
        """The X that `transform` makes Z of."""
        array = self.fitting(Z)
        return (array * self.std + self.mean).astype(array.dtype)

    def fitting(self, X: npt.ArrayLike) -> Array:
        """X as an array of floats, if its features are those that were seen."""
        array: Array = asarray(X)
        seen = self.mean.shape
        if array.ndim != len(seen) or any(
            a != b for i, (a, b) in enumerate(zip(array.shape, seen)) if i not in self.axis
        ):
            raise ValueError(f"standardize: X of shape {array.shape} does not have the features of the mean, {seen}")
        return array if array.dtype.kind == "f" else array.astype(np.float64)
