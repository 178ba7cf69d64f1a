"""Recurrent layers of several cells, sequences of different lengths, and what follows them in a Sequential."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from arguments.modules import agree, check_layer, parts

import autograd
import nn
from autograd import Tensor

RNG = np.random.default_rng(21)
X = RNG.standard_normal((4, 5, 3))
LENGTHS = np.array([5, 2, 1, 4])
KINDS = [nn.RNN, nn.LSTM, nn.GRU]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 3, "bidirectional": True},
]
every_kind = pytest.mark.parametrize("kind", KINDS)
every_option = pytest.mark.parametrize("options", OPTIONS, ids=str)


def made(kind: Any, options: dict[str, Any], dtype: Any = np.float64) -> Any:
    """A layer with biases that are not 0."""
    layer = kind(3, 4, rng=0, dtype=dtype, **options)
    rng = np.random.default_rng(1)
    layer.load_state_dict({name: rng.standard_normal(array.shape) for name, array in layer.state_dict().items()})
    return layer


def a_state(kind: Any, options: dict[str, Any]) -> Any:
    cells = options.get("num_layers", 1) * (1 + options.get("bidirectional", False))
    h, c = RNG.standard_normal((2, 4, 4) if cells == 1 else (2, cells, 4, 4))
    return (h, c) if kind is nn.LSTM else h


def names_of(layer: Any) -> list[tuple[Any, str]]:
    """Our cells with the ends of torch's names."""
    return [
        (cell, f"l{i // layer.directions}{'_reverse' if i % layer.directions else ''}")
        for i, cell in enumerate(layer.all_cells)
    ]


def to_torch(torch: Any, layer: Any) -> Any:
    """The same layer of torch, which has two biases for each gate."""
    theirs = getattr(torch.nn, type(layer).__name__)(
        3, 4, layer.num_layers, batch_first=True, bidirectional=layer.directions == 2, dtype=torch.float64
    )
    state = {}
    for cell, end in names_of(layer):
        b_hh = np.zeros(cell.b.shape)
        if isinstance(cell, nn.GRUCell):
            b_hh[-4:] = cell.b_h.numpy()
        state |= {f"weight_ih_{end}": cell.W_x.numpy().T, f"weight_hh_{end}": cell.W_h.numpy().T}
        state |= {f"bias_ih_{end}": cell.b.numpy(), f"bias_hh_{end}": b_hh}
    theirs.load_state_dict({name: torch.tensor(np.ascontiguousarray(array)) for name, array in state.items()})
    return theirs


@every_kind
@every_option
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "lengths"])
@pytest.mark.parametrize("begins", [False, True], ids=["zeros", "state"])
def test_values_and_gradients_are_torchs(kind: Any, options: dict[str, Any], lengths: Any, begins: bool) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    ours = made(kind, options)
    theirs = to_torch(torch, ours)
    state = a_state(kind, options) if begins else None
    single = len(ours.all_cells) == 1
    given = [torch.tensor(part[None] if single else part) for part in parts(state)] if begins else None
    t, tt = Tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)
    y, last = ours(t, state, lengths)
    entered: Any = tt
    if lengths is not None:
        entered = torch.nn.utils.rnn.pack_padded_sequence(tt, lengths, batch_first=True, enforce_sorted=False)
    ty, t_last = theirs(entered, None if given is None else tuple(given) if kind is nn.LSTM else given[0])
    if lengths is not None:
        ty = torch.nn.utils.rnn.pad_packed_sequence(ty, batch_first=True)[0]
    agree(y, ty)
    for part, t_part in zip(parts(last), parts(t_last), strict=True):
        agree(part, t_part[0] if single else t_part)
    sum((part**2).sum() for part in (y, *parts(last))).backward()
    sum((part**2).sum() for part in (ty, *parts(t_last))).backward()
    agree(t.grad, tt.grad)
    for cell, end in names_of(ours):
        agree(cell.W_x.grad.T, getattr(theirs, f"weight_ih_{end}").grad)
        agree(cell.W_h.grad.T, getattr(theirs, f"weight_hh_{end}").grad)
        agree(cell.b.grad, getattr(theirs, f"bias_ih_{end}").grad)
        if kind is nn.GRU:
            agree(cell.b_h.grad, getattr(theirs, f"bias_hh_{end}").grad[-4:])


@every_kind
@every_option
def test_each_sequence_is_what_it_is_alone(kind: Any, options: dict[str, Any]) -> None:
    layer = made(kind, options)
    outputs, last = layer(X, lengths=LENGTHS)
    for i, length in enumerate(LENGTHS):
        alone, end = layer(X[i : i + 1, :length])
        np.testing.assert_allclose(outputs.numpy()[i, :length], alone.numpy()[0], rtol=1e-12)
        np.testing.assert_array_equal(outputs.numpy()[i, length:], 0)
        for found, expected in zip(parts(last), parts(end), strict=True):
            np.testing.assert_allclose(found.numpy()[..., i, :], expected.numpy()[..., 0, :], rtol=1e-12)


