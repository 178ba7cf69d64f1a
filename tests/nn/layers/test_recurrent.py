"""Recurrent networks: the equations of the cells, torch as an oracle, gradients, states, and what they refuse."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from arguments.modules import agree, check_layer, parts

import nn
from autograd import Tensor, no_grad

RNG = np.random.default_rng(13)
X = RNG.standard_normal((2, 5, 3))
KINDS = [nn.RNN, nn.LSTM, nn.GRU]
CELLS = [nn.RNNCell, nn.LSTMCell, nn.GRUCell]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def filled(layer: Any) -> Any:
    """`layer` with biases that are not 0."""
    layer.load_state_dict({name: RNG.standard_normal(array.shape) for name, array in layer.state_dict().items()})
    return layer


def a_state(kind: Any, n: int = 2, hidden: int = 4) -> Any:
    h, c = RNG.standard_normal((2, n, hidden))
    return (h, c) if kind in (nn.LSTM, nn.LSTMCell) else h


# --- One step -----------------------------------------------------------------------------------------------------


def test_an_rnn_cell_by_its_equation() -> None:
    cell, x, h = filled(nn.RNNCell(3, 4, dtype=np.float64)), X[:, 0], a_state(nn.RNN)
    W_x, W_h, b = (p.numpy() for p in (cell.W_x, cell.W_h, cell.b))
    np.testing.assert_allclose(cell(x, h).numpy(), np.tanh(x @ W_x + b + h @ W_h), rtol=1e-13)


def test_an_lstm_cell_by_its_equations() -> None:
    cell, x, (h, c) = filled(nn.LSTMCell(3, 4, dtype=np.float64)), X[:, 0], a_state(nn.LSTM)
    i, f, g, o = np.split(x @ cell.W_x.numpy() + cell.b.numpy() + h @ cell.W_h.numpy(), 4, axis=1)
    next_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    next_h = sigmoid(o) * np.tanh(next_c)
    for found, expected in zip(cell(x, (h, c)), (next_h, next_c), strict=True):
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)


def test_a_gru_cell_by_its_equations() -> None:
    cell, x, h = filled(nn.GRUCell(3, 4, dtype=np.float64)), X[:, 0], a_state(nn.GRU)
    r_x, z_x, n_x = np.split(x @ cell.W_x.numpy() + cell.b.numpy(), 3, axis=1)
    r_h, z_h, n_h = np.split(h @ cell.W_h.numpy(), 3, axis=1)
    r, z = sigmoid(r_x + r_h), sigmoid(z_x + z_h)
    n = np.tanh(n_x + r * (n_h + cell.b_h.numpy()))
    np.testing.assert_allclose(cell(x, h).numpy(), (1 - z) * n + z * h, rtol=1e-12)


def test_the_parameters_hold_all_gates() -> None:
    assert {name: p.shape for name, p in nn.GRU(3, 4).named_parameters()} == {
        "cell.W_x": (3, 12),
        "cell.W_h": (4, 12),
        "cell.b": (12,),
        "cell.b_h": (4,),
    }
    assert nn.LSTMCell(3, 4).W_h.shape == (4, 16)


# --- Whole sequences ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("time", [1, 2, 5])
def test_a_sequence_is_one_step_after_the_other(kind: Any, time: int) -> None:
    layer = filled(kind(3, 4, dtype=np.float64))
    outputs, last = layer(X[:, :time])
    state = None
    for t in range(time):
        state = layer.cell(X[:, t], state)
        np.testing.assert_allclose(outputs.numpy()[:, t], parts(state)[0].numpy(), rtol=1e-12)
    for found, expected in zip(parts(last), parts(state), strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_can_go_on_where_another_ended(kind: Any) -> None:
    layer = filled(kind(3, 4, dtype=np.float64))
    outputs, _ = layer(X)
    first, state = layer(X[:, :2])
    second, _ = layer(X[:, 2:], state)
    np.testing.assert_allclose(np.concatenate([first.numpy(), second.numpy()], 1), outputs.numpy(), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_output_does_not_depend_on_later_inputs(kind: Any) -> None:
    x = Tensor(X, requires_grad=True)
    kind(3, 4, rng=0, dtype=np.float64)(x)[0][:, 2].sum().backward()
    assert np.all(x.grad[:, :3] != 0)
    assert np.all(x.grad[:, 3:] == 0)


@pytest.mark.parametrize("kind", [*KINDS, partial(nn.RNN, activation="relu")])
def test_gradients_of_sequences(kind: Any) -> None:
    check_layer(partial(kind, 3, 4, rng=0), X, a_state(kind))


@pytest.mark.parametrize("kind", CELLS)
def test_gradients_of_cells(kind: Any) -> None:
    check_layer(partial(kind, 3, 4, rng=0), X[:, 0], a_state(kind))


def for_torch(ours: Any) -> dict[str, Any]:
    """The parameters of our layer under torch's names: transposed, with two biases for each gate."""
    p = {name.removeprefix("cell."): array for name, array in ours.state_dict().items()}
    b_hh = np.zeros_like(p["b"])
    if "b_h" in p:
        b_hh[-len(p["b_h"]) :] = p["b_h"]
    return {"weight_ih_l0": p["W_x"].T, "weight_hh_l0": p["W_h"].T, "bias_ih_l0": p["b"], "bias_hh_l0": b_hh}


