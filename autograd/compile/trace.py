"""Tracing: a function runs once, as it always does, over stand-ins for arrays that write down what is done to them.

Nothing else changes: nodes, rules and the sweep carry stand-ins as they carry arrays, so the forward pass, the
backward pass and an optimizer's update leave one straight list of calls. The stand-ins know the numbers of this run,
so every shape and dtype is known. Afterwards all is as before: the first call runs the program as later ones do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from ..arrays import copied, is_plain
from ..node import Node, next_index
from ..recording import Watch, recording
from ..table import Function
from ..tensor import Tensor
from ..value import Value
from .builder import NUMBERS, Builder
from .draws import READING, in_state, put_back, sources_of, state_of
from .held import EMPTY
from .program import Argument, Computed, Entry, Op, Place, Program, Returned, Slot, mapped
from .refusal import ERRORS, Drew, TraceError, is_loud, refuse
from .surroundings import Surroundings
from .traced import Traced


class Trace(Builder, Watch):
    """The calls of one run of a function, and what it depends on besides its arguments.

    While it is open, the leaves and the entries of mappings that the function uses hold stand-ins in the place of
    their numbers; `close` gives them back.
    """

    def __init__(self, known: Collection[Node] = ()) -> None:
        super().__init__()
        self.start = next_index()
        self.known = known  # leaves that the function refers to: as arguments, they are these in every call
        self.inputs: list[Op] = []
        self.leaves: dict[Node, tuple[Any, Any, bool]] = {}  # data, gradient and lent, as they were
        self.twins: dict[Node, Node] = {}  # for a leaf among the arguments what the function gets in its place
        self.arguments: dict[Node, Argument] = {}  # where those are found
        self.asked: dict[Node, bool] = {}  # the leaves whose gradient was read before it was set: whether there was one
        self.set: set[Node] = set()
        self.entries: list[tuple[Entry, Any]] = []
        self.surroundings = Surroundings(self)
        self.fixed: dict[Op, None] = {}  # inputs whose numbers the function looked at
        self.refused: TraceError | None = None
        self.generators: dict[int, tuple[Any, Any]] = {}  # with their states before the trace
        self.states: list[tuple[Any, Any]] = []  # of those whose states the function reads
        self.drawn: set[int] = set()  # those of which each call will draw anew, by their ids
        self.went_backward = False

    # --- calls --------------------------------------------------------------------------------------------------

    def record(
        self, fun: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None, value: Any, repeated: bool = False
    ) -> Any:
        """Write a call down, unless NumPy is to raise errors in it."""
        if is_loud(ERRORS.get()):
            refuse("a call for which NumPy is to raise errors (np.errstate, np.seterr)", "set that around the function")
        return super().record(fun, args, kwargs, value, repeated)

    def computed(self, fun: Function, compute: Function, values: Sequence[Any]) -> Any:
        """The number of a Value."""
        if any(isinstance(value, Traced) for value in values):
            return self.call(fun, tuple(values), compute=compute).as_float()
        return float(compute(*values))

    def anew(self, fun: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """A call that the program repeats each time. What a generator draws is taken back at the end."""
        owner = getattr(fun, "__self__", None)
        self.seen((owner,))
        self.drawn.update(map(id, sources_of(owner)))
        return self.surroundings.let_change(fun, lambda: self.call(fun, args, kwargs, repeated=True))

    def seen(self, objects: Iterable[Any]) -> None:
        """Note the states of the generators among the objects that the function refers to."""
        for source in chain.from_iterable(map(sources_of, objects)):
            self.generators.setdefault(id(source), (source, state_of(source)))

    @property
    def phase(self) -> Any:
        """Which part of the program is being written."""
        if recording.get().sweeping:
            self.went_backward = True
            return "backward"
        return "update" if self.went_backward else "forward"

    def entered(self, part: str) -> None:
        """A part of the model begins to compute."""
        self.scope = (*self.scope, part)

    def left(self) -> None:
        """It is done."""
        self.scope = self.scope[:-1]

    # --- what it reads ------------------------------------------------------------------------------------------

    def input(self, place: Place, value: Any, name: str | None) -> Traced:
        """What is read from `place` at each call."""
        op = Op(None, value=value, place=place, name=name)
        self.inputs.append(op)
        return Traced(self, op)

    def argument(self, position: int, x: Any, name: str) -> Any:
        """The number, array or leaf at a position among the arguments, as the function gets it."""
        if isinstance(x, Node):
            if x in self.known:
                return x
            if x not in self.twins:  # the leaf itself may also be known to the function, and stands for itself there
                self.twins[x] = leaf = twin(x)
                self.arguments[leaf] = Argument(position)
                self.touch(leaf, name)
            return self.twins[x]
        return self.input(Argument(position), x, name)

    def fix(self, op: Op) -> bool:
        """Make the program one for this number alone, if it was computed from the surroundings and nothing else."""
        needed, waiting, seen = [], [op], {op}
        while waiting:
            x = waiting.pop()
            if x.repeated or (x.place is not None and x not in self.surroundings.inputs):
                return False
            if x.place is not None:
                needed.append(x)
            new = [operand for operand in x.operands if operand not in seen]
            seen.update(new)
            waiting += new
        self.fixed.update(dict.fromkeys(needed))
        return True

    def touch(self, node: Node, name: str | None = None, gradient: bool = False) -> None:
        """Put stand-ins in the place of the numbers and the gradient of a leaf that was made before the trace.

        Of a node that was computed before it, the gradient alone can change.
        """
        if node.index >= self.start or node in self.leaves or (node.fun is not None and not gradient):
            return
        self.leaves[node] = (node._raw, node._grad, node._lent)
        holder, name = self.arguments.get(node, node), node.name or name
        if node.fun is None:
            node._raw = self.input(Slot(holder, "_raw"), node._raw, name)
        if isinstance(node._grad, NUMBERS):
            node._grad = self.input(Slot(holder, "_grad"), node._grad, f"d{name}" if name else None)
        node._lent = False

    def taken(self, args: Iterable[Any]) -> None:
        """Leaves are about to be used."""
        for arg in args:
            if isinstance(arg, Node):
                self.touch(arg)

    def grad_read(self, node: Node) -> None:
        """A gradient from before the trace makes a difference."""
        self.touch(node, gradient=True)
        if node in self.leaves and node not in self.set:
            self.asked.setdefault(node, node._grad is not None)

    def grad_set(self, node: Node) -> None:
        """From now on the gradient is that of the trace."""
        self.touch(node, gradient=True)
        self.set.add(node)

    def changed(self, old: Traced, new: Traced) -> bool:
        """Let the leaf, or the entry of a mapping, that holds `old` hold `new`; answers whether there is one."""
        for node in self.leaves:
            if node._raw is old:
                node._raw = new
                return True
            if node._grad is old:
                node.grad = new
                return True
        for entry, _ in self.entries:
            if entry.get() is old:
                entry.set(new)
                return True
        return False

    def lift(self, numbers: Any) -> Any:
        """A stand-in for a constant: a float knows its shape then, and a copy of an array is made in every call."""
        if type(numbers) is float:
            return Traced(self, Op(None, value=numbers))
        op = self.op_of(numbers)
        return Traced(self, op) if isinstance(op, Op) and type(numbers) is not Traced else numbers

    def contributed(self, node: Node, arg: Node, g: Any, c: Any) -> None:
        """Note of which operation this is the gradient."""
        if type(c) is Traced and type(arg._raw) is Traced and c.op.phase == "backward":
            c.op.gradient_of = c.op.gradient_of or arg._raw.op

    def depends_on(self, mapping: MutableMapping[str, Any], changing: Iterable[str], of: str | None) -> None:
        """Put stand-ins in the place of the entries `changing`; all others are a part of the surroundings."""
        known = {entry.key for entry, _ in self.entries if entry.holder is mapping}
        for key in changing:
            if key not in known and isinstance(mapping[key], NUMBERS):
                entry = Entry(mapping, key)
                old = self.surroundings.adopt(entry)
                if old is not EMPTY:
                    self.entries.append((entry, old))
                    if not isinstance(mapping[key], Traced):
                        mapping[key] = self.input(entry, old, key)
                    mapping[key].op.name = f"{of}.{key}" if of else key
                known.add(key)
        for key in mapping.keys() - known:
            self.surroundings.link(Entry(mapping, key), floats=False)
        self.surroundings.size(mapping, mapping)
        self.surroundings.look(())

    # --- the end ------------------------------------------------------------------------------------------------

    def finish(self, result: Any) -> Program:
        """The program, for what the function returned."""
        if self.refused is not None:
            raise self.refused
        for key, (source, state) in self.generators.items():
            if key not in self.drawn and not in_state(source, state):
                raise Drew(
                    "a generator drew inside a function that is being compiled, which would be the same numbers in "
                    "each call: write autograd.anew(rng.random, shape) for rng.random(shape)"
                )
        self.states = [*self.generators.values()] if READING & self.surroundings.names else []
        self.generators = {key: found for key, found in self.generators.items() if key in self.drawn}
        self.surroundings.changed()
        tree = mapped(result, self.returned)
        writes: list[tuple[Place, Any]] = []
        for node, before in self.leaves.items():
            holder = self.arguments.get(node, node)
            self.written(writes, Slot(holder, "_raw"), node._raw, before[0])
            self.written(writes, Slot(holder, "_grad"), node._grad, before[1], node in self.set)
        for entry, old in (*self.entries, *self.surroundings.inputs.values()):
            self.written(writes, entry, entry.get(), old)
        for op in self.fixed:
            op.place, op.value = None, copied(op.value)
        inputs = [op for op in self.inputs if op.place is not None]
        inputs.sort(key=lambda op: not isinstance(op.place, Argument))
        return Program(inputs, self.ops, tree, writes)

    def written(
        self, writes: list[tuple[Place, Any]], place: Place, now: Any, before: Any, was_set: bool = False
    ) -> None:
        """Add to `writes` what the function left at a place that it read, unless that is what was there."""
        is_same = now is before or (isinstance(now, Traced) and now.op.place is not None and same(now.op.place, place))
        if was_set or not is_same:
            if (type(before) is float or isinstance(before, Value)) and isinstance(now, Traced):
                now = now.as_float()  # rules that call NumPy answer with its numbers
            writes.append((place, self.returned(now)))

    def used(self) -> list[Argument | Node]:
        """The leaves that results may depend on: those of the function's own, and where the arguments are."""
        return [self.arguments.get(node, node) for node in self.leaves if node._requires_grad]

    def close(self) -> None:
        """Give leaves, mappings and generators back what they had: nothing has happened."""
        for node, before in self.leaves.items():
            node._raw, node._grad, node._lent = before
        for entry, old in self.entries:
            entry.set(old)
        self.surroundings.restore()
        for source, state in self.generators.values():
            put_back(source, state)
        self.open = False

    def returned(self, x: Any) -> Any:
        """A stand-in, a node that holds one, or a constant array, as what the program returns; the rest as it is."""
        if isinstance(x, (Traced, np.ndarray)):
            op = self.op_of(x)
            if not isinstance(op, Op):
                refuse(f"a result of dtype {x.dtype}", "return arrays of real numbers")
            return Returned(op)
        if isinstance(x, Node) and (isinstance(x._raw, Traced) or x.index >= self.start):
            op = self.op_of(x._raw)  # of a node that the function makes of numbers that never change, these
            number = Returned(
                op if isinstance(op, Op) else Op(None, value=op), Tensor if isinstance(x, Tensor) else Value
            )
            is_new = x.fun is not None or x not in self.leaves
            if x._requires_grad and is_new:
                return Computed(number, mapped(x._grad, self.returned), x.fun is None)
            return number
        kind: Any = type(x)
        if not is_plain(kind):
            refuse(f"a result of the kind {kind.__name__}", "return plain arrays")
        return x


def twin(leaf: Node) -> Node:
    """Another leaf that has all that `leaf` has."""
    made = type(leaf)._make(leaf._raw, leaf._requires_grad)
    made._grad, made._lent, made.index = leaf._grad, leaf._lent, leaf.index
    made.name, made.hooks, made.retains_grad = leaf.name, leaf.hooks, leaf.retains_grad
    if hasattr(leaf, "__dict__"):
        vars(made).update(vars(leaf))
    return made


def same(one: Place, other: Place) -> bool:
    """Whether two places are one."""
    if isinstance(one, Entry) and isinstance(other, Entry):
        return (id(one.holder), one.key, one.kind, one.path) == (id(other.holder), other.key, other.kind, other.path)
    return one == other
