"""A sum over the rows of arrays that lie in blocks, with one task for each block: its value and its gradients at once.

Of `loss(w)` in which Dask's arrays stand, Dask makes a task for each call of each block. Here a block is computed as
one array of NumPy's, forward and backward, and the sums are added up. What is differentiated again is a sum over rows,
too: of the products of its gradient with a direction.
"""

from __future__ import annotations

import functools
import math
import pickle
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .arrays import copied, is_lazy
from .compile import PROGRAMS, Compiled
from .inspecting import name_of
from .mapped import Batch, Mapped, NeedsNumbers
from .node import Node, describe, unchanging
from .operators import raw
from .primitives import primitive
from .recording import enable_grad, recording
from .run import pulled
from .shapes import Shape
from .table import chapter, pullbacks
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

    One task computes `f` of a block, which is a read-only array of NumPy's then, and all gradients. Randomness in `f`
    is the same in each block. If `f` is compiled, `sum_over_blocks(compile(f))`, so is all that a task does, once for
    each shape of a block in each process, and what a compiled function may draw, each task draws anew. Raises TypeError
    where no argument is a Dask array, and ValueError where their rows differ in number.

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
        arrays = aligned([flat[i] for i in rows], name_of(f))
        floats: list[Any] = [x if isinstance(x, Node) else np.asarray(x) for x in (flat[i] for i in given)]
        order = 1 if recording.get().on and any(map(tracked, (*floats, *parameters))) else 0
        return value_of(Sum(program, arrays, order), flat[rows[0]], *floats, *parameters)

    return total


def is_number(x: Any) -> bool:
    """Whether an argument is of floats, by which `f` may be differentiated."""
    return isinstance(x, (Node, float)) or getattr(getattr(x, "dtype", None), "kind", "") == "f"


def aligned(arrays: list[Any], name: str) -> list[Any]:
    """The arrays, in blocks of the same rows."""
    first = arrays[0]
    found = []
    for x in arrays:
        x = x.rechunk(dict.fromkeys(range(1, x.ndim), -1)) if x.ndim > 1 else x
        known = not any(n != n for n in (*x.chunks[0], *first.chunks[0]))
        if known and len(x) != len(first):
            raise ValueError(f"sum_over_blocks({name}): {len(first)} rows and {len(x)} rows do not go together")
        if known and x.chunks[0] != first.chunks[0]:
            x = x.rechunk({0: first.chunks[0]})
        found.append(x)
    if len({x.numblocks[0] for x in found}) > 1:
        raise ValueError(f"sum_over_blocks({name}): arrays whose lengths are not known lie in different blocks")
    return found


class Program:
    """What is computed of one block: `f` of some arguments that are differentiated, of rows, and of others."""

    def __init__(self, f: Function, args: Any, rows: list[int], given: list[int], held: tuple[Node, ...]) -> None:
        self.f = f.f if isinstance(f, Compiled) else f
        self.how: Any = (f.backend, f.check) if isinstance(f, Compiled) else None  # it is compiled
        self.args, self.rows, self.given, self.held = args, rows, given, held
        self.width = len(rows)

    def leaves(self, numbers: Sequence[Any]) -> list[Any]:
        """New leaves of these numbers; those that `f` holds get them."""
        new = [Tensor(x, requires_grad=True) for x in numbers[: len(self.given)]]
        for leaf, x in zip(self.held, numbers[len(self.given) :]):
            leaf.assign(copied(x))  # type: ignore[attr-defined]
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
        self.of, self.i, self.how, self.width = of, i, of.how, of.width

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


def one_block(package: bytes, order: int, numbers: Sequence[Any], *blocks: Any) -> Any:
    """What `results` gives for a block, as the one element of an array. Each array's block is in lists."""
    block = []
    for x in blocks:
        while isinstance(x, list):
            (x,) = x
        if type(x) is np.ndarray:
            x = x.view()
            x.flags.writeable = False  # it is a part of the user's array, and may be needed once more
        block.append(x)
    found = np.empty(1, object)
    found[0] = unpacked(package, order)(*numbers, *block)
    return found


