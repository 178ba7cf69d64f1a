"""Gates: one step of an LSTM, from the products that go into its gates to its memory, and to what it shows of it.

`z` (..., 4 * hidden) holds the gates i, f, g, o side by side before their activations, `a` after them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays import beside, zeros
from ..primitives import primitive
from ..table import pullbacks
from .dtypes import together
from .elementwise import chain, sigmoid
from .residuals import leaves_residuals, residuals_of
from .structure import join, set_at


@primitive
def lstm_gates(z: Any) -> Any:
    """The gates of an LSTM, (..., 4 * hidden): sigmoids of i, f and o, the candidate tanh(g), as they stand in `z`."""
    return activated(z)


@primitive
def lstm_cell_state(a: Any, c: Any) -> Any:
    """The cell state of an LSTM (..., hidden) after a step: f of the one before, `c`, and i of the candidate g.

    `a` (..., 4 * hidden) are its gates, as `lstm_gates` gives them.
    """
    return cell_state(a, c)


@primitive
def lstm_hidden_state(a: Any, c: Any) -> Any:
    """The hidden state of an LSTM whose cell state is `c` (..., hidden): o tanh(c); `a` is as in `lstm_cell_state`."""
    return hidden_state(a, c)


def activated(z: Any) -> Any:
    """`lstm_gates`, in NumPy."""
    if not z.ndim or z.shape[-1] % 4:
        raise ValueError(f"an LSTM has four gates, side by side in (..., 4 * hidden), and got shape {z.shape}")
    candidate = (..., slice(z.shape[-1] // 4 * 2, z.shape[-1] // 4 * 3))
    a, g = sigmoid(z), np.tanh(z[candidate])
    if type(a) is not np.ndarray:
        return set_at(a, g, candidate)
    a[candidate] = g
    return a


def cell_state(a: Any, c: Any) -> Any:
    """`lstm_cell_state`, in NumPy."""
    a, c = alike(a, c)
    return gate(a, 1) * c + gate(a, 0) * gate(a, 2)


def hidden_state(a: Any, c: Any) -> Any:
    """`lstm_hidden_state`, in NumPy."""
    return from_tanh(a, c)[0]


def from_tanh(a: Any, c: Any) -> tuple[Any, Any]:
    """`lstm_hidden_state`, and the tanh(c) that it is computed from."""
    a, c = alike(a, c)
    t = np.tanh(c)
    return gate(a, 3) * t, t


leaves_residuals(lstm_hidden_state, from_tanh, in_traces=True)


def alike(a: Any, c: Any) -> Any:
    """Both in one dtype, if they are of one size."""
    if not (a.ndim and c.ndim and a.shape[-1] == 4 * c.shape[-1]):
        raise ValueError(
            f"the gates of an LSTM are (..., 4 * hidden) and its cell state (..., hidden), and these have the shapes "
            f"{a.shape} and {c.shape}"
        )
    return (a, c) if a.dtype == c.dtype else together(a, c)


# fmt: off
pullbacks(lstm_gates,        lambda upstream, a, z: upstream * slopes(a))
pullbacks(lstm_cell_state,   lambda upstream, y, a, c: cell_by_gates(upstream, a, c),
                             lambda upstream, y, a, c: upstream * gate(a, 1))
pullbacks(lstm_hidden_state, lambda upstream, y, a, c: hidden_by_gates(upstream, a, shown(y, c)),
                             lambda upstream, y, a, c: upstream * (gate(a, 3) - y * shown(y, c)))  # o - o tanh(c)^2
# fmt: on


def slopes(a: Any) -> Any:
    """The derivatives of the activations, of their values: s (1 - s) of the sigmoids, (1 + t) (1 - t) of the tanh."""
    n = a.shape[-1] // 4
    of_tanh = np.zeros(4 * n, a.dtype)
    of_tanh[2 * n : 3 * n] = 1
    return (a + beside(a, of_tanh)) * (1 - a)


def cell_by_gates(upstream: Any, a: Any, c: Any) -> Any:
    """The pullback of f c + i g by the gates; o has no part in it."""
    none = zeros(c, c.shape, a.dtype)
    return join(upstream * gate(a, 2), chain(upstream, c), upstream * gate(a, 0), none, axis=-1)


def hidden_by_gates(upstream: Any, a: Any, t: Any) -> Any:
    """The pullback of o t, with t = tanh(c), by the gates: o alone has a part in it."""
    none = zeros(t, (*t.shape[:-1], 3 * t.shape[-1]), a.dtype)
    return join(none, upstream * t, axis=-1)


def shown(y: Any, c: Any) -> Any:
    """tanh(c), which the forward pass has left with the hidden state `y`."""
    t = residuals_of(y)
    return np.tanh(c) if t is None else t


def gate(a: Any, k: int) -> Any:
    """One of the gates i, f, g, o that lie side by side in `a`."""
    n = a.shape[-1] // 4
    return a[..., k * n : (k + 1) * n]
