"""The simplifier: each rule saves what it is there to save, and changes no number, also not inf, NaN and 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree, same

import nn
from autograd import Tensor, compile, grad, log_softmax, softmax, value_and_grad
from autograd.rules.elementwise import chain, clip, relu
from autograd.rules.products import affine
from autograd.rules.reductions import softmax_cross_entropy
from autograd.shapes import spread, sum_to

SPECIAL = np.array([0.0, -0.0, 1.0, -2.5, 1e-300, 1e300, 5e-324, np.inf, -np.inf, np.nan])
EACH, OTHER = (part.copy() for part in np.meshgrid(SPECIAL, SPECIAL))
X, Y = np.random.default_rng(2).standard_normal((2, 3, 4))


def source(f: Callable[..., Any], *args: Any) -> str:
    """The program without its name and comments."""
    program = compile(f, backend="numpy")
    program(*args)
    lines = [line.strip() for line in program.source.splitlines()[1:]]
    return "\n".join(line for line in lines if line and not line.startswith("#"))


# What is written, and how often each of these is left of it.
# fmt: off
ALGEBRA: dict[str, tuple[Callable[..., Any], dict[str, int]]] = {
    "x * 1":               (lambda x, y: x * 1, {"*": 0}),
    "1.0 * x":             (lambda x, y: 1.0 * x, {"*": 0}),
    "x + -0.0":            (lambda x, y: x + -0.0, {"+": 0}),
    "x - 0":               (lambda x, y: x - 0, {"-": 0}),
    "x / 1":               (lambda x, y: x / 1, {"/": 0}),
    "-(-x)":               (lambda x, y: np.negative(-x), {"-": 0, "negative": 0}),
    "x + -y":              (lambda x, y: x + -y, {"+": 0, "-": 1, "negative": 0}),
    "-x + y":              (lambda x, y: -x + y, {"+": 0, "-": 1, "negative": 0}),
    "x - -y":              (lambda x, y: x - -y, {"+": 1, "negative": 0}),
    "-x * 3.0":            (lambda x, y: -x * 3.0, {"*": 1, "negative": 0}),
    "x + -(x * y)":        (lambda x, y: x + -(x * y), {"+": 0, "negative": 0}),
    "(x * y).T.T":         (lambda x, y: (x * y).T.T, {".T": 0}),
    "x.T.T":               (lambda x, y: x.T.T, {".T": 0}),
    "reshape twice":       (lambda x, y: np.reshape(np.reshape(x, -1), (-1, 1)), {"reshape": 1}),
    "reshape to the same": (lambda x, y: np.reshape(x, x.shape), {"reshape": 0}),
    "a cast to the same":  (lambda x, y: x.astype(x.dtype), {"astype": 0}),
    "the same twice":      (lambda x, y: np.exp(x * y) + np.exp(x * y), {"exp": 1}),
    "what nobody needs":   (lambda x, y: (np.exp(x), x * y)[1], {"exp": 0}),
    "constants":           (lambda x, y: x * (np.full(3, 2.0).sum() - 5.0), {"sum": 0, "*": 0}),
    "equal numbers":       (lambda x, y: x * np.full(x.shape, 3.0), {"* 3.0": 1}),
    "a stretched operand": (lambda x, y: x + np.broadcast_to(np.sum(y), x.shape), {"broadcast_to": 0}),
    "chain by a number":   (lambda x, y: chain(x, 2.0), {"chain": 0}),
}
# fmt: on


@pytest.mark.parametrize("name", ALGEBRA)
def test_algebra_saves_work(name: str) -> None:
    f, left = ALGEBRA[name]
    text = source(f, X, Y)
    for part, times in left.items():
        assert text.count(part) == times, text


@pytest.mark.parametrize("name", ALGEBRA)
def test_algebra_changes_no_number(name: str) -> None:
    f, _ = ALGEBRA[name]
    program = compile(f, backend="numpy")
    for dtype in (np.float64, np.float32):
        with np.errstate(all="ignore"):
            x, y = EACH.astype(dtype), OTHER.astype(dtype)
            found, expected = program(x, y), f(x, y)
            again, after = program(-x, y), f(-x, y)  # other numbers than those that were traced
        same(found, expected)
        same(again, after)


@pytest.mark.parametrize("name", ALGEBRA)
@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.bool_])
def test_algebra_leaves_integers_what_they_are(name: str, kind: type) -> None:
    f, _ = ALGEBRA[name]
    x, y = (np.arange(12).reshape(3, 4) % 5).astype(kind), np.ones((3, 4), kind)
    try:
        expected = f(x, y)
    except TypeError as error:  # minus of booleans
        with pytest.raises(TypeError, match=str(error)[:30]):
            compile(f, backend="numpy")(x, y)
        return
    same(compile(f, backend="numpy")(x, y), expected)


def test_keywords_are_not_forgotten() -> None:
    for f in (
        lambda x: np.reshape(np.reshape(x, (4, 3), order="F"), (2, 6)),
        lambda x: np.transpose(np.transpose(x, (1, 0))),
        lambda x: np.transpose(np.transpose(x[None], (1, 2, 0))),
        lambda x: -np.negative(x, dtype=np.float32),
        lambda x: np.sum(x, axis=0, keepdims=True) + np.sum(x, axis=0),
        lambda x: np.sum(x, axis=0, initial=3.0) + np.sum(x, axis=0),
        lambda x: np.std(x, ddof=1) - np.std(x),
    ):
        same(compile(f, backend="numpy")(X), f(X))


# What the project computes by functions of its own, and what it becomes.
# fmt: off
LOWERED: dict[str, tuple[Callable[..., Any], str]] = {
    "affine":      (lambda x, y: affine(x, y.T, x[0, :3]), "affine"),
    "sum_to":      (lambda x, y: [sum_to(x, shape) for shape in [(4,), (1, 4), (3, 1), (1, 1), (), (3, 4)]], "sum_to"),
    "spread":      (lambda x, y: [spread(x[0], (3, 4), 0), spread(x[:, 0], (3, 4), 1), spread(np.sum(x), (3, 4))],
                    "spread"),
    "np.mean":     (lambda x, y: [np.mean(x), np.mean(x, axis=0), np.mean(x, axis=(0, 1), keepdims=True)], "np.mean"),
    "relu":        (lambda x, y: relu(x), "autograd.relu"),
    "np.matmul":   (lambda x, y: np.stack([x, y]) @ x.T + affine(np.stack([y, x]), x.T, x[0, :3]), "matmul"),
}
# fmt: on


@pytest.mark.parametrize("name", LOWERED)
def test_functions_of_the_project_become_numpy(name: str) -> None:
    f, gone = LOWERED[name]
    assert gone not in source(f, X, Y)
    for dtype in (np.float64, np.float32, np.float16):
        x, y = X.astype(dtype), Y.astype(dtype)
        agree(compile(f, backend="numpy")(x, y), f(x, y))
    with np.errstate(all="ignore"):
        x, y = SPECIAL[:12].repeat(2)[:12].reshape(3, 4), np.ones((3, 4))
        same(compile(f, backend="numpy")(x, y), f(x, y))


@pytest.mark.parametrize("rows", [3, 50])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_cross_entropy_is_exact_at_any_magnitude(rows: int, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((rows, 4)).astype(dtype)
    labels = rng.integers(0, 4, rows)
    logits[0] = -np.inf
    logits[1] = [0, -np.inf, np.finfo(dtype).max / 2, 3]
    logits[2] = [-np.inf, 1e4, -1e4, 0]
    for label in range(4):
        labels[:3] = label
        for loss in (softmax_cross_entropy, lambda x, y: -np.take_along_axis(log_softmax(x), y[:, None], 1)):
            both = value_and_grad(lambda x, y, loss=loss: np.sum(loss(x, y)))
            program = compile(both, backend="numpy")
            with np.errstate(all="ignore"):
                agree(program(logits, labels), both(logits, labels))


def test_zero_times_infinity_is_zero() -> None:
    f = grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0) + np.where(x > 0, np.log(x), x)))
    slope = compile(f, backend="numpy")
    with np.errstate(divide="ignore"):  # the forward pass, while it is traced
        same(slope(np.array([4.0, 0.0, 1.0])), np.array([0.5, 1.0, 1.5]))
    same(slope(np.array([0.0, 0.0, 1.0])), np.array([1.0, 1.0, 1.5]))
    for f in (softmax, log_softmax):
        slopes = compile(grad(lambda x, f=f: f(x)[1]), backend="numpy")
        assert slopes(np.array([-np.inf, 1.0, 1.0]))[0] == 0
    with np.errstate(all="ignore"):
        same(compile(chain, backend="numpy")(EACH, OTHER), chain(EACH, OTHER))


def table_of(n: int) -> Any:
    """A new array of the same numbers each time."""
    return np.arange(4.0 * n).reshape(4, n)


def test_constants_of_others_are_read_and_ones_own_are_merged() -> None:
    table = np.arange(4.0)
    view = table[1:]

    def f(x: Any) -> Any:
        return [-(table - x), x * table * table, -(x[:3] * view), np.ones(4) * x + np.ones(4), table @ x]

    program = compile(f, backend="numpy")
    for _ in range(3):
        table += 1
        same(program(X[0]), f(X[0]))
    own = compile(lambda x: x @ table_of(3) + (x * 2) @ table_of(3), backend="numpy")
    own(X)
    assert own.source.count(", c)") == 2  # one constant


def test_arrays_that_only_a_rule_looks_at_are_read_too() -> None:
    logits, labels = X.copy(), np.array([0, 1, 2])
    losses = compile(lambda y: softmax_cross_entropy(logits, y), backend="numpy")
    both = compile(grad(lambda x: affine(x, logits, labels[:1]).sum()), backend="numpy")
    losses(labels), both(np.ones(3))
    logits[0] = [5.0, 0.0, 0.0, 0.0]
    same(losses(labels), softmax_cross_entropy(logits, labels))
    agree(both(np.ones(3)), logits.sum(axis=1))


def test_dtypes_survive() -> None:
    w = Tensor(X.astype(np.float32), requires_grad=True)

    def step(x: Any) -> Any:
        loss = ((w * x).sum() * np.ones((), np.float32) * 2.0 + np.float32(1.0)) ** 2
        loss.backward()
        return loss.numpy(), (w * np.float32(0.1)).mean().numpy()

    program = compile(step, backend="numpy")
    for _ in range(2):
        w.grad = None
        assert {np.asarray(part).dtype for part in (*program(Y.astype(np.float32)), w.grad)} == {np.dtype(np.float32)}


def test_numbers_of_numpys_stay_so() -> None:
    one = np.ones(())
    for f in (lambda x: x * np.ones(()), lambda x: x * one, lambda x: x * np.float64(1.0), lambda x: x * 1.0):
        assert type(compile(f, backend="numpy")(2.0)) is type(f(2.0))


def test_a_number_of_single_precision_stays_one_where_a_function_makes_an_array_of_it() -> None:
    program = compile(lambda x: np.sin(clip(np.float32(1.2), Tensor(x), -1.5)), backend="numpy")
    x = np.array(-0.8, np.float32)
    for _ in range(2):
        assert program(x).dtype == np.float32


def test_a_function_that_refuses_zeros_is_not_asked_for_their_kind() -> None:
    slope = grad(lambda x, y: np.sum(np.geomspace(np.broadcast_to(x, (3,)), y, num=4)))
    agree(compile(slope, backend="numpy")(X[0, :1] ** 2, Y[0, :3] ** 2), slope(X[0, :1] ** 2, Y[0, :3] ** 2))


def test_a_layer_is_a_product_a_sum_and_an_activation() -> None:
    model = nn.Dense(4, 3, activation="tanh", rng=0, dtype=np.float64)
    text = source(lambda x: model(x), X)
    assert text == "z1 = np.dot(x, W)\nz1 += b\na1 = np.tanh(z1, out=z1)\nreturn a1,"
