"""The same programs through `autograd.compile`: each is itself, or it is refused, and nobody's memory is touched.

With `--programs` above 340 each is compiled in every way, and as many run natively and as many steps are trained.
"""

from __future__ import annotations

import operator
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from interpreted import interpreted

from autograd.compile.loops import FORMULAS, JOINS, PLACED, STARTS

from . import training
from .compiled import FUNCTIONS, Function, check, gradient, second, value
from .generate import TABLE, generate
from .looped import looped
from .program import Program
from .shrink import shrunk

emitting: Any = sys.modules["autograd.compile.emit"]
TOGETHER = 20  # programs in one test
USUAL = 340
VIEWS = (np.transpose, np.swapaxes, np.reshape, np.broadcast_to, np.expand_dims, np.squeeze, operator.getitem)
NATIVE = {*FORMULAS, *STARTS, *JOINS, *PLACED, *VIEWS, np.matmul}
LOOPS = [fun for fun in TABLE if fun in NATIVE]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for some programs each; of native programs and of steps, which take longer, fewer."""
    wanted = metafunc.config.getoption("--programs")
    if "first" in metafunc.fixturenames:
        metafunc.parametrize("first", range(0, wanted, TOGETHER))
    if "steps" in metafunc.fixturenames:
        metafunc.parametrize("steps", range(0, wanted if wanted > USUAL else wanted // 3, 5))
    if "loop" in metafunc.fixturenames:
        metafunc.parametrize("loop", range(0, wanted if wanted > USUAL else wanted // 10, 5))
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(wanted if wanted > USUAL else wanted // 50))


@pytest.fixture
def every(request: pytest.FixtureRequest) -> bool:
    """Whether each program is compiled in every way."""
    return bool(request.config.getoption("--programs") > USUAL)


def functions_of(number: int, every: bool) -> list[Function]:
    """In which ways a program is compiled: in all, or in one, each in its turn (every fifth is one of numbers)."""
    return FUNCTIONS if every else [FUNCTIONS[(number // 5 + number) % 5]]


def report(program: Program, backend: str, functions: list[Function]) -> int:
    """How many functions of a program were refused; what is wrong, with the program, if anything is.

    In every other one the memory of small arrays is used again, too.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emitting, "LARGE", 8 if program.seed % 2 else emitting.LARGE)
        return reported(program, backend, functions)


def reported(program: Program, backend: str, functions: list[Function]) -> int:
    """The same, with memory used again as it is."""
    try:
        return check(program, backend, functions)
    except Exception as error:
        kind = type(error)

        def fails(smaller: Program) -> bool:
            try:
                check(smaller, backend, functions)
            except kind:
                return True
            except Exception:
                return False
            return False

        short = shrunk(program, fails)
        try:
            check(short, backend, functions)
        except kind as again:
            error = again
        pytest.fail(f"{kind.__name__}: {error}\n\n{short.source()}", pytrace=False)


def test_a_compiled_program_is_the_program(first: int, every: bool) -> None:
    for number in range(first, first + TOGETHER):
        report(generate(number), "numpy", functions_of(number, every))


def test_a_compiled_loop_is_the_loop(loop: int, every: bool) -> None:
    for number in range(loop, loop + 5):
        assert report(looped(number), "numpy", functions_of(5 * number, every)) == 0


def test_a_native_loop_is_the_loop(loop: int, every: bool) -> None:
    """Its source, run by Python: machine code takes seconds. One in a hundred may be left to NumPy."""
    with warnings.catch_warnings(record=True) as left, interpreted():
        warnings.simplefilter("always")
        numbers = range(loop, loop + 5, 1 if every else 3)
        assert sum(report(looped(number), "numba", functions_of(5 * number + 1, every)) for number in numbers) == 0
    assert not [x.message for x in left if x.category is RuntimeWarning and "has no loops" in str(x.message)]


def test_the_source_of_a_native_program_is_the_program(first: int, every: bool) -> None:
    with warnings.catch_warnings(), interpreted():
        warnings.simplefilter("ignore", RuntimeWarning)  # some have functions without loops
        numbers = range(first, first + TOGETHER) if every else [first]
        assert sum(report(generate(number, LOOPS), "numba", functions_of(number, every)) for number in numbers) == 0


def test_a_native_program_is_the_program(number: int, every: bool) -> None:
    functions = [value, gradient, second]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # some have functions without loops: these run in NumPy
        assert report(generate(number, LOOPS), "numba", functions if every else [functions[number % 3]]) == 0


@pytest.mark.filterwarnings("ignore:.* changed nothing")  # a random loss need not depend on a parameter
def test_a_compiled_training_step_is_the_step(steps: int) -> None:
    for number in range(steps, steps + 5):
        training.check(number)
