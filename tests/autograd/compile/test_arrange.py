"""Before loops are looked for, equal constants become one."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np
from agreement import agree

from autograd import compile


def test_equal_arrays_that_somebody_else_holds_are_not_one() -> None:
    hidden = ContextVar[Any]("hidden")  # what no trace sees
    hidden.set([np.ones(3) for _ in range(30)])

    def f(x: Any) -> Any:
        for a in hidden.get():
            x = np.sin(x * a)
        return x

    program = compile(f, backend="numpy")
    for _ in range(2):
        agree(program(np.ones(3)), f(np.ones(3)))
        hidden.get()[7][:] = 2.0
