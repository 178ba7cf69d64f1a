"""Gradient clipping, between `loss.backward()` and `optimizer.step()`. The gradients become new arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor, Value, anew, asarray

from ..module import numbers_of
from .base import listed

Parameters = Tensor | Iterable[Tensor]


def clip_grad_norm(
    parameters: Parameters, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = True
) -> float:
    """Scale all gradients by one factor so that their norm, as one long vector, is at most `max_norm`.

    Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013. The factor is
    max_norm / (norm + 1e-6), if that is below 1, as in PyTorch. `norm_type` is the p of the norm, `math.inf` for the
    largest magnitude. Parameters without a gradient are left out. Returns the norm before the clipping.

    Raises ValueError for a `max_norm` or `norm_type` that is not positive. A gradient that holds NaN or inf raises
    FloatingPointError and nothing changes; with `error_if_nonfinite=False` it is scaled like any other, to NaN and 0.
    """
    max_norm = positive("clip_grad_norm", "max_norm", max_norm)
    norm_type = positive("clip_grad_norm", "norm_type", norm_type)
    found = with_gradient(parameters)
    # in double precision: squares of float32 overflow from 1e19 on
    norms = [np.linalg.norm(np.reshape(numbers(p).astype(np.float64), -1), norm_type) for p in found]
    total: Any = np.linalg.norm(np.stack(norms), norm_type) if norms else np.float64(0)
    if error_if_nonfinite:
        anew(check_finite, total, *found)
    factor = np.minimum(max_norm / (total + 1e-6), 1)  # NaN scales as well
    if type(factor) is not np.float64 or factor != 1:  # a program that is traced multiplies by 1, too
        for p in found:
            p.grad = p.grad * asarray(factor, p.dtype)
    return Value(total).data  # a float, in a program that is traced, too


def check_finite(norm: Any, *parameters: Tensor) -> None:
    """Refuse a norm that is not finite, and name the parameters whose gradient is not."""
    if not np.isfinite(norm):
        names = ", ".join(p.name or f"a parameter of shape {p.shape}" for p in parameters if not has_finite_gradient(p))
        raise FloatingPointError(
            f"clip_grad_norm: the norm of the gradients is {norm}"
            + (f": that of {names} holds NaN or inf" if names else "")
        )


def clip_grad_value(parameters: Parameters, clip_value: float) -> None:
    """Limit every number of every gradient to [-clip_value, clip_value]; a NaN stays one, as in PyTorch.

    Raises ValueError for a `clip_value` that is not positive.
    """
    clip_value = positive("clip_grad_value", "clip_value", clip_value)
    for p in with_gradient(parameters):
        p.grad = np.clip(p.grad, -clip_value, clip_value)


def with_gradient(parameters: Parameters) -> list[Tensor]:
    """The parameters that have a gradient."""
    given = [parameters] if isinstance(parameters, Tensor) else listed("clipping", parameters)
    return [p for p in given if p.grad is not None]


def numbers(p: Tensor) -> Any:
    """The gradient as an array, also if backward(create_graph=True) left a node."""
    return numbers_of(p.grad) if isinstance(p.grad, Tensor) else asarray(p.grad)


def has_finite_gradient(p: Tensor) -> bool:
    """Whether every number of the gradient is."""
    return bool(np.isfinite(numbers(p)).all())


def positive(function: str, name: str, value: Any) -> float:
    """The bound as a Python float, which keeps float32 in float32, if it is above 0 and no NaN."""
    if isinstance(value, (str, bytes)) or value is None or np.ndim(value):
        raise TypeError(f"{function}: {name} must be a number, got {value!r}")
    if not value > 0:
        raise ValueError(f"{function}: {name} must be above 0, got {value}")
    return float(value)
