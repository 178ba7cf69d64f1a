"""A failing program made smaller: operations are dropped as long as it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from autograd.operators import raw
from autograd.trees import leaves, rebuild

from .program import Constant, Program, Step, Var, pick


def shrunk(program: Program, fails: Callable[[Program], bool]) -> Program:
    """The smallest program that dropping one thing at a time leads to, and that still fails."""
    while True:
        smaller = next((p for p in smaller_than(program) if size(p) < size(program) and fails(p)), None)
        if smaller is None:
            return program
        program = smaller


def size(program: Program) -> tuple[int, int, int]:
    """By what a program is smaller: its steps, then its inputs, then its results."""
    return len(program.steps), len(program.inputs), len(leaves(program.results))


def smaller_than(program: Program) -> Iterator[Program]:
    """Programs with fewer steps, results or inputs; some have as many, as those that return another part of a list."""
    results = list(dict.fromkeys(leaves(program.results)))
    values: list[Any] = list(program.arrays)

    def see(step: Step, before: list[Any], value: Any) -> Any:
        values.append(raw(value) if not isinstance(value, list) else [raw(part) for part in value])
        return value

    program(*program.arrays, each=see)
    for var in results:
        if program.results != var:
            yield pruned(replace(program, results=var))
    flat = leaves(program.results)
    for i in range(len(flat) if len(flat) > 2 else 0):
        yield pruned(replace(program, results=[*flat[:i], *flat[i + 1 :]]))
    first = len(program.inputs)
    for i in range(len(program.steps) - 1, -1, -1):  # the result is that of an earlier step
        value = values[first + i]
        for part in range(len(value)) if isinstance(value, list) else [None]:
            var = Var(first + i, part)
            if var not in results and getattr(pick(values, var), "dtype", None) is not None:
                yield pruned(replace(program, results=var))
    for i in range(len(program.steps)):  # its results are inputs
        if len(program.steps) > 1 and not isinstance(values[first + i], list):
            yield pruned(cut(program, i, values[first + i]))
    used = [var.index for step in program.steps for var in variables(step)]
    for i in range(first):  # an input is a constant
        if first > 1 and i in used and Var(i) not in results:
            yield without_input(program, i)


def variables(step: Step) -> list[Var]:
    """What a step uses."""
    return [x for x in leaves([step.args, step.kwargs]) if isinstance(x, Var)]


def renamed(program: Program, inputs: Sequence[Constant], steps: Sequence[Step], new: dict[int, Any]) -> Program:
    """The program with these inputs and steps, and `new[i]` in the place of what was the variable i."""

    def change(x: Any) -> Any:
        if not isinstance(x, Var):
            return x
        now = new[x.index]
        return Var(now, x.part) if isinstance(now, int) else now

    results = rebuild(program.results, map(change, leaves(program.results)))
    return replace(program, inputs=tuple(inputs), steps=tuple(step.changed(change) for step in steps), results=results)


def pruned(program: Program) -> Program:
    """The program without the steps and the inputs that no result depends on."""
    first = len(program.inputs)
    needed = {var.index for var in leaves(program.results)}
    for i in range(len(program.steps) - 1, -1, -1):
        if first + i in needed:
            needed |= {var.index for var in variables(program.steps[i])}
    kept = sorted(needed)
    inputs = [program.inputs[i] for i in kept if i < first]
    steps = [program.steps[i - first] for i in kept if i >= first]
    return renamed(program, inputs, steps, {old: new for new, old in enumerate(kept)})


def cut(program: Program, i: int, value: Any) -> Program:
    """The program that starts with what the step `i` gave, as one more input."""
    first = len(program.inputs)
    new = {old: old for old in range(first)}
    new |= {first + j: first if j == i else first + j + (1 if j < i else 0) for j in range(len(program.steps))}
    steps = [step for j, step in enumerate(program.steps) if j != i]
    return renamed(program, [*program.inputs, Constant.of(value)], steps, new)


def without_input(program: Program, i: int) -> Program:
    """The program in which the input `i` is a constant."""
    first = len(program.inputs)
    new: dict[int, Any] = {old: old - (old > i) for old in range(first + len(program.steps))}
    new[i] = program.inputs[i]
    return renamed(program, [x for j, x in enumerate(program.inputs) if j != i], program.steps, new)
