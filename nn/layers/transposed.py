"""Transposed convolution, which makes signals and images larger, as a convolution's gradient goes to its input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, overlap

from ..init import Initializer, Seed, initializer, zeros
from ..module import Parameter, as_tensor, misfit
from .convolution import Sizes, Windowed, by
from .inputs import divisible


class TransposedConvolution(Windowed):
    """Every number puts its window, the filters times it, into a larger array. See ConvTranspose1d and 2d.

    An axis of size m becomes (m - 1) * stride + dilation * (kernel_size - 1) + 1 - 2 * padding + output_padding: the
    stride puts the windows apart, padding cuts a border off, and output_padding, less than the stride or the dilation,
    leaves more at the end. (A convolution of the same options gives the shape that enters, from several sizes;
    output_padding says which of them.)

    Zeiler, Krishnan, Taylor and Fergus, "Deconvolutional networks", 2010.
    """

    drawn_as = "kernel"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sizes,
        stride: int | Sizes = 1,
        padding: int | Sizes = 0,
        output_padding: int | Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Sizes = 1,
        init: str | Initializer = "he_normal",
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        kind = type(self).__name__
        divisible(kind, in_channels, out_channels, groups)
        super().__init__(kernel_size, stride, padding, dilation)
        self.output_padding = self.per_axis("output_padding", output_padding, 0)
        if any(o >= max(s, d) for o, s, d in zip(self.output_padding, self.stride, self.dilation)):
            raise ValueError(
                f"{kind}: output_padding {by(self.output_padding)} must be below the stride, {by(self.stride)}, or the "
                f"dilation, {by(self.dilation)}"
            )
        self.groups = groups
        out, inputs = out_channels // groups, in_channels // groups
        # an initializer counts the inputs of a unit, as those of a convolution: they are the first axis only afterwards
        filled = initializer(init)((out_channels, inputs, *self.kernel_size), np.random.default_rng(rng), dtype)
        filled = filled.reshape(groups, out, inputs, *self.kernel_size).swapaxes(1, 2)
        self.W = Parameter(filled.reshape(in_channels, out, *self.kernel_size), dtype)
        self.b = Parameter(zeros((out_channels,)), dtype) if bias else None

    def forward(self, x: Any) -> Tensor:
        """(n, in_channels, *sizes) to (n, out_channels, *larger sizes)."""
        x = as_tensor(x, self.W.dtype)
        inputs, out = self.W.shape[:2]
        cut: Any = self.padding
        if x.ndim != 2 + self.axes or x.shape[1] != inputs or 0 in x.shape[2:]:
            axes = "height, width" if self.axes == 2 else "length"
            raise misfit(self, x, f"it must be (n, {inputs}, {axes}), not empty")
        n, sizes = len(x), x.shape[2:]
        whole = tuple((m - 1) * s + r for m, s, r in zip(sizes, self.stride, self.reach))
        ends = tuple(w + o - 2 * p for w, o, p in zip(whole, self.output_padding, cut))
        if min(ends) < 1:
            raise misfit(self, x, f"padding {by(cut)} would cut off all of the {by(whole)} that it becomes")
        weights = out * math.prod(self.kernel_size)
        filters = self.W.reshape(self.groups, inputs // self.groups, weights)
        seen = filters.mT @ x.reshape(n, self.groups, inputs // self.groups, math.prod(sizes))
        seen = seen.reshape(n, out * self.groups, *self.kernel_size, *sizes)
        y = overlap(seen, (n, out * self.groups, *whole), self.stride, self.dilation)
        if any(self.output_padding):
            y = np.pad(y, [(0, 0), (0, 0), *((0, o) for o in self.output_padding)])
        if any(cut):
            y = y[(..., *(slice(p, p + end) for p, end in zip(cut, ends)))]
        return y if self.b is None else y + self.b.reshape(self.b.size, *[1] * self.axes)  # type: ignore[no-any-return]

    def describe(self) -> str:
        """Channels and windows: "16 -> 1, 3x3, stride 2x2"."""
        inputs, out = self.W.shape[:2]
        extra = f", output padding {by(self.output_padding)}" if any(self.output_padding) else ""
        groups = f", groups {self.groups}" if self.groups > 1 else ""
        return f"{inputs} -> {out * self.groups}, {super().describe()}{extra}{groups}"


class ConvTranspose1d(TransposedConvolution):
    """A transposed convolution of sequences: (n, in_channels, length) gives (n, out_channels, a larger length).

    `W` has the shape (in_channels, out_channels / groups, kernel_size), `b` (out_channels,); the options are PyTorch's.
    `x` that is no tensor is cast to the dtype of `W`. `init` fills `W`, `b` starts at 0.
    """

    axes = 1


class ConvTranspose2d(TransposedConvolution):
    """A transposed convolution of images: (n, in_channels, height, width) gives (n, out_channels, rows, columns).

    `W` has the shape (in_channels, out_channels / groups, height, width), `b` (out_channels,); the options are
    PyTorch's. `x` that is no tensor is cast to the dtype of `W`. `init` fills `W`, `b` starts at 0.
    """

    axes = 2
