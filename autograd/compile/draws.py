"""Generators of random numbers: where they draw from, and the states that a trace puts back."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

# What np.random.rand and random.random draw from
SHARED = np.random.mtrand._rand, random.random.__self__  # type: ignore[attr-defined]

GENERATORS = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random)


def sources_of(x: Any) -> tuple[Any, ...]:
    """What a generator draws from: nothing, if `x` is no generator. A RandomState keeps a normal number for later."""
    if isinstance(x, np.random.Generator):
        return (x.bit_generator,)
    if isinstance(x, np.random.RandomState):
        return x._bit_generator, x
    return (x,) if isinstance(x, (np.random.BitGenerator, random.Random)) else ()


def state_of(source: Any) -> Any:
    """The state of a source."""
    if isinstance(source, np.random.RandomState):
        state: Any = source.get_state(legacy=False)
        return {name: state[name] for name in ("has_gauss", "gauss")}
    return source.getstate() if isinstance(source, random.Random) else source.state


def put_back(source: Any, state: Any) -> None:
    """Give a source a state that it had."""
    if isinstance(source, np.random.RandomState):
        source.set_state(source._bit_generator.state | state)
    elif isinstance(source, random.Random):
        source.setstate(state)
    else:
        source.state = state


def unmoved(now: Any, before: Any) -> bool:
    """Whether the state of a generator is what it was."""
    if isinstance(now, dict):
        return all(unmoved(now[key], before[key]) for key in now)
    return bool(np.array_equal(now, before)) if isinstance(now, np.ndarray) else bool(now == before)
