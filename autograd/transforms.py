"""Functions of functions: grad, jacobian, vjp, jvp and their kin. Each runs the function once and sweeps its graph.

They take and return floats, arrays, and lists, tuples and dicts of them. Called inside each other, or with nodes,
they give nodes, which can be differentiated again: that is all there is to derivatives of any order. Forward mode is
reverse mode transposed: the pullback is linear in its cotangent, and its own pullback is the pushforward.
"""

from __future__ import annotations

import functools
import math
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .arrays import StandIn, as_float, copied, is_number
from .graph import Node, StaleGraphError, describe, next_index, sweep, toposort
from .operators import raw
from .recording import enable_grad, recording
from .table import name_of, primitive, pullbacks
from .tensor import Tensor
from .trees import leaves, leaves_like, rebuild
from .value import Value

Function = Callable[..., Any]
Argnums = int | Sequence[int]


class Level(threading.local):
    """How many transforms this thread is inside of."""

    depth: int = 0


level = Level()


def gradients(y: Any, xs: Any, gradient: Any = None, create_graph: bool = False) -> Any:
    """The gradient of `y` with respect to `xs`, without touching any `.grad` (what a tape's `gradient` call does).

    `xs` is a node or a tree of nodes, and the result has its structure: arrays (floats for Values), or nodes with
    `create_graph`. `gradient` is the upstream gradient of `y`, needed unless `y` is a scalar; both may be trees.
    What `y` does not depend on has the gradient 0.
    """
    wanted = leaves(xs)
    for x in wanted:
        if not isinstance(x, Node) or not x.requires_grad:
            raise TypeError(
                f"gradients with respect to {describe(x)}: only Values and Tensors that require a gradient have one"
            )
    outputs = [root for root in leaves(y) if isinstance(root, Node)]
    if not outputs:
        raise TypeError(f"gradients of {describe(y)}: it is no node, so nothing is known of how it was computed")
    given = leaves_like(y, gradient) if gradient is not None else [None] * len(outputs)
    seeds = [root._read(seed, "gradient") for root, seed in zip(outputs, given, strict=True)]
    return rebuild(xs, iter(pulled(outputs, seeds, wanted, create_graph)))


def pulled(
    roots: Sequence[Node], seeds: Sequence[Any], wanted: Sequence[Node], create_graph: bool, since: int = 0
) -> list[Any]:
    """The gradients of sum(seed * root) with respect to `wanted`, none sharing memory with anything else."""
    live = [(root, seed) for root, seed in zip(roots, seeds) if root.requires_grad]
    totals = sweep([r for r, _ in live], [s for _, s in live], set(wanted), create_graph, since) if live else {}
    found = []
    for x in wanted:
        g = totals[x] if x in totals else np.zeros_like(x._raw)
        if create_graph:
            found.append(g if isinstance(g, Node) else like(x, g))
        else:
            found.append(as_float(g) if isinstance(x, Value) else copied(raw(g)))
    return found


def like(x: Node, number: Any) -> Any:
    """`number` as an untracked node of the kind of `x`."""
    return Value(number) if isinstance(x, Value) else Tensor(number)


class Run:
    """One call `f(*args, **kwargs)` on nodes of its own, recorded: what every transform starts with.

    `inputs` are those nodes, one for each leaf of the arguments `argnums`; `y` is what f returned. `nested` says
    whether the derivatives must be differentiable again: inside another transform, or when nodes were passed.
    """

    def __init__(
        self, f: Function, argnums: Argnums, args: Sequence[Any], kwargs: dict[str, Any], also: Sequence[Any] = ()
    ) -> None:
        self.chosen = [args[i] for i in ((argnums,) if isinstance(argnums, int) else argnums)]
        self.single = isinstance(argnums, int)
        self.originals = leaves(self.chosen)
        self.nested = recording.get().on and (level.depth > 0 or tracked([*self.originals, *also]))
        with enable_grad():
            self.inputs: list[Any] = [own_node(x) for x in self.originals]
            full = list(args)
            positions = (argnums,) if isinstance(argnums, int) else argnums
            for i, argument in zip(positions, rebuild(self.chosen, iter(self.inputs))):
                full[i] = argument
            level.depth += 1
            try:
                self.y = f(*full, **kwargs)
            finally:
                level.depth -= 1
        self.outputs: list[Any] = [y if isinstance(y, Node) else Tensor(y) for y in leaves(self.y)]
        if not any(isinstance(y, Node) for y in leaves(self.y)):
            warnings.warn(
                f"{name_of(f)} returned {describe(self.y)}, not a node: its derivative is taken as 0 "
                "(.item() and .data cut the graph)",
                stacklevel=4,
            )

    def value(self) -> Any:
        """What f returned, as the caller of the transform sees it."""
        return rebuild(self.y, map(self.shown, self.outputs))

    def shown(self, node: Any) -> Any:
        """A node as the caller sees it: as it is when nested, else a float or an array."""
        if self.nested:
            return node
        return as_float(node._raw) if node.shape == () else copied(raw(node))

    def pull(self, seeds: Sequence[Any], create_graph: bool | None = None) -> list[Any]:
        """The gradients of sum(seed * output) with respect to the inputs."""
        return pulled(self.outputs, seeds, self.inputs, self.nested if create_graph is None else create_graph)

    def scalar(self) -> Any:
        """The one output of size 1, or an error."""
        if len(self.outputs) != 1 or isinstance(self.y, (list, tuple, dict)) or math.prod(self.outputs[0].shape) != 1:
            shapes = ", ".join(str(y.shape) for y in self.outputs)
            raise TypeError(
                f"grad needs a function that returns one number; this one returned {type(self.y).__name__} of shape "
                f"{shapes}: reduce it (.sum(), .mean()), or use jacobian, elementwise_grad or vjp"
            )
        return self.outputs[0]

    def answer(self, derivatives: Sequence[Any]) -> Any:
        """One derivative per input, as the caller passed the arguments: floats for floats, trees for trees."""
        fitting = [
            as_float(d) if is_number(x) and not isinstance(d, Node) and np.ndim(d) == 0 else d
            for x, d in zip(self.originals, derivatives)
        ]
        trees = rebuild(self.chosen, iter(fitting))
        return trees[0] if self.single else tuple(trees)


