"""What must hold of every compiled step: its world is that of the eager one, and nobody's memory is touched."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import compile
from autograd.recording import watched

from .compiled import ROUNDINGS, arrays_of, difference, same_kinds
from .oracle import Rounding, Wrong, apart, largest
from .steps import EVENTS, World

CALLS = 6
MAKERS = [World.step, World.step, World.evaluation, World.by_hand]
TOLERANCE = {np.float64: 1e-9, np.float32: 2e-3}  # relative, after a few steps


def calls(number: int) -> Iterator[tuple[Callable[[World], None], int]]:
    """What happens before each call, and which of the functions is called."""
    rng = random.Random(number)
    for _ in range(CALLS):
        yield rng.choice(EVENTS), rng.choice([0, 0, 0, 1, 2, 3])


def batch_after(world: World, event: Callable[[World], None], i: int) -> tuple[Any, ...]:
    """The arguments of a call after an event."""
    event(world)
    world.batch = world.made_batch()
    return world.batch[:1] if i == 2 else world.batch


def check(number: int) -> None:
    """Raise `Wrong` if a compiled step does anything else than the eager one."""
    ours, theirs = World(number), World(number)
    rng = random.Random(f"held {number}")
    pairs = [(compile(make(ours), backend="numpy"), make(theirs)) for make in MAKERS]
    history: list[str] = []
    earlier: list[tuple[Any, Any]] = []  # results, and their numbers
    for event, i in calls(number):
        history.append(f"{event.__name__}, {MAKERS[i].__name__}")
        given, also = (batch_after(world, event, i) for world in (ours, theirs))
        held = [x for p in ours.model.parameters() for x in (p.numpy(), p.grad) if x is not None and rng.random() < 0.3]
        views = [(view, np.array(view)) for view in held]
        kept = [np.array(x) for x in ours.arrays()]
        found = pairs[i][0](*given)
        expected = pairs[i][1](*also)
        now, then = ({**world.state(), **named(y)} for world, y in ((ours, found), (theirs, expected)))
        moves = functools.cache(functools.partial(movements, number, len(history), then))  # which takes longest
        try:
            same_kinds(found, expected)
            if now.keys() != then.keys():
                raise Wrong(f"there is {now.keys() ^ then.keys()} in one and not in the other")
            for name in now:
                agree(now[name], then[name], name, ours.dtype, moves)
            for before, after in zip(kept, ours.arrays(), strict=True):
                if not np.array_equal(before, after):
                    raise Wrong("an array of the caller's was changed")
            for view, before in [*earlier, *views]:
                if not np.array_equal(view, before, equal_nan=True):
                    raise Wrong("an earlier result, or a view that somebody held, was changed")
            new = [x for x in arrays_of(found) if isinstance(x, np.ndarray)]
            grads = [p.grad for p in ours.tensors() if p.grad is not None]
            data = [p.numpy() for p in ours.tensors()]
            apart([*new, *grads, *data], [*ours.arrays(), *(x for x, _ in earlier)])
            earlier += [(x, np.array(x)) for x in new]
        except Wrong as error:
            raise Wrong(f"step {number} after {'; '.join(history)}: {error}") from error


def named(result: Any) -> dict[str, Any]:
    """The arrays of a result by name."""
    return {f"result {k}": x for k, x in enumerate(arrays_of(result))}


def movements(number: int, count: int, expected: dict[str, Any]) -> dict[str, float]:
    """How far roundings in an eager world move what is there after so many calls: of a gradient that is 0, as that of a
    bias before BatchNorm, they are all that an optimizer sees.
    """
    found: dict[str, float] = {}
    for seed in range(3):
        world = World(number)
        functions = [make(world) for make in MAKERS]
        rounding = Rounding(np.random.default_rng(seed), float(np.finfo(world.dtype).eps))
        for event, i in itertools.islice(calls(number), count):
            given = batch_after(world, event, i)
            with watched(rounding):
                result = functions[i](*given)
        for name, x in (world.state() | named(result)).items():
            found[name] = max(found.get(name, 0.0), difference(x, expected.get(name)))
    return found


def agree(a: Any, b: Any, name: str, dtype: Any, moves: Callable[[], dict[str, float]]) -> None:
    """The same numbers, in a world of this dtype."""
    if a is None or b is None:
        if a is not b:
            raise Wrong(f"{name} is {a} and not {b}")
        return
    x, y = np.asarray(a), np.asarray(b)
    if (x.shape, x.dtype) != (y.shape, y.dtype):
        raise Wrong(f"{name} is {x.shape} {x.dtype} and not {y.shape} {y.dtype}")
    bound = TOLERANCE[dtype] * max(largest(y), 1e-2)
    if np.allclose(x, y, rtol=0, atol=bound, equal_nan=True):
        return
    bound += ROUNDINGS * moves().get(name, 0.0)
    if not np.allclose(x, y, rtol=0, atol=bound, equal_nan=True):
        raise Wrong(f"{name} is {x.tolist()} and not {y.tolist()}, {largest(x - y):.3g} apart, not {bound:.3g}")
