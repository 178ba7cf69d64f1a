"""What must hold of every program under `autograd.compile`: it is the function itself, and touches nobody's memory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from agreement import kind_of

from autograd import Tensor, TraceError, compile, gradients, hvp, vjp
from autograd.compile.refusal import WITHOUT_SHAPE
from autograd.node import Node
from autograd.operators import raw
from autograd.trees import leaves, rebuild

from .oracle import Wrong, apart, largest, rounded, shaken
from .program import Program

Function = Callable[..., Any]

ROUNDINGS = 32  # of a result that the simplifier may move: see ULPS in agreement.py


class Held:
    """What the functions of a program refer to besides their arguments."""

    def __init__(self, program: Program) -> None:
        rng = np.random.default_rng(program.seed)
        self.cotangent = [rng.standard_normal(y.shape).astype(y.dtype) for y in program.plain(*program.arrays)]
        self.direction = [rng.standard_normal(x.shape).astype(x.dtype) for x in program.arrays]
        self.leaf = [Tensor(x, requires_grad=True) for x in program.arrays]
        self.arrays = [*program.constants, *self.cotangent, *self.direction]


def value(f: Function, held: Held) -> Function:
    """The results, of plain arrays."""
    return lambda *xs: f(*xs)


def gradient(f: Function, held: Held) -> Function:
    """The results and their pullback."""
    cotangent = held.cotangent

    def both(*xs: Any) -> Any:
        y, pullback = vjp(f, *xs)
        return y, pullback(rebuild(y, iter(cotangent)))

    return both


def second(f: Function, held: Held) -> Function:
    """The Hessian of a sum of the results times a vector."""
    cotangent, direction = held.cotangent, held.direction

    def total(xs: Any) -> Any:
        return sum(np.sum(y * weight) for y, weight in zip(leaves(f(*xs)), cotangent))

    return lambda *xs: hvp(total, list(xs), direction)


def on_nodes(f: Function, held: Held) -> Function:
    """Tensors that the function makes, their results as they are, and gradients that are nodes."""
    cotangent = held.cotangent

    def nodes(*xs: Any) -> Any:
        inputs = [Tensor(x, requires_grad=True) for x in xs]
        y = f(*inputs)
        outputs = [part for part in leaves(y) if isinstance(part, Node) and part.requires_grad]
        seeds = [c for part, c in zip(leaves(y), cotangent) if isinstance(part, Node) and part.requires_grad]
        return y, gradients(outputs, inputs, seeds, create_graph=True)

    return nodes


def step(f: Function, held: Held) -> Function:
    """Leaves that the function refers to: their gradients after backward(), and their numbers moved by these."""
    leaf, cotangent = held.leaf, held.cotangent

    def train() -> Any:
        for x in leaf:
            x.grad = None
        y = f(*leaf)
        total = sum((part * weight).sum() for part, weight in zip(leaves(y), cotangent))
        total.backward()
        for x in leaf:
            if x.grad is not None:
                x.data -= 0.01 * np.tanh(x.grad)
        return y, total

    return train


FUNCTIONS = [value, gradient, second, on_nodes, step]


@np.errstate(all="ignore")  # as programs do: steps of training may leave the numbers that a function takes
def check(program: Program, backend: str = "numpy", functions: Sequence[Function] = FUNCTIONS) -> int:
    """Raise `Wrong` if a compiled function is not the function. Returns how many were refused, as shapes in them depend
    on values.
    """
    return sum(not all(is_itself(program, of, backend)) for of in functions)


def is_itself(program: Program, of: Function, backend: str) -> Any:
    """Whether each of a few calls of a function of a program could be compiled; `Wrong` if one is not right."""
    held, twin = Held(program), Held(program)
    compiled, eager = compile(of(program, held), backend=backend), of(program, twin)
    earlier: list[tuple[Any, Any]] = []
    for inputs in (program.arrays, [nearby(x) for x in program.arrays], program.arrays):
        if of is step:
            inputs = []
        kept = [np.array(x) for x in (*inputs, *held.arrays)]
        leaf = [np.array(x.numpy()) for x in held.leaf]
        moves = functools.cache(functools.partial(movements, program, of, inputs, leaf))  # which takes longest
        try:
            found = compiled(*inputs)
        except TraceError as error:
            if WITHOUT_SHAPE not in str(error):
                raise
            yield False
            return
        except ValueError as error:
            refused(eager, inputs, error)
            yield True
            continue
        expected = eager(*inputs)
        same_kinds(found, expected)
        mine, theirs = arrays_of(found), arrays_of(expected)
        if of is step:
            mine += [part for x in held.leaf for part in (x.numpy(), x.grad)]
            theirs += [part for x in twin.leaf for part in (x.numpy(), x.grad)]
        for i, (a, b) in enumerate(zip(mine, theirs, strict=True)):
            close(a, b, functools.partial(at, moves, i), f"{of.__name__}, array {i}")
        for x, now in zip(twin.leaf, held.leaf, strict=True):  # a rounding may have turned a step around
            x.data = now.numpy()
        for before, now in zip(kept, [*inputs, *held.arrays], strict=True):
            if not np.array_equal(before, now, equal_nan=True):
                raise Wrong(f"{of.__name__}: an argument or a constant was {before.tolist()} and is {now.tolist()}")
        for result, before in earlier:
            if not np.array_equal(result, before, equal_nan=True):
                raise Wrong(f"{of.__name__}: an earlier result was {before.tolist()} and is {result.tolist()}")
        new = [x for x in arrays_of(found) if isinstance(x, np.ndarray)]
        apart(new, [*inputs, *held.arrays, *(x for x, _ in earlier), *(x.numpy() for x in held.leaf)])
        earlier += [(x, np.array(x)) for x in new]
        yield True


def refused(eager: Function, inputs: Sequence[Any], error: ValueError) -> None:
    """Raise the error of a compiled function, unless NumPy takes these numbers in no other way either."""
    try:
        eager(*inputs)
    except ValueError:
        return
    raise error


def movements(program: Program, of: Function, inputs: Sequence[Any], leaf: Sequence[Any]) -> list[float]:
    """How far roundings of the steps move each array of the results, and the leaves after it."""
    found: list[list[Any]] = []
    rng = np.random.default_rng(1)
    for eps in (0.0, 1.0, 1.0, 1.0):
        held = Held(program)
        for x, now in zip(held.leaf, leaf):
            x.data[...] = now
        size = eps * float(np.finfo(program.precision(*program.arrays)).eps)
        with rounded(program, rng, size):  # also what a derivative is made of, as y in 1 - y * y
            y = of(shaken(program, rng, size), held)(*inputs)
        found.append(arrays_of(y) + ([part for x in held.leaf for part in (x.numpy(), x.grad)] if of is step else []))
    return [max(difference(x, y) for y in others) for x, *others in zip(*found)]


def at(moves: Callable[[], list[float]], i: int) -> float:
    """How far an array of the results moves."""
    found = moves()
    return found[i] if i < len(found) else max(found, default=0.0)


def difference(x: Any, y: Any) -> float:
    """The largest difference of two arrays of one shape, if they have it."""
    if x is None or y is None or np.shape(x) != np.shape(y):
        return 0.0
    with np.errstate(all="ignore"):
        return largest(np.subtract(x, y, dtype=float))


def arrays_of(tree: Any) -> list[Any]:
    """The numbers in a tree of results, as they are."""
    return [x.numpy() if isinstance(x, Tensor) else raw(x) for x in leaves(tree)]


def nearby(x: Any) -> Any:
    """Other numbers of the same dtype."""
    return np.asarray(x * (1 - 2.0**-8), x.dtype)


def same_kinds(found: Any, expected: Any) -> None:
    """Two trees are built alike, and what is at each place is of one kind."""

    def kinds(tree: Any) -> Any:
        if isinstance(tree, dict):
            return {key: kinds(x) for key, x in tree.items()}
        return (type(tree), *map(kinds, tree)) if isinstance(tree, (list, tuple)) else kind_of(tree)

    if kinds(found) != kinds(expected):
        raise Wrong(f"a tree of {kinds(found)} and not of {kinds(expected)}")


def close(found: Any, expected: Any, moves: Callable[[], float], what: str) -> None:
    """The same numbers, but for roundings of the operations on the way."""
    if found is None or expected is None:
        if found is not expected:
            raise Wrong(f"{what}: {found} and not {expected}")
        return
    a, b = np.asarray(found), np.asarray(expected)
    if (a.shape, a.dtype) != (b.shape, b.dtype):
        raise Wrong(f"{what}: {a.shape} {a.dtype} and not {b.shape} {b.dtype}")
    eps = float(np.finfo(b.dtype).eps) if b.dtype.kind == "f" else 0.0
    unit = eps * max(largest(b), 1.0)
    if np.allclose(a, b, rtol=0, atol=ROUNDINGS * unit, equal_nan=True):
        return
    bound = ROUNDINGS * (moves() + unit)
    if not np.allclose(a, b, rtol=0, atol=bound, equal_nan=True):
        raise Wrong(f"{what}: {a.tolist()} and not {b.tolist()}, {difference(a, b):.3g} apart, not {bound:.3g}")
