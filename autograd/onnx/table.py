"""The table: which converter writes a function as operators of ONNX, and which patterns of calls are one operator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..table import Function

Converter = Callable[..., str]  # (graph, call, *the call's arguments) -> the name of the result

Pattern = Callable[[Any, Any], str | None]  # (graph, call) -> the name of the result, if the calls before it fit

CONVERTERS: dict[Function, Converter] = {}
PATTERNS: dict[Function, list[Pattern]] = {}


def converts(*functions: Function) -> Callable[[Converter], Converter]:
    """Say that a converter is for these functions."""

    def enter(converter: Converter) -> Converter:
        CONVERTERS.update(dict.fromkeys(functions, converter))
        return converter

    return enter


def ends(*functions: Function) -> Callable[[Pattern], Pattern]:
    """Say that a pattern of calls ends with one of these functions."""

    def enter(pattern: Pattern) -> Pattern:
        for fun in functions:
            PATTERNS.setdefault(fun, []).append(pattern)
        return pattern

    return enter


def convert(graph: Any, call: Any) -> str:
    """Write a call into the graph: the name of its result. Raises NotImplementedError if no operator computes it."""
    found = (pattern(graph, call) for pattern in PATTERNS.get(call.fun, ()))
    if (name := next((name for name in found if name is not None), None)) is not None:
        return name
    converter = CONVERTERS.get(call.fun) if call.fun is not None else None
    if converter is None:
        raise NotImplementedError(
            f"{call.where()} has no operator in ONNX that computes it: take this part out of the model that is exported"
        )
    kwargs = {key: plain(x) for key, x in call.kwargs.items()}
    try:
        return graph.cast(converter(graph, call, *call.args, **kwargs), call.dtype)
    except TypeError as error:
        if "argument" not in str(error):
            raise
        raise NotImplementedError(f"{call.where()} has no operator in ONNX with these arguments: {error}") from error


def plain(x: Any) -> Any:
    """Metadata as a number or an array: it may have been read from around the function, as a constant."""
    known = hasattr(x, "fun") and x.fun is None and x.value is not None
    return x if not known else x.value if np.ndim(x.value) else x.value.item()


def unsupported(call: Any, what: str) -> NotImplementedError:
    """The error for a call that could be written, but not with these arguments."""
    return NotImplementedError(f"{call.where()} has no operator in ONNX {what}")


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """`axis` as NumPy reads it, as a tuple of non-negative axes."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(int(a) % ndim for a in (axis if isinstance(axis, Iterable) else (axis,)))


def static(call: Any, sizes: Iterable[Any]) -> list[int]:
    """Sizes that do not depend on the number of samples. Raises NotImplementedError for others."""
    found = list(sizes)
    if not all(isinstance(size, int) for size in found):
        raise unsupported(call, "along the axis of the samples")
    return found
