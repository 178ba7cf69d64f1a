"""One run of a function on nodes of its own, and the pullback of its graph: what every transform starts with."""

from __future__ import annotations

import inspect
import math
import threading
import warnings
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from .arrays import StandIn, admit, as_float, beside, copied, is_number, kind_of
from .inspecting import name_of
from .mapped import Batch, Mapped, NeedsNumbers, batches, gathered, is_tracked, spread_out, stood_in
from .node import Node, describe, next_index
from .operators import raw
from .recording import enable_grad, recording
from .shapes import Shape
from .sweep import on_the_way, sweep, toposort
from .tensor import Tensor
from .trees import leaves, parts, rebuild, whole
from .value import Value

Function = Callable[..., Any]
Argnums = int | Sequence[int]


FEW = 4  # rows of a Jacobian take a sweep each
AT_ONCE = 2**21  # numbers in each array of a sweep for many rows of a Jacobian: 16 MB of doubles


class Level(threading.local):
    """How many transforms this thread is inside of, and which leaves they have made, by index."""

    def __init__(self) -> None:
        self.depth = 0
        self.own: set[int] = set()


level = Level()


def pulled(
    roots: Sequence[Node], seeds: Sequence[Any], wanted: Sequence[Node], create_graph: bool, since: int = 0,
    useful: Collection[Node] | None = None,
) -> list[Any]:  # fmt: skip
    """The gradients of sum(seed * root) with respect to `wanted`, none sharing memory with anything else."""
    live = [(root, seed) for root, seed in zip(roots, seeds) if root.requires_grad]
    totals: dict[Node, Any] = {}
    if live:
        totals = sweep([r for r, _ in live], [s for _, s in live], set(wanted), create_graph, since, useful)
    found = []
    for x in wanted:
        g = totals[x] if x in totals else np.zeros_like(x._raw)
        if create_graph:
            found.append(g if isinstance(g, (Node, Mapped)) else like(x, g))
        else:
            found.append(as_float(g) if isinstance(x, Value) else copied(raw(g)))
    return found


def own(g: Any) -> Any:
    """An array whose memory is nobody else's: of a linear map the rows of its Jacobian are those of its matrix."""
    return g if type(g) is np.ndarray and g.base is None else copied(g)


def like(x: Node, number: Any) -> Any:
    """`number` as an untracked node of the kind of `x`."""
    return Value(number) if isinstance(x, Value) else Tensor(number)


