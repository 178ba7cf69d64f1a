"""Recurrent networks: RNN, LSTM and GRU over sequences (n, time, inputs), and the cell of each, which takes one step.

A cell maps its input to its gates, x @ W_x + b; a step adds h @ W_h and gives the next state. The gates stand side by
side in `W_x` (inputs, gates * hidden), `W_h` (hidden, gates * hidden) and `b` (gates * hidden,), so one product makes
all of them, and one makes x @ W_x of all steps of a sequence. `init` fills each gate; biases start at 0.

Sequences of different lengths are padded to one array; `lengths` says where each ends. Whatever stands behind is not
looked at: outputs there are 0, and the last state is the one after the last step of each sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from autograd import (
    Tensor,
    affine,
    anew,
    arrays,
    asarray,
    lstm_cell_state,
    lstm_gates,
    lstm_hidden_state,
    scoped,
    sigmoid,
    unstack,
)

from ..init import Initializer, Seed, initializer, zeros
from ..module import Module, Parameter, as_tensor, misfit
from .activations import activation as activation_function
from .dropout import Dropout
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

    def starting(self, state: State, n: int, cells: tuple[int, ...] = ()) -> State:
        """The state before the first step, as tensors: `state`, or zeros. Of several cells their number comes first."""
        shape, dtype = (*cells, n, self.hidden), self.W_h.dtype
        names = self.states
        if state is None:
            parts = [Tensor(arrays.zeros(self.W_h, shape), dtype=dtype) for _ in names]
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

    drawn_as = "recurrent"

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

    drawn_as = "memory"

    gates = 4
    states = ("h", "c")

    def step(self, driven: Any, state: State) -> State:
        """Forget some of c, add some of g, show some of it."""
        h, c = state
        gates = lstm_gates(affine(h, self.W_h, driven))
        c = lstm_cell_state(gates, c)
        return lstm_hidden_state(gates, c), c


class GRUCell(Cell):
    """h' = (1 - z) n + z h, with the gates r, z, n in this order, as in PyTorch.

    The reset gate r and the update gate z are the sigmoid of x W_x + b + h W_h; the candidate is
    n = tanh(x W_x + b + r (h W_h + b_h)), with a bias `b_h` (hidden,) of its own inside the reset.

    Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation", 2014.
    """

    drawn_as = "different memory"

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
        n = driven.shape[-1] // 3
        product = state @ self.W_h
        both = sigmoid(driven[..., : 2 * n] + product[..., : 2 * n])
        r, z = both[..., :n], both[..., n:]
        candidate = np.tanh(driven[..., 2 * n :] + r * (product[..., 2 * n :] + self.b_h))
        return candidate + z * (state - candidate)


class Recurrent(Module):
    """Cells, step by step over sequences. See RNN, LSTM and GRU.

    With `num_layers` each layer reads the outputs of the one before, in training with `dropout` between them. With
    `bidirectional` a second cell of each layer reads backward, and its outputs stand beside those of the first. The
    one cell is `cell`; of several `cells` it is layer by layer, forward before backward, as in the state.
    """

    kind: ClassVar[type[Cell]]

    def __init__(
        self,
        inputs: int,
        hidden: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        rng: Seed = None,
        **options: Any,
    ) -> None:
        name = type(self).__name__
        at_least_one(name, num_layers=num_layers)
        if not isinstance(bidirectional, (bool, np.bool_)):
            raise TypeError(f"{name}: bidirectional is True or False, not {bidirectional!r}")
        if dropout and num_layers == 1:
            raise ValueError(
                f"{name}: dropout is between layers, and there is one: num_layers=2, or nn.Dropout after it"
            )
        rng = np.random.default_rng(rng)
        self.num_layers, self.directions = num_layers, 1 + bool(bidirectional)
        sizes = [inputs, *[hidden * self.directions] * (num_layers - 1)] if num_layers > 1 else [inputs]
        cells = [self.kind(size, hidden, rng=rng, **options) for size in sizes for _ in range(self.directions)]
        if len(cells) == 1:
            self.cell = cells[0]
        else:
            self.cells = cells
        self.dropout = Dropout(dropout, rng) if dropout else None

    @property
    def all_cells(self) -> list[Cell]:
        """The cells, layer by layer, forward before backward."""
        return [self.cell] if self.num_layers * self.directions == 1 else self.cells

    def forward(self, x: Any, state: State = None, lengths: Any = None) -> tuple[Tensor, State]:
        """Sequences (n, time, inputs) and the state before them (zeros if it is None), to outputs and the last state.

        The outputs (n, time, hidden) are the hidden state after every step; of two directions (n, time, 2 * hidden).
        The state is h (n, hidden), of several cells (num_layers * directions, n, hidden); of an LSTM a pair of these.
        `lengths` (n,), integers from 1 to time, are those of the sequences.
        """
        cells = self.all_cells
        first = cells[0]
        x = as_tensor(x, first.W_x.dtype)
        if x.ndim != 3 or x.shape[2] != first.W_x.shape[0] or x.shape[1] == 0:
            raise misfit(self, x, f"it must be (n, time, {first.W_x.shape[0]}), with one step at least")
        live = None if lengths is None else self.live(lengths, len(x), x.shape[1])
        if live is not None:
            x = np.where(live[:, :, None], x, 0)
        if len(cells) == 1:
            return run(first, x, first.starting(state, len(x)), live)
        starts = first.starting(state, len(x), (len(cells),))
        ends: list[State] = []
        for layer in range(self.num_layers):
            sides = []
            for direction in range(self.directions):
                i = len(ends)
                start = tuple(part[i] for part in starts) if isinstance(starts, tuple) else starts[i]
                outputs, end = run(cells[i], x, start, live, backward=direction == 1)
                sides.append(outputs)
                ends.append(end)
            x = sides[0] if len(sides) == 1 else np.concatenate(sides, axis=-1)
            if self.dropout is not None and layer < self.num_layers - 1:
                x = self.dropout(x)
        several = isinstance(starts, tuple)
        return x, tuple(map(np.stack, zip(*ends))) if several else np.stack(ends)

    def live(self, lengths: Any, n: int, time: int) -> Any:
        """Which steps are a part of their sequence: booleans (n, time)."""
        name = type(self).__name__
        given = None if isinstance(lengths, Tensor) else asarray(lengths)
        if given is None or given.dtype.kind not in "iu":
            seen = "a Tensor" if given is None else f"{given.dtype} of shape {given.shape}"
            raise TypeError(
                f"{name}: lengths are an array of integers, not {seen} (of a mask (n, time): mask.sum(axis=1))"
            )
        if given.shape != (n,):
            raise ValueError(
                f"{name}: lengths are one integer for each of the {n} sequences, not of shape {given.shape}"
            )
        anew(check_lengths, name, given, time)
        return np.arange(time) < given[:, None]

    def describe(self) -> str:
        """Inputs and hidden state: "3 -> 8, 2 layers, bidirectional"."""
        layers = f", {self.num_layers} layers" if self.num_layers > 1 else ""
        return self.all_cells[0].describe() + layers + (", bidirectional" if self.directions > 1 else "")


def run(cell: Cell, x: Tensor, state: State, live: Any, backward: bool = False) -> tuple[Tensor, State]:
    """The outputs of a cell (n, time, hidden), in the order of `x`, and its last state. Where not `live` it waits."""
    driven = scoped("", "steps", unstack, cell.project(x), axis=1)
    outputs: list[Any] = [None] * len(driven)
    for t in reversed(range(len(driven))) if backward else range(len(driven)):
        after = scoped(cell._name, type(cell).__name__, cell.step, driven[t], state)
        if live is None:
            state = after
        elif isinstance(after, tuple):
            state = tuple(np.where(live[:, t, None], new, old) for new, old in zip(after, state))
        else:
            state = np.where(live[:, t, None], after, state)
        outputs[t] = state[0] if isinstance(state, tuple) else state
    stacked: Any = scoped("", "stack", np.stack, outputs, axis=1)
    if live is not None:
        stacked = np.where(live[:, :, None], stacked, 0)
    return stacked, state


def check_lengths(layer: str, lengths: Any, time: int) -> None:
    """Refuse lengths beyond the array, and sequences without a step."""
    if lengths.size and not (lengths.min() >= 1 and lengths.max() <= time):
        raise ValueError(
            f"{layer}: lengths go from 1 to {time}, the number of steps of x, and these from {lengths.min()} to "
            f"{lengths.max()}"
        )


class RNN(Recurrent):
    """A simple recurrent network: RNN(inputs, hidden)(x) gives outputs (n, time, hidden) and the state h (n, hidden).

    `num_layers` stacks layers, with `dropout` between them; `bidirectional` reads backward too, and the outputs are
    (n, time, 2 * hidden); `forward(x, state, lengths)` takes sequences of different lengths. The other arguments are
    those of RNNCell, the parameters those of its `cell`, or of its `cells`. In a Sequential `nn.Last()` after it takes
    the last output, `nn.Outputs()` all of them.
    """

    drawn_as = "recurrent"

    kind = RNNCell


class LSTM(Recurrent):
    """A long short-term memory: LSTM(inputs, hidden)(x) gives outputs (n, time, hidden) and the state (h, c).

    `num_layers` stacks layers, with `dropout` between them; `bidirectional` reads backward too, and the outputs are
    (n, time, 2 * hidden); `forward(x, state, lengths)` takes sequences of different lengths. The other arguments are
    those of LSTMCell, the parameters those of its `cell`, or of its `cells`. In a Sequential `nn.Last()` after it takes
    the last output, `nn.Outputs()` all of them.
    """

    drawn_as = "memory"

    kind = LSTMCell


class GRU(Recurrent):
    """A gated recurrent unit: GRU(inputs, hidden)(x) gives outputs (n, time, hidden) and the state h (n, hidden).

    `num_layers` stacks layers, with `dropout` between them; `bidirectional` reads backward too, and the outputs are
    (n, time, 2 * hidden); `forward(x, state, lengths)` takes sequences of different lengths. The other arguments are
    those of GRUCell, the parameters those of its `cell`, or of its `cells`. In a Sequential `nn.Last()` after it takes
    the last output, `nn.Outputs()` all of them.
    """

    drawn_as = "different memory"

    kind = GRUCell


class Last(Module):
    """Of what a recurrent layer gives the output after the last step, (n, hidden); of two directions (n, 2 * hidden).

    It is the last of each sequence, whatever its length. That of the cell which reads backward is after the first step.
    """

    def forward(self, pair: Any) -> Any:
        """(outputs, state) to the hidden state of the last layer."""
        outputs, state = pair_of(self, pair)
        h = state[0] if isinstance(state, tuple) else state
        if h.ndim == 2:
            return h
        return np.concatenate(list(h[-(outputs.shape[-1] // h.shape[-1]) :]), axis=-1)


class Outputs(Module):
    """Of what a recurrent layer gives the outputs after all steps, (n, time, hidden), without the state."""

    def forward(self, pair: Any) -> Any:
        """(outputs, state) to outputs."""
        return pair_of(self, pair)[0]


def pair_of(layer: Module, pair: Any) -> tuple[Any, Any]:
    """The pair (outputs, state) that a recurrent layer gives."""
    if not (isinstance(pair, tuple) and len(pair) == 2 and getattr(pair[0], "ndim", 0) == 3):
        seen = f"input of shape {np.shape(pair)}" if isinstance(pair, (Tensor, np.ndarray)) else f"{pair!r:.80}"
        raise TypeError(
            f"{type(layer).__name__} takes the pair (outputs, state) that nn.RNN, nn.LSTM and nn.GRU give, not {seen}"
        )
    return pair
