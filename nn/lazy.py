"""Samples that lie in blocks of rows which nobody has computed yet, as Dask's arrays do.

Each block is computed when its rows are needed, with the same block of all arrays that are read beside it, and let go
when the next ones are. So an epoch computes each block once, in the memory of some blocks.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from autograd import arrays

Array = npt.NDArray[Any]

WINDOW = 2**28  # so many bytes are computed at once, and shuffled: two of the blocks that Dask makes by itself


class Lazy:
    """A lazy array, whose rows are read by position."""

    def __init__(self, name: str, array: Any) -> None:
        last = name.rpartition(": ")[2]
        if type(array._meta) is not np.ndarray:
            kind = type(array._meta)
            raise TypeError(
                f"{name} has blocks of {kind.__module__.partition('.')[0]}, {kind.__name__}: make arrays of NumPy of "
                f"them, with {last}.map_blocks"
            )
        if any(n != n for n in array.shape):
            raise ValueError(f"{name}: nobody knows how many rows its blocks have: call {last}.compute_chunk_sizes()")
        self.array: Any = array.rechunk(dict.fromkeys(range(1, array.ndim), -1))
        self.blocks = Blocks([self])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the numbers."""
        found: np.dtype[Any] = self.array.dtype
        return found

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows, and what each is."""
        return tuple(map(int, self.array.shape))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, i: int) -> Array:
        found: Array = self.rows(np.array([range(len(self))[i]]))[0]
        return found

    def rows(self, which: Array) -> Array:
        """A copy of the rows at these positions."""
        order = np.argsort(which, kind="stable")
        block = np.searchsorted(self.blocks.ends, which[order], side="right")
        there, first = np.unique(block, return_index=True)
        held = self.blocks.hold(there.tolist())
        of_block = zip(there.tolist(), np.split(which[order], first[1:]))
        found = [held[b][self][positions - self.blocks.starts[b]] for b, positions in of_block]
        return np.concatenate(found)[np.argsort(order)] if found else np.empty((0, *self.shape[1:]), self.array.dtype)


class Blocks:
    """Blocks of rows of some lazy arrays, those of the first one, computed together."""

    def __init__(self, parts: Sequence[Lazy]) -> None:
        sizes = parts[0].array.chunks[0]
        self.parts = parts
        for part in parts:
            if part.array.chunks[0] != sizes:
                part.array = part.array.rechunk({0: sizes})
            part.blocks = self
        self.ends = np.cumsum(sizes, dtype=np.int64)
        self.starts = self.ends - sizes
        self.windows: list[list[int]] = []
        self.window_of: dict[int, int] = {}
        self.held: dict[int, dict[Lazy, Array]] = {}
        self.plan(range(len(sizes)))

    def plan(self, order: Sequence[int]) -> list[list[int]]:
        """Windows of the blocks, which are computed at once, in this order: as many bytes as WINDOW, or two blocks."""
        row = sum(part.array.dtype.itemsize * int(np.prod(part.shape[1:])) for part in self.parts)
        self.windows, taken = [[]], 0
        for b in order:
            size = row * int(self.ends[b] - self.starts[b])
            if taken + size > WINDOW and len(self.windows[-1]) >= 2:
                self.windows.append([])
                taken = 0
            self.windows[-1].append(b)
            taken += size
        self.window_of = {b: w for w, window in enumerate(self.windows) for b in window}
        return self.windows

    @functools.cached_property
    def tasks(self) -> list[Any]:
        """Of each block what computes it, of all arrays."""
        from dask.delayed import Delayed
        from dask.highlevelgraph import HighLevelGraph
        from dask.optimization import cull

        every = [part.array for part in self.parts]
        keys = [[(array.name, b, *(0,) * (array.ndim - 1)) for b in range(len(self.ends))] for array in every]
        merged = HighLevelGraph.merge(*(array.dask for array in every))
        graph = dict(every[0].__dask_optimize__(merged, list(itertools.chain(*keys))))  # once, and not for each window
        task, needs = cast(Any, Delayed), cast(Any, cull)  # they have no types
        return [[task(key, needs(graph, [key])[0]) for key in of_block] for of_block in zip(*keys)]

    def hold(self, needed: list[int]) -> dict[int, dict[Lazy, Array]]:
        """The numbers of at least these blocks: what is missing is computed, a whole window at once."""
        if missing := [b for b in needed if b not in self.held]:
            wanted = [b for w in {self.window_of[b] for b in missing} for b in self.windows[w]]
            kept = {*needed, *wanted}
            self.held = {b: block for b, block in self.held.items() if b in kept}  # the others are over
            wanted = [b for b in wanted if b not in self.held]
            numbers = iter(compute(*(one for b in wanted for one in self.tasks[b])))
            self.held |= {b: {part: plain(next(numbers)) for part in self.parts} for b in wanted}
        return self.held


def compute(*collections: Any) -> Any:
    """Compute collections of Dask's, all at once."""
    import dask.base

    run: Any = dask.base.compute
    return run(*collections)


def known(name: str, x: Any) -> Any:
    """`x`, unless it is lazy: nobody but who has it says when its numbers are computed."""
    if arrays.is_lazy(x):
        last = name.rpartition(": ")[2]
        raise TypeError(f"{name} is needed whole, and it is lazy: pass {last}.compute(), if it fits into memory")
    return x


def plain(block: Any) -> Array:
    """A block, which is an array of NumPy's whatever its array has promised."""
    if type(block) is not np.ndarray:
        raise TypeError(f"a block is a {type(block).__name__}, whose numbers are not all there is to it")
    return block


def shuffled(blocks: Blocks, ends: Array, rng: np.random.Generator) -> Iterator[Array]:
    """Positions in a new order, window by window; `ends` says at which position each block ends.

    If there is one window, the order is that of an array in memory.
    """
    n = len(ends)
    starts = np.concatenate([[0], ends[:-1]])
    windows = blocks.plan(range(n))
    if len(windows) > 1:
        windows = blocks.plan(rng.permutation(n).tolist())
    for window in windows:
        yield rng.permutation(np.concatenate([np.arange(starts[b], ends[b]) for b in sorted(window)]))


def rebatched(pieces: Iterator[Array], size: int) -> Iterator[Array]:
    """Positions that come in pieces, `size` at a time; the last ones may be fewer."""
    rest = np.empty(0, np.int64)
    for piece in pieces:
        rest = np.concatenate([rest, piece])
        full = len(rest) // size * size
        yield from np.split(rest[:full], full // size) if full else ()
        rest = rest[full:]
    if len(rest):
        yield rest
