"""Several processes that train one model: what they say to each other, and sums that are the same for any number.

A batch is cut into chunks, whose number does not depend on that of the processes. The sum over the chunks is taken in a
fixed tree of pairs, ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)), wherever each of them was computed: addition rounds, so
another order would give other bits. MPI does not promise an order, so what travels is added here. MPI is imported
nowhere: the communicator that the user hands over, mpi4py's, has it.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from autograd import Tensor

from .checks import integer
from .optim.base import Optimizer

Array = npt.NDArray[Any]
Span = tuple[int, int]  # from this chunk to before that one
T = TypeVar("T")
CHUNKS = 8
LAUNCHED = "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK", "MV2_COMM_WORLD_SIZE"  # what mpiexec tells its processes


class Team:
    """The processes (ranks) of a communicator, and the chunks that each has. One process, `comm` None, has them all."""

    def __init__(self, comm: Any = None, chunks: int = CHUNKS) -> None:
        if comm is not None and not all(hasattr(comm, name) for name in ("allgather", "Alltoallv", "Abort")):
            raise TypeError(f"comm is a communicator of mpi4py, such as MPI.COMM_WORLD, not a {type(comm).__name__}")
        self.comm = comm
        self.rank: int = 0 if comm is None else comm.Get_rank()
        self.size: int = 1 if comm is None else comm.Get_size()
        self.chunks = integer("chunks", chunks)
        if self.chunks < self.size:
            raise ValueError(
                f"chunks={chunks} are too few for {self.size} ranks, of which each needs one: say chunks={self.size}"
            )
        if self.size > 1:
            watch()

    @property
    def own(self) -> range:
        """The chunks of this rank."""
        return self.of(self.rank)

    def of(self, rank: int) -> range:
        """The chunks of a rank."""
        return range(self.chunks * rank // self.size, self.chunks * (rank + 1) // self.size)

    def bounds(self, samples: int) -> list[int]:
        """Where each chunk of so many samples begins, and where the last one ends: they differ by one at most."""
        return [samples * c // self.chunks for c in range(self.chunks + 1)]

    def every(self, x: T) -> list[T]:
        """What each rank has here."""
        return [x] if self.size == 1 else list(self.comm.allgather(x))

    def from_rank(self, rank: int, x: T) -> T:
        """What one rank has here."""
        return x if self.size == 1 else self.comm.bcast(x, root=rank)

    def sum(self, own: Mapping[int, Array], filled: Sequence[bool]) -> Array:
        """The sum of a vector for each chunk that is `filled`: of them each rank gives its own.

        A rank adds what it can of the tree by itself. Then each gets a slice of all that is left, adds it up, and
        passes it on: about twice a vector goes through each rank, as in the best Allreduce.
        """
        spans = [[s for s in spans_in(self.of(r), 0, self.chunks) if any(filled[slice(*s)])] for r in range(self.size)]
        parts = {(c, c + 1): vector for c, vector in own.items()}
        if self.size == 1:
            return np.asarray(tree(parts, 0, self.chunks))
        mine: list[Array] = [tree(parts, *span) for span in spans[self.rank]]
        like: Array = mine[0] if mine else np.empty(0)
        length, dtype = self.from_rank(self.size - 1, (like.size, like.dtype.str))  # the last chunk is never empty
        ends = [length * r // self.size for r in range(self.size + 1)]
        widths = np.diff(ends)
        sent = [part[a:b] for a, b in itertools.pairwise(ends) for part in mine]
        received = np.empty(widths[self.rank] * sum(map(len, spans)), dtype)
        self.comm.Alltoallv(
            [np.concatenate(sent) if sent else np.empty(0, dtype), (widths * len(mine)).tolist()],
            [received, [int(widths[self.rank]) * len(each) for each in spans]],
        )
        rows = received.reshape(sum(map(len, spans)), widths[self.rank])
        slice_of_sum = tree(dict(zip((s for each in spans for s in each), rows)), 0, self.chunks)
        total = np.empty(length, dtype)
        self.comm.Allgatherv(np.ascontiguousarray(slice_of_sum), [total, widths.tolist()])
        return total

    @contextmanager
    def ending_together(self, *symmetric: type[BaseException]) -> Iterator[None]:
        """An exception ends all ranks, which would wait for this one for ever; but for kinds that all of them raise."""
        try:
            yield
        except symmetric:
            raise
        except BaseException:
            if self.size > 1:
                end_all(self.comm, traceback.format_exc())
            raise


def end_all(comm: Any, why: str = "") -> None:
    """End all ranks, the others wherever they are."""
    sys.stdout.flush()
    sys.stderr.write(f"rank {comm.Get_rank()} of {comm.Get_size()} ends all ranks\n{why}")
    sys.stderr.flush()
    time.sleep(0.5)  # what was written goes through mpiexec, which Abort may overtake
    comm.Abort(1)


class EndingAll:
    """What Python calls for an exception that nobody caught: it is shown as before, and then ends all ranks.

    Without it this rank would wait at its exit, where MPI is finalized, for others that wait for its next message.
    """

    def __init__(self, before: Callable[..., Any]) -> None:
        self.before = before

    def __call__(self, *error: Any) -> None:
        """Show it, and end all ranks, if the program uses MPI and there are others."""
        self.before(*error)
        mpi = sys.modules.get("mpi4py.MPI")
        if mpi and mpi.Is_initialized() and not mpi.Is_finalized() and mpi.COMM_WORLD.Get_size() > 1:
            end_all(mpi.COMM_WORLD)


def watch() -> None:
    """From now on an exception that nobody catches ends all ranks."""
    if not isinstance(sys.excepthook, EndingAll):
        sys.excepthook = EndingAll(sys.excepthook)


if any(name in os.environ for name in LAUNCHED):
    watch()


def tree(parts: Mapping[Span, Any], first: int, end: int) -> Any:
    """The sum of the parts from a chunk on, pair by pair; None if there are none."""
    if (first, end) in parts:
        return parts[first, end]
    if end - first == 1:
        return None
    middle = (first + end + 1) // 2
    left, right = tree(parts, first, middle), tree(parts, middle, end)
    return right if left is None else left if right is None else left + right


def spans_in(part: range, first: int, end: int) -> list[Span]:
    """The largest branches of the tree that lie in a part of the chunks."""
    if part.start <= first and end <= part.stop:
        return [(first, end)]
    if end <= part.start or part.stop <= first:
        return []
    middle = (first + end + 1) // 2
    return spans_in(part, first, middle) + spans_in(part, middle, end)


def packed(arrays: Sequence[Array | None], like: Sequence[Tensor]) -> dict[str, Array]:
    """An array for each parameter as one vector for each dtype; where there is none, zeros."""
    vectors: dict[str, list[Array]] = {}
    for array, param in zip(arrays, like):
        vector = np.zeros(param.size, param.dtype) if array is None else np.asarray(array, param.dtype).ravel()
        vectors.setdefault(param.dtype.str, []).append(vector)
    return {dtype: np.concatenate(parts) for dtype, parts in vectors.items()}


def unpacked(vectors: Mapping[str, Array], like: Sequence[Tensor]) -> list[Array]:
    """The arrays that were packed, as views."""
    at = dict.fromkeys(vectors, 0)
    found = []
    for param in like:
        dtype = param.dtype.str
        found.append(vectors[dtype][at[dtype] : at[dtype] + param.size].reshape(param.shape))
        at[dtype] += param.size
    return found


def average_gradients(optimizer: Optimizer, comm: Any, samples: float = 1) -> None:
    """Make the gradients of all parameters their mean over the ranks of `comm`, between `backward()` and `step()`.

    `comm` is a communicator of mpi4py. With `samples`, the number that this rank's loss is the mean of, it is the mean
    over the samples of all, also if the ranks have different numbers of them, or one has none. A parameter without a
    gradient on a rank counts as 0 there, and stays without if no rank has one. Parameters must begin equal on all ranks
    (`comm.bcast(model.state_dict())`). All ranks must call it, equally often. The bits do not depend on the order in
    which messages arrive, but on the number of ranks: fit(comm=) has chunks for that.

    Raises ValueError on all ranks if their parameters differ in shape or dtype, or `samples` is 0 on all.
    """
    if not 0 <= samples < np.inf:
        raise ValueError(f"average_gradients: samples must be finite and not negative, got {samples}")
    params = optimizer.params
    team = Team(comm, comm.Get_size() if hasattr(comm, "Get_size") else 1)
    grads = [p.grad.numpy() if isinstance(p.grad, Tensor) else p.grad for p in params]
    layouts, counts, has = zip(
        *team.every(([(p.shape, p.dtype.str) for p in params], float(samples), [g is not None for g in grads]))
    )
    for rank, layout in enumerate(layouts):
        if layout != layouts[0]:
            raise ValueError(f"average_gradients: the parameters of rank {rank} have other shapes than those of rank 0")
    if not sum(counts):
        raise ValueError("average_gradients: samples is 0 on all ranks")
    own = [None if g is None or not samples else g * g.dtype.type(samples) for g in grads]
    vectors = packed(own, params)
    sums = {dtype: team.sum({team.rank: vectors[dtype]}, [True] * team.size) / np.dtype(dtype).type(sum(counts))
            for dtype in sorted(vectors)}  # fmt: skip
    for param, mean, present in zip(params, unpacked(sums, params), zip(*has)):
        param.grad = mean if any(present) else None
