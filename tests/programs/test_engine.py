"""Random programs over the whole table: NumPy's values, the slopes that differences give, at first and second order.

    pytest tests/programs --programs 10000
    pytest tests/programs/test_engine.py --programs 10000 -k "[9120]"      those from number 9120 on

A failure prints a program that fails, as short as it could be made, to be pasted into a test of its own.
"""

from __future__ import annotations

import pytest

from .generate import generate
from .oracle import check
from .program import Program
from .shrink import shrunk

TOGETHER = 20  # programs in one test


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for some programs each."""
    if "first" in metafunc.fixturenames:
        metafunc.parametrize("first", range(0, metafunc.config.getoption("--programs"), TOGETHER))


def fails(program: Program, with_error: type[Exception]) -> bool:
    """Whether a program fails in the same way."""
    try:
        check(program)
    except with_error:
        return True
    except Exception:
        return False
    return False


def report(program: Program) -> int:
    """How many checks of a program had to be dropped; what is wrong, with the program, if anything is."""
    try:
        return check(program)
    except Exception as error:
        kind = type(error)
        short = shrunk(program, lambda smaller: fails(smaller, kind))
        try:
            check(short)
        except kind as again:
            error = again
        pytest.fail(f"{kind.__name__}: {error}\n\n{short.source()}", pytrace=False)


def test_programs_do_what_numpy_and_differences_say(first: int) -> None:
    dropped = [number for number in range(first, first + TOGETHER) if report(generate(number))]
    assert len(dropped) <= 1  # program without a point around which it is smooth enough to say anything
