"""Programs in JavaScript give NumPy's numbers, in Chromium: every function that is printed, forward and backward."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from autograd.compile.javascript import ELEMENTWISE
from autograd.draw.live import Live, live
from autograd.draw.scene import look_at
from autograd.draw.story import Story
from autograd.draw.text import number
from autograd.inspecting import name_of
from autograd.rules.elementwise import clip, logsigmoid, relu, sigmoid, softplus, sumprod
from autograd.rules.gates import lstm_cell_state, lstm_gates, lstm_hidden_state
from autograd.rules.special import erf
from autograd.rules.structure import set_at
from autograd.table import RULES

NUMBERS = "\n".join(
    (Path(autograd.__file__).parent / "draw" / f"{name}.js").read_text(encoding="utf-8")
    for name in ("numbers", "linalg")
)
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 1e-300, -1e-300, 5e-324, 1.0, -1.0, 0.5, 2.0, -2.5, 20.0]
rng = np.random.default_rng(0)
SMALL = {
    name: rng.uniform(0.1, 0.9, shape) for name, shape in {"a": (3, 4), "b": (3, 4), "c": (4, 2), "r": (4,)}.items()
}

# One argument, two, ...: those that have a rule, so that the gradient is compared, too.
POINTWISE = [fun for fun in ELEMENTWISE if isinstance(fun, np.ufunc) and fun in RULES and RULES[fun].elementwise] + [
    sigmoid, softplus, logsigmoid, relu, erf,
]  # fmt: skip

OTHERS: dict[str, Callable[..., Any]] = {
    "affine": lambda a, c, r: a @ c + r[:2],
    "matmul of vectors": lambda a, r: (a @ r) @ (a @ r),
    "batched matmul": lambda a, b: np.reshape(a, (3, 2, 2)) @ np.reshape(b, (3, 2, 2)),
    "einsum": lambda a, c: np.einsum("ij,jk->ki", a, c),
    "broadcast": lambda a, r: a * r + a[:, :1],
    "sum": lambda a: np.sum(a, axis=0) * np.sum(a, axis=1)[1],
    "mean": lambda a: np.mean(a, axis=1) + np.mean(a),
    "max": lambda a: np.max(a, axis=1) - np.min(a),
    "softmax": lambda a: nn.softmax(a),
    "log_softmax": lambda a: nn.log_softmax(a),
    "cross_entropy": lambda a: nn.cross_entropy(a, np.array([0, 3, 1])),
    "mse": lambda a, b: nn.mse(a, b.data),
    "index": lambda a: a[[0, 0, 2], 1:3] * a[1, 1],
    "reshape, transpose": lambda a: np.reshape(a, (2, 6)).T @ np.reshape(np.transpose(a), (2, 6)),
    "concatenate": lambda a, b: np.concatenate([a, b], axis=1)[:, ::3],
    "beside integers": lambda a: (
        np.concatenate([a, np.arange(5, 9)[None]])[1:] * np.stack([np.arange(4), a[0], [7, 7, 7, 8]])
    ),
    "stack": lambda a, b: np.stack([a, b * 2, a])[1:],
    "power": lambda a, b: a**b + a**3 + a**0.5 + 2**b,
    "clip": lambda a: np.clip(a, 0.3, 0.6),
    "flip, roll, tile": lambda a: np.flip(a, 0) * np.roll(a, 1, 1) + np.tile(a, (1, 2))[:, ::2],
    "pad, tril": lambda a: np.pad(a, 1)[1:, 2:] + np.pad(np.tril(a), 1)[:-1, :-2],
    "var": lambda a: np.var(a, axis=0) + np.var(a, ddof=1),
    "std": lambda a: np.std(a, axis=1, keepdims=True) * a,
    "cumsum": lambda a: np.cumsum(a, axis=1) + np.cumsum(a)[2],
    "cumprod": lambda a: np.cumprod(a, axis=0) * np.cumprod(a)[5],
    "norm": lambda a: np.linalg.norm(a, axis=1) + np.linalg.norm(a) + np.linalg.norm(a, 1, axis=1),
    "logsumexp": lambda a: autograd.logsumexp(a, axis=1) + autograd.logsumexp(a),
    "trace": lambda a: a * np.trace(a @ a.T),
    "gelu": lambda a: nn.gelu(a * 4 - 2),
    "det": lambda a: a * np.linalg.det(a[:, :3]),
    "inv": lambda a: np.linalg.inv(a[:, :3] + np.array([[0.0, 1.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 1.0]])),
    "solve": lambda a, b: np.linalg.solve(a[:, :3] + 2 * np.eye(3), b),
    "cholesky": lambda a: np.linalg.cholesky(a @ a.T + np.eye(3)),
    "slogdet": lambda a: a * np.linalg.slogdet(a[:, :3] - np.eye(3))[1],
    "windows": lambda a: nn.Conv2d(1, 2, 2, stride=(1, 2), padding=1, rng=0, dtype=np.float64)(a[None, None]),
    "pooling": lambda a: nn.MaxPool2d(2, stride=1)(a[None, None] * 2),
    "solve for a vector": lambda b, c: np.linalg.solve(b[:, :3] - np.eye(3), c[1:, 0]),
    "stacked inv": lambda a: np.linalg.inv(np.stack([a[:2, :2] + np.eye(2), a[1:, 2:] + 2 * np.eye(2)])),
    "sort": lambda a: np.sort(a, axis=0) + np.reshape(np.sort(a, axis=None), (3, 4)) * np.sort(a),
    "median": lambda a: np.median(a, axis=0) + np.median(a, axis=1, keepdims=True) * np.median(a),
    "leaky_relu": lambda a: nn.leaky_relu(a - 0.5, 0.1) + nn.elu(a - 0.5) + nn.softsign(2 * a) + nn.selu(a - 0.6),
    "assignment": lambda a, b, r: (
        set_at(a, r[:2], (slice(None, 2), [0, 3])) * set_at(b, 0.5, (1, [0, 2, 0]))
        + set_at(a, b[0], [2, 0, 2][:1])
        + set_at(a, b[:3, 1], (slice(None), 1))
        + set_at(a, b[0, :3], ([0, 0, 1], [1, 1, 2]))
    ),
    "lstm": lambda a, c: lstm_hidden_state(lstm_gates(a * 4 - 2), lstm_cell_state(a, c[:3, :1])),
    "sumprod": lambda a, b, r: sumprod(a, b, r, 2.0),
}


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    """One empty page for all: nothing of a program stays in it."""
    sheet = browser.new_page()
    yield sheet
    sheet.close()


def graph(f: Callable[..., Any], arrays: Sequence[Any]) -> tuple[Live, Story]:
    """The program of the sum of what a function makes of arrays, each entry with another weight."""
    leaves = [Tensor(x, True, dtype=np.asarray(x).dtype, name=f"x{i}") for i, x in enumerate(arrays)]
    with np.errstate(all="ignore"):
        y = f(*leaves)
        story = Story(
            look_at(np.sum(y * np.cos(np.arange(np.size(y.data)).reshape(y.shape)).astype(y.dtype)), True, 200)
        )
    return live(story), story


def literal(x: Any) -> str:
    """An array for JavaScript."""
    kind = "Float32Array" if x.dtype == np.float32 else "Float64Array"
    return f"{kind}.of({', '.join(json.dumps(n) for n in x.ravel().tolist())})"


def answers(page: Any, script: str, story: Story, made: Live) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values and gradients of the program in the page for the numbers of a story, and of the engine's for them."""
    inputs = ", ".join(f"{i}: {literal(np.asarray(story.scene.boxes[i].value))}" for i in made.points.inputs)
    code = f"(() => {{ {NUMBERS}; const run = (inputs) => {{ {script} }}; const found = run({{ {inputs} }});"
    code += (
        "const texts = (x) => Array.from(x, (n) => [String(n), number(n)]);"
        "const of = (part) => Object.fromEntries("
        "Object.entries(found[part]).map(([i, x]) => [`${part} ${i}`, texts(x)]));"
        "return { ...of('values'), ...of('gradients') }; })()"
    )
    got = page.evaluate(code)
    known = {f"values {i}": box.value for i, box in enumerate(story.scene.boxes)}
    known |= {f"gradients {i}": value for i, value in story.final.items()}
    return got, known