def tracked(xs: Sequence[Any]) -> bool:
    """Whether a gradient can flow to any of them."""
    return any(isinstance(x, Node) and x.requires_grad for x in xs)


def own_node(x: Any) -> Any:
    """`x` as a node that nothing else is, so that a derivative with respect to it is that and no other."""
    if isinstance(x, Value) or (isinstance(x, Tensor) and x.requires_grad):
        return +x
    if isinstance(x, (bool, str, bytes)) or x is None:
        raise TypeError(
            f"no derivative exists with respect to {describe(x)}: pass floats, arrays, or lists, tuples, dicts of them"
        )
    return Tensor(x.numpy() if isinstance(x, Tensor) else x, requires_grad=True)


def grad(f: Function, argnums: Argnums = 0) -> Function:
    """The function that gives the gradient of the scalar function `f` with respect to the arguments `argnums`.

    One number for `argnums` gives that gradient, several give a tuple of them.

    >>> grad(lambda x: x**3)(2.0)
    12.0
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def value_and_grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that gives `f(...)` and its gradient, from one run.

    With `has_aux`, `f` returns a pair, the number to differentiate and anything else, and so does the value.
    """

    @functools.wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        aux: list[Any] = []

        def first(*args: Any, **kwargs: Any) -> Any:
            y, rest = f(*args, **kwargs)
            aux.append(rest)
            return y

        run = Run(first if has_aux else f, argnums, args, kwargs)
        seed = run.scalar()._read(None, "gradient")
        derivative = run.answer(run.pull([seed]))
        if has_aux:
            shown = [run.shown(x) if isinstance(x, Node) else x for x in leaves(aux[0])]
            return (run.value(), rebuild(aux[0], iter(shown))), derivative
        return run.value(), derivative

    return both


def elementwise_grad(f: Function, argnums: Argnums = 0) -> Function:
    """The derivative of an elementwise function at each element: the gradient of the sum of its outputs.

    >>> elementwise_grad(np.tanh)(np.array([0.0, 1.0]))
    array([1.        , 0.41997434])
    """

    @functools.wraps(f)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        run = Run(f, argnums, args, kwargs)
        return run.answer(run.pull([ones(y) for y in run.outputs]))

    return derivative


def ones(y: Any) -> Any:
    """The cotangent of ones of an output."""
    return 1.0 if isinstance(y, Value) else np.ones(y.shape, y.dtype)


def vjp(f: Function, *xs: Any) -> tuple[Any, Function]:
    """`f(*xs)` and its pullback: cotangents of the outputs to cotangents of the inputs (one, or a tuple of them).

    >>> y, pullback = vjp(lambda a, b: a * b, 2.0, 3.0)
    >>> pullback(1.0)
    (3.0, 2.0)
    """
    run = Run(f, 0 if len(xs) == 1 else range(len(xs)), xs, {})

    def pullback(cotangent: Any) -> Any:
        seeds = [y._read(seed, "the cotangent") for y, seed in zip(run.outputs, leaves_like(run.y, cotangent))]
        return run.answer(run.pull(seeds, create_graph=run.nested or level.depth > 0 or tracked(seeds)))

    return run.value(), pullback


