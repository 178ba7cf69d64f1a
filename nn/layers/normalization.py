"""Normalization: numbers with mean 0 and variance 1, over the samples of a batch or over the features of a sample.

`gamma` scales what is normalized, `beta` shifts it. `eps` is added to the variance, so that constants become 0.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor

from ..module import Buffer, Module, Parameter, as_tensor, misfit
from .inputs import at_least_one


class BatchNorm(Module):
    """Every channel, the second axis, normalized over all other axes. See BatchNorm1d and BatchNorm2d.

    In training with the mean and the variance of the batch, and the running ones follow:
    running = (1 - momentum) * running + momentum * (that of the batch, the variance with n - 1). In evaluation with
    the running ones, which are buffers: a state holds them.

    Ioffe and Szegedy, "Batch normalization: Accelerating deep network training by reducing internal covariate shift",
    2015.
    """

    inputs: ClassVar[dict[int, str]]  # the inputs that it takes, by their number of axes

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        at_least_one(type(self).__name__, num_features=num_features)
        if not 0 <= momentum <= 1:
            raise ValueError(f"{type(self).__name__}: momentum must be from 0 to 1, got {momentum}")
        self.eps = positive(self, eps)
        self.momentum = float(momentum)
        self.gamma = Parameter(np.ones(num_features), dtype) if affine else None
        self.beta = Parameter(np.zeros(num_features), dtype) if affine else None
        self.running_mean = Buffer(np.zeros(num_features), dtype)
        self.running_var = Buffer(np.ones(num_features), dtype)

    def forward(self, x: Any) -> Tensor:
        """`x` normalized, of the same shape."""
        x = as_tensor(x, self.running_mean.dtype)
        features = self.running_mean.size
        if x.ndim not in self.inputs or x.shape[1] != features:
            shapes = " or ".join(self.inputs.values()).replace("channels", str(features))
            raise misfit(self, x, f"it must be {shapes}")
        per_channel = (features, *[1] * (x.ndim - 2))
        if self.training:
            centred, var = self.of_batch(x)
        else:
            centred = x - self.running_mean.reshape(per_channel)
            var = self.running_var.reshape(per_channel)
        scale = 1 / np.sqrt(var + self.eps)
        if self.gamma is None or self.beta is None:
            return centred * scale
        return centred * (self.gamma.reshape(per_channel) * scale) + self.beta.reshape(per_channel)

    def of_batch(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """`x` less its mean, and its variance, over all axes but the channels; the running ones follow."""
        axes = (0, *range(2, x.ndim))
        n = x.size // max(1, x.shape[1])
        if n < 2:
            raise misfit(self, x, "training needs more than one number per channel (eval() uses the running mean)")
        mean = x.mean(axes, keepdims=True)
        centred = x - mean
        var = np.square(centred).mean(axes, keepdims=True)
        for running, batch in ((self.running_mean, mean.numpy()), (self.running_var, var.numpy() * (n / (n - 1)))):
            new = (1 - self.momentum) * running.numpy() + self.momentum * batch.reshape(running.shape)
            running.assign(new.astype(running.dtype, copy=False))
        return centred, var

    def describe(self) -> str:
        """The number of channels."""
        return f"{self.running_mean.size}"


class BatchNorm1d(BatchNorm):
    """Batch normalization of (n, channels), or of sequences (n, channels, length)."""

    inputs: ClassVar = {2: "(n, channels)", 3: "(n, channels, length)"}


class BatchNorm2d(BatchNorm):
    """Batch normalization of images (n, channels, height, width)."""

    inputs: ClassVar = {4: "(n, channels, height, width)"}


class LayerNorm(Module):
    """The last axes, of shape `normalized_shape` (an integer for one axis), normalized for each sample by itself.

    It is the same in training and in evaluation.

    Ba, Kiros and Hinton, "Layer normalization", 2016.
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        shape = tuple(normalized_shape) if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
        at_least_one("LayerNorm", normalized_shape=len(shape))
        for size in shape:
            at_least_one("LayerNorm", normalized_shape=size)
        self.normalized_shape = shape
        self.eps = positive(self, eps)
        self.dtype = np.dtype(dtype)
        self.gamma = Parameter(np.ones(shape), dtype) if elementwise_affine else None
        self.beta = Parameter(np.zeros(shape), dtype) if elementwise_affine else None

    def forward(self, x: Any) -> Tensor:
        """`x` normalized, of the same shape."""
        x = as_tensor(x, self.dtype)
        shape = self.normalized_shape
        if x.shape[-len(shape) :] != shape:
            raise misfit(self, x, f"it must end with {shape}")
        axes = tuple(range(-len(shape), 0))
        centred = x - x.mean(axes, keepdims=True)
        y: Tensor = centred / np.sqrt(np.square(centred).mean(axes, keepdims=True) + self.eps)
        return y if self.gamma is None or self.beta is None else y * self.gamma + self.beta

    def describe(self) -> str:
        """The shape that is normalized."""
        return ", ".join(map(str, self.normalized_shape))


def positive(layer: Module, eps: float) -> float:
    """`eps` as a Python float, which keeps float32 in float32."""
    if not 0 < eps < math.inf:
        raise ValueError(f"{type(layer).__name__}: eps must be positive and finite, got {eps}")
    return float(eps)