def differences(got: dict[str, Any], known: dict[str, Any], rtol: float = 1e-13) -> list[Any]:
    """Where the page and the engine differ: in the numbers, or in what is shown of them."""
    wrong = []
    for key, texts in got.items():
        engine = np.ravel(known[key]).astype(float)
        page = np.array([float(text.replace("Infinity", "inf")) for text, _ in texts])
        if page.size == 1 and engine.size > 1:
            page, texts = np.full(engine.shape, page[0]), texts * engine.size
        close = np.isclose(page, engine, rtol=rtol, atol=1e-16, equal_nan=True)
        shown = [a == number(b) for (_, a), b in zip(texts, engine)]
        wrong += [(key, page[i], engine[i]) for i in np.flatnonzero(~(close & np.array(shown)))]
    return wrong


@pytest.mark.parametrize("fun", POINTWISE, ids=name_of)
def test_elementwise_at_random_and_at_special_numbers(page: Any, fun: Any) -> None:
    count = getattr(fun, "nin", 1)
    inside = [SMALL["a"] + (1 if fun is np.arccosh else 0), SMALL["b"]][:count]
    made, story = graph(fun, inside)
    assert made.script, made.reason
    assert differences(*answers(page, made.script, story, made)) == []
    special = [np.array(x) for x in zip(*[(a, b)[:count] for a in SPECIAL for b in (SPECIAL if count > 1 else [0.0])])]
    made, _ = graph(fun, [np.full(len(special[0]), x.ravel()[0]) for x in inside])
    _, story = graph(fun, special)
    got, known = answers(page, made.script, story, made)
    result = len(story.scene.boxes) - 1
    del got[f"values {result}"]  # the sum of all of these is NaN on both sides, or what overflows first
    assert differences(got, known) == []


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_everything_else(page: Any, name: str, dtype: Any) -> None:
    f = OTHERS[name]
    used = f.__code__.co_varnames[: f.__code__.co_argcount]
    made, story = graph(f, [SMALL[x].astype(dtype) for x in used])
    assert made.script, made.reason
    got, known = answers(page, made.script, story, made)
    wrong = differences(got, known) if dtype is np.float64 else differences(got, known, 1e-5)
    assert [w for w in wrong if dtype is np.float64 or abs(w[1] - w[2]) > 2e-6] == []


