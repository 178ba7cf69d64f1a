"""A loop of a program in native code: what comes in, the turn, the lists that it fills, and what it hands on."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..rules.structure import scatter
from .indices import Counter
from .loops import FORMULAS, PLACED, TINY, size
from .machine import NotNative
from .program import Op
from .repetition import Listed, Loop

INTO = PLACED.keys() - {scatter}  # which begin with the array, and not with zeros


def plan_loop(page: Any, call: Op) -> None:
    """Decide where the numbers of a turn are; `page` is a Loops."""
    loop: Any = call.fun
    carried = {x: argument for x, argument in zip(loop.inputs, call.args) if x in loop.carried}
    for x, argument in carried.items():
        page.place(x)
        new = loop.carried[x]
        if not kind(x) == kind(argument) == kind(new):
            raise NotNative(f"what a loop carries on is {kind(argument)} before it and {kind(new)} in it")
        if x in page.offset and grows(page, loop, x):
            page.taken[new] = x
    given = {pair[0] for pair in loop.outputs if pair and not pair[1]}
    for x in carried:  # it is another number before anybody looks
        if x in given or x in loop.carried.values():
            page.copies[x] = copy = Op(np.copy, (x,), None, x.value)
            page.fixed.update([copy] if size(x) <= TINY and x not in given and type(x.value) is not Listed else [])
            page.place(copy)
    page.plan(loop.ops, {*loop.carried.values(), *given})


def kind(x: Op) -> tuple[Any, ...]:
    """What must be the same of what is carried from turn to turn."""
    return x.shape, x.dtype, x.is_array


def grows(page: Any, loop: Loop, x: Op) -> bool:
    """Whether an array is read by nothing but what takes its place, element by element."""
    new = loop.carried[x]
    others = [*loop.carried.values(), *(pair[0] for pair in loop.outputs if pair)]
    adds = (new.fun in FORMULAS and x in new.args) or (new.fun in INTO and new.args[0] is x)
    return page.uses[x] == 1 and x not in others and new in loop.ops and adds


def write_loop(page: Any, call: Op) -> None:
    """Write a loop."""
    loop: Any = call.fun
    for x, argument in zip(loop.inputs, call.args):
        if x in loop.carried:
            page.copy(x, [], argument)
        elif x.place.kind == "same":
            page.stand_for(x, argument, [])
    counter = page.fresh("i")
    page.line(f"for {counter} in range({loop.count}):")
    page.depth += 1
    for x in loop.counters:
        page.counters[x] = Counter(counter, x.place.start, x.place.step, loop.count)
    spots: dict[Any, str] = {}
    for x, argument in zip(loop.inputs, call.args):
        if x.place.kind == "each":
            if x.place not in spots:
                spots[x.place] = page.named(Counter(counter, x.place.start, x.place.step, loop.count).text)
            page.stand_for(x, argument, [spots[x.place]])
    page.statements([*loop.ops, *(page.copies[x] for x in loop.carried if x in page.copies)])
    for k, pair in enumerate(loop.outputs):
        if pair and pair[1] and (call, k) in page.lists:
            page.copy(page.lists[call, k], [counter], pair[0])
    for x, new in loop.carried.items():
        if not page.has_place(x, new):
            page.copy(x, [], page.copies.get(new, new))
    page.depth -= 1
