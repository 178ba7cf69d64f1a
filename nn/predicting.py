"""What a model says of samples: `predict`, in batches, without a graph, as it is when it is not trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import Any

import numpy as np

from autograd import Tensor, no_grad

from .samples import applied, common_length, named, samples, shown, source, whole

SIZE = 256  # samples at once: enough that the calls cost nothing, and the memory of a batch


def predict(model: Any, X: Any, batch_size: int | None = SIZE) -> Any:
    """The prediction for every sample of `X`, as an array whose first axis is the samples, in their order.

    The model is in evaluation mode meanwhile, and afterwards every layer is in the mode that it was in; nothing is
    recorded. `X` is what fit takes as samples, read by position: arrays, tables of pandas, files, ...; a dict goes in
    as model(**x), a tuple of arrays as model(*x). Or an iterator of batches of samples, without targets, such as a
    generator. Of a model with several outputs, a dict or a tuple, there is an array for each. With batch_size=None all
    samples go in at once.

    Raises TypeError or ValueError for data that cannot be read by position, if there are no samples, and if the model
    does not give one row for each.
    """
    batches = (whole("predict: a batch", x) for x in X) if isinstance(X, Iterator) else in_batches(X, batch_size)
    with evaluating(model), no_grad():
        parts = [checked(arrays(applied(model, x)), common_length("predict", X=x)) for x in batches]
    if not parts:
        raise ValueError("predict: there are no samples")
    return joined(parts)


def in_batches(X: Any, size: Any) -> Iterator[Any]:
    """The samples, so many at a time."""
    if size is not None and (not isinstance(size, Integral) or size < 1):
        raise ValueError(f"predict: batch_size is a whole number from 1 on, or None for all at once, not {size!r}")
    data = source("predict: X", X)
    n = common_length("predict", X=data)
    step = n if size is None else int(size)
    return (samples(data, np.arange(i, min(i + step, n))) for i in range(0, n, max(step, 1)))


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Inside, a model is in evaluation mode; afterwards each of its layers is as it was."""
    with modes_given_back(model):
        model.eval()
        yield


@contextmanager
def modes_given_back(model: Any) -> Iterator[None]:
    """Inside, layers may be switched between training and evaluation; afterwards each is as it was."""
    if not hasattr(model, "modules"):
        raise TypeError(f"the model is a Module, an instance of one, and this is {shown(model)}")
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def arrays(prediction: Any) -> Any:
    """The numbers of a prediction, which may have several parts."""
    if isinstance(prediction, Mapping):
        return {key: arrays(part) for key, part in prediction.items()}
    if isinstance(prediction, (tuple, list)):
        return tuple(map(arrays, prediction))
    return prediction.numpy() if isinstance(prediction, Tensor) else np.asarray(prediction)


def joined(parts: Sequence[Any]) -> Any:
    """The arrays of all batches as one, for each of several outputs."""
    first = parts[0]
    if isinstance(first, Mapping):
        return {key: joined([part[key] for part in parts]) for key in first}
    return tuple(map(joined, zip(*parts))) if isinstance(first, (tuple, list)) else np.concatenate(parts)


def checked(prediction: Any, n: int) -> Any:
    """The prediction, if it has a row for each of `n` samples."""
    for name, part in named("the prediction", prediction):
        if part.shape[:1] != (n,):
            raise ValueError(
                f"predict: of {n} samples {name} has shape {part.shape}: it has no row for each of them (samples go "
                f"along the first axis; of one sample x take x[None])"
            )
    return prediction
