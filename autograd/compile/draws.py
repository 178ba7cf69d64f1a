"""Generators of random numbers: where they draw from, and the states that a trace puts back and programs compare."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

# What np.random.rand and random.random draw from
SHARED = np.random.mtrand._rand, random.random.__self__  # type: ignore[attr-defined]

GENERATORS = (
    np.random.Generator, np.random.RandomState, np.random.BitGenerator, np.random.SeedSequence, random.Random,
)  # fmt: skip
# With one of these names, code reads the state of a generator
READING = {
    "bit_generator", "state", "get_state", "getstate", "__getstate__", "deepcopy", "dumps", "jumped",
    "n_children_spawned",
}  # fmt: skip


def sources_of(x: Any) -> tuple[Any, ...]:
    """What a generator draws from: nothing, if `x` is no generator. A RandomState keeps a normal number for later, and
    a sequence of seeds counts the children that it has.
    """
    if isinstance(x, np.random.Generator):
        return sources_of(x.bit_generator)
    if isinstance(x, np.random.RandomState):
        return *sources_of(x._bit_generator), x
    if isinstance(x, np.random.BitGenerator):
        return x, *sources_of(x.seed_seq)
    return (x,) if isinstance(x, (np.random.SeedSequence, random.Random)) else ()


def state_of(source: Any) -> Any:
    """The state of a source. The system's is nowhere: it is never what it was, so what is not drawn anew is refused."""
    if isinstance(source, random.SystemRandom):
        return object()
    if isinstance(source, np.random.RandomState):
        state: Any = source.get_state(legacy=False)
        return {name: state[name] for name in ("has_gauss", "gauss")}
    if isinstance(source, np.random.SeedSequence):
        return source.n_children_spawned
    return source.getstate() if isinstance(source, random.Random) else source.state


def put_back(source: Any, state: Any) -> None:
    """Give a source a state that it had."""
    if isinstance(source, np.random.RandomState):
        source.set_state(source._bit_generator.state | state)
    elif isinstance(source, random.Random):
        if not isinstance(source, random.SystemRandom):
            source.setstate(state)
    elif isinstance(source, np.random.SeedSequence):  # whose attributes are read-only
        entropy: Any = source.entropy
        source.__init__(entropy, spawn_key=source.spawn_key, pool_size=source.pool_size, n_children_spawned=state)  # type: ignore[misc]
    else:
        source.state = state


def unmoved(now: Any, before: Any) -> bool:
    """Whether the state of a generator is what it was."""
    if isinstance(now, dict):
        return all(unmoved(now[key], before[key]) for key in now)
    return bool(np.array_equal(now, before)) if isinstance(now, np.ndarray) else bool(now == before)


def in_state(source: Any, state: Any) -> bool:
    """Whether a source is in the state that it was in."""
    return unmoved(state_of(source), state)
