"""A traced function as a program: operations in the order in which they run, what it reads, and what it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from ..inspecting import name_of
from ..node import NO_KWARGS, Node
from ..shapes import Shape
from ..table import Function

Phase = Literal["forward", "backward", "update"]


@dataclass(frozen=True)
class Argument:
    """The i-th number, array or node among the arguments of a call."""

    position: int


@dataclass(frozen=True, eq=False)
class Slot:
    """The numbers or the gradient of a leaf: of one that the function refers to, or of one among its arguments."""

    node: Node | Argument
    attribute: Literal["_raw", "_grad"]

    def __eq__(self, other: object) -> bool:  # nodes compare by their numbers
        return isinstance(other, Slot) and (self.key == other.key)

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def key(self) -> tuple[Any, str]:
        """What tells it from other slots."""
        return self.node if isinstance(self.node, Argument) else id(self.node), self.attribute


@dataclass(frozen=True, eq=False)
class Entry:
    """What an object holds, and where: an item of it, an attribute, what a cell or a class has under a name.

    `path` goes on into tuples. The attributes of an object are items of vars(it).
    """

    holder: Any
    key: Any
    kind: Literal["item", "attribute", "cell", "class", "arguments"] = "item"
    path: tuple[int, ...] = ()

    def get(self) -> Any:
        """What is there now. Raises ValueError for a cell that is empty."""
        if self.kind == "item":
            found = self.holder[self.key]
        elif self.kind == "class":
            found = vars(self.holder)[self.key]
        else:
            found = getattr(self.holder, self.key)
        for i in self.path:
            found = found[i]
        return found

    def set(self, value: Any) -> None:
        """Put something there. What is inside of a tuple stays: the tuple as a whole has a place of its own."""
        if self.kind == "item":
            self.holder[self.key] = value
        elif self.kind == "class":
            type.__setattr__(self.holder, self.key, value)
        elif self.kind == "arguments":  # those of a functools.partial
            self.holder.__setstate__((self.holder.func, value, self.holder.keywords, vars(self.holder) or None))
        elif self.kind == "attribute":  # also of an instance that is frozen
            object.__setattr__(self.holder, self.key, value)
        else:
            self.holder.cell_contents = value

    @property
    def writable(self) -> bool:
        """Whether a program can put something there."""
        return not self.path and self.kind in ("item", "attribute", "cell")


Place = Argument | Slot | Entry
FLOAT64 = np.dtype(np.float64)
NUMPYS = (np.ndarray, np.generic)


class Op:
    """One operation, `fun(*args, **kwargs)`; in its arguments other operations stand for their results.

    `value` is of the type, shape and dtype of the result. Without `fun` it is an input, read from `place` (a Place; in
    a turn of a loop a Fed), or a constant, and `value` is its number. A call that is `repeated` runs every time and in
    its order, whatever becomes of its result.
    """

    __slots__ = (
        "args", "fun", "gradient_of", "kwargs", "name", "operands", "phase", "place", "repeated", "scope", "value",
    )  # fmt: skip

    def __init__(
        self,
        fun: Function | None,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        value: Any = None,
        *,
        phase: Phase = "forward",
        repeated: bool = False,
        place: Any = None,
        name: str | None = None,
    ) -> None:
        self.fun = fun
        self.args = args
        self.kwargs = kwargs or NO_KWARGS
        # those that it uses, in the order of the arguments, with repetitions
        self.operands: Sequence[Op] = operands_of(args, kwargs)
        self.value = value
        self.phase = phase
        self.repeated = repeated
        self.place = place
        self.name = name
        self.gradient_of: Op | None = None
        self.scope: tuple[str, ...] = ()  # the parts of the model that it belongs to, the outermost first

    @property
    def shape(self) -> Shape:
        """The shape of the result."""
        if isinstance(self.value, NUMPYS):
            return self.value.shape
        shape: Shape = (
            np.shape(self.value) if isinstance(self.value, (tuple, list)) else getattr(self.value, "shape", ())
        )
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the result."""
        if isinstance(self.value, NUMPYS):
            return self.value.dtype
        found: Any = FLOAT64 if type(self.value) is float else getattr(self.value, "dtype", None)  # that of a Listed
        return np.asarray(self.value).dtype if found is None else found

    @property
    def is_array(self) -> bool:
        """Whether the result is of NumPy's, and not a number of Python's."""
        return isinstance(self.value, NUMPYS)

    @property
    def is_constant(self) -> bool:
        """Whether the result is the same in every call."""
        return self.fun is None and self.place is None

    def __repr__(self) -> str:
        kind = name_of(self.fun) if self.fun else f"input {self.name}" if self.place else "constant"
        return f"<{kind} {self.shape} {self.dtype}>"


