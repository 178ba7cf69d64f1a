"""Native code without waiting: made in the background, kept on disk, gone with Python; and numbers that are unusual."""

from __future__ import annotations

import importlib
import itertools
import math
import os
import subprocess
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from agreement import agree

from autograd import Tensor, Value, compile, grad

pytest.importorskip("numba", reason="numba, the extra jit, compiles the loops")
compiled = importlib.import_module("autograd.compile")
machine = importlib.import_module("autograd.compile.machine")
native = importlib.import_module("autograd.compile.native")

X = np.array([0.5, -1.0, 2.0])


@pytest.fixture(autouse=True)
def on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Machine code of a test is kept where nobody else looks."""
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling takes no time, as far as the first call knows."""
    monkeypatch.setattr(compiled, "effort", lambda program: 0.0)


def test_no_call_waits_and_the_loops_take_over(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once(monkeypatch)
    w = Tensor(X, requires_grad=True)
    program = compile(grad(lambda x: np.sum(np.tanh(x * w.numpy()) ** 2)))
    begun = time.perf_counter()
    first = program(X)
    assert program.loops == ""  # it ran in NumPy
    waited = time.perf_counter() - begun
    machine.background.wait()
    assert program.loops
    assert waited < time.perf_counter() - begun
    agree(program(X), first)
    w.data[0] = 9.0
    agree(program(X), compile(program.f, backend="numpy")(X))
    assert len(program.entries) == 1


def test_it_begins_when_the_program_has_run_for_as_long_as_compiling_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[Any] = []
    monkeypatch.setattr(machine.background, "add", jobs.append)
    monkeypatch.setattr(compiled, "effort", lambda program: 0.05)
    ticks = itertools.count()
    clock = types.SimpleNamespace(perf_counter=lambda: 0.02 * next(ticks))  # on which each call takes 0.02
    monkeypatch.setattr(compiled, "time", clock)
    program = compile(lambda x: x + 1)
    for expected in (0, 0, 1, 1, 1):
        program(X)
        assert len(jobs) == expected
    never = compile(lambda x: np.exp(x), backend="numpy")
    large = compile(lambda x: x @ x)
    for _ in range(3):
        never(X)
        large(np.ones((60, 60)))
    assert len(jobs) == 1


@pytest.mark.parametrize("kind", [RuntimeError, AssertionError, KeyError, SystemError])
def test_whatever_the_compiler_raises_the_program_runs(kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> Any:
        raise kind("a compiler has many errors")

    at_once(monkeypatch)
    monkeypatch.setattr(native, "machine_code", fail)
    program = compile(lambda x: np.exp(x) * 2)
    for _ in range(3):
        agree(program(X), np.exp(X) * 2)
        machine.background.wait()
    assert program.loops == ""
    with pytest.warns(
        RuntimeWarning, match=rf"numba does not compile it: {kind.__name__}: .*a compiler has many errors"
    ):
        agree(compile(lambda x: np.exp(x) * 2, backend="numba")(X), np.exp(X) * 2)


SQUARE = np.arange(16.0).reshape(4, 4)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.split(x, 2)[0] * 2, lambda x: np.sin(np.array_split(x, 4, axis=1)[1]), lambda x: [x][0].mT * 2.0,
        lambda x: np.swapaxes(x, axis1=0, axis2=1) * 1.5, lambda x: x.astype(">f8") * 2, lambda x: np.linalg.qr(x)[1],
    ],
)  # fmt: skip
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.filterwarnings("ignore:.*runs in NumPy instead of numba")
def test_what_has_no_loops_runs(f: Callable[[Any], Any], swapped: bool) -> None:
    x = SQUARE.astype(">f8") if swapped else SQUARE
    agree(compile(f, backend="numba")(x), f(x))


def test_arrays_around_it_that_change_in_place_are_read() -> None:
    table, index = np.arange(3.0), np.arange(3)
    held = [np.float32(0.5), np.full(3, 2.0)]
    program = compile(lambda x: x * table + held[1] * held[0] + x[index] * np.ones(3), backend="numba")
    for _ in range(3):
        agree(program(X), X * table + held[1] * held[0] + X[index])
        table += 1
        held[1] *= 2
        index[:] = np.roll(index, 1)
        assert program.loops
    assert len(program.entries) == 1


def test_another_kind_of_gradient_is_not_read_as_if_it_were_the_known_one() -> None:
    w = Tensor(X, requires_grad=True)
    w.grad = np.ones(3)
    program = compile(lambda: (w * 2.0).sum().backward(), backend="numba")
    program()
    assert program.loops
    agree(w.grad, np.full(3, 3.0))
    w.grad = np.ones(3, np.float32)
    program()
    np.testing.assert_array_equal(w.grad, 3.0)


