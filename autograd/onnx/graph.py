"""The graph that is made: its nodes, the names of values, constants, shapes and dtypes. It knows no ONNX library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .batches import Batch, Call, Size, Sizes

INT = np.dtype(np.int64)
BOOL = np.dtype(bool)
RESHAPES = (np.reshape, np.ravel, np.expand_dims, np.squeeze)
END = np.iinfo(np.int64).max


@dataclass
class Node:
    """One operator: it reads and makes values by name."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    name: str


@dataclass
class Step:
    """An attribute: the graph of an operator that takes a running result and an element, and gives the next result."""

    kind: str
    dtype: np.dtype[Any]


class Graph:
    """Nodes in their order, and the constants that they use.

    A value is known by its name. Operands of `node` are names, Calls, numbers and arrays.
    """

    def __init__(self, inputs: Sequence[Call]) -> None:
        self.inputs = inputs
        self.nodes: list[Node] = []
        self.initializers: dict[str, Any] = {}
        self.dtypes: dict[str, np.dtype[Any]] = {}
        self.names: dict[Call, str] = {}
        self.scope: tuple[str, ...] = ()
        self.known: dict[Any, str] = {}  # constants and casts that are there already
        for call in inputs:
            self.names[call] = self.named(call.name or "input", call.dtype)

    def named(self, wish: str, dtype: np.dtype[Any]) -> str:
        """A name that no other value has."""
        name, i = wish, 1
        while name in self.dtypes:
            i += 1
            name = f"{wish}_{i}"
        self.dtypes[name] = dtype
        return name

    def node(
        self, kind: str, *operands: Any, dtype: npt.DTypeLike, gives: npt.DTypeLike | None = None, **attributes: Any
    ) -> str:
        """The name of what an operator makes of operands, which are cast to `dtype`; names are taken as they are."""
        inputs = tuple(x if isinstance(x, str) else self.use(x, dtype) for x in operands)
        output = self.named(f"{kind}_{len(self.nodes)}", np.dtype(dtype if gives is None else gives))
        self.nodes.append(Node(kind, inputs, (output,), attributes, "/".join((*self.scope, output))))
        return output

    def second(self, kind: str, *operands: Any, dtype: npt.DTypeLike, gives: npt.DTypeLike, **attributes: Any) -> str:
        """The second of two results."""
        output = self.node(kind, *operands, dtype=dtype, gives=gives, **attributes)
        self.nodes[-1].outputs = self.named(f"{output}_first", np.dtype(dtype)), output
        return output

    def keep(self, outputs: Iterable[str]) -> None:
        """Nothing but what these results need; a pattern takes the place of its parts."""
        needed = set(outputs)
        for node in reversed(self.nodes):
            if needed.intersection(node.outputs):
                needed.update(node.inputs)
        self.nodes = [node for node in self.nodes if needed.intersection(node.outputs)]
        self.initializers = {name: array for name, array in self.initializers.items() if name in needed}

    def use(self, x: Any, dtype: npt.DTypeLike | None = None) -> str:
        """The name of an operand, in this dtype."""
        if isinstance(x, Batch):
            size = self.node("Squeeze", self.times(x), dtype=INT)
            return self.cast(size, dtype)
        if isinstance(x, Call):
            return self.cast(self.name(x), dtype)
        if isinstance(x, str):
            return self.cast(x, dtype)
        return self.constant(np.asarray(x, dtype))

    def name(self, call: Call) -> str:
        """The name of a call's result; an input or a constant has one from now on."""
        if call not in self.names:
            one = np.ascontiguousarray(call.value).reshape(np.shape(call.value))
            name = self.constant(one) if call.name is None else self.named(call.name, one.dtype)
            if call.name is not None:
                self.initializers[name] = one
            if any(isinstance(size, Batch) for size in call.shape):
                name = self.node("Expand", name, self.shape(call.shape), dtype=one.dtype)
            self.names[call] = name
        return self.names[call]

    def cast(self, name: str, dtype: npt.DTypeLike | None) -> str:
        """A value in another dtype."""
        if dtype is None or self.dtypes[name] == dtype:
            return name
        key = name, np.dtype(dtype)
        if key not in self.known:
            self.known[key] = self.node("Cast", name, dtype=dtype, to=np.dtype(dtype))
        return self.known[key]

    def constant(self, array: Any) -> str:
        """The name of a constant, each only once."""
        array = np.asarray(array)
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self.known:
            self.known[key] = self.named(f"constant_{len(self.known)}", array.dtype)
            self.initializers[self.known[key]] = np.array(array)
        return self.known[key]

    def integers(self, *numbers: int) -> str:
        """A constant vector of integers, as axes are given."""
        return self.constant(np.array(numbers, np.int64))

    # --- shapes -------------------------------------------------------------------------------------------------

    def times(self, size: Batch) -> str:
        """A size as a vector of one integer."""
        if "batch" not in self.known:
            whole = self.node("Shape", self.inputs[0], dtype=self.inputs[0].dtype, gives=INT)
            self.known["batch"] = self.node("Slice", whole, self.integers(0), self.integers(1), dtype=INT)
        batch = self.known["batch"]
        return batch if size.times == 1 else self.node("Mul", batch, self.integers(size.times), dtype=INT)

    def shape(self, sizes: Sequence[Size]) -> str:
        """Sizes as a vector of integers."""
        if not any(isinstance(size, Batch) for size in sizes):
            return self.integers(*(int(size) for size in sizes))  # type: ignore[arg-type]
        parts = [self.times(size) if isinstance(size, Batch) else self.integers(size) for size in sizes]
        return parts[0] if len(parts) == 1 else self.node("Concat", *parts, dtype=INT, axis=0)

    def reshape(self, x: Any, sizes: Sizes, dtype: np.dtype[Any]) -> str:
        """The same numbers in another shape; of one size that is the batch ONNX finds out."""
        while isinstance(x, Call) and x.fun in RESHAPES and x.dtype == x.args[0].dtype == dtype:
            x = x.args[0]
        if isinstance(x, Call) and x.shape == sizes:
            return self.use(x, dtype)
        free = [size for size in sizes if isinstance(size, Batch)]
        if len(free) == 1 and 0 not in sizes:
            shape = self.integers(*(-1 if isinstance(size, Batch) else size for size in sizes))
        else:
            shape = self.shape(sizes)
        zeros: dict[str, Any] = {"allowzero": 1} if 0 in sizes else {}
        return self.node("Reshape", x, shape, dtype=dtype, **zeros)

    def transpose(self, x: Any, order: Sequence[int], dtype: np.dtype[Any]) -> str:
        """The axes in another order."""
        if list(order) == list(range(len(order))):
            return self.use(x, dtype)
        return self.node("Transpose", x, dtype=dtype, perm=list(order))

    def slice(self, x: Any, cuts: Sequence[tuple[int, Any, Any, int]], dtype: np.dtype[Any]) -> str:
        """A part of an array: for each of some axes (axis, start, stop, step)."""
        if not cuts:
            return self.use(x, dtype)
        axes, starts, stops, steps = zip(*cuts)
        bounds = self.shape(starts), self.shape(stops), self.integers(*axes), self.integers(*steps)
        return self.node("Slice", x, *bounds, dtype=dtype)
