"""Samples in blocks that nobody has computed: fit, evaluate, predict and batches of Dask's arrays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, grad, sum_over_blocks
from nn import lazy
from tests.lazy import asked, da, dask, unasked

RNG = np.random.default_rng(0)
ROWS, BLOCK = 403, 40
X = RNG.normal(size=(ROWS, 5)).astype("f4")
Y = RNG.integers(0, 3, ROWS)
LAZY_X, LAZY_Y = da.from_array(X, chunks=(BLOCK, 2)), da.from_array(Y, chunks=77)


class Reader:
    """The rows of X, in blocks that tell how often each was computed."""

    def __init__(self) -> None:
        self.computed: list[int] = []
        numbers = da.from_array(np.arange(ROWS), chunks=BLOCK)
        self.array = numbers.map_blocks(
            self.read, dtype=X.dtype, new_axis=1, chunks=(numbers.chunks[0], (5,)), meta=np.empty((0, 5), X.dtype)
        )

    def read(self, which: Any) -> Any:
        if len(which) == 0:
            return np.empty((0, 5), X.dtype)
        self.computed.append(int(which[0]) // BLOCK)
        return X[which]

    def counts(self) -> list[int]:
        """How often each block was computed since this was asked."""
        counts = np.bincount(self.computed, minlength=-(-ROWS // BLOCK)).tolist()
        self.computed.clear()
        return list(counts)


@pytest.fixture(autouse=True)
def one_by_one() -> Iterator[None]:
    with asked():
        yield


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two blocks at a time."""
    monkeypatch.setattr(lazy, "WINDOW", 1)


def trained(X: Any, Y: Any = None, model: Any = None, **options: Any) -> tuple[Any, Any]:
    model = model or nn.MLP(5, 8, 3, rng=0)
    options = {"loss": "cross_entropy", "epochs": 2, "rng": 1, "progress": False, "compile": False, **options}
    return model, nn.fit(model, X, Y, **options)


def assert_equal(one: Any, other: Any) -> None:
    """The same bits in the weights and in the history."""
    for a, b in zip(one[0].parameters(), other[0].parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)
    assert one[1].to_dict() == other[1].to_dict()


@pytest.mark.parametrize(
    "options",
    [
        {"compile": None}, {"shuffle": False}, {"validation": 0.1, "metrics": "accuracy"},
        {"drop_last": True, "batch_size": 50},
        {"chunks": 4}, {"sample_weight": np.arange(ROWS) % 3}, {"validation": (LAZY_X, LAZY_Y)},
    ],
    ids=lambda options: " ".join(options),
)  # fmt: skip
def test_training_gives_the_bits_that_it_gives_in_memory(options: dict[str, Any]) -> None:
    known = trained(X, Y, **options | ({"validation": (X, Y)} if type(options.get("validation")) is tuple else {}))
    assert_equal(trained(LAZY_X, LAZY_Y, **options), known)
    assert_equal(trained(LAZY_X, Y, **options), known)
    assert_equal(trained(X, LAZY_Y, **options), known)


def test_evaluation_and_the_prediction_are_those_of_numpy() -> None:
    model, _ = trained(X, Y)
    options: Any = {"loss": "cross_entropy", "metrics": ["accuracy"]}
    assert nn.evaluate(model, LAZY_X, LAZY_Y, **options) == nn.evaluate(model, X, Y, **options)
    np.testing.assert_allclose(nn.predict(model, LAZY_X).compute(), nn.predict(model, X), rtol=1e-6, atol=1e-6)


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("batch_size", [16, 100, 300])
@pytest.mark.parametrize("shuffle", [True, False])
def test_an_epoch_computes_each_block_once(batch_size: int, shuffle: bool) -> None:
    reader = Reader()
    model, _ = trained(reader.array, LAZY_Y, epochs=1, batch_size=batch_size, shuffle=shuffle)
    assert reader.counts() == [1] * 11
    nn.evaluate(model, reader.array, LAZY_Y, "cross_entropy", batch_size=batch_size)
    assert reader.counts() == [1] * 11
    nn.predict(model, reader.array, batch_size=batch_size).compute()
    assert reader.counts() == [1] * 11


@pytest.mark.usefixtures("windows")
def test_no_more_than_two_windows_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    held, hold = [], lazy.Blocks.hold

    def counted(self: Any, needed: list[int]) -> Any:
        found = hold(self, needed)
        held.append(len(found))
        return found

    monkeypatch.setattr(lazy.Blocks, "hold", counted)
    trained(LAZY_X, LAZY_Y, batch_size=16)
    assert max(held) <= 4
    assert min(held) >= 1