def jvp(f: Function, xs: Any, vs: Any) -> tuple[Any, Any]:
    """`f(*xs)` and its derivative along `vs`; `xs` and `vs` are tuples of the arguments of `f`, or one argument.

    Forward mode without a second table: the pullback is linear in its cotangent, so its pullback is the pushforward.

    >>> jvp(np.square, 3.0, 1.0)
    (9.0, 6.0)
    """
    args, tangents = (xs, vs) if isinstance(xs, tuple) else ((xs,), (vs,))
    run = Run(f, range(len(args)), args, {}, also=leaves(tangents))
    directions = [x._read(v, "the tangent") for x, v in zip(run.inputs, leaves_like(args, tangents))]
    with enable_grad():
        cotangents = [own_node(like(y, np.zeros(y.shape, y.dtype))) for y in run.outputs]
        transposed = run.pull(cotangents, create_graph=True)
        pushed = pulled(transposed, directions, cotangents, run.nested)
    shown = [as_float(d) if not isinstance(d, Node) and np.ndim(d) == 0 else d for d in pushed]
    return run.value(), rebuild(run.y, iter(shown))


def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of the scalar function `f` at `x` times `v`, without the Hessian: the pullback of the gradient.

    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    run = Run(f, 0, (x,), {}, also=leaves(v))
    directions = [node._read(d, "v") for node, d in zip(run.inputs, leaves_like(x, v))]
    with enable_grad():
        gradient = run.pull([run.scalar()._read(None, "gradient")], create_graph=True)
        return run.answer(pulled(gradient, directions, run.inputs, run.nested))


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """The function that gives all derivatives of the outputs of `f` by its inputs: shape `y.shape + x.shape`.

    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    @functools.wraps(f)
    def derivatives(*args: Any, **kwargs: Any) -> Any:
        run = Run(f, argnums, args, kwargs)
        if len(run.outputs) != 1 or isinstance(run.y, (list, tuple, dict)):
            raise TypeError(f"jacobian needs a function that returns one array; this one returned {describe(run.y)}")
        y = run.outputs[0]
        if y.shape == ():
            return run.answer(run.pull([ones(y)]))
        basis = np.eye(math.prod(y.shape), dtype=y.dtype).reshape(-1, *y.shape)
        rows = [run.pull([seed]) for seed in basis]
        columns: list[Any] = list(map(np.stack, zip(*rows))) or [np.zeros((0, *x.shape)) for x in run.inputs]
        return run.answer([np.reshape(column, y.shape + x.shape) for column, x in zip(columns, run.inputs)])

    return derivatives


def hessian(f: Function, argnums: int = 0) -> Function:
    """The function that gives all second derivatives of the scalar function `f`: shape `x.shape + x.shape`.

    >>> hessian(lambda x: (x**3).sum())(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return jacobian(jacobian(f, argnums), argnums)


def checkpoint(f: Function) -> Function:
    """`f`, whose intermediate results are not kept for the backward pass but computed again there: memory for time.

    `f` must give the same result again (no fresh randomness) and return one Tensor. Gradients flow to its arguments and
    to every tensor that it uses besides.
    """

    @functools.wraps(f)
    def light(*args: Any, **kwargs: Any) -> Any:
        start = next_index()
        y = f(*args, **kwargs)
        if not isinstance(y, Tensor):
            raise TypeError(f"checkpoint needs a function that returns one Tensor; {name_of(f)} returned {describe(y)}")
        if not y.requires_grad or isinstance(y._raw, StandIn):  # a compiled program frees what it needs no more
            return y
        inside = toposort([y], since=start)
        used = dict.fromkeys(arg for node in inside for arg, value in zip(node.args, node.values) if arg is not value)
        outside = [node for node in used if node.requires_grad and node not in set(inside)]
        return rerun(Segment(f, args, kwargs, outside, y._raw), *outside)

    return light


class Segment:
    """A call whose graph was thrown away: all that is needed to build it again."""

    def __init__(self, f: Function, args: Any, kwargs: Any, outside: Sequence[Node], result: Any) -> None:
        self.f, self.args, self.kwargs, self.outside, self.result = f, args, kwargs, outside, result

    def pull(self, g: Any) -> list[Any]:
        """The gradients with respect to the nodes outside, from the graph built again."""
        create_graph, start = recording.get().on, next_index()
        with enable_grad():
            y = self.f(*self.args, **self.kwargs)
        if not np.array_equal(y._raw, self.result, equal_nan=True):
            raise StaleGraphError(
                f"the checkpointed {name_of(self.f)} gave another result when it was run again: "
                "the numbers that it uses have changed since, or it draws random numbers of its own"
            )
        return pulled([y], [g], self.outside, create_graph, since=start)


@primitive
def rerun(segment: Segment, *outside: Any) -> Any:
    """The result of a checkpointed call."""
    return segment.result


pullbacks(rerun, every=lambda g, y, segment, *outside: (None, *segment.pull(g)))
