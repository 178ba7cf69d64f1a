"""all_sum: its gradient is that of one function of all parts, wherever the parts are."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, all_sum, grad, jvp, vmap

RNG = np.random.default_rng(0)
PARTS, WEIGHTS = RNG.standard_normal((2, 3, 4))


def in_threads(work: Any) -> list[Any]:
    """What `work(i, over)` gives in each of three threads, where `over` sums over them."""
    barrier, told, made = threading.Barrier(3, timeout=30), [None] * 3, [None] * 3

    def run(i: int) -> None:
        def over(x: Any) -> Any:
            told[i] = x
            barrier.wait()
            total = told[0] + told[1] + told[2]  # type: ignore[operator]
            barrier.wait()
            return total

        made[i] = work(i, over)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return made


def test_its_gradient_is_that_of_the_whole() -> None:
    """The loss is the sum over i of weights_i * (the sum of all parts)^3, of which each has one term and one part."""

    def work(i: int, over: Any) -> Any:
        def loss(x: Any) -> Any:
            return np.sum(WEIGHTS[i] * all_sum(x, over=over) ** 3)

        first = grad(loss)
        return first(PARTS[i]), grad(lambda x: np.sum(first(x) * 0.5))(PARTS[i]), jvp(loss, (PARTS[i],), (PARTS[i],))[1]

    total, weight = PARTS.sum(0), WEIGHTS.sum(0)
    for i, (first, second, forward) in enumerate(in_threads(work)):
        np.testing.assert_allclose(first, 3 * weight * total**2, rtol=1e-12)
        np.testing.assert_allclose(second, 3 * 0.5 * 6 * weight * total, rtol=1e-12)  # the sum over three of the firsts
        assert forward == pytest.approx(np.sum(3 * WEIGHTS[i] * total**3))


def test_it_keeps_float32_and_maps() -> None:
    x = Tensor(np.ones(3), requires_grad=True, dtype=np.float32)
    all_sum(x, over=np.negative).sum().backward()
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(vmap(lambda x: all_sum(x, over=np.negative))(PARTS), -PARTS)
