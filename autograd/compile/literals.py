"""What stands in a script: numbers, the kinds of arrays, and the shapes of operands, which the script leaves out."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from ..inspecting import name_of
from ..table import Function
from .program import Op, mapped
from .written import NoFormula


def fixed(index: Any, fun: Function) -> Any:
    """An index without anything that is computed."""

    def value(x: Any) -> Any:
        if isinstance(x, Op) and not x.is_constant:
            raise NoFormula(f"{name_of(fun)} at an index that is computed has no formula in JavaScript")
        return x.value if isinstance(x, Op) else x

    return mapped((index,), value)[0]


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of an operand."""
    return x.shape if isinstance(x, Op) else np.shape(x)


def dtype_of(x: Any) -> np.dtype[Any]:
    """The dtype of an operand."""
    return x.dtype if isinstance(x, Op) else np.asarray(x).dtype


def kind(dtype: np.dtype[Any]) -> str:
    """The typed array that holds numbers of a dtype: those of single precision are rounded when they are stored."""
    return {"b": "Uint8Array", "f4": "Float32Array"}.get(
        dtype.str[1:] if dtype.kind == "f" else dtype.kind, "Float64Array"
    )


def number(x: float) -> str:
    """A number as a literal."""
    if isinstance(x, bool):
        return str(int(x))
    if math.isnan(x):
        return "NaN"
    return json.dumps(x) if math.isfinite(x) else "Infinity" if x > 0 else "-Infinity"
