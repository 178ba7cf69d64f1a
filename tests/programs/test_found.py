"""What random programs found: one test each, named after what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Value

THIRD = 1 / 3  # a number that single precision has not


@pytest.mark.parametrize("fun", [np.maximum, np.minimum, np.fmax, np.fmin])
@pytest.mark.parametrize("other", [-1.0, 1.0, np.float64(1.0), np.float32(-1.0)])
def test_a_gradient_passes_a_choice_between_values_in_double_precision(fun: Callable[..., Any], other: Any) -> None:
    for arguments in (lambda x: (x, other), lambda x: (other, x)):
        x = Value(0.5)
        (fun(*arguments(x)) * THIRD).backward()
        assert x.grad in (0.0, THIRD)