class Run:
    """One call `f(*args, **kwargs)` on nodes of its own, recorded.

    `inputs` are those nodes, one for each part of the arguments `argnums`; `y` is what f returned, and `outputs` its
    parts. `nested` says whether the derivatives must be differentiable again: inside another transform, when nodes were
    passed, or when f uses or makes others that require a gradient, as the parameters of a model. `useful` are the nodes
    on the way from the outputs to the inputs. Within `vmap` the nodes hold the examples of the batches `around`, one
    after the other: as none depends on another one, the gradient of their sum is that of each.
    """

    def __init__(
        self, f: Function, argnums: Argnums, args: Sequence[Any], kwargs: dict[str, Any], also: Sequence[Any] = ()
    ) -> None:
        self.f = f
        self.around = batches.get()
        self.single = isinstance(argnums, int)
        wanted = (argnums,) if isinstance(argnums, int) else argnums
        args, kwargs, positions = by_position(f, wanted, args, kwargs)
        self.chosen = [args[i] for i in positions]
        self.originals = leaves(self.chosen)
        on, start = recording.get().on, next_index()
        if level.depth == 0:
            level.own.clear()
        self.nested = on and (level.depth > 0 or tracked([*self.originals, *also]))
        with enable_grad():
            nodes = [None if x is None else own_node(spread_out(x, self.around)) for x in self.originals]
            self.inputs: list[Any] = [node for node in nodes if node is not None]
            full = list(args)
            for i, argument in zip(positions, rebuild(self.chosen, map(self.placed, nodes))):
                full[i] = own_node(None) if argument is None else argument
            level.depth += 1
            try:
                self.y = f(*full, **kwargs)
            finally:
                level.depth -= 1
        if self.y is None:
            raise TypeError(f"{name_of(f)} returned None, which has no derivative: is its return statement missing?")
        self.outputs: list[Any] = [self.output(y) for y in parts(self.y)]
        ends: list[Node] = []
        order, inputs = toposort(self.outputs, start, ends), set(self.inputs)
        self.useful = inputs.union(order) if inputs.issuperset(ends) else on_the_way(order, inputs)
        if on and not self.nested:
            self.nested = any(end.requires_grad and end.index not in level.own for end in ends)
        if self.inputs and not any(isinstance(stood_in(y), Node) for y in leaves(self.y)):
            warnings.warn(
                f"{name_of(f)} returned {describe(self.y)}, not a node: its derivative is taken as 0 "
                "(.item() and .data cut the graph)",
                stacklevel=4,
            )

    def output(self, y: Any) -> Any:
        """A part of what f returned, as a node."""
        if not isinstance(y, NUMERIC) and kind_of(y) is None:
            raise TypeError(
                f"{name_of(self.f)} returned {describe(y)}, which has no derivative: value_and_grad(f, has_aux=True) "
                "takes a function that returns a pair, the number to differentiate and anything else"
            )
        y = spread_out(y, self.around)
        return y if isinstance(y, Node) else Tensor(y)

    def value(self) -> Any:
        """What f returned, as the caller of the transform sees it."""
        return whole(self.y, map(self.shown, self.outputs))

    def shown(self, node: Any) -> Any:
        """A node as the caller sees it: as it is when nested, else a float or an array."""
        if self.nested or not isinstance(node, Node):
            return self.placed(node)
        data = raw(node)
        return as_float(data) if kind_of(data) is None and np.shape(data) == () else self.placed(copied(data))

    def placed(self, x: Any) -> Any:
        """An array or a node of all examples as what stands for one of them, within `vmap`."""
        return x if x is None else gathered(x, self.around)

    def shape(self, node: Any) -> Shape:
        """The shape of an input or an output, of one example within `vmap`."""
        return node.shape[len(self.around) :]

    def read(self, node: Any, given: Any, role: str) -> Any:
        """What the caller gave as a cotangent or a tangent of a node, as the sweep carries it."""
        return node._read(spread_out(given, self.around), role)

    def pull(self, seeds: Sequence[Any], create_graph: bool | None = None) -> list[Any]:
        """The gradients of sum(seed * output) with respect to the inputs."""
        create_graph = self.nested if create_graph is None else create_graph
        return pulled(self.outputs, seeds, self.inputs, create_graph, useful=self.useful)

    def blocks(self, y: Any) -> list[Any]:
        """The derivatives of one output by each input, of shape y.shape + x.shape: the pullbacks of all elements of a
        basis, as many at once as fit.
        """
        shape, each = self.shape(y), len(self.around)
        if shape == ():
            return pulled([y], [ones(y)], self.inputs, self.nested, useful=self.useful)
        size = math.prod(shape)
        n = max(size, 1)  # at least one row, so that there is something to join
        largest = max(math.prod(node.shape) for node in [y, *self.inputs])
        at_once = max(1, AT_ONCE // max(largest, 1))
        found = []
        for start in range(0, n, at_once):
            rows = beside(y, np.eye(min(at_once, n - start), size, start, dtype=y.dtype))
            basis = np.broadcast_to(rows.reshape(len(rows), *(1,) * each, *shape), (len(rows), *y.shape))
            found.append(self.pulled_rows(y, basis))
        columns = [np.concatenate(c) if len(c) > 1 else c[0] for c in zip(*found)]
        columns = columns if size else [c[:0] for c in columns]
        behind = [np.moveaxis(c, 0, each) for c in columns] if each else columns  # of the batches around
        return [np.reshape(c, y.shape + self.shape(x)) for c, x in zip(behind, self.inputs)]

    def pulled_rows(self, y: Any, basis: Any) -> list[Any]:
        """The gradients of sum(seed * y) for each seed along the first axis, along a first axis."""
        watch = recording.get().watch
        every = basis if watch is None else watch.lift(basis)
        identity = every if basis.shape == (len(basis), len(basis)) else None
        batch = Batch(len(basis), math.inf, identity)  # around nothing: what it maps is innermost everywhere
        seeds = Mapped(every, batch)
        try:
            if len(basis) < FEW:
                raise NeedsNumbers
            found = [batch.of(g) for g in pulled([y], [seeds], self.inputs, self.nested, useful=self.useful)]
            return found if self.nested else [own(raw(g)) for g in found]
        except NeedsNumbers:  # a rule that looks at the numbers of an upstream gradient
            rows = (pulled([y], [seed], self.inputs, self.nested, useful=self.useful) for seed in basis)
            return list(map(np.stack, zip(*rows)))

    def scalar(self) -> Any:
        """The one output of size 1, or an error."""
        found = [self.shape(y) for y in self.outputs]
        if len(found) != 1 or isinstance(self.y, (list, tuple, dict)) or math.prod(found[0]) != 1:
            shapes = ", ".join(map(str, found))
            raise TypeError(
                f"grad needs a function that returns one number; this one returned {type(self.y).__name__} of shape "
                f"{shapes}: reduce it (.sum(), .mean()), or use jacobian, elementwise_grad or vjp"
            )
        return self.outputs[0]

    def answer(self, derivatives: Sequence[Any]) -> Any:
        """One derivative per input, as the caller passed the arguments: floats for floats, trees for trees."""
        following = map(self.placed, derivatives)
        fitting = (None if x is None else fit(x, next(following)) for x in self.originals)
        trees = rebuild(self.chosen, fitting)
        return trees[0] if self.single else tuple(trees)


def fit(x: Any, d: Any) -> Any:
    """A derivative as the caller passed the argument: a float for a number."""
    return number(d) if is_number(x) else d


def number(d: Any) -> Any:
    """A result without axes as a float; a node, and what lives elsewhere, as it is."""
    return d if isinstance(d, Node) or kind_of(d) is not None or np.ndim(d) else as_float(d)


def tracked(xs: Sequence[Any]) -> bool:
    """Whether a gradient can flow to any of them."""
    return any(map(is_tracked, xs))


def ones(y: Any) -> Any:
    """The cotangent of ones of an output."""
    if isinstance(y, Value):
        return 1.0
    return y._ones()


NUMERIC = (int, float, np.ndarray, np.generic, StandIn, Node)


def own_node(x: Any) -> Any:
    """`x` as a node that nothing else is, so that a derivative with respect to it is that and no other."""
    if isinstance(x, Value) or (isinstance(x, Tensor) and x.requires_grad):
        return +x
    admit(x)
    if isinstance(x, bool) or not (isinstance(x, NUMERIC) or kind_of(x)):
        raise TypeError(
            f"no derivative exists with respect to {describe(x)}: pass floats, arrays, or lists, tuples, dicts of them"
        )
    node = Tensor(x._numbers() if isinstance(x, Tensor) else x, requires_grad=True)
    level.own.add(node.index)
    return node


def indices(argnums: Any) -> Argnums:
    """`argnums` as it was given to a transform: a position of an argument or several, as integers of Python's."""
    several = isinstance(argnums, (list, tuple, range))
    for n in argnums if several else [argnums]:
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
            raise TypeError(
                f"argnums is the position of an argument or a tuple of positions, not {argnums!r} "
                "(the function that you get can be called with arguments by name)"
            )
    return tuple(map(int, argnums)) if several else int(argnums)


def by_position(
    f: Function, argnums: Sequence[int], args: Sequence[Any], kwargs: dict[str, Any]
) -> tuple[Sequence[Any], dict[str, Any], list[int]]:
    """The call `f(*args, **kwargs)` with the arguments `argnums` by position, and these positions.

    An argument that was passed by name, or left to its default, is found through the signature of `f`. Negative
    argnums count from the last argument that was passed.
    """
    passed = len(args)
    if any(n >= passed or (n < 0 and kwargs) for n in argnums):
        try:
            signature = inspect.signature(f)
        except ValueError:
            raise TypeError(
                f"{name_of(f)} does not tell the names of its arguments: pass by position what is differentiated"
            ) from None
        call = signature.bind(*args, **kwargs)
        passed = len(call.args)
        call.apply_defaults()
        args, kwargs = call.args, call.kwargs
    positions = [n + passed if n < 0 else n for n in argnums]
    for n, position in zip(argnums, positions):
        if not 0 <= position < len(args):
            raise ValueError(
                f"argnums={n}, but {name_of(f)} was called with {len(args)} arguments that have a position"
            )
    if len(set(positions)) < len(positions):
        raise ValueError(f"argnums={tuple(argnums)} names an argument of {name_of(f)} twice")
    return args, kwargs, positions
