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
    return set_at(sigmoid(z), np.tanh(z[candidate]), candidate)


def cell_state(a: Any, c: Any) -> Any:
    """`lstm_cell_state`, in NumPy."""
    a, c = alike(a, c)
    i, f, g, _ = gates(a)
    return f * c + i * g


def hidden_state(a: Any, c: Any) -> Any:
    """`lstm_hidden_state`, in NumPy."""
    a, c = alike(a, c)
    return gates(a)[3] * np.tanh(c)


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
                             lambda upstream, y, a, c: upstream * gates(a)[1])
pullbacks(lstm_hidden_state, lambda upstream, y, a, c: hidden_by_gates(upstream, a, c),
                             lambda upstream, y, a, c: upstream * gates(a)[3] * (1 - np.tanh(c) ** 2))
# fmt: on


def slopes(a: Any) -> Any:
    """The derivatives of the activations, of their values: s (1 - s) of the sigmoids, (1 + t) (1 - t) of the tanh."""
    n = a.shape[-1] // 4
    of_tanh = np.zeros(4 * n, a.dtype)
    of_tanh[2 * n : 3 * n] = 1
    return (a + beside(a, of_tanh)) * (1 - a)


def cell_by_gates(upstream: Any, a: Any, c: Any) -> Any:
    """The pullback of f c + i g by the gates; o has no part in it."""
    i, _, g, o = gates(a)
    return join(upstream * g, chain(upstream, c), upstream * i, zeros(o, o.shape), axis=-1)


def hidden_by_gates(upstream: Any, a: Any, c: Any) -> Any:
    """The pullback of o tanh(c) by the gates: o alone has a part in it."""
    none = zeros(c, (*c.shape[:-1], 3 * c.shape[-1]), a.dtype)
    return join(none, upstream * np.tanh(c), axis=-1)


def gates(a: Any) -> list[Any]:
    """The four gates in `a`."""
    n = a.shape[-1] // 4
    return [a[..., i * n : (i + 1) * n] for i in range(4)]