def test_what_has_no_formula_is_named() -> None:
    made, _ = graph(np.linalg.pinv, [np.eye(2) + 0.1])
    assert made.script == ""
    assert "np.linalg.pinv has no formula" in made.reason
    made, _ = graph(lambda a: clip(a, 0.1, 0.2) + a[np.argsort(a)], [SMALL["r"]])
    assert "an index or a condition" in made.reason  # it came from the numbers, and would not follow them
    made, _ = graph(lambda a: np.where(a.data > 0, a, 2 * a), [SMALL["a"]])
    assert "an index or a condition" in made.reason


SUMS: list[Callable[..., Any]] = [
    lambda a: autograd.logsumexp(a), lambda a: np.cumprod(a), lambda a: np.linalg.norm(a), lambda a: np.var(a),
]  # fmt: skip


@pytest.mark.parametrize("special", [[1.0, 0.0, -0.0, 5e-324], [0.0, 0.0, 0.0, 0.0], [np.nan, 1.0, 2.0, 3.0]])
@pytest.mark.parametrize("f", SUMS)
def test_special_numbers_of_sums_and_products(page: Any, f: Callable[..., Any], special: list[float]) -> None:
    made, _ = graph(f, [SMALL["r"]])
    _, story = graph(f, [np.array(special)])
    assert differences(*answers(page, made.script, story, made)) == []


def test_logsumexp_of_what_is_not_there(page: Any) -> None:
    made, _ = graph(autograd.logsumexp, [SMALL["r"]])
    for special in ([-np.inf, 1.0, 2.0, 0.5], [-np.inf] * 4, [np.inf, 1.0, 2.0, 0.5]):
        _, story = graph(autograd.logsumexp, [np.array(special)])
        got, known = answers(page, made.script, story, made)
        assert differences({key: x for key, x in got.items() if key.startswith("values")}, known) == []


def test_a_singular_matrix(page: Any) -> None:
    made, _ = graph(np.linalg.det, [np.eye(3) + 0.1])
    _, story = graph(np.linalg.det, [np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])])
    got, known = answers(page, made.script, story, made)
    assert [w for w in differences(got, known) if abs(w[1] - w[2]) > 1e-13] == []
