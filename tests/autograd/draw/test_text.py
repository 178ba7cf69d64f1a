from __future__ import annotations

import operator

import numpy as np
import pytest

from autograd import affine
from autograd.draw import text
from autograd.draw.scene import Call


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (2.0, [["2"]]),
        (np.array([[0.70710678]]), [["0.7071"]]),
        ([1.0, 0.0, 2.0], [["1", "0", "2"]]),
        (np.array([[0.1234, -1.5], [0.0, 2.25]]), [["0.12", "-1.50"], ["0", "2.25"]]),
        (np.array([1e-9, 2e-9]), [["1e-09", "2e-09"]]),
        (np.array([np.nan, 1.5]), [["nan", "1.50"]]),
        (np.array([np.inf, 1.0]), [["inf", "1"]]),
        (np.array([True, False]), [["1", "0"]]),
        (np.zeros((0, 3)), [["empty"]]),
        (np.arange(8.0).reshape(2, 2, 2), [["0", "1"], ["2", "3"], ["4", "5"], ["6", "7"]]),
        (np.arange(100.0), [["0", "49.5", "99"]]),
        (np.array([1.0, np.nan] * 50, dtype=np.float32), [["nan", "nan", "nan"]]),
    ],
)
def test_numbers_in_rows(x: object, expected: list[list[str]]) -> None:
    assert text.rows(x) == expected


@pytest.mark.parametrize("shape", [(), (1, 1), (6,), (4, 4), (8, 2), (2, 2, 5)])
def test_small_arrays_are_shown_in_full(shape: tuple[int, ...]) -> None:
    assert sum(map(len, text.rows(np.full(shape, 0.5)))) == np.prod(shape)


@pytest.mark.parametrize("shape", [(7,), (9, 1), (5, 5), (1000, 1000)])
def test_large_arrays_are_summarized(shape: tuple[int, ...]) -> None:
    assert text.rows(np.full(shape, 0.5)) == [["0.5", "0.5", "0.5"]]


def test_long_names_keep_both_ends() -> None:
    short = text.shorten("layers.0." + "x" * 10_000 + ".weight")
    assert len(short) == text.MAX_NAME
    assert short.startswith("layers.0.")
    assert short.endswith(".weight")


def test_names_become_one_printable_line() -> None:
    assert text.shorten("a\nb\tc\x00d\u202ee\ud800") == "a b c d e "


def test_wide_characters_take_two_columns() -> None:
    assert text.columns("重み w") == 6


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (Call(np.tanh, 1, [], {}), "tanh"),
        (Call(np.add, 2, [], {}), "+"),
        (Call(np.subtract, 2, [], {}), "a - b"),
        (Call(np.matmul, 2, [], {}), "a @ b"),
        (Call(affine, 3, [], {}), "a @ b + c"),
        (Call(np.where, 3, [], {}), "where(a, b, c)"),
        (Call(np.maximum, 2, [], {}), "maximum"),
        (Call(np.linalg.inv, 1, [], {}), "inv"),
        (Call(operator.getitem, 1, [(slice(None), slice(1, None, 2), None, ..., 0)], {}), "[:, 1::2, None, ..., 0]"),
    ],
)
def test_operations(call: Call, expected: str) -> None:
    assert text.operation(call) == expected


def test_settings_leave_out_what_says_nothing() -> None:
    assert text.settings(Call(np.sum, 1, [], {"axis": None, "keepdims": False})) == ""
    assert text.settings(Call(np.sum, 1, [], {"axis": 0, "keepdims": True})) == "axis=0, keepdims=True"
    assert text.settings(Call(np.reshape, 1, [(3, 2)], {})) == "(3, 2)"


def test_the_dtype_is_told_only_if_it_is_not_float64() -> None:
    assert text.shape_and_dtype(np.zeros((2, 3))) == "(2, 3)"
    assert text.shape_and_dtype(np.zeros(2, np.float32)) == "(2,) float32"
    assert text.shape_and_dtype(1.5) == ""
