"""Activations: functions first, `nn.relu(x)`; layers second, `nn.ReLU()`; names third, `activation="relu"`.

All are elementwise, except softmax and log_softmax, and keep shape and dtype. They take tensors, arrays and Values.
Values and slopes are right to the last digits, and no warning is raised, as far out as floats reach.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import erf, log_softmax, logsigmoid, relu, sigmoid, softmax, softplus

from ..module import Module, Parameter, as_tensor, misfit
from ..names import lookup
from ..synonyms import refuse_arguments
from .inputs import at_least_one

Function = Callable[..., Any]

SELU_SCALE = 1.0507009873554804934193349852946  # the two numbers of the paper, with which mean 0 and variance 1
SELU_ALPHA = 1.6732632423543772848170429916717  # are a fixed point


def above(x: Any) -> Any:
    """1 where x > 0, else 0, as a part of the graph: a condition that follows x, as the plain x > 0 does not."""
    return np.heaviside(x, 0.0)


def linear(x: Any) -> Any:
    """x: no activation."""
    return x


def step(x: Any) -> Any:
    """1 where x >= 0, else 0; its derivative is 0. [course: the step function]"""
    return np.heaviside(x, 1.0)


def tanh(x: Any) -> Any:
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)). [course: Common Activation Functions]"""
    return np.tanh(x)


def hard_tanh(x: Any) -> Any:
    """x limited to [-1, 1]; the derivative at -1 and 1 is 1.

    Collobert, "Large scale machine learning", 2004.
    """
    return np.clip(x, -1, 1)


def softsign(x: Any) -> Any:
    """x / (1 + |x|). [course: Dance Moves]

    Bergstra, Desjardins, Lamblin and Bengio, "Quadratic polynomials learn better image features", 2009.
    """
    size = 1 + abs(x)
    return np.where(above(2 - size), x / size, np.sign(x) * (1 - 1 / size))  # of each the slope that does not cancel


def sinc(x: Any) -> Any:
    """sin(x) / x, and 1 at 0 (np.sinc(x) is sinc(pi * x)). [course: Dance Moves]"""
    near = above(0.5 - abs(x))  # there np.sinc has a slope that does not cancel; far out pi * (x / pi) is no longer x
    far = np.where(near, 1, x)
    return np.where(near, np.sinc(np.where(near, x, 0) / math.pi), np.sin(far) / far)


def leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    """x where x > 0, else slope * x; the derivative at 0 is `slope`. [course: Dance Moves]

    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.
    """
    return np.where(above(x), x, slope * x)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where x > 0, else alpha * (exp(x) - 1); the derivative at 0 is `alpha`. [course: Dance Moves]

    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units (ELUs)",
    2015.
    """
    negative = np.heaviside(-x, 1.0)  # also where x is 0, or NaN
    return np.where(negative, alpha * np.expm1(np.where(negative, x, 0)), x)


def selu(x: Any) -> Any:
    """1.0507 * elu(x, 1.6733): signals of mean 0 and variance 1 stay so from layer to layer, with init="lecun_normal".

    The derivative at 0 is that of the left side, 1.7581. Klambauer, Unterthiner, Mayr and Hochreiter,
    "Self-normalizing neural networks", 2017.
    """
    return SELU_SCALE * elu(x, SELU_ALPHA)


def gelu(x: Any) -> Any:
    """x * Phi(x), Phi being the distribution function of the standard normal distribution, by erf: no approximation.

    Far left, where Phi is nearly 0, the error is that of rounding 1 + erf: 1e-16 |x|.
    Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016.
    """
    return 0.5 * x * (1 + erf(x / math.sqrt(2)))


def swish(x: Any, beta: float = 1.0) -> Any:
    """x * sigmoid(beta * x); with beta = 1 also called silu. [course: Dance Moves]

    Ramachandran, Zoph and Le, "Searching for activation functions", 2017; the silu is that of Elfwing, Uchibe and Doya,
    "Sigmoid-weighted linear units for neural network function approximation in reinforcement learning", 2017.
    """
    return x * sigmoid(beta * x)


silu = swish


def mish(x: Any) -> Any:
    """x * tanh(softplus(x)). [course: Dance Moves]

    Misra, "Mish: a self regularized non-monotonic activation function", 2019.
    """
    return x * np.tanh(softplus(x))


ACTIVATIONS: dict[str, Function] = {
    f.__name__: f
    for f in (
        linear, step, sigmoid, tanh, hard_tanh, relu, leaky_relu, elu, selu, gelu, swish, mish, softplus, softsign,
        sinc, logsigmoid, softmax, log_softmax,
    )
} | {"silu": silu}  # fmt: skip


def activation(given: str | Function | None) -> Function:
    """An activation function, given itself, as a layer, or by its name; None is `linear`."""
    if given is None:
        return linear
    if isinstance(given, type):
        raise TypeError(f"{given.__name__} is the class of a layer: pass a layer, {given.__name__}()")
    return given if callable(given) else lookup("activation", given, ACTIVATIONS)


class Activation(Module):
    """A layer that applies a function; its options are the function's further arguments, LeakyReLU(slope=0.1)."""

    function: ClassVar[Function]

    def __init__(self, *values: Any, **options: Any) -> None:
        kind, signature = type(self).__name__, inspect.signature(self.function)
        refuse_arguments(kind, options, signature.parameters)
        if any(map(np.ndim, values)):
            raise TypeError(f"{kind} is made first, and then called with numbers: {kind}()(x)")
        try:  # refuses unknown options here, not at the first call
            given = signature.bind(None, *values, **options).arguments
        except TypeError as error:
            known = ", ".join(str(one) for one in [*signature.parameters.values()][1:])
            raise TypeError(f"{kind}({known}): {error}") from None
        self.options = dict([*given.items()][1:])

    def forward(self, x: Any) -> Any:
        """The function of `x`."""
        return self.function(x, **self.options)

    def describe(self) -> str:
        """The options."""
        return ", ".join(f"{name}={value!r}" for name, value in self.options.items())


