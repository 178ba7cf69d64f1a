"""What a model says of samples: `predict`, in batches, without a graph, as it is when it is not trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import Any

import numpy as np

from autograd import Tensor, no_grad

from .lazy import Lazy
from .samples import applied, common_length, computed, in_blocks, mapped, named, samples, shown, source, whole

SIZE = 256  # samples at once: enough that the calls cost nothing, and the memory of a batch


def predict(model: Any, X: Any, batch_size: int | None = SIZE) -> Any:
    """The prediction for every sample of `X`, as an array whose first axis is the samples, in their order.

    The model is in evaluation mode meanwhile, and afterwards every layer is in the mode that it was in; nothing is
    recorded. `X` is what fit takes as samples, read by position: arrays, tables of pandas, files, ...; a dict goes in
    as model(**x), a tuple of arrays as model(*x). Or an iterator of batches of samples, without targets, such as a
    generator. Of a model with several outputs, a dict or a tuple, there is an array for each. With batch_size=None all
    samples go in at once.

    Of lazy arrays, Dask's, the prediction is a lazy array, in their blocks of rows, of the model as it is now.

    Raises TypeError or ValueError for data that cannot be read by position, if there are no samples, and if the model
    does not give one row for each.
    """
    batches: Iterator[Any]
    if isinstance(X, Iterator):
        batches = (whole("predict: a batch", computed(x)) for x in X)
    else:
        data = source("predict: X", X)
        n, size = common_length("predict", X=data), checked_size(batch_size)
        if n and in_blocks(data):
            return predicted_lazily(model, data, size)
        batches = in_batches(data, n, size)
    with evaluating(model), no_grad():
        parts = [checked(arrays(applied(model, x)), common_length("predict", X=x)) for x in batches]
    if not parts:
        raise ValueError("predict: there are no samples")
    return joined(parts)


def checked_size(size: Any) -> int | None:
    """How many samples at once; None for all of them."""
    if size is not None and (not isinstance(size, Integral) or size < 1):
        raise ValueError(f"predict: batch_size is a whole number from 1 on, or None for all at once, not {size!r}")
    return None if size is None else int(size)


def in_batches(data: Any, n: int, size: int | None) -> Iterator[Any]:
    """The `n` samples, so many at a time."""
    step = size or n
    return (samples(data, np.arange(i, min(i + step, n))) for i in range(0, n, max(step, 1)))


def predicted_lazily(model: Any, data: Any, size: int | None) -> Any:
    """The prediction for lazy arrays, one task for each of their blocks of rows."""
    import cloudpickle  # type: ignore[import-untyped]
    import dask.array as da
    from dask.delayed import delayed

    for name, part in named("predict: X", data):
        if not isinstance(part, (Lazy, np.ndarray)):
            raise TypeError(f"{name} is {shown(part)}, and other inputs are lazy: make a lazy array of it, too")
    blocks, _ = in_blocks(data)  # type: ignore[misc]
    of_one = predict(model, mapped(lambda part: np.zeros((1, *part.shape[1:]), part.dtype), data))
    outputs = [part for _, part in named("", of_one)]
    package = delayed(cloudpickle.dumps(model))  # each task has a model of its own
    found: list[list[Any]] = [[] for _ in outputs]
    lazy: Any = da.from_delayed
    for b, (start, end) in enumerate(zip(blocks.starts.tolist(), blocks.ends.tolist())):
        if start < end:
            x = mapped(lambda p: p.array.blocks[b] if isinstance(p, Lazy) else p[start:end], data)  # noqa: B023
            parts = delayed(of_block)(package, x, size)
            for i, part in enumerate(outputs):
                found[i].append(lazy(parts[i], (end - start, *part.shape[1:]), part.dtype))
    whole_ones = iter([da.concatenate(each) for each in found])  # type: ignore[no-untyped-call]
    return mapped(lambda part: next(whole_ones), of_one)


def of_block(package: bytes, x: Any, size: int | None) -> list[Any]:
    """The parts of the prediction for a block."""
    import cloudpickle

    return [part for _, part in named("", predict(cloudpickle.loads(package), x, size))]


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
