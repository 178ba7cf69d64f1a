"""Networks of Values: one node per weight, to read and to draw. [course: Perceptron, Multi Output Perceptron]

>>> model = MLP(2, [4, 1], rng=0)
>>> loss = (model([1.0, -1.0]) - 1) ** 2
>>> loss.backward()
>>> for p in model.parameters():
...     p.data -= 0.1 * p.grad
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import Value, depends_on, scoped, sumprod

from .init import Seed
from .layers.activations import activation as activation_function, linear

Number = Value | float


class Weight(Value):
    """A number that training changes."""

    __slots__ = ()
    is_state = True


class Part:
    """What Neuron, Layer and MLP have in common: they compute, and have parameters."""

    name = ""  # where it is in the network, "0.3" for the neuron 3 of the layer 0: pictures show it

    def __call__(self, x: Sequence[Number]) -> Any:
        """What `forward` computes."""
        depends_on(vars(self))
        return scoped(self.name, type(self).__name__, self.forward, x)

    def forward(self, x: Sequence[Number]) -> Any:
        """The output for the inputs `x`."""
        raise NotImplementedError

    def _cells_(self, x: Sequence[Number]) -> tuple[Any, Any, dict[tuple[str, str], tuple[str, str]]]:
        """What autograd.draw asks of a network: one sample, the output for it, and what the layers are drawn as."""
        numbers = [number.data if isinstance(number, Value) else float(number) for number in x]
        output = self([Value(number, name=f"x[{j}]") for j, number in enumerate(numbers)])
        return numbers, output, {(p.name, type(p).__name__): ("hidden", p.describe()) for p in self.layered()}

    def layered(self) -> Sequence[Part]:
        """What pictures show as layers."""
        return [self]

    def describe(self) -> str:
        """What `repr` shows between the parentheses."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()})"

    def parameters(self) -> list[Value]:
        """Every weight and bias."""
        raise NotImplementedError

    def zero_grad(self) -> None:
        """Set every gradient to 0."""
        for p in self.parameters():
            p.grad = 0.0


class Neuron(Part):
    """g(x1 w1 + ... + xm wm + b): a weighted sum of the inputs, and an activation. [course: The Perceptron]

    The weights begin uniformly in [-1, 1], the bias at 0.
    """

    def __init__(self, inputs: int, activation: str | Callable[..., Any] | None = "tanh", rng: Seed = None) -> None:
        if inputs < 1:
            raise ValueError(f"a Neuron needs at least one input, got {inputs}")
        rng = np.random.default_rng(rng)
        self.w = [Weight(rng.uniform(-1, 1), name=f"w[{j}]") for j in range(inputs)]
        self.b = Weight(0.0, name="b")
        self.activation = activation_function(activation)

    def forward(self, x: Sequence[Number]) -> Value:
        """The output for the inputs `x`."""
        if len(x) != len(self.w):
            raise ValueError(f"{self!r} got {len(x)} numbers: it needs one for each of its {len(self.w)} inputs")
        return self.activation(sumprod(*self.w, *x) + self.b)  # type: ignore[no-any-return]

    def parameters(self) -> list[Value]:
        """The weights and the bias."""
        return [*self.w, self.b]

    def describe(self) -> str:
        """Inputs and activation: "2, tanh"."""
        return f"{len(self.w)}{shown(self.activation)}"


class Layer(Part):
    """Neurons side by side, all with the same inputs. Weight w[j, i] goes from input j to neuron i."""

    def __init__(
        self, inputs: int, units: int, activation: str | Callable[..., Any] | None = "tanh", rng: Seed = None
    ) -> None:
        if units < 1:
            raise ValueError(f"a Layer needs at least one unit, got {units}")
        rng = np.random.default_rng(rng)
        self.neurons = [Neuron(inputs, activation, rng) for _ in range(units)]
        for i, neuron in enumerate(self.neurons):
            neuron.name = f"{i}"
            neuron.b.name = f"b[{i}]"
            for j, w in enumerate(neuron.w):
                w.name = f"w[{j},{i}]"

    def forward(self, x: Sequence[Number]) -> list[Value]:
        """The output of every neuron for the inputs `x`."""
        return [neuron(x) for neuron in self.neurons]

    def parameters(self) -> list[Value]:
        """Every weight and bias, neuron by neuron."""
        return [p for neuron in self.neurons for p in neuron.parameters()]

    def describe(self) -> str:
        """Inputs, units and activation: "2, 3, tanh"."""
        first = self.neurons[0]
        return f"{len(first.w)}, {len(self.neurons)}{shown(first.activation)}"


class MLP(Part):
    """A multilayer perceptron: MLP(2, [16, 16, 1]) has two inputs, two layers of 16 neurons, and one output.

    `activation` follows every layer but the last. The names of the parameters begin with their layer: "0.w[1,15]".
    A single output comes as a Value, several as a list.
    """

    def __init__(
        self, inputs: int, units: Sequence[int], activation: str | Callable[..., Any] | None = "tanh", rng: Seed = None
    ) -> None:
        if not isinstance(units, Sequence):
            raise TypeError(f"an MLP takes a list of the sizes of its layers, as MLP(2, [16, 16, 1]), not {units!r}")
        if not units:
            raise ValueError("an MLP needs the sizes of its layers, as MLP(2, [16, 16, 1])")
        rng = np.random.default_rng(rng)
        last = len(units) - 1
        self.layers = [
            Layer(m, n, None if i == last else activation, rng) for i, (m, n) in enumerate(zip([inputs, *units], units))
        ]
        for i, layer in enumerate(self.layers):
            layer.name = f"{i}"
            parts: list[Any] = [*layer.neurons, *layer.parameters()]
            for part in parts:
                part.name = f"{i}.{part.name}"

    def forward(self, x: Sequence[Number]) -> Any:
        """The output, or the list of outputs, for the inputs `x`."""
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def layered(self) -> Sequence[Part]:
        """The layers."""
        return self.layers

    def parameters(self) -> list[Value]:
        """Every weight and bias, layer by layer."""
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of {', '.join(map(repr, self.layers))}, {len(self.parameters())} parameters"


def shown(activation: Callable[..., Any]) -> str:
    """An activation as `repr` shows it."""
    return "" if activation is linear else f", {getattr(activation, '__name__', activation)}"
