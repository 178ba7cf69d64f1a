"""Weights of samples: how much each counts in the loss, in training and in validation.

A weight travels with its target, as Weighed(target, weight): through batches, files and compiled steps. An integer
weight is as if the sample were there so often, and 0 as if it were not there.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, anew, asarray

from ..reduction import Report, reduced
from ..samples import Weighed, several, shown, whole
from ..targets import check_weights

Array = npt.NDArray[Any]
on_tensors: Any = np


def unweighed(target: Any) -> Any:
    """The targets without their weights, if they have some."""
    return target.target if isinstance(target, Weighed) else target


def weighed(loss: Callable[..., Tensor], given: Any, target: Any, weight: Any, reports: Sequence[Report]) -> Tensor:
    """The mean of the samples' losses, which divides by the sum of their weights; of a loss that is a sum their sum.

    Raises TypeError for a loss that has no reduction="none", which gives a loss for each sample.
    """
    if several(target):
        raise TypeError("weights of samples are for one output, and y holds several: leave them out, or loss_weights=")
    how = reduction_of(loss)
    if how not in ("mean", "sum"):
        raise TypeError(
            f"weights of samples need a loss for each, and {getattr(loss, '__name__', type(loss).__name__)} takes no "
            f'reduction="none": take a loss of nn, or give yours the argument reduction="mean"'
        )
    losses: Any = loss(given, target, reduction="none")
    n = len(weight)
    anew(check_weights, "fit", "weights of samples", weight)
    if not isinstance(losses, Tensor) or losses.shape[:1] != (n,):
        raise ValueError(
            f'{n} weights of samples need a loss for each, and reduction="none" gives the shape {np.shape(losses)}'
        )
    own = next((report.weights for report in reports if report.result is losses), None)
    each = asarray(weight, dtype=losses.dtype).reshape(n, *(1,) * (losses.ndim - 1))
    counts = np.broadcast_to(each, losses.shape) if own is None else each * own
    return reduced(loss, given, on_tensors.where(each == 0, 0, losses) * each, how, counts)


def reduction_of(loss: Any) -> str:
    """What a loss does with the losses of the samples unless it is told; "" if it cannot be told."""
    try:
        found = inspect.signature(loss).parameters.get("reduction")
    except (TypeError, ValueError):
        return ""
    return str(found.default) if found is not None else ""


def checked(name: str, weight: Any, n: int) -> Array:
    """The weights of `n` samples, by position whatever labels a table has.

    Raises ValueError unless there is one for each, finite and not negative, and some are above 0.
    """
    given: Any = whole(name, weight)
    if not isinstance(given, np.ndarray) or given.dtype.kind not in "biuf":
        raise TypeError(f"{name} is {shown(weight)}: it is a number for each sample")
    if given.shape not in ((n,), (n, 1)):
        raise ValueError(f"{name}: {n} samples need a weight each, an array of shape ({n},), not {given.shape}")
    array = np.asarray(given, float).ravel()
    if not (np.isfinite(array).all() and (array >= 0).all()):
        raise ValueError(f"{name}: weights are finite and not negative, not from {array.min()} to {array.max()}")
    if not array.any():
        raise ValueError(f"{name}: all weights are 0, so no sample counts")
    return array


def of_classes(class_weight: Any, y: Any, what: str = "fit") -> Array:
    """The weight of each sample by its class: a dict from labels to weights, in which a class that is missing has 1;
    a weight for each label 0, 1, ...; or "balanced", n / (classes * how often its class occurs), as in scikit-learn.
    """
    targets = whole(f"{what}: y", y)
    if isinstance(targets, np.ndarray) and targets.ndim == 2 and targets.shape[1] > 1:
        if not (np.isin(targets, (0, 1)).all() and (targets.sum(axis=1) == 1).all()):
            raise ValueError(f"{what}: class_weight is for samples of one class each, and these targets are no labels")
        targets = targets.argmax(axis=1)
    is_number = isinstance(targets, np.ndarray) and targets.dtype.kind in "biuf"
    if not is_number or targets.ndim > 2 or (targets != np.round(targets)).any():
        raise ValueError(f"{what}: class_weight is for labels of classes, numbers, one for each sample, in y")
    labels = targets.ravel().astype(int)
    there, each, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ValueError(f'{what}: class_weight is "balanced", a dict or a list of weights, not {class_weight!r}')
        return np.asarray((len(labels) / (len(there) * counts))[each])
    if not isinstance(class_weight, Mapping):
        given = np.asarray(class_weight, float).ravel()
        if there.min() < 0 or there.max() >= len(given):
            raise ValueError(
                f"{what}: class_weight has {len(given)} weights, for the labels 0 to {len(given) - 1}, and y has "
                f"{there.tolist()}: write a dict, label: weight"
            )
        return np.asarray(given[labels])
    strange = [label for label in class_weight if label not in there]
    if strange:
        raise ValueError(f"{what}: class_weight is for the classes {strange}, and y has {there.tolist()}")
    return np.array([float(class_weight.get(label, 1)) for label in there.tolist()])[each]


@dataclass(frozen=True)
class Weights:
    """What fit or find_lr was given for weights. Those of classes count in training alone, not in validation."""

    by_sample: Any = None
    by_class: Any = None

    @property
    def given(self) -> bool:
        """Whether there are any."""
        return self.by_sample is not None or self.by_class is not None

    def of(self, what: str, y: Any, n: int) -> tuple[Array | None, Array | None]:
        """For each of `n` samples its own weight, and that times the weight of its class, for training."""
        own = None if self.by_sample is None else checked(f"{what}: sample_weight", self.by_sample, n)
        if self.by_class is None:
            return own, own
        by_class = checked(f"{what}: class_weight", of_classes(self.by_class, y, what), n)
        both = by_class if own is None else own * by_class
        if not both.any():
            raise ValueError(f"{what}: class_weight and sample_weight leave no sample with a weight above 0")
        return own, both

    def settings(self) -> dict[str, str | None]:
        """What must not change when a run goes on."""
        return {"sample_weight": digest(self.by_sample), "class_weight": digest(self.by_class)}


def digest(weight: Any) -> str | None:
    """Something that tells weights from others."""
    if weight is None or isinstance(weight, str):
        return weight
    if isinstance(weight, Mapping):
        return str(sorted(weight.items()))
    return f"crc {zlib.crc32(np.asarray(whole('weights', weight), float).tobytes()):08x}"