def unpacked(package: bytes, order: int) -> Function:
    """The function of numbers and a block that a package is for: each task has its own, and the leaves that it holds.
    Tasks share one that is compiled, and take turns where it holds leaves.
    """
    with unpacking:
        if (found := COMPILED.get((package, order))) is not None:
            return found
        program = pickle.loads(package)
        f = functools.partial(results, program, order)
        if program.how is None:
            return f
        COMPILED[package, order] = compiled = Compiled(f, *program.how)
        for key in list(COMPILED)[:-PROGRAMS]:
            del COMPILED[key]
        return compiled


COMPILED: dict[tuple[bytes, int], Compiled] = {}  # those that were made last
unpacking = threading.Lock()


def results(program: Any, order: int, *operands: Any) -> list[Any]:
    """The value of a block (order 0), its gradients by all leaves (1), and their Jacobians by all leaves (2)."""
    count = len(operands) - program.width
    with enable_grad(), unchanging():
        xs = program.leaves(operands[:count])
        y = program.value(xs, operands[count:])
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
    identity = np.eye(slope.size, dtype=slope.dtype)
    basis = identity if slope.ndim == 1 else identity.reshape(slope.size, *slope.shape)
    batch = Batch(slope.size, math.inf, basis)
    try:
        found = [batch.of(g) for g in pulled([slope], [Mapped(basis, batch)], xs, False)]
    except NeedsNumbers:
        found = [np.stack(column) for column in zip(*(pulled([slope], [seed], xs, False) for seed in basis))]
    return [np.reshape(g, slope.shape + x.shape) for g, x in zip(found, xs)]


def added(parts: Any, axis: Any, keepdims: bool) -> Any:
    """The sums of the results of some blocks, one by one."""
    found = np.empty(1, object)
    found[0] = [functools.reduce(np.add, column) for column in zip(*(part.item() for part in leaves(parts)))]
    return found if keepdims else found.reshape(())


def as_they_are(parts: Any, axis: Any, keepdims: bool) -> Any:
    """The results of a block, before anything is added."""
    return parts


def picked(total: Any, i: int, dtype: Any) -> Any:
    """The i-th of some results."""
    return np.asarray(total.item()[i], dtype)


class Sum:
    """A program, summed over blocks. What one task gives for a block is computed once, whoever asks for it."""

    def __init__(self, program: Any, arrays: list[Any], order: int) -> None:
        self.program, self.arrays, self.order = program, arrays, order
        self.totals: dict[int, Any] = {}

    def part(self, order: int, i: int, numbers: Sequence[Any], shape: Shape, dtype: Any) -> Any:
        """The i-th of the sums over all blocks, a lazy array."""
        import cloudpickle  # type: ignore[import-untyped]
        import dask.array as da
        from dask.delayed import delayed

        lazy: Any = da
        if order not in self.totals:
            package, at = delayed(cloudpickle.dumps(self.program)), delayed(list(numbers))
            operands: list[Any] = [package, None, order, None, at, None]
            for k, x in enumerate(self.arrays):
                others = (100 * (k + 1) + axis for axis in range(1, x.ndim))  # no axis is another array's, but the rows
                operands += [x, (0, *others)]
            options: Any = {"dtype": object, "meta": np.empty(0, object)}
            parts = lazy.blockwise(
                one_block, (0,), *operands, align_arrays=False, adjust_chunks={0: lambda n: 1}, **options
            )
            self.totals[order] = lazy.reduction(
                parts, as_they_are, added, concatenate=False, split_every=AT_ONCE, **options
            )
        return lazy.map_blocks(
            picked, self.totals[order], i, dtype, new_axis=range(len(shape)) or None, chunks=tuple((n,) for n in shape),
            dtype=dtype, meta=np.empty((0,) * len(shape), dtype),
        )  # fmt: skip


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
    along = Sum(Along(total.program, i), total.arrays, 1)
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
