"""Sums that grow in a loop: a turn that adds zeros but for one place adds at that place alone.

So the gradient of x[t], turn by turn, costs what `x` costs, and not that much in every turn. Each turn must add at
another place: then no element of the sum is -0.0 in the end, written either way, if it begins with none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from ..rules.structure import scatter
from .lower import bumped
from .program import Op
from .repetition import Loop


def at_places(loop: Loop) -> tuple[Loop, set[Op]]:
    """The loop with such sums, and the inputs that must begin without -0.0."""
    uses = Counter(x for op in loop.ops for x in op.operands)
    uses.update(loop.carried.values())
    uses.update(pair[0] for pair in loop.outputs if pair)
    made: dict[Op, Op] = {}
    for x, new in loop.carried.items():
        parts = new.args if new.fun is np.add else ()
        if len(parts) == 2 and parts[0] is x and uses[x] == 1 and is_scattered(parts[1], x) and uses[parts[1]] == 1:
            g, index = parts[1].args[:2]
            made[new] = Op(bumped, (x, g, index), None, new.value, phase=new.phase)
            made[new].gradient_of = new.gradient_of
    if not made:
        return loop, set()
    gone = {new.args[1] for new in made}
    ops = [made.get(op, op) for op in loop.ops if op not in gone]
    if any(x in made for op in ops for x in op.operands):  # somebody reads the sum on its way
        return loop, set()
    carried = {x: made.get(new, new) for x, new in loop.carried.items()}
    outputs = [pair and (made.get(pair[0], pair[0]), pair[1]) for pair in loop.outputs]
    return replace(loop, ops=ops, carried=carried, outputs=outputs), {new.args[0] for new in made}


def is_scattered(x: Any, total: Op) -> bool:
    """Whether an operation is zeros but for one place, which is another one in each turn."""
    if not (isinstance(x, Op) and x.fun is scatter and x.shape == total.shape and x.dtype == total.dtype):
        return False
    index = x.args[1] if isinstance(x.args[1], tuple) else (x.args[1],)
    basic = all(is_counter(i) or type(i) in (int, slice, type(None), type(...)) for i in index)
    return x.dtype.kind == "f" and basic and any(map(is_counter, index))


def is_counter(x: Any) -> bool:
    """Whether something is an integer that moves."""
    return isinstance(x, Op) and getattr(x.place, "kind", "") == "count" and x.place.step != 0
