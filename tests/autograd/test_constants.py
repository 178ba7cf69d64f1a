"""Constants of every dtype give the value and the gradient that the same numbers give in float64.

A rule computes with floats: no sum of small integers wraps around, no quotient has fewer digits than the result.
The tests iterate over the table.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import hypothesis
import numpy as np
import pytest
from arguments import ARGUMENTS, ELEMENTWISE, INSTEAD, TABLE, Call, Function
from hypothesis import given, strategies as st

from autograd import (
    Tensor,
    Value,
    gradients,
    log_softmax,
    logsumexp,
    primitive,
    pullbacks,
    softmax,
    softmax_cross_entropy,
)
from autograd.inspecting import name_of
from autograd.node import Node
from autograd.rules.sequences import geometric
from autograd.table import RULES
from autograd.trees import leaves, rebuild

few = hypothesis.settings(max_examples=3)
OF_NUMBERS = [fun for fun in TABLE if fun is not geometric]  # its weights are fractions
BINARY = [fun for fun in ELEMENTWISE if len(RULES[fun].each) == 2 and None not in RULES[fun].each]
WHOLE = [np.dtype(kind + size) for kind in "iu" for size in "1248"]
DTYPES = [np.dtype(bool), *WHOLE]


def is_number(x: Any) -> bool:
    """Whether an argument is an array of floats."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def in_dtype(x: Any, dtype: np.dtype[Any]) -> Any:
    """Numbers in the order of `x`, which fill the range of a small dtype."""
    x = np.nan_to_num(x)
    if dtype.kind == "b":
        return x > 0
    if dtype.kind == "u":
        return np.clip(100 + 50 * x, 0, 250).astype(dtype)
    return np.clip(50 * x, -125, 125).astype(dtype)


def outcome(fun: Function, call: Call, place: int, constants: Callable[[Any], Any], dtype: Any) -> Any:
    """The results and the gradient by the float array at `place`, all others being constants; or the error's type."""
    given = leaves(call.args)
    places = [i for i, x in enumerate(given) if is_number(x)]
    node = Tensor(given[places[place]], requires_grad=True, dtype=dtype)
    others = {i: constants(given[i]) for i in places}
    args = rebuild(call.args, iter([node if i == places[place] else others.get(i, x) for i, x in enumerate(given)]))
    try:
        with np.errstate(all="ignore"):
            outputs = [y for y in leaves(INSTEAD.get(fun, fun)(*args, **call.kwargs)) if isinstance(y, Node)]
        seeds = [np.cos(np.arange(y.data.size)).reshape(y.shape).astype(y.dtype) for y in outputs]
        return [y.data for y in outputs], gradients(outputs, node, seeds) if outputs else None
    except (ArithmeticError, TypeError, ValueError) as error:
        return type(error), None


@pytest.mark.parametrize("fun", OF_NUMBERS, ids=name_of)
@few
@given(data=st.data())
def test_small_integers_give_what_floats_give(fun: Function, data: st.DataObject) -> None:
    call = data.draw(ARGUMENTS[fun])
    for place in range(sum(map(is_number, leaves(call.args)))):
        for dtype in DTYPES:
            for own, rtol in ((np.float64, 1e-12), (np.float32, 2e-4)):
                expected, slope = outcome(fun, call, place, lambda x, d=dtype: in_dtype(x, d).astype(np.float64), own)
                found, found_slope = outcome(fun, call, place, lambda x, d=dtype: in_dtype(x, d), own)
                if found is TypeError:  # refused, so not wrong
                    continue
                assert isinstance(found, list) == isinstance(expected, list), (dtype, found, expected)
                if isinstance(found, list):
                    for a, b in zip([*found, found_slope], [*expected, slope], strict=True):
                        scale = np.max(np.abs(b), initial=0, where=np.isfinite(b)) if b is not None else 0
                        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * scale, err_msg=f"{dtype} in {own}")
                    assert found_slope is None or found_slope.dtype == own


def slope(fun: Function, inputs: list[Any]) -> Any:
    """The value of fun(*inputs) and its gradient by the first of them that requires one."""
    node = next(x for x in inputs if isinstance(x, Node) and x.requires_grad)
    with np.errstate(all="ignore"):
        y = fun(*inputs)
    return y.data, gradients(y, node, np.ones(y.shape, y.dtype) if isinstance(y, Tensor) else 1.0)


@pytest.mark.parametrize("narrow", [np.float32, np.float16, np.uint8, np.bool_], ids=lambda d: d.__name__)
@pytest.mark.parametrize("fun", BINARY, ids=name_of)
def test_partials_have_the_precision_of_the_result(fun: Function, narrow: Any) -> None:
    numbers = np.array([0.3, 1.7, 3.1] if np.dtype(narrow).kind == "f" else [1, 2, 0]).astype(narrow)
    t = Tensor([2.3, 0.7, 1.9], requires_grad=True)
    for constant in (numbers, numbers[1], numbers[2]):
        others = [constant]
        if np.dtype(narrow).kind == "f" and fun is not np.divide:  # of two tensors, 1 / b has the digits of b
            others.append(Tensor(constant))
        for other, turn in itertools.product(others, (1, -1)):
            found = slope(fun, [t, other][::turn])[1]
            expected = slope(fun, [t, constant.astype(np.float64)][::turn])[1]
            np.testing.assert_allclose(found, expected, rtol=1e-15)