@pytest.mark.usefixtures("windows")
def test_rows_are_shuffled_within_windows_of_blocks_that_are_shuffled() -> None:
    places = da.from_array(np.arange(ROWS), chunks=BLOCK)
    batches = nn.data.batches(places, None, 16, rng=0)
    first, second = np.concatenate(list(batches)), np.concatenate(list(batches))
    assert sorted(first) == sorted(second) == list(range(ROWS))
    assert (first != second).any()
    windows = [np.unique(first[i : i + 2 * BLOCK] // BLOCK) for i in range(0, 3 * BLOCK, 2 * BLOCK)]
    assert all(len(blocks) <= 3 for blocks in windows)  # one block has three rows
    assert len(np.unique(np.diff(first[:80]))) > 40
    order = first[np.sort(np.unique(first // BLOCK, return_index=True)[1])] // BLOCK
    assert order.tolist() != list(range(11))


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("validation", [None, 0.2])
def test_training_is_that_of_numpys_rows_in_the_same_order(validation: Any) -> None:
    """Of a part that is held out the order is the user's to know: here it is found by training on the positions."""
    seen: list[Any] = []
    where = np.arange(ROWS, dtype=float)[:, None]
    places = da.from_array(where, chunks=(BLOCK, 1))

    class Noting(nn.Dense):
        def forward(self, x: Any) -> Any:
            seen.append(x.copy())
            return super().forward(x)

    options: Any = {"loss": "mse", "epochs": 1, "validation": validation, "batch_size": 32}
    trained(places, places, model=Noting(1, 1, rng=0, dtype=float), **options)
    rows = [batch.ravel().astype(int) for batch in seen][: -(-round(ROWS * (1 - (validation or 0))) // 32)]
    given = [(X[which], Y[which]) for which in rows]
    options = {"epochs": 1, "optimizer": lambda parameters: nn.SGD(parameters, lr=0.1)}
    a, _ = trained(LAZY_X, LAZY_Y, validation=validation, batch_size=32, **options)
    b, _ = trained(given, **options)
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        np.testing.assert_array_equal(p.data, q.data)


@pytest.mark.usefixtures("windows")
def test_a_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    options: Any = {"checkpoint": tmp_path / "run", "batch_size": 30}
    trained(LAZY_X, LAZY_Y, **options)
    resumed = trained(LAZY_X, LAZY_Y, epochs=4, resume=True, **options)
    assert_equal(resumed, trained(LAZY_X, LAZY_Y, epochs=4, batch_size=30))


@pytest.mark.usefixtures("windows")
def test_x_and_y_of_one_source_are_computed_together() -> None:
    reader = Reader()
    table = reader.array
    trained(table, (table[:, 0] > 0).astype(int), epochs=1)
    assert reader.counts() == [1] * 11


class Two(nn.Module):
    """Two inputs by name, two outputs by name."""

    def __init__(self) -> None:
        self.dense = nn.Dense(5, 2, rng=0)

    def forward(self, left: Any, right: Any) -> Any:
        return {"sum": self.dense(left) + right, "left": self.dense(left)}


class Summed(nn.Module):
    def forward(self, x: Any) -> Any:
        return Tensor(x).sum()


def test_the_prediction_of_several_inputs_and_outputs_is_lazy_and_of_the_model_as_it_is_now() -> None:
    model, right = Two(), RNG.normal(size=(ROWS, 2)).astype("f4")
    known = nn.predict(model, {"left": X, "right": right})
    with unasked():
        found = nn.predict(model, {"left": LAZY_X, "right": right}, batch_size=7)
        also = nn.predict(model, {"left": LAZY_X, "right": da.from_array(right, chunks=(99, 1))})
    model.dense.W.data *= 2
    for name in ("sum", "left"):
        assert isinstance(found[name], da.Array)
        assert (found[name].shape, found[name].dtype) == (known[name].shape, known[name].dtype)
        np.testing.assert_allclose(found[name].compute(), known[name], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(also[name].compute(), known[name], rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="no row for each"):
        nn.predict(Summed(), LAZY_X)


def test_only_the_blocks_that_are_asked_for_are_computed() -> None:
    reader = Reader()
    nn.predict(nn.Dense(5, 2, rng=0), reader.array)[BLOCK : BLOCK + 3].compute()
    assert reader.counts() == [0, 1] + [0] * 9


def test_empty_blocks_do_not_matter() -> None:
    chosen = np.arange(ROWS) % 200 < 50
    holes = LAZY_X[da.from_array(chosen, chunks=BLOCK)].compute_chunk_sizes()
    assert 0 in holes.chunks[0]
    assert_equal(trained(holes, Y[chosen]), trained(X[chosen], Y[chosen]))
    model = nn.Dense(5, 2, rng=0)
    np.testing.assert_allclose(nn.predict(model, holes).compute(), nn.predict(model, X[chosen]), rtol=1e-6)


def test_batches_of_lazy_arrays_are_computed_when_they_come() -> None:
    lazily = [(LAZY_X[i : i + 50], LAZY_Y[i : i + 50]) for i in range(0, ROWS, 50)]
    plainly = [(X[i : i + 50], Y[i : i + 50]) for i in range(0, ROWS, 50)]
    assert_equal(trained(lazily), trained(plainly))
    model = nn.Dense(5, 2, rng=0)
    np.testing.assert_array_equal(nn.predict(model, (x for x, _ in lazily)), nn.predict(model, (x for x, _ in plainly)))


def test_a_tensor_around_a_lazy_array_is_read_in_the_same_way() -> None:
    assert_equal(trained(Tensor(LAZY_X), LAZY_Y), trained(X, Y))


def test_split_and_transform_stay_lazy() -> None:
    with unasked():
        parts = nn.data.split(LAZY_X, LAZY_Y, rng=0)
        scaled = nn.data.standardize(X).transform(LAZY_X)
    for part, known in zip((*parts, scaled), (*nn.data.split(X, Y, rng=0), nn.data.standardize(X).transform(X))):
        assert isinstance(part, da.Array)
        np.testing.assert_array_equal(part.compute(), known)


UNKNOWN = LAZY_X[LAZY_X[:, 0] > 0]
MASKED = LAZY_X.map_blocks(np.ma.array, meta=np.ma.array(np.empty((0, 5), "f4")))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: trained(UNKNOWN, UNKNOWN[:, 0]), ValueError, r"X: nobody knows how many rows.*X\.compute_chunk_sizes"),
        (lambda: nn.predict(nn.Dense(5, 1), UNKNOWN), ValueError, "compute_chunk_sizes"),
        (lambda: trained(MASKED, Y), TypeError, "blocks of numpy, MaskedArray"),
        (lambda: trained(LAZY_X, LAZY_Y[:-1]), ValueError, "X has 403 samples and y 402"),
        (lambda: trained(LAZY_X.sum(), LAZY_Y), TypeError, "holds no samples"),
        (lambda: trained(LAZY_X.astype(complex), LAZY_Y), TypeError, "complex128"),
        (lambda: trained(LAZY_X, Y, sample_weight=LAZY_Y), TypeError, r"lazy.*sample_weight\.compute"),
        (lambda: trained(LAZY_X, LAZY_Y, class_weight="balanced"), TypeError, r"y is needed whole.*y\.compute"),
        (lambda: nn.data.split(LAZY_X, LAZY_Y, stratify=True), TypeError, "stratify is needed whole"),
        (lambda: nn.data.standardize(LAZY_X), TypeError, r"X\.compute"),
        (lambda: nn.data.one_hot(LAZY_Y), TypeError, r"labels\.compute"),
        (lambda: nn.metrics.accuracy(LAZY_X, LAZY_Y), TypeError, r"compute\(\)"),
        (lambda: nn.Perceptron(5, rng=0).learn(LAZY_X, LAZY_Y), TypeError, r"X\.compute"),
        (lambda: nn.predict(Two(), {"left": LAZY_X, "right": [X, X]}), ValueError, "samples"),
    ],
)  # fmt: skip
def test_what_would_compute_all_or_is_not_known_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with unasked(), pytest.raises(error, match=message):
        call()


def test_a_block_of_another_kind_than_was_said_is_refused() -> None:
    hidden = LAZY_X.map_blocks(np.ma.array, meta=np.empty((0, 5), "f4"))
    with pytest.raises(TypeError, match="a block is a MaskedArray"):
        trained(hidden, Y)


def test_a_cluster_computes_the_blocks() -> None:
    distributed = pytest.importorskip("distributed", reason="a cluster is of the extra dask")
    known = trained(X, Y, epochs=1)
    cluster: Any = {"processes": False, "n_workers": 1, "threads_per_worker": 2, "dashboard_address": ":0"}
    with dask.config.set(scheduler=None), distributed.Client(**cluster):
        assert_equal(trained(LAZY_X, LAZY_Y, epochs=1), known)
        prediction = nn.predict(known[0], LAZY_X).compute()
        squares = sum_over_blocks(lambda w, X: np.sum((X @ w) ** 2))
        slope = grad(squares)(np.ones(5), LAZY_X.astype(float)).compute()
    np.testing.assert_allclose(prediction, nn.predict(known[0], X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(slope, 2 * X.T.astype(float) @ X.sum(axis=1, dtype=float), rtol=1e-6)
