"""Matrices that a loop multiplies with: laid out in rows before, where that takes less time than it saves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from agreement import agree

from autograd import compile, grad

RNG = np.random.default_rng(5)
W = RNG.standard_normal((6, 6)) / 3


@pytest.mark.parametrize(("rows", "turns", "copies"), [(20, 30, 1), (3, 30, 0), (20, 6, 0)])
def test_a_product_with_columns_in_every_turn_has_them_in_rows(rows: int, turns: int, copies: int) -> None:
    def f(W: Any, x: Any) -> Any:
        for _ in range(turns):
            x = np.tanh(x @ W)
        return np.sum(x * x)

    x = RNG.standard_normal((rows, 6))
    program = compile(grad(f), backend="numpy")
    for V in (W, -W):
        agree(program(V, x), grad(f)(V, x), ulps=64)
    assert program.source.count("np.copy(W.T, order='C')") == copies
