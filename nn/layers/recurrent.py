"""Recurrent networks: RNN, LSTM and GRU over sequences (n, time, inputs), and the cell of each, which takes one step.

A cell maps its input to its gates, x @ W_x + b; a step adds h @ W_h and gives the next state. The gates stand side by
side in `W_x` (inputs, gates * hidden), `W_h` (hidden, gates * hidden) and `b` (gates * hidden,), so one product makes
all of them, and one makes x @ W_x of all steps of a sequence. `init` fills each gate; biases start at 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor, affine, scoped, sigmoid

from ..init import Initializer, Seed, initializer, zeros
from ..module import Module, Parameter, as_tensor, misfit
from .activations import activation as activation_function
from .inputs import at_least_one

State = Any  # the hidden state h (n, hidden), or, of an LSTM, the pair (h, c)


class Cell(Module):
    """One step of a recurrent network. See RNNCell, LSTMCell and GRUCell."""

    gates: ClassVar[int]  # how many times `hidden` numbers W_x and W_h give
    states: ClassVar[tuple[str, ...]] = ("h",)

    def __init__(
        self,
        inputs: int,
        hidden: int,
        init: str | Initializer = "glorot_uniform",
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        at_least_one(type(self).__name__, inputs=inputs, hidden=hidden)
        rng = np.random.default_rng(rng)
        fill = initializer(init)
        self.W_x, self.W_h = (
            Parameter(np.concatenate([fill((rows, hidden), rng, dtype) for _ in range(self.gates)], axis=1), dtype)
            for rows in (inputs, hidden)
        )
        self.b = Parameter(zeros((self.gates * hidden,)), dtype)

    @property
    def hidden(self) -> int:
        """How many numbers the hidden state has."""
        return self.W_h.shape[0]

    def forward(self, x: Any, state: State = None) -> State:
        """The next state from the input `x` (n, inputs) and the state before, zeros if it is None."""
        x = as_tensor(x, self.W_x.dtype)
        if x.ndim != 2 or x.shape[1] != self.W_x.shape[0]:
            raise misfit(self, x, f"it must be (n, {self.W_x.shape[0]})")
        return self.step(self.project(x), self.starting(state, len(x)))

    def project(self, x: Tensor) -> Tensor:
        """What the inputs (..., inputs) give to the gates."""
        return affine(x, self.W_x, self.b)  # type: ignore[no-any-return]

    def step(self, driven: Any, state: State) -> State:
        """The next state from what the input gave to the gates, and the state before."""
        raise NotImplementedError

    def starting(self, state: State, n: int) -> State:
        """The state before the first step, as tensors: `state`, or zeros."""
        shape, dtype = (n, self.hidden), self.W_h.dtype
        names = self.states
        if state is None:
            parts = [Tensor(np.zeros(shape), dtype=dtype) for _ in names]
        elif len(names) > 1 and not (isinstance(state, (tuple, list)) and len(state) == len(names)):
            raise TypeError(f"the state of {type(self).__name__} is the pair ({', '.join(names)}), not {state!r:.80}")
        else:
            parts = [as_tensor(part, dtype) for part in (state if len(names) > 1 else (state,))]
        for name, part in zip(names, parts):
            if part.shape != shape:
                raise ValueError(
                    f"{type(self).__name__}({self.describe()}) got a state {name} of shape {part.shape}: for {n} "
                    f"samples it must be {shape}"
                )
        return parts[0] if len(names) == 1 else tuple(parts)

    def describe(self) -> str:
        """Inputs and hidden state: "3 -> 8"."""
        return f"{self.W_x.shape[0]} -> {self.hidden}"


class RNNCell(Cell):
    """h' = activation(x W_x + b + h W_h), tanh by default.

    Elman, "Finding structure in time", 1990.
    """

    gates = 1

    def __init__(
        self,
        inputs: int,
        hidden: int,
        activation: str | Callable[..., Any] | None = "tanh",
        init: str | Initializer = "glorot_uniform",
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__(inputs, hidden, init, rng, dtype)
        self.activation = activation_function(activation)

    def step(self, driven: Any, state: State) -> State:
        """The activation of both products."""
        return self.activation(driven + state @ self.W_h)


class LSTMCell(Cell):
    """c' = f c + i g and h' = o tanh(c'), with the gates i, f, g, o = x W_x + b + h W_h in this order, as in PyTorch.

    The input gate i, the forget gate f and the output gate o go through a sigmoid, the candidate g through tanh. The
    state is the pair (h, c).

    Hochreiter and Schmidhuber, "Long short-term memory", 1997; Gers, Schmidhuber and Cummins, "Learning to forget:
    Continual prediction with LSTM", 2000.
    """

    gates = 4
    states = ("h", "c")

    def step(self, driven: Any, state: State) -> State:
        """Forget some of c, add some of g, show some of it."""
        h, c = state
        i, f, g, o = gates_of(driven + h @ self.W_h, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c


class GRUCell(Cell):
    """h' = (1 - z) n + z h, with the gates r, z, n in this order, as in PyTorch.

    The reset gate r and the update gate z are the sigmoid of x W_x + b + h W_h; the candidate is
    n = tanh(x W_x + b + r (h W_h + b_h)), with a bias `b_h` (hidden,) of its own inside the reset.

    Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation", 2014.
    """

    gates = 3

    def __init__(
        self,
        inputs: int,
        hidden: int,
        init: str | Initializer = "glorot_uniform",
        rng: Seed = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__(inputs, hidden, init, rng, dtype)
        self.b_h = Parameter(zeros((hidden,)), dtype)

    def step(self, driven: Any, state: State) -> State:
        """Mix the state before and the candidate."""
        (r_x, z_x, n_x), (r_h, z_h, n_h) = gates_of(driven, 3), gates_of(state @ self.W_h, 3)
        candidate = np.tanh(n_x + sigmoid(r_x + r_h) * (n_h + self.b_h))
        return candidate + sigmoid(z_x + z_h) * (state - candidate)


class Recurrent(Module):
    """A cell, step by step over sequences. See RNN, LSTM and GRU."""

    kind: ClassVar[type[Cell]]

    def __init__(self, inputs: int, hidden: int, **options: Any) -> None:
        self.cell = self.kind(inputs, hidden, **options)

    def forward(self, x: Any, state: State = None) -> tuple[Tensor, State]:
        """Sequences (n, time, inputs) and the state before them (zeros if it is None), to outputs and the last state.

        The outputs (n, time, hidden) are the hidden state after every step.
        """
        cell = self.cell
        x = as_tensor(x, cell.W_x.dtype)
        if x.ndim != 3 or x.shape[2] != cell.W_x.shape[0] or x.shape[1] == 0:
            raise misfit(self, x, f"it must be (n, time, {cell.W_x.shape[0]}), with one step at least")
        state = cell.starting(state, len(x))
        outputs = []
        for driven in scoped("", "steps", steps, cell.project(x)):
            state = scoped(cell._name, type(cell).__name__, cell.step, driven, state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        return scoped("", "stack", np.stack, outputs, axis=1), state

    def describe(self) -> str:
        """Inputs and hidden state: "3 -> 8"."""
        return self.cell.describe()


class RNN(Recurrent):
    """A simple recurrent network: RNN(inputs, hidden)(x) gives outputs (n, time, hidden) and the state h (n, hidden).

    The arguments are those of RNNCell, the parameters those of its `cell`.
    """

    kind = RNNCell


class LSTM(Recurrent):
    """A long short-term memory: LSTM(inputs, hidden)(x) gives outputs (n, time, hidden) and the state (h, c).

    The arguments are those of LSTMCell, the parameters those of its `cell`.
    """

    kind = LSTMCell


class GRU(Recurrent):
    """A gated recurrent unit: GRU(inputs, hidden)(x) gives outputs (n, time, hidden) and the state h (n, hidden).

    The arguments are those of GRUCell, the parameters those of its `cell`.
    """

    kind = GRUCell


def gates_of(z: Any, count: int) -> list[Any]:
    """The gates that stand side by side in `z`."""
    return np.split(z, count, axis=-1)


def steps(x: Any) -> list[Any]:
    """x[:, 0], x[:, 1], ... by halves: their gradients cost time * log(time), and time^2 if each were cut from `x`."""
    time = x.shape[1]
    return [x[:, 0]] if time == 1 else [*steps(x[:, : time // 2]), *steps(x[:, time // 2 :])]
