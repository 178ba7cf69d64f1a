"""Early stopping: patience, what better means, the best weights, and its state."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
from nn.learning.stopping import EarlyStopping, monitored


def watch(stopping: EarlyStopping, values: list[float]) -> tuple[int, float]:
    """After how many values it stops, and the weight, the number of an epoch, that it goes back to."""
    model = nn.Dense(1, 1, bias=False)
    for epoch, value in enumerate(values, start=1):
        model.W.data[...] = epoch
        stopping.update(value, model)
        if stopping.done:
            break
    stopping.restore(model)
    return epoch, float(model.W.numpy()[0, 0])


@pytest.mark.parametrize(
    ("options", "values", "expected"),
    [
        ({"patience": 1}, [3, 2, 1, 1, 0], (4, 3)),
        ({"patience": 2}, [3, 2, 2.5, 1.9, 2, 2, 0], (6, 4)),
        ({"patience": 2}, [5, 4, 3, 2], (4, 4)),  # it never stops, and the last one is the best
        ({"patience": 9}, [5, 1, 3, 2], (4, 2)),
        ({"patience": 2, "min_delta": 0.5}, [3, 2.6, 2.4, 2.3, 2.2], (5, 3)),
        ({"patience": 2, "monitor": "val_accuracy"}, [0.1, 0.9, 0.5, 0.5], (4, 2)),
        ({"patience": 2, "monitor": "reward", "mode": "max"}, [1, 2, 1, 1], (4, 2)),
        ({"patience": 2}, [3, math.nan, 2, math.nan, math.nan], (5, 3)),
        ({"patience": 2}, [math.nan, math.nan], (2, 2)),  # nothing was best: the model keeps what it has
    ],
)
def test_when_it_stops_and_where_it_goes_back_to(
    options: dict[str, Any], values: list[float], expected: tuple[int, float]
) -> None:
    assert watch(EarlyStopping(**options), values) == expected


def test_the_weights_it_keeps_are_a_copy() -> None:
    model, stopping = nn.Dense(1, 1, bias=False), EarlyStopping(1)
    model.W.data[...] = 1
    stopping.update(1.0, model)
    model.W.data[...] = 2
    stopping.restore(model)
    np.testing.assert_array_equal(model.W.numpy(), [[1]])


def test_it_goes_on_from_its_state() -> None:
    model, first, second = nn.Dense(1, 1), EarlyStopping(3), EarlyStopping(3)
    for value in (2.0, 1.0, 3.0, 3.0):
        first.update(value, model)
    second.load_state_dict(first.state_dict())
    done = [second.done]
    second.update(1.5, model)
    done.append(second.done)
    second.reset()
    done.append(second.done)
    assert done == [False, True, False]
    assert second.state_dict() == EarlyStopping(3).state_dict()


def test_what_is_monitored() -> None:
    assert monitored(None, ["loss", "val_loss"]) == "val_loss"
    assert monitored(None, ["loss", "f1"]) == "loss"
    assert monitored("f1", ["loss", "f1"]) == "f1"
    with pytest.raises(ValueError, match=r"no 'val_f1' to monitor: this training measures loss, f1"):
        monitored("val_f1", ["loss", "f1"])


def test_refusals() -> None:
    with pytest.raises(ValueError, match="patience must be at least 1 epoch, got 0"):
        EarlyStopping(0)
    with pytest.raises(ValueError, match="min_delta must be at least 0"):
        EarlyStopping(1, min_delta=-1)
    with pytest.raises(ValueError, match="is reward better when it is high"):
        EarlyStopping(1, monitor="reward")
