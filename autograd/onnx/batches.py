"""What a function does to batches of any size: two traces, of two and of three samples, as one list of calls.

The two runs make the same calls. A size that is 2k in one of them and 3k in the other is k times the batch; whatever
else differs depends on the number of samples in a way that no graph can follow, and is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from ..compile import calls
from ..compile.program import Argument, Computed, Op, Program, Returned, Slot
from ..inspecting import name_of
from ..recording import no_grad
from ..table import Function
from ..trees import leaves, rebuild
from .expanding import expanded

FEW, MANY = 2, 3  # without a common divisor: nothing else grows in the same ratio


@dataclass(frozen=True)
class Batch:
    """A size: so many times the number of samples."""

    times: int = 1

    def __str__(self) -> str:
        return "batch" if self.times == 1 else f"{self.times}*batch"


Size = int | Batch
Sizes = tuple[Size, ...]


@dataclass(eq=False)
class Call:
    """One call for any number of samples, `fun(*args, **kwargs)`, with Calls and Batches among its arguments.

    Without `fun` it is an input or, if it has a value, a constant.
    """

    fun: Function | None
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    shape: Sizes
    dtype: np.dtype[Any]
    weak: bool = False  # a number of Python's, which takes the dtype of arrays
    value: Any = None
    name: str | None = None
    scope: tuple[str, ...] = ()

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def where(self) -> str:
        """Which call this is, for errors: "np.linalg.inv in 2 (Whitening)"."""
        parts = [part for part in self.scope if "(" in part] or list(self.scope)
        return name_of(self.fun) + (f" in {parts[-1]}" if parts else "")


@dataclass
class Calls:
    """What a function does: its inputs, the calls in their order, and the outputs by name."""

    inputs: list[Call]
    calls: list[Call]
    outputs: dict[str, Call]


def traced(
    f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], names: Sequence[str] | None = None
) -> Calls:
    """The calls of `f` for any number of samples."""
    given = [np.asarray(x) for x in leaves([list(args), dict(kwargs)])]
    check_samples(given)
    programs = []
    with no_grad():
        for size in (FEW, MANY):
            sized = iter([np.take(x, np.arange(size) % len(x), axis=0) for x in given])
            new_args, new_kwargs = rebuild([list(args), dict(kwargs)], sized)
            programs.append(expanded(calls(f, new_args, new_kwargs)))
    few, many = programs
    if names is None:
        alone = len(args) == 1 and not kwargs
        named = [*paths("input", args[0] if alone else tuple(args)), *paths("", dict(kwargs))]
        names = [name for name, _ in named]
    return Merge(few, many, names).merged([Call(None, (), {}, (Batch(), *x.shape[1:]), x.dtype) for x in given])


def check_samples(given: Sequence[Any]) -> None:
    """Refuse what has no axis of samples, or other numbers of them."""
    shapes = [x.shape for x in given]
    if not shapes or any(x.dtype.kind not in "fiub" for x in given):
        raise TypeError(f"the model needs arrays of numbers to be traced with, not {[x.dtype for x in given]}")
    if any(not shape for shape in shapes) or len({shape[0] for shape in shapes}) > 1 or shapes[0][0] == 0:
        raise ValueError(
            f"arrays of shapes {', '.join(map(str, shapes))}: the first axis of each counts the samples, one or more, "
            "the same number in each (of one sample x take x[None])"
        )


def paths(prefix: str, tree: Any) -> Iterator[tuple[str, Any]]:
    """Every leaf of a tree with its path: "output_1", "state_0", a key."""
    if isinstance(tree, dict):
        for key, part in tree.items():
            yield from paths(f"{prefix}.{key}" if prefix not in ("output", "") else str(key), part)
    elif isinstance(tree, (tuple, list)) and not isinstance(tree, Computed):
        for i, part in enumerate(tree):
            yield from paths(f"{prefix}_{i}", part)
    else:
        yield prefix, tree


@dataclass
class Merge:
    """Two programs of one function on their way to be one."""

    few: Program
    many: Program
    names: Sequence[str]
    calls: dict[Op, Call] = field(default_factory=dict)
    inputs: list[Call] = field(default_factory=list)
    within: Op | None = None  # what is looked at

    def merged(self, inputs: list[Call]) -> Calls:
        """The one."""
        self.inputs = inputs
        for call, name in zip(inputs, self.names, strict=True):
            call.name = name
        for program in (self.few, self.many):
            if program.writes:
                raise ValueError("the model changes something when it is called, which no ONNX graph can do")
        first, second = ([op for op in p.ops if not checks(op)] for p in (self.few, self.many))
        for a, b in zip(first, second):
            self.call(a, b)
        if len(first) != len(second):
            self.refuse("makes more calls for more samples (a loop over them?)", first[-1] if first else None)
        pairs = list(paths("output", self.few.result)), list(paths("output", self.many.result))
        outputs = {}
        for (name, one), (_, other) in zip(*pairs, strict=True):
            if not isinstance(one, (Returned, Computed)):
                raise TypeError(f"the model gives {one!r:.80} for {name}: outputs of an ONNX model are arrays")
            outputs[name] = self.merge(returned(one), returned(other))
        return Calls(inputs, [call for call in self.calls.values() if call.fun is not None], outputs)

    def call(self, a: Op, b: Op) -> Call:
        """One operation of both."""
        if a in self.calls:
            return self.calls[a]
        self.within = a
        if a.repeated:
            raise NotImplementedError(f"{self.at(a)} draws at random, or looks at numbers: no operator in ONNX does")
        if a.fun != b.fun or len(a.args) != len(b.args) or a.kwargs.keys() != b.kwargs.keys():
            self.refuse(f"calls {name_of(a.fun)} for {FEW} samples, and {name_of(b.fun)} for {MANY}", a)
        made = Call(a.fun, (), {}, self.sizes(a, b), a.dtype, not a.is_array, name=a.name, scope=a.scope)
        if a.fun is not None:
            made.args = tuple(self.merge(x, y) for x, y in zip(a.args, b.args))
            made.kwargs = {key: self.merge(x, b.kwargs[key]) for key, x in a.kwargs.items()}
        elif isinstance(a.place, Argument):
            made = self.inputs[a.place.position]
        else:
            if isinstance(a.place, Slot) and not isinstance(a.place.node, Argument):
                made.name = a.place.node.name
            made.value = self.constant(np.asarray(a.value), np.asarray(b.value), made.shape)
        self.within = a
        self.calls[a] = made
        return made

    def sizes(self, a: Op, b: Op) -> Sizes:
        """The shape of a result."""
        if len(a.shape) != len(b.shape):
            self.refuse("gives arrays of more axes for more samples", a)
        return tuple(self.size(m, n) for m, n in zip(a.shape, b.shape))

    def size(self, m: int, n: int) -> Size:
        """A number that stands for a size."""
        if m == n:
            return int(m)
        if m * MANY != n * FEW:
            self.refuse(f"has {m} for {FEW} samples and {n} for {MANY}, which is no multiple of the batch", self.within)
        return Batch(int(m) // FEW)

    def constant(self, a: Any, b: Any, shape: Sizes) -> Any:
        """The numbers of an array that is the same for every sample: of size 1 along the axes of the batch."""
        first = tuple(slice(0, 1) if isinstance(size, Batch) else slice(None) for size in shape)
        one = a[first]
        if not (same(np.broadcast_to(one, a.shape), a) and same(np.broadcast_to(one, b.shape), b)):
            self.refuse("uses numbers that are others for more samples", self.within)
        return one

    def merge(self, a: Any, b: Any) -> Any:
        """Two arguments, or trees of them, as one."""
        if isinstance(a, Op) and isinstance(b, Op):
            return self.call(a, b)
        if type(a) is type(b):
            if isinstance(a, (tuple, list)) and len(a) == len(b):
                return type(a)(self.merge(x, y) for x, y in zip(a, b))
            if isinstance(a, dict) and a.keys() == b.keys():
                return {key: self.merge(x, b[key]) for key, x in a.items()}
            if isinstance(a, slice):
                parts = ((a.start, b.start), (a.stop, b.stop), (a.step, b.step))
                return slice(*(self.merge(x, y) for x, y in parts))
            if isinstance(a, (int, np.integer)) and not isinstance(a, bool):
                return self.size(int(a), int(b))
            if isinstance(a, np.ndarray):
                return self.constant(a, b, a.shape) if a.shape == b.shape else self.refuse("uses other arrays")
            if a is b or a == b or (a != a and b != b):
                return a
        return self.refuse(f"has {a!r:.40} for {FEW} samples and {b!r:.40} for {MANY}", self.within)

    def at(self, op: Op | None) -> str:
        """Where that is."""
        if op is None or op.fun is None:
            return "the model"
        return Call(op.fun, (), {}, (), op.dtype, scope=op.scope).where()

    def refuse(self, what: str, op: Op | None = None) -> NoReturn:
        """Raise the error for what depends on the number of samples."""
        raise ValueError(
            f"{self.at(op or self.within)} {what}: an ONNX graph takes any number of samples, and each for itself"
        )


def checks(op: Op) -> bool:
    """Whether a call only looks whether numbers are valid."""
    return op.repeated and op.value is None


def same(a: Any, b: Any) -> bool:
    """Whether two arrays hold the same, NaN included."""
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def returned(x: Any) -> Any:
    """The operation of an output."""
    return x.op if isinstance(x, Returned) else x.number.op
