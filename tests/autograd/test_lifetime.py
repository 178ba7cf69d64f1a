"""Deep graphs, the end of graphs, and threads."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autograd import (
    Tensor,
    Value,
    gradients,
    no_grad,
)
from autograd.sweep import toposort


def leaf(data: Any, name: str | None = None) -> Tensor:
    return Tensor(data, requires_grad=True, name=name)


@pytest.fixture
def shallow() -> Iterator[None]:
    """Hardly any room for recursion."""
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 80)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("shallow")
@pytest.mark.parametrize("make", [leaf, Value])
@pytest.mark.parametrize("length", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
class TestDepth:
    def test_chains_go_forward_backward_and_are_freed(self, make: Any, length: int) -> None:
        x = make(1.0)
        y = first = x + 0.0
        for _ in range(length - 1):
            y = y + 1.0
        gone = weakref.ref(first)
        assert y.item() == length
        y.backward()
        assert x.grad == 1.0
        del first
        assert gone() is not None
        del y
        assert gone() is None

    def test_chains_of_gradients_too(self, make: Any, length: int) -> None:
        x = make(1.0)
        y = x
        for _ in range(length // 10):
            y = y * 1.0
        slope = gradients(y * y, x, create_graph=True)
        assert float(gradients(slope, x)) == 2.0


@pytest.fixture
def no_collector() -> Iterator[None]:
    """No garbage collector: what is freed is freed by its reference count."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
class TestLifetime:
    @pytest.mark.parametrize("make", [leaf, Value])
    def test_a_graph_dies_with_its_last_name(self, make: Any) -> None:
        x = make(2.0)
        h = x * x
        h.register_hook(lambda g: g * 1)
        h.retain_grad()
        y = np.exp(h) * h + abs(x)
        nodes = [weakref.ref(node) for node in (h, y, *toposort([y]))]
        y.backward()
        del h
        assert all(node() is not None for node in nodes)
        del y
        assert all(node() is None for node in nodes)

    def test_graphs_of_gradients_die_too(self) -> None:
        x = leaf([2.0, 3.0])
        y = (np.exp(x) * x[::-1]).sum()
        slope = gradients(y, x, create_graph=True)
        nodes = [weakref.ref(node) for node in toposort([y, slope.sum()])]
        del y, slope
        assert all(node() is None for node in nodes)

    def test_leaves_die_with_their_graph(self) -> None:
        x = leaf([2.0, 3.0])
        y = (x.at[0].set(x[1]) * x).sum()
        y.backward()
        gone = weakref.ref(x)
        del x, y
        assert gone() is None


@pytest.fixture
def busy_threads() -> Iterator[None]:
    """Threads take turns as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("busy_threads")
class TestThreads:
    def run(self, work: Any, threads: int = 8) -> list[Any]:
        barrier = threading.Barrier(threads)

        def task(number: int) -> Any:
            barrier.wait()
            return work(number)

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(task, range(threads)))

    def test_each_builds_and_differentiates_graphs_of_its_own(self) -> None:
        def work(number: int) -> list[float]:
            found = []
            for i in range(30):
                x = leaf(float(number + i))
                y = x
                for _ in range(10):
                    y = y * 1.0 + x
                if i % 3 == 0:
                    with no_grad():
                        assert not (x * y).requires_grad
                (y * y).backward()
                found.append(float(x.grad))
            return found

        assert self.run(work) == [[2.0 * 121 * (number + i) for i in range(30)] for number in range(8)]

    def test_they_may_share_a_leaf(self) -> None:
        shared = leaf(np.zeros(3))

        def work(number: int) -> None:
            for _ in range(50):
                (shared * (number + 1.0)).sum().backward()

        self.run(work)
        np.testing.assert_array_equal(shared.grad, np.full(3, 50.0 * 36))

    def test_they_may_share_a_graph(self) -> None:
        x = leaf(2.0)
        y = x
        for _ in range(50):
            y = y * 1.0 + x
        found = self.run(lambda number: float(gradients(y, x)))
        assert found == [51.0] * 8