@dataclass(frozen=True)
class Returned:
    """A number or an array that leaves the program: as it is, or as a node of the kind `kind`."""

    op: Op
    kind: type[Node] | None = None


class Computed(NamedTuple):
    """A node that leaves the program and that requires a gradient: its number, its own gradient, whether it is a leaf.

    A program keeps no graph, so a gradient that came to it would be lost: it is refused.
    """

    number: Any
    gradient: Any
    is_leaf: Any


@dataclass
class Program:
    """What a call does: read the inputs, run `ops`, write `writes`, answer with `result`.

    `result` is a tree, and so is what is written: in both, Returned stands for numbers.
    """

    inputs: list[Op]
    ops: list[Op]
    result: Any
    writes: list[tuple[Place, Any]]

    @property
    def outputs(self) -> list[Op]:
        """The operations whose results are seen from outside, each once."""
        trees = self.result, [tree for _, tree in self.writes]
        return list(dict.fromkeys(x.op for x in flat(trees) if isinstance(x, Returned)))

    def pruned(self) -> Program:
        """The same without what nothing depends on; calls that are repeated stay."""
        live, kept = set(self.outputs), []
        for op in reversed(self.ops):
            if op in live or op.repeated:
                kept.append(op)
                live.update(op.operands)
        return Program([op for op in self.inputs if op in live], kept[::-1], self.result, self.writes)


class Holders(dict[type, bool]):
    """Whether objects of a type are nodes of a tree: tuples, also with named fields, lists, dicts and slices."""

    def __missing__(self, kind: type) -> bool:
        self[kind] = kind in (list, dict, slice) or issubclass(kind, tuple)
        return self[kind]


HOLDS = Holders()


def mapped(tree: Any, f: Callable[[Any], Any]) -> Any:
    """`tree` with `f` applied to all that is in its tuples, lists, dicts and slices."""
    kind = type(tree)
    if not HOLDS[kind]:
        return f(tree)
    if kind is tuple or kind is list:
        return kind([mapped(x, f) if HOLDS[type(x)] else f(x) for x in tree])
    if kind is dict:
        return {key: mapped(x, f) for key, x in tree.items()}
    if kind is slice:
        return slice(mapped(tree.start, f), mapped(tree.stop, f), mapped(tree.step, f))
    return kind(*[mapped(x, f) for x in tree]) if hasattr(kind, "_fields") else f(tree)


def operands_of(args: tuple[Any, ...], kwargs: Mapping[str, Any] | None) -> Sequence[Op]:
    """The operations in the arguments of a call, in order."""
    if not kwargs:
        kinds = [*map(type, args)]
        if kinds.count(Op) == len(kinds):  # in most calls
            return args
        if True not in map(HOLDS.__getitem__, kinds):
            return [x for x in args if type(x) is Op]
    return [x for x in flat((args, kwargs)) if type(x) is Op]


def flat(tree: Any) -> list[Any]:
    """All that is in a tree, in order."""
    found: list[Any] = []
    mapped(tree, found.append)
    return found
