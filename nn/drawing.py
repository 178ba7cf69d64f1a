"""A network for one sample, as autograd.draw shows it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor

from .predicting import evaluating


def seen(model: Any, x: Any) -> tuple[Any, Any, dict[tuple[str, str], tuple[str, str]]]:
    """One sample, the output of a model for it, and what the layers are drawn as: their kind of cells and a
    description, by name and type.

    The model is in evaluation mode meanwhile. A batch of one is one sample, too.
    """
    layers = [part for part in model.modules() if part.drawn_as]
    kinds = {(part._name, type(part).__name__): (part.drawn_as, part.describe()) for part in layers}
    sample = x.numpy() if isinstance(x, Tensor) else np.asarray(x)
    if sample.size == 0:
        raise ValueError(f"draw takes one sample, and this one is empty: its shape is {sample.shape}")
    with evaluating(model):
        try:
            return sample, model(recorded(model, sample[None])), kinds
        except ValueError:
            if sample.shape[:1] != (1,):
                raise
            return sample[0], model(recorded(model, sample)), kinds


def recorded(model: Any, x: Any) -> Any:
    """A batch as a tensor that is recorded, whatever is frozen; indices as they are."""
    if x.dtype.kind in "iu":
        return x
    return Tensor(x, requires_grad=True, dtype=next((p.dtype for p in model.parameters()), None), name="X")
