"""Whether a program becomes native code, and when it is worth it."""

from __future__ import annotations

import importlib.util
import sys

from .emit import Kernel
from .loops import steps
from .machine import NotNative
from .native import Loops
from .program import Program

MOST = 40_000  # additions, multiplications and other steps up to which loops beat NumPy's calls
SECONDS = 0.06  # for which numba compiles the loops of one operation


def native(program: Program, name: str, forced: bool = False) -> Kernel:
    """The program as native code. Raises NotNative, which says why, where it cannot be or would not be faster."""
    if importlib.util.find_spec("numba") is None:
        raise NotNative("numba is not installed: pip install chainrule[jit]")
    work = sum(map(steps, program.ops))
    if work > MOST and not forced:
        raise NotNative(f"its arrays are large, {work:,} steps: NumPy's own loops are faster from {MOST:,} on")
    try:
        return Loops(program, name).kernel()
    except NotNative:
        raise
    except Exception as error:  # of whatever kind: a compiler has many
        raise NotNative(
            f"numba does not compile it: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
        ) from error


def effort(program: Program) -> float:
    """About how many seconds compiling takes."""
    return (0.0 if "numba" in sys.modules else 1.0) + SECONDS * len(program.ops)


def worth_trying(program: Program) -> bool:
    """Whether a program may be faster in loops."""
    return sum(map(steps, program.ops)) <= MOST and importlib.util.find_spec("numba") is not None