@pytest.mark.parametrize("kind", KINDS)
def test_sequences_agree_with_torch(kind: Any) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    ours = filled(kind(3, 4, dtype=np.float64))
    theirs = getattr(torch.nn, kind.__name__)(3, 4, batch_first=True, dtype=torch.float64)
    theirs.load_state_dict({name: torch.tensor(np.ascontiguousarray(array)) for name, array in for_torch(ours).items()})
    state = a_state(kind)
    given = tuple(torch.tensor(part[None]) for part in state) if kind is nn.LSTM else torch.tensor(state[None])
    t, tt = Tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)
    (y, last), (ty, t_last) = ours(t, state), theirs(tt, given)
    agree(y, ty)
    for part, t_part in zip(parts(last), parts(t_last), strict=True):
        agree(part, t_part[0])
    sum((part**2).sum() for part in (y, *parts(last))).backward()
    sum((part**2).sum() for part in (ty, *parts(t_last))).backward()
    agree(t.grad, tt.grad)
    agree(ours.cell.W_x.grad.T, theirs.weight_ih_l0.grad)
    agree(ours.cell.W_h.grad.T, theirs.weight_hh_l0.grad)
    agree(ours.cell.b.grad, theirs.bias_ih_l0.grad)
    if kind is nn.GRU:
        agree(ours.cell.b_h.grad, theirs.bias_hh_l0.grad[-4:])


@pytest.mark.parametrize("kind", KINDS)
def test_each_gate_is_filled_by_itself(kind: Any) -> None:
    layer: Any = kind(50, 20, rng=0)
    bound = np.sqrt(6 / 70)  # of glorot_uniform for (50, 20): over all gates at once it would be smaller
    largest = np.abs(layer.cell.W_x.numpy()).max()
    assert 0.99 * bound < largest <= bound
    assert kind(3, 4, init="zeros").cell.W_h.numpy().max() == 0


def test_an_lstm_learns_to_remember_the_first_input() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (64, 10, 1)) * 2.0 - 1
    y = x[:, 0] > 0
    lstm, head = nn.LSTM(1, 8, rng=rng), nn.Dense(8, 1, rng=rng)
    optimizer = nn.Adam([*lstm.parameters(), *head.parameters()], lr=0.03)
    for _ in range(150):
        optimizer.zero_grad()
        _, (h, _) = lstm(x)
        nn.bce_with_logits(head(h), y).backward()
        optimizer.step()
    with no_grad():
        np.testing.assert_array_equal(head(lstm(x)[1][0]).numpy() > 0, y)


# --- What they refuse, and show -----------------------------------------------------------------------------------


def test_they_show_their_sizes() -> None:
    assert repr(nn.RNNCell(3, 4)) == "RNNCell(3 -> 4): 32 parameters, W_x (3, 4), W_h (4, 4), b (4,)"
    assert repr(nn.LSTM(3, 4)).startswith("LSTM(3 -> 4): 128 parameters\n  cell: LSTMCell(3 -> 4): ")


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_that_do_not_fit_are_refused(kind: Any) -> None:
    layer = kind(3, 4)
    message = rf"{kind.__name__}\(3 -> 4\) got input of shape \(2, 3\): it must be \(n, time, 3\)"
    with pytest.raises(ValueError, match=message):
        layer(np.ones((2, 3)))
    for shape in [(2, 5, 4), (2, 0, 3)]:
        with pytest.raises(ValueError, match="with one step at least"):
            layer(np.ones(shape))
    with pytest.raises(ValueError, match=r"Cell\(3 -> 4\) got input of shape \(2, 5, 3\): it must be \(n, 3\)"):
        layer.cell(X)


def test_states_that_do_not_fit_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"GRUCell\(3 -> 4\) got a state h of shape \(1, 4\): for 2 samples .* \(2, 4\)"
    ):
        nn.GRU(3, 4)(X, np.zeros((1, 4)))
    with pytest.raises(ValueError, match=r"LSTMCell\(3 -> 4\) got a state c of shape \(2, 5\)"):
        nn.LSTM(3, 4)(X, (np.zeros((2, 4)), np.zeros((2, 5))))
    with pytest.raises(TypeError, match=r"the state of LSTMCell is the pair \(h, c\), not"):
        nn.LSTM(3, 4)(X, np.zeros((2, 4)))


@pytest.mark.parametrize("kind", [*KINDS, *CELLS])
def test_bad_sizes_are_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match="hidden must be at least 1, got 0"):
        kind(3, 0)
    with pytest.raises(ValueError, match="inputs must be at least 1, got 0"):
        kind(0, 3)
