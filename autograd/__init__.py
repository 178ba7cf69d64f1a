"""chainrule's engine: one derivative table, and what follows from it."""

from typing import TYPE_CHECKING, Any

from . import arrays, debug, scipy as scipy
from .arrays import asarray
from .blocks import sum_over_blocks
from .builtins import dict as dict, isinstance as isinstance, list as list, tuple as tuple, type as type
from .check import GradientCheckError, check_grads
from .checkpointing import checkpoint
from .compile import CheckError, TraceError, anew, compile, depends_on
from .differential_operators import (  # HIPS autograd's names, found here too: not ours, and so not in __all__
    deriv as deriv,
    grad_and_aux as grad_and_aux,
    grad_named as grad_named,
    hessian_tensor_product as hessian_tensor_product,
    hessian_vector_product as hessian_vector_product,
    holomorphic_grad as holomorphic_grad,
    make_ggnvp as make_ggnvp,
    make_hvp as make_hvp,
    make_jvp as make_jvp,
    make_vjp as make_vjp,
    multigrad_dict as multigrad_dict,
    tensor_jacobian_product as tensor_jacobian_product,
    vector_jacobian_product as vector_jacobian_product,
)
from .draw import draw
from .mapping import vmap
from .onnx import to_onnx
from .primitives import primitive
from .recording import enable_grad, no_grad
from .rules.across import all_sum
from .rules.elementwise import logsigmoid, relu, sigmoid, softplus, sumprod
from .rules.gates import lstm_cell_state, lstm_gates, lstm_hidden_state
from .rules.products import affine
from .rules.reductions import log_softmax, logsumexp, nll, softmax, softmax_cross_entropy
from .rules.special import erf
from .rules.statistics import standardized
from .rules.windows import overlap, windows
from .scopes import scoped
from .sweep import StaleGraphError
from .synonyms import missing
from .table import composite, partials, pullbacks
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
from .unstacking import unstack
from .value import Value

__all__ = [
    "CheckError",
    "GradientCheckError",
    "StaleGraphError",
    "Tensor",
    "TraceError",
    "Value",
    "affine",
    "all_sum",
    "anew",
    "arrays",
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
    "lstm_cell_state",
    "lstm_gates",
    "lstm_hidden_state",
    "nll",
    "no_grad",
    "overlap",
    "partials",
    "primitive",
    "pullbacks",
    "relu",
    "scoped",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "standardized",
    "sum_over_blocks",
    "sumprod",
    "to_onnx",
    "unstack",
    "value_and_grad",
    "vjp",
    "vmap",
    "windows",
]

if not TYPE_CHECKING:  # for a checker of types, what is missing is missing

    def __getattr__(name: str) -> Any:
        raise missing(name)
