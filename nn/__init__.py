"""Neural networks on top of autograd, room by room in reading order.

    module     Module, Parameter, Buffer: a network is a tree
    init       what weights begin with
    layers/    what networks are built of
    losses     one number to make small; `targets` says which targets fit
    optim/     how it becomes small: optimizers, schedules, clipping, penalties
    data       toy sets, batches, splits
    metrics    numbers to look at
    learning/  fit, and what it is made of
    parallel   several processes that train one model
    predicting what a model says of samples
    plotting   where it says what: decision regions; sheets of images
    saving     models on disk; `exclusive` are files that one process has to itself
    exporting  models for other programs
    scalar     networks of Values: one node per weight
    names      choices by name; `synonyms` has those of other libraries

All that is public is `nn.<name>`. No derivative lives here.
"""

from typing import TYPE_CHECKING, Any

try:
    from autograd import log_softmax, logsigmoid, relu, sigmoid, softmax, softplus
except ImportError as error:
    raise ImportError(
        f"nn is built on chainrule's autograd, and `import autograd` finds another package of that name, {error.path} "
        "(HIPS autograd?). One environment holds one of them: make a new one and install chainrule alone, or "
        "uninstall both here and then install chainrule again (pip uninstall autograd chainrule)"
    ) from error

from . import data, init, layers, learning, metrics, optim, scalar
from .exporting import export_onnx
from .layers import *
from .learning import *
from .losses import (
    bce,
    bce_with_logits,
    cosine,
    cross_entropy,
    hinge,
    huber,
    kl_divergence,
    mae,
    mse,
    nll,
    perceptron,
    quadratic_cost,
    rss,
)
from .metrics import accuracy, confusion_matrix, f1, precision, r2, recall, top_k
from .module import Buffer, Module, Parameter
from .optim import *
from .parallel import average_gradients
from .plotting import plot_images, plot_regions
from .predicting import predict
from .saving import SavedModelError, load, save
from .synonyms import NAMES, missing

__all__ = [
    "Buffer",
    "Module",
    "Parameter",
    "SavedModelError",
    "accuracy",
    "average_gradients",
    "bce",
    "bce_with_logits",
    "confusion_matrix",
    "cosine",
    "cross_entropy",
    "data",
    "export_onnx",
    "f1",
    "hinge",
    "huber",
    "init",
    "kl_divergence",
    "load",
    "log_softmax",
    "logsigmoid",
    "mae",
    "metrics",
    "mse",
    "nll",
    "perceptron",
    "plot_images",
    "plot_regions",
    "precision",
    "predict",
    "quadratic_cost",
    "r2",
    "recall",
    "relu",
    "rss",
    "save",
    "scalar",
    "sigmoid",
    "softmax",
    "softplus",
    "top_k",
]
__all__ += layers.__all__
__all__ += learning.__all__
__all__ += optim.__all__


if not TYPE_CHECKING:  # for a checker of types, what is missing is missing

    def __getattr__(name: str) -> Any:
        if name in ("NetworkClassifier", "NetworkRegressor"):
            from . import estimators

            return getattr(estimators, name)
        raise missing("nn", name, NAMES)
