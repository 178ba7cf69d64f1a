"""The whole algebra against NumPy, in every dtype, with the numbers that rewrites go wrong at.

`autograd.compile.algebra` states the condition. The expressions here are all that two operations make of arrays and
numbers, and one or more for each rule, also for rules that one would like to have and that the condition forbids.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import Value, compile
from autograd.compile.algebra import ALGEBRA
from autograd.compile.lower import LOWER
from autograd.inspecting import name_of
from autograd.rules.dtypes import cast
from autograd.rules.elementwise import chain, relu, sumprod
from autograd.rules.gates import lstm_cell_state, lstm_gates, lstm_hidden_state
from autograd.rules.products import affine
from autograd.rules.reductions import softmax_cross_entropy, surplus
from autograd.rules.statistics import standardized
from autograd.shapes import spread, sum_to

FLOATS = ("f8", "f4", "f2")
DTYPES = (*FLOATS, "i8", "i4", "u1", "?")
Expression = Callable[[Any, Any], Any]


def nasty(dtype: str, finite: bool = True) -> Any:
    """Numbers of a dtype where something overflows, underflows, rounds, cancels or has a sign of its own."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        limits = np.finfo(kind)
        top, tiny, small, one = limits.max, limits.tiny, limits.smallest_subnormal, kind.type(1)
        found = [
            0.0, 1.0, np.nextafter(one, 2 * one), np.nextafter(one, 0 * one), 0.1, 2.5, 3.0, top, top / 2, top / 3,
            np.nextafter(top / 2, top), np.sqrt(top), tiny, tiny * 1.5, small, 3 * small, np.sqrt(tiny), 1 / tiny,
        ]  # fmt: skip
        found += [-x for x in found] + ([] if finite else [np.inf, -np.inf, np.nan])
        return np.array(found, kind)
    if kind.kind == "b":
        return np.array([False, True])
    limit = np.iinfo(kind)
    wide = [0, 1, 2, 3, 7, 100, 127, 128, 200, 255, limit.max, limit.max - 1, limit.min, limit.min + 1, -1, -3]
    return np.array([x for x in wide if limit.min <= x <= limit.max], kind)


def pairs(a: str, b: str, finite: bool = True) -> tuple[Any, Any]:
    """Each number of one dtype with each of another."""
    x, y = np.meshgrid(nasty(a, finite), nasty(b, finite))
    return x.copy(), y.copy()


def ordered(x: Any) -> Any:
    """Floats as integers in the same order, one apart from the next: -0.0 is one below 0.0."""
    bits = x.view(f"i{x.itemsize}").astype(np.int64)
    return np.where(bits < 0, np.iinfo(f"i{x.itemsize}").min - bits - 1, bits)


