"""evaluate: how good a model is on samples, the numbers that `fit` gives for validation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..checks import integer
from ..data import batches_of
from ..metrics import Metric
from ..module import Module
from ..outputs import Classes
from ..predicting import SIZE, evaluating
from .arguments import learned_by, measures
from .epochs import evaluated
from .feeding import Given, opened
from .measuring import Logs, Loss


def evaluate(
    model: Module,
    X: Any,
    y: Any = None,
    loss: str | Loss | Mapping[str, Any] | Sequence[Any] | None = None,
    metrics: str | Metric | Iterable[Any] | Mapping[str, Any] = (),
    *,
    batch_size: int = SIZE,
    sample_weight: Any = None,
    loss_weights: Mapping[str, float] | Sequence[float] | None = None,
    classes: Classes | None = None,
) -> Logs:
    """The "loss" and the metrics of `model` on the samples `X` and the targets `y`, by name, as `fit` measures them.

    They are of the whole set, whatever the batches; the arguments are those of fit, and X without y is an iterable of
    batches. The model is in evaluation mode meanwhile, and afterwards every layer is in the mode that it was in.
    Nothing of it changes, no `.grad` either.

    >>> import nn
    >>> X, y = nn.data.spirals(3, rng=0)
    >>> sorted(nn.evaluate(nn.MLP(2, 8, 3, rng=0), X, y, loss="cross_entropy", metrics="accuracy"))
    ['accuracy', 'loss']
    """
    if loss is None:
        raise TypeError('evaluate: say which loss, as fit was told it: nn.evaluate(model, X, y, loss="mse")')
    if integer("evaluate: batch_size", batch_size) < 1:
        raise ValueError(f"evaluate: batch_size must be at least 1, got {batch_size}")
    function, measured = measures(loss, loss_weights, metrics)
    function, of_input = learned_by(model, function)
    found = opened("evaluate", X, y, epochs=1, weight=sample_weight)
    batches = found if isinstance(found, Given) else batches_of("evaluate", *found, batch_size, False, None, False)
    with evaluating(model):
        return evaluated(model, batches, function, measured, of_input, classes=classes)[0]
