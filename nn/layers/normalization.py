"""Normalization: numbers with mean 0 and variance 1, over the samples of a batch or over the features of a sample.

`gamma` scales what is normalized, `beta` shifts it. `eps` is added to the variance, so that constants become 0.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor, standardized

from .. import across
from ..module import Buffer, Module, Parameter, as_tensor, misfit, numbers_of
from .inputs import at_least_one


class BatchNorm(Module):
    """Every channel, the second axis, normalized over all other axes. See BatchNorm1d and BatchNorm2d.

    In training with the mean and the variance of the batch, and the running ones follow:
    running = (1 - momentum) * running + momentum * (that of the batch, the variance with n - 1). With `momentum` None
    they are the means over all batches so far, which the buffer `batches` counts. In evaluation with the running ones,
    which are buffers: a state holds them.

    A layer that is frozen, whose `gamma` and `beta` require no gradient, does in training as in evaluation: its running
    statistics stay (as `trainable = False` does in Keras; in PyTorch they would go on).

    Where `fit` cuts a batch into chunks, `comm=` or `chunks=`, the batch is the whole one.

    Ioffe and Szegedy, "Batch normalization: Accelerating deep network training by reducing internal covariate shift",
    2015.
    """

    inputs: ClassVar[dict[int, str]]  # the inputs that it takes, by their number of axes

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        at_least_one(type(self).__name__, num_features=num_features)
        if momentum is not None and not 0 <= momentum <= 1:
            raise ValueError(f"{type(self).__name__}: momentum must be from 0 to 1, got {momentum} (or None)")
        self.eps = positive(self, eps)
        self.momentum = None if momentum is None else float(momentum)
        self.gamma = Parameter(np.ones(num_features), dtype) if affine else None
        self.beta = Parameter(np.zeros(num_features), dtype) if affine else None
        self.running_mean = Buffer(np.zeros(num_features), dtype)
        self.running_var = Buffer(np.ones(num_features), dtype)
        self.batches = Buffer(0.0, np.float64) if momentum is None else None

    def forward(self, x: Any) -> Tensor:
        """`x` normalized, of the same shape."""
        x = as_tensor(x, self.running_mean.dtype)
        features = self.running_mean.size
        if x.ndim not in self.inputs or x.shape[1] != features:
            shapes = " or ".join(self.inputs.values()).replace("channels", str(features))
            raise misfit(self, x, f"it must be {shapes}")
        per_channel = (features, *[1] * (x.ndim - 2))
        if self.training and not self.frozen:
            centred, var = self.of_batch(x)
        else:
            centred = x - self.running_mean.reshape(per_channel)
            var = self.running_var.reshape(per_channel)
        scale = 1 / np.sqrt(var + self.eps)
        if self.gamma is None or self.beta is None:
            return centred * scale
        return centred * (self.gamma.reshape(per_channel) * scale) + self.beta.reshape(per_channel)

    @property
    def frozen(self) -> bool:
        """Whether its parameters require no gradient, so that its running statistics stay, too."""
        own = [p for p in (self.gamma, self.beta) if isinstance(p, Parameter)]  # not what stands in for one
        return bool(own) and not any(p.requires_grad for p in own)

    def of_batch(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """`x` less its mean, and its variance, over all axes but the channels; the running ones follow."""
        axes = (0, *range(2, x.ndim))
        n = across.count(x.size // max(1, x.shape[1]), self._name)
        if n < 2:
            raise misfit(self, x, "training needs more than one number per channel (eval() uses the running mean)")
        mean = across.mean(x, axes, n, self._name)
        centred = x - mean
        var = across.mean(np.square(centred), axes, n, self._name)
        across.follow(self, numbers_of(mean), numbers_of(var) * (n / (n - 1)))
        return centred, var

    def follow(self, mean: Any, var: Any) -> None:
        """Let the running statistics follow those of a batch."""
        momentum: Any = self.momentum
        if self.batches is not None:
            self.batches.assign(numbers_of(self.batches) + 1)
            momentum = 1 / numbers_of(self.batches)
        for running, batch in ((self.running_mean, mean), (self.running_var, var)):
            new = (1 - momentum) * numbers_of(running) + momentum * batch.reshape(running.shape)
            running.assign(new.astype(running.dtype, copy=False))

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
        y: Tensor = standardized(x, axis=tuple(range(-len(shape), 0)), eps=self.eps)
        return y if self.gamma is None or self.beta is None else y * self.gamma + self.beta

    def describe(self) -> str:
        """The shape that is normalized."""
        return ", ".join(map(str, self.normalized_shape))


class GroupNorm(Module):
    """The channels, the second axis, in `num_groups` groups; each is normalized for each sample by itself.

    `x` (n, num_channels, ...) keeps its shape; `gamma` and `beta` have the shape (num_channels,). One group is a layer
    normalization over all channels and positions, as many groups as channels an instance normalization.

    Wu and He, "Group normalization", 2018.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        at_least_one("GroupNorm", num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(f"GroupNorm: {num_channels} channels do not divide into {num_groups} groups of equal size")
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps = positive(self, eps)
        self.dtype = np.dtype(dtype)
        self.gamma = Parameter(np.ones(num_channels), dtype) if affine else None
        self.beta = Parameter(np.zeros(num_channels), dtype) if affine else None

    def forward(self, x: Any) -> Tensor:
        """`x` normalized, of the same shape."""
        x = as_tensor(x, self.dtype)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise misfit(self, x, f"it must be (n, {self.num_channels}, ...)")
        of_group = self.num_channels // self.num_groups
        grouped = x.reshape(len(x), self.num_groups, of_group * math.prod(x.shape[2:]))
        y: Tensor = standardized(grouped, axis=2, eps=self.eps).reshape(x.shape)
        if self.gamma is None or self.beta is None:
            return y
        per_channel = (self.num_channels, *[1] * (x.ndim - 2))
        return y * self.gamma.reshape(per_channel) + self.beta.reshape(per_channel)

    def describe(self) -> str:
        """Channels and groups: "8, 2 groups"."""
        return f"{self.num_channels}, {self.num_groups} group{'s' if self.num_groups > 1 else ''}"


def positive(layer: Module, eps: float) -> float:
    """`eps` as a Python float, which keeps float32 in float32."""
    if not 0 < eps < math.inf:
        raise ValueError(f"{type(layer).__name__}: eps must be positive and finite, got {eps}")
    return float(eps)
