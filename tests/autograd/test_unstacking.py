"""unstack: the parts of an array, and gradients that do not cost the array again for each."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import agree, same

from autograd import Tensor, grad, unstack

X = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
def test_parts_are_those_of_numpy(axis: int) -> None:
    parts = unstack(Tensor(X), axis)
    assert len(parts) == X.shape[axis]
    for i, part in enumerate(parts):
        same(part.data, np.take(X, i, axis))


def test_gradients_come_together() -> None:
    weights = np.arange(1.0, 8.0)
    agree(grad(lambda x: sum(w * (part**2).sum() for w, part in zip(weights, unstack(x))))(np.ones((7, 2))),
          2 * weights[:, None] * np.ones((7, 2)))  # fmt: skip


def test_many_parts_are_cut_from_larger_ones() -> None:
    x = Tensor(np.arange(300.0).reshape(2, 150), requires_grad=True)
    parts = unstack(x, axis=1)
    for i, part in enumerate(parts):
        same(part.data, x.data[:, i])
    sum(i * part.sum() for i, part in enumerate(parts)).backward()
    same(x.grad, np.tile(np.arange(150.0), (2, 1)))


def test_an_axis_without_length_has_no_parts() -> None:
    assert unstack(Tensor(np.ones((2, 0))), axis=1) == []
