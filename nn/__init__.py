"""Neural networks on top of autograd: modules, losses, optimizers. No derivative lives here."""

from autograd import log_softmax, logsigmoid, relu, sigmoid, softmax, softplus

from . import data, init, metrics, scalar
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
from .attention import Embedding, MultiHeadAttention, attention_weights, scaled_dot_product_attention
from .checkpoints import Checkpoint
from .clipping import clip_grad_norm, clip_grad_value
from .containers import Residual
from .convolution import (
    AvgPool1d,
    AvgPool2d,
    Conv1d,
    Conv2d,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool1d,
    MaxPool2d,
)
from .history import History
from .layers import MLP, Dense, Sequential
from .losses import bce_with_logits, cross_entropy, mse
from .metrics import accuracy, confusion_matrix, f1, precision, r2, recall, top_k
from .module import Buffer, Module, Parameter
from .neuron import Neuron, Perceptron
from .noise import Dropout, GaussianNoise
from .nonfinite import DivergedError
from .normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from .optim import SGD, Adam, Optimizer
from .rbf import RBF
from .recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from .regularization import l1, l2
from .saving import SavedModelError, load, save
from .schedules import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    OneCycleLR,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    StepLR,
)
from .stopping import EarlyStopping
from .training import Epoch, fit

__all__ = [
    "GRU",
    "LSTM",
    "MLP",
    "RBF",
    "RNN",
    "SGD",
    "Activation",
    "Adam",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Buffer",
    "Checkpoint",
    "Conv1d",
    "Conv2d",
    "CosineAnnealingLR",
    "Dense",
    "DivergedError",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "Epoch",
    "ExponentialLR",
    "Flatten",
    "GRUCell",
    "GaussianNoise",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "History",
    "LSTMCell",
    "LambdaLR",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LinearLR",
    "LogSigmoid",
    "LogSoftmax",
    "MaxPool1d",
    "MaxPool2d",
    "Module",
    "MultiHeadAttention",
    "Neuron",
    "OneCycleLR",
    "Optimizer",
    "Parameter",
    "Perceptron",
    "RNNCell",
    "ReLU",
    "ReduceLROnPlateau",
    "Residual",
    "SavedModelError",
    "Schedule",
    "Sequential",
    "SequentialLR",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Step",
    "StepLR",
    "Tanh",
    "accuracy",
    "attention_weights",
    "bce_with_logits",
    "clip_grad_norm",
    "clip_grad_value",
    "confusion_matrix",
    "cross_entropy",
    "data",
    "f1",
    "fit",
    "init",
    "l1",
    "l2",
    "leaky_relu",
    "linear",
    "load",
    "log_softmax",
    "logsigmoid",
    "metrics",
    "mse",
    "precision",
    "r2",
    "recall",
    "relu",
    "save",
    "scalar",
    "scaled_dot_product_attention",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "step",
    "tanh",
    "top_k",
]
