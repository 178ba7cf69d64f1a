"""The first number that is not finite: which box, which step, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value
from autograd.draw.scene import look_at
from autograd.draw.story import Story


def story(root: Any) -> Story:
    return Story(look_at(root, True, 200))


def vector(*numbers: float) -> Tensor:
    return Tensor(list(numbers), True, name="x")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("make", "symbol", "reason"),
    [
        (lambda: np.sum(np.log(vector(1.0, 0.0))), "v1", "log(0) = -inf at [1]: it is infinite there"),
        (lambda: np.sum(np.sqrt(vector(-2.0)) * 3), "v1", "sqrt(-2) = nan at [0]: it is not defined there"),
        (lambda: np.sum(np.exp(vector(1000.0)) + 1), "v1", "exp(1000) = inf at [0]: the result is larger"),
        (lambda: np.sum(2 / vector(0.0, 1.0)), "v1", "2 / 0 = inf at [0]: it is infinite there"),
        (lambda: np.sum(vector(1.0, np.nan) * 2), "x", "x holds nan at [1]: it was given so"),
        (lambda: Value(1e200, "x") * 1e200 - 1, "v1", "1e+200 × 1e+200 = inf: the result is larger"),
    ],
)
def test_the_first_is_found_with_its_reason(make: Any, symbol: str, reason: str) -> None:
    found = story(make())
    assert found.culprit is not None
    assert found.symbols[found.culprit.box] == symbol
    assert reason in found.culprit.reason
    step = found.steps[found.culprit_since(found.culprit.box) or 0]
    assert found.culprit.reason in step.words or step.phase == "start"
    others = [i for i in range(len(found.symbols)) if i != found.culprit.box]
    assert [found.culprit_since(i) for i in others] == [None] * len(others)


def test_one_that_first_comes_back_is_found_on_its_edge() -> None:
    found = story(np.sum(np.sqrt(vector(4.0, 0.0))))
    assert found.culprit is not None
    assert found.symbols[found.culprit.box] == "x"
    assert "inf comes back from v1 to x at [1]: the local derivative is infinite" in found.culprit.reason
    step = found.steps[found.culprit_since(found.culprit.box) or 0]
    assert step.phase == "backward"
    assert found.culprit.reason in step.words


def test_finite_graphs_have_none() -> None:
    assert story(np.sum(np.log(vector(1.0, 2.0)))).culprit is None
