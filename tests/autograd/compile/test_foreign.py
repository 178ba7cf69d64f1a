"""Arrays that compute by rules of their own, masks, labels, another product: as in eager, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import TraceError, compile

X = np.ones(2)


def masked() -> Any:
    """An array with a mask."""
    return np.ma.array([1.0, 2.0], mask=[0, 1])


def series() -> Any:
    """A column of pandas."""
    return pytest.importorskip("pandas").Series([1.0, 2.0])


def table() -> Any:
    """A table of pandas with text in it."""
    return pytest.importorskip("pandas").DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("make", [masked, series, lambda: np.matrix([[1.0, 2.0], [3.0, 4.0]])])
@pytest.mark.parametrize("f", [lambda x: x * x, lambda x: np.sum(x), lambda x: np.mean(x * 2.0)])
def test_arguments_are_as_in_eager(make: Callable[[], Any], f: Callable[[Any], Any]) -> None:
    program, x = compile(f), make()
    for _ in range(2):
        found, expected = program(x), f(x)
        assert type(found) is type(expected)
        assert str(found) == str(expected)
    if make is series:
        x.iloc[0] = 5.0
        assert str(program(x)) == str(f(x))


def test_what_a_function_reads_from_one_is_compared_in_each_call() -> None:
    column, data, mask = series(), table(), masked()

    def f(x: Any) -> Any:
        return x + np.sum(column.to_numpy()) + data["a"].iloc[1] + np.sum(mask)

    program = compile(f)
    for change in (
        lambda: None,
        lambda: column.__setitem__(0, 7.0),
        lambda: data.__setitem__("a", [3.0, 4.0]),
        lambda: mask.__setitem__(0, 9.0),
        lambda: setattr(mask, "mask", False),
    ):
        change()
        np.testing.assert_array_equal(program(X), f(X))


@pytest.mark.parametrize("f", [lambda x, held: np.sum(x * held), lambda x, held: (x, held * 2)])
@pytest.mark.parametrize("make", [masked, series])
def test_what_meets_one_is_refused(f: Callable[[Any, Any], Any], make: Callable[[], Any]) -> None:
    held = make()
    with pytest.raises(TraceError, match=r"MaskedArray|Series"):
        compile(lambda x: f(x, held))(X)
