"""Dense, the layer in which every unit sees every input, and MLP, several of them one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, affine, relu

from ..init import Initializer, Seed, glorot_uniform, he_normal, initializer, lecun_normal, zeros
from ..module import Module, Parameter, as_tensor
from .activations import activation as activation_function, elu, gelu, leaky_relu, linear, mish, selu, swish
from .containers import Sequential
from .inputs import integers

Function = Callable[..., Any]

# what fills the weights before an activation; glorot_uniform before all others
INITIALIZERS: dict[Function, Initializer] = {selu: lecun_normal} | dict.fromkeys(
    (relu, leaky_relu, elu, gelu, mish, swish), he_normal
)


class Dense(Module):
    """A layer in which every unit sees every input: activation(x @ W + b). [course: Dense layer from scratch]

    `W` has the shape (inputs, units), `b` (units,). `x` (..., inputs) gives (..., units); numbers that are no tensor
    are cast to the dtype of `W`. `init` fills `W`, by default he_normal before relu and its kin, lecun_normal before
    selu, and glorot_uniform before all others; `b` starts at 0.
    """

    drawn_as = "hidden"

    def __init__(
        self,
        inputs: int,
        units: int | None = None,
        activation: str | Function | None = None,
        bias: bool = True,
        init: str | Initializer | None = None,
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        if units is None:  # has a default for this message alone
            raise TypeError(f"Dense takes the numbers of its inputs and of its units, as Dense(2, 8): got {inputs!r}")
        inputs, units = integers("Dense", inputs=inputs, units=units)
        if min(inputs, units) < 1:
            raise ValueError(f"Dense needs at least one input and one unit, got Dense({inputs}, {units})")
        self.activation = activation_function(activation)
        if init is None:
            init = INITIALIZERS.get(self.activation, glorot_uniform)
        self.W = Parameter(initializer(init)((inputs, units), np.random.default_rng(rng), dtype), dtype)
        self.b = Parameter(zeros((units,)), dtype) if bias else None

    def forward(self, x: Any) -> Tensor:
        """activation(x @ W + b), of shape (..., units)."""
        x = as_tensor(x, self.W.dtype)
        if x.shape[-1:] != self.W.shape[:1]:
            raise ValueError(
                f"Dense({self.describe()}) got input of shape {x.shape}: the last axis must have size {self.W.shape[0]}"
            )
        z = x @ self.W if self.b is None else affine(x, self.W, self.b)
        return z if self.activation is linear else self.activation(z)  # type: ignore[no-any-return]

    def describe(self) -> str:
        """Inputs, units and activation: "2 -> 8, tanh"."""
        inputs, units = self.W.shape
        plain = self.activation is linear or isinstance(self.activation, Module)  # a module shows itself, below
        return f"{inputs} -> {units}" + ("" if plain else f", {getattr(self.activation, '__name__', self.activation)}")


class MLP(Sequential):
    """A multilayer perceptron: Dense layers of the given sizes, MLP(inputs, units, ..., outputs), or a list of them.

    `activation` follows every layer but the last, which has `output_activation`, by default none: losses take logits.
    """

    def __init__(
        self,
        *sizes: int | Sequence[int],
        activation: str | Function | None = "tanh",
        output_activation: str | Function | None = None,
        bias: bool = True,
        init: str | Initializer | None = None,
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        if len(sizes) == 1 and isinstance(sizes[0], (list, tuple)):
            sizes = tuple(sizes[0])
        given: Any = sizes
        for size in given:
            if isinstance(size, (list, tuple, str)):
                cure = f"activation={size!r}" if isinstance(size, str) else "one after the other, or all in one list"
                raise TypeError(f"MLP takes its sizes, as MLP(2, 8, 8, 1), and {size!r} is none: write {cure}")
        whole = integers("MLP", **{f"size {i}": size for i, size in enumerate(sizes)})
        if len(whole) < 2:
            raise ValueError(
                f"an MLP needs the sizes of its input and its output at least, as MLP(2, 8, 1): got {sizes}"
            )
        rng = np.random.default_rng(rng)
        last = len(whole) - 2
        super().__init__(
            Dense(inputs, units, output_activation if i == last else activation, bias, init, rng, dtype)
            for i, (inputs, units) in enumerate(pairwise(whole))
        )
