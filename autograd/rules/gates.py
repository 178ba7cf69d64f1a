"""Gates: one step of an LSTM, from the products that go into its gates to its memory, and to what it shows of it.

`z` (..., 4 * hidden) holds the gates i, f, g, o side by side, before their activations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import zeros
from ..table import primitive, pullbacks
from .elementwise import chain, sigmoid, together
from .structure import join


@primitive
def lstm_cell_state(z: Any, c: Any) -> Any:
    """The cell state of an LSTM (..., hidden) after a step: sigmoid(f) of the one before, `c`, and sigmoid(i) tanh(g).

    `z` (..., 4 * hidden) holds the gates i, f, g, o side by side, before their activations.
    """
    return cell_state(z, c)


@primitive
def lstm_hidden_state(z: Any, c: Any) -> Any:
    """The hidden state of an LSTM whose cell state is `c` (..., hidden): sigmoid(o) tanh(c).

    `z` is that of `lstm_cell_state`.
    """
    return hidden_state(z, c)


def alike(z: Any, c: Any) -> Any:
    """Both in one dtype."""
    return (z, c) if z.dtype == c.dtype else together(z, c)


def cell_state(z: Any, c: Any) -> Any:
    """`lstm_cell_state`, in NumPy."""
    z, c = alike(z, c)
    i, f, g, _ = gates(z)
    return sigmoid(f) * c + sigmoid(i) * np.tanh(g)


def hidden_state(z: Any, c: Any) -> Any:
    """`lstm_hidden_state`, in NumPy."""
    z, c = alike(z, c)
    return sigmoid(gates(z)[3]) * np.tanh(c)


# fmt: off
pullbacks(lstm_cell_state,   lambda upstream, y, z, c: cell_by_gates(upstream, z, c),
                             lambda upstream, y, z, c: upstream * sigmoid(gates(z)[1]))
pullbacks(lstm_hidden_state, lambda upstream, y, z, c: hidden_by_gates(upstream, z, c),
                             lambda upstream, y, z, c: upstream * sigmoid(gates(z)[3]) * (1 - np.tanh(c) ** 2))
# fmt: on


def cell_by_gates(upstream: Any, z: Any, c: Any) -> Any:
    """The pullback of f c + i g by the gates; o has no part in it."""
    i, f, g, o = gates(z)
    i, f, g = sigmoid(i), sigmoid(f), np.tanh(g)
    by_i, by_f, by_g = upstream * g * slope(i), chain(upstream, c) * slope(f), upstream * i * (1 - g * g)
    return join(by_i, by_f, by_g, zeros(o, o.shape), axis=-1)


def hidden_by_gates(upstream: Any, z: Any, c: Any) -> Any:
    """The pullback of o tanh(c) by the gates: o alone has a part in it."""
    o = sigmoid(gates(z)[3])
    none = zeros(c, (*c.shape[:-1], 3 * c.shape[-1]), z.dtype)
    return join(none, upstream * np.tanh(c) * slope(o), axis=-1)


def slope(s: Any) -> Any:
    """The derivative of the sigmoid, of its value."""
    return s * (1 - s)


def gates(z: Any) -> list[Any]:
    """The four gates in `z`."""
    n = z.shape[-1] // 4
    return [z[..., i * n : (i + 1) * n] for i in range(4)]
