"""Numbers, names and calls as the short texts that stand in a picture."""

from __future__ import annotations

import math
import operator
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..rules.products import affine
from ..table import Function, name_of
from .scene import Call

# Up to this size an array is shown in full, row by row; above it, its minimum, mean and maximum.
MAX_SIZE, MAX_ROWS, MAX_COLUMNS = 20, 8, 6
MAX_NAME = 28

TIMES = "\N{MULTIPLICATION SIGN}"
SIGNS: dict[Function, str] = {
    np.add: "+", np.subtract: "-", np.multiply: TIMES, np.divide: "/", np.power: "**", np.matmul: "@", np.mod: "%",
    np.floor_divide: "//",
}  # fmt: skip
COMMUTATIVE = {np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.hypot, np.logaddexp, np.logaddexp2}
LETTERS = "abc"  # what the operands are called where their order matters and they are no more than these


def shorten(text: str, limit: int = MAX_NAME) -> str:
    """`text` on one line, of at most `limit` characters: of a longer one the beginning and the end.

    What cannot be printed, line breaks and control characters among them, becomes a space.
    """
    if len(text) > limit:
        tail = limit // 2 - 1
        text = f"{text[: limit - tail - 1]}…{text[-tail:]}"
    return "".join(c if c.isprintable() else " " for c in text)


def columns(text: str) -> int:
    """How many columns of a monospaced font `text` takes: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def number(x: Any) -> str:
    """A number, to four significant digits; -0 is 0."""
    return f"{float(x) + 0:.4g}"


def few_numbers(x: Any, digits: int = 4) -> str:
    """One number, or a few on one line: "[0.5, 1, 0]"; of more what a tooltip says."""
    data = np.ravel(x)
    if data.size > MAX_COLUMNS:
        return at_length(x)
    if np.size(x) == 1:
        return f"{float(data[0]):.{digits}g}"
    return f"[{', '.join(f'{float(entry):.{digits}g}' for entry in data)}]"


def in_full(x: Any) -> bool:
    """Whether every number of `x` is shown."""
    size, last = np.size(x), (np.shape(x) or (1,))[-1]
    return size <= 1 or (size <= MAX_SIZE and last <= MAX_COLUMNS and size // last <= MAX_ROWS)


def rows(x: Any) -> list[list[str]]:
    """The numbers of `x` in rows, the last axis across; of a large array its minimum, mean and maximum."""
    data = np.asarray(x)
    if data.size == 0:
        return [["empty"]]
    if data.size == 1:
        return [[number(data.reshape(()))]]
    if in_full(data):
        return aligned(data.reshape(-1, data.shape[-1]))
    with np.errstate(all="ignore"):
        return [[number(data.min()), number(data.mean(dtype=np.float64)), number(data.max())]]


def aligned(matrix: Any) -> list[list[str]]:
    """The numbers with as many decimals as give the largest three or four digits; an exact 0 is "0"."""
    sizes = np.abs(matrix[np.isfinite(matrix)], dtype=np.float64)
    largest = sizes.max(initial=0)
    form = ".3g"
    if np.all(sizes == np.rint(sizes)) and largest < 1e5:
        form = ".0f"
    elif 1e-3 <= largest < 1e4:
        form = f".{max(0, 2 - math.floor(math.log10(largest)))}f"
    return [[f"{float(entry):{form}}" if entry else "0" for entry in row] for row in matrix]


def at_length(x: Any) -> str:
    """The numbers of `x` for a tooltip: to the last digit, and some of a large array."""
    data = np.asarray(x)
    if data.size == 1:
        return str(data.reshape(()))
    return np.array2string(data, threshold=MAX_SIZE, edgeitems=2, separator=", ")


def shape_and_dtype(x: Any) -> str:
    """The shape of an array, and its dtype unless that is float64; nothing of a Python number."""
    if type(x) in (float, int, bool):
        return ""
    data = np.asarray(x)
    return f"{data.shape}" if data.dtype == np.float64 else f"{data.shape} {data.dtype}"


def letters(call: Call) -> str:
    """A letter per operand if their order matters and they are few, else none."""
    return LETTERS[: call.operands] if 1 < call.operands <= len(LETTERS) and call.fun not in COMMUTATIVE else ""


def operation(call: Call) -> str:
    """What an operation is called: "tanh", "+", "a @ b", "[1:]", "where(a, b, c)"."""
    sign, operands = SIGNS.get(call.fun), letters(call)
    if sign:
        return f"a {sign} b" if operands else sign
    if call.fun is affine:
        return "a @ b + c"
    if call.fun is operator.getitem and call.metadata:
        return shorten(f"[{index(call.metadata[0])}]")
    name = shorten(short_name(call.fun))
    return f"{name}({', '.join(operands)})" if operands else name


def expression(call: Call, operands: Sequence[str]) -> str:
    """The call as one writes it: "w * x", "X @ W + b", "x[1:]", "sum(x, axis=0)"."""
    sign = SIGNS.get(call.fun)
    if sign and len(operands) == 2:
        return f" {sign} ".join(operands)
    if call.fun is affine:
        return "{} @ {} + {}".format(*operands)
    if call.fun is operator.getitem and call.metadata:
        return f"{operands[0]}[{index(call.metadata[0])}]"
    return f"{short_name(call.fun)}({', '.join(filter(None, [*operands, settings(call)]))})"


def short_name(fun: Function) -> str:
    """The last part of a function's name."""
    return name_of(fun).rpartition(".")[2]


def settings(call: Call) -> str:
    """The arguments of a call that are no numbers to compute with: "axis=0", "(3, 2)"."""
    positional = () if call.fun is operator.getitem else call.metadata
    given = {name: value for name, value in call.keywords.items() if value is not None and value is not False}
    return shorten(", ".join([*map(str, positional), *(f"{name}={value}" for name, value in given.items())]))


def index(item: Any) -> str:
    """An index as one writes it between brackets: "0", "1:, :", "..., 0"."""
    if isinstance(item, tuple):
        return ", ".join(map(index, item))
    if isinstance(item, slice):
        ends = ["" if end is None else str(end) for end in (item.start, item.stop, item.step)]
        return ":".join(ends if ends[2] else ends[:2])
    return "..." if item is ... else str(item)