class Linear(Activation):
    """x. (PyTorch's layer of this name is `Dense`.)"""

    def __init__(self, *sizes: Any, **options: Any) -> None:
        if sizes or options:
            given = ", ".join([*map(repr, sizes), *(f"{name}={value!r}" for name, value in options.items())])
            raise TypeError(f"Linear() is the activation that leaves x as it is; the layer with weights is Dense: "
                            f"write nn.Dense(inputs, units) for nn.Linear({given})")  # fmt: skip
        super().__init__()

    function = staticmethod(linear)


class Step(Activation):
    """1 where x >= 0, else 0."""

    function = staticmethod(step)


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    function = staticmethod(sigmoid)


class Tanh(Activation):
    """tanh(x)."""

    function = staticmethod(tanh)


class HardTanh(Activation):
    """x limited to [-1, 1]."""

    function = staticmethod(hard_tanh)


class ReLU(Activation):
    """max(0, x)."""

    function = staticmethod(relu)


class LeakyReLU(Activation):
    """x where x > 0, else slope * x: LeakyReLU(slope=0.01)."""

    function = staticmethod(leaky_relu)


class ELU(Activation):
    """x where x > 0, else alpha * (exp(x) - 1): ELU(alpha=1.0)."""

    function = staticmethod(elu)


class SELU(Activation):
    """1.0507 * elu(x, 1.6733)."""

    function = staticmethod(selu)


class GELU(Activation):
    """x times the distribution function of the standard normal distribution."""

    function = staticmethod(gelu)


class Swish(Activation):
    """x * sigmoid(beta * x): Swish(beta=1.0). SiLU is the same class."""

    function = staticmethod(swish)


SiLU = Swish


class Mish(Activation):
    """x * tanh(softplus(x))."""

    function = staticmethod(mish)


class Softplus(Activation):
    """log(1 + exp(x))."""

    function = staticmethod(softplus)


class Softsign(Activation):
    """x / (1 + |x|)."""

    function = staticmethod(softsign)


class Sinc(Activation):
    """sin(x) / x."""

    function = staticmethod(sinc)


class LogSigmoid(Activation):
    """log(sigmoid(x))."""

    function = staticmethod(logsigmoid)


class Softmax(Activation):
    """exp(x) over its sum along an axis: Softmax(axis=-1)."""

    function = staticmethod(softmax)


class LogSoftmax(Activation):
    """log(softmax(x)): LogSoftmax(axis=-1)."""

    function = staticmethod(log_softmax)


class PReLU(Module):
    """x where x > 0, else slope * x, with a slope that is learned; the derivative by x at 0 is the slope.

    `slope` has the shape (num_parameters,), one for all or one for each channel, the second axis, and begins as `init`.

    He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015.
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, dtype: npt.DTypeLike = np.float32) -> None:
        at_least_one("PReLU", num_parameters=num_parameters)
        self.slope = Parameter(np.full(num_parameters, init), dtype)

    def forward(self, x: Any) -> Any:
        """`x` with its negative numbers scaled, of the same shape."""
        x = as_tensor(x, self.slope.dtype)
        count = self.slope.size
        if count == 1:
            return leaky_relu(x, self.slope.reshape(()))
        if x.ndim < 2 or x.shape[1] != count:
            raise misfit(self, x, f"it must be (n, {count}, ...), a channel for each slope")
        return leaky_relu(x, self.slope.reshape(count, *[1] * (x.ndim - 2)))

    def describe(self) -> str:
        """The number of slopes, if there are several."""
        return f"{self.slope.size}" if self.slope.size > 1 else ""
