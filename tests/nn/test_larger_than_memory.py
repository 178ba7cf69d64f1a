"""Sets that are larger than memory: training reads no more than a batch at a time, and gives what it gives in memory.

CHAINRULE_MB=4000 python -m pytest tests/nn/test_larger_than_memory.py      with sets of 4 GB
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn

MB = int(os.environ.get("CHAINRULE_MB", "8"))
FEATURES, BATCH = 50, 500
ROWS = MB * 1_000_000 // (4 * FEATURES) // BATCH * BATCH
COLUMNS = [f"x{i}" for i in range(FEATURES)]


def blocks() -> Any:
    """The set, a piece at a time."""
    for start in range(0, ROWS, 10_000):
        yield start, np.random.default_rng(start).standard_normal((min(10_000, ROWS - start), FEATURES), np.float32)


def filled(array: Any) -> Any:
    """`array` with the set in it."""
    for start, block in blocks():
        array[start : start + len(block)] = block
    return array


def memmap(folder: Path) -> Any:
    return filled(np.memmap(folder / "X", np.float32, "w+", shape=(ROWS, FEATURES)))


def hdf5(folder: Path) -> Any:
    file = pytest.importorskip("h5py").File(folder / "X.h5", "w")
    return filled(file.create_dataset("X", (ROWS, FEATURES), "f4", chunks=(BATCH, FEATURES)))


def zarr(folder: Path) -> Any:
    module = pytest.importorskip("zarr")
    return filled(module.open(folder / "X", mode="w", shape=(ROWS, FEATURES), chunks=(BATCH, FEATURES), dtype="f4"))


def arrow(folder: Path) -> Any:
    pyarrow = pytest.importorskip("pyarrow")
    schema = pyarrow.schema([(name, pyarrow.float32()) for name in COLUMNS])
    with pyarrow.OSFile(str(folder / "X"), "wb") as file, pyarrow.ipc.new_file(file, schema) as writer:
        for _, block in blocks():
            writer.write_batch(pyarrow.record_batch(list(block.T), schema=schema))
    return pyarrow.ipc.open_file(pyarrow.memory_map(str(folder / "X"))).read_all()


def trained(X: Any, y: Any = None, **options: Any) -> tuple[Any, Any]:
    model = nn.Dense(FEATURES, 1, rng=0)
    history = nn.fit(
        model, X, y, loss=nn.mse, optimizer=nn.SGD(model.parameters(), lr=0.01), epochs=1, progress=False, rng=0,
        **options,
    )  # fmt: skip
    return model, history


def peak_of(call: Callable[[], Any]) -> tuple[Any, int]:
    """What a call gives, and the most memory that it had at one time, in bytes."""
    tracemalloc.start()
    try:
        return call(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def least_peak_of(call: Callable[[], Any], times: int) -> tuple[Any, int]:
    """The same, of so many times the least."""
    return min((peak_of(call) for _ in range(times)), key=lambda found: found[1])


@pytest.mark.parametrize("make", [memmap, hdf5, zarr, arrow])
def test_a_set_in_a_file_is_trained_on_in_the_memory_of_a_batch(make: Any, tmp_path: Path) -> None:
    X, y = make(tmp_path), np.arange(ROWS, dtype=np.float32)[:, None] / ROWS
    options = {"batch_size": BATCH, "shuffle": False, "validation": (X, y)}
    trained(X, y, **options)  # what is imported and compiled once does not count
    times = 3 if make is zarr and MB < 1000 else 1  # the threads that read it may hold a batch for a while longer
    (model, history), peak = least_peak_of(lambda: trained(X, y, **options), times)
    numbers, evaluated = least_peak_of(lambda: nn.evaluate(model, X, y, nn.mse, batch_size=BATCH), times)
    assert max(peak, evaluated) < 1e6 + 200 * (ROWS // BATCH)  # a batch is 0.1 MB; its loss is kept for the epoch
    assert numbers["loss"] == pytest.approx(history["val_loss"][0], rel=1e-6)
    if MB < 1000:
        whole = np.concatenate([block for _, block in blocks()])
        in_memory, expected = trained(whole, y, **{**options, "validation": (whole, y)})
        assert history["loss"] == expected["loss"]
        np.testing.assert_array_equal(model.W.data, in_memory.W.data)


def test_a_parquet_file_is_read_in_batches(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    pyarrow = pytest.importorskip("pyarrow")
    schema = pyarrow.schema([(name, pyarrow.float32()) for name in [*COLUMNS, "y"]])
    y = np.arange(ROWS, dtype=np.float32) / ROWS
    with parquet.ParquetWriter(tmp_path / "X.parquet", schema) as writer:
        for start, block in blocks():
            columns = [*block.T, y[start : start + len(block)]]
            writer.write_batch(pyarrow.record_batch(columns, schema=schema), row_group_size=5_000)

    def batches() -> Any:
        for batch in parquet.ParquetFile(tmp_path / "X.parquet").iter_batches(BATCH):
            yield batch.select(COLUMNS), batch.select(["y"])

    model, history = trained(batches)
    whole = np.concatenate([block for _, block in blocks()]) if MB < 1000 else memmap(tmp_path)
    expected, in_memory = trained(whole, y[:, None], batch_size=BATCH, shuffle=False)
    np.testing.assert_array_equal(model.W.data, expected.W.data)
    assert history["loss"] == in_memory["loss"]
    with pytest.raises(TypeError, match=r"a ParquetFile.*iter_batches"):
        trained(parquet.ParquetFile(tmp_path / "X.parquet"), y)
