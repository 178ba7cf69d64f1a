"""The source of a program: a person can read it, another process writes the same, memory is used again safely."""

from __future__ import annotations

import ast
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from agreement import agree, same

import nn
from autograd import Tensor, compile, grad
from autograd.rules.structure import set_at

RNG = np.random.default_rng(6)
X = RNG.standard_normal((6, 3))
LABELS = RNG.integers(0, 4, 6)

STEP = """
import numpy as np, nn
from autograd import compile

model = nn.Sequential(
    nn.Dense(3, 5, rng=0), nn.Tanh(), nn.Dropout(0.5, rng=0), nn.BatchNorm1d(5), nn.Dense(5, 4, rng=0)
)
optimizer = nn.Adam(model.parameters(), lr=0.01, weight_decay=0.1)

@compile(backend="numpy")
def step(X, y):
    loss = nn.cross_entropy(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    nn.clip_grad_norm(model.parameters(), 1.0)
    optimizer.step()
    return loss

step(np.ones((6, 3)), np.arange(6) % 4)
"""


@pytest.fixture(scope="module")
def source() -> str:
    """The program of a training step with everything in it."""
    namespace: dict[str, Any] = {}
    exec(STEP, namespace)
    text: str = namespace["step"].source
    return text


def test_it_is_one_function_with_one_statement_a_line(source: str) -> None:
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert function.name == "step"
    assert len({statement.lineno for statement in function.body}) == len(function.body)
    assert all(isinstance(s, (ast.Assign, ast.AugAssign, ast.Expr, ast.Return)) for s in function.body)
    assert all(statement.lineno == statement.end_lineno for statement in function.body)


def test_it_has_the_names_of_the_parameters_and_the_parts(source: str) -> None:
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    names = {argument.arg for argument in function.args.args}
    assert {"X", "y", "W0", "b0", "W4", "b4", "gamma3", "running_mean3", "lr"} <= names
    assert {"W0_m", "W0_v", "W0_t"} <= names
    comments = [line.strip() for line in source.splitlines() if line.strip().startswith("#")]
    assert comments == ["# forward", "# backward", "# update"]
    for gradient in ("dW0", "db0", "dW4", "db4"):
        assert f"{gradient} = " in source
    assert source.index("# backward") < source.index("dW0 = ") < source.index("# update")


def test_every_name_is_bound_once_unless_its_memory_is_used_again(source: str) -> None:
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    bound = [argument.arg for argument in function.args.args]
    for statement in function.body:
        if isinstance(statement, ast.Assign):
            assert isinstance(statement.targets[0], ast.Name)
            bound.append(statement.targets[0].id)
    assert len(bound) == len(set(bound))


def test_another_process_with_other_hashes_writes_the_same(source: str) -> None:
    for seed in ("1", "77"):
        environment = dict(os.environ, PYTHONHASHSEED=seed)
        command = [sys.executable, "-c", STEP + "\nprint(step.source, end='')"]
        found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
        assert found.stdout == source


@pytest.mark.parametrize("name", ["lambda", "np", "class_", "out", "math", "x y", "ünï"])
def test_any_name_of_a_parameter_becomes_one_of_pythons(name: str) -> None:
    w = Tensor(X, requires_grad=True, name=name)
    program = compile(lambda np_, c, rows: (w * np_ + c).sum() * rows, backend="numpy")
    agree(program(X, 1.0, 2.0).numpy(), ((X * X + 1).sum() * 2))
    ast.parse(program.source)


def test_names_that_meet_are_told_apart() -> None:
    a, b = Tensor(X, name="W"), Tensor(2 * X, name="W")
    program = compile(lambda W: a * b * W, backend="numpy")
    agree(program(X).numpy(), 2 * X**3)
    assert "W2" in program.source
    assert "W3" in program.source


LITERALS: dict[str, Callable[[Any], Any]] = {
    "inf": lambda x: np.where(x > 0, np.inf, -np.inf),
    "nan": lambda x: np.where(x > 0, np.nan, x),
    "negative bases": lambda x: (-2.0) ** np.round(x),
    "negative numbers": lambda x: -3.0 - x - -2.0 * x,
    "tiny numbers": lambda x: x * 5e-324 + 1e-310,
    "complex indices": lambda x: x[None, ..., 1:3, None][0, ::-1],
    "steps": lambda x: x[-1:0:-2, ::2],
    "an empty tuple": lambda x: np.sum(x, axis=()),
    "dtypes": lambda x: x.astype(np.float32).astype("f2"),
    "bools and None": lambda x: np.sum(x, axis=None, keepdims=True),
    "strings": lambda x: np.einsum("ij,ij->j", x, x),
    "functions": lambda x: np.apply_along_axis(np.sum, 0, x),
    "lists": lambda x: x[[0, 2]][:, [1]],
    "big integers": lambda x: x * 2**40,
    "NumPy's numbers": lambda x: x * np.float64(0.1) + np.int64(3),
    "pi": lambda x: x * math.pi,
}


