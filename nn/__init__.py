"""Neural networks on top of autograd: modules, losses, optimizers. No derivative lives here."""

from autograd import log_softmax, logsigmoid, relu, sigmoid, softmax, softplus

from . import data, init, scalar
from .activations import (
    Activation,
    LeakyReLU,
    Linear,
    LogSigmoid,
    LogSoftmax,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Softsign,
    Step,
    Tanh,
    leaky_relu,
    linear,
    softsign,
    step,
    tanh,
)
from .layers import MLP, Dense, Sequential
from .losses import bce_with_logits, cross_entropy, mse
from .module import Module, Parameter
from .optim import SGD, Adam, Optimizer

__all__ = [
    "MLP",
    "SGD",
    "Activation",
    "Adam",
    "Dense",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "Module",
    "Optimizer",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Step",
    "Tanh",
    "bce_with_logits",
    "cross_entropy",
    "data",
    "init",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "mse",
    "relu",
    "scalar",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "step",
    "tanh",
]
