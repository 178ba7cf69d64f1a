"""Trainings that must give the same bits for any number of ranks: `mpiexec -n 3 python ranks.py OUT [CHECK ...]`.

Rank 0 writes what each gave; every rank compares itself with rank 0. See test_parallel.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

import nn

CHECKS: dict[str, Any] = {}


def check(function: Any) -> Any:
    CHECKS[function.__name__] = function
    return function


def digest(model: nn.Module, history: Any = ()) -> list[Any]:
    state = model.state_dict()
    shown = history.to_dict() if history else {}
    return [zlib.crc32(b"".join(np.asarray(state[k]).tobytes() for k in sorted(state))), shown, str(history)]


def data(n: int = 41, dtype: Any = np.float32) -> tuple[Any, Any]:
    rng = np.random.default_rng(7)
    return rng.standard_normal((n, 5)).astype(dtype), rng.integers(0, 3, n)


def network(*middle: nn.Module, dtype: Any = np.float32) -> nn.Module:
    rng = np.random.default_rng(3)
    first, last = nn.Dense(5, 12, "tanh", rng=rng, dtype=dtype), nn.Dense(12, 3, rng=rng, dtype=dtype)
    return nn.Sequential(first, *middle, last)


def trained(model: nn.Module, comm: Any, X: Any = None, y: Any = None, **kwargs: Any) -> list[Any]:
    if X is None:
        X, y = data()
    kwargs = {"loss": "cross_entropy", "epochs": 2, "batch_size": 20, "rng": 5, "progress": False, "chunks": 8} | kwargs
    return digest(model, nn.fit(model, X, y, comm=comm, **kwargs))


@check
def last_batch_of_one(comm: Any) -> Any:
    return trained(network(), comm)


@check
def dropout(comm: Any) -> Any:
    return trained(network(nn.Dropout(0.4, rng=1), nn.GaussianNoise(0.1, rng=2)), comm)


@check
def one_generator_for_all(comm: Any) -> Any:
    rng = np.random.default_rng(0)
    return trained(network(nn.Dropout(0.4, rng=rng)), comm, rng=rng)


@check
def uncompiled(comm: Any) -> Any:
    return trained(network(nn.Dropout(0.4, rng=1)), comm, compile=False)


@check
def double(comm: Any) -> Any:
    return trained(network(dtype=np.float64), comm, *data(dtype=np.float64))


@check
def both_precisions_and_frozen(comm: Any) -> Any:
    model = nn.Sequential(nn.Dense(5, 12, rng=0), nn.Dense(12, 12, rng=1), nn.Dense(12, 3, rng=2, dtype=np.float64))
    for p in model[1].parameters():
        p.requires_grad = False
    return trained(model, comm)


@check
def weights(comm: Any) -> Any:
    weight = np.random.default_rng(2).uniform(0, 2, 41)
    weight[:9] = 0
    return trained(network(), comm, sample_weight=weight, class_weight={0: 2.0}, validation=0.3)


@check
def everything(comm: Any) -> Any:
    metrics = {"accuracy": "accuracy", "f1": lambda p, t: nn.f1(p, t, average="macro")}
    return trained(
        network(nn.Dropout(0.1, rng=4)), comm, epochs=6, batch_size=9, validation=0.4, early_stopping=2, clip_norm=0.5,
        metrics=metrics, schedule=nn.CosineAnnealingLR(6), optimizer=lambda ps: nn.SGD(ps, lr=0.1, momentum=0.9),
    )  # fmt: skip


@check
def sum_as_loss(comm: Any) -> Any:
    X, _ = data()
    return trained(network(), comm, X, X[:, :3].copy(), loss="rss", optimizer=lambda ps: nn.SGD(ps, lr=1e-3))


@check
def batches_of_ones_own(comm: Any) -> Any:
    X, y = data()
    made = [(X[i : i + 3], y[i : i + 3]) for i in range(0, 41, 3)]
    return trained(network(), comm, made, None, batch_size=None, metrics="accuracy", validation=made[:3])


class Branches(nn.Module):
    """Uses a layer for some chunks alone, and one never."""

    def __init__(self) -> None:
        self.a, self.b, self.never = nn.Dense(5, 3, rng=0), nn.Dense(5, 3, rng=1), nn.Dense(5, 3, rng=2)

    def forward(self, x: Any) -> Any:
        return self.a(x) + (self.b(x) if float(x[0, 0]) > 0.5 else 0)


@check
def a_parameter_of_the_loss(comm: Any) -> Any:
    """It is no part of the model, and each rank begins with another number."""
    scale = nn.Parameter(np.float32(1 + comm.Get_rank() if comm else 1))

    def loss(prediction: Any, target: Any) -> Any:
        return nn.cross_entropy(prediction * scale, target)

    model = network()
    return [*trained(model, comm, loss=loss, optimizer=nn.SGD([*model.parameters(), scale], lr=0.1)), scale.item()]


@check
def parameters_that_some_chunks_use(comm: Any) -> Any:
    return trained(Branches(), comm, compile=False)


@check
def batch_normalization(comm: Any) -> Any:
    """With a last batch of two chunks alone, so some ranks have none; dropout between, a layer that is used twice."""
    rng, twice = np.random.default_rng(1), nn.BatchNorm1d(12, momentum=None)
    middle = [nn.BatchNorm1d(12), nn.Dropout(0.2, rng=rng), twice, nn.Tanh(), twice, nn.GaussianNoise(0.1, rng=rng)]
    return trained(network(*middle), comm, *data(42), validation=0.3, metrics="accuracy", batch_size=9)


@check
def batch_normalization_of_images(comm: Any) -> Any:
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((21, 1, 6, 6)), rng.integers(0, 3, 21)
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3, rng=0, dtype=np.float64), nn.BatchNorm2d(3, dtype=np.float64), nn.ReLU(), nn.Flatten(),
        nn.BatchNorm1d(48, affine=False, dtype=np.float64), nn.Dense(48, 3, rng=1, dtype=np.float64),
    )  # fmt: skip
    return trained(model, comm, X, y, sample_weight=rng.uniform(0, 2, 21), batch_size=9)


class Rows:
    """A memory-mapped file that knows which rows were read."""

    def __init__(self, rows: Any, file: Any) -> None:
        np.save(file, rows)
        self.of = np.load(file, mmap_mode="r")
        self.shape, self.dtype, self.read = self.of.shape, self.of.dtype, list[int]()

    def __len__(self) -> int:
        return len(self.of)

    def __getitem__(self, which: Any) -> Any:
        self.read += np.arange(len(self))[which].ravel().tolist()
        return self.of[which]


@check
def each_row_is_read_by_one_rank(comm: Any) -> Any:
    X, y = data()
    with tempfile.TemporaryDirectory() as folder:
        rows = Rows(X, Path(folder) / "X.npy")
        found = trained(network(), comm, rows, y, epochs=3)
    by_rank = [rows.read] if comm is None else comm.allgather(rows.read)
    assert sorted(i for read in by_rank for i in read) == sorted([*range(41)] * 3), "a row was read too often"
    return found


@check
def means_over_ranks(comm: Any) -> Any:
    """average_gradients: as the whole set in one process, to rounding; the rank with no samples counts for nothing."""
    X, y = data(31, np.float64)
    model = network(dtype=np.float64)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    rank, size = (0, 1) if comm is None else (comm.rank, comm.size)
    ends = [0, 31] if size == 1 else [0, 0, 31] if size == 2 else [0, 0, 20, *[31] * (size - 2)]
    own = slice(ends[rank], ends[rank + 1])
    for _ in range(3):
        optimizer.zero_grad()
        if own.start < own.stop:
            nn.cross_entropy(model(X[own]), y[own]).backward()
        if comm is not None:
            nn.average_gradients(optimizer, comm, samples=own.stop - own.start)
        optimizer.step()
    return [[p.numpy().round(12).tolist() for p in model.parameters()]]


# --- ends that come too soon ----------------------------------------------------------------------------------------


def ends_badly(how: str, comm: Any, folder: Path) -> None:
    X, y = data(64)

    class Bad(nn.Module):
        def forward(self, x: Any) -> Any:
            if how == "forward" and comm.rank == 1:
                (folder / "failed").touch()
                raise OSError("the disk of rank 1 is gone")
            if how == "floating" and comm.rank == 1:
                (folder / "failed").touch()
                raise FloatingPointError("rank 1 divided by zero")
            return x

    def callback(epoch: nn.Epoch) -> None:
        if comm.rank == 1 and epoch.number == 2:
            (folder / "failed").touch()
            if how == "callback":
                raise OSError("the disk of rank 1 is gone")
            if how == "interrupt":
                os.kill(os.getpid(), signal.SIGINT)
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)

    if how == "before" and comm.rank == 1:
        (folder / "failed").touch()
        raise OSError("the disk of rank 1 is gone")
    if how == "arguments" and comm.rank == 1:
        y = y[:-1]
        (folder / "failed").touch()
    if how == "nan":
        X[17] = np.nan
    middle = [nn.BatchNorm1d(12), Bad(), nn.BatchNorm1d(12)] if how in ("forward", "floating") else [Bad()]
    try:
        nn.fit(
            network(*middle), X, y, loss="cross_entropy", epochs=4, batch_size=16, shuffle=False, progress=False,
            comm=comm, rng=0, callbacks=callback, checkpoint=folder / "run.safetensors",
        )  # fmt: skip
    except nn.DivergedError as error:
        (folder / f"said by {comm.rank}").write_text(str(error))
        comm.Barrier()
        raise SystemExit(3) from error
    if how == "after" and comm.rank == 1:
        (folder / "failed").touch()
        raise OSError("the disk of rank 1 is gone")
    comm.Barrier()


if __name__ == "__main__":
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    out = Path(sys.argv[1])
    if len(sys.argv) > 2:
        ends_badly(sys.argv[2], comm, out)
    else:
        found = {name: function(comm) for name, function in CHECKS.items()}
        same = comm.allgather(found)
        assert all(one == same[0] for one in same), "the ranks have other results than each other"
        if comm.rank == 0:
            out.write_text(json.dumps(found))