@pytest.mark.parametrize("name", LITERALS)
def test_literals_are_what_they_were(name: str) -> None:
    program = compile(LITERALS[name], backend="numpy")
    for x in (X, np.round(2 * X) + 0.5):
        same(program(x), LITERALS[name](x))
    assert len(program.entries) == 1


def chained_up(x: Any, y: Any) -> Any:
    """Many arrays of the same shape that die one after the other, with views between them."""
    found = []
    for i in range(6):
        z = np.tanh(x @ y) * (i + 1)
        view = z.T[::-1]
        x = z - np.sum(view, axis=0)
        found.append(np.sum(np.abs(view) * x))
        y = y + x.T * view
    return [sum(found), x, y]


@pytest.mark.parametrize("n", [3, 80])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_memory_is_used_again_where_nothing_needs_it_any_more(n: int, dtype: Any) -> None:
    program = compile(chained_up, backend="numpy")
    for _ in range(3):
        x, y = (RNG.standard_normal((2, n, n)) / n).astype(dtype)
        kept = x.copy(), y.copy()
        agree(program(x, y), chained_up(x, y), ulps=256)
        same((x, y), kept)
    if n == 80:
        assert "out=" in program.source


def test_memory_without_a_name_is_not_used_again() -> None:
    def f(x: Any, y: Any) -> Any:
        e = np.exp(x)
        return e + x * y, np.maximum(x, y)

    program = compile(f, backend="numpy")
    x, y = RNG.standard_normal((2, 80, 80))
    agree(program(x, y), f(x, y))
    assert "+= x * y\n" in program.source
    assert re.search(r"out=\w+[^\w,)]", program.source) is None


def test_broadcast_and_diagonal_views_are_not_written_to() -> None:
    f = grad(lambda x: np.sum(np.tanh(np.diagonal(x) * 2) - 1) + np.sum(np.broadcast_to(x[0], x.shape) * -1))
    program = compile(f, backend="numpy")
    x = RNG.standard_normal((70, 70))
    expected = np.zeros((70, 70))
    np.fill_diagonal(expected, 2 - 2 * np.tanh(2 * np.diagonal(x)) ** 2)
    expected[0] -= 70
    for _ in range(2):
        agree(program(x), expected)


def test_updates_come_last() -> None:
    """So that an error in a program leaves the parameters as they were."""
    model = nn.MLP(3, 5, 4, rng=0)
    optimizer = nn.SGD(model.parameters(), 0.1, momentum=0.9)

    @compile(backend="numpy")
    def step(X: Any, y: Any, matrix: Any) -> Any:
        loss = nn.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss, np.linalg.inv(matrix)

    step(X, LABELS, np.eye(2))
    step(X, LABELS, np.eye(2))
    before = model.state_dict(), optimizer.state_dict()["state"], [p.grad.copy() for p in model.parameters()]
    with pytest.raises(np.linalg.LinAlgError):
        step(X, LABELS, np.zeros((2, 2)))
    same((model.state_dict(), optimizer.state_dict()["state"], [p.grad for p in model.parameters()]), before)


def test_what_is_set_at_an_index_is_an_assignment_to_an_array_of_its_own() -> None:
    def f(x: Any) -> Any:
        y = np.exp(x)
        z = y.at[1:].set(y[:-1])  # which the assignment overlaps
        w = z * 2
        return w.at[0].set(x[1] * 3) * w + np.sin(z).at[[0, 0]].set(np.cos(x)[:2])

    x = Tensor([0.3, -0.4, 0.5])
    program = compile(f, backend="numpy")
    for _ in range(2):
        same(program(x).data, f(x).data)
    assert "set_at(" not in program.source
    assert program.source.count("np.array(") == 1  # of w, which is needed as it was
    for number in (np.float32(0.5), 0.5):  # which may be what is set at, too
        program = compile(lambda x, n=number: set_at(n, x, (None,)), backend="numpy")
        same(program(x.data[:1]), set_at(number, x.data[:1], (None,)))