def same(found: Any, expected: Any, ulps: int = 0, signs: bool = True) -> None:
    """Arrays of one dtype with the same NaN, inf and signs of zero, and numbers that are at most so far apart."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    if expected.dtype.kind != "f":
        np.testing.assert_array_equal(found, expected)
        return
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.isnan(found), ~number)
    found, expected = np.ascontiguousarray(found[number]), np.ascontiguousarray(expected[number])
    np.testing.assert_array_equal(np.isinf(found), np.isinf(expected))
    if signs:
        np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))
        assert np.all(np.abs(ordered(found) - ordered(expected)) <= ulps)
    else:
        np.testing.assert_array_equal(found, expected)


def answer(f: Callable[..., Any], *args: Any) -> Any:
    """What a function answers, or the kind of its refusal."""
    try:
        with np.errstate(all="ignore"):
            return f(*args)
    except (TypeError, ArithmeticError, ValueError) as error:
        return type(error)


def checked(expressions: dict[str, Expression], x: Any, y: Any, signs: bool = True) -> None:
    """Programs give what NumPy gives: those that it refuses by themselves, all others in one."""
    fine: dict[str, Expression] = {}
    for name, f in expressions.items():
        expected = answer(f, x, y)
        if isinstance(expected, type):
            assert answer(compile(f, backend="numpy"), x, y) is expected, name
        else:
            fine[name] = f
    chosen = [expressions[name] for name in fine]
    program = compile(lambda x, y: [f(x, y) for f in chosen], backend="numpy")
    for _ in range(2):  # the numbers of the trace are not baked in
        for (name, f), ours in zip(fine.items(), program(x, y), strict=True):
            try:
                same(ours, answer(f, x, y), signs=signs)
            except AssertionError as error:
                raise AssertionError(f"{name}: {error}") from error
        x, y = x[::-1].copy(), y[::-1].copy()
    assert len(program.entries) == 1


# --- All that two operations make ------------------------------------------------------------------------------------

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
}  # fmt: skip
NUMBERS = (0, 1, 2, 3, -1, 0.0, -0.0, 1.0, 2.0, 0.5, -0.5, 0.1, 1e30, 1e-30, 1e300, np.float32(0.1), np.float64(1.0))


def with_two_numbers() -> dict[str, Expression]:
    """(x o c) o d and d o (x o c): what joining, moving and cancelling constants would rewrite."""
    found: dict[str, Expression] = {}
    for (s, o), (t, p), c, d in itertools.product(BINARY.items(), BINARY.items(), NUMBERS, NUMBERS):
        found[f"(x {s} {c!r}) {t} {d!r}"] = lambda x, y, o=o, p=p, c=c, d=d: p(o(x, c), d)
        found[f"{d!r} {t} ({c!r} {s} x)"] = lambda x, y, o=o, p=p, c=c, d=d: p(d, o(c, x))
    return found


def of_two_arrays() -> dict[str, Expression]:
    """(x o c) o (y o d), and with signs: what factoring would rewrite."""
    found: dict[str, Expression] = {}
    sides: dict[str, Callable[[Any], Any]] = {
        "{}": lambda x: x,
        "-{}": lambda x: -x,
        "-(-{})": lambda x: np.negative(-x),
    }
    for (s, o), c in itertools.product(BINARY.items(), (0.5, 2.0, 3, 1e30, 1, 0.0)):
        sides[f"({{}} {s} {c!r})"] = lambda x, o=o, c=c: o(x, c)
        sides[f"({c!r} {s} {{}})"] = lambda x, o=o, c=c: o(c, x)
    for (s, f), (t, g), (u, o) in itertools.product(sides.items(), sides.items(), BINARY.items()):
        left, right = s.format("x"), t.format("y")
        found[f"{left} {u} {right}"] = lambda x, y, f=f, g=g, o=o: o(f(x), g(y))
        found[f"-({left} {u} {right})"] = lambda x, y, f=f, g=g, o=o: -o(f(x), g(y))
        found[f"{left} {u} {t.format('x')}"] = lambda x, y, f=f, g=g, o=o: o(f(x), g(x))
    return found


def some(expressions: dict[str, Expression], which: int, of: int) -> dict[str, Expression]:
    """Every so manieth of them, another part for each `which`."""
    return dict(itertools.islice(expressions.items(), which % of, None, of))


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_stay_where_they_are(dtype: str) -> None:
    x, _ = pairs(dtype, dtype)
    checked(some(with_two_numbers(), DTYPES.index(dtype), 31), x, x)


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)))
def test_arrays_of_every_two_dtypes(a: str, b: str) -> None:
    checked(some(of_two_arrays(), DTYPES.index(a) * 5 + DTYPES.index(b), 123), *pairs(a, b))


@pytest.mark.parametrize("dtype", FLOATS)
def test_infinity_and_nan_stay_where_they_are(dtype: str) -> None:
    x, y = pairs(dtype, dtype, finite=False)
    checked(some(with_two_numbers(), 1, 131) | some(of_two_arrays(), 1, 131), x, y)


# --- Each rule -------------------------------------------------------------------------------------------------------

# fmt: off
EACH: dict[Any, list[Expression]] = {
    np.multiply:    [lambda x, y: x * 1, lambda x, y: 1.0 * x, lambda x, y: -x * 3.0, lambda x, y: 3 * -x,
                     lambda x, y: x * 1e30 * 1e30, lambda x, y: x * 2.0 * 0.5, lambda x, y: x * (1 / y),
                     lambda x, y: np.where(x > y, 0.1, -0.2) * 1e300, lambda x, y: x / np.sum(y) * 1e-30,
                     lambda x, y: x * np.full(x.shape, 0.1, np.float32), lambda x, y: x * np.zeros(x.shape) * -1.0],
    np.add:         [lambda x, y: x + 0, lambda x, y: 0.0 + x, lambda x, y: -0.0 + x, lambda x, y: x + -y,
                     lambda x, y: -x + y, lambda x, y: -x + -y, lambda x, y: x * 0.5 + y * 0.5,
                     lambda x, y: 2.0 * x + 2.0 * y, lambda x, y: sum([x, y]), lambda x, y: -x + 1.5],
    np.subtract:    [lambda x, y: x - 0, lambda x, y: x - -0.0, lambda x, y: 0 - x, lambda x, y: x - -y,
                     lambda x, y: 2 * x - 2 * x, lambda x, y: 3 - -x, lambda x, y: -x - -y],
    np.divide:      [lambda x, y: x / 1, lambda x, y: x / 1.0, lambda x, y: 1 / (1 / x),
                     lambda x, y: x / np.ones(x.shape)],
    np.negative:    [lambda x, y: np.negative(-x), lambda x, y: -(x - y), lambda x, y: -(x * 2.0),
                     lambda x, y: -(-x * 2.0)],
    chain:          [lambda x, y: chain(x, 2.0), lambda x, y: chain(1e30, x), lambda x, y: chain(x, y > 0),
                     lambda x, y: chain(x, y), lambda x, y: chain(x, 0.0), lambda x, y: chain(x, 1),
                     lambda x, y: chain(-x, 0.1)],
    np.reshape:     [lambda x, y: np.reshape(np.reshape(x, -1), (1, -1)) + 0, lambda x, y: np.reshape(x, x.shape)],
    np.transpose:   [lambda x, y: x.T.T, lambda x, y: np.transpose(x.T[None]).T],
    np.greater:     [lambda x, y: relu(x) * (x > 0), lambda x, y: relu(x) * (x > -0.0),
                     lambda x, y: [relu(x), x > 0][1]],
    np.logaddexp:   [lambda x, y: np.round(np.logaddexp(0, x), 3), lambda x, y: np.round(np.logaddexp(y, 0.0), 3),
                     lambda x, y: np.logaddexp(x, 1.0) + np.logaddexp(x, y)],
    cast:           [lambda x, y: x.astype(x.dtype), lambda x, y: x.astype(np.float32).astype(np.float64)],
    affine:         [lambda x, y: affine(x[:1, :1], y[:1, :1], y[0, :1]),
                     lambda x, y: affine(x[..., None], y[:1, :3], y[1])],
    np.matmul:      [lambda x, y: x[..., None] @ y[:1, :3], lambda x, y: x[:, None, :1] @ y[:1].T[:1, None] * 1,
                     lambda x, y: x[:0, None] @ y.T, lambda x, y: x[..., None][..., :0] @ y[:0]],
    sum_to:         [lambda x, y, s=s: sum_to(np.broadcast_to(x[:2, :1], (2, 3)) * 1, s)
                     for s in [(3,), (1, 3), (2, 1), (1, 1), (2, 3)]],
    spread:         [lambda x, y: spread(x[0], x.shape, 0), lambda x, y: spread(x[:, :1], x.shape, 1, True),
                     lambda x, y: spread(x[0, 0] * 1, (3,))],
    np.mean:        [lambda x, y: np.mean(x[:2, :3] / 4), lambda x, y: np.mean(x, axis=0), lambda x, y: np.mean(x + x),
                     lambda x, y: np.mean(x[:1], axis=(0, 1), keepdims=True)],
    softmax_cross_entropy: [lambda x, y: softmax_cross_entropy(x, np.arange(len(x)) % x.shape[1])],
    standardized:   [lambda x, y: standardized(x), lambda x, y: standardized(y, axis=(0, 1), eps=0.5)],
    lstm_gates:          [lambda x, y: lstm_gates(x[:, :4]), lambda x, y: lstm_gates(y[:1, :4] * 100)],
    lstm_cell_state:     [lambda x, y: lstm_cell_state(x[:, :4], y[:, :1])],
    lstm_hidden_state:          [lambda x, y: lstm_hidden_state(x[:, :4], y[:, :1])],
    surplus:        [lambda x, y: surplus(x, np.arange(len(x)) % x.shape[1]) * 0.1],
}
# fmt: on


OF_FLOATS = {softmax_cross_entropy, surplus, affine, chain, relu, standardized, lstm_gates, lstm_cell_state,
             lstm_hidden_state}  # fmt: skip


def test_every_rule_has_expressions() -> None:
    assert EACH.keys() == ALGEBRA.keys() | LOWER.keys()


@pytest.mark.parametrize("fun", EACH, ids=name_of)
@pytest.mark.parametrize("dtype", DTYPES)
def test_each_rule(fun: Any, dtype: str) -> None:
    if fun in OF_FLOATS and dtype not in FLOATS:
        pytest.skip("a function of floats")
    expressions = {str(i): f for i, f in enumerate(EACH[fun])}
    checked(expressions, *pairs(dtype, dtype))
    if dtype in FLOATS:
        finite_zeros = fun is not chain  # beside NaN it makes 0 of every zero
        checked(expressions, *pairs(dtype, dtype, finite=False), signs=finite_zeros)


def test_long_columns_are_added_in_the_same_order() -> None:
    rng = np.random.default_rng(3)
    for dtype, shape in itertools.product(FLOATS, [(400, 3), (30, 50, 2), (2, 600), (2000, 1), (3, 400)]):
        x = (rng.standard_normal(shape) * 10.0 ** rng.integers(-3, 3, shape)).astype(dtype)
        last = shape[-1:]
        checked({"sum_to": lambda x, y, last=last: sum_to(x, last), "one": lambda x, y: sum_to(x, (1, 1))}, x, x)


@pytest.mark.parametrize("rows", [3, 20, 50])
@pytest.mark.parametrize("classes", [2, 7, 8, 20, 40])
def test_the_cross_entropy_is_that_of_the_engine(rows: int, classes: int) -> None:
    rng = np.random.default_rng(rows * classes)
    for dtype in FLOATS:
        x = (rng.standard_normal((rows, classes)) * 3).astype(dtype)
        x[0, 0], x[1, 1], x[2, :2] = -np.inf, np.finfo(dtype).min, np.finfo(dtype).max
        labels = np.arange(rows) % classes
        checked({
            "loss": lambda x, y, labels=labels: softmax_cross_entropy(x, labels),
            "slope": lambda x, y, labels=labels: surplus(x, labels) * 0.01,
        }, x, x)  # fmt: skip


# --- Constants, and what is computed once ----------------------------------------------------------------------------


def test_zeros_of_both_signs_and_numbers_of_every_width_are_told_apart() -> None:
    x = nasty("f8")[:6]
    zeros = np.array([0.0, -0.0] * 3)
    for wide, narrow in [("f8", "f4"), ("f4", "f2"), ("f8", "f2")]:
        checked({
            "signs": lambda x, y: x * zeros.astype(x.dtype),
            "signs in one": lambda x, y: [x * np.zeros(6, x.dtype), x * -np.zeros(6, x.dtype)][1],
            "zeros of NumPy's": lambda x, y: [x * np.float32(0.0), x * np.float32(-0.0)][1],
            "a tenth": lambda x, y, n=narrow: x * np.full(6, 0.1, n),
            "ten to the fifth": lambda x, y, n=narrow: x + np.full(6, 60000.0, n),
            "a root": lambda x, y: np.power(x, np.full(6, 0.5, x.dtype)),
        }, x.astype(wide), x.astype(wide))  # fmt: skip


SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.1, 1e308, -1e308, 5e-324, 3.0)


def test_numbers_of_pythons() -> None:
    """Floats as arguments, and Values: Python's arithmetic, exceptions among it."""
    chosen = some(with_two_numbers(), 2, 41) | some(of_two_arrays(), 2, 41)
    for name, f in itertools.islice(chosen.items(), 0, None, 13):
        program = compile(f, backend="numpy")
        for x, y in itertools.islice(itertools.product(SPECIAL, SPECIAL), 0, None, 4):
            expected, found = answer(f, x, y), answer(program, x, y)
            assert type(found) is type(expected), name
            if not isinstance(expected, type):
                same(found, expected)


def test_a_neuron_of_values_adds_as_python_does() -> None:
    """`sum` begins with 0, and from Python 3.12 on keeps what it rounds away."""
    program = compile(lambda a, b, c: sumprod(Value(a), Value(b), Value(c), 1.0, 1.0, 1.0).data, backend="numpy")
    for a, b, c in itertools.product((-0.0, 1e16, 1.0, 0.1), (-0.0, 1.0, -1e16), (-0.0, -1e16, 1.0)):
        same(program(a, b, c), sum([a, b, c]))
