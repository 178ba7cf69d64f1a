"""What an epoch goes through: batches of the samples that are given, or batches that the user makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from numbers import Real
from typing import Any

import numpy as np

from ..data import Batches, paired
from ..samples import Pairs, Weighed, common_length, computed, holds_samples, shown, subset, whole
from .weighing import Array, Weights, checked

Make = Callable[[Any, int], Batches]


class Given:
    """Batches that the user makes: an iterable of pairs (x, y), or of triples with a weight for each sample. They are
    looked at, and made arrays, as they come.
    """

    samples: int | None = None  # how many there are is not known

    def __init__(self, what: str, batches: Any) -> None:
        self.what, self.batches = what, batches

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        number = -1
        for number, batch in enumerate(self.batches if isinstance(self.batches, Iterable) else self.batches()):
            yield self.pair(f"{self.what}: batch {number}", batch)
        if number < 0:
            raise ValueError(f"{self.what}: {shown(self.batches)} gave no batches, or no second time (is it used up?)")

    def pair(self, what: str, batch: Any) -> tuple[Any, Any]:
        """A batch as arrays."""
        if not is_batch(batch):
            raise TypeError(
                f"{what} is {shown(batch)}: without y, X is an iterable of batches, the pairs (x, y) of some samples "
                f"and their targets, or (x, y, weight)"
            )
        x, y, *weight = computed(tuple(batch))
        x, y = whole(f"{what}: x", x), whole(f"{what}: y", y)
        n = common_length(what, x=x, y=y)
        if n == 0:
            raise ValueError(f"{what} has no samples")
        return x, Weighed(y, checked(f"{what}: the weights", weight[0], n)) if weight else y

    def __len__(self) -> int:
        return len(self.batches)  # a TypeError where that is not known


def known_length(batches: Batches | Given) -> int | None:
    """The number of batches in an epoch, if it is known."""
    try:
        return len(batches)
    except TypeError:
        return None


def opened(what: str, X: Any, y: Any, epochs: int, weight: Any = None) -> Given | tuple[Any, int]:
    """The samples with their targets, ready to be read by position, and their number; or batches of the user's."""
    if weight is not None and y is None:
        raise TypeError(
            f"{what}: sample_weight goes with X and y; a batch, or an item of a set, has it as a third item"
        )
    if y is not None:
        data, n = paired(what, X, y)
        if weight is not None and n:
            data = with_weights(data, checked(f"{what}: sample_weight", weight, n))
    elif isinstance(X, str):
        raise TypeError(f"{what}: X is the text {X!r}: read the file first, with numpy.loadtxt or pandas.read_csv")
    elif hasattr(X, "__len__") and hasattr(X, "__getitem__") and not isinstance(X, (list, tuple)):
        if isinstance(X, (np.ndarray, Mapping)) or hasattr(X, "shape"):
            raise missing_targets(what)
        data, n = Pairs(X), len(X)
    else:
        return given(what, X, epochs)
    if n == 0:
        raise ValueError(f"{what}: there are no samples")
    return data, n


def given(what: str, batches: Any, epochs: int) -> Given:
    """Batches of the user's, if they can be gone through so often."""
    if isinstance(batches, tuple) and len(batches) == 2:  # X and y, as in validation=(X, y)
        raise missing_targets(what)
    if not isinstance(batches, Iterable) and not callable(batches):
        raise TypeError(f"{what}: X is {shown(batches)}, and no data: pass X and y, or an iterable of batches (x, y)")
    if epochs > 1 and isinstance(batches, Iterator):
        raise ValueError(
            f"{what}: {shown(batches)} can be gone through once, and there are {epochs} epochs: pass the function that "
            f"makes it, a list of its batches, or epochs=1"
        )
    return Given(what, batches)


def missing_targets(what: str) -> TypeError:
    """The error for samples alone."""
    return TypeError(f"{what}: y is missing, the targets, one for each sample of X (a pair goes in as *data: X, y)")


def is_batch(x: Any) -> bool:
    """Whether this may be a batch, or samples and their targets, and weights."""
    return isinstance(x, (tuple, list)) and len(x) in (2, 3)


def are_batches(x: Any) -> bool:
    """Whether a list, of two or three, holds batches, and not samples and their targets."""
    return isinstance(x, list) and all(is_batch(item) and any(map(holds_samples, item)) for item in x)


def with_weights(data: Any, weight: Any) -> Any:
    """Samples and targets with a weight for each; None for no weights."""
    return data if weight is None else (data[0], Weighed(data[1], weight))


def opened_with(
    what: str, X: Any, y: Any, weights: Weights, epochs: int
) -> tuple[Given | tuple[Any, int], Array | None, Array | None]:
    """What `opened` gives, and for its samples their own weights, and those to train with."""
    found = opened(what, X, y, epochs)
    if weights.given and y is None:
        raise TypeError(
            f"{what}: class_weight and sample_weight go with X and y; a batch, or an item of a set, has its weight as "
            "a third item"
        )
    return found, *((None, None) if isinstance(found, Given) else weights.of(what, y, found[1]))


def parted(
    X: Any, y: Any, weights: Weights, validation: Any, seed: int | None, epochs: int, make: Make, make_held: Make
) -> tuple[Batches | Given, Batches | Given | None]:
    """The batches to train on, and those for validation: what is given for it, or a part of the samples at random."""
    found, of_samples, in_training = opened_with("fit", X, y, weights, epochs)
    data, n = (None, 0) if isinstance(found, Given) else found
    if validation is None or not isinstance(validation, Real):
        train = found if isinstance(found, Given) else make(with_weights(data, in_training), n)
        if validation is None:
            return train, None
        given = is_batch(validation) and not are_batches(validation)
        X, y, *weight = validation if given else (validation, None)
        held = opened("fit: validation", X, y, epochs, *weight)
        return train, held if isinstance(held, Given) else make_held(*held)
    if isinstance(found, Given):
        raise ValueError(
            f"fit: validation={validation} is a part of samples, and X is an iterable of batches: pass "
            f"validation=(X, y), or other batches"
        )
    held_out = round(float(validation) * n)
    if not 0 < held_out < n:
        raise ValueError(f"fit: validation={validation} of {n} samples leaves {held_out} for it: choose another part")
    order = np.random.default_rng(seed).permutation(n)
    out, kept = np.sort(order[:held_out]), np.sort(order[held_out:])

    def part(which: Any, weight: Any) -> Any:
        return with_weights(subset(data, which), None if weight is None else weight[which])

    return make(part(kept, in_training), len(kept)), make_held(part(out, of_samples), len(out))
