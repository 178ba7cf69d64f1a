"""What NumPy is to do about inf and NaN: programs are silent, so where it is to raise, the function runs itself."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import TraceError, compile

LARGE = np.full(3, 1e3)


@pytest.mark.parametrize("call", [lambda f, x: f(x), lambda f, x: f.prepare(x)()])
def test_where_numpy_raises_the_function_runs_itself(call: Callable[..., Any]) -> None:
    f = compile(lambda x: np.exp(x), backend="numpy")
    for _ in range(3):  # before there is a program, and with one
        with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
            call(f, LARGE)
        heard = io.StringIO()
        with np.errstate(over="log", call=heard):
            call(f, LARGE)
        assert "overflow" in heard.getvalue()
        with np.errstate(over="ignore"):
            np.testing.assert_equal(call(f, LARGE), np.inf)
    assert len(f.entries) == 1


def test_errors_that_numpy_is_to_raise_inside_are_refused() -> None:
    def f(x: Any, how: Any) -> Any:
        with np.errstate(divide=how):
            return np.log(x)

    with pytest.raises(TraceError, match=r"test_refusal.*NumPy is to raise errors"):
        compile(f, backend="numpy")(LARGE, "raise")
    assert compile(f, backend="numpy")(np.zeros(1), "ignore") == -np.inf
