"""Numbers, names and calls as the short texts that stand in a picture."""

from __future__ import annotations

import math
import operator
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..inspecting import name_of
from ..rules.products import affine
from ..table import Function
from .scene import Call

# Up to this size an array is shown in full, row by row; above it, its minimum, mean and maximum.
MAX_SIZE, MAX_ROWS, MAX_COLUMNS = 20, 8, 6
MAX_NAME = 28

TIMES, APPROXIMATELY = "\N{MULTIPLICATION SIGN}", "\N{ALMOST EQUAL TO}"
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


def number(x: Any, digits: int = 4) -> str:
    """A number, to four significant digits; -0 is 0."""
    return f"{float(x) + 0:.{digits}g}"


def few_numbers(x: Any, digits: int = 4) -> str:
    """One number, or a few on one line: "[0.5, 1, 0]"; of more what a tooltip says."""
    data = np.ravel(x)
    if data.size > MAX_COLUMNS:
        return at_length(x)
    if np.size(x) == 1:
        return number(data[0], digits)
    return f"[{', '.join(number(entry, digits) for entry in data)}]"


def in_full(x: Any, most: int = MAX_SIZE) -> bool:
    """Whether every number of `x` is shown: of those arrays that have at most so many, and few rows and columns."""
    size, last = np.size(x), (np.shape(x) or (1,))[-1]
    return size <= 1 or (size <= most and last <= MAX_COLUMNS and size // last <= MAX_ROWS)


def rows(x: Any, extra: int = 0, most: int = MAX_SIZE) -> list[list[str]]:
    """The numbers of `x` in rows, the last axis across, with `extra` digits; of a large array its min, mean and max."""
    data = np.asarray(x)
    if data.size == 0:
        return [["empty"]]
    if data.size == 1 or in_full(data, most):
        return written(data, form_of(data, extra))
    with np.errstate(all="ignore"):
        return [[number(data.min()), number(data.mean(dtype=np.float64)), number(data.max())]]


def written(data: Any, form: str) -> list[list[str]]:
    """The numbers of a small array in rows, each in this form; an exact 0 is "0", and nothing is "-0"."""
    matrix = data.reshape(-1, data.shape[-1] if data.size > 1 else 1)
    return [[text if float(text := f"{float(x):{form}}") else text.lstrip("-") if x else "0" for x in row]
            for row in matrix]  # fmt: skip


def form_of(data: Any, extra: int = 0) -> str:
    """How the numbers of an array are written: with the decimals that give the largest three or four digits."""
    if data.size == 1:
        return f".{4 + extra}g"
    sizes = np.abs(data[np.isfinite(data)], dtype=np.float64)
    largest = sizes.max(initial=0)
    if np.all(sizes == np.rint(sizes)) and largest < 1e5:
        return ".0f"
    if 1e-3 <= largest < 1e4:
        return f".{max(0, 2 - math.floor(math.log10(largest))) + extra}f"
    return f".{3 + extra}g"


# So many digits more may be written of numbers, and of arrays, to let the reader compute with them.
MORE_OF_NUMBERS, MORE_OF_ARRAYS = 13, 4
NEARLY = 1e-9  # floats that differ by less, in parts, are the same number of a few digits


def to_compute_with(f: Callable[..., Any], operands: Sequence[Any], result: Any) -> tuple[list[list[list[str]]], str]:
    """The operands in rows, with as many digits as let a reader compute from them the result as `rows` writes it.

    The sign that stands before it is "=" where what is written gives exactly that, the sign of approximation where it
    is rounded, and an arrow where the arrays are too large to be shown in full.
    """
    arrays = [np.asarray(operand) for operand in (*operands, result)]
    if not all(array.size and in_full(array) for array in arrays):
        return [rows(operand) for operand in operands], "→"
    *arrays, made = arrays
    form = form_of(made)
    shown = written(made, form)
    for extra in range((MORE_OF_NUMBERS if made.size == 1 else MORE_OF_ARRAYS) + 1):
        texts = [rows(operand, extra) for operand in arrays]
        read = [np.array(text, dtype=np.float64).reshape(array.shape) for text, array in zip(texts, arrays)]
        try:
            with np.errstate(all="ignore"):
                computed = np.asarray(f(*read), dtype=np.float64).reshape(made.shape)
        except (ArithmeticError, TypeError, ValueError):  # a function of the user's that takes no rounded numbers
            break
        near = (computed * (1 - NEARLY), computed * (1 + NEARLY))  # whoever computes by hand must not meet a tie
        if all(written(number, form) == shown for number in near):
            told = np.array(shown, dtype=np.float64).reshape(made.shape)
            return texts, "=" if np.allclose(computed, told, rtol=NEARLY, atol=0, equal_nan=True) else APPROXIMATELY
    return [rows(operand) for operand in arrays], APPROXIMATELY


def at_length(x: Any) -> str:
    """The numbers of `x` for a tooltip: to the last digit, and some of a large array."""
    data = np.asarray(x)
    if data.dtype.kind == "f":
        data = data + data.dtype.type(0)  # -0 is 0
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
