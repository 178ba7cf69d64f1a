"""Time of a step with several ranks, and a simple model of more: `mpiexec -n 2 python benchmarks/parallel.py`.

It runs alone, too, and then measures one process. Each time is the best of many. The model of a step with n ranks is

    compute / n + update + exchanges * latency * log2(n) + 2 * bytes * (n - 1) / n / bandwidth

with all of its numbers measured here: latency from the sum of one number, bandwidth from the largest model's gradients.
"""

from __future__ import annotations

import functools
import itertools
import math
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from nn.parallel import Team

BATCH = 512
MODELS = {"784-64-10": (784, 64, 10), "784-512-10": (784, 512, 10), "784-1024-1024-10": (784, 1024, 1024, 10)}
EXCHANGES = 3  # the numbers of the loss, slices out, sums back


def best(call: Callable[[], Any], times: int = 15) -> float:
    """Seconds of a call, of the fastest one."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return min(found)


def step(sizes: tuple[int, ...], comm: Any) -> float:
    """Seconds of a step of fit: the fastest of some epochs, over its steps."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((4 * BATCH, sizes[0]), np.float32), rng.integers(0, sizes[-1], 4 * BATCH)
    ends: list[float] = []
    nn.fit(nn.MLP(*sizes, rng=0), X, y, loss="cross_entropy", epochs=7, batch_size=BATCH, rng=0, progress=False,
           callbacks=lambda epoch: ends.append(time.perf_counter()), comm=comm, chunks=8)  # fmt: skip
    return float(np.diff(ends).min()) / 4


def update(sizes: tuple[int, ...]) -> float:
    """Seconds of what every rank does for itself: the optimizer's step."""
    model = nn.MLP(*sizes, rng=0)
    optimizer = nn.Adam(model.parameters())
    for p in optimizer.params:
        p.grad = np.ones(p.shape, p.dtype)
    return best(optimizer.step)


def main(comm: Any) -> list[str]:
    """The lines of the report."""
    team = Team(comm, max(8, comm.size))
    ones = {c: np.ones(1, np.float32) for c in team.own}
    latency = best(lambda: team.sum(ones, [True] * team.chunks), 200) / 2 / max(1.0, math.log2(team.size))
    lines = [f"{team.size} ranks, batches of {BATCH}, float32; latency {latency * 1e6:.0f} us"]
    for name, sizes in MODELS.items():
        bytes_ = 4 * sum(a * b + b for a, b in itertools.pairwise(sizes))
        vector = {c: np.ones(bytes_ // 4, np.float32) for c in team.own}
        summing, taken, own = (
            best(functools.partial(team.sum, vector, [True] * team.chunks)),
            step(sizes, comm),
            update(sizes),
        )
        line = f"{name}: {bytes_ / 1e6:.2f} MB; in ms: step {taken * 1e3:.2f}, sum {summing * 1e3:.2f}"
        line += f", update {own * 1e3:.2f}"
        if team.size == 1:
            lines.append(line)
            continue
        moved = 2 * bytes_ * (team.size - 1) / team.size
        bandwidth = moved / max(summing - 2 * latency, 1e-9)
        compute = (taken - summing - own) * team.size
        line += f", {moved / 1e6:.2f} MB through a rank, {bandwidth / 1e6:.0f} MB/s; model:"
        for n in 2 ** np.arange(11):
            exchanged = EXCHANGES * latency * math.log2(n) + 2 * bytes_ * (n - 1) / n / bandwidth
            line += f" {n}: {(compute / n + own + exchanged) * 1e3:.2f}"
        lines.append(line)
    return lines


if __name__ == "__main__":
    from mpi4py import MPI

    report = main(MPI.COMM_WORLD)
    if MPI.COMM_WORLD.rank == 0:
        sys.stdout.write("\n".join(report) + "\n")
