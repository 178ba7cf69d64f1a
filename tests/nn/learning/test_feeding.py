"""What fit goes through: batches of samples, or batches of the user's; several inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import nn
from nn.data import batches

X = np.random.default_rng(4).standard_normal((50, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3


def fitted(*data: Any, model: Any = None, **options: Any) -> tuple[dict[str, list[float]], Any]:
    model = model or nn.Dense(3, 1, rng=0, dtype=np.float64)
    options = {"loss": "mse", "epochs": 3, "rng": 5, "progress": False} | options
    return nn.fit(model, *data, **options).to_dict(), model.state_dict()["W"].tolist()


def stream() -> Iterator[Any]:
    yield from batches(X, Y, 16, shuffle=False)


class Loader:
    """As a DataLoader is: its batches can be counted and gone through again."""

    def __len__(self) -> int:
        return 4

    def __iter__(self) -> Iterator[Any]:
        return stream()


class Pairs:
    """A set of samples with their targets, as PyTorch's are; `reads` counts."""

    reads = 0

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, i: int) -> Any:
        self.reads += 1
        return X[i], Y[i]


def torch_loader() -> Any:
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    return torch.utils.data.DataLoader(data, batch_size=16)


ITERABLES: dict[str, Callable[[], Any]] = {
    "batches": lambda: batches(X, Y, 16, shuffle=False),
    "list": lambda: list(stream()),
    "list of two": lambda: [(X[:32], Y[:32]), (X[32:], Y[32:])],
    "list of lists": lambda: [[x.tolist(), y.tolist()] for x, y in stream()],
    "tuple": lambda: tuple(stream()),
    "function": lambda: stream,
    "loader": Loader,
    "torch": torch_loader,
}


@pytest.mark.parametrize("kind", ITERABLES)
def test_batches_of_the_users_train_like_those_of_fit(kind: str) -> None:
    expected = fitted(X, Y, batch_size=16, shuffle=False, validation=(X, Y))
    if kind != "list of two":
        assert fitted(ITERABLES[kind](), validation=(X, Y)) == expected
    found = fitted(X, Y, batch_size=16, shuffle=False, validation=ITERABLES[kind]())
    assert found[1] == expected[1]
    assert found[0]["val_loss"] == pytest.approx(expected[0]["val_loss"], rel=1e-13)


def test_a_pair_of_lists_is_samples_and_targets() -> None:
    pair = [X[:2].tolist(), Y[:2].tolist()]
    assert fitted(X, Y, validation=pair) == fitted(X, Y, validation=(X[:2], Y[:2]))


def test_a_progress_bar_needs_no_length(capsys: pytest.CaptureFixture[str]) -> None:
    fitted(stream, progress=True)
    assert "epoch 3/3" in capsys.readouterr().err


@pytest.mark.parametrize("data", [Pairs, lambda: pytest.importorskip("torch").utils.data.TensorDataset(
    *map(pytest.importorskip("torch").tensor, (X, Y)))])  # fmt: skip
def test_a_set_of_pairs_trains_like_samples_and_targets(data: Any) -> None:
    pairs = data()
    options: dict[str, Any] = {"batch_size": 16, "validation": 0.2}
    assert fitted(pairs, **options) == fitted(X, Y, **options)
    if isinstance(pairs, Pairs):
        assert pairs.reads == 3 * len(X)
    assert fitted(X, Y, validation=data())[0] == fitted(X, Y, validation=(X, Y))[0]


def test_one_epoch_of_a_generator() -> None:
    assert fitted(stream(), epochs=1) == fitted(X, Y, epochs=1, batch_size=16, shuffle=False)


def test_the_last_batch_can_be_left_out() -> None:
    sizes = []

    def loss(prediction: Any, target: Any) -> Any:
        sizes.append(len(target))
        return nn.mse(prediction, target)

    fitted(X, Y, loss=loss, batch_size=16, drop_last=True, epochs=2)
    assert sizes == [16] * 6


# --- several inputs and outputs -----------------------------------------------------------------------------------


class Both(nn.Module):
    """Two inputs, and one output, or a dict or a tuple of two."""

    def __init__(self, gives: Any = None) -> None:
        self.left, self.right = nn.Dense(2, 1, rng=0, dtype=np.float64), nn.Dense(1, 1, rng=1, dtype=np.float64)
        self.gives = gives

    def forward(self, left: Any, right: Any) -> Any:
        one, other = self.left(left), self.right(right)
        return {None: one + other, dict: {"one": one, "other": other}, tuple: (one, other)}[self.gives]


