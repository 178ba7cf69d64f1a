"""chainrule's engine: one derivative table, and what follows from it."""

from . import debug
from .arrays import asarray
from .check import GradientCheckError, check_grads
from .checkpointing import checkpoint
from .compile import TraceError, anew, compile, depends_on
from .draw import draw
from .recording import enable_grad, no_grad
from .rules.elementwise import logsigmoid, relu, sigmoid, softplus, sumprod
from .rules.products import affine
from .rules.reductions import log_softmax, logsumexp, nll, softmax, softmax_cross_entropy
from .rules.special import erf
from .rules.windows import windows
from .scopes import scoped
from .sweep import StaleGraphError
from .table import composite, partials, primitive, pullbacks
from .tensor import Tensor
from .transforms import (
    elementwise_grad,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from .value import Value

__all__ = [
    "GradientCheckError",
    "StaleGraphError",
    "Tensor",
    "TraceError",
    "Value",
    "affine",
    "anew",
    "asarray",
    "check_grads",
    "checkpoint",
    "compile",
    "composite",
    "debug",
    "depends_on",
    "draw",
    "elementwise_grad",
    "enable_grad",
    "erf",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "log_softmax",
    "logsigmoid",
    "logsumexp",
    "nll",
    "no_grad",
    "partials",
    "primitive",
    "pullbacks",
    "relu",
    "scoped",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sumprod",
    "value_and_grad",
    "vjp",
    "windows",
]
