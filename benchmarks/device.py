"""A training step on a GPU, beside torch's there: `python -m benchmarks.device`, where CuPy and torch see one.

The dense classifiers of `benchmarks.cases`, and one that is wide enough to keep a GPU busy: forward, backward, a step
of SGD; microseconds, the median of rounds in turns. Who waits for the device waits once a round.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import cupy
import torch

import nn
from autograd import Tensor
from benchmarks.cases import CASES, LR, Case

WIDE = Case((4096, 4096, 4096, 10), 4096)
ROUNDS, STEPS = 15, 20
Step = Callable[[], Any]


def ours(case: Case) -> Step:
    """A step of `nn`, its parameters, inputs and labels on the device."""
    model = nn.MLP(*case.sizes, activation="tanh", rng=0)
    layers = [each for each in model.modules() if isinstance(each, nn.Dense)]
    for layer, (W, b) in zip(layers, case.weights(), strict=True):
        layer.W.data, layer.b.data = cupy.asarray(W), cupy.asarray(b)
    X, y = (cupy.asarray(x) for x in case.data())
    inputs, optimizer = Tensor(X), nn.SGD(model.parameters(), lr=LR)

    def step() -> Any:
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(inputs), y)
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def torchs(case: Case) -> Step:
    """The same of torch."""
    layers: list[torch.nn.Module] = []
    for (inputs, units), (W, b) in zip(pairwise(case.sizes), case.weights(), strict=True):
        layer = torch.nn.Linear(inputs, units, device="cuda")
        layer.weight.data, layer.bias.data = torch.tensor(W.T.copy()).cuda(), torch.tensor(b).cuda()
        layers += [layer, torch.nn.Tanh()]
    model = torch.nn.Sequential(*layers[:-1])
    X, y = (torch.tensor(x).cuda() for x in case.data())
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)

    def step() -> Any:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(X), y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return loss.detach()

    return step


def microseconds(step: Step) -> float:
    """Those of a step, until the device has done all."""
    cupy.cuda.Device().synchronize()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    cupy.cuda.Device().synchronize()
    torch.cuda.synchronize()
    return 1e6 * (time.perf_counter() - start) / STEPS


def main() -> None:
    """Every case, and whether the losses agree."""
    torch.backends.cuda.matmul.allow_tf32 = False
    card = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    print(f"{card}, CuPy {cupy.__version__}, torch {torch.__version__}")
    for case in (*CASES, WIDE):
        steps = [ours(case), torchs(case)]
        losses = [[float(step()) for _ in range(5)] for step in steps]
        apart = max(abs(a - b) for a, b in zip(*losses, strict=True))
        times = [[microseconds(step) for step in steps] for _ in range(ROUNDS)]
        us, peer = map(statistics.median, zip(*times, strict=True))
        print(f"{case.name:32} {us:8.0f} us {peer:8.0f} us {us / peer:6.2f} times torch's; losses {apart:.0e} apart")


if __name__ == "__main__":
    main()
