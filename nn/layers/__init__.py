"""Layers, in reading order.

    activations     functions first, then layers, then names
    containers      layers in a row, one after the other, and around what they add to
    dense           Dense, and MLP, several of them one after the other
    neuron          one weighted sum, and the perceptron that learns by Rosenblatt's rule
    convolution     windows over signals and images, pooling
    transposed      convolutions that make larger
    recurrent       RNN, LSTM, GRU over time
    embedding       vectors for symbols
    attention       each position looks at all others
    normalization   batches and features of mean 0 and variance 1
    dropout         noise against overfitting
    rbf             radial basis functions
    boltzmann       restricted Boltzmann machines
    inputs          what the layers share: which sizes and inputs fit

Each is a Module, and says in its docstring what enters and what leaves it.
"""

from .activations import (
    ELU,
    GELU,
    SELU,
    Activation,
    HardTanh,
    LeakyReLU,
    Linear,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Sinc,
    Softmax,
    Softplus,
    Softsign,
    Step,
    Swish,
    Tanh,
    elu,
    gelu,
    hard_tanh,
    leaky_relu,
    linear,
    mish,
    selu,
    silu,
    sinc,
    softsign,
    step,
    swish,
    tanh,
)
from .attention import MultiHeadAttention, attention_weights, scaled_dot_product_attention
from .boltzmann import RestrictedBoltzmann
from .containers import ModuleList, Residual, Sequential
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
from .dense import MLP, Dense
from .dropout import Dropout, GaussianNoise
from .embedding import Embedding
from .neuron import Neuron, Perceptron
from .normalization import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm
from .rbf import RBF
from .recurrent import GRU, LSTM, RNN, GRUCell, Last, LSTMCell, Outputs, RNNCell
from .transposed import ConvTranspose1d, ConvTranspose2d

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "MLP",
    "RBF",
    "RNN",
    "SELU",
    "Activation",
    "AvgPool1d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GaussianNoise",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "GroupNorm",
    "HardTanh",
    "LSTMCell",
    "Last",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MaxPool1d",
    "MaxPool2d",
    "Mish",
    "ModuleList",
    "MultiHeadAttention",
    "Neuron",
    "Outputs",
    "PReLU",
    "Perceptron",
    "RNNCell",
    "ReLU",
    "Residual",
    "RestrictedBoltzmann",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Sinc",
    "Softmax",
    "Softplus",
    "Softsign",
    "Step",
    "Swish",
    "Tanh",
    "attention_weights",
    "elu",
    "gelu",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "mish",
    "scaled_dot_product_attention",
    "selu",
    "silu",
    "sinc",
    "softsign",
    "step",
    "swish",
    "tanh",
]
