"""Whether a program becomes native code, and when it is worth it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Collection

from .emit import Kernel
from .loops import TINY, calls, is_view, size, steps
from .machine import NotNative
from .native import Loops
from .program import Program
from .repetition import Loop
from .turns import all_ops

MOST = 40_000  # additions, multiplications and other steps up to which loops beat NumPy's calls
TO_A_CALL = 64  # or that many for each call of NumPy
LOOPS, NUMBERS = 0.07, 0.015  # seconds for which numba compiles an operation: loops over an array, or written out


def native(program: Program, name: str, held: Collection[int], forced: bool = False) -> Kernel:
    """The program as native code; `held` are the constant arrays that somebody else may change, by their ids.

    Raises NotNative, which says why, where it cannot be or would not be faster.
    """
    if importlib.util.find_spec("numba") is None:
        raise NotNative("numba is not installed: pip install chainrule[jit]")
    if not forced and not is_small(program):
        work = sum(map(steps, program.ops))
        raise NotNative(f"its arrays are large, {work:,} steps: NumPy's own loops are faster from {MOST:,} on")
    try:
        return Loops(program, name, held).kernel()
    except NotNative:
        raise
    except Exception as error:  # of whatever kind: a compiler has many
        raise NotNative(
            f"numba does not compile it: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
        ) from error


def is_small(program: Program) -> bool:
    """Whether NumPy needs longer to be called than to compute."""
    work = sum(map(steps, program.ops))
    return work <= MOST or work <= TO_A_CALL * sum(map(calls, program.ops))


def effort(program: Program) -> float:
    """About how many seconds compiling takes."""
    ops = [op for op in all_ops(program.ops) if isinstance(op.fun, Loop) or not is_view(op)]
    return (0.0 if "numba" in sys.modules else 1.0) + sum(LOOPS if size(op) > TINY else NUMBERS for op in ops)
