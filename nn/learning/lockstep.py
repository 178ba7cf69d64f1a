"""Chunks that go through the model side by side: where a layer looks at the whole batch, each waits for all others.

Each runs in a thread of its own, which holds its place in the middle of a forward or a backward pass. They take turns,
so one runs at a time. What they share, gradients and generators, each finds as it left it.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from queue import SimpleQueue
from typing import Any

import numpy as np

from .. import across
from ..parallel import Team, spans_in, tree


class Ended(BaseException):
    """The step has ended without this chunk. No `except Exception` of a layer's catches it."""


class Strand:
    """A function in a thread, which runs until it asks for a sum, and on with the answer."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self.where: across.Where | None = None  # the sum that it waits for; None when it has made its result
        self.asked: Any = None
        self.made: Any = None
        self.error: BaseException | None = None
        self.closed = False
        self.part = across.Chunk(self.exchange)
        self.answers: SimpleQueue[Any] = SimpleQueue()
        self.stops: SimpleQueue[None] = SimpleQueue()
        context = contextvars.copy_context()
        self.thread = threading.Thread(target=context.run, args=(self.run, call), name="chunk of fit", daemon=True)

    def run(self, call: Callable[[], Any]) -> None:
        """The thread's own part."""
        across.chunk.set(self.part)
        try:
            self.made, self.where = call(), None
        except BaseException as error:  # it belongs to the thread that waits
            self.error = error
        self.stops.put(None)

    def exchange(self, x: Any, where: across.Where) -> Any:
        """In the thread: wait for the sum of `x` over all chunks."""
        if threading.current_thread() is not self.thread:
            raise RuntimeError(
                f"{where[0] or 'the model'} took its mean over a whole batch in a step of fit that has ended, and its "
                "graph cannot go backward outside of it"
            )
        if not self.closed:
            self.asked, self.where = x, where
            self.stops.put(None)
            answer = self.answers.get()
        if self.closed:
            raise Ended
        return answer

    def resume(self, answer: Any) -> None:
        """Let it run until it stops. What it raised is raised here."""
        if self.thread.ident is None:
            self.thread.start()
        else:
            self.answers.put(np.array(answer))  # of its own: graphs share no memory
        self.stops.get()
        error, self.error = self.error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # its traceback knows this frame

    def close(self) -> None:
        """End the thread, wherever it is."""
        self.closed = True
        if self.thread.ident is not None:
            self.answers.put(None)
            self.thread.join()
        del self.part  # it knows this strand: with a cycle the gradients would stay until Python looks for cycles


def in_lockstep(
    team: Team, calls: Mapping[int, Callable[[], Any]], turn: Callable[[int], AbstractContextManager[Any]]
) -> dict[int, tuple[Any, list[Any]]]:
    """For each chunk of this rank what its function gives, and the statistics that layers took in it.

    `turn(chunk)` is the block in which a chunk runs. All ranks must call it, also one without a chunk. Raises
    ValueError on all of them if the chunks do not ask for the same sums.
    """
    strands = {c: Strand(call) for c, call in calls.items()}
    total = None
    try:
        while True:
            for c, strand in strands.items():
                with turn(c):
                    strand.resume(total)
            asked = {(c, c + 1): strand.asked for c, strand in strands.items()}
            branches = {span: tree(asked, *span) for span in spans_in(team.own, 0, team.chunks)}
            every = team.every(({strand.where for strand in strands.values()}, branches))
            where = set[Any]().union(*(places for places, _ in every))
            if where == {None}:
                return {c: (strand.made, strand.part.statistics) for c, strand in strands.items()}
            if len(where) > 1:
                names = sorted({"the end" if place is None else place[0] or "the model" for place in where})
                raise ValueError(
                    "fit: the chunks of a batch go different ways, and what normalizes over the batch would wait "
                    f"for others for ever: some are at {' and some at '.join(names)}"
                )
            parts = {span: part for _, found in every for span, part in found.items() if part is not None}
            total = tree(parts, 0, team.chunks)
    finally:
        for strand in strands.values():
            strand.close()
