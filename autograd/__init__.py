"""chainrule's engine: one derivative table, and what follows from it."""

from . import debug
from .arrays import asarray
from .builtins import dict as dict
from .builtins import isinstance as isinstance
from .builtins import list as list
from .builtins import tuple as tuple
from .builtins import type as type
from .check import GradientCheckError, check_grads
from .checkpointing import checkpoint
from .compile import CheckError, TraceError, anew, compile, depends_on
from .differential_operators import (  # HIPS autograd's names, found here too: not ours, and so not in __all__
    deriv as deriv,
)
from .differential_operators import (
    grad_and_aux as grad_and_aux,
)
from .differential_operators import (
    grad_named as grad_named,
)
from .differential_operators import (
    hessian_tensor_product as hessian_tensor_product,
)
from .differential_operators import (
    hessian_vector_product as hessian_vector_product,
)
from .differential_operators import (
    holomorphic_grad as holomorphic_grad,
)
from .differential_operators import (
    make_ggnvp as make_ggnvp,
)
from .differential_operators import (
    make_hvp as make_hvp,
)
from .differential_operators import (
    make_jvp as make_jvp,
)
from .differential_operators import (
    make_vjp as make_vjp,
)
from .differential_operators import (
    multigrad_dict as multigrad_dict,
)
from .differential_operators import (
    tensor_jacobian_product as tensor_jacobian_product,
)
from .differential_operators import (
    vector_jacobian_product as vector_jacobian_product,
)
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
    "CheckError",
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