@every_kind
@every_option
@pytest.mark.parametrize("padding", [np.nan, np.inf, 1e308])
def test_what_stands_behind_the_end_is_not_looked_at(kind: Any, options: dict[str, Any], padding: float) -> None:
    layer = made(kind, options)

    def results(fill: float) -> list[Any]:
        x = np.where((np.arange(5) < LENGTHS[:, None])[:, :, None], X, fill)
        t = Tensor(x, requires_grad=True)
        layer.zero_grad()
        y, last = layer(t, lengths=LENGTHS)
        sum((part**2).sum() for part in (y, *parts(last))).backward()
        return [y.numpy(), *(part.numpy() for part in parts(last)), t.grad, *(p.grad for p in layer.parameters())]

    for a, b in zip(results(padding), results(0.0), strict=True):
        np.testing.assert_array_equal(a, b)
        assert np.isfinite(a).all()


@every_kind
@every_option
def test_gradients(kind: Any, options: dict[str, Any]) -> None:
    check_layer(partial(kind, 3, 2, rng=0, **options), X[:2, :3], order=1)


@every_kind
@every_option
def test_compiled_it_takes_other_lengths_in_each_call(kind: Any, options: dict[str, Any]) -> None:
    layer = made(kind, options)
    step = autograd.compile(lambda x, lengths: layer(x, lengths=lengths)[0], backend="numpy")
    for lengths in (LENGTHS, LENGTHS[::-1].copy(), np.ones(4, dtype=int)):
        np.testing.assert_allclose(step(X, lengths).numpy(), layer(X, lengths=lengths)[0].numpy(), rtol=1e-12)
    with pytest.raises(ValueError, match="lengths go from 1 to 5"):
        step(X, np.array([1, 2, 3, 6]))


@every_kind
def test_dropout_is_between_layers_and_only_in_training(kind: Any) -> None:
    layer = made(kind, {"num_layers": 2, "dropout": 0.5})
    plain = made(kind, {"num_layers": 2})
    trained = layer(X)[0].numpy()
    assert not np.array_equal(trained, plain(X)[0].numpy())
    assert not np.array_equal(trained, layer(X)[0].numpy())
    assert (trained != 0).all()  # nothing is dropped of what leaves it
    np.testing.assert_array_equal(layer.eval()(X)[0].numpy(), plain(X)[0].numpy())


@every_kind
@every_option
def test_float32_stays_float32(kind: Any, options: dict[str, Any]) -> None:
    layer = made(kind, options, np.float32)
    y, last = layer(X, lengths=LENGTHS)
    assert {part.dtype for part in (y, *parts(last))} == {np.dtype(np.float32)}
    y.sum().backward()
    assert {p.grad.dtype for p in layer.parameters()} == {np.dtype(np.float32)}


def test_names_and_pictures_of_several_cells() -> None:
    layer = nn.GRU(3, 4, num_layers=2, bidirectional=True)
    assert repr(layer).startswith("GRU(3 -> 4, 2 layers, bidirectional): ")
    assert [name for name in layer.state_dict() if name.endswith("W_x")] == [f"cells.{i}.W_x" for i in range(4)]
    assert [cell.W_x.shape[0] for cell in layer.all_cells] == [3, 3, 8, 8]


