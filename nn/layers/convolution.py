"""Convolution and pooling, over sequences (n, channels, length) and images (n, channels, height, width).

All are made of windows: at each position a layer sees one window of its input, whose numbers are `dilation` apart.
Padding adds a border before, so that an axis of size m has (m + 2 * padding - reach) // stride + 1 positions, where a
window reaches over dilation * (kernel_size - 1) + 1. Sizes are integers, or one for each axis. With padding="same" the
border is such that there are m positions, or with a stride m / stride, rounded up; where it cannot be the same on both
sides, it is larger by one at the end (as in PyTorch; with a stride as in Keras).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor, arrays, windows

from ..init import Initializer, Seed, initializer, zeros
from ..module import Module, Parameter, as_tensor, misfit
from .inputs import as_floats, divisible

Sizes = tuple[int, ...]
FEW = 8  # so many samples are no long row


class Windowed(Module):
    """What convolution and pooling share: the windows, over the `axes` last axes of the input."""

    axes: ClassVar[int]
    padding: Sizes | str  # "same", or for each axis

    def __init__(
        self, kernel_size: int | Sizes, stride: int | Sizes, padding: int | Sizes | str, dilation: int | Sizes = 1
    ) -> None:
        self.kernel_size = self.per_axis("kernel_size", kernel_size, 1)
        self.stride = self.per_axis("stride", stride, 1)
        self.dilation = self.per_axis("dilation", dilation, 1)
        self.padding = self.named(padding) if isinstance(padding, str) else self.per_axis("padding", padding, 0)

    def per_axis(self, name: str, sizes: int | Sizes, low: int) -> Sizes:
        """One integer for each axis, `low` or above."""
        given = np.atleast_1d(sizes)
        kind = type(self).__name__
        if given.dtype.kind not in "iu":
            raise TypeError(f"{kind}: {name} is an integer, or one for each axis, not {sizes!r}")
        if given.shape not in ((1,), (self.axes,)) or given.min() < low:
            raise ValueError(f"{kind}: {name} is one integer or {self.axes}, none below {low}, not {sizes!r}")
        return tuple(np.broadcast_to(given, self.axes).tolist())

    def named(self, padding: str) -> Sizes | str:
        """Padding by its name: "same", or "valid", which is none."""
        raise ValueError(f"{type(self).__name__}: padding is one integer or {self.axes}, not {padding!r}")

    @property
    def reach(self) -> Sizes:
        """Over how many numbers a window reaches on each axis."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation))

    def borders(self, sizes: Sizes) -> list[tuple[int, int]]:
        """How much is added before and after each axis of these sizes."""
        if not isinstance(self.padding, str):
            return [(p, p) for p in self.padding]
        whole = [max((-(-m // s) - 1) * s + r - m, 0) for m, s, r in zip(sizes, self.stride, self.reach)]
        return [(total // 2, total - total // 2) for total in whole]

    def windows(self, x: Any, channels: int | None = None, border: float = 0.0) -> tuple[Any, bool]:
        """The windows of `x` inside a border of this number: (n, channels, *kernel_size, *positions), or with the
        samples last, (channels, *kernel_size, *positions, n); and whether they are.

        Time goes by rows of memory. Where those of positions are short, rows of samples are longer.
        """
        borders = self.borders(x.shape[2:])
        fits = x.ndim == 2 + self.axes and channels in (None, x.shape[1]) and 0 not in x.shape[2:]
        if not fits or any(m + sum(p) < r for m, p, r in zip(x.shape[2:], borders, self.reach)):
            axes = ", ".join(("height", "width")[: self.axes] if self.axes == 2 else ("length",))
            border_of = (0,) * self.axes if isinstance(self.padding, str) else self.padding
            least = [1 if self.padding == "same" else max(r - 2 * p, 1) for r, p in zip(self.reach, border_of)]
            raise misfit(
                self, x, f"it must be (n, {channels or 'channels'}, {axes}), at least {by(least)} of each channel"
            )
        if any(map(any, borders)):
            x = np.pad(x, [(0, 0), (0, 0), *borders], constant_values=border)
        apart = () if self.dilation == (1,) * self.axes else (self.dilation,)
        row = (x.shape[-1] - self.reach[-1]) // self.stride[-1] + 1
        if arrays.lives_elsewhere(x) or x.shape[0] <= max(row, FEW):
            return windows(x, self.kernel_size, self.stride, *apart), False
        sizes = ((*each, 1) for each in (self.kernel_size, self.stride, *apart))  # a sample is seen by itself
        seen = windows(np.moveaxis(x, 0, -1), *sizes)
        return seen.reshape(x.shape[1], *self.kernel_size, *seen.shape[-self.axes - 1 :]), True

    def describe(self) -> str:
        """The size of the windows, and stride, padding and dilation if they are not the default."""
        ones = (1,) * self.axes
        default = self.kernel_size if isinstance(self, Pooling) else ones
        text = by(self.kernel_size) + (f", stride {by(self.stride)}" if self.stride != default else "")
        if isinstance(self.padding, str) or any(self.padding):
            text += f", padding {self.padding if isinstance(self.padding, str) else by(self.padding)}"
        return text + (f", dilation {by(self.dilation)}" if self.dilation != ones else "")


def by(sizes: Any) -> str:
    """Sizes as people write them: "3x3"."""
    return "x".join(map(str, sizes))


class Convolution(Windowed):
    """The product of every window with every filter. See Conv1d and Conv2d."""

    drawn_as = "kernel"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sizes,
        stride: int | Sizes = 1,
        padding: int | Sizes | str = 0,
        dilation: int | Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        init: str | Initializer = "he_normal",
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        divisible(type(self).__name__, in_channels, out_channels, groups)
        super().__init__(kernel_size, stride, padding, dilation)
        self.groups = groups
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.W = Parameter(initializer(init)(shape, np.random.default_rng(rng), dtype), dtype)
        self.b = Parameter(zeros((out_channels,)), dtype) if bias else None

    def named(self, padding: str) -> Sizes | str:
        """Padding by its name: "same", or "valid", which is none."""
        if padding not in ("same", "valid"):
            raise ValueError(
                f'{type(self).__name__}: padding is one integer or {self.axes}, "same" or "valid", not {padding!r}'
            )
        return "same" if padding == "same" else (0,) * self.axes

    def forward(self, x: Any) -> Tensor:
        """(n, in_channels, *sizes) to (n, out_channels, *positions)."""
        x = as_tensor(x, self.W.dtype)
        groups, (out, inputs) = self.groups, self.W.shape[:2]
        seen, last = self.windows(x, channels=inputs * groups)
        n, positions = len(x), seen.shape[-self.axes - last :][: self.axes]
        weights, each = inputs * math.prod(self.kernel_size), math.prod(positions)
        # the windows as columns of a matrix, the filters as its rows: one product of matrices for each image and group,
        # or for all images
        columns = seen.reshape(groups, weights, each * n) if last else seen.reshape(n, groups, weights, each)
        if isinstance(columns, Tensor) and columns.is_leaf:  # of data: nothing is left of them in the picture
            columns.name, columns.pictured = f"windows of {x.name or 'X'}", x
        y: Any = self.W.reshape(groups, out // groups, weights) @ columns
        y = np.moveaxis(y.reshape(out, *positions, n), -1, 0) if last else y.reshape(n, out, *positions)
        return y if self.b is None else y + self.b.reshape(out, *[1] * self.axes)  # type: ignore[no-any-return]

    def describe(self) -> str:
        """Channels and windows: "1 -> 16, 3x3"."""
        out, inputs = self.W.shape[:2]
        groups = f", groups {self.groups}" if self.groups > 1 else ""
        return f"{inputs * self.groups} -> {out}, {super().describe()}{groups}"


class Conv1d(Convolution):
    """A convolution over sequences: (n, in_channels, length) gives (n, out_channels, positions).

    `W` has the shape (out_channels, in_channels / groups, kernel_size), `b` (out_channels,); each group of filters
    sees its own group of channels. As everywhere in the field it is the cross-correlation: filters are not flipped.
    `x` that is no tensor is cast to the dtype of `W`. `init` fills `W`, `b` starts at 0.
    """

    axes = 1


class Conv2d(Convolution):
    """A convolution over images: (n, in_channels, height, width) gives (n, out_channels, rows, columns).

    `W` has the shape (out_channels, in_channels / groups, height, width), `b` (out_channels,); each group of filters
    sees its own group of channels. As everywhere in the field it is the cross-correlation: filters are not flipped.
    `x` that is no tensor is cast to the dtype of `W`. `init` fills `W`, `b` starts at 0.

    LeCun et al., "Backpropagation applied to handwritten zip code recognition", 1989.
    """

    axes = 2


class Pooling(Windowed):
    """One number for each window. `stride` is the size of the windows unless it is given: they do not overlap."""

    drawn_as = "convolution or pool"

    def __init__(self, kernel_size: int | Sizes, stride: int | Sizes | None = None, padding: int | Sizes = 0) -> None:
        super().__init__(kernel_size, kernel_size if stride is None else stride, padding)
        if not isinstance(self.padding, str) and any(2 * p > k for p, k in zip(self.padding, self.kernel_size)):
            raise ValueError(
                f"{type(self).__name__}: padding {by(self.padding)} is more than half of the window, "
                f"{by(self.kernel_size)}: some would see nothing but padding"
            )

    def over_windows(self, x: Any, reduce: Any, border: float) -> Any:
        """`reduce` of every window."""
        seen, last = self.windows(as_floats(x), border=border)
        axis = 1 if last else 2  # of the first one of a window
        flat = np.reshape(
            seen, (*seen.shape[:axis], math.prod(self.kernel_size), *seen.shape[axis + len(self.kernel_size) :])
        )
        y = reduce(flat, axis=axis)
        return np.moveaxis(y, -1, 0) if last else y


class MaxPool(Pooling):
    """The largest number of every window; padding never is. Equal ones share the gradient."""

    def forward(self, x: Any) -> Any:
        """(n, channels, *sizes) to (n, channels, *positions)."""
        return self.over_windows(x, np.max, border=-np.inf)


class AvgPool(Pooling):
    """The mean of every window; padding counts as zeros."""

    def forward(self, x: Any) -> Any:
        """(n, channels, *sizes) to (n, channels, *positions)."""
        return self.over_windows(x, np.mean, border=0.0)


class MaxPool1d(MaxPool):
    """The largest number of every window of sequences (n, channels, length)."""

    axes = 1


class MaxPool2d(MaxPool):
    """The largest number of every window of images (n, channels, height, width)."""

    axes = 2


class AvgPool1d(AvgPool):
    """The mean of every window of sequences (n, channels, length); padding counts as zeros."""

    axes = 1


class AvgPool2d(AvgPool):
    """The mean of every window of images (n, channels, height, width); padding counts as zeros."""

    axes = 2


class GlobalPooling(Module):
    """One number for each channel."""

    drawn_as = "convolution or pool"

    def over_positions(self, x: Any, reduce: Any) -> Any:
        """`reduce` of every channel, over all axes after it."""
        x = as_floats(x)
        if x.ndim < 3 or 0 in x.shape[2:]:
            raise misfit(self, x, "it must be (n, channels, length) or (n, channels, height, width), not empty")
        return reduce(x, axis=tuple(range(2, x.ndim)))


class GlobalMaxPool(GlobalPooling):
    """The largest number of every channel: (n, channels, ...) gives (n, channels). Equal ones share the gradient."""

    def forward(self, x: Any) -> Any:
        """The maximum over all axes but the first two."""
        return self.over_positions(x, np.max)


class GlobalAvgPool(GlobalPooling):
    """The mean of every channel: (n, channels, ...) gives (n, channels).

    Lin, Chen and Yan, "Network in network", 2013.
    """

    def forward(self, x: Any) -> Any:
        """The mean over all axes but the first two."""
        return self.over_positions(x, np.mean)


class Flatten(Module):
    """All axes but the first as one: (n, channels, height, width) gives (n, channels * height * width)."""

    def forward(self, x: Any) -> Any:
        """`x` as (n, numbers of each sample)."""
        shape = np.shape(x)
        if not shape:
            raise misfit(self, x, "the first axis counts the samples, and there is none")
        return np.reshape(x, (shape[0], math.prod(shape[1:])))