# What Python's floats raise for, or answer with a complex number, and what they do not.
FLOATS: dict[str, Callable[[float], Any]] = {
    "1 / x": lambda x: 1.0 / x,
    "x ** 0.5": lambda x: x**0.5,
    "x ** -1": lambda x: x**-1.0,
    "10.0 ** x": lambda x: 10.0**x,
    "a Value's log": lambda x: Value(x).log().data,
    "a Value's sqrt": lambda x: Value(x).sqrt().data,
    "a Value's exp": lambda x: (Value(x) * 400).exp().data,
    "a Value's quotient": lambda x: (1 / Value(x)).data,
    "a Value's power": lambda x: (Value(x) ** 0.5).data,
    "a Value's gradient": grad(lambda x: (x * x).log() if isinstance(x, Value) else np.log(x * x)),
    "a tanh": lambda x: Value(x).tanh().data,
}
NUMBERS = [0.0, -0.0, 1.0, -4.0, 2.5, 800.0, -800.0, 1e300, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.filterwarnings("ignore:.*runs in NumPy instead of numba")
def test_special_numbers_are_what_they_are_without_compiling(name: str, backend: str) -> None:
    f = FLOATS[name]
    program = compile(f, backend=backend)
    program(0.5)
    for x in NUMBERS:
        answers = [outcome(g, x) for g in (program, f)]
        np.testing.assert_equal(*answers, err_msg=str(x))


def outcome(f: Callable[[float], Any], x: float) -> Any:
    """What a function gives, or the kind of what it raises."""
    with np.errstate(all="ignore"):
        try:
            return np.asarray(f(x)).tolist()
        except (ArithmeticError, ValueError, TypeError) as error:
            return next(kind.__name__ for kind in (ZeroDivisionError, OverflowError, ValueError, TypeError)
                        if isinstance(error, kind))  # fmt: skip


SCRIPT = """
import sys, time
import numpy as np
from autograd import compile, grad
import autograd.compile.machine
program = compile(grad(lambda x: np.sum(np.tanh(x * x) * np.exp(-x) + np.sin(x) * np.log1p(x * x))), {options})
x = np.linspace(0, 1, 5)
program(x)
{more}
"""


def run(on_disk: str, options: str, more: str) -> subprocess.CompletedProcess[str]:
    """A process of its own."""
    environment = os.environ | {"CHAINRULE_CACHE": on_disk}
    code = SCRIPT.format(options=options, more=more)
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("moment", [0.0, 0.3, 1.0, 2.0])
def test_python_ends_at_once_and_in_silence_while_it_compiles(moment: float) -> None:
    more = f"""
program.entries[0].call.cost = 0.0
program(x)
time.sleep({moment})
sys.stdout.write(str(time.time()))
sys.stdout.flush()
"""
    found = run("", "", more)
    ended = time.time()
    assert (found.returncode, found.stderr) == (0, "")
    assert ended - float(found.stdout) < machine.PATIENCE


def test_machine_code_is_kept_for_other_processes(on_disk: Path) -> None:
    more = "sys.stdout.write(str(len(program.loops) > 0))"
    first = run(str(on_disk), "backend='numba'", more)
    files = sorted(on_disk.rglob("*.nbc"))
    written = [path.stat().st_mtime_ns for path in files]
    second = run(str(on_disk), "backend='numba'", more)
    assert (first.stdout, second.stdout, first.stderr, second.stderr) == ("True", "True", "", "")
    assert len(files) == 1
    assert [path.stat().st_mtime_ns for path in sorted(on_disk.rglob("*.nbc"))] == written
    assert sorted(on_disk.rglob("*.nbc")) == files
    files[0].write_bytes(b"damaged")
    third = run(str(on_disk), "backend='numba'", more)
    assert (third.stdout, third.stderr) == ("True", "")


def test_without_a_place_to_keep_it_it_is_made_anyway(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("this is no directory")
    for place in ("", str(blocked / "inside")):
        monkeypatch.setenv("CHAINRULE_CACHE", place)
        assert machine.kept("x = 1") is None
        agree(compile(lambda x: x * 3.0, backend="numba")(X), X * 3.0)


def test_the_oldest_files_go(monkeypatch: pytest.MonkeyPatch, on_disk: Path) -> None:
    monkeypatch.setattr(machine, "MOST_FILES", 3)
    paths = [machine.kept(f"x = {i}") for i in range(5)]
    for i, path in enumerate(paths):
        if path is not None and path.exists():
            os.utime(path, (i, i))
    machine.kept("x = 9")
    assert len(list(on_disk.glob("loops_*.py"))) == 3
