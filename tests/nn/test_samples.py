"""Everything that is indexed goes by position: one test over all kinds of data, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn.data import batches, split
from nn.samples import samples, source, subset

N = 12
ROWS = np.stack([np.arange(N), 10 * np.arange(N)], axis=1).astype(float)  # sample i is (i, 10 i), its target i
TARGETS = np.arange(N)

pandas = pytest.importorskip("pandas")

INDICES: dict[str, Any] = {
    "shuffled": np.random.default_rng(0).permutation(N),
    "gapped": 7 * np.arange(N) + 3,
    "reversed": range(N)[::-1],
    "texts": list("lkjihgfedcba"),
    "duplicates": [0, 1, 2] * 4,
    "dates": pandas.date_range("2024-01-01", periods=N)[::-1],
    "floats": np.linspace(1, 0, N),
    "two levels": pandas.MultiIndex.from_product([[3, 1, 2], list("dcba")]),
}


class Lazy:
    """A set of samples that are made when they are asked for."""

    def __init__(self, of: Any) -> None:
        self.of = of

    def __len__(self) -> int:
        return N

    def __getitem__(self, i: int) -> Any:
        assert type(i) is int
        return self.of[i]


def memmapped(array: Any, folder: Path) -> Any:
    np.save(folder / f"{array.ndim}.npy", array)
    return np.load(folder / f"{array.ndim}.npy", mmap_mode="r")


def read_only(array: Any, folder: Path) -> Any:
    array = array.copy()
    array.flags.writeable = False
    return array


def torch_tensor(array: Any, folder: Path) -> Any:
    return pytest.importorskip("torch").tensor(array)


def xarray_array(array: Any, folder: Path) -> Any:
    return pytest.importorskip("xarray").DataArray(array, dims=["i", "j"][: array.ndim], coords={"i": range(N)[::-1]})


def hdf5_set(array: Any, folder: Path) -> Any:
    return pytest.importorskip("h5py").File(folder / f"{array.ndim}.h5", "w").create_dataset("set", data=array)


def zarr_array(array: Any, folder: Path) -> Any:
    return pytest.importorskip("zarr").array(array, chunks=(5, *array.shape[1:]))


def arrow_table(array: Any, folder: Path) -> Any:
    """In a file that is mapped to memory, with its rows in several pieces."""
    pyarrow = pytest.importorskip("pyarrow")
    if array.ndim == 1:
        return pyarrow.chunked_array([array[:3], array[3:]])
    columns = pyarrow.table({"a": array[:, 0], "b": array[:, 1]})
    with pyarrow.OSFile(str(folder / "t.arrow"), "wb") as file, pyarrow.ipc.new_file(file, columns.schema) as writer:
        writer.write_table(columns, max_chunksize=5)
    return pyarrow.ipc.open_file(pyarrow.memory_map(str(folder / "t.arrow"))).read_all()


def table(array: Any, index: Any) -> Any:
    if array.ndim == 1:
        return pandas.Series(array, index=index)
    return pandas.DataFrame(array, index=index, columns=["a", "b"])


def mixed_table(array: Any, folder: Path) -> Any:
    """Columns of an extension dtype, of ints, of booleans."""
    if array.ndim == 1:
        return pandas.Series(array, index=INDICES["shuffled"], dtype="Int64")
    columns = {"a": pandas.array(array[:, 0], dtype="Int64"), "b": array[:, 1].astype(int), "c": array[:, 0] > -1}
    return pandas.DataFrame(columns, index=INDICES["shuffled"])


KINDS: dict[str, Callable[[Any, Path], Any]] = {
    "array": lambda a, _: a,
    "read-only array": read_only,
    "view": lambda a, _: np.repeat(a, 2, axis=0)[::2],
    "reversed view": lambda a, _: a[::-1].copy()[::-1],
    "Fortran order": lambda a, _: np.asfortranarray(a),
    "float16": lambda a, _: a.astype(np.float16),
    "other byte order": lambda a, _: a.astype(a.dtype.newbyteorder()),
    "objects": lambda a, _: a.astype(object),
    "file": memmapped,
    "list": lambda a, _: a.tolist(),
    "tuple": lambda a, _: tuple(map(tuple, a.tolist())) if a.ndim > 1 else tuple(a.tolist()),
    "list of arrays": lambda a, _: list(a),
    "lazy": lambda a, _: Lazy(a),
    "lazy lists": lambda a, _: Lazy(a.tolist()),
    "part of a lazy one": lambda a, _: subset(Lazy(a), np.arange(N)),
    "tensor": lambda a, _: Tensor(a),
    "torch": torch_tensor,
    "list of torch": lambda a, f: list(torch_tensor(a, f)),
    "xarray": xarray_array,
    "mixed table": mixed_table,
    "hdf5": hdf5_set,
    "zarr": zarr_array,
    "arrow": arrow_table,
    "pandas array": lambda a, _: pandas.Index(a) if a.ndim == 1 else pandas.DataFrame(a),
} | {f"table, {name}": lambda a, _, index=index: table(a, index) for name, index in INDICES.items()}


def is_paired(x: Any, y: Any) -> None:
    """Every sample stands beside its own target."""
    assert type(x) is type(y) is np.ndarray
    assert x.dtype.kind in "fiu"
    np.testing.assert_array_equal(x[:, 0], y)
    np.testing.assert_array_equal(x[:, 1], 10 * y)


@pytest.mark.parametrize("other", ["array", "list", "table, shuffled"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_data_is_read_by_position(kind: str, other: str, tmp_path: Path) -> None:
    (tmp_path / "y").mkdir()
    for X, y in (
        (KINDS[kind](ROWS, tmp_path), KINDS[other](TARGETS, tmp_path / "y")),
        (KINDS[other](ROWS, tmp_path), KINDS[kind](TARGETS, tmp_path / "y")),
    ):
        for shuffle in (True, False):
            found = list(batches(X, y, 5, shuffle, rng=0))
            assert [len(labels) for _, labels in found] == [5, 5, 2]
            for x, labels in found:
                is_paired(x, labels)
            order = [int(label) for _, labels in found for label in labels]
            assert sorted(order) == list(range(N))
            assert (order == list(range(N))) is not shuffle
        X_train, X_test, y_train, y_test = split(X, y, test=0.25, rng=0)
        for x, labels in ((X_train, y_train), (X_test, y_test)):
            is_paired(np.asarray(x, dtype=float), np.asarray(labels, dtype=int))
        assert sorted([*map(int, y_train), *map(int, y_test)]) == list(range(N))


class Watch(nn.Module):
    """It learns nothing, and notes what it sees."""

    def __init__(self) -> None:
        self.w = nn.Parameter(1.0)
        self.seen: dict[bool, list[int]] = {True: [], False: []}

    def forward(self, x: Any) -> Any:
        self.seen[self.training] += [int(i) for i in x[:, 0]]
        return self.w * x[:, 0].astype(np.float32)


@pytest.mark.parametrize("validation", [None, 0.25, "pair"])
@pytest.mark.parametrize("kind", KINDS)
def test_fit_pairs_every_kind_of_data_by_position(kind: str, validation: Any, tmp_path: Path) -> None:
    """The prediction of sample i is i: so any other pairing has a loss."""
    (tmp_path / "y").mkdir()
    X, y = KINDS[kind](ROWS, tmp_path), KINDS[kind](TARGETS, tmp_path / "y")
    model = Watch()
    history = nn.fit(
        model, X, y, loss="mse", epochs=2, batch_size=5, optimizer=lambda p: nn.SGD(p, lr=0.0), progress=False, rng=0,
        validation=(X, y) if validation == "pair" else validation,
    )  # fmt: skip
    assert {value for column in history.to_dict().values() for value in column} == {0.0}
    held = {None: 0, 0.25: 3, "pair": N}[validation]
    assert len(model.seen[True]) == 2 * (N - held % N)
    assert len(model.seen[False]) == 2 * held
    if validation == 0.25:
        assert sorted(set(model.seen[True]) | set(model.seen[False])) == list(range(N))
        assert not set(model.seen[True]) & set(model.seen[False])


@pytest.mark.parametrize("index", INDICES)
def test_losses_and_metrics_read_tables_by_position(index: str) -> None:
    y, scores = (
        table(TARGETS % 2, INDICES[index]),
        Tensor(np.where(np.stack([TARGETS % 2] * 2, 1) == [0, 1], 9.0, -9.0)),
    )
    assert nn.cross_entropy(scores, y).item() < 1e-6
    assert nn.mse(Tensor(TARGETS % 2), y).item() == 0
    assert nn.accuracy(scores, y) == 1
    assert nn.metrics.mae((TARGETS % 2).astype(float), y) == 0
    np.testing.assert_array_equal(nn.data.one_hot(y), nn.data.one_hot(TARGETS % 2))


@pytest.mark.parametrize("index", INDICES)
def test_a_perceptron_learns_from_tables_by_position(index: str) -> None:
    X, y = ROWS / 100, TARGETS > 5
    model, expected = nn.Perceptron(2), nn.Perceptron(2)
    mistakes = model.learn(table(X, INDICES[index]), table(y, INDICES[index]), epochs=3)
    assert mistakes == expected.learn(X, y, epochs=3)
    np.testing.assert_array_equal(model.w.numpy(), expected.w.numpy())


def test_splits_of_tables_are_tables() -> None:
    X, y = table(ROWS, INDICES["texts"]), table(TARGETS, INDICES["shuffled"])
    X_train, X_test, y_train, y_test = split(X, y, test=4, rng=0)
    assert type(X_train) is type(X_test) is pandas.DataFrame
    assert type(y_train) is type(y_test) is pandas.Series
    assert [INDICES["texts"][i] for i in y_test] == list(X_test.index)
    assert [INDICES["shuffled"][i] for i in y_test] == list(y_test.index)


# --- several inputs -----------------------------------------------------------------------------------------------


def test_several_inputs_and_outputs_are_read_together() -> None:
    X = {"rows": table(ROWS, INDICES["gapped"]), "texts": [str(i) for i in range(N)], "lazy": Lazy(ROWS)}
    y = (TARGETS, table(TARGETS, INDICES["shuffled"]))
    seen = []
    for x, (first, second) in batches(X, y, 5, rng=0):
        assert list(x) == list(X)
        is_paired(x["rows"], first)
        is_paired(x["lazy"], second)
        assert list(map(str, first)) == list(x["texts"])
        seen += first.tolist()
    assert sorted(seen) == list(range(N))
    X_train, X_test, y_train, y_test = split(X, y, test=5, rng=0)
    is_paired(X_test["lazy"], y_test[0])
    is_paired(np.asarray(X_train["rows"]), np.asarray(y_train[1]))


def test_samples_may_be_tuples_and_dicts_themselves() -> None:
    X = Lazy([{"row": row, "number": float(i), "pair": (row, i)} for i, row in enumerate(ROWS)])
    for x, y in batches(X, TARGETS, 5, rng=0):
        is_paired(x["row"], y)
        np.testing.assert_array_equal(x["number"], y)
        is_paired(*x["pair"])


# --- refused by name ----------------------------------------------------------------------------------------------


def generator() -> Iterator[Any]:
    yield ROWS, TARGETS


def sparse() -> Any:
    return pytest.importorskip("scipy.sparse").csr_array(ROWS)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "number": (lambda: 3.0, r"X is a float \(3.0\), which holds no samples by position: pass arrays"),
    "array of no axis": (lambda: np.array(3.0), r"X is a float \(3.0\), which holds no samples"),
    "none": (lambda: None, r"X is a NoneType \(None\)"),
    "text": (lambda: "file.csv", r"X is a str \('file.csv'\)"),
    "set": (lambda: {1, 2}, r"X is a set \(\{1, 2\}\)"),
    "generator": (generator, "X is a generator, which holds no samples by position"),
    "no inputs": (dict, r"X is a dict \(\{\}\)"),
    "sparse": (sparse, r"X is sparse, a csr_array of shape \(12, 2\): pass X.toarray\(\)"),
    "ragged": (lambda: [[1, 2], [3]], "X is ragged.*number 0 has 2 entries and number 1 has 1: fill the shorter ones"),
    "ragged, deeper": (lambda: [[[1], [2]], [[1], [2, 3]]], "X is ragged.*their entries differ in length"),
    "ragged arrays": (lambda: [np.zeros(2), np.zeros(3)], "X is ragged.*number 0 has 2 entries and number 1 has 3"),
    "ragged objects": (lambda: np.array([[1, 2], [3]], dtype=object), "X is ragged"),
    "missing": (lambda: [1.0, None], r"X holds a NoneType \(None\), which is no number"),
    "objects": (lambda: [object(), object()], "X holds a object .*, which is no number"),
    "huge numbers": (lambda: [2**70], r"X holds a int \(1180591620717411303424\)"),
    "texts and numbers": (lambda: [1, "a"], "X holds both texts and numbers, such as 1"),
    "masked": (lambda: np.ma.masked_array([1.0, 2.0], [0, 1]), r"X is a masked array.*pass X.filled\(value\)"),
    "structured": (lambda: np.zeros(3, [("a", float), ("b", int)]), "X is a structured array with the fields a, b"),
    "dates": (lambda: np.zeros(3, "M8[D]"), r"X holds datetime64\[D\], and data are real numbers"),
    "complex": (lambda: np.zeros(3, complex), "X holds complex128"),
    "NaN in a table": (lambda: pandas.DataFrame({"a": [1.0], "b": [None]}), r"X\['b'\]: 1 of 1 values are missing"),
    "NA": (lambda: pandas.Series([1, None, 3], dtype="Int64"), r"X: 1 of 3 values are missing.*X.fillna\(value\)"),
    "text column": (lambda: pandas.DataFrame({"a": [1.0], "b": ["x"]}), r"X\['b'\] holds texts, such as 'x'.*get_dum"),
    "date column": (lambda: pandas.DataFrame({"a": [1], "b": [pandas.Timestamp(0)]}), r"X\['b'\] holds datetime64"),
    "empty table": (lambda: pandas.DataFrame(index=[1, 2]), r"X is a table of shape \(2, 0\), without columns"),
    "one of several": (lambda: {"a": ROWS, "b": sparse()}, r"X\['b'\] is sparse.*: pass X\['b'\].toarray"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_by_position_is_refused_by_name(kind: str) -> None:
    make, words = REFUSED[kind]
    with pytest.raises((TypeError, ValueError), match=f"batches: {words}"):
        batches(make(), TARGETS, 2)
    with pytest.raises((TypeError, ValueError), match=f"fit: {words}"):
        nn.fit(nn.Dense(2, 1), make(), TARGETS, loss="mse", epochs=1, progress=False)


def test_lengths_that_differ_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"X\['a'\] has 12 samples and X\['b'\] 11: there must be one sample for each"):
        batches({"a": ROWS, "b": ROWS[1:]}, TARGETS, 2)
    with pytest.raises(ValueError, match=r"X\[0\] has 12 samples and y\['out'\] 11: there must be one target for each"):
        batches((ROWS, ROWS), {"out": TARGETS[1:]}, 2)
    with pytest.raises(
        ValueError, match=r"X has 2 samples and y 12.*\(several inputs are a tuple of arrays or a dict\)"
    ):
        batches([ROWS, ROWS], TARGETS, 2)


def test_one_sample_and_none() -> None:
    assert [(x.shape, y.shape) for x, y in batches([[1.0, 2.0]], [3], 5)] == [((1, 2), (1,))]
    assert list(batches(np.zeros((0, 2)), [], 5)) == []
    assert samples(source("X", [True, False]), np.array([1])).tolist() == [False]
