"""What a traced function cannot do: it is told so, with file, line and the way out, and nothing has happened."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree

import nn
from autograd import Tensor, TraceError, Value, compile, grad
from autograd.recording import recording

X = np.array([3.0, 1.0, 2.0])
TABLE = np.arange(9.0)


def branch(x: Any) -> Any:
    return x if x.sum() > 0 else -x


def in_place(x: Any) -> Any:
    y = x
    y += 1
    return y


def computed_in_place(x: Any) -> Any:
    y = 2 * x
    y *= 2
    return y


def assigned(x: Any) -> Any:
    y = 2 * x
    y[0] = 1.0
    return y


def written_to(x: Any) -> Any:
    array = np.zeros(3)
    array[:] = x
    return array


def one_written_to(x: Any) -> Any:
    array = np.zeros(3)
    array[0] = x[0]  # NumPy raises a ValueError of its own
    return array


def added_to(x: Any) -> Any:
    array = np.zeros(3)
    array += x
    return array


ARRAY_NUMBERS = r"known only when the program runs"
SHAPE = r"every shape is known beforehand.*np\.where"
REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a branch": (branch, r"a branch on the truth of .*np\.where, or branch outside"),
    "while": (lambda x: [1 for _ in iter(lambda: bool(x[0] > 0), False)], "a branch"),
    "and": (lambda x: x[0] > 0 and x, "a branch"),
    "max()": (lambda x: max(x), "a branch"),
    "in": (lambda x: 3.0 in x, "a branch"),
    "sorted()": (lambda x: sorted(x), "a branch"),
    "float()": (lambda x: float(x[0]), r"float\(\)"),
    "int()": (lambda x: int(x[0]), r"int\(\)"),
    "math": (lambda x: math.sqrt(x[0]), r"float\(\)"),
    "item()": (lambda x: x[0].item(), r"item\(\)"),
    "tolist()": (lambda x: x.tolist(), r"tolist\(\)"),
    "round()": (lambda x: round(x[0]), r"round\(\)"),
    "print()": (lambda x: print(x), r"print\(\)"),  # noqa: T201 - it is what is refused
    "str()": (lambda x: str(x), r"str\(\)"),
    "a format": (lambda x: f"{x[0]:.3f}", "a format"),
    "%": (lambda x: "%.3f" % x[0], r"float\(\)"),  # noqa: UP031
    "np.asarray": (lambda x: np.asarray(x), ARRAY_NUMBERS),
    "np.array": (lambda x: np.array([x, x]), ARRAY_NUMBERS),
    "range()": (lambda x: list(range(x.argmax())), "for an index"),
    "an index of a list": (lambda x: [1, 2, 3][x.argmax()], r"for an index.*Tensor\(a\)\[i\]"),
    "an index of an array": (lambda x: np.arange(9)[x.astype(int)], r"known only .*Index a Tensor.*take_along_axis"),
    "an assignment": (assigned, r"an assignment into an array.*t\.at\[index\]\.set"),
    "an assignment of it": (written_to, ARRAY_NUMBERS),
    "an assignment of a number of it": (one_written_to, r"float\(\)"),
    "+= on an argument": (in_place, r"\+=.*write a = a \+ b"),
    "*= on a result": (computed_in_place, r"\+=.*write a = a \+ b"),
    "+= on another array": (added_to, r"\+=.*write a = a \+ b"),
    "out=": (lambda x: np.add(x, 1, out=np.zeros(3)), r"out="),
    "np.copyto": (lambda x: np.copyto(TABLE[:3], x), "changes an array or writes a file"),
    "np.savetxt": (lambda x: np.savetxt(io.StringIO(), x), "changes an array or writes a file"),
    "np.array2string": (lambda x: np.array2string(x), "answers with a str"),
    "a mask": (lambda x: x[x > 1], SHAPE),
    "a mask of a tensor": (lambda x: Tensor(x)[x > 1], SHAPE),
    "np.nonzero": (lambda x: np.nonzero(x), SHAPE),
    "np.where of one": (lambda x: np.where(x > 1), SHAPE),
    "np.unique": (lambda x: np.unique(x), SHAPE),
    "np.repeat": (lambda x: np.repeat(x, x.astype(int)), SHAPE),
    "np.compress": (lambda x: np.compress(x > 1, x), SHAPE),
    "sort()": (lambda x: x.sort(), "sort of a traced array"),
    "tobytes()": (lambda x: x.tobytes(), "tobytes of a traced array"),
    "ufunc.at": (lambda x: np.add.at(x, [0], 1.0), r"np\.add\.at cannot be traced"),
    "a branch on a tensor": (lambda x: 1 if Tensor(x).sum() > 0 else 2, "a branch"),
    "float() of a tensor": (lambda x: float(Tensor(x).sum()), r"item\(\)"),
    "item() of a tensor": (lambda x: Tensor(x).sum().item(), r"item\(\)"),
    ".data of a tensor, shown": (lambda x: str(Tensor(x, requires_grad=True).data), r"print\(\)"),
    "a tensor, shown": (lambda x: repr(Tensor(x)), ARRAY_NUMBERS),
    "np.asarray of a tensor": (lambda x: np.asarray(Tensor(x)), ARRAY_NUMBERS),
    "item() of a Value": (lambda x: Value(x[0]).item(), r"item\(\)"),
    "a Value, shown": (lambda x: repr(Value(x[0])), "a format"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_says_what_where_and_what_to_do_instead(name: str) -> None:
    function, message = REFUSED[name]
    code = function.__code__
    with pytest.raises(TraceError, match=message) as caught:
        compile(function)(X)
    where, line, _ = str(caught.value).split(":", 2)
    assert where == __file__
    lines = [number for _, _, number in code.co_lines() if number is not None]
    assert min(lines) <= int(line) <= max(lines)
    assert "inside a function that is being compiled" in str(caught.value)
    assert recording.get().watch is None
    np.testing.assert_array_equal((*X, *TABLE), [3, 1, 2, *range(9)])


def test_what_is_known_may_be_asked() -> None:
    def shaped(x: Any) -> Any:
        assert x.shape == (3,)
        assert (len(x), x.ndim, x.size, x.dtype) == (3, 1, 3, np.float64)
        assert np.shape(x) == x.shape
        assert np.result_type(x, np.float32) == np.float64
        assert x is not None
        assert np.zeros_like(x).sum() == 0
        return sum(part * i for i, part in enumerate(x)) if x.ndim == 1 else x

    agree(compile(shaped)(X), np.float64(5.0))


METHODS: dict[str, Callable[[Any], Any]] = {
    "reductions": lambda x: [x.sum(), x.mean(axis=0), x.max(), x.min(0), x.prod(), x.any(), x.all(), x.var(), x.std()],
    "positions": lambda x: [x.argmax(), x.argmin(), x.argsort(), x.searchsorted(1.5)],
    "shapes": lambda x: [x.reshape(3, 1), x.ravel(), x.flatten(), x.T, x[None].squeeze(0), x[None].swapaxes(0, 1)],
    "others": lambda x: [x.clip(1, 2), x.cumsum(), x.round(), x.dot(x), x.repeat(2), x.take([0, 2]), x.copy()],
    "operators": lambda x: [x + 1, 1 - x, x * x, 2 / x, x // 2, 7 % x, x**2, 2.0**x, -x, abs(x), +x, divmod(x, 2)],
    "negative powers": lambda x: [(-2) ** np.round(x), (-2.0) ** np.round(x), x**-1.0, x**-2],
    "comparisons": lambda x: [x > 1, x <= 2, x == 2, x != 2, ~(x > 1), (x > 1) & (x < 3), (x > 1) | (x < 0)],
    "ufunc methods": lambda x: [np.add.reduce(x), np.multiply.reduce(x, axis=None), np.add.accumulate(x)],
    "casts": lambda x: [x.astype(np.float32), x.astype(int), x.astype(int) // 2, np.float32(2) * x],
    "indices": lambda x: [x[0], x[-1], x[::2], x[..., None], x[[0, 2]], x[np.array([1, 1])], x[(0,)]],
    "masks that are constant": lambda x: [x[np.array([True, False, True])], Tensor(x)[[True, False, True]].numpy()],
    "products": lambda x: [x @ x, np.outer(x, x), np.einsum("i,i->", x, x), np.full((3, 3), 2.0) @ x],
    "joins": lambda x: [np.concatenate([x, x]), np.stack([x, 2 * x]), np.split(x, 3), np.where(x > 1, x, 0)],
    "tuples of results": lambda x: [*np.modf(x), *np.divmod(x, 2), *np.linalg.qr(np.outer(x, x) + np.eye(3))],
    "indices from numbers": lambda x: [Tensor(TABLE)[x.astype(int)].numpy(), np.take_along_axis(x, x.argsort(), 0)],
}


@pytest.mark.parametrize("name", METHODS)
def test_it_does_what_an_array_does(name: str) -> None:
    program = compile(METHODS[name], backend="numpy")
    for x in (X, X, np.array([1.0, 2.0, 2.5]), np.array([2.0, 3.0, 1.0])):
        agree(program(x), METHODS[name](x))
    assert len(program.entries) == 1


def test_floats_do_what_floats_do() -> None:
    def f(x: float) -> Any:
        y = x
        y += 1.0
        return [y, x**2, x**0.5, 2.0**x, (-2.0) ** 3 * x, x // 2, 7 % x, abs(-x), x > 1, 1 / x, divmod(x, 2.0)]

    program = compile(f, backend="numpy")
    for x in (4.0, 1.5):
        agree(program(x), f(x))
        assert [type(y) for y in program(x)[:10]] == [type(y) for y in f(x)[:10]]
    with pytest.raises(ZeroDivisionError):
        program(0.0)


@pytest.mark.parametrize(
    "t", [2, 2.0, np.int64(2), np.uint8(2), np.float32(2.0), np.bool_(True), np.array(2), np.array(2.0)]
)
def test_numbers_of_numpys_are_arguments_of_values(t: Any) -> None:
    """`for x, t in zip(X, y): step(x[0], t)` hands them over."""

    def step(w: Value, x: Any, t: Any) -> Any:
        w.grad = 0.0
        loss = (w * x - t) ** 2 + w**t + np.where(t, w, 1.0) + x / w
        loss.backward()
        w.data -= 0.01 * w.grad
        return loss

    program, here, there = compile(step), Value(1.5), Value(1.5)
    for x in (np.float64(0.7), np.float64(-0.3)):
        assert program(here, x, t).data == pytest.approx(step(there, x, t).data, rel=1e-15)
        assert (here.data, here.grad) == pytest.approx((there.data, there.grad), rel=1e-15)
    assert len(program.entries) == 1


def test_a_stand_in_that_escapes_says_that_its_trace_is_over() -> None:
    class Held:
        """What no trace can look into."""

        def __init__(self, x: Any) -> None:
            self.x = x

    kept = compile(lambda x: Held(2 * x))(X)
    with pytest.raises(TraceError, match=r"its trace is over.*it returns"):
        kept.x + 1
    with pytest.raises(TraceError, match="its trace is over"):
        compile(lambda x: x * kept.x)(X)


class Everything:
    """A model in the middle of its training, and a step that fails at the end of it."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.model = nn.Sequential(nn.Dense(3, 4, rng=rng), nn.Dropout(0.5, rng), nn.BatchNorm1d(4))
        self.optimizer = nn.Adam(self.model.parameters(), lr=0.1)
        self.fail = lambda loss: None
        self.step = compile(self.eager, backend="numpy")

    def eager(self, X: Any, y: Any) -> Any:
        loss = nn.cross_entropy(self.model(X), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.fail(loss)
        return loss

    def state(self) -> Any:
        rng = self.model[1].rng
        return [
            self.model.state_dict(), [p.grad for p in self.model.parameters()], self.optimizer.state_dict()["state"],
            repr(rng.bit_generator.state), [p._lent for p in self.model.parameters()],
        ]  # fmt: skip


DATA = np.random.default_rng(1).standard_normal((6, 3)), np.array([0, 1, 2, 3, 0, 1])


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_trace_that_fails_leaves_everything_as_it_was(steps: int) -> None:
    it = Everything()
    for _ in range(steps):
        it.step(*DATA)
    before = it.state()
    held = [(p._raw, p._grad) for p in it.model.parameters()]
    for fail in (Tensor.item, lambda loss: 1 / 0, lambda loss: (_ for _ in ()).throw(KeyboardInterrupt())):
        it.fail = fail  # the name `self` stands for the same object, so the step must be made anew
        with pytest.raises((TraceError, ZeroDivisionError, KeyboardInterrupt)):
            compile(it.eager, backend="numpy")(*DATA)
        agree(it.state(), before, ulps=0)
        assert all(p._raw is d and p._grad is g for p, (d, g) in zip(it.model.parameters(), held))
    it.fail = lambda loss: None
    it.step(*DATA)


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_refused_label_leaves_everything_as_it_was(steps: int) -> None:
    it = Everything()
    for _ in range(steps):
        it.step(*DATA)
    before = it.state()
    before[3] = None  # the draws before the check are made, as they are eagerly
    with pytest.raises(ValueError, match="labels from 0 to 9 for 4 classes"):
        it.step(DATA[0], np.array([0, 1, 9, 3, 0, 1]))
    now = it.state()
    now[3] = None
    if steps:
        agree(now, before, ulps=0)
    it.step(*DATA)


def test_eagerly_the_same_names_still_work_after_an_error() -> None:
    w = Tensor(X, requires_grad=True)
    with pytest.raises(TraceError):
        compile(lambda: (w * w).sum().item())()
    assert (w * w).sum().item() == 14.0
    agree(grad(lambda x: np.sum(x * x))(X), 2 * X)


def test_a_power_that_is_complex_is_refused_by_the_trace_alone() -> None:
    def power(x: Any) -> Any:
        return x**0.5

    with pytest.raises(TraceError, match="answers with a complex"):
        compile(power)(-4.0)
    program = compile(power)
    assert program(4.0) == 2.0
    assert program(-4.0) == power(-4.0)
