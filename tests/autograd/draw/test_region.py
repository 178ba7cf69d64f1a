"""Which box is the decision of a network, found in its graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd.draw.live import live
from autograd.draw.region import Region
from autograd.draw.scene import look_at
from autograd.draw.story import Story

X = np.random.default_rng(0).normal(size=(10, 2))
ABOVE = X[:, :1] > 0


def found(loss: Any) -> tuple[Region | None, str]:
    """The region of a loss, and how its output is written."""
    story = Story(look_at(loss, True, 200))
    made = live(story)
    assert made.script, made.reason
    return made.region, story.written(made.region.output) if made.region else ""


@pytest.mark.parametrize(
    ("loss", "middle", "written"),
    [
        (lambda z: nn.bce_with_logits(z, ABOVE.astype(float)), 0.0, "@"),
        (lambda z: nn.mse(z, np.where(ABOVE, 1.0, -1.0)), 0.0, "@"),
        (lambda z: nn.mse(z, np.where(ABOVE, 1.0, 0.0)), 0.5, "@"),
        (lambda z: np.mean(np.maximum(0, 1 - z * np.where(ABOVE, 1.0, -1.0))), 0.0, "@"),
        (lambda z: np.mean((autograd.sigmoid(z) - ABOVE.astype(float)) ** 2), 0.5, "sigmoid"),
    ],
)
def test_one_output(loss: Callable[[Any], Any], middle: float, written: str) -> None:
    region, text = found(loss(nn.MLP(2, 4, 1, activation="tanh", rng=0)(X)))
    assert region is not None
    assert region.middle == middle
    assert region.classes == tuple(ABOVE[:, 0].astype(int))
    assert written in text


def test_several_outputs() -> None:
    labels = np.arange(10) % 3
    region, _ = found(nn.cross_entropy(nn.MLP(2, 4, 3, activation="tanh", rng=0)(X), labels))
    assert region is not None
    assert region.middle is None
    assert region.classes == tuple(labels)


def test_rows_that_depend_on_each_other_decide_nothing() -> None:
    z: Any = autograd.Tensor(X, name="X") @ autograd.Tensor(np.ones((2, 1)), True, name="W")
    assert found(np.mean((z - np.mean(z)) ** 2 * ABOVE))[0] is None
    assert found(np.mean(z**2) * np.ones(10)[0])[0] is not None


def test_a_region_has_no_part_in_a_graph_that_cannot_follow() -> None:
    few: Any = autograd.Tensor(X[:2], name="X") @ autograd.Tensor(np.ones((2, 1)), True, name="W")
    assert found(np.mean(few**2))[0] is None  # two points