@pytest.mark.parametrize(
    ("kind", "call", "message"),
    [
        (ValueError, lambda: nn.RNN(3, 4, 0), "RNN: num_layers must be at least 1, got 0"),
        (TypeError, lambda: nn.RNN(3, 4, "tanh"), "RNN: num_layers is an integer, and 'tanh' is none"),  # type: ignore[arg-type]
        (TypeError, lambda: nn.RNN(3, 4, 1, "relu"), "bidirectional is True or False, not 'relu'"),  # type: ignore[arg-type]
        (ValueError, lambda: nn.RNN(3, 4, dropout=0.5), "dropout is between layers, and there is one: num_"),
        (ValueError, lambda: nn.RNN(3, 4, 2, dropout=1.5), "Dropout: p"),
        (ValueError, lambda: nn.LSTM(3, 4)(X, lengths=[1, 2, 3, 6]), "lengths go from 1 to 5, .* these from 1 to 6"),
        (ValueError, lambda: nn.LSTM(3, 4)(X, lengths=[0, 2, 3, 4]), "lengths go from 1 to 5, .* these from 0 to 4"),
        (
            ValueError,
            lambda: nn.LSTM(3, 4)(X, lengths=[1, 2]),
            r"one integer for each of the 4 .* not of shape \(2,",
        ),
        (TypeError, lambda: nn.LSTM(3, 4)(X, lengths=[1.0, 2, 3, 4]), "an array of integers, not float64 of shape"),
        (TypeError, lambda: nn.LSTM(3, 4)(X, lengths=X[:, :, 0] > 0), r"not bool .*mask.sum\(axis=1\)"),
        (TypeError, lambda: nn.LSTM(3, 4)(X, lengths=Tensor([1.0, 1, 1, 1])), "not a Tensor"),
        (ValueError, lambda: nn.GRU(3, 4, 2)(X, np.zeros((4, 4))), r"a state h of shape \(4, 4\): .* \(2, 4, 4\)"),
        (TypeError, lambda: nn.LSTM(3, 4, 2)(X, np.zeros((2, 4, 4))), r"is the pair \(h, c\)"),
    ],
)
def test_what_does_not_fit_is_refused(kind: type[Exception], call: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


# --- in a Sequential ----------------------------------------------------------------------------------------------


@every_kind
@every_option
def test_the_last_output(kind: Any, options: dict[str, Any]) -> None:
    layer = made(kind, options)
    outputs, last = layer(X, lengths=LENGTHS)
    found = nn.Last()((outputs, last)).numpy()
    ends = outputs.numpy()[range(4), LENGTHS - 1]  # of the forward cell; the backward one ends at the first step
    if layer.directions == 2:
        ends[:, 4:] = outputs.numpy()[:, 0, 4:]
    np.testing.assert_array_equal(found, ends)
    assert nn.Outputs()((outputs, last)) is outputs


@every_kind
@every_option
@pytest.mark.parametrize("take", [nn.Last, nn.Outputs])
def test_a_recurrent_network_in_a_sequential_learns(kind: Any, options: dict[str, Any], take: Any) -> None:
    units = 8 if options.get("bidirectional") else 4
    rng = np.random.default_rng(0)
    model = nn.Sequential(kind(3, 4, rng=rng, **options), take(), nn.Dense(units, 1, rng=rng))
    y = X[:, :, :1].mean(axis=1) if take is nn.Last else X[:, :, :1]
    history = nn.fit(model, X, y, loss="mse", epochs=5, progress=False, rng=0)
    assert history["loss"][-1] < history["loss"][0]


@every_kind
@pytest.mark.parametrize(
    "after", [nn.Dense(4, 1), nn.ReLU(), nn.Dropout(), nn.LayerNorm(4), nn.GRU(4, 2), nn.Flatten(), nn.GlobalAvgPool()]
)
@pytest.mark.parametrize("grad", [True, False])
def test_the_next_layer_says_how_to_take_an_output(kind: Any, after: Any, grad: bool) -> None:
    message = (
        rf"layer 1, {type(after).__name__}\(.*not the tuple that layer 0, {kind.__name__}\(3 -> 4\), gives.* nn.Last"
    )
    model = nn.Sequential(kind(3, 4), after)
    with autograd.enable_grad() if grad else autograd.no_grad(), pytest.raises(TypeError, match=message):
        model(X)


@pytest.mark.parametrize("grad", [True, False])
def test_by_hand_a_layer_says_it_too(grad: bool) -> None:
    pair = nn.GRU(3, 4)(X)
    for layer in (nn.Dense(4, 1), nn.Dropout(), nn.MaxPool1d(2)):
        mode, message = (
            autograd.enable_grad if grad else autograd.no_grad,
            r"a tuple of 2, .*outputs, state = lstm\(x\)",
        )
        with mode(), pytest.raises(TypeError, match=message):
            layer(pair)


def test_layers_of_one_s_own_may_take_pairs_and_tuples_of_numbers_are_arrays() -> None:
    class Mean(nn.Module):
        def forward(self, pair: Any) -> Any:
            return pair[0].mean(axis=1)

    assert nn.Sequential(nn.GRU(3, 4), Mean(), nn.Dense(4, 2))(X).shape == (4, 2)
    assert nn.Sequential(nn.Sequential(nn.GRU(3, 4)), nn.Sequential(nn.Last()))(X).shape == (4, 4)
    assert nn.Sequential(nn.Dense(2, 1))(((1.0, 2.0), (3.0, 4.0))).shape == (2, 1)


@pytest.mark.parametrize("layer", [nn.Last(), nn.Outputs()])
@pytest.mark.parametrize("given", [X, Tensor(X), (X[:, 0], X[:, 0]), 3, (X, X, X)])
def test_they_take_pairs_alone(layer: Any, given: Any) -> None:
    with pytest.raises(TypeError, match=r"takes the pair \(outputs, state\) that nn.RNN, nn.LSTM and nn.GRU give, not"):
        layer(given)