@pytest.mark.parametrize("compile", [False, True])
@pytest.mark.parametrize(
    "data", [{"right": X[:, 2:], "left": X[:, :2]}, (X[:, :2], X[:, 2:]), (X[:, :2], list(X[:, 2:]))]
)
def test_a_dict_goes_in_by_name_and_a_tuple_by_position(data: Any, compile: bool) -> None:
    whole, parts = nn.Dense(3, 1, rng=0, dtype=np.float64), Both()
    whole.W.data = np.concatenate([parts.left.W.numpy(), parts.right.W.numpy()])
    options: dict[str, Any] = {
        "loss": "mse", "epochs": 3, "validation": 0.2, "metrics": "r2", "rng": 0, "progress": False,
        "optimizer": lambda p: nn.SGD([q for q in p if q.ndim == 2], lr=0.1), "compile": compile,
    }  # fmt: skip
    expected, found = nn.fit(whole, X, Y, **options), nn.fit(parts, data, Y, **options)
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-12)


def test_a_model_that_takes_one_input_says_how_it_was_called() -> None:
    with pytest.raises(TypeError) as caught:
        fitted({"left": X, "right": X}, Y)
    assert "one by one, model(left=, right=)" in caught.value.__notes__[0]
    with pytest.raises(TypeError) as caught:
        fitted((X, X), Y)
    assert "one by one, model(2 inputs)" in caught.value.__notes__[0]


@pytest.mark.parametrize("kind", [dict, tuple])
def test_several_outputs_and_a_loss_of_all(kind: Any) -> None:
    y: Any = {"one": Y, "other": -Y} if kind is dict else (Y, -Y)
    keys: Any = ("one", "other") if kind is dict else (0, 1)

    def loss(prediction: Any, target: Any) -> Any:
        one, other = keys
        return nn.mse(prediction[one], target[one]) + 3 * nn.mse(prediction[other], target[other])

    model, data = Both(kind), (X[:, :2], X[:, 2:])
    before = model(*data)
    history = nn.fit(
        model, data, y, loss=loss, epochs=1, batch_size=16, optimizer=lambda p: nn.SGD(p, lr=0.0), validation=(data, y),
        progress=False,
    )  # fmt: skip
    assert history["loss"][0] == pytest.approx(loss(before, y).item(), rel=1e-12)
    assert history["val_loss"][0] == pytest.approx(loss(before, y).item(), rel=1e-12)


# --- refusals -----------------------------------------------------------------------------------------------------


class Exhausted:
    """It is gone through once, and does not show it."""

    def __init__(self) -> None:
        self.left = stream()

    def __iter__(self) -> Iterator[Any]:
        yield from self.left


REFUSED: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    ((X,), {}, "fit: y is missing, the targets"),
    (((X, Y),), {}, "fit: y is missing"),
    (({"a": X},), {}, "fit: y is missing"),
    ((3,), {}, r"fit: X is a int \(3\), and no data"),
    ((stream(),), {}, "fit: a generator can be gone through once, and there are 3 epochs: pass the function"),
    ((zip([X], [Y]),), {}, "fit: a zip .*can be gone through once"),
    (([],), {}, "gave no batches"),
    ((lambda: iter([]),), {}, "gave no batches"),
    (([(X[:0], Y[:0])],), {}, "batch 0 has no samples"),
    (([X[:2]],), {}, "batch 0 is a ndarray: without y, X is an iterable of batches"),
    (([(X, Y[:3])],), {}, "fit: batch 0: x has 50 samples and y 3"),
    (([(X[0], Y[0, 0])],), {}, r"fit: batch 0: y is a float.*which holds no samples"),
    ((Loader(),), {"batch_size": 8}, "fit: batch_size and drop_last are for samples"),
    ((Loader(),), {"drop_last": True}, "fit: batch_size and drop_last are for samples"),
    ((Loader(),), {"validation": 0.2}, "validation=0.2 is a part of samples, and X is an iterable of batches"),
    ((X, Y), {"validation": stream()}, "fit: validation: a generator can be gone through once"),
    ((X, Y), {"validation": X}, "fit: validation: y is missing"),
    ((X, Y), {"batch_size": 64, "drop_last": True}, "fit: drop_last=True leaves none of 50 samples"),
    ((stream(), Y), {}, "fit: X is a generator, which holds no samples by position"),
]


@pytest.mark.parametrize(("data", "options", "words"), REFUSED)
def test_refused_before_anything_changes(data: Any, options: dict[str, Any], words: str) -> None:
    model = nn.Dense(3, 1, rng=0, dtype=np.float64)
    before = model.W.numpy().tolist()
    with pytest.raises((TypeError, ValueError), match=words):
        fitted(*data, model=model, **options)
    assert model.W.numpy().tolist() == before


def test_pairs_that_are_none_are_named() -> None:
    class Single(Pairs):
        def __getitem__(self, i: int) -> Any:
            return X[i]

    with pytest.raises(TypeError, match=r"every item of X is a pair \(x, y\), and X\[\d+\] is a ndarray"):
        fitted(Single())


def test_batches_that_run_out_are_an_error() -> None:
    with pytest.raises(ValueError, match="gave no batches, or no second time"):
        fitted(Exhausted())
