"""Results of SciPy's solvers as nodes: a solver calls a function with numbers, again and again, and is no graph itself.

The derivative of its result follows from that function alone, by a theorem: Leibniz's rule for an integral, the
implicit function theorem for a root, the adjoint equation for a trajectory. A `Solution` holds the result and states
that theorem, in operators and in solvers like itself, so it holds for every order. What it is differentiated by are all
nodes that the function uses: the arguments `args`, and those that it refers to besides, as the weights of a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..arrays import StandIn
from ..node import Node, next_index
from ..operators import raw
from ..primitives import primitive
from ..recording import enable_grad, no_grad, recording
from ..run import pulled
from ..sweep import StaleGraphError, toposort
from ..table import pullbacks
from ..tensor import Tensor

Function = Callable[..., Any]


def numbers(x: Any) -> Any:
    """The numbers of a result, for SciPy to compute with; what stands for numbers in a trace raises its own error."""
    try:
        return np.asarray(raw(x))
    except RuntimeError as error:
        error.add_note(
            "SciPy's solvers call a function with numbers, and a program that is compiled has none before it runs: "
            "leave the solver outside of it (odeint and solve_ivp can be inside with steps=)"
        )
        raise


def gathered(y: Any) -> Any:
    """What a function returned as one array: a list is stacked."""
    if isinstance(y, (list, tuple)):
        return np.stack([gathered(item) for item in y])
    return y if isinstance(y, (Node, StandIn, np.ndarray)) else np.asarray(y)


def rows_at(x: Any, i: Any) -> Any:
    """x[i] along the first axis, also of a plain `x` where `i` is known only when a program runs."""
    rest = x.shape[1:]
    index = np.reshape(i, (-1,) + (1,) * len(rest))
    return np.reshape(np.take_along_axis(x, index, 0), (*np.shape(i), *rest))


def arguments(args: Any) -> tuple[Any, ...]:
    """`args` as SciPy reads it: a tuple, or the one argument there is."""
    return () if args is None else args if isinstance(args, tuple) else (args,)


def used_by(results: Iterable[Any], start: int) -> list[Node]:
    """The nodes made before `start` that these results were computed from."""
    ends: list[Node] = []
    toposort([y for y in results if isinstance(y, Node) and y.requires_grad], start, ends)
    return [end for end in dict.fromkeys(ends) if end.index < start]


class Called:
    """A function as SciPy calls it: numbers in, numbers out. `outside` are the nodes that any of its calls used."""

    def __init__(self, f: Function) -> None:
        self.f = f
        self.outside: dict[Node, None] = {}
        self.last: tuple[tuple[Any, ...], Any] | None = None  # the arguments and the result of the last call

    def __call__(self, *xs: Any) -> Any:
        """The numbers that it gives."""
        start = next_index()
        y = gathered(self.f(*xs))
        self.outside.update(dict.fromkeys(used_by([y], start)))
        found = numbers(y)
        self.last = (tuple(np.array(x) if isinstance(x, np.ndarray) else x for x in xs), np.array(found))
        return found

    def gives_the_same(self) -> bool:
        """Whether it still gives what it gave: arrays that it refers to may have changed."""
        if self.last is None:
            return True
        xs, y = self.last
        with no_grad():
            return np.array_equal(numbers(gathered(self.f(*xs))), y, equal_nan=True)


class Solution:
    """What a solver found with a function, and how the gradient of that becomes one of each node that this uses."""

    def __init__(self, f: Called, result: Any) -> None:
        self.f = f
        self.result: Any = np.float64(result) if type(result) is float else result  # as NumPy would answer
        self.outside = list(f.outside)

    def node(self, *given: Any) -> Any:
        """The result as a node, a function of `given` and of the nodes outside; as it is if there are none."""
        nodes = [*given, *self.outside]
        return solution(self, *nodes) if any(isinstance(x, Node) for x in nodes) else self.result

    def pull(self, g: Any, y: Any, given: Sequence[Any]) -> list[Any]:
        """The gradients by `given`, and after them by the nodes outside."""
        raise NotImplementedError


@primitive
def solution(of: Solution, *nodes: Any) -> Any:
    """The result of a solver."""
    return of.result


def through(g: Any, y: Any, of: Solution, *nodes: Any) -> list[Any]:
    """The gradients by the arguments of a solution, if its function is still what it was."""
    given = nodes[: len(nodes) - len(of.outside)]
    pairs = zip(of.outside, nodes[len(given) :])
    same = (x is v or x._raw is v or np.array_equal(x._raw, v, equal_nan=True) for x, v in pairs)
    if not all(same) or not of.f.gives_the_same():
        raise StaleGraphError("what a solver's function uses has changed, or it draws random numbers: solve again")
    return [None, *of.pull(g, y, given)]


pullbacks(solution, every=through)


def pulled_back(f: Function, g: Any, by: Sequence[Node]) -> tuple[Any, list[Any]]:
    """The result of `f()`, which may use nodes made before as if they were leaves, and its gradients `by` some of them
    for the upstream gradient `g`: nodes where this is recorded, else numbers.
    """
    on, start = recording.get().on, next_index()
    with enable_grad():
        y = gathered(f())
    if isinstance(y, Node):
        gradients = pulled([y], [g], by, on, since=start)
        return (y if on else raw(y)), gradients
    return y, [np.zeros(np.shape(raw(x))) for x in by]


def leaf(x: Any) -> Any:
    """A node that stands for `x`: itself, or a new leaf with its numbers."""
    return x if isinstance(x, Node) else Tensor(x, requires_grad=True)


def flat(arrays: Iterable[Any]) -> Any:
    """All numbers of these arrays in one vector."""
    return np.concatenate([np.reshape(x, -1) for x in arrays])


def parts_of(vector: Any, like: Sequence[Any]) -> list[Any]:
    """A vector cut into arrays with the shapes of these."""
    ends = np.cumsum([np.size(raw(x)) for x in like])
    return [np.reshape(vector[end - np.size(raw(x)) : end], np.shape(raw(x))) for x, end in zip(like, ends)]


def size_of(g: Any) -> float:
    """The power of 2 next to the largest number of an upstream gradient: tolerances are for gradients of about 1."""
    largest = float(np.max(np.absolute(raw(g)), initial=0.0))
    return float(2.0 ** np.rint(np.log2(largest))) if 0 < largest < np.inf else 1.0