@pytest.mark.parametrize("number", [np.float32(0.3), np.float16(1.7), np.uint8(200), np.int8(-100), np.bool_(True)])
@pytest.mark.parametrize("fun", BINARY, ids=name_of)
def test_numbers_of_numpy_are_floats_to_a_value(fun: Function, number: Any) -> None:
    for turn in (1, -1):
        try:
            expected = slope(fun, [Value(2.3), float(number)][::turn])
        except (ArithmeticError, ValueError):
            continue
        assert slope(fun, [Value(2.3), number][::turn]) == expected


def test_whole_numbers_of_numpy_stay_whole_to_a_value() -> None:
    assert np.round(Value(2.345), np.int64(1)).data == 2.3
    assert (Value(2.0) ** np.uint8(0)).args[1] == 0
    with pytest.raises(TypeError, match="complex"):
        Value(2.0) * np.complex128(1j)


def test_products_and_differences_of_small_integers_do_not_wrap_around() -> None:
    t, u = Tensor([0.25, 0.75], requires_grad=True), np.array([200, 100], np.uint8)
    assert slope(lambda x: np.interp(x, [0.0, 1.0], u), [t])[1].tolist() == [-100.0, -100.0]
    assert slope(lambda x: np.einsum("i,i,i->", u, u, x), [t])[1].tolist() == [40000.0, 10000.0]
    assert slope(lambda x: np.gradient(x, u), [t])[1].tolist() == [0.02, -0.02]
    assert slope(lambda x: np.trapezoid(x, u), [t])[1].tolist() == [-50.0, -50.0]
    assert slope(lambda x: u**x, [t])[1] == pytest.approx([200**0.25 * math.log(200), 100**0.75 * math.log(100)])
    assert slope(lambda x: x ** np.array([0, 128], np.uint8), [t])[1] == pytest.approx([0, 128 * 0.75**127])
    assert slope(lambda x: x ** np.int8(-128), [t])[1] == pytest.approx([-128 / 0.25**129, -128 / 0.75**129])
    assert slope(lambda x: np.diff(u, prepend=x[:1]), [t])[1].tolist() == [-1.0, 0.0]


@pytest.mark.usefixtures("own_rules")
def test_a_rule_of_ones_own_computes_with_floats_too() -> None:
    @primitive
    def difference(a: Any, b: Any, index: Any) -> Any:
        return (a - b)[index]

    pullbacks(difference, lambda g, y, a, b, index: g + (b - 101) * 0.5, None, None)
    x = Tensor([1.0, 2.0], requires_grad=True)
    b, index = np.array([100, 50], np.uint8), np.array([1, 0])
    y = difference(x, b, index)
    assert [v.dtype for v in y.values] == [np.float64, np.uint8, np.intp]  # what has no derivative stays as it is
    pullbacks(difference, lambda g, y, a, b, index: g + (b - 101) * 0.5, lambda g, y, a, b, index: -g, None)
    y = difference(x, b, index)
    assert [v.dtype for v in y.values] == [np.float64, np.float64, np.intp]
    assert gradients(y, x, np.ones(2)).tolist() == [0.5, -24.5]
    b[:] = 0
    assert gradients(y, x, np.ones(2)).tolist() == [0.5, -24.5]


class TestHalves:
    """Counts of more than 65,504 do not fit into float16, and gradients of so many elements do."""

    COUNT = 70_000

    @pytest.mark.parametrize("fun", [np.mean, np.var, np.std, np.max, np.min, np.average, np.nanmean, logsumexp])
    def test_gradients_of_many_halves(self, fun: Function) -> None:
        x = np.random.default_rng(0).integers(-3, 4, self.COUNT).astype(np.float16)
        seed = np.float16(1000)
        with np.errstate(over="ignore"):
            y = fun(half := Tensor(x, requires_grad=True))
        found = gradients(y, half, seed)
        double = Tensor(x, requires_grad=True, dtype=np.float64)
        expected = gradients(fun(double), double, np.float64(1000))
        assert found.dtype == np.float16
        assert np.any(found)
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=6e-8)

    def test_values_of_many_halves(self) -> None:
        x = Tensor(np.zeros(self.COUNT), dtype=np.float16)
        assert softmax(x).data[0] == np.float16(1 / self.COUNT)
        for y in (-log_softmax(x)[0], logsumexp(x), softmax_cross_entropy(x, 0)):
            assert y.dtype == np.float16
            assert float(y) == pytest.approx(math.log(self.COUNT), rel=1e-3)
