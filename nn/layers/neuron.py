"""The perceptron and the neuron: one weighted sum of the inputs. [course: Perceptron]"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import Tensor, anew

from ..init import Initializer, Seed, initializer
from ..losses import perceptron
from ..module import Module, Parameter, as_tensor, misfit
from ..samples import common_length, whole
from ..targets import plain_array
from .activations import activation as activation_function, linear, step
from .inputs import at_least_one


class Neuron(Module):
    """activation(x @ w + b): one number for each sample, x (..., inputs) gives (...). [course: The Perceptron]

    `w` has the shape (inputs,), `b` (). `init` fills `w`; `b` starts at 0. `nn.scalar.Neuron` is the same of Values.
    """

    drawn_as = "hidden"

    def __init__(
        self,
        inputs: int,
        activation: str | Callable[..., Any] | None = None,
        init: str | Initializer = "glorot_uniform",
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        at_least_one(type(self).__name__, inputs=inputs)
        self.activation = activation_function(activation)
        self.w = Parameter(initializer(init)((inputs, 1), np.random.default_rng(rng), dtype)[:, 0], dtype)
        self.b = Parameter(0.0, dtype)

    def score(self, x: Any) -> Tensor:
        """x @ w + b: what the activation is applied to."""
        x = as_tensor(x, self.w.dtype)
        if x.ndim == 0 or x.shape[-1] != self.w.size:
            raise misfit(self, x, f"the last axis must have size {self.w.size}")
        z: Tensor = x @ self.w + self.b
        return z

    def forward(self, x: Any) -> Tensor:
        """activation(x @ w + b), of shape (...)."""
        return self.activation(self.score(x))  # type: ignore[no-any-return]

    def describe(self) -> str:
        """Inputs and activation: "2, tanh"."""
        plain = self.activation is linear or isinstance(self.activation, Module)
        return f"{self.w.size}" + ("" if plain else f", {getattr(self.activation, '__name__', self.activation)}")


def check_labels(labels: Any) -> None:
    """Refuse labels other than 0 and 1."""
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("Perceptron: labels are 0 and 1 (of labels -1 and 1 take (labels + 1) / 2)")


class Perceptron(Neuron):
    """A neuron with the step function: 1 where x @ w + b >= 0, else 0. [course: Perceptron]

    The derivative of the step function is 0, so it learns with the perceptron criterion instead, whose gradient is
    Rosenblatt's rule: by `learn`, or in fit by loss="perceptron". All weights start at 0.

    Rosenblatt, "The perceptron: A probabilistic model for information storage and organization in the brain", 1958.
    """

    def __init__(
        self, inputs: int, init: str | Initializer = "zeros", rng: Seed = None, dtype: npt.DTypeLike = np.float32
    ) -> None:
        super().__init__(inputs, step, init, rng, dtype)

    def criterion(self, x: Any, y: Any) -> Tensor:
        """The perceptron criterion of the scores, for labels 0 and 1: `nn.perceptron`, whose labels are -1 and 1.

        Its gradient by the score is answer - y, so by the weights the mean of (answer - y) * x.
        """
        labels = plain_array(y)
        anew(check_labels, labels)
        return perceptron(self.score(x), 2.0 * labels - 1)

    def learn(self, X: Any, y: Any, epochs: int = 100, lr: float = 1.0) -> list[int]:
        """Rosenblatt's rule, w += lr * (y - answer) * x for one sample after the other, until an epoch has no mistake.

        X (n, inputs), y (n,) or (n, 1). Returns the number of mistakes in each epoch. If a straight line separates the
        classes the last one is 0, given enough epochs (Novikoff, "On convergence proofs on perceptrons", 1962).
        """
        X, y = whole("Perceptron.learn: X", X), whole("Perceptron.learn: y", y)
        common_length("Perceptron.learn", X=X, y=y)
        if y.shape not in ((len(y),), (len(y), 1)):
            raise ValueError(f"Perceptron.learn: y has shape {y.shape}, one label for each sample is ({len(y)},)")
        y = y.reshape(-1)
        mistakes: list[int] = []
        while len(mistakes) < epochs and 0 not in mistakes:
            mistakes.append(0)
            for sample, label in zip(X, y):
                self.zero_grad()
                self.criterion(sample, label).backward()
                mistakes[-1] += bool(self.b.grad)  # answer - y
                for p in self.parameters():
                    p.data -= lr * p.grad
        return mistakes

    def describe(self) -> str:
        """The number of inputs."""
        return f"{self.w.size}"
