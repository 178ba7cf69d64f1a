"""A sum over the rows of arrays that lie in blocks, with one task for each block: its value and its gradients at once.

Of `loss(w)` in which Dask's arrays stand, Dask makes a task for each call of each block. Here a block is computed as
one array of NumPy's, forward and backward, and the sums are added up. What is differentiated again is a sum over rows,
too: of the products of its gradient with a direction.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .arrays import is_lazy
from .mapped import Batch, Mapped, NeedsNumbers
from .node import Node, describe
from .operators import raw
from .primitives import primitive
from .recording import enable_grad, recording
from .run import pulled
from .shapes import Shape
from .table import chapter, name_of, pullbacks
from .tensor import Tensor
from .transforms import gradients
from .trees import leaves, rebuild

Function = Callable[..., Any]
AT_ONCE = 8  # so many results of blocks are added up in one task


def sum_over_blocks(f: Function, parameters: Sequence[Node] = ()) -> Function:
    """The function of the same arguments that adds up what `f` gives for each block of rows.

    `f` is a sum over rows: of the rows of those arguments that are Dask arrays, whose first axes go together. All other
    arguments are the same for every block, and so are the `parameters`, leaves that `f` uses besides, as those of a
    model. The result is lazy, without axes, and has gradients of any order by both.

    One task computes `f` of a block, which is an array of NumPy's then, and all gradients. Randomness in `f` is the
    same in each block. Raises TypeError where no argument is a Dask array, and ValueError where their rows differ in
    number.

    >>> import dask.array as da
    >>> import numpy as np
    >>> from autograd import value_and_grad
    >>> X = da.ones((1000, 2), chunks=(100, 2))
    >>> def squares(w, X):
    ...     return np.sum((X @ w) ** 2)
    >>> value, slope = value_and_grad(sum_over_blocks(squares))(np.array([1.0, 2.0]), X)
    >>> slope.compute()
    array([6000., 6000.])
    """

    @functools.wraps(f)
    def total(*args: Any) -> Any:
        flat = leaves(args)
        rows = [i for i, x in enumerate(flat) if is_lazy(x) and not isinstance(x, Node)]
        given = [i for i, x in enumerate(flat) if i not in rows and is_number(x)]
        if not rows:
            raise TypeError(f"sum_over_blocks({name_of(f)}): no argument is an array in blocks, as Dask's are")
        others = [None if i in rows or i in given else x for i, x in enumerate(flat)]
        program = Program(f, rebuild(args, iter(others)), rows, given, tuple(parameters))
        blocks = aligned([flat[i] for i in rows], name_of(f))
        floats: list[Any] = [x if isinstance(x, Node) else np.asarray(x) for x in (flat[i] for i in given)]
        order = 1 if recording.get().on and any(map(tracked, (*floats, *parameters))) else 0
        return value_of(Sum(program, blocks, order), flat[rows[0]], *floats, *parameters)

    return total


def is_number(x: Any) -> bool:
    """Whether an argument is of floats, by which `f` may be differentiated."""
    return isinstance(x, (Node, float)) or getattr(getattr(x, "dtype", None), "kind", "") == "f"


def aligned(arrays: list[Any], name: str) -> list[tuple[Any, ...]]:
    """The blocks of rows of all arrays, as delayed objects: those of one block together."""
    first = arrays[0]
    pieces = []
    for x in arrays:
        x = x.rechunk(dict.fromkeys(range(1, x.ndim), -1)) if x.ndim > 1 else x
        known = not any(n != n for n in (*x.chunks[0], *first.chunks[0]))
        if known and len(x) != len(first):
            raise ValueError(f"sum_over_blocks({name}): {len(first)} rows and {len(x)} rows do not go together")
        if known and x.chunks[0] != first.chunks[0]:
            x = x.rechunk({0: first.chunks[0]})
        pieces.append(x.to_delayed().ravel().tolist())
    if len({len(each) for each in pieces}) > 1:
        raise ValueError(f"sum_over_blocks({name}): arrays whose lengths are not known lie in different blocks")
    return list(zip(*pieces))


class Program:
    """What is computed of one block: `f` of some arguments that are differentiated, of rows, and of others."""

    def __init__(self, f: Function, args: Any, rows: list[int], given: list[int], held: tuple[Node, ...]) -> None:
        self.f, self.args, self.rows, self.given, self.held = f, args, rows, given, held

    def leaves(self, numbers: Sequence[Any]) -> list[Any]:
        """New leaves of these numbers; those that `f` holds get them."""
        new = [Tensor(x, requires_grad=True) for x in numbers[: len(self.given)]]
        for leaf, x in zip(self.held, numbers[len(self.given) :]):
            leaf.assign(np.array(x))  # type: ignore[attr-defined]
        return [*new, *self.held]

    def value(self, xs: Sequence[Any], block: Sequence[Any]) -> Any:
        """`f` of one block."""
        flat = leaves(self.args)
        for i, x in zip((*self.given, *self.rows), (*xs[: len(self.given)], *block)):
            flat[i] = x
        y = self.f(*rebuild(self.args, iter(flat)))
        if np.shape(y) != ():
            raise TypeError(f"sum_over_blocks needs a function that returns one number; this is {describe(y)}")
        return y


class Along:
    """The derivative of a program by its i-th leaf, along a direction: the leaf after all others."""

    def __init__(self, of: Any, i: int) -> None:
        self.of, self.i = of, i

    def leaves(self, numbers: Sequence[Any]) -> list[Any]:
        """Those of the program, and the direction."""
        return [*self.of.leaves(numbers[:-1]), Tensor(numbers[-1], requires_grad=True)]

    def value(self, xs: Sequence[Any], block: Sequence[Any]) -> Any:
        """The derivative of one block."""
        y = self.of.value(xs[:-1], block)
        slope = gradients(y, xs[self.i], create_graph=True) if tracked(y) else np.zeros(xs[self.i].shape)
        return np.sum(slope * xs[-1])


def tracked(y: Any) -> bool:
    """Whether a result depends on a leaf."""
    return isinstance(y, Node) and y.requires_grad


def one_block(package: bytes, order: int, numbers: Sequence[Any], *block: Any) -> list[Any]:
    """The value of a block (order 0), its gradients by all leaves (1), and their Jacobians by all leaves (2)."""
    import cloudpickle  # type: ignore[import-untyped]

    program = cloudpickle.loads(package)  # each task has its own, and the leaves that it holds
    with enable_grad():
        xs = program.leaves(numbers)
        y = program.value(xs, block)
        found = [y._raw if isinstance(y, Node) else np.asarray(y)]
        if order and not tracked(y):
            return found + [np.zeros(x.shape) for x in xs] + [np.zeros(a.shape + b.shape) for a in xs for b in xs]
        if order == 1:
            found += gradients(y, xs)
        if order == 2:
            slopes = gradients(y, xs, create_graph=True)
            found += [slope._raw for slope in slopes]
            found += [second for slope in slopes for second in rows(slope, xs)]
    return found


def rows(slope: Any, xs: Sequence[Any]) -> list[Any]:
    """The derivatives of a gradient by all leaves: the pullbacks of a whole basis in one sweep."""
    batch = Batch(slope.size, math.inf)
    basis = np.eye(slope.size, dtype=slope.dtype).reshape(slope.size, *slope.shape)
    try:
        found = [batch.of(g) for g in pulled([slope], [Mapped(basis, batch)], xs, False)]
    except NeedsNumbers:
        found = [np.stack(column) for column in zip(*(pulled([slope], [seed], xs, False) for seed in basis))]
    return [np.reshape(g, slope.shape + x.shape) for g, x in zip(found, xs)]


def added(parts: list[list[Any]]) -> list[Any]:
    """The sums of results, one by one."""
    return [functools.reduce(np.add, column) for column in zip(*parts)]


class Sum:
    """A program, summed over blocks. What one task gives for a block is computed once, whoever asks for it."""

    def __init__(self, program: Any, blocks: list[tuple[Any, ...]], order: int) -> None:
        self.program, self.blocks, self.order = program, blocks, order
        self.totals: dict[int, Any] = {}

    def part(self, order: int, i: int, numbers: Sequence[Any], shape: Shape, dtype: Any) -> Any:
        """The i-th of the sums over all blocks, a lazy array."""
        import cloudpickle
        import dask.array as da
        from dask.delayed import delayed

        if order not in self.totals:
            package, at = delayed(cloudpickle.dumps(self.program)), delayed(list(numbers))
            parts = [delayed(one_block)(package, order, at, *block) for block in self.blocks]
            while len(parts) > 1:
                parts = [delayed(added)(parts[k : k + AT_ONCE]) for k in range(0, len(parts), AT_ONCE)]
            self.totals[order] = parts[0]
        lazy: Any = da.from_delayed
        return lazy(delayed(np.asarray)(self.totals[order][i], dtype), shape, dtype)


@primitive
def value_of(total: Sum, rows: Any, *numbers: Any) -> Any:
    """The sum of the values; `rows` is one of the arrays in blocks."""
    return total.part(total.order, 0, numbers, (), np.result_type(rows.dtype, *(x.dtype for x in numbers), np.float16))


@primitive
def slope_of(total: Sum, rows: Any, i: int, *numbers: Any) -> Any:
    """The sum of the gradients by the i-th leaf."""
    return total.part(1, 1 + i, numbers, numbers[i].shape, numbers[i].dtype)


@primitive
def curvature_of(total: Sum, rows: Any, i: int, j: int, *numbers: Any) -> Any:
    """The sum of the Jacobians of the gradient by the i-th leaf, by the j-th one."""
    a, b, n = numbers[i], numbers[j], len(numbers)
    return total.part(2, 1 + n + i * n + j, numbers, a.shape + b.shape, a.dtype)


def bent(g: Any, total: Sum, rows: Any, i: int, numbers: Sequence[Any]) -> tuple[Any, ...]:
    """The pullbacks of `slope_of`: of one upstream gradient a sum over blocks again, of many the product with all."""
    if isinstance(g, Mapped):
        at = [raw(x) for x in numbers]
        second = (curvature_of(total, raw(rows), i, j, *at) for j in range(len(at)))
        return tuple(np.tensordot(g, matrix, axes=g.ndim) for matrix in second)
    along = Sum(Along(total.program, i), total.blocks, 1)
    return tuple(slope_of(along, rows, j, *numbers, g) for j in range(len(numbers)))


def state() -> None:
    """The pullbacks: upstream times the gradients, which are sums over blocks themselves."""
    pullbacks(
        value_of,
        every=lambda g, y, total, rows, *numbers: (
            None, None, *(g * slope_of(total, rows, i, *numbers) for i in range(len(numbers))),
        ),
    )  # fmt: skip
    pullbacks(slope_of, every=lambda g, y, total, rows, i, *numbers: (None,) * 3 + bent(g, total, rows, i, numbers))


chapter("dask", state)
