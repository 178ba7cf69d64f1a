"""What must hold of every compiled step: its world is that of the eager one, and nobody's memory is touched."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from autograd import compile

from .compiled import arrays_of, same_kinds
from .oracle import Wrong, apart, largest
from .steps import EVENTS, World

CALLS = 6
TOLERANCE = {np.float64: 1e-9, np.float32: 2e-3}  # relative, after a few steps


def check(number: int) -> None:
    """Raise `Wrong` if a compiled step does anything else than the eager one."""
    ours, theirs = World(number), World(number)
    rng = random.Random(number)
    makers = [World.step, World.step, World.evaluation, World.by_hand]
    pairs = [(compile(make(ours), backend="numpy"), make(theirs)) for make in makers]
    history: list[str] = []
    earlier: list[tuple[Any, Any]] = []  # results, and their numbers
    for _ in range(CALLS):
        event = rng.choice(EVENTS)
        i = rng.choice([0, 0, 0, 1, 2, 3])
        history.append(f"{event.__name__}, {makers[i].__name__}")
        for world in (ours, theirs):
            event(world)
            world.batch = world.made_batch()
        given = ours.batch[:1] if i == 2 else ours.batch
        held = [x for p in ours.model.parameters() for x in (p.numpy(), p.grad) if x is not None and rng.random() < 0.3]
        views = [(view, np.array(view)) for view in held]
        kept = [np.array(x) for x in ours.arrays()]
        found = pairs[i][0](*given)
        expected = pairs[i][1](*(theirs.batch[:1] if i == 2 else theirs.batch))
        try:
            same_kinds(found, expected)
            for a, b in zip(arrays_of(found), arrays_of(expected), strict=True):
                agree(a, b, "a result", ours.dtype)
            now, then = ours.state(), theirs.state()
            if now.keys() != then.keys():
                raise Wrong(f"there is {now.keys() ^ then.keys()} in one and not in the other")
            for name in now:
                agree(now[name], then[name], name, ours.dtype)
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


def agree(a: Any, b: Any, name: str, dtype: Any) -> None:
    """The same numbers, in a world of this dtype."""
    if a is None or b is None:
        if a is not b:
            raise Wrong(f"{name} is {a} and not {b}")
        return
    x, y = np.asarray(a), np.asarray(b)
    if (x.shape, x.dtype) != (y.shape, y.dtype):
        raise Wrong(f"{name} is {x.shape} {x.dtype} and not {y.shape} {y.dtype}")
    bound = TOLERANCE[dtype] * max(largest(y), 1e-2)
    if not np.allclose(x, y, rtol=0, atol=bound, equal_nan=True):
        raise Wrong(f"{name} is {x.tolist()} and not {y.tolist()}, {largest(x - y):.3g} apart, not {bound:.3g}")
