"""Reductions as operators."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..rules.reductions import log_softmax, logsumexp, softmax
from ..rules.structure import ascending
from .batches import Call
from .graph import BOOL, INT, Graph, Step
from .table import CONVERTERS, axes_of, converts, static, unsupported

BY_INPUT = frozenset({"ReduceSum"})  # in this version of ONNX the others have their axes as an attribute


def reduced(g: Graph, kind: str, x: Any, axes: Sequence[int], keepdims: bool, dtype: Any) -> str:
    """A reduction over these axes; over none it changes nothing."""
    if not axes:
        return g.use(x, dtype)
    if kind in BY_INPUT:
        return g.node(kind, x, g.integers(*axes), dtype=dtype, keepdims=int(keepdims))
    return g.node(kind, x, dtype=dtype, axes=list(axes), keepdims=int(keepdims))


def reduction_of(kind: str, g: Graph, call: Call, x: Call, axis: Any = None, keepdims: bool = False) -> str:
    """The reduction of this kind, in the dtype of the result."""
    if kind in ("ReduceMax", "ReduceMin") and call.dtype == bool:
        return g.cast(reduced(g, kind, x, axes_of(axis, x.ndim), keepdims, np.int32), BOOL)
    return reduced(g, kind, x, axes_of(axis, x.ndim), keepdims, call.dtype)


KINDS: dict[Any, str] = {
    np.sum: "ReduceSum", np.mean: "ReduceMean", np.prod: "ReduceProd", np.max: "ReduceMax", np.min: "ReduceMin",
    np.any: "ReduceMax", np.all: "ReduceMin",
}  # fmt: skip
for fun, kind in KINDS.items():
    CONVERTERS[fun] = functools.partial(reduction_of, kind)


@converts(np.count_nonzero)
def _count_nonzero(g: Graph, call: Call, x: Call, axis: Any = None, keepdims: bool = False) -> str:
    return reduced(g, "ReduceSum", g.use(g.use(x, BOOL), np.int64), axes_of(axis, x.ndim), keepdims, np.int64)


@converts(np.argmax, np.argmin)
def _arg(g: Graph, call: Call, x: Call, axis: Any = None, keepdims: bool = False) -> str:
    kind = "ArgMax" if call.fun is np.argmax else "ArgMin"
    dtype = np.dtype(np.int32) if x.dtype == bool else x.dtype
    if axis is None:
        raise unsupported(call, "over all axes at once: it would look at several samples")
    return g.node(kind, x, dtype=dtype, gives=np.int64, axis=int(axis), keepdims=int(bool(keepdims)))


@converts(np.cumsum)
def _cumsum(g: Graph, call: Call, x: Call, axis: Any = None) -> str:
    if axis is None and x.ndim != 1:
        x, axis = g.reshape(x, call.shape, call.dtype), 0  # type: ignore[assignment]
    return g.node("CumSum", x, g.constant(np.int64(axis or 0)), dtype=call.dtype)


# what a running result starts with
STARTS: dict[Any, tuple[str, Any]] = {
    np.cumprod: ("Mul", lambda t: 1),
    np.maximum.accumulate: ("Max", lambda t: -np.inf if t.kind == "f" else np.iinfo(t).min),
    np.minimum.accumulate: ("Min", lambda t: np.inf if t.kind == "f" else np.iinfo(t).max),
}


@converts(*STARTS)
def _running(g: Graph, call: Call, x: Call, axis: Any = None) -> str:
    """The result so far, for every element along an axis."""
    t, (kind, start) = call.dtype, STARTS[call.fun]
    whole = axis is None and call.fun is np.cumprod
    a = 0 if whole else int(axis or 0) % x.ndim
    name = g.reshape(x, call.shape, t) if whole else g.use(x, t)
    first = g.node(
        "Expand", g.constant(np.asarray(start(t), t)), g.shape([*call.shape[:a], *call.shape[a + 1 :]]), dtype=t
    )
    return g.second(
        "Scan", first, name, dtype=t, gives=t, body=Step(kind, t), num_scan_inputs=1, scan_input_axes=[a],
        scan_output_axes=[a],
    )  # fmt: skip


@converts(np.argsort)
def _argsort(g: Graph, call: Call, x: Call, axis: Any = -1, *_: Any, **__: Any) -> str:
    """Of equal elements the first comes first, as with kind="stable"."""
    dtype = np.dtype(np.int32) if x.dtype == bool else x.dtype
    shape = x.shape if axis is not None else call.shape
    a = int(-1 if axis is None else axis) % len(shape)
    name = g.use(x, dtype) if axis is not None else g.reshape(g.use(x, dtype), shape, dtype)
    return g.second("TopK", name, g.shape(shape[a : a + 1]), dtype=dtype, gives=INT, axis=a, largest=0, sorted=1)


@converts(ascending)
def _ascending(g: Graph, call: Call, x: Call, axis: Any = -1, *_: Any, **__: Any) -> str:
    a = int(axis) % x.ndim
    return g.node("GatherElements", g.use(x, call.dtype), _argsort(g, call, x, a), dtype=call.dtype, axis=a)


def variance(g: Graph, call: Call, x: Call, axis: Any, ddof: Any, keepdims: bool) -> str:
    """The mean square of what is left without the mean."""
    t, axes = call.dtype, axes_of(axis, x.ndim)
    centred = g.node("Sub", x, reduced(g, "ReduceMean", x, axes, True, t), dtype=t)
    square = g.node("Mul", centred, centred, dtype=t)
    if not ddof:
        return reduced(g, "ReduceMean", square, axes, keepdims, t)
    count = int(np.prod(static(call, [x.shape[a] for a in axes])))
    return g.node("Div", reduced(g, "ReduceSum", square, axes, keepdims, t), count - ddof, dtype=t)


@converts(np.var)
def _var(
    g: Graph, call: Call, x: Call, axis: Any = None, ddof: Any = 0, keepdims: bool = False, correction: Any = 0
) -> str:
    return variance(g, call, x, axis, ddof or correction, keepdims)


@converts(np.std)
def _std(g: Graph, call: Call, *args: Any, **kwargs: Any) -> str:
    return g.node("Sqrt", _var(g, call, *args, **kwargs), dtype=call.dtype)


@converts(logsumexp)
def _logsumexp(g: Graph, call: Call, x: Call, axis: Any = None, keepdims: bool = False) -> str:
    """Less the largest one, if that is finite."""
    t, axes = call.dtype, axes_of(axis, x.ndim)
    top = lowest(g, reduced(g, "ReduceMax", x, axes, True, t), t)
    total = reduced(g, "ReduceSum", g.node("Exp", g.node("Sub", x, top, dtype=t), dtype=t), axes, True, t)
    y = g.node("Add", g.node("Log", total, dtype=t), top, dtype=t)
    return y if keepdims else g.reshape(y, call.shape, t)


def lowest(g: Graph, x: Any, t: np.dtype[Any]) -> str:
    """`x`, the lowest finite number instead of -inf."""
    return g.node("Max", x, float(np.finfo(t).min), dtype=t)


def may_be_infinite(x: Any) -> bool:
    """Whether a constant of -inf went into this value, as a mask does: then a row may hold nothing else."""
    seen, waiting = set(), [x]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (tuple, list)):
            waiting += one
        elif isinstance(one, Call):
            if one not in seen:
                seen.add(one)
                waiting += [*one.args, *one.kwargs.values(), one.value]
        elif isinstance(one, (float, np.floating, np.ndarray)) and np.any(np.equal(one, -np.inf)):
            return True
    return False


@converts(softmax)
def _softmax(g: Graph, call: Call, x: Call, axis: Any = -1) -> str:
    """An entry of -inf has the share 0, also where all are -inf, which is NaN in ONNX."""
    t = call.dtype
    if not may_be_infinite(x):
        return over_one_axis("Softmax", g, call, x, axis)
    none = g.node("Equal", x, -np.inf, dtype=t, gives=BOOL)
    shares = over_one_axis("Softmax", g, call, lowest(g, x, t), axis, x.ndim)
    return g.node("Where", none, 0, shares, dtype=t)


@converts(log_softmax)
def _log_softmax(g: Graph, call: Call, x: Call, axis: Any = -1) -> str:
    return over_one_axis("LogSoftmax", g, call, x, axis)


def over_one_axis(kind: str, g: Graph, call: Call, x: Any, axis: Any, ndim: int = 0) -> str:
    """An operator that takes a single axis; several are the last ones, as one, meanwhile."""
    axes, t = axes_of(axis, call.ndim), call.dtype
    if len(axes) == 1:
        return g.node(kind, x, dtype=t, axis=axes[0])
    others = [a for a in range(call.ndim) if a not in axes]
    order = [*others, *axes]
    moved = tuple(call.shape[a] for a in order)
    size = int(np.prod(static(call, [call.shape[a] for a in axes])))
    flat = g.reshape(g.transpose(x, order, t), (*(call.shape[a] for a in others), size), t)
    y = g.reshape(g.node(kind, flat, dtype=t, axis=-1), moved, t)
    return g.transpose(y, np.argsort(order).tolist(), t)
