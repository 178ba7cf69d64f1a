"""A loop on the page: `for i in range(n):`, its turn below it, lists that grow, and what is carried on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from .lower import bumped
from .periods import INDEX
from .program import Op
from .repetition import Fed, Loop

COUNTERS = "ijklm"  # of loops in loops
INDEXED = {bumped, *INDEX}  # what is written with an index as it is


def all_ops(ops: Iterable[Op]) -> Iterator[Op]:
    """The operations, and those of loops among them."""
    for op in ops:
        yield op
        if isinstance(op.fun, Loop):
            yield from all_ops(op.fun.ops)


def direction(loop: Loop) -> tuple[int, int]:
    """From where on a loop counts, and in which steps: as most of its indices do."""
    places: list[Any] = [x.place for x in (*loop.inputs, *loop.counters)]
    ways = Counter((place.start, place.step) for place in places if place.kind in ("each", "count"))
    return ways.most_common(1)[0][0] if ways else (0, 1)


def moving(place: Fed, counter: str, start: int, step: int) -> str | None:
    """A number that moves evenly, from a counter that begins at `start`; None if it is no whole multiple of it."""
    factor, rest = divmod(place.step, step)
    offset = place.start - factor * start
    if rest:
        return None
    if factor < 0:
        return f"{offset} - {counter}" if factor == -1 else f"{offset} - {-factor} * {counter}"
    scaled = counter if factor == 1 else f"{factor} * {counter}"
    return scaled if not offset else f"{scaled} {'+' if offset > 0 else '-'} {abs(offset)}"


def owned(page: Any, call: Op) -> dict[Op, bool]:
    """The carried arrays that a loop may write to, and whether what they begin with may be written to as well."""
    memory = page.memory
    groups = Counter(map(memory.group, call.args))
    sums = memory.loops[call].own.items()
    return {x: memory.dies(first, page.now) and groups[memory.group(first)] == 1 for x, first in sums}


def write_loop(page: Any, call: Op) -> None:
    """Write a loop on a page, which is an Emitter."""
    loop: Any = call.fun
    counter = COUNTERS[page.depth] if page.depth < len(COUNTERS) else page.names.fresh("i")
    way = direction(loop)
    places = [x.place for x in (*loop.inputs, *loop.counters) if x.place.kind in ("each", "count")]
    if any(moving(place, counter, *way) is None for place in places):
        way = 0, 1
    made = set(loop.ops)
    uses = Counter(x for op in loop.ops for x in op.operands)
    uses.update(pair[0] for pair in loop.outputs if pair)
    uses.update(loop.carried.values())

    carried: list[tuple[Op, str]] = []
    before: list[str] = []
    own = owned(page, call)
    with page.inside(loop, own):
        for x, argument in zip(loop.inputs, call.args):
            if x.place.kind == "same":
                page.text[x] = page.name(argument)
            elif x.place.kind == "carried":
                new = loop.carried[x]
                if own.get(x):  # it is needed no more
                    page.text[x] = page.name(argument)
                else:
                    page.text[x] = page.called(new if new in made else x)
                    start = page.name(argument)
                    before.append(f"{page.text[x]} = {f'np.array({start})' if x in own else start}")
                carried.append((x, page.text[x]))
                if new in made and list(loop.carried.values()).count(new) == 1:
                    page.next[new] = x
            else:
                page.text[x] = f"{page.name(argument)}[{moving(x.place, counter, *way)}]"
                if uses[x] > 1:
                    page.bound(x, page.text[x])
        for x in loop.counters:
            page.text[x] = str(moving(x.place, counter, *way))
            if not page.text[x].isidentifier() and any(x in op.operands and op.fun not in INDEXED for op in loop.ops):
                page.bound(x, page.text[x])
        page.statements(loop.ops)
        named: set[Op] = set()
        holders = {text: x for x, text in carried}
        growing: dict[tuple[Op, bool], str] = {}
        for pair in filter(None, loop.outputs):
            op, whole = pair
            of_another = loop.carried.get(holders.get(page.name(op)), op) is not op  # it took the place of that
            is_named = page.name(op).isidentifier()  # and not a part of a list, which the counter moves in
            if (of_another or op not in made or not is_named) and not op.is_constant and op not in named:
                page.bound(op, page.name(op))
                named.add(op)
            if whole and pair not in growing:
                text = page.name(op)
                growing[pair] = page.names.fresh(f"{text}s" if text.isidentifier() else "ts")
                page.lines.append(f"{growing[pair]}.append({text})")
        handed = [(text, page.name(loop.carried[x])) for x, text in carried]
        handed = [(text, new) for text, new in handed if text != new]
        if handed:
            page.lines.append(" = ".join(", ".join(texts) for texts in zip(*handed)))
    first, step = way
    end = first + loop.count * step
    span = f"{end}" if way == (0, 1) else f"{first}, {end}" if step == 1 else f"{first}, {end}, {step}"
    each = f"for {counter if places else '_'} in range({span})"
    names = list(growing.values())
    line, _, text = page.turn[0].partition(" = ") if page.turn else ("", "", "")
    last = any(pair and not pair[1] for pair in loop.outputs)  # whether that of the last turn has a name
    if len(names) == 1 and not carried and not last and page.turn[1:] == [f"{names[0]}.append({line})"]:
        page.lines.append(f"{names[0]} = [{text} {each}]")
    else:
        before += [f"{', '.join(names)} = {', '.join('[]' for _ in names)}"] if names else []
        page.lines += [*before, f"{each}:", *(f"    {line}" if line else "" for line in page.turn)]
    for k, pair in enumerate(loop.outputs):
        if pair:
            page.parts[call, k] = growing[pair] if pair[1] else page.name(pair[0])
