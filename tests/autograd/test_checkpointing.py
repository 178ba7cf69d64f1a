"""checkpoint: the same gradients, from a graph that is built again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import StaleGraphError, Tensor

X = np.array([0.3, -1.2, 0.7])


def test_checkpoint_gives_the_gradients_of_arguments_and_closures() -> None:
    def segment(t: Any) -> Any:
        return np.tanh(t * w) * w

    results = []
    for run in (segment, ag.checkpoint(segment)):
        w, t = Tensor([1.0, 2.0, 3.0], requires_grad=True), Tensor(X, requires_grad=True)
        run(run(t * 2)).sum().backward()
        results.append((t.grad, w.grad))
    np.testing.assert_allclose(results[1][0], results[0][0], rtol=1e-14)
    np.testing.assert_allclose(results[1][1], results[0][1], rtol=1e-14)
    ag.check_grads(lambda x: ag.checkpoint(segment)(x) * x, X, order=3)


def test_checkpoint_keeps_one_node_and_refuses_another_result() -> None:
    t = Tensor(X, requires_grad=True)
    y = ag.checkpoint(lambda x: np.exp(np.tanh(x) * x))(t)
    assert [arg for arg in y.args if isinstance(arg, Tensor)] == [t]
    rng = np.random.default_rng(0)
    y = ag.checkpoint(lambda x: x * rng.standard_normal(3))(t).sum()
    with pytest.raises(StaleGraphError, match="gave another result when it was run again"):
        y.backward()
    assert t.grad is None
